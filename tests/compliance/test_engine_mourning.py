"""When a time of mourning is over, to the instant, without a database."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest

from leadflow.compliance.rules.mourning import over_at
from leadflow.compliance.rules.policy import compile_policy, shipped
from leadflow.compliance.types import Facts, Sending
from models.vocabulary import Channel, Purpose

DAYS = {"death": 30, "filing": 20, "spouse_death": 90, "spouse_filing": 60}
POLICY = replace(compile_policy(shipped(), Channel.TEXT, date(2026, 12, 2)), mourning=DAYS)
FACTS = Facts(sending=Sending(purpose=Purpose.CAMPAIGN, channel=Channel.TEXT, paused=False), e164="+13125550105")
DIED, FILED = date(2026, 11, 1), date(2026, 11, 20)


def _over(policy: Any = POLICY, **known: Any) -> datetime:
    return over_at(FACTS._replace(**known), policy)


@pytest.mark.parametrize(
    ("known", "day"),
    [
        # Thirty whole days after the day of death, and noon UTC of the next: midnight in American Samoa has passed.
        ({"died_on": DIED}, "2026-12-02"),
        ({"filed_on": FILED}, "2026-12-11"),
        ({"died_on": DIED, "filed_on": FILED}, "2026-12-11"),
        ({"died_on": FILED, "filed_on": DIED}, "2026-12-21"),
        ({"died_on": DIED, "surviving_spouse": True}, "2027-01-31"),
        ({"filed_on": FILED, "surviving_spouse": True}, "2027-01-20"),
    ],
)
def test_it_is_over_when_its_last_day_has_ended_everywhere(known: dict[str, Any], day: str) -> None:
    assert _over(**known) == datetime.fromisoformat(f"{day}T12:00:00+00:00")


@pytest.mark.parametrize("spouse", [False, True])
def test_a_spouse_never_waits_shorter_than_anybody(spouse: bool) -> None:  # noqa: FBT001 a case
    policy = replace(POLICY, mourning=DAYS | {"spouse_death": 5, "spouse_filing": 5})
    assert _over(policy, died_on=DIED, surviving_spouse=spouse) == datetime(2026, 12, 2, 12, tzinfo=UTC)
    assert _over(policy, filed_on=FILED, surviving_spouse=spouse) == datetime(2026, 12, 11, 12, tzinfo=UTC)


def test_no_day_and_no_time_open_nothing() -> None:
    assert _over().year == 1
    assert _over(replace(POLICY, mourning=dict.fromkeys(DAYS, 0)), died_on=DIED, filed_on=FILED).year == 1


def test_the_last_day_of_the_calendar_is_still_counted() -> None:
    assert _over(died_on=date.max).year == 9000
