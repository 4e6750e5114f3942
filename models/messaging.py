"""Texts: the send machine's rows, what the carrier said of them, and what came back."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from models.base import OfOrganization, Stamped, Table, TenantTable, tenant_fk
from models.columns import Bytes, Instant, Json, PhoneNumber, Term, text_array
from models.vocabulary import Confidence, MessageState, Purpose, RegistrationState, ReplyLabel, Suppress


class Brand(TenantTable, table=True):
    """Who we are to the carriers: a company in the 10DLC registry."""

    __table_args__ = (UniqueConstraint("org_id", "name"),)

    name: str = Field(sa_type=Text)
    ein_last4: str | None = Field(default=None, sa_type=Text)
    """The end of the tax number; the rest is not kept here."""
    registry_id: str | None = Field(default=None, sa_type=Text)
    """The registry's own, such as ``BN…``."""
    status: RegistrationState = Field(
        default=RegistrationState.PENDING,
        sa_type=Term(RegistrationState),  # pyright: ignore[reportArgumentType]
    )


class RegisteredCampaign(TenantTable, table=True):
    """What a brand says it sends, registered with the carriers (10DLC); numbers are bound to it."""

    __tablename__ = "registered_campaign"
    __table_args__ = (tenant_fk("brand_id", "brand"), Index("ix_registered_campaign_brand", "org_id", "brand_id"))

    brand_id: UUID
    use_case: str = Field(default="", sa_type=Text)
    registry_id: str | None = Field(default=None, sa_type=Text)
    """The registry's own, such as ``C…`` or ``QE…``."""
    status: RegistrationState = Field(
        default=RegistrationState.PENDING,
        sa_type=Term(RegistrationState),  # pyright: ignore[reportArgumentType]
    )
    rates: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json)
    """What each carrier takes of all its numbers together: carrier, per_minute, per_day, and where that stands."""


class NumberPool(TenantTable, table=True):
    """Numbers that a campaign may send from together."""

    __tablename__ = "number_pool"
    __table_args__ = (UniqueConstraint("org_id", "name"),)

    name: str = Field(sa_type=Text)
    sticky: bool = True
    """Whoever has heard from one of them goes on hearing from it."""
    cool_after: int | None = None
    """Campaign texts of one number within an hour after which it rests."""
    cool_minutes: int = 60


class PoolMember(Stamped, OfOrganization, table=True):
    """A number in a pool."""

    __tablename__ = "pool_member"
    __table_args__ = (
        tenant_fk("pool_id", "number_pool", ondelete="CASCADE"),
        tenant_fk("sender_number_id", "sender_number"),
        Index("ix_pool_member_sender", "org_id", "sender_number_id"),
    )

    org_id: UUID = Field(primary_key=True)
    pool_id: UUID = Field(primary_key=True)
    sender_number_id: UUID = Field(primary_key=True)


class SenderNumber(TenantTable, table=True):
    """A number that we send from, with its 10DLC registration."""

    __tablename__ = "sender_number"
    __table_args__ = (
        UniqueConstraint("e164"),
        UniqueConstraint("org_id", "e164"),
        tenant_fk("registered_campaign_id", "registered_campaign"),
    )

    e164: str = Field(sa_type=PhoneNumber)
    label: str = Field(default="", sa_type=Text)
    registration: RegistrationState = Field(
        default=RegistrationState.PENDING,
        sa_type=Term(RegistrationState),  # pyright: ignore[reportArgumentType]
    )
    """The worst of brand, campaign and binding, as ``messaging.rules.registration`` has it; the gate reads this."""
    registered_campaign_id: UUID | None = None
    """The 10DLC campaign that the number is bound to at the carrier."""
    binding: RegistrationState = Field(
        default=RegistrationState.PENDING,
        sa_type=Term(RegistrationState),  # pyright: ignore[reportArgumentType]
    )
    """How far the carrier is with binding the number to that campaign."""
    per_minute: int = 60
    per_day: int | None = None
    """Texts in any 24 hours at most."""
    cooling_until: datetime | None = Field(default=None, sa_type=Instant)
    """Until then it sends no campaign; replies go on."""
    cooling_why: str | None = Field(default=None, sa_type=Text)
    disabled_at: datetime | None = Field(default=None, sa_type=Instant)
    disabled_why: str | None = Field(default=None, sa_type=Text)


class Conversation(TenantTable, table=True):
    """All texts between one of our numbers and one of theirs."""

    __table_args__ = (
        UniqueConstraint("org_id", "sender_number_id", "e164"),
        tenant_fk("sender_number_id", "sender_number"),
        Index("ix_conversation_last", "org_id", text("last_at desc"), text("id desc")),
    )

    sender_number_id: UUID
    e164: str = Field(sa_type=PhoneNumber)
    person_id: UUID | None = None
    lead_id: UUID | None = None
    last_at: datetime = Field(sa_type=Instant)
    last_snippet: str = Field(default="", sa_type=Text)
    unread: int = 0
    label: ReplyLabel | None = Field(default=None, sa_type=Term(ReplyLabel))  # pyright: ignore[reportArgumentType]
    """What the last reply meant."""
    confidence: Confidence | None = Field(default=None, sa_type=Term(Confidence))  # pyright: ignore[reportArgumentType]
    """How sure the machine is of the label; None where a person gave it."""
    locked: bool = False
    """A legal threat: nobody may reply until a person with the right has looked."""
    assignee_id: UUID | None = None
    outcome: str | None = Field(default=None, sa_type=Text)
    snoozed_until: datetime | None = Field(default=None, sa_type=Instant)
    """Out of sight until then; from that instant on it counts as unread. Emptied by a reply and by reading."""
    priority: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})


class Message(TenantTable, table=True):
    """One text to one person. Its state moves only as ``messaging.rules`` allows."""

    __table_args__ = (
        tenant_fk("sender_number_id", "sender_number"),
        tenant_fk("campaign_id", "campaign"),
        tenant_fk("decision_id", "decision"),
        CheckConstraint(
            "decision_id is not null or regained"
            " or state in ('queued', 'claimed', 'blocked', 'expired_window', 'withdrawn')",
            "decided",
        ),
        Index(
            "uq_message_once",
            "org_id",
            "campaign_id",
            "step",
            "e164",
            "attempt",
            unique=True,
            postgresql_where=text("campaign_id is not null"),
        ),
        Index("uq_message_carrier_sid", "carrier_sid", unique=True, postgresql_where=text("carrier_sid is not null")),
        Index(
            "ix_message_due",
            "org_id",
            "campaign_id",
            "sender_number_id",
            "not_before",
            "id",
            postgresql_where=text("state = 'queued'"),
        ),
        Index(
            "ix_message_lease",
            "lease_until",
            postgresql_where=text("state in ('claimed', 'submitting', 'unknown', 'accepted', 'sent')"),
        ),
        Index("ix_message_person", "org_id", "person_id", "submitted_at"),
        Index("ix_message_phone", "org_id", "e164", "submitted_at"),
        Index("ix_message_conversation", "org_id", "conversation_id", "created_at"),
        Index(
            "ix_message_sender",
            "org_id",
            "sender_number_id",
            "submitted_at",
            postgresql_where=text("submitted_at is not null"),
        ),
        Index("ix_message_campaign_state", "org_id", "campaign_id", "state"),
        Index(
            "ix_message_weather",
            "org_id",
            "campaign_id",
            text("least(final_at, opted_out_at) desc"),
            postgresql_where=text("submitted_at is not null and least(final_at, opted_out_at) is not null"),
        ),
    )

    state: MessageState = Field(
        default=MessageState.QUEUED,
        sa_type=Term(MessageState),  # pyright: ignore[reportArgumentType]
        sa_column_kwargs={"server_default": "queued"},
    )
    purpose: Purpose = Field(sa_type=Term(Purpose))  # pyright: ignore[reportArgumentType]
    campaign_id: UUID | None = None
    step: int = 1
    attempt: int = Field(default=1, sa_column_kwargs={"server_default": "1"})
    """Grows when a person has a text sent anew of which it is proved that nobody got it."""
    variant: str | None = Field(default=None, sa_type=Text)
    """Which variant of the step this is; None outside campaigns."""
    conversation_id: UUID | None = None
    lead_id: UUID | None = None
    property_id: UUID | None = None
    person_id: UUID | None = None
    phone_id: UUID | None = None
    e164: str = Field(sa_type=PhoneNumber)
    sender_number_id: UUID
    body: str = Field(sa_type=Text)
    segments: int = 1
    cost_cents_x100: int = 0
    """Quoted price in hundredths of a cent; settled from the carrier's answer."""
    not_before: datetime = Field(sa_type=Instant)
    send_before: datetime | None = Field(default=None, sa_type=Instant)
    lease_until: datetime | None = Field(default=None, sa_type=Instant)
    fence: int = 0
    decision_id: UUID | None = None
    """The receipt under which it was submitted. Nothing is submitted without one."""
    carrier_sid: str | None = Field(default=None, sa_type=Text)
    regained: bool = Field(default=False, sa_column_kwargs={"server_default": "false"})
    """The carrier had it though we had no record of handing it over: that record was lost with a restored backup."""
    error_code: int | None = None
    reasons: list[str] = Field(default_factory=list, sa_type=text_array(), sa_column_kwargs={"server_default": "{}"})  # pyright: ignore[reportArgumentType]
    submitted_at: datetime | None = Field(default=None, sa_type=Instant)
    final_at: datetime | None = Field(default=None, sa_type=Instant)
    opted_out_at: datetime | None = Field(default=None, sa_type=Instant)
    """When the person answered this text with an opt-out: the last text that they had from the number."""
    reconcile_count: int = 0
    empty_lists: int = 0
    """How many times the carrier's list held no such text."""
    last_reconciled_at: datetime | None = Field(default=None, sa_type=Instant)
    actor_id: UUID | None = None


class MessageEvent(TenantTable, table=True):
    """What happened to a text, in order of arrival."""

    __tablename__ = "message_event"
    __table_args__ = (
        tenant_fk("message_id", "message", ondelete="CASCADE"),
        Index("ix_message_event_message", "org_id", "message_id", "at"),
    )

    message_id: UUID
    at: datetime = Field(sa_type=Instant)
    state: MessageState = Field(sa_type=Term(MessageState))  # pyright: ignore[reportArgumentType]
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=Json, sa_column_kwargs={"server_default": "{}"})


class InboundMessage(TenantTable, table=True):
    """A text that somebody sent to one of our numbers."""

    __tablename__ = "inbound_message"
    __table_args__ = (
        tenant_fk("conversation_id", "conversation", ondelete="CASCADE"),
        UniqueConstraint("org_id", "carrier_sid"),
        Index("ix_inbound_message_conversation", "org_id", "conversation_id", "received_at"),
    )

    conversation_id: UUID
    carrier_sid: str = Field(sa_type=Text)
    e164: str = Field(sa_type=PhoneNumber)
    body: str = Field(sa_type=Text)
    received_at: datetime = Field(sa_type=Instant)
    label: ReplyLabel = Field(sa_type=Term(ReplyLabel))  # pyright: ignore[reportArgumentType]
    suppress: Suppress = Field(sa_type=Term(Suppress))  # pyright: ignore[reportArgumentType]
    confidence: Confidence | None = Field(default=None, sa_type=Term(Confidence))  # pyright: ignore[reportArgumentType]
    read_as: ReplyLabel | None = Field(default=None, sa_type=Term(ReplyLabel))  # pyright: ignore[reportArgumentType]
    """What the machine had made of it, where a person has given another label since."""
    labeled_by: UUID | None = None
    labeled_at: datetime | None = Field(default=None, sa_type=Instant)


class WebhookInbox(Table, table=True):
    """Every callback as it came, once; applied afterwards."""

    __tablename__ = "webhook_inbox"
    __table_args__ = (
        UniqueConstraint("provider", "sid", "status", "body_hash"),
        Index("ix_webhook_inbox_todo", "received_at", postgresql_where=text("applied_at is null")),
    )

    provider: str = Field(sa_type=Text)
    sid: str = Field(sa_type=Text)
    status: str = Field(sa_type=Text)
    body_hash: bytes = Field(sa_type=Bytes)
    message_id: UUID | None = None
    """Which of our texts the callback's address named."""
    params: dict[str, Any] = Field(sa_type=Json)
    received_at: datetime = Field(sa_type=Instant)
    applied_at: datetime | None = Field(default=None, sa_type=Instant)
    outcome: str | None = Field(default=None, sa_type=Text)


class ShortLink(TenantTable, table=True):
    """A link of the organisation's own domain in one text, and where it leads."""

    __tablename__ = "short_link"
    __table_args__ = (
        tenant_fk("message_id", "message", ondelete="CASCADE"),
        Index("ix_short_link_code", "code"),
        Index("ix_short_link_message", "org_id", "message_id"),
    )

    message_id: UUID
    host: str = Field(sa_type=Text)
    """The domain that it was written for; under another it leads nowhere."""
    code: str = Field(sa_type=Text)
    target: str = Field(sa_type=Text)
    clicked_at: datetime | None = Field(default=None, sa_type=Instant)
    """When a person followed it first."""
    clicks: int = 0
    previews: int = 0
    """Visits of machines that look ahead."""


class InstallEpoch(Table, table=True):
    """One row: which life of this database we are in. A restored backup begins a new one (``service.restoring``)."""

    __tablename__ = "install_epoch"
    __table_args__ = (Index("uq_install_epoch_one", text("(true)"), unique=True),)

    epoch: int = 1
    """Grows with each backup that is found to have been restored."""
    beat: int = Field(default=0, sa_type=BigInteger)
    """Advanced by the clockwork. Witnesses outside of the database remember the highest they saw."""
    beat_at: datetime = Field(sa_type=Instant)
    """When it was last advanced: what a backup holds is as of then or a little later."""
    place: str = Field(sa_type=Text)
    """Cluster, database, table and timeline as Postgres names them: a dump that is loaded gets others."""


class Restore(TenantTable, table=True):
    """A backup that was restored: the organisation sends nothing until an owner has resumed."""

    __table_args__ = (
        UniqueConstraint("org_id", "epoch"),
        Index("ix_restore_waiting", "org_id", postgresql_where=text("resumed_at is null")),
    )

    epoch: int
    as_of: datetime = Field(sa_type=Instant)
    """What we know is as of then."""
    found_at: datetime = Field(sa_type=Instant)
    why: str = Field(sa_type=Text)
    """By what it was noticed, in words."""
    asked_at: datetime | None = Field(default=None, sa_type=Instant)
    """When the carrier was last asked for its lists."""
    answered_at: datetime | None = Field(default=None, sa_type=Instant)
    """When all of its answer had been taken over; nobody resumes before."""
    trouble: str = Field(default="", sa_type=Text)
    """Why the carrier could not be asked the last time."""
    texts: int = 0
    """Texts on the carrier's list since ``as_of`` that our records did not know to be there."""
    joined: int = 0
    """Of those, how many belong to texts of ours by now."""
    received: int = 0
    """Texts that people sent since and that we had lost."""
    stops: int = 0
    """Of those, how many forbid further texts."""
    resumed_at: datetime | None = Field(default=None, sa_type=Instant)
    resumed_by: UUID | None = None


class ForgottenText(TenantTable, table=True):
    """A text that the carrier has and that a restored backup does not know. Hashes only: nobody can be read off it."""

    __tablename__ = "forgotten_text"
    __table_args__ = (
        tenant_fk("restore_id", "restore", ondelete="CASCADE"),
        UniqueConstraint("org_id", "carrier_sid"),
        Index("ix_forgotten_text_open", "org_id", "phone_key", postgresql_where=text("message_id is null")),
    )

    restore_id: UUID
    carrier_sid: str = Field(sa_type=Text)
    phone_key: bytes = Field(sa_type=Bytes)
    words_key: bytes = Field(sa_type=Bytes)
    """Of recipient and words together, with the installation's pepper."""
    taken_at: datetime = Field(sa_type=Instant)
    """When the carrier took it."""
    status: str = Field(sa_type=Text)
    """The carrier's word for what became of it."""
    error_code: int | None = None
    segments: int = 0
    message_id: UUID | None = None
    """The text of ours that it turned out to be."""
