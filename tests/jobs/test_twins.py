"""A running job whose twin (same kind, same unique key) waits never keeps the twin, or the sweep, from going on."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from leadflow.jobs import service as jobs
from leadflow.jobs.types import LEASE, RETRY_AFTER, Claim
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from models.jobs import Job
from models.vocabulary import JobKind, JobState

KIND = JobKind.CALLBACK_APPLY


def enqueued(db: Database, after: timedelta = timedelta(0)) -> UUID:
    with db.begin() as uow:
        return jobs.enqueue(uow, KIND, unique_key="all", run_at=uow.now() + after)


def claimed(db: Database, job_id: UUID) -> Claim:
    with db.begin() as uow:
        claim = jobs.claim(uow, job_id)
    assert claim is not None
    return claim


def states(db: Database, *job_ids: UUID) -> list[JobState]:
    with db.begin() as uow:
        found = [uow.session.get(Job, job_id) for job_id in job_ids]
    return [job.state for job in found if job is not None]


def test_a_job_whose_worker_is_gone_leaves_its_work_to_the_waiting_twin(db: Database, clock: FrozenClock):
    first = enqueued(db)
    claimed(db, first)
    second = enqueued(db)
    clock.advance(LEASE + timedelta(seconds=1))
    jobs.sweep(db)
    assert states(db, first, second) == [JobState.FAILED, JobState.WAITING]


def test_of_two_twins_whose_workers_are_gone_one_waits(db: Database, clock: FrozenClock):
    first = enqueued(db)
    claimed(db, first)
    second = enqueued(db)
    claimed(db, second)
    clock.advance(LEASE + timedelta(seconds=1))
    jobs.sweep(db)
    assert states(db, first, second) == [JobState.WAITING, JobState.FAILED]


def test_a_job_without_a_twin_waits_again(db: Database, clock: FrozenClock):
    first = enqueued(db)
    claimed(db, first)
    clock.advance(LEASE + timedelta(seconds=1))
    jobs.sweep(db)
    assert states(db, first) == [JobState.WAITING]


def test_a_snoozing_job_is_done_where_a_twin_waits_and_brings_it_forward(db: Database, clock: FrozenClock):
    first = enqueued(db)
    claim = claimed(db, first)
    second = enqueued(db, timedelta(hours=1))
    with db.begin() as uow:
        jobs.snooze(uow, claim, timedelta(seconds=5))
    assert states(db, first, second) == [JobState.DONE, JobState.WAITING]
    with db.begin() as uow:
        found = uow.session.get(Job, second)
        assert found is not None
        assert found.run_at == clock.now() + timedelta(seconds=5)


def test_a_failed_attempt_is_the_last_where_a_twin_waits(db: Database, clock: FrozenClock):
    first = enqueued(db)
    claim = claimed(db, first)
    second = enqueued(db, timedelta(hours=1))
    with db.begin() as uow:
        assert jobs.fail(uow, claim, "it broke") is JobState.FAILED
    with db.begin() as uow:
        found = uow.session.get(Job, second)
        assert found is not None
        assert found.run_at == clock.now() + RETRY_AFTER[0]
