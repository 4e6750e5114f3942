"""Whether there is room left where we keep files."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from leadflow.kernel.errors import LeadFlowError

LEAST = 64 * 1024 * 1024
"""Bytes that must be free; an import may be larger, but logs and anchors go on for days in that. Own choice."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})


class NoRoom(LeadFlowError):
    """A file could not be kept for want of room."""

    code, status = "no_room", 507

    def __init__(self) -> None:
        super().__init__("The server's disk is full, so nothing was kept. Free some room there, then try again.")


def has_room(folder: Path) -> bool:
    """Say whether at least ``LEAST`` bytes are free where a folder is, or will be once it is made."""
    there = next((one for one in (folder.resolve(), *folder.resolve().parents) if one.exists()), Path("/"))
    return shutil.disk_usage(there).free >= LEAST


@contextmanager
def keeping() -> Generator[None]:
    """Write files; a full disk is told as such.

    Raises:
        NoRoom: there is no room.
    """
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            raise NoRoom from error
        raise
