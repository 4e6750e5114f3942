"""Correct what the machine made of a reply: a stricter label takes effect at once, a milder one opens nothing."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.compliance.types import Mark
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.inbox.queries import working as queries
from leadflow.inbox.rules.outcomes import STOPPING
from leadflow.inbox.service.reading import held
from leadflow.inbox.types import Relabeled
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Invalid
from leadflow.leads import service as leads
from leadflow.properties import service as properties
from models.messaging import Conversation
from models.vocabulary import ActivityKind, Permission, PhoneStatus, ReplyLabel, SuppressionKind

CALL_BACK_IN = timedelta(hours=4)
"""How soon a person has to look at a legal threat; as for one that the machine finds."""


def relabel(uow: UnitOfWork, actor: Principal, conversation_id: UUID, label: ReplyLabel, why: str = "") -> Relabeled:
    """Say what the last reply of a conversation really means.

    A label that stops contact does so at once. Where the label before had suppressed somebody and the new one would
    not, the suppression stands, and a second person is asked to release it; what waited for a reader waits no longer.

    Raises:
        NotFound: there is none, or it is not the caller's to see.
        Conflict: nobody has written yet.
        Invalid: a suppression stands, and no reason was given.
    """
    require(actor, Permission.INBOX_REPLY)
    conversation = held(uow, actor, conversation_id)
    last = queries.last_text(uow, conversation_id)
    if last is None:
        raise Conflict("Nobody has written in this conversation yet.")
    text_id, before, body, at = last
    if label is before:
        return Relabeled(label, 0, ())
    queries.relabel(uow, text_id, label, actor.user_id, uow.now())
    conversation.label, conversation.confidence = label, None
    lifted, asked = 0, ()
    if label in STOPPING:
        _stop(uow, actor, conversation, label)
    else:
        lifted = compliance.settle_review(uow, actor, conversation.e164)
        asked = _ask_release(uow, actor, conversation, why.strip(), f"Their text of {at:%Y-%m-%d %H:%M} UTC: “{body}”")
    _tell(uow, actor, conversation, before, label)
    detail = {"text": str(text_id), "from": before.value, "to": label.value, "releases": [str(one) for one in asked]}
    audit.record(uow, actor.user_id, "reply.relabeled", "conversation", conversation.id, detail)
    return Relabeled(label, lifted, asked)


def _ask_release(
    uow: UnitOfWork, actor: Principal, conversation: Conversation, why: str, evidence: str
) -> tuple[UUID, ...]:
    standing = queries.standing(uow, conversation.id, int(conversation.e164), list(STOPPING.values()))
    if standing and not why:
        raise Invalid(
            "This reply has suppressed the person. Say why that was wrong: a second person decides by that.", "why"
        )
    return tuple(compliance.ask_release(uow, actor, one, why, evidence) for one, _ in standing)


def _stop(uow: UnitOfWork, actor: Principal, conversation: Conversation, label: ReplyLabel) -> None:
    """Put into force what a label forbids, as the machine would have done."""
    kind, evidence = STOPPING[label], {"conversation_id": str(conversation.id), "label": label.value}
    person_id = conversation.person_id if label is ReplyLabel.DECEASED else None
    if kind is not SuppressionKind.WRONG_NUMBER and kind is not SuppressionKind.DECEASED:
        compliance.opt_out(
            uow, conversation.e164, source="manual", evidence=evidence, now=uow.now(), actor_id=actor.user_id
        )
    if kind is not SuppressionKind.OPT_OUT:
        compliance.suppress(uow, actor, Mark(kind, "manual", conversation.e164, person_id, evidence=evidence))
    if kind is SuppressionKind.WRONG_NUMBER:
        properties.phone_status(uow, conversation.e164, PhoneStatus.WRONG)
        leads.refresh_for(uow, phones=[conversation.e164])
    if kind is SuppressionKind.LEGAL_THREAT:
        conversation.locked = True
        if conversation.lead_id is not None:
            system = Principal.system(uow.org())
            title = "Read the legal threat and decide what to answer"
            leads.follow_task(uow, system, conversation.lead_id, title, uow.now() + CALL_BACK_IN)


def _tell(uow: UnitOfWork, actor: Principal, conversation: Conversation, before: ReplyLabel, after: ReplyLabel) -> None:
    if conversation.lead_id is None:
        return
    words = f"Reply read as {_words(after)} instead of {_words(before)}"
    detail = {"conversation_id": str(conversation.id)}
    leads.record(uow, conversation.lead_id, ActivityKind.EDITED, words, actor_id=actor.user_id, detail=detail)


def _words(label: ReplyLabel) -> str:
    return label.value.replace("_", " ")
