"""What no facts, rules or hours may ever do, over arbitrary ones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.compliance.rules import bases, gate, receipts
from leadflow.compliance.rules.places import places
from leadflow.compliance.rules.policy import campaign_window, compile_policy, shipped
from leadflow.compliance.types import Facts, Recipient, Sending
from models.base import new_id
from models.vocabulary import (
    Basis,
    CampaignState,
    Channel,
    LeadStatus,
    LineType,
    PersonKind,
    PhoneStatus,
    Purpose,
    RegistrationState,
    RuleOutcome,
    ScrubList,
    ScrubVerdict,
    SuppressionKind,
    Verdict,
)

POLICY = compile_policy(shipped(), Channel.TEXT, date(2026, 12, 2))
STRICTNESS = {Verdict.SENDABLE: 0, Verdict.LATER: 1, Verdict.BLOCKED: 2}
OWN = campaign_window(datetime.min.time().replace(hour=9), datetime.min.time().replace(hour=20), range(6))
NUMBERS = ("+13125550105", "+12125550105", "+18505550105", "+16055550105", "+18005550105", "+442079460000", None)

INSTANTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31), timezones=st.just(UTC))  # noqa: DTZ001 Hypothesis takes bounds without a zone
CAMPAIGN, SENDER = new_id(), new_id()


def _mostly(good: Any, *others: Any) -> st.SearchStrategy[Any]:
    """Draw the harmless value about every second time, so that whole sets of facts are harmless now and then."""
    return st.just(good) | st.sampled_from((good, *others))


@st.composite
def _sendings(draw: st.DrawFn, purpose: Purpose = Purpose.CAMPAIGN) -> Sending:
    return Sending(
        purpose=purpose,
        channel=Channel.TEXT,
        paused=draw(_mostly(False, True)),  # noqa: FBT003 a drawn value
        campaign_id=CAMPAIGN,
        campaign_state=draw(_mostly(CampaignState.RUNNING, CampaignState.PAUSED)),
        basis=draw(st.sampled_from([*Basis, None])),
        window=draw(_mostly(OWN, None)),
        sender_id=SENDER,
        registration=draw(_mostly(RegistrationState.VERIFIED, *RegistrationState)),
        sender_disabled=draw(_mostly(False, True)),  # noqa: FBT003 a drawn value
        budget_left=draw(_mostly(None, 0, 100)),
    )


@st.composite
def _cases(draw: st.DrawFn) -> tuple[Facts, datetime]:
    at = draw(INSTANTS)
    ago = st.timedeltas(timedelta(0), timedelta(days=800)).map(lambda span: at - span)
    recently = st.timedeltas(timedelta(0), timedelta(days=9)).map(lambda span: at - span)
    number, state = draw(_mostly(NUMBERS[0], *NUMBERS)), draw(_mostly("IL", "CT", "LA", "FL", "XX", None))
    facts = Facts(
        sending=draw(_sendings()),
        e164=number,
        line_type=draw(_mostly(LineType.MOBILE, *LineType, None)),
        phone_status=draw(_mostly(PhoneStatus.CORRECT, *PhoneStatus)),
        lead_status=draw(_mostly(LeadStatus.NEW, *LeadStatus)),
        person_known=draw(_mostly(True, False)),  # noqa: FBT003 a drawn value
        person_kind=draw(_mostly(PersonKind.INDIVIDUAL, *PersonKind)),
        deceased=draw(_mostly(False, True)),  # noqa: FBT003 a drawn value
        decedent=draw(_mostly(False, True)),  # noqa: FBT003 a drawn value
        roles=draw(_mostly(("owner",), ("attorney",), ("decedent", "owner"), None)),
        suppressions=draw(_mostly((), *((kind,) for kind in SuppressionKind))),
        national=draw(_mostly(ScrubVerdict.CLEAN, *ScrubVerdict, None)),
        national_at=draw(recently | ago | st.none()),
        listed=draw(_mostly((), *((one,) for one in ScrubList if one is not ScrubList.NATIONAL_DNC))),
        unchanged_at=draw(recently | ago | st.none()),
        unchanged_since=draw(ago | st.none()),
        written_at=draw(ago | st.none()),
        relationship_at=draw(ago | st.none()),
        inquiry_at=draw(ago | st.none()),
        consent_revoked=draw(st.booleans()),
        consent_lapsed=draw(st.booleans()),
        touches=tuple(sorted(draw(st.lists(recently, max_size=8)), reverse=True)),
        already=draw(_mostly(False, True)),  # noqa: FBT003 a drawn value
        send_before=draw(st.none() | INSTANTS),
        places=places(number, None, state, None),
        property_state=state,
    )
    return facts, at


def _strictness(facts: Facts, at: datetime, book: gate.RuleBook = gate.BOOK) -> int:
    return STRICTNESS[gate.decide(facts, POLICY, at, book).verdict]


@given(_cases(), st.sets(st.sampled_from(gate.RULES), min_size=1))
def test_a_rule_more_never_allows_more(case: tuple[Facts, datetime], dropped: set[gate.Rule]) -> None:
    facts, at = case
    fewer = gate.RuleBook(tuple(rule for rule in gate.RULES if rule not in dropped))
    assert _strictness(facts, at) >= _strictness(facts, at, fewer)


@given(_cases(), st.sampled_from(list(SuppressionKind)))
def test_a_no_more_never_allows_more(case: tuple[Facts, datetime], kind: SuppressionKind) -> None:
    facts, at = case
    assert _strictness(facts._replace(suppressions=(*facts.suppressions, kind)), at) >= _strictness(facts, at)


@given(_cases(), st.sampled_from(NUMBERS), st.sampled_from(["CA", "NY", "HI", "PR", "CT"]))
def test_a_place_more_never_allows_more(case: tuple[Facts, datetime], number: str | None, mail: str) -> None:
    facts, at = case
    more = places(number, None, facts.property_state, mail)
    wider = None if facts.places is None or more is None else facts.places | more
    assert _strictness(facts._replace(places=wider), at) >= _strictness(facts, at)


@given(_cases(), INSTANTS)
def test_a_contact_more_never_allows_more(case: tuple[Facts, datetime], when: datetime) -> None:
    facts, at = case
    touches = tuple(sorted([*facts.touches, min(when, at)], reverse=True))
    assert _strictness(facts._replace(touches=touches), at) >= _strictness(facts, at)


@given(
    _cases(),
    st.sampled_from(
        [
            {"places": None},
            {"line_type": None},
            {"roles": None},
            {"person_known": False},
            {"e164": None},
            {"national": None, "written_at": None},
            {"written_at": None, "relationship_at": None, "inquiry_at": None},
        ]
    ),
)
def test_not_knowing_is_never_permission(case: tuple[Facts, datetime], missing: dict[str, Any]) -> None:
    facts, at = case
    assert gate.decide(facts._replace(**missing), POLICY, at).verdict is Verdict.BLOCKED


@given(_cases())
def test_later_is_an_instant_at_which_time_stands_against_nothing(case: tuple[Facts, datetime]) -> None:
    facts, at = case
    found = gate.decide(facts, POLICY, at)
    if found.verdict is Verdict.LATER:
        assert found.later_at is not None
        assert found.later_at > at
        timely = {rule.name for rule in gate.RULES if rule.timely}
        assert timely.isdisjoint(gate.decide(facts, POLICY, found.later_at).reasons)
    else:
        assert found.later_at is None


@given(_cases())
def test_a_simulation_says_what_the_gate_says_while_the_campaign_runs(case: tuple[Facts, datetime]) -> None:
    facts, at = case
    running = facts._replace(sending=replace(facts.sending, campaign_state=CampaignState.RUNNING))
    simulated = running._replace(sending=replace(running.sending, purpose=Purpose.CHECK))
    assert gate.decide(simulated, POLICY, at) == gate.decide(running, POLICY, at)


@given(_cases())
def test_reasons_are_told_worst_first_and_each_once(case: tuple[Facts, datetime]) -> None:
    found = gate.decide(*_with_policy(case))
    order = [rule.name for rule in gate.RULES]
    assert list(found.reasons) == sorted(set(found.reasons), key=order.index)
    assert (found.verdict is Verdict.SENDABLE) is (found.reasons == ())
    assert found.unknown <= set(found.reasons)


def _with_policy(case: tuple[Facts, datetime]) -> tuple[Facts, Any, datetime]:
    return case[0], POLICY, case[1]


@given(_cases())
def test_a_receipt_is_canonical_and_gives_each_outcome_back(case: tuple[Facts, datetime]) -> None:
    facts, at = case
    found = gate.decide(facts, POLICY, at)
    heading = receipts.Heading(new_id(), at, POLICY, shipped())
    body = receipts.body(heading, new_id(), Recipient(message_id=new_id()), facts, found, b"k" * 32)
    document = orjson.loads(body)
    assert orjson.dumps(document, option=orjson.OPT_SORT_KEYS) == body
    assert receipts.results(document, receipts.written()) == gate.outcomes(found)


def test_a_receipt_of_older_rules_can_still_be_read() -> None:
    read = receipts.results({"rules": {"pass": ["opted_out", "a_rule_of_old"], "fail": ["budget"], "unknown": []}})
    assert [(one.rule, one.outcome) for one in read] == [
        ("opted_out", RuleOutcome.PASS),
        ("budget", RuleOutcome.FAIL),
        ("a_rule_of_old", RuleOutcome.PASS),
    ]


@pytest.mark.parametrize(
    ("since", "months", "ends"),
    [
        ("2026-11-30T12:00:00+00:00", 3, "2027-02-28T12:00:00+00:00"),
        ("2026-01-31T12:00:00+00:00", 18, "2027-07-31T12:00:00+00:00"),
        ("2026-12-15T00:00:00+00:00", 1, "2027-01-15T00:00:00+00:00"),
    ],
)
def test_months_are_counted_by_the_calendar(since: str, months: int, ends: str) -> None:
    assert bases.add_months(datetime.fromisoformat(since), months) == datetime.fromisoformat(ends)
