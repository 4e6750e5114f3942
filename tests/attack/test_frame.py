"""Cross-site calls, forged tokens, oversized and broken requests."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import jwt
import pytest
from fastapi import FastAPI

from leadflow.api.app import create_app
from leadflow.api.frame import JSON_LIMIT, RAW
from leadflow.identity import rules
from leadflow.identity import service as identity
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.settings import Settings
from models.vocabulary import Role
from tests.asgi import Here, browser, program
from tests.attack.planting import checksum
from tests.attack.test_api_sweep import CALLS
from tests.configuration import settings_of
from tests.identity.people import PASSWORD, Team, signed_in

CHANGING = [call for call in CALLS if call.changes and call.path.startswith("/api/")]
OURS = "http://testserver"
FOREIGN: dict[str, dict[str, str | None]] = {
    "another site": {"Origin": "http://evil.test"},
    "a sandboxed frame": {"Origin": "null"},
    "a site whose name begins like ours": {"Origin": "http://testserver.evil.test"},
    "our name with another scheme": {"Origin": "https://testserver"},
    "our name with another port": {"Origin": "http://testserver:81"},
    "our name in capitals": {"Origin": "http://TESTSERVER"},
    "a form without scripts": {"X-LF-Request": None},
    "a header that is not ours": {"X-LF-Request": "true"},
    "a browser that says cross-site": {"Origin": None, "Sec-Fetch-Site": "cross-site"},
    "a neighbour on the same domain": {"Origin": None, "Sec-Fetch-Site": "same-site"},
    "no origin at all": {"Origin": None},
}


@pytest.mark.parametrize("attack", FOREIGN)
def test_no_other_site_changes_anything_with_our_cookies(db: Database, api: FastAPI, team: Team, attack: str) -> None:
    client = signed_in(api, team, Role.OWNER)
    for name, value in FOREIGN[attack].items():
        client.headers.pop(name, None)
        if value is not None:
            client.headers[name] = value
    before = checksum(db)
    for call in CHANGING:
        answer = client.request(call.method, call.address(lambda _: str(uuid4())), json=call.body or {})
        assert answer.status_code == 403, f"{call}: {answer.text}"
        assert "set-cookie" not in answer.headers
    assert checksum(db) == before


@pytest.mark.parametrize(
    "kind", ["text/plain", "multipart/form-data", "application/x-www-form-urlencoded", "", "text/json"]
)
def test_only_json_is_read(db: Database, api: FastAPI, team: Team, kind: str) -> None:
    client = signed_in(api, team, Role.OWNER)
    before = checksum(db)
    for call in CHANGING:
        if call.path in RAW and kind == "text/json":
            continue
        content = json.dumps(call.body or {}).encode()
        headers = {"Content-Type": kind} if kind else {}
        answer = client.request(call.method, call.address(lambda _: str(uuid4())), content=content, headers=headers)
        assert answer.status_code == 415, f"{call}: {answer.text}"
    assert checksum(db) == before


def test_our_own_page_may_be_told_by_the_browser_instead_of_the_origin(api: FastAPI, team: Team) -> None:
    client = signed_in(api, team, Role.OWNER)
    del client.headers["Origin"]
    client.headers["Sec-Fetch-Site"] = "same-origin"
    assert client.patch("/api/v1/organization", json={"approval_threshold": 5}).status_code == 200


def test_no_other_site_reads_anything(api: FastAPI, team: Team) -> None:
    client = signed_in(api, team, Role.OWNER)
    answer = client.get("/api/v1/me", headers={"Origin": "http://evil.test"})
    assert not [name for name in answer.headers if name.startswith("access-control")]
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"
    assert client.options("/api/v1/me", headers={"Origin": "http://evil.test"}).status_code == 405


def test_answers_stay_out_of_caches_and_frames(api: FastAPI, team: Team) -> None:
    for answer in (signed_in(api, team, Role.OWNER).get("/api/v1/me"), browser(api).get("/api/v1/me")):
        assert answer.headers["cache-control"] == "no-store"
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]


# Cookies


def test_cookies_are_out_of_reach_of_scripts_and_other_sites(api: FastAPI, team: Team) -> None:
    answer = browser(api).post("/api/v1/auth/login", json={"email": team.emails[Role.OWNER], "password": PASSWORD})
    found = {line.split("=", 1)[0]: line.lower() for line in answer.headers.get_list("set-cookie")}
    assert set(found) == {"lf_sid", "lf_at", "lf_rt"}
    assert all("httponly" in line for line in found.values())
    assert "samesite=lax" in found["lf_sid"]
    assert "samesite=strict" in found["lf_rt"]
    assert "path=/api/v1/auth" in found["lf_rt"]
    assert answer.json()["access_token"] is None
    assert answer.json()["refresh_token"] is None


def test_over_https_the_names_make_browsers_enforce_it(db: Database, database_url: str, team: Team) -> None:
    settings = settings_of(DATABASE_URL=database_url, LF_PUBLIC_URL="https://crm.example.test")
    keys = identity.keys()
    identity.configure(type(keys)(ring=keys.ring, pepper=keys.pepper, bcrypt_cost=4, secure=True))
    client = httpx.Client(transport=Here(create_app(db, settings)), base_url="https://crm.example.test")
    answer = client.post(
        "/api/v1/auth/login",
        json={"email": team.emails[Role.OWNER], "password": PASSWORD},
        headers={"Origin": "https://crm.example.test", "X-LF-Request": "1"},
    )
    found = {line.split("=", 1)[0]: line.lower() for line in answer.headers.get_list("set-cookie")}
    assert set(found) == {"__Host-lf_sid", "__Host-lf_at", "__Secure-lf_rt"}
    assert all("; secure" in line and "domain" not in line for line in found.values())


def test_signing_out_takes_the_cookies_and_ends_the_session(api: FastAPI, team: Team) -> None:
    client = signed_in(api, team, Role.OWNER)
    kept = dict(client.cookies)
    assert client.post("/api/v1/auth/logout", json={}).status_code == 204
    assert not client.cookies
    client.cookies.update(kept)
    assert client.get("/api/v1/me").status_code == 401
    assert client.post("/api/v1/auth/refresh").status_code == 401


# Programs


def tokens(api: FastAPI, team: Team, role: Role) -> dict[str, Any]:
    given = {"email": team.emails[role], "password": PASSWORD, "tokens": True}
    answer = program(api).post("/api/v1/auth/login", json=given)
    assert "set-cookie" not in answer.headers
    return answer.json()


def test_a_program_works_with_tokens_alone(api: FastAPI, team: Team) -> None:
    got = tokens(api, team, Role.OWNER)
    client = program(api, got["access_token"])
    assert client.get("/api/v1/me").json()["role"] == "owner"
    assert client.patch("/api/v1/organization", json={"approval_threshold": 7}).status_code == 200
    renewed = program(api).post("/api/v1/auth/refresh", json={"refresh_token": got["refresh_token"]}).json()
    assert program(api, renewed["access_token"]).get("/api/v1/me").status_code == 200
    assert client.post("/api/v1/auth/logout").status_code == 204
    assert program(api, renewed["access_token"]).get("/api/v1/me").status_code == 401


def forgeries(key: bytes, good: str, clock: FrozenClock) -> Iterator[tuple[str, str]]:  # noqa: PLR0915 one line a forgery
    """Tokens that each change one thing of a good one."""
    claims: dict[str, Any] = jwt.decode(good, options={"verify_signature": False})
    kid = {"kid": "test"}

    def signed(algorithm: str = "HS256", headers: dict[str, Any] | None = None, **changed: Any) -> str:
        given = {name: value for name, value in (claims | changed).items() if value is not None}
        secret = {"none": None, "HS512": key * 2}.get(algorithm, key)
        return jwt.encode(given, secret, algorithm=algorithm, headers=headers or kid)  # pyright: ignore[reportArgumentType] none

    head, middle, tail = good.split(".")

    def part(value: dict[str, Any]) -> str:
        return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    yield "no algorithm", signed("none")
    yield "no algorithm in capitals", f"{part({'alg': 'NONE', 'kid': 'test'})}.{middle}."
    yield "another hash", signed("HS512")
    yield "no expiry", signed(exp=None)
    yield "expired", signed(exp=int(clock.now().timestamp()) - 1)
    yield "a longer life than we give", signed(exp=int((clock.now() + timedelta(days=1)).timestamp()))
    yield "from the future", signed(iat=int(clock.now().timestamp()) + 120, exp=int(clock.now().timestamp()) + 300)
    yield "another audience", signed(aud="leadflow-page")
    yield "another issuer", signed(iss="elsewhere")
    yield "another type", signed(typ="refresh")
    yield "no type", signed(typ=None)
    yield "no session", signed(sid=None)
    yield "a session that never was", signed(sid=str(uuid4()))
    yield "a session that is no id", signed(sid="../../etc/passwd")
    yield "an unknown key", signed(headers={"kid": "none-such"})
    yield "a key by path", signed(headers={"kid": "../../dev/null"})
    yield "a key that is a list", f"{part({'alg': 'HS256', 'kid': ['test']})}.{middle}.{tail}"
    yield "no key named", jwt.encode(claims, key, algorithm="HS256")
    yield "another secret", jwt.encode(claims, b"x" * 32, algorithm="HS256", headers=kid)
    yield "the ring's key itself", jwt.encode(claims, identity.keys().ring["test"], algorithm="HS256", headers=kid)
    yield "changed claims", f"{head}.{part(claims | {'sub': str(uuid4())})}.{tail}"
    yield "half of it", good[: len(good) // 2]
    yield "nothing", ""
    yield "no token at all", "null"


def test_no_forged_token_opens_anything(api: FastAPI, team: Team, clock: FrozenClock) -> None:
    got = tokens(api, team, Role.OWNER)
    key = identity.keys().derived("test", "access")
    assert program(api, got["access_token"]).get("/api/v1/me").status_code == 200
    for what, token in forgeries(key, got["access_token"], clock):
        answer = program(api, token).get("/api/v1/me")
        assert answer.status_code == 401, what
        cookie = browser(api)
        cookie.cookies.set("lf_at", token)
        assert cookie.get("/api/v1/me").status_code == 401, what
    for other in (got["refresh_token"], got["session_id"]):
        assert program(api, other).get("/api/v1/me").status_code == 401


def test_an_access_token_refreshes_nothing(api: FastAPI, team: Team) -> None:
    got = tokens(api, team, Role.OWNER)
    for token in (got["access_token"], got["session_id"], "x", " "):
        assert program(api).post("/api/v1/auth/refresh", json={"refresh_token": token}).status_code == 401


def test_an_expired_access_token_is_renewed_by_the_page(api: FastAPI, team: Team, clock: FrozenClock) -> None:
    client = signed_in(api, team, Role.OWNER)
    clock.advance(rules.ACCESS + timedelta(seconds=1))
    assert client.get("/api/v1/me").status_code == 401
    assert client.post("/api/v1/auth/refresh").status_code == 200
    assert client.get("/api/v1/me").status_code == 200


# Broken requests


def test_a_body_over_the_limit_is_refused_before_it_is_read(api: FastAPI, team: Team) -> None:
    client = signed_in(api, team, Role.OWNER)
    answer = client.patch("/api/v1/organization", json={"name": "x" * JSON_LIMIT})
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "too_large")


def test_a_body_without_a_length_is_refused_where_it_grows_too_large(api: FastAPI, team: Team) -> None:
    client = signed_in(api, team, Role.OWNER)

    def endless() -> Iterator[bytes]:
        yield b'{"name": "'
        for _ in range(20):
            yield b"x" * 100_000
        yield b'"}'

    headers = {"Content-Type": "application/json"}
    assert client.patch("/api/v1/organization", content=endless(), headers=headers).status_code == 413


def test_each_refusal_has_one_shape_and_a_reference(api: FastAPI, team: Team) -> None:
    client = signed_in(api, team, Role.OWNER)
    answers = [
        (404, client.get("/api/v1/nowhere")),
        (404, client.get(f"/api/v1/leads/{uuid4()}")),
        (405, client.delete("/api/v1/me")),
        (422, client.patch("/api/v1/organization", content=b"{", headers={"Content-Type": "application/json"})),
        (422, client.patch("/api/v1/organization", json={"approval_threshold": -1})),
        (422, client.patch("/api/v1/organization", json={"sending_paused": False})),
        (401, browser(api).get("/api/v1/me")),
    ]
    for status, answer in answers:
        error = answer.json()["error"]
        assert answer.status_code == status, answer.text
        assert set(error) == {"code", "message", "field", "reasons", "correlation_id"}
        assert error["correlation_id"] == answer.headers["x-correlation-id"]


def test_a_refusal_names_the_field_and_never_repeats_the_value(api: FastAPI) -> None:
    answer = browser(api).post("/api/v1/auth/login", json={"email": "a@b.test", "password": ["hunter2-hunter2"]})
    assert answer.status_code == 422
    assert answer.json()["error"]["field"] == "password"
    assert "hunter2" not in answer.text


def test_a_bug_tells_a_reference_and_nothing_else(settings: Settings, team: Team, api: FastAPI) -> None:
    good = signed_in(api, team, Role.OWNER)
    broken = browser(create_app(Database("postgresql://nobody:secret@127.0.0.1:1/none"), settings))
    broken.cookies.update(good.cookies)
    answer = broken.get("/api/v1/me")
    assert answer.status_code == 500
    assert set(answer.json()["error"]) == {"code", "message", "field", "reasons", "correlation_id"}
    assert "secret" not in answer.text
    assert "127.0.0.1" not in answer.text
    ready = broken.get("/readyz")
    assert (ready.status_code, ready.json()["checks"]["database"]) == (503, "does not answer")


def test_the_document_is_served_only_where_it_is_asked_for(db: Database, database_url: str, api: FastAPI) -> None:
    shown = browser(create_app(db, settings_of(DATABASE_URL=database_url, LF_DOCS_ENABLED="true")))
    for path in ("/api/docs", "/api/openapi.json"):
        assert browser(api).get(path).status_code == 404
        assert shown.get(path).status_code == 200


def test_demo_sign_ins_are_told_in_development_only(db: Database, database_url: str, team: Team) -> None:
    with db.begin(team.org_id) as uow:
        identity.add_member(uow, "demo@cedar.test", "Demo", PASSWORD, Role.OWNER, demo=True)
    told = {
        env: browser(create_app(db, settings_of(DATABASE_URL=database_url, LF_ENV=env))).get("/api/v1/meta").json()
        for env in ("dev", "test", "staging", "prod")
    }
    assert [login["email"] for login in told["dev"]["demo_logins"]] == ["demo@cedar.test"]
    assert not any(told[env]["demo_logins"] for env in ("test", "staging", "prod"))
