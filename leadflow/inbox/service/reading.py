"""List conversations and show one. An agent sees those that are his, or whose lead is; nobody sees more by an id."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from leadflow.compliance import service as compliance
from leadflow.compliance.types import Ask, Recipient
from leadflow.identity.rules import mask_phone, only_assigned, require
from leadflow.identity.types import Principal
from leadflow.inbox.queries import listing
from leadflow.inbox.queries import working as worked
from leadflow.inbox.types import ConversationRow, Folder, Inbox, Thread, Window
from leadflow.kernel import paging
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import NotFound
from leadflow.leads import service as leads
from models.messaging import Conversation
from models.vocabulary import Channel, Permission, Purpose

LOOKED_AT = 200
"""Unread conversations among which the longest waiting are found. Own choice."""
THREAD_LENGTH = 500
"""Newest texts of a conversation that are shown."""
OF_LEAD = 20
"""Conversations of a lead, and newest texts of each, that its page shows."""


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
        q: part of a name, street, number or of a text of theirs.
    """
    require(actor, Permission.INBOX_READ)
    mine, words = own(actor), (q or "").strip() or None
    before = paging.instant_and_id(after)
    found = listing.rows(uow, folder, me=actor.user_id, mine=mine, words=words, after=before, limit=limit + 1)
    rows = tuple(_seen_by(actor, row) for row in found[:limit])
    more = paging.encode(rows[-1].last_at.isoformat(), str(rows[-1].id)) if len(found) > limit else None
    return Inbox(rows, more, listing.counts(uow, actor.user_id, mine))


def waiting(uow: UnitOfWork, actor: Principal, limit: int = 50) -> tuple[ConversationRow, ...]:
    """List conversations with a text that nobody has read, the longest waiting first among the newest ``LOOKED_AT``.

    A legal threat stands before all others, and stays until somebody who may has unlocked the conversation: for a
    stranger, who is nobody's lead, this is the task.
    """
    require(actor, Permission.INBOX_READ)
    found = listing.rows(
        uow, Folder.WAITING, me=actor.user_id, mine=own(actor), words=None, after=None, limit=LOOKED_AT
    )
    return tuple(_seen_by(actor, row) for row in sorted(found, key=_turn)[:limit])


def _turn(row: ConversationRow) -> tuple[bool, datetime]:
    return not row.locked, row.waits_since or row.last_at


def thread(uow: UnitOfWork, actor: Principal, conversation_id: UUID) -> Thread:
    """Read a conversation with its texts, oldest first.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    require(actor, Permission.INBOX_READ)
    row = found(uow, actor, conversation_id)
    last = worked.last_outcome(uow, conversation_id)
    texts = tuple(listing.bubbles(uow, conversation_id, THREAD_LENGTH))
    return Thread(_seen_by(actor, row), texts, last[1] if last else None, leads.claim_on(uow, row.lead_id))


def of_lead(uow: UnitOfWork, actor: Principal, lead_id: UUID) -> tuple[Thread, ...]:
    """Read the conversations of a lead that the caller may see, the latest first, each with its newest texts.

    Raises:
        NoSuchLead: it is not there, or not the caller's to see.
    """
    require(actor, Permission.INBOX_READ)
    leads.see(uow, actor, lead_id)
    rows = listing.of_lead(uow, lead_id, own(actor), OF_LEAD)
    return tuple(Thread(_seen_by(actor, row), tuple(listing.bubbles(uow, row.id, OF_LEAD)), None) for row in rows)


def window(uow: UnitOfWork, actor: Principal, conversation_id: UUID) -> Window:
    """Ask the gate whether an answer may go out now, and for how long; for the composer, nothing is written.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    require(actor, Permission.INBOX_READ)
    found(uow, actor, conversation_id)
    conversation, now = _one(uow, conversation_id), uow.now()
    seen = compliance.outlook(uow, recipient(uow, conversation), asking(uow, conversation), now)
    return Window(seen.decision, seen.clocks, seen.closes_at, now)


def recipient(uow: UnitOfWork, conversation: Conversation) -> Recipient:
    """Name whom a conversation is with."""
    phone, lead = listing.phone_of(uow, conversation.e164), listing.lead(uow, conversation.lead_id)
    return Recipient(
        lead_id=conversation.lead_id,
        property_id=lead.property_id if lead else None,
        person_id=conversation.person_id,
        phone_id=phone[0] if phone else None,
        e164=conversation.e164,
    )


def asking(uow: UnitOfWork, conversation: Conversation) -> Ask:
    """Say on what ground a text is asked for: as an answer to whoever has written, else as a first text."""
    answers = listing.has_written(uow, conversation.id)
    purpose = Purpose.MANUAL_REPLY if answers else Purpose.FIRST_TEXT
    return Ask(purpose, Channel.TEXT, sender_number_id=conversation.sender_number_id)


def found(uow: UnitOfWork, actor: Principal, conversation_id: UUID) -> ConversationRow:
    """Read a conversation that the caller may see.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    row = listing.one(uow, conversation_id, own(actor))
    if row is None:
        raise NotFound
    return row


def held(uow: UnitOfWork, actor: Principal, conversation_id: UUID) -> Conversation:
    """Hold a conversation that the caller may see until the transaction ends.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    found(uow, actor, conversation_id)
    return _one(uow, conversation_id, hold=True)


def _one(uow: UnitOfWork, conversation_id: UUID, *, hold: bool = False) -> Conversation:
    conversation = uow.session.get(Conversation, (uow.org(), conversation_id), with_for_update=hold)
    if conversation is None:
        raise NotFound
    return conversation


def own(actor: Principal) -> UUID | None:
    """Name the user to whose conversations the caller is held; None for whoever sees all."""
    return (actor.user_id or UUID(int=0)) if only_assigned(actor.role) else None


def _seen_by(actor: Principal, row: ConversationRow) -> ConversationRow:
    return replace(row, e164=mask_phone(actor.role, row.e164))
