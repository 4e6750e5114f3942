"""Each rule alone stands against a text that could go out otherwise; success and refusal share one world."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

import orjson
import pytest

from leadflow.compliance import service as compliance
from leadflow.compliance.errors import BadPack
from leadflow.compliance.queries import facts as loader
from leadflow.compliance.rules import gate
from leadflow.compliance.rules.policy import compile_policy, digest, shipped
from leadflow.compliance.rules.short import SHORT
from leadflow.compliance.service.asking import question
from leadflow.compliance.types import Cleared, Later, Pack, Recipient, Refused
from models.base import new_id
from models.compliance import ScrubResult
from models.costs import Budget
from models.properties import Person, Phone, Property, PropertyParty
from models.vocabulary import (
    Basis,
    BudgetSubject,
    CampaignState,
    Channel,
    LineType,
    PartyRole,
    PersonKind,
    PhoneStatus,
    Purpose,
    ScrubList,
    ScrubVerdict,
    SuppressionKind,
    Verdict,
)
from tests.compliance.world import World

MONTH = timedelta(days=30)


@dataclass(frozen=True)
class Case:
    """What spoils the world, and the rules that then stand against the text."""

    rule: str
    why: str
    spoil: Callable[[World], dict[str, Any] | None]
    """May answer changes of the recipient."""
    also: tuple[str, ...] = ()


def _suppressed(kind: SuppressionKind) -> Callable[[World], None]:
    return lambda world: world.add(world.a_suppression(kind))


def _changed(table: str, **values: Any) -> Callable[[World], None]:
    return lambda world: world.change(table, **values)


def _at(text: str) -> Callable[[World], None]:
    return lambda world: world.clock.set(datetime.fromisoformat(text))


def _by_inquiry(world: World) -> None:
    """Rest the campaign and the ledger on an inquiry of ten days ago: what only written consent waives, now binds."""
    at = world.clock.now() - timedelta(days=10)
    world.change("consent", basis=Basis.INQUIRY.value, given_at=at)
    world.change("campaign", basis=Basis.INQUIRY.value)


def _listed(which: ScrubList) -> Callable[[World], None]:
    return lambda world: world.add(world.a_scrub(list=which, verdict=ScrubVerdict.LISTED, provider="other"))


def _national(world: World) -> None:
    _by_inquiry(world)
    world.change("scrub_result", verdict=ScrubVerdict.LISTED.value)


def _national_by_import(world: World) -> None:
    _by_inquiry(world)
    world.add(world.a_suppression(SuppressionKind.NATIONAL_DNC))


def _never_scrubbed(world: World) -> None:
    _by_inquiry(world)
    world.delete("scrub_result")


def _scrubbed_long_ago(world: World) -> None:
    _by_inquiry(world)
    world.change("scrub_result", as_of=world.clock.now() - timedelta(days=31, seconds=1))


def _no_data(world: World) -> None:
    _by_inquiry(world)
    world.change("scrub_result", verdict=ScrubVerdict.NO_DATA.value)


def _emergency(world: World) -> None:
    states = next(pack for pack in shipped() if pack.name == "states")
    provision = next(row for row in states.content["provisions"] if row["kind"] == "emergency")
    declared = {**provision, "key": "il.emergency", "jurisdiction": "IL", "declared": True}
    _install(world, {**states.content, "provisions": [*states.content["provisions"], declared]})


def _install(world: World, content: dict[str, Any]) -> None:
    with world.db.begin(world.org) as uow:
        compliance.install_packs(uow)
    name = content["name"]
    world.change_where("rule_pack", f"name = '{name}'", content=orjson.dumps(content).decode(), digest=digest(content))


def _reassignment_matters(**look_up: Any) -> Callable[[World], None]:
    """Ask for a look-up of reassigned numbers after ten days; the consent is of last month."""

    def spoil(world: World) -> None:
        own = next(pack for pack in shipped() if pack.name == "organization")
        rows = [
            {**row, "required": True, "after_days": 10} if row["kind"] == "reassigned" else row
            for row in own.content["provisions"]
        ]
        _install(world, {**own.content, "provisions": rows})
        if look_up:
            world.add(_not_reassigned(world, **look_up))

    return spoil


def _not_reassigned(world: World, days_ago: int = 1, since: int = 30, **changed: Any) -> ScrubResult:
    """Make a look-up that found the number not reassigned since the day of the consent."""
    now = world.clock.now()
    asked = (now - timedelta(days=since)).date()
    as_of = now - timedelta(days=days_ago)
    return world.a_scrub(list=ScrubList.REASSIGNED, as_of=as_of, consent_date=asked, **changed)


def _decedent_elsewhere(world: World) -> None:
    other = new_id()
    world.add(Property(org_id=world.org, id=other, property_key="other"))
    world.add(PropertyParty(org_id=world.org, property_id=other, person_id=world.person, role=PartyRole.DECEDENT))


def _said_at_another_number(world: World) -> None:
    world.add(world.a_suppression(SuppressionKind.OPT_OUT, e164=None, person_id=world.person))


def _broke(world: World) -> None:
    world.add(Budget(org_id=world.org, subject=BudgetSubject.CAMPAIGN, subject_id=world.campaign, cap=110, spent=110))


def _foreign(world: World) -> dict[str, Any]:
    number = "+442079460000"
    abroad = Phone(org_id=world.org, e164=number, line_type=LineType.MOBILE)
    world.add(abroad, world.a_consent(id=new_id(), e164=number), world.a_scrub(e164=number))
    return {"phone_id": abroad.id}


def _repeated(world: World) -> None:
    world.sent(timedelta(days=8), campaign_id=world.campaign, e164="+13125550199", purpose=Purpose.CAMPAIGN)


def _often(world: World) -> None:
    for hours in (1, 2, 3):
        world.sent(timedelta(hours=hours))


def _often_this_week(world: World) -> None:
    for days in (1, 2, 3, 4, 5, 6):
        world.sent(timedelta(days=days))


def _written_consent_state(world: World) -> None:
    at = world.clock.now() - timedelta(days=10)
    world.change("consent", basis=Basis.EXISTING_RELATIONSHIP.value, given_at=at)
    world.change("campaign", basis=Basis.EXISTING_RELATIONSHIP.value)
    world.change("person", mailing_state="CT")


def _somebody(world: World) -> Any:
    other = Person(org_id=world.org, person_key="somebody", name="Bob Elm")
    world.add(other)
    return other.id


def _christmas(world: World) -> None:
    world.change("person", mailing_state="RI")
    world.clock.set(datetime.fromisoformat("2026-12-25T18:00:00+00:00"))


def _mail_west(world: World) -> None:
    world.change("person", mailing_state="CA")
    world.change("campaign", window_start="07:00")
    world.clock.set(datetime.fromisoformat("2026-12-02T15:30:00+00:00"))


def _bill_west(world: World) -> None:
    world.change("person", billing_state="CA")
    world.change("campaign", window_start="07:00")
    world.clock.set(datetime.fromisoformat("2026-12-02T15:30:00+00:00"))


def died(world: World, on: date | None, **party: Any) -> None:
    """Let the property have a decedent, somebody else than the person in question."""
    late = Person(org_id=world.org, person_key="late", name="Carl Oak", deceased=True, deceased_on=on)
    world.add(late)
    world.add(PropertyParty(org_id=world.org, property_id=world.home, person_id=late.id, role=PartyRole.DECEDENT))
    if party:
        world.change_where("property_party", f"person_id = '{world.person}'", **party)


def days_ago(count: int) -> Callable[[World], date]:
    return lambda world: world.clock.now().date() - timedelta(days=count)


CASES = (
    Case("kill_switch", "sending is paused", _changed("organization", sending_paused=True)),
    Case("legal_threat", "a threat", _suppressed(SuppressionKind.LEGAL_THREAT)),
    Case("litigator", "marked as a litigator", _suppressed(SuppressionKind.LITIGATOR)),
    Case("litigator", "any list of litigators says so", _listed(ScrubList.LITIGATOR)),
    Case("opted_out", "an opt-out of the number", _suppressed(SuppressionKind.OPT_OUT)),
    Case("opted_out", "the carrier's word", _suppressed(SuppressionKind.CARRIER_OPT_OUT)),
    Case("opted_out", "an opt-out of the person", _said_at_another_number),
    Case("internal_dnc", "our own list", _suppressed(SuppressionKind.INTERNAL_DNC)),
    Case("admin_block", "an administrator's word", _suppressed(SuppressionKind.ADMIN)),
    Case("deceased", "the person died", _changed("person", deceased=True)),
    Case("deceased", "a day of death", _changed("person", deceased_on=datetime(2026, 1, 1).date())),  # noqa: DTZ001 a day
    Case("deceased", "a reply says so", _suppressed(SuppressionKind.DECEASED)),
    Case("deceased", "an estate", _changed("person", kind=PersonKind.ESTATE.value)),
    Case("deceased", "decedent of any property", _decedent_elsewhere),
    Case("role", "no role at this property", lambda world: world.delete("property_party")),
    Case("role", "the attorney", _changed("property_party", role=PartyRole.ATTORNEY.value)),
    Case("role", "nobody in particular", lambda _: {"person_id": None}),
    Case("national_dnc", "listed in the registry", _national),
    Case("national_dnc", "an import says so", _national_by_import),
    Case("state_dnc", "a state's list", _listed(ScrubList.STATE_DNC)),
    Case("state_dnc", "an import says so", _suppressed(SuppressionKind.STATE_DNC)),
    Case("vendor_dnc", "a vendor's column says yes", _suppressed(SuppressionKind.VENDOR_DNC)),
    Case("wrong_number", "a reply says so", _suppressed(SuppressionKind.WRONG_NUMBER)),
    Case("wrong_number", "a caller found out", _changed("phone", status=PhoneStatus.WRONG.value)),
    Case("reassigned", "the database says so", _listed(ScrubList.REASSIGNED)),
    Case("held_for_review", "an unclear reply", _suppressed(SuppressionKind.REVIEW)),
    Case("emergency", "one is declared in Illinois", _emergency),
    Case("number_valid", "a London number", _foreign, ("location_known",)),
    Case("number_in_service", "disconnected", _changed("phone", status=PhoneStatus.DEAD.value)),
    Case("line_known", "never looked up", _changed("phone", line_type="unknown")),
    Case("line_textable", "a landline", _changed("phone", line_type="landline")),
    Case("line_textable", "VoIP", _changed("phone", line_type="voip")),
    Case("lead_open", "the lead is dead", _changed("lead", status="dead")),
    Case("lead_open", "the house is bought", _changed("lead", status="won")),
    Case("campaign_active", "paused", _changed("campaign", state=CampaignState.PAUSED.value)),
    Case("not_stale", "too late for this text", lambda world: {"send_before": world.clock.now()}),
    Case(
        "not_stale",
        "too late for the campaign",
        lambda world: world.change("campaign", send_before=world.clock.now() - timedelta(seconds=1)),
    ),
    Case("sender_registered", "10DLC is pending", _changed("sender_number", registration="pending")),
    Case(
        "sender_registered",
        "the number is switched off",
        lambda world: world.change("sender_number", disabled_at=world.clock.now()),
    ),
    Case("budget", "spent to the last", _broke),
    Case("basis_named", "no basis named", _changed("campaign", basis=None)),
    Case("basis_recorded", "an empty ledger", lambda world: world.delete("consent")),
    Case(
        "basis_recorded",
        "a consent for calls is none for texts",
        _changed("consent", channel="call"),
    ),
    Case(
        "basis_recorded",
        "somebody else's consent",
        lambda world: world.change("consent", person_id=_somebody(world)),
    ),
    Case("basis_unrevoked", "revoked", lambda world: world.change("consent", revoked_at=world.clock.now())),
    Case("basis_unexpired", "ended by its date", lambda world: world.change("consent", expires_at=world.clock.now())),
    Case(
        "basis_unexpired",
        "an inquiry of four months ago",
        lambda world: world.change("consent", basis="inquiry", given_at=world.clock.now() - 4 * MONTH),
    ),
    Case("basis_sufficient", "only an inquiry", _changed("consent", basis="inquiry")),
    Case("state_consent", "mail goes to Connecticut", _written_consent_state),
    Case("scrub_known", "never looked up", _never_scrubbed),
    Case("scrub_known", "no data is not clean", _no_data),
    Case("scrub_fresh", "looked up 31 days and a second ago", _scrubbed_long_ago),
    Case("reassigned_known", "an old consent and no look-up", _reassignment_matters()),
    Case("reassigned_known", "no data is not no", _reassignment_matters(verdict=ScrubVerdict.NO_DATA)),
    Case("reassigned_known", "looked up 31 days ago", _reassignment_matters(days_ago=31)),
    Case("reassigned_known", "asked only since yesterday", _reassignment_matters(since=1)),
    Case("location_known", "a ZIP that no table knows", _changed("property", zip5="00000", state=None)),
    Case("sensitivity_unknown", "a decedent without a day", lambda world: died(world, None)),
    Case("sensitivity", "a death of thirty days ago", lambda world: died(world, days_ago(30)(world))),
    Case("sensitivity", "a file says so", lambda w: w.change("property", decedent_died_on=days_ago(30)(w))),
    Case(
        "sensitivity",
        "probate filed last week",
        lambda world: world.change("property", probate_filed_on=days_ago(7)(world)),
    ),
    Case(
        "sensitivity",
        "a widow after eighty days",
        lambda world: died(world, days_ago(80)(world), surviving_spouse=True),
    ),
    Case("quiet_hours", "half past seven in Los Angeles, where the bill goes", _bill_west),
    Case("not_repeated", "sent before at another number of theirs", _repeated),
    Case("frequency", "three within a day", _often),
    Case("frequency", "six within a week", _often_this_week),
    Case("holiday", "Christmas in Rhode Island", _christmas),
    Case("quiet_hours", "half past nine in the evening", _at("2026-12-03T03:30:00+00:00"), ("campaign_hours",)),
    Case("quiet_hours", "half past seven in Los Angeles, where mail goes", _mail_west),
    Case("campaign_hours", "half past eight, and the campaign begins at nine", _at("2026-12-02T14:30:00+00:00")),
    Case("campaign_hours", "a Sunday, and the campaign rests", _at("2026-12-06T18:00:00+00:00")),
)


IDS = [f"{case.rule}: {case.why}" for case in CASES]


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_one_fact_alone_stands_against_the_text(world: World, case: Case) -> None:
    assert world.assessed().verdict is Verdict.SENDABLE
    changed = case.spoil(world) or {}
    found = world.assessed(**changed)
    assert set(found.reasons) == {case.rule, *case.also}
    answer = world.cleared(**changed)
    assert isinstance(answer, Refused | Later)
    assert answer.reasons == found.reasons
    if isinstance(answer, Later):
        assert answer.at == found.later_at


@pytest.mark.parametrize("case", CASES, ids=IDS)
def test_without_its_rule_the_text_would_have_gone_out(world: World, case: Case) -> None:
    changed = case.spoil(world) or {}
    with world.db.begin(world.org) as uow:
        asked = question(uow, world.ask(), uow.now(), past=False)
        facts = loader.load(uow, asked.sending, [world.recipient(**changed)], asked.moment)[0]
    dropped = {case.rule, *case.also}
    fewer = gate.RuleBook(tuple(rule for rule in gate.RULES if rule.name not in dropped))
    assert gate.decide(facts, asked.policy, world.clock.now(), fewer).verdict is Verdict.SENDABLE


def test_every_rule_has_a_case() -> None:
    assert {case.rule for case in CASES} == {rule.name for rule in gate.RULES}


def test_every_reason_has_a_short_form() -> None:
    assert set(SHORT) == {rule.name for rule in gate.RULES}
    assert len(set(SHORT.values())) == len(SHORT)


def test_every_rule_names_its_source() -> None:
    assert all(rule.citation and rule.sentence.endswith(".") for rule in gate.RULES)


def test_what_only_time_lifts_comes_later_and_everything_else_is_blocked(world: World) -> None:
    world.clock.set(datetime.fromisoformat("2026-12-03T03:30:00+00:00"))
    found = world.assessed()
    assert found.verdict is Verdict.LATER
    assert found.later_at == datetime.fromisoformat("2026-12-03T15:00:00+00:00"), "9 a.m. in Chicago"
    world.add(world.a_suppression(SuppressionKind.OPT_OUT))
    assert world.assessed().verdict is Verdict.BLOCKED


def test_a_text_that_would_be_stale_by_then_is_blocked(world: World) -> None:
    world.clock.set(datetime.fromisoformat("2026-12-03T03:30:00+00:00"))
    soon = world.clock.now() + timedelta(hours=1)
    assert world.assessed(send_before=soon).verdict is Verdict.BLOCKED


def test_a_check_of_a_draft_asks_everything_but_whether_it_runs(world: World) -> None:
    world.change("campaign", state=CampaignState.DRAFT.value)
    assert world.assessed(world.ask(Purpose.CHECK)).verdict is Verdict.SENDABLE
    assert world.assessed().reasons == ("campaign_active",)


def test_a_number_that_nobody_knows_is_refused_for_all_that_is_missing(world: World) -> None:
    with world.db.begin(world.org) as uow:
        found = compliance.assess(uow, [Recipient(e164="+13125550111")], world.ask(Purpose.CHECK), uow.now())[0]
    assert found.verdict is Verdict.BLOCKED
    assert {"role", "line_known"} <= found.unknown
    assert "basis_recorded" in found.reasons


def test_an_old_consent_with_a_clean_look_up_since_its_day_lets_the_text_go(world: World) -> None:
    _reassignment_matters(days_ago=30, since=30)(world)
    assert world.assessed().verdict is Verdict.SENDABLE
    world.change("consent", given_at=world.clock.now() - timedelta(days=31))
    assert world.assessed().reasons == ("reassigned_known",), "the look-up asked about a later day"
    world.add(_not_reassigned(world, days_ago=0, since=40))
    assert world.assessed().verdict is Verdict.SENDABLE
    world.add(_not_reassigned(world, days_ago=0, since=40, verdict=ScrubVerdict.LISTED))
    assert world.assessed().reasons == ("reassigned", "reassigned_known")


def test_a_young_consent_and_an_answer_to_the_person_need_no_look_up_of_reassigned_numbers(world: World) -> None:
    _reassignment_matters()(world)
    world.change("consent", given_at=world.clock.now() - timedelta(days=10))
    assert world.assessed().verdict is Verdict.SENDABLE
    world.change("consent", given_at=world.clock.now() - timedelta(days=11))
    assert world.assessed().reasons == ("reassigned_known",)
    assert world.assessed().unknown == {"reassigned_known"}
    with world.db.begin(world.org) as uow:
        world.heard(uow, timedelta(hours=1))
    assert world.assessed(world.ask(Purpose.MANUAL_REPLY)).verdict is Verdict.SENDABLE


def test_a_pack_that_does_not_say_how_old_is_refused() -> None:
    own = next(pack for pack in shipped() if pack.name == "organization")
    rows = [{k: v for k, v in row.items() if k != "after_days"} for row in own.content["provisions"]]
    content = {**own.content, "provisions": rows}
    packs = (*(pack for pack in shipped() if pack.name != "organization"), Pack("organization", content, "x"))
    with pytest.raises(BadPack, match="after_days"):
        compile_policy(packs, Channel.TEXT, datetime(2026, 12, 2).date())  # noqa: DTZ001 a day


def test_any_provider_that_lists_a_number_is_believed_and_a_newer_word_replaces_its_own(world: World) -> None:
    _by_inquiry(world)
    listed = world.a_scrub(verdict=ScrubVerdict.LISTED, provider="file", as_of=world.clock.now() - timedelta(days=9))
    world.add(listed)
    assert world.assessed().reasons == ("national_dnc",), "the file says so, whatever the other provider says"
    world.add(world.a_scrub(provider="file", as_of=world.clock.now()))
    assert world.assessed().verdict is Verdict.SENDABLE


def test_a_vendors_clean_column_counts_as_a_look_up_of_its_day(world: World) -> None:
    _never_scrubbed(world)
    world.add(world.a_scrub(provider="propstream", as_of=world.clock.now() - timedelta(days=31)))
    assert world.assessed().verdict is Verdict.SENDABLE
    world.clock.advance(timedelta(seconds=1))
    assert world.assessed().reasons == ("scrub_fresh",)


class TestAnswers:
    """A reply by hand passes the same gate; the person's own text stands for a basis, and for nothing else."""

    def test_it_may_go_out_without_a_ledger_entry(self, world: World) -> None:
        world.delete("consent")
        world.delete("scrub_result")
        ask = world.ask(Purpose.MANUAL_REPLY)
        assert "basis_recorded" in world.assessed(ask).reasons
        with world.db.begin(world.org) as uow:
            world.heard(uow, timedelta(hours=1))
        assert world.assessed(ask).reasons == ()
        assert isinstance(world.cleared(ask), Cleared)

    def test_their_text_is_an_inquiry_and_lasts_three_months(self, world: World) -> None:
        world.delete("consent")
        with world.db.begin(world.org) as uow:
            world.heard(uow, 4 * MONTH)
        assert "basis_recorded" in world.assessed(world.ask(Purpose.MANUAL_REPLY)).reasons

    def test_an_answer_is_not_too_much_but_a_second_one_may_be(self, world: World) -> None:
        _often(world)
        with world.db.begin(world.org) as uow:
            world.heard(uow, timedelta(minutes=5))
        assert world.assessed(world.ask(Purpose.MANUAL_REPLY)).reasons == ()
        world.sent(timedelta(minutes=1))
        assert world.assessed(world.ask(Purpose.MANUAL_REPLY)).reasons == ("frequency",)

    @pytest.mark.parametrize(
        "kind",
        [
            SuppressionKind.OPT_OUT,
            SuppressionKind.LEGAL_THREAT,
            SuppressionKind.LITIGATOR,
            SuppressionKind.WRONG_NUMBER,
            SuppressionKind.INTERNAL_DNC,
        ],
    )
    def test_a_no_binds_an_answer_too(self, world: World, kind: SuppressionKind) -> None:
        with world.db.begin(world.org) as uow:
            world.heard(uow, timedelta(hours=1))
        assert world.assessed(world.ask(Purpose.MANUAL_REPLY)).verdict is Verdict.SENDABLE
        world.add(world.a_suppression(kind))
        assert world.assessed(world.ask(Purpose.MANUAL_REPLY)).verdict is Verdict.BLOCKED

    def test_at_night_an_answer_waits_for_the_morning(self, world: World) -> None:
        with world.db.begin(world.org) as uow:
            world.heard(uow, timedelta(hours=1))
        world.clock.set(datetime.fromisoformat("2026-12-03T04:00:00+00:00"))
        assert world.assessed(world.ask(Purpose.MANUAL_REPLY)).verdict is Verdict.LATER
