"""Follow-ups: add, change, tick off, take away, and list across leads."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel import paging
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid, NotFound
from leadflow.kernel.paging import Page
from leadflow.leads import rules
from leadflow.leads.queries import editing, tasking
from leadflow.leads.service.bringing import record, refresh_search
from leadflow.leads.service.claiming import stands
from leadflow.leads.service.looking import only
from leadflow.leads.service.working import held
from leadflow.leads.types import PAGE_LIMIT, TaskRow
from leadflow.leads.work_types import TaskChange, TaskFilter, TaskWhen
from models.leads import Task
from models.vocabulary import ActivityKind, Permission, TaskState


def tasks(
    uow: UnitOfWork,
    actor: Principal,
    wanted: TaskFilter,
    after: str | None = None,
    limit: int = 50,
    counted: Mapping[TaskWhen, int] | None = None,
) -> Page[TaskRow]:
    """List follow-ups of leads: open ones by when they are due, done ones the latest first.

    An agent sees the own ones and those of own leads. Who has counted them already (``task_counts``) hands that in.

    Raises:
        Invalid: the cursor is not one of ours.
    """
    require(actor, Permission.LEAD_READ)
    now, size = uow.now(), max(1, min(limit, PAGE_LIMIT))
    found = tasking.page(uow, wanted, only(actor), now, _mark(after), size + 1)
    rows, more = tuple(found[:size]), len(found) > size
    last = (rows[-1].done_at if wanted.when is TaskWhen.DONE else rows[-1].due_at) if more else None
    return Page(
        rows,
        paging.encode(last.isoformat() if last else None, str(rows[-1].id)) if more else None,
        None if after else (counted or tasking.counts(uow, wanted, only(actor), now))[wanted.when],
    )


def _mark(after: str | None) -> tuple[datetime | None, UUID] | None:
    if not after:
        return None
    at, row_id = paging.decode(after, 2)
    return None if at is None else rules.mark_value(at, "timestamptz"), rules.mark_id(row_id)


def task_counts(uow: UnitOfWork, actor: Principal, wanted: TaskFilter) -> dict[TaskWhen, int]:
    """Count follow-ups by when they are due; whose, as ``wanted`` says."""
    require(actor, Permission.LEAD_READ)
    return tasking.counts(uow, wanted, only(actor), uow.now())


def add_task(
    uow: UnitOfWork,
    actor: Principal,
    lead_id: UUID,
    title: str,
    due_at: datetime | None = None,
    assignee_id: UUID | None = None,
) -> UUID:
    """Add a follow-up; the caller's own unless given to another member."""
    held(uow, actor, [lead_id])
    made = Task(
        org_id=uow.org(),
        lead_id=lead_id,
        title=rules.written(title, "title", rules.TITLE_LENGTH),
        due_at=None if due_at is None else _aware(due_at),
        assignee_id=actor.user_id if assignee_id is None else _member(uow, assignee_id),
    )
    uow.session.add(made)
    record(uow, lead_id, ActivityKind.TASK, f"New task: {made.title}", actor_id=actor.user_id)
    refresh_search(uow, [lead_id])
    return made.id


def follow_task(
    uow: UnitOfWork, actor: Principal, lead_id: UUID, title: str, due_at: datetime | None = None
) -> UUID | None:
    """Add a follow-up because of a text or call; None where the lead was removed, which then gets none."""
    return add_task(uow, actor, lead_id, title, due_at) if stands(uow, lead_id) else None


def finish_task(uow: UnitOfWork, actor: Principal, task_id: UUID) -> None:
    """Tick a follow-up off; ticking twice is once."""
    _settle_task(uow, actor, task_id, TaskState.DONE, "Done")


def reopen_task(uow: UnitOfWork, actor: Principal, task_id: UUID) -> None:
    """Take a tick back."""
    _settle_task(uow, actor, task_id, TaskState.OPEN, "Open again")


def change_task(uow: UnitOfWork, actor: Principal, task_id: UUID, change: TaskChange) -> None:
    """Change a follow-up's words, due instant or assignee.

    Raises:
        NotFound: no such follow-up, or not the caller's.
        Invalid: the title is empty or too long, the instant has no zone, or the member is none.
    """
    found = _own(uow, actor, task_id)
    if change.title is not None:
        found.title = rules.written(change.title, "title", rules.TITLE_LENGTH)
    if change.due_at is not None:
        found.due_at = None if change.due_at == "none" else _aware(change.due_at)
    if change.assignee_id is not None:
        found.assignee_id = None if change.assignee_id == "none" else _member(uow, change.assignee_id)
    _told(uow, actor, found, "Task changed")


def remove_task(uow: UnitOfWork, actor: Principal, task_id: UUID) -> None:
    """Take a follow-up away; the timeline keeps that there was one.

    Raises:
        NotFound: no such follow-up, or not the caller's.
    """
    found = _own(uow, actor, task_id)
    uow.session.delete(found)
    _told(uow, actor, found, "Task removed")


def _settle_task(uow: UnitOfWork, actor: Principal, task_id: UUID, state: TaskState, word: str) -> None:
    found = _own(uow, actor, task_id)
    if found.state is state:
        return
    found.state, found.done_at = state, uow.now() if state is TaskState.DONE else None
    _told(uow, actor, found, word)


def _own(uow: UnitOfWork, actor: Principal, task_id: UUID) -> Task:
    """Hold a follow-up that the caller may change: one's own, or of a lead that one sees."""
    require(actor, Permission.LEAD_WRITE)
    found = editing.task(uow, task_id)
    if found is None or found.lead_id is None:
        raise NotFound("This task does not exist, or is not yours.")
    if found.assignee_id is None or found.assignee_id != actor.user_id:
        held(uow, actor, [found.lead_id])
    return found


def _told(uow: UnitOfWork, actor: Principal, task: Task, word: str) -> None:
    if task.lead_id is not None:
        uow.session.flush()
        record(uow, task.lead_id, ActivityKind.TASK, f"{word}: {task.title}", actor_id=actor.user_id)
        refresh_search(uow, [task.lead_id])


def _aware(due_at: datetime) -> datetime:
    if due_at.tzinfo is None:
        raise Invalid("The due instant needs a time zone.", "due_at")
    return due_at


def _member(uow: UnitOfWork, user_id: UUID) -> UUID:
    if editing.member_name(uow, user_id) is None:
        raise Invalid("That is not an active member of the team.", "assignee_id")
    return user_id
