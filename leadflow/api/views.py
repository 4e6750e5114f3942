"""Saved views of the lead list over HTTP."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict

from leadflow.api.deps import Made, Work, allow
from leadflow.leads import service as leads
from leadflow.leads.view_types import Name, PinnedView, ViewContent, ViewRow
from models.vocabulary import Permission

router = APIRouter(prefix="/api/v1/views", tags=["views"])

READ = [allow(Permission.LEAD_READ)]
"""A view is the reader's own way of looking; sharing one is asked for apart."""


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class NewView(_Given):
    """A view to save."""

    name: Name
    content: ViewContent


class ViewChange(_Given):
    """What to change of a view; absent members stay as they are."""

    name: Name | None = None
    content: ViewContent | None = None
    shared: bool | None = None


class ViewUse(_Given):
    """How the caller uses a view; absent members stay as they are."""

    pinned: bool | None = None
    opens_first: bool | None = None


@router.get("", dependencies=READ)
def views(desk: Work) -> list[ViewRow]:
    """List one's own views and those that others share."""
    return leads.views(desk.uow, desk.actor)


@router.get("/pinned", dependencies=READ)
def pinned(desk: Work) -> list[PinnedView]:
    """List one's pinned views, each with how many leads it finds; a count stops at 10,001."""
    return leads.pinned_views(desk.uow, desk.actor)


@router.post("", dependencies=READ, status_code=201)
def save(desk: Work, given: NewView) -> Made:
    """Save a new view, for oneself."""
    return Made(leads.save_view(desk.uow, desk.actor, given.name, given.content))


@router.patch("/{view_id}", dependencies=READ, status_code=204)
def change(desk: Work, view_id: UUID, given: ViewChange) -> None:
    """Rename a view, save it anew, share it or take it back; sharing needs the right to."""
    leads.change_view(desk.uow, desk.actor, view_id, name=given.name, content=given.content, shared=given.shared)


@router.delete("/{view_id}", dependencies=READ, status_code=204)
def delete(desk: Work, view_id: UUID) -> None:
    """Delete a view; for a day it can be brought back."""
    leads.delete_view(desk.uow, desk.actor, view_id)


@router.post("/{view_id}/restore", dependencies=READ, status_code=204)
def restore(desk: Work, view_id: UUID) -> None:
    """Bring a deleted view back."""
    leads.restore_view(desk.uow, desk.actor, view_id)


@router.put("/{view_id}/use", dependencies=READ, status_code=204)
def use(desk: Work, view_id: UUID, given: ViewUse) -> None:
    """Pin a view to one's own sidebar, or have the list open with it."""
    leads.choose_view(desk.uow, desk.actor, view_id, pinned=given.pinned, opens_first=given.opens_first)
