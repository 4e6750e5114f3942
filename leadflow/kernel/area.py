"""An area of the map: shapes as an address holds them, checked, and the quadkeys that cover them. Pure.

Written with what an address need not escape: ``box_-98.1_29.9_-97.2_30.6``, ``circle_30.2672_-97.7431_8000`` (metres),
``polygon_…`` (steps of a hundred-thousandth of a degree, base 36), ``county_48453``, ``zip_78701_78702``, ``nowhere``
for what has no place. Shapes are joined by ``*``; a place is in the area when it is in any of them. Longitudes run over
180 where a shape crosses the antimeridian, so that the Aleutians and Guam stay whole.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from heapq import heappop, heappush

MOST_SHAPES, MOST_POINTS, MOST_COUNTIES, MOST_ZIPS = 10, 200, 60, 400
"""Own choice: a lasso is drawn with fewer points, and an address stays under eight thousand letters."""
LONGEST = 6_000
MOST_METRES, LEAST_METRES = 1_000_000, 10
POLE = 85.0
"""Degrees of latitude beyond which the map's projection does not go; the United States end at 72."""
EARTH_M = 6_371_008.8
"""Mean radius (IUGG)."""
ZOOM = 24
"""Of a quadkey: a cell is 2.4 m wide at the equator, and the key has 48 bits, which JavaScript still counts exactly."""
_STEP = 100_000
_DIGITS = "0123456789abcdefghijklmnopqrstuvwxyz"
_NUMBER = re.compile(r"-?\d{1,7}(\.\d{1,12})?")
_WHOLE = re.compile(r"-?[0-9a-z]{1,7}")
_FIVE = re.compile(r"\d{5}")


class BadArea(ValueError):
    """The text is no area; says why in words for people."""


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in degrees; ``east`` is over 180 where it crosses the antimeridian."""

    west: float
    south: float
    east: float
    north: float


@dataclass(frozen=True, slots=True)
class Circle:
    """Everything within so many metres of a point."""

    latitude: float
    longitude: float
    metres: float


@dataclass(frozen=True, slots=True)
class Polygon:
    """What lies inside a line that closes itself: ``(longitude, latitude)``, the first point not repeated."""

    points: tuple[tuple[float, float], ...]


@dataclass(frozen=True, slots=True)
class Counties:
    """Whole counties, by FIPS code."""

    fips: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Zips:
    """Whole ZIP codes."""

    zips: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nowhere:
    """Leads without any place, which no drawn shape can hold."""


Shape = Box | Circle | Polygon | Counties | Zips | Nowhere
Area = tuple[Shape, ...]


# Reading and writing


def parse(text: str) -> Area:
    """Read an area; empty text is none.

    Raises:
        BadArea: it makes no sense, or is too large to be asked for.
    """
    if not text:
        return ()
    if len(text) > LONGEST:
        raise BadArea("This area has too many points. Draw it with fewer.")
    parts = text.split("*")
    if len(parts) > MOST_SHAPES:
        raise BadArea(f"At most {MOST_SHAPES} shapes together.")
    return tuple(dict.fromkeys(_shape(part) for part in parts))


def write(area: Area) -> str:
    """Write an area in its one way, so that equal areas are equal texts."""
    return "*".join(map(_written, area))


def canonical(text: str) -> str:
    """Read and write: what is stored and compared.

    Raises:
        BadArea: as ``parse``.
    """
    return write(parse(text.strip()))


def _shape(part: str) -> Shape:
    kind, *words = part.split("_")
    reader = _READERS.get(kind)
    if reader is None:
        raise BadArea("An area is made of box, circle, polygon, county, zip or nowhere.")
    return reader(words)


def _numbers(words: Sequence[str], count: int, kind: str) -> list[float]:
    if len(words) != count or not all(map(_NUMBER.fullmatch, words)):
        raise BadArea(f"A {kind} is written with {count} numbers.")
    return [round(float(word), 5) for word in words]


def _box(words: Sequence[str]) -> Shape:
    west, south, east, north = _numbers(words, 4, "box")
    if not -POLE <= south < north <= POLE:
        raise BadArea("The south of a box lies under its north.")
    if max(abs(west), abs(east)) > 540:  # noqa: PLR2004 a map that was turned around once
        raise BadArea("Longitudes run from -180 to 180.")
    width = (east - west) % 360 or 360.0
    if width > 180:  # noqa: PLR2004 half the world
        raise BadArea("A box is at most half the world wide.")
    west = _turned(west)
    return Box(west, south, round(west + width, 5), north)


def _circle(words: Sequence[str]) -> Shape:
    latitude, longitude, metres = _numbers(words, 3, "circle")
    if abs(latitude) > POLE or abs(longitude) > 540:  # noqa: PLR2004 see above
        raise BadArea("The middle of the circle is not on the map.")
    if not LEAST_METRES <= metres <= MOST_METRES:
        raise BadArea(f"A radius is between {LEAST_METRES} m and {MOST_METRES // 1000} km.")
    return Circle(latitude, _turned(longitude), round(metres, 1))


def _polygon(words: Sequence[str]) -> Shape:
    if not all(map(_WHOLE.fullmatch, words)) or len(words) % 2:
        raise BadArea("A polygon is written with two numbers a point.")
    if not 3 <= len(words) // 2 <= MOST_POINTS:  # noqa: PLR2004 a triangle
        raise BadArea(f"A polygon has between 3 and {MOST_POINTS} points.")
    x = y = 0
    steps: list[tuple[int, int]] = []
    for right, up in zip(words[::2], words[1::2], strict=True):
        x, y = x + int(right, 36), y + int(up, 36)
        steps.append((x, y))
    return polygon([(x / _STEP, y / _STEP) for x, y in steps])


def polygon(points: Sequence[tuple[float, float]]) -> Polygon:
    """Check a polygon.

    Args:
        points: ``(longitude, latitude)``; the first may stand again at the end.

    Raises:
        BadArea: it is too wide, off the map, empty, or crosses itself.
    """
    steps = [(round(x * _STEP), round(y * _STEP)) for x, y in points]
    kept = [step for step, before in zip(steps, [steps[-1], *steps], strict=False) if step != before]
    if not 3 <= len(kept) <= MOST_POINTS:  # noqa: PLR2004 a triangle
        raise BadArea(f"A polygon has between 3 and {MOST_POINTS} points.")
    xs, ys = [x for x, _ in kept], [y for _, y in kept]
    if max(map(abs, ys)) > POLE * _STEP or max(map(abs, xs)) > 540 * _STEP:
        raise BadArea("A point of the polygon is not on the map.")
    if max(xs) - min(xs) > 180 * _STEP:
        raise BadArea("A polygon is at most half the world wide.")
    if _crosses(kept):
        raise BadArea("The line crosses itself. Draw the area again without a loop.")
    # Drawn on a map that was turned around, it is the same place.
    turns = round(_turned(min(xs) / _STEP) * _STEP) - min(xs)
    return Polygon(tuple(((x + turns) / _STEP, y / _STEP) for x, y in kept))


def _codes(words: Sequence[str], most: int, kind: str) -> tuple[str, ...]:
    if not words or not all(map(_FIVE.fullmatch, words)):
        raise BadArea(f"A {kind} is written with five digits.")
    if len(words) > most:
        raise BadArea(f"At most {most} at once: {kind}.")
    return tuple(sorted(set(words)))


def _counties(words: Sequence[str]) -> Shape:
    return Counties(_codes(words, MOST_COUNTIES, "county"))


def _zips(words: Sequence[str]) -> Shape:
    return Zips(_codes(words, MOST_ZIPS, "zip"))


def _nowhere(words: Sequence[str]) -> Shape:
    if words:
        raise BadArea("Nowhere has no place.")
    return Nowhere()


_READERS: dict[str, Callable[[Sequence[str]], Shape]] = {
    "box": _box,
    "circle": _circle,
    "polygon": _polygon,
    "county": _counties,
    "zip": _zips,
    "nowhere": _nowhere,
}


def _written(shape: Shape) -> str:
    match shape:
        case Box(west, south, east, north):
            return "_".join(["box", *map(_plain, (west, south, east, north))])
        case Circle(latitude, longitude, metres):
            return "_".join(["circle", *map(_plain, (latitude, longitude, metres))])
        case Polygon(points):
            return "_".join(["polygon", *_steps(points)])
        case Counties(fips):
            return "_".join(["county", *fips])
        case Zips(zips):
            return "_".join(["zip", *zips])
        case Nowhere():
            return "nowhere"


def _plain(number: float) -> str:
    return f"{number + 0.0:.5f}".rstrip("0").rstrip(".")


def _steps(points: Iterable[tuple[float, float]]) -> Iterable[str]:
    before = (0, 0)
    for x, y in points:
        here = (round(x * _STEP), round(y * _STEP))
        yield _base36(here[0] - before[0])
        yield _base36(here[1] - before[1])
        before = here


def _base36(number: int) -> str:
    rest, digits = abs(number), ""
    while rest:
        rest, digit = divmod(rest, 36)
        digits = _DIGITS[digit] + digits
    return ("-" if number < 0 else "") + (digits or "0")


def _turned(longitude: float) -> float:
    """Turn a longitude into [-180, 180)."""
    return round((longitude + 180) % 360 - 180, 5)


# Crossing lines, in whole steps, so that nothing is rounded


def _crosses(points: Sequence[tuple[int, int]]) -> bool:
    """Say whether a closed line meets itself anywhere but at neighbours' common points."""
    lines = [(points[n], points[(n + 1) % len(points)]) for n in range(len(points))]
    for one in range(len(lines)):
        for other in range(one + 1, len(lines)):
            neighbours = other == one + 1 or (one == 0 and other == len(lines) - 1)
            if _meet(*lines[one], *lines[other], beside=neighbours):
                return True
    return False


Point = tuple[int, int]


def _meet(a: Point, b: Point, c: Point, d: Point, *, beside: bool) -> bool:
    if beside:
        # Neighbours share a point; they meet elsewhere only where one folds back over the other.
        shared, far, other = (b, a, d) if b == c else (a, b, c)
        along = (far[0] - shared[0]) * (other[0] - shared[0]) + (far[1] - shared[1]) * (other[1] - shared[1])
        return _side(shared, far, other) == 0 and along > 0
    sides = _side(a, b, c), _side(a, b, d), _side(c, d, a), _side(c, d, b)
    if sides[0] * sides[1] < 0 and sides[2] * sides[3] < 0:
        return True
    return any(
        side == 0 and _between(start, end, point)
        for side, start, end, point in zip(sides, (a, a, c, c), (b, b, d, d), (c, d, a, b), strict=True)
    )


def _side(a: Point, b: Point, c: Point) -> int:
    turn = (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
    return (turn > 0) - (turn < 0)


def _between(a: Point, b: Point, c: Point) -> bool:
    return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])


# Where it is


def bounds(shape: Shape) -> Box | None:
    """Draw a box around a shape; None where only the database knows where it is."""
    match shape:
        case Box():
            return shape
        case Circle(latitude, longitude, metres):
            high = math.degrees(metres / EARTH_M)
            # Widest where the circle is nearest to the pole.
            wide = math.degrees(math.asin(min(1.0, math.sin(metres / EARTH_M) / math.cos(math.radians(latitude)))))
            south, north = max(-POLE, latitude - high), min(POLE, latitude + high)
            return Box(longitude - wide, south, longitude + wide, north)
        case Polygon(points):
            xs, ys = [x for x, _ in points], [y for _, y in points]
            return Box(min(xs), min(ys), max(xs), max(ys))
        case _:
            return None


def pieces(box: Box) -> tuple[Box, ...]:
    """Cut a box at the antimeridian, so that each piece lies in [-180, 180]."""
    cut = list[Box]()
    for turn in (-360.0, 0.0, 360.0):
        west, east = max(-180.0, box.west + turn), min(180.0, box.east + turn)
        if west < east or (west == east and box.west == box.east):
            cut.append(Box(west, box.south, east, box.north))
    return tuple(cut)


def quadkey(latitude: float, longitude: float) -> int:
    """Interleave column and row of a place's cell at ``ZOOM``; what lies together has keys together.

    The same as the function ``quadkey`` of the database.
    """
    return _interleaved(*_cell(latitude, longitude))


def _cell(latitude: float, longitude: float) -> tuple[int, int]:
    side = 1 << ZOOM
    x = math.floor((longitude + 180) / 360 * side)
    y = math.floor((1 - math.asinh(math.tan(math.radians(latitude))) / math.pi) / 2 * side)
    return min(max(x, 0), side - 1), min(max(y, 0), side - 1)


def _interleaved(x: int, y: int) -> int:
    return _spread(x) | _spread(y) << 1


def _spread(bits: int) -> int:
    for shift, mask in (
        (16, 0x0000FFFF0000FFFF),
        (8, 0x00FF00FF00FF00FF),
        (4, 0x0F0F0F0F0F0F0F0F),
        (2, 0x3333333333333333),
        (1, 0x5555555555555555),
    ):
        bits = (bits | bits << shift) & mask
    return bits


def covering(box: Box, most: int = 16) -> tuple[tuple[int, int], ...]:
    """Name at most ``most`` ranges of quadkeys that hold every place of a box (and some beside it)."""
    ranges = sorted(pair for piece in pieces(box) for pair in _covering(piece, most))
    joined: list[tuple[int, int]] = []
    for low, high in ranges:
        if joined and low <= joined[-1][1] + 1:
            joined[-1] = (joined[-1][0], max(high, joined[-1][1]))
        else:
            joined.append((low, high))
    return tuple(joined)


def parted(box: Box, most: int = 32) -> tuple[tuple[int, int, bool], ...]:
    """Name such ranges, each with whether all of its places lie in the box: those need no look at the place."""
    ranges = sorted(found for piece in pieces(box) for found in _parts(piece, most))
    joined: list[tuple[int, int, bool]] = []
    for low, high, sure in ranges:
        if joined and low == joined[-1][1] + 1 and sure is joined[-1][2]:
            joined[-1] = (joined[-1][0], high, sure)
        else:
            joined.append((low, high, sure))
    return tuple(joined)


def _covering(box: Box, most: int) -> list[tuple[int, int]]:
    return [(low, high) for low, high, _ in _parts(box, most)]


def _parts(box: Box, most: int) -> list[tuple[int, int, bool]]:
    west, north = _cell(box.north, box.west)
    east, south = _cell(box.south, box.east)
    # A cell more on each side: Postgres may round the last bit of a tangent another way.
    west, north, east, south = west - 1, north - 1, east + 1, south + 1
    whole: list[tuple[int, int, bool]] = []
    partly: list[tuple[int, int, int]] = [(-ZOOM, 0, 0)]
    while partly and len(whole) + len(partly) < most:
        level, x, y = heappop(partly)
        size = -level - 1
        for right, down in ((0, 0), (1, 0), (0, 1), (1, 1)):
            column, row = x * 2 + right, y * 2 + down
            left, top = column << size, row << size
            last_x, last_y = left + (1 << size) - 1, top + (1 << size) - 1
            if last_x < west or left > east or last_y < north or top > south:
                continue
            inside = left >= west and last_x <= east and top >= north and last_y <= south
            if inside or size == 0:
                # Within the box itself, and by a cell more, for the same reason.
                sure = left > west + 2 and last_x < east - 2 and top > north + 2 and last_y < south - 2
                whole.append((*_range(column, row, size), sure))
            else:
                heappush(partly, (-size, column, row))
    return whole + [(*_range(x, y, -level), False) for level, x, y in partly]


def _range(x: int, y: int, size: int) -> tuple[int, int]:
    key = _interleaved(x, y) << 2 * size
    return key, key + (1 << 2 * size) - 1
