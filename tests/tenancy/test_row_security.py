"""The second wall alone: the ORM is bare, SQL has no filter, and Postgres still shows and takes nothing foreign."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from psycopg import errors, sql
from psycopg.types.json import Jsonb
from sqlalchemy.dialects.postgresql import JSONB
from sqlmodel import select

from leadflow.kernel.db import Database, UnitOfWork
from tests.owning import as_owner
from tests.tenancy.conftest import Houses, inside
from tests.tenancy.tables import MODELS, TABLES, Tenant, _insert

pytestmark = pytest.mark.usefixtures("no_criteria")
NOBODYS = frozenset({"alembic_version"})
"""Tables without rows of anybody."""


def _granted(db: Database, tenant: Tenant, right: str) -> bool:
    with as_owner(db.url) as connection:
        found = connection.execute("select has_table_privilege('leadflow_app', %s, %s)", [tenant.quoted, right])
        row = found.fetchone()
    return bool(row and row[0])


def _ask(uow: UnitOfWork, statement: str, *values: Any) -> psycopg.Cursor[Any]:
    cursor = uow.connection().cursor()
    cursor.execute(statement.encode(), list(values))
    return cursor


def test_a_bare_select_answers_own_rows_only(db: Database, houses: Houses) -> None:
    for team in houses:
        with db.begin(team.org_id) as uow:
            for tenant in TABLES:
                found = _ask(uow, f"select distinct {tenant.column} from {tenant.quoted}").fetchall()  # noqa: S608 models
                assert found == [(team.org_id,)], tenant.name
            assert _ask(uow, "select id from organization").fetchall() == [(team.org_id,)]
            named = _ask(uow, 'select id from "user"').fetchall()
            assert {row[0] for row in named} == set(team.ids.values())


def test_the_orm_without_its_criteria_answers_own_rows_only(db: Database, houses: Houses) -> None:
    ours, _ = houses
    with db.begin(ours.org_id) as uow:
        for model in MODELS:
            assert {row.org_id for row in uow.session.exec(select(model))} == {ours.org_id}, model.__name__


def test_foreign_rows_are_neither_changed_nor_deleted(db: Database, houses: Houses) -> None:
    ours, theirs = houses
    for tenant in TABLES:
        for right, statement in (
            ("update", f"update {tenant.quoted} set created_at = now() where org_id = %s"),  # noqa: S608 models
            ("delete", f"delete from {tenant.quoted} where org_id = %s"),  # noqa: S608 models
        ):
            with inside(db, ours) as uow:
                if _granted(db, tenant, right):
                    assert _ask(uow, statement, theirs.org_id).rowcount == 0, tenant.name
                else:
                    with pytest.raises(errors.InsufficientPrivilege), uow.session.begin_nested():
                        _ask(uow, statement, theirs.org_id)


def test_foreign_rows_are_not_inserted(db: Database, houses: Houses) -> None:
    ours, theirs = houses
    for tenant in TABLES:
        row = _row(db, tenant, theirs.org_id)
        words = "row-level security" if _granted(db, tenant, "insert") else "permission denied"
        with pytest.raises(errors.InsufficientPrivilege, match=words), db.begin(ours.org_id) as uow:
            uow.connection().execute(_insert(tenant.name, row), list(row.values()))


def _row(db: Database, tenant: Tenant, org: object) -> dict[str, Any]:
    """Read a row that is there, to insert it once more: the wall answers before any key does."""
    made = {column.name for column in tenant.table.columns if column.computed is not None}
    with as_owner(db.url) as connection:
        cursor = connection.execute(
            sql.SQL("select * from {} where org_id = %s limit 1").format(sql.Identifier(tenant.name)), [org]
        )
        row = cursor.fetchone()
        names = [column.name for column in cursor.description or ()]
    assert row is not None
    return {
        name: Jsonb(value) if isinstance(tenant.table.columns[name].type, JSONB) else value
        for name, value in zip(names, row, strict=True)
        if name not in made
    }


def test_an_own_row_is_not_given_away(db: Database, houses: Houses) -> None:
    ours, theirs = houses
    for tenant in TABLES:
        statement = f"update {tenant.quoted} set org_id = %s where org_id = %s"  # noqa: S608 models
        with pytest.raises((errors.InsufficientPrivilege, errors.RestrictViolation)), db.begin(ours.org_id) as uow:
            _ask(uow, statement, theirs.org_id, ours.org_id)


def test_a_connection_that_named_no_organisation_sees_nothing(db: Database, houses: Houses) -> None:
    assert len(houses) == 2
    with psycopg.connect(db.url) as connection:
        for tenant in TABLES:
            counted = connection.execute(f"select count(*) from {tenant.quoted}".encode()).fetchone()  # noqa: S608 models
            assert counted == (0,), tenant.name
        with pytest.raises(errors.InsufficientPrivilege):
            connection.execute("insert into tag (org_id, name) values (%s, 'Planted')", [houses[0].org_id])


def test_work_across_organisations_touches_no_lead_and_no_person(db: Database, houses: Houses) -> None:
    assert len(houses) == 2
    granted = {"api_key", "audit_event", "campaign", "import_batch", "invitation", "job", "mail", "membership"}
    granted |= {"message", "provider_credential", "restore", "retention_rule", "sender_number", "session", "short_link"}
    for tenant in TABLES:
        if tenant.name in granted:
            continue
        with pytest.raises(errors.InsufficientPrivilege), db.begin() as uow:
            _ask(uow, f"select 1 from {tenant.quoted}")  # noqa: S608 models


def test_an_account_shows_its_name_to_its_organisations_and_its_secrets_to_none(db: Database, houses: Houses) -> None:
    ours, _ = houses
    for column in ("password_hash", "totp_secret"):
        with pytest.raises(errors.InsufficientPrivilege), db.begin(ours.org_id) as uow:
            _ask(uow, f'select {column} from "user"')  # noqa: S608 names above
    for table in ("refresh_token", "login_attempt", "recovery_code", "one_time_token", "webhook_inbox"):
        with pytest.raises(errors.InsufficientPrivilege), db.begin(ours.org_id) as uow:
            _ask(uow, f"select 1 from {table}")  # noqa: S608 names above


def test_every_table_has_its_policies_and_grants(database_url: str) -> None:
    with psycopg.connect(database_url) as connection:
        walled = dict(
            connection.execute(
                "select relname, relrowsecurity from pg_class c where relkind in ('r', 'p')"
                " and relnamespace = 'public'::regnamespace"
            ).fetchall()
        )
        policies: dict[str, dict[str, tuple[str, str]]] = {}
        for table, roles, using, check in connection.execute(
            "select tablename, roles::text[], qual, with_check from pg_policies where schemaname = 'public'"
        ).fetchall():
            policies.setdefault(table, {})[roles[0]] = (using, check)
            assert len(roles) == 1
        reads = {
            row[0]
            for row in connection.execute(
                "select table_name from information_schema.table_privileges"
                " where grantee = 'leadflow_app' and privilege_type = 'SELECT' and table_schema = 'public'"
            )
        }
    assert {table for table, on in walled.items() if not on} <= NOBODYS
    for tenant in TABLES:
        using, check = policies[tenant.name]["leadflow_app"]
        for condition in (using, check):
            assert condition.startswith("(org_id = "), tenant.name
            assert "current_setting('app.org_id'::text, true)" in condition
        assert tenant.name in reads
    open_to_app = {table for table, own in policies.items() if own.get("leadflow_app", ("", ""))[0] == "true"}
    # One row about the installation itself, which names nobody; and where ZIP codes are, the same for everybody.
    assert open_to_app == {"install_epoch", "zip_place"}


def test_every_table_with_an_organisation_is_marked() -> None:
    assert {tenant.name for tenant in TABLES} == {model.__tablename__ for model in MODELS}


def test_the_search_that_steps_over_row_security_stays_inside_all_the_same(db: Database, houses: Houses) -> None:
    ours, theirs = houses
    asked = "select array(select find_leads(array[%s], null, null, 10))"
    with psycopg.connect(db.url) as connection:
        assert connection.execute(asked, ["%"]).fetchone() == ([],)
    for team in (ours, theirs):
        with db.begin(team.org_id) as uow:
            found = _ask(uow, asked, "%").fetchone()
            own = _ask(uow, "select array(select lead_id from lead_search)").fetchone()
            assert found == own
            assert found is not None
            assert len(found[0]) == 1
    with pytest.raises(errors.InsufficientPrivilege), db.begin() as uow:
        _ask(uow, asked, "%")


@pytest.mark.parametrize(
    ("asked", "own"),
    [
        ("find_by_words(array[chr(37)], null, 10)", "select lead_id from lead_search"),
        ("find_by_parcel('X1', 10)", "select lead_id from lead_search where false"),
        ("find_by_ending(0, 0, 10)", "select id from phone where false"),
        ("find_tasks(array[chr(37)], null, 10)", "select id from task where state = 'open'"),
    ],
)
def test_the_other_searches_stay_inside_as_well(db: Database, houses: Houses, asked: str, own: str) -> None:
    """Each answers an organisation's own rows, nothing without one, and nobody but who works inside one."""
    with psycopg.connect(db.url) as connection:
        assert connection.execute(f"select array(select {asked})".encode()).fetchone() == ([],)
    for team in houses:
        with db.begin(team.org_id) as uow:
            mine = _ask(uow, f"select array({own})").fetchone()
            found = _ask(uow, f"select array(select {asked})").fetchone()
            assert mine is not None
            assert found is not None
            assert sorted(found[0]) == sorted(mine[0])
    with pytest.raises(errors.InsufficientPrivilege), db.begin() as uow:
        _ask(uow, f"select array(select {asked})")
