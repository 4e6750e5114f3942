"""What each role may do, as data; who may change whom; and the arithmetic of passwords, tokens and limits. Pure.

docs/security/threats.md says what each of these stands against.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import bcrypt
import jwt

from leadflow.identity.errors import SessionEnded, WeakPassword
from leadflow.identity.types import Keys, Principal, TokenFacts
from leadflow.kernel.errors import Forbidden
from models.vocabulary import Permission, Role

_READ = frozenset(
    {
        Permission.SESSION_USE,
        Permission.LEAD_READ,
        Permission.CAMPAIGN_READ,
        Permission.SUPPRESSION_READ,
        Permission.CONSENT_READ,
        Permission.DECISION_READ,
        Permission.JOB_READ,
    }
)
_OFFICE = frozenset({Permission.AUDIT_READ, Permission.AUDIT_VERIFY, Permission.SETTINGS_READ, Permission.MEMBER_READ})
_AGENT = _READ | {
    Permission.LEAD_WRITE,
    Permission.IMPORT_RUN,
    Permission.CAMPAIGN_EDIT,
    Permission.INBOX_READ,
    Permission.INBOX_REPLY,
    Permission.SUPPRESSION_ADD,
}
_MANAGER = (
    _AGENT
    | _OFFICE
    | {
        Permission.LEAD_ASSIGN,
        Permission.CAMPAIGN_APPROVE,
        Permission.CAMPAIGN_LAUNCH,
        Permission.CONSENT_RECORD,
        Permission.SENDING_SWITCH,
        Permission.MEMBER_WRITE,
    }
)
_PERSONAL = frozenset(
    {
        Permission.CAMPAIGN_APPROVE,
        Permission.CAMPAIGN_LAUNCH,
        Permission.SUPPRESSION_RELEASE,
        Permission.SETTINGS_WRITE,
        Permission.MEMBER_WRITE,
        Permission.SENDING_SWITCH,
        Permission.API_KEY_WRITE,
        Permission.CREDENTIAL_WRITE,
        Permission.MAIL_READ,
    }
)
"""Acts that a person must answer for: no worker and no webhook does them."""

ROLES: Mapping[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.MANAGER: _MANAGER,
    Role.AGENT: _AGENT,
    Role.AUDITOR: _READ | _OFFICE,
    Role.SYSTEM: frozenset(Permission) - _PERSONAL,
}
"""Each role and everything it may do. An act that is not listed is refused."""

PEOPLE = (Role.OWNER, Role.MANAGER, Role.AGENT, Role.AUDITOR)
"""Roles that a person may have, strongest first."""

_MASKED = frozenset({Role.AUDITOR})
_SHOWN_DIGITS = 4


def allows(role: Role, permission: Permission) -> bool:
    """Say whether ``role`` may do ``permission``."""
    return permission in ROLES.get(role, frozenset())


def require(actor: Principal, permission: Permission) -> None:
    """Let only a caller pass whose role allows ``permission``.

    Raises:
        Forbidden: it does not.
    """
    if not allows(actor.role, permission):
        raise Forbidden


def only_assigned(role: Role) -> bool:
    """Say whether ``role`` sees only the leads that are assigned to the caller."""
    return role is Role.AGENT


def mask_phone(role: Role, e164: str) -> str:
    """Write a number as ``role`` may see it: an auditor gets ``+1******0142``."""
    if role not in _MASKED or len(e164) <= _SHOWN_DIGITS:
        return e164
    keep = 2 if e164.startswith("+") else 1
    return e164[:keep] + "*" * (len(e164) - keep - _SHOWN_DIGITS) + e164[-_SHOWN_DIGITS:]


def may_change_member(actor: Role, present: Role | None, wanted: Role) -> bool:
    """Say whether ``actor`` may make a member of ``present`` role (None: a new one) into ``wanted``.

    Nobody hands out more than their own role, and only owners touch owners.
    """
    if wanted not in PEOPLE or not allows(actor, Permission.MEMBER_WRITE):
        return False
    return actor is Role.OWNER or Role.OWNER not in {present, wanted}


def leaves_an_owner(owners: int, present: Role, *, stays_owner: bool) -> bool:
    """Say whether the organisation still has an owner after the change.

    Args:
        owners: active owners now.
        present: the role of the member that changes.
        stays_owner: whether that member is an active owner afterwards.
    """
    return stays_owner or present is not Role.OWNER or owners > 1


# Sessions


IDLE = timedelta(hours=1)
"""A session that nobody uses ends (ASVS 5.0, 7.3.1)."""
ABSOLUTE = timedelta(hours=24)
"""A session ends whatever happens (ASVS 5.0, 7.3.2)."""
ACCESS = timedelta(minutes=10)
LEEWAY = timedelta(seconds=10)
"""How long a used refresh token still answers with the child it has: two tabs renew at once, a network repeats."""
SESSIONS = 10
"""Of one user; the one unused for longest gives way."""
TOUCH = timedelta(seconds=30)
"""Use is written down at most so often."""


@dataclass(frozen=True, slots=True)
class Mint:
    """Make the token's only child."""


@dataclass(frozen=True, slots=True)
class Repeat:
    """Answer the child that it already has."""


@dataclass(frozen=True, slots=True)
class Dead:
    """The session or the token has ended; nothing to end any more."""


@dataclass(frozen=True, slots=True)
class Stolen:
    """Somebody used the token a second time: end the whole family."""


def rotation(facts: TokenFacts, now: datetime) -> Mint | Repeat | Dead | Stolen:
    """Decide what becomes of a refresh token that is shown to us."""
    if not facts.session_live or facts.expires_at <= now:
        return Dead()
    if facts.used_at is None:
        return Mint()
    if not facts.child_used and now - facts.used_at <= LEEWAY:
        return Repeat()
    return Stolen()


# Secrets


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


# Passwords


SHORTEST, LONGEST = 12, 128
COMMON = frozenset(
    {
        "123456789012",
        "1234567890123",
        "12345678901234",
        "123456789123",
        "qwertyuiopas",
        "qwertyuiop12",
        "qwertyuiop123",
        "qwerty123456",
        "1q2w3e4r5t6y",
        "1qaz2wsx3edc",
        "q1w2e3r4t5y6",
        "zaq12wsxcde3",
        "password1234",
        "password12345",
        "password123456",
        "passwordpassword",
        "passw0rd1234",
        "p@ssw0rd1234",
        "adminadmin12",
        "administrator",
        "administrator1",
        "letmeinletmein",
        "welcome12345",
        "welcome123456",
        "iloveyou1234",
        "iloveyouiloveyou",
        "abcdefghijkl",
        "abcdef123456",
        "abc123abc123",
        "changeme1234",
        "changemechangeme",
        "trustno1trustno1",
        "superman1234",
        "football1234",
        "baseball1234",
        "sunshine1234",
        "princess1234",
        "leadflowleadflow",
        "leadflow1234",
        "realestate12",
        "realestate123",
        "realestate1234",
    }
)
"""Passwords of twelve characters or more that are tried first; lower case."""


def prepared(password: str) -> str:
    """Normalise a password, so that the same one typed on two keyboards is the same."""
    return unicodedata.normalize("NFKC", password)


def check_password(password: str, *, email: str) -> None:
    """Refuse a password that is too short, too long or among the first to be tried.

    Raises:
        WeakPassword: says what would be right.
    """
    text = prepared(password)
    if not SHORTEST <= len(text) <= LONGEST:
        raise WeakPassword(f"Use {SHORTEST} to {LONGEST} characters.")
    if text.lower() in COMMON or len(set(text)) < 4:  # noqa: PLR2004 aaaabbbbcccc
        raise WeakPassword("This password is among the first that are tried. Use another, such as four random words.")
    if email.lower() in text.lower():
        raise WeakPassword("Do not use your e-mail address as your password.")


def hash_password(keys: Keys, password: str) -> str:
    """Hash a password for the database; takes a quarter of a second by design."""
    return bcrypt.hashpw(_digest(keys, password), bcrypt.gensalt(keys.bcrypt_cost)).decode()


def is_password(keys: Keys, password: str, stored: str) -> bool:
    """Say whether ``password`` is the one that was stored."""
    return bcrypt.checkpw(_digest(keys, password), stored.encode())


def _digest(keys: Keys, password: str) -> bytes:
    # bcrypt refuses more than 72 bytes and stops at NUL: 44 characters of base64 have neither fault.
    pepper = keys.peppered("password")
    return base64.b64encode(hmac.new(pepper, prepared(password).encode(), hashlib.sha256).digest())


# Limits of sign-ins


WINDOW = timedelta(minutes=15)
FREE = 5
"""Failures of an account before each further try has to wait."""
MOST = {"account": 20, "known": 10, "address": 60}
"""Failures within the window after which tries wait for the window to move: never for good."""
_LONGEST_WAIT = timedelta(seconds=60)


def wait_before(kind: str, failures: Sequence[datetime], now: datetime) -> timedelta:
    """Say how long the next try has to wait; zero when it need not.

    Args:
        kind: ``account``, ``known`` (an account from an address it has signed in from before) or ``address``.
        failures: instants of failed tries within the window, oldest first.
        now: aware UTC instant.
    """
    if len(failures) >= MOST[kind]:
        return max(failures[-MOST[kind]] + WINDOW - now, timedelta(seconds=1))
    if kind == "address" or len(failures) < FREE:
        return timedelta(0)
    pause = min(timedelta(seconds=2 ** (len(failures) - FREE)), _LONGEST_WAIT)
    return max(failures[-1] + pause - now, timedelta(0))
