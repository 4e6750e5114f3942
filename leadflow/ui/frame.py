"""What the frame of every page shows: for the eye only, no decision is taken from it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from leadflow.identity import service as identity
from leadflow.identity.rules import may
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.outages import texts_wait
from leadflow.messaging import service as messaging
from models.vocabulary import Permission


@dataclass(frozen=True, slots=True)
class Facts:
    """Who is here, what the role may do, and whether sending is on."""

    organization: str
    user: str
    email: str
    role: str
    can: list[str]
    sending: bool
    sending_reason: str
    waiting: int
    restored: str
    """As of when the records are, where they are a restored backup that no owner has resumed; ISO 8601, else empty."""


def frame(uow: UnitOfWork, actor: Principal) -> Facts:
    """Gather the frame's facts for one caller."""
    found = identity.frame(uow, actor)
    since = messaging.restored_as_of(uow)
    return Facts(
        organization=found.organization,
        user=actor.name,
        email=found.email,
        role=actor.role.value,
        can=sorted(permission.value for permission in Permission if may(actor, permission)),
        sending=not found.sending_paused,
        sending_reason=found.sending_paused_why,
        waiting=found.waiting,
        restored=since.isoformat() if since else "",
    )


def outage(now: datetime) -> tuple[str, str]:
    """Say since when no text goes out because the carrier is left alone, and when it is tried again; else nothing."""
    found = texts_wait(now)
    if found is None or found.since is None or found.next_try is None:
        return "", ""
    return found.since.isoformat(timespec="seconds"), found.next_try.isoformat(timespec="seconds")


def around(db: Database, actor: Principal) -> tuple[list[dict[str, str]], bool]:
    """Name the caller's other organisations, and say whether a second factor must be set up first."""
    houses = [
        {"id": str(one.id), "name": one.name, "role": str(one.role)}
        for one in identity.organizations(db, actor)
        if not one.current
    ]
    factor = identity.second_factor(db, actor)
    return houses, factor.required and not factor.on
