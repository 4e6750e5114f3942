"""The keys of the sealer; each process is given them once."""

from __future__ import annotations

from leadflow.audit.types import Sealing

_sealing: Sealing | None = None


def configure(sealing: Sealing) -> None:
    """Give this process its seal keys and anchor folder; called once by the door at start."""
    global _sealing  # noqa: PLW0603 one key ring a process, read from the settings at start
    _sealing = sealing


def sealing() -> Sealing:
    """Answer the keys.

    Raises:
        RuntimeError: the process was started without them.
    """
    if _sealing is None:
        msg = "audit.service.configure was not called"
        raise RuntimeError(msg)
    return _sealing
