"""The first start makes the demo organisation whole, however often it is interrupted."""

from __future__ import annotations

import os
import subprocess
import time
from pathlib import Path

import pytest

from tests.live import LEADFLOW, interrupt, quiet_port, running_leadflow

PATIENCE_S = 240


@pytest.mark.slow
def test_stopped_in_the_middle_of_the_demo_the_next_start_makes_it_afresh(tmp_path: Path):
    data = tmp_path / "data"
    data.mkdir()
    environment = {**os.environ, "LF_DATA_DIR": str(data)}  # noqa: TID251 a child needs its parent's environment
    with (tmp_path / "first.log").open("wb") as log:
        first = subprocess.Popen(
            [*LEADFLOW, "up", "--port", str(quiet_port())],
            env=environment,
            stdout=log,
            stderr=log,
            text=True,
            process_group=0,
        )
    deadline = time.monotonic() + PATIENCE_S
    while "Importing" not in (tmp_path / "first.log").read_text():
        assert first.poll() is None, (tmp_path / "first.log").read_text()
        assert time.monotonic() < deadline
        time.sleep(0.1)
    interrupt(first)
    assert first.wait(60) == 0, (tmp_path / "first.log").read_text()
    with running_leadflow(data) as live:
        assert live.state["made"]
        assert live.state["leads"] > 2_000
        assert {login["role"] for login in live.state["logins"]} == {"owner", "manager", "agent", "auditor"}
    with running_leadflow(data) as live:
        assert not live.state["made"]
