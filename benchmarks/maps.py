"""How fast the map answers at every zoom, and how little it sends.

    python -m benchmarks.maps             # BENCH_LEADS=250000

Prints ``name ratio floor goal``: ``maps.worst_ms`` (the slowest median of a view of 1280x800 pixels, filters and the
area of the filter included, in milliseconds), ``maps.payload_kb`` (the largest answer, gzipped), ``maps.ratio`` (the
whole of America, over one plain ``count(*)`` of the same leads). Less is better. Lines that begin with ``#`` are for
people; ``BENCH_PLANS=1`` prints the plans. Leads stand around forty towns, as those of vendors do.
"""

from __future__ import annotations

import gzip
import math
import os
import time
from collections.abc import Callable
from dataclasses import astuple
from uuid import UUID

import orjson
from psycopg import sql

from benchmarks.lists import LARGE, LEADS, founded, p50
from leadflow.identity.types import Principal
from leadflow.kernel.area import Box
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.leads import service as leads
from leadflow.leads.types import LeadFilter
from leadflow.maps import rules
from leadflow.maps import service as maps
from leadflow.maps.queries import places
from leadflow.maps.types import View

FLOOR_MS, GOAL_MS = (240, 120) if LEADS >= LARGE else (60, 30)
"""Source: docs/performance, map; a million leads have four times the time of a quarter of one."""
PLANS = "BENCH_PLANS" in os.environ  # noqa: TID251 what a measurement prints is no setting
TRIES = 9
WIDE, HIGH = 1280, 800

DATA = """
select setseed(0.4);
create temp table head as
select i, uuidv7() as property, k,
       29 + (k * 7919 %% 1500) / 100.0 + (random() + random() + random() - 1.5) * 0.6 as latitude,
       -120 + (k * 104729 %% 4300) / 100.0 + (random() + random() + random() - 1.5) * 0.6 as longitude
from (select i, (1 + random() * 39)::int as k from generate_series(1, %(n)s) i) t;
insert into property (org_id, id, property_key, street, city, state, zip5, estimated_value, estimated_equity,
                      latitude, longitude)
    select %(org)s, property, i::text, i || ' Oak St', 'Town ' || k, 'TX', '75201', 20000000, (random() * 2e7)::bigint,
           case when i %% 5 > 0 then latitude end, case when i %% 5 > 0 then longitude end from head order by i;
insert into lead (org_id, property_id, status, created_at)
    select %(org)s, property, (array['new','attempted','contacted','follow_up','interested','appointment','offer',
                                     'under_contract','won','dead'])[1 + floor(random() * 10)::int],
           now() - random() * interval '700 days' from head
"""


def _fill(db: Database, org: UUID) -> None:
    start = time.perf_counter()
    with db.begin(org) as uow, uow.cursor() as cursor:
        for statement in DATA.split(";"):
            cursor.execute(statement.encode(), {"org": org, "n": LEADS})
    print(f"# {LEADS:,} houses: {time.perf_counter() - start:.1f} s")
    start = time.perf_counter()
    leads.refresh_all(db, org)
    print(f"# flat rows: {time.perf_counter() - start:.1f} s")
    connection = db.engine.raw_connection()
    connection.dbapi_connection.autocommit = True  # pyright: ignore[reportOptionalMemberAccess, reportAttributeAccessIssue] vacuum runs alone
    connection.cursor().execute("vacuum analyze")
    connection.close()


def _view(latitude: float, longitude: float, zoom: float) -> View:
    """Show what a window of 1280x800 pixels shows; the world is 512 pixels wide at zoom 0."""
    degree = 360 / (512 * 2**zoom)
    high = degree * math.cos(math.radians(latitude))
    box = Box(
        max(-180, longitude - WIDE / 2 * degree),
        max(-85, latitude - HIGH / 2 * high),
        min(180, longitude + WIDE / 2 * degree),
        min(85, latitude + HIGH / 2 * high),
    )
    return View(box, zoom)


def _timed(call: Callable[[], object]) -> float:
    times: list[float] = []
    for _ in range(TRIES):
        start = time.perf_counter()
        call()
        times.append((time.perf_counter() - start) * 1_000)
    return p50(times)


def _densest(uow: UnitOfWork) -> tuple[float, float]:
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select avg(latitude), avg(longitude) from lead_search where precision = 'file'
            group by quadkey >> 28 order by count(*) desc limit 1
            """
        )
        row = cursor.fetchone()
    assert row is not None
    return row


FILTERS: dict[str, LeadFilter] = {
    "every lead": LeadFilter(),
    "two statuses": leads.parse_filter({"status": ["new", "offer"]}),
    "equity of half": LeadFilter(min_equity=50),
}


def _measure(db: Database, org: UUID) -> None:
    owner, worst, largest = Principal.system(org), 0.0, 0.0
    with db.begin(org) as uow:
        hot = _densest(uow)
        views = {zoom: _view(*(hot if zoom > 5 else (38.0, -97.0)), zoom) for zoom in (3, 5, 7, 9, 11, 12, 13, 15)}
        area = f"circle_{hot[0]:.5f}_{hot[1]:.5f}_20000"
        for name, chosen in {**FILTERS, "a circle of 20 km": LeadFilter(area=area)}.items():
            for zoom, view in views.items():
                took = _timed(lambda c=chosen, v=view: maps.marks(uow, owner, c, v))
                found = maps.marks(uow, owner, chosen, view)
                size = len(gzip.compress(orjson.dumps([astuple(cell) for cell in found.cells]), 6)) / 1024
                print(
                    f"# {name:18s} zoom {zoom:2d}: {found.shown:8,} leads in {len(found.cells):4d} marks,"
                    f" {took:6.1f} ms, {size:5.1f} KB"
                )
                worst, largest = max(worst, took), max(largest, size)
        america = _timed(lambda: maps.marks(uow, owner, LeadFilter(), views[3]))
        totals = _timed(lambda: maps.totals(uow, owner, LeadFilter()))
        rows = _timed(lambda: maps.rows(uow, owner, LeadFilter(), views[9]))
        page = _timed(lambda: leads.page(uow, owner, LeadFilter(area=area)))
        bare = _timed(lambda: _count(uow))
        print(f"# totals {totals:.1f} ms, rows beside the map {rows:.1f} ms, list of the circle {page:.1f} ms")
        print(f"# plain count {bare:.1f} ms")
        if PLANS:
            _explain(uow, owner, views)
    print(f"maps.worst_ms {worst:.2f} {FLOOR_MS} {GOAL_MS}")
    print(f"maps.payload_kb {largest:.2f} 15 4")
    print(f"maps.ratio {america / bare:.2f} 6.0 3.0")


def _count(uow: UnitOfWork) -> None:
    with uow.cursor() as cursor:
        cursor.execute("select count(*) from lead_search where org_id = %s and quadkey is not null", [uow.org()])
        cursor.fetchone()


def _explain(uow: UnitOfWork, owner: Principal, views: dict[int, View]) -> None:
    for zoom in (3, 9, 13):
        where = leads.audience(uow, owner, {})
        statement, params = places.counting(uow, where, views[zoom].box, rules.shift(zoom))
        with uow.cursor() as cursor:
            cursor.execute(
                sql.SQL("explain (analyze, buffers, costs off, timing off) ") + statement, params, prepare=False
            )
            print(f"# plan at zoom {zoom}")
            print("\n".join(f"#   {row[0]}" for row in cursor.fetchall()))


def main() -> None:
    """Measure, and print the ratios."""
    with founded() as (db, org_id):
        _fill(db, org_id)
        _measure(db, org_id)


if __name__ == "__main__":
    main()
