"""What the tests of leads share."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import httpx
import pytest

from leadflow.api.app import create_app
from leadflow.compliance import service as compliance
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from leadflow.settings import Settings
from models.vocabulary import Role
from tests.asgi import program
from tests.factories.identity import a_member

Sign = Callable[[Principal], httpx.Client]


@pytest.fixture(autouse=True)
def _keys() -> None:
    compliance.configure(b"p" * 32)


@pytest.fixture
def manager(db: Database, org: UUID) -> Principal:
    """Act as a manager."""
    with db.begin(org) as uow:
        return a_member(uow, Role.MANAGER)


@pytest.fixture
def sign(db: Database, settings: Settings, token_of: Callable[[Principal], str]) -> Sign:
    """Call as somebody; who that is was settled at the door."""

    def of(who: Principal) -> httpx.Client:
        return program(create_app(db, settings), token_of(who))

    return of
