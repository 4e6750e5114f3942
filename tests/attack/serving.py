"""Runs the web process alone, and speaks to its event socket as a browser would, or as an attacker would."""

from __future__ import annotations

import asyncio
import contextlib
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx
import socketio

from leadflow import process
from leadflow.kernel.db import Database
from leadflow.local.page import page
from leadflow.local.ports import free_port
from leadflow.settings import environment_for
from models.vocabulary import Role
from tests.configuration import settings_of
from tests.identity.people import PASSWORD, Team

NAMESPACE = "/_event"
STATE = "reflex___state____state"
READY_S = 120


@dataclass(frozen=True)
class Served:
    """One running web process and the database behind it."""

    address: str
    db: Database
    clients: list[httpx.Client] = field(default_factory=list)

    def browser(self, team: Team, role: Role) -> httpx.Client:
        """Sign a member in."""
        headers = {"Origin": self.address, "X-LF-Request": "1"}
        client = httpx.Client(base_url=self.address, headers=headers, timeout=30)
        client.post("/api/v1/auth/login", json={"email": team.emails[role], "password": PASSWORD}).raise_for_status()
        self.clients.append(client)
        return client


@contextmanager
def running_web(database_url: str, redis_url: str, folder: Path, **variables: str) -> Generator[Served]:
    """Run ``leadflow web`` for the length of the block, with ``variables`` on top of its settings."""
    port = free_port()
    settings = settings_of(
        DATABASE_URL=database_url,
        REDIS_URL=redis_url,
        LF_PORT=str(port),
        LF_PUBLIC_URL=f"http://127.0.0.1:{port}",
        LF_WEB_DIR=str(page(print)),
        LF_DATA_DIR=str(folder),
        **variables,
    )
    process.configure(settings)
    database = Database(database_url)
    with (folder / "web.log").open("wb") as log:
        web = subprocess.Popen(
            [sys.executable, "-m", "leadflow.cli.main", "web"],
            env=environment_for(settings),
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        _await(f"http://127.0.0.1:{port}/readyz", web, folder / "web.log")
        served = Served(f"http://127.0.0.1:{port}", database)
        yield served
        for client in served.clients:
            client.close()
    finally:
        web.terminate()
        web.wait(30)
        database.dispose()


def _await(url: str, web: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + READY_S
    while time.monotonic() < end and web.poll() is None:
        with contextlib.suppress(httpx.TransportError):
            if httpx.get(url, timeout=5).status_code == httpx.codes.OK:
                return
        time.sleep(0.2)
    raise AssertionError(log.read_text(errors="replace"))


@dataclass
class Tab:
    """One browser tab's socket."""

    client: socketio.AsyncClient
    heard: list[Any] = field(default_factory=list)
    closed: asyncio.Event = field(default_factory=asyncio.Event)

    async def send(self, name: str, **payload: Any) -> None:
        """Send one event."""
        await self.client.emit("event", event(name, payload=payload), namespace=NAMESPACE)

    async def quiet(self, seconds: float = 0.7) -> str:
        """Wait until nothing more comes, and answer all that came."""
        count = -1
        while count != len(self.heard):
            count = len(self.heard)
            await asyncio.sleep(seconds)
        return str(self.heard)


def event(name: str, path: str = "/settings", payload: dict[str, Any] | None = None) -> dict[str, Any]:
    """Write an event as the page does."""
    full = name if "." in name else f"{STATE}.{name}"
    return {"name": full, "payload": payload or {}, "router_data": {"pathname": path, "asPath": path}}


@asynccontextmanager
async def tab(
    served: Served, cookies: str, token: str = "", path: str = "/settings", **headers: str
) -> AsyncGenerator[Tab]:
    """Open a tab on ``path``: its greeting carries the first event, as the page's does."""
    client = socketio.AsyncClient(reconnection=False)
    opened = Tab(client)
    client.on("event", opened.heard.append, namespace=NAMESPACE)
    client.on("disconnect", lambda *_: opened.closed.set(), namespace=NAMESPACE)
    await client.connect(
        f"{served.address}?token={token or uuid4()}",
        headers={"Origin": served.address, "Cookie": cookies} | headers,
        transports=["websocket"],
        socketio_path="/_event",
        namespaces=[NAMESPACE],
        auth={"event": event("hydrate_and_load", path)},
    )
    try:
        yield opened
    finally:
        await client.disconnect()


def cookies_of(client: httpx.Client) -> str:
    """Write a signed-in client's cookies as a browser sends them to the socket."""
    return "; ".join(f"{cookie.name}={cookie.value}" for cookie in client.cookies.jar if cookie.path == "/")
