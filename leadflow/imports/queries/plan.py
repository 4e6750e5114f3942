"""Decides, set by set, what an import would do: the dry run is this plan, and a commit carries out nothing else.

From the staged lines it makes ``place`` (one row a property of the file, with its verdict and its id), ``twin`` (rows
that repeat a property), ``live`` (rows that have something to write), ``people`` (one row a person, with the person
they are the same as) and ``often`` (who is reached at the numbers that the file names more than once). A commit begins
with what no verdict needs: ``number`` (one row a number) and ``contact`` (who is reached at which number).
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from psycopg import sql

from leadflow.imports.queries.staging import PIECE_BITS, Tables
from leadflow.imports.queries.tuning import tune
from leadflow.imports.types import MatchKey, Options, RemovedPolicy, UpdatePolicy
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import RowVerdict

LAST = 1 << 62
"""Put on the ref of a row that is known by its parcel only, so that a row with an address comes first."""

REMOVED = {
    RemovedPolicy.KEEP: RowVerdict.REMOVED.value,
    RemovedPolicy.RESTORE: RowVerdict.RESTORED.value,
    RemovedPolicy.REPLACE: RowVerdict.REPLACED.value,
}
"""Verdict on a row of a lead that was removed."""
MERGED = (
    "street", "unit", "city", "state", "zip5", "zip4", "county", "apn", "raw_address", "property_type", "bedrooms",
    "bathrooms", "building_sqft", "lot_sqft", "year_built", "owner_occupied", "assessed_value", "estimated_value",
    "estimated_equity", "loan_balance", "loan_to_value", "last_sale_on", "last_sale_amount", "latitude", "longitude",
    "decedent_died_on", "probate_filed_on",
)  # fmt: skip
"""Columns in which a repeated row fills what the first one left empty."""


class Planner:
    """Makes the plan of one import inside one transaction.

    Args:
        uow: the transaction.
        tables: where its lines are staged.
        import_id: the import.
        salt: changes every digest when the options change.
        options: what the user decided: by which keys leads are found, what becomes of them.
        trust: whether an equal digest means that there is nothing to do.
    """

    def __init__(
        self, uow: UnitOfWork, tables: Tables, import_id: UUID, salt: int, options: Options, *, trust: bool
    ) -> None:
        self._uow = uow
        self._tables = tables
        self._keys = frozenset(options.keys)
        self._params: dict[str, Any] = {
            "org": uow.org(), "import": import_id, "salt": salt, "trust": trust, "bits": PIECE_BITS,
            "mask": (1 << PIECE_BITS) - 1, "last": LAST, "skip": options.policy is UpdatePolicy.SKIP,
            "removed": REMOVED[options.removed], "by_address": MatchKey.ADDRESS in options.keys,
            "by_parcel": MatchKey.PARCEL in options.keys, "began": int(uow.now().timestamp() * 1000),
            "rest_1": _rest(), "rest_2": _rest(), "rest_3": _rest(),
        }  # fmt: skip

    def make(self, pieces: dict[int, int]) -> None:
        """Make every table of the plan.

        Args:
            pieces: rows of each piece, by its number.
        """
        tune(self._uow, sum(pieces.values()))
        self._begin(MADE)
        self._pieces(self._uow.connection(), pieces)
        self._run(MARK_PARCELS)
        self._run(ANALYZE_ROWS)
        if MatchKey.PARCEL in self._keys:
            self._run(FIND_BY_PARCEL_IN_FILE, why=sql.SQL(WHY_BY_PARCEL))
            self._run(FIND_BY_PARCEL)
            if MatchKey.ADDRESS not in self._keys:
                self._run(ONE_BY_PARCEL)
        self._places()
        for statement in (TWINS, LIVE, ANALYZE_PLACES):
            self._run(statement)
        self._merge_twins()
        self._run(PEOPLE, fresh=fresh("rest_2"))
        for statement in (OFTEN, ANALYZE_PEOPLE, SAME_IN_FILE):
            self._run(statement)
        while self._run(FOLLOW):
            pass
        self._run(REMARKS)

    def reach(self) -> None:
        """Make the tables of numbers and of who is reached at each, which only a commit needs."""
        self._begin(REACHED)
        self._run(NUMBERS, fresh=fresh("rest_3"))
        for statement in (CONTACTS, ANALYZE_CONTACTS, SAME_AS_OURS):
            self._run(statement)

    def _begin(self, names: Sequence[str]) -> None:
        connection = self._uow.connection()
        # Staging tables are read once or twice: a small sample tells enough.
        connection.execute("set local default_statistics_target = 10")
        # One statement runs at a time, and all of it in memory: let it have the other cores.
        for setting in (
            "parallel_setup_cost = 0",
            "parallel_tuple_cost = 0.001",
            "min_parallel_table_scan_size = '1MB'",
        ):
            connection.execute(sql.SQL("set local ") + sql.SQL(setting))
        for name in names:
            connection.execute(sql.SQL("drop table if exists {}").format(self._tables[name]))

    def _places(self) -> None:
        by_phone = MatchKey.PHONE in self._keys
        if by_phone:
            self._run(CALLED)
        self._run(
            PLACES,
            fresh=fresh("rest_1", "order by m.first"),
            called=fill(CALLED_ALONE if by_phone else CALLED_NEVER, self._tables),
            by_parcel_id=sql.SQL("null::uuid" if MatchKey.ADDRESS in self._keys else "b.id"),
            alone=sql.SQL("" if MatchKey.ADDRESS in self._keys else ALONE_OF_PARCEL),
        )

    def _pieces(self, connection: psycopg.Connection[Any], pieces: dict[int, int]) -> None:
        connection.execute(
            sql.SQL("create unlogged table {} (number int primary key, base int not null)").format(
                self._tables["piece"]
            )
        )
        base = 0
        with (
            connection.cursor() as cursor,
            cursor.copy(sql.SQL("copy {} from stdin").format(self._tables["piece"])) as copy,
        ):
            for number in sorted(pieces):
                copy.write_row((number, base))
                base += pieces[number]

    def _merge_twins(self) -> None:
        names = [sql.Identifier(name) for name in MERGED]
        first = sql.SQL(", ").join(
            sql.SQL("(array_agg(r.{0} order by r.ref) filter (where r.{0} is not null))[1] as {0}").format(name)
            for name in names
        )
        fills = sql.SQL(", ").join(sql.SQL("{0} = coalesce(r.{0}, d.{0})").format(name) for name in names)
        self._run(MERGE_TWINS, first=first, fills=fills)

    def _run(self, statement: str, **parts: sql.Composable) -> int:
        with self._uow.cursor() as cursor:
            cursor.execute(fill(statement, self._tables, **parts), self._params, prepare=False)
            return cursor.rowcount


def fresh(rest: str, order: LiteralString = "") -> sql.Composed:
    """Write the id of a new thing as SQL: a UUID of version 7, each later than the one before.

    The function of Postgres asks for 62 random bits anew for each of a million things, which takes a second; here they
    are drawn once a statement and the rows are numbered behind the time.

    Args:
        rest: the parameter that holds the random bits, different in each statement.
        order: how the rows are sorted; empty takes them as they come.
    """
    return sql.SQL(FRESH).format(rest=sql.Placeholder(rest), number=sql.SQL(f"row_number() over ({order})"))


FRESH = """
    (lpad(to_hex(((%(began)s::bigint + {number} / 4096) << 16) | 28672 | ({number} %% 4096)), 16, '0') || {rest})::uuid
"""


def _rest() -> str:
    """Draw the second half of a UUID: its variant and 62 random bits."""
    return f"{1 << 63 | secrets.randbits(62):016x}"


def fill(statement: str, tables: Tables, **parts: sql.Composable) -> sql.Composed:
    """Put the names of an import's tables into a statement of this package (``{row}``, ``{place}``, …)."""
    statement = statement.replace("{extra}", EXTRA)
    known = {name: tables[name] for name in _NAMES if f"{{{name}}}" in statement}
    return sql.SQL(statement).format(**known | parts)  # pyright: ignore[reportArgumentType] literals of this package


_NAMES = (
    "row", "person", "phone", "mark", "email", "piece", "called", "place", "twin", "live", "people", "contact",
    "number", "often", "head", "remark", "accept_seed", "accept_0", "accept_1", "suppress", "scrub", "consent",
)  # fmt: skip

EXTRA = """
    coalesce(r.more, '{{}}') || case when r.extra is null then '{{}}' else
        jsonb_strip_nulls(jsonb_object((select names from {head}), string_to_array(r.extra, chr(31), ''))) end"""
"""The cells of the columns without a field under their headers; what only a repeated row says stands in ``more``."""

MARK_PARCELS = """
    alter table {row} add column if not exists by_parcel boolean, add column if not exists more jsonb
"""

ONE_BY_PARCEL = """
    with first as (
        select parcel_key, (array_agg(address_key order by ref))[1] as address_key from {row}
        where outcome is null and parcel_key is not null and address_key is not null
          and address_key not like 'case|%%' and address_key not like 'line|%%'
        group by 1 having count(distinct address_key) > 1
    )
    update {row} r set address_key = f.address_key, by_parcel = true
    from first f where r.parcel_key = f.parcel_key and r.outcome is null and r.address_key <> f.address_key
      and r.address_key not like 'case|%%' and r.address_key not like 'line|%%'
"""
"""Where the parcel alone tells, its rows are one property under whatever addresses they have."""

FIND_BY_PARCEL_IN_FILE = """
    with lost as materialized (
        select ref, parcel_key, address_key from {row}
        where outcome is null and parcel_key is not null and (address_key is null or zip5 is null)
    ), found as (
        select distinct on (a.parcel_key) a.parcel_key, a.address_key
        from {row} a
        where a.address_key is not null and a.mailable and a.zip5 is not null
          and a.parcel_key in (select parcel_key from lost)
        order by a.parcel_key, a.ref
    )
    update {row} r set address_key = f.address_key, by_parcel = true, warnings = concat_ws(chr(31), r.warnings, {why})
    from lost l join found f using (parcel_key)
    where r.ref = l.ref
      and (l.address_key is null or split_part(l.address_key, '|', 1) = split_part(f.address_key, '|', 1))
"""
"""A row without an address, or without its ZIP code, takes that of another row of the same parcel."""

WHY_BY_PARCEL = "case when l.address_key is not null then 'ZIP code missing: matched by APN + county' end"

FIND_BY_PARCEL = """
    with lost as materialized (
        select ref, parcel_key, address_key from {row}
        where outcome is null and parcel_key is not null and (address_key is null or zip5 is null)
    ), found as (
        select distinct on (p.parcel_key) p.parcel_key, p.property_key
        from property p join lost l on p.parcel_key = l.parcel_key
        where p.org_id = %(org)s and p.mailable
        order by p.parcel_key, p.zip5 is null, p.id
    )
    update {row} r set address_key = f.property_key, by_parcel = true
    from lost l join found f using (parcel_key)
    where r.ref = l.ref
      and (l.address_key is null or split_part(l.address_key, '|', 1) = split_part(f.property_key, '|', 1))
"""

REACHED = ("number", "contact")
MADE = ("piece", "called", "place", "twin", "live", "people", "often", "remark", *REACHED)
"""Tables of the plan, and those that a commit adds."""

ANALYZE_ROWS = "analyze {row} (ref, outcome, address_key, parcel_key)"

CALLED = """
    create unlogged table {called} with (autovacuum_enabled = false) as
    select key, (array_agg(property_id))[1] as property_id from (
        select distinct coalesce(r.address_key, r.parcel_key) as key, l.property_id
        from {row} r join {phone} x using (ref)
        join phone n on n.org_id = %(org)s and n.e164 = x.e164
        join person_phone j on j.org_id = %(org)s and j.phone_id = n.id
        join property_party y on y.org_id = %(org)s and y.person_id = j.person_id
        join lead l on l.org_id = %(org)s and l.property_id = y.property_id
        where r.outcome is null
    ) f where key not like 'case|%%' and key not like 'line|%%' group by key having count(*) = 1
"""
"""Places of the file whose numbers reach people of exactly one lead."""

CALLED_ALONE = """
    select c.key, c.property_id from {called} c join found f using (key)
    where f.here is null and f.by_parcel_id is null and c.property_id not in (
        select coalesce(here, by_parcel_id) from found where coalesce(here, by_parcel_id) is not null)
      and (select count(*) from {called} o where o.property_id = c.property_id) = 1
"""
CALLED_NEVER = "select null::text as key, null::uuid as property_id where false"

ALONE_OF_PARCEL = """
    left join lateral (
        select (array_agg(o.id))[1] as id from property o
        where o.org_id = %(org)s and o.parcel_key = f.parcel_key having count(*) = 1
    ) b on true
"""

PLACES = """
    create unlogged table {place} with (autovacuum_enabled = false) as
    with file as (
        select coalesce(address_key, parcel_key) as key, min(parcel_key) as parcel_key, bool_or(mailable) as mailable,
               bool_and(coalesce(by_parcel, false)) as by_parcel,
               min(case when mailable then ref else ref | %(last)s end) & (%(last)s - 1) as first, count(*) as rows,
               case when count(*) = 1 then min(digest) else (sum(digest) %% 9223372036854775807)::bigint end as digest
        from {row} where outcome is null group by 1
    ), pending as (
        select id, property_key, source_digest from property
        where org_id = %(org)s and property_key >= 'apn|' and property_key < 'apn}}'
    ), found as (
        select f.*, coalesce(p.id, z.survivor_id, q.id) as here, {by_parcel_id} as by_parcel_id,
               coalesce(p.source_digest, q.source_digest) as before,
               case when f.key like 'apn|%%' or p.id is null and z.survivor_id is null or f.by_parcel then %(by_parcel)s
                    else %(by_address)s end as chosen,
               f.key like 'apn|%%' or p.id is null and z.survivor_id is null or f.by_parcel as parcel_told
        from file f
        left join property p on p.org_id = %(org)s and p.property_key = f.key
        left join merged_record z on p.id is null and z.org_id = %(org)s and z.subject = 'property' and z.key = f.key
        left join pending q on p.id is null and z.survivor_id is null and q.property_key = f.parcel_key
        {alone}
    ), called as (
        {called}
    ), matched as (
        select f.*, coalesce(case when f.chosen then f.here end, f.by_parcel_id, c.property_id, f.here) as known,
               case when f.chosen and f.here is not null then case when f.parcel_told then 'parcel' else 'address' end
                    when f.by_parcel_id is not null then 'parcel'
                    when c.property_id is not null then 'phone'
                    when f.here is not null then 'address, which is no key here' end as matched_by,
               f.here is not null and not f.chosen and f.by_parcel_id is null as apart,
               not (f.chosen and f.here is not null)
                   and (f.here is null or coalesce(f.by_parcel_id, c.property_id) is distinct from f.here) as loose,
               hashint8extended(f.digest, %(salt)s) as now
        from found f left join called c using (key)
    )
    select m.key, m.parcel_key, m.mailable, m.first, m.rows::int as rows, m.now as digest,
           coalesce(m.known, {fresh}) as property_id, m.known is null as fresh,
           case when l.removed_at is null then l.id end as lead_id, m.apart,
           coalesce(m.loose and m.matched_by in ('parcel', 'phone'), false) as loose, m.matched_by,
           case when l.removed_at is not null then
               'this lead was removed on ' || to_char(l.removed_at at time zone 'UTC', 'YYYY-MM-DD')
               || coalesce(': ' || nullif(l.removed_why, ''), '') end as note,
           case when m.key like 'case|%%' or m.key like 'line|%%' then 'noted'
                when m.known is null then 'new'
                when m.apart then 'unchanged'
                when l.removed_at is not null then %(removed)s
                when %(skip)s and l.id is not null then 'unchanged'
                when %(trust)s and m.before = m.now and l.id is not null then 'unchanged'
                else 'update' end as verdict
    from matched m left join lead l on l.org_id = %(org)s and l.property_id = m.known
    order by m.first
"""
"""One row a property. A property that was known by its parcel only is found again by it."""

TWINS = """
    create unlogged table {twin} with (autovacuum_enabled = false) as
    select r.ref, p.first from {row} r join {place} p on p.key = coalesce(r.address_key, r.parcel_key)
    where r.outcome is null and p.rows > 1 and r.ref <> p.first
"""

ANALYZE_PLACES = """
    analyze {place} (first, verdict), {twin}, {live} (ref, first),
            {person} (ref, position, person_key), {phone} (ref, e164), {mark} (ref, kind, e164), {email} (ref)
"""
"""Only what the plan and the merge join and filter by."""

MERGE_TWINS = """
    update {row} r set {fills}, more = d.more
    from (select t.first, {first}, (array_agg({extra} order by r.ref))[1] as more
          from {twin} t join {row} r using (ref) group by t.first) d
    where r.ref = d.first
"""

LIVE = """
    create unlogged table {live} with (autovacuum_enabled = false) as
    select p.first as ref, p.first, case when p.verdict in ('new', 'update', 'restored', 'replaced')
           then p.property_id end as property_id, p.key
    from {place} p where p.verdict <> 'unchanged' or %(skip)s or p.apart
    union all
    select t.ref, p.first,
           case when p.verdict in ('new', 'update', 'restored', 'replaced') then p.property_id end, p.key
    from {twin} t join {place} p using (first) where p.verdict <> 'unchanged' or %(skip)s or p.apart
"""
"""Each row that has something to write, repeated ones too, with the property it belongs to.

Null is no property: the row is noted, or its lead stays as it is; what stands against contact is written all the same.
"""

PEOPLE = """
    create unlogged table {people} with (autovacuum_enabled = false) as
    select f.person_key, f.person_key as same_as, f.ref, f.position, f.kind, f.role, f.placed,
           coalesce(p.id, z.survivor_id, {fresh}) as id, coalesce(p.id, z.survivor_id) is null as fresh
    from (select distinct on (y.person_key) y.person_key, y.ref, y.position, y.kind, y.role,
                 l.property_id is not null as placed
          from {person} y join {live} l using (ref)
          order by y.person_key, l.property_id is null, y.ref, y.position) f
    left join person p on p.org_id = %(org)s and p.person_key = f.person_key
    left join merged_record z on p.id is null and z.org_id = %(org)s and z.subject = 'person' and z.key = f.person_key
"""
"""Whoever was merged into somebody else is that somebody, also in a file that is imported again."""

NUMBERS = """
    create unlogged table {number} with (autovacuum_enabled = false) as
    select f.e164, f.line_type, f.clean, f.placed, coalesce(p.id, {fresh}) as id, p.id is null as fresh
    from (select e164, bool_and(coalesce(clean, false)) as clean, bool_or(property_id is not null) as placed,
                 coalesce(min(line_type) filter (where line_type = 'landline'),
                          min(line_type) filter (where line_type <> 'unknown'), 'unknown') as line_type
          from {phone} join {live} using (ref) group by e164) f
    left join phone p on p.org_id = %(org)s and p.e164 = f.e164
"""
"""A number of which one row says landline takes no texts, whatever another row says."""

CONTACTS = """
    create unlogged table {contact} with (autovacuum_enabled = false) as
    select p.person_key, f.e164, min(f.ref) as ref, min(f.rank) as rank, bool_or(l.property_id is not null) as placed
    from {person} p join {phone} f using (ref, position) join {live} l using (ref)
    group by p.person_key, f.e164
"""
"""Who is reached at which number: the row says whose it is, and a second owner is not reached at the first one's."""

OFTEN = """
    create unlogged table {often} with (autovacuum_enabled = false) as
    with repeated as materialized (
        select e164 from {phone} group by e164 having count(*) > 1
    ), named as materialized (
        select ref, position, e164 from {phone} join repeated using (e164)
    )
    select p.person_key, split_part(p.person_key, '|', 1) as name, f.e164, min(f.ref) as ref, count(*) as lines
    from named f join {live} l using (ref) join {person} p using (ref, position)
    group by p.person_key, f.e164
"""
"""Who is reached at the numbers that the file names more than once, and how many times it says so."""

ANALYZE_PEOPLE = "analyze {people}, {often}"

ANALYZE_CONTACTS = "analyze {number}, {contact}"

SAME_IN_FILE = """
    with first as (
        select name, e164, (array_agg(person_key order by ref))[1] as person_key
        from {often} where name <> 'CURRENT OWNER' group by 1, 2 having count(*) > 1
    ), chosen as (
        select c.person_key, min(f.person_key) as same_as
        from {often} c join first f using (e164, name)
        where f.person_key <> c.person_key group by 1
    )
    update {people} p set same_as = c.same_as from chosen c
    where p.person_key = c.person_key and p.fresh
"""
"""One name and one number are one person, also over two mailing places."""

FOLLOW = """
    update {people} p set same_as = q.same_as from {people} q
    where q.person_key = p.same_as and q.same_as <> p.same_as and q.same_as <> p.person_key
      and p.same_as <> p.person_key and q.same_as <> q.person_key
"""
"""The last two conditions follow from the others, and leave next to nobody to be joined."""

SAME_AS_OURS = """
    update {people} p set id = f.id, fresh = false
    from (
        select c.person_key, min(o.id::text)::uuid as id
        from {contact} c
        join {people} x on x.person_key = c.person_key and x.fresh and x.same_as = x.person_key
        join {number} n on n.e164 = c.e164 and not n.fresh
        join person_phone j on j.org_id = %(org)s and j.phone_id = n.id
        join person o on o.org_id = %(org)s and o.id = j.person_id
        where split_part(o.person_key, '|', 1) = split_part(c.person_key, '|', 1)
          and split_part(c.person_key, '|', 1) <> 'CURRENT OWNER'
        group by 1
    ) f
    where p.person_key = f.person_key
"""

REMARKS = (
    """
    create unlogged table {remark} with (autovacuum_enabled = false) as
    with shared as (
        select c.e164 from {often} c join {people} p using (person_key)
        group by c.e164 having count(distinct p.same_as) > 1
    ), first as (
        select distinct on (c.e164) c.e164, c.ref from {often} c join shared using (e164) order by c.e164, c.ref
    )
    select c.ref, format('phone %%s is shared by two people; also in row %%s',
                         regexp_replace(c.e164::text, '^1(\\d{{3}})(\\d{{3}})(\\d{{4}})$', '(\\1) \\2-\\3'), """
    """p.base + (f.ref & %(mask)s)) as text
    from {often} c join first f using (e164) join {piece} p on p.number = f.ref >> %(bits)s
    where c.ref <> f.ref
    union all
    select r.ref, case q.precision when 'pin' then 'stays where somebody has put it on the map'
                  else 'stays on its roof, where a geocoder has put it' end
    from {row} r join {place} p on p.first = r.ref
    join property q on q.org_id = %(org)s and q.id = p.property_id
    where r.latitude is not null and r.longitude is not null and p.verdict = 'update'
      and q.precision in ('pin', 'rooftop')
      and (abs(q.latitude - r.latitude) > 0.0001 or abs(q.longitude - r.longitude) > 0.0001)
    """
)
