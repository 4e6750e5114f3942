"""Changes leads, one or many at once: status, assignee, lists, tags, tasks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString
from uuid import UUID

from psycopg import sql

from leadflow.kernel.db import UnitOfWork
from models.leads import Task
from models.vocabulary import LeadStatus

GROUPS: dict[str, tuple[LiteralString, LiteralString, LiteralString]] = {
    "tag": ("tag", "lead_tag", "tag_id"),
    "list": ("lead_list", "lead_list_entry", "list_id"),
}
"""What a lead can be put into: the table of names, the table of memberships, its key."""


def lock(uow: UnitOfWork, ids: Sequence[UUID], only_mine: UUID | None) -> list[UUID]:
    """Hold leads until the end of the transaction; answers those that stand and are the caller's to see."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select id from lead where org_id = %(org)s and id = any(%(ids)s) and removed_at is null
              and (%(me)s::uuid is null or assignee_id = %(me)s) order by id for no key update
            """,
            {"org": uow.org(), "ids": list(ids), "me": only_mine},
        )
        return [row[0] for row in cursor.fetchall()]


def set_status(uow: UnitOfWork, ids: Sequence[UUID], status: LeadStatus) -> list[tuple[UUID, LeadStatus]]:
    """Move leads to a status; answers those that moved, each with where it stood."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update lead l set status = %(status)s, updated_at = now() from lead b
            where l.org_id = %(org)s and l.id = any(%(ids)s) and b.org_id = l.org_id and b.id = l.id
              and l.status <> %(status)s
            returning l.id, b.status
            """,
            {"org": uow.org(), "ids": list(ids), "status": status.value},
        )
        return [(row[0], LeadStatus(row[1])) for row in cursor.fetchall()]


def assign(uow: UnitOfWork, ids: Sequence[UUID], user_id: UUID | None) -> list[tuple[UUID, UUID | None]]:
    """Give leads to a user or to nobody; answers those that changed hands, each with whose it was."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update lead l set assignee_id = %(user)s, updated_at = now() from lead b
            where l.org_id = %(org)s and l.id = any(%(ids)s) and b.org_id = l.org_id and b.id = l.id
              and l.assignee_id is distinct from %(user)s
            returning l.id, b.assignee_id
            """,
            {"org": uow.org(), "ids": list(ids), "user": user_id},
        )
        return [(row[0], row[1]) for row in cursor.fetchall()]


def member_name(uow: UnitOfWork, user_id: UUID) -> str | None:
    """Name an active member of this organisation; None for anybody else."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select u.name from membership m join "user" u on u.id = m.user_id
            where m.org_id = %s and m.user_id = %s and m.disabled_at is null and u.disabled_at is null
            """,
            [uow.org(), user_id],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def group_named(uow: UnitOfWork, kind: str, word: str) -> tuple[UUID, str] | None:
    """Find a list or tag by id or by name; names compare without case."""
    names, _, _ = GROUPS[kind]
    statement = sql.SQL(
        """
        select id, name from {} where org_id = %(org)s and (id::text = %(word)s or lower(name) = lower(%(word)s))
        order by id::text = %(word)s desc, name = %(word)s desc, name limit 1
        """
    ).format(sql.Identifier(names))
    with uow.cursor() as cursor:
        cursor.execute(statement, {"org": uow.org(), "word": word})
        row = cursor.fetchone()
    return (row[0], row[1]) if row else None


def make_group(uow: UnitOfWork, kind: str, name: str) -> tuple[UUID, str]:
    """Find a list or tag, or make it."""
    names, _, _ = GROUPS[kind]
    found = group_named(uow, kind, name)
    if found is None:
        with uow.cursor() as cursor:
            cursor.execute(
                sql.SQL("insert into {} (org_id, name) values (%s, %s) on conflict (org_id, name) do nothing").format(
                    sql.Identifier(names)
                ),
                [uow.org(), name],
            )
        found = group_named(uow, kind, name)
    if found is None:
        msg = "a list or tag that was just written is not there"
        raise RuntimeError(msg)
    return found


def join(uow: UnitOfWork, kind: str, group_id: UUID, ids: Sequence[UUID], at: datetime) -> list[UUID]:
    """Put leads on a list or give them a tag; answers those that had it not."""
    if kind == "list":
        statement = """
            insert into lead_list_entry (org_id, list_id, lead_id, first_seen_at, last_seen_at)
            select %(org)s, %(group)s, u.id, %(at)s, %(at)s from unnest(%(ids)s::uuid[]) u (id)
            on conflict (org_id, list_id, lead_id) do nothing returning lead_id
        """
    else:
        statement = """
            insert into lead_tag (org_id, tag_id, lead_id)
            select %(org)s, %(group)s, u.id from unnest(%(ids)s::uuid[]) u (id)
            on conflict (org_id, tag_id, lead_id) do nothing returning lead_id
        """
    with uow.cursor() as cursor:
        cursor.execute(statement, {"org": uow.org(), "group": group_id, "ids": list(ids), "at": at})
        return [row[0] for row in cursor.fetchall()]


def groups_of(uow: UnitOfWork, kind: str, ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """List the lists or tags that some leads have, by name."""
    names, members, key = GROUPS[kind]
    statement = sql.SQL(
        """
        select g.id, g.name from {names} g where g.org_id = %(org)s and exists (
            select 1 from {members} m where m.org_id = g.org_id and m.{key} = g.id and m.lead_id = any(%(ids)s))
        order by g.name
        """
    ).format(names=sql.Identifier(names), members=sql.Identifier(members), key=sql.Identifier(key))
    with uow.cursor() as cursor:
        cursor.execute(statement, {"org": uow.org(), "ids": list(ids)})
        return [(row[0], row[1]) for row in cursor.fetchall()]


def leave(uow: UnitOfWork, kind: str, group_id: UUID, ids: Sequence[UUID]) -> list[tuple[UUID, dict[str, Any]]]:
    """Take leads off a list or a tag away; answers those that had it, each with what the membership said."""
    _, members, key = GROUPS[kind]
    # Not ``import_id``: that would name the import as who took the lead off.
    said = "jsonb_build_object('first_seen_at', first_seen_at, 'last_seen_at', last_seen_at, 'by_import', import_id)"
    statement = sql.SQL(
        "delete from {} where org_id = %s and {} = %s and lead_id = any(%s) returning lead_id, {}"
    ).format(sql.Identifier(members), sql.Identifier(key), sql.SQL(said if kind == "list" else "'{}'::jsonb"))
    with uow.cursor() as cursor:
        cursor.execute(statement, [uow.org(), group_id, list(ids)])
        return [(row[0], row[1]) for row in cursor.fetchall()]


def task(uow: UnitOfWork, task_id: UUID) -> Task | None:
    """Read a task and hold it."""
    return uow.session.get(Task, (uow.org(), task_id), with_for_update=True)
