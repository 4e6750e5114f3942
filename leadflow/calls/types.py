"""Calls as they are asked for, placed, refused and settled."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from models.vocabulary import CallOutcome


class CallInput(BaseModel):
    """Whom to call."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    number: str = Field(min_length=3, max_length=32)
    lead_id: UUID | None = None


class SettleInput(BaseModel):
    """What came of a call."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    outcome: CallOutcome
    note: str = Field(default="", max_length=1_000)
    call_back_at: AwareDatetime | None = None


class Callee(NamedTuple):
    """Whom a number means, at a lead if there is one."""

    lead_id: UUID | None
    property_id: UUID | None
    person_id: UUID | None
    phone_id: UUID | None


@dataclass(frozen=True, slots=True)
class Placed:
    """A call that may be dialled now."""

    id: UUID
    e164: str
    tel: str
    """What a telephone opens: ``tel:+12145550142``."""
    decision_id: UUID


@dataclass(frozen=True, slots=True)
class Denied:
    """Why a call may not be placed, worst first; never empty."""

    decision_id: UUID
    reasons: tuple[str, ...]
    sentences: tuple[str, ...]
    later_at: datetime | None
    """Where only time stands against it: when it may be tried again."""


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call in the log."""

    id: UUID
    at: datetime
    e164: str
    lead_id: UUID | None
    street: str
    person: str
    by_id: UUID | None
    by: str
    outcome: CallOutcome | None
    note: str
    call_back_at: datetime | None
    decision_id: UUID


@dataclass(frozen=True, slots=True)
class CallBack:
    """A call that was promised and whose time has come."""

    call_id: UUID
    task_id: UUID
    lead_id: UUID | None
    e164: str
    street: str
    person: str
    due_at: datetime
