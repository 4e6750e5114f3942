"""Evidence packs that were made, and their bytes, for as long as they are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Text, text
from sqlmodel import Field

from models.base import OfOrganization, Stamped, TenantTable, tenant_fk
from models.columns import Bytes, Instant, Json, PhoneNumber, Term
from models.vocabulary import EvidenceOf


class EvidencePack(TenantTable, table=True):
    """One zip of proof: what was asked for, by whom, and what came out."""

    __tablename__ = "evidence_pack"
    __table_args__ = (Index("ix_evidence_pack_requested", "org_id", text("requested_at desc"), text("id desc")),)

    of: EvidenceOf = Field(sa_type=Term(EvidenceOf))  # pyright: ignore[reportArgumentType]
    e164: str | None = Field(default=None, sa_type=PhoneNumber)
    person_id: UUID | None = None
    campaign_id: UUID | None = None
    since: datetime | None = Field(default=None, sa_type=Instant)
    until: datetime = Field(sa_type=Instant)
    """What happened before this instant is in it."""
    requested_at: datetime = Field(sa_type=Instant)
    actor_id: UUID | None = None
    job_id: UUID | None = None
    made_at: datetime | None = Field(default=None, sa_type=Instant)
    """Set together with everything below, in the transaction that writes the bytes."""
    size_bytes: int | None = Field(default=None, sa_type=BigInteger)
    sha256: str | None = Field(default=None, sa_type=Text)
    """Of the zip, hexadecimal; it stands in the record of acts too."""
    head: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """The seal at the end of the chain when the pack was made."""
    counts: dict[str, Any] = Field(default_factory=dict, sa_type=Json)


class EvidenceChunk(Stamped, OfOrganization, table=True):
    """A piece of a pack's bytes. In the database, so that a pack is there whole or not at all, behind both walls."""

    __tablename__ = "evidence_chunk"
    __table_args__ = (tenant_fk("pack_id", "evidence_pack", ondelete="CASCADE"),)

    org_id: UUID = Field(primary_key=True)
    pack_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    """1, 2, 3, … without a gap."""
    content: bytes = Field(sa_type=Bytes)
