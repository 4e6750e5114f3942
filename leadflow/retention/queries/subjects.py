"""Reads by what a person is known, before it goes."""

from __future__ import annotations

from uuid import UUID

from psycopg.rows import class_row

from leadflow.kernel.db import UnitOfWork
from leadflow.retention.rules.wording import SHORTEST, written_names
from leadflow.retention.types import Candidate, Subject

_PERSON = "select name, raw_name, first_name, last_name from person where org_id = %s and id = %s"
_REACHED = """
    select '+' || f.e164, exists (select 1 from person_phone o where o.org_id = f.org_id and o.phone_id = f.id
                                  and o.person_id <> pp.person_id) as shared
    from person_phone pp join phone f on f.org_id = pp.org_id and f.id = pp.phone_id
    where pp.org_id = %(org)s and pp.person_id = %(person)s
    union
    -- Numbers that were taken from the person's card, and that nobody else has, are still theirs in what was sent.
    select distinct '+' || m.e164, false from message m
    where m.org_id = %(org)s and m.person_id = %(person)s and m.e164 < 999000000000000
      and not exists (select 1 from phone f join person_phone o on o.org_id = f.org_id and o.phone_id = f.id
                      where f.org_id = m.org_id and f.e164 = m.e164)
    order by 1
"""
_STANDS = """
    select q.id, l.id,
           not exists (select 1 from property_party o
                       where o.org_id = q.org_id and o.property_id = q.id and o.person_id <> %(person)s) as alone,
           q.street, q.import_id
    from (select distinct property_id from property_party where org_id = %(org)s and person_id = %(person)s) pp
    join property q on q.org_id = %(org)s and q.id = pp.property_id
    left join lead l on l.org_id = q.org_id and l.property_id = q.id
    order by q.id
"""
_IMPORTS = """
    select import_id from person where org_id = %(org)s and id = %(person)s
    union select import_id from person_phone where org_id = %(org)s and person_id = %(person)s
    union select import_id from email_address where org_id = %(org)s and person_id = %(person)s
    union select import_id from property_party where org_id = %(org)s and person_id = %(person)s
    union select import_id from consent where org_id = %(org)s and person_id = %(person)s
    union select r.import_id from import_row r join property_party pp
        on pp.org_id = r.org_id and pp.property_id = r.property_id
        where r.org_id = %(org)s and pp.person_id = %(person)s
"""
_UNDER_WAY = """
    select count(*) from message where org_id = %(org)s and person_id = %(person)s
    and state in ('claimed', 'submitting', 'unknown')
"""


def read(uow: UnitOfWork, person_id: UUID) -> Subject | None:
    """Read by what a person is known; None where there is no such person, or only an empty row."""
    of = {"org": uow.org(), "person": person_id}
    with uow.cursor() as cursor:
        cursor.execute(_PERSON, [uow.org(), person_id])
        row = cursor.fetchone()
        if row is None or row[0] == "Erased person":
            return None
        cursor.execute(_REACHED.encode(), of)
        numbers = cursor.fetchall()
        cursor.execute("select email from email_address where org_id = %(org)s and person_id = %(person)s", of)
        emails = tuple(sorted(found[0] for found in cursor.fetchall()))
        cursor.execute(_STANDS, of)
        places = cursor.fetchall()
        cursor.execute(_IMPORTS, of)
        imports = {found[0] for found in cursor.fetchall() if found[0]}
        cursor.execute(_UNDER_WAY, of)
        under_way = cursor.fetchone()
    names = written_names(*row)
    alone = {number for number, shared in numbers if not shared}
    return Subject(
        person_id=person_id,
        name=row[0],
        names=names,
        own_name=not _borne_by_others(uow, person_id, names),
        alone=tuple(sorted(alone)),
        shared=tuple(sorted({number for number, shared in numbers if shared} - alone)),
        emails=emails,
        addresses=_streets(uow, person_id, [place[3] for place in places if place[2]]),
        homes=tuple(place[0] for place in places if place[2]),
        other_properties=sum(not place[2] for place in places),
        leads=tuple(place[1] for place in places if place[1]),
        lone_leads=tuple(place[1] for place in places if place[1] and place[2]),
        imports=tuple(sorted(imports | {place[4] for place in places if place[2] and place[4]})),
        under_way=under_way[0] if under_way else 0,
    )


def _borne_by_others(uow: UnitOfWork, person_id: UUID, names: tuple[str, ...]) -> bool:
    with uow.cursor() as cursor:
        cursor.execute(
            "select exists (select 1 from person where org_id = %s and id <> %s and lower(name) = any(%s))",
            [uow.org(), person_id, [name.lower() for name in names]],
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def _streets(uow: UnitOfWork, person_id: UUID, homes: list[str | None]) -> tuple[str, ...]:
    """Answer the person's mailing street and the streets of their own homes, less those where others live too."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select distinct s.street from (
                select mailing_street as street from person where org_id = %(org)s and id = %(person)s
                union select unnest(%(homes)s::text[])
            ) s
            where length(s.street) >= %(shortest)s
              and not exists (select 1 from person o where o.org_id = %(org)s and o.id <> %(person)s
                              and lower(o.mailing_street) = lower(s.street))
              and not exists (select 1 from property q join property_party pp
                                  on pp.org_id = q.org_id and pp.property_id = q.id
                              where q.org_id = %(org)s and lower(q.street) = lower(s.street)
                                and pp.person_id <> %(person)s)
            order by 1
            """,
            {"org": uow.org(), "person": person_id, "homes": homes, "shortest": SHORTEST},
        )
        return tuple(row[0] for row in cursor.fetchall())


def hold_texts(uow: UnitOfWork, person_id: UUID) -> None:
    """Keep the person's row until the transaction ends, so that no submission counts contacts meanwhile."""
    with uow.cursor() as cursor:
        cursor.execute("select 1 from person where org_id = %s and id = %s for update", [uow.org(), person_id])


def candidates(uow: UnitOfWork, number: int | None, words: str, limit: int) -> list[Candidate]:
    """Find who may be meant: everybody who is reached at a number, or whose name or e-mail holds the words."""
    with uow.connection().cursor(row_factory=class_row(Candidate)) as cursor:
        cursor.execute(
            """
            select p.id, p.name,
                   concat_ws(', ', p.mailing_street, p.mailing_city, p.mailing_state) as mailing,
                   (select count(*) from person_phone pp where pp.org_id = p.org_id and pp.person_id = p.id) as phones,
                   (select count(distinct property_id) from property_party pp
                    where pp.org_id = p.org_id and pp.person_id = p.id) as properties
            from person p
            where p.org_id = %(org)s and p.name <> 'Erased person'
              and case when %(number)s::bigint is not null then p.id in (
                    select pp.person_id from phone f join person_phone pp
                        on pp.org_id = f.org_id and pp.phone_id = f.id
                    where f.org_id = %(org)s and f.e164 = %(number)s)
                  else position(lower(%(words)s) in lower(p.name)) > 0 or p.id in (
                    select person_id from email_address where org_id = %(org)s and email = lower(%(words)s)) end
            order by p.name, p.id limit %(limit)s
            """,
            {"org": uow.org(), "number": number, "words": words, "limit": limit},
        )
        return cursor.fetchall()
