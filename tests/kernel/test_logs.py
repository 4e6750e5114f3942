"""What is logged must never stop what it tells of."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

LOGS = """
import structlog
from leadflow.kernel import logs
logs.configure({fmt!r})
for _ in range(20_000):
    structlog.get_logger().info("worker.started", threads=4)
open({done!r}, "w").write("went on")
"""


def test_a_process_whose_log_has_no_room_goes_on(tmp_path: Path):
    for fmt in ("console", "json"):
        done = tmp_path / fmt
        with Path("/dev/full").open("wb") as full:
            program = [sys.executable, "-c", LOGS.format(fmt=fmt, done=str(done))]
            subprocess.run(program, stderr=full, stdout=full, check=False)
        assert done.read_text() == "went on"
