"""A place in memory for what a test process writes and throws away."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import psutil

MEMORY = Path("/dev/shm")  # noqa: S108 Linux lends its memory there
ENOUGH = 4 * 1024**3
"""Room that must be free, in bytes: two servers take a quarter of it, and a container often lends but 64 MB."""
NAME = "leadflow-tests-"


@contextmanager
def quick_place(otherwise: Path) -> Generator[Path]:
    """Make an empty folder in memory, removed at the end; give ``otherwise`` where the machine lends too little.

    A clone of the template is a thousand files. A busy disk takes a third of a second for them, memory a tenth of that.
    """
    if not MEMORY.is_dir() or shutil.disk_usage(MEMORY).free < ENOUGH:
        yield otherwise
        return
    _clear()
    made = Path(tempfile.mkdtemp(prefix=f"{NAME}{os.getpid()}-", dir=MEMORY))
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _clear() -> None:
    """Give back what processes left that were killed."""
    for left in MEMORY.glob(f"{NAME}*-*"):
        if not psutil.pid_exists(int(left.name.removeprefix(NAME).split("-")[0])):
            shutil.rmtree(left, ignore_errors=True)
