"""The keys of this process, the names of its cookies, and the pool in which passwords are hashed."""

from __future__ import annotations

import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any

from leadflow.identity import rules
from leadflow.identity.errors import SlowDown
from leadflow.identity.types import CookieNames, Keys

if TYPE_CHECKING:
    from collections.abc import Generator


PLAIN = CookieNames("lf_sid", "lf_at", "lf_rt")
SECURE = CookieNames("__Host-lf_sid", "__Host-lf_at", "__Secure-lf_rt")
"""Names by which a browser itself refuses a cookie that was set over http or for another host (RFC 6265bis)."""
_keys: Keys | None = None
_hashing = ThreadPoolExecutor(2, thread_name_prefix="password")
"""At most two passwords are hashed at once, so that guessing cannot starve the page of processors."""
_waiting = threading.BoundedSemaphore(12)


def configure(keys: Keys) -> None:
    """Give this process its keys; called once by the door at start."""
    global _keys  # noqa: PLW0603 one key ring a process, read from the settings at start
    _keys = keys


def keys() -> Keys:
    """Answer the keys.

    Raises:
        RuntimeError: the process was started without them.
    """
    if _keys is None:
        msg = "identity.service.configure was not called"
        raise RuntimeError(msg)
    return _keys


def cookies() -> CookieNames:
    """Name the cookies of this installation."""
    return SECURE if keys().secure else PLAIN


@contextmanager
def _queued() -> Generator[None]:
    if not _waiting.acquire(blocking=False):
        raise SlowDown(2)
    try:
        yield
    finally:
        _waiting.release()


def in_pool(work: Any, *arguments: Any) -> Any:  # noqa: ANN401 two functions of rules
    """Hash in the pool of its own; a crowd waiting there is sent away rather than kept."""
    with _queued():
        return _hashing.submit(work, keys(), *arguments).result()


@cache
def dummy(of: Keys) -> str:
    """Make a hash that no password fits, of the same cost as the real ones."""
    return rules.hash_password(of, secrets.token_urlsafe(32))
