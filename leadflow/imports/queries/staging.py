"""Brings the rows of a file into UNLOGGED staging tables of its import, by COPY, in one or several processes.

Kept light: the reading processes load this module and the rules, no ORM and no web. A row's ``ref`` is its piece's
number and its place in the piece, so that pieces can be read in any order and still sort like the file.
"""

from __future__ import annotations

import csv
import io
import multiprocessing
import os
import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
from psycopg import sql

from leadflow.imports.types import Lines, Reads

if TYPE_CHECKING:
    from psycopg.rows import TupleRow

PIECE_BITS = 24
"""Bits of a ref that number the row inside its piece."""
BATCH = 10_000
"""Rows that the one-process way stages at once."""

PARTS = ("row", "person", "phone", "mark", "email")
DERIVED = (
    "piece", "place", "twin", "live", "people", "contact", "number", "remark", "accept_seed", "accept_0", "accept_1",
    "suppress", "scrub", "consent",
)  # fmt: skip
"""Tables that the plan and the merge make from the staged lines."""


class CutInside(Exception):
    """A piece ended inside a quoted cell: the file's quotes are uneven, it must be read in one go."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The staging tables of one import."""

    import_id: UUID

    def name(self, part: str) -> str:
        """Name a table; ``migrations/env.py`` leaves out everything that begins with ``staging_``."""
        return f"staging_{self.import_id.hex}_{part}"

    def __getitem__(self, part: str) -> sql.Identifier:
        return sql.Identifier(self.name(part))


def create(
    connection: psycopg.Connection[TupleRow], tables: Tables, columns: dict[str, tuple[tuple[str, str], ...]]
) -> None:
    """Make the staging tables anew."""
    drop(connection, tables)
    for part in PARTS:
        inside = sql.SQL(", ").join(
            sql.SQL("{} {}").format(sql.Identifier(name), sql.SQL(kind))  # pyright: ignore[reportArgumentType] our own types
            for name, kind in columns[part]
        )
        # Vacuum would only stand in the way of tables that live for minutes.
        connection.execute(
            sql.SQL("create unlogged table {} ({}) with (autovacuum_enabled = false)").format(tables[part], inside)
        )


def drop(connection: psycopg.Connection[TupleRow], tables: Tables) -> None:
    """Remove every staging table of an import."""
    for part in (*PARTS, *DERIVED):
        connection.execute(sql.SQL("drop table if exists {}").format(tables[part]))


def present(connection: psycopg.Connection[TupleRow], tables: Tables) -> bool:
    """Say whether the staged rows are there; a crash of Postgres empties UNLOGGED tables."""
    found = connection.execute("select to_regclass(%s)", [tables.name("row")]).fetchone()
    if found is None or found[0] is None:
        return False
    return connection.execute(sql.SQL("select 1 from {} limit 1").format(tables["row"])).fetchone() is not None


def write(connection: psycopg.Connection[TupleRow], tables: Tables, lines: Lines) -> None:
    """COPY lines into their tables, in one transaction."""
    with connection.cursor() as cursor:
        for part, texts in lines.tables():
            if texts:
                with cursor.copy(sql.SQL("copy {} from stdin").format(tables[part])) as copy:
                    copy.write(("\n".join(texts) + "\n").encode("utf-8", "replace"))
    connection.commit()


def stage_in_one(url: str, tables: Tables, reader: Reads, rows: Iterator[list[str]]) -> Iterator[tuple[int, int]]:
    """Stage rows in this process; yields piece number and rows of each batch."""
    with psycopg.connect(url) as connection:
        number = 0
        while batch := list(islice(rows, BATCH)):
            lines = reader.batch((number << PIECE_BITS) + 1, batch)
            write(connection, tables, lines)
            yield number, lines.rows
            number += 1


def stage_in_pieces(  # noqa: PLR0913 what the processes need to know
    url: str, tables: Tables, reader: Reads, pieces: Iterable[bytes], *, encoding: str, delimiter: str, processes: int
) -> Iterator[tuple[int, int]]:
    """Stage pieces of a file; yields piece number and rows as they finish.

    Args:
        url: the database.
        tables: where to.
        reader: reads rows; is sent to each process.
        pieces: bytes that end where records end.
        encoding: of the pieces.
        delimiter: one character.
        processes: 0 reads in this process.

    Raises:
        CutInside: the file's quotes are uneven.
    """
    if not processes:
        with psycopg.connect(url) as connection:
            job = _Job(connection, tables, reader, encoding, delimiter)
            for number, piece in enumerate(pieces):
                yield _stage_piece(job, number, piece)
        return
    context = multiprocessing.get_context("spawn")
    pool = ProcessPoolExecutor(
        processes, mp_context=context, initializer=_begin, initargs=(url, tables, reader, encoding, delimiter)
    )
    open_: set[Future[tuple[int, int]]] = set()
    try:
        for number, piece in enumerate(pieces):
            open_.add(pool.submit(_stage, number, piece))
            # No more than two pieces a process wait in memory.
            while len(open_) >= processes * 2:
                done, open_ = wait(open_, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        for future in list(open_):
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


@dataclass(slots=True)
class _Job:
    """What a reading process holds on to."""

    connection: psycopg.Connection[TupleRow]
    tables: Tables
    reader: Reads
    encoding: str
    delimiter: str


_job: _Job | None = None


def _begin(url: str, tables: Tables, reader: Reads, encoding: str, delimiter: str) -> None:
    global _job  # noqa: PLW0603 one job a reading process
    _job = _Job(psycopg.connect(url), tables, reader, encoding, delimiter)
    threading.Thread(target=_end_with_parent, daemon=True).start()


def _end_with_parent() -> None:
    """A reader whose parent was killed ends too; it would wait for pieces for ever."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _stage(number: int, piece: bytes) -> tuple[int, int]:
    if _job is None:
        msg = "the reading process was not begun"
        raise RuntimeError(msg)
    return _stage_piece(_job, number, piece)


def _stage_piece(job: _Job, number: int, piece: bytes) -> tuple[int, int]:
    text = io.StringIO(piece.decode(job.encoding, "replace"), newline="")
    try:
        lines = job.reader.batch((number << PIECE_BITS) + 1, csv.reader(text, delimiter=job.delimiter, strict=True))
    except csv.Error as error:
        raise CutInside from error
    write(job.connection, job.tables, lines)
    return number, lines.rows
