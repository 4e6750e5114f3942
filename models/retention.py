"""How long records are kept, what is held against that, and who was erased."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, Text, text
from sqlmodel import Field

from models.base import OfOrganization, Stamped, TenantTable, tenant_fk
from models.columns import Bytes, Instant, Json, PhoneNumber, Term
from models.vocabulary import ErasureRequest, HoldSubject, RetentionKind


class Erasure(TenantTable, table=True):
    """The tombstone of a person: who erased them, when, at whose wish, and how many rows it was. Nothing of them."""

    __table_args__ = (Index("ix_erasure_at", "org_id", text("at desc"), text("id desc")),)

    person_id: UUID
    """The row of ``person`` that stays, empty, so that receipts still point at somebody."""
    at: datetime = Field(sa_type=Instant)
    actor_id: UUID | None = None
    request: ErasureRequest = Field(sa_type=Term(ErasureRequest))  # pyright: ignore[reportArgumentType]
    reference: str = Field(default="", sa_type=Text)
    """The matter's number in the team's own files; never a name or a number of the person."""
    counts: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """Rows by what was done to them."""


class LegalHold(TenantTable, table=True):
    """A person, number or campaign of which nothing may go, however old it is and whoever asks."""

    __tablename__ = "legal_hold"
    __table_args__ = (
        tenant_fk("campaign_id", "campaign"),
        CheckConstraint("num_nonnulls(person_id, phone_key, campaign_id) = 1", "subject"),
        Index("ix_legal_hold_standing", "org_id", "subject", postgresql_where=text("lifted_at is null")),
    )

    subject: HoldSubject = Field(sa_type=Term(HoldSubject))  # pyright: ignore[reportArgumentType]
    person_id: UUID | None = None
    e164: str | None = Field(default=None, sa_type=PhoneNumber)
    """Erased with the number once the hold is lifted; ``phone_key`` stays."""
    phone_key: bytes | None = Field(default=None, sa_type=Bytes)
    campaign_id: UUID | None = None
    reason: str = Field(sa_type=Text)
    placed_at: datetime = Field(sa_type=Instant)
    placed_by: UUID | None = None
    lifted_at: datetime | None = Field(default=None, sa_type=Instant)
    lifted_by: UUID | None = None
    lifted_why: str | None = Field(default=None, sa_type=Text)


class RetentionRule(Stamped, OfOrganization, table=True):
    """How long the organisation keeps one kind of record; a kind without a row is kept as the rules' default says."""

    __tablename__ = "retention_rule"
    __table_args__ = (CheckConstraint("days > 0", "days"),)

    org_id: UUID = Field(primary_key=True)
    kind: RetentionKind = Field(primary_key=True, sa_type=Term(RetentionKind))  # pyright: ignore[reportArgumentType]
    days: int
    changed_at: datetime = Field(sa_type=Instant)
    changed_by: UUID | None = None
