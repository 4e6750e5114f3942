"""Turns an area into SQL over ``lead_search s``: quadkeys from the index first, then the exact shape."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from psycopg import sql

from leadflow.kernel.area import (
    EARTH_M,
    Area,
    Box,
    Circle,
    Counties,
    Nowhere,
    Polygon,
    Shape,
    Zips,
    bounds,
    covering,
    pieces,
)

Params = dict[str, Any]
Condition = tuple[sql.Composable, Params]


def within(area: Area, name: str) -> Condition:
    """Write that a lead's place is in any shape of an area.

    Args:
        area: at least one shape.
        name: what the parameters' names begin with.
    """
    parts: list[sql.Composable] = []
    params: Params = {}
    for number, shape in enumerate(area):
        condition, more = _inside(shape, f"{name}{number}")
        parts.append(condition)
        params |= more
    return sql.SQL("({})").format(sql.SQL(" or ").join(parts)), params


def _inside(shape: Shape, name: str) -> Condition:
    match shape:
        case Counties(fips):
            return sql.SQL("s.county_fips = any({})").format(sql.Placeholder(name)), {name: list(fips)}
        case Zips(zips):
            return sql.SQL("s.zip5 = any({})").format(sql.Placeholder(name)), {name: list(zips)}
        case Nowhere():
            return sql.SQL("s.quadkey is null"), {}
        case Box() | Circle() | Polygon():
            near, params = around(bounds(shape) or Box(-180, -85, 180, 85), f"{name}_k")
            exact, more = _exact(shape, name)
            return sql.SQL("({} and {})").format(near, exact), params | more


def around(box: Box, name: str) -> Condition:
    """Write that the quadkey is in one of the ranges that cover a box: what the index answers."""
    parts, params = list[sql.Composable](), Params()
    for number, (low, high) in enumerate(covering(box)):
        first, last = f"{name}{number}", f"{name}{number}_"
        parts.append(sql.SQL("s.quadkey between {} and {}").format(sql.Placeholder(first), sql.Placeholder(last)))
        params |= {first: low, last: high}
    return sql.SQL("({})").format(sql.SQL(" or ").join(parts)), params


def _exact(shape: Box | Circle | Polygon, name: str) -> Condition:
    match shape:
        case Box():
            return in_box(shape, name)
        case Circle(latitude, longitude, metres):
            # The haversine formula, solved for what does not depend on the row.
            condition = (
                "power(sin(radians(s.latitude - {lat}) / 2), 2) + cos(radians(s.latitude)) * cos(radians({lat}))"
                " * power(sin(radians(s.longitude - {lon}) / 2), 2) <= {far}"
            )
            names = {"lat": f"{name}_lat", "lon": f"{name}_lon", "far": f"{name}_far"}
            return (
                sql.SQL(condition).format(**{key: _number(word) for key, word in names.items()}),
                {
                    names["lat"]: latitude,
                    names["lon"]: longitude,
                    names["far"]: math.sin(metres / EARTH_M / 2) ** 2,
                },
            )
        case Polygon(points):
            # A line over the antimeridian is met once more, by places turned around.
            turns = sorted(set(_turns(points)))
            condition = sql.SQL(" or ").join(
                sql.SQL("{}::polygon @> point(s.longitude + {}, s.latitude)").format(
                    sql.Placeholder(name), sql.Literal(turn)
                )
                for turn in turns
            )
            text = ",".join(f"({x},{y})" for x, y in points)
            return sql.SQL("({})").format(condition), {name: f"({text})"}


def _turns(points: tuple[tuple[float, float], ...]) -> Iterator[int]:
    yield 0
    if max(x for x, _ in points) > 180:  # noqa: PLR2004 the antimeridian
        yield 360


def in_box(box: Box, name: str) -> Condition:
    """Write that a place lies in a box exactly, edges included."""
    parts, params = list[sql.Composable](), Params()
    for number, piece in enumerate(pieces(box)):
        names = [f"{name}_{number}{side}" for side in "wesn"]
        parts.append(
            sql.SQL("(s.longitude between {} and {} and s.latitude between {} and {})").format(*map(_number, names))
        )
        params |= dict(zip(names, (piece.west, piece.east, piece.south, piece.north), strict=True))
    return sql.SQL("({})").format(sql.SQL(" or ").join(parts)), params


def _number(name: str) -> sql.Composable:
    return sql.SQL("{}::float8").format(sql.Placeholder(name))
