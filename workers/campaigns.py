"""Takes running campaigns on, one step a job; begins those whose hour has come."""

from __future__ import annotations

from uuid import UUID

from leadflow.campaigns import service as campaigns
from leadflow.jobs.types import Claim, Snooze
from leadflow.kernel.db import Database
from models.vocabulary import JobKind
from workers.job import job


@job(JobKind.CAMPAIGN_PACE)
def pace(db: Database, claim: Claim) -> Snooze | None:
    """Plan, wake the senders, notice the end; come back as long as it runs."""
    if claim.org_id is None:
        return None
    again = campaigns.pace(db, claim.org_id, UUID(claim.payload["campaign_id"]))
    return Snooze(again) if again else None


@job(JobKind.CAMPAIGN_START)
def start(db: Database, claim: Claim) -> Snooze | None:
    """Begin a scheduled campaign, or mark its start as missed; come back if the start was moved."""
    if claim.org_id is None:
        return None
    at = campaigns.start(db, claim.org_id, UUID(claim.payload["campaign_id"]))
    if at is None:
        return None
    with db.begin(claim.org_id) as uow:
        return Snooze(at - uow.now())
