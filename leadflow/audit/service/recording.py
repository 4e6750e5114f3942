"""Record acts, and read them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from leadflow.audit import queries
from leadflow.audit.rules import canonical, digest_of
from leadflow.audit.types import EventRow
from leadflow.kernel import paging
from leadflow.kernel.db import Database, UnitOfWork, organizations
from leadflow.kernel.errors import Invalid
from leadflow.kernel.paging import Page
from models.audit import AuditEvent
from models.base import new_id


def record(
    uow: UnitOfWork,
    actor_id: UUID | None,
    action: str,
    subject_kind: str,
    subject_id: UUID | None,
    detail: dict[str, Any] | None = None,
    *,
    org_id: UUID | None = None,
) -> UUID:
    """Append one event to the caller's transaction.

    Args:
        uow: the transaction of the act itself.
        actor_id: the user; None for the system.
        action: ``noun.verb`` in the past: ``campaign.launched``.
        subject_kind: the table of what was acted on.
        subject_id: its id.
        detail: ids, counts and words; never a name or a raw number.
        org_id: whose record; None for that of the transaction's organisation. For acts on several at once.

    Returns:
        The event's id.
    """
    now, event_id, owner = uow.now(), new_id(), org_id or uow.org()
    body = canonical(
        {
            "id": str(event_id),
            "org": str(owner),
            "at": now.isoformat(timespec="microseconds"),
            "actor": str(actor_id) if actor_id else None,
            "action": action,
            "subject": [subject_kind, str(subject_id) if subject_id else None],
            "detail": detail or {},
        }
    )
    uow.session.add(
        AuditEvent(
            org_id=owner,
            id=event_id,
            at=now,
            actor_id=actor_id,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            detail=detail or {},
            body=body,
            digest=digest_of(body),
        )
    )
    return event_id


def latest(uow: UnitOfWork, action: str, subject_kind: str, subject_id: UUID) -> EventRow | None:
    """Read the last act of that name on one thing; the caller's door has asked for the right to see it."""
    return queries.latest(uow, action, subject_kind, subject_id)


def events(
    uow: UnitOfWork, *, action: str = "", actor_id: UUID | None = None, after: str | None = None, limit: int = 100
) -> Page[EventRow]:
    """List what was done, newest first. The caller's door asks for ``audit.read``.

    Raises:
        Invalid: ``after`` is no cursor of this list.
    """
    before: UUID | None = None
    if after:
        try:
            before = UUID(str(paging.decode(after, 1)[0]))
        except ValueError as error:
            raise Invalid("This page marker is damaged. Reload the list.", "after") from error
    rows = queries.events(uow, action.strip().lower(), actor_id, before, limit + 1)
    more = len(rows) > limit
    return Page(tuple(rows[:limit]), paging.encode(str(rows[limit - 1].id)) if more else None)


def remove_aged(
    db: Database,
    kept: timedelta,
    remove: Callable[[UnitOfWork, datetime], Sequence[UUID]],
    action: str,
    subject_kind: str,
) -> int:
    """Remove what people asked for and whose time is over, in every organization, and record each.

    Args:
        db: opens a transaction an organization.
        kept: how long each is kept.
        remove: deletes what was made before an instant and answers the ids.
        action: what stands in the record of each.
        subject_kind: what each is.

    Returns:
        How many went.
    """
    with db.begin() as uow:
        houses = organizations(uow)
    gone = 0
    for org_id in houses:
        with db.begin(org_id) as uow:
            removed = remove(uow, uow.now() - kept)
            for key in removed:
                record(uow, None, action, subject_kind, key, {"after_days": kept.days})
        gone += len(removed)
    return gone
