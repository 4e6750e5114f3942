"""Follow-ups over HTTP, across leads: list, change, tick off, take away. They are added at their lead."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from leadflow.api.deps import After, Limit, Work, allow
from leadflow.leads import service as leads
from leadflow.leads.work_types import TaskChange, TaskFilter, TaskWhen
from models.vocabulary import Permission

router = APIRouter(prefix="/api/v1/tasks", tags=["tasks"])

READ = [allow(Permission.LEAD_READ)]
WRITE = [allow(Permission.LEAD_WRITE)]
Whose = Annotated[UUID | Literal["none", "me", ""] | None, Query()]


class TaskInput(BaseModel):
    """What to change on a follow-up; absent fields stay as they are, ``none`` takes away."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Annotated[str | None, Field(max_length=200)] = None
    due_at: AwareDatetime | Literal["none"] | None = None
    assignee_id: UUID | Literal["none"] | None = None


def _whose(desk: Work, whose: Whose) -> UUID | Literal["none"] | None:
    if whose == "me":
        return desk.actor.user_id
    return None if whose == "" else whose


@router.get("", dependencies=READ)
def listing(
    desk: Work,
    when: TaskWhen = TaskWhen.OVERDUE,
    whose: Whose = None,
    after: After = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List follow-ups: open ones by when they are due, done ones the latest first; ``whose``: an id, me or none."""
    found = leads.tasks(desk.uow, desk.actor, TaskFilter(when, _whose(desk, whose)), after or None, limit)
    return {"rows": found.rows, "count": found.count, "next": found.next}


@router.get("/counts", dependencies=READ)
def counts(desk: Work, whose: Whose = None) -> dict[TaskWhen, int]:
    """Count follow-ups by when they are due."""
    return leads.task_counts(desk.uow, desk.actor, TaskFilter(whose=_whose(desk, whose)))


@router.patch("/{task_id}", dependencies=WRITE, status_code=204)
def change(desk: Work, task_id: UUID, given: TaskInput) -> None:
    """Change a follow-up."""
    leads.change_task(desk.uow, desk.actor, task_id, TaskChange(**given.model_dump()))


@router.delete("/{task_id}", dependencies=WRITE, status_code=204)
def remove(desk: Work, task_id: UUID) -> None:
    """Take a follow-up away; the timeline keeps that there was one."""
    leads.remove_task(desk.uow, desk.actor, task_id)


@router.post("/{task_id}/finish", dependencies=WRITE, status_code=204)
def finish(desk: Work, task_id: UUID) -> None:
    """Tick a follow-up off."""
    leads.finish_task(desk.uow, desk.actor, task_id)


@router.post("/{task_id}/reopen", dependencies=WRITE, status_code=204)
def reopen(desk: Work, task_id: UUID) -> None:
    """Take a tick back."""
    leads.reopen_task(desk.uow, desk.actor, task_id)
