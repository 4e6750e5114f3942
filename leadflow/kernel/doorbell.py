"""Rings Redis so that a worker looks at once. A lost ring costs seconds: the scheduler also looks.

The ring is a Dramatiq message that carries a job's id and nothing else; the job itself is a row in Postgres.
"""

from __future__ import annotations

from typing import Protocol
from uuid import UUID

import structlog

log = structlog.get_logger(__name__)


class Doorbell(Protocol):
    """Wakes a worker for one job."""

    def __call__(self, job_id: UUID, queue: str) -> None:
        """Ring for ``job_id`` on ``queue``."""
        ...


class _Silent:
    def __call__(self, job_id: UUID, queue: str) -> None:
        log.debug("doorbell.silent", job_id=str(job_id), queue=queue)


_bell: Doorbell = _Silent()


def hang(bell: Doorbell) -> None:
    """Install the bell of this process; ``workers.broker`` makes it, every door hangs it at start."""
    global _bell  # noqa: PLW0603 one bell a process, hung once at start
    _bell = bell


def ring(job_id: UUID, queue: str) -> None:
    """Wake a worker. Redis being away is logged and nothing more: the job waits in Postgres."""
    try:
        _bell(job_id, queue)
    except Exception:
        log.warning("doorbell.failed", job_id=str(job_id), queue=queue)
