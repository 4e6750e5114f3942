"""Decisions in words, without a database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from types import MappingProxyType
from uuid import UUID

import pytest

from leadflow.compliance.rules.explain import (
    SAME_TEXT,
    closed_words,
    local_times,
    meant,
    recorded_times,
    recorded_words,
    told,
    told_before,
    told_really,
)
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
    billed = Facts(sending=PLAIN, e164=None, billing_state="HI")
    assert local_times(billed, NOON) == (("billing", "HI", "Pacific/Honolulu", "Wed 2026-12-02 08:00:00"),)
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


def test_the_decision_that_is_meant_lies_next_to_the_instant_and_before_now() -> None:
    row, other = _row(Verdict.BLOCKED, at=NOON), _row(Verdict.BLOCKED, at=NOON - timedelta(days=1))
    now = NOON + timedelta(days=1)
    for apart in (timedelta(0), SAME_TEXT, -SAME_TEXT):
        assert meant([other, row], NOON + apart, now) is row
    for apart in (SAME_TEXT + MINUTE, -SAME_TEXT - MINUTE):
        assert meant([row], NOON + apart, now) is None
    assert meant([], NOON, now) is None
    assert meant([row], NOON, NOON) is None
    assert meant([row], NOON, NOON - MINUTE) is None


def test_before_records_were_kept_only_what_is_sure_is_told() -> None:
    sure = Decision(Verdict.BLOCKED, None, ("budget", "role"), frozenset({"role"}), "v")
    began = "Nothing was decided for it at this instant. Records are kept by date since 02 Dec 2026 18:00 UTC: "
    assert told_before(sure, NOON) == (
        f"{began}what they said before is not known, but this stood against a text. {BUDGET}"
    )
    unsure = Decision(Verdict.BLOCKED, None, ("role",), frozenset({"role"}), "v")
    assert told_before(unsure, NOON) == (
        f"{began}what they said before, and so whether a text could have gone out, is not known."
    )


def test_the_places_of_a_receipt_are_told_with_what_leads_to_them() -> None:
    facts = {
        "zip5": "60601",
        "property_state": "IL",
        "mailing_state": "HI",
        "billing_state": "HI",
        "places": ["AK America/Anchorage", "HI Pacific/Honolulu", "IL America/Chicago", "NY America/New_York"],
    }
    assert recorded_times("+12125550100", facts, NOON) == (
        ("record", "AK", "America/Anchorage", "Wed 2026-12-02 09:00:00"),
        ("mailing", "HI", "Pacific/Honolulu", "Wed 2026-12-02 08:00:00"),
        ("billing", "HI", "Pacific/Honolulu", "Wed 2026-12-02 08:00:00"),
        ("property", "IL", "America/Chicago", "Wed 2026-12-02 12:00:00"),
        ("area_code", "NY", "America/New_York", "Wed 2026-12-02 13:00:00"),
    )
    by_state = {"property_state": "IL", "places": ["IL America/Chicago"]}
    assert recorded_times("x", by_state, NOON)[0][0] == "property"
    assert recorded_times("+12125550100", {}, NOON) == ()


def test_the_windows_of_a_receipt_are_told_though_their_rule_is_gone() -> None:
    known = _window("US", 14, 21, "a federal law")
    policy = Policy(
        version="v",
        channel=Channel.TEXT,
        federal=(known,),
        states=MappingProxyType({"NY": (Window("ny", "NY", (None,) * 7),)}),
        caps=(),
        state_caps={},
        written_consent={},
        emergencies={},
        scrub_max_age=timedelta(days=31),
        basis_months={},
        keywords=(),
        mourning={},
    )
    noted = ["w America/Chicago before_open", "ny America/New_York day_prohibited", "gone Etc/UTC after_close"]
    own = "campaign.hours America/Chicago after_close"
    assert recorded_words(policy, [*noted, own]) == (
        "The federal window in America/Chicago has not opened yet (a federal law).",
        "The window of NY in America/New_York allows no contact on this day.",
        "The window of gone in Etc/UTC has closed.",
        "The campaign's own window in America/Chicago has closed.",
    )
    assert recorded_words(policy, []) == ()
