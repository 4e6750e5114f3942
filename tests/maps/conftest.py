"""What the tests of the map share."""

from __future__ import annotations

import pytest

from leadflow.compliance import service as compliance


@pytest.fixture(autouse=True)
def _keys() -> None:
    compliance.configure(b"p" * 32)
