"""Finds leads, people and numbers: ids by the indexes that row security hides (migration 0027), then their rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from leadflow.kernel.db import UnitOfWork
from leadflow.search.types import LeadFound, PersonFound, PhoneFound
from models.vocabulary import PartyRole

Condition = tuple[sql.Composable, dict[str, Any]]
"""Over ``lead_search s``, with its parameters: what the caller may see."""


def by_words(uow: UnitOfWork, patterns: Sequence[str], assignee: UUID | None, enough: int) -> list[UUID]:
    """Name leads whose words match all patterns, in no order, at most ``enough``."""
    return _ids(uow, "select array(select find_by_words(%s::text[], %s::uuid, %s))", [list(patterns), assignee, enough])


def by_parcel(uow: UnitOfWork, parcel: str, enough: int) -> list[UUID]:
    """Name leads by their parcel number, however it is punctuated."""
    return _ids(uow, "select array(select find_by_parcel(%s, %s))", [parcel, enough])


def by_street(uow: UnitOfWork, spellings: Iterable[str], enough: int) -> list[UUID]:
    """Name leads that stand at exactly this street line."""
    return _ids(
        uow,
        "select array(select s.lead_id from lead_search s where s.org_id = %s and s.street = any(%s) limit %s)",
        [uow.org(), list(spellings), enough],
    )


def numbers_ending(uow: UnitOfWork, digits: str, enough: int) -> list[UUID]:
    """Name numbers that end in four to nine digits."""
    return _ids(uow, "select array(select find_by_ending(%s, %s, %s))", [int(digits), len(digits), enough])


def number(uow: UnitOfWork, e164: int) -> list[UUID]:
    """Name the number that is these digits."""
    return _ids(uow, "select array(select id from phone where org_id = %s and e164 = %s)", [uow.org(), e164])


def _ids(uow: UnitOfWork, statement: str, params: list[Any]) -> list[UUID]:
    with uow.cursor() as cursor:
        cursor.execute(statement.encode(), params)
        row = cursor.fetchone()
    return row[0] if row else []


def leads(uow: UnitOfWork, where: Condition, ids: Sequence[UUID]) -> list[LeadFound]:
    """Read those of the named leads that the caller may see."""
    statement = sql.SQL(
        """
        select s.lead_id as id, s.street, s.unit, s.city, s.state, s.zip5, s.owner, s.words, coalesce(h.apn, '') as apn
        from lead_search s
        join property h on h.org_id = s.org_id and h.id = s.property_id
        where s.org_id = %(org)s and s.lead_id = any(%(ids)s) and {}
        """
    ).format(where[0])
    with uow.connection().cursor(row_factory=class_row(LeadFound)) as cursor:
        cursor.execute(statement, {**where[1], "org": uow.org(), "ids": list(ids)}, prepare=False)
        return cursor.fetchall()


def _person(roles: list[str], **given: Any) -> PersonFound:  # noqa: ANN401 columns of the row
    return PersonFound(roles=tuple(map(PartyRole, roles)), **given)


def people(uow: UnitOfWork, where: Condition, ids: Sequence[UUID], patterns: Sequence[str]) -> list[PersonFound]:
    """Read the people of the named leads whose names match all patterns."""
    statement = sql.SQL(
        """
        select n.id, n.name, n.deceased or n.deceased_on is not null as deceased,
               array_agg(distinct y.role) as roles, (array_agg(s.lead_id order by s.lead_id))[1] as lead_id,
               (array_agg(s.street order by s.lead_id))[1] as street,
               (array_agg(s.city order by s.lead_id))[1] as city, count(distinct s.lead_id)::int as leads
        from lead_search s
        join property_party y on y.org_id = s.org_id and y.property_id = s.property_id
        join person n on n.org_id = y.org_id and n.id = y.person_id
        where s.org_id = %(org)s and s.lead_id = any(%(ids)s) and ' ' || lower(n.name) like all(%(patterns)s) and {}
        group by n.id, n.name, n.deceased, n.deceased_on
        """
    ).format(where[0])
    params = {**where[1], "org": uow.org(), "ids": list(ids), "patterns": list(patterns)}
    with uow.connection().cursor() as cursor:
        cursor.execute(statement, params, prepare=False)
        return [
            _person(row[3], id=row[0], name=row[1], deceased=row[2], lead_id=row[4], street=row[5], city=row[6],
                    leads=row[7])
            for row in cursor.fetchall()
        ]  # fmt: skip


def phones(uow: UnitOfWork, where: Condition, ids: Sequence[UUID], enough: int) -> list[PhoneFound]:
    """Read whose the named numbers are, at which of the leads that the caller may see."""
    statement = sql.SQL(
        """
        select distinct on (f.id, s.lead_id) f.id, '+' || f.e164::text as e164, n.name as person, s.lead_id, s.street
        from phone f
        join person_phone r on r.org_id = f.org_id and r.phone_id = f.id
        join person n on n.org_id = r.org_id and n.id = r.person_id
        join property_party y on y.org_id = n.org_id and y.person_id = n.id
        join lead l on l.org_id = y.org_id and l.property_id = y.property_id
        join lead_search s on s.org_id = l.org_id and s.lead_id = l.id
        where f.org_id = %(org)s and f.id = any(%(ids)s) and {}
        order by f.id, s.lead_id, r.rank, n.id limit %(enough)s
        """
    ).format(where[0])
    with uow.connection().cursor(row_factory=class_row(PhoneFound)) as cursor:
        cursor.execute(statement, {**where[1], "org": uow.org(), "ids": list(ids), "enough": enough}, prepare=False)
        return cursor.fetchall()
