"""A first text by hand: where a campaign's text might go, and nowhere else."""

from __future__ import annotations

import threading
from uuid import UUID

import pytest

from leadflow.compliance import service as compliance
from leadflow.compliance.types import Ask, Recipient
from leadflow.identity.types import Principal
from leadflow.inbox import service as inbox
from leadflow.inbox.errors import WithColleague
from leadflow.inbox.types import Begun, Closed, Folder
from leadflow.kernel.errors import Invalid
from leadflow.leads import service as leads
from leadflow.leads.errors import Claimed, NoSuchLead
from leadflow.messaging.service import batching
from models.vocabulary import Channel, Purpose, Role, Verdict
from tests.asgi import Api
from tests.inbox.test_inbox import do, http, talk
from tests.inbox.test_working import member
from tests.messaging.calls import Calls
from tests.messaging.world import Somebody, World

__all__ = ["http"]


@pytest.fixture
def manager(world: World) -> Principal:
    """Act as a manager."""
    return member(world, Role.MANAGER)


def somebody(world: World) -> Somebody:
    """Add somebody with written consent and clean look-ups, whose lead stands in the list."""
    (one,) = world.add_people(1)
    listed(world, one)
    return one


def listed(world: World, one: Somebody) -> None:
    with world.db.begin(world.org) as uow:
        leads.refresh_search(uow, [one.lead])


def begun(world: World, who: Principal, one: Somebody) -> UUID:
    found = do(world, inbox.begin, who, one.lead, one.e164)
    assert isinstance(found, Begun)
    return found.conversation_id


def test_a_first_text_is_begun_sent_through_the_gate_and_becomes_an_answer_when_they_write(
    world: World, calls: Calls, manager: Principal
):
    one = somebody(world)
    conversation = begun(world, manager, one)
    assert do(world, inbox.inbox, manager).counts[Folder.ALL] == 0, "nothing was written yet"
    assert do(world, inbox.inbox, manager).rows == ()
    assert do(world, inbox.window, manager, conversation).decision.verdict is Verdict.SENDABLE
    do(world, inbox.reply, manager, conversation, "Hello, this is Cedar Homes. Reply STOP to end.")
    assert world.rows("select purpose, sender_number_id from message") == [("first_text", world.sender)]
    assert world.one("select claimed_by from lead where id = %s", one.lead) == manager.user_id
    assert [row.id for row in do(world, inbox.inbox, manager).rows] == [conversation]
    assert len(batching.take(world.db, world.org, world.sender).submissions) == 1
    assert world.one("select purpose from decision") == "first_text"
    assert begun(world, manager, one) == conversation
    calls.text(one.e164, "How much?")
    do(world, inbox.reply, manager, conversation, "May I call?")
    assert world.one("select purpose from message order by created_at desc, id desc limit 1") == "manual_reply"


def test_without_a_basis_nothing_is_begun(world: World, manager: Principal):
    one = somebody(world)
    world.do("delete from consent")
    found = do(world, inbox.begin, manager, one.lead, one.e164)
    assert isinstance(found, Closed)
    assert len(found.sentences) == len(found.reasons) > 0
    assert world.one("select count(*) from conversation") == 0


@pytest.mark.parametrize("role", ["attorney", "decedent"])
def test_whom_no_campaign_reaches_no_first_text_reaches(world: World, manager: Principal, role: str):
    one = somebody(world)
    world.do("update property_party set role = %s", role)
    found = do(world, inbox.begin, manager, one.lead, one.e164)
    assert isinstance(found, Closed)
    with world.db.begin(world.org) as uow:
        recipient = Recipient(one.lead, one.property, one.person, one.phone, one.e164)
        asks = [Ask(purpose, Channel.TEXT, sender_number_id=world.sender) for purpose in (Purpose.CHECK, *_BY_HAND)]
        check, first, answer = (compliance.assess(uow, [recipient], ask, uow.now())[0] for ask in asks)
    assert set(check.reasons) <= set(first.reasons) == set(found.reasons)
    assert set(answer.reasons) < set(first.reasons), "an answer leans on what they wrote; a first text on nothing"


_BY_HAND = (Purpose.FIRST_TEXT, Purpose.MANUAL_REPLY)


def test_a_conversation_that_there_is_opens_and_a_colleagues_is_refused(world: World, calls: Calls, manager: Principal):
    one, conversation = talk(world, calls, "STOP")
    listed(world, one)
    assert begun(world, manager, one) == conversation, "its composer says that it is closed"
    agent = member(world, Role.AGENT)
    other = somebody(world)
    with pytest.raises(NoSuchLead):
        do(world, inbox.begin, agent, one.lead, one.e164)
    world.do("update lead set assignee_id = %s where id = %s", agent.user_id, other.lead)
    world.do("update conversation set e164 = %s", int(other.e164[1:]))
    listed(world, other)
    with pytest.raises(WithColleague):
        do(world, inbox.begin, agent, other.lead, other.e164)


def test_only_a_number_of_the_lead_that_nobody_else_works_on(world: World, manager: Principal):
    one, other = somebody(world), somebody(world)
    with pytest.raises(Invalid):
        do(world, inbox.begin, manager, one.lead, other.e164)
    do(world, leads.claim, member(world, Role.MANAGER), one.lead)
    with pytest.raises(Claimed):
        do(world, inbox.begin, manager, one.lead, one.e164)


def test_two_who_begin_at_once_are_given_one_conversation(world: World):
    one = somebody(world)
    people, ready, found = [member(world, Role.MANAGER) for _ in range(2)], threading.Barrier(2), list[UUID]()

    def start(who: Principal) -> None:
        ready.wait()
        found.append(begun(world, who, one))

    threads = [threading.Thread(target=start, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 2
    assert len(set(found)) == world.one("select count(*) from conversation") == 1


def test_over_http_a_conversation_is_begun_or_refused_in_sentences(world: World, http: Api):
    one, other = somebody(world), somebody(world)
    world.do("delete from consent where e164 = %s", int(other.e164[1:]))
    made = http.post("/api/v1/conversations", json={"lead_id": str(one.lead), "number": one.e164})
    assert made.status_code == 201
    assert http.get(f"/api/v1/conversations/{made.json()['id']}").json()["texts"] == []
    refused = http.post("/api/v1/conversations", json={"lead_id": str(other.lead), "number": other.e164})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "refused")
    assert len(refused.json()["error"]["sentences"]) == len(refused.json()["error"]["reasons"])
