"""Duplicates over HTTP: search, look at pairs side by side, merge, say that two are two, take merges back."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from leadflow.api.deps import After, Limit, Made, Work, allow
from leadflow.duplicates import service as duplicates
from leadflow.duplicates.types import SURE, Comparison, MergeRow, PairFilter, PairRow, SearchRow, Undone
from leadflow.kernel.paging import Page
from models.vocabulary import DuplicateKind, PairState, Permission

router = APIRouter(prefix="/api/v1/duplicates", tags=["duplicates"])

READ = [allow(Permission.LEAD_READ)]
WRITE = [allow(Permission.LEAD_WRITE)]
MERGE = [allow(Permission.DUPLICATE_MERGE)]
Score = Annotated[int, Query(ge=0, le=100)]


class Merging(BaseModel):
    """Which of the two stays, and whose values stand; what is not named stands as the comparison suggests."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    survivor: Literal["one", "other"] | None = None
    choose: Annotated[dict[str, Literal["one", "other"]], Field(max_length=40)] = Field(default_factory=dict)
    """By group of fields, as the comparison names it."""


class MergingSure(BaseModel):
    """Merge every pair of a score and more against which nothing speaks."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    at_least: Annotated[int, Field(ge=0, le=100)] = SURE
    kind: DuplicateKind | None = None


@router.get("", dependencies=READ)
def listing(
    desk: Work,
    kind: DuplicateKind | None = None,
    state: PairState = PairState.OPEN,
    at_least: Score = 0,
    lead_id: UUID | None = None,
    after: After = None,
    limit: Limit = 50,
    *,
    certain: bool = False,
) -> Page[PairRow]:
    """List pairs that may be one, the likeliest first, each with its reasons in words."""
    wanted = PairFilter(kind, at_least, certain, lead_id, state)
    return duplicates.pairs(desk.uow, desk.actor, wanted, after, limit)


@router.get("/searches", dependencies=READ)
def searches(desk: Work) -> tuple[SearchRow, ...]:
    """List the last searches, with how far they are and what they left out."""
    return duplicates.searches(desk.uow, desk.actor)


@router.post("/searches", status_code=202, dependencies=WRITE)
def search(desk: Work) -> Made:
    """Search everything; a job does it."""
    return Made(duplicates.search(desk.uow, desk.actor))


@router.get("/sure", dependencies=MERGE)
def sure(desk: Work, at_least: Score = SURE, kind: DuplicateKind | None = None) -> dict[str, Any]:
    """Count the pairs that would be merged at once."""
    return {"count": duplicates.preview_sure(desk.uow, desk.actor, at_least, kind)}


@router.post("/sure/merge", status_code=202, dependencies=MERGE)
def merge_sure(desk: Work, given: MergingSure) -> Made:
    """Merge them; a job does it, and all of it is taken back by the job's id."""
    return Made(duplicates.merge_sure(desk.uow, desk.actor, given.at_least, given.kind))


@router.post("/jobs/{job_id}/undo", status_code=202, dependencies=MERGE)
def undo_job(desk: Work, job_id: UUID) -> Made:
    """Take back all that a job has merged; another job does it."""
    return Made(duplicates.undo_job(desk.uow, desk.actor, job_id))


@router.get("/merges", dependencies=MERGE)
def merges(desk: Work, after: After = None, limit: Limit = 50) -> Page[MergeRow]:
    """List merges, newest first."""
    return duplicates.merges(desk.uow, desk.actor, None, after, limit)


@router.post("/merges/{record_merge_id}/undo", dependencies=MERGE)
def undo(desk: Work, record_merge_id: UUID) -> Undone:
    """Take a merge back; what happened since stays with the survivor and is told."""
    return duplicates.unmerge(desk.uow, desk.actor, record_merge_id)


@router.get("/{duplicate_pair_id}", dependencies=READ)
def compare(desk: Work, duplicate_pair_id: UUID) -> Comparison:
    """Show a pair side by side."""
    return duplicates.compare(desk.uow, desk.actor, duplicate_pair_id)


@router.post("/{duplicate_pair_id}/merge", dependencies=MERGE)
def merge(desk: Work, duplicate_pair_id: UUID, given: Merging) -> Made:
    """Merge a pair; the answer's id takes it back."""
    return Made(duplicates.merge_pair(desk.uow, desk.actor, duplicate_pair_id, given.survivor, dict(given.choose)))


@router.post("/{duplicate_pair_id}/dismiss", status_code=204, dependencies=WRITE)
def dismiss(desk: Work, duplicate_pair_id: UUID) -> None:
    """Say that the two are two; they are never proposed again."""
    duplicates.dismiss(desk.uow, desk.actor, duplicate_pair_id)


@router.post("/{duplicate_pair_id}/propose", status_code=204, dependencies=WRITE)
def propose(desk: Work, duplicate_pair_id: UUID) -> None:
    """Take that back."""
    duplicates.propose_again(desk.uow, desk.actor, duplicate_pair_id)
