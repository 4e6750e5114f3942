"""Give a conversation to somebody, put it off, mark it as read."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.identity.rules import PEOPLE, allows, may, require
from leadflow.identity.types import Principal
from leadflow.inbox.queries import listing
from leadflow.inbox.queries import working as queries
from leadflow.inbox.service.reading import held
from leadflow.inbox.types import Colleague
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Forbidden, Invalid
from leadflow.leads import service as leads
from models.messaging import Conversation
from models.vocabulary import ActivityKind, Permission

LONGEST_SNOOZE = timedelta(days=366)
"""What is put off for longer is better a task. Own choice."""
ANSWERING = [role for role in PEOPLE if allows(role, Permission.INBOX_REPLY)]
"""Roles that a conversation can be given to."""


def mark_read(uow: UnitOfWork, actor: Principal, conversation_id: UUID) -> None:
    """Note that somebody has read it; what had come back from being put off has come back.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    require(actor, Permission.INBOX_READ)
    conversation = held(uow, actor, conversation_id)
    conversation.unread = 0
    if conversation.snoozed_until is not None and conversation.snoozed_until <= uow.now():
        conversation.snoozed_until = None


def snooze(uow: UnitOfWork, actor: Principal, conversation_id: UUID, until: datetime | None) -> None:
    """Put a conversation off until an instant; None takes that back. A reply brings it back before.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
        Invalid: the instant is not ahead, too far ahead, or without a zone.
    """
    require(actor, Permission.INBOX_REPLY)
    conversation, now = held(uow, actor, conversation_id), uow.now()
    if until is not None:
        if until.tzinfo is None:
            raise Invalid("The instant needs a time zone.", "until")
        if not now < until <= now + LONGEST_SNOOZE:
            raise Invalid("Choose an instant ahead of now, within a year.", "until")
        conversation.unread = 0
    conversation.snoozed_until = until
    detail = {"until": until.isoformat() if until else None}
    audit.record(uow, actor.user_id, "conversation.snoozed", "conversation", conversation.id, detail)


def colleagues(uow: UnitOfWork, actor: Principal) -> tuple[Colleague, ...]:
    """List whom the caller may give a conversation to."""
    require(actor, Permission.INBOX_REPLY)
    found = queries.colleagues(uow, ANSWERING)
    everybody = may(actor, Permission.LEAD_ASSIGN)
    return tuple(one for one in found if everybody or one.id == actor.user_id)


def assign(uow: UnitOfWork, actor: Principal, conversation_id: UUID, user_id: UUID | None) -> None:
    """Give a conversation to a member, or to nobody. A lead that nobody has goes with it.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
        Forbidden: only who assigns leads gives a conversation to others, or takes it from them.
        Invalid: the user is no active member who answers.
    """
    require(actor, Permission.INBOX_REPLY)
    conversation = held(uow, actor, conversation_id)
    before = conversation.assignee_id
    if not may(actor, Permission.LEAD_ASSIGN) and (user_id or before) != actor.user_id:
        raise Forbidden("Ask a manager to give this conversation to somebody else.")
    names = {one.id: one.name for one in queries.colleagues(uow, ANSWERING)}
    if user_id is not None and user_id not in names:
        raise Invalid("That is not an active member of the team who answers conversations.", "assignee_id")
    if user_id == before:
        return
    conversation.assignee_id = user_id
    _tell(uow, actor, conversation, names.get(user_id, "") if user_id else "")
    detail = {"from": str(before) if before else None, "to": str(user_id) if user_id else None}
    audit.record(uow, actor.user_id, "conversation.assigned", "conversation", conversation.id, detail)


def _tell(uow: UnitOfWork, actor: Principal, conversation: Conversation, name: str) -> None:
    """Write it on the lead's timeline, and give the lead along where nobody has it."""
    if conversation.lead_id is None:
        return
    words = f"Conversation given to {name}" if name else "Conversation given to nobody"
    detail = {"conversation_id": str(conversation.id)}
    leads.record(uow, conversation.lead_id, ActivityKind.EDITED, words, actor_id=actor.user_id, detail=detail)
    if conversation.assignee_id is not None and may(actor, Permission.LEAD_ASSIGN):
        lead = listing.lead(uow, conversation.lead_id)
        if lead is not None and lead.assignee_id is None and leads.stands(uow, conversation.lead_id):
            leads.assign(uow, actor, conversation.lead_id, conversation.assignee_id)
