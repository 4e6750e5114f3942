"""An import whose worker is killed again and again: it goes on where it was, and ends as if nothing had happened."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Callable, Generator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import LiteralString
from uuid import UUID

import psutil
from psycopg import sql

from benchmarks.generate_leads import Wanted, write
from leadflow.identity.types import Principal
from leadflow.imports import service as imports
from leadflow.imports.service.checking import PLANNING, READING
from leadflow.imports.types import Report as Imported
from leadflow.jobs.types import LEASE
from leadflow.kernel.db import Database
from models.identity import Organization
from models.vocabulary import ImportState, JobState, Role
from tests.faults.crew import Crew, wait_for
from tests.faults.ground import Ground, Report

WORKER_MB = 512
"""What a worker and the processes that read for it may hold together. Source: complaints R14."""
STEP_S = 300
"""For how long at most a worker may show nothing new."""
SLOWEST_LAG_S = 1.0
"""For how long a quarter of a million rows are surely in one step: their plan takes some seconds, their pieces too."""
LAST_PIECES = 2
"""The leads are written last, in as many pieces at once."""
VERDICTS = ("new", "update", "unchanged", "noted", "duplicate", "reject", "blank", "footer")
WRITTEN: dict[str, LiteralString] = {
    "property": "property_key",
    "person": "person_key",
    "phone": "e164::text",
    "lead": "status",
    "lead_search": "words",
    "person_phone": "rank::text",
    "property_party": "role",
    "lead_list_entry": "''",
    "suppression": "kind",
    "scrub_result": "list || verdict",
    "import_row": "row_number::text || verdict",
}
"""What an import fills, and what of it is the same in every organisation that takes the same file in."""


def killed_import(ground: Ground, rows: int, kills: int, seed: int = 7, *, twin: bool = True) -> Report:
    """Import a file of generated leads while its worker is killed.

    Args:
        ground: where.
        rows: of the file.
        kills: of the worker; the first while the file is read, the second of many while it is planned, the others while
            it is written.
        seed: of the moments.
        twin: hold the outcome against that of another organisation that takes the same file in undisturbed.
    """
    report, chance = Report(), random.Random(seed)  # noqa: S311 repeatable
    with ground.crew("import") as crew:
        path = ground.folder / "leads.csv"
        write(Wanted(rows), path)
        actor = Principal(None, _organization(crew.db, "Cedar Homes"), Role.OWNER)
        import_id = imports.upload(crew.db, actor, path.name, [path.read_bytes()])
        with largest_of(crew) as held:
            seen, struck = _killed(crew, actor, import_id, _aims(rows, kills, chance))
        crew.end(*crew.workers)
        ended = _told(crew.db, actor, import_id)
        ours = _books(crew.db, actor.org_id)
        again = _undisturbed(crew.db, actor, path)
        report.figures |= {
            "rows": rows, "kills met": [str(met) for met in struck], "states of progress seen": len(seen),
            "counts": ended.counts,
            "a worker held at most, MB": max(held, default=0) >> 20, "written by the same file again": _sum(again),
        }  # fmt: skip
        report.must(ended.state is ImportState.DONE, f"the import is {ended.state.value}: {ended.error}")
        told = sum(ended.counts[verdict] for verdict in VERDICTS)
        report.must(told == rows, f"{told} rows are told of, {rows} were in the file")
        report.must(max(held, default=0) <= WORKER_MB << 20, "a worker held more than it may")
        missed = [str(met) for met in struck if not met.running or met.state not in _UNDER_WAY]
        report.must(not missed, f"kills that met no running import: {missed}")
        report.must(len(seen) > kills, "progress was hardly shown")
        report.must(_sum(again) == 0, "the same file again wrote something")
        if twin:
            other = Principal(None, _organization(crew.db, "Oak Partners"), Role.OWNER)
            undisturbed = _undisturbed(crew.db, other, path)
            report.must(_sum(undisturbed) > 0, "the twin wrote nothing")
            theirs = _books(crew.db, other.org_id)
            report.must(ours == theirs, f"killed: {ours}; undisturbed: {theirs}")
    return report


@dataclass(frozen=True, slots=True)
class Met:
    """How an import stood.

    Attributes:
        state: of the import.
        running: whether a worker has its job.
        note: what the job said it was doing.
        done: of it: rows read, or pieces written.
        total: pieces that there are to write; 0 while nobody knows.
    """

    state: ImportState
    running: bool
    note: str
    done: int
    total: int

    def __str__(self) -> str:
        of = f" of {self.total}" if self.total else ""
        return f"{self.state.value}, {self.note}, {self.done}{of} done{'' if self.running else ', nobody at it'}"


@dataclass(frozen=True, slots=True)
class Aim:
    """The moment of a kill.

    Attributes:
        due: says whether it is there.
        lag_s: so long after that, in the midst of what goes on then.
    """

    due: Callable[[Met], bool]
    lag_s: float


def _aims(rows: int, kills: int, chance: random.Random) -> list[Aim]:
    """Draw the moments: in the reading, in the planning, then the writing cut into parts and one moment in each.

    The last pieces are left out: a kill just before the end might come after it.
    """

    def lag() -> float:
        return chance.uniform(0, SLOWEST_LAG_S) * rows / 250_000

    def reading(share: float) -> Callable[[Met], bool]:
        return lambda met: met.note == READING and met.done >= share * rows

    def writing(share: float) -> Callable[[Met], bool]:
        return lambda met: bool(met.total) and met.done >= int(share * (met.total - LAST_PIECES))

    aims = [Aim(reading(chance.uniform(0.1, 0.6)), lag())]
    if kills > len(aims) + 1:
        aims.append(Aim(lambda met: met.note == PLANNING, lag()))
    parts = kills - len(aims)
    return aims + [Aim(writing((part + chance.random()) / parts), lag()) for part in range(parts)]


def _killed(
    crew: Crew, actor: Principal, import_id: UUID, aims: Sequence[Aim]
) -> tuple[set[tuple[str, int]], list[Met]]:
    """Let workers do the job and kill all but the last.

    Returns:
        Every state of its progress that was seen, and what each kill met.
    """
    seen, struck = set[tuple[str, int]](), list[Met]()

    def look() -> Met:
        told = _told(crew.db, actor, import_id)
        job = told.progress
        met = Met(
            told.state, job.get("state") == JobState.RUNNING, str(job.get("note") or ""),
            int(job.get("done") or 0), int(job.get("total") or 0),
        )  # fmt: skip
        seen.add((met.note, met.done))
        _decide(crew, actor, import_id, met.state)
        return met

    def due(aim: Aim) -> bool:
        met = look()
        return met.state in _OVER or (met.running and aim.due(met))

    for aim in aims:
        crew.start_worker(threads=2)
        wait_for(partial(due, aim), STEP_S, 0.02)
        time.sleep(aim.lag_s)
        crew.kill(*crew.workers)
        struck.append(look())
        # Whoever is killed gives no word: his work is free again when his lease has run out.
        crew.advance(LEASE * 2)
        crew.tick()
    crew.start_worker(threads=2)
    wait_for(lambda: look().state in _OVER, STEP_S)
    return seen, struck


_UNDER_WAY = (ImportState.CHECKING, ImportState.COMMITTING)
_OVER = (ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED)


def _decide(crew: Crew, actor: Principal, import_id: UUID, state: ImportState) -> None:
    """Have a file that is checked written, as somebody would."""
    if state is ImportState.CHECKED:
        with crew.db.begin(actor.org_id) as uow:
            imports.commit(uow, actor, import_id)


def _undisturbed(db: Database, actor: Principal, path: Path) -> dict[str, int]:
    """Take a file in without workers; answer what was written, by kind."""
    import_id = imports.receive(db, actor, path)
    imports.check(db, actor.org_id, import_id)
    with db.begin(actor.org_id) as uow:
        imports.commit(uow, actor, import_id)
    imports.run_commit(db, actor.org_id, import_id)
    return _told(db, actor, import_id).counts["written"]


def _told(db: Database, actor: Principal, import_id: UUID) -> Imported:
    with db.begin(actor.org_id) as uow:
        return imports.report(uow, actor, import_id)


def _sum(written: dict[str, int]) -> int:
    return sum(written.values())


def _books(db: Database, org_id: UUID) -> dict[str, tuple[int, str]]:
    """Count what an organisation has, and sum up what tells one row from another."""
    books: dict[str, tuple[int, str]] = {}
    with db.begin(org_id) as uow:
        for table, told in WRITTEN.items():
            counted = sql.SQL("select count(*), coalesce(sum(hashtextextended({}, 0)), 0)::text from {}").format(
                sql.SQL(told), sql.Identifier(table)
            )
            books[table] = uow.connection().execute(counted).fetchall()[0]
    return books


def _organization(db: Database, name: str) -> UUID:
    organization = Organization(name=name)
    with db.begin() as uow:
        uow.session.add(organization)
    return organization.id


@contextmanager
def largest_of(crew: Crew) -> Generator[list[int]]:
    """Watch how much memory each worker and its readers hold together; answers the sizes seen, in bytes."""
    sizes, over = list[int](), threading.Event()

    def watch() -> None:
        while not over.wait(0.2):
            for one in tuple(crew.workers):
                with suppress(psutil.Error):
                    family = [psutil.Process(one.pid), *psutil.Process(one.pid).children(recursive=True)]
                    sizes.append(sum(member.memory_info().rss for member in family))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield sizes
    finally:
        over.set()
        watcher.join()
