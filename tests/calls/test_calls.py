"""Placing a call through the gate, and what its outcome leads to."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from leadflow.api.app import create_app
from leadflow.calls import service as calls_
from leadflow.calls.errors import NoInstant
from leadflow.calls.rules import lead_moves_to
from leadflow.calls.types import CallInput, Denied, Placed, SettleInput
from leadflow.compliance import service as compliance
from leadflow.compliance.types import Ask, Recipient, Scrub
from leadflow.identity.rules import may
from leadflow.identity.types import Principal
from leadflow.inbox import service as inbox
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.kernel.errors import NotFound
from leadflow.leads import service as leads
from leadflow.messaging.service import batching
from leadflow.settings import Settings
from models.base import new_id
from models.vocabulary import (
    CallOutcome,
    Channel,
    LeadStatus,
    Permission,
    Role,
    ScrubList,
    ScrubVerdict,
)
from tests.asgi import Api
from tests.factories.identity import a_member
from tests.inbox.test_inbox import talk
from tests.messaging.calls import Calls
from tests.messaging.world import Somebody, World


def do(world: World, use: Callable[..., object], *given: object) -> Any:
    """Call a use case in a transaction of its own."""
    with world.db.begin(world.org) as uow:
        return use(uow, *given)


def member(world: World, role: Role) -> Principal:
    """Add a member of the team."""
    with world.db.begin(world.org) as uow:
        return a_member(uow, role)


@pytest.fixture
def manager(world: World) -> Principal:
    """Act as a manager."""
    return member(world, Role.MANAGER)


def somebody(world: World, verdict: ScrubVerdict | None = ScrubVerdict.CLEAN) -> Somebody:
    """Add a person whose number was looked up."""
    (person,) = world.add_people(1)
    with world.db.begin(world.org) as uow:
        leads.refresh_search(uow, [person.lead])
        if verdict is not None:
            found = Scrub(person.e164, ScrubList.NATIONAL_DNC, verdict, "dncscrub", uow.now())
            compliance.record_scrub(uow, found)
    return person


def place(world: World, actor: Principal, person: Somebody) -> Placed | Denied:
    """Ask to call a person."""
    return do(world, calls_.place, actor, CallInput(number=person.e164, lead_id=person.lead))


def placed(world: World, actor: Principal, person: Somebody) -> Placed:
    """Call a person who may be called."""
    found = place(world, actor, person)
    assert isinstance(found, Placed), found
    return found


# The gate


def test_a_call_is_written_under_its_decision_and_tells_what_to_dial(world: World, manager: Principal):
    person = somebody(world)
    found = placed(world, manager, person)
    assert (found.e164, found.tel) == (person.e164, f"tel:{person.e164}")
    rows = world.rows(
        "select k.id, k.person_id, k.lead_id, k.actor_id, d.channel, d.purpose, d.verdict, d.actor_id"
        " from phone_call k join decision d on d.org_id = k.org_id and d.id = k.decision_id"
    )
    assert rows == [
        (found.id, person.person, person.lead, manager.user_id, "call", "call", "sendable", manager.user_id)
    ]
    assert world.one("select count(*) from activity where kind = 'call'") == 1
    assert world.one("select last_touch_at from lead where id = %s", person.lead) == world.now()


def test_the_database_takes_no_call_without_a_decision(world: World):
    with pytest.raises(Exception, match="decision_id"):
        world.do("insert into phone_call (org_id, at, e164) values (%s, now(), 1)", world.org)


@pytest.mark.parametrize(
    ("verdict", "reason"),
    [(None, "scrub_known"), (ScrubVerdict.LISTED, "national_dnc"), (ScrubVerdict.NO_DATA, "scrub_known")],
)
def test_a_number_that_is_listed_or_was_never_looked_up_is_not_called(
    world: World, manager: Principal, verdict: ScrubVerdict | None, reason: str
):
    """The consent of the world is for texts; it waives no registry for calls."""
    found = place(world, manager, somebody(world, verdict))
    assert isinstance(found, Denied)
    assert found.reasons[0] == reason
    assert world.one("select count(*) from phone_call") == 0
    assert world.rows("select verdict, channel from decision") == [("blocked", "call")]
    assert world.one("select summary from activity where kind = 'blocked'").startswith("Not called:")


def test_a_call_needs_no_consent_no_registered_number_and_no_mobile_line(world: World, manager: Principal):
    person = somebody(world)
    world.do("delete from consent")
    world.do("update phone set line_type = 'landline'")
    world.do("update sender_number set registration = 'pending'")
    placed(world, manager, person)


def test_who_has_opted_out_is_not_called_either(world: World, manager: Principal, calls: Calls):
    person, _ = talk(world, calls, "STOP")
    with world.db.begin(world.org) as uow:
        leads.refresh_search(uow, [person.lead])
    found = place(world, manager, person)
    assert isinstance(found, Denied)
    assert "opted_out" in found.reasons


def test_a_call_at_night_says_from_when_on(world: World, manager: Principal, clock: FrozenClock):
    person = somebody(world)
    clock.advance(timedelta(hours=10))
    found = place(world, manager, person)
    assert isinstance(found, Denied)
    assert found.later_at is not None
    assert found.later_at > world.now()


def test_calls_and_texts_count_together_in_the_caps(world: World, manager: Principal, clock: FrozenClock):
    person = somebody(world)
    for _ in range(3):
        placed(world, manager, person)
        clock.advance(timedelta(minutes=5))
    fourth = place(world, manager, person)
    assert isinstance(fourth, Denied)
    assert fourth.reasons == ("frequency",)
    world.queue(people=[person])
    assert not batching.take(world.db, world.org, world.sender).submissions
    assert world.one("select reasons from message") == ["frequency"]


def test_a_call_counts_for_everybody_who_is_reached_at_the_number_and_as_of_then(
    world: World, manager: Principal, clock: FrozenClock
):
    person = somebody(world)
    before = world.now()
    for _ in range(3):
        clock.advance(timedelta(minutes=1))
        placed(world, manager, person)
    clock.advance(timedelta(minutes=1))
    ask = Ask(channel=Channel.TEXT)
    whom = Recipient(e164=person.e164, phone_id=person.phone)
    (now_,) = do(world, compliance.assess, [whom], ask, world.now())
    assert "frequency" in now_.reasons
    then = do(world, compliance.decide, manager, person.e164, Ask(channel=Channel.TEXT), before)
    assert "frequency" not in then.decision.reasons


def test_who_writes_to_us_may_be_called_back_without_a_look_up(world: World, manager: Principal, calls: Calls):
    person, _ = talk(world, calls, "Call me please")
    with world.db.begin(world.org) as uow:
        leads.refresh_search(uow, [person.lead])
    placed(world, manager, person)


# Whose


def test_an_agent_calls_the_people_of_his_leads_only(world: World, another_world: World):
    mine, other = somebody(world), somebody(world)
    agent = member(world, Role.AGENT)
    world.do("update lead set assignee_id = %s where id = %s", agent.user_id, mine.lead)
    with world.db.begin(world.org) as uow:
        leads.refresh_search(uow, [mine.lead])
    call = placed(world, agent, mine)
    for given in (CallInput(number=other.e164, lead_id=other.lead), CallInput(number=other.e164)):
        with pytest.raises(NotFound):
            do(world, calls_.place, agent, given)
    stranger = member(another_world, Role.OWNER)
    with pytest.raises(NotFound):
        do(another_world, calls_.settle, stranger, call.id, SettleInput(outcome=CallOutcome.TALKED))
    assert do(world, calls_.listing, agent).count == 1
    assert do(another_world, calls_.listing, stranger).rows == ()


def test_a_conversation_that_was_given_to_an_agent_may_be_called(world: World, manager: Principal, calls: Calls):
    person, conversation = talk(world, calls, "Call me please")
    agent = member(world, Role.AGENT)
    do(world, inbox.assign, manager, conversation, agent.user_id)
    found = do(world, calls_.place, agent, CallInput(number=person.e164))
    assert isinstance(found, Placed)


# What came of it


@pytest.mark.parametrize(
    ("outcome", "phone", "lead", "suppressed"),
    [
        (CallOutcome.NO_ANSWER, "unverified", "attempted", set()),
        (CallOutcome.VOICEMAIL, "unverified", "attempted", set()),
        (CallOutcome.TALKED, "correct", "contacted", set()),
        (CallOutcome.CALL_BACK, "correct", "contacted", set()),
        (CallOutcome.WRONG_NUMBER, "wrong", "new", {"wrong_number"}),
        (CallOutcome.DEAD_NUMBER, "dead", "new", set()),
        (CallOutcome.DO_NOT_CALL, "unverified", "new", {"internal_dnc"}),
    ],
)
def test_an_outcome_feeds_the_number_the_lead_and_the_suppressions(
    world: World, manager: Principal, outcome: CallOutcome, phone: str, lead: str, suppressed: set[str]
):
    person = somebody(world)
    call = placed(world, manager, person)
    given = SettleInput(outcome=outcome, note="Ask for Ann", call_back_at=world.now() + timedelta(days=1))
    do(world, calls_.settle, manager, call.id, given)
    assert world.one("select status from phone where id = %s", person.phone) == phone
    assert world.one("select status from lead where id = %s", person.lead) == lead
    assert {row[0] for row in world.rows("select kind from suppression")} == suppressed
    (row,) = do(world, calls_.listing, manager, person.lead).rows
    with world.db.begin(world.org) as uow:
        of = {one: calls_.listing(uow, manager, outcome=one).count for one in CallOutcome}
    assert of == {one: int(one is row.outcome) for one in CallOutcome}
    assert (row.outcome, row.note, row.by) == (outcome, "Ask for Ann", manager.name)
    assert world.one("select count(*)::int from activity where kind = 'call'") == 2


@pytest.mark.parametrize("status", LeadStatus)
def test_no_call_moves_a_lead_back_in_its_sale(status: LeadStatus):
    order = list(LeadStatus)
    for outcome in CallOutcome:
        moved = lead_moves_to(outcome, status)
        assert moved is None or order.index(moved) > order.index(status)


def test_a_promised_call_back_is_a_task_and_comes_up_when_its_time_has_come(
    world: World, manager: Principal, clock: FrozenClock
):
    call = placed(world, manager, somebody(world))
    at = world.now() + timedelta(hours=3)
    for wrong in (None, world.now()):
        with pytest.raises(NoInstant):
            do(world, calls_.settle, manager, call.id, SettleInput(outcome=CallOutcome.CALL_BACK, call_back_at=wrong))
    do(world, calls_.settle, manager, call.id, SettleInput(outcome=CallOutcome.CALL_BACK, call_back_at=at))
    assert do(world, calls_.call_backs, manager) == ()
    clock.advance(timedelta(hours=3))
    (due,) = do(world, calls_.call_backs, manager)
    assert (due.call_id, due.due_at) == (call.id, at)
    do(world, leads.finish_task, manager, due.task_id)
    assert do(world, calls_.call_backs, manager) == ()


def test_another_outcome_opens_nothing_that_the_first_has_closed(world: World, manager: Principal):
    person = somebody(world)
    call = placed(world, manager, person)
    do(world, calls_.settle, manager, call.id, SettleInput(outcome=CallOutcome.DO_NOT_CALL))
    do(world, calls_.settle, manager, call.id, SettleInput(outcome=CallOutcome.TALKED))
    assert world.one("select count(*) from suppression where released_at is null") > 0
    assert isinstance(place(world, manager, person), Denied)


# Over HTTP


def test_a_refusal_over_http_is_a_409_that_stays_on_record(
    world: World, db: Database, settings: Settings, manager: Principal, token_of: Callable[[Principal], str]
):
    http = Api(create_app(db, settings), Authorization=f"Bearer {token_of(manager)}")
    listed, clean = somebody(world, ScrubVerdict.LISTED), somebody(world)
    refused = http.post("/api/v1/calls", json={"number": listed.e164, "lead_id": str(listed.lead)})
    assert refused.status_code == 409
    error = refused.json()["error"]
    assert (error["code"], error["reasons"][0]) == ("refused", "national_dnc")
    assert world.one("select count(*) from decision where id = %s", error["decision_id"]) == 1
    made = http.post("/api/v1/calls", json={"number": clean.e164, "lead_id": str(clean.lead)})
    assert made.status_code == 201
    address = f"/api/v1/calls/{made.json()['id']}/outcome"
    assert http.post(address, json={"outcome": "talked"}).status_code == 204
    page = http.get(f"/api/v1/calls?lead_id={clean.lead}").json()
    assert (page["count"], page["rows"][0]["outcome"]) == (1, "talked")
    assert http.post(f"/api/v1/calls/{new_id()}/outcome", json={"outcome": "talked"}).status_code == 404


def test_an_auditor_reads_the_log_with_masked_numbers_and_calls_nobody(world: World, manager: Principal):
    placed(world, manager, somebody(world))
    auditor = member(world, Role.AUDITOR)
    (row,) = do(world, calls_.listing, auditor).rows
    assert "*" in row.e164
    assert not may(auditor, Permission.CALL_PLACE)


def test_an_erased_person_leaves_neither_number_nor_note_in_the_log(world: World, manager: Principal):
    person = somebody(world)
    call = placed(world, manager, person)
    do(world, calls_.settle, manager, call.id, SettleInput(outcome=CallOutcome.TALKED, note="Ann wants 250k"))
    from leadflow.retention.queries import erasing, subjects  # noqa: PLC0415 the statements themselves

    with world.db.begin(world.org) as uow:
        subject = subjects.read(uow, person.person)
        assert subject is not None
        erasing.erase(uow, subject, "nothing at all", uow.now())
    ((number, note),) = world.rows("select e164, note from phone_call")
    assert (number == int(person.e164), note) == (False, "")
    assert not world.rows("select 1 from activity where summary like '%%250k%%'")
