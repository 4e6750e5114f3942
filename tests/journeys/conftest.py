"""The journeys have a LeadFlow of their own: they look at whole lists, which other tests would write into."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from tests.conftest import NOON
from tests.live import Live, running_leadflow


@pytest.fixture(scope="session")
def live(tmp_path_factory: pytest.TempPathFactory) -> Generator[Live]:
    """Run everything, demo organisation included; the clock starts at ``NOON``."""
    with running_leadflow(tmp_path_factory.mktemp("journeys"), "--clock-start", NOON.isoformat()) as running:
        yield running
