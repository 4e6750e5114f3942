"""Say what came of a conversation, with all that follows, and undo it where that is lawful.

Every undo restores what was there, or makes it stricter; what a suppression has closed stays closed until a second
person grants its release.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.compliance.types import Mark
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.inbox.errors import ConversationLocked, NoLead
from leadflow.inbox.queries import listing
from leadflow.inbox.queries import working as queries
from leadflow.inbox.rules.outcomes import CLOSING, NEEDS_LEAD, ON_LOCKED, asks_reason, lead_moves_to
from leadflow.inbox.service.reading import held
from leadflow.inbox.types import ConversationOutcome, Undone
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Invalid
from leadflow.leads import service as leads
from leadflow.messaging import service as messaging
from leadflow.messaging.types import VERIFIED_ELSEWHERE
from leadflow.properties import service as properties
from models.messaging import Conversation
from models.vocabulary import ActivityKind, LeadStatus, Permission, PhoneStatus, SuppressionKind

CALL_WITHIN = timedelta(days=1)
"""When a qualified lead is to be called. Own choice."""
PRIORITY_TAG = "Priority"
LONGEST_REASON = 500


@dataclass
class _Act:
    """One outcome on its way: what it is about, and what an undo will need."""

    uow: UnitOfWork
    actor: Principal
    conversation: Conversation
    result: ConversationOutcome
    reason: str
    before: dict[str, Any] = field(default_factory=dict[str, Any])


def settle(
    uow: UnitOfWork, actor: Principal, conversation_id: UUID, result: ConversationOutcome, reason: str = ""
) -> UUID:
    """Say what came of a conversation, with all that follows: suppression, the number's state, the lead's state.

    Returns:
        The outcome's id.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
        Invalid: the outcome asks for a reason.
        ConversationLocked: a legal threat stands in it, and the outcome would go on.
        NoLead: the conversation belongs to no lead, and the outcome moves one.
        Forbidden: only who may approve campaigns unlocks a conversation after a legal threat.
    """
    require(actor, Permission.INBOX_REPLY)
    conversation, why = held(uow, actor, conversation_id), reason.strip()[:LONGEST_REASON]
    if asks_reason(result) and not why:
        raise Invalid("Say why this person is not to be contacted again.", "reason")
    if conversation.locked and result not in ON_LOCKED:
        raise ConversationLocked
    if result in NEEDS_LEAD and conversation.lead_id is None:
        raise NoLead
    # Before any gate is held, as for a reply.
    messaging.settled.tell(uow, messaging.Wrote(conversation.e164, conversation.person_id))
    lead = listing.lead(uow, conversation.lead_id) if result is ConversationOutcome.VERIFIED else None
    if lead is not None:
        messaging.verified.tell(uow, messaging.Verified(conversation.e164, lead.property_id))
    act = _Act(uow, actor, conversation, result, why, {"outcome": conversation.outcome})
    if result not in CLOSING:
        # A person has read it, so what was held for that is held no longer.
        act.before["held"] = compliance.settle_review(uow, actor, conversation.e164)
    if (follow := _FOLLOWS.get(result)) is not None:
        follow(act)
    conversation.outcome, conversation.unread = result.value, 0
    made = queries.keep_outcome(uow, conversation_id, result, actor.user_id, why, act.before, uow.now())
    audit.record(uow, actor.user_id, "conversation.settled", "conversation", conversation.id, {"outcome": result.value})
    return made


def _verify(act: _Act) -> None:
    """Mark the number as correct, and take back what is queued to other numbers of the property."""
    uow, conversation = act.uow, act.conversation
    _mark_phone(act, PhoneStatus.CORRECT)
    lead = listing.lead(uow, conversation.lead_id)
    if lead is None:
        return
    taken = messaging.withdraw_others(uow, lead.property_id, conversation.e164, VERIFIED_ELSEWHERE)
    act.before["withdrawn"] = taken
    words = f"Number ending {conversation.e164[-4:]} verified"
    words += f"; {taken} queued to other numbers taken back" if taken else ""
    _tell(act, words)


def _mark_phone(act: _Act, status: PhoneStatus) -> None:
    phone = listing.phone_of(act.uow, act.conversation.e164)
    if phone is not None:
        act.before["phone"] = phone[1]
    properties.phone_status(act.uow, act.conversation.e164, status)
    leads.refresh_for(act.uow, phones=[act.conversation.e164])


def _tell(act: _Act, words: str) -> None:
    if act.conversation.lead_id is not None:
        detail = {"conversation_id": str(act.conversation.id)}
        leads.record(
            act.uow, act.conversation.lead_id, ActivityKind.EDITED, words, actor_id=act.actor.user_id, detail=detail
        )


def _wrong_number(act: _Act) -> None:
    evidence = {"conversation_id": str(act.conversation.id), "reason": act.reason}
    mark = Mark(SuppressionKind.WRONG_NUMBER, "manual", act.conversation.e164, evidence=evidence)
    compliance.suppress(act.uow, act.actor, mark)
    _mark_phone(act, PhoneStatus.WRONG)


def _never_again(act: _Act) -> None:
    conversation = act.conversation
    evidence = {"conversation_id": str(conversation.id), "reason": act.reason}
    mark = Mark(SuppressionKind.INTERNAL_DNC, "manual", conversation.e164, conversation.person_id, evidence=evidence)
    compliance.suppress(act.uow, act.actor, mark)


def _move_lead(act: _Act) -> None:
    lead_id, lead = act.conversation.lead_id, listing.lead(act.uow, act.conversation.lead_id)
    if lead_id is None or lead is None:
        return
    wanted = lead_moves_to(act.result, lead.status)
    if wanted is not None:
        act.before["lead"] = lead.status.value
        leads.follow_status(act.uow, act.actor, lead_id, wanted)


def _qualify(act: _Act) -> None:
    _move_lead(act)
    lead_id = act.conversation.lead_id
    if lead_id is not None:
        due = act.uow.now() + CALL_WITHIN
        task = leads.follow_task(act.uow, act.actor, lead_id, "Qualified by text: call and make an offer", due)
        if task is not None:
            act.before["task"] = str(task)


def _prioritize(act: _Act) -> None:
    conversation = act.conversation
    act.before["priority"] = conversation.priority
    conversation.priority = True
    if conversation.lead_id is not None and leads.stands(act.uow, conversation.lead_id):
        act.before["tagged"] = PRIORITY_TAG.lower() in queries.lead_tags(act.uow, conversation.lead_id)
        leads.tag(act.uow, act.actor, conversation.lead_id, PRIORITY_TAG)


def _review(act: _Act) -> None:
    if act.conversation.locked:
        require(act.actor, Permission.CAMPAIGN_APPROVE)
        act.before["locked"] = True
        act.conversation.locked = False


_FOLLOWS: dict[ConversationOutcome, Callable[[_Act], None]] = {
    ConversationOutcome.VERIFIED: _verify,
    ConversationOutcome.QUALIFIED: _qualify,
    ConversationOutcome.PRIORITY: _prioritize,
    ConversationOutcome.WRONG_NUMBER: _wrong_number,
    ConversationOutcome.DNC: _never_again,
    ConversationOutcome.INTERESTED: _move_lead,
    ConversationOutcome.REVIEWED: _review,
}


# Undo


def undo(uow: UnitOfWork, actor: Principal, conversation_id: UUID, why: str = "") -> Undone:
    """Undo the last outcome of a conversation, as far as that is lawful.

    States, tags, tasks and locks go back. Texts that were taken back stay so. A suppression stays: for it two people
    are asked, as for every release; ``why`` and the conversation are what they see.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
        Conflict: there is nothing to undo.
        Invalid: a suppression stands, and no reason was given.
    """
    require(actor, Permission.INBOX_REPLY)
    conversation = held(uow, actor, conversation_id)
    last = queries.last_outcome(uow, conversation_id)
    if last is None:
        raise Conflict("There is nothing to undo in this conversation.")
    outcome_id, result, _, before = last
    act = _Act(uow, actor, conversation, result, why.strip()[:LONGEST_REASON], before)
    _restore(act)
    asked = _ask_release(act) if result in CLOSING else ()
    conversation.outcome = before.get("outcome")
    queries.undo_outcome(uow, outcome_id, actor.user_id, uow.now())
    detail = {"outcome": result.value, "releases": [str(one) for one in asked]}
    audit.record(uow, actor.user_id, "conversation.undone", "conversation", conversation.id, detail)
    return Undone(result, result not in CLOSING, asked)


def _ask_release(act: _Act) -> tuple[UUID, ...]:
    conversation = act.conversation
    kinds = [CLOSING[act.result]]
    standing = queries.standing(act.uow, conversation.id, int(conversation.e164), kinds)
    if standing and not act.reason:
        raise Invalid("A suppression stands. Say why it was a mistake: a second person decides by that.", "why")
    evidence = f"Outcome of conversation {conversation.id}, taken back by whoever works it."
    return tuple(compliance.ask_release(act.uow, act.actor, one, act.reason, evidence) for one, _ in standing)


def _restore(act: _Act) -> None:
    """Put back what stood before; only what still stands as the outcome left it."""
    uow, conversation, before = act.uow, act.conversation, act.before
    if before.get("held"):
        evidence = {"conversation_id": str(conversation.id)}
        compliance.suppress_system(uow, Mark(SuppressionKind.REVIEW, "manual", conversation.e164, evidence=evidence))
    if before.get("locked"):
        conversation.locked = True
    if "phone" in before:
        # Where a suppression stands as well, it still does.
        properties.phone_status(uow, conversation.e164, PhoneStatus(before["phone"]))
        leads.refresh_for(uow, phones=[conversation.e164])
    conversation.priority = bool(before.get("priority", conversation.priority))
    if conversation.lead_id is not None and leads.stands(uow, conversation.lead_id):
        _restore_lead(act, conversation.lead_id)


def _restore_lead(act: _Act, lead_id: UUID) -> None:
    uow, actor, before = act.uow, act.actor, act.before
    if before.get("tagged") is False:
        leads.untag(uow, actor, lead_id, PRIORITY_TAG)
    lead = listing.lead(uow, lead_id)
    if "lead" in before and lead is not None and lead.status is LeadStatus.INTERESTED:
        leads.follow_status(uow, actor, lead_id, LeadStatus(before["lead"]))
    if "task" in before:
        leads.finish_task(uow, actor, UUID(before["task"]))
