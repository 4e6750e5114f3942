"""Reads the places of leads: counted by cell from the index alone where nothing else is asked, or one by one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg import sql

from leadflow.kernel.area import Box, covering, pieces
from leadflow.kernel.db import UnitOfWork
from leadflow.maps.types import Spot, Tally

Condition = tuple[sql.Composable, dict[str, Any]]
"""Over ``lead_search s``, with its parameters."""

_IN_VIEW = """
    from unnest(%(v_low)s::bigint[], %(v_high)s::bigint[]) as r (low, high)
    cross join lateral (
        select {columns} from lead_search s
        where s.org_id = %(org)s and s.quadkey between r.low and r.high and {view} and {where}
        offset 0
    ) s
"""
"""A scan of the index for each range of quadkeys. One ``or`` over the ranges would read the table instead."""


def tallies(uow: UnitOfWork, where: Condition, box: Box, shift: int) -> list[Tally]:
    """Count the leads of a view by cell and status."""
    statement, params = counting(uow, where, box, shift)
    with uow.cursor() as cursor:
        cursor.execute(statement, params, prepare=False)
        return [Tally(*row) for row in cursor.fetchall()]


def counting(uow: UnitOfWork, where: Condition, box: Box, shift: int) -> tuple[sql.Composed, dict[str, Any]]:
    """Write the statement that counts a view; the benchmark prints its plan."""
    statement = sql.SQL(
        """
        select s.quadkey >> %(v_shift)s::int as cell, s.status_rank, count(*), sum(s.latitude), sum(s.longitude),
               count(*) filter (where s.precision = 'zip')
        {} group by 1, 2
        """
    ).format(_seen(where, box, "s.quadkey, s.status_rank, s.latitude, s.longitude, s.precision"))
    return statement, _params(uow, where, box) | {"v_shift": shift}


def spots(uow: UnitOfWork, where: Condition, box: Box, limit: int) -> list[Spot]:
    """Read the places of a view one by one, at most ``limit``."""
    columns = "s.lead_id, s.latitude, s.longitude, s.quadkey, s.status_rank, s.precision"
    statement = sql.SQL("select {0} {1} order by s.quadkey, s.lead_id limit %(v_limit)s").format(
        sql.SQL(columns), _seen(where, box, columns)
    )
    with uow.cursor() as cursor:
        cursor.execute(statement, _params(uow, where, box) | {"v_limit": limit}, prepare=False)
        return [Spot(*row) for row in cursor.fetchall()]


def newest(uow: UnitOfWork, where: Condition, box: Box, limit: int, among: int) -> list[Spot]:
    """Read the leads of a view that were added last; of a full view, the last ones of ``among``."""
    columns = "s.lead_id, s.latitude, s.longitude, s.quadkey, s.status_rank, s.precision"
    statement = sql.SQL(
        """
        with seen as materialized (select {0}, s.added_at {1} limit %(v_among)s)
        select {0} from seen s order by s.added_at desc, s.lead_id limit %(v_limit)s
        """
    ).format(sql.SQL(columns), _seen(where, box, columns + ", s.added_at"))
    with uow.cursor() as cursor:
        cursor.execute(statement, _params(uow, where, box) | {"v_limit": limit, "v_among": among}, prepare=False)
        return [Spot(*row) for row in cursor.fetchall()]


def _seen(where: Condition, box: Box, columns: str) -> sql.Composed:
    edge = "(s.longitude between %(v_west{0})s and %(v_east{0})s and s.latitude between %(v_south)s and %(v_north)s)"
    view = " or ".join(edge.format(number) for number in range(len(pieces(box))))
    return sql.SQL(_IN_VIEW).format(columns=sql.SQL(columns), view=sql.SQL(f"({view})"), where=where[0])  # pyright: ignore[reportArgumentType] literals of this file


def _params(uow: UnitOfWork, where: Condition, box: Box) -> dict[str, Any]:
    ranges = covering(box)
    sides = {"v_south": box.south, "v_north": box.north}
    for number, piece in enumerate(pieces(box)):
        sides |= {f"v_west{number}": piece.west, f"v_east{number}": piece.east}
    return {
        **where[1],
        **sides,
        "org": uow.org(),
        "v_low": [low for low, _ in ranges],
        "v_high": [high for _, high in ranges],
    }


def zip_place(uow: UnitOfWork, zip5: str) -> tuple[float, float, str] | None:
    """Look up the middle of a ZIP, and its state."""
    with uow.cursor() as cursor:
        cursor.execute("select latitude, longitude, state from zip_place where zip5 = %s", [zip5])
        return cursor.fetchone()


def zip_places(uow: UnitOfWork, zips: list[str]) -> list[tuple[float, float]]:
    """Look up the middles of ZIPs; unknown ones are left out."""
    with uow.cursor() as cursor:
        cursor.execute("select latitude, longitude from zip_place where zip5 = any(%s)", [zips])
        return list(cursor.fetchall())


def addresses(uow: UnitOfWork, where: Condition, limit: int) -> list[tuple[UUID, str, float, float]]:
    """Read leads of a filter that have a place: id, address, latitude and longitude."""
    statement = sql.SQL(
        """
        select s.lead_id, concat_ws(', ', nullif(s.street, ''), nullif(s.city, ''), nullif(s.state, '')),
               s.latitude, s.longitude
        from lead_search s where s.org_id = %(org)s and s.quadkey is not null and {} limit %(v_limit)s
        """
    ).format(where[0])
    with uow.cursor() as cursor:
        cursor.execute(statement, {**where[1], "org": uow.org(), "v_limit": limit}, prepare=False)
        return list(cursor.fetchall())


def extent(uow: UnitOfWork, where: Condition) -> Box | None:
    """Measure the box around every placed lead of a filter; over the antimeridian where that is narrower."""
    statement = sql.SQL(
        """
        select min(s.longitude), min(s.latitude), max(s.longitude), max(s.latitude),
               min(s.longitude) filter (where s.longitude > 0), max(s.longitude) filter (where s.longitude <= 0)
        from lead_search s where s.org_id = %(org)s and s.quadkey is not null and {}
        """
    ).format(where[0])
    with uow.cursor() as cursor:
        cursor.execute(statement, {**where[1], "org": uow.org()}, prepare=False)
        row = cursor.fetchone()
    if row is None or row[0] is None:
        return None
    west, south, east, north, eastern, western = row
    if eastern is not None and western is not None and western + 360 - eastern < east - west:
        return Box(eastern, south, western + 360, north)
    return Box(west, south, east, north)
