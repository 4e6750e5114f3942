"""The record of what was done, sealed afterwards: events, leaves, seals and their anchors.

Rows are only ever inserted; triggers refuse UPDATE, DELETE and TRUNCATE.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Text, UniqueConstraint
from sqlmodel import Field

from models.base import OfOrganization, Stamped, TenantTable
from models.columns import Bytes, Instant, Json


class AuditEvent(TenantTable, table=True):
    """One act of a person or of the system, in the transaction of the act itself."""

    __tablename__ = "audit_event"
    __table_args__ = (Index("ix_audit_event_subject", "org_id", "subject_kind", "subject_id", "at"),)

    at: datetime = Field(sa_type=Instant)
    actor_id: UUID | None = None
    """The user; None for the system."""
    action: str = Field(sa_type=Text)
    subject_kind: str = Field(sa_type=Text)
    subject_id: UUID | None = None
    detail: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """Ids, counts and words; never a name or a raw number."""
    body: bytes = Field(sa_type=Bytes)
    """Canonical JSON of the whole event: what the digest covers."""
    digest: bytes = Field(sa_type=Bytes)
    """SHA-256 of ``body``."""


class AuditLeaf(Stamped, OfOrganization, table=True):
    """A sealed event or decision at its place in the organisation's chain."""

    __tablename__ = "audit_leaf"
    __table_args__ = (UniqueConstraint("org_id", "source", "source_id"),)

    org_id: UUID = Field(primary_key=True)
    position: int = Field(primary_key=True, sa_type=BigInteger)
    """1, 2, 3, … without a gap."""
    source: str = Field(sa_type=Text)
    """``event`` or ``decision``."""
    source_id: UUID
    digest: bytes = Field(sa_type=Bytes)
    chain: bytes = Field(sa_type=Bytes)
    """SHA-256 of the previous leaf's chain followed by ``digest``; the first follows 32 zero bytes."""


class AuditSeal(Stamped, OfOrganization, table=True):
    """A signed stretch of leaves."""

    __tablename__ = "audit_seal"
    __table_args__ = (Index("ix_audit_seal_last_position", "org_id", "last_position"),)

    org_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True, sa_type=BigInteger)
    """1, 2, 3, … without a gap."""
    first_position: int = Field(sa_type=BigInteger)
    last_position: int = Field(sa_type=BigInteger)
    merkle_root: bytes = Field(sa_type=Bytes)
    head: bytes = Field(sa_type=Bytes)
    """``chain`` of the last leaf."""
    previous: bytes = Field(sa_type=Bytes)
    """``signature`` of the seal before; 32 zero bytes for the first."""
    sealed_at: datetime = Field(sa_type=Instant)
    key_id: str = Field(sa_type=Text)
    signature: bytes = Field(sa_type=Bytes)
    """HMAC-SHA256 under the key named ``key_id`` over all of the above."""
