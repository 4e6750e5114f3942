"""What the gate would have said then is said again later, whatever has changed since."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import errors

from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.compliance.queries import past
from leadflow.compliance.queries.past import kept_since
from leadflow.compliance.rules.state import compared, flat, in_words
from leadflow.compliance.service import Decided, Explanation
from leadflow.compliance.types import Ask, Cleared, Grant, Mark, Refused
from leadflow.identity.types import Principal
from leadflow.kernel.clock import SystemClock
from leadflow.kernel.db import Database, UnitOfWork
from models.base import new_id
from models.properties import Person, PersonPhone, PropertyParty
from models.vocabulary import (
    AnswerSource,
    Basis,
    CampaignState,
    Channel,
    LeadStatus,
    LineType,
    MessageState,
    PartyRole,
    PersonKind,
    PhoneStatus,
    RegistrationState,
    Role,
    RuleOutcome,
    SuppressionKind,
    Verdict,
)
from tests.compliance.world import NUMBER, World
from tests.owning import as_owner


def _ask(world: World, owner: Principal, at: datetime | None = None, ask: Ask | None = None) -> Decided:
    with world.db.begin(world.org) as uow:
        return compliance.decide(uow, owner, NUMBER, ask or world.ask(), at)


def _explain(world: World, owner: Principal, at: datetime | None = None) -> Explanation:
    with world.db.begin(world.org) as uow:
        return compliance.explain(uow, owner, NUMBER, at)


# What may happen to a world


@dataclass(frozen=True)
class Change:
    """Something that changes what the gate reads."""

    name: str
    make: Callable[[World], None]

    def __repr__(self) -> str:
        """Name it in a failing example."""
        return self.name


def _set(table: str, **values: Any) -> Change:
    return Change(f"{table} {values}", lambda world: world.change(table, **values))


def _act(name: str, act: Callable[[World, UnitOfWork], object]) -> Change:
    def make(world: World) -> None:
        with world.db.begin(world.org) as uow:
            act(world, uow)

    return Change(name, make)


def _another_person(world: World) -> None:
    """Let somebody else be reached at the number, who may be the one that counts from now on."""
    person = new_id()
    world.add(Person(org_id=world.org, id=person, person_key=str(person), name="Bo Elm", mailing_state="CA"))
    world.add(PersonPhone(org_id=world.org, person_id=person, phone_id=world.phone, rank=1))
    world.add(PropertyParty(org_id=world.org, property_id=world.home, person_id=person, role=PartyRole.HEIR))


def _link_again(world: World) -> None:
    with world.db.begin(world.org) as uow, uow.cursor() as cursor:
        cursor.execute(
            "insert into person_phone (org_id, person_id, phone_id) values (%s, %s, %s) on conflict do nothing",
            [world.org, world.person, world.phone],
        )


def _text(world: World) -> None:
    """Let a text go out, and be refused by the carrier at times."""
    message = new_id()
    world.add(world.a_message(id=message, campaign_id=None))
    with world.db.begin(world.org) as uow:
        compliance.clear(uow, [world.recipient(message_id=message)], world.ask(), uow.now())
        with uow.cursor() as cursor:
            cursor.execute(
                "update message m set state = 'sent', submitted_at = %s, decision_id = d.id from decision d "
                "where m.org_id = %s and m.id = %s and d.message_id = m.id and d.org_id = m.org_id",
                [uow.now(), world.org, message],
            )


def _budget(cap: int | None, spent: int) -> Change:
    def act(world: World, uow: UnitOfWork) -> None:
        with uow.cursor() as cursor:
            cursor.execute(
                "insert into budget (org_id, subject, subject_id, cap, spent) values (%s, 'campaign', %s, %s, %s) "
                "on conflict (org_id, subject, subject_id, period_start) do update set cap = %s, spent = %s",
                [world.org, world.campaign, cap, spent, cap, spent],
            )

    return _act(f"budget {cap} {spent}", act)


def _pause(*, paused: bool) -> Change:
    action = "sending.paused" if paused else "sending.resumed"

    def act(world: World, uow: UnitOfWork) -> None:
        with uow.cursor() as cursor:
            cursor.execute("update organization set sending_paused = %s where id = %s", [paused, world.org])
        audit.record(uow, None, action, "organization", world.org)

    return _act(action, act)


def _grant(world: World, uow: UnitOfWork) -> None:
    given = Grant(NUMBER, Channel.TEXT, Basis.INQUIRY, "Offers", "Call me.", "call", uow.now() - timedelta(days=3))
    compliance.grant(uow, Principal(user_id=None, org_id=world.org, role=Role.OWNER), given)


CHANGES = (
    *(_set("phone", line_type=kind) for kind in (LineType.MOBILE, LineType.LANDLINE, LineType.UNKNOWN)),
    *(_set("phone", status=one) for one in (PhoneStatus.CORRECT, PhoneStatus.WRONG, PhoneStatus.DEAD)),
    *(_set("lead", status=one) for one in (LeadStatus.DEAD, LeadStatus.INTERESTED)),
    *(_set("person", kind=one) for one in (PersonKind.ESTATE, PersonKind.INDIVIDUAL)),
    *(_set("person", deceased=one) for one in (True, False)),
    *(_set("person", mailing_state=one) for one in ("CA", "IL", None, "XX")),
    *(_set("person", billing_state=one) for one in ("HI", None)),
    *(_set("property", zip5=one, state=state) for one, state in (("60601", "IL"), ("32501", "FL"), (None, None))),
    *(_set("property", decedent_died_on=one) for one in (date(2026, 11, 20), date(2026, 1, 1), None)),
    *(_set("property", probate_filed_on=one) for one in (date(2026, 11, 25), None)),
    *(_set("property_party", surviving_spouse=one) for one in (True, False)),
    *(_set("property_party", role=one) for one in (PartyRole.ATTORNEY, PartyRole.OWNER)),
    *(_set("campaign", state=one) for one in (CampaignState.PAUSED, CampaignState.RUNNING)),
    *(_set("campaign", basis=one) for one in (None, Basis.WRITTEN_CONSENT)),
    *(_set("campaign", window_start=one) for one in ("09:00", "15:00")),
    *(_set("sender_number", registration=one) for one in (RegistrationState.PENDING, RegistrationState.VERIFIED)),
    Change("the number belongs to nobody", lambda world: world.delete("person_phone")),
    Change("the number is Ann's", _link_again),
    Change("a role is taken back", lambda world: world.delete("property_party")),
    Change("somebody else", _another_person),
    Change("a text", _text),
    Change(
        "the carrier refuses",
        lambda world: world.change_where("message", "decision_id is not null", state=MessageState.REJECTED),
    ),
    Change(
        "a text comes back",
        lambda world: world.change_where("message", "decision_id is not null and state = 'sent'", submitted_at=None),
    ),
    _budget(None, 0),
    _budget(10, 0),
    _budget(10, 10),
    _pause(paused=True),
    _pause(paused=False),
    _act("STOP", lambda _, uow: compliance.opt_out(uow, NUMBER, source="inbound", evidence={}, now=uow.now())),
    _act("START", lambda _, uow: compliance.start_again(uow, NUMBER, now=uow.now())),
    _act(
        "litigator", lambda _, uow: compliance.suppress_system(uow, Mark(SuppressionKind.LITIGATOR, "manual", NUMBER))
    ),
    _act("inquiry", _grant),
)
STEPS = st.lists(st.tuples(st.sampled_from(CHANGES), st.integers(1, 900)), min_size=1, max_size=8)
"""What happens, and how many minutes after what was before it."""


def _comparable(facts: Mapping[str, Any]) -> dict[str, Any]:
    """Leave out what is not kept by date: how much of a budget was left."""
    return {name: value for name, value in flat(facts).items() if name != "budget_left"}


def test_what_the_gate_reads_of_a_record_is_what_the_triggers_keep_of_it(db: Database) -> None:
    # Of a link its key is kept as well; of a budget and a text, what tells when to keep an earlier state.
    read = {table: set(re.findall(r" as (\w+)", relation)) for table, relation in past._RECORDS.items()}
    with db.begin() as uow, uow.cursor() as cursor:
        cursor.execute(
            "select c.relname, pg_get_triggerdef(t.oid) from pg_trigger t join pg_class c on c.oid = t.tgrelid"
            " where t.tgname in ('keep_changed', 'keep_deleted')"
        )
        found = cursor.fetchall()
    assert {table for table, _ in found} >= set(read)
    for table, definition in found:
        kept = set(re.findall(r"'([^']*)'", definition)[-1].split(","))
        assert read.get(table, set()) <= kept, (table, definition)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_every_answer_is_given_again_later(
    db: Database, make_org: Callable[[str], UUID], steps: list[tuple[Change, int]]
) -> None:
    org = make_org(f"House {new_id()}")
    world, owner = World(db, org).build(), Principal(user_id=None, org_id=org, role=Role.OWNER)
    answers = [(world.clock.now(), _ask(world, owner), _ask(world, owner, ask=Ask()))]
    for change, minutes in steps:
        world.clock.advance(timedelta(minutes=minutes))
        change.make(world)
        answers.append((world.clock.now(), _ask(world, owner), _ask(world, owner, ask=Ask())))
    world.clock.advance(timedelta(minutes=5))
    for at, for_campaign, alone in answers:
        again = _ask(world, owner, at)
        assert again.decision == for_campaign.decision
        assert _comparable(again.receipt["facts"]) == _comparable(for_campaign.receipt["facts"])
        found = _explain(world, owner, at)
        if found.source is AnswerSource.RECORDS:
            assert found.decision == alone.decision
            assert found.places == alone.places
            assert _comparable(found.facts) == _comparable(alone.receipt["facts"])
        else:
            assert found.receipt is not None
            assert found.decision.verdict is found.receipt.row.verdict


class TestFromTheReceipt:
    """What was really decided is answered by what was written down then."""

    def _refused(self, world: World) -> tuple[Refused, datetime]:
        world.change("lead", status=LeadStatus.DEAD)
        answer = world.cleared()
        assert isinstance(answer, Refused)
        return answer, world.clock.now()

    def test_the_facts_are_those_of_the_receipt_and_what_changed_is_marked(
        self, world: World, owner: Principal
    ) -> None:
        answer, at = self._refused(world)
        world.clock.advance(timedelta(days=30))
        world.change("lead", status=LeadStatus.INTERESTED)
        world.change("person", mailing_state="CA")
        found = _explain(world, owner, at)
        assert found.source is AnswerSource.RECEIPT
        assert found.sentence == "A text was refused at 02 Dec 2026 18:00:00 UTC. The lead is closed."
        assert found.receipt is not None
        assert found.receipt.row.id == answer.decision_id
        assert found.facts == found.receipt.body["facts"]
        assert found.places == (
            ("area_code", "IL", "America/Chicago", "Wed 2026-12-02 12:00:00"),
            ("property", "IL", "America/Chicago", "Wed 2026-12-02 12:00:00"),
            ("mailing", "IL", "America/Chicago", "Wed 2026-12-02 12:00:00"),
        )
        changed = {row.name: (row.then, row.now) for row in found.state if row.changed}
        assert changed["lead_status"] == ("dead", "interested")
        assert changed["mailing_state"] == ("IL", "CA")
        assert "line_type" not in changed
        assert {rule.rule for rule in found.rules if rule.outcome is RuleOutcome.FAIL} == {"lead_open"}

    def test_it_does_not_ask_the_records(self, world: World, owner: Principal) -> None:
        """Even a record that was changed behind the triggers' back changes nothing."""
        _, at = self._refused(world)
        with as_owner(world.db.url) as connection:
            connection.execute("alter table lead disable trigger user")
            connection.execute("update lead set status = 'won' where org_id = %s", [world.org])
            connection.execute("alter table lead enable trigger user")
        world.clock.advance(timedelta(days=1))
        found = _explain(world, owner, at)
        assert (found.decision.reasons, found.facts["lead_status"]) == (("lead_open",), "dead")

    def test_the_windows_that_stood_against_it_are_named(self, world: World, owner: Principal) -> None:
        world.clock.advance(timedelta(hours=10))
        world.cleared()
        at = world.clock.now()
        world.clock.advance(timedelta(days=1))
        found = _explain(world, owner, at)
        assert found.decision.verdict is Verdict.LATER
        assert found.sentence.startswith("A text was held at 03 Dec 2026 04:00:00 UTC until 03 Dec 15:00 UTC.")
        assert any(words.startswith("The federal window in America/Chicago has closed") for words in found.closed)
        assert any(words.startswith("The campaign's own window in America/Chicago") for words in found.closed)

    def test_an_erased_number_is_found_by_whoever_types_it(self, world: World, owner: Principal) -> None:
        answer, at = self._refused(world)
        world.clock.advance(timedelta(days=30))
        with as_owner(world.db.url) as connection:
            connection.execute("update decision set e164 = null where org_id = %s", [world.org])
        world.delete("phone")
        found = _explain(world, owner, at)
        assert found.receipt is not None
        assert found.receipt.row.id == answer.decision_id
        assert found.sentence.endswith("The lead is closed.")
        assert found.facts["line_type"] == LineType.MOBILE
        with as_owner(world.db.url) as connection:
            kept = connection.execute(
                "select state::text from earlier_state where org_id = %s and state is not null", [world.org]
            ).fetchall()
        assert kept
        assert not any(NUMBER[1:] in state or "Ann" in state for (state,) in kept)

    def test_of_the_present_nobody_asks_what_was(self, world: World, owner: Principal) -> None:
        assert isinstance(world.cleared(), Cleared)
        world.add(world.a_suppression(SuppressionKind.LITIGATOR))
        found = _explain(world, owner)
        assert found.source is AnswerSource.RECORDS
        assert found.decision.reasons == ("litigator",)
        assert found.around[0].verdict is Verdict.SENDABLE


class TestFromTheRecords:
    """Where nothing was decided, the records answer as they stood."""

    def test_a_person_is_the_one_that_was_reached_then(self, world: World, owner: Principal) -> None:
        at = world.clock.now()
        world.clock.advance(timedelta(hours=1))
        world.delete("person_phone")
        _another_person(world)
        world.clock.advance(timedelta(hours=1))
        then, now = _explain(world, owner, at), _explain(world, owner)
        assert (then.facts["mailing_state"], now.facts["mailing_state"]) == ("IL", "CA")
        assert (then.facts["roles"], now.facts["roles"]) == (["owner"], ["heir"])

    def test_nothing_is_compared_for_the_present(self, world: World, owner: Principal) -> None:
        assert not any(row.changed for row in _explain(world, owner).state)

    def test_a_change_within_an_instant_is_no_state(self, world: World, owner: Principal) -> None:
        world.change("phone", line_type=LineType.LANDLINE)
        world.change("phone", line_type=LineType.VOIP)
        at = world.clock.now()
        world.clock.advance(timedelta(hours=1))
        world.change("phone", line_type=LineType.MOBILE)
        assert _explain(world, owner, at).facts["line_type"] == LineType.VOIP


class TestBeforeItWasKept:
    """A time of which nothing is kept is told as that."""

    def _already_there(self, world: World) -> datetime:
        """Make the organisation one that was there before its records were kept by date."""
        since = world.clock.now()
        with as_owner(world.db.url) as connection:
            connection.execute(
                "insert into earlier_state (org_id, source, subject_id, key, made_at, valid_to)"
                " values (%s, 'organization', %s, '', '-infinity', %s)",
                [world.org, world.org, since],
            )
        world.clock.advance(timedelta(days=1))
        return since

    def test_the_sentence_and_each_rule_say_so(self, world: World, owner: Principal) -> None:
        since = self._already_there(world)
        found = _explain(world, owner, since - timedelta(hours=1))
        assert (found.source, found.kept_since) == (AnswerSource.UNKNOWN, since)
        assert found.sentence == (
            "Nothing was decided for it at this instant. Records are kept by date since 02 Dec 2026 18:00 UTC: "
            "what they said before, and so whether a text could have gone out, is not known."
        )
        outcomes = {rule.rule: rule.outcome for rule in found.rules}
        assert {outcomes[name] for name in ("role", "lead_open", "deceased", "line_known")} == {RuleOutcome.UNKNOWN}
        assert outcomes["opted_out"] is RuleOutcome.PASS
        assert [source for source, _, _, _ in found.places] == ["area_code"], "the number alone is known"
        assert not any(row.changed for row in found.state)

    def test_what_was_dated_always_is_still_told(self, world: World, owner: Principal) -> None:
        row = world.a_suppression(SuppressionKind.OPT_OUT)
        row.at = world.clock.now() - timedelta(days=2)
        world.add(row)
        since = self._already_there(world)
        found = _explain(world, owner, since - timedelta(hours=1))
        assert found.sentence.endswith("but this stood against a text. The person has opted out.")
        assert "opted_out" not in found.decision.unknown

    def test_an_instant_before_the_organisation_is_not_known(self, world: World, owner: Principal) -> None:
        found = _explain(world, owner, world.clock.now() - timedelta(days=1))
        assert found.source is AnswerSource.UNKNOWN

    def test_a_campaigns_rules_are_unknown_too(self, world: World, owner: Principal) -> None:
        since = self._already_there(world)
        found = _ask(world, owner, since - timedelta(hours=1))
        assert {"campaign_active", "sender_registered", "role"} <= found.decision.unknown
        assert found.decision.verdict is Verdict.BLOCKED


class TestKeeping:
    """How earlier states are written."""

    def test_the_application_may_read_what_was_and_not_write_it(self, world: World) -> None:
        world.clock.advance(timedelta(hours=1))
        world.change("phone", line_type=LineType.LANDLINE)
        for statement in (
            "delete from earlier_state",
            "update earlier_state set valid_to = now()",
            "insert into earlier_state select * from earlier_state",
        ):
            with pytest.raises(errors.InsufficientPrivilege), world.db.begin(world.org) as uow, uow.cursor() as cursor:
                cursor.execute(statement.encode())

    def test_nobody_changes_what_was(self, world: World) -> None:
        world.clock.advance(timedelta(hours=1))
        world.change("phone", line_type=LineType.LANDLINE)
        with as_owner(world.db.url) as connection, pytest.raises(errors.RestrictViolation):
            connection.execute("delete from earlier_state where org_id = %s", [world.org])

    def test_an_update_that_changes_nothing_that_is_read_keeps_nothing(self, world: World) -> None:
        world.clock.advance(timedelta(hours=1))
        world.change("person", name="Ann Oak-Elm", mailing_state="IL")
        world.change("phone", score=7)
        world.change("campaign", per_minute=7)
        assert self._kept(world) == []

    def test_states_follow_each_other_without_a_gap(self, world: World) -> None:
        began = world.clock.now()
        for kind in (LineType.LANDLINE, LineType.VOIP, LineType.MOBILE):
            world.clock.advance(timedelta(hours=1))
            world.change("phone", line_type=kind)
        kept = self._kept(world)
        assert [state["line_type"] for state, _, _ in kept] == ["mobile", "landline", "voip"]
        assert [until - began for _, _, until in kept] == [timedelta(hours=n + 1) for n in range(3)]
        assert {made for _, made, _ in kept} == {began}

    def test_a_shifted_clock_dates_them(self, world: World) -> None:
        shift = timedelta(days=400)
        later = Database(world.db.url, clock=SystemClock(shift), pool_size=1)
        try:
            before = later.clock.now()
            with later.begin(world.org) as uow, uow.cursor() as cursor:
                cursor.execute("update phone set line_type = 'landline' where org_id = %s", [world.org])
            after = later.clock.now()
        finally:
            later.dispose()
        [(_, _, until)] = self._kept(world)
        assert before - timedelta(seconds=5) <= until <= after + timedelta(seconds=5)

    def test_an_organisation_is_kept_since_it_was_made(self, world: World) -> None:
        began = world.clock.now()
        world.clock.advance(timedelta(days=3))
        with world.db.begin(world.org) as uow:
            assert kept_since(uow) == began

    def _kept(self, world: World) -> list[tuple[dict[str, Any], datetime, datetime]]:
        with world.db.begin(world.org) as uow, uow.cursor() as cursor:
            cursor.execute("select state, made_at, valid_to from earlier_state order by valid_to, id")
            return cursor.fetchall()


class TestWords:
    """How facts are told to people."""

    @pytest.mark.parametrize(
        ("name", "value", "words"),
        [
            ("roles", ["personal_representative", "owner"], "personal representative, owner"),
            ("opted_out_at", "2026-12-02T17:00:00+00:00", "02 Dec 2026 17:00:00 UTC"),
            ("places", ["IL America/Chicago"], "IL America/Chicago"),
            ("person_known", True, "yes"),
            ("consents", ["a", "b"], "2"),
            ("zip5", None, ""),
            ("line_type", "mobile", "mobile"),
        ],
    )
    def test_a_fact_in_words(self, name: str, value: object, words: str) -> None:
        assert in_words(name, value) == words

    def test_order_is_no_change_and_what_is_of_one_text_is_not_compared(self) -> None:
        then = {"sending": {"budget_left": 5}, "roles": ["owner", "heir"], "send_before": "x"}
        rows = compared(then, {"roles": ["heir", "owner"], "sending": {}, "zip5": "60601"})
        assert {row.name: row.changed for row in rows} == {"roles": False, "zip5": True, "budget_left": False}


def test_the_document_of_an_answer_is_plain_json(world: World, owner: Principal) -> None:
    world.cleared()
    at = world.clock.now()
    world.clock.advance(timedelta(days=1))
    document = orjson.loads(orjson.dumps(_explain(world, owner, at).as_json(), default=str))
    assert document["answered_from"] == "receipt"
    assert document["receipt"]["verdict"] == "sendable"
    assert len(document["receipt_digest"]) == 64
    assert document["sealed"] is False
    assert document["changed_since"] == [row["name"] for row in document["state"] if row["changed"]]
