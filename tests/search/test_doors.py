"""The search over HTTP and on the command line; a lead that was merged leads to the one that it is today."""

from __future__ import annotations

import json
from collections.abc import Generator
from contextlib import contextmanager

import pytest
from fastapi import FastAPI
from typer.testing import CliRunner

from leadflow.api.app import create_app
from leadflow.cli import search as command
from leadflow.cli.desk import Desk
from leadflow.duplicates import service as duplicates
from leadflow.duplicates.types import Wish
from leadflow.kernel.db import Database
from leadflow.settings import Settings
from models.base import new_id
from models.vocabulary import DuplicateKind, Role
from tests.duplicates.world import World
from tests.factories.leads import a_lead
from tests.factories.properties import a_property, an_owner
from tests.identity.people import Team, make_team, signed_in


@pytest.fixture
def api(db: Database, settings: Settings) -> FastAPI:
    """Build the API."""
    return create_app(db, settings)


@pytest.fixture
def team(db: Database) -> Team:
    """Found an organisation with three leads on one street."""
    made = make_team(db)
    with db.begin(made.org_id) as uow:
        for number in range(3):
            house = a_property(uow, street=f"{number} Garland Ct")
            an_owner(uow, house, number=f"+130355501{number}0", name=f"Quill {number}")
            a_lead(uow, house)
    return made


def test_everything_is_searched_at_once_and_one_kind_page_by_page(api: FastAPI, team: Team):
    client = signed_in(api, team, Role.MANAGER)
    found = client.get("/api/v1/search", params={"q": "garland", "limit": 2}).json()
    assert [(group["kind"], len(group["hits"]), group["count"]) for group in found["groups"]] == [("lead", 2, 3)]
    assert found["groups"][0]["hits"][0].keys() == {"kind", "id", "title", "subtitle", "href", "why"}
    first = client.get("/api/v1/search/lead", params={"q": "garland", "limit": 2}).json()
    rest = client.get("/api/v1/search/lead", params={"q": "garland", "limit": 2, "after": first["next"]}).json()
    assert (len(first["rows"]), first["count"], len(rest["rows"]), rest["next"]) == (2, 3, 1, None)
    only = client.get("/api/v1/search", params={"q": "quill", "kinds": ["person", "phone"]}).json()
    assert [group["kind"] for group in only["groups"]] == ["person"]


@pytest.mark.parametrize(
    "params", [{}, {"q": "x" * 201}, {"q": "ab", "limit": 0}, {"q": "ab", "limit": 21}, {"q": "ab", "kinds": "secret"}]
)
def test_a_question_that_makes_no_sense_is_refused(api: FastAPI, team: Team, params: dict[str, str | int]):
    assert signed_in(api, team, Role.OWNER).get("/api/v1/search", params=params).status_code == 422


def test_a_kind_beyond_the_role_is_refused_and_an_unknown_one_is_nowhere(api: FastAPI, team: Team):
    auditor = signed_in(api, team, Role.AUDITOR)
    assert auditor.get("/api/v1/search/import", params={"q": "csv"}).status_code == 403
    assert auditor.get("/api/v1/search/secret", params={"q": "csv"}).status_code == 404


def test_a_merged_lead_leads_to_the_one_that_it_is_today(db: Database, api: FastAPI, team: Team):
    with db.begin(team.org_id) as uow:
        world = World(uow)
        gone, stays = (world.lead(world.house("", world.person(f"Ada Quill {n}"))) for n in range(2))
    manager = team.present(db, Role.MANAGER)
    with db.begin(team.org_id) as uow:
        duplicates.merge(uow, manager, Wish(DuplicateKind.PROPERTY, stays.property_id, gone.property_id))
    client = signed_in(api, team, Role.MANAGER)
    for path in ("", "/timeline?limit=5"):
        answer = client.get(f"/api/v1/leads/{gone.id}{path}", follow_redirects=False)
        assert answer.status_code == 308
        assert answer.headers["location"] == f"/api/v1/leads/{stays.id}{path}"
    assert client.get(f"/api/v1/leads/{gone.id}", follow_redirects=True).json()["row"]["id"] == str(stays.id)
    written = client.patch(f"/api/v1/leads/{gone.id}", json={"status": "dead"})
    assert (written.status_code, written.json()["error"]["code"]) == (404, "merged")
    assert str(stays.id) in written.json()["error"]["message"]
    # Who may not see the one that stays learns nothing of the other.
    agent = signed_in(api, team, Role.AGENT)
    hidden, never = (agent.get(f"/api/v1/leads/{one}", follow_redirects=False) for one in (gone.id, new_id()))
    assert (hidden.status_code, never.status_code) == (404, 404)
    assert hidden.json()["error"]["message"] == never.json()["error"]["message"]


def test_another_team_is_not_led_to_a_survivor(db: Database, api: FastAPI, team: Team):
    other = make_team(db, "Birch Homes")
    with db.begin(other.org_id) as uow:
        world = World(uow)
        gone, stays = (world.lead(world.house("", world.person(f"Ada Quill {n}"))) for n in range(2))
        gone_id, wish = gone.id, Wish(DuplicateKind.PROPERTY, stays.property_id, gone.property_id)
    owner = other.present(db, Role.OWNER)
    with db.begin(other.org_id) as uow:
        duplicates.merge(uow, owner, wish)
    assert signed_in(api, other, Role.OWNER).get(f"/api/v1/leads/{gone_id}").status_code == 308
    answer = signed_in(api, team, Role.OWNER).get(f"/api/v1/leads/{gone_id}", follow_redirects=False)
    assert answer.status_code == 404
    assert answer.json()["error"]["code"] == "not_found"


def test_on_the_command_line_everything_is_found_and_one_kind_alone(
    db: Database, team: Team, monkeypatch: pytest.MonkeyPatch
):
    owner = team.principal(db, Role.OWNER)

    @contextmanager
    def desk(_org: str | None = None) -> Generator[Desk]:
        yield Desk(db, owner)

    monkeypatch.setattr(command, "desk", desk)

    def call(*words: str) -> str:
        done = CliRunner().invoke(command.app, list(words))
        assert done.exit_code == 0, done.output
        return done.stdout

    found = json.loads(call("Garland", "ct", "--limit", "2", "--json"))
    assert [(group["kind"], len(group["hits"]), group["count"]) for group in found["groups"]] == [("lead", 2, 3)]
    assert "… 1 besides" in call("garland", "--limit", "2")
    only = json.loads(call("quill", "--kind", "person", "--kind", "phone", "--json"))
    assert [group["kind"] for group in only["groups"]] == ["person"]
    assert json.loads(call("(303) 555-0110", "--kind", "phone", "--json"))["groups"][0]["count"] == 1
    assert call("nobody has this name") == "Nothing found.\n"
