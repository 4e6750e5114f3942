"""Views, own fields, cells and steps over HTTP: the same rules, and refusals that say what to do."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import httpx
import pytest

from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from models.vocabulary import Role
from tests.factories.identity import a_member
from tests.factories.leads import a_lead
from tests.factories.properties import a_property

Sign = Callable[[Principal], httpx.Client]
FIELDS = "/api/v1/fields"
VIEWS = "/api/v1/views"


@pytest.fixture
def team(db: Database, org: UUID) -> dict[Role, Principal]:
    """Hire one of each role."""
    with db.begin(org) as uow:
        return {role: a_member(uow, role) for role in (Role.MANAGER, Role.AGENT, Role.AUDITOR)}


def test_chips_of_the_address_narrow_the_list_and_explain_themselves(
    db: Database, org: UUID, sign: Sign, team: dict[Role, Principal]
) -> None:
    with db.begin(org) as uow:
        for city, year in (("Dallas", 1990), ("Dallas", 2020), ("Marfa", None)):
            a_lead(uow, a_property(uow, city=city, year_built=year))
    call = sign(team[Role.MANAGER])
    where = ["city:is:Dallas", "year:at_most:2000|year:empty"]
    rows = call.get("/api/v1/leads", params={"where": where}).json()["rows"]
    assert [(row["city"], row["year_built"]) for row in rows] == [("Dallas", 1990)]
    assert call.get("/api/v1/leads/count", params={"where": where}).json() == {"count": 1}
    told = call.get("/api/v1/leads/without", params={"where": where}).json()
    assert [(one["chip"], one["count"]) for one in told] == [(where[0], 2), (where[1], 2)]
    refused = call.get("/api/v1/leads", params={"where": "moon:is:full"})
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "where")
    assert call.get("/api/v1/leads/choices", params={"field": "city", "q": "m"}).json() == ["Marfa"]
    asked = call.get("/api/v1/leads/asked").json()
    assert asked["fields"]["city"] == {
        "label": "City",
        "kind": "text",
        "ops": ["contains", "not_contains", "is", "not", "empty", "given"],
        "words": None,
        "also": "",
    }
    assert {one["name"] for one in asked["people"]} != set()
    assert sign(team[Role.AGENT]).get("/api/v1/leads/asked").json()["people"] == []


def test_a_view_goes_through_its_life(sign: Sign, team: dict[Role, Principal]) -> None:
    call, agent = sign(team[Role.MANAGER]), sign(team[Role.AGENT])
    content = {"filter": {"where": ["city:is:Dallas"]}, "sort": "value", "dir": "asc"}
    made = call.post(VIEWS, json={"name": "Dallas", "content": content})
    assert made.status_code == 201
    view = f"{VIEWS}/{made.json()['id']}"
    assert call.post(VIEWS, json={"name": "Dallas", "content": content}).status_code == 409
    assert call.post(VIEWS, json={"name": "Moon", "content": {"filter": {"where": ["moon:is:x"]}}}).status_code == 422
    assert agent.patch(view, json={"name": "x"}).status_code == 404
    assert call.patch(view, json={"shared": True}).status_code == 204
    assert agent.patch(view, json={"name": "x"}).status_code == 403
    assert agent.put(f"{view}/use", json={"pinned": True, "opens_first": True}).status_code == 204
    (seen,) = agent.get(VIEWS).json()
    assert (seen["pinned"], seen["opens_first"], seen["may_change"], seen["content"]["filter"]) == (
        True,
        True,
        False,
        content["filter"],
    )
    assert [one["count"] for one in agent.get(f"{VIEWS}/pinned").json()] == [0]
    assert call.delete(view).status_code == 204
    assert agent.get(VIEWS).json() == []
    assert call.post(f"{view}/restore").status_code == 204
    assert len(agent.get(VIEWS).json()) == 1


def test_a_field_and_a_cell_go_through_their_lives(
    db: Database, org: UUID, sign: Sign, team: dict[Role, Principal]
) -> None:
    with db.begin(org) as uow:
        lead = a_lead(uow, a_property(uow, extra={"Roof": "slate"})).id
    call, auditor = sign(team[Role.MANAGER]), sign(team[Role.AUDITOR])
    assert call.get(f"{FIELDS}/headers").json() == [["Roof", 1]]
    given = {"name": "Roof", "kind": "select", "options": ["Slate", "Tar"], "header": "Roof"}
    made = call.post(FIELDS, json=given)
    assert made.status_code == 201
    field = made.json()["id"]
    assert auditor.post(FIELDS, json=given).status_code == 403
    cell = f"/api/v1/leads/{lead}/cells/custom.{field}"
    assert call.put(cell, json={"value": "tar", "seen": None}).json()["fields"] == {field: "Tar"}
    late = call.put(cell, json={"value": "Slate", "seen": None})
    assert (late.status_code, late.json()["error"]["code"]) == (409, "changed_meanwhile")
    assert call.put(cell, json={"value": "Straw", "seen": "Tar"}).status_code == 422
    assert auditor.put(cell, json={"value": "Slate", "seen": "Tar"}).status_code == 403
    assert call.patch(f"{FIELDS}/{field}", json={"name": "Covering"}).status_code == 204
    assert call.delete(f"{FIELDS}/{field}").status_code == 204
    assert [one["archived_at"] is None for one in auditor.get(FIELDS).json()] == [False]
    assert call.post(f"{FIELDS}/{field}/revive").status_code == 204
    assert [one["name"] for one in auditor.get(FIELDS).json()] == ["Covering"]


def test_steps_answer_the_neighbours_of_a_lead(
    db: Database, org: UUID, sign: Sign, team: dict[Role, Principal]
) -> None:
    with db.begin(org) as uow:
        made = [str(a_lead(uow, a_property(uow, street=f"{n} Oak St")).id) for n in (1, 2, 3)]
    call = sign(team[Role.MANAGER])
    asked = {"lead_id": made[1], "sort": "street", "dir": "asc"}
    found = call.get("/api/v1/leads/steps", params=asked).json()
    assert (found["previous"]["id"], found["next"]["id"]) == (made[0], made[2])
    onward = call.get("/api/v1/leads/steps", params=asked | {"lead_id": made[2], "mark": found["next"]["mark"]}).json()
    assert (onward["previous"]["id"], onward["next"]) == (made[1], None)
    assert call.get("/api/v1/leads/steps", params=asked | {"mark": "x"}).status_code == 422
