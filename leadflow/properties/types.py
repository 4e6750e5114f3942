"""What passes between properties and those who ask for them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

from models.vocabulary import LineType, PartyRole, PersonKind, PhoneStatus


class Prefer(StrEnum):
    """Whose value stands where a source and we both have one."""

    THEIRS = "theirs"
    """The source's; its empty value never replaces ours."""
    OURS = "ours"
    """Ours; the source fills what is empty."""
    NEWER = "newer"
    """The one that was true on the later day; an empty value never replaces another."""


@dataclass(frozen=True, slots=True)
class Source:
    """Where set-wise values come from.

    Attributes:
        import_id: the import that brings them.
        observed_at: the instant the values are true of.
        prefer: whose value stands.
    """

    import_id: UUID
    observed_at: datetime
    prefer: Prefer = Prefer.THEIRS


@dataclass(frozen=True, slots=True)
class Written:
    """How many rows a set-wise step made and changed."""

    made: int = 0
    changed: int = 0


ZIP = "zip"
"""Source of what nobody said of the property: its ZIP says it, and may be wrong."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One value of a property, and where it came from.

    Attributes:
        field: column of ``property``, or the header of a column without a field.
        value: as text; None never occurs.
        source: ``import``, ``manual`` or a provider's name; empty when nothing tells.
        filename: the file, where the source is an import.
        row: its row, counted from 1 after the header.
        column: the header that was mapped to the field.
        import_id: the import.
        observed_at: the instant the value is true of.
    """

    field: str
    value: str
    source: str = ""
    filename: str | None = None
    row: int | None = None
    column: str | None = None
    import_id: UUID | None = None
    observed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CardPhone:
    """A number of a person, and where it was learnt."""

    phone_id: UUID
    e164: str
    line_type: LineType
    status: PhoneStatus
    rank: int
    note: str | None
    filename: str | None
    row: int | None
    column: str | None


@dataclass(frozen=True, slots=True)
class CardPerson:
    """Somebody who stands to the property."""

    person_id: UUID
    name: str
    kind: PersonKind
    roles: tuple[PartyRole, ...]
    position: int
    care_of: str | None
    mailing: str
    phones: tuple[CardPhone, ...] = ()
    emails: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Card:
    """A property as the lead's drawer shows it."""

    property_id: UUID
    street: str | None
    unit: str | None
    city: str | None
    state: str | None
    zip5: str | None
    county: str | None
    apn: str | None
    mailable: bool
    facts: tuple[Fact, ...] = ()
    people: tuple[CardPerson, ...] = ()
    extra: dict[str, Any] = field(default_factory=dict[str, Any])


@dataclass(frozen=True, slots=True)
class Loss:
    """What is known of an owner's death; None says nothing."""

    died_on: date | None = None
    filed_on: date | None = None
    """Day on which probate was filed."""
    surviving_spouse_id: UUID | None = None
    """The person of the property who was married to the decedent."""
