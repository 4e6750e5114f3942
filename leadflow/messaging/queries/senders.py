"""Our own numbers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from psycopg.rows import TupleRow

from leadflow.kernel.db import UnitOfWork
from leadflow.messaging.number_types import SenderRow
from leadflow.messaging.rules.registration import to_do
from models.vocabulary import RegistrationState

_WAITING = """
    (select count(*) from message m join campaign c on c.org_id = m.org_id and c.id = m.campaign_id
     where m.org_id = s.org_id and m.sender_number_id = s.id and m.state = 'queued'
       and c.state in ('running', 'paused'))
    + (select count(*) from message m where m.org_id = s.org_id and m.campaign_id is null
       and m.sender_number_id = s.id and m.state = 'queued')
"""
_WAITING_THERE = """
    (select count(*) from message m where m.org_id = s.org_id and m.campaign_id = %(campaign)s
     and m.sender_number_id = s.id and m.state = 'queued')
"""
_THERE = """
    and (exists (select 1 from campaign c left join pool_member p on p.org_id = c.org_id and p.pool_id = c.pool_id
                 where c.org_id = s.org_id and c.id = %(campaign)s and s.id in (c.sender_number_id, p.sender_number_id))
         or exists (select 1 from message m where m.org_id = s.org_id and m.campaign_id = %(campaign)s
                    and m.sender_number_id = s.id and m.state = 'queued'))
"""


def rows(uow: UnitOfWork, now: datetime, campaign_id: UUID | None = None) -> list[SenderRow]:
    """List the organisation's numbers, or a campaign's, with what waits on each and what it sent of late."""
    waiting, there = (_WAITING, "") if campaign_id is None else (_WAITING_THERE, _THERE)
    with uow.cursor() as cursor:
        cursor.execute(
            f"""
            select s.id, s.e164, s.label, s.registration, s.per_minute, s.disabled_at, s.disabled_why, {waiting},
                   (select count(*) from message m where m.org_id = s.org_id and m.sender_number_id = s.id
                    and m.submitted_at > %(now)s::timestamptz - interval '1 hour'),
                   s.per_day,
                   (select count(*) from message m where m.org_id = s.org_id and m.sender_number_id = s.id
                    and m.submitted_at > %(now)s::timestamptz - interval '1 day'),
                   case when s.cooling_until > %(now)s then s.cooling_until end, s.cooling_why, s.binding,
                   s.registered_campaign_id, coalesce(nullif(r.use_case, ''), r.registry_id, ''), coalesce(b.name, ''),
                   b.status, r.status
            from sender_number s
            left join registered_campaign r on r.org_id = s.org_id and r.id = s.registered_campaign_id
            left join brand b on b.org_id = r.org_id and b.id = r.brand_id
            where s.org_id = %(org)s {there} order by s.created_at, s.id
            """.encode(),  # noqa: S608 constants
            {"org": uow.org(), "now": now, "campaign": campaign_id},
        )
        return [_row(row) for row in cursor.fetchall()]


def _row(row: TupleRow) -> SenderRow:
    brand = None if row[17] is None else RegistrationState(row[17])
    campaign = None if row[18] is None else RegistrationState(row[18])
    binding = RegistrationState(row[13])
    return SenderRow(
        id=row[0],
        e164=f"+{row[1]}",
        label=row[2],
        registration=RegistrationState(row[3]),
        per_minute=row[4],
        disabled_at=row[5],
        disabled_why=row[6],
        queued=row[7],
        sent_last_hour=row[8],
        per_day=row[9],
        sent_last_day=row[10],
        cooling_until=row[11],
        cooling_why=row[12] if row[11] else None,
        binding=binding,
        registered_campaign_id=row[14],
        campaign=row[15],
        brand=row[16],
        to_do=to_do(brand, campaign, binding),
    )


def disable(uow: UnitOfWork, sender_ids: Sequence[UUID] | None, why: str, now: datetime) -> list[UUID]:
    """Let numbers send no more; None means all of the organisation. Answers those that could until now."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update sender_number set disabled_at = %(now)s, disabled_why = %(why)s, updated_at = now()
            where org_id = %(org)s and disabled_at is null and (%(ids)s::uuid[] is null or id = any(%(ids)s))
            returning id
            """,
            {"org": uow.org(), "now": now, "why": why, "ids": None if sender_ids is None else list(sender_ids)},
        )
        return [row[0] for row in cursor.fetchall()]


def exists(uow: UnitOfWork, e164: str) -> bool:
    """Say whether any organisation has registered a number."""
    with uow.cursor() as cursor:
        cursor.execute("select exists (select 1 from sender_number where e164 = %s)", [int(e164)])
        row = cursor.fetchone()
    return bool(row and row[0])
