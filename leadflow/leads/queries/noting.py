"""Writes notes: their words, pins, removal, and who is mentioned in them; reads what is unread of a member."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from psycopg.rows import class_row

from leadflow.kernel.db import UnitOfWork
from leadflow.leads.work_types import MentionRow, NoteState


def members(uow: UnitOfWork) -> dict[UUID, str]:
    """Name the active members of the organisation, in the order of their names."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select u.id, u.name from membership m join "user" u on u.id = m.user_id
            where m.org_id = %s and m.disabled_at is null and u.disabled_at is null order by lower(u.name), u.id
            """,
            [uow.org()],
        )
        return dict(cursor.fetchall())


def hold(uow: UnitOfWork, lead_id: UUID, entry_id: UUID) -> NoteState | None:
    """Hold a note of a lead until the transaction ends; None where it is no note of this lead."""
    with uow.connection().cursor(row_factory=class_row(NoteState)) as cursor:
        cursor.execute(
            """
            select id, actor_id, summary as text, pinned_at, deleted_at from activity
            where org_id = %s and lead_id = %s and id = %s and kind = 'note' for update
            """,
            [uow.org(), lead_id, entry_id],
        )
        return cursor.fetchone()


def rewrite(uow: UnitOfWork, entry_id: UUID, text: str) -> None:
    """Change a note's words."""
    _set(uow, "summary = %(value)s, edited_at = %(now)s", entry_id, text)


def remove(uow: UnitOfWork, entry_id: UUID) -> None:
    """Take a note away; it can be brought back for a day."""
    _set(uow, "deleted_at = %(now)s", entry_id)


def bring_back(uow: UnitOfWork, entry_id: UUID) -> None:
    """Bring a note back."""
    _set(uow, "deleted_at = null", entry_id)


def unpin(uow: UnitOfWork, lead_id: UUID) -> None:
    """Let no note of a lead stand above the others."""
    with uow.cursor() as cursor:
        cursor.execute(
            "update activity set pinned_at = null, updated_at = now()"
            " where org_id = %s and lead_id = %s and kind = 'note' and pinned_at is not null",
            [uow.org(), lead_id],
        )


def pin(uow: UnitOfWork, entry_id: UUID) -> None:
    """Let a note stand above the others."""
    _set(uow, "pinned_at = %(now)s", entry_id)


def _set(uow: UnitOfWork, what: str, entry_id: UUID, value: str | None = None) -> None:
    with uow.cursor() as cursor:
        cursor.execute(
            f"update activity set {what}, updated_at = now() where org_id = %(org)s and id = %(id)s".encode(),  # noqa: S608 constants
            {"org": uow.org(), "id": entry_id, "now": uow.now(), "value": value},
        )


def forget_removed(uow: UnitOfWork, lead_id: UUID) -> None:
    """Let go for good of the notes of a lead that were taken away more than a day ago."""
    with uow.cursor() as cursor:
        cursor.execute(
            "delete from activity where org_id = %s and lead_id = %s and kind = 'note'"
            " and deleted_at < %s::timestamptz - interval '1 day'",
            [uow.org(), lead_id, uow.now()],
        )


def mention(uow: UnitOfWork, lead_id: UUID, entry_id: UUID, people: Collection[UUID]) -> None:
    """Let exactly these members be mentioned in a note; who has read it, has read it."""
    given = {
        "org": uow.org(),
        "lead": lead_id,
        "entry": entry_id,
        "people": sorted(people),
        "at": uow.now(),
    }
    with uow.cursor() as cursor:
        cursor.execute(
            "delete from mention"
            " where org_id = %(org)s and entry_id = %(entry)s and user_id <> all(%(people)s::uuid[])",
            given,
        )
        cursor.execute(
            """
            insert into mention (org_id, lead_id, entry_id, user_id, at)
            select %(org)s, %(lead)s, %(entry)s, u.id, %(at)s from unnest(%(people)s::uuid[]) u (id)
            on conflict (org_id, entry_id, user_id) do nothing
            """,
            given,
        )


_UNREAD = """
    from mention m
    join activity a on a.org_id = m.org_id and a.id = m.entry_id and a.deleted_at is null
    join lead_search s on s.org_id = m.org_id and s.lead_id = m.lead_id
    where m.org_id = %(org)s and m.user_id = %(me)s and m.read_at is null
      and (%(sees)s::uuid is null or s.assignee_id = %(sees)s)
"""


def unread(
    uow: UnitOfWork, me: UUID, sees: UUID | None, before: tuple[datetime, UUID] | None, limit: int
) -> list[MentionRow]:
    """Read the mentions of a member that wait to be read, newest first; of own leads only, where told so."""
    at, row_id = before or (None, None)
    with uow.connection().cursor(row_factory=class_row(MentionRow)) as cursor:
        cursor.execute(
            f"""
            select m.id, m.at, m.lead_id, m.entry_id, s.street, s.owner, a.summary as text,
                   coalesce((select u.name from "user" u where u.id = a.actor_id), '') as author
            {_UNREAD} and (%(at)s::timestamptz is null or (m.at, m.id) < (%(at)s::timestamptz, %(id)s::uuid))
            order by m.at desc, m.id desc limit %(limit)s
            """.encode(),  # noqa: S608 a constant
            {"org": uow.org(), "me": me, "sees": sees, "at": at, "id": row_id, "limit": limit},
        )
        return cursor.fetchall()


def count_unread(uow: UnitOfWork, me: UUID, sees: UUID | None) -> int:
    """Count them."""
    with uow.cursor() as cursor:
        cursor.execute(f"select count(*) {_UNREAD}".encode(), {"org": uow.org(), "me": me, "sees": sees})
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def read(uow: UnitOfWork, mention_id: UUID, me: UUID) -> bool:
    """Note that a member has read a mention; False where it is none of theirs."""
    with uow.cursor() as cursor:
        cursor.execute(
            "update mention set read_at = coalesce(read_at, %s), updated_at = now()"
            " where org_id = %s and id = %s and user_id = %s",
            [uow.now(), uow.org(), mention_id, me],
        )
        return cursor.rowcount > 0
