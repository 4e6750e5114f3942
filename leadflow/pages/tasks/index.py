"""/tasks: follow-ups by when they are due, mine or everybody's."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import reflex as rx

from leadflow.identity.rules import only_assigned
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.paging import Page as Rows
from leadflow.leads import service as leads
from leadflow.leads.types import TaskRow
from leadflow.leads.work_types import TaskChange, TaskFilter, TaskWhen
from leadflow.pages.leads.rows import TaskView, task_view
from leadflow.ui import client
from leadflow.ui.action import Desk, Page, action, loads
from leadflow.ui.address import word
from leadflow.ui.feedback import empty, icon, ready
from leadflow.ui.form import button, link
from leadflow.ui.shell import header, may, page
from models.vocabulary import Permission

SHOWN = 100
LABELS = {
    TaskWhen.OVERDUE: "Overdue",
    TaskWhen.TODAY: "Today",
    TaskWhen.WEEK: "Next 7 days",
    TaskWhen.LATER: "Later",
    TaskWhen.UNDATED: "No date",
    TaskWhen.DONE: "Done",
}


class Tasks(Page, rx.State):
    """Follow-ups of one day or span."""

    rows: list[TaskView] = []
    tabs: list[list[str]] = []
    when: str = TaskWhen.OVERDUE.value
    after: str = ""
    """Where the next page begins; empty on the last."""
    own_only: bool = False
    """The caller sees only own follow-ups and those of own leads anyway."""

    @loads(Permission.LEAD_READ)
    async def load(self, desk: Desk) -> None:
        """Read the counts and the first page of what the address asks for."""
        self.failure = {}
        self.own_only = only_assigned(desk.actor.role)
        await self._read(desk)
        self.loaded = True

    @action(Permission.LEAD_READ)
    async def more(self, desk: Desk) -> None:
        """Read the next page."""
        wanted, after = self._wanted(desk), self.after
        found = await desk.do(lambda uow: leads.tasks(uow, desk.actor, wanted, after, SHOWN))
        self.rows = self.rows + [task_view(task) for task in found.rows]
        self.after = found.next or ""

    @action(Permission.LEAD_WRITE)
    async def finish(self, desk: Desk, task_id: UUID) -> None:
        """Tick a follow-up off."""
        await desk.do(lambda uow: leads.finish_task(uow, desk.actor, task_id))
        await self._read(desk)
        desk.say("Task done", undo=f"/api/v1/tasks/{task_id}/reopen")

    @action(Permission.LEAD_WRITE)
    async def reopen(self, desk: Desk, task_id: UUID) -> None:
        """Take a tick back."""
        await desk.do(lambda uow: leads.reopen_task(uow, desk.actor, task_id))
        await self._read(desk)

    @action(Permission.LEAD_WRITE)
    async def put_off(self, desk: Desk, task_id: UUID, due_at: str, days: int) -> None:
        """Move a follow-up by days: from its own instant where that is still to come, else from now."""
        was = datetime.fromisoformat(due_at) if due_at else None

        def move(uow: UnitOfWork) -> None:
            begin = max(was, uow.now()) if was else uow.now()
            leads.change_task(uow, desk.actor, task_id, TaskChange(due_at=begin + timedelta(days=days)))

        await desk.do(move)
        await self._read(desk)
        desk.say("Put off by a day" if days == 1 else f"Put off by {days} days")

    def _wanted(self, desk: Desk) -> TaskFilter:
        asked, whose = word(self, "when"), word(self, "whose")
        when = TaskWhen(asked) if asked in set(TaskWhen) else TaskWhen.OVERDUE
        return TaskFilter(when, desk.actor.user_id if whose == "me" else "none" if whose == "none" else None)

    async def _read(self, desk: Desk) -> None:
        wanted = self._wanted(desk)
        counts, found = await desk.do(lambda uow: _counted(uow, desk.actor, wanted))
        self.when = wanted.when.value
        self.rows, self.after = [task_view(task) for task in found.rows], found.next or ""
        self.tabs = [
            ["" if when is TaskWhen.OVERDUE else when.value, LABELS[when], f"{counts[when]:,}"] for when in TaskWhen
        ]


def _counted(uow: UnitOfWork, actor: Principal, wanted: TaskFilter) -> tuple[dict[TaskWhen, int], Rows[TaskRow]]:
    counts = leads.task_counts(uow, actor, wanted)
    return counts, leads.tasks(uow, actor, wanted, None, SHOWN, counts)


def view() -> rx.Component:
    """Show the follow-ups."""
    return page(
        header("Tasks", actions=(link("Leads without a next task", "/leads?where=next_task:empty", kind="hide-s"),)),
        ready(
            Tasks,
            rx.fragment(
                rx.el.div(
                    client.Words.create(param="when", items=Tasks.tabs, label="By when", kind="tabs"),
                    rx.cond(
                        ~Tasks.own_only,
                        client.Choice.create(
                            param="whose", options=[["me", "Mine"], ["none", "Nobody's"]], label="Whose", id="whose"
                        ),
                    ),
                    class_name="bar top",
                ),
                rx.el.div(
                    rx.el.section(
                        rx.cond(
                            Tasks.rows.length() > 0,
                            rx.el.ul(rx.foreach(Tasks.rows, _task), class_name="tasks wide", id="tasks"),
                            empty(
                                "circle-check",
                                "Nothing here",
                                "Follow-ups that you add to a lead stand here on their day.",
                                link("To the leads", "/leads"),
                            ),
                        ),
                        rx.cond(Tasks.after != "", button("More", on_click=Tasks.more, id="more-tasks")),
                        class_name="card stack",
                    ),
                    class_name="pad wide stack",
                ),
            ),
        ),
        soft=True,
    )


def _task(task: rx.Var[TaskView]) -> rx.Component:
    return rx.el.li(
        rx.cond(
            may(Permission.LEAD_WRITE),
            rx.el.button(
                icon("check", 12),
                rx.el.span(rx.cond(task.done, "Open again: ", "Finish: "), task.title, class_name="sr"),
                type="button",
                class_name="tick",
                custom_attrs={"aria-pressed": rx.cond(task.done, "true", "false")},
                on_click=rx.cond(task.done, Tasks.reopen(task.id), Tasks.finish(task.id)),
            ),
        ),
        rx.el.div(
            rx.el.div(task.title, class_name="strong wrap"),
            rx.link(
                rx.cond(task.street != "", task.street, "Address not known"),
                rx.cond(task.owner != "", rx.fragment(" · ", task.owner)),
                href="/leads?lead=" + task.lead_id,
                class_name="dim",
            ),
            class_name="grow",
        ),
        rx.cond(task.assignee != "", rx.el.span(task.assignee, class_name="dim hide-s")),
        rx.cond(
            task.due_at != "",
            rx.el.span(
                client.When.create(at=task.due_at, kind="due"), class_name=rx.cond(task.overdue, "due late", "due")
            ),
        ),
        rx.cond(
            may(Permission.LEAD_WRITE) & ~task.done,
            rx.el.span(
                _put_off(task, 1, "Put off by a day"),
                _put_off(task, 7, "Put off by a week"),
                class_name="row nowrap",
            ),
        ),
        custom_attrs={"data-task": task.id},
    )


def _put_off(task: rx.Var[TaskView], days: int, title: str) -> rx.Component:
    return button(f"+{days} d", kind="ghost sm", title=title, on_click=Tasks.put_off(task.id, task.due_at, days))
