"""Work on leads: status, assignee, tags, lists, numbers, notes and tasks, on one lead or on many."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel import phone
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid, NotFound
from leadflow.kernel.signals import Signal
from leadflow.leads import rules
from leadflow.leads.errors import NoSuchLead, TooManyAtOnce
from leadflow.leads.queries import card, changing, editing, filters, listing
from leadflow.leads.service.bringing import record, record_many, refresh_for, refresh_search
from leadflow.leads.service.looking import narrowed, only, see
from leadflow.leads.types import (
    BULK_LIMIT,
    Change,
    LeadFilter,
    Moment,
    Selection,
    StatusChange,
)
from leadflow.properties import service as properties
from models.leads import Task
from models.vocabulary import ActivityKind, LeadStatus, Permission, PhoneStatus, TaskState

status_changed: Signal[StatusChange] = Signal()


def set_status(uow: UnitOfWork, actor: Principal, lead_id: UUID, status: LeadStatus) -> None:
    """Move a lead to another status."""
    _change(uow, actor, _held(uow, actor, [lead_id]), Change(status=status))


def assign(uow: UnitOfWork, actor: Principal, lead_id: UUID, user_id: UUID | None) -> None:
    """Give a lead to a member, or to nobody.

    Raises:
        Invalid: the user is no active member.
    """
    _change(uow, actor, _held(uow, actor, [lead_id]), Change(assignee=user_id or "none"))


def tag(uow: UnitOfWork, actor: Principal, lead_id: UUID, name: str) -> None:
    """Give a lead a tag; a new one is made."""
    _change(uow, actor, _held(uow, actor, [lead_id]), Change(add_tag=name))


def untag(uow: UnitOfWork, actor: Principal, lead_id: UUID, name: str) -> None:
    """Take a tag away, by name or id."""
    _change(uow, actor, _held(uow, actor, [lead_id]), Change(remove_tag=name))


def put_on_list(uow: UnitOfWork, actor: Principal, lead_id: UUID, name: str) -> None:
    """Put a lead on a list; a new one is made."""
    _change(uow, actor, _held(uow, actor, [lead_id]), Change(add_list=name))


def take_off_list(uow: UnitOfWork, actor: Principal, lead_id: UUID, name: str) -> None:
    """Take a lead off a list, by name or id."""
    _change(uow, actor, _held(uow, actor, [lead_id]), Change(remove_list=name))


def bulk_preview(uow: UnitOfWork, actor: Principal, selection: Selection) -> int:
    """Count what a bulk edit would reach, exactly up to ``BULK_LIMIT`` and at most one more."""
    require(actor, Permission.LEAD_WRITE)
    return listing.count(uow, _selected(uow, actor, selection), BULK_LIMIT + 1)


def bulk(uow: UnitOfWork, actor: Principal, selection: Selection, change: Change) -> int:
    """Change named leads, or a whole filter except some, in this one transaction.

    Returns:
        How many leads the caller may see were selected.

    Raises:
        TooManyAtOnce: more than ``BULK_LIMIT``.
    """
    ids = listing.ids(uow, _selected(uow, actor, selection), BULK_LIMIT + 1)
    if len(ids) > BULK_LIMIT:
        raise TooManyAtOnce(BULK_LIMIT)
    require(actor, Permission.LEAD_WRITE)
    held = editing.lock(uow, ids, only(actor))
    _change(uow, actor, held, change)
    return len(held)


def _selected(uow: UnitOfWork, actor: Principal, selection: Selection) -> filters.Where:
    where = narrowed(uow, actor, selection.everything or LeadFilter())
    if selection.everything is None:
        where.add("s.lead_id = any(%(b_ids)s)", b_ids=list(selection.ids))
    if selection.except_ids:
        where.add("s.lead_id <> all(%(b_except)s)", b_except=list(selection.except_ids))
    return where


def _held(uow: UnitOfWork, actor: Principal, ids: Sequence[UUID]) -> list[UUID]:
    """Lock leads for a change.

    Raises:
        NoSuchLead: one is not there, or not the caller's to see.
    """
    require(actor, Permission.LEAD_WRITE)
    held = editing.lock(uow, ids, only(actor))
    if len(held) != len(set(ids)):
        raise NoSuchLead
    return held


def _change(uow: UnitOfWork, actor: Principal, ids: Sequence[UUID], change: Change) -> None:
    """Apply a change to leads that are locked, tell their timelines, and make the flat rows true again."""
    moved = changing.status(uow, ids, change)
    if change.status is not None and moved:
        status_changed.tell(uow, StatusChange(tuple(moment.lead_id for moment in moved), change.status))
    moments = [*moved, *_change_assignee(uow, actor, ids, change), *changing.groups(uow, ids, change)]
    if moments:
        record_many(uow, [replace(moment, actor_id=actor.user_id) for moment in moments])
        refresh_search(uow, [moment.lead_id for moment in moments])


def _change_assignee(uow: UnitOfWork, actor: Principal, ids: Sequence[UUID], change: Change) -> list[Moment]:
    if change.assignee is None:
        return []
    require(actor, Permission.LEAD_ASSIGN)
    user_id = None if change.assignee == "none" else change.assignee
    name = editing.member_name(uow, user_id) if user_id else None
    if user_id and name is None:
        raise Invalid("That is not an active member of the team.", "assignee")
    summary = f"Assigned to {name}" if name else "Assigned to nobody"
    detail = {"assignee_id": str(user_id) if user_id else None}
    return [Moment(key, ActivityKind.EDITED, summary, detail=detail) for key in editing.assign(uow, ids, user_id)]


def mark_phone(uow: UnitOfWork, actor: Principal, lead_id: UUID, number: str, status: PhoneStatus) -> None:
    """Note what was found out about a number of one of the lead's people; it holds for every lead with that number.

    Raises:
        NoSuchLead: it is not there, or not the caller's to see.
        Invalid: the number is none of the lead's people's.
    """
    require(actor, Permission.LEAD_WRITE)
    flat, e164 = see(uow, actor, lead_id), phone.parse(number)
    people = [party.id for party in card.parties(uow, flat.property_id)]
    if int(e164[1:]) not in {line.e164 for line in card.lines(uow, people)}:
        raise Invalid("Nobody of this lead has that number.", "number")
    # The number is changed before any lead is locked: two who mark it from two leads wait here, never for each other.
    if properties.phone_status(uow, e164, status):
        # The timeline is read by those, too, who see no whole number.
        summary = f"Number ending {e164[-4:]} marked {status.value}"
        record(uow, lead_id, ActivityKind.EDITED, summary, actor_id=actor.user_id, detail={"status": status.value})
        refresh_for(uow, phones=[e164])


def add_note(uow: UnitOfWork, actor: Principal, lead_id: UUID, text: str) -> UUID:
    """Write a note on the timeline."""
    _held(uow, actor, [lead_id])
    return record(
        uow, lead_id, ActivityKind.NOTE, rules.written(text, "text", rules.NOTE_LENGTH), actor_id=actor.user_id
    )


def add_task(
    uow: UnitOfWork,
    actor: Principal,
    lead_id: UUID,
    title: str,
    due_at: datetime | None = None,
    assignee_id: UUID | None = None,
) -> UUID:
    """Add a follow-up; the caller's own unless given to another member."""
    _held(uow, actor, [lead_id])
    if due_at is not None and due_at.tzinfo is None:
        raise Invalid("The due instant needs a time zone.", "due_at")
    if assignee_id is not None and editing.member_name(uow, assignee_id) is None:
        raise Invalid("That is not an active member of the team.", "assignee_id")
    made = Task(
        org_id=uow.org(),
        lead_id=lead_id,
        title=rules.written(title, "title", rules.TITLE_LENGTH),
        due_at=due_at,
        assignee_id=assignee_id or actor.user_id,
    )
    uow.session.add(made)
    record(uow, lead_id, ActivityKind.TASK, f"New task: {made.title}", actor_id=actor.user_id)
    refresh_search(uow, [lead_id])
    return made.id


def finish_task(uow: UnitOfWork, actor: Principal, task_id: UUID) -> None:
    """Tick a follow-up off; ticking twice is once."""
    _settle_task(uow, actor, task_id, TaskState.DONE, "Done")


def reopen_task(uow: UnitOfWork, actor: Principal, task_id: UUID) -> None:
    """Take a tick back."""
    _settle_task(uow, actor, task_id, TaskState.OPEN, "Open again")


def _settle_task(uow: UnitOfWork, actor: Principal, task_id: UUID, state: TaskState, word: str) -> None:
    require(actor, Permission.LEAD_WRITE)
    found = editing.task(uow, task_id)
    if found is None or found.lead_id is None:
        raise NotFound("This task does not exist, or is not yours.")
    if found.assignee_id is None or found.assignee_id != actor.user_id:
        _held(uow, actor, [found.lead_id])
    if found.state is state:
        return
    found.state, found.done_at = state, uow.now() if state is TaskState.DONE else None
    record(uow, found.lead_id, ActivityKind.TASK, f"{word}: {found.title}", actor_id=actor.user_id)
    refresh_search(uow, [found.lead_id])
