"""Work on leads: status, assignee, tags and lists, on one lead or on many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid
from leadflow.kernel.signals import Signal
from leadflow.leads import rules
from leadflow.leads.errors import NoSuchLead
from leadflow.leads.queries import changing, editing, removing, reverting
from leadflow.leads.service.bringing import record_many, refresh_search
from leadflow.leads.service.claiming import check, stands
from leadflow.leads.service.looking import only
from leadflow.leads.types import Change, Moment, Removal, StatusChange
from models.vocabulary import ActivityKind, LeadStatus, Permission

status_changed: Signal[StatusChange] = Signal()
removed_now: Signal[Removal] = Signal()


def set_status(uow: UnitOfWork, actor: Principal, lead_id: UUID, status: LeadStatus) -> None:
    """Move a lead to another status, by hand.

    Raises:
        Claimed: somebody else works on it.
    """
    ids = held(uow, actor, [lead_id])
    check(uow, actor, ids)
    change_held(uow, actor, ids, Change(status=status))


def follow_status(uow: UnitOfWork, actor: Principal, lead_id: UUID, status: LeadStatus) -> None:
    """Move a lead because of what came of a text or call: no claim stands against it, a removed lead stays as it is."""
    if stands(uow, lead_id):
        change_held(uow, actor, held(uow, actor, [lead_id]), Change(status=status))


def assign(uow: UnitOfWork, actor: Principal, lead_id: UUID, user_id: UUID | None) -> None:
    """Give a lead to a member, or to nobody.

    Raises:
        Invalid: the user is no active member.
    """
    change_held(uow, actor, held(uow, actor, [lead_id]), Change(assignee=user_id or "none"))


def tag(uow: UnitOfWork, actor: Principal, lead_id: UUID, name: str) -> None:
    """Give a lead a tag; a new one is made."""
    change_held(uow, actor, held(uow, actor, [lead_id]), Change(add_tag=name))


def untag(uow: UnitOfWork, actor: Principal, lead_id: UUID, name: str) -> None:
    """Take a tag away, by name or id."""
    change_held(uow, actor, held(uow, actor, [lead_id]), Change(remove_tag=name))


def put_on_list(uow: UnitOfWork, actor: Principal, lead_id: UUID, name: str) -> None:
    """Put a lead on a list; a new one is made."""
    change_held(uow, actor, held(uow, actor, [lead_id]), Change(add_list=name))


def take_off_list(uow: UnitOfWork, actor: Principal, lead_id: UUID, name: str) -> None:
    """Take a lead off a list, by name or id."""
    change_held(uow, actor, held(uow, actor, [lead_id]), Change(remove_list=name))


def held(uow: UnitOfWork, actor: Principal, ids: Sequence[UUID]) -> list[UUID]:
    """Lock leads for a change.

    Raises:
        NoSuchLead: one is not there, or not the caller's to see.
    """
    require(actor, Permission.LEAD_WRITE)
    held = editing.lock(uow, ids, only(actor))
    if len(held) != len(set(ids)):
        raise NoSuchLead
    return held


def change_held(
    uow: UnitOfWork, actor: Principal, ids: Sequence[UUID], change: Change, cause: Mapping[str, Any] | None = None
) -> list[Moment]:
    """Apply a change to leads that are locked, tell their timelines, and make the flat rows true again."""
    moved = changing.status(uow, ids, change)
    if change.status is not None and moved:
        status_changed.tell(uow, StatusChange(tuple(moment.lead_id for moment in moved), change.status))
    moments = [*moved, *_change_assignee(uow, actor, ids, change), *changing.groups(uow, ids, change)]
    return _told(uow, actor, [*moments, *_remove(uow, actor, ids, change)], cause)


def _remove(uow: UnitOfWork, actor: Principal, ids: Sequence[UUID], change: Change) -> list[Moment]:
    if change.remove is None:
        return []
    require(actor, Permission.LEAD_REMOVE)
    why, at = rules.written(change.remove, "remove", rules.TITLE_LENGTH), uow.now()
    gone = removing.remove(uow, ids, actor.user_id, why, at)
    if gone:
        removed_now.tell(uow, Removal(tuple(gone)))
    detail = {"removed": at.isoformat()}
    return [Moment(key, ActivityKind.EDITED, f"Removed: {why}", detail=detail) for key in gone]


def _told(
    uow: UnitOfWork, actor: Principal, moments: Sequence[Moment], cause: Mapping[str, Any] | None = None
) -> list[Moment]:
    """Write moments on timelines with what caused them, which is not needed to take them back."""
    if moments:
        told = [replace(one, actor_id=actor.user_id, detail={**one.detail, **(cause or {})}) for one in moments]
        record_many(uow, told)
        refresh_search(uow, [moment.lead_id for moment in moments])
    return list(moments)


def _change_assignee(uow: UnitOfWork, actor: Principal, ids: Sequence[UUID], change: Change) -> list[Moment]:
    if change.share:
        names = {member: check_assignee(uow, actor, member) for member in change.share}
        dealt = rules.share(ids, change.share, change.shared)
        return [one for member, of in dealt.items() for one in changing.assignee(uow, of, member, names[member])]
    if change.assignee is None:
        return []
    user_id = None if change.assignee == "none" else change.assignee
    return changing.assignee(uow, ids, user_id, check_assignee(uow, actor, user_id))


def check_assignee(uow: UnitOfWork, actor: Principal, user_id: UUID | None) -> str | None:
    """Answer the name of the member whom the caller may give leads to; None for nobody.

    Raises:
        Forbidden: the role may not assign.
        Invalid: the user is no active member.
    """
    require(actor, Permission.LEAD_ASSIGN)
    name = editing.member_name(uow, user_id) if user_id else None
    if user_id and name is None:
        raise Invalid("That is not an active member of the team.", "assignee")
    return name


# Many at once: what the room of bulk edits does, chunk by chunk


def hold(uow: UnitOfWork, ids: Sequence[UUID], only_mine: UUID | None) -> list[UUID]:
    """Lock leads until the end of the transaction; answers those that exist and, where told so, are one member's."""
    return editing.lock(uow, ids, only_mine)


def edit(
    uow: UnitOfWork,
    actor: Principal,
    held: Sequence[UUID],
    change: Change,
    cause: Mapping[str, Any] | None = None,
) -> list[Moment]:
    """Apply a change to leads that are held; answers what changed, with what is needed to take it back.

    Args:
        uow: the caller's transaction.
        actor: who changes.
        held: the leads.
        change: what to change.
        cause: what the timelines are told beside, such as the bulk edit's id.
    """
    require(actor, Permission.LEAD_WRITE)
    return change_held(uow, actor, held, change, cause)


def undo(
    uow: UnitOfWork, actor: Principal, moments: Sequence[Moment], cause: Mapping[str, Any] | None = None
) -> list[Moment]:
    """Take changes of held leads back, each where the lead is still as the change left it.

    A campaign that a change of status stopped for somebody stays stopped for them.

    Args:
        uow: the caller's transaction.
        actor: who takes back.
        moments: what ``edit`` answered.
        cause: what the timelines are told beside.

    Returns:
        Those of ``moments`` that were taken back.
    """
    require(actor, Permission.LEAD_WRITE)
    done = [reverting.Done(place, one.lead_id, one.detail) for place, one in enumerate(moments)]
    statuses = reverting.statuses(uow, [one for one in done if "to" in one.detail])
    undone = {
        *statuses,
        *reverting.assignees(uow, [one for one in done if "assignee_id" in one.detail]),
        *reverting.memberships(uow, [one for one in done if {"joined", "left"} & one.detail.keys()]),
        *_restored(uow, [one for one in done if "removed" in one.detail]),
    }
    for status in set(statuses.values()):
        back = tuple(moments[place].lead_id for place, found in statuses.items() if found is status)
        status_changed.tell(uow, StatusChange(back, status))
    found = [moments[place] for place in sorted(undone)]
    back = [Moment(one.lead_id, one.kind, f"Undone: {one.summary}", detail=rules.turned(one.detail)) for one in found]
    _told(uow, actor, back, cause)
    return found


def _restored(uow: UnitOfWork, done: Sequence[reverting.Done]) -> set[int]:
    at = [datetime.fromisoformat(one.detail["removed"]) for one in done]
    back = set(removing.restore(uow, [one.lead_id for one in done], at)) if done else set[UUID]()
    return {one.place for one in done if one.lead_id in back}
