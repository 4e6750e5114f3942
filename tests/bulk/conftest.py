"""What the tests of edits of many leads share."""

from __future__ import annotations

from uuid import UUID

import pytest

from leadflow.compliance import service as compliance
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from models.vocabulary import Role
from tests.factories.identity import a_member


@pytest.fixture(autouse=True)
def _keys() -> None:
    compliance.configure(b"p" * 32)


@pytest.fixture
def manager(db: Database, org: UUID) -> Principal:
    """Act as a manager."""
    with db.begin(org) as uow:
        return a_member(uow, Role.MANAGER)
