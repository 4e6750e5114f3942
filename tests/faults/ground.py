"""Where an attack takes place: a database of its own, Redis, a folder; and what is written down of it."""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from leadflow.local.postgres import Postgres
from leadflow.local.redis import Redis
from tests.conftest import NOON
from tests.faults.crew import Crew, wait_for
from tests.faults.field import Field
from workers import job, schedule
from workers.main import load_handlers

LOOKS = (timedelta(seconds=40), *(timedelta(minutes=12),) * 5)
"""How far the clocks go on, stage by stage, so that nothing need be waited for: past the leases and the first look,
past the second empty list, past the first question for an end that was never reported; the rest for what went again."""
SETTLE_S = 240
CLOCKWORK = frozenset({"jobs.sweep", "messages.sweep", "messages.reconcile"})
"""What recurs and concerns texts."""
HANDS = 4
"""Jobs that are worked off at once."""
CALLBACKS = {"sent_after_s": 0.3, "final_after_s": 0.6, "doubled": 0.2, "reversed": 0.2, "never": 0.2}
"""Callbacks as bad as they come: doubled, out of order, lost."""


@dataclass(frozen=True)
class Scale:
    """How much is thrown at the machine.

    Attributes:
        texts: of the largest attack; the others take a share of it.
        kills: of single workers.
        seed: of everything that is drawn by lot.
    """

    texts: int = 10_000
    kills: int = 50
    seed: int = 7

    def share(self, part: int) -> int:
        """Answer a part of the texts, at least a hundred."""
        return max(100, self.texts // part)


@dataclass
class Report:
    """What became of one attack.

    Attributes:
        figures: what was counted and measured, in the order in which it is shown.
        faults: what must not be, in words; empty when the goal is met.
        notes: what a reader should know to judge the figures.
    """

    figures: dict[str, Any] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def must(self, holds: object, otherwise: str) -> None:
        """Note a fault unless something holds."""
        if not holds:
            self.faults.append(otherwise)

    def heed(self, verdict: Mapping[str, Any], *, unread: bool = False) -> None:
        """Take over what the oracle says."""
        told = verdict["figures"]
        self.figures |= {"texts": told["asked"], "taken by the carrier": told["accepted"]}
        if unread:
            self.figures["answers that nobody was left to read"] = told["unread"]
        for name, found in verdict["faults"].items():
            self.must(not found, f"{name}: {len(found)}, such as {found[:3]}")


@dataclass
class Ground:
    """Services for one run of attacks.

    Attributes:
        new_database: makes a migrated database and answers its address.
        redis_url: Redis.
        folder: everything that is written.
        postgres: the cluster, where it is the run's own and may be stopped.
        settings: of that cluster.
        redis: the same of Redis.
    """

    new_database: Callable[[str], str]
    redis_url: str
    folder: Path
    postgres: Postgres | None = None
    settings: Mapping[str, str] = field(default_factory=dict)
    redis: Redis | None = None

    @contextmanager
    def crew(
        self,
        name: str,
        *,
        starts_at: datetime = NOON,
        variables: Mapping[str, str] | None = None,
        **scenario: Any,
    ) -> Generator[Crew]:
        """Bring a crew together around a new database; only the carrier runs yet."""
        url = self.new_database(name)
        given: dict[str, Any] = {"latency_ms": 30, "callbacks": CALLBACKS} | scenario
        with Crew(url, self.redis_url, self.folder / name, starts_at, given, variables or {}) as crew:
            yield crew


@dataclass(frozen=True)
class Ended:
    """How far the clocks went until nothing was in doubt any more, and until every text had ended."""

    doubts: timedelta
    texts: timedelta


def finish(crew: Crew, field_: Field) -> Ended:
    """Do all work that waits, and let the clocks go on, until every text has ended.

    The jobs run in this process, as a worker runs them: a process of its own would have to be started at each stage,
    because what runs keeps its time.

    Raises:
        TimeoutError: some never do.
    """
    went, doubts = timedelta(0), None
    load_handlers()
    for delta in LOOKS:
        crew.advance(delta)
        went += delta
        field_.world.db = crew.db
        with ThreadPoolExecutor(HANDS) as pool:
            wait_for(lambda: work_off(crew, pool) or (not field_.moving() and quiet(crew)), SETTLE_S)
            work_off(crew, pool)
        if doubts is None and not field_.world.states().get("unknown"):
            doubts = went
        if not field_.unfinished():
            return Ended(doubts or went, went)
    msg = f"texts never end: {field_.world.states()}"
    raise TimeoutError(msg)


def quiet(crew: Crew) -> bool:
    """Say whether every text that the carrier took has come to its end there."""
    told = httpx.get(f"{crew.carrier.url}/__control", timeout=10).json()["messages"]
    return not told.keys() & {"queued", "sent"}


def work_off(crew: Crew, pool: ThreadPoolExecutor) -> None:
    """Let the clockwork tick for texts, and run every job that is due."""
    for tick in schedule.TICKS:
        if tick.name in CLOCKWORK:
            tick.do(crew.db)
    with crew.db.begin() as uow, uow.cursor() as cursor:
        cursor.execute("select id from job where state = 'waiting' and run_at <= %s order by run_at", [uow.now()])
        due = [row[0] for row in cursor.fetchall()]
    list(pool.map(lambda job_id: job.run(crew.db, job_id), due))
