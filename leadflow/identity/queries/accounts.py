"""Users, their passwords, and failed tries."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadflow.identity.queries.everywhere import many, one, run
from leadflow.kernel.db import UnitOfWork
from models.base import new_id


@dataclass(frozen=True, slots=True)
class Account:
    """A user by address, with the organisation that a new session looks at."""

    id: UUID
    password_hash: str
    org_id: UUID | None
    demo: bool
    second_factor: bool
    remember_days: int
    """Of that organisation."""


def account(uow: UnitOfWork, email: str) -> Account | None:
    """Find an active user by address; the organisation is the one joined first."""
    return one(
        uow,
        Account,
        """
        select u.id, u.password_hash, u.demo, u.totp_confirmed_at is not null as second_factor, h.org_id,
               coalesce(h.remember_days, 0) as remember_days
        from "user" u left join lateral (
            select m.org_id, o.remember_days from membership m join organization o on o.id = m.org_id
            where m.user_id = u.id and m.disabled_at is null order by m.created_at, m.org_id limit 1
        ) h on true
        where u.email = %(email)s and u.disabled_at is null
        """,
        {"email": email},
    )


def password_of(uow: UnitOfWork, user_id: UUID) -> tuple[str, str] | None:
    """Answer a user's address and password hash."""
    with uow.everywhere(), uow.cursor() as cursor:
        cursor.execute('select email, password_hash from "user" where id = %s', [user_id])
        row = cursor.fetchone()
    return (row[0], row[1]) if row else None


def set_password(uow: UnitOfWork, user_id: UUID, password_hash: str, now: datetime) -> None:
    """Store a new password's hash."""
    run(
        uow,
        """
        update "user" set password_hash = %(hash)s, password_changed_at = %(now)s, updated_at = now()
        where id = %(id)s
        """,
        {"id": user_id, "hash": password_hash, "now": now},
    )


def has_signed_in_from(uow: UnitOfWork, email: str, address: str, since: datetime) -> bool:
    """Say whether this user has had a session from this address."""
    rows = many(
        uow,
        """
        select 1 as one from session s join "user" u on u.id = s.user_id
        where u.email = %(email)s and s.address = %(address)s and s.created_at > %(since)s limit 1
        """,
        {"email": email, "address": address, "since": since},
    )
    return bool(rows)


def lock_keys(uow: UnitOfWork, keys: Iterable[str]) -> None:
    """Let tries of the same account or address be counted one after another, until the commit."""
    with uow.everywhere(), uow.cursor() as cursor:
        for key in sorted(keys):
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 7203004))", [key])


def failures(uow: UnitOfWork, key: str, since: datetime) -> list[datetime]:
    """List the failed tries under a key, oldest first."""
    rows = many(
        uow,
        "select at from login_attempt where key = %(key)s and at > %(since)s order by at",
        {"key": key, "since": since},
    )
    return [row["at"] for row in rows]


def add_failure(uow: UnitOfWork, keys: Iterable[str], at: datetime) -> list[UUID]:
    """Count a try as failed before it is made: a crash or a race never makes one free."""
    made: list[UUID] = []
    with uow.everywhere(), uow.cursor() as cursor:
        for key in keys:
            made.append(new_id())
            cursor.execute("insert into login_attempt (id, key, at) values (%s, %s, %s)", [made[-1], key, at])
    return made


def forgive(uow: UnitOfWork, key: str, attempts: Iterable[UUID]) -> None:
    """Take back the failures of the account that has signed in, and this very try everywhere."""
    run(uow, "delete from login_attempt where key = %(key)s or id = any(%(ids)s)", {"key": key, "ids": list(attempts)})


def forget_failures(uow: UnitOfWork, before: datetime) -> int:
    """Remove tries that no limit looks at any more."""
    with uow.everywhere(), uow.cursor() as cursor:
        cursor.execute("delete from login_attempt where at < %s", [before])
        return cursor.rowcount
