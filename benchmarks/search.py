"""How fast the search over everything answers, against one look-up of a word in the list of leads.

    python -m benchmarks.search            # BENCH_LEADS=250000

Twelve shapes of question: rare, common and short words, two common words that few leads have together, addresses,
numbers whole and by their ending, parcel numbers, names, words that nobody has. Each asks every kind at once, as the
palette does. Prints ``name ratio floor goal``: ``search.ms`` (p95 of the whole service call, in milliseconds) and
``search.ratio`` (p50 of it over the p50 of one page of the list for the same words). Less is better.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from uuid import UUID

from benchmarks.lists import LEADS, fill, founded, p50, p95
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from leadflow.leads import service as leads
from leadflow.leads.types import LeadFilter
from leadflow.search import service as search

FLOOR_MS, GOAL_MS = 100, 70
"""Source: the product's goals of speed: the palette."""
QUERIES = 40
"""Of each shape."""
_TASKS = """
insert into task (org_id, lead_id, title, due_at)
select org_id, id, (array['Call back','Send the offer','Ask about the roof','Visit'])[1 + floor(random() * 4)::int]
                   || ' ' || floor(random() * 5000)::int, now() + random() * interval '30 days'
from lead where random() < .4
"""


def _shapes(dice: random.Random) -> dict[str, Callable[[], str]]:
    first = lambda: dice.choice(["James", "Mary", "Ana", "Wei", "Linda"])  # noqa: E731 a die
    last = lambda: dice.choice(["Smith", "Garcia", "Nguyen", "Obrien"]) + str(dice.randint(0, 299))  # noqa: E731 a die
    street = lambda: dice.choice(["Main", "Oak", "Maple", "Lake"])  # noqa: E731 a die
    number = lambda: f"{dice.choice([214, 713, 404, 305])}{2_000_000 + dice.randint(1, LEADS)}"  # noqa: E731 a die
    return {
        "rare word": last,
        "common word": street,
        "two letters": lambda: dice.choice(["ma", "sm", "wi", "oa"]),
        "three letters": lambda: dice.choice(["mar", "son", "ith", "ark"]),
        "two common words": lambda: f"{first()} {street()}",
        "address": lambda: f"{dice.randint(1, 9_998)} {street()} St",
        "address, long form": lambda: f"{dice.randint(1, 9_998)} {street()} Street Dallas",
        "whole number": lambda: f"({(n := number())[:3]}) {n[3:6]}-{n[6:]}",
        "last four": lambda: number()[-4:],
        "last seven": lambda: number()[-7:],
        "parcel": lambda: f"R{dice.randint(1, LEADS)}",
        "nobody": lambda: f"zq{dice.randint(1, 9_999)}x",
    }


def _timed(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return (time.perf_counter() - start) * 1_000


def _measure(db: Database, org: UUID) -> None:
    owner, dice = Principal.system(org), random.Random(7)  # noqa: S311 a die
    whole: list[float] = []
    bare: list[float] = []
    for shape, make in _shapes(dice).items():
        times: list[float] = []
        for _ in range(QUERIES):
            words = make()
            with db.begin(org) as uow:
                times.append(_timed(lambda u=uow, w=words: search.search(u, owner, w)))
                bare.append(_timed(lambda u=uow, w=words: leads.page(u, owner, LeadFilter(q=w), limit=5)))
        whole += times
        print(f"# {shape:22s} p50 {p50(times):7.1f}  p95 {p95(times):7.1f}  max {max(times):7.1f} ms")
    print(f"search.ms {p95(whole):.2f} {FLOOR_MS} {GOAL_MS}")
    print(f"search.ratio {p50(whole) / p50(bare):.2f} 3.0 1.5", flush=True)


def main() -> None:
    """Measure, and print the ratios."""
    with founded() as (db, org_id):
        fill(db, org_id)
        with db.begin(org_id) as uow, uow.cursor() as cursor:
            cursor.execute(_TASKS.encode())
        connection = db.engine.raw_connection()
        connection.cursor().execute("analyze")
        connection.commit()
        connection.close()
        _measure(db, org_id)


if __name__ == "__main__":
    main()
