"""Seeded secrets are looked for wherever something is written down: logs, reports, the record, Redis (goal S16)."""

from __future__ import annotations

import asyncio
import io
import json
import os
import pickle
import sys
from collections.abc import Generator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
import redis
import sentry_sdk
from fastapi import FastAPI

from leadflow.api import leads as leads_api
from leadflow.api.app import create_app
from leadflow.kernel import logs, reports
from leadflow.kernel.db import Database
from leadflow.settings import Settings
from leadflow.ui import guard
from models.vocabulary import Role
from tests.asgi import browser, program
from tests.attack.serving import Served, cookies_of, running_web, tab
from tests.conftest import RuntimeOf, drop_database, make_database
from tests.identity.people import PASSWORD, Team, make_team, signed_in
from tests.kernel.test_reports import Kept
from tests.owning import as_owner

PHONE = "+12065550177"
WRONG = "another horse entirely"
TWILIO = "a1b2c3d4e5f60718293a4b5c6d7e8f90"
KEY = "lfk_" + "Q7w8E9r0T1y2U3i4O5p6A7s8D9f0G1h2"


@pytest.fixture
def sent() -> Generator[list[dict[str, Any]]]:
    """Keep what would be reported."""
    kept = Kept()
    reports.configure("https://key@reports.invalid/1", "test", "0", transport=kept)
    yield kept.events
    sentry_sdk.get_global_scope().set_client(None)


@pytest.fixture
def log(monkeypatch: pytest.MonkeyPatch) -> Generator[io.StringIO]:
    """Keep what would be logged, by the configuration of every process."""
    kept = io.StringIO()
    with monkeypatch.context() as swapped:
        swapped.setattr(sys, "stderr", kept)
        logs.configure("json")
    yield kept
    logs.configure("json")


def written(db: Database) -> str:
    """Everything that the record and the tries hold."""
    with as_owner(db.url) as connection:
        parts: list[str] = []
        for table in ("audit_event", "audit_leaf", "login_attempt", "job", "mail"):
            parts += [row[0] for row in connection.execute(f"select t::text from {table} t".encode())]  # noqa: S608
    return "\n".join(parts)


def leaks(seeded: dict[str, str], *texts: str) -> list[str]:
    """Name what is found anywhere, whole or without its first characters."""
    return [what for what, secret in seeded.items() for text in texts if secret in text or secret[4:] in text]


def test_no_secret_is_written_down_anywhere(  # noqa: PLR0915 one line a way in
    db: Database,
    settings: Settings,
    api: FastAPI,
    team: Team,
    sent: list[dict[str, Any]],
    log: io.StringIO,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = signed_in(api, team, Role.OWNER)
    tokens = program(api).post(
        "/api/v1/auth/login", json={"email": team.emails[Role.OWNER], "password": PASSWORD, "tokens": True}
    )
    seeded = {
        "phone": PHONE,
        "cookie": client.cookies["lf_sid"],
        "access token": tokens.json()["access_token"],
        "refresh token": tokens.json()["refresh_token"],
        "password": PASSWORD,
        "wrong password": WRONG,
        "carrier's token": TWILIO,
        "API key": KEY,
    }

    def broken(*_: object, **__: object) -> None:
        words = f"{PHONE} {seeded['cookie']}"
        raise RuntimeError(f"it broke on {PHONE}", {"cookie": words})

    login = "/api/v1/auth/login"
    browser(api).post(login, json={"email": team.emails[Role.OWNER], "password": WRONG})
    browser(api).post(login, json={"email": WRONG, "password": WRONG})
    browser(api).post(login, json={"email": team.emails[Role.OWNER], "password": [WRONG]})
    browser(api).post(login, content=f'{{"password": "{WRONG}'.encode(), headers={"Content-Type": "application/json"})
    program(api, KEY).get("/api/v1/me")
    program(api, seeded["access token"][:-3] + "AAA").get("/api/v1/me")
    program(api).post("/api/v1/auth/refresh", json={"refresh_token": seeded["refresh token"] + "x"})
    client.put("/api/v1/credentials/twilio", json={"account": "AC" + "1" * 32, "secret": TWILIO})
    client.put("/api/v1/credentials/twilio", json={"account": "no", "secret": TWILIO})
    client.post("/api/v1/suppressions", json={"kind": "manual", "phone": PHONE})
    client.post("/api/v1/suppressions", json={"kind": "opt_out", "phone": PHONE})
    client.get("/api/v1/explain", params={"phone": PHONE})
    client.post("/api/v1/me/confirm", json={"password": WRONG})
    monkeypatch.setattr(leads_api.leads, "detail", broken)
    assert client.get(f"/api/v1/leads/{uuid4()}").status_code == 500
    lost = browser(create_app(Database(f"postgresql://nobody:{TWILIO}@127.0.0.1:1/none"), settings))
    lost.cookies.update(client.cookies)
    assert lost.get("/api/v1/me").status_code == 500
    said = log.getvalue()
    assert "api.broke" in said
    assert sent, "two bugs were reported"
    del seeded["access token"]  # Its claims are no secret; its signature is what opens.
    seeded["signature"] = tokens.json()["access_token"].rpartition(".")[2]
    reported = json.dumps(sent, default=str)
    assert leaks(seeded, said, reported, written(db)) == []


# A running process


pytest_group = pytest.mark.xdist_group("browser")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Where the process writes its log."""
    return tmp_path


@pytest.fixture
def served(server_url: str, template: str, redis_url: str, runtime_of: RuntimeOf, folder: Path) -> Generator[Served]:
    """Run the web process once, alone with its Redis."""
    redis.Redis.from_url(redis_url).flushall()
    name = f"secrets_{os.getpid()}"
    with running_web(runtime_of(make_database(server_url, name, template)), redis_url, folder) as running:
        yield running
    drop_database(server_url, name)


@pytest_group
def test_no_session_is_found_in_redis_or_in_the_log_of_the_page(served: Served, redis_url: str, folder: Path) -> None:
    team = make_team(served.db)
    client = served.browser(team, Role.OWNER)
    cookies = cookies_of(client)
    seeded = {name: str(client.cookies[name]) for name in ("lf_sid", "lf_at")} | {"phone": PHONE, "password": PASSWORD}

    async def use() -> str:
        async with tab(served, cookies) as opened:
            await opened.quiet()
            await opened.send("reflex___state____state.leadflow___ui___shell____shell.load", phone=PHONE, extra=cookies)
            await opened.send("nothing.that.exists", cookie=cookies, phone=PHONE, password=PASSWORD)
            await opened.client.emit("event", f"a text {cookies} {PHONE}", namespace="/_event")
            return await opened.quiet()

    asyncio.run(use())
    kept: list[bytes] = []
    with redis.Redis.from_url(redis_url) as store:
        for key in store.scan_iter():
            kind = store.type(key)
            kept += [bytes(key), *([store.get(key) or b""] if kind == b"string" else [])]  # pyright: ignore[reportArgumentType] bytes
    assert kept, "Reflex keeps its states in Redis"
    texts = [part.decode("latin-1") for part in kept]
    assert leaks(seeded, (folder / "web.log").read_text(errors="replace"), *texts) == []


def test_a_sealed_cookie_opens_nothing_as_a_header(db: Database, team: Team) -> None:
    guard.use(db)
    secret = team.sign_in(db, Role.OWNER).sid
    sealed = guard.seal_cookie(f"lf_sid={secret}; lf_at=x")
    assert secret is not None
    assert secret not in sealed
    assert guard.cookie_in({"headers": {"cookie": sealed}}) == f"lf_sid={secret}"
    assert guard.secret_of(sealed) == ""
    assert guard.secret_of(f"lf_sid={sealed}") != secret
    assert guard.cookie_in({"headers": {"cookie": sealed[:-4] + "AAAA"}}) == ""
    assert secret.encode() not in pickle.dumps({"headers": {"cookie": sealed}})
