"""Remove leads and restore them. Nothing that stands for or against contact is touched by either."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from uuid import UUID

from psycopg import sql

from leadflow.audit import service as audit
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel import paging
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.paging import Page
from leadflow.leads.errors import NoSuchLead
from leadflow.leads.queries import removing
from leadflow.leads.service.bringing import record_many, refresh_search
from leadflow.leads.service.looking import only
from leadflow.leads.service.working import change_held, held
from leadflow.leads.types import PAGE_LIMIT, Change, Moment, RemovedRow
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
    audit.record(uow, actor.user_id, "lead.removed", "lead", lead_id, {"why": why.strip()})


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
    by_verdict: defaultdict[str, list[UUID]] = defaultdict(list)
    for lead_id, verdict in removing.of_properties(uow, properties):
        by_verdict[verdict].append(lead_id)
    for verdict, ids in by_verdict.items():
        removing.restore(uow, ids, [None] * len(ids))
        if verdict == "replaced":
            removing.begin_anew(uow, ids)
        detail = {"import_id": str(import_id), "back": verdict}
        record_many(uow, [Moment(one, ActivityKind.IMPORTED, BACK[verdict], actor_id, detail) for one in ids])
        refresh_search(uow, ids)
        told = {"import_id": str(import_id), "leads": len(ids), "how": verdict}
        audit.record(uow, actor_id, "lead.brought_back", "import", import_id, told)
    return {verdict: len(ids) for verdict, ids in by_verdict.items()}
