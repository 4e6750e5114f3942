"""Duplicates over HTTP and on the command line: thin doors over the same use cases."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import httpx
import pytest
from fastapi import FastAPI
from sqlmodel import select

from leadflow.api.app import create_app
from leadflow.duplicates import service as duplicates
from leadflow.kernel.db import Database
from leadflow.settings import Settings
from models.base import new_id
from models.properties import Person
from models.vocabulary import JobKind, Role
from tests.duplicates.world import World
from tests.identity.people import Team, make_team, signed_in
from workers import job
from workers.main import load_handlers


@pytest.fixture
def api(db: Database, settings: Settings) -> FastAPI:
    """Build the API."""
    return create_app(db, settings)


@pytest.fixture
def team(db: Database) -> Team:
    """Found an organisation with one pair of people who may be one."""
    made = make_team(db)
    with db.begin(made.org_id) as uow:
        world = World(uow)
        phone = world.phone()
        for _ in range(2):
            world.lead(world.house("", world.person("John Smith", phone, mailing_street="9 Oak St", mailing_zip5="1")))
    duplicates.run_search(db, made.org_id)
    return made


def the_pair(client: httpx.Client) -> dict[str, Any]:
    """Read the one pair."""
    answer = client.get("/api/v1/duplicates")
    assert answer.status_code == 200, answer.text
    assert answer.json()["count"] == 1
    return answer.json()["rows"][0]


def people(db: Database, team: Team) -> int:
    """Count people."""
    with db.begin(team.org_id) as uow:
        return len(uow.session.exec(select(Person)).all())


def test_a_pair_is_listed_compared_merged_and_taken_back(db: Database, api: FastAPI, team: Team):
    client = signed_in(api, team, Role.MANAGER)
    pair = the_pair(client)
    assert [reason[0] for reason in pair["reasons"]][:2] == ["same name", "same phone"]
    side_by_side = client.get(f"/api/v1/duplicates/{pair['id']}").json()
    assert {row["field"] for row in side_by_side["fields"]} >= {"name", "mailing"}
    merged = client.post(f"/api/v1/duplicates/{pair['id']}/merge", json={"survivor": "other"})
    assert merged.status_code == 200, merged.text
    assert people(db, team) == 1
    undone = client.post(f"/api/v1/duplicates/merges/{merged.json()['id']}/undo")
    assert undone.status_code == 200, undone.text
    assert undone.json()["stayed"] == {}
    assert people(db, team) == 2


def test_a_merge_that_is_sent_twice_is_one(api: FastAPI, team: Team):
    client = signed_in(api, team, Role.OWNER)
    path = f"/api/v1/duplicates/{the_pair(client)['id']}/merge"
    keyed = {"Idempotency-Key": "once"}
    first = client.post(path, json={}, headers=keyed)
    again = client.post(path, json={}, headers=keyed)
    assert (first.status_code, again.status_code) == (200, 200)
    assert first.json() == again.json()
    without = client.post(path, json={})
    assert without.status_code == 409
    assert "faster" in without.json()["error"]["message"]


def test_an_agent_may_say_that_two_are_two_of_own_leads_only(db: Database, api: FastAPI, team: Team):
    agent = signed_in(api, team, Role.AGENT)
    boss = signed_in(api, team, Role.OWNER)
    pair = the_pair(boss)
    assert agent.get("/api/v1/duplicates").json()["count"] == 0
    assert agent.post(f"/api/v1/duplicates/{pair['id']}/dismiss").status_code == 404
    with db.begin(team.org_id) as uow, uow.cursor() as cursor:
        cursor.execute("update lead set assignee_id = %s", [team.ids[Role.AGENT]])
    assert agent.post(f"/api/v1/duplicates/{pair['id']}/merge", json={}).status_code == 403
    assert agent.post(f"/api/v1/duplicates/{pair['id']}/dismiss").status_code == 204
    assert boss.get("/api/v1/duplicates").json()["count"] == 0
    assert boss.get("/api/v1/duplicates", params={"state": "dismissed"}).json()["count"] == 1
    assert agent.post(f"/api/v1/duplicates/{pair['id']}/propose").status_code == 204
    assert boss.get("/api/v1/duplicates").json()["count"] == 1


def test_all_that_are_sure_are_counted_merged_and_taken_back_by_jobs(db: Database, api: FastAPI, team: Team):
    load_handlers()
    client = signed_in(api, team, Role.OWNER)
    assert client.get("/api/v1/duplicates/sure", params={"at_least": 90}).json() == {"count": 1}
    assert client.get("/api/v1/duplicates/sure", params={"at_least": 10}).status_code == 422
    asked = client.post("/api/v1/duplicates/sure/merge", json={"at_least": 90})
    assert asked.status_code == 202, asked.text
    assert job.run(db, UUID(asked.json()["id"]))
    assert people(db, team) == 1
    assert client.get("/api/v1/duplicates/merges").json()["count"] == 1
    undoing = client.post(f"/api/v1/duplicates/jobs/{asked.json()['id']}/undo")
    assert job.run(db, UUID(undoing.json()["id"]))
    assert people(db, team) == 2
    assert client.post(f"/api/v1/duplicates/jobs/{new_id()}/undo").status_code == 404


def test_a_search_is_a_job_with_its_progress(db: Database, api: FastAPI, team: Team):
    load_handlers()
    client = signed_in(api, team, Role.AGENT)
    asked = client.post("/api/v1/duplicates/searches")
    assert asked.status_code == 202, asked.text
    assert job.run(db, UUID(asked.json()["id"]))
    last = client.get("/api/v1/duplicates/searches").json()[0]
    assert (last["state"], last["compared"], last["proposed"]) == ("done", 1, 1)
    jobs = client.get("/api/v1/jobs").json()
    assert JobKind.DUPLICATE_SEARCH in {row["kind"] for row in (jobs if isinstance(jobs, list) else jobs["rows"])}


def test_a_pair_of_another_house_is_not_there(db: Database, api: FastAPI, team: Team):
    other = make_team(db, "Birch Partners")
    pair = the_pair(signed_in(api, team, Role.OWNER))
    stranger = signed_in(api, other, Role.OWNER)
    assert stranger.get(f"/api/v1/duplicates/{pair['id']}").status_code == 404
    assert stranger.post(f"/api/v1/duplicates/{pair['id']}/merge", json={}).status_code == 404
