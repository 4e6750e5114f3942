"""The world of the gate's tests."""

from __future__ import annotations

from uuid import UUID

import pytest

from leadflow.compliance import service as compliance
from leadflow.kernel.db import Database
from tests.compliance.world import PEPPER, World


@pytest.fixture
def world(db: Database, org: UUID) -> World:
    """Write down a world in which one text may go out."""
    compliance.configure(PEPPER)
    return World(db, org).build()
