"""Edits of many leads over HTTP: preview, ask, follow, stop, take back."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel, ConfigDict

from leadflow.api.answers import answer
from leadflow.api.deps import After, Limit, Work, allow
from leadflow.bulk import service as bulk
from leadflow.bulk.types import BulkChange, BulkRow, ChosenLeads, Preview
from leadflow.kernel.paging import Page
from models.vocabulary import BulkOutcome, Permission

router = APIRouter(prefix="/api/v1/bulk", tags=["bulk"])

WRITE = [allow(Permission.LEAD_WRITE)]


class BulkInput(BaseModel):
    """Which leads, and what to change on them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    leads: ChosenLeads
    change: BulkChange


def _page(page: Page[Any]) -> Response:
    return answer({"rows": page.rows, "count": page.count, "next": page.next})


@router.post("/preview", dependencies=WRITE)
def preview(desk: Work, given: BulkInput) -> Preview:
    """Count what an edit would reach, and of that what is not so already. Nothing is changed."""
    return bulk.preview(desk.uow, desk.actor, given.leads, given.change)


@router.post("", dependencies=WRITE, status_code=201)
def start(desk: Work, given: BulkInput) -> BulkRow:
    """Edit many leads. Up to 500 are edited at once; more by a job: follow the edit until its state is ``done``."""
    return bulk.get(desk.uow, desk.actor, bulk.start(desk.uow, desk.actor, given.leads, given.change))


@router.get("", dependencies=WRITE)
def listing(desk: Work, after: After = None, limit: Limit = 50) -> Response:
    """List edits, newest first; all of them for who may assign, else the caller's own."""
    return _page(bulk.listing(desk.uow, desk.actor, after, limit))


@router.get("/{bulk_edit_id}", dependencies=WRITE)
def one(desk: Work, bulk_edit_id: UUID) -> BulkRow:
    """Tell how far an edit is and what came of it."""
    return bulk.get(desk.uow, desk.actor, bulk_edit_id)


@router.get("/{bulk_edit_id}/leads", dependencies=WRITE)
def entries(
    desk: Work,
    bulk_edit_id: UUID,
    outcome: Annotated[BulkOutcome | None, Query()] = None,
    after: After = None,
    limit: Limit = 50,
) -> Response:
    """List what became of each lead."""
    return _page(bulk.entries(desk.uow, desk.actor, bulk_edit_id, outcome, after, limit))


@router.post("/{bulk_edit_id}/stop", dependencies=WRITE, status_code=204)
def stop(desk: Work, bulk_edit_id: UUID) -> None:
    """Stop an edit that is under way; what was changed until then stays, and can be undone."""
    bulk.stop(desk.uow, desk.actor, bulk_edit_id)


@router.post("/{bulk_edit_id}/undo", dependencies=WRITE)
def undo(desk: Work, bulk_edit_id: UUID) -> BulkRow:
    """Take an edit back, where nobody changed the lead further since."""
    bulk.undo(desk.uow, desk.actor, bulk_edit_id)
    return bulk.get(desk.uow, desk.actor, bulk_edit_id)
