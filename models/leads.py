"""Leads: a property that the team works, its lists, tags, tasks and timeline."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Label, SmallInteger, Text, UniqueConstraint, literal_column, text
from sqlmodel import Field

from models.base import OfOrganization, Stamped, TenantTable, global_fk, tenant_fk
from models.columns import Instant, Json, Money, PhoneNumber, Term, text_array, uuid_array
from models.vocabulary import (
    ActivityKind,
    FieldKind,
    LeadStatus,
    LineType,
    PersonKind,
    PhoneStatus,
    Precision,
    TaskState,
)


class Lead(TenantTable, table=True):
    """A property in work; one an organisation and property."""

    __table_args__ = (
        tenant_fk("property_id", "property", ondelete="CASCADE"),
        global_fk("assignee_id", "user", ondelete="SET NULL"),
        UniqueConstraint("org_id", "property_id"),
        Index("ix_lead_import", "org_id", "import_id", postgresql_where=text("import_id is not null")),
        Index(
            "ix_lead_removed",
            *("org_id", text("removed_at desc"), text("id desc")),
            postgresql_where=text("removed_at is not null"),
        ),
        Index("ix_lead_claimed", "org_id", "claimed_until", "id", postgresql_where=text("claimed_by is not null")),
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
    removed_at: datetime | None = Field(default=None, sa_type=Instant)
    """Since when it is removed: it has no flat row then, which is what takes it out of every list, count and map."""
    removed_by: UUID | None = None
    removed_why: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    erased_at: datetime | None = Field(default=None, sa_type=Instant)
    """Since when nothing of it is left but this row, to which receipts point; it was removed before."""
    claimed_by: UUID | None = None
    """Who is working on it, until ``claimed_until``."""
    claimed_until: datetime | None = Field(default=None, sa_type=Instant)


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


_TITLE_WORDS: Label[str] = literal_column("(' ' || lower(title))", Text()).label("words")


class Task(TenantTable, table=True):
    """A follow-up with a due instant."""

    __table_args__ = (
        tenant_fk("lead_id", "lead", ondelete="CASCADE"),
        global_fk("assignee_id", "user", ondelete="SET NULL"),
        Index("ix_task_open", "org_id", "due_at", postgresql_where=text("state = 'open'")),
        Index("ix_task_lead", "org_id", "lead_id"),
        # The words of open ones: for ``find_tasks`` (migration 0027).
        Index(
            "ix_task_title",
            _TITLE_WORDS,
            postgresql_using="gin",
            postgresql_ops={"words": "gin_trgm_ops"},
            postgresql_where=text("state = 'open'"),
        ),
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
    pinned_at: datetime | None = Field(default=None, sa_type=Instant)
    """Of a note that stands above the others."""
    edited_at: datetime | None = Field(default=None, sa_type=Instant)
    """Of a note whose words were changed."""
    deleted_at: datetime | None = Field(default=None, sa_type=Instant)
    """Of a note that was taken away; it can be brought back for a day, and then its words go."""


class Mention(TenantTable, table=True):
    """That a member is named in a note; they see it until they have read it."""

    __table_args__ = (
        tenant_fk("lead_id", "lead", ondelete="CASCADE"),
        tenant_fk("entry_id", "activity", ondelete="CASCADE"),
        global_fk("user_id", "user", ondelete="CASCADE"),
        UniqueConstraint("org_id", "entry_id", "user_id"),
        Index("ix_mention_unread", "org_id", "user_id", "at", postgresql_where=text("read_at is null")),
        Index("ix_mention_lead", "org_id", "lead_id"),
    )

    lead_id: UUID
    entry_id: UUID
    """The note."""
    user_id: UUID
    at: datetime = Field(sa_type=Instant)
    read_at: datetime | None = Field(default=None, sa_type=Instant)


class LeadScoring(Stamped, OfOrganization, table=True):
    """What an organisation's scores go by, where it is not the usual."""

    __tablename__ = "lead_scoring"

    org_id: UUID = Field(primary_key=True)
    weights: dict[str, Any] = Field(default_factory=dict, sa_type=Json, sa_column_kwargs={"server_default": "{}"})
    """Points that each fact can bring, by its name; together a hundred."""
    actor_id: UUID | None = None
    """Who chose them."""


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
                ("score", "score"),
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
        # These only narrow, so they hold no lead, which makes them a tenth of the size; and no organisation, since
        # Postgres intersects two indexes only where no condition is answered by both (docs/performance.md).
        *(
            Index(f"ix_lead_search_{column}", column)
            for column in (
                *("zip5", "county", "property_type", "bedrooms", "bathrooms", "building_sqft", "year_built"),
                "status_rank",
            )
        ),
        Index(
            "ix_lead_search_place",
            "org_id",
            "quadkey",
            # With the figures that maps are narrowed by, a view of all America reads nothing but this index.
            postgresql_include=[
                *("latitude", "longitude", "status_rank", "precision"),
                *("stack", "equity_percent", "estimated_value", "phone_count"),
            ],
        ),
        Index("ix_lead_search_county_fips", "org_id", "county_fips"),
        Index(
            "ix_lead_search_score_until",
            "org_id",
            "score_until",
            postgresql_where=text("score_until is not null"),
        ),
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
    property_type: str = Field(default="", sa_type=Text)
    bedrooms: float | None = None
    bathrooms: float | None = None
    building_sqft: int | None = None
    year_built: int | None = None
    owner_occupied: bool | None = None
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
    """Lower-case owner names, street, city, APN, phone digits and custom texts, for the three-letter search."""
    added_at: datetime = Field(sa_type=Instant)
    county_fips: str = Field(default="", sa_type=Text)
    """The property's; where no source told, that of its ZIP."""
    latitude: float | None = None
    longitude: float | None = None
    """The property's place; where nobody knows it, the middle of its ZIP."""
    precision: Precision | None = Field(default=None, sa_type=Term(Precision))  # pyright: ignore[reportArgumentType]
    quadkey: int | None = Field(default=None, sa_type=BigInteger)
    """Cell of the place, so that what lies together stands together in the index; see ``kernel.area``."""
    score: int = Field(default=0, sa_type=SmallInteger)
    """0 to 100, what ``leads.rules.score`` explains."""
    score_until: date | None = None
    """Day from which the score is another one though nothing happens: years of ownership bring one more point."""


class CustomField(TenantTable, table=True):
    """A field that an organisation has made for its leads. An archived one keeps its values and is not shown."""

    __tablename__ = "custom_field"
    __table_args__ = (UniqueConstraint("org_id", "name"),)

    name: str = Field(sa_type=Text)
    kind: FieldKind = Field(sa_type=Term(FieldKind))  # pyright: ignore[reportArgumentType]
    options: list[str] = Field(default_factory=list, sa_type=text_array())  # pyright: ignore[reportArgumentType]
    """Words that a select offers, in order."""
    header: str | None = Field(default=None, sa_type=Text)
    """Column of imported files that it takes over from ``property.extra``."""
    position: int = 0
    archived_at: datetime | None = Field(default=None, sa_type=Instant)


class CustomValue(Stamped, OfOrganization, table=True):
    """What a custom field holds at a lead; one row a word for a multi-select, at most one for every other kind."""

    __tablename__ = "custom_value"
    __table_args__ = (
        tenant_fk("field_id", "custom_field", ondelete="CASCADE"),
        tenant_fk("lead_id", "lead", ondelete="CASCADE"),
        Index("ix_custom_value_lead", "org_id", "lead_id"),
        *(
            Index(
                f"ix_custom_value_{column}",
                *("org_id", "field_id", column, "lead_id"),
                postgresql_where=text(f"{column} is not null"),
            )
            for column in ("text", "number", "day")
        ),
    )

    org_id: UUID = Field(primary_key=True)
    field_id: UUID = Field(primary_key=True)
    lead_id: UUID = Field(primary_key=True)
    place: int = Field(default=0, primary_key=True, sa_type=SmallInteger)
    """Place of the word among those of a multi-select."""
    text: str | None = Field(default=None, sa_type=Text)
    """Text, link, word of a select; at most 500 characters."""
    number: float | None = None
    """Number; amount in cents; 1 or 0 for yes or no."""
    day: date | None = None
    imported: bool = False
    """It came from a file; what a person wrote is never overwritten by one."""


class SavedView(TenantTable, table=True):
    """A filter with its sort and columns under a name; private until it is shared."""

    __tablename__ = "saved_view"
    __table_args__ = (
        global_fk("owner_id", "user", ondelete="CASCADE"),
        Index(
            "uq_saved_view_name",
            *("org_id", "owner_id", "name"),
            unique=True,
            postgresql_where=text("deleted_at is null"),
        ),
    )

    owner_id: UUID
    name: str = Field(sa_type=Text)
    shared: bool = False
    content: dict[str, Any] = Field(default_factory=dict, sa_type=Json, sa_column_kwargs={"server_default": "{}"})
    """See ``leads.types.ViewContent``."""
    deleted_at: datetime | None = Field(default=None, sa_type=Instant)
    """When it was deleted; it can be brought back for a day."""


class ViewChoice(Stamped, OfOrganization, table=True):
    """How one person uses a view: pinned to the sidebar, opened first."""

    __tablename__ = "view_choice"
    __table_args__ = (
        tenant_fk("view_id", "saved_view", ondelete="CASCADE"),
        global_fk("user_id", "user", ondelete="CASCADE"),
        Index(
            "uq_view_choice_first",
            *("org_id", "user_id"),
            unique=True,
            postgresql_where=text("opens_first"),
        ),
    )

    org_id: UUID = Field(primary_key=True)
    view_id: UUID = Field(primary_key=True)
    user_id: UUID = Field(primary_key=True)
    pinned: bool = False
    opens_first: bool = False


class AssignmentRule(TenantTable, table=True):
    """To whom new leads are given, in turn. The first active rule that fits a lead, by position, takes it."""

    __tablename__ = "assignment_rule"
    __table_args__ = (UniqueConstraint("org_id", "name"),)

    name: str = Field(sa_type=Text)
    position: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    active: bool = Field(default=True, sa_column_kwargs={"server_default": "true"})
    source: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    """Of leads from this source only; empty: from any."""
    list_name: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    """Of leads on the list of this name only."""
    county: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    """Of leads in the county of this name only."""


class AssignmentTurn(Stamped, OfOrganization, table=True):
    """A member whose turn comes under a rule."""

    __tablename__ = "assignment_turn"
    __table_args__ = (
        tenant_fk("rule_id", "assignment_rule", ondelete="CASCADE"),
        global_fk("user_id", "user", ondelete="CASCADE"),
    )

    org_id: UUID = Field(primary_key=True)
    rule_id: UUID = Field(primary_key=True)
    user_id: UUID = Field(primary_key=True)
    turn: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    """Number of the member's last turn among all turns of the rule: who has the smallest is next."""
    given: int = Field(default=0, sa_type=BigInteger, sa_column_kwargs={"server_default": "0"})
    """Leads that the rule gave to the member."""


class Absence(Stamped, OfOrganization, table=True):
    """That a member is away and gets no leads by a rule until then."""

    __table_args__ = (global_fk("user_id", "user", ondelete="CASCADE"),)

    org_id: UUID = Field(primary_key=True)
    user_id: UUID = Field(primary_key=True)
    until: datetime = Field(sa_type=Instant)
