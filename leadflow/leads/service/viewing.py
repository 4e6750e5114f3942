"""Saved views: what a person sees of the list under a name, their own and what others share."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.identity.rules import may, require
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Forbidden, NotFound
from leadflow.leads.queries import viewing
from leadflow.leads.service.looking import count
from leadflow.leads.types import LeadFilter
from leadflow.leads.view_types import PinnedView, ViewContent, ViewRow
from models.vocabulary import Permission


def views(uow: UnitOfWork, actor: Principal) -> list[ViewRow]:
    """List the caller's views and those that others share, by name."""
    return [_judged(actor, row) for row in viewing.rows(uow, _person(actor))]


def save_view(uow: UnitOfWork, actor: Principal, name: str, content: ViewContent) -> UUID:
    """Save a new view; it is the caller's own until it is shared.

    Raises:
        Conflict: the caller has a view of that name.
    """
    me = _person(actor)
    _free(uow, me, name, None)
    return viewing.add(uow, me, name, content.model_dump(mode="json"))


def change_view(
    uow: UnitOfWork,
    actor: Principal,
    view_id: UUID,
    *,
    name: str | None = None,
    content: ViewContent | None = None,
    shared: bool | None = None,
) -> None:
    """Rename a view, save it as it is now, share it or take it back; what is None stays.

    Raises:
        NotFound: it is not there, or not the caller's to see.
        Forbidden: it is shared, or is to be, and the caller may not share; or it is another's.
        Conflict: its owner has another view of that name.
    """
    found = _changeable(uow, actor, view_id)
    if shared:
        require(actor, Permission.VIEW_SHARE)
    if name is not None:
        _free(uow, found.owner_id, name, view_id)
    written = None if content is None else content.model_dump(mode="json")
    viewing.change(uow, view_id, name=name, content=written, shared=shared)
    if shared is not None and shared != found.shared:
        act = "view.shared" if shared else "view.unshared"
        audit.record(uow, actor.user_id, act, "saved_view", view_id, {"name": found.name})


def delete_view(uow: UnitOfWork, actor: Principal, view_id: UUID) -> None:
    """Delete a view; ``restore_view`` brings it back for a day."""
    found = _changeable(uow, actor, view_id)
    viewing.bury(uow, view_id)
    if found.shared:
        audit.record(uow, actor.user_id, "view.deleted", "saved_view", view_id, {"name": found.name})


def restore_view(uow: UnitOfWork, actor: Principal, view_id: UUID) -> None:
    """Bring a deleted view back.

    Raises:
        Conflict: its owner has made another of that name meanwhile.
    """
    found = _changeable(uow, actor, view_id)
    _free(uow, found.owner_id, found.name, view_id)
    viewing.raise_up(uow, view_id)


def choose_view(
    uow: UnitOfWork, actor: Principal, view_id: UUID, *, pinned: bool | None = None, opens_first: bool | None = None
) -> None:
    """Pin a view to the caller's own sidebar, or have the list open with it; what is None stays."""
    me = _person(actor)
    if viewing.row(uow, me, view_id) is None:
        raise NotFound("This view does not exist, or is not shared with you.")
    viewing.choose(uow, me, view_id, pinned=pinned, opens_first=opens_first)


def pinned_views(uow: UnitOfWork, actor: Principal) -> list[PinnedView]:
    """List the caller's pinned views, each with how many leads it finds."""
    return [
        PinnedView(row.id, row.name, row.content, count(uow, actor, LeadFilter.read(row.content.get("filter", {}))))
        for row in viewing.rows(uow, _person(actor))
        if row.pinned
    ]


def _person(actor: Principal) -> UUID:
    """Say whose views are asked for.

    Raises:
        Forbidden: a program asks; views are people's.
    """
    require(actor, Permission.LEAD_READ)
    if actor.user_id is None:
        raise Forbidden("Views belong to people. Sign in as one.")
    return actor.user_id


def _judged(actor: Principal, row: ViewRow) -> ViewRow:
    """Say whether the caller may change a view: their own, and what is shared where they may share."""
    mine, sharing = row.owner_id == actor.user_id, may(actor, Permission.VIEW_SHARE)
    return replace(row, may_change=sharing if row.shared else mine)


def _changeable(uow: UnitOfWork, actor: Principal, view_id: UUID) -> ViewRow:
    found = viewing.row(uow, _person(actor), view_id)
    if found is None:
        raise NotFound("This view does not exist, or is not shared with you.")
    if not _judged(actor, found).may_change:
        raise Forbidden(f"{found.owner or 'Somebody else'} shares this view. Save it under another name to change it.")
    return found


def _free(uow: UnitOfWork, owner: UUID, name: str, but: UUID | None) -> None:
    taken = viewing.named(uow, owner, name)
    if taken is not None and taken != but:
        raise Conflict(f"There is a view named {name} already. Choose another name.")
