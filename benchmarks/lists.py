"""How fast the lead list answers, against one plain statement of the same shape.

    python -m benchmarks.lists            # BENCH_LEADS=250000

Thirteen shapes of filter and fifteen of chips, own fields among them, six sorts, half of the pages deep in the list.
Prints ``name ratio floor goal``: ``lists.sql_ms`` (p95 of the list's own statements, probe included, in milliseconds),
``lists.chips_ms`` (the same of the shapes that are chips, the look-up of the few included), ``lists.own_fields_ms`` (of
own fields alone), ``lists.page`` (p95 of the whole service call, with the gate's word on every row and the count on
first pages, over the p95 of one plain statement), ``lists.deep`` (p95 of deep pages over that of first pages,
unfiltered). Less is better. Lines that begin with ``#`` are figures for people. Lists, tags, timeline and flat rows
come in as an import brings them: by ``leads.accept`` on staged rows. ``BENCH_PLANS=folder`` has the plan of each
shape's slowest page written there.
"""

from __future__ import annotations

import os
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
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
SORTS = (
    *(("added", "desc"), ("equity", "desc"), ("value", "desc"), ("owner", "asc"), ("last_touch", "desc")),
    ("score", "desc"),
)

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
insert into property (org_id, id, property_key, street, city, state, zip5, county, property_type, bedrooms, bathrooms,
                      building_sqft, year_built, apn, estimated_value, estimated_equity)
    select %(org)s, property, i::text, street,
           (array['Dallas','Houston','Atlanta','Miami','Tampa','Phoenix','Memphis','Charlotte'])[place],
           (array['TX','TX','GA','FL','FL','AZ','TN','NC'])[place],
           (array['75201','77002','30303','33101','33602','85001','38103','28202'])[place],
           case when random() < .0005 then 'Loving' else 'County ' || place end,
           (array['Single Family','Single Family','Condo','Duplex','Land'])[1 + floor(random() * 5)::int],
           1 + floor(random() * random() * 8), 1 + floor(random() * random() * 5), 600 + floor(random() * 4000)::int,
           1900 + floor(sqrt(random()) * 126)::int, 'R' || i,
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

OWN_FIELDS = {name: new_id() for name in ("score", "fee", "roof", "seen", "note")}
OWN = """
insert into custom_field (org_id, id, name, kind, options) values
    (%(org)s, %(score)s, 'Score', 'number', '{}'), (%(org)s, %(fee)s, 'Fee', 'money', '{}'),
    (%(org)s, %(roof)s, 'Roof', 'select', '{Slate,Tar,Tile,Gold}'), (%(org)s, %(seen)s, 'Seen', 'date', '{}'),
    (%(org)s, %(note)s, 'Remark', 'text', '{}');
insert into custom_value (org_id, field_id, lead_id, number)
    select org_id, %(score)s, id, floor(random() * 100) from lead;
insert into custom_value (org_id, field_id, lead_id, number)
    select org_id, %(fee)s, id, floor(random() * 100000) * 100 from lead where random() < .3;
insert into custom_value (org_id, field_id, lead_id, text)
    select org_id, %(roof)s, id, case when random() < .001 then 'Gold' when random() < .3 then 'Slate'
                                      when random() < .5 then 'Tar' else 'Tile' end from lead where random() < .8;
insert into custom_value (org_id, field_id, lead_id, day)
    select org_id, %(seen)s, id, current_date - floor(random() * 2000)::int from lead where random() < .5;
insert into custom_value (org_id, field_id, lead_id, text)
    select org_id, %(note)s, id, 'remark ' || floor(random() * 5000)::int from lead where random() < .4
"""
"""Five own fields: a number at every lead, the others at some; one word of the select is rare."""


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


def _chip_shapes(dice: random.Random) -> dict[str, Callable[[], dict[str, Any]]]:
    own = {name: f"custom.{key}" for name, key in OWN_FIELDS.items()}
    chips = lambda *texts: {"where": list(texts)}  # noqa: E731 a short hand
    a_list = lambda: f"List {dice.choice([1, 2, 3, 5, 8, 13, 21, 34, 55, 60])}"  # noqa: E731 a die
    return {
        "chips: city + year": lambda: chips(
            f"city:is:{dice.choice(['Dallas', 'Miami', 'Tampa'])}",
            f"year:at_least:{dice.choice([1905, 1950, 2000, 2020])}",
        ),
        "chips: rare county": lambda: chips(
            dice.choice(["county:is:Loving", "county:is:County 3", "county:is:Nowhere"])
        ),
        "chips: beds, baths, sqft": lambda: chips(
            f"beds:at_least:{dice.randint(2, 7)}",
            f"baths:at_least:{dice.randint(1, 4)}",
            f"sqft:at_most:{dice.randint(620, 4000)}",
        ),
        "chips: type or value": lambda: chips(
            f"property_type:is:{dice.choice(['Condo', 'Land'])}|value:at_least:{dice.choice([50_000_000, 95_000_000])}"
        ),
        "chips: owner contains": lambda: chips(
            f"owner:contains:{dice.choice(['smith', 'garcia', 'nguyen'])}{dice.randint(1, 299)}"
        ),
        "chips: days": lambda: chips(
            f"last_touch:older:{dice.choice([30, 150, 199])}", f"added:last:{dice.choice([1, 10, 300])}"
        ),
        "chips: no next task": lambda: chips("next_task:empty", f"status:is:{dice.choice(['new', 'offer'])}"),
        "chips: in A, B, not C": lambda: chips(f"list:all:{a_list()},{a_list()}", f"list:none:{a_list()}"),
        "chips: first seen on": lambda: chips(f"list_first:last:{a_list()},{dice.choice([1, 30])}"),
        "chips: score": lambda: chips(f"score:at_least:{dice.choice([20, 40, 50, 60])}"),
        "chips: score + status": lambda: chips(
            f"score:between:{dice.choice(['20,40', '45,90', '55,56'])}", f"status:is:{dice.choice(['new', 'offer'])}"
        ),
        "own: number": lambda: chips(f"{own['score']}:at_least:{dice.choice([50, 90, 99])}"),
        "own: money + status": lambda: chips(
            f"{own['fee']}:between:{dice.choice(['100000,102000', '400000,900000', '5000000,9000000'])}",
            "status:is:new",
        ),
        "own: select": lambda: chips(f"{own['roof']}:is:{dice.choice(['Gold', 'Slate', 'Gold,Tar'])}"),
        "own: date, text": lambda: chips(
            dice.choice(
                [
                    f"{own['seen']}:last:{dice.choice([1, 30, 900])}",
                    f"{own['note']}:contains:remark {dice.randint(1, 4999)}",
                ]
            )
        ),
    }


def _asked(uow: UnitOfWork) -> Iterator[Asked]:
    deep = {
        name: [_at(uow, listing.SORTS[name], share) for share in (0.02, 0.1, 0.3, 0.5, 0.7, 0.9)] for name, _ in SORTS
    }
    dice = random.Random(5)  # noqa: S311 data, not secrets
    for shape, make in (_shapes(dice) | _chip_shapes(dice)).items():
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


def fill(db: Database, org: UUID) -> None:
    """Write the houses, lists, tags and own fields of ``LEADS`` leads."""
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
        start = time.perf_counter()
        for statement in OWN.split(";"):
            cursor.execute(statement.encode(), {"org": org, **OWN_FIELDS})
        print(f"# values of {len(OWN_FIELDS)} own fields: {time.perf_counter() - start:.1f} s")
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
    slowest: dict[str, tuple[float, Asked]] = {}
    with db.begin(org) as uow:
        queries = list(_asked(uow))
        for asked in queries:
            start = time.perf_counter()
            where = filters.where(uow, asked.chosen, me=None, only_mine=False)
            looked_up = (time.perf_counter() - start) * 1_000
            sort = listing.SORTS[asked.sort]
            bare.append(_timed(lambda a=asked, w=where: _plain(uow, a, w)))
            took = _timed(
                lambda a=asked, w=where, s=sort: listing.page(uow, w, s, a.way, a.mark, 51)  # pyright: ignore[reportArgumentType] asc or desc
            )
            own.setdefault(asked.shape, []).append(took + (looked_up if asked.chosen.where else 0))
            if took > slowest.get(asked.shape, (0.0, asked))[0]:
                slowest[asked.shape] = (took, asked)
            after = _cursor(asked)
            whole.append(
                _timed(lambda a=asked, c=after: leads.page(uow, owner, a.chosen, a.sort, a.way, c, 50))  # pyright: ignore[reportArgumentType] asc or desc
            )
            if asked.shape == "none":
                (first if asked.mark is None else deep).append(took)
    for shape, times in own.items():
        print(f"# {shape:26s} p50 {p50(times):7.1f}  p95 {p95(times):7.1f}  max {max(times):7.1f} ms")
    _told(own, bare, whole)
    print(f"lists.deep {p95(deep) / p95(first):.2f} 2.0 1.2", flush=True)
    with db.begin(org) as uow:
        _plans(uow, slowest)


def _told(own: Mapping[str, list[float]], bare: list[float], whole: list[float]) -> None:
    mine = [took for shape, times in own.items() for took in times if not shape.startswith(("chips", "own"))]
    chips = [took for shape, times in own.items() for took in times if shape.startswith(("chips", "own"))]
    fields = [took for shape, times in own.items() for took in times if shape.startswith("own")]
    print(f"# list statements p95 {p95(mine):.1f} ms, plain p95 {p95(bare):.1f} ms, whole call p95 {p95(whole):.1f} ms")
    print(f"# p50 {p50(mine):.1f} ms, plain {p50(bare):.1f} ms, whole call {p50(whole):.1f} ms")
    print(f"lists.sql_ms {p95(mine):.2f} {FLOOR_MS} {GOAL_MS}")
    print(f"lists.chips_ms {p95(chips):.2f} {FLOOR_MS} {GOAL_MS}")
    print(f"lists.own_fields_ms {p95(fields):.2f} {FLOOR_MS} {GOAL_MS}")
    print(f"lists.page {p95(whole) / p95(bare):.2f} 4.0 2.0")


def _plans(uow: UnitOfWork, slowest: Mapping[str, tuple[float, Asked]]) -> None:
    """Write how Postgres reads the slowest page of each shape: every statement's plan, with times and buffers."""
    folder = os.environ.get("BENCH_PLANS")  # noqa: TID251 the place of a measurement is no setting
    if not folder:
        return
    Path(folder).mkdir(parents=True, exist_ok=True)
    for shape, (took, asked) in slowest.items():
        watched: Any = Explained(uow)
        where = filters.where(watched, asked.chosen, me=None, only_mine=False)
        listing.page(watched, where, listing.SORTS[asked.sort], asked.way, asked.mark, 51)  # pyright: ignore[reportArgumentType] asc or desc
        told = f"# {shape}: {asked.chosen.as_dict()}, by {asked.sort} {asked.way}, {took:.1f} ms"
        name = re.sub(r"[^a-z0-9]+", "-", shape.lower()).strip("-")
        (Path(folder) / f"{name}-{LEADS // 1000}k.txt").write_text("\n\n".join([told, *watched.plans]) + "\n")


class Explained:
    """A unit of work that keeps the plan of every statement that goes through it.

    Args:
        uow: the one that does the work.
    """

    def __init__(self, uow: UnitOfWork) -> None:
        self.uow, self.plans = uow, list[str]()

    def org(self) -> UUID:
        """Answer the organisation."""
        return self.uow.org()

    def now(self) -> datetime:
        """Answer the instant."""
        return self.uow.now()

    def connection(self) -> Explained:
        """Stand in for the connection as well."""
        return self

    @contextmanager
    def cursor(self, **given: Any) -> Iterator[_Watched]:  # noqa: ANN401 psycopg's own
        """Open a cursor that explains before it executes."""
        with self.uow.connection().cursor(**given) as cursor:
            yield _Watched(self, cursor)


class _Watched:
    def __init__(self, watcher: Explained, cursor: Any) -> None:  # noqa: ANN401 a cursor of any row
        self.watcher, self.cursor = watcher, cursor

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 whatever a cursor has
        return getattr(self.cursor, name)

    def execute(self, statement: Any, params: Any = None, **more: Any) -> None:  # noqa: ANN401 psycopg's own
        text = statement.encode() if isinstance(statement, str) else statement.as_bytes(self.cursor)
        with self.watcher.uow.cursor() as beside:
            beside.execute(b"explain (analyze, buffers) " + text, params, prepare=False)
            self.watcher.plans.append("\n".join(str(row[0]) for row in beside.fetchall()))
        self.cursor.execute(statement, params, **more)


@contextmanager
def founded() -> Iterator[tuple[Database, UUID]]:
    """Found an organisation in a database of its own, which goes with the block."""
    compliance.configure(b"b" * 32)
    with tempfile.TemporaryDirectory() as folder, running_postgres(Path(folder) / "data", settings=SERVER) as url:
        migrate(url)
        db = Database(url)
        organization = Organization(name="Benchmark")
        with db.begin() as uow:
            uow.session.add(organization)
        yield db, organization.id
        db.dispose()


def main() -> None:
    """Measure, and print the ratios."""
    with founded() as (db, org_id):
        fill(db, org_id)
        _measure(db, org_id)


if __name__ == "__main__":
    main()
