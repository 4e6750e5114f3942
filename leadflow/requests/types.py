"""What is known of a keyed call. Frozen, without behaviour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Asked:
    """One call with its key.

    Attributes:
        org_id: the caller's organisation.
        user_id: the caller; keys of two users never meet.
        route: method, path and query.
        key: what the caller chose, 1 to 255 characters.
    """

    org_id: UUID
    user_id: UUID
    route: str
    key: str


@dataclass(frozen=True, slots=True)
class Ticket:
    """The right to carry a call out, until somebody takes it over."""

    asked: Asked
    locked_until: datetime


@dataclass(frozen=True, slots=True)
class Answer:
    """What was answered first, and of which body."""

    status: int
    body: bytes
    content_type: str
    request_hash: bytes
    """SHA-256 of the request's body."""


@dataclass(frozen=True, slots=True)
class Busy:
    """The first call is still at work."""

    retry_after_s: int


@dataclass(frozen=True, slots=True)
class Lost:
    """The first call did its work, and its answer was lost with the process that made it."""
