"""What a run would cost, and its start: chosen, reserved and written in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.costs import service as costs
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.jobs import service as jobs
from leadflow.kernel import phone as phones
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid
from leadflow.leads import service as leads
from leadflow.scrubs.errors import BeyondBudget, NoProvider, NothingToLookUp
from leadflow.scrubs.queries import choosing, runs
from leadflow.scrubs.queries.choosing import Age, Audience, Sized
from leadflow.scrubs.service import lines
from leadflow.scrubs.service.running import close_stranded
from leadflow.scrubs.types import Order, Quote
from models.base import new_id
from models.scrubs import ScrubRun
from models.vocabulary import BudgetSubject, JobKind, LookupService, Permission, Provider, ScrubList, ScrubRunState

MOST_NUMBERS = 10_000
"""Numbers that may be given one by one; more come in as leads. Own choice."""
LISTS = {LookupService.DNC: ScrubList.NATIONAL_DNC, LookupService.REASSIGNED: ScrubList.REASSIGNED}
"""By which list the age of a service's look-ups is judged."""


def read_order(
    service: LookupService,
    *,
    leads_filter: Mapping[str, Any] | None = None,
    numbers: tuple[str, ...] = (),
    renew_days: int = 0,
) -> Order:
    """Check an order that came from outside.

    Raises:
        Invalid: names the field.
    """
    if numbers and leads_filter:
        raise Invalid("Name leads or numbers, not both.", "numbers")
    if len(numbers) > MOST_NUMBERS:
        raise Invalid(f"At most {MOST_NUMBERS:,} numbers at once; put more on a list of leads.", "numbers")
    if not 0 <= renew_days <= 30:  # noqa: PLR2004 the shortest age that a registry allows is 31 days
        raise Invalid("Between 0 and 30 days.", "renew_days")
    chosen = leads.parse_filter(leads_filter or {}).as_dict()
    known = tuple(dict.fromkeys(phones.parse(one) for one in numbers))
    return Order(service, chosen, known, renew_days)


def quote(uow: UnitOfWork, actor: Principal, order: Order) -> Quote:
    """Say what a run would look up and cost; nothing is written.

    Raises:
        Forbidden: the role may not buy look-ups.
        Invalid: the filter makes no sense.
    """
    require(actor, Permission.SCRUB_RUN)
    return _quoted(uow, order, _sized(uow, actor, order))


def start(uow: UnitOfWork, actor: Principal, order: Order) -> UUID:
    """Reserve the whole price, write the run and its job; it begins after the commit.

    Raises:
        Forbidden: the role may not buy look-ups.
        Invalid: the filter makes no sense.
        NoProvider: no login is set.
        NothingToLookUp: there is nothing to buy.
        BeyondBudget: the budget does not bear it; nothing is reserved.
    """
    require(actor, Permission.SCRUB_RUN)
    # Two that start at once would both buy the numbers that neither has written yet.
    runs.alone(uow, order.service)
    close_stranded(uow)
    found = _sized(uow, actor, order)
    told = _quoted(uow, order, found)
    if told.ready:
        raise NoProvider(told.ready)
    if not told.to_buy:
        raise NothingToLookUp
    now = uow.now()
    bearable = costs.reserve(uow, None, [told.price] * told.to_buy, now)
    if bearable < told.to_buy:
        raise BeyondBudget(told.to_buy, bearable)
    run = ScrubRun(
        id=new_id(),
        org_id=uow.org(),
        service=order.service,
        provider=told.provider,
        state=ScrubRunState.RUNNING,
        audience={"numbers": len(order.numbers)} if order.numbers else dict(order.leads),
        actor_id=actor.user_id,
        numbers=told.numbers,
        fresh=told.fresh,
        undated=told.undated,
        bought=told.to_buy,
        price=told.price,
        reserved=told.cost,
        started_at=now,
    )
    run.job_id = jobs.enqueue(uow, JobKind.SCRUB_RUN, payload={"run_id": str(run.id)}, actor_id=actor.user_id)
    runs.add(uow, run, [(one.e164, one.since) for one in found if _wanted(order, one) == "to_buy"])
    detail = {"service": order.service.value, "numbers": told.to_buy, "reserved": told.cost}
    audit.record(uow, actor.user_id, "scrub.started", "scrub_run", run.id, detail)
    return run.id


def _sized(uow: UnitOfWork, actor: Principal, order: Order) -> list[Sized]:
    return choosing.size_up(uow, _audience(uow, actor, order), age(uow, order.service, order.renew_days))


def _audience(uow: UnitOfWork, actor: Principal, order: Order) -> Audience:
    if order.numbers:
        return choosing.given([int(one[1:]) for one in order.numbers])
    return choosing.of_leads(*leads.audience(uow, actor, order.leads))


def age(uow: UnitOfWork, service: LookupService, renew_days: int = 0) -> Age:
    """Say from when on a look-up of a service is fresh, by the rule packs in force."""
    now = uow.now()
    kept = max_age(uow, service) - timedelta(days=renew_days)
    return Age(LISTS[service].value, service.value, now, now - kept)


def max_age(uow: UnitOfWork, service: LookupService) -> timedelta:
    """Say how old a clean look-up of a service may be."""
    policy = compliance.policy(uow)
    return policy.scrub_max_age if service is LookupService.DNC else policy.reassigned_max_age


def _wanted(order: Order, one: Sized) -> str:
    if one.fresh:
        return "fresh"
    if one.busy:
        return "busy"
    return "undated" if order.service is LookupService.REASSIGNED and one.since is None else "to_buy"


def _quoted(uow: UnitOfWork, order: Order, found: list[Sized]) -> Quote:
    counts = Counter(_wanted(order, one) for one in found)
    price = lines.price(order.service)
    return Quote(
        service=order.service,
        provider=Provider.DNCSCRUB,
        numbers=len(found),
        fresh=counts["fresh"],
        undated=counts["undated"],
        busy=counts["busy"],
        to_buy=counts["to_buy"],
        price=price,
        cost=counts["to_buy"] * price,
        budget_left=costs.left(uow, BudgetSubject.ORGANIZATION, uow.org()),
        ready=lines.missing(uow),
    )
