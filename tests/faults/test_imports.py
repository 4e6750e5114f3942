"""A worker is killed while it reads, plans and writes a file; the import ends as if nobody had been."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import RuntimeOf
from tests.faults.chaos import battlefield
from tests.faults.goals.files import killed_import
from tests.faults.ground import Ground


def test_an_import_goes_on_though_its_worker_is_killed(
    database_url: str, runtime_of: RuntimeOf, redis_url: str, tmp_path: Path
):
    report = killed_import(Ground(lambda _: runtime_of(database_url), redis_url, tmp_path), rows=8_000, kills=2)
    assert not report.faults, report


@pytest.mark.slow
def test_a_quarter_of_a_million_rows_come_in_though_the_worker_is_killed(tmp_path: Path):
    with battlefield(tmp_path) as ground:
        report = killed_import(ground, rows=250_000, kills=6)
    assert not report.faults, report
