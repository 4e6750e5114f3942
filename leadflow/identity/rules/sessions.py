"""How long a session lives, and what becomes of a refresh token that is shown."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from leadflow.identity.types import TokenFacts

IDLE = timedelta(hours=1)
"""A session that nobody uses ends (ASVS 5.0, 7.3.1)."""
ABSOLUTE = timedelta(hours=24)
"""A session ends whatever happens (ASVS 5.0, 7.3.2)."""
ACCESS = timedelta(minutes=10)
LEEWAY = timedelta(seconds=10)
"""How long a used refresh token still answers with the child it has: two tabs renew at once, a network repeats."""
REMEMBERED = timedelta(days=14)
"""The most that an organisation may allow for staying signed in."""
SESSIONS = 10
"""Of one user; the one unused for longest gives way."""
KEY_TOUCH = timedelta(minutes=1)
"""The use of a key is written down at most so often."""
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


def lifetime(*, remember: bool, days: int) -> timedelta:
    """Say how long a new session lives: a day, or as long as the organisation lets members stay signed in."""
    return min(timedelta(days=days), REMEMBERED) if remember and days > 0 else ABSOLUTE
