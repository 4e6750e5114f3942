"""Tombstones and legal holds."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from leadflow.kernel.db import UnitOfWork
from models.retention import LegalHold
from models.vocabulary import HoldSubject


def get(uow: UnitOfWork, hold_id: UUID) -> LegalHold | None:
    """Read one hold, held until the transaction ends."""
    return uow.session.get(LegalHold, (uow.org(), hold_id), with_for_update=True)


_ROW = """
    select h.id, h.subject, h.e164, h.phone_key, p.name as person, c.name as campaign, h.reason, h.placed_at,
           h.placed_by, u.name as placed_by_name, h.lifted_at, v.name as lifted_by_name, h.lifted_why
    from legal_hold h
    left join person p on p.org_id = h.org_id and p.id = h.person_id
    left join campaign c on c.org_id = h.org_id and c.id = h.campaign_id
    left join "user" u on u.id = h.placed_by
    left join "user" v on v.id = h.lifted_by
"""


def listed(
    uow: UnitOfWork, *, standing: bool | None, after: tuple[datetime, UUID] | None, limit: int
) -> list[dict[str, Any]]:
    """List holds, newest first."""
    return _rows(
        uow,
        """
        where h.org_id = %(org)s and (%(standing)s::boolean is null or (h.lifted_at is null) = %(standing)s)
          and (%(at)s::timestamptz is null or (h.placed_at, h.id) < (%(at)s, %(id)s::uuid))
        order by h.placed_at desc, h.id desc limit %(limit)s
        """,
        {
            "standing": standing,
            "at": after[0] if after else None,
            "id": after[1] if after else None,
            "limit": limit,
        },
    )


def count(uow: UnitOfWork, *, standing: bool | None) -> int:
    """Count holds."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select count(*) from legal_hold where org_id = %(org)s"
            " and (%(standing)s::boolean is null or (lifted_at is null) = %(standing)s)",
            {"org": uow.org(), "standing": standing},
        )
        row = cursor.fetchone()
    return row[0] if row else 0


def against(uow: UnitOfWork, person_id: UUID, keys: list[bytes]) -> list[dict[str, Any]]:
    """List the holds that stand against erasing a person: their own, their numbers', their campaigns'."""
    return _rows(
        uow,
        """
        where h.org_id = %(org)s and h.lifted_at is null and (
            h.person_id = %(person)s or h.phone_key = any(%(keys)s) or h.campaign_id in (
                select m.campaign_id from message m where m.org_id = %(org)s and m.person_id = %(person)s
                union select a.campaign_id from audience_member a
                where a.org_id = %(org)s and a.person_id = %(person)s))
        order by h.placed_at
        """,
        {"person": person_id, "keys": keys},
    )


def standing_on(
    uow: UnitOfWork, subject: HoldSubject, person: UUID | None, key: bytes | None, campaign: UUID | None
) -> bool:
    """Say whether such a hold stands already."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select exists (select 1 from legal_hold where org_id = %s and lifted_at is null and subject = %s"
            " and person_id is not distinct from %s and phone_key is not distinct from %s"
            " and campaign_id is not distinct from %s)",
            [uow.org(), subject.value, person, key, campaign],
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def exists(uow: UnitOfWork, subject: HoldSubject, row_id: UUID) -> bool:
    """Say whether the organisation has such a person or campaign."""
    table = "person" if subject is HoldSubject.PERSON else "campaign"
    with uow.cursor() as cursor:
        cursor.execute(f"select 1 from {table} where org_id = %s and id = %s".encode(), [uow.org(), row_id])  # noqa: S608 constants
        return cursor.fetchone() is not None


def _rows(uow: UnitOfWork, rest: str, given: dict[str, Any]) -> list[dict[str, Any]]:
    with uow.connection().cursor(row_factory=dict_row) as cursor:
        cursor.execute((_ROW + rest).encode(), {"org": uow.org(), **given})
        return cursor.fetchall()


def erasures(uow: UnitOfWork, after: tuple[datetime, UUID] | None, limit: int) -> list[dict[str, Any]]:
    """List tombstones, newest first."""
    with uow.connection().cursor(row_factory=dict_row) as cursor:
        cursor.execute(
            """
            select e.id, e.person_id, e.at, e.actor_id, coalesce(u.name, '') as actor, e.request, e.reference, e.counts
            from erasure e left join "user" u on u.id = e.actor_id
            where e.org_id = %(org)s
              and (%(at)s::timestamptz is null or (e.at, e.id) < (%(at)s, %(id)s::uuid))
            order by e.at desc, e.id desc limit %(limit)s
            """,
            {
                "org": uow.org(),
                "at": after[0] if after else None,
                "id": after[1] if after else None,
                "limit": limit,
            },
        )
        return cursor.fetchall()


def count_erasures(uow: UnitOfWork) -> int:
    """Count tombstones."""
    with uow.cursor() as cursor:
        cursor.execute("select count(*) from erasure where org_id = %s", [uow.org()])
        row = cursor.fetchone()
    return row[0] if row else 0
