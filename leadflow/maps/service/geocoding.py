"""Send addresses to a geocoder outside, where a person with that right asked for it, and place leads by its answers.

Asking twice costs nothing and tells nothing new, so that an address waits until its answer is written down: whoever
goes on after a crash asks for the last batch again.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.costs import service as costs
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.jobs import service as jobs
from leadflow.kernel import breaker, paging
from leadflow.kernel.breaker import Breaker
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Conflict, NotFound
from leadflow.kernel.paging import Page
from leadflow.leads import service as leads
from leadflow.leads.types import LeadFilter
from leadflow.maps.errors import AlreadyRunning, BeyondBudget, NothingToSend
from leadflow.maps.providers.census import CensusGeocoder
from leadflow.maps.providers.port import Geocoder
from leadflow.maps.queries import runs as kept
from leadflow.maps.types import Answered, Geocoding, Outcome, Place, Quote, Refused, RunRow
from leadflow.properties import service as properties
from models.base import new_id
from models.maps import GeocodeRun
from models.vocabulary import BudgetSubject, GeocodeRunState, JobKind, Permission

CENSUS = breaker.of("census", "addresses")
MOST_PAUSES = 20
"""After so many calls in a row that brought nothing, the run stops. Own choice."""

Opens = Callable[[str, Breaker], Geocoder]
"""Makes a geocoder of an address; tests shorten its deadline."""

_geocoding: Geocoding | None = None
_opens: Opens = CensusGeocoder


def configure(geocoding: Geocoding, opens: Opens = CensusGeocoder) -> None:
    """Tell this process its geocoder; called once by the door at start."""
    global _geocoding, _opens
    _geocoding, _opens = geocoding, opens


def configured() -> Geocoding:
    """Answer how this process reaches its geocoder.

    Raises:
        RuntimeError: the process was started without one.
    """
    if _geocoding is None:
        msg = "maps.service.configure was not called"
        raise RuntimeError(msg)
    return _geocoding


def quote(uow: UnitOfWork, actor: Principal, chosen: LeadFilter) -> Quote:
    """Say how many addresses a run would send out, and to whom; nothing is sent.

    Raises:
        Forbidden: the role may not send addresses out.
    """
    require(actor, Permission.GEOCODE_RUN)
    found = kept.size_up(uow, leads.audience(uow, actor, chosen.as_dict()))
    price = configured().price
    return Quote(
        geocoder=CensusGeocoder.name,
        leads=sum(found),
        placed=found.placed,
        tried=found.tried,
        unwritten=found.unwritten,
        to_send=found.to_send,
        price=price,
        cost=found.to_send * price,
        budget_left=costs.left(uow, BudgetSubject.ORGANIZATION, uow.org()),
    )


def start(uow: UnitOfWork, actor: Principal, chosen: LeadFilter) -> UUID:
    """Write a run and its job; it begins after the commit, and only then does an address leave.

    Raises:
        Forbidden: the role may not send addresses out.
        AlreadyRunning: another run has not ended.
        NothingToSend: there is no address to ask about.
        BeyondBudget: the budget does not bear it; nothing is reserved.
    """
    require(actor, Permission.GEOCODE_RUN)
    kept.alone(uow)
    if kept.running(uow):
        raise AlreadyRunning
    price, now = configured().price, uow.now()
    run = GeocodeRun(
        id=new_id(),
        org_id=uow.org(),
        state=GeocodeRunState.RUNNING,
        audience=chosen.as_dict(),
        actor_id=actor.user_id,
        price=price,
        started_at=now,
    )
    run.asked = kept.add(uow, run, leads.audience(uow, actor, chosen.as_dict()))
    if not run.asked:
        raise NothingToSend
    bearable = costs.reserve(uow, None, [price] * run.asked, now)
    if bearable < run.asked:
        raise BeyondBudget(run.asked, bearable)
    run.reserved = run.asked * price
    run.job_id = jobs.enqueue(uow, JobKind.GEOCODE_RUN, payload={"run_id": str(run.id)}, actor_id=actor.user_id)
    detail = {"geocoder": CensusGeocoder.name, "addresses": run.asked, "reserved": run.reserved}
    audit.record(uow, actor.user_id, "geocode.started", "geocode_run", run.id, detail)
    return run.id


def carry_out(db: Database, org_id: UUID, run_id: UUID) -> timedelta | None:
    """Ask whatever waits, until the run ends or the geocoder wants a pause.

    Returns:
        How long to wait before going on; None when the run has ended.
    """
    geocoder = _opens(configured().census_url, CENSUS)
    while True:
        with db.begin(org_id) as uow:
            batch = _next(uow, run_id, geocoder.at_once)
        if batch is None:
            return None
        ids = [key for key, _ in batch]
        outcome = geocoder.ask([address for _, address in batch])
        with db.begin(org_id) as uow:
            pause = _settle(uow, run_id, ids, outcome)
        if pause is not None:
            return pause


Batch = Sequence[tuple[UUID, kept.Address]]


def _next(uow: UnitOfWork, run_id: UUID, limit: int) -> Batch | None:
    """Take the next addresses; None when the run has ended, now or before."""
    run = kept.hold(uow, run_id)
    if run is None or run.state is not GeocodeRunState.RUNNING:
        return None
    if run.cancel_requested:
        _end(uow, run, GeocodeRunState.CANCELLED)
        return None
    waiting = kept.take(uow, run_id, limit)
    if not waiting:
        _end(uow, run, GeocodeRunState.DONE)
    return waiting or None


def _settle(uow: UnitOfWork, run_id: UUID, ids: Sequence[UUID], outcome: Outcome) -> timedelta | None:
    """Write down what came of a batch; answers how long to wait, if at all."""
    run = kept.hold(uow, run_id)
    if run is None or run.state is not GeocodeRunState.RUNNING:
        return None
    if isinstance(outcome, Answered):
        _keep(uow, run, ids, outcome.places)
        return None
    if isinstance(outcome, Refused):
        _end(uow, run, GeocodeRunState.FAILED, f"The geocoder refused ({outcome.why}).")
        return None
    run.pauses, run.error = run.pauses + 1, f"The geocoder gave nothing ({outcome.why})."
    if run.pauses < MOST_PAUSES:
        return outcome.after
    _end(uow, run, GeocodeRunState.FAILED, f"{run.error} It did so {run.pauses} times in a row.")
    return None


def _keep(uow: UnitOfWork, run: GeocodeRun, ids: Sequence[UUID], places: Sequence[Place | None]) -> None:
    # A late sleeper brings what another has written down already.
    fresh = kept.settle(uow, run.id, ids)
    answers = [(key, place) for key, place in zip(ids, places, strict=True) if key in fresh]
    found = [(key, p.latitude, p.longitude, p.precision) for key, p in answers if p is not None]
    leads.refresh_for(uow, properties=properties.place(uow, [key for key, _ in answers], found))
    run.found += len(found)
    run.missed += len(answers) - len(found)
    run.pauses, run.error = 0, None
    costs.settle(uow, None, len(answers) * run.price, len(answers) * run.price, run.started_at)
    run.reserved -= len(answers) * run.price
    run.spent += len(answers) * run.price
    if run.job_id is not None:
        jobs.progress(uow, run.job_id, run.found + run.missed, run.asked)


def _end(uow: UnitOfWork, run: GeocodeRun, state: GeocodeRunState, error: str | None = None) -> None:
    costs.release(uow, None, run.reserved, run.started_at)
    run.reserved, run.state, run.error, run.finished_at = 0, state, error, uow.now()
    kept.forget(uow, run.id)
    detail = {"state": state.value, "found": run.found, "missed": run.missed}
    audit.record(uow, run.actor_id, "geocode.ended", "geocode_run", run.id, detail)


def cancel(uow: UnitOfWork, actor: Principal, run_id: UUID) -> None:
    """Stop a run: at once while it waits, else after the call that is under way.

    Raises:
        Forbidden: the role may not.
        NotFound: no such run in this organisation.
        Conflict: it has ended.
    """
    require(actor, Permission.GEOCODE_RUN)
    run = kept.hold(uow, run_id)
    if run is None:
        raise NotFound
    if run.state is not GeocodeRunState.RUNNING:
        raise Conflict("This run has ended already.")
    run.cancel_requested = True
    audit.record(uow, actor.user_id, "geocode.cancelled", "geocode_run", run.id, {"found": run.found})
    if jobs.call_off(uow, run.job_id):
        _end(uow, run, GeocodeRunState.CANCELLED)


def runs(uow: UnitOfWork, actor: Principal, after: str | None = None, limit: int = 50) -> Page[RunRow]:
    """List runs, newest first."""
    require(actor, Permission.GEOCODE_RUN)
    rows = kept.page(uow, paging.instant_and_id(after), limit + 1)
    shown = tuple(rows[:limit])
    following = paging.encode(shown[-1].started_at, shown[-1].id) if len(rows) > limit else None
    return Page(shown, following, count=None if after else kept.count(uow))


def run(uow: UnitOfWork, actor: Principal, run_id: UUID) -> RunRow:
    """Read one run.

    Raises:
        NotFound: no such run in this organisation.
    """
    require(actor, Permission.GEOCODE_RUN)
    found = kept.one(uow, run_id)
    if found is None:
        raise NotFound
    return found
