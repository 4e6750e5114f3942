"""Each rule alone, without a database: the least facts that it stands against, and their nearest neighbours that pass.

A new rule must join ``AGAINST``. The same table shows that no rule is idle: a book without it lets the case through.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, date, datetime, timedelta
from types import MappingProxyType
from typing import Any
from uuid import UUID

import pytest

from leadflow.compliance.errors import BadPack
from leadflow.compliance.rules import bases, gate
from leadflow.compliance.rules.places import places
from leadflow.compliance.rules.policy import KINDS, campaign_window, compile_policy, digest, shipped
from leadflow.compliance.types import Cap, Facts, Pack, Place, Policy, Sending
from models.vocabulary import (
    Basis,
    CampaignState,
    Channel,
    LeadStatus,
    LineType,
    PartyRole,
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

NOON = datetime(2026, 12, 2, 18, tzinfo=UTC)
"""A Wednesday, noon in Chicago."""
SECOND, DAY = timedelta(seconds=1), timedelta(days=1)
POLICY = compile_policy(shipped(), Channel.TEXT, date(2026, 12, 2))
CAMPAIGN, SENDER = UUID(int=1), UUID(int=2)
CHICAGO = "+13125550105"
OF_SENDING = {one.name for one in fields(Sending)} - {"send_before"}
BY_RELATIONSHIP: Mapping[str, Any] = {
    "written_at": None,
    "relationship_at": NOON - 10 * DAY,
    "basis": Basis.EXISTING_RELATIONSHIP,
}
"""Written consent waives the registries; a relationship does not."""
NO_BASIS: Mapping[str, Any] = {"written_at": None}
ANSWER: Mapping[str, Any] = {"purpose": Purpose.MANUAL_REPLY, "inbound_at": NOON - timedelta(hours=1)}
CALL: Mapping[str, Any] = {"purpose": Purpose.CALL, "channel": Channel.CALL, "campaign_id": None, "basis": None}
MORNING = campaign_window(datetime.min.time().replace(hour=9), datetime.min.time().replace(hour=11), range(7))


def _facts(**changed: Any) -> Facts:
    """Write down a recipient who may be texted, with some facts changed."""
    of_sending: dict[str, Any] = {
        "purpose": Purpose.CAMPAIGN,
        "channel": Channel.TEXT,
        "paused": False,
        "campaign_id": CAMPAIGN,
        "campaign_state": CampaignState.RUNNING,
        "basis": Basis.WRITTEN_CONSENT,
        "sender_id": SENDER,
        "registration": RegistrationState.VERIFIED,
    }
    own: dict[str, Any] = {
        "e164": CHICAGO,
        "line_type": LineType.MOBILE,
        "phone_status": PhoneStatus.CORRECT,
        "lead_status": LeadStatus.NEW,
        "person_known": True,
        "person_kind": PersonKind.INDIVIDUAL,
        "roles": (PartyRole.OWNER,),
        "national": ScrubVerdict.CLEAN,
        "national_at": NOON - DAY,
        "written_at": NOON - 10 * DAY,
        "places": frozenset({Place("IL", "America/Chicago")}),
    }
    of_sending |= {name: value for name, value in changed.items() if name in OF_SENDING}
    if "campaign_send_before" in changed:
        of_sending["send_before"] = changed["campaign_send_before"]
    own |= {name: value for name, value in changed.items() if name not in OF_SENDING | {"campaign_send_before"}}
    return Facts(sending=Sending(**of_sending), **own)


@dataclass(frozen=True)
class Case:
    """What is changed, and what the rule says."""

    rule: str
    why: str
    facts: Mapping[str, Any]
    policy: Mapping[str, Any] = field(default_factory=dict[str, Any])
    at: datetime = NOON
    unknown: bool = False
    also: tuple[str, ...] = ()

    def decide(self, book: gate.RuleBook = gate.BOOK) -> Any:
        return gate.decide(_facts(**self.facts), replace(POLICY, **self.policy), self.at, book)


def _suppressed(kind: SuppressionKind) -> dict[str, Any]:
    return {"suppressions": (kind,)}


def _months(**given: int) -> dict[str, Any]:
    return {"basis_months": MappingProxyType({**POLICY.basis_months, **{Basis(k): v for k, v in given.items()}})}


def _touched(*hours: float) -> tuple[datetime, ...]:
    return tuple(NOON - timedelta(hours=one) for one in hours)


AGAINST = (
    Case("kill_switch", "paused", {"paused": True}),
    Case("legal_threat", "a threat", _suppressed(SuppressionKind.LEGAL_THREAT)),
    Case("litigator", "a mark", _suppressed(SuppressionKind.LITIGATOR)),
    Case("litigator", "a list", {"listed": (ScrubList.LITIGATOR,)}),
    Case("opted_out", "a word", _suppressed(SuppressionKind.OPT_OUT)),
    Case("opted_out", "the carrier", _suppressed(SuppressionKind.CARRIER_OPT_OUT)),
    Case(
        "opted_out",
        "a confirmation five minutes and a second later",
        {
            "purpose": Purpose.CONFIRMATION,
            "opted_out_at": NOON - timedelta(minutes=5) - SECOND,
            **_suppressed(SuppressionKind.OPT_OUT),
        },
    ),
    Case(
        "opted_out",
        "a confirmation before the word",
        {"purpose": Purpose.CONFIRMATION, "opted_out_at": NOON + SECOND, **_suppressed(SuppressionKind.OPT_OUT)},
    ),
    Case(
        "opted_out",
        "a confirmation of nothing that is dated",
        {"purpose": Purpose.CONFIRMATION, **_suppressed(SuppressionKind.OPT_OUT)},
    ),
    Case(
        "opted_out",
        "an answer within the five minutes",
        {**ANSWER, "opted_out_at": NOON - SECOND, **_suppressed(SuppressionKind.OPT_OUT)},
    ),
    Case("internal_dnc", "our list", _suppressed(SuppressionKind.INTERNAL_DNC)),
    Case("admin_block", "an administrator", _suppressed(SuppressionKind.ADMIN)),
    Case("deceased", "a mark", _suppressed(SuppressionKind.DECEASED)),
    Case("deceased", "the record", {"deceased": True}),
    Case("deceased", "a decedent", {"decedent": True}),
    Case("deceased", "an estate", {"person_kind": PersonKind.ESTATE}),
    Case("role", "nobody known", {"person_known": False}, unknown=True),
    Case("role", "no roles", {"roles": None}, unknown=True),
    Case("role", "an empty list of roles", {"roles": ()}, unknown=True),
    Case("role", "the attorney", {"roles": (PartyRole.ATTORNEY,)}),
    Case("role", "decedent besides owner", {"roles": (PartyRole.OWNER, PartyRole.DECEDENT)}),
    Case("national_dnc", "the registry", {**BY_RELATIONSHIP, "national": ScrubVerdict.LISTED}),
    Case("national_dnc", "a mark", {**BY_RELATIONSHIP, **_suppressed(SuppressionKind.NATIONAL_DNC)}),
    Case(
        "national_dnc",
        "consent that begins a second later",
        {**BY_RELATIONSHIP, "written_at": NOON + SECOND, "national": ScrubVerdict.LISTED},
    ),
    Case(
        "national_dnc",
        "consent that has run out",
        {**BY_RELATIONSHIP, "written_at": NOON - 40 * DAY, "national": ScrubVerdict.LISTED},
        policy=_months(written_consent=1),
    ),
    Case("state_dnc", "a mark", _suppressed(SuppressionKind.STATE_DNC)),
    Case("state_dnc", "a list", {"listed": (ScrubList.STATE_DNC,)}),
    Case("vendor_dnc", "a mark", _suppressed(SuppressionKind.VENDOR_DNC)),
    Case("wrong_number", "a mark", _suppressed(SuppressionKind.WRONG_NUMBER)),
    Case("wrong_number", "the record", {"phone_status": PhoneStatus.WRONG}),
    Case("reassigned", "the database", {"listed": (ScrubList.REASSIGNED,)}),
    Case("held_for_review", "an unclear reply", _suppressed(SuppressionKind.REVIEW)),
    Case("emergency", "here", {}, policy={"emergencies": {"IL": "law"}}),
    Case("number_valid", "London", {"e164": "+442079460000"}),
    Case("number_valid", "no number", {"e164": None}),
    Case("number_valid", "a digit too few", {"e164": "+1312555010"}),
    Case("number_valid", "a digit too many", {"e164": "+131255501055"}),
    Case("number_valid", "twelve signs from elsewhere", {"e164": "+49301234567"}),
    Case("number_in_service", "dead", {"phone_status": PhoneStatus.DEAD}),
    Case("line_known", "never looked up", {"line_type": None}, unknown=True),
    Case("line_known", "looked up in vain", {"line_type": LineType.UNKNOWN}, unknown=True),
    Case("line_known", "heard, but in a campaign", {"line_type": None, "inbound_at": NOON - DAY}, unknown=True),
    Case("scrub_known", "a call by hand, never looked up", {**CALL, **NO_BASIS, "national": None}, unknown=True),
    Case("held_for_review", "a call", {**CALL, **_suppressed(SuppressionKind.REVIEW)}),
    Case("lead_open", "a call about a dead lead", {**CALL, "lead_status": LeadStatus.DEAD}),
    Case("line_known", "an answer to nothing", {"line_type": None, "purpose": Purpose.MANUAL_REPLY}, unknown=True),
    *(
        Case("line_textable", str(kind), {"line_type": kind})
        for kind in LineType
        if kind not in {LineType.MOBILE, LineType.UNKNOWN}
    ),
    Case("lead_open", "dead", {"lead_status": LeadStatus.DEAD}),
    Case("lead_open", "won", {"lead_status": LeadStatus.WON}),
    Case("campaign_active", "paused", {"campaign_state": CampaignState.PAUSED}),
    Case("campaign_active", "of no state", {"campaign_state": None}),
    Case("not_stale", "the text's own limit", {"send_before": NOON}),
    Case("not_stale", "the campaign's limit", {"campaign_send_before": NOON}),
    Case("not_stale", "one of two limits", {"campaign_send_before": NOON + SECOND, "send_before": NOON}),
    Case("sender_registered", "pending", {"registration": RegistrationState.PENDING}),
    Case("sender_registered", "switched off", {"sender_disabled": True}),
    Case("sender_registered", "none chosen", {"sender_id": None, "registration": None}),
    Case(
        "sender_registered",
        "a check with a pending sender",
        {"purpose": Purpose.CHECK, "registration": RegistrationState.PENDING},
    ),
    Case("budget", "spent", {"budget_left": 0}),
    Case("budget", "overspent", {"budget_left": -1}),
    Case("basis_named", "a campaign on nothing", {"basis": None}),
    Case("basis_recorded", "an empty ledger", NO_BASIS),
    Case("basis_unrevoked", "revoked", {**NO_BASIS, "consent_revoked": True}),
    Case("basis_unexpired", "ended by its date", {**NO_BASIS, "consent_lapsed": True}),
    Case(
        "basis_unexpired",
        "an inquiry of three months",
        {**NO_BASIS, "inquiry_at": datetime(2026, 9, 2, 18, tzinfo=UTC), "basis": Basis.INQUIRY},
    ),
    Case(
        "basis_unexpired",
        "a relationship of eighteen months",
        {**BY_RELATIONSHIP, "relationship_at": datetime(2025, 6, 2, 18, tzinfo=UTC)},
    ),
    Case(
        "basis_unexpired",
        "ninety-three days of three months that had ninety-one",
        {**NO_BASIS, "inquiry_at": NOON - 93 * DAY, "basis": Basis.INQUIRY},
    ),
    Case("basis_unexpired", "consent not yet given", {"written_at": NOON + SECOND}),
    Case("basis_unexpired", "ended and revoked", {**NO_BASIS, "consent_lapsed": True, "consent_revoked": True}),
    Case("basis_sufficient", "an inquiry for consent", {**NO_BASIS, "inquiry_at": NOON - DAY}),
    Case("basis_sufficient", "a relationship for consent", {**BY_RELATIONSHIP, "basis": Basis.WRITTEN_CONSENT}),
    Case(
        "basis_sufficient",
        "an inquiry for a relationship",
        {**NO_BASIS, "inquiry_at": NOON - DAY, "basis": Basis.EXISTING_RELATIONSHIP},
    ),
    Case("state_consent", "the state asks for more", BY_RELATIONSHIP, policy={"written_consent": {"IL": "law"}}),
    Case("scrub_known", "never", {**BY_RELATIONSHIP, "national": None, "national_at": None}, unknown=True),
    Case("scrub_known", "no data", {**BY_RELATIONSHIP, "national": ScrubVerdict.NO_DATA}, unknown=True),
    Case("scrub_known", "clean, nobody knows when", {**BY_RELATIONSHIP, "national_at": None}, unknown=True),
    Case("scrub_fresh", "a second too old", {**BY_RELATIONSHIP, "national_at": NOON - 31 * DAY - SECOND}),
    Case("location_known", "nowhere known", {"places": None}, unknown=True),
    Case("location_known", "no place", {"places": frozenset()}, unknown=True),
    Case("sensitivity", "a death yesterday", {"died_on": date(2026, 12, 1)}),
    Case("sensitivity", "a filing yesterday", {"filed_on": date(2026, 12, 1)}),
    Case("sensitivity_unknown", "nobody knows when", {"death_undated": True}, unknown=True),
    Case("reassigned_known", "never looked up", {}, policy={"reassigned_after": 9 * DAY}, unknown=True),
    Case(
        "reassigned_known",
        "looked up a second too long ago",
        {"unchanged_at": NOON - 30 * DAY - SECOND, "unchanged_since": NOON - 10 * DAY},
        policy={"reassigned_after": 9 * DAY},
    ),
    Case(
        "reassigned_known",
        "asked from a day after the consent",
        {"unchanged_at": NOON, "unchanged_since": NOON - 9 * DAY},
        policy={"reassigned_after": 9 * DAY},
    ),
    Case("not_repeated", "sent before", {"already": True}),
    Case("frequency", "three in a day", {"touches": _touched(1, 2, 23.9)}),
    Case("frequency", "six in a week", {"touches": _touched(25, 49, 73, 97, 121, 167.9)}),
    Case(
        "frequency",
        "an answer that was answered three times",
        {**ANSWER, "inbound_at": NOON - timedelta(hours=3), "touches": _touched(0.5, 1, 2)},
    ),
    Case("frequency", "they wrote, but it is a campaign", {"inbound_at": NOON, "touches": _touched(1, 2, 3)}),
    Case(
        "frequency",
        "the cap of the state",
        {"touches": _touched(1)},
        policy={"state_caps": {"IL": (Cap("il", 1, DAY, "law"),)}},
    ),
    Case(
        "holiday",
        "Christmas in Rhode Island",
        {"places": frozenset({Place("RI", "America/New_York")})},
        at=datetime(2026, 12, 25, 17, tzinfo=UTC),
    ),
    Case("quiet_hours", "the second before eight", {}, at=datetime(2026, 12, 2, 13, 59, 59, tzinfo=UTC)),
    Case("quiet_hours", "nine in the evening", {}, at=datetime(2026, 12, 3, 3, tzinfo=UTC)),
    Case("campaign_hours", "noon, and the campaign ends at eleven", {"window": MORNING}),
)

PASSES = (
    Case("opted_out", "a confirmation", {"purpose": Purpose.CONFIRMATION, "opted_out_at": NOON - timedelta(minutes=5)}),
    Case(
        "opted_out",
        "a confirmation at once",
        {"purpose": Purpose.CONFIRMATION, "opted_out_at": NOON, **_suppressed(SuppressionKind.OPT_OUT)},
    ),
    Case("opted_out", "a confirmation where nothing stands", {"purpose": Purpose.CONFIRMATION}),
    Case("role", "an answer to a stranger", {**ANSWER, "person_known": False, "roles": None}),
    Case("role", "a confirmation to a stranger", {"purpose": Purpose.CONFIRMATION, "person_known": False}),
    Case("national_dnc", "written consent waives it", {"national": ScrubVerdict.LISTED}),
    Case("national_dnc", "written consent waives a mark", _suppressed(SuppressionKind.NATIONAL_DNC)),
    Case("national_dnc", "consent of this second", {"national": ScrubVerdict.LISTED, "written_at": NOON}),
    Case("national_dnc", "a relationship and a clean look-up", BY_RELATIONSHIP),
    Case("held_for_review", "an answer to it", {**ANSWER, **_suppressed(SuppressionKind.REVIEW)}),
    Case("emergency", "elsewhere", {}, policy={"emergencies": {"LA": "law"}}),
    Case("line_known", "an answer to their own text", {**ANSWER, "line_type": None}),
    Case("line_known", "an answer to an unknown kind", {**ANSWER, "line_type": LineType.UNKNOWN}),
    Case("line_known", "a call to a line never looked up", {**CALL, "line_type": None}),
    Case("line_textable", "a call to a landline", {**CALL, "line_type": LineType.LANDLINE}),
    Case("sender_registered", "a call, which has no number of ours", {**CALL, "sender_id": None, "registration": None}),
    Case("basis_recorded", "a call by hand and a clean look-up", {**CALL, **NO_BASIS}),
    Case("basis_unexpired", "a call by hand after a consent ended", {**CALL, **NO_BASIS, "consent_lapsed": True}),
    Case("scrub_known", "a call to who wrote to us", {**CALL, **NO_BASIS, "national": None, "inbound_at": NOON - DAY}),
    Case("lead_open", "an answer about a dead lead", {**ANSWER, "lead_status": LeadStatus.DEAD}),
    Case("campaign_active", "a check of a draft", {"purpose": Purpose.CHECK, "campaign_state": CampaignState.DRAFT}),
    Case("not_stale", "a second left", {"send_before": NOON + SECOND, "campaign_send_before": NOON + SECOND}),
    Case(
        "sender_registered",
        "a check without a sender",
        {"purpose": Purpose.CHECK, "sender_id": None, "registration": None},
    ),
    Case("budget", "one hundredth of a cent", {"budget_left": 1}),
    Case("basis_named", "no campaign", {"campaign_id": None, "basis": None, "purpose": Purpose.MANUAL_REPLY}),
    Case("basis_recorded", "an answer", {**ANSWER, **NO_BASIS}),
    Case("basis_recorded", "a confirmation", {"purpose": Purpose.CONFIRMATION, **NO_BASIS}),
    Case("basis_unrevoked", "another entry stands", {**BY_RELATIONSHIP, "consent_revoked": True}),
    Case("basis_unrevoked", "an answer", {**ANSWER, **NO_BASIS, "consent_revoked": True}),
    Case("basis_unexpired", "another entry stands", {**BY_RELATIONSHIP, "consent_lapsed": True}),
    Case("basis_unexpired", "an answer", {**ANSWER, **NO_BASIS, "consent_lapsed": True}),
    Case(
        "basis_unexpired",
        "an answer to one whose inquiry ran out",
        {**ANSWER, **NO_BASIS, "inquiry_at": NOON - 400 * DAY},
    ),
    Case(
        "basis_unexpired",
        "an inquiry a second short of three months",
        {**NO_BASIS, "inquiry_at": datetime(2026, 9, 2, 18, 0, 1, tzinfo=UTC), "basis": Basis.INQUIRY},
    ),
    Case(
        "basis_unexpired",
        "a relationship a second short of eighteen months",
        {**BY_RELATIONSHIP, "relationship_at": datetime(2025, 6, 2, 18, 0, 1, tzinfo=UTC)},
    ),
    Case(
        "basis_unexpired",
        "the relationship ran out, the inquiry stands",
        {**NO_BASIS, "relationship_at": NOON - 800 * DAY, "inquiry_at": NOON - DAY, "basis": Basis.INQUIRY},
    ),
    Case("basis_unexpired", "an inquiry of this second", {**NO_BASIS, "inquiry_at": NOON, "basis": Basis.INQUIRY}),
    Case("basis_sufficient", "a relationship for an inquiry", {**BY_RELATIONSHIP, "basis": Basis.INQUIRY}),
    Case("basis_sufficient", "consent for an inquiry", {"basis": Basis.INQUIRY}),
    Case("basis_sufficient", "consent for a relationship", {"basis": Basis.EXISTING_RELATIONSHIP}),
    Case("basis_sufficient", "an answer", {**ANSWER, **NO_BASIS, "inquiry_at": NOON - DAY}),
    Case("state_consent", "with it", {}, policy={"written_consent": {"IL": "law"}}),
    Case("state_consent", "another state", BY_RELATIONSHIP, policy={"written_consent": {"CT": "law"}}),
    Case("state_consent", "an answer", {**BY_RELATIONSHIP, **ANSWER}, policy={"written_consent": {"IL": "law"}}),
    Case("scrub_known", "written consent waives it", {"national": None, "national_at": None}),
    Case("scrub_known", "an answer", {**BY_RELATIONSHIP, **ANSWER, "national": None, "national_at": None}),
    Case("scrub_fresh", "31 days", {**BY_RELATIONSHIP, "national_at": NOON - 31 * DAY}),
    Case("scrub_fresh", "written consent waives it", {"national_at": NOON - 60 * DAY}),
    Case("scrub_fresh", "an answer", {**BY_RELATIONSHIP, **ANSWER, "national_at": NOON - 60 * DAY}),
    Case("sensitivity", "an answer", {**ANSWER, "died_on": date(2026, 12, 1)}),
    Case("sensitivity", "a death of years ago", {"died_on": date(2016, 12, 1)}),
    Case("sensitivity_unknown", "the filing is known", {"death_undated": True, "filed_on": date(2016, 12, 1)}),
    Case("sensitivity_unknown", "an answer", {**ANSWER, "death_undated": True}),
    Case("reassigned_known", "consent that is young enough", {}, policy={"reassigned_after": 10 * DAY}),
    Case("reassigned_known", "an answer", ANSWER, policy={"reassigned_after": 9 * DAY}),
    Case(
        "reassigned_known",
        "looked up within the age, from the day of the consent",
        {"unchanged_at": NOON - 30 * DAY, "unchanged_since": NOON - 10 * DAY},
        policy={"reassigned_after": 9 * DAY},
    ),
    Case("frequency", "the third is a day old", {"touches": _touched(1, 2, 24)}),
    Case("frequency", "the sixth is a week old", {"touches": _touched(25, 49, 73, 97, 121, 168)}),
    Case("frequency", "two in a day", {"touches": _touched(1, 2)}),
    Case("frequency", "an answer to their last word", {**ANSWER, "touches": _touched(1, 2, 3)}),
    Case(
        "frequency",
        "the cap of another state",
        {"touches": _touched(1)},
        policy={"state_caps": {"FL": (Cap("fl", 1, DAY, "law"),)}},
    ),
    Case("quiet_hours", "eight", {}, at=datetime(2026, 12, 2, 14, tzinfo=UTC)),
    Case("quiet_hours", "five minutes before nine, less a second", {}, at=datetime(2026, 12, 3, 2, 54, 59, tzinfo=UTC)),
    Case("campaign_hours", "the first second", {"window": MORNING}, at=datetime(2026, 12, 2, 15, tzinfo=UTC)),
)


def _name(case: Case) -> str:
    return f"{case.rule}: {case.why}"


@pytest.mark.parametrize("case", AGAINST, ids=_name)
def test_the_rule_alone_stands_against_it(case: Case) -> None:
    found = case.decide()
    assert found.reasons == (case.rule,)
    assert found.unknown == ({case.rule} if case.unknown else set())
    assert found.policy_version == POLICY.version
    timely = {rule.name for rule in gate.RULES if rule.timely}
    assert found.verdict is (Verdict.LATER if case.rule in timely else Verdict.BLOCKED)
    assert (found.later_at is not None) is (case.rule in timely)


@pytest.mark.parametrize("case", AGAINST, ids=_name)
def test_without_its_rule_it_would_go_through(case: Case) -> None:
    fewer = gate.RuleBook(tuple(rule for rule in gate.RULES if rule.name != case.rule))
    assert case.decide(fewer) == gate.decide(_facts(), POLICY, NOON)


@pytest.mark.parametrize("case", PASSES, ids=_name)
def test_its_nearest_neighbour_passes(case: Case) -> None:
    found = case.decide()
    assert (found.reasons, found.unknown, found.later_at, found.verdict) == ((), frozenset(), None, Verdict.SENDABLE)
    assert found.policy_version == POLICY.version


def test_every_unknown_fact_is_told() -> None:
    found = gate.decide(_facts(line_type=None, roles=None, places=None), POLICY, NOON)
    assert found.unknown == {"role", "line_known", "location_known"}


def test_every_rule_has_a_case_of_its_own() -> None:
    assert {case.rule for case in AGAINST} == {rule.name for rule in gate.RULES}
    assert {case.rule for case in PASSES} <= {rule.name for rule in gate.RULES}


# When time has lifted it


@pytest.mark.parametrize(
    ("changed", "at", "later"),
    [
        ({"touches": _touched(1, 2, 23)}, NOON, "2026-12-02T19:00:00"),
        ({"touches": _touched(25, 49, 73, 97, 121, 167)}, NOON, "2026-12-02T19:00:00"),
        # Both caps bind: the later release counts.
        ({"touches": _touched(1, 2, 23, 49, 73, 167.5)}, NOON, "2026-12-02T19:00:00"),
        ({"touches": _touched(1, 2, 3, 4)}, NOON, "2026-12-03T15:00:00"),
        # Free at 21:00 in Chicago, which is closed: the next morning.
        ({"touches": _touched(1, 2, 15)}, NOON, "2026-12-03T14:00:00"),
        ({}, datetime(2026, 12, 3, 3, tzinfo=UTC), "2026-12-03T14:00:00"),
        ({"window": MORNING}, NOON, "2026-12-03T15:00:00"),
        ({"send_before": NOON + DAY, "touches": _touched(1, 2, 23)}, NOON, "2026-12-02T19:00:00"),
    ],
)
def test_later_is_when_every_cap_and_window_allows(changed: Mapping[str, Any], at: datetime, later: str) -> None:
    found = gate.decide(_facts(**changed), POLICY, at)
    assert found.verdict is Verdict.LATER
    assert found.later_at == datetime.fromisoformat(later).replace(tzinfo=UTC)


@pytest.mark.parametrize("limit", ["send_before", "campaign_send_before"])
def test_what_would_be_stale_by_then_is_blocked(limit: str) -> None:
    free = NOON + timedelta(hours=1)
    for last, verdict in ((free, Verdict.BLOCKED), (free + SECOND, Verdict.LATER)):
        found = gate.decide(_facts(**{limit: last, "touches": _touched(1, 2, 23)}), POLICY, NOON)
        assert found.verdict is verdict
        assert found.reasons == ("frequency",)


def test_time_lifts_nothing_that_stands_for_good() -> None:
    found = gate.decide(_facts(paused=True, touches=_touched(1, 2, 3)), POLICY, NOON)
    assert (found.verdict, found.later_at, found.reasons) == (Verdict.BLOCKED, None, ("kill_switch", "frequency"))
    night = gate.decide(_facts(places=None, touches=_touched(1, 2, 3)), POLICY, NOON)
    assert (night.verdict, night.later_at) == (Verdict.BLOCKED, None)


def test_quiet_at_one_place_of_two_is_quiet() -> None:
    # Half past eight in Chicago, half past six in Los Angeles.
    at = datetime(2026, 12, 2, 14, 30, tzinfo=UTC)
    both = places(CHICAGO, None, None, "CA")
    assert gate.decide(_facts(places=both), POLICY, at).reasons == ("quiet_hours",)
    assert gate.decide(_facts(), POLICY, at).reasons == ()


def test_a_holiday_is_no_quiet_hour_and_the_campaigns_hours_are_their_own_reason() -> None:
    at = datetime(2026, 12, 25, 17, tzinfo=UTC)
    here = frozenset({Place("RI", "America/New_York")})
    assert gate.decide(_facts(places=here, window=MORNING), POLICY, at).reasons == ("holiday", "campaign_hours")
    evening = datetime(2026, 12, 3, 3, tzinfo=UTC)
    assert gate.decide(_facts(window=MORNING), POLICY, evening).reasons == ("quiet_hours", "campaign_hours")
    unknown = gate.decide(_facts(places=None, window=MORNING), POLICY, evening)
    assert unknown.reasons == ("location_known",)


def test_the_outcome_of_every_rule_is_told() -> None:
    found = gate.outcomes(gate.decide(_facts(paused=True, line_type=None), POLICY, NOON))
    said = {one.rule: one.outcome for one in found}
    assert said.pop("kill_switch") is RuleOutcome.FAIL
    assert said.pop("line_known") is RuleOutcome.UNKNOWN
    assert set(said.values()) == {RuleOutcome.PASS}
    assert [(one.rule, one.sentence, one.citation) for one in found] == [
        (rule.name, rule.sentence, rule.citation) for rule in gate.RULES
    ]
    assert gate.sentence("budget") == "The budget is used up."
    assert [one.rule for one in gate.outcomes(gate.decide(_facts(), POLICY, NOON), gate.RuleBook(gate.RULES[:2]))] == [
        "kill_switch",
        "legal_threat",
    ]


def test_contacts_are_counted_as_far_back_as_the_longest_cap() -> None:
    assert gate.longest_cap(POLICY) == timedelta(days=7)
    none = replace(POLICY, caps=(), state_caps={})
    assert gate.longest_cap(none) == timedelta(0)
    assert gate.longest_cap(replace(none, state_caps={"FL": (Cap("fl", 1, 9 * DAY, "law"),)})) == 9 * DAY


@pytest.mark.parametrize(
    ("since", "months", "ends"),
    [
        ("2026-11-30", 3, "2027-02-28"),
        ("2026-12-15", 1, "2027-01-15"),
        ("2026-01-31", 18, "2027-07-31"),
        ("2026-12-31", 12, "2027-12-31"),
        ("2023-12-31", 2, "2024-02-29"),
        ("2026-11-15", 1, "2026-12-15"),
    ],
)
def test_months_end_by_the_calendar(since: str, months: int, ends: str) -> None:
    assert bases.add_months(datetime.fromisoformat(since), months) == datetime.fromisoformat(ends)


# The data


def _without(kind: str) -> Policy:
    packs: list[Pack] = []
    for pack in shipped():
        # Without federal hours nothing may be sent at all; the state's are what is taken away.
        kept = [
            row
            for row in pack.content["provisions"]
            if row["kind"] != kind or (kind == "hours" and row["jurisdiction"] == "US")
        ]
        content = {**pack.content, "provisions": kept}
        packs.append(Pack(pack.name, content, digest(content)))
    return compile_policy(packs, Channel.TEXT, date(2026, 12, 2))


SWITCHED_ON = {"emergency": {"declared": True}, "reassigned": {"required": True}}


def _declared() -> Policy:
    """Switch on what the packs hold for an organisation to declare."""
    packs: list[Pack] = []
    for pack in shipped():
        rows = [{**row, **SWITCHED_ON.get(row["kind"], {})} for row in pack.content["provisions"]]
        content = {**pack.content, "provisions": rows}
        packs.append(Pack(pack.name, content, digest(content)))
    return compile_policy(packs, Channel.TEXT, date(2026, 12, 2))


IN = {
    state: frozenset({Place(state, zone)})
    for state, zone in (("RI", "America/New_York"), ("CT", "America/New_York"), ("LA", "America/Chicago"))
}
OF_KIND: Mapping[str, tuple[Mapping[str, Any], datetime] | None] = {
    "hours": ({"places": IN["RI"]}, datetime(2026, 12, 2, 23, 30, tzinfo=UTC)),
    "cap": ({"touches": _touched(1, 2, 3)}, NOON),
    "closing_margin": ({}, datetime(2026, 12, 3, 2, 57, tzinfo=UTC)),
    "written_consent": ({**BY_RELATIONSHIP, "places": IN["CT"]}, NOON),
    "emergency": ({"places": IN["LA"]}, NOON),
    # Where the packs say nothing of it, the engine's own days bind.
    "sensitivity": None,
    "reassigned": ({"written_at": NOON - 3000 * DAY}, NOON),
    # Packs without these are refused as a whole.
    "scrub": None,
    "basis": None,
    # Read by the packs' own test of replies: each word must be understood (test_replies.py).
    "keywords": None,
}
"""By kind of provision, a contact that only it stands against."""


def test_every_kind_of_provision_is_accounted_for() -> None:
    assert set(OF_KIND) == KINDS


@pytest.mark.parametrize("kind", sorted(kind for kind, case in OF_KIND.items() if case))
def test_without_its_kind_of_provision_it_would_go_through(kind: str) -> None:
    case = OF_KIND[kind]
    assert case is not None
    changed, at = case
    whole = _declared() if kind in SWITCHED_ON else POLICY
    assert gate.decide(_facts(**changed), whole, at).verdict is not Verdict.SENDABLE
    assert gate.decide(_facts(**changed), _without(kind), at).verdict is Verdict.SENDABLE


@pytest.mark.parametrize("kind", ["scrub", "basis"])
def test_packs_without_a_kind_that_decides_are_refused(kind: str) -> None:
    with pytest.raises(BadPack):
        _without(kind)


def test_packs_that_say_nothing_of_mourning_leave_a_family_alone() -> None:
    assert gate.decide(_facts(died_on=date(2026, 12, 1)), _without("sensitivity"), NOON).reasons == ("sensitivity",)


def test_without_a_basis_nothing_stands_since_any_instant() -> None:
    assert bases.standing_since(_facts(**NO_BASIS), POLICY, NOON) is None
    assert bases.rank_standing(_facts(**NO_BASIS), POLICY, NOON) == 0
    assert bases.standing_since(_facts(), POLICY, NOON) == NOON - 10 * DAY


@pytest.mark.parametrize(
    ("asked", "answers"),
    [
        (ANSWER, True),
        ({**ANSWER, "inbound_at": None}, False),
        ({**ANSWER, "inbound_at": NOON - 800 * DAY}, False),
        ({**ANSWER, "purpose": Purpose.CHECK}, False),
        ({**ANSWER, "purpose": Purpose.CAMPAIGN}, False),
        ({"purpose": Purpose.CONFIRMATION, "inbound_at": None}, True),
    ],
)
def test_only_a_reply_to_a_text_of_theirs_answers(asked: Mapping[str, Any], answers: bool) -> None:  # noqa: FBT001 a case
    assert bases.answering(_facts(**asked), POLICY, NOON) is answers
