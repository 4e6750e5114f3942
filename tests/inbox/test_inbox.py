"""What people see of conversations and do with them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from leadflow.api.app import create_app
from leadflow.identity.types import Principal
from leadflow.inbox import service as inbox
from leadflow.inbox.errors import ConversationLocked
from leadflow.inbox.types import ConversationOutcome, Folder
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Forbidden, Invalid, NotFound, Refused
from leadflow.messaging.service import answers, batching
from leadflow.messaging.types import Accepted, Result
from leadflow.settings import Settings
from models.base import new_id
from models.vocabulary import ReplyLabel, Role, Verdict
from tests.asgi import Api
from tests.factories.identity import a_member
from tests.messaging.calls import Calls
from tests.messaging.world import Somebody, World

Act = Callable[..., object]


@pytest.fixture
def manager(world: World) -> Principal:
    """Act as a manager."""
    with world.db.begin(world.org) as uow:
        return a_member(uow, Role.MANAGER)


def talk(world: World, calls: Calls, body: str = "How much would you pay?") -> tuple[Somebody, UUID]:
    """Let somebody whom we texted answer."""
    (person,) = world.add_people(1)
    world.queue(people=[person])
    for one in batching.take(world.db, world.org, world.sender).submissions:
        sid = f"SM{one.held.id.hex}"
        answers.record(world.db, world.org, [Result(one, Accepted(sid, 1))])
    calls.text(person.e164, body)
    return person, world.one("select id from conversation where e164 = %s", int(person.e164))


def do(world: World, use: Act, actor: Principal, *given: object) -> Any:
    """Call a use case in a transaction of its own."""
    with world.db.begin(world.org) as uow:
        return use(uow, actor, *given)


def test_the_inbox_lists_newest_first_with_the_size_of_every_folder(
    world: World, calls: Calls, manager: Principal, clock: FrozenClock
):
    first, _ = talk(world, calls)
    clock.advance(timedelta(minutes=1))
    second, _ = talk(world, calls, "STOP")
    found = do(world, inbox.inbox, manager)
    assert [row.e164 for row in found.rows] == [second.e164, first.e164]
    assert found.counts[Folder.ALL] == found.counts[Folder.UNREAD] == 2
    assert found.counts[Folder.OPT_OUTS] == 1
    (row,) = do(world, inbox.inbox, manager, Folder.OPT_OUTS).rows
    assert row.suppressed
    assert (row.snippet, row.person_id, row.lead_id) == ("STOP", second.person, second.lead)


def test_pages_follow_one_another_without_a_gap(world: World, calls: Calls, manager: Principal, clock: FrozenClock):
    for _ in range(5):
        clock.advance(timedelta(seconds=1))
        talk(world, calls)
    seen, after = [], None
    for _ in range(3):
        page = do(world, inbox.inbox, manager, Folder.ALL, after, 2)
        seen += [row.id for row in page.rows]
        after = page.after
    assert after is None
    assert len(set(seen)) == len(seen) == 5


def test_words_and_digits_find_a_conversation(world: World, calls: Calls, manager: Principal):
    person, _ = talk(world, calls, "100% sure, call me")
    talk(world, calls, "Not for sale")

    def found(words: str) -> list[str]:
        return [row.e164 for row in do(world, inbox.inbox, manager, Folder.ALL, None, 50, words).rows]

    assert found("100%") == [person.e164]
    assert found(person.e164[-7:]) == [person.e164]
    assert found("%_%") == []


def test_a_thread_holds_both_sides_in_order(world: World, calls: Calls, manager: Principal):
    _, conversation = talk(world, calls)
    thread = do(world, inbox.thread, manager, conversation)
    assert [(one.direction, one.body) for one in thread.bubbles] == [
        ("out", "Hello, is the house still yours?"),
        ("in", "How much would you pay?"),
    ]


def test_reading_takes_the_mark_away(world: World, calls: Calls, manager: Principal):
    _, conversation = talk(world, calls)
    do(world, inbox.mark_read, manager, conversation)
    assert do(world, inbox.inbox, manager).counts[Folder.UNREAD] == 0


def test_an_answer_is_queued_and_leaves_through_the_gate(world: World, calls: Calls, manager: Principal):
    person, conversation = talk(world, calls)
    message_id = do(world, inbox.reply, manager, conversation, "  Let us talk tomorrow.  ")
    batch = batching.take(world.db, world.org, world.sender)
    assert [(one.held.id, one.held.body, one.held.e164) for one in batch.submissions] == [
        (message_id, "Let us talk tomorrow.", person.e164)
    ]
    assert world.one("select actor_id from decision where message_id = %s", message_id) == manager.user_id


def test_an_answer_at_night_waits_for_the_morning(world: World, calls: Calls, manager: Principal, clock: FrozenClock):
    clock.advance(timedelta(hours=1))
    _, conversation = talk(world, calls)
    clock.advance(timedelta(hours=10))
    decision = do(world, inbox.window, manager, conversation).decision
    assert decision.verdict is Verdict.LATER
    message_id = do(world, inbox.reply, manager, conversation, "Good evening")
    assert world.one("select not_before from message where id = %s", message_id) == decision.later_at
    assert not batching.take(world.db, world.org, world.sender).submissions


def test_nobody_answers_who_has_opted_out(world: World, calls: Calls, manager: Principal):
    _, conversation = talk(world, calls, "please stop texting me")
    with pytest.raises(Refused) as refused:
        do(world, inbox.reply, manager, conversation, "But why?")
    assert refused.value.reasons[0] == "opted_out"
    assert world.one("select count(*) from message where purpose = 'manual_reply'") == 0


@pytest.mark.parametrize("body", ["", "   ", "a" * 1601])
def test_an_answer_needs_words(world: World, calls: Calls, manager: Principal, body: str):
    _, conversation = talk(world, calls)
    with pytest.raises(Invalid):
        do(world, inbox.reply, manager, conversation, body)


def test_a_strangers_threat_waits_first_until_somebody_who_may_has_dealt_with_it(
    world: World, calls: Calls, manager: Principal
):
    _, threat = talk(world, calls, "I will sue you. My attorney has your messages.")
    _, other = talk(world, calls, "Maybe. Who is this?")
    world.do("update conversation set lead_id = null, last_at = last_at + interval '1 hour' where id = %s", threat)
    with world.db.begin(world.org) as uow:
        inbox.mark_read(uow, manager, threat)
    assert [one.id for one in do(world, inbox.waiting, manager)] == [threat, other]
    do(world, inbox.settle, manager, threat, ConversationOutcome.REVIEWED)
    assert [one.id for one in do(world, inbox.waiting, manager)] == [other]


def test_a_locked_conversation_is_opened_by_a_manager_only(world: World, calls: Calls, manager: Principal):
    _, conversation = talk(world, calls, "I will sue you. My attorney has your messages.")
    with world.db.begin(world.org) as uow:
        agent = a_member(uow, Role.AGENT)
    world.do("update lead set assignee_id = %s", agent.user_id)
    for who in (manager, agent):
        with pytest.raises(ConversationLocked):
            do(world, inbox.reply, who, conversation, "Sorry")
    with pytest.raises(Forbidden):
        do(world, inbox.settle, agent, conversation, ConversationOutcome.REVIEWED)
    do(world, inbox.settle, manager, conversation, ConversationOutcome.REVIEWED)
    assert world.one("select locked from conversation") is False
    with pytest.raises(Refused):
        do(world, inbox.reply, manager, conversation, "Sorry")


@pytest.mark.parametrize(
    ("result", "question", "answer"),
    [
        (ConversationOutcome.INTERESTED, "select status from lead", "interested"),
        (ConversationOutcome.NOT_INTERESTED, "select count(*)::text from suppression", "0"),
        (ConversationOutcome.WRONG_NUMBER, "select status from phone", "wrong"),
        (ConversationOutcome.DNC, "select min(kind) from suppression", "internal_dnc"),
    ],
)
def test_an_outcome_has_what_follows_from_it(
    world: World, calls: Calls, manager: Principal, result: ConversationOutcome, question: str, answer: str
):
    _, conversation = talk(world, calls)
    do(world, inbox.settle, manager, conversation, result, "Asked us to stop")
    assert world.one(question) == answer
    assert world.one("select outcome from conversation") == result.value


def test_an_agent_sees_conversations_of_his_leads_only(world: World, calls: Calls):
    mine, _ = talk(world, calls)
    _, other = talk(world, calls)
    with world.db.begin(world.org) as uow:
        agent = a_member(uow, Role.AGENT)
    world.do("update lead set assignee_id = %s where id = %s", agent.user_id, mine.lead)
    found = do(world, inbox.inbox, agent)
    assert [row.lead_id for row in found.rows] == [mine.lead]
    assert found.counts[Folder.ALL] == 1
    acts: list[tuple[Act, tuple[object, ...]]] = [
        (inbox.thread, ()),
        (inbox.window, ()),
        (inbox.mark_read, ()),
        (inbox.reply, ("Hello",)),
        (inbox.settle, (ConversationOutcome.DNC, "No")),
        (inbox.snooze, (None,)),
        (inbox.assign, (None,)),
        (inbox.relabel, (ReplyLabel.NEUTRAL,)),
        (inbox.undo, ()),
        (inbox.arrive, ()),
        (inbox.others, ()),
        (inbox.ready, ()),
    ]
    for use, rest in acts:
        with pytest.raises(NotFound):
            do(world, use, agent, other, *rest)


def test_another_organisation_sees_nothing(world: World, another_world: World, calls: Calls):
    _, conversation = talk(world, calls)
    with another_world.db.begin(another_world.org) as uow:
        stranger = a_member(uow, Role.OWNER)
    assert do(another_world, inbox.inbox, stranger).rows == ()
    with pytest.raises(NotFound):
        do(another_world, inbox.thread, stranger, conversation)


# Over HTTP


@pytest.fixture
def http(db: Database, settings: Settings, manager: Principal, token_of: Callable[[Principal], str]) -> Api:
    """Call the API as the manager."""
    return Api(create_app(db, settings), Authorization=f"Bearer {token_of(manager)}")


def test_a_conversation_is_read_answered_and_settled_over_http(world: World, calls: Calls, http: Api):
    _, conversation = talk(world, calls)
    listed = http.get("/api/v1/conversations?folder=unread").json()
    assert (listed["count"], listed["next"], listed["folders"]["unread"]) == (1, None, 1)
    assert listed["rows"][0]["id"] == str(conversation)
    found = http.get(f"/api/v1/conversations/{conversation}").json()
    assert [one["direction"] for one in found["texts"]] == ["out", "in"]
    assert found["window"]["verdict"] == "sendable"
    sent = http.post(f"/api/v1/conversations/{conversation}/reply", json={"body": "Hello"})
    assert (sent.status_code, set(sent.json())) == (202, {"id"})
    assert http.post(f"/api/v1/conversations/{conversation}/read", json={}).status_code == 204
    done = http.post(f"/api/v1/conversations/{conversation}/outcome", json={"outcome": "interested"})
    assert done.status_code == 201
    assert world.one("select outcome from conversation") == "interested"


def test_a_refusal_over_http_names_its_reasons(world: World, calls: Calls, http: Api):
    _, conversation = talk(world, calls, "STOP")
    answer = http.post(f"/api/v1/conversations/{conversation}/reply", json={"body": "Hello"})
    assert answer.status_code == 409
    assert "opted_out" in answer.json()["error"]["reasons"]
    assert http.get(f"/api/v1/conversations/{new_id()}").status_code == 404
