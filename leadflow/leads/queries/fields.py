"""Reads and writes the organisation's own fields and what they hold."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.rows import kwargs_row

from leadflow.kernel.db import UnitOfWork
from leadflow.leads.filter_types import CUSTOM
from leadflow.leads.view_types import FieldRow, Stored
from models.vocabulary import FieldKind

Taken = dict[str, Any]
"""A change as the history reads it: ``field``, ``from``, ``to``."""

_ROWS = """
    select f.id, f.name, f.kind, f.options, f.header, f.position, f.archived_at,
           exists (select 1 from custom_value v where v.org_id = f.org_id and v.field_id = f.id) as used
    from custom_field f where f.org_id = %(org)s
"""


def _field(kind: str, **given: Any) -> FieldRow:  # noqa: ANN401 columns of the row
    return FieldRow(kind=FieldKind(kind), **given)


def rows(uow: UnitOfWork) -> list[FieldRow]:
    """List every field, archived ones too, in the order of the columns."""
    with uow.connection().cursor(row_factory=kwargs_row(_field)) as cursor:
        cursor.execute(f"{_ROWS} order by f.position, f.name", {"org": uow.org()})
        return cursor.fetchall()


def row(uow: UnitOfWork, field_id: UUID) -> FieldRow | None:
    """Read one field and hold it."""
    with uow.connection().cursor(row_factory=kwargs_row(_field)) as cursor:
        cursor.execute(f"{_ROWS} and f.id = %(id)s for no key update of f", {"org": uow.org(), "id": field_id})
        return cursor.fetchone()


def named(uow: UnitOfWork, name: str) -> UUID | None:
    """Find a field by its name, whatever the case."""
    with uow.cursor() as cursor:
        cursor.execute("select id from custom_field where org_id = %s and lower(name) = lower(%s)", [uow.org(), name])
        found = cursor.fetchone()
    return found[0] if found else None


def held(uow: UnitOfWork, lead_ids: Sequence[UUID]) -> dict[UUID, dict[str, Any]]:
    """Read what the fields hold at some leads: by lead, then by field id. Archived fields are left out."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select v.lead_id, f.id, f.kind, array_agg(v.text order by v.place), min(v.number), min(v.day)
            from custom_value v
            join custom_field f on f.org_id = v.org_id and f.id = v.field_id and f.archived_at is null
            where v.org_id = %s and v.lead_id = any(%s)
            group by v.lead_id, f.id, f.kind
            """,
            [uow.org(), list(lead_ids)],
        )
        found: dict[UUID, dict[str, Any]] = {}
        for lead_id, field_id, kind, texts, number, day in cursor.fetchall():
            found.setdefault(lead_id, {})[str(field_id)] = _value(FieldKind(kind), texts, number, day)
    return found


def _value(kind: FieldKind, texts: list[str], number: float | None, day: Any) -> Any:  # noqa: ANN401 by the kind
    if kind is FieldKind.MULTI_SELECT:
        return texts
    if kind is FieldKind.YES_NO:
        return number == 1
    if kind is FieldKind.MONEY and number is not None:
        return int(number)
    if kind is FieldKind.DATE:
        return day.isoformat()
    return number if kind is FieldKind.NUMBER else texts[0]


def put(uow: UnitOfWork, field_id: UUID, lead_id: UUID, values: Sequence[Stored]) -> None:
    """Have a field hold just this at a lead, by a person's word; nothing at all where there are no values."""
    params = {"org": uow.org(), "field": field_id, "lead": lead_id}
    with uow.cursor() as cursor:
        cursor.execute(
            "delete from custom_value where org_id = %(org)s and field_id = %(field)s and lead_id = %(lead)s", params
        )
        cursor.executemany(
            """
            insert into custom_value (org_id, field_id, lead_id, place, text, number, day)
            values (%(org)s, %(field)s, %(lead)s, %(place)s, %(text)s, %(number)s, %(day)s)
            """,
            [
                {**params, "place": place, "text": value.text, "number": value.number, "day": value.day}
                for place, value in enumerate(values)
            ],
        )


def raw(uow: UnitOfWork, header: str, after: UUID, limit: int) -> list[tuple[UUID, str | None]]:
    """Read what files said under a header, lead by lead in order of id; None where they said nothing."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select l.id, h.extra ->> %(header)s from lead l
            join property h on h.org_id = l.org_id and h.id = l.property_id
            where l.org_id = %(org)s and l.id > %(after)s order by l.id limit %(limit)s
            """,
            {"org": uow.org(), "header": header, "after": after, "limit": limit},
        )
        return [(found[0], found[1]) for found in cursor.fetchall()]


def raw_of(uow: UnitOfWork, table: sql.Identifier, header: str) -> list[tuple[UUID, str | None]]:
    """Read what files said under a header at the leads of a table that has a column ``lead_id``."""
    statement = sql.SQL(
        """
        select l.id, h.extra ->> %(header)s from {} t join lead l on l.org_id = %(org)s and l.id = t.lead_id
        join property h on h.org_id = l.org_id and h.id = l.property_id
        where h.extra ->> %(header)s is not null order by l.id
        """
    ).format(table)
    with uow.cursor() as cursor:
        cursor.execute(statement, {"org": uow.org(), "header": header})
        return [(found[0], found[1]) for found in cursor.fetchall()]


def take(uow: UnitOfWork, field: FieldRow, values: Mapping[UUID, Sequence[Stored]]) -> dict[UUID, Taken]:
    """Take what files said; what a person wrote stays. Answers each lead whose value is another now, and how."""
    flat = [(lead, place, one) for lead, several in values.items() for place, one in enumerate(several)]
    if not flat:
        return {}
    params = {
        "org": uow.org(),
        "field": field.id,
        "leads": [lead for lead, _, _ in flat],
        "places": [place for _, place, _ in flat],
        "texts": [one.text for _, _, one in flat],
        "numbers": [one.number for _, _, one in flat],
        "days": [one.day for _, _, one in flat],
    }
    with uow.cursor() as cursor:
        cursor.execute(
            """
            with given as (
                select * from unnest(%(leads)s::uuid[], %(places)s::smallint[], %(texts)s::text[],
                                     %(numbers)s::float8[], %(days)s::date[]) as u (lead_id, place, text, number, day)
            ), was as (
                select v.lead_id, array_agg(v.text order by v.place) as texts, min(v.number) as number,
                       min(v.day) as day
                from custom_value v
                where v.org_id = %(org)s and v.field_id = %(field)s and v.lead_id = any(%(leads)s) group by v.lead_id
            ), typed as (
                select distinct v.lead_id from custom_value v
                where v.org_id = %(org)s and v.field_id = %(field)s and not v.imported
                  and v.lead_id = any(%(leads)s)
            ), shorter as (
                delete from custom_value v where v.org_id = %(org)s and v.field_id = %(field)s and v.imported
                  and v.lead_id = any(%(leads)s)
                  and not exists (select 1 from given g where g.lead_id = v.lead_id and g.place = v.place)
                returning v.lead_id
            ), written as (
                insert into custom_value as v (org_id, field_id, lead_id, place, text, number, day, imported)
                select %(org)s, %(field)s, g.lead_id, g.place, g.text, g.number, g.day, true from given g
                where not exists (select 1 from typed t where t.lead_id = g.lead_id)
                order by g.lead_id, g.place
                on conflict (org_id, field_id, lead_id, place) do update
                set text = excluded.text, number = excluded.number, day = excluded.day, updated_at = now()
                where (v.text, v.number, v.day) is distinct from (excluded.text, excluded.number, excluded.day)
                returning v.lead_id
            )
            select c.lead_id, w.texts, w.number, w.day
            from (select lead_id from written union select lead_id from shorter) c left join was w using (lead_id)
            """,
            params,
        )
        return {
            lead: {
                "field": f"{CUSTOM}{field.id}",
                "from": None if texts is None else _value(field.kind, texts, number, day),
                "to": _value(
                    field.kind, [str(one.text) for one in values[lead]], values[lead][0].number, values[lead][0].day
                ),
            }
            for lead, texts, number, day in cursor.fetchall()
        }


def forget_imported(uow: UnitOfWork, field_id: UUID, header: str, table: sql.Identifier) -> None:
    """Empty a field that a file filled where no file says it any more; ``table`` names leads in ``lead_id``."""
    statement = sql.SQL(
        """
        delete from custom_value v using {} t, lead l, property h
        where v.org_id = %(org)s and v.field_id = %(field)s and v.imported and v.lead_id = t.lead_id
          and l.org_id = v.org_id and l.id = v.lead_id and h.org_id = l.org_id and h.id = l.property_id
          and not h.extra ? %(header)s
        """
    ).format(table)
    with uow.cursor() as cursor:
        cursor.execute(statement, {"org": uow.org(), "field": field_id, "header": header})


def headers(uow: UnitOfWork, sample: int) -> list[tuple[str, int]]:
    """List columns that files brought and no field of ours has, most frequent first, of the newest properties."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select k, count(*) from (
                select extra from property where org_id = %s and extra <> '{}' order by id desc limit %s
            ) h, jsonb_object_keys(h.extra) k group by k order by count(*) desc, k limit 200
            """,
            [uow.org(), sample],
        )
        return [(found[0], int(found[1])) for found in cursor.fetchall()]
