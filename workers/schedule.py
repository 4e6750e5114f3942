"""The clockwork: one table of what recurs, one process that runs it.

Several schedulers may run; an advisory lock lets one of them tick.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from leadflow.audit import service as audit
from leadflow.bulk import service as bulk
from leadflow.evidence import service as evidence
from leadflow.identity import service as identity
from leadflow.jobs import service as jobs
from leadflow.jobs.types import TICK_KEY
from leadflow.kernel.db import Database
from leadflow.leads import service as leads
from leadflow.letters import service as letters
from leadflow.mail import service as mail
from leadflow.messaging import service as messaging
from leadflow.registries import service as registries
from leadflow.retention import service as retention
from models.vocabulary import JobKind

log = structlog.get_logger(__name__)

LOCK = 7_203_001
"""Advisory lock of the clockwork."""
STEP_S = 0.5


@dataclass(frozen=True, slots=True)
class Tick:
    """Something that recurs."""

    name: str
    every: timedelta
    do: Callable[[Database], object]


def ask(kind: JobKind) -> Callable[[Database], object]:
    """Make a tick that enqueues one job of ``kind`` unless one is waiting."""

    def enqueue(db: Database) -> None:
        with db.begin() as uow:
            jobs.enqueue(uow, kind, unique_key=TICK_KEY)

    return enqueue


TICKS: tuple[Tick, ...] = (
    Tick("epoch.beat", timedelta(seconds=5), messaging.beat),
    Tick("jobs.sweep", timedelta(seconds=2), jobs.sweep),
    Tick("messages.sweep", timedelta(seconds=5), ask(JobKind.MESSAGE_SWEEP)),
    Tick("messages.reconcile", timedelta(seconds=10), ask(JobKind.MESSAGE_RECONCILE)),
    Tick("audit.seal", timedelta(seconds=5), audit.seal_all),
    Tick("audit.anchor", timedelta(seconds=30), audit.anchor_all),
    Tick("audit.heads", timedelta(hours=1), evidence.mail_heads),
    Tick("jobs.forget", timedelta(hours=1), jobs.forget),
    Tick("identity.tidy", timedelta(hours=1), identity.tidy),
    Tick("evidence.sweep", timedelta(hours=1), evidence.sweep),
    Tick("letters.sweep", timedelta(hours=1), letters.sweep),
    Tick("bulk.sweep", timedelta(hours=1), bulk.sweep),
    Tick("registries.apply", timedelta(minutes=10), registries.apply_all),
    Tick("leads.scores", timedelta(minutes=5), leads.ask_renewal),
    Tick("mail.tidy", timedelta(hours=1), mail.tidy),
    Tick("retention.apply", timedelta(days=1), retention.keep_all),
)


def tick_once(db: Database) -> None:
    """Run every tick now, in order; a failing one is logged and does not stop the others."""
    for tick in TICKS:
        _run(db, tick)


def serve(db: Database, stop: threading.Event) -> None:
    """Tick until ``stop`` is set. Only the holder of the advisory lock ticks; a lost connection is made anew."""
    due = dict.fromkeys((tick.name for tick in TICKS), 0.0)
    elapsed = 0.0
    while not stop.is_set():
        try:
            with db.engine.connect() as lock:
                while not stop.wait(STEP_S):
                    elapsed += STEP_S
                    if _holds(lock):
                        _run_due(db, due, elapsed)
        except DBAPIError:
            log.warning("schedule.database_away")
            stop.wait(1)


def _run_due(db: Database, due: dict[str, float], elapsed: float) -> None:
    for tick in TICKS:
        if elapsed >= due[tick.name]:
            due[tick.name] = elapsed + tick.every.total_seconds()
            _run(db, tick)


def _holds(connection: Connection) -> bool:
    """Say whether this process is the one that ticks; taken once, held as long as the connection lives."""
    held = connection.execute(
        text(
            "select exists(select 1 from pg_locks"
            " where locktype = 'advisory' and objid = :n and pid = pg_backend_pid())"
            " or pg_try_advisory_lock(:n)"
        ),
        {"n": LOCK},
    ).scalar_one()
    connection.commit()
    return bool(held)


def _run(db: Database, tick: Tick) -> None:
    try:
        tick.do(db)
    except Exception:
        log.exception("tick.failed", tick=tick.name)
