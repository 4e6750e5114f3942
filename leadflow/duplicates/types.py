"""What passes between the room of duplicates and its doors."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import IntFlag
from typing import Any, NamedTuple
from uuid import UUID

from models.vocabulary import DuplicateKind, JobState, PairState, PartyRole, PersonKind

SURE = 90
"""From this score on, and without a contradiction, two records are merged by many at once unless told otherwise."""
LEAST = 50
"""Below it a pair is not proposed."""


class Shared(IntFlag):
    """What two people share, as bits of one number, so that the database can gather it."""

    PHONE = 1
    EMAIL = 2
    MAILING = 4
    PROPERTY = 8
    NEAR = 16
    """ZIP code, house number and the first letter of the family name."""


class Reason(NamedTuple):
    """One thing that speaks for or against two records being one; no name and no number."""

    words: str
    against: bool = False


class Verdict(NamedTuple):
    """What the rules make of a pair: how likely it is one, and why."""

    score: int
    reasons: tuple[Reason, ...]

    @property
    def contradicted(self) -> bool:
        """Something speaks against it."""
        return any(reason.against for reason in self.reasons)


class Who(NamedTuple):
    """A person as the rules compare it."""

    id: UUID
    kind: PersonKind
    name: str
    first: str
    last: str
    street: str
    """The mailing street in postal abbreviations, unit included; empty where it is not known."""
    zip5: str
    deceased: bool
    roles: frozenset[PartyRole]


class Place(NamedTuple):
    """A property as the rules compare it."""

    id: UUID
    street: str
    """In postal abbreviations."""
    unit: str
    zip5: str
    city: str
    state: str
    parcel: str
    owners: frozenset[str]
    """Keys of the owners' names."""
    doors: int
    """Units that are known at the street's number; 0 where the property names none itself."""


@dataclass(frozen=True, slots=True)
class Side:
    """One of two records, as a list shows it."""

    id: UUID
    title: str
    detail: str
    lead_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class PairRow:
    """A pair in the list."""

    id: UUID
    kind: DuplicateKind
    one: Side
    other: Side
    score: int
    contradicted: bool
    reasons: tuple[Reason, ...]
    state: PairState
    found_at: datetime


@dataclass(frozen=True, slots=True)
class PairFilter:
    """Which pairs; every field that is given narrows."""

    kind: DuplicateKind | None = None
    at_least: int = 0
    certain: bool = False
    """Only those against which nothing speaks."""
    lead_id: UUID | None = None
    state: PairState = PairState.OPEN


@dataclass(frozen=True, slots=True)
class FieldRow:
    """One group of fields of two records, side by side."""

    field: str
    label: str
    one: str
    other: str
    differs: bool
    choice: str
    """Whose value stands unless somebody says otherwise: ``one`` or ``other``."""
    fixed: bool = False
    """The stricter of the two always stands; nobody chooses."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two records side by side, before they are made one."""

    kind: DuplicateKind
    one: Side
    other: Side
    survivor: str
    """Which of the two stays unless somebody says otherwise: ``one`` or ``other``."""
    fields: tuple[FieldRow, ...]
    hanging: tuple[tuple[str, int, int], ...]
    """What hangs on each: its name, and how many on the one and on the other."""
    pair: PairRow | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """Which two to make one, and whose values stand.

    Attributes:
        kind: what they are.
        survivor_id: stays.
        loser_id: goes; everything of it becomes the survivor's.
        choose: by group of fields ``survivor`` or ``loser``; what is not named stands as the comparison suggests.
    """

    kind: DuplicateKind
    survivor_id: UUID
    loser_id: UUID
    choose: Mapping[str, str] = field(default_factory=dict[str, str])


@dataclass(frozen=True, slots=True)
class Undone:
    """What became of taking a merge back.

    Attributes:
        restored: rows that are again as they were.
        stayed: what happened since, by table; it stays with the survivor.
    """

    merge_id: UUID
    restored: int
    stayed: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class MergeRow:
    """A merge in the list."""

    id: UUID
    kind: DuplicateKind
    survivor_id: UUID
    loser_id: UUID
    lead_id: UUID | None
    title: str
    at: datetime
    actor: str | None
    score: int | None
    moved: Mapping[str, Any]
    undone_at: datetime | None
    can_undo: bool


@dataclass(frozen=True, slots=True)
class SearchRow:
    """A search in the list."""

    id: UUID
    state: JobState
    import_id: UUID | None
    started_at: datetime
    finished_at: datetime | None
    compared: int
    proposed: int
    skipped: tuple[Mapping[str, Any], ...]
    job_id: UUID | None
    done: int = 0
    total: int | None = None
