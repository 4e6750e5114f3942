"""Edits many leads, and takes edits back."""

from __future__ import annotations

from uuid import UUID

from leadflow.bulk import service as bulk
from leadflow.jobs.types import Claim
from leadflow.kernel.db import Database
from models.vocabulary import JobKind
from workers.job import job


@job(JobKind.BULK_EDIT)
def carry_out(db: Database, claim: Claim) -> None:
    """Carry one edit out, or go on with one that stopped."""
    if claim.org_id is not None:
        bulk.carry_out(db, claim.org_id, UUID(claim.payload["edit_id"]), claim.job_id)


@job(JobKind.BULK_UNDO)
def take_back(db: Database, claim: Claim) -> None:
    """Take one edit back."""
    if claim.org_id is not None:
        bulk.take_back(db, claim.org_id, UUID(claim.payload["edit_id"]), claim.job_id, claim.actor_id)
