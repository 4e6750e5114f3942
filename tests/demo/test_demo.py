"""The demonstration on a fresh database: made by the real services, whole, alive, and made once."""

from __future__ import annotations

from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from leadflow import process
from leadflow.audit import service as audit
from leadflow.campaigns import service as campaigns
from leadflow.identity import service as identity
from leadflow.identity.types import Caller, Credentials, Principal, SignedIn
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Conflict
from leadflow.local.demo import service as demo
from leadflow.local.demo.files import Author, Wish
from leadflow.local.demo.story import DOMAIN, FILES
from leadflow.settings import Settings
from models.identity import User
from models.vocabulary import CampaignState, ReplyLabel, Role, RowVerdict, Verdict
from tests.configuration import settings_of
from tests.conftest import NOON, drop_database, make_database
from tests.owning import as_owner

TABLES = (
    "lead",
    "message",
    "decision",
    "conversation",
    "inbound_message",
    "campaign",
    "audit_event",
    "job",
    "task",
    "tag",
)


@pytest.fixture(scope="module")
def settings(
    server_url: str, runtime_of: Callable[[str], str], template: str, tmp_path_factory: pytest.TempPathFactory
) -> Generator[Settings]:
    """Give this module one database: the demonstration takes its time."""
    folder: Path = tmp_path_factory.mktemp("demo")
    url = make_database(server_url, "demo_once", template)
    yield settings_of(
        DATABASE_URL=runtime_of(url),
        LF_OWNER_DATABASE_URL=url,
        LF_DATA_DIR=str(folder),
        LF_ANCHOR_DIR=str(folder / "anchors"),
    )
    drop_database(server_url, "demo_once")


@pytest.fixture(scope="module")
def told(settings: Settings) -> dict[str, Any]:
    """Make the demonstration, once for this module: afresh, over an older one of which nothing may stay."""
    process.configure(settings)
    db = Database(settings.database_url.get_secret_value(), clock=FrozenClock(NOON), pool_size=4)
    try:
        with db.begin() as uow:
            identity.create_organization(uow, "An older demonstration")
            identity.add_member(uow, f"old@{DOMAIN}", "Old", "a rather long password", Role.OWNER, demo=True)
        return dict(demo.reset(db, lambda _: None, settings.migrating_url))
    finally:
        db.dispose()


@pytest.fixture
def rows(told: dict[str, Any], db: Database) -> Any:
    """Ask the finished demonstration in SQL."""
    assert told["made"]

    def ask(query: str) -> list[tuple[Any, ...]]:
        with as_owner(db.url, autocommit=False) as connection:
            return connection.execute(query.encode()).fetchall()

    return ask


@pytest.fixture
def boss(told: dict[str, Any], db: Database) -> Principal:
    assert told["leads"]
    with db.begin() as uow:
        return identity.member_principal(uow, f"owner@{DOMAIN}")


def test_thousands_of_leads_come_from_files_whose_every_row_is_accounted_for(told, rows):
    assert told["leads"] > 2_900
    for state, counts in rows("select state, counts from import_batch"):
        assert state == "done"
        assert counts["data_rows"] == sum(counts[verdict] for verdict in RowVerdict)
    assert sum(row[0]["reject"] for row in rows("select counts from import_batch")) > 10
    assert rows("select count(*) from import_batch")[0][0] == len(FILES)


def test_making_it_afresh_leaves_nothing_of_the_old_one(told, rows):
    assert rows("select name from organization") == [(told["organization"],)]
    assert rows("select count(*) from \"user\" where name = 'Old'")[0][0] == 0


def test_there_is_a_campaign_in_every_state(told):
    assert set(told["campaigns"]) == set(CampaignState)


def test_people_answered_everything_that_we_tell_apart(rows):
    assert {row[0] for row in rows("select distinct label from inbound_message")} == set(ReplyLabel)


def test_the_gate_gave_every_answer_and_blocked_by_many_rules(rows):
    assert {row[0] for row in rows("select distinct verdict from decision")} == set(Verdict)
    assert rows("select count(distinct reasons[1]) from decision where verdict = 'blocked'")[0][0] >= 6


def test_each_launched_campaign_adds_up_to_its_audience(boss, db):
    with db.begin(boss.org_id) as uow:
        found, _ = campaigns.listing(uow, boss)
        launched = [row for row in found if row.launched_at]
        for row in launched:
            by_state = campaigns.progress(uow, boss, row.id).by_state
            assert sum(by_state.values()) == row.audience
    assert len(launched) == 4


def test_campaigns_that_stand_have_texts_behind_and_before_them(rows):
    left = {
        state: (sent, queued)
        for state, sent, queued in rows(
            "select c.state, count(*) filter (where m.submitted_at is not null), "
            "count(*) filter (where m.state = 'queued') from campaign c join message m "
            "on m.org_id = c.org_id and m.campaign_id = c.id group by 1"
        )
    }
    assert min(*left["paused"], *left["running"]) > 10, left


def test_whoever_said_stop_got_no_text_afterwards_but_one_confirmation(rows):
    after = rows(
        "select m.purpose, count(*) from inbound_message i join message m on m.org_id = i.org_id and m.e164 = i.e164 "
        "where i.label in ('opt_out', 'hostile_legal') and m.submitted_at > i.received_at group by 1"
    )
    assert {row[0] for row in after} <= {"confirmation"}


def test_nothing_that_left_lacks_a_decision(rows):
    assert rows("select count(*) from message where submitted_at is not null and decision_id is null")[0][0] == 0
    assert rows("select count(*) from message where state in ('submitting', 'unknown', 'failed_unknown')")[0][0] == 0


def test_every_invented_number_is_one_that_nobody_has(rows):
    assert rows("select count(*) from phone where e164::text !~ '^1[2-9][0-9]{2}55501[0-9]{2}$'")[0][0] == 0


def test_the_record_is_whole_and_sealed(boss, db):
    report = audit.verify(db, boss.org_id)
    assert report.fault is None, report
    assert report.leaves > 500


def test_the_past_lies_in_the_past(rows):
    for table, column in (("message", "submitted_at"), ("decision", "at"), ("activity", "at"), ("audit_event", "at")):
        assert rows(f"select max({column}) from {table}")[0][0] <= NOON  # noqa: S608 names of ours


def test_every_login_works(told, db):
    assert {login["role"] for login in told["logins"]} == {"owner", "manager", "agent", "auditor"}
    for login in told["logins"]:
        signed = identity.sign_in(
            db, Credentials(email=login["email"], password=login["password"]), Caller("127.0.0.1")
        )
        assert isinstance(signed, SignedIn)
        assert signed.principal.role.value == login["role"]


def test_a_second_call_changes_nothing(told, db, rows):
    before = {table: rows(f"select count(*) from {table}")[0][0] for table in TABLES}  # noqa: S608 names of ours
    again = demo.ensure(db, lambda _: None)
    assert again["made"] is False
    assert again["logins"] == told["logins"]
    assert {table: rows(f"select count(*) from {table}")[0][0] for table in TABLES} == before  # noqa: S608 same


def test_a_database_with_other_people_is_never_emptied(told, db, settings):
    with db.begin() as uow:
        uow.session.add(User(email="real@example.com", name="Real", password_hash="x"))
    with pytest.raises(Conflict):
        demo.reset(db, lambda _: None, settings.migrating_url)
    with db.begin() as uow, uow.cursor() as cursor:
        cursor.execute("delete from \"user\" where email = 'real@example.com'")
    with as_owner(db.url) as connection:
        assert connection.execute("select count(*) from lead").fetchone() == (told["leads"],)


def test_files_are_the_same_for_the_same_seed():
    wish = Wish("a.csv", ("TX",), 40, {"Vacant": 0.5}, spoilt=3)
    first, second = (Author(11, NOON.date()).write(wish) for _ in range(2))
    assert first == second
    assert Author(12, NOON.date()).write(wish) != first
