"""What people are told of a provider that is left alone."""

from __future__ import annotations

from collections.abc import Generator
from datetime import UTC, datetime, timedelta

import pytest

from leadflow.kernel import breaker
from leadflow.kernel.circuits import POLICY, Alone
from leadflow.kernel.outages import TEXTS, WORDS, states, texts_wait
from leadflow.messaging.service import carriers
from leadflow.ui.frame import outage

NOW = datetime(2026, 12, 2, 18, tzinfo=UTC)


@pytest.fixture
def store() -> Generator[Alone]:
    """Keep circuits to this test."""
    assert carriers.MESSAGES.name == TEXTS
    own = Alone(lambda: 1_000.0)
    breaker.install(own)
    yield own
    breaker.install(Alone())


def test_while_the_carrier_is_left_alone_everybody_is_told_since_when_and_until_when(store: Alone):
    assert texts_wait(NOW) is None
    assert outage(NOW) == ("", "")
    store.tell(TEXTS, POLICY, 0, POLICY.failures, "")
    found = texts_wait(NOW)
    assert found is not None
    assert (found.since, found.next_try, found.failures) == (NOW, NOW + timedelta(seconds=30), 5)
    assert found.what_to_do.startswith("Texts wait in the queue")
    assert outage(NOW) == ("2026-12-02T18:00:00+00:00", "2026-12-02T18:00:30+00:00")


def test_every_provider_that_is_asked_is_listed_in_words_the_carrier_first(store: Alone):
    store.tell(TEXTS, POLICY, 1, 0, "")
    found = states(NOW)
    assert found[0].name == TEXTS
    assert (found[0].open, found[0].last_success) == (False, NOW)
    assert {one.name for one in found if one.name in WORDS} <= set(WORDS)
    assert all(one.provider and one.errand and one.what_to_do for one in found)
