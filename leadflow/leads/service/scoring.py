"""Choose what the scores of an organisation's leads go by, and keep them true."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.jobs import service as jobs
from leadflow.kernel.db import Database, UnitOfWork, organizations
from leadflow.leads.card_types import Weight
from leadflow.leads.queries import scoring as queries
from leadflow.leads.queries import writing
from leadflow.leads.rules.score import WEIGHTS, check_weights, labels
from leadflow.leads.service.bringing import REFRESH_CHUNK, refresh_search
from models.vocabulary import JobKind, Permission

FEW = 500
"""Leads whose scores follow while whoever changes the weights waits. Own choice."""
_FIRST = UUID(int=0)


def score_weights(uow: UnitOfWork, actor: Principal) -> tuple[Weight, ...]:
    """Tell how many points each fact can bring, and how many it usually does."""
    require(actor, Permission.LEAD_READ)
    chosen = queries.weights(uow)
    return tuple(Weight(name, label, chosen[name], WEIGHTS[name]) for name, label in labels().items())


def set_score_weights(uow: UnitOfWork, actor: Principal, given: Mapping[str, int]) -> None:
    """Let each fact bring so many points from now on; the scores of a few leads follow at once, of many by a job.

    Raises:
        Invalid: they are not a hundred together, or one is missing.
    """
    require(actor, Permission.SETTINGS_WRITE)
    chosen, before = check_weights(given), dict(queries.weights(uow))
    if chosen == before:
        return
    queries.keep(uow, chosen, actor.user_id)
    audit.record(uow, actor.user_id, "lead.scoring_changed", "organization", uow.org(), {"to": chosen, "from": before})
    ids = writing.lead_ids(uow, _FIRST, FEW + 1)
    if len(ids) <= FEW:
        refresh_search(uow, ids)
    else:
        jobs.enqueue(uow, JobKind.LEAD_SEARCH_REFRESH)


def ask_renewal(db: Database) -> None:
    """Have the scores renewed wherever another day has changed some; the clockwork asks every few minutes.

    One fact of a score ages: the years of ownership. Each row says from which day on they bring another point, so a day
    touches a row in some seven hundred, and no row before its day.
    """
    with db.begin() as uow:
        owners = organizations(uow)
    for org_id in owners:
        with db.begin(org_id) as uow:
            if queries.due(uow, uow.now().date(), _FIRST, 1):
                jobs.enqueue(uow, JobKind.LEAD_SEARCH_REFRESH, payload={"due": True}, unique_key=f"due {org_id}")


def renew_due(db: Database, org_id: UUID) -> int:
    """Renew the scores that another day has changed. Answers how many."""
    return _renew(db, org_id, lambda uow, last: queries.due(uow, uow.now().date(), last, REFRESH_CHUNK))


def renew_marked(db: Database, org_id: UUID, import_id: UUID) -> int:
    """Renew the scores of leads against whose numbers or people an import wrote a mark. Answers how many."""
    return _renew(db, org_id, lambda uow, last: queries.marked(uow, import_id, last, REFRESH_CHUNK))


def _renew(db: Database, org_id: UUID, following: Callable[[UnitOfWork, UUID], list[UUID]]) -> int:
    changed, last = 0, _FIRST
    while True:
        with db.begin(org_id) as uow:
            ids = following(uow, last)
            if not ids:
                return changed
            changed, last = changed + refresh_search(uow, ids), ids[-1]
