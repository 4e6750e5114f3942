"""Erasure, legal hold and retention over HTTP."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from leadflow.api.deps import After, Limit, Made, Work, allow
from leadflow.kernel import phone as phones
from leadflow.kernel.paging import Page
from leadflow.retention import service as retention
from leadflow.retention.types import (
    Candidate,
    ErasureRow,
    HoldRow,
    HoldWish,
    LeadPreview,
    LeadWish,
    Preview,
    RuleRow,
    Wish,
)
from models.vocabulary import ErasureRequest, HoldSubject, Permission, RetentionKind

router = APIRouter(prefix="/api/v1", tags=["retention"])

READ = [allow(Permission.AUDIT_READ)]
ERASE = [allow(Permission.PERSON_ERASE)]
HOLD = [allow(Permission.HOLD_WRITE)]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Erasing(_Given):
    """Whom to erase and at whose wish; the password must have been typed in this session within ten minutes."""

    person_id: UUID
    request: ErasureRequest
    reference: Annotated[str, Field(max_length=120)] = ""


class ErasingLead(_Given):
    """Your matter number; the password must have been typed in this session within ten minutes."""

    reference: Annotated[str, Field(max_length=120)] = ""


class Holding(_Given):
    """What to hold, and why; exactly one of person, phone and campaign, as the subject says."""

    subject: HoldSubject
    reason: Annotated[str, Field(min_length=1, max_length=1_000)]
    person_id: UUID | None = None
    phone: Annotated[str | None, Field(max_length=40)] = None
    campaign_id: UUID | None = None


class Lifting(_Given):
    """Why it need not be kept any longer."""

    why: Annotated[str, Field(min_length=1, max_length=1_000)]


class Keeping(_Given):
    """For how many days a kind is kept."""

    days: Annotated[int, Field(ge=1, le=1_000_000)]


@router.get("/erasures", dependencies=READ)
def erasures(desk: Work, after: After = None, limit: Limit = 100) -> Page[ErasureRow]:
    """List who was erased, newest first: ids and counts, nothing of the person."""
    return retention.erasures(desk.uow, desk.actor, after, limit)


@router.get("/erasures/people", dependencies=ERASE)
def people(desk: Work, words: Annotated[str, Query(max_length=200)]) -> tuple[Candidate, ...]:
    """Find who may be meant, by number, name or e-mail address; at most twenty."""
    return retention.find(desk.uow, desk.actor, words)


@router.get("/erasures/people/{person_id}", dependencies=ERASE)
def preview(desk: Work, person_id: UUID) -> Preview:
    """Tell what an erasure would take, what would stay and why, and what stands against it."""
    return retention.preview(desk.uow, desk.actor, person_id)


@router.post("/erasures", status_code=201, dependencies=ERASE)
def erase(desk: Work, given: Erasing) -> Made:
    """Erase a person for good; suppressions stay by keyed hash, and every receipt stays."""
    wish = Wish(given.person_id, given.request, given.reference)
    return Made(retention.erase(desk.uow, desk.actor, wish))


@router.get("/erasures/leads/{lead_id}", dependencies=ERASE)
def preview_lead(desk: Work, lead_id: UUID) -> LeadPreview:
    """Tell what erasing a removed lead would take, who and what would stay and why, and what stands against it."""
    return retention.lead_preview(desk.uow, desk.actor, lead_id)


@router.post("/erasures/leads/{lead_id}", status_code=204, dependencies=ERASE)
def erase_lead(desk: Work, lead_id: UUID, given: ErasingLead) -> None:
    """Erase a removed lead, and whoever stands to no other property, for good."""
    retention.erase_lead(desk.uow, desk.actor, LeadWish(lead_id, given.reference))


@router.get("/holds", dependencies=READ)
def holds(desk: Work, *, standing: bool | None = True, after: After = None, limit: Limit = 100) -> Page[HoldRow]:
    """List legal holds, newest first."""
    return retention.listed(desk.uow, desk.actor, standing=standing, after=after, limit=limit)


@router.post("/holds", status_code=201, dependencies=HOLD)
def place(desk: Work, given: Holding) -> Made:
    """Put a person, number or campaign under hold: nothing of it goes by age or by wish."""
    wish = HoldWish(
        subject=given.subject,
        reason=given.reason,
        person_id=given.person_id,
        e164=phones.parse(given.phone) if given.phone else None,
        campaign_id=given.campaign_id,
    )
    return Made(retention.place(desk.uow, desk.actor, wish))


@router.post("/holds/{hold_id}/lift", status_code=204, dependencies=HOLD)
def lift(desk: Work, hold_id: UUID, given: Lifting) -> None:
    """Lift a hold: another member than the one who placed it, or an owner who has typed the password."""
    retention.lift(desk.uow, desk.actor, hold_id, given.why)


@router.get("/retention", dependencies=READ)
def rules(desk: Work) -> tuple[RuleRow, ...]:
    """List how long each kind of record is kept, what the law asks, and what has fallen due."""
    return retention.rules(desk.uow, desk.actor)


@router.put("/retention/{kind}", status_code=204, dependencies=[allow(Permission.RETENTION_WRITE)])
def change(desk: Work, kind: RetentionKind, given: Keeping) -> None:
    """Set how long a kind is kept; what is older goes in the coming night."""
    retention.change(desk.uow, desk.actor, kind, given.days)
