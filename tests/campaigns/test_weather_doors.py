"""The weather through the doors: HTTP and the command line say why a campaign was paused and what its rates are."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from uuid import UUID

import httpx
import pytest
from typer.testing import CliRunner

from leadflow.api.app import create_app
from leadflow.campaigns import service as campaigns
from leadflow.cli import course as command
from leadflow.cli.desk import Desk
from leadflow.identity.types import Principal
from leadflow.messaging import service as messaging
from leadflow.messaging.service import Stormy
from leadflow.messaging.types import Rate, Storm
from leadflow.settings import Settings
from models.vocabulary import Weather
from tests.asgi import program
from tests.campaigns.conftest import Office
from tests.campaigns.courses import end, texts_of

AT = "/api/v1/campaigns"
WHY = "9 of its last 60 texts were filtered by carriers."
Sign = Callable[[Principal], httpx.Client]


@pytest.fixture
def sign(office: Office, settings: Settings, token_of: Callable[[Principal], str]) -> Sign:
    """Call as somebody; who that is was settled at the door."""

    def of(who: Principal) -> httpx.Client:
        return program(create_app(office.db, settings), token_of(who))

    return of


@pytest.fixture
def stormy(office: Office) -> UUID:
    """Bring a campaign of two texts into a storm."""
    campaigns.heed()
    office.people(2)
    campaign_id = office.launched()
    first, second = texts_of(office, campaign_id)
    end(office, [first], "undelivered", 30007)
    end(office, [second], "delivered")
    with office.db.begin(office.org) as uow:
        with uow.cursor() as cursor:
            cursor.execute("update message set final_at = submitted_at where org_id = %s", [office.org])
        storm = Storm(Rate(Weather.FILTERED, 60, 9, 0.08, 0.26, 0.05, over=True), WHY)
        messaging.stormy.tell(uow, Stormy(campaign_id, storm))
    return campaign_id


def test_it_is_told_over_http_and_going_on_asks_for_a_reason(office: Office, sign: Sign, stormy: UUID):
    manager = sign(office.manager)
    assert [row["why"] for row in manager.get(f"{AT}/paused-by-weather").json()["rows"]] == [WHY]
    found = manager.get(f"{AT}/{stormy}").json()
    assert (found["state"], found["stormbound"], found["pause_reason"]) == ("paused", True, WHY)
    assert manager.get(AT).json()["rows"][0]["stormbound"] is True
    refused = manager.post(f"{AT}/{stormy}/resume")
    assert (refused.status_code, refused.json()["error"]["field"]) == (422, "why")
    assert sign(office.agent).post(f"{AT}/{stormy}/resume", json={"why": "x"}).status_code == 403
    assert manager.post(f"{AT}/{stormy}/resume", json={"why": "New words"}).json()["state"] == "running"
    assert manager.get(f"{AT}/paused-by-weather").json()["rows"] == []


def test_the_rates_are_told_over_http(office: Office, sign: Sign, stormy: UUID):
    told = sign(office.manager).get(f"{AT}/{stormy}/weather").json()
    filtered = told["whole"]["filtered"]
    assert (filtered["texts"], filtered["hits"], filtered["limit"], filtered["over"]) == (2, 1, 0.05, False)
    assert told["limits"] == {"window": 500, "filtered_pct": 5, "opted_out_pct": 3}
    assert [part["label"] for part in told["carriers"]] == ["unknown"]


def test_a_failed_recipient_says_what_the_code_means_and_what_to_do(office: Office, sign: Sign, stormy: UUID):
    rows = sign(office.manager).get(f"{AT}/{stormy}/recipients").json()["rows"]
    said = {row["state"]: row["why"] for row in rows}
    assert said["delivered"] == []
    assert said["undelivered"][0].startswith(
        "A carrier's filter stopped the text as unwanted (30007). The text is never"
    )
    codes = sign(office.manager).get("/api/v1/carrier-errors").json()
    assert {row["code"] for row in codes["rows"]} >= {30003, 30007, 30034, 21610}


def test_the_command_line_tells_it_too(office: Office, stormy: UUID, monkeypatch: pytest.MonkeyPatch):
    @contextmanager
    def desk(org: str | None) -> Generator[Desk]:
        del org
        yield Desk(office.db, office.manager)

    monkeypatch.setattr(command, "desk", desk)
    shown = CliRunner().invoke(command.app, ["weather", str(stormy), "--json"])
    told = json.loads(shown.output)
    assert (told["campaign"]["why"], told["whole"]["filtered"]["hits"]) == (WHY, 1)
    assert WHY in CliRunner().invoke(command.app, ["weather", str(stormy)]).output.replace("\n", " ")
    assert CliRunner().invoke(command.app, ["resume", str(stormy)]).exit_code != 0
    done = CliRunner().invoke(command.app, ["resume", str(stormy), "--why", "New words"])
    assert "running" in done.output
