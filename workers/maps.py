"""Carries runs of the geocoder out."""

from __future__ import annotations

from uuid import UUID

from leadflow.jobs.types import Claim, Snooze
from leadflow.kernel.db import Database
from leadflow.maps import service as maps
from models.vocabulary import JobKind
from workers.job import job


@job(JobKind.GEOCODE_RUN)
def carry_out(db: Database, claim: Claim) -> Snooze | None:
    """Ask where addresses are, or go on with a run that stopped."""
    if claim.org_id is None:
        return None
    pause = maps.carry_out(db, claim.org_id, UUID(claim.payload["run_id"]))
    return None if pause is None else Snooze(pause)
