"""A team and the API around it."""

from __future__ import annotations

import pytest
from fastapi import FastAPI

from leadflow.api.app import create_app
from leadflow.kernel.db import Database
from leadflow.settings import Settings
from tests.identity.people import Team, make_team


@pytest.fixture
def team(db: Database) -> Team:
    """Found an organisation with a member of each role."""
    return make_team(db)


@pytest.fixture
def api(db: Database, settings: Settings) -> FastAPI:
    """Assemble the API on the test's database."""
    return create_app(db, settings)
