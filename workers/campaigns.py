"""Takes running campaigns on, one step a job."""

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
