"""The work of an import grows with its rows, not with their square."""

from __future__ import annotations

from pathlib import Path

import psycopg

from benchmarks.generate_leads import Wanted, write
from leadflow.kernel.db import Database
from tests.imports.conftest import Importer

FEW, MANY = 400, 3_200
A_ROW = 300
"""Rows of tables that one more row of a file may read; 34 when this was written. A statement that asks a table anew for
each row reads some thousands, and more the longer the file."""


def test_a_longer_file_reads_no_more_for_each_of_its_rows(take: Importer, db: Database, tmp_path: Path) -> None:
    few, many = (_read_by(take, db, _file(tmp_path, rows)) for rows in (FEW, MANY))

    assert 0 < many - few < A_ROW * (MANY - FEW)


def _file(folder: Path, rows: int) -> Path:
    path = folder / f"{rows}.csv"
    write(Wanted(rows, seed=rows), path)
    return path


def _read_by(take: Importer, db: Database, path: Path) -> int:
    """Answer how many rows of tables the import of a file reads."""
    before = _told(db)
    take(path)
    return _told(db) - before


def _told(db: Database) -> int:
    # What a connection has counted is surely told when it ends.
    db.engine.dispose()
    with psycopg.connect(db.url, autocommit=True) as connection:
        row = connection.execute(
            "select tup_returned from pg_stat_database where datname = current_database()"
        ).fetchone()
    assert row is not None
    return int(row[0])
