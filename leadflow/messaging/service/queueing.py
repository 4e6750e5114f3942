"""Writing texts down, taking them back, waking the senders."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from leadflow.jobs import service as jobs
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, NotFound
from leadflow.messaging.queries import queue as queries
from leadflow.messaging.rules.machine import origins
from leadflow.messaging.rules.segments import quote
from leadflow.messaging.service.linking import keep, shortened
from leadflow.messaging.service.pools import hand_over, senders_for
from leadflow.messaging.types import Draft, Event
from models.messaging import Message
from models.vocabulary import JobKind, Purpose

STALE_AFTER = timedelta(days=1)
"""A reply that could not go out by then answers a conversation that has moved on."""


def queue_many(uow: UnitOfWork, campaign_id: UUID, step: int, drafts: Sequence[Draft]) -> int:
    """Write texts of a campaign, one a number and step however often this is called.

    A draft with reasons is stored as blocked: it is listed, and never sent.

    Returns:
        How many were new.

    Raises:
        NotFound: no such campaign.
        Conflict: it has no sender number.
    """
    terms = queries.terms(uow, campaign_id)
    if terms is None:
        raise NotFound
    if terms.sender_id is None and terms.pool_id is None:
        raise Conflict("This campaign has no number to send from.")
    if not drafts:
        return 0
    domain, drafts, found = shortened(uow, drafts)
    sizes = [(size.segments, size.cost) for size in (quote(draft.body, terms.price) for draft in drafts)]
    now = uow.now()
    senders = [terms.sender_id] * len(drafts) if terms.sender_id else _from_pool(uow, terms, drafts)
    written = queries.insert(uow, campaign_id, step, senders, terms.send_before, drafts, sizes, now)
    keep(uow, domain, campaign_id, step, drafts, found)
    return written


def _from_pool(uow: UnitOfWork, terms: queries.Terms, drafts: Sequence[Draft]) -> list[UUID]:
    return senders_for(uow, terms.pool_id, drafts) if terms.pool_id else []


def queue_one(
    uow: UnitOfWork,
    purpose: Purpose,
    sender_id: UUID,
    draft: Draft,
    conversation_id: UUID | None,
    actor_id: UUID | None,
) -> UUID:
    """Write one text outside a campaign (a reply, a confirmation) and wake its sender."""
    now = uow.now()
    size = quote(draft.body, queries.price(uow))
    message = Message(
        org_id=uow.org(),
        purpose=purpose,
        conversation_id=conversation_id,
        lead_id=draft.lead_id,
        property_id=draft.property_id,
        person_id=draft.person_id,
        phone_id=draft.phone_id,
        e164=draft.e164,
        sender_number_id=sender_id,
        body=draft.body,
        segments=size.segments,
        cost_cents_x100=size.cost,
        not_before=draft.not_before or now,
        send_before=now + STALE_AFTER,
        actor_id=actor_id,
    )
    uow.session.add(message)
    uow.session.flush()
    wake(uow, sender_id)
    return message.id


def withdraw_campaign(uow: UnitOfWork, campaign_id: UUID, reason: str = "cancelled") -> int:
    """Take back every text of a campaign that was not submitted."""
    return queries.withdraw(uow, origins(Event.WITHDRAW), {"campaign": campaign_id}, reason, uow.now())


def withdraw_numbers(uow: UnitOfWork, e164s: Collection[str], reason: str, *, campaign_id: UUID | None = None) -> int:
    """Take back every text to these numbers that was not submitted, of one campaign or of any; confirmations stay."""
    if not e164s:
        return 0
    where: dict[str, object] = {"numbers": [int(number) for number in e164s], "campaign": campaign_id}
    return queries.withdraw(uow, origins(Event.WITHDRAW), where, reason, uow.now())


def withdraw_others(uow: UnitOfWork, property_id: UUID, e164: str, reason: str) -> int:
    """Take back campaigns' texts about a property to other numbers than this one that were not submitted."""
    where = {"property": property_id, "kept": int(e164)}
    return queries.withdraw(uow, origins(Event.WITHDRAW), where, reason, uow.now())


def dispatch(uow: UnitOfWork) -> int:
    """Wake a sender for each of the organisation's numbers that has something to send and is not served.

    Returns:
        How many numbers that were.
    """
    hand_over(uow)
    found = queries.due_senders(uow, uow.now())
    for sender_id in found:
        wake(uow, sender_id)
    return len(found)


def wake(uow: UnitOfWork, sender_id: UUID, at: datetime | None = None) -> None:
    """Let a worker look at a number at ``at`` or soon; once, however many ask."""
    payload = {"sender_number_id": str(sender_id)}
    jobs.enqueue(uow, JobKind.MESSAGE_SEND, payload=payload, run_at=at, unique_key=str(sender_id))
