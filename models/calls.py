"""Calls that were placed, each under a decision of the gate."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, Text, text
from sqlmodel import Field

from models.base import TenantTable, tenant_fk
from models.columns import Instant, PhoneNumber, Term
from models.vocabulary import CallOutcome


class PhoneCall(TenantTable, table=True):
    """One attempt to call somebody. It counts as a contact from the click on, whatever came of it."""

    __tablename__ = "phone_call"
    __table_args__ = (
        tenant_fk("decision_id", "decision"),
        tenant_fk("task_id", "task"),
        Index("ix_phone_call_phone", "org_id", "e164", "at"),
        Index("ix_phone_call_person", "org_id", "person_id", "at"),
        Index("ix_phone_call_lead", "org_id", "lead_id", "at"),
        Index("ix_phone_call_at", "org_id", text("at desc"), text("id desc")),
    )

    at: datetime = Field(sa_type=Instant)
    actor_id: UUID | None = None
    e164: str = Field(sa_type=PhoneNumber)
    lead_id: UUID | None = None
    property_id: UUID | None = None
    person_id: UUID | None = None
    phone_id: UUID | None = None
    decision_id: UUID
    """The receipt under which it was placed. There is no call without one."""
    outcome: CallOutcome | None = Field(default=None, sa_type=Term(CallOutcome))  # pyright: ignore[reportArgumentType]
    settled_at: datetime | None = Field(default=None, sa_type=Instant)
    note: str = Field(default="", sa_type=Text, sa_column_kwargs={"server_default": ""})
    call_back_at: datetime | None = Field(default=None, sa_type=Instant)
    task_id: UUID | None = None
    """The follow-up that an agreed call back made."""
