"""Reads the timeline of a lead, and what was recorded of every field that became something else."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from leadflow.kernel.db import UnitOfWork
from leadflow.leads.types import Named
from leadflow.leads.work_types import MergedRow, RawChange, RawEntry
from models.vocabulary import ActivityKind

Mark = tuple[datetime, UUID]
"""The last entry of the page before."""
_OF = """
    a.org_id = %(org)s and a.lead_id = %(lead)s and (%(kinds)s::text[] is null or a.kind = any(%(kinds)s))
    and a.deleted_at is null
"""


def timeline(
    uow: UnitOfWork, lead_id: UUID, kinds: Collection[ActivityKind] | None, before: Mark | None, limit: int
) -> list[RawEntry]:
    """Read entries, newest first; of some kinds where told so."""
    with uow.cursor() as cursor:
        cursor.execute(
            f"""
            select a.id, a.at, a.kind, a.summary, a.actor_id, u.name, a.detail, b.filename,
                   a.pinned_at is not null, a.edited_at is not null
            from activity a
            left join "user" u on u.id = a.actor_id
            left join import_batch b on b.org_id = a.org_id and b.id = (a.detail ->> 'import_id')::uuid
            where {_OF} and (%(at)s::timestamptz is null or (a.at, a.id) < (%(at)s::timestamptz, %(id)s::uuid))
            order by a.at desc, a.id desc limit %(limit)s
            """.encode(),  # noqa: S608 a constant
            _given(uow, lead_id, kinds) | _beyond(before, limit),
        )
        return [_entry(row) for row in cursor.fetchall()]


def pinned(uow: UnitOfWork, lead_id: UUID) -> RawEntry | None:
    """Read the note that stands above a lead's timeline."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select a.id, a.at, a.kind, a.summary, a.actor_id, u.name, a.detail, null, true, a.edited_at is not null
            from activity a left join "user" u on u.id = a.actor_id
            where a.org_id = %s and a.lead_id = %s and a.kind = 'note' and a.pinned_at is not null
              and a.deleted_at is null order by a.pinned_at desc limit 1
            """,
            [uow.org(), lead_id],
        )
        row = cursor.fetchone()
    return _entry(row) if row else None


def _entry(row: Sequence[Any]) -> RawEntry:
    actor = Named(row[4], row[5] or "") if row[4] else None
    return RawEntry(row[0], row[1], ActivityKind(row[2]), row[3], actor, *row[6:])


def count(uow: UnitOfWork, lead_id: UUID, kinds: Collection[ActivityKind] | None) -> int:
    """Count them."""
    with uow.cursor() as cursor:
        cursor.execute(
            f"select count(*) from activity a where {_OF}".encode(),  # noqa: S608 a constant
            _given(uow, lead_id, kinds),
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _given(uow: UnitOfWork, lead_id: UUID, kinds: Collection[ActivityKind] | None) -> dict[str, Any]:
    return {"org": uow.org(), "lead": lead_id, "kinds": None if kinds is None else [kind.value for kind in kinds]}


def _beyond(before: Mark | None, limit: int) -> dict[str, Any]:
    return {"at": before[0] if before else None, "id": before[1] if before else None, "limit": limit}


_TOLD = """
    a.org_id = %(org)s and a.lead_id = %(lead)s and (
        a.kind = 'created' or a.kind = 'imported' and a.detail ? 'changes' or a.kind in ('status', 'edited')
        and a.detail ?| array['field', 'changes', 'to', 'assignee_id', 'joined', 'left', 'merge_id'])
"""
_BROUGHT = "c.org_id = %(org)s and c.property_id = %(property)s"


def changes(uow: UnitOfWork, lead_id: UUID, property_id: UUID, before: Mark | None, limit: int) -> list[RawChange]:
    """Read what is recorded of changes of a lead and its property, newest first."""
    with uow.cursor() as cursor:
        cursor.execute(
            f"""
            select x.at, x.id, x.actor_id, u.name, x.kind, x.detail, x.old, x.new, x.import_id, b.filename,
                   (select min(r.row_number) from import_row r where r.org_id = %(org)s and r.import_id = x.import_id
                    and r.property_id = %(property)s) as row_number, coalesce(b.state = 'undone', false)
            from (
                select a.at, a.id, a.actor_id, a.kind, a.detail, '{{}}'::jsonb as old, '{{}}'::jsonb as new,
                       (a.detail ->> 'import_id')::uuid as import_id
                from activity a where {_TOLD}
                union all
                select coalesce(i.committed_at, c.created_at), c.import_id, i.actor_id, null, '{{}}'::jsonb, c.before,
                       c.after, c.import_id
                from import_change c join import_batch i on i.org_id = c.org_id and i.id = c.import_id
                where {_BROUGHT}
            ) x
            left join "user" u on u.id = x.actor_id
            left join import_batch b on b.org_id = %(org)s and b.id = x.import_id
            where %(at)s::timestamptz is null or (x.at, x.id) < (%(at)s::timestamptz, %(id)s::uuid)
            order by x.at desc, x.id desc limit %(limit)s
            """.encode(),  # noqa: S608 constants
            {"org": uow.org(), "lead": lead_id, "property": property_id} | _beyond(before, limit),
        )
        return [
            RawChange(
                at=row[0],
                id=row[1],
                actor=Named(row[2], row[3] or "") if row[2] else None,
                kind=ActivityKind(row[4]) if row[4] else None,
                detail=row[5],
                before=row[6],
                after=row[7],
                import_id=row[8],
                filename=row[9],
                row=row[10],
                undone=row[11],
            )
            for row in cursor.fetchall()
        ]


def count_changes(uow: UnitOfWork, lead_id: UUID, property_id: UUID) -> int:
    """Count them."""
    with uow.cursor() as cursor:
        cursor.execute(
            f"""
            select (select count(*) from activity a where {_TOLD})
                 + (select count(*) from import_change c where {_BROUGHT})
            """.encode(),  # noqa: S608 constants
            {"org": uow.org(), "lead": lead_id, "property": property_id},
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def first_values(uow: UnitOfWork, lead_id: UUID, property_id: UUID) -> tuple[UUID | None, dict[str, Any]]:
    """Read the import that made a property, and what it wrote: today's values, less what has changed them since."""
    given = {"org": uow.org(), "lead": lead_id, "property": property_id}
    with uow.cursor() as cursor:
        cursor.execute(
            "select import_id, to_jsonb(p) from property p where org_id = %(org)s and id = %(property)s", given
        )
        row = cursor.fetchone()
        cursor.execute(
            """
            select x.before from (
                select coalesce(i.committed_at, c.created_at) as at, c.import_id as id, c.before
                from import_change c join import_batch i on i.org_id = c.org_id and i.id = c.import_id
                where c.org_id = %(org)s and c.property_id = %(property)s
                union all
                select a.at, a.id, jsonb_build_object('estimated_value', a.detail -> 'from') from activity a
                where a.org_id = %(org)s and a.lead_id = %(lead)s and a.detail ->> 'field' = 'value'
                union all
                select a.at, a.id, jsonb_build_object(e ->> 'field', e -> 'from')
                from activity a cross join lateral jsonb_array_elements(a.detail -> 'changes') e
                where a.org_id = %(org)s and a.lead_id = %(lead)s and a.detail ? 'changes'
                union all
                select a.at, a.id, m.before from activity a
                join merge_change m on m.org_id = a.org_id and m.merge_id = (a.detail ->> 'merge_id')::uuid
                where a.org_id = %(org)s and a.lead_id = %(lead)s and m.table_name = 'property'
                  and m.before ->> 'id' = %(property)s::text and m.after ->> 'id' = %(property)s::text
            ) x order by x.at desc, x.id desc
            """,
            given,
        )
        values: dict[str, Any] = dict(row[1]) if row else {}
        # From the latest change back to the first: what stood before that is what the property was made with.
        for (before,) in cursor.fetchall():
            values |= before
    return (row[0] if row else None), values


def merged(uow: UnitOfWork, merge_ids: Sequence[UUID]) -> list[MergedRow]:
    """Read the records into which merges wrote, before and after."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select merge_id::text, table_name, before, after from merge_change
            where org_id = %s and merge_id = any(%s) and table_name in ('property', 'person', 'lead')
              and before is not null and after is not null and before ->> 'id' = after ->> 'id'
            order by merge_id, number
            """,
            [uow.org(), list(merge_ids)],
        )
        return [MergedRow(*row) for row in cursor.fetchall()]


def names(uow: UnitOfWork, ids: Collection[UUID]) -> dict[str, str]:
    """Name the members, people, lists and tags among some ids."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select u.id::text, u.name from "user" u join membership m on m.user_id = u.id and m.org_id = %(org)s
            where u.id = any(%(ids)s)
            union all select id::text, name from person where org_id = %(org)s and id = any(%(ids)s)
            union all select id::text, name from lead_list where org_id = %(org)s and id = any(%(ids)s)
            union all select id::text, name from tag where org_id = %(org)s and id = any(%(ids)s)
            """,
            {"org": uow.org(), "ids": list(ids)},
        )
        return dict(cursor.fetchall())


def entry(uow: UnitOfWork, lead_id: UUID, entry_id: UUID) -> RawEntry | None:
    """Read one entry of a lead's timeline."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select id, at, kind, summary, actor_id, '', detail, null, false, false from activity
            where org_id = %s and lead_id = %s and id = %s
            """,
            [uow.org(), lead_id, entry_id],
        )
        row = cursor.fetchone()
    return _entry(row) if row else None
