"""The map over HTTP: compact marks, the filter of the list, refusals in words."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import httpx
import pytest

from leadflow.api.app import create_app
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from leadflow.settings import Settings
from models.vocabulary import LeadStatus, Role
from tests.asgi import program
from tests.factories.identity import a_member
from tests.factories.leads import a_lead
from tests.factories.properties import a_property

Sign = Callable[[Principal], httpx.Client]
TEXAS = {"view": "-107,25,-93,37", "zoom": "5"}


@pytest.fixture
def sign(db: Database, settings: Settings, token_of: Callable[[Principal], str]) -> Sign:
    def of(who: Principal) -> httpx.Client:
        return program(create_app(db, settings), token_of(who))

    return of


@pytest.fixture
def manager(db: Database, org: UUID) -> Principal:
    with db.begin(org) as uow:
        return a_member(uow, Role.MANAGER)


def test_marks_rows_and_totals_follow_the_filter_of_the_address(
    db: Database, org: UUID, sign: Sign, manager: Principal
):
    with db.begin(org) as uow:
        offer = a_lead(uow, a_property(uow, zip5="78704"), status=LeadStatus.OFFER).id
        a_lead(uow, a_property(uow, zip5="75201"))
        a_lead(uow, a_property(uow, zip5=None))
    call = sign(manager)
    every = call.get("/api/v1/map/marks", params=TEXAS).json()
    some = call.get("/api/v1/map/marks", params={**TEXAS, "status": "offer"}).json()
    assert (every["shown"], every["by_zip"]) == (2, 2)
    assert [mark[3:] for mark in some["cells"]] == [[1, "offer", 1, 1, str(offer)]]
    rows = call.get("/api/v1/map/leads", params={**TEXAS, "area": "zip_78704"}).json()["rows"]
    assert [(row["row"]["id"], row["precision"]) for row in rows] == [(str(offer), "zip")]
    assert rows[0]["row"]["contactable"]["label"]
    totals = call.get("/api/v1/map/totals", params={"area": "county_48453"}).json()
    assert (totals["total"], totals["nowhere"]) == (1, 1)
    assert call.get("/api/v1/leads", params={"area": "county_48453"}).json()["count"] == 1


@pytest.mark.parametrize(
    ("path", "params", "field"),
    [
        ("marks", {"view": "1,2,3", "zoom": "3"}, "view"),
        ("marks", {**TEXAS, "area": "star_1"}, "area"),
        ("area", {"area": "polygon_0_0_2s_2s_0_-2s_-2s_2s"}, "area"),
    ],
)
def test_what_makes_no_sense_is_refused_at_its_field(
    sign: Sign, manager: Principal, path: str, params: dict[str, str], field: str
):
    answer = sign(manager).get(f"/api/v1/map/{path}", params=params)
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == field


def test_a_pin_is_put_and_taken_away(db: Database, org: UUID, sign: Sign, manager: Principal):
    with db.begin(org) as uow:
        lead = a_lead(uow, a_property(uow, zip5="78704")).id
    call = sign(manager)
    path = f"/api/v1/map/leads/{lead}/pin"
    assert call.put(path, json={"latitude": 30.25, "longitude": -97.75}).status_code == 204
    assert call.get("/api/v1/map/leads", params=TEXAS).json()["rows"][0]["precision"] == "pin"
    assert call.delete(path).status_code == 204
    assert call.delete(path).status_code == 409


def test_a_bulk_edit_reaches_exactly_the_area(db: Database, org: UUID, sign: Sign, manager: Principal):
    with db.begin(org) as uow:
        inside = a_lead(uow, a_property(uow, zip5="78704")).id
        a_lead(uow, a_property(uow, zip5="75201"))
    call = sign(manager)
    changed = call.post(
        "/api/v1/bulk",
        json={"leads": {"filter": {"area": "box_-98_30_-97_31"}}, "change": {"add_list": "Austin"}},
        headers={"Idempotency-Key": "a" * 32},
    )
    assert changed.json()["outcomes"] == {"changed": 1}
    rows = call.get("/api/v1/leads", params={"list": "Austin"}).json()["rows"]
    assert [row["id"] for row in rows] == [str(inside)]


def test_what_would_leave_the_house_is_told_before(db: Database, org: UUID, sign: Sign, manager: Principal):
    with db.begin(org) as uow:
        a_lead(uow, a_property(uow, zip5="78704"))
    told = sign(manager).post("/api/v1/map/geocoding/quote", json={"leads": {}}, headers={"Idempotency-Key": "b" * 32})
    assert (told.json()["geocoder"], told.json()["to_send"]) == ("US Census Bureau", 1)
