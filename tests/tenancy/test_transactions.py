"""Transactions of several organisations side by side: on one connection, of one person, in one worker."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from urllib.parse import urlsplit
from uuid import UUID

import psycopg
import pytest
from psycopg import errors, sql
from sqlalchemy import text

from leadflow.audit import queries as audit
from leadflow.identity import service as identity
from leadflow.jobs import service as jobs
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import NotFound
from leadflow.kernel.roles import admit
from models.base import new_id
from models.identity import Membership
from models.leads import Tag
from models.vocabulary import JobKind, JobState, Role
from tests.identity.people import Team, make_team
from tests.owning import as_owner
from workers.job import run
from workers.main import load_handlers


@pytest.fixture
def teams(db: Database) -> tuple[Team, Team]:
    """Two organisations with a tag of their own name each."""
    made = make_team(db, "Cedar Homes"), make_team(db, "Birch Partners")
    for team in made:
        with db.begin(team.org_id) as uow:
            uow.session.add(Tag(org_id=team.org_id, name=str(team.org_id)))
    return made


@pytest.fixture
def narrow(db: Database) -> Iterator[Database]:
    """A pool of one connection, so that every transaction inherits what the last one left."""
    database = Database(db.url, clock=db.clock, pool_size=1)
    yield database
    database.dispose()


def tags(uow: UnitOfWork) -> set[str]:
    """Ask for every tag, without a filter."""
    with uow.cursor() as cursor:
        return {row[0] for row in cursor.execute("select name from tag").fetchall()}


# One connection


def test_transactions_one_after_another_leave_each_other_nothing(narrow: Database, teams: tuple[Team, Team]) -> None:
    backends: set[int] = set()
    for _ in range(4):
        for team in teams:
            with narrow.begin(team.org_id) as uow:
                assert tags(uow) == {str(team.org_id)}
                backends.add(uow.connection().info.backend_pid)
            with pytest.raises(errors.InsufficientPrivilege), narrow.begin() as uow:
                tags(uow)
            with pytest.raises(errors.DivisionByZero), narrow.begin(team.org_id) as uow:
                uow.connection().execute("select 1 / 0")
    assert len(backends) == 1


def test_what_a_transaction_set_is_gone_with_it(narrow: Database, teams: tuple[Team, Team]) -> None:
    with narrow.begin(teams[0].org_id):
        pass
    with narrow.engine.connect() as connection:
        found = connection.execute(text("select current_user = session_user, current_setting('app.org_id', true)"))
        assert found.one() == (True, "")


def test_two_transactions_at_once_see_each_its_own(db: Database, teams: tuple[Team, Team]) -> None:
    meet, seen = threading.Barrier(2, timeout=20), dict[UUID, list[set[str]]]()

    def work(team: Team) -> None:
        for _ in range(10):
            with db.begin(team.org_id) as uow:
                meet.wait()
                seen.setdefault(team.org_id, []).append(tags(uow))
                meet.wait()

    both = [threading.Thread(target=work, args=[team]) for team in teams]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert seen == {team.org_id: [{str(team.org_id)}] * 10 for team in teams}


# Everywhere, and back


def test_everywhere_ends_where_it_ends(db: Database, teams: tuple[Team, Team]) -> None:
    ours, _ = teams
    with db.begin(ours.org_id) as uow:
        with uow.everywhere(), uow.cursor() as cursor:
            counted = cursor.execute("select count(distinct org_id) from membership").fetchone()
            assert counted == (2,)
            with pytest.raises(errors.InsufficientPrivilege), uow.session.begin_nested():
                tags(uow)
        assert tags(uow) == {str(ours.org_id)}
        with pytest.raises(ZeroDivisionError), uow.everywhere():
            raise ZeroDivisionError
        assert tags(uow) == {str(ours.org_id)}
        with pytest.raises(errors.InsufficientPrivilege), uow.session.begin_nested(), uow.everywhere():
            tags(uow)
        assert tags(uow) == {str(ours.org_id)}


def test_a_founding_transaction_becomes_the_organisations(db: Database, teams: tuple[Team, Team]) -> None:
    assert len(teams) == 2
    with db.begin() as uow:
        org_id = identity.create_organization(uow, "Elm Estates")
        assert uow.org() == org_id
        assert tags(uow) == set()
        with uow.cursor() as cursor:
            assert cursor.execute("select id from organization").fetchall() == [(org_id,)]


# One person in two organisations


def test_a_person_in_two_organisations_carries_nothing_across(db: Database, teams: tuple[Team, Team]) -> None:
    ours, theirs = teams
    both = ours.ids[Role.AGENT]
    with db.begin(theirs.org_id) as uow:
        uow.session.add(Membership(org_id=theirs.org_id, user_id=both, role=Role.OWNER))
    opened = ours.sign_in(db, Role.AGENT)
    assert (opened.principal.org_id, opened.principal.role) == (ours.org_id, Role.AGENT)
    for team, role in ((ours, Role.AGENT), (theirs, Role.OWNER)):
        with db.begin(team.org_id) as uow, uow.cursor() as cursor:
            found = cursor.execute("select org_id, role from membership where user_id = %s", [both]).fetchall()
            assert found == [(team.org_id, role.value)]
            assert tags(uow) == {str(team.org_id)}
            # The account is known in both; where it is signed in stays the affair of the one it is signed in to.
            assert set(identity.names_of(uow, [both])) == {both}
            sessions = cursor.execute("select org_id from session where user_id = %s", [both]).fetchall()
            assert sessions == ([(ours.org_id,)] if team is ours else [])


def test_signing_out_everywhere_reaches_the_other_organisation_too(db: Database, teams: tuple[Team, Team]) -> None:
    ours, theirs = teams
    both = ours.ids[Role.AGENT]
    first, second = ours.sign_in(db, Role.AGENT), ours.sign_in(db, Role.AGENT)
    with as_owner(db.url) as connection:
        connection.execute(
            "insert into membership (org_id, user_id, role) values (%s, %s, 'agent')", [theirs.org_id, both]
        )
        connection.execute("update session set org_id = %s where id = %s", [theirs.org_id, second.session_id])
    assert identity.sign_out_everywhere(db, first.principal) == 2
    assert identity.still_open(db, [first.session_id, second.session_id]) == set()


# Workers


def test_a_worker_takes_the_organisation_from_the_row(db: Database, teams: tuple[Team, Team]) -> None:
    ours, theirs = teams
    load_handlers()
    with db.begin(theirs.org_id) as uow, uow.cursor() as cursor:
        import_id = new_id()
        cursor.execute(
            "insert into import_batch (org_id, id, filename, file_key, file_sha256, state)"
            " values (%s, %s, 'theirs.csv', 'x', 'x', 'uploaded')",
            [theirs.org_id, import_id],
        )
    payload = {"import_id": str(import_id), "org_id": str(theirs.org_id)}
    with db.begin(ours.org_id) as uow:
        job_id = jobs.enqueue(uow, JobKind.IMPORT_CHECK, payload=payload)
    assert run(db, job_id)
    with as_owner(db.url) as connection:
        job = connection.execute("select state, org_id, error from job where id = %s", [job_id]).fetchone()
        batch = connection.execute("select state from import_batch where id = %s", [import_id]).fetchone()
    assert job == (JobState.FAILED.value, ours.org_id, NotFound().message)
    assert batch == ("uploaded",)


# The record


def test_an_open_transaction_holds_the_sealer_back(db: Database, teams: tuple[Team, Team]) -> None:
    ours, _ = teams
    with psycopg.connect(db.url) as writer:
        began = writer.execute("select transaction_timestamp()").fetchone()
        assert began is not None
        with db.begin(ours.org_id) as uow:
            assert audit.horizon(uow) <= began[0]
            assert tags(uow) == {str(ours.org_id)}
    with db.begin(ours.org_id) as uow:
        assert audit.horizon(uow) > began[0]


def test_a_writer_whose_times_are_hidden_holds_it_back_for_good(db: Database, teams: tuple[Team, Team]) -> None:
    ours, _ = teams
    other = db.url.replace("leadflow_tester", "leadflow_other", 1)
    with as_owner(db.url) as connection:
        password = urlsplit(db.url).password or ""
        made = sql.SQL("create role leadflow_other login password {}").format(sql.Literal(password))
        connection.execute(made)
        connection.execute(admit("leadflow_other"))
        with psycopg.connect(other), db.begin(ours.org_id) as uow:
            assert audit.horizon(uow) < datetime(2000, 1, 1, tzinfo=UTC)
        connection.execute("drop role leadflow_other")
