"""Runs of look-ups at a provider: what was asked for, what it cost, and which numbers still wait for an answer."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, text
from sqlmodel import Field

from models.base import OfOrganization, Stamped, TenantTable, tenant_fk
from models.columns import Instant, Json, PhoneNumber, Term
from models.vocabulary import LookupService, LookupState, Provider, ScrubRunState


class ScrubRun(TenantTable, table=True):
    """One run: numbers bought from one service of one provider. Money is in hundredths of a cent."""

    __tablename__ = "scrub_run"
    __table_args__ = (
        CheckConstraint("reserved >= 0 and spent >= 0", "amounts"),
        Index("ix_scrub_run_at", "org_id", text("started_at desc"), text("id desc")),
    )

    service: LookupService = Field(sa_type=Term(LookupService))  # pyright: ignore[reportArgumentType]
    provider: Provider = Field(sa_type=Term(Provider))  # pyright: ignore[reportArgumentType]
    state: ScrubRunState = Field(sa_type=Term(ScrubRunState))  # pyright: ignore[reportArgumentType]
    audience: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """The filter of leads; of numbers that were typed only how many."""
    actor_id: UUID | None = None
    job_id: UUID | None = None
    numbers: int = 0
    """Whom the audience held."""
    fresh: int = 0
    """Of these, looked up lately enough; nothing was bought for them."""
    undated: int = 0
    """Of these, without a consent to ask about."""
    bought: int = 0
    """Of these, asked for in this run."""
    price: int = 0
    """Of one number."""
    reserved: int = Field(default=0, sa_type=BigInteger)
    """What is still held for numbers that wait."""
    spent: int = Field(default=0, sa_type=BigInteger)
    answered: int = 0
    listed: int = 0
    """Of the answered, on any of the lists."""
    missing: int = 0
    """Not in the provider's answer, or not asked any more: they stay unknown and cost nothing."""
    doubtful: int = 0
    """Asked, and the answer was lost: they stay unknown and are counted as paid."""
    doubts: int = 0
    """Calls in a row whose answer was lost."""
    pauses: int = 0
    """Calls in a row that the provider put off."""
    cancel_requested: bool = False
    error: str | None = Field(default=None, sa_type=Text)
    started_at: datetime = Field(sa_type=Instant)
    """Also the instant whose month is charged."""
    finished_at: datetime | None = Field(default=None, sa_type=Instant)


class ScrubRunNumber(Stamped, OfOrganization, table=True):
    """A number of a run that has not ended; removed with the run's end."""

    __tablename__ = "scrub_run_number"
    __table_args__ = (
        tenant_fk("run_id", "scrub_run", ondelete="CASCADE"),
        Index("ix_scrub_run_number_state", "org_id", "run_id", "state", "e164"),
        Index("ix_scrub_run_number_phone", "org_id", "e164"),
    )

    org_id: UUID = Field(primary_key=True)
    run_id: UUID = Field(primary_key=True)
    e164: str = Field(primary_key=True, sa_type=PhoneNumber)
    state: LookupState = Field(sa_type=Term(LookupState))  # pyright: ignore[reportArgumentType]
    consent_date: date | None = None
    """Asked about: reassigned on or after this day?"""
    fence: int = 0
    """Which hold of the job has asked."""
