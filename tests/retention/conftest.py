"""A team, and a person whom it knows all about."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from models.vocabulary import Role
from tests.identity.people import Team, make_team
from tests.retention.household import Household, settle


@pytest.fixture
def team(db: Database) -> Team:
    """Found an organisation with a member of each role."""
    return make_team(db)


@pytest.fixture
def boss(db: Database, team: Team) -> Principal:
    """An owner who has just typed the password."""
    return team.present(db, Role.OWNER)


@pytest.fixture
def home(db: Database, boss: Principal, tmp_path: Path) -> Household:
    """Write the person down everywhere."""
    return settle(db, boss, tmp_path)
