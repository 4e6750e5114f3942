"""Decisions in words, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from uuid import UUID

import pytest

from leadflow.compliance.rules.explain import closed_words, local_times, told, told_really
from leadflow.compliance.types import Decision, DecisionRow, Facts, Place, Policy, RuleResult, Sending, Span, Window
from models.vocabulary import Channel, Purpose, RuleOutcome, Verdict

NOON = datetime(2026, 12, 2, 18, tzinfo=UTC)
LATER_AT = datetime(2026, 12, 3, 14, 5, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
PLAIN = Sending(purpose=Purpose.CHECK, channel=Channel.TEXT, paused=False)


def _decision(*reasons: str, later_at: datetime | None = None) -> Decision:
    verdict = Verdict.LATER if later_at else Verdict.BLOCKED if reasons else Verdict.SENDABLE
    return Decision(verdict, later_at, reasons, frozenset(), "v")


def _row(verdict: Verdict, *reasons: str, at: datetime = NOON, later_at: datetime | None = None) -> DecisionRow:
    return DecisionRow(
        id=UUID(int=1),
        at=at,
        channel=Channel.TEXT,
        purpose=Purpose.CAMPAIGN,
        verdict=verdict,
        reasons=reasons,
        later_at=later_at,
        policy_version="v",
        e164=None,
        person_id=None,
        person_name=None,
        lead_id=None,
        campaign_id=None,
        campaign_name=None,
        message_id=None,
        digest="",
    )


BUDGET, PAUSED = "The budget is used up.", "Sending is paused for the whole organisation."


@pytest.mark.parametrize(
    ("decision", "at", "known", "sentence"),
    [
        (_decision(), NOON, True, "A text may go out now: no rule stands against it."),
        (_decision(), NOON + MINUTE, True, "A text could go out then: no rule stands against it."),
        (
            _decision(),
            NOON - MINUTE,
            True,
            "Nothing was decided for it at this instant. A text could have gone out: no rule stands against it.",
        ),
        (_decision("budget"), NOON, True, f"A text may not go out now. {BUDGET}"),
        (_decision("budget"), NOON, False, f"No lead or person has this number. A text may not go out now. {BUDGET}"),
        (
            _decision("budget"),
            NOON - MINUTE,
            False,
            (
                "No lead or person has this number. Nothing was decided for it at this instant. "
                f"A text could not have gone out. {BUDGET}"
            ),
        ),
        (
            _decision("budget", later_at=LATER_AT),
            NOON + MINUTE,
            True,
            f"A text could not go out then, but at 03 Dec 14:05 UTC. {BUDGET}",
        ),
        (
            _decision("kill_switch", "budget", "budget", "budget"),
            NOON,
            True,
            f"A text may not go out now. {PAUSED} {BUDGET} {BUDGET} And 1 more rule stands against it.",
        ),
        (
            _decision("kill_switch", "budget", "budget", "budget", "budget"),
            NOON,
            True,
            f"A text may not go out now. {PAUSED} {BUDGET} {BUDGET} And 2 more rules stand against it.",
        ),
        (
            _decision("kill_switch", "budget", "budget"),
            NOON,
            True,
            f"A text may not go out now. {PAUSED} {BUDGET} {BUDGET}",
        ),
    ],
)
def test_what_would_be_is_said_in_the_right_tense(
    decision: Decision, at: datetime, *, known: bool, sentence: str
) -> None:
    assert told(decision, at, NOON, known=known) == sentence


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (
            _row(Verdict.SENDABLE),
            "A text was let through at 02 Dec 2026 18:00:00 UTC: no rule stood against it.",
        ),
        (_row(Verdict.BLOCKED, "b"), "A text was refused at 02 Dec 2026 18:00:00 UTC. B."),
        (
            _row(Verdict.BLOCKED, "a", "b", "c", "d"),
            "A text was refused at 02 Dec 2026 18:00:00 UTC. A. B. C.",
        ),
        (
            _row(Verdict.LATER, "b", later_at=LATER_AT),
            "A text was held at 02 Dec 2026 18:00:00 UTC until 03 Dec 14:05 UTC. B.",
        ),
        (_row(Verdict.LATER, "b"), "A text was held at 02 Dec 2026 18:00:00 UTC. B."),
    ],
)
def test_what_was_decided_is_said_in_the_words_of_its_rules(row: DecisionRow, sentence: str) -> None:
    rules = [
        RuleResult(name, RuleOutcome.FAIL if name in row.reasons else RuleOutcome.PASS, f"{name.upper()}.", "")
        for name in "abcde"
    ]
    assert told_really(row, rules) == sentence


def test_every_place_has_its_clock() -> None:
    facts = Facts(sending=PLAIN, e164="+12125550100", zip5="60601", property_state=None, mailing_state="HI")
    assert local_times(facts, NOON) == (
        ("area_code", "NY", "America/New_York", "Wed 2026-12-02 13:00:00"),
        ("property", "IL", "America/Chicago", "Wed 2026-12-02 12:00:00"),
        ("mailing", "HI", "Pacific/Honolulu", "Wed 2026-12-02 08:00:00"),
    )
    by_state = Facts(sending=PLAIN, e164=None, property_state="IL")
    assert local_times(by_state, NOON) == (("property", "IL", "America/Chicago", "Wed 2026-12-02 12:00:00"),)


def _window(jurisdiction: str, opens: int, closes: int, citation: str = "", **other: tuple[str, ...]) -> Window:
    return Window("w", jurisdiction, (Span(opens * 3600, closes * 3600),) * 7, citation=citation, **other)  # type: ignore[arg-type] holidays


def test_what_is_closed_is_named_with_its_law() -> None:
    never = Window("n", "NY", (None,) * 7)
    policy = Policy(
        version="v",
        channel=Channel.TEXT,
        federal=(_window("US", 14, 21, "a federal law"),),
        states=MappingProxyType({"NY": (_window("NY", 8, 12), never, _window("NY", 8, 21, holidays=("12-02",)))}),
        caps=(),
        state_caps={},
        written_consent={},
        emergencies={},
        scrub_max_age=timedelta(days=31),
        basis_months={},
        keywords=(),
        mourning={},
    )
    facts = Facts(
        sending=Sending(
            purpose=Purpose.CAMPAIGN, channel=Channel.TEXT, paused=False, window=_window("campaign", 9, 10)
        ),
        e164=None,
        places=frozenset({Place("NY", "America/New_York"), Place("NJ", "America/Chicago")}),
    )
    said = closed_words(policy, facts, NOON)
    assert set(said[:3]) == {
        "The window of NY in America/New_York has closed.",
        "The window of NY in America/New_York allows no contact on this day.",
        "The window of NY in America/New_York allows no contact on this holiday.",
    }
    federal = "The federal window in {} has not opened yet (a federal law)."
    assert said[3:5] == (federal.format("America/Chicago"), federal.format("America/New_York"))
    own = "The campaign's own window in {} has closed."
    assert said[5:] == (own.format("America/Chicago"), own.format("America/New_York"))
    assert closed_words(policy, facts._replace(places=None), NOON) == ()
