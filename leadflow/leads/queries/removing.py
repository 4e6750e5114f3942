"""Removes leads and restores them. A removed lead keeps everything but its flat row, and so stands in no list."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import sql
from psycopg.types.json import Jsonb

from leadflow.kernel.db import UnitOfWork
from leadflow.leads.types import RemovedRow
from models.vocabulary import LeadStatus

_STANDS = """
    from lead l
    join property h on h.org_id = l.org_id and h.id = l.property_id
    left join "user" u on u.id = l.removed_by
    left join lateral (
        select string_agg(n.name, ' & ' order by y.position, n.id) as names
        from property_party y join person n on n.org_id = y.org_id and n.id = y.person_id
        where y.org_id = l.org_id and y.property_id = l.property_id and y.role = 'owner'
    ) o on true
    where l.org_id = %(org)s and l.removed_at is not null and l.erased_at is null
      and (%(words)s = '' or concat_ws(' ', h.street, h.unit, h.city, h.zip5, o.names, l.removed_why) ilike %(like)s)
"""


def remove(uow: UnitOfWork, ids: Sequence[UUID], by: UUID | None, why: str, at: datetime) -> list[UUID]:
    """Remove leads that are locked; answers those that stood until now."""
    given = {"org": uow.org(), "ids": list(ids), "by": by, "why": why, "at": at}
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update lead set removed_at = %(at)s, removed_by = %(by)s, removed_why = %(why)s, claimed_by = null,
                   claimed_until = null, updated_at = now()
            where org_id = %(org)s and id = any(%(ids)s) and removed_at is null returning id
            """,
            given,
        )
        gone = sorted(row[0] for row in cursor.fetchall())
        cursor.execute("delete from lead_search where org_id = %s and lead_id = any(%s)", [uow.org(), gone])
    return gone


def lock(uow: UnitOfWork, ids: Sequence[UUID], only_mine: UUID | None) -> list[UUID]:
    """Hold leads, removed ones too, until the end of the transaction; answers those that exist."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select id from lead where org_id = %(org)s and id = any(%(ids)s) and erased_at is null
              and (%(me)s::uuid is null or assignee_id = %(me)s) order by id for no key update
            """,
            {"org": uow.org(), "ids": list(ids), "me": only_mine},
        )
        return [row[0] for row in cursor.fetchall()]


def restore(uow: UnitOfWork, ids: Sequence[UUID], at: Sequence[datetime | None]) -> list[UUID]:
    """Restore leads that are locked, each that was removed at its instant (None: at any); answers those that were."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update lead l set removed_at = null, removed_by = null, removed_why = '', updated_at = now()
            from unnest(%(ids)s::uuid[], %(at)s::timestamptz[]) u (id, at)
            where l.org_id = %(org)s and l.id = u.id and l.removed_at is not null
              and (u.at is null or l.removed_at = u.at) returning l.id
            """,
            {"org": uow.org(), "ids": list(ids), "at": list(at)},
        )
        return sorted(row[0] for row in cursor.fetchall())


def of_properties(uow: UnitOfWork, properties: sql.Composable) -> list[tuple[UUID, str, dict[str, Any]]]:
    """Hold the removed leads of ``properties`` (``property_id``, ``verdict``); answers each with the verdict.

    And with who removed it, when and why, as ``remove_again`` takes it.
    """
    statement = sql.SQL(
        """
        select l.id, x.verdict, jsonb_build_object('at', l.removed_at, 'by', l.removed_by, 'why', l.removed_why)
        from ({}) x join lead l on l.org_id = %(org)s and l.property_id = x.property_id
        where l.removed_at is not null and l.erased_at is null order by l.id for no key update of l
        """
    ).format(properties)
    with uow.cursor() as cursor:
        cursor.execute(statement, {"org": uow.org()}, prepare=False)
        return [(row[0], str(row[1]), row[2]) for row in cursor.fetchall()]


def remove_again(uow: UnitOfWork, was: Mapping[UUID, Mapping[str, Any]]) -> list[UUID]:
    """Remove leads as they were removed before; answers those that stood until now."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update lead l set removed_at = u.at, removed_by = u.by, removed_why = u.why, claimed_by = null,
                   claimed_until = null, updated_at = now()
            from unnest(%(ids)s::uuid[], %(at)s::timestamptz[], %(by)s::uuid[], %(why)s::text[]) u (id, at, by, why)
            where l.org_id = %(org)s and l.id = u.id and l.removed_at is null returning l.id
            """,
            {"org": uow.org(), "ids": list(was)}
            | {name: [one[name] for one in was.values()] for name in ("at", "by", "why")},
        )
        gone = sorted(row[0] for row in cursor.fetchall())
        cursor.execute("delete from lead_search where org_id = %s and lead_id = any(%s)", [uow.org(), gone])
    return gone


_FORGOTTEN: dict[str, LiteralString] = {
    "custom_value": "delete from custom_value where {} returning lead_id, to_jsonb(custom_value)",
    "task": "delete from task where {} and state = 'open' returning lead_id, to_jsonb(task)",
}
"""What the team put on leads beside status, assignee, lists and tags, each row whole."""


def forget(uow: UnitOfWork, ids: Sequence[UUID]) -> dict[UUID, dict[str, list[Any]]]:
    """Take own fields and open tasks from leads; answers by lead what ``remember`` takes."""
    found: dict[UUID, dict[str, list[Any]]] = {}
    with uow.cursor() as cursor:
        for table, statement in _FORGOTTEN.items():
            of = sql.SQL("org_id = %s and lead_id = any(%s)")
            cursor.execute(sql.SQL(statement).format(of), [uow.org(), list(ids)])
            for lead_id, row in cursor.fetchall():
                found.setdefault(lead_id, {}).setdefault(table, []).append(row)
    return found


def remember(uow: UnitOfWork, forgotten: Mapping[str, Sequence[Any]]) -> None:
    """Write rows again that ``forget`` took; where there is one in their place, that stays."""
    with uow.cursor() as cursor:
        for table in _FORGOTTEN:
            if rows := forgotten.get(table):
                name = sql.Identifier(table)
                cursor.execute(
                    sql.SQL(
                        "insert into {} select * from jsonb_populate_recordset(null::{}, %s) on conflict do nothing"
                    ).format(name, name),
                    [Jsonb(list(rows))],
                )


def page(uow: UnitOfWork, words: str, after: tuple[datetime, UUID] | None, limit: int) -> list[RemovedRow]:
    """Read removed leads, the latest first."""
    at, row_id = after or (None, None)
    with uow.cursor() as cursor:
        cursor.execute(
            f"""
            select l.id, concat_ws(' ', h.street, h.unit), concat_ws(', ', h.city, concat_ws(' ', h.state, h.zip5)),
                   coalesce(o.names, ''), l.status, l.removed_at, coalesce(u.name, ''), l.removed_why
            {_STANDS} and (%(at)s::timestamptz is null or (l.removed_at, l.id) < (%(at)s, %(id)s))
            order by l.removed_at desc, l.id desc limit %(limit)s
            """.encode(),
            {**_given(uow, words), "at": at, "id": row_id, "limit": limit},
        )
        return [
            RemovedRow(row[0], row[1], row[2], row[3], LeadStatus(row[4]), row[5], row[6], row[7])
            for row in cursor.fetchall()
        ]


def count(uow: UnitOfWork, words: str) -> int:
    """Count removed leads."""
    statement = f"select count(*) {_STANDS}" if words else _ALL
    with uow.cursor() as cursor:
        cursor.execute(statement.encode(), _given(uow, words))
        row = cursor.fetchone()
    return int(row[0]) if row else 0


_ALL = "select count(*) from lead l where l.org_id = %(org)s and l.removed_at is not null and l.erased_at is null"


def _given(uow: UnitOfWork, words: str) -> dict[str, object]:
    like = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return {"org": uow.org(), "words": words, "like": f"%{like}%"}
