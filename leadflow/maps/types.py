"""What a map shows: cells with counts, places, areas in words."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from leadflow.kernel.area import Box
from leadflow.leads.types import LeadRow
from models.vocabulary import GeocodeRunState, LeadStatus, Precision


@dataclass(frozen=True, slots=True)
class View:
    """What a map shows at one moment: its edges and its zoom (0 is the world in a square of 512 pixels)."""

    box: Box
    zoom: float


class Tally(NamedTuple):
    """Leads of one status in one cell, as the database counts them."""

    cell: int
    status_rank: int
    leads: int
    latitudes: float
    """Sum of degrees."""
    longitudes: float
    by_zip: int
    """Of these, placed at the middle of their ZIP."""


class Spot(NamedTuple):
    """One lead's place."""

    lead_id: UUID
    latitude: float
    longitude: float
    quadkey: int
    status_rank: int
    precision: str


@dataclass(frozen=True, slots=True)
class Cell:
    """Leads that stand together on the map, drawn as one mark."""

    cell: int
    """Quadkey of the cell, at the zoom that ``Marks.shift`` tells."""
    latitude: float
    longitude: float
    """The middle of its leads."""
    count: int
    status: LeadStatus
    """Of most of them; of equals, the earlier one."""
    of_status: int
    by_zip: int
    lead_id: UUID | None
    """Where it is a single lead, and few are shown."""
    one_spot: bool = False
    """Whether several stand on the very same spot, which no zoom parts; known where few are shown."""


@dataclass(frozen=True, slots=True)
class Marks:
    """What a view shows. ``shown`` counts the leads inside its edges."""

    cells: tuple[Cell, ...]
    shift: int
    """A place belongs to the cell ``quadkey >> shift``."""
    shown: int
    by_zip: int
    """Of these, placed at the middle of their ZIP."""


@dataclass(frozen=True, slots=True)
class Totals:
    """What a filter finds, wherever the map is."""

    total: int
    nowhere: int
    """Leads of the filter, its area aside, that have no place at all: no drawn shape can hold them."""
    box: Box | None
    """Around every placed lead of the filter; ``east`` is over 180 beyond the antimeridian."""


@dataclass(frozen=True, slots=True)
class Placed:
    """A lead in view, as a row of the list, with its place."""

    row: LeadRow
    latitude: float
    longitude: float
    precision: Precision


@dataclass(frozen=True, slots=True)
class County:
    """A county with the box around it."""

    fips: str
    name: str
    """As people say it: ``Travis County, TX``."""
    box: Box


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A place that was found by its name.

    Attributes:
        kind: ``zip``, ``county`` or ``lead``.
        label: for people.
        area: the place as an area of the filter; empty for a lead, which is a point.
    """

    kind: str
    label: str
    area: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class ShapeInWords:
    """One shape of an area, for a chip."""

    area: str
    """This shape alone, as it stands in an address."""
    label: str


@dataclass(frozen=True, slots=True)
class AreaInWords:
    """An area for people."""

    shapes: tuple[ShapeInWords, ...]
    west: float | None
    south: float | None
    east: float | None
    north: float | None
    """The box around everything whose place is known; ``east`` is over 180 beyond the antimeridian."""


# Geocoding


@dataclass(frozen=True, slots=True)
class Geocoding:
    """How this installation reaches a geocoder.

    Attributes:
        census_url: the Census Bureau's, or a simulator's.
        price: of one address, in hundredths of a cent; the bureau asks nothing.
    """

    census_url: str
    price: int


@dataclass(frozen=True, slots=True)
class Address:
    """What leaves the house: an address, and nothing of whose it is."""

    street: str
    city: str
    state: str
    zip5: str


@dataclass(frozen=True, slots=True)
class Place:
    """Where a geocoder says that an address is."""

    latitude: float
    longitude: float
    precision: Precision


@dataclass(frozen=True, slots=True)
class Answered:
    """The geocoder answered: one place, or None, for each address in its order."""

    places: tuple[Place | None, ...]


@dataclass(frozen=True, slots=True)
class Unanswered:
    """Nothing was learnt; it may work later, and costs nothing."""

    after: timedelta
    why: str


@dataclass(frozen=True, slots=True)
class Refused:
    """The geocoder refuses us; asking again is of no use."""

    why: str


Outcome = Answered | Unanswered | Refused


@dataclass(frozen=True, slots=True)
class Quote:
    """What a run would send out. Money in hundredths of a cent."""

    geocoder: str
    leads: int
    placed: int
    """Of these, placed well enough already: by hand, by a file or by a geocoder."""
    tried: int
    """Of these, asked about before without success."""
    unwritten: int
    """Of these, without a street: there is nothing to ask about."""
    to_send: int
    price: int
    cost: int
    budget_left: int | None
    """None: no budget is set."""


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as people see it. Money in hundredths of a cent."""

    id: UUID
    state: GeocodeRunState
    audience: Mapping[str, Any]
    actor_name: str | None
    asked: int
    found: int
    missed: int
    price: int
    spent: int
    cancel_requested: bool
    error: str | None
    started_at: datetime
    finished_at: datetime | None
