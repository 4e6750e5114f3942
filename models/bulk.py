"""Edits of many leads at once: whom, what, and what became of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, text
from sqlmodel import Field

from models.base import OfOrganization, Stamped, TenantTable, tenant_fk
from models.columns import Instant, Json, Term
from models.vocabulary import BulkOutcome, BulkState


class BulkEdit(TenantTable, table=True):
    """One change of many leads, asked for by one member."""

    __tablename__ = "bulk_edit"
    __table_args__ = (Index("ix_bulk_edit_asked", "org_id", text("asked_at desc"), text("id desc")),)

    change: dict[str, Any] = Field(default_factory=dict, sa_type=Json, sa_column_kwargs={"server_default": "{}"})
    """What to change, as ``leads.types.Change``."""
    chosen: dict[str, Any] = Field(default_factory=dict, sa_type=Json, sa_column_kwargs={"server_default": "{}"})
    """Of which leads: ``{"filter": …, "except": […]}`` or ``{"ids": how many}``."""
    only_mine: bool = False
    """Whoever asked sees assigned leads only."""
    state: BulkState = Field(
        default=BulkState.WAITING,
        sa_type=Term(BulkState),  # pyright: ignore[reportArgumentType]
        sa_column_kwargs={"server_default": "waiting"},
    )
    total: int | None = None
    """Leads that were chosen; None until they are written down."""
    actor_id: UUID | None = None
    job_id: UUID | None = None
    asked_at: datetime = Field(sa_type=Instant)
    ended_at: datetime | None = Field(default=None, sa_type=Instant)
    undone_at: datetime | None = Field(default=None, sa_type=Instant)


class BulkEntry(Stamped, OfOrganization, table=True):
    """What an edit did to one lead."""

    __tablename__ = "bulk_entry"
    __table_args__ = (
        tenant_fk("edit_id", "bulk_edit", ondelete="CASCADE"),
        tenant_fk("lead_id", "lead", ondelete="CASCADE"),
        Index("ix_bulk_entry_outcome", "org_id", "edit_id", "outcome", "lead_id"),
        Index("ix_bulk_entry_lead", "org_id", "lead_id"),
    )

    org_id: UUID = Field(primary_key=True)
    edit_id: UUID = Field(primary_key=True)
    lead_id: UUID = Field(primary_key=True)
    outcome: BulkOutcome = Field(
        default=BulkOutcome.WAITING,
        sa_type=Term(BulkOutcome),  # pyright: ignore[reportArgumentType]
        sa_column_kwargs={"server_default": "waiting"},
    )
    done: list[dict[str, Any]] = Field(default_factory=list, sa_type=Json, sa_column_kwargs={"server_default": "[]"})
    """What was changed, with what is needed to take it back: kind, summary and detail of each timeline entry."""
