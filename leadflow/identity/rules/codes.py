"""Codes of the second factor: those of the moment (TOTP, RFC 6238) and those for the day the telephone is lost."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import segno
from pyotp.hotp import HOTP
from pyotp.totp import TOTP

from leadflow.identity.types import Keys

STEP_S = 30
"""Seconds that a code lives (RFC 6238, 5.2)."""
DRIFT = 1
"""Steps that a telephone's clock may be off to either side (RFC 6238, 6)."""
CODES = 10
"""Recovery codes of one person."""
ASKED_FOR = timedelta(minutes=5)
"""How long the second step of a sign-in waits (ASVS 5.0, 6.5.5)."""
CONFIRMED_FOR = timedelta(minutes=10)
"""How long a typed password lets acts pass that ask for it again."""
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_LOOKS_LIKE = str.maketrans("OIL", "011")
"""Crockford's Base32: letters that look like digits are read as them."""


def new_secret() -> str:
    """Make a shared secret of 160 bits (RFC 4226, 4)."""
    return base64.b32encode(secrets.token_bytes(20)).decode()


def key_uri(secret: str, email: str) -> str:
    """Write the secret as authenticator apps read it."""
    return TOTP(secret).provisioning_uri(name=email, issuer_name="LeadFlow")


def picture(uri: str) -> str:
    """Draw a text as a QR code, an SVG of its own without any script."""
    code: Any = segno.make(uri, error="m", micro=False)
    return code.svg_inline(scale=5, border=2, dark="#000", light="#fff", omitsize=True)


def matching_step(secret: str, code: str, now: datetime, last_step: int | None) -> int | None:
    """Find the time step of a code, later than the last one that was taken: a code works once (RFC 6238, 5.2).

    Returns:
        The step; None where the code is wrong, too old, or was used.
    """
    typed, present = code.replace(" ", ""), int(now.timestamp()) // STEP_S
    made = HOTP(secret)
    fits = [
        step
        for step in range(present - DRIFT, present + DRIFT + 1)
        # Every step is compared, whatever the first says, so that time tells nothing.
        if hmac.compare_digest(made.at(step).encode(), typed.encode())
    ]
    return next((step for step in fits if last_step is None or step > last_step), None)


def recovery_codes() -> tuple[str, ...]:
    """Make ten codes of 50 bits, written ``XXXXX-XXXXX``."""
    made = ("".join(secrets.choice(_ALPHABET) for _ in range(10)) for _ in range(CODES))
    return tuple(f"{code[:5]}-{code[5:]}" for code in made)


def recovery_hash(keys: Keys, user_id: UUID, code: str) -> bytes:
    """Hash a recovery code for the database; 50 bits could be guessed without the key, which is not there."""
    plain = "".join(code.split()).replace("-", "").upper().translate(_LOOKS_LIKE)
    return hmac.new(keys.peppered("recovery"), f"{user_id}\n{plain}".encode(), hashlib.sha256).digest()
