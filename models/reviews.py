"""Samples of decisions that a person judges and signs."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, Index, Text, UniqueConstraint, text
from sqlmodel import Field

from models.base import TenantTable, tenant_fk
from models.columns import Bytes, Instant, Json


class ReviewDraw(TenantTable, table=True):
    """One stratified sample of the decisions of a stretch of time, and its sign-off."""

    __tablename__ = "review_draw"
    __table_args__ = (
        CheckConstraint('since < "until"', "stretch"),
        CheckConstraint("(signed_at is null) = (signature is null)", "signed"),
        Index("ix_review_draw_drawn", "org_id", text("drawn_at desc"), text("id desc")),
    )

    since: datetime = Field(sa_type=Instant)
    until: datetime = Field(sa_type=Instant)
    """Exclusive."""
    seed: int = Field(sa_type=BigInteger)
    size: int
    """Decisions that were asked for; fewer where the stretch has fewer."""
    least: int = 1
    """At least so many of every stratum, as far as it has them."""
    strata: dict[str, Any] = Field(default_factory=dict, sa_type=Json)
    """Decisions of the stretch by stratum."""
    drawn_at: datetime = Field(sa_type=Instant)
    drawn_by: UUID | None = None
    signed_at: datetime | None = Field(default=None, sa_type=Instant)
    signed_by: UUID | None = None
    statement: bytes | None = Field(default=None, sa_type=Bytes)
    """Canonical JSON of every judgement, the reviewer and the instant: what was signed."""
    key_id: str | None = Field(default=None, sa_type=Text)
    signature: bytes | None = Field(default=None, sa_type=Bytes)
    """HMAC-SHA256 over ``statement`` under the seal key named ``key_id``."""


class Review(TenantTable, table=True):
    """One decision of a draw and what the reviewer said of it."""

    __table_args__ = (
        tenant_fk("draw_id", "review_draw", ondelete="CASCADE"),
        tenant_fk("decision_id", "decision"),
        UniqueConstraint("org_id", "draw_id", "decision_id"),
        UniqueConstraint("org_id", "draw_id", "position"),
        CheckConstraint("(agrees is null) = (judged_at is null)", "judged"),
    )

    draw_id: UUID
    decision_id: UUID
    position: int
    """1, 2, 3, … in the order of judging."""
    stratum: str = Field(sa_type=Text)
    agrees: bool | None = None
    reason: str = Field(default="", sa_type=Text)
    """Why not; required where the reviewer disagrees."""
    judged_at: datetime | None = Field(default=None, sa_type=Instant)
    judged_by: UUID | None = None
    task_id: UUID | None = None
    """The follow-up that a disagreement opened."""
