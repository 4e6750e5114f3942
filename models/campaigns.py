"""Campaigns: whom, why, what, how fast; frozen at launch."""

from __future__ import annotations

import json
from datetime import datetime, time
from typing import Any
from uuid import UUID

from sqlalchemy import Index, Text, UniqueConstraint, text
from sqlmodel import Field

from models.base import OfOrganization, Stamped, TenantTable, tenant_fk
from models.columns import Instant, Json, Money, Term
from models.vocabulary import STOP_STATUSES, Basis, CampaignState, Channel

STOPPED_AT = [status.value for status in STOP_STATUSES]


class Campaign(TenantTable, table=True):
    """One outreach to a frozen audience."""

    __table_args__ = (
        UniqueConstraint("org_id", "name"),
        tenant_fk("sender_number_id", "sender_number"),
        tenant_fk("pool_id", "number_pool"),
        Index("ix_campaign_state", "org_id", "state"),
    )

    name: str = Field(sa_type=Text)
    channel: Channel = Field(default=Channel.TEXT, sa_type=Term(Channel))  # pyright: ignore[reportArgumentType]
    state: CampaignState = Field(
        default=CampaignState.DRAFT,
        sa_type=Term(CampaignState),  # pyright: ignore[reportArgumentType]
    )
    audience_filter: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """The lead filter as the list page writes it in its address."""
    basis: Basis | None = Field(default=None, sa_type=Term(Basis))  # pyright: ignore[reportArgumentType]
    """Why these people may be contacted; required before launch, checked for each."""
    sender_number_id: UUID | None = None
    pool_id: UUID | None = None
    """Numbers instead of one: each person hears from one of them."""
    per_minute: int = 30
    """Texts a minute at most."""
    window_start: time = time(9)
    """Earliest hour at the recipient's place, inside the lawful window."""
    window_end: time = time(20)
    weekdays: list[int] = Field(default_factory=lambda: [0, 1, 2, 3, 4, 5], sa_type=Json)
    """Days on which it sends; 0 is Monday."""
    send_before: datetime | None = Field(default=None, sa_type=Instant)
    """After this instant what is still queued expires."""
    budget_cents: int | None = Field(default=None, sa_type=Money)
    split: list[Any] = Field(default_factory=list, sa_type=Json, sa_column_kwargs={"server_default": "[]"})
    """Variants as pairs of label and weight; empty where everybody reads the same."""
    start_at: datetime | None = Field(default=None, sa_type=Instant)
    """When it begins by itself once a person has launched it; None: at the launch."""
    start_zone: str | None = Field(default=None, sa_type=Text)
    """IANA name of the place whose clock the start was written by; for showing it."""
    stop_on_reply: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    """Whoever answers gets no further text of this campaign."""
    stop_on_outcome: bool = Field(default=True, sa_column_kwargs={"server_default": text("true")})
    """The same once somebody settled the conversation in the inbox."""
    stop_on_statuses: list[str] = Field(
        default_factory=lambda: list(STOPPED_AT),
        sa_type=Json,
        sa_column_kwargs={"server_default": json.dumps(STOPPED_AT)},
    )
    """The same once the lead's status becomes one of these."""
    skip_holidays: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    """It does not send on federal holidays, even where the law would let it."""
    snippets: dict[str, Any] = Field(default_factory=dict, sa_type=Json, sa_column_kwargs={"server_default": "{}"})
    """The pieces that its texts name, word for word as they were at the launch."""
    revision: int = 1
    """Grows with every edit; an approval holds for one revision."""
    content_sha256: str | None = Field(default=None, sa_type=Text)
    """What was approved, as a hash."""
    audience_size: int | None = None
    """Leads in the frozen audience, sendable or not."""
    created_by: UUID | None = None
    submitted_by: UUID | None = None
    scheduled_by: UUID | None = None
    """Who launched it for a later start."""
    launched_by: UUID | None = None
    launched_at: datetime | None = Field(default=None, sa_type=Instant)
    finished_at: datetime | None = Field(default=None, sa_type=Instant)
    pause_reason: str | None = Field(default=None, sa_type=Text)
    stormbound: bool = Field(default=False, sa_column_kwargs={"server_default": text("false")})
    """It was paused because of its filter or opt-out rate; whoever resumes it has to say why."""
    weather_since: datetime | None = Field(default=None, sa_type=Instant)
    """Only texts submitted since count for its weather: the last resumption after a storm."""


class CampaignStep(TenantTable, table=True):
    """One message of a campaign."""

    __tablename__ = "campaign_step"
    __table_args__ = (
        tenant_fk("campaign_id", "campaign", ondelete="CASCADE"),
        UniqueConstraint("org_id", "campaign_id", "position"),
    )

    campaign_id: UUID
    position: int = 1
    wait_minutes: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    """How long after the text before it was handed to the carrier; 0 for the first."""
    good_for_minutes: int = Field(default=4_320, sa_column_kwargs={"server_default": "4320"})
    """How long after it is due a text may still go; then it expires."""
    template: str = Field(sa_type=Text)
    """Liquid with the merge fields of ``messaging.rules.fields``; what the first variant reads."""
    others: dict[str, str] = Field(default_factory=dict, sa_type=Json, sa_column_kwargs={"server_default": "{}"})
    """What the further variants read, by label; a label that is not here reads the template."""


class AudienceMember(Stamped, OfOrganization, table=True):
    """A lead of the frozen audience and whom of it the campaign addresses."""

    __tablename__ = "audience_member"
    __table_args__ = (
        tenant_fk("campaign_id", "campaign", ondelete="CASCADE"),
        tenant_fk("lead_id", "lead"),
        Index("ix_audience_member_phone", "org_id", "campaign_id", "phone_id"),
        Index("ix_audience_member_person", "org_id", "campaign_id", "person_id"),
    )

    org_id: UUID = Field(primary_key=True)
    campaign_id: UUID = Field(primary_key=True)
    lead_id: UUID = Field(primary_key=True)
    property_id: UUID
    person_id: UUID | None = None
    phone_id: UUID | None = None
    covered_by: UUID | None = None
    """Another lead of the audience with the same phone or person: one text for both."""
    excluded: str | None = Field(default=None, sa_type=Text)
    """Why no message was made at all: ``no_phone``, ``covered``; the gate's reasons stand on the message."""
    variant: str = Field(default="A", sa_type=Text, sa_column_kwargs={"server_default": "A"})
    """Which variant this person reads, in every step."""
    stopped_at: datetime | None = Field(default=None, sa_type=Instant)
    """No further text is written since then."""
    stopped_why: str | None = Field(default=None, sa_type=Text)
    """``replied``, ``settled``, or ``status_…``."""


class Approval(TenantTable, table=True):
    """A second person's word on one revision."""

    __table_args__ = (tenant_fk("campaign_id", "campaign", ondelete="CASCADE"),)

    campaign_id: UUID = Field(index=True)
    revision: int
    content_sha256: str = Field(sa_type=Text)
    approver_id: UUID
    approved_at: datetime = Field(sa_type=Instant)
    note: str = Field(default="", sa_type=Text)
    plan: dict[str, Any] | None = Field(default=None, sa_type=Json)
    """What was signed, field by field; None where only its hash was kept."""


class Snippet(TenantTable, table=True):
    """A piece of text that messages of many campaigns name."""

    __table_args__ = (UniqueConstraint("org_id", "name"),)

    name: str = Field(sa_type=Text)
    """As templates write it: ``{{ snippets.name }}``."""
    body: str = Field(sa_type=Text)
    """May name merge fields and hold spins, but no other snippet."""
    updated_by: UUID | None = None


class Simulation(TenantTable, table=True):
    """The gate's answer for a whole audience at one instant, kept for the builder page."""

    __table_args__ = (tenant_fk("campaign_id", "campaign", ondelete="CASCADE"),)

    campaign_id: UUID = Field(index=True)
    revision: int
    at: datetime = Field(sa_type=Instant)
    policy_version: str = Field(sa_type=Text)
    result: dict[str, Any] = Field(sa_type=Json)
    """Funnel by reason, texts an hour, segments and cost."""
