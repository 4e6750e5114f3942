"""Leads over HTTP: the address is the filter, every verb needs its permission, the rows are what the grid reads."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import httpx

from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from models.vocabulary import Role
from tests.factories.identity import a_member
from tests.factories.leads import a_lead, a_list, an_entry
from tests.factories.properties import a_party, a_person, a_property, an_owner
from tests.leads.conftest import Sign

ROW = {
    "id", "street", "unit", "city", "state", "zip5", "county", "owner", "owner_kind", "owner_count", "status", "source",
    "assignee", "stack", "lists", "tags", "estimated_value", "estimated_equity", "equity_percent", "phone",
    "phone_count", "contactable", "last_touch_at", "next_task", "next_task_at", "added_at", "property_type", "bedrooms",
    "bathrooms", "building_sqft", "year_built", "fields", "quadkey", "score", "from_zip",
}  # fmt: skip
"""The columns that the grid may read."""


def test_the_list_answers_rows_a_count_and_where_the_next_begin(
    db: Database, org: UUID, sign: Sign, manager: Principal
) -> None:
    with db.begin(org) as uow:
        made = [a_lead(uow) for _ in range(3)]
    call = sign(manager)
    first = call.get("/api/v1/leads", params={"limit": 2, "sort": "street", "dir": "asc"}).json()
    assert (len(first["rows"]), first["count"]) == (2, 3)
    assert first["rows"][0].keys() == ROW
    assert first["rows"][0]["contactable"].keys() >= {"verdict", "label", "detail", "reason", "reasons"}
    rest = call.get("/api/v1/leads", params={"limit": 2, "sort": "street", "dir": "asc", "after": first["next"]}).json()
    assert (rest["count"], rest["next"]) == (None, None)
    assert {row["id"] for row in first["rows"] + rest["rows"]} == {str(lead.id) for lead in made}


def test_the_address_is_the_filter(db: Database, org: UUID, sign: Sign, manager: Principal) -> None:
    with db.begin(org) as uow:
        one, two = a_list(uow, "A & B"), a_list(uow, "C")
        both, single = a_lead(uow), a_lead(uow)
        for group, lead in ((one, both), (two, both), (one, single)):
            an_entry(uow, group.id, lead.id)
    call = sign(manager)

    def found(address: str) -> set[str]:
        return {row["id"] for row in call.get(f"/api/v1/leads?{address}").json()["rows"]}

    assert found("list=A+%26+B&list=C") == {str(both.id)}
    assert found(f"list={one.id}&not_list=C&status=new&status=won&q=") == {str(single.id)}
    assert call.get("/api/v1/leads/count?min_stack=1").json() == {"count": 2}
    refused = call.get("/api/v1/leads?status=asleep")
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "status")
    assert call.get("/api/v1/leads?sort=colour").json()["error"]["field"] == "sort"
    assert call.get("/api/v1/leads?after=zzz").json()["error"]["field"] == "after"


def test_a_lead_is_worked_from_outside(db: Database, org: UUID, sign: Sign, manager: Principal) -> None:
    with db.begin(org) as uow:
        lead = a_lead(uow)
    call, path = sign(manager), f"/api/v1/leads/{lead.id}"
    assert call.patch(path, json={"status": "contacted", "assignee_id": str(manager.user_id)}).status_code == 204
    assert call.post(f"{path}/notes", json={"text": "Nice"}).status_code == 201
    task = call.post(f"{path}/tasks", json={"title": "Call", "due_at": "2026-12-03T15:00:00Z"}).json()["id"]
    assert call.post(f"/api/v1/tasks/{task}/finish").status_code == 204
    assert call.post(f"/api/v1/tasks/{task}/reopen").status_code == 204
    assert call.post(f"{path}/tags", json={"name": "a/b"}).status_code == 204
    assert call.post(f"{path}/lists", json={"name": "Vacant"}).status_code == 204
    card = call.get(path).json()
    assert (card["row"]["status"], card["row"]["tags"], card["row"]["next_task"]) == ("contacted", ["a/b"], "Call")
    assert card["row"]["assignee"]["id"] == str(manager.user_id)
    assert [row["name"] for row in call.get("/api/v1/leads/lists").json()] == ["Vacant"]
    assert call.delete(f"{path}/tags/a%2Fb").status_code == 204
    assert call.delete(f"{path}/lists/Vacant").status_code == 204
    assert call.get(path).json()["row"]["stack"] == 0
    assert len(call.get(f"{path}/timeline?limit=2").json()["rows"]) == 2
    assert call.patch(path, json={"assignee_id": "none"}).status_code == 204
    assert call.patch(path, json={"colour": "red"}).status_code == 422
    assert call.get("/api/v1/leads/today").json()["no_next_task"] == 0
    assert call.get("/api/v1/leads/sources").json() == []


def test_a_number_marked_wrong_on_one_lead_is_wrong_on_every_lead(
    db: Database, org: UUID, sign: Sign, manager: Principal
) -> None:
    with db.begin(org) as uow:
        house, other = a_property(uow), a_property(uow)
        person, phone = an_owner(uow, house, number="+13125550142")
        a_party(uow, other.id, person.id)
        lead, second = a_lead(uow, house), a_lead(uow, other)
    call, path = sign(manager), f"/api/v1/leads/{lead.id}"

    def of(lead_id: UUID) -> tuple[str, list[str]]:
        card = call.get(f"/api/v1/leads/{lead_id}").json()
        return card["people"][0]["phones"][0]["status"], [entry["summary"] for entry in card["timeline"]]

    for status in ("wrong", "wrong", "dead", "correct"):
        answer = call.post(f"{path}/phones", json={"number": "(312) 555-0142", "status": status})
        assert (answer.status_code, of(lead.id)[0], of(second.id)[0]) == (200, status, status)
        with db.begin(org) as uow:
            rows = uow.connection().execute("select best_phone_status, best_phone_id from lead_search").fetchall()
        assert rows == [(status, phone.id)] * 2
    said = [f"Number ending 0142 marked {status}" for status in ("correct", "dead", "wrong")]
    assert of(lead.id)[1][:3] == said
    for number in ("+13125550143", "12"):
        assert call.post(f"{path}/phones", json={"number": number, "status": "dead"}).status_code == 422
    assert call.post(f"{path}/phones", json={"number": "3125550142", "status": "asleep"}).status_code == 422


def test_who_may_not_gets_a_refusal_and_what_is_not_seen_is_not_there(db: Database, org: UUID, sign: Sign) -> None:
    with db.begin(org) as uow:
        lead, agent, auditor = a_lead(uow), a_member(uow, Role.AGENT), a_member(uow, Role.AUDITOR)
    path = f"/api/v1/leads/{lead.id}"
    assert sign(auditor).patch(path, json={"status": "won"}).status_code == 403
    assert sign(agent).get(path).status_code == 404
    assert sign(agent).post(f"{path}/notes", json={"text": "x"}).status_code == 404
    assert sign(agent).patch(path, json={}).status_code == 404
    marked = {"number": "+13125550142", "status": "wrong"}
    assert sign(agent).post(f"{path}/phones", json=marked).status_code == 404
    assert sign(auditor).post(f"{path}/phones", json=marked).status_code == 403
    assert sign(agent).get("/api/v1/leads").json()["rows"] == []


def billed(call: httpx.Client, lead_id: UUID, person_id: UUID) -> str | None:
    """Read where a person of a lead is billed."""
    people = call.get(f"/api/v1/leads/{lead_id}").json()["people"]
    return next(one["billing_state"] for one in people if one["id"] == str(person_id))


def test_where_somebody_is_billed_is_one_more_place_whose_hours_bind(
    db: Database, org: UUID, sign: Sign, manager: Principal
) -> None:
    with db.begin(org) as uow:
        lead, agent = a_lead(uow), a_member(uow, Role.AGENT)
        owner, stranger = a_person(uow), a_person(uow)
        a_party(uow, lead.property_id, owner.id)
    call, path = sign(manager), f"/api/v1/leads/{lead.id}/people"
    assert call.patch(f"{path}/{owner.id}", json={"billing_state": "hi"}).status_code == 204
    assert billed(call, lead.id, owner.id) == "HI"
    refused = call.patch(f"{path}/{owner.id}", json={"billing_state": "ZZ"})
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "billing_state")
    assert call.patch(f"{path}/{stranger.id}", json={"billing_state": "HI"}).status_code == 404
    assert sign(agent).patch(f"{path}/{owner.id}", json={"billing_state": "NY"}).status_code == 404
    assert call.patch(f"{path}/{owner.id}", json={"billing_state": None}).status_code == 204
    assert billed(call, lead.id, owner.id) is None
    with db.begin(org) as uow:
        noted = uow.connection().execute("select count(*) from audit_event where action = 'person.billing_noted'")
        assert noted.fetchone() == (2,)


def test_a_loss_is_noted_kept_and_shown_and_a_day_ahead_is_refused(
    db: Database, org: UUID, sign: Sign, manager: Principal
) -> None:
    with db.begin(org) as uow:
        lead, agent = a_lead(uow), a_member(uow, Role.AGENT)
        widow, stranger = a_person(uow), a_person(uow)
        a_party(uow, lead.property_id, widow.id)
        today = uow.now().date()
    call, path = sign(manager), f"/api/v1/leads/{lead.id}/loss"
    given = {"died_on": "2026-01-02", "surviving_spouse_id": str(widow.id)}
    assert call.patch(path, json=given).status_code == 204
    assert call.patch(path, json={"filed_on": "2026-02-03"}).status_code == 204
    shown = call.get(f"/api/v1/leads/{lead.id}").json()
    assert shown["property"]["decedent_died_on"] == "2026-01-02"
    assert shown["property"]["probate_filed_on"] == "2026-02-03"
    assert [one["surviving_spouse"] for one in shown["people"] if one["id"] == str(widow.id)] == [True]
    ahead = (today + timedelta(days=1)).isoformat()
    for wrong in ({"died_on": ahead}, {"filed_on": ahead}, {"surviving_spouse_id": str(stranger.id)}):
        assert call.patch(path, json=wrong).status_code == 422
    assert sign(agent).patch(path, json=given).status_code == 404
    with db.begin(org) as uow:
        noted = uow.connection().execute("select count(*) from audit_event where action = 'property.loss_noted'")
        assert noted.fetchone() == (2,)
