"""Seals the record when asked."""

from __future__ import annotations

from leadflow.audit import service as audit
from leadflow.jobs.types import Claim
from leadflow.kernel.db import Database
from models.vocabulary import JobKind
from workers.job import job


@job(JobKind.AUDIT_SEAL)
def seal(db: Database, claim: Claim) -> None:  # noqa: ARG001 every handler has this shape
    """Seal what waits, of every organisation."""
    audit.seal_all(db)
