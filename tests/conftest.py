"""One Postgres and one Redis a test process, one database a test, a clock that stands still, a browser where asked.

A database is cloned from a migrated template in some 30 ms, so tests commit for real and never see each other.
With ``LF_TEST_DATABASE_URL`` set, that server is used instead of an embedded one; its role must be able to make
databases. Tests run in random order and in parallel, and connect to nothing outside this machine.
"""

from __future__ import annotations

import atexit
import itertools
import os
import secrets
import shutil
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import UUID

import hypothesis
import psycopg
import pytest
from psycopg import sql

from leadflow import process
from leadflow.identity import service as identity
from leadflow.identity.types import Principal
from leadflow.kernel import breaker, circuits, logs
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.roles import admit, groups
from leadflow.kernel.schema import migrate
from leadflow.local.postgres import running_postgres
from leadflow.local.redis import running_redis
from leadflow.settings import Settings
from models.identity import Organization
from models.vocabulary import Role
from tests.configuration import settings_of
from tests.live import Live, running_leadflow
from tests.memory import quick_place
from tests.owning import OWNERS

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page
    from psycopg.rows import TupleRow

NOON = datetime(2026, 12, 2, 18, tzinfo=UTC)
"""A Wednesday: noon in Chicago, 13:00 in New York, 10:00 in Los Angeles."""
TEMPLATE = "leadflow_template"
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
ON_CI = os.environ.get("CI") == "true"  # noqa: TID251 no setting of LeadFlow, but of the machine that tests it
SERVER_URL = os.environ.get("LF_TEST_DATABASE_URL")  # noqa: TID251 same
COSTLY = {
    "live": "live",
    "told": "demo",
    "served": "served",
    "running": "running",
    "wheel": "wheel",
    "installed": "wheel",
}
"""Fixtures that take half a minute, each with its group of tests: one test process runs a group, so it is made once."""
_numbers = itertools.count(1)

# As every process of ours writes: the library's own default draws each local variable of a traceback, for seconds.
logs.configure("json")

# The first look at a year's holidays loads a calendar, and machines are busy: how long an example takes proves nothing.
hypothesis.settings.register_profile("leadflow", deadline=None)
hypothesis.settings.load_profile("leadflow")


# What runs where


@pytest.hookimpl(tryfirst=True)  # before xdist reads the groups
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep what needs the same costly fixture on one test process; skip browser tests where no browser is."""
    del config
    for item in items:
        wanted = set(getattr(item, "fixturenames", ())) | ({"live"} if item.get_closest_marker("browser") else set())
        group = next((group for name, group in COSTLY.items() if name in wanted), None)
        if item.path.parent.name == "journeys":
            group = "journeys"  # with a LeadFlow of their own
        if group:
            item.add_marker(pytest.mark.xdist_group(group))
        if item.get_closest_marker("browser") and CHROMIUM is None and not ON_CI:
            item.add_marker(pytest.mark.skip(reason="no Chromium on this machine: apt-get install chromium"))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say loudly what was left out."""
    if CHROMIUM is None:
        terminalreporter.write_sep("!", "NO BROWSER TEST RAN: Chromium is not installed here", red=True, bold=True)


# Services


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """Run one Postgres for this test process; its durability is off, except where a test starts its own."""
    if SERVER_URL:
        yield SERVER_URL
        return
    settings = {
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "shared_buffers": "256MB",
        # A worker of autovacuum belongs to the superuser, and our role may not drop the database under it.
        "autovacuum": "off",
        # As bcrypt's cost in ``tests/configuration.py``: a test opens half a dozen connections, and guards no password.
        "scram_iterations": "1",
    }
    with (
        quick_place(tmp_path_factory.mktemp("postgres")) as place,
        running_postgres(place / "data", settings=settings) as url,
    ):
        yield url


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Generator[str]:
    """Run one Redis for this test process."""
    with running_redis(tmp_path_factory.mktemp("redis") / "data") as url:
        yield url


def other_database(url: str, name: str) -> str:
    """Point an address at another database of the same server."""
    return url.rsplit("/", 1)[0] + "/" + name


@cache
def _clerk(server: str) -> psycopg.Connection[TupleRow]:
    """Stay connected as who makes and drops databases: a connection for each costs a fifth of the clone."""
    connection = psycopg.connect(server, autocommit=True)
    atexit.register(connection.close)
    return connection


def make_database(server: str, name: str, template: str | None = None) -> str:
    """Make a database, empty or cloned, and answer its address."""
    made = sql.SQL("create database {}").format(sql.Identifier(name))
    if template:
        made += sql.SQL(" template {} strategy file_copy").format(sql.Identifier(template))
    _clerk(server).execute(made)
    return other_database(server, name)


def drop_database(server: str, name: str) -> None:
    """Drop a database whoever is connected to it."""
    _clerk(server).execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


RuntimeOf = Callable[[str], str]
RUNNER = "leadflow_tester"


@pytest.fixture(scope="session")
def runtime_of(server_url: str) -> RuntimeOf:
    """Answer the address of a database for the role that the application runs on, given its owner's.

    An owner's own connection sees every row: good for a test's last look, and for nothing else.
    """
    password = secrets.token_urlsafe(24)
    with psycopg.connect(server_url, autocommit=True) as connection:
        known = connection.execute("select 1 from pg_roles where rolname = %s", [RUNNER]).fetchone()
        made = sql.SQL("{} role {} login password {}").format(
            sql.SQL("alter" if known else "create"), sql.Identifier(RUNNER), sql.Literal(password)
        )
        connection.execute(made)
        connection.execute(groups() + admit(RUNNER))
        connection.execute(sql.SQL("grant {} to current_user").format(sql.Identifier(RUNNER)))

    def of(url: str) -> str:
        parts = urlsplit(url)
        runtime = parts._replace(netloc=f"{RUNNER}:{password}@{parts.hostname}:{parts.port}").geturl()
        OWNERS[runtime] = url
        return runtime

    return of


@pytest.fixture(scope="session")
def template(server_url: str, worker_id: str) -> Generator[str]:
    """Migrate a database once, to clone from."""
    name = f"{TEMPLATE}_{worker_id}_{os.getpid()}"
    migrate(make_database(server_url, name))
    yield name
    drop_database(server_url, name)


@pytest.fixture
def database_url(server_url: str, template: str) -> Generator[str]:
    """Make a migrated database for one test and drop it afterwards."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    yield make_database(server_url, name, template)
    drop_database(server_url, name)


@pytest.fixture
def empty_database_url(server_url: str) -> Generator[str]:
    """Make a database without any table and drop it afterwards."""
    name = f"empty_{os.getpid()}_{next(_numbers)}"
    yield make_database(server_url, name)
    drop_database(server_url, name)


# One test's world


@pytest.fixture
def clock() -> FrozenClock:
    """Stand still at noon in Chicago on Wednesday 2 December 2026."""
    return FrozenClock(NOON)


@pytest.fixture
def settings(database_url: str, runtime_of: RuntimeOf, tmp_path: Path) -> Settings:
    """Settings of the test's database, with made secrets; Redis is named but only ``redis_url`` starts it."""
    return settings_of(
        DATABASE_URL=runtime_of(database_url),
        LF_OWNER_DATABASE_URL=database_url,
        LF_DATA_DIR=str(tmp_path),
        LF_ANCHOR_DIR=str(tmp_path / "anchors"),
    )


@pytest.fixture
def db(settings: Settings, clock: FrozenClock) -> Generator[Database]:
    """Open the test's database, with every room configured and no provider known to fail."""
    process.configure(settings)
    breaker.install(circuits.Alone())
    database = Database(settings.database_url.get_secret_value(), clock=clock, pool_size=4)
    yield database
    database.dispose()


@pytest.fixture
def org(db: Database) -> UUID:
    """Make an organisation without members."""
    organization = Organization(name="Cedar Homes")
    with db.begin() as uow:
        uow.session.add(organization)
    return organization.id


@pytest.fixture
def uow(db: Database, org: UUID) -> Generator[UnitOfWork]:
    """Open one transaction of the organisation; it commits at the end of the test."""
    with db.begin(org) as unit:
        yield unit


@pytest.fixture
def system(org: UUID) -> Principal:
    """Act as the system."""
    return Principal.system(org)


@pytest.fixture
def owner(org: UUID) -> Principal:
    """Act as an owner who has no user row; for services that only look at the role."""
    return Principal(user_id=None, org_id=org, role=Role.OWNER, name="Olive Owner")


@pytest.fixture
def token_of(monkeypatch: pytest.MonkeyPatch) -> Callable[[Principal], str]:
    """Make a bearer's token of somebody: for calls over HTTP where signing in is not what is tested."""
    people: dict[str, Principal] = {}
    access = identity.access

    def known(uow: UnitOfWork, token: str) -> Principal:
        return people[token] if token in people else access(uow, token)

    def of(who: Principal) -> str:
        token = secrets.token_urlsafe(16)
        people[token] = who
        return token

    monkeypatch.setattr(identity, "access", known)
    return of


@pytest.fixture
def make_org(db: Database) -> Callable[[str], UUID]:
    """Make further organisations by name."""

    def make(name: str) -> UUID:
        organization = Organization(name=name)
        with db.begin() as uow:
            uow.session.add(organization)
        return organization.id

    return make


# A whole LeadFlow, and a browser


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Generator[Live]:
    """Run everything, demo organisation included, as ``leadflow up`` does; the clock starts at ``NOON``."""
    with running_leadflow(tmp_path_factory.mktemp("live"), "--clock-start", NOON.isoformat()) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Generator[Browser]:
    """Start Chromium. A module's, not the session's: Playwright keeps an event loop that others would trip over."""
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 only browser tests pay for it

    if CHROMIUM is None:
        pytest.fail("Chromium is not installed, and CI=true asks for browser tests")
    quiet = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(
            executable_path=CHROMIUM, args=[*quiet, "--disable-component-update", "--disable-sync"]
        )
        yield chromium
        chromium.close()


@pytest.fixture
def page(browser: Browser) -> Generator[Page]:
    """Open a fresh, signed-out window of 1440x900."""
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()
