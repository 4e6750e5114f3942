"""The world of messaging's tests, and a carrier that each test has to itself."""

from __future__ import annotations

from collections.abc import Callable, Generator
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest

from leadflow.api.app import create_app
from leadflow.kernel.clock import FrozenClock, SystemClock
from leadflow.kernel.db import Database
from leadflow.messaging import service as messaging
from leadflow.settings import Settings
from tests.asgi import Api
from tests.carrier import Simulator, running_carrier
from tests.conftest import RuntimeOf, drop_database
from tests.messaging.backups import Backups
from tests.messaging.calls import PUBLIC, Calls
from tests.messaging.world import World, use_carrier


@pytest.fixture
def carrier(tmp_path: Path, clock: FrozenClock) -> Generator[Simulator]:
    """Run a carrier whose clock is the test's."""
    shift = (clock.now() - SystemClock().now()) / timedelta(seconds=1)
    with running_carrier(tmp_path / "carrier", clock_shift_s=shift, callbacks={"never": 1.0}) as simulator:
        use_carrier(simulator.url)
        yield simulator


@pytest.fixture
def world(db: Database, org: UUID) -> World:
    """Write down an organisation with a number and a running campaign."""
    return World(db, org).build()


@pytest.fixture
def moving(db: Database, clock: FrozenClock) -> Generator[Database]:
    """Open the test's database with a clock that starts at the test's noon and runs."""
    database = Database(db.url, clock=SystemClock(clock.now() - SystemClock().now()), pool_size=4)
    yield database
    database.dispose()


@pytest.fixture
def another_world(db: Database, make_org: Callable[[str], UUID]) -> World:
    """Write down a second organisation with a number of its own."""
    return World(db, make_org("Oak Partners"), first=13_125_560_000, sender_e164="+17735550199").build()


@pytest.fixture
def api(db: Database, settings: Settings) -> Api:
    """Call the API without being anybody."""
    return Api(create_app(db, settings))


@pytest.fixture
def calls(api: Api, world: World) -> Calls:
    """Call the hooks as the carrier does."""
    use_carrier("http://127.0.0.1:9", PUBLIC)
    return Calls(api, world)


@pytest.fixture
def backups(server_url: str, runtime_of: RuntimeOf, clock: FrozenClock, tmp_path: Path) -> Generator[Backups]:
    """Restore backups, and take them away afterwards."""
    made = Backups(server_url, runtime_of, clock, tmp_path)
    yield made
    for db in made.opened:
        db.dispose()
    for name in made.made:
        drop_database(server_url, name)


@pytest.fixture
def witnesses(tmp_path: Path, db: Database) -> Generator[Callable[..., None]]:
    """Let this process be another one, with a memory of its own: on this machine or a new one, with Redis or none."""

    def another(folder: str = "here", redis_url: str | None = None) -> None:
        messaging.attend(tmp_path / folder, redis_url)

    assert db, "configures this process; its memory is replaced after that"
    another()
    yield another
    messaging.attend(None, None)
