"""The world of the gate's tests.

The gate asks about one organisation only, so its tests share a database and each makes an organisation of its own:
hundreds of cases then cost one clone.
"""

from __future__ import annotations

import itertools
from collections.abc import Generator
from pathlib import Path
from uuid import UUID

import psycopg
import pytest
from psycopg import sql

from leadflow.audit import service as audit
from leadflow.audit.types import Sealing
from leadflow.compliance import service as compliance
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from tests.compliance.world import PEPPER, World
from tests.conftest import other_database

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def database_url(server_url: str, template: str) -> Generator[str]:
    """Make one migrated database a module."""
    name = f"compliance_{next(_numbers)}"
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
def db(database_url: str, clock: FrozenClock, tmp_path: Path) -> Generator[Database]:
    """Open the module's database with a clock of the test's own."""
    audit.configure(Sealing(keys={"test": b"t" * 32}, key_id="test", anchor_dir=tmp_path / "anchors"))
    database = Database(database_url, clock=clock, pool_size=4)
    yield database
    database.dispose()


@pytest.fixture
def world(db: Database, org: UUID) -> World:
    """Write down a world in which one text may go out."""
    compliance.configure(PEPPER)
    return World(db, org).build()
