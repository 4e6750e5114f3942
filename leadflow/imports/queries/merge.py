"""What a commit writes, as SQL that other rooms take in; each piece covers one partition and may be run again.

Only rows of properties whose verdict is one of ``WRITTEN`` are written (``live``). The partitions of a step touch
different rows, so that two connections can work side by side without waiting for each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from psycopg import sql

from leadflow.imports.queries.plan import MERGED, fill
from leadflow.imports.queries.staging import PIECE_BITS, Tables
from leadflow.imports.queries.tuning import MANY
from leadflow.imports.types import AssertedConsent, Options
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import RowVerdict

BACK = (RowVerdict.RESTORED, RowVerdict.REPLACED)
"""Verdicts of leads that were removed and come back."""
WRITTEN = (RowVerdict.NEW, RowVerdict.UPDATE, *BACK)
_PLACE = frozenset({"street", "unit", "city", "state", "zip5", "zip4", "county", "apn", "raw_address"})
PARTITIONS = 2
"""Connections that write at once."""

_BITS = sql.Literal(PIECE_BITS)
_MASK = sql.Literal((1 << PIECE_BITS) - 1)


def _part(part: int) -> dict[str, sql.Composable]:
    return {"every": sql.Literal(PARTITIONS), "part": sql.Literal(part), "bits": _BITS, "mask": _MASK}


FILLED = {
    "property": ("org_id", "id"),
    "person": ("org_id", "id"),
    "property_party": ("org_id", "property_id", "person_id"),
    "phone": ("org_id", "id"),
    "person_phone": ("org_id", "person_id", "phone_id"),
}
"""Tables that an import fills, and the columns by which they are joined."""


def look_again(uow: UnitOfWork, rows: int) -> None:
    """Let Postgres count what was filled, before other statements rely on it; autovacuum comes a minute too late.

    Only what the next statements join by: the other columns can wait for autovacuum. Whoever does not own a table needs
    MAINTAIN on it (migration 0036).
    """
    if rows >= MANY:
        for table, columns in FILLED.items():
            names = sql.SQL(", ").join(map(sql.Identifier, columns))
            uow.connection().execute(sql.SQL("analyze {} ({})").format(sql.Identifier(table), names))


def phones(tables: Tables, part: int) -> sql.Composed:
    """Select numbers: ``id, e164, line_type, fresh``."""
    return fill(
        "(select id, e164, line_type, fresh from {number} where placed and e164 %% {every} = {part} order by e164)",
        tables,
        **_part(part),
    )


def people(tables: Tables, part: int) -> sql.Composed:
    """Select people as the file names them first."""
    return fill(
        """(
        select p.id, p.person_key, f.kind, f.name, f.first_name, f.last_name, f.raw_name, f.care_of, f.mailing_street,
               f.mailing_unit, f.mailing_city, f.mailing_state, f.mailing_zip5, p.fresh
        from {people} p join {person} f on f.ref = p.ref and f.position = p.position
        where p.placed and p.same_as = p.person_key and p.ref %% {every} = {part}
        order by p.ref, p.position)""",
        tables,
        **_part(part),
    )


def person_phones(tables: Tables, part: int) -> sql.Composed:
    """Select who is reached where, and from which cell that was learnt."""
    return fill(
        """(
        select distinct on (c.ref, c.rank, c.person_id, c.phone_id) c.person_id, c.phone_id, c.rank, f.note,
               f.column_name, (i.base + (c.ref & {mask})) as row_number
        from (
            select q.id as person_id, n.id as phone_id, n.e164, min(c.ref) as ref, min(c.rank) as rank
            from {contact} c join {people} p using (person_key) join {people} q on q.person_key = p.same_as
            join {number} n using (e164)
            where c.placed and q.ref %% {every} = {part} group by 1, 2, 3
        ) c
        join {phone} f on f.ref = c.ref and f.e164 = c.e164
        join {piece} i on i.number = c.ref >> {bits}
        order by c.ref, c.rank, c.person_id, c.phone_id, f.rank)""",
        tables,
        **_part(part),
    )


def emails(tables: Tables, part: int) -> sql.Composed:
    """Select e-mail addresses of first owners."""
    return fill(
        """(
        select q.id as person_id, e.email
        from {email} e join {live} l using (ref) join {person} y on y.ref = e.ref and y.position = e.position
        join {people} p using (person_key) join {people} q on q.person_key = p.same_as
        where l.property_id is not null and q.ref %% {every} = {part} group by 1, 2 order by min(e.ref))""",
        tables,
        **_part(part),
    )


def parties(tables: Tables, part: int) -> sql.Composed:
    """Select who stands to which property."""
    return fill(
        """(
        select l.property_id, q.id as person_id, y.role, min(y.position) as position, bool_or(y.spouse) as spouse
        from {live} l join {person} y using (ref)
        join {people} p using (person_key) join {people} q on q.person_key = p.same_as
        where l.property_id is not null and l.first %% {every} = {part} group by 1, 2, 3 order by min(l.first))""",
        tables,
        **_part(part),
    )


def properties(tables: Tables, part: int, verdicts: Sequence[RowVerdict] = WRITTEN) -> sql.Composed:
    """Select properties, with what repeated rows added; one that not its address told keeps its own address."""
    columns = sql.SQL(", ").join(
        sql.SQL("case when not p.loose then r.{0} end as {0}" if name in _PLACE else "r.{0}").format(
            sql.Identifier(name)
        )
        for name in MERGED
    )
    return fill(
        """(
        select p.property_id as id, p.fresh, case when p.loose then k.property_key else p.key end as property_key,
               case when not p.loose then coalesce(r.parcel_key, p.parcel_key) end as parcel_key,
               p.mailable and not p.loose as mailable, p.digest as source_digest, {extra} as extra, {columns}
        from {place} p join {row} r on r.ref = p.first
        left join property k on p.loose and k.org_id = %(org)s and k.id = p.property_id
        where p.verdict in ({verdicts}) and p.first %% {every} = {part}
        order by p.first)""",
        tables,
        **_part(part),
        columns=columns,
        verdicts=sql.SQL(", ").join(sql.Literal(one.value) for one in verdicts),
    )


def brought_back(tables: Tables) -> sql.Composed:
    """Select the properties of leads that come back: ``property_id, verdict``."""
    verdicts = sql.SQL(", ").join(sql.Literal(one.value) for one in BACK)
    return fill("select property_id, verdict from {place} where verdict in ({verdicts})", tables, verdicts=verdicts)


def make_accept(uow: UnitOfWork, tables: Tables, options: Options) -> None:
    """Make the tables that leads take in: one for each partition, and one that holds every list and tag name once."""
    for part in range(PARTITIONS):
        _make(
            uow,
            tables,
            f"accept_{part}",
            """
            select l.property_id, r.notes as note,
                   array(select distinct w from
                         unnest(%(lists)s::text[] || string_to_array(r.lists, chr(31))) w) as lists,
                   array(select distinct w from
                         unnest(%(tags)s::text[] || string_to_array(r.tags, chr(31))) w) as tags
            from {live} l join {row} r using (ref)
            where l.property_id is not null and l.first %% {every} = {part} order by l.ref
            """,
            {"lists": [options.list_name] if options.list_name else [], "tags": list(options.tags)},
            part,
        )
    # Names are made first and once: two connections that make the same list would wait for each other.
    _make(
        uow,
        tables,
        "accept_seed",
        """
        with every as (select * from {accept_0} union all select * from {accept_1}), named as (
            select distinct on (n) n, property_id, null::text as tag from every, unnest(lists) n
        ), tagged as (
            select distinct on (n) n, property_id from every, unnest(tags) n
        )
        select property_id, array_agg(n) filter (where not is_tag) as lists, array_agg(n) filter (where is_tag) as tags,
               null::text as note
        from (select n, property_id, false as is_tag from named union all select n, property_id, true from tagged) a
        group by property_id
        """,
        {},
    )


def make_suppress(uow: UnitOfWork, tables: Tables, filename: str) -> None:
    """Make the table of marks against contact, each with the file, row, column and cell that said so first."""
    _make(
        uow,
        tables,
        "suppress",
        """
        select distinct on (m.kind, m.e164, case when m.e164 is null then l.key end)
               m.kind, m.e164, m.phone_key, null::uuid as person_id,
               case when m.e164 is null then l.key end as address_key,
               jsonb_build_object('file', %(file)s::text, 'row', (i.base + (m.ref & {mask})),
                                  'column', m.column_name, 'cell', m.value) as evidence
        from {mark} m join {live} l using (ref) join {piece} i on i.number = m.ref >> {bits}
        order by m.kind, m.e164, case when m.e164 is null then l.key end, m.ref
        """,
        {"file": filename},
    )


def make_scrubs(uow: UnitOfWork, tables: Tables, provider: str, as_of: datetime | None) -> None:
    """Make the table of numbers that the file's vendor looked up and found clean; an empty cell is no answer.

    A column beside an owner's number speaks of the national list; a list of looked-up numbers names each of its lists.
    Without ``as_of`` the table stays empty. Every table is read once: asked anew for each number, what stands against
    it had taken as many steps as there are numbers times marks.
    """
    _make(
        uow,
        tables,
        "scrub",
        """
        with looked_up as (
            select e164 from {phone} where position = 0 group by e164
        ), against as (
            select e164, bool_or(kind in ('vendor_dnc', 'national_dnc')) as national,
                   bool_or(kind = 'state_dnc') as state, bool_or(kind = 'litigator') as litigator
            from {mark} where e164 is not null group by e164
        )
        select n.e164, l.list, 'clean'::text as verdict, %(provider)s::text as provider,
               %(as_of)s::timestamptz as as_of
        from {number} n
        left join looked_up u using (e164)
        left join against a using (e164)
        cross join lateral (values
            ('national_dnc', true, false),
            ('state_dnc', u.e164 is not null, coalesce(a.state, false)),
            ('litigator', u.e164 is not null, coalesce(a.litigator, false))
        ) l (list, named, listed)
        where n.clean and %(as_of)s::timestamptz is not null and l.named and not l.listed
          and not coalesce(a.national, false) and (n.placed or not coalesce(a.litigator, false))
        """,
        {"provider": provider, "as_of": as_of},
    )


def make_consents(
    uow: UnitOfWork, tables: Tables, asserted: AssertedConsent, given_at: datetime, key_of: Callable[[int], bytes]
) -> None:
    """Make the table of consents that the user asserts for every first owner's number of the file."""
    _make(
        uow,
        tables,
        "consent",
        """
        select distinct on (c.e164) c.e164, null::bytea as phone_key, q.id as person_id, 'text'::text as channel,
               %(basis)s::text as basis, %(purpose)s::text as purpose, %(shown)s::text as shown_text,
               %(source)s::text as source, %(given)s::timestamptz as given_at,
               (i.base + (c.ref & {mask})) as row_number
        from {contact} c join {people} p using (person_key) join {people} q on q.person_key = p.same_as
        join {piece} i on i.number = c.ref >> {bits}
        where c.placed
        order by c.e164, c.ref
        """,
        {
            "basis": asserted.basis.value,
            "purpose": asserted.purpose,
            "shown": asserted.shown_text,
            "source": asserted.source,
            "given": given_at,
        },
    )
    connection = uow.connection()
    numbers = [row[0] for row in connection.execute(fill("select e164 from {consent}", tables))]
    connection.execute("create temp table consent_key (e164 bigint, phone_key bytea) on commit drop")
    with connection.cursor() as cursor, cursor.copy("copy consent_key from stdin") as copy:
        for e164 in numbers:
            copy.write_row((e164, key_of(e164)))
    connection.execute(
        fill("update {consent} c set phone_key = k.phone_key from consent_key k where k.e164 = c.e164", tables)
    )


def _make(uow: UnitOfWork, tables: Tables, name: str, select: str, params: dict[str, Any], part: int = 0) -> None:
    connection = uow.connection()
    connection.execute(sql.SQL("drop table if exists {}").format(tables[name]))
    head = sql.SQL("create unlogged table {} with (autovacuum_enabled = false) as ").format(tables[name])
    with connection.cursor() as cursor:
        cursor.execute(head + fill(select, tables, **_part(part)), params, prepare=False)
        cursor.execute(sql.SQL("analyze {}").format(tables[name]))
