"""Changes leads, one or many at once: status, assignee, lists, tags, tasks."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, LiteralString, NamedTuple
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


class Member(NamedTuple):
    """A lead's place on a list or under a tag; instants and import are a list's only."""

    lead_id: UUID
    group_id: UUID | str
    first_seen_at: datetime | str | None = None
    last_seen_at: datetime | str | None = None
    import_id: UUID | str | None = None


def join(uow: UnitOfWork, kind: str, group_id: UUID, ids: Sequence[UUID], at: datetime) -> list[UUID]:
    """Put leads on a list or give them a tag; answers those that had it not."""
    return [ids[place] for place in sorted(put_in(uow, kind, [Member(one, group_id, at, at) for one in ids]))]


def put_in(uow: UnitOfWork, kind: str, members: Sequence[Member]) -> set[int]:
    """Put leads on lists or under tags that still exist; answers the places of those that were not there."""
    names, table, key = GROUPS[kind]
    more = sql.SQL(", first_seen_at, last_seen_at, import_id" if kind == "list" else "")
    said = sql.SQL(", u.first_seen_at, u.last_seen_at, u.import_id" if kind == "list" else "")
    statement = sql.SQL(
        """
        with u as (
            select * from unnest(%(ids)s::uuid[], %(groups)s::uuid[], %(first)s::timestamptz[],
                %(last)s::timestamptz[], %(imports)s::uuid[])
                with ordinality u (id, group_id, first_seen_at, last_seen_at, import_id, place)
        ), made as (
            insert into {table} (org_id, {key}, lead_id {more})
            select %(org)s, g.id, l.id {said} from u join lead l on l.org_id = %(org)s and l.id = u.id
            join {names} g on g.org_id = %(org)s and g.id = u.group_id
            on conflict (org_id, {key}, lead_id) do nothing returning lead_id, {key} as group_id
        )
        select u.place - 1 from u join made m on m.lead_id = u.id and m.group_id = u.group_id
        """
    ).format(table=sql.Identifier(table), names=sql.Identifier(names), key=sql.Identifier(key), more=more, said=said)
    columns = zip(*members, strict=True) if members else ((),) * len(Member._fields)
    given = dict(zip(("ids", "groups", "first", "last", "imports"), map(list, columns), strict=True))
    with uow.cursor() as cursor:
        cursor.execute(statement, {"org": uow.org(), **given})
        return {row[0] for row in cursor.fetchall()}


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
