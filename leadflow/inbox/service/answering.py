"""Answer a conversation, and see who else does.

An answer is queued like every other text and passes the same gate; there is no other way out. Whoever answers claims
the lead. Presence lives for seconds and forbids nothing; where no claim does, a second answer right after a colleague's
asks to be confirmed.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.compliance.rules.gate import sentence
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.inbox.errors import ConversationLocked, JustAnswered
from leadflow.inbox.queries import working as queries
from leadflow.inbox.service.reading import asking, found, held, recipient
from leadflow.inbox.types import PresenceKind, Present
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid, Refused
from leadflow.leads import service as leads
from leadflow.messaging import service as messaging
from leadflow.messaging.rules.templates import MAX_LENGTH
from leadflow.messaging.types import Draft
from models.vocabulary import Permission, Verdict

JUST_NOW = timedelta(seconds=10)
"""Within this time of a colleague's answer a second one asks to be confirmed. Own choice."""
PRESENT_FOR = timedelta(seconds=15)
"""Without a sign of life for so long, somebody has left. Own choice."""
TYPING_FOR = timedelta(seconds=8)
"""Without a key for so long, somebody does not write any more. Own choice."""
FORGOTTEN_AFTER = timedelta(hours=1)
"""Rows of presence that are older are removed by the next that is written."""


def reply(uow: UnitOfWork, actor: Principal, conversation_id: UUID, body: str, beside: UUID | None = None) -> UUID:
    """Answer a conversation. The text is queued and sent by a worker through the gate, at once or when the hour allows.

    Whoever answers works on the lead from then on: the claim is taken with the text or not at all.

    Args:
        uow: the caller's transaction.
        actor: who answers.
        conversation_id: which.
        body: the words.
        beside: a colleague's answer of moments ago that the writer knows of, to send this one all the same.

    Returns:
        The message's id.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
        ConversationLocked: a legal threat stands in it.
        JustAnswered: a colleague was faster by seconds.
        Invalid: the text is empty or too long.
        Refused: the gate says no, with its reasons.
        Claimed: somebody else works on the lead.
    """
    require(actor, Permission.INBOX_REPLY)
    # Held, so that two who answer at once wait for each other here, and the second is told of the first.
    conversation = held(uow, actor, conversation_id)
    if conversation.locked:
        raise ConversationLocked
    words = body.replace("\x00", "").strip()
    if not words or len(words) > MAX_LENGTH:
        raise Invalid(f"Write a text of 1 to {MAX_LENGTH} characters.", "body")
    now = uow.now()
    # The conversation before the lead, as for a text that comes in.
    leads.begin_work(uow, actor, conversation.lead_id)
    _refuse_beside(uow, actor, conversation_id, beside)
    whom = recipient(uow, conversation)
    ask = asking(uow, conversation)
    decision = compliance.assess(uow, [whom], ask, now)[0]
    if decision.verdict is Verdict.BLOCKED:
        raise Refused(sentence(decision.reasons[0]), decision.reasons)
    draft = Draft(
        e164=conversation.e164,
        body=words,
        lead_id=whom.lead_id,
        property_id=whom.property_id,
        person_id=whom.person_id,
        phone_id=whom.phone_id,
        not_before=decision.later_at,
    )
    message_id = messaging.queue_one(
        uow, ask.purpose, conversation.sender_number_id, draft, conversation.id, actor.user_id
    )
    conversation.last_at, conversation.last_snippet, conversation.unread = now, words[:160], 0
    conversation.snoozed_until = None
    audit.record(
        uow, actor.user_id, "conversation.answered", "conversation", conversation.id, {"message": str(message_id)}
    )
    return message_id


def _refuse_beside(uow: UnitOfWork, actor: Principal, conversation_id: UUID, beside: UUID | None) -> None:
    now = uow.now()
    last = queries.just_answered(uow, conversation_id, actor.user_id, now - JUST_NOW)
    if last is not None and last[0] != beside:
        raise JustAnswered(last[1], now - last[2], last[0])


def arrive(
    uow: UnitOfWork, actor: Principal, conversation_id: UUID, kind: PresenceKind = PresenceKind.VIEWING
) -> tuple[Present, ...]:
    """Give a sign of life at a conversation, and see who else is there.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    require(actor, Permission.INBOX_READ)
    found(uow, actor, conversation_id)
    if actor.user_id is not None:
        now = uow.now()
        queries.leave(uow, UUID(int=0), now - FORGOTTEN_AFTER)
        queries.arrive(uow, conversation_id, actor.user_id, kind, now)
    return others(uow, actor, conversation_id)


def others(uow: UnitOfWork, actor: Principal, conversation_id: UUID) -> tuple[Present, ...]:
    """List who else looks at a conversation or writes in it.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
    """
    require(actor, Permission.INBOX_READ)
    found(uow, actor, conversation_id)
    now = uow.now()
    return tuple(queries.others(uow, conversation_id, actor.user_id, now - PRESENT_FOR, now - TYPING_FOR))
