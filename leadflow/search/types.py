"""What was asked, what was found, and why it matched."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.vocabulary import PartyRole, Permission, SearchKind

Forms = tuple[str, ...]
"""Ways to write one word; any of them will do."""


@dataclass(frozen=True, slots=True)
class Query:
    """What somebody typed, read once."""

    text: str
    """Lower case, single spaces."""
    terms: tuple[str, ...]
    patterns: tuple[str, ...]
    """``like`` patterns over lower-case text that begins with a space; all must match."""
    forms: tuple[Forms, ...] = ()
    """Each term with its other postal forms, where there are any: ``street`` is ``st`` too."""
    loose: tuple[str, ...] = ()
    """The patterns of those terms that have one form only; empty where every term has."""
    digits: str = ""
    """What was typed, where it looks like a number."""
    street_key: str = ""
    """In postal abbreviations, where it begins with a house number."""
    parcel: str = ""
    """Without punctuation, upper case, where it may be a parcel number."""


@dataclass(frozen=True, slots=True)
class Hit:
    """One thing that was found."""

    kind: SearchKind
    id: str
    title: str
    subtitle: str
    href: str
    why: str
    """What matched, in a word or two."""


@dataclass(frozen=True, slots=True)
class Ranked:
    """A hit and how close it comes: 0 is what was typed, 1 begins so, 2 has words that do, 3 holds it."""

    rank: int
    hit: Hit

    @property
    def key(self) -> tuple[int, str, str]:
        """Order of hits; no two are equal."""
        return self.rank, self.hit.title.lower(), self.hit.id


@dataclass(frozen=True, slots=True)
class Group:
    """What was found of one kind: the first hits, and how many there are."""

    kind: SearchKind
    hits: tuple[Hit, ...]
    count: int | None
    """None where there are more than are counted; then ``at_least``."""
    at_least: int | None


@dataclass(frozen=True, slots=True)
class Answer:
    """What was found, by kind."""

    q: str
    groups: tuple[Group, ...]


@dataclass(frozen=True, slots=True)
class LeadFound:
    """A lead that may be meant."""

    id: UUID
    street: str
    unit: str
    city: str
    state: str
    zip5: str
    owner: str
    words: str
    apn: str


@dataclass(frozen=True, slots=True)
class PersonFound:
    """Somebody who may be meant, with the first of their leads that the caller sees."""

    id: UUID
    name: str
    deceased: bool
    roles: tuple[PartyRole, ...]
    lead_id: UUID
    street: str
    city: str
    leads: int


@dataclass(frozen=True, slots=True)
class PhoneFound:
    """A number that may be meant, with whose it is at which lead."""

    id: UUID
    e164: str
    person: str
    lead_id: UUID
    street: str


@dataclass(frozen=True, slots=True)
class Named:
    """A row that has a name: of whatever kind, with a few words about it."""

    id: UUID
    name: str
    about: str = ""
    at: datetime | None = None
    lead_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """A page, or something to do and the page where it is done."""

    path: str
    title: str
    permission: Permission
    words: str = ""
    """Other words that lead there."""
