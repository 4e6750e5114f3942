"""Takes the properties of an import in, set by set: leads, lists, tags, timeline, flat rows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

import orjson
from psycopg import sql

from leadflow.kernel.db import UnitOfWork
from leadflow.leads import rules
from leadflow.leads.queries import assigning, fields, search_row
from leadflow.leads.types import Accepted
from leadflow.leads.view_types import FieldRow

TAKEN = sql.Identifier("pg_temp", "leads_taken")
"""Lives until the transaction ends: the leads of one call, and which of them are new."""
FILLED = sql.Identifier("pg_temp", "fields_taken")
"""Likewise: what own fields took over, by lead, as the history reads it."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Where accepted leads come from."""

    source: str
    import_id: UUID
    actor_id: UUID | None
    at: datetime


def accept(uow: UnitOfWork, table: sql.Identifier, origin: Origin) -> Accepted:
    """Take the rows of ``table`` (property_id, lists, tags, note) in; the same rows a second time change nothing."""
    params = {
        "org": uow.org(),
        "source": origin.source,
        "import": origin.import_id,
        "actor": origin.actor_id,
        "at": origin.at,
    }
    created = _take(uow, table, params)
    search_row.lock(uow, sql.SQL("select t.lead_id from {} t where not t.fresh").format(TAKEN))
    listed = _lists(uow, table, params)
    tagged = _tags(uow, table, params)
    _own_fields(uow)
    _tell(uow, table, params)
    fresh = sql.SQL("select t.lead_id from {} t where t.fresh").format(TAKEN)
    assigning.give(uow, fresh, origin.import_id, origin.actor_id, origin.at)
    search_row.write(uow, sql.SQL("select t.lead_id from {} t").format(TAKEN))
    return Accepted(created, listed, tagged)


def _own_fields(uow: UnitOfWork) -> None:
    """Have the organisation's own fields take over what the file said under their headers; kept for ``_tell``."""
    changes: defaultdict[UUID, list[fields.Taken]] = defaultdict(list)
    for field, header in _headed(uow):
        for lead, change in _take_over(uow, field, header, TAKEN).items():
            changes[lead].append(change)
    with uow.cursor() as cursor:
        cursor.execute(sql.SQL("drop table if exists {}").format(FILLED))
        cursor.execute(
            "create temp table fields_taken on commit drop as"
            " select lead_id, changes::jsonb as changes from unnest(%s::uuid[], %s::text[]) u (lead_id, changes)",
            [list(changes), [orjson.dumps(one).decode() for one in changes.values()]],
        )
        cursor.execute(sql.SQL("analyze {}").format(FILLED))


def _headed(uow: UnitOfWork) -> list[tuple[FieldRow, str]]:
    return [(one, one.header) for one in fields.rows(uow) if one.header and one.archived_at is None]


def _take_over(uow: UnitOfWork, field: FieldRow, header: str, leads: sql.Identifier) -> dict[UUID, fields.Taken]:
    values = {lead: rules.read_imported(field, text) for lead, text in fields.raw_of(uow, leads, header) if text}
    return fields.take(uow, field, {lead: several for lead, several in values.items() if several})


def give_back(uow: UnitOfWork, import_id: UUID) -> None:
    """Have own fields hold again what files say without an import, whose columns are taken back already."""
    headed, given = _headed(uow), sql.Identifier("pg_temp", "fields_given")
    if not headed:
        return
    with uow.cursor() as cursor:
        cursor.execute(
            """
            create temp table fields_given on commit drop as
            select distinct lead_id from activity
            where org_id = %s and kind = 'imported' and detail ->> 'import_id' = %s::text and detail ? 'changes'
            """,
            [uow.org(), import_id],
        )
    for field, header in headed:
        fields.forget_imported(uow, field.id, header, given)
        _take_over(uow, field, header, given)
    search_row.write(uow, search_row.staged(given))


def _run(uow: UnitOfWork, statement: LiteralString, table: sql.Identifier, params: dict[str, Any]) -> int:
    with uow.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(table=table, taken=TAKEN, filled=FILLED), params, prepare=False)
        return cursor.rowcount


def _take(uow: UnitOfWork, table: sql.Identifier, params: dict[str, Any]) -> int:
    with uow.cursor() as cursor:
        cursor.execute(sql.SQL("drop table if exists {}").format(TAKEN))
        cursor.execute(
            "create temp table leads_taken (property_id uuid, lead_id uuid, fresh boolean not null) on commit drop"
        )
    created = _run(
        uow,
        """
        with made as (
            insert into lead (org_id, property_id, source, import_id, created_at)
            select distinct on (x.property_id) %(org)s, x.property_id, %(source)s, %(import)s, %(at)s
            from {table} x
            where not exists (select 1 from lead l where l.org_id = %(org)s and l.property_id = x.property_id)
            on conflict (org_id, property_id) do nothing
            returning property_id, id
        )
        insert into {taken} select property_id, id, true from made
        """,
        table,
        params,
    )
    # Also finds what another transaction made a moment ago: the insert above has waited for it. A lead that was removed
    # stays so: only ``removing.bring_back`` restores one.
    _run(
        uow,
        """
        insert into {taken}
        select l.property_id, l.id, false from lead l
        where l.org_id = %(org)s and l.property_id in (select x.property_id from {table} x) and l.removed_at is null
          and not exists (select 1 from {taken} t where t.lead_id = l.id)
        """,
        table,
        params,
    )
    with uow.cursor() as cursor:
        cursor.execute(sql.SQL("analyze {}").format(TAKEN))
    return created


def _lists(uow: UnitOfWork, table: sql.Identifier, params: dict[str, Any]) -> int:
    _run(
        uow,
        """
        insert into lead_list (org_id, name, source)
        select distinct on (n) %(org)s, n, %(source)s from {table} x, unnest(x.lists) n
        where n <> '' and not exists (select 1 from lead_list l where l.org_id = %(org)s and l.name = n)
        order by n
        on conflict (org_id, name) do nothing
        """,
        table,
        params,
    )
    # "Seen last" moves on at a re-import; an equal instant writes nothing.
    return _run(
        uow,
        """
        insert into lead_list_entry as e (org_id, list_id, lead_id, first_seen_at, last_seen_at, import_id)
        select distinct %(org)s::uuid, l.id, t.lead_id, %(at)s::timestamptz, %(at)s::timestamptz, %(import)s::uuid
        from {table} x join {taken} t on t.property_id = x.property_id, unnest(x.lists) n
        join lead_list l on l.org_id = %(org)s and l.name = n
        order by l.id, t.lead_id
        on conflict (org_id, list_id, lead_id) do update set last_seen_at = excluded.last_seen_at, updated_at = now()
        where e.last_seen_at < excluded.last_seen_at
        """,
        table,
        params,
    )


def _tags(uow: UnitOfWork, table: sql.Identifier, params: dict[str, Any]) -> int:
    _run(
        uow,
        """
        insert into tag (org_id, name)
        select distinct on (n) %(org)s, n from {table} x, unnest(x.tags) n
        where n <> '' and not exists (select 1 from tag g where g.org_id = %(org)s and g.name = n)
        order by n
        on conflict (org_id, name) do nothing
        """,
        table,
        params,
    )
    return _run(
        uow,
        """
        insert into lead_tag (org_id, tag_id, lead_id)
        select distinct %(org)s::uuid, g.id, t.lead_id
        from {table} x join {taken} t on t.property_id = x.property_id, unnest(x.tags) n
        join tag g on g.org_id = %(org)s and g.name = n
        on conflict (org_id, tag_id, lead_id) do nothing
        """,
        table,
        params,
    )


def _tell(uow: UnitOfWork, table: sql.Identifier, params: dict[str, Any]) -> None:
    """Write one entry a lead, and one for its note; what this import wrote before is not written again.

    New leads have no past to look through. For the others the past is one anti-join, never a look-up a row: on a table
    that was never analysed a look-up may read the whole of it, and it grows while we write.
    """
    _run(
        uow,
        """
        with told as materialized (
            select a.lead_id from {taken} t join activity a on a.org_id = %(org)s and a.lead_id = t.lead_id
            where not t.fresh and a.kind in ('created', 'imported') and a.detail ->> 'import_id' = %(import)s::text
        )
        insert into activity (org_id, lead_id, at, kind, actor_id, summary, detail)
        select %(org)s, t.lead_id, %(at)s, case when t.fresh then 'created' else 'imported' end, %(actor)s,
               case when t.fresh then 'Added by an import' else 'Seen again by an import' end,
               jsonb_build_object('import_id', %(import)s::text, 'source', %(source)s::text)
               || case when f.changes is null then '{{}}' else jsonb_build_object('changes', f.changes) end
        from {taken} t left join {filled} f on f.lead_id = t.lead_id
        where not exists (select 1 from told d where d.lead_id = t.lead_id)
        """,
        table,
        params,
    )
    _run(
        uow,
        """
        with noted as (
            select distinct t.lead_id, t.fresh, x.note
            from {table} x join {taken} t on t.property_id = x.property_id where x.note <> ''
        ), told as materialized (
            select a.lead_id, a.summary from noted n join activity a on a.org_id = %(org)s and a.lead_id = n.lead_id
            where not n.fresh and a.kind = 'note' and a.summary = n.note
              and a.detail ->> 'import_id' = %(import)s::text
        )
        insert into activity (org_id, lead_id, at, kind, actor_id, summary, detail)
        select %(org)s::uuid, n.lead_id, %(at)s::timestamptz, 'note', %(actor)s::uuid, n.note,
               jsonb_build_object('import_id', %(import)s::text)
        from noted n where not exists (select 1 from told d where d.lead_id = n.lead_id and d.summary = n.note)
        """,
        table,
        params,
    )
