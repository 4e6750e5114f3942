"""What is asked of the room, and what it answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.vocabulary import Purpose, Verdict


@dataclass(frozen=True, slots=True)
class Judgeable:
    """What decides into which stratum of risk a decision falls."""

    id: UUID
    verdict: Verdict
    purpose: Purpose
    reasons: tuple[str, ...]
    unknown: bool
    """A rule stood against it because a fact was missing."""
    waited: bool
    """The same text had been put off before."""
    held: bool
    """A reply of the person was unclear and waited for a reader."""
    states: frozenset[str]
    local_hours: tuple[float, ...]
    """Hour of the day at each place where the person may be, with its fraction."""


@dataclass(frozen=True, slots=True)
class DrawWish:
    """Which decisions to sample."""

    since: datetime
    until: datetime
    """Exclusive."""
    size: int = 50
    least: int = 2
    """At least so many of every stratum, as far as it has them."""
    seed: int | None = None
    """The same seed over the same decisions draws the same sample; None takes one at random."""


@dataclass(frozen=True, slots=True)
class Rate:
    """How often the reviewer agreed, with the 95 % bounds of Wilson's score."""

    stratum: str
    title: str
    population: int
    drawn: int
    judged: int
    agreed: int
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class DrawRow:
    """A draw in a list."""

    id: UUID
    since: datetime
    until: datetime
    seed: int
    size: int
    least: int
    drawn: int
    judged: int
    agreed: int
    drawn_at: datetime
    drawn_by_name: str
    signed_at: datetime | None
    signed_by_name: str


@dataclass(frozen=True, slots=True)
class ReviewRow:
    """One decision of a draw."""

    id: UUID
    decision_id: UUID
    position: int
    stratum: str
    title: str
    at: datetime
    verdict: Verdict
    reasons: tuple[str, ...]
    agrees: bool | None
    reason: str
    judged_at: datetime | None
    judged_by_name: str
    barred: str
    """Why the caller may not judge it; empty when they may."""


@dataclass(frozen=True, slots=True)
class DrawDetail:
    """A draw with its decisions and rates."""

    row: DrawRow
    rates: tuple[Rate, ...]
    reviews: tuple[ReviewRow, ...]


@dataclass(frozen=True, slots=True)
class Signature:
    """Whether a sign-off holds."""

    whole: bool
    faults: tuple[str, ...]
    signed_at: datetime | None
    key_id: str | None
    digest: str
    """SHA-256 of what was signed, hexadecimal; the record of acts has it too."""
    chained: bool
    """The record's event is sealed into the chain; a moment after the sign-off it is."""
    counts: Mapping[str, int]
