"""Makes evidence packs."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from leadflow.evidence import service as evidence
from leadflow.jobs.types import Claim, Snooze
from leadflow.kernel.db import Database
from models.vocabulary import JobKind
from workers.job import job

AGAIN = Snooze(timedelta(seconds=2))
"""A receipt of the pack is being sealed."""


@job(JobKind.EVIDENCE_MAKE)
def make(db: Database, claim: Claim) -> Snooze | None:
    """Make one pack."""
    if claim.org_id is None:
        return None
    return None if evidence.make(db, claim.org_id, UUID(claim.payload["pack_id"]), claim.job_id) else AGAIN
