"""A ring through Redis wakes a real worker, costs nobody a wait, and is never the truth."""

from __future__ import annotations

import time
from collections.abc import Generator
from typing import Any
from uuid import UUID

import dramatiq
import pytest
import redis

from leadflow.jobs import service as jobs
from leadflow.jobs.types import DEFAULT_QUEUE, Claim
from leadflow.kernel import doorbell
from leadflow.kernel.db import Database
from models.base import new_id
from models.jobs import Job
from models.vocabulary import JobKind, JobState
from tests.live import quiet_port
from workers import job as worker
from workers.broker import ALL_QUEUES, make_broker
from workers.main import declare

KIND = JobKind.LEAD_SEARCH_REFRESH
PATIENCE_S = 20


@pytest.fixture
def bell(redis_url: str) -> Generator[doorbell.RedisBell]:
    """Hang the real bell over an empty Redis."""
    made = doorbell.RedisBell(redis_url)
    made.client.flushall()
    before = doorbell.hang(made)
    yield made
    doorbell.hang(before)
    made.client.close()


def _await_state(db: Database, job_id: UUID, state: JobState) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while True:
        with db.begin() as uow:
            found = uow.session.get(Job, job_id)
        if found is not None and found.state is state:
            return
        assert time.monotonic() < deadline, found
        time.sleep(0.02)


@pytest.mark.usefixtures("bell")
def test_a_ring_wakes_a_worker_that_does_the_job(
    db: Database, org: UUID, redis_url: str, monkeypatch: pytest.MonkeyPatch
):
    done: list[UUID] = []

    def handle(_: Database, claim: Claim) -> None:
        done.append(claim.job_id)

    monkeypatch.setitem(worker.HANDLERS, KIND, handle)
    broker = make_broker(redis_url)
    declare(broker, db)
    process: Any = dramatiq.Worker(broker, worker_threads=1, worker_timeout=50)
    process.start()
    try:
        # What is looked into ten times a second: nothing that can only be empty.
        assert set(process.consumers) == set(ALL_QUEUES)
        with db.begin(org) as uow:
            job_id = jobs.enqueue(uow, KIND)
        _await_state(db, job_id, JobState.DONE)
    finally:
        process.stop()
        broker.close()
    assert done == [job_id]


def test_a_ring_carries_the_jobs_id_and_nothing_else(bell: doorbell.RedisBell):
    job_id = new_id()
    doorbell.ring(job_id, DEFAULT_QUEUE)
    (message,) = bell.client.hgetall(f"{doorbell.NAMESPACE}:{DEFAULT_QUEUE}.msgs").values()
    told = dramatiq.Message.decode(message)
    assert (told.actor_name, told.args, told.kwargs) == (doorbell.actor_of(DEFAULT_QUEUE), (str(job_id),), {})


def test_every_queue_has_an_actor_of_its_name(db: Database, redis_url: str):
    broker = make_broker(redis_url)
    declare(broker, db)
    assert {doorbell.actor_of(queue) for queue in ALL_QUEUES} == broker.get_declared_actors()
    broker.close()


def test_a_crowded_queue_is_not_rung_again(bell: doorbell.RedisBell, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(doorbell, "CROWDED", 3)
    for _ in range(9):
        doorbell.ring(new_id(), DEFAULT_QUEUE)
    assert bell.client.llen(f"{doorbell.NAMESPACE}:{DEFAULT_QUEUE}") == 3


def test_redis_away_neither_raises_nor_makes_anybody_wait():
    before = doorbell.hang(doorbell.RedisBell(f"redis://:x@127.0.0.1:{quiet_port()}/0"))
    began = time.monotonic()
    try:
        doorbell.ring(new_id(), DEFAULT_QUEUE)
    finally:
        doorbell.hang(before)
    assert time.monotonic() - began < doorbell.TIMEOUT_S


def test_a_job_that_nobody_rang_for_is_found_by_the_sweep(db: Database, org: UUID, bell: doorbell.RedisBell):
    with db.begin(org) as uow:
        job_id = jobs.enqueue(uow, KIND)
    # Redis has no memory: whatever it held is gone.
    bell.client.flushall()
    assert jobs.sweep(db) == 1
    (message,) = bell.client.hgetall(f"{doorbell.NAMESPACE}:{DEFAULT_QUEUE}.msgs").values()
    assert dramatiq.Message.decode(message).args == (str(job_id),)


def test_redis_keeps_no_file_and_forgets_no_ring_for_want_of_room(redis_url: str):
    with redis.Redis.from_url(redis_url) as client:
        settings: Any = client.config_get("*")
    assert settings["maxmemory-policy"] == "noeviction"
    assert settings["save"] == ""
    assert settings["bind"] == "127.0.0.1"
    assert settings["requirepass"]
