"""Every route by every role with ids of another organisation; the API's own document is the list of targets."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import httpx
import pytest
from fastapi import FastAPI

from leadflow.api import deps
from leadflow.api.app import create_app
from leadflow.identity.rules import PEOPLE, ROLES, SCOPES
from leadflow.kernel.db import Database
from models.registry import metadata
from models.vocabulary import Permission, Role
from tests.asgi import browser, program
from tests.attack.matrix import MATRIX
from tests.attack.planting import checksum, plant, referring
from tests.attack.sampler import Call, Ids, calls, nobodys
from tests.configuration import settings_of
from tests.identity.people import Team, signed_in
from tests.owning import as_owner

TABLES = {
    "import": "import_batch",
    "sender": "sender_number",
    "key": "api_key",
    "actor": "user",
    "assignee": "user",
    "hold": "legal_hold",
    "draw": "review_draw",
    "release": "suppression_release",
    "run": "scrub_run",
    "pool": "number_pool",
    "registered": "registered_campaign",
    "surviving_spouse": "person",
    "view": "saved_view",
    "field": "custom_field",
    "whose": "user",
    "rule": "assignment_rule",
    "entry": "activity",
}
"""Tables whose name is not the id's own: ``sender_id``. What is missing here is named like its table."""
LIST_TABLES = {
    "members": "user",
    "share": "user",
    "numbers": "sender_number",
    "ids": "lead",
    "lead_ids": "lead",
    "except_ids": "lead",
    "mentions": "user",
    "rules": "assignment_rule",
}
"""Lists of ids."""


ROUTE_ALONE = {
    "GET /api/v1/imports/fields": "a list that is the same for everybody and holds no row",
    "GET /api/v1/campaigns/merge-fields": "the same",
    "GET /api/v1/providers": "circuits are the installation's and hold no row of an organisation",
    "GET /api/v1/audit/events": "the record lies below identity, which writes into it; so its door asks",
    "GET /api/v1/audit/verify": "the service recomputes hashes for the command line too, which has no caller",
}
"""Routes whose service asks no permission, each with its reason. Nothing that changes anything may stand here."""


def document() -> dict[str, Any]:
    return create_app(Database("postgresql://nobody@127.0.0.1:1/none"), settings_of()).openapi()


CALLS = sorted(calls(document()), key=str)
GUARDED = [call for call in CALLS if call.permission != "public"]
WITH_IDS = [call for call in GUARDED if call.parameters]
WITH_QUERIES = [call for call in GUARDED if call.queries]
WITH_BODIES = [call for call in GUARDED if call.holds_ids]


def table_of(name: str) -> str:
    """Name the table that an id leads to."""
    stem = name.removesuffix("_id")
    table = LIST_TABLES.get(name) or TABLES.get(stem, stem)
    assert table in metadata.tables, f"say in TABLES what {name} is an id of"
    return table


def of(rows: dict[str, UUID]) -> Ids:
    """Answer the ids of planted rows."""
    return lambda name: str(rows[table_of(name)])


def send(client: httpx.Client, call: Call, address: str) -> httpx.Response:
    return client.request(call.method, address, json=call.body if call.changes else None)


def said(answer: httpx.Response) -> tuple[int, Any]:
    """What an answer tells, without the reference that differs each time."""
    body = answer.json() if answer.content else {}
    body.get("error", {}).pop("correlation_id", None)
    return answer.status_code, body


def test_the_table_of_roles_is_the_one_that_was_decided() -> None:
    """The sweeps below hold the application against this copy, not against its own table."""
    assert {role: frozenset(str(one) for one in ROLES[role]) for role in PEOPLE} == MATRIX


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
        "GET /l/{code}",
        "HEAD /l/{code}",
    }


def test_a_stranger_gets_nothing_anywhere(db: Database, api: FastAPI, theirs: dict[str, UUID]) -> None:
    client, before = browser(api), checksum(db)
    for call in GUARDED:
        answer = send(client, call, call.address(of(theirs)))
        assert answer.status_code == 401, f"{call}: {answer.text}"
    assert checksum(db) == before


@pytest.mark.parametrize("role", PEOPLE)
def test_a_role_gets_nothing_beyond_the_table(
    db: Database, api: FastAPI, team: Team, theirs: dict[str, UUID], role: Role
) -> None:
    client = signed_in(api, team, role)
    before = checksum(db)
    for call in GUARDED:
        if call.permission in MATRIX[role]:
            continue
        for ids in (nobodys, of(theirs)):
            answer = send(client, call, call.address(ids))
            assert said(answer)[0] == 403, f"{call}: {answer.text}"
    assert checksum(db) == before


@pytest.mark.parametrize("role", PEOPLE)
def test_the_services_ask_the_same_as_the_routes(
    db: Database, api: FastAPI, team: Team, role: Role, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each wall without the other: a route whose own check is gone, and a route that asks for less than its service."""
    client = signed_in(api, team, role)
    monkeypatch.setattr(deps, "require", lambda *_: None)
    before = checksum(db)
    open_doors: set[str] = set()
    for call in GUARDED:
        if call.permission in MATRIX[role]:
            continue
        answer = send(client, call, call.address(nobodys))
        # 404: a service that looks for the row first tells nothing either. 422: it never got that far.
        if answer.status_code not in {403, 404, 422}:
            open_doors.add(str(call))
    assert open_doors <= set(ROUTE_ALONE)
    assert not [call for call in GUARDED if str(call) in ROUTE_ALONE and call.changes]
    assert checksum(db) == before


@pytest.mark.parametrize("permission", sorted(MATRIX[Role.OWNER] - {Permission.SESSION_USE}))
def test_what_was_taken_from_a_member_is_refused_whatever_the_role(
    db: Database, api: FastAPI, team: Team, permission: str
) -> None:
    client = signed_in(api, team, Role.OWNER)
    with as_owner(db.url) as connection:
        connection.execute(
            "update membership set denied = array[%s] where user_id = %s", [permission, team.ids[Role.OWNER]]
        )
    before = checksum(db)
    for call in GUARDED:
        if call.permission == permission:
            answer = send(client, call, call.address(nobodys))
            assert answer.status_code == 403, f"{call}: {answer.text}"
    assert checksum(db) == before


@pytest.mark.parametrize("wanting", sorted({call.permission for call in GUARDED}))
def test_a_key_with_every_scope_but_one_does_nothing_of_that_one(
    db: Database, api: FastAPI, team: Team, wanting: str
) -> None:
    owner = signed_in(api, team, Role.OWNER)
    others = sorted(SCOPES - {wanting})
    made = owner.post("/api/v1/api-keys", json={"name": "attack", "scopes": others, "days": 1})
    assert made.status_code in {200, 201}, made.text
    client = program(api, made.json()["key"])
    before = checksum(db)
    for call in GUARDED:
        if call.permission == wanting:
            answer = send(client, call, call.address(nobodys))
            assert answer.status_code in {401, 403}, f"{call}: {answer.text}"
    after = checksum(db)
    # Its last use is noted.
    assert {name for name in before if before[name] != after[name]} <= {"api_key"}


@pytest.mark.parametrize("role", PEOPLE)
def test_a_row_of_others_looks_like_no_row(
    db: Database, api: FastAPI, team: Team, theirs: dict[str, UUID], role: Role
) -> None:
    client = signed_in(api, team, role)
    before = checksum(db)
    for call in WITH_IDS:
        if call.permission not in MATRIX[role]:
            continue
        foreign = send(client, call, call.address(of(theirs)))
        nothing = send(client, call, call.address(nobodys))
        assert foreign.status_code == 404, f"{call}: {foreign.text}"
        assert said(foreign) == said(nothing), str(call)
        assert foreign.headers["content-length"] == nothing.headers["content-length"]
    assert checksum(db) == before


@pytest.mark.parametrize("role", PEOPLE)
def test_an_id_of_others_inside_a_body_or_a_query_does_nothing(
    db: Database, api: FastAPI, team: Team, theirs: dict[str, UUID], role: Role
) -> None:
    """The address is our own row, so that the body is read; what it names is theirs."""
    client = signed_in(api, team, role)
    ours = plant(db, team.org_id, team.ids[Role.AGENT], 13_125_550_143) | {"session": uuid4(), "job": uuid4()}
    before = checksum(db, of_org=theirs["organization"])
    for call in WITH_BODIES:
        if call.permission not in MATRIX[role]:
            continue
        foreign = client.request(call.method, call.address(of(ours)), json=call.aimed(of(theirs)))
        nothing = client.request(call.method, call.address(of(ours)), json=call.aimed(nobodys))
        assert said(foreign) == said(nothing), f"{call}: {foreign.text} {nothing.text}"
    for call in WITH_QUERIES:
        if call.permission not in MATRIX[role]:
            continue
        for name in call.queries:
            foreign = client.get(call.address(of(ours)), params={name: of(theirs)(name)})
            nothing = client.get(call.address(of(ours)), params={name: nobodys(name)})
            assert said(foreign) == said(nothing), f"{call} {name}: {foreign.text}"
    assert checksum(db, of_org=theirs["organization"]) == before
    assert not referring(db, team.org_id, set(theirs.values()))


@pytest.mark.parametrize("role", PEOPLE)
def test_lists_hold_no_row_of_others(api: FastAPI, team: Team, theirs: dict[str, UUID], role: Role) -> None:
    client = signed_in(api, team, role)
    for call in GUARDED:
        if call.changes or call.parameters or call.permission not in MATRIX[role]:
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
