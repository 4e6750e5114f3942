"""Reads one property with the people and numbers around it, each value with where it came from."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

from psycopg.rows import dict_row

from leadflow.kernel.db import UnitOfWork
from leadflow.properties.queries.writing import FACTS
from leadflow.properties.types import ZIP, Card, CardPerson, CardPhone, Fact
from models.vocabulary import LineType, PartyRole, PersonKind, PhoneStatus

PLACED = ("county", "apn")
"""Columns that say where the property is: they stay as they were first written."""


def card(uow: UnitOfWork, property_id: UUID) -> Card | None:
    """Read the card of a property, or None where there is none."""
    found = _rows(uow, "select * from property where org_id = %(org)s and id = %(id)s", property_id)
    if not found:
        return None
    one = found[0]
    names = ("street", "unit", "city", "state", "zip5", "county", "apn", "mailable")
    return Card(
        property_id,
        **{name: one[name] for name in names},
        facts=_facts(uow, one),
        people=_people(uow, property_id),
        extra=one["extra"],
    )


def facts(uow: UnitOfWork, property_id: UUID) -> tuple[Fact, ...]:
    """Read every known fact of a property with its origin; none where there is no such property."""
    found = _rows(uow, "select * from property where org_id = %(org)s and id = %(id)s", property_id)
    return _facts(uow, found[0]) if found else ()


def _facts(uow: UnitOfWork, one: Mapping[str, Any]) -> tuple[Fact, ...]:
    noted = _rows(
        uow,
        """
        select f.field, f.value, f.source, f.source_id, f.observed_at, b.filename, b.mapping,
               (select min(r.row_number) from import_row r where r.org_id = f.org_id and r.import_id = f.source_id
                and r.property_id = f.property_id) as row_number
        from property_fact f left join import_batch b on b.org_id = f.org_id and b.id = f.source_id
        where f.org_id = %(org)s and f.property_id = %(id)s order by f.observed_at desc, f.id desc
        """,
        one["id"],
    )
    made = _rows(
        uow,
        """
        select b.filename, b.mapping, b.id as source_id, 'import' as source,
               coalesce((b.options ->> 'as_of')::date::timestamptz, b.committed_at, b.created_at) as observed_at,
               (select min(r.row_number) from import_row r where r.org_id = p.org_id and r.import_id = p.import_id
                and r.property_id = p.id) as row_number
        from property p join import_batch b on b.org_id = p.org_id and b.id = p.import_id
        where p.org_id = %(org)s and p.id = %(id)s
        """,
        one["id"],
    )
    out: list[Fact] = []
    for field in (*FACTS, *PLACED):
        value = one[field]
        if value is None:
            continue
        of_field = [note for note in noted if note["field"] == field]
        same = [note for note in of_field if _same(note["value"], value)]
        out.append(_fact(field, value, (same or ([] if of_field else made))[:1]))
    return (*out, *_by_zip(uow, one))


def _by_zip(uow: UnitOfWork, one: Mapping[str, Any]) -> list[Fact]:
    """Say the county by the ZIP where no source named one; all of them where the ZIP lies in several."""
    if one["county"] or not one["zip5"]:
        return []
    with uow.cursor() as cursor:
        cursor.execute(
            "select counties from zip_place where zip5 = %s and coalesce(%s::text, state) = state",
            [one["zip5"], one["state"] or None],
        )
        found = cursor.fetchone()
    return [Fact("county", " or ".join(found[0]), ZIP)] if found and found[0] else []


def _same(noted: str, value: object) -> bool:
    """Compare a value with Postgres's text of it."""
    if isinstance(value, bool):
        return noted == ("true" if value else "false")
    if isinstance(value, float):
        return float(noted) == value
    return noted == str(value)


def _fact(field: str, value: object, origin: Iterable[Mapping[str, Any]]) -> Fact:
    for note in origin:
        return Fact(
            field,
            _text(value),
            note["source"],
            note["filename"],
            note["row_number"],
            _column(note["mapping"], field),
            note["source_id"],
            note["observed_at"],
        )
    return Fact(field, _text(value))


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _column(mapping: Mapping[str, Any] | None, field: str) -> str | None:
    return next((header for header, target in (mapping or {}).items() if target == field), None)


def _people(uow: UnitOfWork, property_id: UUID) -> tuple[CardPerson, ...]:
    rows = _rows(
        uow,
        """
        select p.*, array_agg(y.role order by y.role) as roles, min(y.position) as place,
               (select array_agg(e.email order by e.id) from email_address e
                where e.org_id = p.org_id and e.person_id = p.id) as emails
        from property_party y join person p on p.org_id = y.org_id and p.id = y.person_id
        where y.org_id = %(org)s and y.property_id = %(id)s
        group by p.org_id, p.id order by min(y.position), p.id
        """,
        property_id,
    )
    numbers = _phones(uow, property_id)
    return tuple(
        CardPerson(
            row["id"],
            row["name"],
            PersonKind(row["kind"]),
            tuple(map(PartyRole, row["roles"])),
            row["place"],
            row["care_of"],
            _mailing(row),
            tuple(number for person, number in numbers if person == row["id"]),
            tuple(row["emails"] or ()),
        )
        for row in rows
    )


def _phones(uow: UnitOfWork, property_id: UUID) -> list[tuple[UUID, CardPhone]]:
    rows = _rows(
        uow,
        """
        select j.person_id, f.id, f.e164, f.line_type, f.status, j.rank, j.note, b.filename, j.row_number, j."column"
        from person_phone j
        join phone f on f.org_id = j.org_id and f.id = j.phone_id
        left join import_batch b on b.org_id = j.org_id and b.id = j.import_id
        where j.org_id = %(org)s and j.person_id in (
            select person_id from property_party where org_id = %(org)s and property_id = %(id)s)
        order by j.person_id, j.rank, f.id
        """,
        property_id,
    )
    return [
        (
            row["person_id"],
            CardPhone(
                row["id"],
                f"+{row['e164']}",
                LineType(row["line_type"]),
                PhoneStatus(row["status"]),
                row["rank"],
                row["note"],
                row["filename"],
                row["row_number"],
                row["column"],
            ),
        )
        for row in rows
    ]


def _mailing(row: Mapping[str, Any]) -> str:
    street = " ".join(filter(None, (row["mailing_street"], row["mailing_unit"])))
    state = " ".join(filter(None, (row["mailing_state"], row["mailing_zip5"])))
    return ", ".join(filter(None, (street, row["mailing_city"], state)))


def _rows(uow: UnitOfWork, statement: str, subject: UUID) -> list[dict[str, Any]]:
    with uow.connection().cursor(row_factory=dict_row) as cursor:
        cursor.execute(statement.encode(), {"org": uow.org(), "id": subject})
        return cursor.fetchall()
