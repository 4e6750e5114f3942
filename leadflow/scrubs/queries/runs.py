"""Runs: started, batch by batch, settled, listed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from leadflow.kernel.db import UnitOfWork
from leadflow.scrubs.types import Asked, RunRow, Settled
from models.scrubs import ScrubRun
from models.vocabulary import LookupService, LookupState, Provider, ScrubRunState

_ROW = """
    select r.id, r.service, r.provider, r.state, r.audience, u.name as actor_name, r.numbers, r.fresh, r.undated,
           r.bought, r.price, r.reserved, r.spent, r.answered, r.listed, r.missing, r.doubtful, r.cancel_requested,
           r.error, r.started_at, r.finished_at
    from scrub_run r left join "user" u on u.id = r.actor_id where r.org_id = %(org)s
"""


def alone(uow: UnitOfWork, service: LookupService) -> None:
    """Let nobody else choose numbers of this organisation and service until the transaction ends."""
    with uow.cursor() as cursor:
        cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 8))", [f"scrub:{uow.org()}:{service.value}"])


def add(uow: UnitOfWork, run: ScrubRun, numbers: Sequence[tuple[int, date | None]]) -> None:
    """Write a run with its numbers."""
    uow.session.add(run)
    uow.session.flush()
    with uow.cursor() as cursor:
        cursor.execute(
            """
            insert into scrub_run_number (org_id, run_id, e164, state, consent_date)
            select %s, %s, u.e164, 'waiting', u.since from unnest(%s::bigint[], %s::date[]) as u (e164, since)
            """,
            [run.org_id, run.id, [number for number, _ in numbers], [since for _, since in numbers]],
        )


def hold(uow: UnitOfWork, run_id: UUID) -> ScrubRun | None:
    """Read a run and hold it until the end of the transaction."""
    return uow.session.get(ScrubRun, (uow.org(), run_id), with_for_update=True, populate_existing=True)


def stranded(uow: UnitOfWork) -> list[UUID]:
    """Find runs that are not ended although their job is."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select r.id from scrub_run r left join job j on j.id = r.job_id and j.org_id = r.org_id
            where r.org_id = %s and r.state = 'running'
              and (j.id is null or j.state not in ('waiting', 'running')) order by r.id
            """,
            [uow.org()],
        )
        return [row[0] for row in cursor.fetchall()]


def lost(uow: UnitOfWork, run_id: UUID, fence: int) -> int:
    """Note that what an earlier hold of the job asked got no answer; answers how many numbers."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update scrub_run_number set state = 'doubtful', updated_at = now()
            where org_id = %s and run_id = %s and state = 'asked' and fence < %s
            """,
            [uow.org(), run_id, fence],
        )
        return cursor.rowcount


def take(uow: UnitOfWork, run_id: UUID, fence: int, limit: int) -> tuple[Asked, ...]:
    """Take the next numbers that wait; they are asked from here on. The caller holds the run."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            with w as materialized (
                select e164 from scrub_run_number where org_id = %(org)s and run_id = %(run)s and state = 'waiting'
                order by e164 limit %(limit)s
            )
            update scrub_run_number n set state = 'asked', fence = %(fence)s, updated_at = now()
            from w where n.org_id = %(org)s and n.run_id = %(run)s and n.e164 = w.e164
            returning n.e164, n.consent_date
            """,
            {"org": uow.org(), "run": run_id, "fence": fence, "limit": limit},
        )
        return tuple(Asked(f"+{row[0]}", row[1]) for row in sorted(cursor.fetchall()))


def put_back(uow: UnitOfWork, run_id: UUID, fence: int) -> None:
    """Let what this hold of the job has asked in vain wait again."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update scrub_run_number set state = 'waiting', updated_at = now()
            where org_id = %s and run_id = %s and state = 'asked' and fence = %s
            """,
            [uow.org(), run_id, fence],
        )


def settle(uow: UnitOfWork, run_id: UUID, numbers: Sequence[str], state: LookupState) -> list[Settled]:
    """Note what became of numbers that were asked; answers where each stood before."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update scrub_run_number set state = %(state)s, updated_at = now()
            where org_id = %(org)s and run_id = %(run)s and e164 = any(%(numbers)s) and state in ('asked', 'doubtful')
            returning e164, old.state
            """,
            {
                "org": uow.org(),
                "run": run_id,
                "numbers": [int(one[1:]) for one in numbers],
                "state": state.value,
            },
        )
        return [Settled(row[0], LookupState(row[1])) for row in cursor.fetchall()]


def counted(uow: UnitOfWork, run_id: UUID) -> dict[LookupState, int]:
    """Count a run's numbers by where they stand."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select state, count(*) from scrub_run_number where org_id = %s and run_id = %s group by state",
            [uow.org(), run_id],
        )
        return {LookupState(row[0]): int(row[1]) for row in cursor.fetchall()}


def forget_numbers(uow: UnitOfWork, run_id: UUID) -> None:
    """Remove the numbers of a run that has ended: what was answered stands with the look-ups."""
    with uow.cursor() as cursor:
        cursor.execute("delete from scrub_run_number where org_id = %s and run_id = %s", [uow.org(), run_id])


def of_unknown_line(uow: UnitOfWork, numbers: Sequence[str]) -> list[str]:
    """Find which of these numbers are of a kind of line that nobody knows."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select e164 from phone where org_id = %s and e164 = any(%s) and line_type = 'unknown' order by e164",
            [uow.org(), [int(number[1:]) for number in numbers]],
        )
        return [f"+{row[0]}" for row in cursor.fetchall()]


def one(uow: UnitOfWork, run_id: UUID) -> RunRow | None:
    """Read a run for people."""
    with uow.connection().cursor(row_factory=class_row(RunRow)) as cursor:
        cursor.execute(f"{_ROW} and r.id = %(id)s".encode(), {"org": uow.org(), "id": run_id})
        row = cursor.fetchone()
    return _typed(row) if row else None


def page(uow: UnitOfWork, state: ScrubRunState | None, after: tuple[datetime, UUID] | None, limit: int) -> list[RunRow]:
    """List runs, newest first, from behind a row on."""
    with uow.connection().cursor(row_factory=class_row(RunRow)) as cursor:
        cursor.execute(
            f"""
            {_ROW} and (%(state)s::text is null or r.state = %(state)s)
              and (%(at)s::timestamptz is null or (r.started_at, r.id) < (%(at)s, %(id)s::uuid))
            order by r.started_at desc, r.id desc limit %(limit)s
            """.encode(),
            {
                "org": uow.org(),
                "state": state.value if state else None,
                "at": after[0] if after else None,
                "id": after[1] if after else None,
                "limit": limit,
            },
        )
        return [_typed(row) for row in cursor.fetchall()]


def count(uow: UnitOfWork, state: ScrubRunState | None) -> int:
    """Count runs."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select count(*) from scrub_run where org_id = %s and (%s::text is null or state = %s)",
            [uow.org(), state.value if state else None, state.value if state else None],
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def last_error(uow: UnitOfWork) -> tuple[str, datetime] | None:
    """Read why the last run that failed did so, where no later one succeeded."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select error, finished_at from scrub_run where org_id = %s and state <> 'running'
            order by started_at desc, id desc limit 1
            """,
            [uow.org()],
        )
        row = cursor.fetchone()
    return (row[0], row[1]) if row and row[0] else None


def _typed(row: RunRow) -> RunRow:
    values: dict[str, Any] = {name: getattr(row, name) for name in RunRow.__slots__}
    values["service"], values["provider"] = LookupService(values["service"]), Provider(values["provider"])
    values["state"] = ScrubRunState(values["state"])
    return RunRow(**values)
