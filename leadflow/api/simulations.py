"""What if, over HTTP: an audience as things are, beside what would be."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from leadflow.api.deps import Work, allow
from leadflow.campaigns import service as campaigns
from leadflow.campaigns.types import Changed, Target
from leadflow.compliance.service import Scenario
from leadflow.kernel import phone as phones
from models.vocabulary import Channel, Permission

router = APIRouter(prefix="/api/v1/compliance/simulations", tags=["compliance"])


class Supposing(BaseModel):
    """About whom (one of phone, filter, campaign_id), and what would be otherwise."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    phone: Annotated[str | None, Field(max_length=40)] = None
    filter: Annotated[dict[str, Any] | None, Field(max_length=40)] = None
    campaign_id: UUID | None = None
    at: AwareDatetime | None = None
    channel: Channel | None = None
    pack: Annotated[str | None, Field(max_length=60)] = None
    version: Annotated[int | None, Field(ge=1, le=1_000_000)] = None
    draft: Annotated[str | None, Field(max_length=400_000, description="A pack as YAML.")] = None
    scrubs_older_days: Annotated[int, Field(ge=0, le=3_650)] = 0
    change: Annotated[Changed | None, Field(description="List only those who fare so.")] = None
    reason: Annotated[str | None, Field(max_length=80, description="List only those it stands against first.")] = None
    limit: Annotated[int, Field(ge=0, le=200)] = 100


@router.post("", dependencies=[allow(Permission.DECISION_READ)])
def simulate(desk: Work, given: Supposing) -> dict[str, Any]:
    """Ask the gate about an audience as things are and as they would be; nothing is written."""
    phone = None if given.phone is None else phones.parse(given.phone)
    return campaigns.suppose(
        desk.uow,
        desk.actor,
        Target(phone, given.filter, given.campaign_id),
        Scenario(given.at, given.channel, given.pack, given.version, given.draft, given.scrubs_older_days),
        change=given.change,
        reason=given.reason,
        limit=given.limit,
    ).as_json()
