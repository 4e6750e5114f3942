"""Whom an order means, and how well numbers are looked up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, NamedTuple

from psycopg import sql

from leadflow.kernel.db import UnitOfWork
from models.vocabulary import Channel

_OF_LEADS = sql.SQL(
    """
    select distinct f.e164 from lead_search s
    join property_party o on o.org_id = s.org_id and o.property_id = s.property_id
         and o.role not in ('attorney', 'decedent', 'ward', 'fiduciary')
    join person_phone pp on pp.org_id = o.org_id and pp.person_id = o.person_id
    join phone f on f.org_id = pp.org_id and f.id = pp.phone_id and f.status not in ('wrong', 'dead')
    where s.org_id = %(org)s and f.e164 between 12000000000 and 19999999999 and {condition}
    """
)
_GIVEN = sql.SQL("select distinct unnest(%(numbers)s::bigint[]) as e164")

_LAST_WORDS = """
    words as (
        select distinct on (x.e164, x.list, x.provider) x.e164, x.verdict, x.as_of, x.consent_date
        from scrub_result x join a on a.e164 = x.e164
        where x.org_id = %(org)s and x.list = %(list)s and x.as_of <= %(at)s
        order by x.e164, x.list, x.provider, x.as_of desc, (x.verdict = 'listed') desc, x.recorded_at desc
    )"""
"""Each provider's last word on a number, as the gate reads it."""

_BASES = """
    bases as (
        select e164, min(since)::date as since from (
            select distinct on (k.e164, k.person_id) k.e164, k.given_at at time zone 'UTC' as since
            from consent k join a on a.e164 = k.e164
            where k.org_id = %(org)s and k.channel = %(channel)s and k.revoked_at is null and k.given_at <= %(at)s
              and (k.expires_at is null or k.expires_at > %(at)s)
            order by k.e164, k.person_id,
                     array_position(array['written_consent', 'existing_relationship', 'inquiry'], k.basis),
                     k.given_at desc
        ) z group by e164
    )"""
"""The day to ask about: of each who consented at a number the strongest basis in force, and of these the oldest."""

_SIZED = sql.SQL(
    """
    with a as materialized ({audience}), {words}, {bases}
    select a.e164, b.since,
           coalesce(bool_or(
               w.verdict in ('clean', 'listed') and w.as_of > %(fresh_after)s
               and (%(list)s <> 'reassigned' or w.verdict = 'listed' or w.consent_date <= b.since)), false),
           exists (select 1 from scrub_run_number n join scrub_run r on r.org_id = n.org_id and r.id = n.run_id
                   where n.org_id = %(org)s and n.e164 = a.e164 and r.service = %(service)s and r.state = 'running')
    from a left join words w on w.e164 = a.e164 left join bases b on b.e164 = a.e164
    group by a.e164, b.since order by a.e164
    """
)

_COVERAGE = f"""
    with a as materialized (
        select distinct f.e164 from phone f join person_phone pp on pp.org_id = f.org_id and pp.phone_id = f.id
        where f.org_id = %(org)s and f.status not in ('wrong', 'dead') and f.e164 between 12000000000 and 19999999999
    ), {_LAST_WORDS}, told as (
        select a.e164, coalesce(bool_or(w.verdict = 'listed'), false) as listed,
               max(w.as_of) filter (where w.verdict = 'clean') as clean_at
        from a left join words w on w.e164 = a.e164 group by a.e164
    )
    select count(*), count(*) filter (where not listed and clean_at > %(fresh_after)s),
           count(*) filter (where not listed and clean_at <= %(fresh_after)s),
           count(*) filter (where not listed and clean_at is null), count(*) filter (where listed),
           count(*) filter (where not listed and clean_at > %(fresh_after)s and clean_at <= %(expires_before)s)
    from told
"""  # noqa: S608 constants


class Audience(NamedTuple):
    """Numbers as a query: of leads by a condition over ``lead_search s``, or given one by one."""

    query: sql.Composable
    params: dict[str, Any]


def of_leads(condition: sql.Composable, params: dict[str, Any]) -> Audience:
    """Mean every number at which a party of these leads is reached, but for attorneys and decedents."""
    return Audience(_OF_LEADS.format(condition=condition), params)


def given(numbers: list[int]) -> Audience:
    """Mean these numbers."""
    return Audience(_GIVEN, {"numbers": numbers})


@dataclass(frozen=True, slots=True)
class Age:
    """Which look-ups count as fresh: those of after ``fresh_after``."""

    list: str
    service: str
    at: datetime
    fresh_after: datetime


class Sized(NamedTuple):
    """One number of an audience."""

    e164: int
    since: date | None
    """The day to ask about; None without a consent."""
    fresh: bool
    busy: bool


def size_up(uow: UnitOfWork, audience: Audience, age: Age) -> list[Sized]:
    """Read each number of an audience once."""
    statement = _SIZED.format(audience=audience.query, words=sql.SQL(_LAST_WORDS), bases=sql.SQL(_BASES))
    values = {**audience.params, **_values(uow, age), "service": age.service, "channel": Channel.TEXT.value}
    with uow.cursor() as cursor:
        cursor.execute(statement, values)
        return [Sized(*row) for row in cursor.fetchall()]


def coverage(uow: UnitOfWork, age: Age, expires_before: datetime) -> tuple[int, int, int, int, int, int]:
    """Count the organisation's numbers: all, fresh, stale, never looked up, listed, expiring."""
    with uow.cursor() as cursor:
        cursor.execute(_COVERAGE.encode(), {**_values(uow, age), "expires_before": expires_before})
        row = cursor.fetchone()
    return (row[0], row[1], row[2], row[3], row[4], row[5]) if row else (0, 0, 0, 0, 0, 0)


def _values(uow: UnitOfWork, age: Age) -> dict[str, Any]:
    return {"org": uow.org(), "list": age.list, "at": age.at, "fresh_after": age.fresh_after}
