"""The Redis broker: carries rings (job ids) and nothing else. Retries live in ``workers.job``."""

from __future__ import annotations

import dramatiq
from dramatiq.brokers.redis import RedisBroker
from dramatiq.middleware import AgeLimit, Callbacks, ShutdownNotifications, TimeLimit

from leadflow.jobs.types import DEFAULT_QUEUE, QUEUES
from leadflow.kernel.doorbell import NAMESPACE

ALL_QUEUES = tuple(dict.fromkeys((*QUEUES.values(), DEFAULT_QUEUE)))
TIME_LIMIT_MS = 3_600_000
"""An hour: imports of millions of rows end well before."""


def make_broker(redis_url: str) -> RedisBroker:
    """Connect to Redis with the least middleware that we rely on: no retries, no results."""
    broker = RedisBroker(
        url=redis_url,
        middleware=[AgeLimit(), TimeLimit(time_limit=TIME_LIMIT_MS), ShutdownNotifications(), Callbacks()],
        namespace=NAMESPACE,
    )
    dramatiq.set_broker(broker)
    for queue in ALL_QUEUES:
        broker.declare_queue(queue)
    # No ring is for later: when a job is due is in its row. Each of these would be polled ten times a second for
    # nothing, half of what a worker costs that has nothing to do.
    broker.delay_queues.clear()
    return broker
