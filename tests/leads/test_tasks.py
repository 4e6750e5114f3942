"""Follow-ups across leads: by day of the team's clock, page by page, within what the caller may see."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from leadflow.identity.types import Principal
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Forbidden, Invalid, NotFound
from leadflow.leads import service as leads
from leadflow.leads.work_types import TaskChange, TaskFilter, TaskWhen
from models.base import new_id
from models.vocabulary import Role
from tests.factories.identity import a_member
from tests.factories.leads import a_lead, a_task
from tests.leads.conftest import Sign


def titles(uow: UnitOfWork, actor: Principal, when: TaskWhen) -> list[str]:
    return [row.title for row in leads.tasks(uow, actor, TaskFilter(when)).rows]


def test_follow_ups_fall_into_days_of_the_teams_clock(uow: UnitOfWork, manager: Principal) -> None:
    lead, now = a_lead(uow), uow.now()
    uow.connection().execute("update organization set timezone = 'America/Chicago' where id = %s", [uow.org()])
    # Noon in Chicago on this day; midnight there is 06:00 UTC.
    midnight = (now + timedelta(days=1)).replace(hour=6, minute=0, second=0, microsecond=0)
    for title, due in (
        ("late", now - timedelta(minutes=1)),
        ("tonight", midnight - timedelta(seconds=1)),
        ("tomorrow", midnight),
        ("seventh day", midnight + timedelta(days=7) - timedelta(seconds=1)),
        ("eighth day", midnight + timedelta(days=7)),
        ("some day", None),
    ):
        a_task(uow, lead.id, title=title, due_at=due)
    leads.finish_task(uow, manager, a_task(uow, lead.id, title="done", due_at=now).id)
    expected = {
        TaskWhen.OVERDUE: ["late"],
        TaskWhen.TODAY: ["tonight"],
        TaskWhen.WEEK: ["tomorrow", "seventh day"],
        TaskWhen.LATER: ["eighth day"],
        TaskWhen.UNDATED: ["some day"],
        TaskWhen.DONE: ["done"],
    }
    assert {when: titles(uow, manager, when) for when in TaskWhen} == expected
    assert leads.task_counts(uow, manager, TaskFilter()) == {when: len(found) for when, found in expected.items()}


@pytest.mark.parametrize("when", [TaskWhen.OVERDUE, TaskWhen.UNDATED, TaskWhen.DONE])
def test_a_walk_shows_each_follow_up_once(uow: UnitOfWork, manager: Principal, when: TaskWhen) -> None:
    lead, due = a_lead(uow), uow.now() - timedelta(days=1)
    made = [a_task(uow, lead.id, due_at=None if when is TaskWhen.UNDATED else due) for _ in range(5)]
    if when is TaskWhen.DONE:
        for one in made:
            leads.finish_task(uow, manager, one.id)
    seen, after = list[UUID](), None
    while True:
        found = leads.tasks(uow, manager, TaskFilter(when), after, 2)
        assert found.count == (5 if after is None else None)
        seen += [row.id for row in found.rows]
        after = found.next
        if after is None:
            break
    assert sorted(seen) == sorted(one.id for one in made)


def test_an_agent_sees_own_follow_ups_and_those_of_own_leads(uow: UnitOfWork, manager: Principal) -> None:
    agent = a_member(uow, Role.AGENT)
    mine, other = a_lead(uow, assignee_id=agent.user_id), a_lead(uow)
    due = uow.now() - timedelta(hours=1)
    a_task(uow, mine.id, title="of my lead", due_at=due, assignee_id=manager.user_id)
    a_task(uow, other.id, title="given to me", due_at=due, assignee_id=agent.user_id)
    hidden = a_task(uow, other.id, title="not mine", due_at=due)
    assert sorted(titles(uow, agent, TaskWhen.OVERDUE)) == ["given to me", "of my lead"]
    own = TaskFilter(TaskWhen.OVERDUE, agent.user_id)
    assert [row.title for row in leads.tasks(uow, manager, own).rows] == ["given to me"]
    nobodys = TaskFilter(TaskWhen.OVERDUE, "none")
    assert [row.title for row in leads.tasks(uow, manager, nobodys).rows] == ["not mine"]
    for act in (
        lambda: leads.change_task(uow, agent, hidden.id, TaskChange(title="x")),
        lambda: leads.remove_task(uow, agent, hidden.id),
        lambda: leads.finish_task(uow, agent, hidden.id),
    ):
        with pytest.raises(NotFound):
            act()
    auditor = a_member(uow, Role.AUDITOR)
    assert len(titles(uow, auditor, TaskWhen.OVERDUE)) == 3
    with pytest.raises(Forbidden):
        leads.remove_task(uow, auditor, hidden.id)


def test_a_change_shows_in_the_list_of_leads_and_on_the_timeline(uow: UnitOfWork, manager: Principal) -> None:
    lead = a_lead(uow)
    first = leads.add_task(uow, manager, lead.id, "Call", uow.now() + timedelta(days=1))
    later = datetime(2026, 12, 24, 18, tzinfo=UTC)
    leads.change_task(uow, manager, first, TaskChange(title=" Ring the bell ", due_at=later, assignee_id="none"))
    row = leads.see(uow, manager, lead.id)
    assert (row.next_task, row.next_task_at) == ("Ring the bell", later)
    leads.change_task(uow, manager, first, TaskChange(due_at="none"))
    assert leads.see(uow, manager, lead.id).next_task_at is None
    leads.remove_task(uow, manager, first)
    assert leads.see(uow, manager, lead.id).next_task is None
    told = [entry.summary for entry in leads.timeline(uow, manager, lead.id).rows]
    assert told == [
        "Task removed: Ring the bell",
        "Task changed: Ring the bell",
        "Task changed: Ring the bell",
        "New task: Call",
    ]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        (TaskChange(title="  "), "title"),
        (TaskChange(due_at=datetime(2026, 12, 24)), "due_at"),  # noqa: DTZ001 what is refused
        (TaskChange(assignee_id=new_id()), "assignee_id"),
    ],
    ids=["title", "due", "assignee"],
)
def test_a_change_that_makes_no_sense_says_which_field(
    uow: UnitOfWork, manager: Principal, change: TaskChange, field: str
) -> None:
    task = a_task(uow, a_lead(uow).id)
    with pytest.raises(Invalid) as refused:
        leads.change_task(uow, manager, task.id, change)
    assert refused.value.field == field


def test_follow_ups_over_http(db: Database, org: UUID, sign: Sign, manager: Principal) -> None:
    with db.begin(org) as uow:
        lead = a_lead(uow)
        task = a_task(uow, lead.id, due_at=uow.now() - timedelta(hours=1), assignee_id=manager.user_id)
    call = sign(manager)
    found = call.get("/api/v1/tasks?when=overdue&whose=me").json()
    assert ([row["id"] for row in found["rows"]], found["count"]) == ([str(task.id)], 1)
    assert call.get("/api/v1/tasks/counts").json()["overdue"] == 1
    path = f"/api/v1/tasks/{task.id}"
    assert call.patch(path, json={"title": "Write", "due_at": "none"}).status_code == 204
    assert call.get("/api/v1/tasks?when=undated").json()["rows"][0]["title"] == "Write"
    assert call.post(f"{path}/finish").status_code == 204
    assert call.get("/api/v1/tasks?when=done&whose=none").json()["rows"] == []
    assert call.delete(path).status_code == 204
    assert call.delete(path).status_code == 404
