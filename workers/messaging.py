"""Sends, sweeps, reconciles and applies callbacks when asked."""

from __future__ import annotations

from uuid import UUID

from leadflow.jobs.types import Claim
from leadflow.kernel.db import Database
from leadflow.messaging import service as messaging
from models.vocabulary import JobKind
from workers.job import job


@job(JobKind.MESSAGE_SEND)
def send(db: Database, claim: Claim) -> None:
    """Serve one sender number for a slice of time; come back when it has more to send."""
    if claim.org_id is None:
        return
    sender_id = UUID(claim.payload["sender_number_id"])
    done = messaging.send(db, claim.org_id, sender_id)
    if done.again_at is None:
        return
    with db.begin(claim.org_id) as uow:
        messaging.wake(uow, sender_id, done.again_at)


@job(JobKind.MESSAGE_SWEEP)
def sweep(db: Database, claim: Claim) -> None:  # noqa: ARG001 every handler has this shape
    """Find what was left behind."""
    messaging.sweep(db)


@job(JobKind.MESSAGE_RECONCILE)
def reconcile(db: Database, claim: Claim) -> None:  # noqa: ARG001 every handler has this shape
    """Ask the carrier about unknown texts."""
    messaging.reconcile(db)


@job(JobKind.RESTORE_ASK)
def ask(db: Database, claim: Claim) -> None:
    """Take over what the carrier knows and a restored backup does not."""
    if claim.org_id is not None:
        messaging.ask(db, claim.org_id)


@job(JobKind.CALLBACK_APPLY)
def apply_callbacks(db: Database, claim: Claim) -> None:  # noqa: ARG001 every handler has this shape
    """Apply what the carrier reported."""
    messaging.apply_callbacks(db)
