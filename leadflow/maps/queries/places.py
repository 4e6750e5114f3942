"""Reads the places of leads: counted by cell from the index alone where nothing else is asked, or one by one.

A narrow view reads a few ranges of the index. A wide one holds most leads anyway and reads one range, from its first
quadkey to its last: that Postgres can share out among processes, which it cannot where it meets ranges one by one.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg import sql

from leadflow.kernel.area import Box, covering, parted, pieces
from leadflow.kernel.db import UnitOfWork
from leadflow.maps.types import Spot, Tally

Condition = tuple[sql.Composable, dict[str, Any]]
"""Over ``lead_search s``, with its parameters."""

WIDE = 50.0
"""Degrees of longitude from which on a view is wide. Own choice: all of America is 60 wide, Texas 13."""
PROCESSES = 2
"""That help to count a wide view; Postgres's own default, said here because servers differ."""
_IN_VIEW = """
    from unnest(%(v_low)s::bigint[], %(v_high)s::bigint[], %(v_sure)s::boolean[]) as r (low, high, sure)
    cross join lateral (
        select {columns} from lead_search s
        where s.org_id = %(org)s and s.quadkey between r.low and r.high and (r.sure or {view}) and {where}
        offset 0
    ) s
"""
"""A scan of the index for each range of quadkeys. One ``or`` over the ranges would read the table instead."""
_IN_WIDE_VIEW = """
    from lead_search s
    where s.org_id = %(org)s and s.quadkey between %(v_first)s and %(v_last)s and {view} and {where}
"""
_RANKS = 4
"""Bits that hold the rank of any status."""


def tallies(uow: UnitOfWork, where: Condition, box: Box, shift: int) -> list[Tally]:
    """Count the leads of a view by cell and status."""
    statement, params = counting(uow, where, box, shift)
    with uow.cursor() as cursor:
        if _is_wide(box):
            cursor.execute("select set_config('max_parallel_workers_per_gather', %s, true)", [str(PROCESSES)])
        cursor.execute(statement, params, prepare=False)
        found = [Tally(row[0] >> _RANKS, row[0] & (1 << _RANKS) - 1, *row[1:]) for row in cursor.fetchall()]
        if _is_wide(box):
            cursor.execute("set local max_parallel_workers_per_gather to default")
    return found


def counting(uow: UnitOfWork, where: Condition, box: Box, shift: int) -> tuple[sql.Composed, dict[str, Any]]:
    """Write the statement that counts a view; the benchmark prints its plan."""
    # One number for cell and status: a quarter of a million rows are met by one key faster than by two.
    statement = sql.SQL(
        """
        select (s.quadkey >> %(v_shift)s::int) << %(v_ranks)s::int | s.status_rank, count(*), sum(s.latitude),
               sum(s.longitude), count(*) filter (where s.precision = 'zip')
        {} group by 1
        """
    )
    params = _params(uow, where, box) | {"v_shift": shift, "v_ranks": _RANKS}
    if _is_wide(box):
        seen = sql.SQL(_IN_WIDE_VIEW).format(view=_view(box), where=where[0])
        ranges = covering(box)
        return statement.format(seen), params | {"v_first": ranges[0][0], "v_last": ranges[-1][1]}
    return statement.format(_seen(where, box, "s.quadkey, s.status_rank, s.latitude, s.longitude, s.precision")), params


def _is_wide(box: Box) -> bool:
    return box.east - box.west >= WIDE


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
    return sql.SQL(_IN_VIEW).format(columns=sql.SQL(columns), view=_view(box), where=where[0])  # pyright: ignore[reportArgumentType] literals of this file


def _view(box: Box) -> sql.SQL:
    edge = "(s.longitude between %(v_west{0})s and %(v_east{0})s and s.latitude between %(v_south)s and %(v_north)s)"
    view = " or ".join(edge.format(number) for number in range(len(pieces(box))))
    return sql.SQL(f"({view})")  # pyright: ignore[reportArgumentType] literals of this file


def _params(uow: UnitOfWork, where: Condition, box: Box) -> dict[str, Any]:
    ranges = parted(box)
    sides = {"v_south": box.south, "v_north": box.north}
    for number, piece in enumerate(pieces(box)):
        sides |= {f"v_west{number}": piece.west, f"v_east{number}": piece.east}
    return {
        **where[1],
        **sides,
        "org": uow.org(),
        "v_low": [low for low, _, _ in ranges],
        "v_high": [high for _, high, _ in ranges],
        "v_sure": [sure for _, _, sure in ranges],
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
