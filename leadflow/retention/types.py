"""What is asked of the room, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from models.vocabulary import ErasureRequest, HoldSubject, RetentionKind


@dataclass(frozen=True, slots=True)
class Wish:
    """Whom to erase and at whose wish."""

    person_id: UUID
    request: ErasureRequest
    reference: str = ""
    """The matter's number in the team's own files; never anything of the person."""


@dataclass(frozen=True, slots=True)
class Subject:
    """Everything by which a person is known, read before it goes."""

    person_id: UUID
    name: str
    names: tuple[str, ...]
    """The name as it may be written, longest first."""
    own_name: bool
    """Nobody else of the organisation bears the name."""
    alone: tuple[str, ...]
    """Numbers (E.164) at which nobody else is reached: they go."""
    shared: tuple[str, ...]
    """Numbers at which somebody else is reached too: they stay with them."""
    emails: tuple[str, ...]
    addresses: tuple[str, ...]
    """Streets at which only this person is known; a street that another person also stands at stays."""
    homes: tuple[UUID, ...]
    """Properties to which nobody else stands: they are emptied."""
    other_properties: int
    """Properties to which others stand too: they stay."""
    leads: tuple[UUID, ...]
    lone_leads: tuple[UUID, ...]
    """Leads of ``homes``."""
    imports: tuple[UUID, ...]
    """Imports that brought any of it."""
    under_way: int
    """Texts to the person that the carrier is being told of right now."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A person who may be meant, for choosing."""

    id: UUID
    name: str
    mailing: str
    phones: int
    properties: int


@dataclass(frozen=True, slots=True)
class Kept:
    """Something that stays, and why."""

    what: str
    why: str


@dataclass(frozen=True, slots=True)
class Preview:
    """What an erasure would do now, counted by doing it and taking it back."""

    person_id: UUID
    name: str
    goes: Mapping[str, int]
    stays: tuple[Kept, ...]
    holds: tuple[HoldRow, ...]
    blocked: str = ""
    """Why it cannot be done now; empty when it can."""


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody who stands to a property that goes."""

    person_id: UUID
    name: str
    goes: bool
    """They stand to no other property, and go with it."""


@dataclass(frozen=True, slots=True)
class LeadSubject:
    """A removed lead, read before it goes."""

    lead_id: UUID
    property_id: UUID
    removed_at: datetime
    address: str
    people: tuple[Party, ...]
    street: str
    import_id: UUID | None
    """The import that brought the property."""
    under_way: int
    """Texts of it that the carrier is being told of right now."""


@dataclass(frozen=True, slots=True)
class LeadWish:
    """Which removed lead to erase."""

    lead_id: UUID
    reference: str = ""
    """The matter's number in the team's own files; never anything of a person or the address."""


@dataclass(frozen=True, slots=True)
class LeadPreview:
    """What erasing a removed lead would do now, counted by doing it and taking it back."""

    lead_id: UUID
    address: str
    people: tuple[str, ...]
    """Who would be erased with it."""
    goes: Mapping[str, int]
    stays: tuple[Kept, ...]
    holds: tuple[HoldRow, ...]
    blocked: str = ""
    """Why it cannot be done now; empty when it can."""


@dataclass(frozen=True, slots=True)
class ErasureRow:
    """A tombstone."""

    id: UUID
    person_id: UUID
    at: datetime
    actor_id: UUID | None
    actor: str
    request: ErasureRequest
    reference: str
    counts: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class HoldWish:
    """What to hold, and why."""

    subject: HoldSubject
    reason: str
    person_id: UUID | None = None
    e164: str | None = None
    campaign_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class HoldRow:
    """A legal hold in a list."""

    id: UUID
    subject: HoldSubject
    label: str
    """Whom or what it is about, as the caller may see it."""
    reason: str
    placed_at: datetime
    placed_by: UUID | None
    placed_by_name: str
    lifted_at: datetime | None
    lifted_by_name: str
    lifted_why: str | None


@dataclass(frozen=True, slots=True)
class RuleRow:
    """How long one kind of record is kept, within what the law asks, and what falls due now."""

    kind: RetentionKind
    title: str
    days: int
    floor: int
    default: int
    citation: str
    due: int
    """Rows that are older now and not under hold."""
    held: int
    """Rows that are older and stay because of a hold."""


@dataclass(frozen=True, slots=True)
class Swept:
    """What one run of the nightly job let go."""

    rows: Mapping[str, int] = field(default_factory=dict[str, int])

    @property
    def total(self) -> int:
        """Rows of every kind."""
        return sum(self.rows.values())
