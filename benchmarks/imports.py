"""How fast a file comes in, against what Postgres can do at best with the same bytes and the same rows.

    python -m benchmarks.imports            # BENCH_ROWS=250000

Prints ``name ratio floor goal`` for each measure; a ratio at or below its floor is good enough, the goal is better:
``imports.total`` (check and commit, against COPY of the same normalised rows into the same indexed tables over two
connections), ``imports.dry_run`` (against COPY of the raw file into an unlogged table of text), ``imports.again`` (the
same file a second time, against the first). Lines that begin with ``#`` are figures for people.
"""

from __future__ import annotations

import csv
import os
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

import psutil
import psycopg
from psycopg import sql

from benchmarks.generate_leads import Wanted, write
from leadflow.audit import service as audit
from leadflow.audit.types import Sealing
from leadflow.compliance import service as compliance
from leadflow.identity.types import Principal
from leadflow.imports import service as imports
from leadflow.imports.types import Report
from leadflow.kernel.db import Database
from leadflow.kernel.schema import migrate
from leadflow.local.postgres import running_postgres
from models.identity import Organization
from models.vocabulary import Role

ROWS = int(os.environ.get("BENCH_ROWS", "250000"))  # noqa: TID251 the size of a measurement is no setting
FLOORS = {"imports.total": (2.5, 1.5), "imports.dry_run": (8.0, 4.0), "imports.again": (0.7, 0.4)}
"""At most this ratio; and the goal. Source: docs/performance."""
SERVER = {"shared_buffers": "1GB", "max_wal_size": "4GB", "maintenance_work_mem": "256MB"}
TABLES = (
    ("phone", "person", "property"),
    ("person_phone", "email_address", "property_party", "lead_list", "tag"),
    ("lead", "suppression", "scrub_result", "import_row"),
    ("lead_list_entry", "lead_tag", "activity", "lead_search"),
)
"""What an import fills; a line needs the lines above it."""


@contextmanager
def stopwatch(took: dict[str, float], name: str) -> Iterator[None]:
    """Note how long a block takes, in seconds."""
    began = time.perf_counter()
    yield
    took[name] = time.perf_counter() - began


@contextmanager
def largest_reader() -> Iterator[set[int]]:
    """Watch how large the reading processes grow; answers the sizes seen, in bytes."""
    sizes, done = set[int](), threading.Event()

    def watch() -> None:
        while not done.wait(0.1):
            for child in psutil.Process().children():
                with suppress(psutil.Error):
                    if any("serve()" in word for word in child.cmdline()):
                        sizes.add(child.memory_info().rss)

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield sizes
    finally:
        done.set()
        watcher.join()


def copy_file(url: str, path: Path, took: dict[str, float]) -> None:
    """COPY the raw file into an unlogged table of text, over one connection."""
    with path.open(encoding="utf-8", newline="") as text:
        headers = next(csv.reader(text))
    columns = sql.SQL(", ").join(sql.SQL("{} text").format(sql.Identifier(f"c{n}")) for n in range(len(headers)))
    with psycopg.connect(url, autocommit=True) as connection, connection.cursor() as cursor:
        cursor.execute(sql.SQL("create unlogged table raw ({})").format(columns))
        with (
            stopwatch(took, "copy_file"),
            path.open("rb") as file,
            cursor.copy("copy raw from stdin (format csv, header)") as copy,
        ):
            while piece := file.read(1 << 20):
                copy.write(piece)
        cursor.execute("drop table raw")


def take(db: Database, actor: Principal, path: Path, took: dict[str, float], name: str) -> Report:
    """Check and write a file, as the page and the command do."""
    with stopwatch(took, f"{name}.dry_run"):
        import_id = imports.receive(db, actor, path)
        imports.check(db, actor.org_id, import_id)
    with stopwatch(took, f"{name}.write"):
        with db.begin(actor.org_id) as uow:
            imports.commit(uow, actor, import_id)
        imports.run_commit(db, actor.org_id, import_id)
    with db.begin(actor.org_id) as uow:
        return imports.report(uow, actor, import_id)


def copy_rows(source: str, target: str, folder: Path, took: dict[str, float]) -> None:
    """COPY the rows that the import made into the same tables of another database, over two connections."""
    with psycopg.connect(source) as giver, psycopg.connect(target, autocommit=True) as taker:
        for table in ("organization", "import_batch"):
            _send(giver, folder, table, 1)
            _load(taker, folder / f"{table}.0", table)
        for table in (table for line in TABLES for table in line):
            _send(giver, folder, table, 2)
    with stopwatch(took, "copy_rows"):
        for line in TABLES:
            threads = [
                threading.Thread(
                    target=_load_all, args=(target, [(folder / f"{table}.{half}", table) for table in line])
                )
                for half in range(2)
            ]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()


def _send(giver: psycopg.Connection, folder: Path, table: str, parts: int) -> None:
    files = [(folder / f"{table}.{part}").open("wb") for part in range(parts)]
    count = giver.execute(sql.SQL("select count(*) from {}").format(sql.Identifier(table))).fetchone()
    half = -(-(count[0] if count else 0) // parts)
    with giver.cursor() as cursor, cursor.copy(sql.SQL("copy {} to stdout").format(sql.Identifier(table))) as copy:
        for number, row in enumerate(copy):
            files[min(number // half, parts - 1)].write(row)
    for file in files:
        file.close()


def _load_all(url: str, work: list[tuple[Path, str]]) -> None:
    with psycopg.connect(url, autocommit=True) as taker:
        for path, table in work:
            _load(taker, path, table)


def _load(taker: psycopg.Connection, path: Path, table: str) -> None:
    statement = sql.SQL("copy {} from stdin").format(sql.Identifier(table))
    with path.open("rb") as file, taker.cursor() as cursor, cursor.copy(statement) as copy:
        while piece := file.read(1 << 20):
            copy.write(piece)


def measure(rows: int, say: Callable[[str], None] = print) -> dict[str, float]:
    """Do everything once with a file of ``rows`` rows.

    Returns:
        Ratios by name.
    """
    took: dict[str, float] = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "leads.csv"
        write(Wanted(rows), path)
        with running_postgres(folder / "postgres", settings=SERVER) as url:
            other = url.rsplit("/", 1)[0] + "/other"
            with psycopg.connect(url, autocommit=True) as connection:
                connection.execute("create database other")
            migrate(url)
            migrate(other)
            _configure(folder)
            db = Database(url)
            actor = Principal(None, _organisation(db), Role.OWNER)
            copy_file(url, path, took)
            first = take(db, actor, path, took, "first")
            with largest_reader() as reader:
                again = take(db, actor, path, took, "again")
            db.dispose()
            (folder / "rows").mkdir()
            copy_rows(url, other, folder / "rows", took)
    _explain(say, rows, took, first, again)
    say(f"# largest reading process {max(reader, default=0) >> 20} MB")
    total = took["first.dry_run"] + took["first.write"]
    return {
        "imports.total": total / took["copy_rows"],
        "imports.dry_run": took["first.dry_run"] / took["copy_file"],
        "imports.again": (took["again.dry_run"] + took["again.write"]) / total,
    }


def _configure(folder: Path) -> None:
    imports.configure(imports.Setup(folder / "files", b"p" * 32))
    compliance.configure(b"p" * 32)
    audit.configure(Sealing(keys={"bench": b"b" * 32}, key_id="bench", anchor_dir=None))


def _organisation(db: Database) -> UUID:
    organization = Organization(name="Bench")
    with db.begin() as uow:
        uow.session.add(organization)
    return organization.id


def _explain(say: Callable[[str], None], rows: int, took: dict[str, float], first: Report, again: Report) -> None:
    total = took["first.dry_run"] + took["first.write"]
    say(f"# {rows:,} rows, {total:.1f} s, {rows / total:,.0f} rows/s")
    say("# " + ", ".join(f"{name} {seconds:.2f} s" for name, seconds in took.items()))
    say(f"# written first: {first.counts['written']}")
    written = sum(again.counts["written"].values())
    say(f"# written again: {written} rows")
    if written or not first.counts["new"]:
        msg = "the same file a second time wrote something, or the first time nothing"
        raise RuntimeError(msg)


def main() -> None:
    """Measure, and print the ratios."""
    for name, ratio in measure(ROWS).items():
        floor, goal = FLOORS[name]
        print(f"{name} {ratio:.2f} {floor} {goal}")


if __name__ == "__main__":
    main()
