"""Examine a configuration: its variables, its services, its schema, its page. Names variables, never values."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Literal

import psycopg
import redis
from sqlalchemy.exc import DBAPIError

from leadflow.credentials import service as credentials
from leadflow.kernel import schema
from leadflow.kernel.db import Database
from leadflow.kernel.roles import faults
from leadflow.kernel.vault import Vault
from leadflow.kernel.weaknesses import weaknesses
from leadflow.local.page import CHECKOUT
from leadflow.local.services import is_local, settle
from leadflow.settings import BadSettings, Environment, Settings

NEWEST_POSTGRES = 18
"""``uuidv7()`` and virtual columns came with it."""
CHECK_TIMEOUT_S = 3


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at."""

    subject: str
    """The variable, or the part."""
    verdict: Literal["wrong", "weak", "good"]
    """``weak``: production would refuse it."""
    message: str

    @property
    def wrong(self) -> bool:
        """Say whether LeadFlow cannot work like this."""
        return self.verdict == "wrong"


def examine() -> tuple[Finding, ...]:
    """Look at everything that can be looked at without changing it."""
    try:
        settings = settle()
    except BadSettings as bad:
        return tuple(_unreadable(bad))
    return tuple(_settings(settings)) + tuple(_services(settings)) + tuple(_page(settings))


def _unreadable(bad: BadSettings) -> Iterator[Finding]:
    """Every problem; what ``leadflow up`` would bring itself, on one's own machine, is none."""
    ours = {"DATABASE_URL", "REDIS_URL", "LF_SESSION_KEYS", "LF_PHONE_PEPPER", "LF_AUDIT_SEAL_KEYS", "LF_VAULT_KEYS"}
    for problem in bad.problems:
        brought = is_local() and problem.variable in ours and problem.message == "is missing"
        words = "is not set; `leadflow up` brings its own" if brought else problem.message
        yield Finding(problem.variable, "good" if brought else "wrong", words)


def _settings(settings: Settings) -> Iterator[Finding]:
    yield Finding("LF_ENV", "good", f"is {settings.env}")
    if settings.env is not Environment.PROD:
        yield from (Finding(p.variable, "weak", f"{p.message} (production would refuse)") for p in weaknesses(settings))


def _services(settings: Settings) -> Iterator[Finding]:
    url = settings.database_url.get_secret_value()
    broken = _failure(lambda: _ask_postgres(url))
    yield broken or Finding("DATABASE_URL", "good", "answers")
    if broken is None:
        yield from _walls(url, settings)
        schema_found = _schema(url)
        yield schema_found
        if schema_found.verdict == "good":
            yield from _vault(url, settings)
    yield _failure(lambda: _ask_redis(settings.redis_url.get_secret_value())) or Finding("REDIS_URL", "good", "answers")


class _Unfit(Exception):
    """A service answers and cannot be used."""

    def __init__(self, variable: str, message: str) -> None:
        super().__init__(message)
        self.finding = Finding(variable, "wrong", message)


def _failure(ask: Callable[[], None]) -> Finding | None:
    try:
        ask()
    except _Unfit as unfit:
        return unfit.finding
    return None


def _ask_postgres(url: str) -> None:
    try:
        with psycopg.connect(url, connect_timeout=CHECK_TIMEOUT_S) as connection:
            version = connection.info.server_version // 10_000
    except psycopg.Error as error:
        # The message of a driver may hold the address; its class does not.
        raise _Unfit("DATABASE_URL", f"does not answer ({type(error).__name__})") from None
    if version < NEWEST_POSTGRES:
        raise _Unfit("DATABASE_URL", f"is Postgres {version}; {NEWEST_POSTGRES} or newer is needed")


def _walls(url: str, settings: Settings) -> Iterator[Finding]:
    """Say whether the role that LeadFlow runs on could step over the walls between organisations."""
    with psycopg.connect(url, connect_timeout=CHECK_TIMEOUT_S) as connection:
        wrong = faults(connection)
    refused = settings.env is Environment.PROD
    for sentence in wrong:
        if refused:
            yield Finding("DATABASE_URL", "wrong", sentence)
        else:
            yield Finding("DATABASE_URL", "weak", f"{sentence} (production would refuse)")
    if not wrong:
        yield Finding("DATABASE_URL", "good", "signs in as a role that row security holds")


def _schema(url: str) -> Finding:
    waiting = schema.pending(schema.current(url))
    if waiting:
        return Finding("schema", "wrong", f"lacks {', '.join(waiting)}; run `leadflow migrate`")
    return Finding("schema", "good", f"is at {schema.head()}")


def _vault(url: str, settings: Settings) -> Iterator[Finding]:
    """Say which keys that are not in the ring still seal something: a key is taken out once it seals nothing."""
    ring = {name: key.get_secret_value().encode() for name, key in settings.vault_keys.items()}
    db = Database(url)
    try:
        uses = credentials.keys(db, Vault(ring))
    except DBAPIError as error:
        yield Finding("LF_VAULT_KEYS", "weak", f"could not be held against the database ({type(error).__name__})")
        return
    finally:
        db.dispose()
    for use in uses:
        if use.total and not use.known:
            message = f"lacks the key {use.name}, which still seals {use.total} rows; put it back"
            yield Finding("LF_VAULT_KEYS", "wrong", message)
        elif use.total and not use.current:
            message = f"needs the key {use.name} for {use.total} rows; `leadflow keys rewrap` frees it"
            yield Finding("LF_VAULT_KEYS", "good", message)


def _ask_redis(url: str) -> None:
    try:
        with redis.Redis.from_url(
            url, socket_connect_timeout=CHECK_TIMEOUT_S, socket_timeout=CHECK_TIMEOUT_S
        ) as client:
            client.ping()
            answer: Any = client.config_get("maxmemory-policy")
            policy = answer.get("maxmemory-policy")
    except redis.RedisError as error:
        raise _Unfit("REDIS_URL", f"does not answer ({type(error).__name__})") from None
    if policy != "noeviction":
        raise _Unfit("REDIS_URL", "may forget rings: set maxmemory-policy to noeviction")


def _page(settings: Settings) -> Iterator[Finding]:
    folder = settings.web_dir
    if folder is not None:
        fine = (folder / "csp.json").is_file()
        yield Finding(
            "LF_WEB_DIR", "good" if fine else "wrong", "holds a built page" if fine else "holds no built page"
        )
    elif (CHECKOUT / "rxconfig.py").is_file():
        yield Finding("LF_WEB_DIR", "good", "is not set; `leadflow up` builds the page")
