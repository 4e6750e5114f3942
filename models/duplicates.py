"""Records that may be one: pairs that a search proposed, merges with all that they changed, and who is now whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from models.base import OfOrganization, Stamped, TenantTable, tenant_fk
from models.columns import Instant, Json, Term
from models.vocabulary import DuplicateKind, JobState, PairState


class DuplicateSearch(TenantTable, table=True):
    """One search for records that may be one: over everything, or over what an import brought."""

    __tablename__ = "duplicate_search"
    __table_args__ = (Index("ix_duplicate_search_started", "org_id", text("started_at desc"), text("id desc")),)

    import_id: UUID | None = None
    """Only what this import brought was compared; None is everything."""
    state: JobState = Field(
        default=JobState.WAITING,
        sa_type=Term(JobState),  # pyright: ignore[reportArgumentType]
        sa_column_kwargs={"server_default": "waiting"},
    )
    started_at: datetime = Field(sa_type=Instant)
    finished_at: datetime | None = Field(default=None, sa_type=Instant)
    actor_id: UUID | None = None
    job_id: UUID | None = None
    compared: int = 0
    """Pairs that were looked at."""
    proposed: int = 0
    """Pairs that are proposed since, old ones that still stand included."""
    skipped: list[Any] = Field(default_factory=list, sa_type=Json, sa_column_kwargs={"server_default": "[]"})
    """What too many records share to tell anything: what it is, its id where it has one, and how many."""


class DuplicatePair(TenantTable, table=True):
    """Two records that may be one, with the reasons; or of which somebody said that they are not."""

    __tablename__ = "duplicate_pair"
    __table_args__ = (
        CheckConstraint("one_id < other_id", "order"),
        CheckConstraint("score between 0 and 100", "score"),
        UniqueConstraint("org_id", "kind", "one_id", "other_id"),
        Index(
            "ix_duplicate_pair_open",
            "org_id",
            text("score desc"),
            text("id desc"),
            postgresql_where=text("state = 'open'"),
        ),
        Index("ix_duplicate_pair_other", "org_id", "other_id"),
        Index("ix_duplicate_pair_one", "org_id", "one_id"),
    )

    kind: DuplicateKind = Field(sa_type=Term(DuplicateKind))  # pyright: ignore[reportArgumentType]
    one_id: UUID
    """The lesser id of the two."""
    other_id: UUID
    score: int = 0
    """How likely they are one: 0 to 100. Made of the reasons."""
    contradicted: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    """Something speaks against it: never merged but by hand."""
    reasons: list[Any] = Field(default_factory=list, sa_type=Json, sa_column_kwargs={"server_default": "[]"})
    """What speaks for it and against it, in words; no name and no number."""
    state: PairState = Field(
        default=PairState.OPEN,
        sa_type=Term(PairState),  # pyright: ignore[reportArgumentType]
        sa_column_kwargs={"server_default": "open"},
    )
    found_at: datetime = Field(sa_type=Instant)
    search_id: UUID | None = None
    """The search that proposed it last."""
    decided_at: datetime | None = Field(default=None, sa_type=Instant)
    decided_by: UUID | None = None


class RecordMerge(TenantTable, table=True):
    """Two records that were made one; taken back while nothing of it was erased."""

    __tablename__ = "record_merge"
    __table_args__ = (
        Index("ix_record_merge_at", "org_id", text("at desc"), text("id desc")),
        Index("ix_record_merge_survivor", "org_id", "survivor_id"),
        Index("ix_record_merge_job", "org_id", "job_id", postgresql_where=text("job_id is not null")),
    )

    kind: DuplicateKind = Field(sa_type=Term(DuplicateKind))  # pyright: ignore[reportArgumentType]
    survivor_id: UUID
    """As it was then; it may have been merged further since."""
    loser_id: UUID
    lead_id: UUID | None = None
    """The lead on whose history it stands."""
    at: datetime = Field(sa_type=Instant)
    actor_id: UUID | None = None
    job_id: UUID | None = None
    """The job that merged many at once."""
    score: int | None = None
    chosen: dict[str, Any] = Field(default_factory=dict, sa_type=Json, sa_column_kwargs={"server_default": "{}"})
    """Whose value stands, by group of fields: ``survivor`` or ``loser``."""
    moved: dict[str, Any] = Field(default_factory=dict, sa_type=Json, sa_column_kwargs={"server_default": "{}"})
    """Rows that it changed, by table."""
    undone_at: datetime | None = Field(default=None, sa_type=Instant)
    undone_by: UUID | None = None
    stayed: dict[str, Any] = Field(default_factory=dict, sa_type=Json, sa_column_kwargs={"server_default": "{}"})
    """What had happened since, by table, and stayed with the survivor when it was taken back."""


class MergeChange(Stamped, OfOrganization, table=True):
    """One row that a merge changed, before and after; what takes it back, last first. Gone once it was taken back."""

    __tablename__ = "merge_change"
    __table_args__ = (
        tenant_fk("merge_id", "record_merge", ondelete="CASCADE"),
        Index("ix_merge_change_was", "org_id", "table_name", "was"),
    )

    org_id: UUID = Field(primary_key=True)
    merge_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    """1, 2, 3, … in the order in which it happened."""
    table_name: str = Field(sa_type=Text)
    was: str | None = Field(default=None, sa_type=Text)
    """The row's key before; two merges that changed one row are taken back in order."""
    becomes: str | None = Field(default=None, sa_type=Text)
    """And after."""
    before: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """None: the merge wrote the row."""
    after: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """None: the merge took the row away."""


class MergedRecord(Stamped, OfOrganization, table=True):
    """Who is now whom: receipts and the record of acts go on naming the record that is gone."""

    __tablename__ = "merged_record"
    __table_args__ = (
        tenant_fk("merge_id", "record_merge"),
        Index("ix_merged_record_survivor", "org_id", "survivor_id"),
        Index("ix_merged_record_key", "org_id", "subject", "key", postgresql_where=text("key is not null")),
    )

    org_id: UUID = Field(primary_key=True)
    loser_id: UUID = Field(primary_key=True)
    subject: str = Field(sa_type=Text)
    """The table that it was a row of: ``person``, ``property`` or ``lead``."""
    survivor_id: UUID
    """Who it is today, however often it was merged since."""
    merge_id: UUID
    merged_at: datetime = Field(sa_type=Instant)
    made_at: datetime = Field(sa_type=Instant)
    """When the record that is gone was made."""
    property_id: UUID | None = None
    """Of a lead: its property of then."""
    key: str | None = Field(default=None, sa_type=Text)
    """The key that nobody bears any more, by which a file that is imported again finds the survivor."""
