"""The Redis broker: carries rings (job ids) and nothing else. Retries live in ``workers.job``."""

from __future__ import annotations

from uuid import UUID

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AgeLimit, Callbacks, ShutdownNotifications, TimeLimit

from leadflow.jobs.types import DEFAULT_QUEUE, QUEUES

ALL_QUEUES = tuple(dict.fromkeys((*QUEUES.values(), DEFAULT_QUEUE)))
TIME_LIMIT_MS = 3_600_000
"""An hour: imports of millions of rows end well before."""


def make_broker(redis_url: str) -> RedisBroker:
    """Connect to Redis with the least middleware that we rely on: no retries, no results."""
    broker = RedisBroker(
        url=redis_url,
        middleware=[AgeLimit(), TimeLimit(time_limit=TIME_LIMIT_MS), ShutdownNotifications(), Callbacks()],
        namespace="leadflow",
    )
    dramatiq.set_broker(broker)
    for queue in ALL_QUEUES:
        broker.declare_queue(queue)
    return broker


def bell(broker: RedisBroker) -> _Bell:
    """Make the doorbell that every process hangs at start."""
    return _Bell(broker)


class _Bell:
    """Rings with the job's id; the actor of a queue is named after it."""

    def __init__(self, broker: RedisBroker) -> None:
        self.broker = broker

    def __call__(self, job_id: UUID, queue: str) -> None:
        self.broker.enqueue(
            dramatiq.Message(queue_name=queue, actor_name=f"run_{queue}", args=(str(job_id),), kwargs={}, options={})
        )
