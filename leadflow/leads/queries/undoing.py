"""Takes back leads that an import made or brought back: which somebody has touched since, and the others' removal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from psycopg import sql

from leadflow.kernel.db import UnitOfWork

MADE = sql.Identifier("pg_temp", "leads_made")
"""Lives until the transaction ends: the leads of one import with their property, and why one is kept."""

_CONTACTED = """
    l.last_touch_at is not null
    or exists (select 1 from message m where m.org_id = l.org_id and m.lead_id = l.id)
    or exists (select 1 from conversation c where c.org_id = l.org_id and c.lead_id = l.id)
    or exists (select 1 from phone_call c where c.org_id = l.org_id and c.lead_id = l.id)
"""
_MERGED = """
    exists (select 1 from merged_record z where z.org_id = l.org_id and z.survivor_id in (l.id, l.property_id))
"""
_ELSEWHERE = """
    exists (select 1 from import_row r join import_batch b on b.org_id = r.org_id and b.id = r.import_id
            where r.org_id = l.org_id and r.property_id = l.property_id and r.import_id <> l.import_id
              and b.state <> 'undone')
"""
_FILLED = """
    exists (select 1 from custom_value v where v.org_id = l.org_id and v.lead_id = l.id and v.updated_at > %(at)s
            and not v.imported)
"""
_WORKED = """
    exists (select 1 from activity a where a.org_id = l.org_id and a.lead_id = l.id
              and a.detail ->> 'import_id' is distinct from %(import)s::text and not a.detail ? 'header')
"""
"""What an own field took over from the file is nobody's work."""
_IN_TURN = """
    exists (select 1 from activity a where a.org_id = l.org_id and a.lead_id = l.id
              and a.detail ->> 'import_id' = %(import)s::text and a.detail ->> 'assignee_id' = l.assignee_id::text)
"""
"""It is whose the import's own rule made it."""
_TOUCHED: tuple[tuple[str, str], ...] = (
    ("it was removed by hand, and can be restored", "l.removed_at is not null"),
    ("its status was changed", "l.status <> 'new'"),
    ("it was assigned", f"l.assignee_id is not null and not {_IN_TURN}"),
    ("it has a task", "exists (select 1 from task t where t.org_id = l.org_id and t.lead_id = l.id)"),
    ("it is in a campaign", "exists (select 1 from audience_member m where m.org_id = l.org_id and m.lead_id = l.id)"),
    ("it was contacted", _CONTACTED),
    ("another record was merged into it", _MERGED),
    ("it came in with another file too", _ELSEWHERE),
    ("a field of yours was filled", _FILLED),
    ("somebody worked on it", _WORKED),
)
"""What counts as a touch, as people read it; the first that holds is told."""


def look(uow: UnitOfWork, import_id: UUID, at: object) -> dict[str, int]:
    """Find the leads that an import made; answers how many are kept for which reason, the others under no reason."""
    reasons = _case(_TOUCHED)
    with uow.cursor() as cursor:
        cursor.execute(sql.SQL("drop table if exists {}").format(MADE))
        cursor.execute(
            sql.SQL(
                """
                create temp table leads_made on commit drop as
                select l.id as lead_id, l.property_id, case {reasons} end as why
                from lead l where l.org_id = %(org)s and l.import_id = %(import)s
                """
            ).format(reasons=reasons),
            {"org": uow.org(), "import": import_id, "at": at},
            prepare=False,
        )
        cursor.execute(sql.SQL("analyze {}").format(MADE))
        cursor.execute(sql.SQL("select coalesce(why, ''), count(*) from {} group by 1 order by 2 desc").format(MADE))
        return {str(reason): int(count) for reason, count in cursor.fetchall()}


def _case(touched: tuple[tuple[str, str], ...]) -> sql.Composed:
    return sql.SQL(" ").join(
        sql.SQL("when {} then {}").format(sql.SQL(condition), sql.Literal(reason))  # pyright: ignore[reportArgumentType] our own
        for reason, condition in touched
    )


def remove(uow: UnitOfWork) -> int:
    """Delete the leads that nobody touched; their lists, tags and timeline go with them."""
    with uow.cursor() as cursor:
        cursor.execute(
            sql.SQL("delete from lead l using {} m where l.org_id = %s and l.id = m.lead_id and m.why is null").format(
                MADE
            ),
            [uow.org()],
        )
        return cursor.rowcount


_WORKED_SINCE = """
    exists (select 1 from activity x where x.org_id = l.org_id and x.lead_id = l.id and x.created_at > a.created_at
              and x.detail ->> 'import_id' is distinct from %(import)s::text and not x.detail ? 'header')
"""
_TASK_SINCE = """
    exists (select 1 from task t where t.org_id = l.org_id and t.lead_id = l.id and t.created_at > a.created_at)
"""
_IN_CAMPAIGN_SINCE = """
    exists (select 1 from audience_member m where m.org_id = l.org_id and m.lead_id = l.id
              and m.created_at > a.created_at)
"""
_MERGED_SINCE = """
    exists (select 1 from merged_record z where z.org_id = l.org_id and z.survivor_id in (l.id, l.property_id)
              and z.created_at > a.created_at)
"""
_ELSEWHERE_SINCE = """
    exists (select 1 from import_row r join import_batch b on b.org_id = r.org_id and b.id = r.import_id
            where r.org_id = l.org_id and r.property_id = l.property_id and b.state <> 'undone'
              and b.committed_at > %(at)s)
"""
_TOUCHED_SINCE: tuple[tuple[str, str], ...] = (
    ("it has a task", _TASK_SINCE),
    ("it is in a campaign", _IN_CAMPAIGN_SINCE),
    ("it was contacted", "l.last_touch_at > a.at"),
    ("another record was merged into it", _MERGED_SINCE),
    ("it came in with another file too", _ELSEWHERE_SINCE),
    ("somebody worked on it", _WORKED_SINCE),
)
"""The same for a lead that an import brought back: only what came after that counts."""


def brought_back(uow: UnitOfWork, import_id: UUID, at: object) -> list[tuple[UUID, str | None, dict[str, Any]]]:
    """Find the leads that an import brought back and that stand: each with why it is kept, and how it was removed."""
    reasons = _case(_TOUCHED_SINCE)
    with uow.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                """
                select l.id, case {reasons} end, a.detail -> 'was'
                from activity a join lead l on l.org_id = a.org_id and l.id = a.lead_id and l.removed_at is null
                where a.org_id = %(org)s and a.kind = 'imported' and a.detail ->> 'import_id' = %(import)s::text
                  and a.detail ? 'was' and a.lead_id in (
                      select k.id from import_row r join lead k on k.org_id = r.org_id and k.property_id = r.property_id
                      where r.org_id = %(org)s and r.import_id = %(import)s and r.verdict in ('restored', 'replaced'))
                order by l.id
                """
            ).format(reasons=reasons),
            {"org": uow.org(), "import": import_id, "at": at},
            prepare=False,
        )
        return [(row[0], row[1], row[2]) for row in cursor.fetchall()]


def begun_anew(uow: UnitOfWork, import_id: UUID, ids: Sequence[UUID]) -> list[tuple[UUID, dict[str, Any]]]:
    """Read what an import took from leads that it began anew."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select lead_id, detail from activity
            where org_id = %s and lead_id = any(%s) and detail ->> 'import_id' = %s::text and detail ? 'anew'
            """,
            [uow.org(), list(ids), import_id],
        )
        return [(row[0], row[1]) for row in cursor.fetchall()]


def off_lists(uow: UnitOfWork, import_id: UUID) -> list[UUID]:
    """Take leads that were there before off the lists that the import put them on; answers these leads."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            delete from lead_list_entry e using lead l
            where e.org_id = %s and e.import_id = %s and l.org_id = e.org_id and l.id = e.lead_id
              and l.import_id is distinct from e.import_id
            returning e.lead_id
            """,
            [uow.org(), import_id],
        )
        return [row[0] for row in cursor.fetchall()]
