"""Rings Redis so that a worker looks at once. A lost ring costs seconds: the scheduler also looks.

The ring is a Dramatiq message that carries a job's id and nothing else; the job itself is a row in Postgres.
Every process can ring (the web process, the workers, the scheduler, the command line); none of them needs to know a
worker, because the actor of a queue is named after the queue.
"""

from __future__ import annotations

from typing import Any, Protocol
from uuid import UUID

import structlog
from dramatiq import Message
from dramatiq.brokers.redis import RedisBroker
from redis import Redis

log = structlog.get_logger(__name__)

NAMESPACE = "leadflow"
"""Prefix of everything that Dramatiq keeps in Redis."""
CROWDED = 1_000
"""A queue with that many rings is not rung again: its workers are awake, and the scheduler looks for what is left."""
TIMEOUT_S = 2.0
"""A ring happens on a user's time; Redis away must not make him wait."""


class Doorbell(Protocol):
    """Wakes a worker for one job."""

    def __call__(self, job_id: UUID, queue: str) -> None:
        """Ring for ``job_id`` on ``queue``."""
        ...


class _Silent:
    def __call__(self, job_id: UUID, queue: str) -> None:
        log.debug("doorbell.silent", job_id=str(job_id), queue=queue)


class RedisBell:
    """Rings through Redis in Dramatiq's words.

    Args:
        url: ``redis://:password@host:port/database``; connected to at the first ring.
    """

    def __init__(self, url: str) -> None:
        self.client: Any = Redis.from_url(  # pyright: ignore[reportUnknownMemberType]
            url, socket_connect_timeout=TIMEOUT_S, socket_timeout=TIMEOUT_S
        )
        self.broker: Any = RedisBroker(client=self.client, middleware=[], namespace=NAMESPACE)

    def __call__(self, job_id: UUID, queue: str) -> None:
        """Ring, unless the queue is crowded."""
        if self.client.llen(f"{NAMESPACE}:{queue}") < CROWDED:
            self.broker.enqueue(ring_of(job_id, queue))


def actor_of(queue: str) -> str:
    """Name the one actor that answers the rings of ``queue``."""
    return f"run_{queue}"


def ring_of(job_id: UUID, queue: str) -> Message[Any]:
    """Write the ring for a job."""
    return Message(queue_name=queue, actor_name=actor_of(queue), args=(str(job_id),), kwargs={}, options={})


_bell: Doorbell = _Silent()


def hang(bell: Doorbell) -> Doorbell:
    """Install the bell of this process, as ``leadflow.process`` does at the start of each; answer the one before."""
    global _bell
    before, _bell = _bell, bell
    return before


def ring(job_id: UUID, queue: str) -> None:
    """Wake a worker. Redis being away is logged and nothing more: the job waits in Postgres."""
    try:
        _bell(job_id, queue)
    except Exception:  # noqa: BLE001 whatever Redis says, the job is safe in Postgres
        log.warning("doorbell.failed", job_id=str(job_id), queue=queue)
