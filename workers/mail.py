"""Delivers mail."""

from __future__ import annotations

from uuid import UUID

from leadflow.jobs.types import Claim
from leadflow.kernel.db import Database
from leadflow.mail import service as mail
from models.vocabulary import JobKind
from workers.job import job


@job(JobKind.MAIL_SEND)
def send(db: Database, claim: Claim) -> None:
    """Hand one mail over."""
    mail.deliver(db, UUID(claim.payload["mail_id"]), last=claim.attempt >= claim.max_attempts)
