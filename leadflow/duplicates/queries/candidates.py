"""Finds which records are worth comparing: those that share a key, block by block; large blocks are left out and told.

The keys of all records go into a table of the transaction, as hashes; whoever shares one with not too many others is a
pair. What comes out is streamed, so memory is bounded by one stretch of it and time by the size of the blocks.
"""

# ruff: noqa: S608 every statement is made of constants of this file

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from leadflow.duplicates.types import Place, Shared, Who
from leadflow.kernel.db import UnitOfWork
from leadflow.properties.rules.addresses import street_key, unit_key
from leadflow.properties.rules.names import name_key
from models.vocabulary import PartyRole, PersonKind

MOST = 50
"""More people than that share a number of an office, a mailbox of a shop: it tells nothing of them. Own choice."""
MOST_PLACES = 100
"""The same of properties with one house number in one ZIP code. Own choice."""
STRETCH = 5_000
"""Pairs that are in memory at once."""
WORK_MEMORY = "128MB"
"""Of one statement; what needs more goes to disk."""

_PHONE, _EMAIL, _MAILING, _PROPERTY, _NEAR = (bit.value for bit in Shared)
_BEGIN = "create temp table block (id uuid, bit int, key bigint, ref uuid) on commit drop"
_PEOPLE = f"""
    insert into block
    select person_id, {_PHONE}, hashtextextended(phone_id::text, {_PHONE}), phone_id
    from person_phone where org_id = %(org)s
    union all
    select person_id, {_EMAIL}, hashtextextended(email, {_EMAIL}), null
    from email_address where org_id = %(org)s
    union all
    select distinct person_id, {_PROPERTY}, hashtextextended(property_id::text, {_PROPERTY}), property_id
    from property_party where org_id = %(org)s
    union all
    select id, {_MAILING}, hashtextextended(concat_ws('|', lower(mailing_street),
           lower(coalesce(mailing_unit, '')), coalesce(mailing_zip5, lower(mailing_city), '')), {_MAILING}), null
    from person where org_id = %(org)s and mailing_street is not null
    union all
    -- Behind the name a key of an import names the place, in postal abbreviations.
    select id, {_MAILING}, hashtextextended(substr(person_key, strpos(person_key, '|') + 1), {_MAILING}), null
    from person where org_id = %(org)s and person_key like '%%|%%|%%'
    union all
    select id, {_NEAR}, hashtextextended(concat_ws('|', mailing_zip5, split_part(mailing_street, ' ', 1),
           left(upper(coalesce(last_name, name)), 1)), {_NEAR}), null
    from person where org_id = %(org)s and mailing_zip5 is not null and mailing_street ~ '^[0-9]'
"""
_PARCEL, _ZIP, _TOWN = 1, 2, 4
_PLACES = f"""
    insert into block
    select id, {_PARCEL}, hashtextextended(parcel_key, {_PARCEL}), id from property
    where org_id = %(org)s and parcel_key is not null
    union all
    select id, {_ZIP}, hashtextextended(zip5 || '|' || split_part(street, ' ', 1), {_ZIP}), id from property
    where org_id = %(org)s and zip5 is not null and street ~ '^[0-9]'
    union all
    select id, {_TOWN}, hashtextextended(
        concat_ws('|', split_part(street, ' ', 1), upper(city), state, split_part(upper(street), ' ', 2)), {_TOWN}),
        id
    from property where org_id = %(org)s and street ~ '^[0-9]' and city is not null
"""
_FRESH = "create temp table fresh (id uuid primary key) on commit drop"
_FRESH_PEOPLE = """
    insert into fresh
    select id from person where org_id = %(org)s and import_id = %(import)s
    union select person_id from person_phone where org_id = %(org)s and import_id = %(import)s
    union select person_id from email_address where org_id = %(org)s and import_id = %(import)s
    union select person_id from property_party where org_id = %(org)s and import_id = %(import)s
"""
_FRESH_PLACES = """
    insert into fresh
    select id from property where org_id = %(org)s and import_id = %(import)s
    union select property_id from import_row
          where org_id = %(org)s and import_id = %(import)s and property_id is not null
"""
_DENSE = """
    create temp table dense on commit drop as
    select bit, key, count(*)::int as n from block {among} group by bit, key having count(*) > 1
"""
_AMONG_FRESH = "where (bit, key) in (select bit, key from block where id in (select id from fresh))"
_TWO = """
    create temp table two on commit drop as
    select least(a.id, b.id) as one, greatest(a.id, b.id) as other, bit_or(a.bit) as shared
    from dense k join block a using (bit, key) join block b using (bit, key)
    where a.id < b.id and k.n <= %(most)s {among}
    group by 1, 2
"""
_EITHER_FRESH = "and (a.id in (select id from fresh) or b.id in (select id from fresh))"
_WHO = """
    select t.shared,
           p.id, p.kind, p.name, coalesce(p.first_name, ''), coalesce(p.last_name, ''),
           concat_ws(' ', p.mailing_street, p.mailing_unit), coalesce(p.mailing_zip5, ''),
           p.deceased or p.deceased_on is not null, coalesce(y.roles, '{}'),
           q.id, q.kind, q.name, coalesce(q.first_name, ''), coalesce(q.last_name, ''),
           concat_ws(' ', q.mailing_street, q.mailing_unit), coalesce(q.mailing_zip5, ''),
           q.deceased or q.deceased_on is not null, coalesce(z.roles, '{}')
    from two t
    join person p on p.org_id = %(org)s and p.id = t.one
    join person q on q.org_id = %(org)s and q.id = t.other
    left join role y on y.person_id = t.one
    left join role z on z.person_id = t.other
    where p.kind = q.kind and p.name <> 'Erased person' and q.name <> 'Erased person'
      and (p.kind <> 'individual' or p.first_name is null or q.first_name is null
           or left(upper(p.first_name), 1) = left(upper(q.first_name), 1)
           or upper(p.first_name) = upper(q.last_name)
           or upper(split_part(p.first_name, ' ', 1)) = any(%(unlike)s)
              and upper(split_part(q.first_name, ' ', 1)) = any(%(unlike)s))
"""
"""Spouses and children, most of whoever shares anything, are told apart by the first letter before they are read."""
_ROLES = """
    create temp table role on commit drop as
    select person_id, array_agg(distinct role) as roles from property_party
    where org_id = %(org)s and person_id in (select one from two union select other from two) group by 1
"""
_PLACE = """
    select p.id, coalesce(p.street, ''), coalesce(p.unit, ''), coalesce(p.zip5, ''), coalesce(p.city, ''),
           coalesce(p.state, ''), coalesce(p.parcel_key, ''), coalesce(y.names, '{}'),
           case when p.unit is null then 0 else coalesce(d.n, 1) end,
           q.id, coalesce(q.street, ''), coalesce(q.unit, ''), coalesce(q.zip5, ''), coalesce(q.city, ''),
           coalesce(q.state, ''), coalesce(q.parcel_key, ''), coalesce(z.names, '{}'),
           case when q.unit is null then 0 else coalesce(e.n, 1) end
    from two t
    join property p on p.org_id = %(org)s and p.id = t.one
    join property q on q.org_id = %(org)s and q.id = t.other
    left join owner y on y.property_id = t.one
    left join owner z on z.property_id = t.other
    left join door d on d.house = split_part(p.street, ' ', 1) and d.zip5 is not distinct from p.zip5
         and d.word = split_part(upper(p.street), ' ', 2)
    left join door e on e.house = split_part(q.street, ' ', 1) and e.zip5 is not distinct from q.zip5
         and e.word = split_part(upper(q.street), ' ', 2)
    where p.property_key not like 'erased:%%' and q.property_key not like 'erased:%%'
"""
_DOORS = """
    create temp table door on commit drop as
    select split_part(street, ' ', 1) as house, zip5, split_part(upper(street), ' ', 2) as word,
           count(distinct upper(unit))::int as n
    from property where org_id = %(org)s and unit is not null and street is not null group by 1, 2, 3
"""
_OWNERS = """
    create temp table owner on commit drop as
    select y.property_id, array_agg(distinct n.name) as names from property_party y
    join person n on n.org_id = y.org_id and n.id = y.person_id
    where y.org_id = %(org)s and y.property_id in (select one from two union select other from two) group by 1
"""


@dataclass(frozen=True, slots=True)
class Skipped:
    """What too many records share."""

    what: str
    ref: UUID | None
    count: int


def gather_people(uow: UnitOfWork, import_id: UUID | None) -> int:
    """Write down which people are worth comparing, for the rest of the transaction; answers how many pairs."""
    return _gather(uow, _PEOPLE, _FRESH_PEOPLE, import_id, MOST, _ROLES)


def gather_places(uow: UnitOfWork, import_id: UUID | None) -> int:
    """The same of properties."""
    return _gather(uow, _PLACES, _FRESH_PLACES, import_id, MOST_PLACES, _DOORS, _OWNERS)


def _gather(uow: UnitOfWork, blocks: str, fresh: str, import_id: UUID | None, most: int, *rest: str) -> int:
    among = ("", "") if import_id is None else (_AMONG_FRESH, _EITHER_FRESH)
    steps = [_BEGIN, blocks, "analyze block"]
    if import_id is not None:
        steps += [_FRESH, fresh, "analyze fresh"]
    steps += [_DENSE.replace("{among}", among[0]), "analyze dense", _TWO.replace("{among}", among[1]), "analyze two"]
    given = {"org": uow.org(), "import": import_id, "most": most}
    with uow.cursor() as cursor:
        cursor.execute("select set_config('work_mem', %s, true)", [WORK_MEMORY])
        cursor.execute("drop table if exists block, fresh, dense, two, role, door, owner")
        for step in (*steps, *rest):
            cursor.execute(step.encode(), given if "%(" in step else None)
        cursor.execute("select count(*) from two")
        row = cursor.fetchone()
    return int(row[0]) if row else 0


_CALLED = {
    _PHONE: "phone",
    _EMAIL: "e-mail address",
    _MAILING: "mailing address",
    _PROPERTY: "property",
}
_PLACES_CALLED = {_PARCEL: "parcel number", _ZIP: "house number in one ZIP"}


def skipped(uow: UnitOfWork, *, of_places: bool) -> list[Skipped]:
    """List what was left out of the gathering at hand because too many share it, the most shared first."""
    called, most = (_PLACES_CALLED, MOST_PLACES) if of_places else (_CALLED, MOST)
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select d.bit, (select b.ref from block b where b.bit = d.bit and b.key = d.key limit 1), d.n
            from dense d where d.n > %s and d.bit = any(%s) order by d.n desc, 2 limit 100
            """,
            [most, list(called)],
        )
        return [Skipped(called[bit], ref if bit in {1, 8} else None, n) for bit, ref, n in cursor.fetchall()]


def people_pairs(uow: UnitOfWork, unlike: Collection[str]) -> Iterator[tuple[Who, Who, int]]:
    """Stream the people who were gathered, two by two, with the bits of what they share.

    Args:
        uow: the transaction of the gathering.
        unlike: first names that may be another one with another first letter, as Bob is Robert.
    """
    for row in _stream(uow, _WHO, unlike=list(unlike)):
        shared = row[0]
        written = shared & _NEAR > 0 and not shared & _MAILING
        yield _who(row[1:10], written=written), _who(row[10:19], written=written), shared


def place_pairs(uow: UnitOfWork) -> Iterator[tuple[Place, Place]]:
    """Stream the properties that were gathered, two by two."""
    for row in _stream(uow, _PLACE):
        yield _place(row[:9]), _place(row[9:])


def _stream(uow: UnitOfWork, statement: str, **given: Any) -> Iterator[tuple[Any, ...]]:  # noqa: ANN401 parameters
    with uow.connection().cursor(name="candidates") as cursor:
        cursor.itersize = STRETCH
        cursor.execute(statement.encode(), {"org": uow.org(), **given})
        yield from cursor


_KINDS = {kind.value: kind for kind in PersonKind}
_NO_ROLES = frozenset[PartyRole]()


def _who(row: tuple[Any, ...], *, written: bool) -> Who:
    street = street_key(row[5]) if written else ""
    roles = frozenset(map(PartyRole, row[8])) if row[8] else _NO_ROLES
    return Who(row[0], _KINDS[row[1]], row[2], row[3], row[4], street, row[6], row[7], roles)


def _place(row: tuple[Any, ...]) -> Place:
    owners = frozenset(map(name_key, row[7]))
    return Place(
        row[0], street_key(row[1]), unit_key(row[2]), row[3], row[4].strip().upper(), row[5], row[6], owners, row[8]
    )
