"""Answers that are kept ready, and the values that they name."""

from __future__ import annotations

from uuid import UUID

from psycopg.rows import dict_row
from sqlmodel import col, or_, select

from leadflow.kernel.db import UnitOfWork
from models.inbox import CannedReply


def listing(uow: UnitOfWork, user_id: UUID | None) -> list[CannedReply]:
    """List the organisation's answers and a member's own, own ones first, then by key and name."""
    statement = select(CannedReply).where(
        CannedReply.org_id == uow.org(), or_(col(CannedReply.owner_id) == user_id, col(CannedReply.owner_id).is_(None))
    )
    found = uow.session.exec(statement).all()
    return sorted(found, key=lambda one: (one.owner_id is None, one.key or 10, one.name.lower()))


def held(uow: UnitOfWork, reply_id: UUID) -> CannedReply | None:
    """Read one and hold it."""
    return uow.session.get(CannedReply, (uow.org(), reply_id), with_for_update=True)


def with_key_or_name(
    uow: UnitOfWork, owner_id: UUID | None, key: int | None, name: str, but: UUID | None
) -> tuple[str, int | None] | None:
    """Find another answer of the same owner that has the key or the name."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select name, key from canned_reply
            where org_id = %(org)s and owner_id is not distinct from %(owner)s and id is distinct from %(but)s
              and (key = %(key)s or lower(name) = lower(%(name)s)) order by key = %(key)s desc limit 1
            """,
            {"org": uow.org(), "owner": owner_id, "key": key, "name": name, "but": but},
        )
        row = cursor.fetchone()
    return (row[0], row[1]) if row else None


def values(uow: UnitOfWork, conversation_id: UUID) -> dict[str, str | None]:
    """Read the values of the merge fields for one conversation."""
    with uow.connection().cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            """
            select initcap(p.first_name) as first_name, initcap(p.last_name) as last_name, p.name as full_name,
                   r.street, r.city, r.state, r.zip5 as zip, r.county, o.name as our_name
            from conversation c
            join organization o on o.id = c.org_id
            left join person p on p.org_id = c.org_id and p.id = c.person_id
            left join lead l on l.org_id = c.org_id and l.id = c.lead_id
            left join property r on r.org_id = l.org_id and r.id = l.property_id
            where c.org_id = %s and c.id = %s
            """,
            [uow.org(), conversation_id],
        )
        row = cursor.fetchone()
    return dict(row) if row else {}
