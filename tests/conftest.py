"""One Postgres and one Redis a test process, one database a test, a clock that stands still.

A database is cloned from a migrated template in some 50 ms, so tests commit for real and never see each other.
With ``LF_TEST_DATABASE_URL`` set, that server is used instead of an embedded one (its role must be able to make databases).
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Generator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from leadflow.audit import service as audit
from leadflow.audit.types import Sealing
from leadflow.identity.types import Principal
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.local.migrate import migrate
from leadflow.local.postgres import running_postgres
from leadflow.local.redis import running_redis
from models.identity import Organization
from models.vocabulary import Role

if TYPE_CHECKING:
    from pytest import TempPathFactory

NOON = datetime(2026, 12, 2, 18, tzinfo=UTC)
"""A Wednesday: noon in Chicago, 13:00 in New York, 10:00 in Los Angeles."""
TEMPLATE = "leadflow_template"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server_url(tmp_path_factory: TempPathFactory) -> Generator[str]:
    """Run one Postgres for this test process; its durability is off, except where a test starts its own."""
    settings = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "shared_buffers": "256MB"}
    with running_postgres(tmp_path_factory.mktemp("postgres") / "data", settings=settings) as url:
        yield url


@pytest.fixture(scope="session")
def redis_url(tmp_path_factory: TempPathFactory) -> Generator[str]:
    """Run one Redis for this test process."""
    with running_redis(tmp_path_factory.mktemp("redis") / "data") as url:
        yield url


def other_database(url: str, name: str) -> str:
    """Point an address at another database of the same server."""
    return url.rsplit("/", 1)[0] + "/" + name


@pytest.fixture(scope="session")
def template(server_url: str) -> str:
    """Migrate a database once, to clone from."""
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("create database {}").format(sql.Identifier(TEMPLATE)))
    migrate(other_database(server_url, TEMPLATE))
    return TEMPLATE


@pytest.fixture
def database_url(server_url: str, template: str) -> Generator[str]:
    """Make a migrated database for one test and drop it afterwards."""
    name = f"test_{next(_numbers)}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(
            sql.SQL("create database {} template {} strategy file_copy").format(
                sql.Identifier(name), sql.Identifier(template)
            )
        )
    yield other_database(server_url, name)
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(sql.SQL("drop database if exists {} with (force)").format(sql.Identifier(name)))


@pytest.fixture
def clock() -> FrozenClock:
    """Stand still at noon in Chicago on Wednesday 2 December 2026."""
    return FrozenClock(NOON)


@pytest.fixture
def db(database_url: str, clock: FrozenClock, tmp_path: Path) -> Generator[Database]:
    """Open the test's database."""
    audit.configure(Sealing(keys={"test": b"t" * 32}, key_id="test", anchor_dir=tmp_path / "anchors"))
    database = Database(database_url, clock=clock, pool_size=4)
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
def make_org(db: Database) -> Callable[[str], UUID]:
    """Make further organisations by name."""

    def make(name: str) -> UUID:
        organization = Organization(name=name)
        with db.begin() as uow:
            uow.session.add(organization)
        return organization.id

    return make
