"""Who did what, when."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query

from leadflow.api.deps import After, Limit, Work, allow
from leadflow.audit import service as audit
from leadflow.identity import service as identity
from leadflow.kernel.paging import Page
from models.vocabulary import Permission

router = APIRouter(prefix="/api/v1/audit", tags=["audit"])

MACHINE = "LeadFlow"


@dataclass(frozen=True, slots=True)
class Event:
    """One act with the name of who did it."""

    id: UUID
    at: datetime
    actor_id: UUID | None
    actor: str
    action: str
    subject: str
    subject_id: UUID | None
    detail: str
    """The details in one line: ids, counts and words."""


@router.get("/events", dependencies=[allow(Permission.AUDIT_READ)])
def events(
    desk: Work,
    action: Annotated[str, Query(max_length=80)] = "",
    actor: UUID | None = None,
    after: After = None,
    limit: Limit = 100,
) -> Page[Event]:
    """List what was done, newest first; ``action`` is how the act's name begins, as ``member.``."""
    found = audit.events(desk.uow, action=action, actor_id=actor, after=after, limit=limit)
    names = identity.names_of(desk.uow, {row.actor_id for row in found.rows if row.actor_id})
    rows = tuple(
        Event(
            row.id,
            row.at,
            row.actor_id,
            MACHINE if row.actor_id is None else names.get(row.actor_id, "a former member"),
            row.action,
            row.subject_kind,
            row.subject_id,
            _line(row.detail),
        )
        for row in found.rows
    )
    return Page(rows, found.next)


def _line(detail: dict[str, Any]) -> str:
    return " · ".join(f"{name.replace('_', ' ')}: {_word(value)}" for name, value in detail.items())


def _word(value: Any) -> str:  # noqa: ANN401 any JSON value
    match value:
        case None:
            return "none"
        case bool():
            return "yes" if value else "no"
        case list():
            parts: list[Any] = value
            return ", ".join(_word(part) for part in parts)
        case dict():
            pairs: dict[str, Any] = value
            return ", ".join(f"{name} {_word(part)}" for name, part in pairs.items())
        case _:
            return str(value)
