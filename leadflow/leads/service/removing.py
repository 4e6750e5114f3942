"""Remove leads and restore them. Nothing that stands for or against contact is touched by either."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import sql

from leadflow.audit import service as audit
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel import paging
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.paging import Page
from leadflow.leads.errors import NoSuchLead
from leadflow.leads.queries import changing, removing, reverting, undoing
from leadflow.leads.service.bringing import record_many, refresh_search
from leadflow.leads.service.looking import only
from leadflow.leads.service.working import change_held, held, removed_now
from leadflow.leads.types import PAGE_LIMIT, Change, Moment, Removal, RemovedRow
from models.vocabulary import ActivityKind, Permission

BACK = {"restored": "Restored by an import", "replaced": "Restored by an import, begun anew as the file says"}


def remove(uow: UnitOfWork, actor: Principal, lead_id: UUID, why: str) -> None:
    """Remove a lead: it leaves lists, counts, map, tasks and campaigns, and can be restored whole.

    Suppressions, consents, messages and the record stay as they are, and the gate refuses what it refused.

    Raises:
        NoSuchLead: it is not there, was removed, or is not the caller's to see.
        Invalid: the reason is empty or too long.
    """
    require(actor, Permission.LEAD_REMOVE)
    change_held(uow, actor, held(uow, actor, [lead_id]), Change(remove=why))
    # Why stands on the lead, and goes with it: nothing is ever taken out of the record of acts.
    audit.record(uow, actor.user_id, "lead.removed", "lead", lead_id)


def restore(uow: UnitOfWork, actor: Principal, lead_id: UUID) -> None:
    """Restore a lead as it was; one that stands already stays as it is. Campaigns that stopped for it stay stopped.

    Raises:
        NoSuchLead: it is not there, or not the caller's to see.
    """
    require(actor, Permission.LEAD_REMOVE)
    if not removing.lock(uow, [lead_id], only(actor)):
        raise NoSuchLead
    if removing.restore(uow, [lead_id], [None]):
        record_many(uow, [Moment(lead_id, ActivityKind.EDITED, "Restored", actor.user_id, {"restored": True})])
        refresh_search(uow, [lead_id])
        audit.record(uow, actor.user_id, "lead.restored", "lead", lead_id)


def removed(
    uow: UnitOfWork, actor: Principal, words: str = "", after: str | None = None, limit: int = 50
) -> Page[RemovedRow]:
    """List removed leads, the latest first; of some words of address, owner or reason where given."""
    require(actor, Permission.LEAD_REMOVE)
    size, words = max(1, min(limit, PAGE_LIMIT)), words.strip()
    found = removing.page(uow, words, paging.instant_and_id(after), size + 1)
    rows = tuple(found[:size])
    more = paging.encode(rows[-1].removed_at.isoformat(), str(rows[-1].id)) if len(found) > size else None
    return Page(rows, more, None if after else removing.count(uow, words))


def hold_removed(uow: UnitOfWork, ids: Sequence[UUID], only_mine: UUID | None) -> list[UUID]:
    """Lock leads, removed ones too, until the end of the transaction; answers those that exist."""
    return removing.lock(uow, ids, only_mine)


def bring_back(uow: UnitOfWork, properties: sql.Composable, import_id: UUID, actor_id: UUID | None) -> dict[str, int]:
    """Restore the removed leads of properties, as an import's user has decided; call it before ``accept``.

    Args:
        uow: the caller's transaction.
        properties: SQL that selects ``property_id`` and ``verdict``: ``restored``, or ``replaced`` for one that begins
            anew.
        import_id: the import.
        actor_id: who started it.

    Returns:
        How many came back, by verdict.
    """
    by_verdict: defaultdict[str, dict[UUID, dict[str, Any]]] = defaultdict(dict)
    for lead_id, verdict, was in removing.of_properties(uow, properties):
        by_verdict[verdict][lead_id] = was
    for verdict, back in by_verdict.items():
        ids, cause = list(back), {"import_id": str(import_id)}
        removing.restore(uow, ids, [None] * len(ids))
        moments = [
            Moment(one, ActivityKind.IMPORTED, BACK[verdict], actor_id, cause | {"back": verdict, "was": was})
            for one, was in back.items()
        ]
        anew = changing.begin_anew(uow, ids) if verdict == "replaced" else []
        moments += [replace(one, actor_id=actor_id, detail={**one.detail, **cause, "anew": True}) for one in anew]
        record_many(uow, moments)
        refresh_search(uow, ids)
        told = {"import_id": str(import_id), "leads": len(ids), "how": verdict}
        audit.record(uow, actor_id, "lead.brought_back", "import", import_id, told)
    return {verdict: len(back) for verdict, back in by_verdict.items()}


def brought_back(uow: UnitOfWork, import_id: UUID, at: datetime | None) -> dict[str, int]:
    """Count the leads that an import brought back and that stand: by why they are kept, the others under no reason."""
    return dict(Counter(why or "" for _, why, _ in undoing.brought_back(uow, import_id, at)))


def remove_again(uow: UnitOfWork, import_id: UUID, at: datetime | None, actor_id: UUID | None) -> dict[str, int]:
    """Remove the leads again that an import brought back and nobody touched since, as they had been removed.

    One that was begun anew has again what the team had put on it.

    Args:
        uow: the caller's transaction.
        import_id: the import.
        at: the instant at which it was written.
        actor_id: who takes it back.

    Returns:
        How many were, under no reason, and how many were kept for which.
    """
    found = undoing.brought_back(uow, import_id, at)
    going = {lead_id: was for lead_id, why, was in found if why is None}
    done = [
        reverting.Done(place, lead_id, detail)
        for place, (lead_id, detail) in enumerate(undoing.begun_anew(uow, import_id, list(going)))
    ]
    reverting.statuses(uow, [one for one in done if "to" in one.detail])
    reverting.assignees(uow, [one for one in done if "assignee_id" in one.detail])
    reverting.memberships(uow, [one for one in done if "left" in one.detail])
    for one in done:
        removing.remember(uow, one.detail.get("forgotten", {}))
    gone = removing.remove_again(uow, going)
    if gone:
        removed_now.tell(uow, Removal(tuple(gone)))
    detail = {"import_id": str(import_id), "undone": True}
    summary = "Removed again: the import that brought it back was undone"
    record_many(uow, [Moment(one, ActivityKind.EDITED, summary, actor_id, detail) for one in gone])
    return dict(Counter(why or "" for _, why, _ in found))
