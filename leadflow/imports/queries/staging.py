"""Brings the rows of a file into UNLOGGED staging tables of its import, by COPY, in one or several processes.

Kept light: the reading processes load this module and the rules, no ORM and no web. A row's ``ref`` is its piece's
number and its place in the piece, so that pieces can be read in any order and still sort like the file.
"""

from __future__ import annotations

import csv
import gc
import io
import pickle
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import islice
from typing import IO, TYPE_CHECKING, Self
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

SCHEMA = "staging"
"""The one place where a transaction of an organisation may make tables; migration 0004 made it."""
PARTS = ("row", "person", "phone", "mark", "email")
HEAD = "head"
"""One row: the headers of the columns without a field, in the order of their cells in ``row.extra``."""
DERIVED = (
    "piece", "called", "place", "twin", "live", "people", "contact", "number", "often", "remark", "accept_seed",
    "accept_0", "accept_1", "suppress", "scrub", "consent",
)  # fmt: skip
"""Tables that the plan and the merge make from the staged lines."""


class CutInside(Exception):
    """A piece ended inside a quoted cell: the file's quotes are uneven, it must be read in one go."""


@dataclass(frozen=True, slots=True)
class Tables:
    """The staging tables of one import."""

    import_id: UUID

    def name(self, part: str) -> str:
        """Name a table inside ``SCHEMA``."""
        return f"staging_{self.import_id.hex}_{part}"

    def __getitem__(self, part: str) -> sql.Identifier:
        return sql.Identifier(SCHEMA, self.name(part))


def create(
    connection: psycopg.Connection[TupleRow],
    tables: Tables,
    columns: dict[str, tuple[tuple[str, str], ...]],
    extras: Sequence[str],
) -> None:
    """Make the staging tables anew; ``extras`` are the headers of the columns without a field."""
    drop(connection, tables)
    connection.execute(sql.SQL("create unlogged table {} (names text[])").format(tables[HEAD]))
    connection.execute(sql.SQL("insert into {} values (%s)").format(tables[HEAD]), [list(extras)])
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
    for part in (*PARTS, HEAD, *DERIVED):
        connection.execute(sql.SQL("drop table if exists {}").format(tables[part]))


def present(connection: psycopg.Connection[TupleRow], tables: Tables) -> bool:
    """Say whether the staged rows are there; a crash of Postgres empties UNLOGGED tables."""
    for part in (HEAD, "row"):
        found = connection.execute("select to_regclass(%s)", [f"{SCHEMA}.{tables.name(part)}"]).fetchone()
        if found is None or found[0] is None:
            return False
    return connection.execute(sql.SQL("select 1 from {} limit 1").format(tables["row"])).fetchone() is not None


def planned(connection: psycopg.Connection[TupleRow], tables: Tables) -> bool:
    """Say whether the rows are there and the plan that was made of them; ``remark`` is the last table that it makes."""
    found = connection.execute("select to_regclass(%s)", [f"{SCHEMA}.{tables.name('remark')}"]).fetchone()
    return present(connection, tables) and found is not None and found[0] is not None


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


def stage_in_pieces(
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
        processes: that read besides this one; 0 reads here.

    Raises:
        CutInside: the file's quotes are uneven.
    """
    work = _Work(url, tables, reader, encoding, delimiter)
    numbered = enumerate(pieces)
    if not processes:
        with psycopg.connect(url) as connection:
            for number, piece in numbered:
                yield number, _stage_piece(connection, work, piece, number)
        return
    with ExitStack() as stack:
        helpers = [stack.enter_context(_Helper(work)) for _ in range(processes)]
        pool = stack.enter_context(ThreadPoolExecutor(processes))
        # A helper has one piece at a time: what waits in memory is one piece a process.
        busy = {pool.submit(helper.stage, *task): helper for helper, task in zip(helpers, numbered, strict=False)}
        while busy:
            done, _ = wait(busy, return_when=FIRST_COMPLETED)
            for future in done:
                helper = busy.pop(future)
                if (task := next(numbered, None)) is not None:
                    busy[pool.submit(helper.stage, *task)] = helper
                yield future.result()


@dataclass(frozen=True, slots=True)
class _Work:
    """What a reading process is told once."""

    url: str
    tables: Tables
    reader: Reads
    encoding: str
    delimiter: str


class _Helper:
    """A process that reads pieces. It ends when its input ends, so also when this process is killed."""

    def __init__(self, work: _Work) -> None:
        code = f"import sys; sys.path[:] = {sys.path!r}; from {__name__} import serve; serve()"
        self._process = subprocess.Popen(
            [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self._send(work)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with suppress(BrokenPipeError):
            self._pipe(self._process.stdin).close()
        self._process.wait()
        self._pipe(self._process.stdout).close()

    def stage(self, number: int, piece: bytes) -> tuple[int, int]:
        """Have one piece staged.

        Raises:
            CutInside: it ends inside a quoted cell.
            RuntimeError: the process ended, or failed.
        """
        self._send((number, piece))
        try:
            answer: int | str = pickle.load(self._pipe(self._process.stdout))  # noqa: S301 our own process's answer
        except EOFError as error:
            msg = "a reading process ended before its piece was staged"
            raise RuntimeError(msg) from error
        if isinstance(answer, str):
            raise CutInside if answer == CutInside.__name__ else RuntimeError(answer)
        return number, answer

    def _send(self, message: object) -> None:
        pipe = self._pipe(self._process.stdin)
        pickle.dump(message, pipe, pickle.HIGHEST_PROTOCOL)
        pipe.flush()

    @staticmethod
    def _pipe(pipe: IO[bytes] | None) -> IO[bytes]:
        if pipe is None:
            msg = "a reading process without pipes"
            raise RuntimeError(msg)
        return pipe


def serve() -> None:
    """Be a reading process: pieces on standard input, the rows of each on standard output, until the input ends."""
    incoming, outgoing = sys.stdin.buffer, sys.stdout.buffer
    # Rows hold no cycles, and looking for some in every block of them takes a tenth of the time.
    gc.disable()
    work: _Work = pickle.load(incoming)  # noqa: S301 from our own parent
    with psycopg.connect(work.url) as connection:
        while True:
            try:
                number, piece = pickle.load(incoming)  # noqa: S301 from our own parent
            except EOFError:
                return
            try:
                answer: int | str = _stage_piece(connection, work, piece, number)
            except Exception as failure:  # noqa: BLE001 the parent raises it again
                answer = type(failure).__name__
            pickle.dump(answer, outgoing)
            outgoing.flush()


def _stage_piece(connection: psycopg.Connection[TupleRow], work: _Work, piece: bytes, number: int) -> int:
    text = io.StringIO(piece.decode(work.encoding, "replace"), newline="")
    try:
        lines = work.reader.batch((number << PIECE_BITS) + 1, csv.reader(text, delimiter=work.delimiter, strict=True))
    except csv.Error as error:
        raise CutInside from error
    write(connection, work.tables, lines)
    return lines.rows
