"""Carries runs of look-ups out."""

from __future__ import annotations

from uuid import UUID

from leadflow.jobs.types import Claim, Snooze
from leadflow.kernel.db import Database
from leadflow.scrubs import service as scrubs
from models.vocabulary import JobKind
from workers.job import job


@job(JobKind.SCRUB_RUN)
def carry_out(db: Database, claim: Claim) -> Snooze | None:
    """Look numbers up, or go on with a run that stopped."""
    if claim.org_id is None:
        return None
    pause = scrubs.carry_out(db, claim.org_id, UUID(claim.payload["run_id"]), claim)
    return None if pause is None else Snooze(pause)
