"""What stands for a telephone number where the number itself may not stay. Pure."""

from __future__ import annotations

import hmac
from functools import lru_cache


def phone_key(pepper: bytes, e164: str) -> bytes:
    """Hash a number with the installation's pepper: HMAC-SHA256 over its E.164 text, 32 bytes.

    A plain hash would not do: all American numbers can be hashed in an hour.
    """
    # Not hmac.digest: it lets other threads run for every number, and a batch would wait for each of them.
    mac = _keyed(pepper).copy()
    mac.update(e164.encode())
    return mac.digest()


@lru_cache(maxsize=4)
def _keyed(pepper: bytes) -> hmac.HMAC:
    return hmac.new(pepper, digestmod="sha256")
