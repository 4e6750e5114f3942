"""All SQL of mail."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from leadflow.kernel.db import UnitOfWork
from models.vocabulary import MailState


@dataclass(frozen=True, slots=True)
class Waiting:
    """A mail that is to be handed over."""

    id: UUID
    org_id: UUID | None
    recipient: str
    subject: str
    body: bytes | None = field(repr=False)
    created_at: datetime


def waiting(uow: UnitOfWork, mail_id: UUID) -> Waiting | None:
    """Find a mail that still waits."""
    with uow.connection().cursor(row_factory=class_row(Waiting)) as cursor:
        cursor.execute(
            """
            select id, org_id, recipient, subject, body, created_at from mail
            where id = %s and state = 'waiting' and body is not null
            """,
            [mail_id],
        )
        return cursor.fetchone()


def settle(uow: UnitOfWork, mail_id: UUID, state: MailState, fault: str, now: datetime) -> None:
    """Note what became of a mail. Its text goes, unless the mail waits on or is kept for the outbox."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update mail set state = %(state)s, fault = %(fault)s, updated_at = now(),
                   attempts = attempts + case when %(state)s = 'kept' then 0 else 1 end,
                   body = case when %(state)s in ('waiting', 'kept') then body end,
                   sent_at = case when %(state)s = 'sent' then %(now)s::timestamptz end
            where id = %(id)s and state = 'waiting'
            """,
            {"id": mail_id, "state": state.value, "fault": fault[:300], "now": now},
        )


def latest(uow: UnitOfWork, limit: int) -> list[dict[str, Any]]:
    """List the organisation's mail, newest first."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select id, kind, recipient, subject, state, created_at, body from mail
            where org_id = %s order by created_at desc, id desc limit %s
            """,
            [uow.org(), limit],
        )
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def count_since(uow: UnitOfWork, kind: str, since: datetime) -> int:
    """Count the organisation's mail of a kind."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select count(*) from mail where org_id = %s and kind = %s and created_at > %s", [uow.org(), kind, since]
        )
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def give_up(uow: UnitOfWork, before: datetime) -> int:
    """Give up what nobody could deliver."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update mail set state = 'failed', body = null, fault = 'no worker delivered it in time', updated_at = now()
            where state = 'waiting' and created_at < %s
            """,
            [before],
        )
        return cursor.rowcount


def forget(uow: UnitOfWork, before: datetime) -> int:
    """Remove old mail."""
    with uow.cursor() as cursor:
        cursor.execute("delete from mail where created_at < %s", [before])
        return cursor.rowcount
