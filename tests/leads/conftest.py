"""What the tests of leads share."""

from __future__ import annotations

import pytest

from leadflow.compliance import service as compliance
from leadflow.kernel.db import Database


@pytest.fixture(autouse=True)
def _keys(db: Database) -> None:
    compliance.configure(b"p" * 32)
