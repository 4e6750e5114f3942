"""SQL of keyed calls."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from psycopg.rows import class_row

from leadflow.kernel.db import UnitOfWork
from leadflow.requests.types import Answer, Asked, Ticket

_WHICH = "org_id = %(org)s and user_id = %(user)s and route = %(route)s and key = %(key)s"
_COLUMNS = "request_hash, locked_until, acted_at, status, body, content_type, expires_at"
FORGOTTEN_AT_ONCE = 200
"""Ended keys that one new key clears away. Own choice: no sweep is needed, and no call pays for many."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A key's row."""

    request_hash: bytes | None
    locked_until: datetime
    acted_at: datetime | None
    status: int | None
    body: bytes | None
    content_type: str | None
    expires_at: datetime


def insert(uow: UnitOfWork, asked: Asked, locked_until: datetime, expires_at: datetime) -> bool:
    """Note a new call; False when its key is there already."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            insert into idempotency_key (org_id, user_id, route, key, locked_until, expires_at)
            values (%(org)s, %(user)s, %(route)s, %(key)s, %(lock)s, %(end)s) on conflict do nothing
            """,
            {**_names(asked), "lock": locked_until, "end": expires_at},
        )
        return cursor.rowcount == 1


def forget(uow: UnitOfWork, asked: Asked, now: datetime) -> None:
    """Take away keys that have ended: this one, and some others of the organisation."""
    with uow.cursor() as cursor:
        cursor.execute(
            f"delete from idempotency_key where {_WHICH} and expires_at <= %(now)s",  # noqa: S608 a constant
            {**_names(asked), "now": now},
        )
        cursor.execute(
            """
            delete from idempotency_key where ctid = any(array(
                select ctid from idempotency_key where org_id = %(org)s and expires_at <= %(now)s
                limit %(most)s for update skip locked))
            """,
            {"org": asked.org_id, "now": now, "most": FORGOTTEN_AT_ONCE},
        )


def kept(uow: UnitOfWork, asked: Asked) -> Kept | None:
    """Read a key's row and hold it."""
    with uow.connection().cursor(row_factory=class_row(Kept)) as cursor:
        return cursor.execute(
            f"select {_COLUMNS} from idempotency_key where {_WHICH} for update",  # noqa: S608 constants
            _names(asked),
        ).fetchone()


def take_over(uow: UnitOfWork, asked: Asked, locked_until: datetime) -> None:
    """Lock a key anew, whose first call never came back."""
    with uow.cursor() as cursor:
        cursor.execute(
            f"update idempotency_key set locked_until = %(lock)s where {_WHICH}",  # noqa: S608 a constant
            {**_names(asked), "lock": locked_until},
        )


def acted(uow: UnitOfWork, ticket: Ticket, now: datetime) -> bool:
    """Note in the act's own transaction that it is done; False when somebody else has the ticket by now."""
    return _change(uow, ticket, "acted_at = %(now)s", {"now": now})


def answered(uow: UnitOfWork, ticket: Ticket, answer: Answer) -> bool:
    """Keep the first answer."""
    return _change(
        uow,
        ticket,
        "status = %(status)s, body = %(body)s, content_type = %(kind)s, request_hash = %(hash)s",
        {"status": answer.status, "body": answer.body, "kind": answer.content_type, "hash": answer.request_hash},
    )


def drop(uow: UnitOfWork, ticket: Ticket) -> None:
    """Forget a call that came to nothing, so that it may be made anew."""
    with uow.cursor() as cursor:
        cursor.execute(
            f"delete from idempotency_key where {_WHICH} and locked_until = %(lock)s and acted_at is null",  # noqa: S608 a constant
            {**_names(ticket.asked), "lock": ticket.locked_until},
        )


def _change(uow: UnitOfWork, ticket: Ticket, what: str, values: dict[str, Any]) -> bool:
    with uow.cursor() as cursor:
        cursor.execute(
            f"update idempotency_key set {what} where {_WHICH} and locked_until = %(lock)s",  # noqa: S608 constants  # pyright: ignore[reportArgumentType]
            {**_names(ticket.asked), "lock": ticket.locked_until, **values},
        )
        return cursor.rowcount == 1


def _names(asked: Asked) -> dict[str, Any]:
    return {"org": asked.org_id, "user": asked.user_id, "route": asked.route, "key": asked.key}
