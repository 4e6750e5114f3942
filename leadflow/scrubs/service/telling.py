"""What people see of look-ups: coverage, runs, the provider's state."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from leadflow.costs import service as costs
from leadflow.credentials.errors import CredentialLocked
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel import paging
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid, NotFound
from leadflow.kernel.paging import Page
from leadflow.scrubs.queries import choosing
from leadflow.scrubs.queries import runs as kept
from leadflow.scrubs.service import lines
from leadflow.scrubs.service.ordering import age, max_age
from leadflow.scrubs.types import Coverage, Overview, ProviderState, RunRow
from models.vocabulary import BudgetSubject, LookupService, Permission, Provider, ScrubRunState

SOON = timedelta(days=7)


def overview(uow: UnitOfWork, actor: Principal) -> Overview:
    """Sum up coverage, the provider's state and what the budget bears."""
    require(actor, Permission.DECISION_READ)
    left = costs.left(uow, BudgetSubject.ORGANIZATION, uow.org())
    return Overview(tuple(coverage(uow, actor, service) for service in LookupService), _provider(uow), left)


def coverage(uow: UnitOfWork, actor: Principal, service: LookupService = LookupService.DNC) -> Coverage:
    """Count how many numbers of leads are looked up lately enough."""
    require(actor, Permission.DECISION_READ)
    by = age(uow, service)
    found = choosing.coverage(uow, by, by.fresh_after + SOON)
    return Coverage(service, *found, max_age_days=max_age(uow, service).days)


def runs(
    uow: UnitOfWork, actor: Principal, *, state: ScrubRunState | None = None, after: str | None = None, limit: int = 50
) -> Page[RunRow]:
    """List runs, newest first."""
    require(actor, Permission.DECISION_READ)
    last = None
    if after:
        at, run_id = paging.decode(after, 2)
        try:
            last = (datetime.fromisoformat(at), UUID(run_id))
        except (TypeError, ValueError) as error:
            raise Invalid("This page marker belongs to another list. Reload it.", "after") from error
    rows = kept.page(uow, state, last, limit + 1)
    shown = tuple(rows[:limit])
    following = paging.encode(shown[-1].started_at, shown[-1].id) if len(rows) > limit else None
    return Page(shown, following, count=None if after else kept.count(uow, state))


def run(uow: UnitOfWork, actor: Principal, run_id: UUID) -> RunRow:
    """Read one run.

    Raises:
        NotFound: no such run in this organisation.
    """
    require(actor, Permission.DECISION_READ)
    found = kept.one(uow, run_id)
    if found is None:
        raise NotFound
    return found


def _provider(uow: UnitOfWork) -> ProviderState:
    try:
        own = lines.login_of(uow)[1]
    except CredentialLocked:
        own = True
    failed = kept.last_error(uow)
    return ProviderState(
        provider=Provider.DNCSCRUB,
        own=own,
        ready=lines.missing(uow),
        prices=lines.configured().prices,
        last_error=failed[0] if failed else None,
        last_error_at=failed[1] if failed else None,
    )
