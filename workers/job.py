"""``@job(JobKind.X)``: claim, call, settle. The only retry policy.

A handler is ``def handler(db, claim) -> Snooze | None``. What it raises decides:
``Transient`` and unforeseen errors are tried again (``jobs.types.RETRY_AFTER``); any other ``LeadFlowError`` fails for
good.
While the handler runs, a heartbeat thread keeps the lease.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from uuid import UUID

import structlog

from leadflow.jobs import service as jobs
from leadflow.jobs.types import LEASE, Claim, Snooze
from leadflow.kernel.db import Database
from leadflow.kernel.errors import LeadFlowError, Transient
from models.vocabulary import JobKind

log = structlog.get_logger(__name__)

Handler = Callable[[Database, Claim], "Snooze | None"]
HANDLERS: dict[JobKind, Handler] = {}
"""Which function does which kind; ``tests/architecture`` checks that each kind has exactly one."""


def job(kind: JobKind) -> Callable[[Handler], Handler]:
    """Register the one handler of ``kind``.

    Raises:
        RuntimeError: the kind has a handler already.
    """

    def register(handler: Handler) -> Handler:
        if kind in HANDLERS:
            msg = f"{kind} has two handlers"
            raise RuntimeError(msg)
        HANDLERS[kind] = handler
        return handler

    return register


def run(db: Database, job_id: UUID) -> bool:
    """Do one job, if it is there to be done.

    Returns:
        True when this call ran the handler.
    """
    with db.begin() as uow:
        claim = jobs.claim(uow, job_id)
    if claim is None:
        return False
    with _Heartbeat(db, claim):
        _perform(db, claim)
    return True


def _perform(db: Database, claim: Claim) -> None:
    context = {"job_id": str(claim.job_id), "kind": claim.kind.value, "attempt": claim.attempt}
    try:
        outcome = HANDLERS[claim.kind](db, claim)
    except Transient as error:
        log.warning("job.transient", **context, error=error.code)
        with db.begin() as uow:
            jobs.fail(uow, claim, error.message)
    except LeadFlowError as error:
        log.warning("job.refused", **context, error=error.code)
        with db.begin() as uow:
            jobs.fail_for_good(uow, claim, error.message)
    except Exception as error:
        log.exception("job.broke", **context)
        with db.begin() as uow:
            jobs.fail(uow, claim, type(error).__name__)
    else:
        with db.begin() as uow:
            if isinstance(outcome, Snooze):
                jobs.snooze(uow, claim, outcome.after)
            else:
                jobs.finish(uow, claim)


class _Heartbeat:
    """Keeps the lease from a thread of its own while the handler works."""

    def __init__(self, db: Database, claim: Claim) -> None:
        self.db, self.claim = db, claim
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._beat, daemon=True)

    def __enter__(self) -> None:
        self.thread.start()

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self.thread.join()

    def _beat(self) -> None:
        while not self.over.wait(LEASE.total_seconds() / 3):
            try:
                with self.db.begin() as uow:
                    jobs.keep(uow, self.claim)
            except Exception:  # noqa: BLE001 whatever it is, the handler goes on
                # Postgres may be away for a moment; the lease covers three missed beats.
                log.warning("job.heartbeat_missed", job_id=str(self.claim.job_id))
