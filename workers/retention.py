"""Lets go what is older than its term."""

from __future__ import annotations

from leadflow.jobs.types import Claim
from leadflow.kernel.db import Database
from leadflow.retention import service as retention
from models.vocabulary import JobKind
from workers.job import job


@job(JobKind.RETENTION_APPLY)
def apply(db: Database, claim: Claim) -> None:
    """Let go what one organisation need not keep any longer."""
    if claim.org_id is not None:
        retention.keep_to(db, claim.org_id, claim.job_id)
