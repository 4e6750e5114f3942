"""What a worker process loads: one Dramatiq actor a queue, each running jobs by id.

Run by ``leadflow worker`` (one process, in-process Dramatiq worker) or by ``dramatiq workers.main``.
"""

from __future__ import annotations

import importlib
import signal
import threading
from typing import Any
from uuid import UUID

import dramatiq
import structlog
from dramatiq.brokers.redis import RedisBroker

from leadflow.kernel.db import Database
from leadflow.kernel.doorbell import actor_of
from workers.broker import ALL_QUEUES, make_broker
from workers.job import run

log = structlog.get_logger(__name__)

SLICES = (
    "imports",
    "campaigns",
    "messaging",
    "compliance",
    "leads",
    "audit",
    "duplicates",
    "bulk",
    "evidence",
    "letters",
    "mail",
    "maps",
    "retention",
    "scrubs",
)
"""Modules of this package whose handlers register themselves on import."""
SHUTDOWN_MS = 25_000
LOOK_S = 0.5
"""How often a worker looks whether it was asked to end."""


def load_handlers() -> None:
    """Import every slice's handlers."""
    for name in SLICES:
        importlib.import_module(f"workers.{name}")


def declare(broker: RedisBroker, db: Database) -> None:
    """Make one actor a queue; its message is a job's id."""

    def perform(job_id: str) -> None:
        run(db, UUID(job_id))

    make: Any = dramatiq.actor
    for queue in ALL_QUEUES:
        make(perform, actor_name=actor_of(queue), queue_name=queue, broker=broker)


def serve(db: Database, redis_url: str, threads: int) -> None:
    """Work until SIGTERM or SIGINT; then stop claiming, finish within 25 seconds, and return."""
    load_handlers()
    broker = make_broker(redis_url)
    declare(broker, db)
    worker: Any = dramatiq.Worker(broker, worker_threads=threads, worker_timeout=100)
    stop = threading.Event()

    def ask_to_stop(_number: int, _frame: object) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask_to_stop)
    worker.start()
    log.info("worker.started", threads=threads)
    # Not once and for ever: a signal that another thread receives, as one sent right after the process was stopped and
    # continued, does not wake this one, and Python calls its handlers here only.
    while not stop.wait(LOOK_S):
        pass
    worker.stop(timeout=SHUTDOWN_MS)
    log.info("worker.stopped")
