"""Runs of the geocoder: chosen, started, batch by batch, settled, listed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from leadflow.kernel.db import UnitOfWork
from leadflow.maps.types import Address, RunRow
from models.maps import GeocodeRun
from models.vocabulary import GeocodeRunState

Condition = tuple[sql.Composable, Mapping[str, Any]]

_ROW = """
    select r.id, r.state, r.audience, u.name as actor_name, r.asked, r.found, r.missed, r.price, r.spent,
           r.cancel_requested, r.error, r.started_at, r.finished_at
    from geocode_run r left join "user" u on u.id = r.actor_id where r.org_id = %(org)s
"""
_KIND = """
    case when h.precision in ('pin', 'rooftop', 'street')
              or (h.latitude is not null and h.longitude is not null and h.precision is null) then 'placed'
         when coalesce(h.street, '') = '' or (coalesce(h.zip5, '') = '' and coalesce(h.city, '') = '') then 'unwritten'
         when h.geocoded_at is not null then 'tried' else 'to_send' end
"""


class Sized(NamedTuple):
    """How many leads of a filter there are of each kind."""

    placed: int
    unwritten: int
    tried: int
    to_send: int


def alone(uow: UnitOfWork) -> None:
    """Let nobody else start a run of this organisation until the transaction ends."""
    with uow.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 24))", [f"geocode:{uow.org()}"])


def size_up(uow: UnitOfWork, where: Condition) -> Sized:
    """Count the leads of a filter by what there is to ask about them."""
    statement = sql.SQL(
        """
        select {kind} as kind, count(*) from lead_search s
        join property h on h.org_id = s.org_id and h.id = s.property_id
        where s.org_id = %(org)s and {where} group by 1
        """
    ).format(kind=sql.SQL(_KIND), where=where[0])
    with uow.cursor() as cursor:
        cursor.execute(statement, {**where[1], "org": uow.org()}, prepare=False)
        found: dict[str, int] = dict(cursor.fetchall())
    return Sized(*(found.get(name, 0) for name in Sized._fields))


def running(uow: UnitOfWork) -> bool:
    """Say whether a run has not ended whose job still lives; one whose job is gone is ended here."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update geocode_run r set state = 'failed', error = 'The worker stopped answering.', updated_at = now()
            where r.org_id = %(org)s and r.state = 'running' and not exists (
                select 1 from job j where j.org_id = r.org_id and j.id = r.job_id and j.state in ('waiting', 'running'))
            """,
            {"org": uow.org()},
        )
        cursor.execute("select 1 from geocode_run where org_id = %s and state = 'running'", [uow.org()])
        return cursor.fetchone() is not None


def add(uow: UnitOfWork, run: GeocodeRun, where: Condition) -> int:
    """Write a run with the properties that are to be asked about; answers how many."""
    uow.session.add(run)
    uow.session.flush()
    statement = sql.SQL(
        """
        insert into geocode_run_property (org_id, run_id, property_id)
        select distinct s.org_id, %(run)s::uuid, h.id from lead_search s
        join property h on h.org_id = s.org_id and h.id = s.property_id
        where s.org_id = %(org)s and {where} and {kind} = 'to_send'
        """
    ).format(kind=sql.SQL(_KIND), where=where[0])
    with uow.cursor() as cursor:
        cursor.execute(statement, {**where[1], "org": uow.org(), "run": run.id}, prepare=False)
        return cursor.rowcount


def hold(uow: UnitOfWork, run_id: UUID) -> GeocodeRun | None:
    """Read a run and hold it until the end of the transaction."""
    return uow.session.get(GeocodeRun, (uow.org(), run_id), with_for_update=True, populate_existing=True)


def take(uow: UnitOfWork, run_id: UUID, limit: int) -> list[tuple[UUID, Address]]:
    """Read the next addresses that wait. They stay until they are settled: a lost answer is asked for again."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select h.id, coalesce(h.street, ''), coalesce(h.city, ''), coalesce(h.state, ''), coalesce(h.zip5, '')
            from geocode_run_property w join property h on h.org_id = w.org_id and h.id = w.property_id
            where w.org_id = %s and w.run_id = %s order by h.id limit %s
            """,
            [uow.org(), run_id, limit],
        )
        return [(row[0], Address(*row[1:])) for row in cursor.fetchall()]


def settle(uow: UnitOfWork, run_id: UUID, ids: Sequence[UUID]) -> set[UUID]:
    """Take answered properties out of a run; answers which were still in it."""
    with uow.cursor() as cursor:
        cursor.execute(
            "delete from geocode_run_property where org_id = %s and run_id = %s and property_id = any(%s)"
            " returning property_id",
            [uow.org(), run_id, list(ids)],
        )
        return {row[0] for row in cursor.fetchall()}


def forget(uow: UnitOfWork, run_id: UUID) -> None:
    """Take everything that waits out of a run that has ended."""
    with uow.cursor() as cursor:
        cursor.execute("delete from geocode_run_property where org_id = %s and run_id = %s", [uow.org(), run_id])


def one(uow: UnitOfWork, run_id: UUID) -> RunRow | None:
    """Read a run for people."""
    with uow.connection().cursor(row_factory=class_row(RunRow)) as cursor:
        cursor.execute(f"{_ROW} and r.id = %(id)s".encode(), {"org": uow.org(), "id": run_id})
        row = cursor.fetchone()
    return _typed(row) if row else None


def page(uow: UnitOfWork, after: tuple[datetime, UUID] | None, limit: int) -> list[RunRow]:
    """List runs, newest first, from behind a row on."""
    with uow.connection().cursor(row_factory=class_row(RunRow)) as cursor:
        cursor.execute(
            f"""
            {_ROW} and (%(at)s::timestamptz is null or (r.started_at, r.id) < (%(at)s, %(id)s::uuid))
            order by r.started_at desc, r.id desc limit %(limit)s
            """.encode(),
            {"org": uow.org(), "at": after[0] if after else None, "id": after[1] if after else None, "limit": limit},
        )
        return [_typed(row) for row in cursor.fetchall()]


def count(uow: UnitOfWork) -> int:
    """Count runs."""
    with uow.cursor() as cursor:
        cursor.execute("select count(*) from geocode_run where org_id = %s", [uow.org()])
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def _typed(row: RunRow) -> RunRow:
    return replace(row, state=GeocodeRunState(row.state))
