"""What is asked for, what a pack is about, and how it is listed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from models.vocabulary import EvidenceOf, EvidenceState

KEPT = timedelta(days=30)
"""How long a pack is kept; it holds real numbers, and can be made again at any time. Own choice."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for.

    Args:
        of: a number, a person or a campaign.
        e164: the number; for a person also a number by which the person is found.
        person_id: the person.
        campaign_id: the campaign.
        since: from this day (by the organisation's calendar) or instant on; None from the beginning.
        until: up to and with this day, or before this instant; None up to now.
    """

    of: EvidenceOf
    e164: str | None = None
    person_id: UUID | None = None
    campaign_id: UUID | None = None
    since: date | datetime | None = None
    until: date | datetime | None = None


@dataclass(frozen=True, slots=True)
class Scope:
    """What a pack is about, with everything that its queries need."""

    of: EvidenceOf
    until: datetime
    since: datetime | None = None
    e164: str | None = None
    phone_key: bytes | None = None
    person_id: UUID | None = None
    campaign_id: UUID | None = None
    numbers: tuple[str, ...] = ()
    """Of the person, or the one number."""
    people: tuple[UUID, ...] = ()
    """The person, or who is reached at the number."""


@dataclass(frozen=True, slots=True)
class Heading:
    """What a pack says of itself."""

    pack_id: UUID
    org_id: UUID
    organization: str
    timezone: str
    asked_at: datetime
    asked_by: str
    asked_by_id: UUID | None
    about: str
    """The subject as a person reads it."""
    version: str
    """Of the program."""


@dataclass(frozen=True, slots=True)
class PackRow:
    """A pack as it is listed."""

    id: UUID
    of: EvidenceOf
    about: str
    """A number (masked for an auditor), a person's name, or a campaign's."""
    since: datetime | None
    until: datetime
    state: EvidenceState
    done: int
    total: int | None
    fault: str
    requested_at: datetime
    asked_by: str
    made_at: datetime | None
    expires_at: datetime | None
    size_bytes: int | None
    sha256: str | None
    head_position: int | None
    counts: Mapping[str, Any]
