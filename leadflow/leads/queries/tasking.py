"""Reads follow-ups across leads: by whose they are and by when they are due, page by page."""

from __future__ import annotations

from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import sql

from leadflow.kernel.db import UnitOfWork
from leadflow.leads.queries.card import end_of_day, task_row
from leadflow.leads.types import TaskRow
from leadflow.leads.work_types import TaskFilter, TaskWhen

_WHEN: dict[TaskWhen, LiteralString] = {
    TaskWhen.OVERDUE: "k.state = 'open' and k.due_at < %(now)s",
    TaskWhen.TODAY: "k.state = 'open' and k.due_at >= %(now)s and k.due_at < %(midnight)s",
    TaskWhen.WEEK: "k.state = 'open' and k.due_at >= %(midnight)s and k.due_at < %(midnight)s + interval '7 days'",
    TaskWhen.LATER: "k.state = 'open' and k.due_at >= %(midnight)s + interval '7 days'",
    TaskWhen.UNDATED: "k.state = 'open' and k.due_at is null",
    TaskWhen.DONE: "k.state = 'done'",
}
_FROM = """
    from task k
    left join "user" u on u.id = k.assignee_id
    join lead_search s on s.org_id = k.org_id and s.lead_id = k.lead_id
    where k.org_id = %(org)s
      and (%(sees)s::uuid is null or k.assignee_id = %(sees)s or s.assignee_id = %(sees)s)
      and (%(whose)s::uuid is null or k.assignee_id = %(whose)s) and (not %(nobody)s or k.assignee_id is null)
"""


def page(
    uow: UnitOfWork,
    wanted: TaskFilter,
    sees: UUID | None,
    now: datetime,
    after: tuple[datetime | None, UUID] | None,
    limit: int,
) -> list[TaskRow]:
    """Read follow-ups: open ones by when they are due, done ones the latest first.

    Args:
        uow: the caller's transaction.
        wanted: whose and when.
        sees: the member who sees only own follow-ups and those of own leads; None sees all.
        now: the instant that "overdue" is meant by.
        after: due or done instant, and id, of the last row of the page before.
        limit: rows.
    """
    done = wanted.when is TaskWhen.DONE
    key, way, sign = ("k.done_at", "desc", "<") if done else ("k.due_at", "asc", ">")
    at, row_id = after or (None, None)
    beyond = f"({key}, k.id) {sign} (%(at)s::timestamptz, %(after)s::uuid)" if at else f"k.id {sign} %(after)s::uuid"
    statement = f"""
        select k.id, k.title, k.due_at, k.state, k.assignee_id, u.name, k.done_at, k.lead_id, coalesce(s.street, ''),
               coalesce(s.owner, '')
        {_FROM} and {_WHEN[wanted.when]} and (%(after)s::uuid is null or {beyond})
        order by {key} {way}, k.id {way} limit %(limit)s
    """
    given = _given(uow, wanted, sees, now) | {"at": at, "after": row_id, "limit": limit}
    with uow.cursor() as cursor:
        cursor.execute(statement.encode(), given, prepare=False)
        return [task_row(row, now) for row in cursor.fetchall()]


def counts(uow: UnitOfWork, wanted: TaskFilter, sees: UUID | None, now: datetime) -> dict[TaskWhen, int]:
    """Count follow-ups by when they are due."""
    parts = sql.SQL(", ").join(sql.SQL("count(*) filter (where {})").format(sql.SQL(text)) for text in _WHEN.values())
    with uow.cursor() as cursor:
        cursor.execute(
            sql.SQL("select {} ").format(parts) + sql.SQL(_FROM), _given(uow, wanted, sees, now), prepare=False
        )
        row = cursor.fetchone() or ()
    return dict(zip(_WHEN, map(int, row), strict=True))


def _given(uow: UnitOfWork, wanted: TaskFilter, sees: UUID | None, now: datetime) -> dict[str, Any]:
    return {
        "org": uow.org(),
        "sees": sees,
        "whose": wanted.whose if isinstance(wanted.whose, UUID) else None,
        "nobody": wanted.whose == "none",
        "now": now,
        "midnight": end_of_day(uow, now),
    }
