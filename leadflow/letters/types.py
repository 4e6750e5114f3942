"""Mailing lists as they are asked for, made and listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from models.vocabulary import LetterState

KEPT = timedelta(days=7)
"""A list holds names and addresses; after a week it is removed. Own choice."""


class LetterInput(BaseModel):
    """Whom a mailing list is for: those of a lead filter, or those whom a campaign did not text."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    audience_filter: dict[str, Any] = Field(default_factory=dict[str, Any])
    campaign_id: UUID | None = None
    reason: str | None = Field(default=None, max_length=60)
    """Only those whom this rule stood against."""


class Address(NamedTuple):
    """Where a letter goes."""

    street: str
    unit: str
    city: str
    state: str
    zip5: str


class Addressee(NamedTuple):
    """Somebody at one property who might get a letter."""

    lead_id: UUID
    person_id: UUID
    name: str
    mailing: Address
    home: Address
    mailable: bool
    """The property's own address can be delivered to."""
    property_key: str
    died: bool
    closed: bool
    """A suppression stands that no letter may pass."""
    reason: str


class Letter(NamedTuple):
    """One line of a mailing list."""

    names: tuple[str, ...]
    to: Address
    from_record: str
    """``mailing`` or ``property``: which of the addresses it is."""
    home: Address
    reason: str
    lead_id: UUID


@dataclass
class Tally:
    """What came of an audience."""

    leads: int = 0
    letters: int = 0
    left_out: dict[str, int] = field(default_factory=dict[str, int])
    """People, by why they get none: ``died``, ``closed``, ``no_address``, ``twice``."""

    def leave(self, why: str) -> None:
        """Count somebody who gets none."""
        self.left_out[why] = self.left_out.get(why, 0) + 1


@dataclass(frozen=True, slots=True)
class LetterRow:
    """A mailing list that was asked for."""

    id: UUID
    campaign_id: UUID | None
    campaign: str
    audience_filter: Mapping[str, Any]
    reason: str | None
    state: LetterState
    done: int
    total: int | None
    fault: str
    asked_at: datetime
    asked_by: str
    made_at: datetime | None
    expires_at: datetime | None
    size_bytes: int | None
    sha256: str | None
    counts: Mapping[str, Any]
