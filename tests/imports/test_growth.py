"""The work of an import grows with its rows, not with their square."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import psycopg
import pytest

from benchmarks.generate_leads import Wanted, write
from leadflow.imports.queries import merge, tuning
from leadflow.kernel import roles
from leadflow.kernel.db import Database
from tests.imports.conftest import Importer
from tests.owning import as_owner

ROWS = 3_200
READ = 300 * ROWS + 2_000_000
"""Rows of tables that an import of so many may read: some thirty a row, and half a million or two that Postgres itself
reads of its catalogue and to keep its statistics. One statement that asks a table anew for each row reads thirteen
million, four times as many for twice the rows."""


def test_an_import_reads_in_proportion_to_its_rows(take: Importer, db: Database, tmp_path: Path) -> None:
    read = _read_by(take, db, _file(tmp_path, ROWS))

    assert ROWS < read < READ


@pytest.mark.parametrize(
    ("rows", "there", "one_by_one"),
    [(5, 0, "on"), (2_000, 0, "off"), (600, 12_500, "on"), (50_000, 12_500, "off")],
    ids=["few", "into none", "few into many", "many"],
)
def test_thousands_are_not_joined_one_by_one_in_tables_that_were_never_counted(
    db: Database, org: UUID, rows: int, there: int, one_by_one: str
) -> None:
    """The first file of 8,000 rows took minutes: the planner expected one row in each table of a fresh database."""
    with as_owner(db.url) as connection:
        connection.execute(
            """
            insert into property (id, org_id, property_key)
            select uuidv7(), %s, 'k' || n from generate_series(1, %s) n
            """,
            [org, there],
        )
        if there:
            connection.execute("analyze property (id)")
    with db.begin(org) as uow:
        tuning.tune(uow, rows)
        told = uow.connection().execute("show enable_nestloop").fetchone()
    assert told == (one_by_one,)


def test_the_runtime_role_may_let_postgres_count_what_an_import_filled(db: Database, org: UUID) -> None:
    with as_owner(db.url) as connection:
        connection.execute(
            """
            insert into property (id, org_id, property_key)
            select uuidv7(), %s, 'k' || n from generate_series(1, 7) n
            """,
            [org],
        )
    told = list[str | None]()
    with db.begin(org) as uow:
        connection = uow.connection()
        connection.add_notice_handler(lambda said: told.append(said.message_primary))
        assert roles.faults(connection) == [], "as in production: not the owner, and no way past the walls"
        merge.look_again(uow, tuning.MANY)
        counted = connection.execute(
            "select relname, reltuples from pg_class where oid = any(%s::regclass[])", [list(merge.FILLED)]
        ).fetchall()
    assert told == []
    assert dict(counted) == dict.fromkeys(merge.FILLED, 0) | {"property": 7}


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
