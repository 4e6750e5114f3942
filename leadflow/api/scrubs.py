"""Look-ups of numbers over HTTP: what they would cost, their start and end, and how well numbers are covered."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from leadflow.api.deps import After, Limit, Made, Work, allow
from leadflow.kernel.paging import Page
from leadflow.scrubs import service as scrubs
from leadflow.scrubs.types import Order, Overview, Quote, RunRow
from models.vocabulary import LookupService, Permission, ScrubRunState

router = APIRouter(prefix="/api/v1/scrubs", tags=["scrubs"])

BUYING = [allow(Permission.SCRUB_RUN)]
READING = [allow(Permission.DECISION_READ)]


class Ordering(BaseModel):
    """Which numbers to look up: those of leads by a filter (all leads without one), or given one by one."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    service: LookupService = LookupService.DNC
    leads: dict[str, Any] = Field(default_factory=dict)
    """A filter of the lead list, such as ``{"list": "Probate March"}``."""
    numbers: Annotated[tuple[Annotated[str, Field(max_length=40)], ...], Field(max_length=10_000)] = ()
    renew_days: Annotated[int, Field(ge=0, le=30)] = 0
    """Also look up anew what runs out within so many days."""

    def order(self) -> Order:
        """Check it."""
        return scrubs.read_order(
            self.service, leads_filter=self.leads, numbers=self.numbers, renew_days=self.renew_days
        )


@router.get("/overview", dependencies=READING)
def overview(desk: Work) -> Overview:
    """Sum up coverage, the provider's state and what the budget bears."""
    return scrubs.overview(desk.uow, desk.actor)


@router.post("/quote", dependencies=BUYING)
def quote(desk: Work, given: Ordering) -> Quote:
    """Say what a run would buy and cost; nothing is written or paid."""
    return scrubs.quote(desk.uow, desk.actor, given.order())


@router.get("", dependencies=READING)
def runs(desk: Work, state: ScrubRunState | None = None, after: After = None, limit: Limit = 50) -> Page[RunRow]:
    """List runs, newest first."""
    return scrubs.runs(desk.uow, desk.actor, state=state, after=after, limit=limit)


@router.post("", status_code=201, dependencies=BUYING)
def start(desk: Work, given: Ordering) -> Made:
    """Reserve the price and start a run."""
    return Made(scrubs.start(desk.uow, desk.actor, given.order()))


@router.get("/{run_id}", dependencies=READING)
def run(desk: Work, run_id: UUID) -> RunRow:
    """Read one run."""
    return scrubs.run(desk.uow, desk.actor, run_id)


@router.post("/{run_id}/cancel", status_code=204, dependencies=BUYING)
def cancel(desk: Work, run_id: UUID) -> None:
    """Stop a run; what is paid stays paid, the rest is given back."""
    scrubs.cancel(desk.uow, desk.actor, run_id)
