"""A running web process, attacked from outside: origins, strangers, stolen tabs, revocation, floods."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Generator
from uuid import uuid4

import aiohttp
import httpx
import pytest
import socketio
from socketio.exceptions import ConnectionError as ConnectionRefused

from leadflow.identity import service as identity
from leadflow.identity.types import MemberChange
from leadflow.ui.guard import SOCKETS_PER_ADDRESS
from models.vocabulary import Role
from tests.attack.serving import Served, cookies_of, running_web, tab
from tests.conftest import drop_database, make_database
from tests.identity.people import Team, make_team

pytestmark = pytest.mark.xdist_group("browser")


@pytest.fixture(scope="module")
def served(
    server_url: str,
    runtime_of: Callable[[str], str],
    template: str,
    redis_url: str,
    tmp_path_factory: pytest.TempPathFactory,
) -> Generator[Served]:
    """Run the web process once."""
    name = f"web_{os.getpid()}"
    database_url = make_database(server_url, name, template)
    with running_web(runtime_of(database_url), redis_url, tmp_path_factory.mktemp("web")) as running:
        yield running
    drop_database(server_url, name)


@pytest.fixture(scope="module")
def cedar(served: Served) -> Team:
    """The victims' organisation."""
    return make_team(served.db, "Cedar Homes")


@pytest.fixture(scope="module")
def birch(served: Served) -> Team:
    """The attackers' organisation."""
    return make_team(served.db, "Birch Partners")


async def handshake(served: Served, path: str = "/_event/?EIO=4&transport=websocket&token=x", **headers: str) -> int:
    async with aiohttp.ClientSession() as session:
        try:
            async with session.ws_connect(served.address + path, headers=headers):
                return 101
        except aiohttp.WSServerHandshakeError as refusal:
            return refusal.status


# Who may knock


@pytest.mark.parametrize(
    "origin",
    [None, "null", "http://evil.test", "{ours}.evil.test", "https{rest}", "{ours}/", "", "HTTP{rest}"],
)
def test_a_socket_of_another_origin_is_refused_at_the_handshake(served: Served, origin: str | None) -> None:
    rest = served.address.removeprefix("http")
    headers = {} if origin is None else {"Origin": origin.format(ours=served.address, rest=rest)}
    assert asyncio.run(handshake(served, **headers)) == 403


def test_our_own_origin_is_let_in(served: Served) -> None:
    assert asyncio.run(handshake(served, Origin=served.address)) == 101


@pytest.mark.parametrize("host", ["evil.test", "127.0.0.1", "127.0.0.1:1"])
def test_another_name_is_not_ours(served: Served, host: str) -> None:
    assert asyncio.run(handshake(served, Origin=served.address, Host=host)) == 403
    for path in ("/", "/login", "/api/v1/meta"):
        assert httpx.get(served.address + path, headers={"Host": host}).status_code == 421
    assert httpx.get(served.address + "/healthz", headers={"Host": host}).status_code == 200


@pytest.mark.parametrize("path", ["/", "/api/v1/events", "/_upload", "/_eventful"])
def test_there_is_one_socket_only(served: Served, path: str) -> None:
    assert asyncio.run(handshake(served, path, Origin=served.address)) == 403


@pytest.mark.parametrize(
    "path",
    [
        "/_upload", "/_upload/x", "/ping", "/_health", "/_all_routes", "/auth-codespace", "/metrics", "/docs",
        "/openapi.json", "/redoc", "/_event/?EIO=4&transport=polling", "/_event", "/.env", "/rxconfig.py",
    ],
)  # fmt: skip
def test_addresses_of_the_framework_lead_nowhere(served: Served, path: str) -> None:
    for method in ("GET", "POST"):
        answer = httpx.request(method, served.address + path, headers={"Origin": "http://evil.test"})
        assert answer.status_code in {404, 405}, answer.text
        assert "access-control-allow-origin" not in answer.headers


def test_a_page_is_for_those_who_are_signed_in(served: Served, cedar: Team) -> None:
    answer = httpx.get(served.address + "/leads?q=oak&lead=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=/leads%3Fq%3Doak%26lead%3D1")
    shown = served.browser(cedar, Role.AGENT).get("/leads")
    assert shown.status_code == 200
    assert shown.headers["cache-control"] == "no-store"
    assert "script-src 'self'" in shown.headers["content-security-policy"]
    assert "unsafe-eval" not in shown.headers["content-security-policy"]


# Strangers


def test_a_stranger_hears_nothing_but_the_way_to_the_sign_in_page(served: Served, cedar: Team) -> None:  # noqa: ARG001 there is something to hear
    async def listen(path: str, cookies: str = "") -> str:
        async with tab(served, cookies, path=path) as opened:
            for name in ("hydrate", "hydrate_and_load", "reflex___state____state.leadflow___ui___shell____shell.load"):
                await opened.send(name)
            return await opened.quiet()

    assert asyncio.run(listen("/login")) == "[]"
    for cookies in ("", "lf_sid=guess", f"lf_sid={uuid4()}"):
        heard = asyncio.run(listen("/settings", cookies))
        assert heard.count("delta") == 1
        assert "/login?next=/settings" in heard


def test_a_stolen_tab_opens_nothing(served: Served, cedar: Team, birch: Team) -> None:
    token = str(uuid4())

    async def look(cookies: str) -> str:
        async with tab(served, cookies, token) as opened:
            return await opened.quiet()

    victim = cookies_of(served.browser(cedar, Role.OWNER))
    assert "Cedar Homes" in asyncio.run(look(victim))
    attacker = cookies_of(served.browser(birch, Role.OWNER))
    heard = asyncio.run(look(attacker))
    assert "Birch Partners" in heard
    assert "Cedar" not in heard
    assert "Cedar" not in asyncio.run(look(""))
    assert "Cedar" not in asyncio.run(look("lf_sid=guess"))
    # Another session of the same person is another one's tab, too.
    assert "Cedar Homes" in asyncio.run(look(cookies_of(served.browser(cedar, Role.OWNER))))


def test_no_event_writes_a_variable(served: Served, cedar: Team) -> None:
    cookies = cookies_of(served.browser(cedar, Role.AUDITOR))
    shell = "reflex___state____state.leadflow___ui___shell____shell"

    async def attack() -> str:
        async with tab(served, cookies) as opened:
            await opened.quiet()
            opened.heard.clear()
            variables = {
                f"{shell}.role_rx_state_": "owner",
                f"{shell}.role": "owner",
                f"{shell}.can": ["sending.switch"],
            }
            await opened.send("setvar", var_name="is_hydrated", value=True)
            await opened.send(f"{shell}.setvar", var_name="role", value="owner")
            await opened.send("hydrate_and_load", vars=variables)
            await opened.send(
                "reflex___state____state.reflex___state____update_vars_internal_state.update_vars_internal",
                vars=variables,
            )
            await opened.send(f"{shell}._load")
            await opened.send(f"{shell}.dict")
            for broken in (None, 7, [], "x", {"name": None}, {"name": {}}, {"payload": {}}, {"name": "x" * 5_000}):
                await opened.client.emit("event", broken, namespace="/_event")
            assert await opened.quiet() == "[]"
            await opened.send(f"{shell}.load")
            return await opened.quiet()

    heard = asyncio.run(attack())
    assert "owner" not in heard


# Revocation


def closed_within_two_seconds(served: Served, cookies: str, act: Callable[[], object]) -> float:
    async def watch() -> float:
        async with tab(served, cookies) as opened:
            await opened.quiet(0.4)
            assert not opened.closed.is_set()
            began = time.monotonic()
            await asyncio.to_thread(act)
            await asyncio.wait_for(opened.closed.wait(), 4)
            return time.monotonic() - began

    return asyncio.run(watch())


def test_signing_out_closes_every_socket_of_the_session(served: Served, cedar: Team) -> None:
    client = served.browser(cedar, Role.AGENT)
    assert (
        closed_within_two_seconds(served, cookies_of(client), lambda: client.post("/api/v1/auth/logout", json={})) < 2
    )


def test_shutting_a_member_out_closes_the_sockets(served: Served, birch: Team) -> None:
    cookies = cookies_of(served.browser(birch, Role.AGENT))
    owner = served.browser(birch, Role.OWNER)
    path = f"/api/v1/members/{birch.ids[Role.AGENT]}"
    assert closed_within_two_seconds(served, cookies, lambda: owner.patch(path, json={"active": False})) < 2

    async def again() -> str:
        async with tab(served, cookies) as opened:
            return await opened.quiet()

    assert "Birch" not in asyncio.run(again())


def test_a_changed_role_opens_the_sockets_anew(served: Served, birch: Team) -> None:
    cookies = cookies_of(served.browser(birch, Role.MANAGER))

    def demote() -> None:
        with served.db.begin(birch.org_id) as uow:
            owner = identity.member_principal(uow, birch.emails[Role.OWNER])
            identity.change_member(uow, owner, birch.ids[Role.MANAGER], MemberChange(role=Role.AUDITOR))

    assert closed_within_two_seconds(served, cookies, demote) < 2

    async def again() -> str:
        async with tab(served, cookies) as opened:
            return await opened.quiet()

    heard = asyncio.run(again())
    assert "'auditor'" in heard
    assert "sending.switch" not in heard


def test_an_event_after_the_end_is_refused_even_where_no_message_came(served: Served, cedar: Team) -> None:
    client = served.browser(cedar, Role.AGENT)

    async def attempt() -> str:
        async with tab(served, cookies_of(client)) as opened:
            await opened.quiet(0.4)
            opened.heard.clear()
            with served.db.begin() as uow, uow.cursor() as cursor:
                # As if the message to close the socket were lost.
                cursor.execute("update session set revoked_at = now() where user_id = %s", [cedar.ids[Role.AGENT]])
            await opened.send("reflex___state____state.leadflow___ui___shell____shell.load")
            return await opened.quiet()

    heard = asyncio.run(attempt())
    assert "/login?next=" in heard
    assert "Cedar" not in heard


# Floods


def test_an_event_over_64_kilobytes_costs_the_socket(served: Served, cedar: Team) -> None:
    cookies = cookies_of(served.browser(cedar, Role.OWNER))

    async def flood() -> None:
        async with tab(served, cookies) as opened:
            await opened.send("hydrate", padding="x" * 70_000)
            await asyncio.wait_for(opened.closed.wait(), 5)

    asyncio.run(flood())
    assert httpx.get(served.address + "/healthz").status_code == 200


def test_one_address_gets_twenty_sockets_without_a_session(served: Served) -> None:
    async def open_many() -> int:
        opened: list[socketio.AsyncClient] = []
        refused = 0
        for _ in range(SOCKETS_PER_ADDRESS + 5):
            client = socketio.AsyncClient(reconnection=False)
            try:
                await client.connect(
                    f"{served.address}?token={uuid4()}",
                    headers={"Origin": served.address},
                    transports=["websocket"],
                    socketio_path="/_event",
                    namespaces=["/_event"],
                )
                opened.append(client)
            except ConnectionRefused:
                refused += 1
                await client.shutdown()
                if client.eio.http is not None:
                    await client.eio.http.close()
        for client in opened:
            await client.disconnect()
        return refused

    assert asyncio.run(open_many()) >= 5
