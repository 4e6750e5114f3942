"""Who works on a lead: one row, one holder, until an instant."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from leadflow.kernel.db import UnitOfWork
from leadflow.leads.types import Claim
from leadflow.leads.work_types import ClaimRow


def take(uow: UnitOfWork, lead_id: UUID, user_id: UUID, until: datetime, now: datetime) -> bool:
    """Claim a lead that nobody else holds; of two at once, the second waits for the row and finds it held."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update lead set claimed_by = %(user)s, claimed_until = %(until)s, updated_at = now()
            where org_id = %(org)s and id = %(lead)s and removed_at is null
              and (claimed_by is null or claimed_by = %(user)s or claimed_until <= %(now)s)
            """,
            {"org": uow.org(), "lead": lead_id, "user": user_id, "until": until, "now": now},
        )
        return cursor.rowcount > 0


def seize(uow: UnitOfWork, lead_id: UUID, user_id: UUID, until: datetime) -> None:
    """Claim a lead whoever holds it."""
    with uow.cursor() as cursor:
        cursor.execute(
            "update lead set claimed_by = %s, claimed_until = %s, updated_at = now() where org_id = %s and id = %s",
            [user_id, until, uow.org(), lead_id],
        )


def release(uow: UnitOfWork, lead_id: UUID, user_id: UUID) -> bool:
    """Give a claim up; False where it was not the user's."""
    with uow.cursor() as cursor:
        cursor.execute(
            "update lead set claimed_by = null, claimed_until = null, updated_at = now()"
            " where org_id = %s and id = %s and claimed_by = %s",
            [uow.org(), lead_id, user_id],
        )
        return cursor.rowcount > 0


def held(uow: UnitOfWork, leads: Sequence[UUID], now: datetime) -> dict[UUID, Claim]:
    """Read the claims that hold now, by lead."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select l.id, l.claimed_by, coalesce(u.name, ''), l.claimed_until from lead l
            left join "user" u on u.id = l.claimed_by
            where l.org_id = %s and l.id = any(%s) and l.claimed_by is not null and l.claimed_until > %s
            """,
            [uow.org(), list(leads), now],
        )
        return {row[0]: Claim(row[1], row[2], row[3]) for row in cursor.fetchall()}


_STANDS = """
    from lead l
    join property h on h.org_id = l.org_id and h.id = l.property_id
    left join "user" u on u.id = l.claimed_by
    where l.org_id = %(org)s and l.claimed_by is not null and l.claimed_until > %(now)s
      and (%(me)s::uuid is null or l.assignee_id = %(me)s)
"""


def rows(
    uow: UnitOfWork, now: datetime, only_mine: UUID | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[ClaimRow]:
    """List the claims that hold now, those that end first first."""
    until, row_id = after or (None, None)
    with uow.cursor() as cursor:
        cursor.execute(
            f"""
            select l.id, concat_ws(' ', h.street, h.unit), l.claimed_by, coalesce(u.name, ''), l.claimed_until
            {_STANDS} and (%(until)s::timestamptz is null or (l.claimed_until, l.id) > (%(until)s, %(id)s))
            order by l.claimed_until, l.id limit %(limit)s
            """.encode(),
            {"org": uow.org(), "now": now, "me": only_mine, "until": until, "id": row_id, "limit": limit},
        )
        return [ClaimRow(*row) for row in cursor.fetchall()]


def count(uow: UnitOfWork, now: datetime, only_mine: UUID | None) -> int:
    """Count the claims that hold now."""
    with uow.cursor() as cursor:
        cursor.execute(f"select count(*) {_STANDS}".encode(), {"org": uow.org(), "now": now, "me": only_mine})
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def minutes(uow: UnitOfWork) -> int:
    """Read for how many minutes a lead is its claimer's."""
    with uow.cursor() as cursor:
        cursor.execute("select claim_minutes from organization where id = %s", [uow.org()])
        row = cursor.fetchone()
    return int(row[0]) if row else 15


def stands(uow: UnitOfWork, lead_id: UUID) -> bool:
    """Say whether a lead is there and not removed."""
    with uow.cursor() as cursor:
        cursor.execute("select 1 from lead where org_id = %s and id = %s and removed_at is null", [uow.org(), lead_id])
        return cursor.fetchone() is not None
