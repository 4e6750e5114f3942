"""Writing texts down, taking them back, finding who has something to send."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from leadflow.kernel.db import UnitOfWork
from leadflow.messaging.types import Draft
from models.vocabulary import MessageState, Purpose


class Terms(NamedTuple):
    """What all texts of a campaign share."""

    sender_id: UUID | None
    pool_id: UUID | None
    send_before: datetime | None
    price: int
    """Hundredths of a cent a segment."""


def terms(uow: UnitOfWork, campaign_id: UUID) -> Terms | None:
    """Read a campaign's sender, deadline and price."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select c.sender_number_id, c.pool_id, c.send_before, o.price_per_segment_cents_x100
            from campaign c join organization o on o.id = c.org_id where c.org_id = %s and c.id = %s
            """,
            [uow.org(), campaign_id],
        )
        row = cursor.fetchone()
    return Terms(*row) if row else None


def price(uow: UnitOfWork) -> int:
    """Read the price of a segment in hundredths of a cent."""
    with uow.cursor() as cursor:
        cursor.execute("select price_per_segment_cents_x100 from organization where id = %s", [uow.org()])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def insert(
    uow: UnitOfWork,
    campaign_id: UUID,
    step: int,
    senders: Sequence[UUID | None],
    send_before: datetime | None,
    drafts: Sequence[Draft],
    sizes: Sequence[tuple[int, int]],
    now: datetime,
) -> int:
    """Write texts of a campaign in one statement; one that is there already is passed over.

    Args:
        uow: the caller's transaction.
        campaign_id: the campaign.
        step: its message.
        senders: from which number each goes.
        send_before: after this instant they are stale.
        drafts: the texts; one with reasons is stored as blocked.
        sizes: segments and cost of each.
        now: the present instant.

    Returns:
        How many were written.
    """
    with uow.cursor() as cursor:
        cursor.execute(
            """
            insert into message (org_id, state, purpose, campaign_id, step, sender_number_id, send_before, e164, body,
                                 lead_id, property_id, person_id, phone_id, segments, cost_cents_x100, not_before,
                                 reasons, final_at, variant, attempt)
            select %(org)s, case when x.reasons = '' then %(queued)s else %(blocked)s end, %(purpose)s, %(campaign)s,
                   %(step)s, x.sender, least(x.send_before, %(send_before)s), x.e164, x.body, x.lead_id,
                   x.property_id, x.person_id, x.phone_id, x.segments, x.cost, coalesce(x.not_before, %(now)s),
                   string_to_array(x.reasons, ','),
                   case when x.reasons = '' then null else %(now)s::timestamptz end, x.variant, x.attempt
            from unnest(%(numbers)s::bigint[], %(bodies)s::text[], %(leads)s::uuid[], %(properties)s::uuid[],
                        %(people)s::uuid[], %(phones)s::uuid[], %(segments)s::int[], %(costs)s::int[],
                        %(starts)s::timestamptz[], %(reasons)s::text[], %(ends)s::timestamptz[],
                        %(variants)s::text[], %(attempts)s::int[], %(senders)s::uuid[])
                 as x (e164, body, lead_id, property_id, person_id, phone_id, segments, cost, not_before, reasons,
                       send_before, variant, attempt, sender)
            on conflict (org_id, campaign_id, step, e164, attempt) where campaign_id is not null do nothing
            """,
            {
                "org": uow.org(),
                "queued": MessageState.QUEUED.value,
                "blocked": MessageState.BLOCKED.value,
                "purpose": Purpose.CAMPAIGN.value,
                "campaign": campaign_id,
                "step": step,
                "senders": list(senders),
                "send_before": send_before,
                "now": now,
                "numbers": [int(draft.e164) for draft in drafts],
                "bodies": [draft.body for draft in drafts],
                "leads": [draft.lead_id for draft in drafts],
                "properties": [draft.property_id for draft in drafts],
                "people": [draft.person_id for draft in drafts],
                "phones": [draft.phone_id for draft in drafts],
                "segments": [size[0] for size in sizes],
                "costs": [size[1] for size in sizes],
                "starts": [draft.not_before for draft in drafts],
                "reasons": [",".join(draft.reasons) for draft in drafts],
                "ends": [draft.send_before for draft in drafts],
                "variants": [draft.variant for draft in drafts],
                "attempts": [draft.attempt for draft in drafts],
            },
        )
        return cursor.rowcount


def withdraw(uow: UnitOfWork, origins: Sequence[str], where: Mapping[str, object], reason: str, now: datetime) -> int:
    """Take texts back that were not submitted.

    Args:
        uow: the caller's transaction.
        origins: the states from which a text can be taken back.
        where: ``campaign`` (an id), ``numbers`` (integers of E.164), or ``property`` (an id) and ``kept`` (the number
            that goes on).
        reason: stands on each.
        now: the present instant.
    """
    with uow.cursor() as cursor:
        cursor.execute(
            """
            with taken as (
                update message set state = %(withdrawn)s, reasons = array[%(reason)s], final_at = %(now)s,
                       lease_until = null, updated_at = now()
                where org_id = %(org)s and state = any(%(origins)s)
                  and (%(campaign)s::uuid is null or campaign_id = %(campaign)s)
                  and (%(numbers)s::bigint[] is null or e164 = any(%(numbers)s) and purpose <> %(confirmation)s)
                  and (%(property)s::uuid is null or property_id = %(property)s and e164 <> %(kept)s
                       and campaign_id is not null)
                returning id
            )
            insert into message_event (org_id, message_id, at, state, detail)
            select %(org)s, id, %(now)s, %(withdrawn)s, jsonb_build_object('reason', %(reason)s::text) from taken
            """,
            {
                "campaign": None,
                "numbers": None,
                "property": None,
                "kept": None,
                **where,
                "org": uow.org(),
                "withdrawn": MessageState.WITHDRAWN.value,
                "confirmation": Purpose.CONFIRMATION.value,
                "origins": list(origins),
                "reason": reason,
                "now": now,
            },
        )
        return cursor.rowcount


# A sender has something to do when a text is due on it that belongs to a running campaign or to none.
_DUE = """
    from sender_number s join organization o on o.id = s.org_id
    where s.registration = 'verified' and s.disabled_at is null and not o.sending_paused
    and not exists (select 1 from restore r where r.org_id = s.org_id and r.resumed_at is null)
    and (exists (select 1 from message m where m.org_id = s.org_id and m.campaign_id is null and m.state = 'queued'
                 and m.not_before <= %(now)s and m.sender_number_id = s.id)
         or (s.cooling_until is null or s.cooling_until <= %(now)s)
            and exists (select 1 from campaign c where c.org_id = s.org_id and c.state = 'running'
                        and exists (select 1 from message m where m.org_id = c.org_id and m.campaign_id = c.id
                                    and m.sender_number_id = s.id and m.state = 'queued'
                                    and m.not_before <= %(now)s)))
"""
_UNSERVED = """
    and s.org_id = %(org)s
    and not exists (select 1 from job j where j.kind = 'message.send' and j.state = 'running' and j.org_id = s.org_id
                    and j.payload ->> 'sender_number_id' = s.id::text)
"""


def due_senders(uow: UnitOfWork, now: datetime) -> list[UUID]:
    """List the organisation's numbers that have something to send and that nobody is serving."""
    with uow.cursor() as cursor:
        cursor.execute(("select s.id" + _DUE + _UNSERVED).encode(), {"org": uow.org(), "now": now})
        return [row[0] for row in cursor.fetchall()]


def due_organizations(uow: UnitOfWork, now: datetime) -> list[UUID]:
    """List organisations that have something to send."""
    with uow.cursor() as cursor:
        cursor.execute(("select distinct s.org_id" + _DUE).encode(), {"now": now})
        return [row[0] for row in cursor.fetchall()]
