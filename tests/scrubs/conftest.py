"""Registries that answer, and two organisations with leads on a list."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from leadflow.kernel.db import Database
from leadflow.scrubs import service as scrubs
from tests.identity.people import Team, make_team
from tests.lookups import Registries, running_registries
from tests.scrubs.world import House, providers, quick


@pytest.fixture(scope="module")
def simulator() -> Generator[Registries]:
    with running_registries() as running:
        yield running


@pytest.fixture
def registries(simulator: Registries) -> Registries:
    """Wipe the simulator's memory of earlier tests."""
    none = dict.fromkeys(("national", "state", "litigator", "reassigned", "no_data"), 0)
    simulator.control(**none, listed={}, clean=[], codes={}, fault=None, forget=True)
    return simulator


@pytest.fixture
def team(db: Database) -> Team:
    return make_team(db, "Cedar Homes")


@pytest.fixture
def house(db: Database, team: Team, registries: Registries) -> House:
    """Found an organisation whose look-ups go to the simulator."""
    scrubs.configure(providers(registries.url), quick())
    return House(db, team, registries)
