"""Workers are killed while the carrier has the text and we have no answer; the carrier's own ledger is the judge."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import RuntimeOf
from tests.faults import chaos
from tests.faults.goals import kills
from tests.faults.ground import Ground, Scale

SHORT = Scale(texts=1_000, kills=5)


@pytest.fixture
def ground(database_url: str, runtime_of: RuntimeOf, redis_url: str, tmp_path: Path) -> Ground:
    """Attack in the test's own database."""
    return Ground(lambda _: runtime_of(database_url), redis_url, tmp_path)


def test_no_text_is_sent_twice_or_lost_though_a_worker_is_killed_again_and_again(ground: Ground):
    report = kills.random_kills(ground, SHORT)
    assert not report.faults, report
    assert report.figures["states"] == {"delivered": SHORT.texts}


def test_every_goal_has_its_turn():
    assert sorted(chaos.BESIDE + chaos.ALONE) == sorted(goal.id for goal in chaos.GOALS)
