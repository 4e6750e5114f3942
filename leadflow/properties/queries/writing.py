"""Writes properties, people and numbers set by set, from whatever the caller can select.

Each ``source`` is a piece of SQL that can stand after FROM (a staging table, or a subquery in brackets); its columns
are named in the function's docstring. Ids are the caller's: ``fresh`` says that the row is not there yet. Every
function may be repeated with the same source and then writes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import sql

from leadflow.kernel.db import UnitOfWork
from leadflow.properties.types import Loss, Prefer, Source, Written
from models.vocabulary import LineType, PhoneStatus, Precision

PLACE = ("street", "unit", "city", "state", "zip5", "zip4", "county", "apn", "raw_address")
FACTS = (
    "property_type", "bedrooms", "bathrooms", "building_sqft", "lot_sqft", "year_built", "owner_occupied",
    "assessed_value", "estimated_value", "estimated_equity", "loan_balance", "loan_to_value", "last_sale_on",
    "last_sale_amount", "latitude", "longitude",
    "decedent_died_on", "probate_filed_on",
)  # fmt: skip
"""Columns of ``property`` that change with time; each keeps where its value came from."""

_PROPERTY = ("property_key", "parcel_key", *PLACE, "mailable", *FACTS, "extra", "source_digest")


def phones(uow: UnitOfWork, source: sql.Composable, origin: Source) -> Written:
    """Write numbers: ``id, e164, line_type, fresh``. An unknown line type never replaces a known one."""
    made = _run(
        uow,
        """
        insert into phone (org_id, id, e164, line_type, import_id)
        select %(org)s, s.id, s.e164, s.line_type, %(import)s from {source} s where s.fresh
        on conflict do nothing
        """,
        source,
        origin,
    )
    better = sql.SQL("p.line_type = 'unknown'" if origin.prefer is Prefer.OURS else "p.line_type <> s.line_type")
    changed = _run(
        uow,
        """
        update phone p set line_type = s.line_type, updated_at = now()
        from {source} s
        where p.org_id = %(org)s and p.id = s.id and not s.fresh and s.line_type <> 'unknown' and {better}
        """,
        source,
        origin,
        better=better,
    )
    return Written(made, changed)


def people(uow: UnitOfWork, source: sql.Composable, origin: Source) -> Written:
    """Write people.

    ``id, person_key, kind, name, first_name, last_name, raw_name, care_of, mailing_street, mailing_unit, mailing_city,
    mailing_state, mailing_zip5, fresh``. A person who is there already only gets what was empty: name and mailing place
    are what made them the same.
    """
    made = _run(
        uow,
        """
        insert into person (org_id, id, person_key, kind, name, first_name, last_name, raw_name, care_of,
                            mailing_street, mailing_unit, mailing_city, mailing_state, mailing_zip5, import_id)
        select %(org)s, s.id, s.person_key, s.kind, s.name, s.first_name, s.last_name, s.raw_name, s.care_of,
               s.mailing_street, s.mailing_unit, s.mailing_city, s.mailing_state, s.mailing_zip5, %(import)s
        from {source} s where s.fresh
        on conflict do nothing
        """,
        source,
        origin,
    )
    changed = _run(
        uow,
        """
        update person p set care_of = s.care_of, updated_at = now()
        from {source} s
        where p.org_id = %(org)s and p.id = s.id and not s.fresh and p.care_of is null and s.care_of is not null
        """,
        source,
        origin,
    )
    return Written(made, changed)


def person_phones(uow: UnitOfWork, source: sql.Composable, origin: Source) -> int:
    """Join people and numbers: ``person_id, phone_id, rank, note, row_number, column_name``."""
    return _run(
        uow,
        """
        insert into person_phone (org_id, person_id, phone_id, rank, note, import_id, row_number, "column")
        select %(org)s, s.person_id, s.phone_id, s.rank, s.note, %(import)s, s.row_number, s.column_name from {source} s
        on conflict do nothing
        """,
        source,
        origin,
    )


def emails(uow: UnitOfWork, source: sql.Composable, origin: Source) -> int:
    """Write e-mail addresses: ``person_id, email``."""
    return _run(
        uow,
        """
        insert into email_address (org_id, person_id, email, import_id)
        select %(org)s, s.person_id, s.email, %(import)s from {source} s
        on conflict do nothing
        """,
        source,
        origin,
    )


def parties(uow: UnitOfWork, source: sql.Composable, origin: Source) -> int:
    """Write who stands to which property: ``property_id, person_id, role, position, spouse``."""
    return _run(
        uow,
        """
        insert into property_party (org_id, property_id, person_id, role, position, surviving_spouse, import_id)
        select %(org)s, s.property_id, s.person_id, s.role, s.position, s.spouse, %(import)s from {source} s
        on conflict do nothing
        """,
        source,
        origin,
    )


def properties(uow: UnitOfWork, source: sql.Composable, origin: Source) -> Written:
    """Write properties: ``id, fresh`` and every column of ``_PROPERTY``.

    The place of a property that has an address stays as it was first written: another spelling is the same place.
    """
    columns = sql.SQL(", ").join(map(sql.Identifier, _PROPERTY))
    theirs = sql.SQL(", ").join(sql.Identifier("s", name) for name in _PROPERTY)
    made = _run(
        uow,
        """
        insert into property (org_id, id, {columns}, import_id)
        select %(org)s, s.id, {theirs}, %(import)s from {source} s where s.fresh
        on conflict do nothing
        """,
        source,
        origin,
        columns=columns,
        theirs=theirs,
    )
    return Written(made, _change(uow, source, origin))


def keep_facts(uow: UnitOfWork, source: sql.Composable, origin: Source) -> int:
    """Note, before ``properties`` changes them, each fact on which the source and we differ, and whose ours was."""
    pairs = sql.SQL(", ").join(
        sql.SQL("({field}, p.{name}::text, s.{name}::text)").format(field=sql.Literal(name), name=sql.Identifier(name))
        for name in FACTS
    )
    return _run(
        uow,
        """
        with differs as materialized (
            select p.id, p.import_id, f.field, f.ours, f.theirs,
                   coalesce((b.options ->> 'as_of')::date::timestamptz, p.created_at) as created_at
            from {source} s join property p on p.org_id = %(org)s and p.id = s.id
            left join import_batch b on b.org_id = p.org_id and b.id = p.import_id
            cross join lateral (values {pairs}) f (field, ours, theirs)
            where not s.fresh and f.theirs is not null and f.theirs is distinct from f.ours
        )
        insert into property_fact (org_id, property_id, field, value, source, source_id, observed_at)
        select %(org)s, d.id, d.field, d.ours, 'import', d.import_id, d.created_at
        from differs d
        where d.ours is not null and d.import_id is not null and not exists (
            select 1 from property_fact f where f.org_id = %(org)s and f.property_id = d.id and f.field = d.field)
        union all
        select %(org)s, d.id, d.field, d.theirs, 'import', %(import)s, %(at)s from differs d
        on conflict (org_id, property_id, field, source, source_id) do nothing
        """,
        source,
        origin,
        pairs=pairs,
    )


def phone_status(uow: UnitOfWork, e164: str, status: PhoneStatus) -> int:
    """Note what was found out about a number; answers how many rows changed."""
    with uow.cursor() as cursor:
        cursor.execute(
            "update phone set status = %s, updated_at = now() where org_id = %s and e164 = %s and status <> %s",
            [status.value, uow.org(), int(e164.removeprefix("+")), status.value],
        )
        return cursor.rowcount


def line_type(uow: UnitOfWork, e164: str, kind: LineType) -> int:
    """Note what kind of line a number is; answers how many rows changed."""
    with uow.cursor() as cursor:
        cursor.execute(
            "update phone set line_type = %s, updated_at = now() where org_id = %s and e164 = %s and line_type <> %s",
            [kind.value, uow.org(), int(e164.removeprefix("+")), kind.value],
        )
        return cursor.rowcount


def loss(uow: UnitOfWork, property_id: UUID, known: Loss) -> bool:
    """Note a death; False, and nothing written, where the spouse is nobody of the property."""
    with uow.cursor() as cursor:
        if known.surviving_spouse_id is not None:
            cursor.execute(
                "update property_party set surviving_spouse = true, updated_at = now()"
                " where org_id = %s and property_id = %s and person_id = %s and role <> 'decedent'",
                [uow.org(), property_id, known.surviving_spouse_id],
            )
            if not cursor.rowcount:
                return False
        cursor.execute(
            "update property set decedent_died_on = coalesce(%s, decedent_died_on),"
            " probate_filed_on = coalesce(%s, probate_filed_on), updated_at = now() where org_id = %s and id = %s",
            [known.died_on, known.filed_on, uow.org(), property_id],
        )
    return True


def billing(uow: UnitOfWork, property_id: UUID, person_id: UUID, state: str | None) -> bool:
    """Note where a person of a property is billed; False where the person is nobody of it."""
    with uow.cursor() as cursor:
        cursor.execute(
            "update person p set billing_state = %s, updated_at = now() where p.org_id = %s and p.id = %s and exists ("
            " select 1 from property_party y where y.org_id = p.org_id and y.person_id = p.id and y.property_id = %s)",
            [state, uow.org(), person_id, property_id],
        )
        return cursor.rowcount > 0


def value(uow: UnitOfWork, property_id: UUID, cents: int | None, at: datetime) -> bool:
    """Note what a person holds a property to be worth, and that they said so; False where it stood there already."""
    with uow.cursor() as cursor:
        cursor.execute(
            "update property set estimated_value = %s, updated_at = now()"
            " where org_id = %s and id = %s and estimated_value is distinct from %s",
            [cents, uow.org(), property_id, cents],
        )
        if not cursor.rowcount:
            return False
        cursor.execute(
            "delete from property_fact where org_id = %s and property_id = %s and field = 'estimated_value'"
            " and source = 'manual'",
            [uow.org(), property_id],
        )
        cursor.execute(
            "insert into property_fact (org_id, property_id, field, value, source, observed_at)"
            " values (%s, %s, 'estimated_value', %s, 'manual', %s)",
            [uow.org(), property_id, "" if cents is None else str(cents), at],
        )
    return True


def pin(uow: UnitOfWork, property_id: UUID, latitude: float, longitude: float) -> str:
    """Put a property where somebody says that it is.

    Returns:
        Where it stood: latitude, longitude and precision, as ``30.25 -97.75 file``; empty where nobody knew.
    """
    with uow.cursor() as cursor:
        cursor.execute(
            "update property set latitude = %s, longitude = %s, precision = 'pin', updated_at = now()"
            " where org_id = %s and id = %s"
            " returning old.latitude || ' ' || old.longitude || ' ' || coalesce(old.precision, 'file')",
            [latitude, longitude, uow.org(), property_id],
        )
        row = cursor.fetchone()
    return (row[0] if row else None) or ""


def unpin(uow: UnitOfWork, property_id: UUID, before: str) -> bool:
    """Put a property back where ``pin`` said that it stood; False where nobody had pinned it."""
    latitude, longitude, precision = before.split() if before else (None, None, None)
    with uow.cursor() as cursor:
        cursor.execute(
            "update property set latitude = %s::float8, longitude = %s::float8, precision = %s,"
            " geocoded_at = case when %s::float8 is null then null else geocoded_at end, updated_at = now()"
            " where org_id = %s and id = %s and precision = 'pin'",
            [latitude, longitude, None if precision == "file" else precision, latitude, uow.org(), property_id],
        )
        return cursor.rowcount > 0


def place(uow: UnitOfWork, asked: Sequence[UUID], found: Sequence[tuple[UUID, float, float, Precision]]) -> list[UUID]:
    """Note what a geocoder answered; answers which properties stand somewhere else now."""
    ids, latitudes, longitudes, kinds = ([one[n] for one in found] for n in range(4))
    with uow.cursor() as cursor:
        cursor.execute(
            "update property set geocoded_at = %s, updated_at = now() where org_id = %s and id = any(%s)",
            [uow.now(), uow.org(), list(asked)],
        )
        cursor.execute(
            """
            update property p set latitude = f.latitude, longitude = f.longitude, precision = f.precision
            from unnest(%(ids)s::uuid[], %(lats)s::float8[], %(lons)s::float8[], %(kinds)s::text[])
                 as f (id, latitude, longitude, precision)
            where p.org_id = %(org)s and p.id = f.id
              and array_position(%(order)s::text[], f.precision) < array_position(%(order)s::text[],
                  case when p.latitude is null or p.longitude is null then 'zip' else coalesce(p.precision, 'file') end)
            returning p.id
            """,
            {
                "ids": ids,
                "lats": latitudes,
                "lons": longitudes,
                "kinds": kinds,
                "org": uow.org(),
                "order": [kind.value for kind in Precision],
            },
        )
        return [row[0] for row in cursor.fetchall()]


def _change(uow: UnitOfWork, source: sql.Composable, origin: Source) -> int:
    """Change properties that are there already, and note what stood there, so that it can be taken back."""
    ours, theirs = ("p", "s") if origin.prefer is Prefer.OURS else ("s", "p")
    values: dict[str, sql.Composable] = {
        name: sql.SQL("case when p.mailable then coalesce(p.{0}, s.{0}) else coalesce(s.{0}, p.{0}) end").format(
            sql.Identifier(name)
        )
        for name in PLACE
    }
    values |= {name: _fact(name, ours, theirs, origin.prefer) for name in FACTS}
    values |= {name: _placed(name, values[name]) for name in ("latitude", "longitude")}
    values |= {
        # What the file says is better than what was reckoned, and counts as the file's.
        "precision": sql.SQL("case when p.precision in ('street', 'zip') and {} then null else p.precision end").format(
            _GIVEN
        ),
        # A parcel whose address was not known takes the address's key once it is.
        "property_key": sql.SQL("case when p.mailable then p.property_key else s.property_key end"),
        "parcel_key": sql.SQL("coalesce(p.parcel_key, s.parcel_key)"),
        "mailable": sql.SQL("p.mailable or s.mailable"),
        "extra": sql.SQL("{} || {}").format(sql.Identifier(theirs, "extra"), sql.Identifier(ours, "extra")),
        "source_digest": sql.SQL("s.source_digest"),
    }
    return _run(
        uow,
        """
        with changed as (
            update property p set ({columns}) = row ({values}), updated_at = now()
            from {source} s {known}
            where p.org_id = %(org)s and p.id = s.id and not s.fresh and row ({before}) is distinct from row ({values})
            returning p.id, to_jsonb(old) - 'updated_at' as before, to_jsonb(new) - 'updated_at' as after
        )
        insert into import_change (org_id, import_id, property_id, before, after)
        select %(org)s, %(import)s, c.id,
               (select coalesce(jsonb_object_agg(key, value), '{{}}') from jsonb_each(c.before)
                where value is distinct from c.after -> key),
               (select coalesce(jsonb_object_agg(key, value), '{{}}') from jsonb_each(c.after)
                where value is distinct from c.before -> key)
        from changed c
        on conflict (org_id, import_id, property_id) do update
            set before = excluded.before || import_change.before, after = import_change.after || excluded.after
        """,
        source,
        origin,
        columns=sql.SQL(", ").join(map(sql.Identifier, values)),
        before=sql.SQL(", ").join(sql.Identifier("p", name) for name in values),
        values=sql.SQL(", ").join(values.values()),
        known=sql.SQL(_KNOWN if origin.prefer is Prefer.NEWER else ""),
    )


_GIVEN = sql.SQL("s.latitude is not null and s.longitude is not null")


def _placed(name: str, otherwise: sql.Composable) -> sql.Composable:
    """Keep a coordinate that is better than a file's, and take the file's for one that is worse."""
    return sql.SQL(
        "case when p.precision in ('pin', 'rooftop') then p.{0}"
        " when p.precision in ('street', 'zip') and {1} then s.{0} else {2} end"
    ).format(sql.Identifier(name), _GIVEN, otherwise)


_KNOWN = """
    left join (
        select q.id, coalesce((b.options ->> 'as_of')::date::timestamptz, q.created_at) as since,
               (select jsonb_object_agg(f.field, f.at) from (
                    select field, max(observed_at) as at from property_fact
                    where org_id = q.org_id and property_id = q.id and source_id is distinct from %(import)s
                    group by field) f) as at
        from property q left join import_batch b on b.org_id = q.org_id and b.id = q.import_id
        where q.org_id = %(org)s
    ) k on k.id = s.id
"""
"""On which day each of our values was true: the day its fact was observed, else the day of what made the property."""


def _fact(name: str, ours: str, theirs: str, prefer: Prefer) -> sql.Composable:
    both = [sql.Identifier(ours, name), sql.Identifier(theirs, name)]
    if prefer is not Prefer.NEWER:
        return sql.SQL("coalesce({}, {})").format(*both)
    return sql.SQL(
        "case when %(at)s >= coalesce((k.at ->> {name})::timestamptz, k.since)"
        " then coalesce(s.{column}, p.{column}) else coalesce(p.{column}, s.{column}) end"
    ).format(name=sql.Literal(name), column=sql.Identifier(name))


def _run(uow: UnitOfWork, statement: str, source: sql.Composable, origin: Source, **parts: sql.Composable) -> int:
    params: dict[str, Any | UUID] = {"org": uow.org(), "import": origin.import_id, "at": origin.observed_at}
    with uow.cursor() as cursor:
        cursor.execute(sql.SQL(statement).format(source=source, **parts), params, prepare=False)  # pyright: ignore[reportArgumentType] literals of this file
        return cursor.rowcount
