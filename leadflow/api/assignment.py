"""Rules that give new leads to members in turn, and who is away, over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Path
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from leadflow.api.deps import Made, Work, allow
from leadflow.leads import service as leads
from leadflow.leads.assignment_types import Attendance, RuleChange, RuleInput, RuleOrder, RuleRow
from models.vocabulary import Permission

router = APIRouter(prefix="/api/v1/assignment", tags=["assignment"])

ASSIGN = [allow(Permission.LEAD_ASSIGN)]


class Away(BaseModel):
    """Until when, or for how many days from now, a member is away; neither is here."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    away_until: AwareDatetime | None = None
    days: Annotated[int, Field(ge=1, le=365)] | None = None
    """Told instead of an instant, and counted by the server's clock."""


@router.get("/rules", dependencies=ASSIGN)
def rules(desk: Work) -> list[RuleRow]:
    """List the rules in the order in which they are tried, each with its members, who is next first."""
    return leads.assignment_rules(desk.uow, desk.actor)


@router.post("/rules", dependencies=ASSIGN, status_code=201)
def make(desk: Work, given: RuleInput) -> Made:
    """Make a rule; it is about leads that come in from now on."""
    return Made(leads.make_rule(desk.uow, desk.actor, given))


@router.put("/rules/{rule_id}", dependencies=ASSIGN, status_code=204)
def change(desk: Work, rule_id: UUID, given: RuleChange) -> None:
    """Change a rule; members who stay keep their turn unless the order is given anew."""
    leads.change_rule(desk.uow, desk.actor, rule_id, given)


@router.delete("/rules/{rule_id}", dependencies=ASSIGN, status_code=204)
def delete(desk: Work, rule_id: UUID) -> None:
    """Delete a rule; leads that it gave stay with whom they are."""
    leads.delete_rule(desk.uow, desk.actor, rule_id)


@router.put("/order", dependencies=ASSIGN, status_code=204)
def order(desk: Work, given: RuleOrder) -> None:
    """Put all rules in the order in which they are tried."""
    leads.order_rules(desk.uow, desk.actor, given)


@router.get("/members", dependencies=ASSIGN)
def members(desk: Work) -> list[Attendance]:
    """List the members who work on leads, with until when each is away."""
    return leads.attendance(desk.uow, desk.actor)


@router.put("/members/{user_id}", dependencies=ASSIGN, status_code=204)
def away(desk: Work, user_id: Annotated[UUID, Path()], given: Away) -> None:
    """Note until when a member is away and gets no leads in turn."""
    if given.days is not None:
        leads.set_away_for(desk.uow, desk.actor, user_id, given.days)
    else:
        leads.set_away(desk.uow, desk.actor, user_id, given.away_until)
