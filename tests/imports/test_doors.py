"""Imports over HTTP, on the command line and in the worker: the same import through every door."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote
from uuid import UUID

import httpx
import pytest
from typer.testing import CliRunner

from leadflow.api.app import create_app
from leadflow.cli import imports as command
from leadflow.cli.desk import Desk
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from leadflow.settings import Settings
from models.vocabulary import JobKind, Role
from tests.asgi import program
from tests.imports.conftest import FIXTURES
from workers import imports as worker
from workers.job import HANDLERS, run

FILE = FIXTURES / "propstream_property.csv"


@pytest.fixture
def http(db: Database, settings: Settings, owner: Principal, token_of: Callable[[Principal], str]) -> httpx.Client:
    """Call as an owner."""
    return program(create_app(db, settings), token_of(owner))


def work(db: Database) -> None:
    """Do what waits, as a worker does."""
    assert HANDLERS[JobKind.IMPORT_CHECK] is worker.check
    with db.begin() as uow:
        waiting = uow.connection().execute("select id from job where state = 'waiting' order by created_at").fetchall()
    for (job_id,) in waiting:
        run(db, job_id)


def send(http: httpx.Client, content: bytes, name: str = FILE.name) -> httpx.Response:
    headers = {"X-Filename": quote(name), "Content-Type": "application/octet-stream", "X-LF-Request": "1"}
    return http.post("/api/v1/imports", content=content, headers=headers)


def test_a_file_goes_the_whole_way_over_http(db: Database, http: httpx.Client) -> None:
    made = send(http, FILE.read_bytes(), "Häuser in Houston.csv")
    assert made.status_code == 201
    address = f"/api/v1/imports/{made.json()['id']}"
    assert http.get(address).json()["state"] == "uploaded"
    work(db)
    checked = http.get(address).json()
    assert (checked["state"], checked["filename"], checked["counts"]["new"]) == ("checked", "Häuser in Houston.csv", 23)
    rejects = http.get(f"{address}/rows", params={"verdict": "reject"}).json()
    assert ([row["row"] for row in rejects["rows"]], rejects["count"], rejects["next"]) == ([23, 28], 2, None)
    changed = http.put(f"{address}/options", json={"list_name": "October"}, headers={"X-LF-Request": "1"})
    assert changed.json()["options"]["list_name"] == "October"
    work(db)
    begun = http.post(f"{address}/commit", json={}, headers={"X-LF-Request": "1"})
    assert begun.status_code == 202
    work(db)
    done = http.get(address).json()
    assert (done["state"], done["counts"]["written"]["leads"]) == ("done", 23)
    assert done["progress"]["state"] == "done"
    assert [one["id"] for one in http.get("/api/v1/imports").json()["rows"]] == [made.json()["id"]]
    table = http.get(f"{address}/rejects.csv")
    assert "no property identity" in table.text
    assert "attachment" in table.headers["content-disposition"]


def test_a_mapping_is_changed_over_http(db: Database, http: httpx.Client) -> None:
    made = send(http, (FIXTURES / "unknown_headers.csv").read_bytes())
    address = f"/api/v1/imports/{made.json()['id']}"
    given = {"mapping": {"Objekt": "street", "Stadt": "city", "Bundesstaat": "state", "PLZ": "zip"}}
    assert http.put(f"{address}/mapping", json=given, headers={"X-LF-Request": "1"}).status_code == 200
    work(db)
    assert http.get(address).json()["counts"]["new"] == 2
    wrong = http.put(f"{address}/mapping", json={"mapping": {"Nix": "street"}}, headers={"X-LF-Request": "1"})
    assert (wrong.status_code, wrong.json()["error"]["code"]) == (422, "bad_mapping")


def test_what_is_no_table_is_refused_over_http(http: httpx.Client) -> None:
    answer = send(http, b"PK\x03\x04" + b"x" * 100, "leads.xlsx")
    assert (answer.status_code, answer.json()["error"]["code"]) == (422, "unreadable_file")
    assert "workbook" in answer.json()["error"]["message"]


def test_the_fields_are_listed_for_the_mapping(http: httpx.Client) -> None:
    rows = {row["name"]: row for row in http.get("/api/v1/imports/fields").json()["rows"]}
    assert rows["phone_1"] == {"name": "phone_1", "label": "Phone 1", "kind": "phone", "repeatable": False}


def test_an_unknown_import_is_not_found(http: httpx.Client, org: UUID) -> None:
    assert http.get(f"/api/v1/imports/{org}").status_code == 404


def test_a_cancelled_import_is_over(db: Database, http: httpx.Client) -> None:
    address = f"/api/v1/imports/{send(http, FILE.read_bytes()).json()['id']}"
    assert http.post(f"{address}/cancel", json={}, headers={"X-LF-Request": "1"}).json()["state"] == "cancelled"
    work(db)
    assert http.get(address).json()["state"] == "cancelled"


@pytest.fixture
def leadflow(db: Database, owner: Principal, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """Run ``leadflow import`` at the test's own desk."""

    @contextmanager
    def desk(_org: str | None = None) -> Any:
        yield Desk(db, owner)

    monkeypatch.setattr(command, "desk", desk)

    def call(*arguments: str | Path) -> str:
        answer = CliRunner().invoke(command.app, [str(argument) for argument in arguments])
        if answer.exception is not None and not isinstance(answer.exception, SystemExit):
            raise answer.exception
        return answer.stdout

    return call


def test_a_dry_run_prints_layout_mapping_counts_and_every_row(leadflow: Callable[..., str]) -> None:
    text = leadflow(FILE, "--dry-run")
    for words in (
        "PropStream property export", "confidence 100%", "Phone 1 DNC", "28 in the file", "23 new", "2 rejected",
        "71 cells in a row, header has 69", "duplicate into row 4", "+12145550100 mobile — litigator",
        "zip 8901 in NJ padded to 08901", "Nothing was written.",
    ):  # fmt: skip
        assert words in text


def test_a_dry_run_answers_programs_in_json(leadflow: Callable[..., str]) -> None:
    document = json.loads(leadflow(FILE, "--dry-run", "--json"))
    assert document["import"]["counts"]["new"] == 23
    assert [row["row"] for row in document["rows"]] == list(range(1, 29))
    assert document["rows"][0]["values"]["phones"][1]["marks"] == ["vendor_dnc"]


def test_the_command_writes_a_file_and_says_what(leadflow: Callable[..., str]) -> None:
    assert "23 leads" in leadflow(FILE, "--list", "October", "--tag", "hot")
    assert "nothing; all of it was there" in leadflow(FILE, "--list", "October", "--tag", "hot")


def test_the_command_maps_by_hand(leadflow: Callable[..., str]) -> None:
    maps = ["Objekt=street", "Stadt=city", "Bundesstaat=state", "PLZ=zip"]
    options = [word for one in maps for word in ("--map", one)]
    document = json.loads(leadflow(FIXTURES / "unknown_headers.csv", *options, "--json").splitlines()[-1])
    assert (document["counts"]["new"], document["counts"]["reject"]) == (2, 1)


def test_an_auditor_is_refused(
    db: Database, settings: Settings, org: UUID, token_of: Callable[[Principal], str]
) -> None:
    auditor = token_of(Principal(None, org, Role.AUDITOR))
    assert send(program(create_app(db, settings), auditor), b"Address\n").status_code == 403
