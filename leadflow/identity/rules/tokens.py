"""Random secrets, refresh tokens and access tokens."""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any
from uuid import UUID

import jwt

from leadflow.identity.errors import SessionEnded
from leadflow.identity.rules.sessions import ACCESS
from leadflow.identity.types import Keys


def hashed(secret: str) -> bytes:
    """Hash a random secret for the database; it has 256 bits, so no salt and no work are needed."""
    return hashlib.sha256(secret.encode()).digest()


def child_of(keys: Keys, key_id: str, parent: str) -> str:
    """Derive the child of a refresh token: the same each time, so that only its hash need be kept."""
    made = hmac.new(keys.derived(key_id, "refresh"), parent.encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(made).decode().rstrip("=")


ISSUER, AUDIENCE, TYPE = "leadflow", "leadflow-api", "access"


def access_token(keys: Keys, user_id: UUID, session_id: UUID, now: datetime) -> str:
    """Sign an access token; the role is not in it."""
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "typ": TYPE,
        "sub": str(user_id),
        "sid": str(session_id),
        "iat": int(now.timestamp()),
        "exp": int((now + ACCESS).timestamp()),
    }
    return jwt.encode(  # pyright: ignore[reportUnknownMemberType] its key type names an optional library
        claims, keys.derived(keys.current, "access"), algorithm="HS256", headers={"kid": keys.current}
    )


def read_access_token(keys: Keys, token: str, now: datetime) -> UUID:
    """Check an access token and name its session.

    Raises:
        SessionEnded: it is not ours, was changed, is another kind of token, or has expired.
    """
    try:
        claims = _claims(keys, token)
        session_id = UUID(claims["sid"])
        issued, ends = int(claims["iat"]), int(claims["exp"])
    except (jwt.PyJWTError, KeyError, ValueError, TypeError) as error:
        raise SessionEnded from error
    # A minute ahead for machines whose clocks differ; our own tokens never live longer than ACCESS.
    if (
        claims["typ"] != TYPE
        or ends <= now.timestamp()
        or issued > now.timestamp() + 60
        or ends - issued > ACCESS.total_seconds()
    ):
        raise SessionEnded
    return session_id


def _claims(keys: Keys, token: str) -> dict[str, Any]:
    key_id = jwt.get_unverified_header(token).get("kid")
    if not isinstance(key_id, str) or key_id not in keys.ring:
        raise SessionEnded
    return jwt.decode(  # pyright: ignore[reportUnknownMemberType] same
        token,
        keys.derived(key_id, "access"),
        algorithms=["HS256"],
        audience=AUDIENCE,
        issuer=ISSUER,
        # The expiry is held against the caller's clock, not the library's.
        options={
            "require": ["exp", "iat", "sub", "sid", "typ", "aud", "iss"],
            "verify_exp": False,
            "verify_iat": False,
            "enforce_minimum_key_length": True,
        },
    )
