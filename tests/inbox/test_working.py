"""Giving a conversation away, putting it off, being two at it, and answers that are kept ready."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID

import pytest

from leadflow.identity.types import Principal
from leadflow.inbox import service as inbox
from leadflow.inbox.errors import JustAnswered
from leadflow.inbox.types import CannedInput, Folder, PresenceKind
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from leadflow.leads.errors import Claimed
from leadflow.messaging.service import batching
from models.vocabulary import Role
from tests.factories.identity import a_member
from tests.inbox.test_inbox import do, talk
from tests.messaging.calls import Calls
from tests.messaging.world import World

HOUR = timedelta(hours=1)


def member(world: World, role: Role) -> Principal:
    """Add a member of the team."""
    with world.db.begin(world.org) as uow:
        return a_member(uow, role)


@pytest.fixture
def manager(world: World) -> Principal:
    """Act as a manager."""
    return member(world, Role.MANAGER)


@pytest.fixture
def agent(world: World) -> Principal:
    """Act as an agent."""
    return member(world, Role.AGENT)


def give_up(world: World) -> None:
    """Let nobody work on any lead any more."""
    world.do("update lead set claimed_by = null, claimed_until = null")


def counts(world: World, actor: Principal) -> dict[Folder, int]:
    """Count the folders."""
    return dict(do(world, inbox.inbox, actor).counts)


# Whose it is


def test_a_conversation_is_given_and_taken_back_and_both_stand_on_the_timeline(
    world: World, calls: Calls, manager: Principal, agent: Principal
):
    person, conversation = talk(world, calls)
    assert counts(world, manager)[Folder.UNASSIGNED] == 1
    do(world, inbox.assign, manager, conversation, agent.user_id)
    assert counts(world, agent)[Folder.MINE] == counts(world, agent)[Folder.ALL] == 1
    assert counts(world, manager)[Folder.UNASSIGNED] == counts(world, manager)[Folder.MINE] == 0
    do(world, inbox.assign, manager, conversation, None)
    told = [row[0] for row in world.rows("select summary from activity where lead_id = %s order by id", person.lead)]
    assert [line for line in told if line.startswith("Conversation")] == [
        f"Conversation given to {agent.name}",
        "Conversation given to nobody",
    ]
    acts = world.rows("select actor_id from audit_event where action = 'conversation.assigned'")
    assert acts == [(manager.user_id,)] * 2


def test_a_lead_that_nobody_has_goes_along_and_one_that_somebody_has_stays(
    world: World, calls: Calls, manager: Principal, agent: Principal
):
    person, conversation = talk(world, calls)
    do(world, inbox.assign, manager, conversation, agent.user_id)
    assert world.one("select assignee_id from lead where id = %s", person.lead) == agent.user_id
    do(world, inbox.assign, manager, conversation, manager.user_id)
    assert world.one("select assignee_id from lead where id = %s", person.lead) == agent.user_id


def test_an_agent_hands_back_his_own_and_gives_nothing_to_others(
    world: World, calls: Calls, manager: Principal, agent: Principal
):
    _, conversation = talk(world, calls)
    do(world, inbox.assign, manager, conversation, agent.user_id)
    with pytest.raises(Forbidden):
        do(world, inbox.assign, agent, conversation, manager.user_id)
    assert [one.id for one in do(world, inbox.colleagues, agent)] == [agent.user_id]
    do(world, inbox.assign, agent, conversation, None)
    assert world.one("select assignee_id from conversation") is None


def test_nobody_is_given_a_conversation_who_does_not_answer_any(
    world: World, another_world: World, calls: Calls, manager: Principal
):
    _, conversation = talk(world, calls)
    for stranger in (member(world, Role.AUDITOR), member(another_world, Role.AGENT)):
        with pytest.raises(Invalid):
            do(world, inbox.assign, manager, conversation, stranger.user_id)


# Until when it is put off


def test_what_is_put_off_comes_back_unread_at_that_very_instant(
    world: World, calls: Calls, manager: Principal, clock: FrozenClock
):
    _, conversation = talk(world, calls)
    until = world.now() + 2 * HOUR
    do(world, inbox.snooze, manager, conversation, until)
    assert counts(world, manager)[Folder.UNREAD] == 0
    assert counts(world, manager)[Folder.SNOOZED] == counts(world, manager)[Folder.ALL] == 1
    clock.advance(2 * HOUR - timedelta(seconds=1))
    assert counts(world, manager)[Folder.UNREAD] == 0
    clock.advance(timedelta(seconds=1))
    (row,) = do(world, inbox.waiting, manager)
    assert (row.id, row.unread, row.snoozed_until) == (conversation, 1, None)
    do(world, inbox.mark_read, manager, conversation)
    assert counts(world, manager)[Folder.UNREAD] == counts(world, manager)[Folder.SNOOZED] == 0


def test_a_reply_brings_back_what_was_put_off(world: World, calls: Calls, manager: Principal):
    person, conversation = talk(world, calls)
    do(world, inbox.snooze, manager, conversation, world.now() + 48 * HOUR)
    calls.text(person.e164, "Are you still there?")
    found = counts(world, manager)
    assert (found[Folder.UNREAD], found[Folder.SNOOZED]) == (1, 0)


def test_what_needs_review_is_not_put_out_of_sight(world: World, calls: Calls, manager: Principal):
    _, conversation = talk(world, calls, "I will sue you. My attorney has your messages.")
    do(world, inbox.snooze, manager, conversation, world.now() + HOUR)
    assert counts(world, manager)[Folder.NEEDS_REVIEW] == 1


def test_the_frame_counts_what_the_folder_counts(world: World, calls: Calls, manager: Principal, clock: FrozenClock):
    from leadflow.identity import service as identity  # noqa: PLC0415 only here
    from leadflow.leads import service as leads  # noqa: PLC0415 only here

    _, conversation = talk(world, calls)
    talk(world, calls)
    do(world, inbox.snooze, manager, conversation, world.now() + HOUR)
    for expected in (1, 2):
        with world.db.begin(world.org) as uow:
            assert identity.frame(uow, manager).waiting == leads.today(uow, manager).replies == expected
        assert counts(world, manager)[Folder.UNREAD] == expected
        clock.advance(HOUR)


@pytest.mark.parametrize("away", [timedelta(0), -HOUR, timedelta(days=400)])
def test_nothing_is_put_off_into_the_past_or_for_ever(world: World, calls: Calls, manager: Principal, away: timedelta):
    _, conversation = talk(world, calls)
    with pytest.raises(Invalid):
        do(world, inbox.snooze, manager, conversation, world.now() + away)


# Two at it


def test_a_colleague_who_writes_is_seen_for_seconds_and_forbids_nothing(
    world: World, calls: Calls, manager: Principal, clock: FrozenClock
):
    _, conversation = talk(world, calls)
    maria = member(world, Role.MANAGER)
    do(world, inbox.arrive, maria, conversation, PresenceKind.REPLYING)
    (seen,) = do(world, inbox.arrive, manager, conversation)
    assert (seen.user_id, seen.kind) == (maria.user_id, PresenceKind.REPLYING)
    assert [one.user_id for one in do(world, inbox.others, maria, conversation)] == [manager.user_id]
    do(world, inbox.reply, manager, conversation, "I was faster")
    clock.advance(timedelta(seconds=9))
    (seen,) = do(world, inbox.others, manager, conversation)
    assert seen.kind is PresenceKind.VIEWING
    clock.advance(timedelta(seconds=7))
    assert do(world, inbox.others, manager, conversation) == ()


def test_a_second_answer_right_after_a_colleagues_asks_to_be_confirmed(
    world: World, calls: Calls, manager: Principal, clock: FrozenClock
):
    _, conversation = talk(world, calls)
    maria = member(world, Role.MANAGER)
    first = do(world, inbox.reply, maria, conversation, "Shall I call you?")
    clock.advance(timedelta(seconds=4))
    give_up(world)
    with pytest.raises(JustAnswered) as told:
        do(world, inbox.reply, manager, conversation, "When may I call?")
    assert (told.value.message_id, f"{maria.name} answered 4 seconds ago" in told.value.message) == (first, True)
    assert world.one("select count(*) from message where purpose = 'manual_reply'") == 1
    do(world, inbox.reply, maria, conversation, "One more thing")
    give_up(world)
    with pytest.raises(JustAnswered):
        do(world, inbox.reply, manager, conversation, "When may I call?", first)
    clock.advance(timedelta(seconds=10))
    do(world, inbox.reply, manager, conversation, "When may I call?")
    assert world.one("select count(*) from message where purpose = 'manual_reply'") == 3


def test_a_confirmed_answer_goes_out_beside_the_colleagues(world: World, calls: Calls, manager: Principal):
    _, conversation = talk(world, calls)
    first = do(world, inbox.reply, member(world, Role.MANAGER), conversation, "Shall I call you?")
    give_up(world)
    do(world, inbox.reply, manager, conversation, "When may I call?", first)
    assert len(batching.take(world.db, world.org, world.sender).submissions) == 2


def test_whoever_answers_works_on_the_lead_until_the_claim_ends(
    world: World, calls: Calls, manager: Principal, clock: FrozenClock
):
    person, conversation = talk(world, calls)
    maria = member(world, Role.MANAGER)
    do(world, inbox.reply, maria, conversation, "Shall I call you?")
    seen = do(world, inbox.thread, manager, conversation).claim
    assert seen is not None
    assert (seen.user_id, seen.until) == (maria.user_id, world.now() + timedelta(minutes=15))
    with pytest.raises(Claimed, match=maria.name):
        do(world, inbox.reply, manager, conversation, "When may I call?")
    assert world.one("select count(*) from message where purpose = 'manual_reply'") == 1
    clock.advance(timedelta(minutes=15))
    do(world, inbox.reply, manager, conversation, "When may I call?")
    assert world.one("select claimed_by from lead where id = %s", person.lead) == manager.user_id


def test_a_refused_answer_leaves_no_claim(world: World, calls: Calls, manager: Principal):
    person, conversation = talk(world, calls, "STOP")
    with pytest.raises(Refused):
        do(world, inbox.reply, manager, conversation, "But why?")
    assert world.one("select claimed_by from lead where id = %s", person.lead) is None


@pytest.mark.parametrize("apart", [False, True], ids=["one conversation", "two conversations of one lead"])
def test_of_two_who_answer_at_once_exactly_one_does(world: World, calls: Calls, apart: bool):  # noqa: FBT001 a case
    person, first = talk(world, calls)
    second = first
    if apart:
        _, second = talk(world, calls)
        world.do("update conversation set lead_id = %s where id = %s", person.lead, second)
    people = [(member(world, Role.MANAGER), where) for where in (first, second)]
    ready, refused = threading.Barrier(len(people)), list[UUID | None]()

    def answer(who: Principal, where: UUID) -> None:
        ready.wait()
        try:
            do(world, inbox.reply, who, where, "Shall I call you?")
        except Claimed:
            refused.append(who.user_id)

    threads = [threading.Thread(target=answer, args=one) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ((writer, claimer),) = world.rows(
        "select m.actor_id, l.claimed_by from message m, lead l where m.purpose = 'manual_reply' and l.id = %s",
        person.lead,
    )
    assert [writer, *refused] in [[one.user_id for one, _ in people], [one.user_id for one, _ in reversed(people)]]
    assert claimer == writer


# Answers that are kept ready


def keep(world: World, actor: Principal, name: str, body: str, key: int | None = None, *, shared: bool = False) -> UUID:
    """Keep an answer."""
    given = CannedInput(name=name, body=body, key=key, shared=shared)
    return do(world, inbox.keep_canned, actor, given)


def test_an_answer_is_written_for_the_person_and_one_without_a_value_says_so(
    world: World, calls: Calls, manager: Principal
):
    person, conversation = talk(world, calls)
    world.do("update person set first_name = 'ANN' where id = %s", person.person)
    keep(world, manager, "Call", "Hi {{ first_name }}, may I call? {{ our_name }}", 1, shared=True)
    keep(world, manager, "Where", "Is it {{ street }}?", 2, shared=True)
    call, where = do(world, inbox.ready, manager, conversation)
    assert (call.body, call.segments, call.missing) == ("Hi Ann, may I call? Cedar Homes", 1, "")
    assert (where.body, "street" in where.missing) == ("", True)


def test_a_key_means_ones_own_answer_before_the_organisations(world: World, calls: Calls, manager: Principal):
    _, conversation = talk(world, calls)
    keep(world, manager, "Ours", "Ours", 1, shared=True)
    keep(world, manager, "Mine", "Mine", 1)
    colleague = member(world, Role.MANAGER)
    assert [one.body for one in do(world, inbox.ready, manager, conversation)] == ["Mine", "Ours"]
    assert [one.body for one in do(world, inbox.ready, colleague, conversation)] == ["Ours"]


def test_keys_and_names_are_taken_once_an_owner(world: World, manager: Principal):
    keep(world, manager, "Call", "May I call?", 1)
    for name, key in (("Other", 1), ("call", None)):
        with pytest.raises(Conflict):
            keep(world, manager, name, "Hello", key)


@pytest.mark.parametrize("body", ["{{ nickname }}", "{{ first_name", "{% for a in b %}x{% endfor %}", "   "])
def test_an_answer_that_could_never_be_sent_is_not_kept(world: World, manager: Principal, body: str):
    with pytest.raises(Invalid):
        keep(world, manager, "Broken", body)


def test_an_agent_keeps_own_answers_and_touches_nobody_elses(world: World, manager: Principal, agent: Principal):
    ours = keep(world, manager, "Ours", "Ours", shared=True)
    private = keep(world, manager, "Private", "Private")
    mine = keep(world, agent, "Mine", "Mine")
    assert [(one.id, one.may_change) for one in do(world, inbox.canned, agent)] == [(mine, True), (ours, False)]
    with pytest.raises(Forbidden):
        keep(world, agent, "For all", "Hello", shared=True)
    with pytest.raises(Forbidden):
        do(world, inbox.remove_canned, agent, ours)
    given = CannedInput(name="Taken", body="Taken")
    for use, rest in ((inbox.change_canned, (given,)), (inbox.remove_canned, ())):
        with pytest.raises(NotFound):
            do(world, use, agent, private, *rest)
    do(world, inbox.change_canned, agent, mine, CannedInput(name="Mine", body="Better", key=3))
    assert do(world, inbox.canned, agent)[0].body == "Better"
    do(world, inbox.remove_canned, agent, mine)
    assert [one.id for one in do(world, inbox.canned, agent)] == [ours]
