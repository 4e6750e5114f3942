"""Every route by every role with ids of another organisation; the API's own document is the list of targets."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from leadflow.api.app import create_app
from leadflow.identity.rules import PEOPLE, allows
from leadflow.kernel.db import Database
from models.vocabulary import Permission, Role
from tests.asgi import browser
from tests.attack.planting import checksum
from tests.attack.sampler import Call, calls
from tests.configuration import settings_of
from tests.identity.people import Team, signed_in

TABLE_OF = {
    "session_id": "session",
    "user_id": "user",
    "job_id": "job",
    "import_id": "import_batch",
    "lead_id": "lead",
    "task_id": "task",
    "conversation_id": "conversation",
    "sender_id": "sender_number",
    "decision_id": "decision",
    "suppression_id": "suppression",
    "campaign_id": "campaign",
    "invitation_id": "invitation",
}
"""What a parameter of an address names. A new parameter must be entered here."""
PLAIN = {"name": "probate"}
"""Parameters that are words, not ids."""


def document() -> dict[str, Any]:
    return create_app(Database("postgresql://nobody@127.0.0.1:1/none"), settings_of()).openapi()


CALLS = sorted(calls(document()), key=str)
GUARDED = [call for call in CALLS if call.permission != "public"]
WITH_IDS = [call for call in GUARDED if any(name not in PLAIN for name in call.parameters)]


def send(client: httpx.Client, call: Call, address: str) -> httpx.Response:
    return client.request(call.method, address, json=call.body if call.changes else None)


def said(answer: httpx.Response) -> tuple[int, Any]:
    """What an answer tells, without the reference that differs each time."""
    body = answer.json()
    body.get("error", {}).pop("correlation_id", None)
    return answer.status_code, body


def test_every_route_names_a_permission() -> None:
    assert {call.permission for call in CALLS} <= {*Permission, "public"}


def test_public_routes_are_these_and_no_others() -> None:
    assert {str(call) for call in CALLS if call.permission == "public"} == {
        "GET /healthz",
        "GET /readyz",
        "GET /api/v1/meta",
        "POST /api/v1/auth/login",
        "POST /api/v1/auth/second-factor",
        "POST /api/v1/auth/forgot",
        "POST /api/v1/auth/reset",
        "POST /api/v1/auth/join",
        "POST /api/v1/auth/join/look",
        "POST /api/v1/auth/refresh",
        "POST /api/v1/auth/logout",
        "POST /hooks/twilio/status",
        "POST /hooks/twilio/inbound",
    }


def test_a_stranger_gets_nothing_anywhere(db: Database, api: FastAPI, theirs: dict[str, UUID]) -> None:
    client, before = browser(api), checksum(db)
    for call in GUARDED:
        answer = send(client, call, call.address(lambda name: PLAIN.get(name) or str(theirs[TABLE_OF[name]])))
        assert answer.status_code == 401, f"{call}: {answer.text}"
    assert checksum(db) == before


@pytest.mark.parametrize("role", PEOPLE)
def test_a_role_gets_nothing_beyond_the_table(db: Database, api: FastAPI, team: Team, role: Role) -> None:
    client = signed_in(api, team, role)
    before = checksum(db)
    for call in GUARDED:
        if allows(role, Permission(call.permission)):
            continue
        answer = send(client, call, call.address(lambda name: PLAIN.get(name) or str(uuid4())))
        assert said(answer)[0] == 403, f"{call}: {answer.text}"
    assert checksum(db) == before


@pytest.mark.parametrize("role", PEOPLE)
def test_a_row_of_others_looks_like_no_row(
    db: Database, api: FastAPI, team: Team, theirs: dict[str, UUID], role: Role
) -> None:
    client = signed_in(api, team, role)
    before = checksum(db)
    for call in WITH_IDS:
        if not allows(role, Permission(call.permission)):
            continue
        foreign = send(client, call, call.address(lambda name: PLAIN.get(name) or str(theirs[TABLE_OF[name]])))
        nothing = send(client, call, call.address(lambda name: PLAIN.get(name) or str(uuid4())))
        assert foreign.status_code == 404, f"{call}: {foreign.text}"
        assert said(foreign) == said(nothing), str(call)
        assert foreign.headers["content-length"] == nothing.headers["content-length"]
    assert checksum(db) == before


@pytest.mark.parametrize("role", PEOPLE)
def test_lists_hold_no_row_of_others(api: FastAPI, team: Team, theirs: dict[str, UUID], role: Role) -> None:
    client = signed_in(api, team, role)
    for call in GUARDED:
        if call.changes or call.parameters or not allows(role, Permission(call.permission)):
            continue
        answer = client.get(call.path)
        leaked = [table for table, row in theirs.items() if str(row) in answer.text]
        assert answer.status_code < 500, f"{call}: {answer.text}"
        assert not leaked, f"{call} shows {leaked}"


@pytest.mark.parametrize("address", ["not-an-id", "0", "%00", "..%2f..%2fme", "01a21416-5c5a-70ea-87ab-e358a119c06"])
def test_an_id_that_cannot_be_one_leads_nowhere(api: FastAPI, team: Team, address: str) -> None:
    answer = signed_in(api, team, Role.OWNER).get(f"/api/v1/leads/{address}")
    assert said(answer) == (
        404,
        {"error": {"code": "not_found", "message": "Not found.", "field": None, "reasons": []}},
    )
