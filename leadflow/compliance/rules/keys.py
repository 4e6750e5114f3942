"""What stands for a telephone number where the number itself may not stay. Pure."""

from __future__ import annotations

import hashlib
import hmac


def phone_key(pepper: bytes, e164: str) -> bytes:
    """Hash a number with the installation's pepper: HMAC-SHA256 over its E.164 text, 32 bytes.

    A plain hash would not do: all American numbers can be hashed in an hour.
    """
    return hmac.digest(pepper, e164.encode(), hashlib.sha256)
