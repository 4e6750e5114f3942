"""Wait for a service that we started, and read what it said when it failed."""

import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

POLL_S = 0.02
LOG_LIMIT_BYTES = 5_000_000


class NotReady(RuntimeError):
    """The process ended, or took too long."""


def await_ready(process: subprocess.Popen[bytes], ready: Callable[[], bool], *, timeout_s: float) -> None:
    """Return as soon as ``ready()`` holds.

    Raises:
        NotReady: the process ended first, or ``timeout_s`` seconds passed.
    """
    deadline = time.monotonic() + timeout_s
    while not ready():
        if process.poll() is not None:
            raise NotReady(f"it ended with code {process.returncode}")
        if time.monotonic() > deadline:
            raise NotReady(f"it was not ready within {timeout_s:.0f} s")
        time.sleep(POLL_S)


def open_log(path: Path) -> BinaryIO:
    """Open ``path`` for appending; a long one is put aside first, over the one before it."""
    if path.exists() and path.stat().st_size > LOG_LIMIT_BYTES:
        path.replace(path.with_name(path.name + ".1"))
    return path.open("ab")


def tail(path: Path, *, lines: int = 12) -> str:
    """The last ``lines`` lines of ``path``."""
    return "\n".join(path.read_text(errors="replace").splitlines()[-lines:]) if path.exists() else ""
