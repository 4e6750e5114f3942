"""What one lead is shown with: people and their numbers as they are read, what stands for and against, the score."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.vocabulary import Basis, ConsentState


@dataclass(frozen=True, slots=True)
class Party:
    """A person with the roles at one property."""

    id: UUID
    name: str
    kind: str
    roles: list[str]
    position: int
    surviving_spouse: bool
    deceased: bool
    mailing: str
    billing_state: str | None
    emails: list[str]


@dataclass(frozen=True, slots=True)
class Line:
    """A number of a person."""

    person_id: UUID
    phone_id: UUID
    e164: int
    line_type: str
    carrier: str | None
    status: str
    score: int | None
    rank: int
    note: str | None
    filename: str | None
    row_number: int | None
    column: str | None
    import_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A reason that stands against a number or a person."""

    kind: str
    at: datetime
    source: str


@dataclass(frozen=True, slots=True)
class Standing:
    """The best consent on record for a number: its ground, and how it stands."""

    basis: Basis
    given_at: datetime
    state: ConsentState


@dataclass(frozen=True, slots=True)
class Proof:
    """What speaks for a number: the best consent, and the day of the latest look-up in a do-not-call list."""

    consent: Standing | None = None
    scrubbed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class ScorePart:
    """What one fact brings.

    Attributes:
        name: of the fact, as the weights have it.
        label: the same for people.
        points: that it brings, at most ``of``.
        of: its weight.
        why: the fact and the rule, in words.
    """

    name: str
    label: str
    points: int
    of: int
    why: str


@dataclass(frozen=True, slots=True)
class Weight:
    """How many points a fact can bring to a score.

    Attributes:
        name: of the fact.
        label: the same for people.
        points: as the organisation has chosen.
        usual: as LeadFlow comes.
    """

    name: str
    label: str
    points: int
    usual: int


@dataclass(frozen=True, slots=True)
class Score:
    """How promising a lead is, 0 to 100: the sum of its parts."""

    points: int
    parts: tuple[ScorePart, ...]
