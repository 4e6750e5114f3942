"""Reads and writes saved views and how each person uses them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from leadflow.kernel.db import UnitOfWork
from leadflow.leads.view_types import ViewRow

_ROWS = """
    select v.id, v.name, v.shared, v.owner_id, coalesce(u.name, '') as owner, v.content,
           coalesce(c.pinned, false) as pinned, coalesce(c.opens_first, false) as opens_first,
           v.owner_id = %(me)s as may_change
    from saved_view v
    left join "user" u on u.id = v.owner_id
    left join view_choice c on c.org_id = v.org_id and c.view_id = v.id and c.user_id = %(me)s
    where v.org_id = %(org)s and (v.owner_id = %(me)s or v.shared)
"""


def rows(uow: UnitOfWork, me: UUID) -> list[ViewRow]:
    """List the views that somebody sees: their own, and what others share."""
    with uow.connection().cursor(row_factory=class_row(ViewRow)) as cursor:
        cursor.execute(f"{_ROWS} and v.deleted_at is null order by lower(v.name), v.id", {"org": uow.org(), "me": me})
        return cursor.fetchall()


def row(uow: UnitOfWork, me: UUID, view_id: UUID) -> ViewRow | None:
    """Read one view that somebody sees, deleted or not, and hold it."""
    with uow.connection().cursor(row_factory=class_row(ViewRow)) as cursor:
        cursor.execute(f"{_ROWS} and v.id = %(id)s for no key update of v", {"org": uow.org(), "me": me, "id": view_id})
        return cursor.fetchone()


def named(uow: UnitOfWork, owner: UUID, name: str) -> UUID | None:
    """Find a person's view by its name, whatever the case."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select id from saved_view where org_id = %s and owner_id = %s and lower(name) = lower(%s)"
            " and deleted_at is null",
            [uow.org(), owner, name],
        )
        found = cursor.fetchone()
    return found[0] if found else None


def add(uow: UnitOfWork, owner: UUID, name: str, content: Mapping[str, Any]) -> UUID:
    """Write a new private view; what was deleted more than a day ago goes for good."""
    with uow.cursor() as cursor:
        cursor.execute(
            "delete from saved_view where org_id = %s and owner_id = %s"
            " and deleted_at < %s::timestamptz - interval '1 day'",
            [uow.org(), owner, uow.now()],
        )
        cursor.execute(
            "insert into saved_view (org_id, owner_id, name, content) values (%s, %s, %s, %s) returning id",
            [uow.org(), owner, name, Jsonb(dict(content))],
        )
        found = cursor.fetchone()
    if found is None:
        msg = "an insert answered no row"
        raise RuntimeError(msg)
    return found[0]


def change(
    uow: UnitOfWork, view_id: UUID, *, name: str | None, content: Mapping[str, Any] | None, shared: bool | None
) -> None:
    """Change a view; what is None stays."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update saved_view set name = coalesce(%(name)s, name), content = coalesce(%(content)s, content),
                shared = coalesce(%(shared)s, shared), updated_at = now()
            where org_id = %(org)s and id = %(id)s
            """,
            {
                "org": uow.org(),
                "id": view_id,
                "name": name,
                "content": None if content is None else Jsonb(dict(content)),
                "shared": shared,
            },
        )


def bury(uow: UnitOfWork, view_id: UUID) -> None:
    """Delete a view so that it can be brought back."""
    with uow.cursor() as cursor:
        cursor.execute(
            "update saved_view set deleted_at = %s where org_id = %s and id = %s", [uow.now(), uow.org(), view_id]
        )


def raise_up(uow: UnitOfWork, view_id: UUID) -> None:
    """Bring a deleted view back."""
    with uow.cursor() as cursor:
        cursor.execute("update saved_view set deleted_at = null where org_id = %s and id = %s", [uow.org(), view_id])


def choose(uow: UnitOfWork, me: UUID, view_id: UUID, *, pinned: bool | None, opens_first: bool | None) -> None:
    """Note how somebody uses a view; one view at most opens first."""
    params = {"org": uow.org(), "me": me, "view": view_id, "pinned": pinned, "first": opens_first}
    with uow.cursor() as cursor:
        if opens_first:
            cursor.execute(
                "update view_choice set opens_first = false, updated_at = now()"
                " where org_id = %(org)s and user_id = %(me)s and opens_first and view_id <> %(view)s",
                params,
            )
        cursor.execute(
            """
            insert into view_choice as c (org_id, view_id, user_id, pinned, opens_first)
            values (%(org)s, %(view)s, %(me)s, coalesce(%(pinned)s, false), coalesce(%(first)s, false))
            on conflict (org_id, view_id, user_id) do update
            set pinned = coalesce(%(pinned)s, c.pinned), opens_first = coalesce(%(first)s, c.opens_first),
                updated_at = now()
            """,
            params,
        )
