"""Searches for duplicates and merges many of them."""

from __future__ import annotations

from uuid import UUID

from leadflow.duplicates import service as duplicates
from leadflow.jobs.types import Claim
from leadflow.kernel.db import Database
from models.vocabulary import DuplicateKind, JobKind
from workers.job import job


@job(JobKind.DUPLICATE_SEARCH)
def search(db: Database, claim: Claim) -> None:
    """Compare everything, or what an import brought."""
    if claim.org_id is None:
        return
    given = claim.payload.get("import_id")
    duplicates.run_search(
        db,
        claim.org_id,
        import_id=UUID(given) if given else None,
        job_id=claim.job_id,
        actor_id=claim.actor_id,
    )


@job(JobKind.DUPLICATE_MERGE)
def merge(db: Database, claim: Claim) -> None:
    """Merge every pair that is sure enough, or take such a job back; on behalf of who asked."""
    if claim.org_id is None or claim.actor_id is None:
        return
    if "undo" in claim.payload:
        duplicates.run_undo(db, claim.org_id, claim.actor_id, claim.job_id, UUID(claim.payload["undo"]))
        return
    given = claim.payload.get("kind")
    kind = DuplicateKind(given) if given else None
    duplicates.run_sure(db, claim.org_id, claim.actor_id, claim.job_id, int(claim.payload["at_least"]), kind)
