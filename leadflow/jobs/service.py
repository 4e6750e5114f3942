"""Enqueue, claim, report, settle and sweep jobs. Never runs one: that is ``workers.job``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
from psycopg import Cursor
from psycopg.rows import TupleRow

from leadflow.jobs.types import KEPT, LEASE, RETRY_AFTER, SHARED, STOPPABLE, TICK_KEY, Claim, JobRow, queue_of
from leadflow.kernel import doorbell
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Conflict, NotFound
from models.base import new_id
from models.jobs import Job
from models.vocabulary import JobKind, JobState


def enqueue(
    uow: UnitOfWork,
    kind: JobKind,
    *,
    payload: Mapping[str, Any] | None = None,
    run_at: datetime | None = None,
    unique_key: str | None = None,
    actor_id: UUID | None = None,
    max_attempts: int = 5,
) -> UUID:
    """Write a job into the caller's transaction and ring once it is committed.

    Args:
        uow: the transaction that the job belongs to; its organisation becomes the job's.
        kind: what to do.
        payload: ids only, JSON.
        run_at: not before this instant; now when absent.
        unique_key: at most one waiting job of this kind has it; a second call answers the first one's id.
        actor_id: on whose behalf.
        max_attempts: tries in all.

    Returns:
        The job's id.
    """
    now = uow.now()
    job_id = new_id()
    with uow.cursor() as cursor:
        # DO UPDATE rather than NOTHING, so that a waiting twin is found and brought forward in one statement.
        cursor.execute(
            """
            insert into job (id, org_id, kind, payload, unique_key, run_at, actor_id, max_attempts)
            values (%s, %s, %s, %s, %s, %s, %s, %s)
            on conflict (kind, unique_key) where state in ('waiting') and unique_key is not null
            do update set run_at = least(job.run_at, excluded.run_at)
            returning id
            """,
            [
                job_id,
                uow.org_id,
                kind.value,
                orjson.dumps(payload or {}).decode(),
                unique_key,
                run_at or now,
                actor_id,
                max_attempts,
            ],
        )
        row = cursor.fetchone()
    kept: UUID = row[0] if row else job_id
    if run_at is None or run_at <= now:
        uow.after_commit(lambda: doorbell.ring(kept, queue_of(kind)))
    return kept


def claim(uow: UnitOfWork, job_id: UUID) -> Claim | None:
    """Take a due job for ``LEASE``; None when another worker has it, it is done, cancelled or not due."""
    now = uow.now()
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update job set state = 'running', fence = fence + 1, attempts = attempts + 1,
                   lease_until = %(until)s, started_at = coalesce(started_at, %(now)s), claimed_at = %(now)s,
                   error = null, updated_at = now()
            where id = (select id from job where id = %(id)s and run_at <= %(now)s
                        and state = 'waiting' for update skip locked)
            returning id, org_id, kind, payload, fence, attempts, max_attempts, actor_id
            """,
            {"id": _fairest(cursor, job_id, now), "now": now, "until": now + LEASE},
        )
        row = cursor.fetchone()
        if row is None:
            return None
        cursor.execute(
            "insert into job_attempt (job_id, number, started_at) values (%s, %s, %s)", [row[0], row[5], now]
        )
    return Claim(row[0], row[1], JobKind(row[2]), row[3], row[4], row[5], row[6], row[7])


def _fairest(cursor: Cursor[TupleRow], job_id: UUID, now: datetime) -> UUID:
    """Answer whose turn it is: a ring for one job of a shared kind is a ring for the organisation that waits longest.

    There are as many rings as jobs, so every job has its turn; an organisation with a thousand jobs takes turns with
    one that has one.
    """
    cursor.execute(
        """
        with asked as (select kind from job where id = %(id)s and kind = any(%(shared)s)),
        houses as (
            select w.org_id,
                   (select count(*) from job r join asked on asked.kind = r.kind
                    where r.org_id = w.org_id and r.state = 'running') as busy,
                   (select p.claimed_at from job p join asked on asked.kind = p.kind
                    where p.org_id = w.org_id and p.claimed_at is not null
                    order by p.claimed_at desc limit 1) as served_at
            from (select distinct job.org_id from job join asked on asked.kind = job.kind
                  where state = 'waiting' and run_at <= %(now)s) w
        )
        select j.id from job j join asked on asked.kind = j.kind join houses h on h.org_id = j.org_id
        where j.state = 'waiting' and j.run_at <= %(now)s
        order by h.busy, h.served_at nulls first, j.run_at, j.id
        limit 1 for update of j skip locked
        """,
        {"id": job_id, "now": now, "shared": [kind.value for kind in SHARED]},
    )
    row = cursor.fetchone()
    return row[0] if row else job_id


def keep(uow: UnitOfWork, claimed: Claim) -> bool:
    """Give a sign of life. False: the job is no longer ours (lease lost) or its owner cancelled it."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update job set lease_until = %s, updated_at = now()
            where id = %s and fence = %s and state = 'running' returning cancel_requested
            """,
            [uow.now() + LEASE, claimed.job_id, claimed.fence],
        )
        row = cursor.fetchone()
    return row is not None and not row[0]


def progress(uow: UnitOfWork, job_id: UUID, done: int, total: int | None = None, note: str = "") -> None:
    """Say how far a job is; shown live on every page. Extends the lease too."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update job set done = %s, total = coalesce(%s, total), note = %s, updated_at = now(),
                   lease_until = case when state = 'running' then %s else lease_until end
            where id = %s
            """,
            [done, total, note, uow.now() + LEASE, job_id],
        )


def cancelled(uow: UnitOfWork, job_id: UUID) -> bool:
    """Say whether somebody asked this job to stop."""
    job = uow.session.get(Job, job_id)
    return job is None or job.cancel_requested


def finish(uow: UnitOfWork, claimed: Claim) -> None:
    """Mark the job done, if it is still ours."""
    _settle(uow, claimed, JobState.DONE, None, None)


def snooze(uow: UnitOfWork, claimed: Claim, after: timedelta) -> None:
    """Put the job back as waiting without counting the attempt: a normal outcome, not an error.

    Where a twin with the same unique key waits already, this one is done and the twin comes no later.
    """
    now = uow.now()
    with uow.cursor() as cursor:
        if _brought_forward(cursor, claimed, now + after):
            _settle(uow, claimed, JobState.DONE, None, None)
            return
        cursor.execute(
            """
            update job set state = 'waiting', attempts = attempts - 1, lease_until = null, run_at = %s,
                   updated_at = now()
            where id = %s and fence = %s and state = 'running'
            """,
            [now + after, claimed.job_id, claimed.fence],
        )


def _brought_forward(cursor: Cursor[TupleRow], claimed: Claim, at: datetime) -> bool:
    """Let a waiting twin of a job run at ``at`` or before; False when it has none."""
    cursor.execute(
        """
        update job t set run_at = least(t.run_at, %s), updated_at = now() from job j
        where j.id = %s and t.kind = j.kind and t.unique_key = j.unique_key and t.state = 'waiting' and t.id <> j.id
        """,
        [at, claimed.job_id],
    )
    return cursor.rowcount > 0


def fail(uow: UnitOfWork, claimed: Claim, error: str) -> JobState:
    """Note a failed attempt: wait and try again, or give up after the last.

    Args:
        uow: a transaction of its own.
        claimed: the claim.
        error: a class name or sentence without personal data.

    Returns:
        The job's state now.
    """
    if claimed.attempt >= claimed.max_attempts:
        _settle(uow, claimed, JobState.FAILED, error, None)
        return JobState.FAILED
    again = uow.now() + RETRY_AFTER[min(claimed.attempt, len(RETRY_AFTER)) - 1]
    with uow.cursor() as cursor:
        # A twin with the same unique key is the next attempt.
        outcome = JobState.FAILED if _brought_forward(cursor, claimed, again) else JobState.WAITING
    _settle(uow, claimed, outcome, error, again if outcome is JobState.WAITING else None)
    return outcome


def fail_for_good(uow: UnitOfWork, claimed: Claim, error: str) -> None:
    """Give up at once: another attempt would fail alike."""
    _settle(uow, claimed, JobState.FAILED, error, None)


def _settle(uow: UnitOfWork, claimed: Claim, state: JobState, error: str | None, run_at: datetime | None) -> None:
    now = uow.now()
    # A handler may settle its job in its own transaction of an organisation; attempts are the installation's.
    with uow.everywhere(), uow.cursor() as cursor:
        cursor.execute(
            """
            update job set state = %(state)s, error = %(error)s, lease_until = null,
                   run_at = coalesce(%(run_at)s, run_at),
                   finished_at = case when %(state)s in ('done', 'failed') then %(now)s else finished_at end,
                   updated_at = now()
            where id = %(id)s and fence = %(fence)s and state = 'running'
            """,
            {
                "state": state.value,
                "error": error,
                "run_at": run_at,
                "now": now,
                "id": claimed.job_id,
                "fence": claimed.fence,
            },
        )
        cursor.execute(
            "update job_attempt set finished_at = %s, error = %s where job_id = %s and number = %s",
            [now, error, claimed.job_id, claimed.attempt],
        )


def cancel(uow: UnitOfWork, job_id: UUID) -> None:
    """Stop a job: a waiting one at once, a running one at its next sign of life.

    Raises:
        NotFound: no such job in this organisation.
        Conflict: it has ended already.
    """
    job = uow.session.get(Job, job_id, with_for_update=True)
    if job is None or job.org_id != uow.org_id:
        raise NotFound
    if job.state is JobState.WAITING:
        job.state = JobState.CANCELLED
        job.finished_at = uow.now()
    elif job.state is JobState.RUNNING:
        job.cancel_requested = True
    else:
        raise Conflict("This job has ended already.")


def call_off(uow: UnitOfWork, job_id: UUID | None) -> bool:
    """Take the job of a run back that somebody stops, where the run itself holds what it has cost so far.

    Returns:
        Whether the run may end at once. While its job runs it may not: a call may be under way whose answer is paid;
        the job sees the wish at its next step.
    """
    job = uow.session.get(Job, job_id, with_for_update=True) if job_id else None
    if job is None or job.org_id != uow.org_id:
        return True
    if job.state is JobState.WAITING:
        job.state, job.finished_at = JobState.CANCELLED, uow.now()
    return job.state is not JobState.RUNNING


def stop(uow: UnitOfWork, job_id: UUID, *, asked_by: UUID | None = None) -> None:
    """Stop a job because a person asked.

    Args:
        uow: a transaction of the person's organisation.
        job_id: the job.
        asked_by: where set, only this user's own jobs are found.

    Raises:
        NotFound: no such job in this organisation, or not the user's.
        Conflict: it has ended already, or is of a kind that nobody stops here.
    """
    job = uow.session.get(Job, job_id)
    if job is None or job.org_id != uow.org_id or (asked_by is not None and job.actor_id != asked_by):
        raise NotFound
    if job.kind not in STOPPABLE:
        raise Conflict("This work cannot be stopped here. Pause its campaign, or pause sending.")
    cancel(uow, job_id)


def listing(uow: UnitOfWork, *, active: bool, limit: int = 50) -> tuple[JobRow, ...]:
    """List the organisation's jobs, newest first.

    Args:
        uow: a transaction of the organisation.
        active: only those that wait for now or run; a job planned for later is not shown as running.
        limit: at most so many.
    """
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select id, kind, state, done, total, note, error, created_at, started_at, finished_at
            from job where org_id = %(org)s
              and (not %(active)s or state = 'running' or (state = 'waiting' and run_at <= %(now)s))
            order by created_at desc, id desc limit %(limit)s
            """,
            {"org": uow.org(), "active": active, "now": uow.now(), "limit": limit},
        )
        return tuple(_row(row) for row in cursor.fetchall())


def _row(row: TupleRow) -> JobRow:
    kind, state = JobKind(row[1]), JobState(row[2])
    return JobRow(
        id=row[0],
        kind=kind,
        state=state,
        done=row[3],
        total=row[4],
        note=row[5],
        error=row[6],
        created_at=row[7],
        started_at=row[8],
        finished_at=row[9],
        stoppable=_stoppable(kind, state),
    )


def _stoppable(kind: JobKind, state: JobState) -> bool:
    return kind in STOPPABLE and state in {JobState.WAITING, JobState.RUNNING}


def sweep(db: Database, limit: int = 500) -> int:
    """Find what no ring will wake: due jobs still waiting and jobs whose worker is gone. Rings for each.

    A job whose lease ran out goes back to waiting; its next claim has a higher fence. Where a twin with the same unique
    key waits already, the twin is the next attempt.

    Returns:
        How many rings were made.
    """
    with db.begin() as uow, uow.cursor() as cursor:
        now = uow.now()
        cursor.execute(
            """
            with gone as (
                select id, kind, unique_key, attempts >= max_attempts as spent from job
                where state = 'running' and lease_until < %(now)s order by id limit %(limit)s for update skip locked
            ), fate as (
                select id, spent or unique_key is not null and (
                    row_number() over (partition by kind, unique_key order by spent, id) > 1
                    or exists (select 1 from job t where t.kind = gone.kind and t.unique_key = gone.unique_key
                               and t.state = 'waiting')) as ends
                from gone
            )
            update job set state = case when ends then 'failed' else 'waiting' end,
                   error = 'the worker stopped answering', lease_until = null, updated_at = now(),
                   finished_at = case when ends then %(now)s end
            from fate where fate.id = job.id
            """,
            {"now": now, "limit": limit},
        )
        cursor.execute(
            "select id, kind from job where state = 'waiting' and run_at <= %s order by run_at limit %s", [now, limit]
        )
        due = cursor.fetchall()
    for job_id, kind in due:
        doorbell.ring(job_id, queue_of(JobKind(kind)))
    return len(due)


def forget(db: Database) -> int:
    """Remove jobs that ended long ago: what the clockwork asks for after a day, all others after ``KEPT``.

    The clockwork alone makes tens of thousands of jobs a day; a job tells nothing that its own slice does not keep.

    Returns:
        How many went.
    """
    with db.begin() as uow, uow.cursor() as cursor:
        now = uow.now()
        cursor.execute(
            """
            delete from job where state in ('done', 'failed', 'cancelled')
              and finished_at < case when unique_key = %(tick)s then %(day)s::timestamptz else %(kept)s::timestamptz end
            """,
            {"tick": TICK_KEY, "day": now - timedelta(days=1), "kept": now - KEPT},
        )
        return cursor.rowcount
