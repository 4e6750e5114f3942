"""Takes the properties of an import in, set by set: leads, lists, tags, timeline, flat rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import sql

from leadflow.kernel.db import UnitOfWork
from leadflow.leads import rules
from leadflow.leads.queries import assigning, fields, search_row
from leadflow.leads.types import Accepted

TAKEN = sql.Identifier("pg_temp", "leads_taken")
"""Lives until the transaction ends: the leads of one call, and which of them are new."""


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
    _tell(uow, table, params)
    _own_fields(uow)
    fresh = sql.SQL("select t.lead_id from {} t where t.fresh").format(TAKEN)
    assigning.give(uow, fresh, origin.import_id, origin.actor_id, origin.at)
    search_row.write(uow, sql.SQL("select t.lead_id from {} t").format(TAKEN))
    return Accepted(created, listed, tagged)


def _own_fields(uow: UnitOfWork) -> None:
    """Have the organisation's own fields take over what the file said under their headers."""
    for field in fields.rows(uow):
        if field.header and field.archived_at is None:
            said = fields.raw_of(uow, TAKEN, field.header)
            values = {lead: rules.read_imported(field, text) for lead, text in said if text}
            fields.take(uow, field.id, {lead: several for lead, several in values.items() if several})


def _run(uow: UnitOfWork, statement: LiteralString, table: sql.Identifier, params: dict[str, Any]) -> int:
    with uow.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(table=table, taken=TAKEN), params, prepare=False)
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
        from {taken} t where not exists (select 1 from told d where d.lead_id = t.lead_id)
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
