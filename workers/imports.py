"""Checks, writes and takes back imports."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from leadflow.imports import service as imports
from leadflow.jobs.types import Claim, Snooze
from leadflow.kernel.db import Database
from models.vocabulary import JobKind
from workers.job import job

AGAIN = Snooze(timedelta(seconds=2))
"""Another import of the organisation is being written."""


@job(JobKind.IMPORT_CHECK)
def check(db: Database, claim: Claim) -> Snooze | None:
    """Work out what would become of a file."""
    if claim.org_id is None:
        return None
    return None if imports.check(db, claim.org_id, UUID(claim.payload["import_id"])) else AGAIN


@job(JobKind.IMPORT_UNDO)
def undo(db: Database, claim: Claim) -> Snooze | None:
    """Take a file back, as far as nobody has touched what it brought."""
    if claim.org_id is None:
        return None
    return None if imports.run_undo(db, claim.org_id, UUID(claim.payload["import_id"])) else AGAIN


@job(JobKind.IMPORT_COMMIT)
def commit(db: Database, claim: Claim) -> Snooze | None:
    """Write a file, or go on with one that stopped."""
    if claim.org_id is None:
        return None
    return None if imports.run_commit(db, claim.org_id, UUID(claim.payload["import_id"])) else AGAIN
