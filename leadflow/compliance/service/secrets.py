"""The secret under which numbers are hashed; each process is given it once."""

from __future__ import annotations

from leadflow.compliance.errors import NoPepper
from leadflow.compliance.rules import keys

_pepper: bytes | None = None


def configure(pepper: bytes) -> None:
    """Give this process the secret under which numbers are hashed; called once by the door at start."""
    global _pepper  # noqa: PLW0603 one secret a process, read from the settings at start
    _pepper = pepper


def phone_key(e164: str) -> bytes:
    """Hash a number under the installation's pepper.

    Raises:
        NoPepper: the process was started without it.
    """
    if _pepper is None:
        raise NoPepper
    return keys.phone_key(_pepper, e164)
