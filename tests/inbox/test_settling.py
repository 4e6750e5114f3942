"""What came of a conversation, and its undo: whatever is pressed, nothing that was closed is ever opened by it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadflow.compliance import service as compliance
from leadflow.identity.types import Principal
from leadflow.inbox import service as inbox
from leadflow.inbox.errors import ConversationLocked, NoLead
from leadflow.inbox.rules.outcomes import lead_moves_to
from leadflow.inbox.types import ConversationOutcome, Folder
from leadflow.kernel.errors import Conflict, Invalid, LeadFlowError
from models.vocabulary import LeadStatus, ReplyLabel, Role
from tests.factories.identity import a_member
from tests.inbox.test_inbox import do, talk
from tests.messaging.calls import Calls
from tests.messaging.world import World

NO = "They said so on the phone"


def member(world: World, role: Role) -> Principal:
    """Add a member of the team."""
    with world.db.begin(world.org) as uow:
        return a_member(uow, role)


@pytest.fixture
def manager(world: World) -> Principal:
    """Act as a manager."""
    return member(world, Role.MANAGER)


# Outcomes


def test_verified_marks_the_number_and_takes_back_what_waits_for_the_propertys_other_numbers(
    world: World, calls: Calls, manager: Principal
):
    person, conversation = talk(world, calls)
    other, elsewhere = world.add_people(2)
    world.do("update person_phone set person_id = %s where person_id = %s", person.person, other.person)
    for one in (other, elsewhere):
        world.queue(world.add_campaign(), [one])
    world.do("update message set property_id = %s where e164 = %s", person.property, int(other.e164))
    do(world, inbox.settle, manager, conversation, ConversationOutcome.VERIFIED)
    assert world.one("select status from phone where id = %s", person.phone) == "correct"
    assert world.rows("select state, reasons from message where e164 = %s", int(other.e164)) == [
        ("withdrawn", ["verified_elsewhere"])
    ]
    assert world.one("select state from message where e164 = %s", int(elsewhere.e164)) == "queued"
    do(world, inbox.undo, manager, conversation)
    assert world.one("select status from phone where id = %s", person.phone) == "unverified"
    assert world.one("select state from message where e164 = %s", int(other.e164)) == "withdrawn"


def test_qualified_moves_the_lead_and_makes_a_task_and_its_undo_takes_both_back(
    world: World, calls: Calls, manager: Principal
):
    person, conversation = talk(world, calls)
    do(world, inbox.settle, manager, conversation, ConversationOutcome.QUALIFIED)
    assert world.one("select status from lead where id = %s", person.lead) == "interested"
    ((title, due, state),) = world.rows("select title, due_at, state from task")
    assert ("offer" in title, due, state) == (True, world.now() + timedelta(days=1), "open")
    assert do(world, inbox.thread, manager, conversation).undoable is ConversationOutcome.QUALIFIED
    do(world, inbox.undo, manager, conversation)
    assert world.one("select status from lead where id = %s", person.lead) == "new"
    assert world.one("select state from task") == "done"
    assert do(world, inbox.thread, manager, conversation).undoable is None
    with pytest.raises(Conflict):
        do(world, inbox.undo, manager, conversation)


def test_an_undo_leaves_alone_what_somebody_has_changed_since(world: World, calls: Calls, manager: Principal):
    person, conversation = talk(world, calls)
    do(world, inbox.settle, manager, conversation, ConversationOutcome.QUALIFIED)
    world.do("update lead set status = 'offer' where id = %s", person.lead)
    do(world, inbox.undo, manager, conversation)
    assert world.one("select status from lead where id = %s", person.lead) == "offer"


@pytest.mark.parametrize("status", LeadStatus)
def test_no_outcome_moves_a_lead_back_in_its_sale(status: LeadStatus):
    order = list(LeadStatus)
    for outcome in ConversationOutcome:
        moved = lead_moves_to(outcome, status)
        assert moved is None or order.index(moved) > order.index(status)


def test_who_has_no_lead_cannot_be_qualified(world: World, calls: Calls, manager: Principal):
    _, conversation = talk(world, calls)
    world.do("update conversation set lead_id = null")
    with pytest.raises(NoLead):
        do(world, inbox.settle, manager, conversation, ConversationOutcome.QUALIFIED)


def test_priority_tags_the_lead_and_its_undo_leaves_a_tag_that_was_there_before(
    world: World, calls: Calls, manager: Principal
):
    _, conversation = talk(world, calls)
    do(world, inbox.settle, manager, conversation, ConversationOutcome.PRIORITY)
    do(world, inbox.settle, manager, conversation, ConversationOutcome.PRIORITY)
    do(world, inbox.undo, manager, conversation)
    assert world.one("select count(*) from lead_tag") == 1
    assert world.one("select priority from conversation") is True


def test_never_again_asks_why(world: World, calls: Calls, manager: Principal):
    _, conversation = talk(world, calls)
    with pytest.raises(Invalid):
        do(world, inbox.settle, manager, conversation, ConversationOutcome.DNC, "  ")
    assert world.one("select count(*) from suppression") == 0


@pytest.mark.parametrize("outcome", [ConversationOutcome.WRONG_NUMBER, ConversationOutcome.DNC])
def test_the_undo_of_what_suppressed_asks_a_second_person(
    world: World, calls: Calls, manager: Principal, outcome: ConversationOutcome
):
    person, conversation = talk(world, calls)
    do(world, inbox.settle, manager, conversation, outcome, NO)
    with pytest.raises(Invalid):
        do(world, inbox.undo, manager, conversation)
    done = do(world, inbox.undo, manager, conversation, "The wrong key")
    assert (done.lifted, len(done.release_ids)) == (False, 1)
    assert standing(world) > 0
    owner = member(world, Role.OWNER)
    do(world, compliance.approve_release, owner, done.release_ids[0])
    assert standing(world) == 0
    assert world.one("select status from phone where id = %s", person.phone) == "unverified"


def standing(world: World) -> int:
    """Count what stands against anybody."""
    return world.one("select count(*)::int from suppression where released_at is null")


def test_a_locked_conversation_takes_only_what_stops_more(world: World, calls: Calls, manager: Principal):
    _, conversation = talk(world, calls, "I will sue you. My attorney has your messages.")
    assert world.one("select title from task") == "Read the legal threat and decide what to answer"
    assert do(world, inbox.inbox, manager).counts[Folder.NEEDS_REVIEW] == 1
    for outcome in (ConversationOutcome.QUALIFIED, ConversationOutcome.VERIFIED, ConversationOutcome.PRIORITY):
        with pytest.raises(ConversationLocked):
            do(world, inbox.settle, manager, conversation, outcome)
    do(world, inbox.settle, manager, conversation, ConversationOutcome.REVIEWED)
    do(world, inbox.undo, manager, conversation)
    assert world.one("select locked from conversation") is True


# Labels


def test_another_label_is_recorded_with_who_gave_it(world: World, calls: Calls, manager: Principal):
    _, conversation = talk(world, calls, "How much would you pay?")
    do(world, inbox.relabel, manager, conversation, ReplyLabel.QUESTION)
    do(world, inbox.relabel, manager, conversation, ReplyLabel.NEUTRAL)
    ((label, read_as, by),) = world.rows("select label, read_as, labeled_by from inbound_message")
    assert (label, read_as, by) == ("neutral", "interested", manager.user_id)
    assert world.rows("select label, confidence from conversation") == [("neutral", None)]
    acts = world.rows("select count(*)::int from audit_event where action = 'reply.relabeled'")
    assert acts == [(2,)]


@pytest.mark.parametrize("body", ["please stop texting me", "wrong number", "My husband passed away"])
def test_a_milder_label_lifts_no_suppression_but_asks_a_second_person(
    world: World, calls: Calls, manager: Principal, body: str
):
    _, conversation = talk(world, calls, body)
    before = standing(world)
    assert before > 0
    with pytest.raises(Invalid):
        do(world, inbox.relabel, manager, conversation, ReplyLabel.INTERESTED)
    done = do(world, inbox.relabel, manager, conversation, ReplyLabel.INTERESTED, "She meant the neighbour")
    assert done.release_ids
    assert standing(world) == before
    assert do(world, inbox.window, manager, conversation).decision.reasons
    for release in done.release_ids:
        with pytest.raises(LeadFlowError):
            do(world, compliance.approve_release, manager, release)
    (row,) = [one for one in do(world, compliance.releases, manager) if one.id == done.release_ids[0]]
    assert body in row.evidence


def test_a_stricter_label_takes_effect_at_once(world: World, calls: Calls, manager: Principal):
    _, conversation = talk(world, calls, "How much would you pay?")
    do(world, inbox.relabel, manager, conversation, ReplyLabel.HOSTILE_LEGAL)
    kinds = {row[0] for row in world.rows("select kind from suppression where released_at is null")}
    assert kinds == {"opt_out", "legal_threat"}
    assert world.one("select locked from conversation") is True
    with pytest.raises(ConversationLocked):
        do(world, inbox.reply, manager, conversation, "Sorry")


# Whatever is pressed

PRESSED = st.lists(
    st.one_of(
        st.tuples(st.just("settle"), st.sampled_from(ConversationOutcome)),
        st.tuples(st.just("label"), st.sampled_from(ReplyLabel)),
        st.tuples(st.just("undo"), st.none()),
    ),
    min_size=1,
    max_size=7,
)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(presses=PRESSED)
def test_no_order_of_keys_lifts_what_stands(world: World, calls: Calls, manager: Principal, presses: list):
    """Suppressions only ever grow by the inbox; what only waits for a reader (review) may be settled by one."""
    _, conversation = talk(world, calls)
    firm = "select id from suppression where released_at is null and kind <> 'review'"
    stands = set(world.rows(firm))
    for what, given_ in presses:
        try:
            if what == "settle":
                do(world, inbox.settle, manager, conversation, given_, NO)
            elif what == "label":
                do(world, inbox.relabel, manager, conversation, given_, NO)
            else:
                do(world, inbox.undo, manager, conversation, NO)
        except LeadFlowError:
            pass
        now = set(world.rows(firm))
        assert stands <= now
        stands = now
        blocked = do(world, inbox.window, manager, conversation).decision.reasons
        mine = world.one(
            "select count(*) from suppression s join conversation c on c.e164 = s.e164 "
            "where c.id = %s and s.released_at is null and s.kind <> 'review'",
            conversation,
        )
        assert bool(blocked) >= bool(mine)
