"""What people do with conversations: read, answer, say what came of them.

An agent sees the conversations of the leads that are assigned to him; an auditor sees numbers masked. An answer is
queued like every other text and passes the same gate; there is no other way out.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.compliance.rules.gate import sentence
from leadflow.compliance.types import Ask, Decision, Mark, Recipient
from leadflow.identity.rules import mask_phone, only_assigned, require
from leadflow.identity.types import Principal
from leadflow.kernel import paging
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid, NotFound, Refused
from leadflow.leads import service as leads
from leadflow.messaging.errors import ConversationLocked
from leadflow.messaging.queries import inbox as queries
from leadflow.messaging.rules.templates import MAX_LENGTH
from leadflow.messaging.service.queueing import queue_one
from leadflow.messaging.types import ConversationOutcome, ConversationRow, Draft, Folder, Inbox, Thread
from leadflow.properties import service as properties
from models.messaging import Conversation
from models.vocabulary import Channel, LeadStatus, Permission, PhoneStatus, Purpose, SuppressionKind, Verdict

THREAD_LENGTH = 500
"""Newest texts of a conversation that are shown."""


def inbox(
    uow: UnitOfWork,
    actor: Principal,
    folder: Folder = Folder.ALL,
    after: str | None = None,
    limit: int = 50,
    q: str | None = None,
) -> Inbox:
    """List conversations of a folder, newest first, with the size of every folder.

    Args:
        uow: the caller's transaction.
        actor: who looks.
        folder: which part.
        after: cursor of the page before.
        limit: rows of a page.
        q: part of a name, street, number or of the last text.
    """
    require(actor, Permission.INBOX_READ)
    mine = _mine(actor)
    words = (q or "").strip() or None
    found = queries.rows(uow, folder, mine=mine, words=words, after=_cursor(after), limit=limit + 1)
    rows = tuple(_seen_by(actor, row) for row in found[:limit])
    more = paging.encode(rows[-1].last_at.isoformat(), str(rows[-1].id)) if len(found) > limit else None
    return Inbox(rows, more, queries.counts(uow, mine))


def thread(uow: UnitOfWork, actor: Principal, conversation_id: UUID) -> Thread:
    """Read a conversation with its texts, oldest first.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    require(actor, Permission.INBOX_READ)
    row = _found(uow, actor, conversation_id)
    return Thread(_seen_by(actor, row), tuple(queries.bubbles(uow, conversation_id, THREAD_LENGTH)))


def mark_read(uow: UnitOfWork, actor: Principal, conversation_id: UUID) -> None:
    """Note that somebody has read it.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    require(actor, Permission.INBOX_READ)
    _held(uow, actor, conversation_id).unread = 0


def window(uow: UnitOfWork, actor: Principal, conversation_id: UUID) -> Decision:
    """Ask the gate whether an answer may go out now; for the composer, nothing is written.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    require(actor, Permission.INBOX_READ)
    _found(uow, actor, conversation_id)
    return _ask(uow, _held(uow, actor, conversation_id), uow.now())


def reply(uow: UnitOfWork, actor: Principal, conversation_id: UUID, body: str) -> UUID:
    """Answer a conversation. The text is queued and sent by a worker through the gate, at once or when the hour allows.

    Returns:
        The message's id.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
        ConversationLocked: a legal threat stands in it.
        Invalid: the text is empty or too long.
        Refused: the gate says no, with its reasons.
    """
    require(actor, Permission.INBOX_REPLY)
    conversation = _held(uow, actor, conversation_id)
    if conversation.locked:
        raise ConversationLocked
    words = body.strip()
    if not words or len(words) > MAX_LENGTH:
        raise Invalid(f"Write a text of 1 to {MAX_LENGTH} characters.", "body")
    now = uow.now()
    decision = _ask(uow, conversation, now)
    if decision.verdict is Verdict.BLOCKED:
        raise Refused(sentence(decision.reasons[0]), decision.reasons)
    draft = Draft(
        e164=conversation.e164,
        body=words,
        lead_id=conversation.lead_id,
        property_id=queries.property_of(uow, conversation.lead_id) if conversation.lead_id else None,
        person_id=conversation.person_id,
        phone_id=queries.phone_of(uow, conversation.e164),
        not_before=decision.later_at,
    )
    message_id = queue_one(
        uow, Purpose.MANUAL_REPLY, conversation.sender_number_id, draft, conversation.id, actor.user_id
    )
    conversation.last_at, conversation.last_snippet, conversation.unread = now, words[:160], 0
    audit.record(
        uow, actor.user_id, "conversation.answered", "conversation", conversation.id, {"message": str(message_id)}
    )
    return message_id


def outcome(uow: UnitOfWork, actor: Principal, conversation_id: UUID, result: ConversationOutcome) -> None:
    """Say what came of a conversation, with all that follows: suppression, the number's state, the lead's state.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
        Forbidden: only who may approve campaigns unlocks a conversation after a legal threat.
    """
    require(actor, Permission.INBOX_REPLY)
    conversation = _held(uow, actor, conversation_id)
    evidence: dict[str, Any] = {"conversation_id": str(conversation.id)}
    if result is ConversationOutcome.REVIEWED and conversation.locked:
        require(actor, Permission.CAMPAIGN_APPROVE)
        conversation.locked = False
    if result is ConversationOutcome.WRONG_NUMBER:
        compliance.suppress(
            uow, actor, Mark(SuppressionKind.WRONG_NUMBER, "manual", conversation.e164, evidence=evidence)
        )
        properties.phone_status(uow, conversation.e164, PhoneStatus.WRONG)
        leads.refresh_for(uow, phones=[conversation.e164])
    elif result is ConversationOutcome.DNC:
        mark = Mark(
            SuppressionKind.INTERNAL_DNC, "manual", conversation.e164, conversation.person_id, evidence=evidence
        )
        compliance.suppress(uow, actor, mark)
    else:
        # A person has read it, so what was held for that is held no longer.
        compliance.settle_review(uow, actor, conversation.e164)
        if result is ConversationOutcome.INTERESTED and conversation.lead_id is not None:
            leads.set_status(uow, actor, conversation.lead_id, LeadStatus.INTERESTED)
    conversation.outcome, conversation.unread = result.value, 0
    audit.record(uow, actor.user_id, "conversation.settled", "conversation", conversation.id, {"outcome": result.value})


def _ask(uow: UnitOfWork, conversation: Conversation, now: datetime) -> Decision:
    recipient = Recipient(
        lead_id=conversation.lead_id,
        property_id=queries.property_of(uow, conversation.lead_id) if conversation.lead_id else None,
        person_id=conversation.person_id,
        phone_id=queries.phone_of(uow, conversation.e164),
        e164=conversation.e164,
    )
    ask = Ask(Purpose.MANUAL_REPLY, Channel.TEXT, sender_number_id=conversation.sender_number_id)
    return compliance.assess(uow, [recipient], ask, now)[0]


def _mine(actor: Principal) -> UUID | None:
    return actor.user_id if only_assigned(actor.role) else None


def _found(uow: UnitOfWork, actor: Principal, conversation_id: UUID) -> ConversationRow:
    row = queries.one(uow, conversation_id, _mine(actor))
    if row is None:
        raise NotFound
    return row


def _held(uow: UnitOfWork, actor: Principal, conversation_id: UUID) -> Conversation:
    _found(uow, actor, conversation_id)
    conversation = uow.session.get(Conversation, (uow.org(), conversation_id), with_for_update=True)
    if conversation is None:
        raise NotFound
    return conversation


def _seen_by(actor: Principal, row: ConversationRow) -> ConversationRow:
    return replace(row, e164=mask_phone(actor.role, row.e164))


def _cursor(after: str | None) -> tuple[datetime, UUID] | None:
    if after is None:
        return None
    at, key = paging.decode(after, 2)
    try:
        return datetime.fromisoformat(at), UUID(key)
    except (TypeError, ValueError) as error:
        raise Invalid("This page marker is damaged. Reload the list.", "after") from error
