"""What stands for a telephone number where the number itself may not stay. Pure."""

from __future__ import annotations

import hashlib
import hmac
from functools import lru_cache
from typing import Any


def phone_key(pepper: bytes, e164: str) -> bytes:
    """Hash a number with the installation's pepper: HMAC-SHA256 over its E.164 text, 32 bytes.

    A plain hash would not do: all American numbers can be hashed in an hour.
    """
    # Not hmac.digest: it lets other threads run for every number, and a batch would wait for each of them. Not hmac.new
    # either: what it wraps around the two hashes takes twice as long as they do.
    begun, ending = _keyed(pepper)
    inner, outer = begun.copy(), ending.copy()
    inner.update(e164.encode())
    outer.update(inner.digest())
    return outer.digest()


@lru_cache(maxsize=4)
def _keyed(pepper: bytes) -> tuple[Any, Any]:
    """Begin both hashes of RFC 2104 with the key; ``tests/compliance`` holds the result against Python's own HMAC."""
    block = hashlib.sha256().block_size
    key = (pepper if len(pepper) <= block else hashlib.sha256(pepper).digest()).ljust(block, b"\0")
    return hashlib.sha256(key.translate(hmac.trans_36)), hashlib.sha256(key.translate(hmac.trans_5C))
