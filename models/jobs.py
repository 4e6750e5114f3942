"""Background work as rows: a job commits with what it is for, or not at all."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlmodel import Field

from models.base import OfOrganization, Table, global_fk
from models.columns import Instant, Json, Term
from models.vocabulary import JobKind, JobState


class Job(Table, OfOrganization, table=True):
    """One piece of work, its progress and its outcome."""

    __table_args__ = (
        Index("ix_job_due", "run_at", "id", postgresql_where=text("state = 'waiting'")),
        Index("ix_job_lease", "lease_until", postgresql_where=text("state = 'running'")),
        Index("ix_job_org", "org_id", "created_at"),
        Index("ix_job_turn", "org_id", "kind", "claimed_at", postgresql_where=text("claimed_at is not null")),
        Index(
            "uq_job_unique_key",
            "kind",
            "unique_key",
            unique=True,
            postgresql_where=text("state in ('waiting') and unique_key is not null"),
        ),
    )

    org_id: UUID | None = None
    """None for work of the whole installation."""
    kind: JobKind = Field(sa_type=Term(JobKind))  # pyright: ignore[reportArgumentType]
    state: JobState = Field(
        default=JobState.WAITING,
        sa_type=Term(JobState),  # pyright: ignore[reportArgumentType]
        sa_column_kwargs={"server_default": "waiting"},
    )
    payload: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """Ids only."""
    unique_key: str | None = Field(default=None, sa_type=Text)
    """At most one waiting job of a kind has a given key."""
    run_at: datetime = Field(sa_type=Instant)
    attempts: int = 0
    max_attempts: int = 5
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    fence: int = 0
    """Grows with every claim; a worker that woke up late is told by it."""
    done: int = 0
    total: int | None = None
    note: str = Field(default="", sa_type=Text)
    error: str | None = Field(default=None, sa_type=Text)
    actor_id: UUID | None = None
    started_at: datetime | None = Field(default=None, sa_type=Instant)
    claimed_at: datetime | None = Field(default=None, sa_type=Instant)
    """When a worker took it last; it may have waited again since it was started."""
    finished_at: datetime | None = Field(default=None, sa_type=Instant)
    cancel_requested: bool = False


class JobAttempt(Table, table=True):
    """One try of a job, kept for the jobs page."""

    __tablename__ = "job_attempt"
    __table_args__ = (global_fk("job_id", "job", ondelete="CASCADE"),)

    job_id: UUID = Field(index=True)
    number: int
    started_at: datetime = Field(sa_type=Instant)
    finished_at: datetime | None = Field(default=None, sa_type=Instant)
    error: str | None = Field(default=None, sa_type=Text)
