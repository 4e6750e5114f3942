"""The world of the gate's tests.

The gate asks about one organisation only, so its tests share a database and each makes an organisation of its own:
hundreds of cases then cost one clone.
"""

from __future__ import annotations

import itertools
from collections.abc import Generator
from uuid import UUID

import pytest

from leadflow import process
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.settings import Settings
from tests.compliance.world import World
from tests.conftest import drop_database, make_database

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def database_url(server_url: str, template: str) -> Generator[str]:
    """Make one migrated database a module."""
    name = f"compliance_{next(_numbers)}"
    yield make_database(server_url, name, template)
    drop_database(server_url, name)


@pytest.fixture
def db(settings: Settings, clock: FrozenClock) -> Generator[Database]:
    """Open the module's database with a clock of the test's own."""
    process.configure(settings)
    database = Database(settings.database_url.get_secret_value(), clock=clock, pool_size=4)
    yield database
    database.dispose()


@pytest.fixture
def world(db: Database, org: UUID) -> World:
    """Write down a world in which one text may go out."""
    return World(db, org).build()
