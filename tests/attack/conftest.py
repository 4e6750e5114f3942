"""Two organisations on one database, one of them with a row in every table, and the API around them."""

from __future__ import annotations

from uuid import UUID

import pytest
from fastapi import FastAPI

from leadflow.api.app import create_app
from leadflow.kernel.db import Database
from leadflow.settings import Settings
from models.vocabulary import Role
from tests.attack.planting import plant
from tests.identity.people import Team, make_team


@pytest.fixture
def team(db: Database) -> Team:
    """The attackers' own organisation."""
    return make_team(db)


@pytest.fixture
def victims(db: Database) -> Team:
    """The organisation that is attacked."""
    return make_team(db, "Birch Partners")


@pytest.fixture
def theirs(db: Database, victims: Team) -> dict[str, UUID]:
    """Ids of the attacked organisation by table."""
    opened = victims.sign_in(db, Role.AGENT)
    planted = plant(db, victims.org_id, victims.ids[Role.AGENT])
    with db.begin() as uow, uow.cursor() as cursor:
        cursor.execute(
            "insert into job (org_id, kind, run_at, payload) values (%s, 'import.check', now(), '{}') returning id",
            [victims.org_id],
        )
        job = cursor.fetchone()
    assert job is not None
    return planted | {"session": opened.session_id, "user": victims.ids[Role.AGENT], "job": job[0]}


@pytest.fixture
def api(db: Database, settings: Settings) -> FastAPI:
    """Assemble the API on the test's database."""
    return create_app(db, settings)
