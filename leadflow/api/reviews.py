"""Reviews of decisions over HTTP: draw, judge, sign, verify."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from leadflow.api.deps import After, Limit, Made, Work, allow
from leadflow.kernel.paging import Page
from leadflow.reviews import service as reviews
from leadflow.reviews.types import DrawDetail, DrawRow, DrawWish, Signature
from models.vocabulary import Permission

router = APIRouter(prefix="/api/v1/reviews", tags=["reviews"])

REVIEW = [allow(Permission.DECISION_REVIEW)]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Drawing(_Given):
    """Which decisions to sample."""

    since: AwareDatetime
    until: AwareDatetime
    size: Annotated[int, Field(ge=1, le=reviews.LARGEST)] = 50
    least: Annotated[int, Field(ge=1, le=100)] = 2
    seed: Annotated[int | None, Field(ge=0, lt=2**53)] = None


class Judging(_Given):
    """Whether a decision was right; a disagreement needs a reason."""

    agrees: bool
    reason: Annotated[str, Field(max_length=1_000)] = ""


@router.get("", dependencies=REVIEW)
def draws(desk: Work, after: After = None, limit: Limit = 100) -> Page[DrawRow]:
    """List draws, newest first."""
    return reviews.draws(desk.uow, desk.actor, after, limit)


@router.post("", status_code=201, dependencies=REVIEW)
def draw(desk: Work, given: Drawing) -> Made:
    """Draw a stratified sample of a stretch of time."""
    return Made(reviews.draw(desk.uow, desk.actor, DrawWish(**given.model_dump())))


@router.get("/{draw_id}", dependencies=REVIEW)
def detail(desk: Work, draw_id: UUID) -> DrawDetail:
    """Open a draw: its decisions in the order of judging, and the rate of agreement by stratum."""
    return reviews.detail(desk.uow, desk.actor, draw_id)


@router.post("/decisions/{review_id}/judge", status_code=204, dependencies=REVIEW)
def judge(desk: Work, review_id: UUID, given: Judging) -> None:
    """Agree or disagree with one decision; nobody judges what they caused."""
    reviews.judge(desk.uow, desk.actor, review_id, agrees=given.agrees, reason=given.reason)


@router.post("/{draw_id}/sign", dependencies=REVIEW)
def sign(desk: Work, draw_id: UUID) -> dict[str, str]:
    """Sign every judgement of a draw; the record of acts has the hash and the signature."""
    return {"digest": reviews.sign_off(desk.uow, desk.actor, draw_id)}


@router.get("/{draw_id}/verify", dependencies=REVIEW)
def verify(desk: Work, draw_id: UUID) -> Signature:
    """Hold a sign-off against its signature, the judgements as they stand, and the record of acts."""
    return reviews.verify(desk.uow, desk.actor, draw_id)
