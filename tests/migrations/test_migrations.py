"""One schema everywhere: the migrations make exactly what the models say, up and down, on real Postgres."""

from __future__ import annotations

import threading
from itertools import pairwise

import psycopg
import pytest
from alembic.autogenerate import compare_metadata, produce_migrations, render_python_code
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from leadflow.kernel.db import sqlalchemy_url
from leadflow.kernel.schema import configuration, current, downgrade, head, migrate, pending
from migrations.comparison import OPTIONS
from models.registry import metadata

REVISIONS = [
    script.revision for script in reversed(list(ScriptDirectory.from_config(configuration()).walk_revisions()))
]


def test_the_migrations_make_what_the_models_say(database_url: str):
    engine = create_engine(sqlalchemy_url(database_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=OPTIONS)
        if compare_metadata(context, metadata):
            missing = produce_migrations(context, metadata)
            assert missing.upgrade_ops is not None
            pytest.fail("The models say more than the migrations:\n" + render_python_code(missing.upgrade_ops))
    engine.dispose()


def test_defaults_in_the_database_are_those_of_the_models(database_url: str):
    with psycopg.connect(database_url) as connection:
        rows = connection.execute(
            "select table_name, column_name from information_schema.columns"
            " where table_schema = 'public' and column_default is not null"
        ).fetchall()
    kept = set(rows)
    lost = [
        f"{table.name}.{column.name}"
        for table in metadata.tables.values()
        for column in table.columns
        if column.server_default is not None and (table.name, column.name) not in kept
    ]
    assert lost == []


def test_each_migration_goes_up_down_and_up_again(empty_database_url: str):
    for before, revision in pairwise(["", *REVISIONS]):
        assert migrate(empty_database_url, revision) == [revision]
        made = _shape(empty_database_url)
        downgrade(empty_database_url, before or "base")
        assert current(empty_database_url) == before
        migrate(empty_database_url, revision)
        assert _shape(empty_database_url) == made, revision


def test_all_the_way_down_leaves_nothing(empty_database_url: str):
    migrate(empty_database_url)
    downgrade(empty_database_url)
    assert _shape(empty_database_url) == {("alembic_version", "version_num", "character varying")}
    with psycopg.connect(empty_database_url) as connection:
        left = connection.execute(
            "select proname from pg_proc join pg_namespace n on n.oid = pronamespace where nspname = 'public'"
            " and not exists (select 1 from pg_depend d where d.objid = pg_proc.oid and d.deptype = 'e')"
        ).fetchall()
    assert left == []


def test_a_second_migrate_has_nothing_to_do(empty_database_url: str):
    assert migrate(empty_database_url) == REVISIONS
    assert migrate(empty_database_url) == []
    assert pending(current(empty_database_url)) == []
    assert current(empty_database_url) == head()


def test_two_at_once_do_not_race(empty_database_url: str):
    applied: list[list[str]] = []
    starts = [threading.Thread(target=lambda: applied.append(migrate(empty_database_url))) for _ in range(2)]
    for start in starts:
        start.start()
    for start in starts:
        start.join()
    assert sorted(applied, key=len) == [[], REVISIONS]


def _shape(url: str) -> set[tuple[str, str, str]]:
    with psycopg.connect(url) as connection:
        return set(
            connection.execute(
                "select table_name, column_name, data_type from information_schema.columns"
                " where table_schema = 'public'"
            ).fetchall()
        )
