"""Decides how leads stand together on a map, and says in words what an area is. Pure."""

from __future__ import annotations

import csv
import io
import math
from collections.abc import Iterable, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib.resources import files

from leadflow.kernel.area import POLE, ZOOM, Area, Box, Circle, Counties, Nowhere, Polygon, Shape, Zips, write
from leadflow.maps.errors import NoView
from leadflow.maps.types import Cell, County, ShapeInWords, Spot, Tally, View
from models.vocabulary import LeadStatus

FEW = 400
"""Leads in view that are drawn one by one where no mark hides another: with their ids some 12 KB compressed."""
POINTS_FROM = 12
"""Zoom from which on cells are a quarter as wide, so that single houses come apart."""
CELL, FINE_CELL = 3, 4
"""A tile of 512 pixels is 2**3 cells wide, 64 pixels each, the room of a mark; from ``POINTS_FROM`` on 32 pixels."""
APART_FROM = 17
"""Zoom from which on no two houses are joined: only what stands on the very same spot."""
STATUSES = tuple(LeadStatus)
METRES_PER_MILE = 1_609.344
_NUMBERS = 4


def view(edges: str, zoom: float) -> View:
    """Read what a map shows.

    Args:
        edges: ``west,south,east,north`` in degrees, as map libraries write them; longitudes may run over 180.
        zoom: 0 to 24.

    Raises:
        NoView: it is not that.
    """
    try:
        west, south, east, north = (float(part) for part in edges.split(","))
    except ValueError as error:
        raise NoView from error
    if not all(map(math.isfinite, (west, south, east, north))) or east < west or north < south:
        raise NoView
    if east - west >= 360:  # noqa: PLR2004 the whole world
        west, east = -180.0, 180.0
    turned = (west + 180) % 360 - 180
    box = Box(turned, max(-POLE, south), turned + east - west, min(POLE, north))
    if box.south > box.north:
        raise NoView
    return View(box, min(max(zoom, 0.0), float(ZOOM)))


def shift(zoom: float) -> int:
    """Say by how many bits a quadkey is cut to name its cell at a zoom."""
    return _bits(math.floor(zoom) + (FINE_CELL if zoom >= POINTS_FROM else CELL))


def fine_shift(zoom: float) -> int:
    """Say the same where leads are few and may stand as close as their marks have room."""
    return 0 if zoom >= APART_FROM else _bits(math.floor(zoom) + FINE_CELL)


def _bits(level: int) -> int:
    return 2 * (ZOOM - min(level, ZOOM))


def cells(tallies: Iterable[Tally]) -> tuple[Cell, ...]:
    """Join what was counted by cell and status."""
    by_cell: dict[int, list[Tally]] = {}
    for tally in tallies:
        by_cell.setdefault(tally.cell, []).append(tally)
    return tuple(_joined(cell, found) for cell, found in sorted(by_cell.items()))


def _joined(cell: int, found: Sequence[Tally]) -> Cell:
    count = sum(tally.leads for tally in found)
    most = max(found, key=lambda tally: (tally.leads, -tally.status_rank))
    return Cell(
        cell,
        round(sum(tally.latitudes for tally in found) / count, 5),
        round(sum(tally.longitudes for tally in found) / count, 5),
        count,
        STATUSES[most.status_rank - 1],
        most.leads,
        sum(tally.by_zip for tally in found),
        None,
    )


def spots(found: Iterable[Spot], shift: int) -> tuple[Cell, ...]:
    """Draw leads one by one; those of one cell stand together, as their marks would lie on each other."""
    by_cell: dict[int, list[Spot]] = {}
    for spot in found:
        by_cell.setdefault(spot.quadkey >> shift, []).append(spot)
    return tuple(_stacked(cell, here) for cell, here in sorted(by_cell.items()))


def _stacked(cell: int, here: Sequence[Spot]) -> Cell:
    by_status: dict[int, Tally] = {}
    for s in here:
        tally = Tally(cell, s.status_rank, 1, s.latitude, s.longitude, int(s.precision == "zip"))
        before = by_status.get(tally.status_rank)
        by_status[tally.status_rank] = tally if before is None else _added(before, tally)
    joined = _joined(cell, list(by_status.values()))
    if len(here) == 1:
        return replace(joined, lead_id=here[0].lead_id)
    return replace(joined, one_spot=len({spot.quadkey for spot in here}) == 1)


def _added(one: Tally, other: Tally) -> Tally:
    return Tally(
        one.cell,
        one.status_rank,
        one.leads + other.leads,
        one.latitudes + other.latitudes,
        one.longitudes + other.longitudes,
        one.by_zip + other.by_zip,
    )


# Names


@lru_cache(maxsize=1)
def counties() -> dict[str, County]:
    """Answer every county of the United States and its territories, by FIPS code."""
    text = files("leadflow.maps").joinpath("data", "counties.csv").read_text(encoding="utf-8")
    return {
        row["fips"]: County(
            row["fips"],
            f"{_called(row['fips'], row['name'], row['state'])}, {row['state']}",
            Box(float(row["west"]), float(row["south"]), float(row["east"]), float(row["north"])),
        )
        for row in csv.DictReader(io.StringIO(text))
    }


_CITIES = frozenset({"24510", "29510", "32510"})
"""Baltimore, St. Louis and Carson City, which belong to no county."""
_BARE = frozenset({"AK", "AS", "DC", "GU", "MP", "PR", "VI"})
"""Where counties are boroughs, municipios, islands or none."""


def _called(fips: str, name: str, state: str) -> str:
    if state in _BARE:
        return name
    if fips in _CITIES or (state == "VA" and fips >= "51500"):
        return name if name.endswith("City") else f"{name} city"
    return f"{name} Parish" if state == "LA" else f"{name} County"


def counties_like(text: str, most: int) -> list[County]:
    """Find counties whose name begins with what somebody types, then those that hold it; the state may follow."""
    wanted = " ".join(text.lower().replace(",", " ").split())
    if len(wanted) < 2:  # noqa: PLR2004 one letter finds everything
        return []
    named = [(county, county.name.lower().replace(",", "")) for county in counties().values()]
    first = [county for county, name in named if name.startswith(wanted)]
    words = wanted.split()
    then = [county for county, name in named if not name.startswith(wanted) and all(w in name.split() for w in words)]
    return sorted(first, key=lambda county: county.name)[:most] + then[: max(0, most - len(first))]


def in_words(shape: Shape) -> ShapeInWords:
    """Name a shape for a chip."""
    return ShapeInWords(write((shape,)), _label(shape))


def _label(shape: Shape) -> str:
    match shape:
        case Box():
            return "Rectangle on the map"
        case Circle(latitude, longitude, metres):
            return f"Within {_miles(metres)} of {latitude:.4f}, {longitude:.4f}"
        case Polygon(points):
            return f"Drawn area, {len(points)} points"
        case Counties(fips):
            return _several([_county(one) for one in fips], "counties")
        case Zips(zips):
            return f"ZIP {_several(list(zips), 'ZIPs')}"
        case Nowhere():
            return "Without a place"


def _county(fips: str) -> str:
    known = counties().get(fips)
    return known.name if known else f"County {fips}"


def _several(names: Sequence[str], noun: str) -> str:
    shown = 3
    if len(names) <= shown:
        return "; ".join(names) if noun == "counties" else ", ".join(names)
    return f"{names[0]} and {len(names) - 1:,} more {noun}"


def _miles(metres: float) -> str:
    miles = metres / METRES_PER_MILE
    return f"{miles:.1f} mi".replace(".0 mi", " mi") if miles >= 0.1 else f"{metres:.0f} m"  # noqa: PLR2004 500 feet


def around(boxes: Sequence[Box]) -> Box | None:
    """Draw the narrowest box around boxes, over the antimeridian where that is narrower."""
    if not boxes:
        return None
    south, north = min(box.south for box in boxes), max(box.north for box in boxes)
    tries: list[tuple[float, float]] = []
    for start in boxes:
        moved = [(west := start.west + (box.west - start.west) % 360, west + box.east - box.west) for box in boxes]
        tries.append((start.west, max(start.west, *(east for _, east in moved))))
    west, east = min(tries, key=lambda edge: edge[1] - edge[0])
    return Box(west, south, east, north)


def drawn(area: Area) -> Area:
    """Leave out of an area what is not drawn: who has no place can be in a ZIP or a county all the same."""
    return tuple(shape for shape in area if isinstance(shape, Box | Circle | Polygon))
