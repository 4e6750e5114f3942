"""Mailing lists that were made, and their bytes, for as long as they are kept."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Index, Text, text
from sqlmodel import Field

from models.base import OfOrganization, Stamped, TenantTable, tenant_fk
from models.columns import Bytes, Instant, Json


class LetterExport(TenantTable, table=True):
    """One mailing list: whom it was asked for, by whom, and what came out."""

    __tablename__ = "letter_export"
    __table_args__ = (
        tenant_fk("campaign_id", "campaign", ondelete="CASCADE"),
        Index("ix_letter_export_asked", "org_id", text("asked_at desc"), text("id desc")),
    )

    audience_filter: dict[str, Any] = Field(
        default_factory=dict, sa_type=Json, sa_column_kwargs={"server_default": "{}"}
    )
    """The lead filter, where it is about one."""
    campaign_id: UUID | None = None
    """The campaign, where it is about those whom that did not text."""
    reason: str | None = Field(default=None, sa_type=Text)
    """Only those whom this rule stood against; None is all."""
    asked_at: datetime = Field(sa_type=Instant)
    actor_id: UUID | None = None
    job_id: UUID | None = None
    made_at: datetime | None = Field(default=None, sa_type=Instant)
    """Set together with everything below, in the transaction that writes the bytes."""
    size_bytes: int | None = Field(default=None, sa_type=BigInteger)
    sha256: str | None = Field(default=None, sa_type=Text)
    counts: dict[str, Any] = Field(default_factory=dict, sa_type=Json, sa_column_kwargs={"server_default": "{}"})
    """Leads looked at, letters, and people who were left out, by why."""


class LetterChunk(Stamped, OfOrganization, table=True):
    """A piece of a mailing list's bytes. In the database, behind both walls, and gone with the list."""

    __tablename__ = "letter_chunk"
    __table_args__ = (tenant_fk("export_id", "letter_export", ondelete="CASCADE"),)

    org_id: UUID = Field(primary_key=True)
    export_id: UUID = Field(primary_key=True)
    number: int = Field(primary_key=True)
    """1, 2, 3, … without a gap."""
    content: bytes = Field(sa_type=Bytes)
