"""Look-ups over HTTP."""

from __future__ import annotations

import httpx
import pytest
from fastapi import FastAPI

from leadflow.api.app import create_app
from leadflow.kernel.db import Database
from leadflow.settings import Settings
from models.base import new_id
from models.vocabulary import Role
from tests.identity.people import make_team, signed_in
from tests.scrubs.world import LIST, House

ORDER = {"leads": {"list": LIST}}


@pytest.fixture
def api(db: Database, settings: Settings) -> FastAPI:
    return create_app(db, settings)


@pytest.fixture
def manager(api: FastAPI, house: House) -> httpx.Client:
    house.people(3)
    return signed_in(api, house.team, Role.MANAGER)


def test_quoted_started_done_and_listed(manager: httpx.Client, house: House):
    told = manager.post("/api/v1/scrubs/quote", json=ORDER).json()
    assert (told["to_buy"], told["cost"]) == (3, 150)
    run_id = manager.post("/api/v1/scrubs", json=ORDER).json()["id"]
    house.work()
    run = manager.get(f"/api/v1/scrubs/{run_id}").json()
    assert (run["state"], run["answered"], run["spent"]) == ("done", 3, 150)
    page = manager.get("/api/v1/scrubs").json()
    assert (page["count"], [row["id"] for row in page["rows"]]) == (1, [run_id])
    assert manager.get("/api/v1/scrubs/overview").json()["coverage"][0]["fresh"] == 3
    again = manager.post("/api/v1/scrubs", json=ORDER)
    assert (again.status_code, again.json()["error"]["code"]) == (409, "nothing_to_look_up")


def test_a_list_is_paged_from_behind_a_row_on(manager: httpx.Client, house: House):
    for place in range(3):
        manager.post("/api/v1/scrubs", json={"numbers": [f"+1312555800{place}"]})
    house.work()
    first = manager.get("/api/v1/scrubs", params={"limit": 2}).json()
    rest = manager.get("/api/v1/scrubs", params={"limit": 2, "after": first["next"]}).json()
    assert (len(first["rows"]), len(rest["rows"]), rest["next"], first["count"]) == (2, 1, None, 3)
    assert manager.get("/api/v1/scrubs", params={"after": "xx"}).status_code == 422


@pytest.mark.parametrize("role", [Role.AGENT, Role.AUDITOR])
def test_whoever_may_not_buy_is_refused_at_the_door(api: FastAPI, manager: httpx.Client, house: House, role: Role):
    run_id = manager.post("/api/v1/scrubs", json=ORDER).json()["id"]
    client = signed_in(api, house.team, role)
    for path in ("/api/v1/scrubs", "/api/v1/scrubs/quote", f"/api/v1/scrubs/{run_id}/cancel"):
        assert client.post(path, json=ORDER).status_code == 403
    assert client.get(f"/api/v1/scrubs/{run_id}").status_code == 200


def test_another_organisation_finds_neither_run_nor_list(api: FastAPI, manager: httpx.Client, house: House):
    run_id = manager.post("/api/v1/scrubs", json=ORDER).json()["id"]
    stranger = signed_in(api, make_team(house.db, "Birch Partners"), Role.OWNER)
    assert stranger.get(f"/api/v1/scrubs/{run_id}").status_code == 404
    assert stranger.post(f"/api/v1/scrubs/{run_id}/cancel").status_code == 404
    assert stranger.post("/api/v1/scrubs/quote", json=ORDER).json()["numbers"] == 0
    assert stranger.get("/api/v1/scrubs").json()["rows"] == []
    assert manager.post(f"/api/v1/scrubs/{new_id()}/cancel").status_code == 404
    assert manager.post(f"/api/v1/scrubs/{run_id}/cancel").status_code == 204
    assert manager.get(f"/api/v1/scrubs/{run_id}").json()["state"] == "cancelled"
