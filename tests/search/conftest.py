"""What the tests of the search share."""

from __future__ import annotations

from uuid import UUID

import pytest

from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from models.identity import Organization
from models.vocabulary import Role
from tests.factories.identity import a_member


@pytest.fixture
def who(db: Database, org: UUID) -> dict[Role, Principal]:
    """One member of each role."""
    with db.begin(org) as uow:
        return {
            role: a_member(uow, role, name=f"{role.value.title()} Person")
            for role in (Role.OWNER, Role.MANAGER, Role.AGENT, Role.AUDITOR)
        }


@pytest.fixture
def other_org(db: Database) -> UUID:
    """Make another organisation."""
    made = Organization(name="Birch Homes")
    with db.begin() as uow:
        uow.session.add(made)
    return made.id
