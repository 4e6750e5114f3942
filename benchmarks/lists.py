"""How fast the lead list answers, against one plain statement of the same shape.

    python -m benchmarks.lists            # BENCH_LEADS=250000

Thirteen shapes of filter, five sorts, half of the pages deep in the list. Prints ``name ratio floor goal``:
``lists.sql_ms`` (p95 of the list's own statements, probe included, in milliseconds), ``lists.page`` (p95 of the whole
service call, with the gate's word on every row and the count on first pages, over the p95 of one plain statement),
``lists.deep`` (p95 of deep pages over that of first pages, unfiltered). Less is better. Lines that begin with ``#`` are
figures for people. Lists, tags, timeline and flat rows come in as an import brings them: by
``leads.accept`` on staged rows.
"""

from __future__ import annotations

import os
import random
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from psycopg import sql

from leadflow.compliance import service as compliance
from leadflow.identity.types import Principal
from leadflow.kernel import paging
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.schema import migrate
from leadflow.leads import service as leads
from leadflow.leads.queries import filters, listing
from leadflow.leads.types import LeadFilter
from leadflow.local.postgres import running_postgres
from models.base import new_id
from models.identity import Organization

LEADS = int(os.environ.get("BENCH_LEADS", "250000"))  # noqa: TID251 the size of a measurement is no setting
LARGE = 1_000_000
FLOOR_MS, GOAL_MS = (50, 27) if LEADS >= LARGE else (25, 11)
"""Source: docs/performance, lists."""
QUERIES = 60
"""Of each shape."""
SERVER = {
    "shared_buffers": "2GB",
    "max_wal_size": "8GB",
    "maintenance_work_mem": "512MB",
    "jit": "off",
    "max_parallel_workers_per_gather": "0",
}
SORTS = (("added", "desc"), ("equity", "desc"), ("value", "desc"), ("owner", "asc"), ("last_touch", "desc"))

DATA = """
select setseed(0.3);
create temp table head as
select i, uuidv7() as property, uuidv7() as person, uuidv7() as phone,
       (array['James','Mary','Robert','Ana','Luis','Wei','Linda','David'])[1 + floor(random() * 8)::int] as first,
       (array['Smith','Johnson','Williams','Brown','Jones','Garcia','Miller','Davis','Rodriguez','Martinez','Lopez',
              'Wilson','Nguyen','Patel','Kim','Obrien'])[1 + floor(random() * 16)::int]
           || floor(random() * 300)::int as last,
       floor(random() * 9999)::int || ' '
           || (array['Main','Oak','Maple','Cedar','Elm','Pine','Lake','Hill','Park','River'])
              [1 + floor(random() * 10)::int]
           || ' ' || (array['St','Ave','Rd','Dr'])[1 + floor(random() * 4)::int] as street,
       1 + floor(random() * 8)::int as place, 60000 + floor(random() * 900000)::bigint as value, random() as equity
from generate_series(1, %(n)s) i;
insert into property (org_id, id, property_key, street, city, state, zip5, apn, estimated_value, estimated_equity)
    select %(org)s, property, i::text, street,
           (array['Dallas','Houston','Atlanta','Miami','Tampa','Phoenix','Memphis','Charlotte'])[place],
           (array['TX','TX','GA','FL','FL','AZ','TN','NC'])[place],
           (array['75201','77002','30303','33101','33602','85001','38103','28202'])[place], 'R' || i,
           value * 100, (value * equity)::bigint * 100 from head order by i;
insert into person (org_id, id, person_key, name, first_name, last_name)
    select %(org)s, person, i::text, first || ' ' || last, first, last from head order by i;
insert into property_party (org_id, property_id, person_id, role) select %(org)s, property, person, 'owner' from head;
insert into phone (org_id, id, e164, line_type, status)
    select %(org)s, phone, (array[12140000000,17130000000,14040000000,13050000000,18130000000,16020000000,19010000000,
           17040000000])[place] + i + 2000000, case when random() < .8 then 'mobile' else 'landline' end,
           (array['unverified','unverified','correct','wrong','dead'])[1 + floor(random() * 5)::int]
    from head where random() < .85;
insert into person_phone (org_id, person_id, phone_id)
    select %(org)s, person, phone from head where exists (select 1 from phone f where f.id = head.phone);
insert into lead (org_id, property_id, status, created_at, last_touch_at)
    select %(org)s, property, (array['new','attempted','contacted','follow_up','interested','appointment','offer',
                                     'under_contract','won','dead'])[1 + floor(random() * 10)::int],
           now() - random() * interval '700 days',
           case when random() < .6 then now() - random() * interval '200 days' end from head;
create temp table stage as
select property as property_id, l.names as lists, t.names as tags, '' as note from head,
       lateral (select coalesce(array_agg('List ' || k), '{}') as names from generate_series(1, 60) k
                where random() < 0.35 / k + 0 * i) l,
       lateral (select coalesce(array_agg('tag ' || k), '{}') as names from generate_series(1, 40) k
                where random() < 0.2 / (k * k) + 0.0005 + 0 * i) t
"""


@dataclass(frozen=True, slots=True)
class Asked:
    """One page to read."""

    shape: str
    chosen: LeadFilter
    sort: str
    way: str
    mark: listing.Mark | None


def _shapes(dice: random.Random) -> dict[str, Callable[[], dict[str, Any]]]:
    a_list = lambda: f"List {dice.choice([1, 2, 3, 5, 8, 13, 21, 34, 55, 60])}"  # noqa: E731 a die
    a_tag = lambda: f"tag {dice.choice([1, 2, 3, 5, 8, 13, 21, 34, 40])}"  # noqa: E731 a die
    status = lambda: dice.choice(["new", "contacted", "offer", "won"])  # noqa: E731 a die
    return {
        "none": dict,
        "list": lambda: {"list": [a_list()]},
        "tag": lambda: {"tag": [a_tag()]},
        "list + tag": lambda: {"list": [a_list()], "tag": [a_tag()]},
        "2 lists + status": lambda: {"list": [a_list(), a_list()], "status": status()},
        "any of 3 tags, not list": lambda: {"tag": [a_tag(), a_tag(), a_tag()], "not_list": [a_list()]},
        "stack >= n": lambda: {"min_stack": dice.randint(2, 6)},
        "stack + equity + status": lambda: {
            "min_stack": dice.randint(2, 4),
            "min_equity": dice.choice([20, 50, 80]),
            "status": [status(), "dead"],
        },
        "phone + state + stack": lambda: {
            "has_phone": True,
            "state": dice.choice(["TX", "FL", "GA"]),
            "min_stack": dice.randint(2, 4),
        },
        "search name": lambda: {"q": f"{dice.choice(['smith', 'garcia', 'nguyen', 'lopez'])}{dice.randint(1, 299)}"},
        "search street": lambda: {"q": f"{dice.randint(10, 9999)} {dice.choice(['main', 'oak', 'pine'])}"},
        "search 3 letters": lambda: {"q": dice.choice(["oak", "mar", "dal", "ana", "smi"])},
        "search + list": lambda: {"q": dice.choice(["smith", "garcia", "dallas", "oak st"]), "list": [a_list()]},
    }


def _asked(uow: UnitOfWork) -> Iterator[Asked]:
    deep = {
        name: [_at(uow, listing.SORTS[name], share) for share in (0.02, 0.1, 0.3, 0.5, 0.7, 0.9)] for name, _ in SORTS
    }
    dice = random.Random(5)  # noqa: S311 data, not secrets
    for shape, make in _shapes(dice).items():
        for number in range(QUERIES):
            sort, way = SORTS[number % len(SORTS)]
            mark = dice.choice(deep[sort]) if number % 2 else None
            yield Asked(shape, leads.parse_filter(make()), sort, way, mark)


def _at(uow: UnitOfWork, sort: listing.Sort, share: float) -> listing.Mark:
    statement = sql.SQL(
        "select percentile_disc(%s) within group (order by {0}) from lead_search where {0} is not null"
    ).format(sql.Identifier(sort.column))
    with uow.cursor() as cursor:
        cursor.execute(statement, [share])
        row = cursor.fetchone()
    return listing.Mark(blank=False, value=row[0] if row else None, lead_id=UUID(int=1 << 120))


def _timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1_000


def p95(times: list[float]) -> float:
    """Answer the value that 95 of 100 stay below."""
    return sorted(times)[int(len(times) * 0.95)]


def p50(times: list[float]) -> float:
    """Answer the median."""
    return sorted(times)[len(times) // 2]


def _plain(uow: UnitOfWork, asked: Asked, where: filters.Where) -> None:
    """Read the page as somebody would who had just this table: one statement."""
    sort = listing.SORTS[asked.sort]
    terms = [where.all()]
    params = {**where.params, "org": uow.org()}
    if asked.mark is not None:
        beyond = sql.SQL("<" if asked.way == "desc" else ">")
        terms.append(
            sql.SQL("(s.{}, s.lead_id) {} (%(v)s::{}, %(i)s)").format(
                sql.Identifier(sort.column), beyond, sql.SQL(sort.type)
            )
        )
        params |= {"v": asked.mark.value, "i": asked.mark.lead_id}
    statement = sql.SQL(
        "select s.* from lead_search s where s.org_id = %(org)s and {} order by s.{} {}, s.lead_id {} limit 51"
    ).format(filters.together(terms), sql.Identifier(sort.column), *[sql.SQL(asked.way)] * 2)  # pyright: ignore[reportArgumentType] asc or desc
    with uow.cursor() as cursor:
        cursor.execute(statement, params, prepare=False)
        cursor.fetchall()


def _cursor(asked: Asked) -> str | None:
    if asked.mark is None:
        return None
    sort = listing.SORTS[asked.sort]
    return paging.encode(sort.column, asked.way, False, asked.mark.value, asked.mark.lead_id)  # noqa: FBT003 the cursor's own flag


def _fill(db: Database, org: UUID) -> None:
    start = time.perf_counter()
    with db.begin(org) as uow, uow.cursor() as cursor:
        for statement in DATA.split(";"):
            if "%(" in statement:
                cursor.execute(statement.encode(), {"org": org, "n": LEADS})
            else:
                cursor.execute(statement.encode())
        print(f"# facts of {LEADS:,} houses: {time.perf_counter() - start:.1f} s")
        start = time.perf_counter()
        leads.accept(uow, sql.Identifier("stage"), source="Benchmark", import_id=new_id(), actor_id=None, at=uow.now())
        print(f"# leads.accept: {time.perf_counter() - start:.1f} s")
    connection = db.engine.raw_connection()
    connection.dbapi_connection.autocommit = True  # pyright: ignore[reportOptionalMemberAccess, reportAttributeAccessIssue] vacuum runs alone
    connection.cursor().execute("vacuum analyze")
    connection.close()


def _measure(db: Database, org: UUID) -> None:
    owner = Principal.system(org)
    own: dict[str, list[float]] = {}
    bare: list[float] = []
    whole: list[float] = []
    first: list[float] = []
    deep: list[float] = []
    with db.begin(org) as uow:
        queries = list(_asked(uow))
        for asked in queries:
            where = filters.where(uow, asked.chosen, me=None, only_mine=False)
            sort = listing.SORTS[asked.sort]
            bare.append(_timed(lambda a=asked, w=where: _plain(uow, a, w)))
            took = _timed(
                lambda a=asked, w=where, s=sort: listing.page(uow, w, s, a.way, a.mark, 51)  # pyright: ignore[reportArgumentType] asc or desc
            )
            own.setdefault(asked.shape, []).append(took)
            after = _cursor(asked)
            whole.append(
                _timed(lambda a=asked, c=after: leads.page(uow, owner, a.chosen, a.sort, a.way, c, 50))  # pyright: ignore[reportArgumentType] asc or desc
            )
            if asked.shape == "none":
                (first if asked.mark is None else deep).append(took)
    for shape, times in own.items():
        print(f"# {shape:26s} p50 {p50(times):7.1f}  p95 {p95(times):7.1f}  max {max(times):7.1f} ms")
    mine = [took for times in own.values() for took in times]
    print(f"# list statements p95 {p95(mine):.1f} ms, plain p95 {p95(bare):.1f} ms, whole call p95 {p95(whole):.1f} ms")
    print(f"# p50 {p50(mine):.1f} ms, plain {p50(bare):.1f} ms, whole call {p50(whole):.1f} ms")
    print(f"lists.sql_ms {p95(mine):.2f} {FLOOR_MS} {GOAL_MS}")
    print(f"lists.page {p95(whole) / p95(bare):.2f} 4.0 2.0")
    print(f"lists.deep {p95(deep) / p95(first):.2f} 2.0 1.2")


def main() -> None:
    """Measure, and print the ratios."""
    compliance.configure(b"b" * 32)
    with tempfile.TemporaryDirectory() as folder, running_postgres(Path(folder) / "data", settings=SERVER) as url:
        migrate(url)
        db = Database(url)
        organization = Organization(name="Benchmark")
        with db.begin() as uow:
            uow.session.add(organization)
        _fill(db, organization.id)
        _measure(db, organization.id)
        db.dispose()


if __name__ == "__main__":
    main()
