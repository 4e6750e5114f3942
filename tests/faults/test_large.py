"""A campaign of a hundred thousand ends with sums that add up."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.chaos import battlefield
from tests.faults.goals.large import large_campaign


@pytest.mark.slow
def test_the_sums_of_a_hundred_thousand_add_up(tmp_path: Path):
    with battlefield(tmp_path) as ground:
        report = large_campaign(ground, 100_000)
    assert not report.faults, report
