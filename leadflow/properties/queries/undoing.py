"""Takes back what an import wrote: values that it replaced, and records that nobody else needs."""

from __future__ import annotations

from uuid import UUID

from psycopg import sql

from leadflow.kernel.db import UnitOfWork
from leadflow.properties.queries.writing import FACTS

RESTORED = (*FACTS, "extra")
"""Columns whose earlier value comes back. An address or a parcel number that was learnt stays: it names the place."""


def restore(uow: UnitOfWork, import_id: UUID) -> tuple[int, int, list[UUID]]:
    """Put back what an import replaced, wherever its value still stands.

    Returns:
        How many values came back, how many were changed since and stay, and the properties it was about.
    """
    params = {"org": uow.org(), "import": import_id}
    back = 0
    with uow.cursor() as cursor:
        cursor.execute(
            "select property_id from import_change where org_id = %(org)s and import_id = %(import)s", params
        )
        about = [row[0] for row in cursor.fetchall()]
        cursor.execute(
            """
            select count(*) from import_change c join property p on p.org_id = c.org_id and p.id = c.property_id
            cross join lateral jsonb_each(c.after) a
            where c.org_id = %(org)s and c.import_id = %(import)s and a.key = any(%(columns)s)
              and to_jsonb(p) -> a.key is distinct from a.value
            """,
            params | {"columns": list(RESTORED)},
        )
        row = cursor.fetchone()
        stay = int(row[0]) if row else 0
        for name in RESTORED:
            cursor.execute(
                sql.SQL(
                    """
                    update property p set {column} = (jsonb_populate_record(p, c.before)).{column},
                           source_digest = null, updated_at = now()
                    from import_change c
                    where c.org_id = %(org)s and c.import_id = %(import)s and p.org_id = c.org_id
                      and p.id = c.property_id and c.before ? {name}
                      and to_jsonb(p) -> {name} is not distinct from c.after -> {name}
                    """
                ).format(column=sql.Identifier(name), name=sql.Literal(name)),
                params,
                prepare=False,
            )
            back += cursor.rowcount
        cursor.execute(
            "delete from property_fact where org_id = %(org)s and source = 'import' and source_id = %(import)s", params
        )
    return back, stay, about


def remove(uow: UnitOfWork, import_id: UUID, untouched: sql.Composable) -> dict[str, int]:
    """Delete what an import made and nobody needs any more.

    Args:
        uow: the transaction.
        import_id: the import.
        untouched: SQL that selects the ``property_id`` of leads that were taken back.

    Returns:
        How many properties, people, numbers and joins were deleted.
    """
    out: dict[str, int] = {}
    with uow.cursor() as cursor:
        for name, statement in _REMOVALS.items():
            cursor.execute(
                sql.SQL(statement).format(untouched=untouched),  # pyright: ignore[reportArgumentType] literals below
                {"org": uow.org(), "import": import_id},
                prepare=False,
            )
            out[name] = cursor.rowcount
    return out


_REMOVALS = {
    "properties": """
        delete from property p where p.org_id = %(org)s and p.import_id = %(import)s and p.id in ({untouched})
          and not exists (select 1 from lead l where l.org_id = p.org_id and l.property_id = p.id)
    """,
    "phone_links": """
        delete from person_phone j using phone f
        where j.org_id = %(org)s and j.import_id = %(import)s and f.org_id = j.org_id and f.id = j.phone_id
          and f.status = 'unverified'
          and not exists (select 1 from message m where m.org_id = j.org_id and m.e164 = f.e164)
          and not exists (select 1 from conversation c where c.org_id = j.org_id and c.e164 = f.e164)
          and not exists (
              select 1 from property_party y join lead l on l.org_id = y.org_id and l.property_id = y.property_id
              where y.org_id = j.org_id and y.person_id = j.person_id and l.import_id = %(import)s)
    """,
    "people": """
        delete from person p where p.org_id = %(org)s and p.import_id = %(import)s
          and not exists (select 1 from property_party y where y.org_id = p.org_id and y.person_id = p.id)
          and not exists (select 1 from consent c where c.org_id = p.org_id and c.person_id = p.id)
          and not exists (select 1 from suppression s where s.org_id = p.org_id and s.person_id = p.id)
          and not exists (select 1 from merged_record z where z.org_id = p.org_id and z.survivor_id = p.id)
    """,
    "phones": """
        delete from phone f where f.org_id = %(org)s and f.import_id = %(import)s and f.status = 'unverified'
          and not exists (select 1 from person_phone j where j.org_id = f.org_id and j.phone_id = f.id)
    """,
}
"""In this order; a number that was texted, called or marked by the team stays, and so does whoever consented."""
