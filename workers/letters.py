"""Makes mailing lists."""

from __future__ import annotations

from uuid import UUID

from leadflow.jobs.types import Claim
from leadflow.kernel.db import Database
from leadflow.letters import service as letters
from models.vocabulary import JobKind
from workers.job import job


@job(JobKind.LETTERS_MAKE)
def make(db: Database, claim: Claim) -> None:
    """Make one list."""
    if claim.org_id is not None:
        letters.make(db, claim.org_id, UUID(claim.payload["export_id"]), claim.job_id)
