"""What a caller says of itself: its address, its scheme; and the headers and the reference that every answer has."""

from __future__ import annotations

from ipaddress import ip_address
from typing import Any

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.types import Receive, Scope, Send

from leadflow.api.app import create_app
from leadflow.kernel import edge
from leadflow.kernel.db import Database
from leadflow.kernel.edge import Edge, caller_of, networks, read_address
from leadflow.settings import Settings
from leadflow.ui.gate import CLOSED, Gate
from models.vocabulary import Role
from tests.asgi import Here
from tests.identity.people import PASSWORD, Team

PROXY, CALLER, STRANGER = "10.1.2.3", "203.0.113.7", "198.51.100.9"
PROXIES = networks(["10.0.0.0/8", "fd00::/8"])
PUBLIC = "https://crm.example.test"


class Echo:
    """Remembers what arrived and answers nothing much."""

    def __init__(self) -> None:
        self.scope: Scope = {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        del receive
        self.scope = scope
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": edge.correlation.get().encode()})


def seen(peer: str, public_url: str = PUBLIC, path: str = "/leads?q=1", **headers: str) -> tuple[Scope, httpx.Response]:
    inner = Echo()
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    client = httpx.Client(transport=Here(Edge(inner, ["10.0.0.0/8", "fd00::/8"], public_url), peer))
    answer = client.get(PUBLIC + path, headers=named)
    return inner.scope, answer


def address_of(peer: str, forwarded: str) -> str:
    inner = Echo()
    client = httpx.Client(transport=Here(Edge(inner, ["10.0.0.0/8", "fd00::/8"], PUBLIC), peer))
    client.get(PUBLIC, headers={"X-Forwarded-For": forwarded})
    return inner.scope["client"][0]


# Addresses


@pytest.mark.parametrize(
    ("forwarded", "found"),
    [
        (CALLER, CALLER),
        (f"{STRANGER}, {CALLER}", CALLER),
        (f"{STRANGER}, {CALLER}, 10.9.9.9", CALLER),
        (f"127.0.0.1, {CALLER}", CALLER),
        (f"{CALLER}:51234", CALLER),
        ("[2001:db8::1]:443", "2001:db8::1"),
        (f"::ffff:{CALLER}", CALLER),
        (f"{STRANGER}, not an address", PROXY),
        (f"{STRANGER}, fe80::1%eth0", PROXY),
        ("10.9.9.9", "10.9.9.9"),
        ("", PROXY),
        (",,", PROXY),
        ("1.2.3.4.5", PROXY),
        (f"{CALLER}, " + "10.0.0.1, " * 100 + "10.0.0.1", "10.0.0.1"),
    ],
)
def test_a_proxy_of_ours_tells_the_caller_and_the_caller_cannot(forwarded: str, found: str) -> None:
    assert address_of(PROXY, forwarded) == found


@pytest.mark.parametrize("name", ["X-Forwarded-For", "Forwarded", "X-Real-IP", "True-Client-IP", "CF-Connecting-IP"])
def test_a_stranger_tells_nothing_of_its_address(name: str) -> None:
    inner = Echo()
    client = httpx.Client(transport=Here(Edge(inner, ["10.0.0.0/8"], PUBLIC), STRANGER))
    client.get(PUBLIC, headers={name: CALLER, "X-Forwarded-Proto": "http", "X-Forwarded-Host": "evil.test"})
    assert inner.scope["client"][0] == STRANGER
    assert inner.scope["scheme"] == "https"


@pytest.mark.parametrize("name", ["Forwarded", "X-Real-IP", "X-Client-IP"])
def test_other_headers_tell_nothing_even_of_a_proxy(name: str) -> None:
    inner = Echo()
    httpx.Client(transport=Here(Edge(inner, ["10.0.0.0/8"], PUBLIC), PROXY)).get(PUBLIC, headers={name: CALLER})
    assert inner.scope["client"][0] == PROXY


ADDRESSES = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))


@given(st.lists(st.one_of(ADDRESSES.map(str), st.text(max_size=20)), max_size=5), ADDRESSES)
def test_whatever_a_caller_writes_to_the_left_changes_nothing(written: list[str], caller: Any) -> None:
    peer = ip_address(PROXY)
    alone = caller_of(peer, [str(caller)], PROXIES)
    if edge.within(alone, PROXIES):
        return
    assert caller_of(peer, [*written, str(caller)], PROXIES) == alone


@given(st.text(max_size=60))
def test_reading_an_address_never_fails(text: str) -> None:
    found = read_address(text)
    assert found is None or read_address(str(found)) == found


def test_a_guesser_behind_a_proxy_is_limited_by_its_own_address_whatever_it_claims(
    db: Database, settings: Settings, team: Team
) -> None:
    """One source cannot become many by inventing headers, and cannot lock its neighbour behind the same proxy out."""
    app = Edge(create_app(db, settings), ["10.0.0.0/8"], "http://testserver")
    headers = {"Origin": "http://testserver", "X-LF-Request": "1"}
    client = httpx.Client(transport=Here(app, PROXY), base_url="http://testserver", headers=headers)

    def guess(number: int, caller: str) -> int:
        given = {"email": f"nobody{number}@cedar.test", "password": "wrong wrong wrong"}
        told = {"X-Forwarded-For": f"192.0.2.{number % 250}, {caller}"}
        return client.post("/api/v1/auth/login", json=given, headers=told).status_code

    codes = [guess(number, STRANGER) for number in range(120)]
    assert codes[0] == 401
    assert codes[-1] == 429
    neighbour = client.post(
        "/api/v1/auth/login",
        json={"email": team.emails[Role.OWNER], "password": PASSWORD},
        headers={"X-Forwarded-For": CALLER},
    )
    assert neighbour.status_code == 200
    with db.begin() as uow, uow.cursor() as cursor:
        cursor.execute("select distinct address from session where user_id = %s", [team.ids[Role.OWNER]])
        assert cursor.fetchall() == [(CALLER,)]


# In the clear


def test_a_page_that_came_in_the_clear_is_led_to_https() -> None:
    scope, answer = seen(PROXY, X_Forwarded_Proto="http")
    assert (answer.status_code, answer.headers["location"]) == (308, f"{PUBLIC}/leads?q=1")
    assert scope == {}


@pytest.mark.parametrize("path", ["/api/v1/me", "/hooks/twilio/inbound"])
def test_a_program_that_calls_in_the_clear_is_told_so(path: str) -> None:
    _, answer = seen(PROXY, path=path, X_Forwarded_Proto="http")
    assert answer.status_code == 403
    assert answer.json()["error"]["code"] == "insecure"


@pytest.mark.parametrize("path", ["//evil.test/x", "/\\evil.test", "/%0d%0aSet-Cookie:%20a=b"])
def test_the_way_to_https_leads_to_ourselves_only(path: str) -> None:
    _, answer = seen(PROXY, path=path, X_Forwarded_Proto="http")
    assert answer.headers["location"].startswith(PUBLIC + "/")
    assert not answer.headers["location"].startswith(PUBLIC + "//")
    assert "set-cookie" not in answer.headers


def test_the_scheme_is_the_last_that_our_proxy_wrote() -> None:
    for told, status in (("https", 200), ("http, https", 200), ("https, http", 308), ("ftp", 200)):
        assert seen(PROXY, X_Forwarded_Proto=told)[1].status_code == status, told


# Headers and the reference


def web(db: Database, settings: Settings) -> Edge:
    """The whole door but for Reflex: the page is whatever answers nothing of its own."""
    return Edge(Gate(Echo(), create_app(db, settings), settings.origins), settings.trusted_proxies, PUBLIC)


def client_of(app: Edge) -> httpx.Client:
    return httpx.Client(transport=Here(app), base_url="http://testserver")


def test_every_answer_has_every_header(db: Database, settings: Settings, team: Team) -> None:  # noqa: ARG001 somebody could be here
    client = client_of(web(db, settings))
    answers = [
        client.get("/login"),
        client.get("/assets/x.js"),
        client.get("/leads"),
        client.get("/api/v1/me"),
        client.get("/api/v1/nowhere"),
        client.get("/healthz"),
        client.post("/api/v1/auth/login", content=b"x" * 2_000_000),
        client.get("/", headers={"Host": "evil.test"}),
        *[client.get(path) for path in CLOSED],
    ]
    for answer in answers:
        where = f"{answer.request.url} {answer.status_code}"
        for name in (*edge.HEADERS, "strict-transport-security", "x-correlation-id"):
            assert answer.headers.get(name), f"{name}: {where}"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"], where
        assert answer.headers["x-content-type-options"] == "nosniff", where
        assert "server" not in answer.headers, where
    assert len({answer.headers["x-correlation-id"] for answer in answers}) == len(answers)


def test_every_refusal_has_one_shape_and_its_reference(db: Database, settings: Settings) -> None:
    client = client_of(web(db, settings))
    refusals = [
        (421, client.get("/", headers={"Host": "evil.test"})),
        (404, client.get("/_upload")),
        (404, client.get("/api/v1/nowhere")),
        (401, client.get("/api/v1/me")),
        (403, client.post("/api/v1/auth/login", json={})),
        (415, client.post("/api/v1/auth/login", content=b"a=b")),
        (405, client.delete("/api/v1/me", headers={"X-LF-Request": "1", "Origin": settings.public_url})),
    ]
    for status, answer in refusals:
        assert answer.status_code == status or (status == 405 and answer.status_code == 415), answer.text
        error = answer.json()["error"]
        assert set(error) == {"code", "message", "field", "reasons", "correlation_id"}
        assert error["correlation_id"] == answer.headers["x-correlation-id"]


def test_a_bug_outside_the_api_is_a_reference_too() -> None:
    async def broken(*_: object) -> None:
        raise RuntimeError("the pepper is hunter2")

    answer = client_of(Edge(broken, [], PUBLIC)).get("/leads")
    assert answer.status_code == 500
    assert answer.json()["error"]["correlation_id"] == answer.headers["x-correlation-id"]
    assert "hunter2" not in answer.text
    assert answer.headers["strict-transport-security"] == edge.STRICT_TRANSPORT


def test_transport_security_is_not_promised_where_there_is_none() -> None:
    assert "strict-transport-security" not in seen(STRANGER, "http://127.0.0.1:8300")[1].headers


def test_the_api_and_the_edge_tell_one_reference(db: Database, settings: Settings, api: FastAPI) -> None:
    alone = httpx.Client(transport=Here(api), base_url="http://testserver").get("/api/v1/me")
    assert alone.json()["error"]["correlation_id"] == alone.headers["x-correlation-id"] != ""
    through = client_of(Edge(create_app(db, settings), [], PUBLIC)).get("/api/v1/me")
    assert through.json()["error"]["correlation_id"] == through.headers["x-correlation-id"] != ""


@pytest.mark.parametrize("method", ["TRACE", "TRACK", "CONNECT", "DEBUG"])
def test_trace_leads_nowhere(db: Database, settings: Settings, method: str) -> None:
    answer = client_of(web(db, settings)).request(method, "/api/v1/meta", headers={"X-Secret": "seen"})
    assert answer.status_code in {403, 404, 405, 415}
    assert "seen" not in answer.text
