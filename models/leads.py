"""Leads: a property that the team works, its lists, tags, tasks and timeline."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlmodel import Field

from models.base import OfOrganization, Stamped, TenantTable, global_fk, tenant_fk
from models.columns import Instant, Json, Money, PhoneNumber, Term, text_array, uuid_array
from models.vocabulary import ActivityKind, LeadStatus, LineType, PersonKind, PhoneStatus, TaskState


class Lead(TenantTable, table=True):
    """A property in work; one an organisation and property."""

    __table_args__ = (
        tenant_fk("property_id", "property", ondelete="CASCADE"),
        global_fk("assignee_id", "user", ondelete="SET NULL"),
        UniqueConstraint("org_id", "property_id"),
        Index("ix_lead_import", "org_id", "import_id", postgresql_where=text("import_id is not null")),
    )

    property_id: UUID
    status: LeadStatus = Field(
        default=LeadStatus.NEW,
        sa_type=Term(LeadStatus),  # pyright: ignore[reportArgumentType]
        sa_column_kwargs={"server_default": "new"},
    )
    source: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    assignee_id: UUID | None = None
    last_touch_at: datetime | None = Field(default=None, sa_type=Instant)
    """Last text or call, either way."""
    import_id: UUID | None = None


class LeadList(TenantTable, table=True):
    """A named list, from a vendor or made by hand; stacking counts how many a lead is on."""

    __tablename__ = "lead_list"
    __table_args__ = (UniqueConstraint("org_id", "name"),)

    name: str = Field(sa_type=Text)
    source: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})


class LeadListEntry(Stamped, OfOrganization, table=True):
    """That a lead is on a list, since when and seen when last."""

    __tablename__ = "lead_list_entry"
    __table_args__ = (
        tenant_fk("list_id", "lead_list", ondelete="CASCADE"),
        tenant_fk("lead_id", "lead", ondelete="CASCADE"),
        Index("ix_lead_list_entry_lead", "org_id", "lead_id"),
    )

    org_id: UUID = Field(primary_key=True)
    list_id: UUID = Field(primary_key=True)
    lead_id: UUID = Field(primary_key=True)
    first_seen_at: datetime = Field(sa_type=Instant)
    last_seen_at: datetime = Field(sa_type=Instant)
    import_id: UUID | None = None


class Tag(TenantTable, table=True):
    """A word that the team puts on leads."""

    __table_args__ = (UniqueConstraint("org_id", "name"),)

    name: str = Field(sa_type=Text)


class LeadTag(Stamped, OfOrganization, table=True):
    """A tag on a lead."""

    __tablename__ = "lead_tag"
    __table_args__ = (
        tenant_fk("tag_id", "tag", ondelete="CASCADE"),
        tenant_fk("lead_id", "lead", ondelete="CASCADE"),
        Index("ix_lead_tag_lead", "org_id", "lead_id"),
    )

    org_id: UUID = Field(primary_key=True)
    tag_id: UUID = Field(primary_key=True)
    lead_id: UUID = Field(primary_key=True)


class Task(TenantTable, table=True):
    """A follow-up with a due instant."""

    __table_args__ = (
        tenant_fk("lead_id", "lead", ondelete="CASCADE"),
        global_fk("assignee_id", "user", ondelete="SET NULL"),
        Index("ix_task_open", "org_id", "due_at", postgresql_where=text("state = 'open'")),
        Index("ix_task_lead", "org_id", "lead_id"),
    )

    lead_id: UUID | None = None
    title: str = Field(sa_type=Text)
    due_at: datetime | None = Field(default=None, sa_type=Instant)
    state: TaskState = Field(
        default=TaskState.OPEN,
        sa_type=Term(TaskState),  # pyright: ignore[reportArgumentType]
        sa_column_kwargs={"server_default": "open"},
    )
    assignee_id: UUID | None = None
    done_at: datetime | None = Field(default=None, sa_type=Instant)


class Activity(TenantTable, table=True):
    """One entry of a lead's timeline."""

    __table_args__ = (
        tenant_fk("lead_id", "lead", ondelete="CASCADE"),
        Index("ix_activity_lead", "org_id", "lead_id", "at"),
    )

    lead_id: UUID
    at: datetime = Field(sa_type=Instant)
    kind: ActivityKind = Field(sa_type=Term(ActivityKind))  # pyright: ignore[reportArgumentType]
    actor_id: UUID | None = None
    summary: str = Field(sa_type=Text)
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=Json, sa_column_kwargs={"server_default": "{}"})


class LeadSearch(Stamped, OfOrganization, table=True):
    """One flat row a lead, derived, for every filter and sort of the list.

    The many-to-many tables are the truth; ``leads.service.refresh_search`` rewrites this row.
    Measured in docs/performance: filters on it stay under 50 ms at a million leads.
    """

    __tablename__ = "lead_search"
    __table_args__ = (
        tenant_fk("lead_id", "lead", ondelete="CASCADE"),
        *(
            Index(f"ix_lead_search_{name}", "org_id", column, "lead_id")
            for name, column in (
                ("added", "added_at"),
                ("street", "street"),
                ("city", "city"),
                ("owner", "owner"),
                ("status", "status_rank"),
                ("stack", "stack"),
                ("value", "estimated_value"),
                ("equity", "equity_percent"),
                ("touch", "last_touch_at"),
                ("task", "next_task_at"),
            )
        ),
        Index(
            "ix_lead_search_assignee",
            "org_id",
            "assignee_id",
            "lead_id",
            postgresql_where=text("assignee_id is not null"),
        ),
        Index("ix_lead_search_source", "org_id", "source"),
        Index("ix_lead_search_lists", "list_ids", postgresql_using="gin"),
        Index("ix_lead_search_tags", "tag_ids", postgresql_using="gin"),
        Index(
            "ix_lead_search_words",
            "words",
            postgresql_using="gin",
            postgresql_ops={"words": "gin_trgm_ops"},
        ),
    )

    org_id: UUID = Field(primary_key=True)
    lead_id: UUID = Field(primary_key=True)
    property_id: UUID
    street: str = Field(default="", sa_type=Text)
    unit: str = Field(default="", sa_type=Text)
    city: str = Field(default="", sa_type=Text)
    state: str = Field(default="", sa_type=Text)
    zip5: str = Field(default="", sa_type=Text)
    county: str = Field(default="", sa_type=Text)
    owner: str = Field(default="", sa_type=Text)
    """First owner's name, or several joined."""
    owner_kind: PersonKind | None = Field(default=None, sa_type=Term(PersonKind))  # pyright: ignore[reportArgumentType]
    owner_count: int = 0
    status: LeadStatus = Field(sa_type=Term(LeadStatus))  # pyright: ignore[reportArgumentType]
    status_rank: int = 1
    """Place of the status in the vocabulary, to sort by."""
    source: str = Field(default="", sa_type=Text)
    assignee_id: UUID | None = None
    stack: int = 0
    """On how many lists."""
    list_ids: list[UUID] = Field(default_factory=list, sa_type=uuid_array())  # pyright: ignore[reportArgumentType]
    tag_ids: list[UUID] = Field(default_factory=list, sa_type=uuid_array())  # pyright: ignore[reportArgumentType]
    tag_names: list[str] = Field(default_factory=list, sa_type=text_array())  # pyright: ignore[reportArgumentType]
    estimated_value: int | None = Field(default=None, sa_type=Money)
    estimated_equity: int | None = Field(default=None, sa_type=Money)
    equity_percent: float | None = None
    phone_count: int = 0
    best_person_id: UUID | None = None
    best_phone_id: UUID | None = None
    best_phone: str | None = Field(default=None, sa_type=PhoneNumber)
    best_line_type: LineType | None = Field(default=None, sa_type=Term(LineType))  # pyright: ignore[reportArgumentType]
    best_phone_status: PhoneStatus | None = Field(default=None, sa_type=Term(PhoneStatus))  # pyright: ignore[reportArgumentType]
    last_touch_at: datetime | None = Field(default=None, sa_type=Instant)
    next_task_at: datetime | None = Field(default=None, sa_type=Instant)
    next_task: str | None = Field(default=None, sa_type=Text)
    words: str = Field(default="", sa_type=Text)
    """Lower-case owner names, street, city, APN and phone digits, for the three-letter search."""
    added_at: datetime = Field(sa_type=Instant)
