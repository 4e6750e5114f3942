"""A removed lead is erased after its window with whoever stands to nothing else; the rest and the record stay."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from leadflow.api.app import create_app
from leadflow.audit import service as audit
from leadflow.cli import erase as command
from leadflow.cli.compliance import app
from leadflow.cli.desk import Desk
from leadflow.compliance import service as compliance
from leadflow.compliance.types import Ask, Recipient
from leadflow.identity.errors import ConfirmPassword
from leadflow.identity.types import Principal
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.errors import Forbidden, Invalid
from leadflow.leads import service as leads
from leadflow.leads.errors import NoSuchLead
from leadflow.retention import service as retention
from leadflow.retention.errors import Held, TooSoon
from leadflow.retention.rules.leaving import WINDOW
from leadflow.retention.types import HoldWish, LeadWish
from leadflow.settings import Settings
from models.properties import Person, PropertyParty
from models.retention import Erasure
from models.vocabulary import HoldSubject, PartyRole, Role
from tests.identity.people import PASSWORD, Team, signed_in
from tests.retention.household import LINE, NAME, NUMBER, Household, finds, import_file


@pytest.fixture
def gone(home: Household, clock: FrozenClock, team: Team) -> Principal:
    """Remove the lead and let its window pass; answers an owner who has just typed the password."""
    with home.db.begin(home.actor.org_id) as uow:
        leads.remove(uow, home.actor, home.lead, f"sold by {NAME}")
    clock.advance(WINDOW)
    return team.present(home.db, Role.OWNER)


def erase(home: Household, actor: Principal, reference: str = "") -> None:
    with home.db.begin(actor.org_id) as uow:
        retention.erase_lead(uow, actor, LeadWish(home.lead, reference))


def rows(home: Household, statement: str, *values: Any) -> list[Any]:
    with home.db.begin(home.actor.org_id) as uow, uow.cursor() as cursor:
        cursor.execute(statement.encode(), list(values))
        return cursor.fetchall()


def test_a_removed_lead_goes_with_its_owner_and_nothing_of_them_is_found(home: Household, gone: Principal) -> None:
    audit.seal_all(home.db)
    receipts = rows(home, "select id, body, digest from decision order by id")
    erase(home, gone, "CL-4")
    assert finds(home.db) == {}
    assert rows(home, "select id, body, digest from decision order by id") == receipts
    audit.seal_all(home.db)
    assert audit.verify(home.db, gone.org_id).whole
    with home.db.begin(gone.org_id) as uow:
        decision = compliance.assess(uow, [Recipient(e164=NUMBER)], Ask(), uow.now())[0]
        stone = uow.session.exec(select(Erasure)).one()
    assert {"litigator", "internal_dnc"} <= set(decision.reasons), "what stood against the number stands"
    assert (stone.person_id, stone.reference) == (home.person, "CL-4")
    ((detail,),) = rows(home, "select detail from audit_event where action = 'lead.erased'")
    assert (detail["people"], detail["reference"]) == (1, "CL-4")
    assert rows(home, "select name from person where name <> 'Erased person'") == [("Ada Quill",)]


def test_what_was_erased_is_neither_listed_nor_restored_and_comes_back_as_a_new_lead(
    home: Household, gone: Principal, tmp_path: Path
) -> None:
    erase(home, gone)
    with home.db.begin(gone.org_id) as uow:
        found = leads.removed(uow, gone)
        assert (found.rows, found.count) == ((), 0)
        with pytest.raises(NoSuchLead):
            leads.restore(uow, gone, home.lead)
        with pytest.raises(NoSuchLead):
            retention.lead_preview(uow, gone, home.lead)
    import_file(home.db, gone, tmp_path, LINE)
    ((lead_id,),) = rows(home, "select lead_id from lead_search where street like '9622%%'")
    assert lead_id != home.lead


def test_the_preview_tells_what_will_go_and_changes_nothing(home: Household, gone: Principal) -> None:
    before = finds(home.db)
    with home.db.begin(gone.org_id) as uow:
        told = retention.lead_preview(uow, gone, home.lead)
    assert finds(home.db) == before
    assert (told.people, told.blocked, "9622" in told.address) == ((NAME,), "", True)
    assert any("keyed hash" in kept.what for kept in told.stays)
    erase(home, gone)
    ((detail,),) = rows(home, "select detail from audit_event where action = 'lead.erased'")
    assert detail["rows"] == dict(told.goes)


def test_whoever_stands_to_another_property_stays_with_it(home: Household, gone: Principal) -> None:
    with home.db.begin(gone.org_id) as uow:
        (other,) = rows(home, "select property_id from lead where id <> %s limit 1", home.lead)[0]
        uow.session.add(
            PropertyParty(org_id=gone.org_id, property_id=other, person_id=home.person, role=PartyRole.OWNER)
        )
        uow.session.flush()
        told = retention.lead_preview(uow, gone, home.lead)
        assert told.people == ()
        assert NAME in {kept.what for kept in told.stays}
    erase(home, gone)
    with home.db.begin(gone.org_id) as uow:
        person = uow.session.exec(select(Person).where(Person.id == home.person)).one()
        assert person.name == NAME
        assert uow.session.exec(select(Erasure)).all() == []
    assert rows(home, "select count(*) from property_party where person_id = %s", home.person) == [(1,)]
    assert rows(home, "select street from property where id = %s", home.property) == [(None,)]
    told = "select count(*) from activity where lead_id = %s and summary like '%%wants a call%%'"
    assert rows(home, told, home.lead) == [(0,)]


def test_a_lead_that_stands_or_was_removed_lately_is_not_erased(home: Household, boss: Principal) -> None:
    with home.db.begin(boss.org_id) as uow:
        with pytest.raises(NoSuchLead):
            retention.lead_preview(uow, boss, home.lead)
        leads.remove(uow, boss, home.lead, "sold")
        assert "can only be restored until" in retention.lead_preview(uow, boss, home.lead).blocked
        with pytest.raises(TooSoon):
            retention.erase_lead(uow, boss, LeadWish(home.lead))


def test_a_hold_stands_above_it_and_a_reference_names_nobody(home: Household, gone: Principal) -> None:
    for wrong in (f"for {NAME}", "9622 Garland Ct"):
        with pytest.raises(Invalid):
            erase(home, gone, wrong)
    with home.db.begin(gone.org_id) as uow:
        retention.place(uow, gone, HoldWish(HoldSubject.PERSON, "suit", person_id=home.person))
    with home.db.begin(gone.org_id) as uow:
        told = retention.lead_preview(uow, gone, home.lead)
        assert told.blocked
        assert len(told.holds) == 1
    with pytest.raises(Held):
        erase(home, gone)


@pytest.mark.usefixtures("gone")
def test_only_an_owner_who_has_just_typed_the_password(home: Household, team: Team) -> None:
    for role in (Role.MANAGER, Role.AGENT, Role.AUDITOR):
        with pytest.raises(Forbidden):
            erase(home, team.principal(home.db, role))
    with pytest.raises(ConfirmPassword):
        erase(home, team.principal(home.db, Role.OWNER))
    assert finds(home.db)


def test_on_the_command_line_it_is_told_first_and_then_done(
    home: Household, gone: Principal, monkeypatch: pytest.MonkeyPatch
) -> None:
    def run(*words: str, typed: str = "") -> Any:
        done = CliRunner().invoke(app, ["erase-lead", str(home.lead), *words], input=typed)
        assert done.exit_code == 0, done.output
        return done.stdout

    @contextmanager
    def desk(_org: str | None = None) -> Generator[Desk]:
        yield Desk(home.db, gone)

    monkeypatch.setattr(command, "desk", desk)
    assert json.loads(run("--preview", "--json"))["people"] == [NAME]
    assert "keyed hash" in run("--preview")
    assert "Erased" in run(typed=f"{PASSWORD}\n")
    assert finds(home.db) == {}


@pytest.mark.usefixtures("gone")
def test_over_http_an_owner_looks_and_erases_once(home: Household, settings: Settings, team: Team) -> None:
    app, path = create_app(home.db, settings), f"/api/v1/erasures/leads/{home.lead}"
    assert signed_in(app, team, Role.MANAGER).get(path).status_code == 403
    owner = signed_in(app, team, Role.OWNER)
    assert owner.get(path).json()["people"] == [NAME]
    assert owner.post(path, json={"reference": "CL-4"}).status_code == 204
    assert owner.post(path, json={}).status_code == 404
    assert owner.get("/api/v1/erasures").json()["rows"][0]["reference"] == "CL-4"
