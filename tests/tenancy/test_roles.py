"""Who may sign in to work: nobody who could step over the walls."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql
from sqlalchemy.exc import OperationalError

from leadflow import process
from leadflow.kernel.db import Database
from leadflow.kernel.roles import APP, SYSTEM, admit, faults, script
from leadflow.kernel.schema import migrate
from leadflow.local.postgres import serving_postgres
from leadflow.settings import BadSettings
from tests.configuration import VARIABLES, settings_of


def _as(url: str, role: str, password: str) -> str:
    return f"postgresql://{role}:{password}@{url.split('@')[1]}"


@pytest.fixture
def lax(server_url: str, database_url: str) -> Iterator[str]:
    """A role that inherits everything at once, and the address that it signs in at."""
    name = sql.Identifier("leadflow_lax")
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create role {} login password 'lax'").format(name))
        connection.execute(
            sql.SQL("grant {}, {} to {} with inherit true, set true").format(
                sql.Identifier(APP), sql.Identifier(SYSTEM), name
            )
        )
        yield _as(database_url, "leadflow_lax", "lax")
        connection.execute(sql.SQL("drop role {}").format(name))


def test_the_role_of_the_tests_is_fit(db: Database) -> None:
    with psycopg.connect(db.url) as connection:
        assert faults(connection) == []


def test_the_owner_is_not(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        assert any("owns LeadFlow's tables" in sentence for sentence in faults(connection))


def test_a_role_that_need_not_put_on_the_system_is_not(lax: str) -> None:
    with psycopg.connect(lax) as connection:
        found = faults(connection)
    assert len(found) == 1
    assert "inherit false" in found[0]


def test_a_superuser_and_a_role_without_the_groups_are_not(tmp_path: Path) -> None:
    with serving_postgres(tmp_path / "postgres") as server:
        migrate(server.url)
        password = (tmp_path / "postgres" / "postgres.password").read_text().strip()
        superuser = _as(server.url, "postgres", password)
        with psycopg.connect(superuser, autocommit=True) as connection:
            assert any("superuser" in sentence for sentence in faults(connection))
            connection.execute("create role stranger login bypassrls password 'stranger'")
        with psycopg.connect(_as(server.url, "stranger", "stranger")) as connection:
            found = " ".join(faults(connection))
        assert "BYPASSRLS" in found
        assert "leadflow migrate --roles" in found
        with psycopg.connect(server.runtime_url) as connection:
            assert faults(connection) == []


def test_production_does_not_start_on_the_owners_role(database_url: str, tmp_path: Path) -> None:
    settings = settings_of(DATABASE_URL=database_url, LF_ENV="prod", LF_DATA_DIR=str(tmp_path))
    with pytest.raises(BadSettings, match="DATABASE_URL: signs in as a role that owns") as refused:
        process.begin(settings)
    assert database_url.split(":")[2].split("@", maxsplit=1)[0] not in str(refused.value)


def test_a_strict_database_refuses_every_connection_of_an_unfit_role(database_url: str, db: Database) -> None:
    unfit, fit = Database(database_url, strict=True), Database(db.url, strict=True)
    with pytest.raises((OperationalError, psycopg.OperationalError), match="owns LeadFlow's tables"), unfit.begin():
        pass
    with fit.begin() as uow:
        assert uow.org_id is None
    unfit.dispose()
    fit.dispose()


def test_both_groups_can_do_nothing_on_their_own(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        found = connection.execute(
            "select rolcanlogin, rolsuper, rolbypassrls, rolcreaterole, rolcreatedb from pg_roles"
            " where rolname = any(%s)",
            [[APP, SYSTEM]],
        ).fetchall()
    assert found == [(False,) * 5] * 2


def test_an_owner_who_may_not_make_roles_is_told_what_to_run(tmp_path: Path) -> None:
    with serving_postgres(tmp_path / "postgres") as server:
        password = (tmp_path / "postgres" / "postgres.password").read_text().strip()
        superuser = _as(server.url, "postgres", password)
        with psycopg.connect(superuser, autocommit=True) as admin:
            for group in (APP, SYSTEM):
                admin.execute(sql.SQL("drop owned by {0}; drop role {0}").format(sql.Identifier(group)))
            for statement in (
                "create role poor login password 'poor'",
                "create role poor_run login password 'poor'",
                "create database poor owner poor",
            ):
                admin.execute(statement.encode())
            owner, runtime = (
                _as(server.url, role, "poor").rsplit("/", 1)[0] + "/poor" for role in ("poor", "poor_run")
            )
            told = _run("migrate", DATABASE_URL=runtime, LF_OWNER_DATABASE_URL=owner, LF_DATA_DIR=str(tmp_path))
            assert told.returncode != 0
            printed = _run(
                "migrate", "--roles", DATABASE_URL=runtime, LF_OWNER_DATABASE_URL=owner, LF_DATA_DIR=str(tmp_path)
            )
            assert printed.returncode == 0, printed.stderr
            assert "".join(printed.stdout.split()) == "".join(script("poor", "poor_run").as_string().split())
            assert "poor@" not in printed.stdout
            admin.execute(printed.stdout.encode())
        applied = _run("migrate", DATABASE_URL=runtime, LF_OWNER_DATABASE_URL=owner, LF_DATA_DIR=str(tmp_path))
        assert applied.returncode == 0, applied.stderr
        with psycopg.connect(runtime) as connection:
            assert faults(connection) == []
        database = Database(runtime, strict=True)
        with database.begin() as uow:
            uow.connection().execute("select count(*) from job")
        database.dispose()


def _run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "leadflow.cli.main", *arguments],
        env=VARIABLES | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_admitting_twice_is_admitting_once(server_url: str, db: Database) -> None:
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(admit("leadflow_tester"))
        connection.execute(admit("leadflow_tester"))
    with psycopg.connect(db.url) as connection:
        assert faults(connection) == []
