"""Jobs commit with their cause, run under a lease, and are found again."""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import timedelta
from uuid import UUID

import pytest

from leadflow.jobs import service as jobs
from leadflow.jobs.types import LEASE, RETRY_AFTER, TICK_KEY, Claim, Snooze
from leadflow.kernel import doorbell
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Conflict, Transient
from leadflow.messaging.service import sending
from models.jobs import Job
from models.vocabulary import JobKind, JobState
from workers import job as worker

KIND = JobKind.LEAD_SEARCH_REFRESH


class Bell:
    """Remembers who was rung for."""

    def __init__(self) -> None:
        self.rung: list[UUID] = []

    def __call__(self, job_id: UUID, queue: str) -> None:  # noqa: ARG002 the bell's signature
        """Remember."""
        self.rung.append(job_id)


@pytest.fixture
def bell() -> Generator[Bell]:
    """Hang a bell that remembers."""
    made = Bell()
    before = doorbell.hang(made)
    yield made
    doorbell.hang(before)


@pytest.fixture
def handler() -> Generator[list[object]]:
    """Handle one kind with a scripted list of outcomes: an exception is raised, anything else returned."""
    script: list[object] = []
    before = worker.HANDLERS.get(KIND)

    def handle(_: Database, __: Claim) -> Snooze | None:
        outcome = script.pop(0) if script else None
        if isinstance(outcome, Exception):
            raise outcome
        return outcome if isinstance(outcome, Snooze) else None

    worker.HANDLERS[KIND] = handle
    yield script
    if before:
        worker.HANDLERS[KIND] = before
    else:
        del worker.HANDLERS[KIND]


def _enqueue(db: Database, org: UUID, **more: object) -> UUID:
    with db.begin(org) as uow:
        return jobs.enqueue(uow, KIND, **more)  # pyright: ignore[reportArgumentType] passed on


def _job(db: Database, job_id: UUID) -> Job:
    with db.begin() as uow:
        found = uow.session.get(Job, job_id)
    assert found is not None
    return found


def test_a_ring_comes_after_the_commit_and_never_after_a_rollback(db: Database, org: UUID, bell: Bell) -> None:
    def break_off() -> None:
        with db.begin(org) as uow:
            jobs.enqueue(uow, KIND)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        break_off()
    assert bell.rung == []
    with db.begin(org) as uow:
        job_id = jobs.enqueue(uow, KIND)
        assert bell.rung == []
    assert bell.rung == [job_id]


def test_a_unique_key_keeps_one_waiting_job(db: Database, org: UUID) -> None:
    first = _enqueue(db, org, unique_key="a")
    assert _enqueue(db, org, unique_key="a") == first
    assert _enqueue(db, org, unique_key="b") != first


def test_a_job_is_done_once(db: Database, org: UUID, handler: list[object]) -> None:  # noqa: ARG001 fixture
    job_id = _enqueue(db, org)
    assert worker.run(db, job_id)
    assert not worker.run(db, job_id)
    assert _job(db, job_id).state is JobState.DONE


def test_a_transient_failure_waits_longer_each_time_and_then_gives_up(
    db: Database, org: UUID, handler: list[object], clock: FrozenClock
) -> None:
    job_id = _enqueue(db, org, max_attempts=3)
    for wait in RETRY_AFTER[:2]:
        handler.append(Transient("The carrier is away."))
        assert worker.run(db, job_id)
        assert _job(db, job_id).state is JobState.WAITING
        assert not worker.run(db, job_id), "not before its time"
        clock.advance(wait)
    handler.append(Transient("The carrier is away."))
    assert worker.run(db, job_id)
    assert _job(db, job_id).state is JobState.FAILED
    assert _job(db, job_id).error == "The carrier is away."


def test_a_refusal_is_not_tried_again(db: Database, org: UUID, handler: list[object]) -> None:
    job_id = _enqueue(db, org)
    handler.append(Conflict("No."))
    worker.run(db, job_id)
    assert _job(db, job_id).state is JobState.FAILED


def test_snooze_is_not_an_attempt(db: Database, org: UUID, handler: list[object], clock: FrozenClock) -> None:
    job_id = _enqueue(db, org, max_attempts=1)
    handler.append(Snooze(timedelta(minutes=1)))
    worker.run(db, job_id)
    clock.advance(timedelta(minutes=1))
    assert worker.run(db, job_id)
    assert _job(db, job_id).state is JobState.DONE


def test_a_dead_workers_job_is_found_and_its_late_answer_ignored(
    db: Database, org: UUID, bell: Bell, clock: FrozenClock
) -> None:
    job_id = _enqueue(db, org)
    with db.begin() as uow:
        dead = jobs.claim(uow, job_id)
    assert dead is not None
    bell.rung.clear()
    assert jobs.sweep(db) == 0
    clock.advance(LEASE + timedelta(seconds=1))
    assert jobs.sweep(db) == 1
    assert bell.rung == [job_id]
    with db.begin() as uow:
        alive = jobs.claim(uow, job_id)
    assert alive is not None
    assert alive.fence > dead.fence
    with db.begin() as uow:
        jobs.finish(uow, dead)
    assert _job(db, job_id).state is JobState.RUNNING
    with db.begin() as uow:
        assert not jobs.keep(uow, dead)
        jobs.finish(uow, alive)
    assert _job(db, job_id).state is JobState.DONE


def test_cancel_stops_a_waiting_job_at_once_and_a_running_one_at_its_next_sign_of_life(db: Database, org: UUID) -> None:
    waiting, running = _enqueue(db, org), _enqueue(db, org)
    with db.begin() as uow:
        claim = jobs.claim(uow, running)
    assert claim is not None
    with db.begin(org) as uow:
        jobs.cancel(uow, waiting)
        jobs.cancel(uow, running)
        assert not jobs.keep(uow, claim)
    assert _job(db, waiting).state is JobState.CANCELLED
    with db.begin(org) as uow, pytest.raises(Conflict):
        jobs.cancel(uow, waiting)


def test_a_bell_that_fails_loses_no_job(db: Database, org: UUID, bell: Bell) -> None:
    def broken(job_id: UUID, queue: str) -> None:
        raise ConnectionError(job_id, queue)

    doorbell.hang(broken)
    job_id = _enqueue(db, org)
    doorbell.hang(bell)
    assert jobs.sweep(db) == 1
    assert bell.rung == [job_id]


def test_ended_jobs_are_forgotten_in_time_and_waiting_ones_never(db: Database, clock: FrozenClock, org: UUID) -> None:
    with db.begin(org) as uow:
        tick = jobs.enqueue(uow, KIND, unique_key=TICK_KEY)
        own = jobs.enqueue(uow, KIND)
        waiting = jobs.enqueue(uow, KIND, run_at=clock.now() + timedelta(days=90))
    for job_id in (tick, own):
        with db.begin() as uow:
            claimed = jobs.claim(uow, job_id)
            assert claimed is not None
            jobs.finish(uow, claimed)
    for days, gone in ((0, set[UUID]()), (2, {tick}), (40, {tick, own})):
        clock.advance(timedelta(days=days))
        jobs.forget(db)
        with db.begin() as uow:
            left = {job_id for job_id in (tick, own, waiting) if uow.session.get(Job, job_id)}
        assert left == {tick, own, waiting} - gone


# Turns


def _asked(db: Database, org: UUID, many: int) -> list[UUID]:
    with db.begin(org) as uow:
        return [jobs.enqueue(uow, JobKind.MESSAGE_SEND, unique_key=f"{org}{n}") for n in range(many)]


def test_an_organisation_with_many_numbers_takes_turns_with_one_that_has_one(
    db: Database, org: UUID, make_org: Callable[[str], UUID], clock: FrozenClock
):
    many, few = _asked(db, org, 50), make_org("Oak Partners")
    for job_id in many[:4]:  # four threads of one worker, all with the large one
        clock.advance(timedelta(seconds=1))
        with db.begin() as uow:
            assert jobs.claim(uow, job_id) is not None
    (theirs,) = _asked(db, few, 1)

    with db.begin() as uow:
        taken = jobs.claim(uow, many[4])

    # The ring was for the fifth of fifty; the one that waits longest is served, before a single slice more.
    assert taken is not None
    assert taken.job_id == theirs


def test_every_ring_of_a_shared_kind_finds_a_job_and_none_is_taken_twice(
    db: Database, org: UUID, make_org: Callable[[str], UUID]
):
    rung = [*_asked(db, org, 10), *_asked(db, make_org("Oak Partners"), 3)]
    taken: list[UUID] = []
    for job_id in rung:
        with db.begin() as uow:
            claim = jobs.claim(uow, job_id)
        assert claim is not None
        taken.append(claim.job_id)
    assert sorted(taken) == sorted(rung)


def test_a_slice_of_sending_ends_before_another_organisation_has_waited_five_seconds():
    assert sending.SLICE_S + 1.5 <= 5
