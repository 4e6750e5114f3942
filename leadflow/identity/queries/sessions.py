"""Sessions and their refresh tokens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from leadflow.identity.queries.everywhere import many, one, run
from leadflow.identity.types import Principal, TokenFacts
from leadflow.kernel.db import UnitOfWork
from models.base import new_id
from models.vocabulary import Permission, Role

REVOKED = "leadflow_revoked"
"""Channel on which Postgres tells every web process, at the commit, whose sockets to close."""


@dataclass(frozen=True, slots=True)
class LiveSession:
    """A session that may act now."""

    id: UUID
    user_id: UUID
    org_id: UUID
    role: str
    name: str
    last_used_at: datetime
    absolute_at: datetime
    remembered: bool
    denied: list[str]
    unfinished: bool
    """The organisation asks for a second factor, and this member has none."""

    def principal(self) -> Principal:
        """Name the caller; without the second factor that is asked for, one who may only set it up."""
        only = frozenset({Permission.SESSION_USE}) if self.unfinished else None
        return Principal(
            self.user_id, self.org_id, Role(self.role), self.id, self.name, permissions_of(self.denied), only
        )


def permissions_of(words: Iterable[str]) -> frozenset[Permission]:
    """Read a row's list of permissions; a word that is none any more is left out."""
    listed = set(words)
    return frozenset(permission for permission in Permission if permission.value in listed)


_LIVE = """
select s.id, s.user_id, s.org_id, m.role, u.name, s.last_used_at, s.absolute_at, s.remembered, m.denied,
       o.second_factor_required and u.totp_confirmed_at is null as unfinished
from session s
join organization o on o.id = s.org_id
join "user" u on u.id = s.user_id and u.disabled_at is null and (not u.demo or %(demo)s)
join membership m on m.org_id = s.org_id and m.user_id = s.user_id and m.disabled_at is null
where s.revoked_at is null and s.idle_at > %(now)s and s.absolute_at > %(now)s and
"""


def session_by_secret(uow: UnitOfWork, sid_hash: bytes, now: datetime, *, demo: bool) -> LiveSession | None:
    """Find the live session of a cookie."""
    return one(uow, LiveSession, _LIVE + "s.sid_hash = %(hash)s", {"hash": sid_hash, "now": now, "demo": demo})


def session_by_id(uow: UnitOfWork, session_id: UUID, now: datetime, *, demo: bool) -> LiveSession | None:
    """Find a live session by its id."""
    return one(uow, LiveSession, _LIVE + "s.id = %(id)s", {"id": session_id, "now": now, "demo": demo})


def touch_session(uow: UnitOfWork, session_id: UUID, now: datetime, idle_at: datetime) -> None:
    """Note that a session was used, unless somebody is at it just now."""
    run(
        uow,
        """
        update session set last_used_at = %(now)s, idle_at = least(%(idle)s, absolute_at)
        where id = (select id from session where id = %(id)s and revoked_at is null for update skip locked)
        """,
        {"id": session_id, "now": now, "idle": idle_at},
    )


def add_session(uow: UnitOfWork, values: dict[str, Any]) -> UUID:
    """Write a new session."""
    made = new_id()
    run(
        uow,
        """
        insert into session (id, created_at, user_id, org_id, sid_hash, idle_at, absolute_at, last_used_at, user_agent,
                             address, second_factor_at, confirmed_at, remembered)
        values (%(id)s, %(now)s, %(user_id)s, %(org_id)s, %(sid_hash)s, %(idle_at)s, %(absolute_at)s, %(now)s,
                %(user_agent)s, %(address)s, %(second_factor_at)s, %(confirmed_at)s, %(remembered)s)
        """,
        values | {"id": made},
    )
    return made


def add_token(
    uow: UnitOfWork, session_id: UUID, token_hash: bytes, expires_at: datetime, parent_id: UUID | None
) -> UUID:
    """Write a refresh token's hash and link it to its parent."""
    made = new_id()
    run(
        uow,
        """
        insert into refresh_token (id, session_id, token_hash, parent_id, expires_at)
        values (%(id)s, %(session)s, %(hash)s, %(parent)s, %(until)s)
        """,
        {"id": made, "session": session_id, "hash": token_hash, "parent": parent_id, "until": expires_at},
    )
    return made


def use_token(uow: UnitOfWork, token_id: UUID, child_id: UUID, now: datetime) -> None:
    """Note that a refresh token has its child."""
    run(
        uow,
        "update refresh_token set used_at = %(now)s, child_id = %(child)s, updated_at = now() where id = %(id)s",
        {"id": token_id, "child": child_id, "now": now},
    )


@dataclass(frozen=True, slots=True)
class Token:
    """A refresh token under the lock of its session."""

    id: UUID
    session_id: UUID
    user_id: UUID
    org_id: UUID
    absolute_at: datetime
    child_hash: bytes | None
    facts: TokenFacts


def token(uow: UnitOfWork, token_hash: bytes, now: datetime, *, demo: bool) -> Token | None:
    """Find a refresh token and lock its session, so that tokens of one family are decided one after another."""
    with uow.everywhere(), uow.cursor() as cursor:
        cursor.execute("select session_id from refresh_token where token_hash = %s", [token_hash])
        found = cursor.fetchone()
        if found is None:
            return None
        cursor.execute("select id from session where id = %s for update", [found[0]])
        cursor.execute(
            """
            select t.id, t.session_id, s.user_id, s.org_id, s.absolute_at, c.token_hash,
                   s.revoked_at is null and s.idle_at > %(now)s and s.absolute_at > %(now)s
                     and u.disabled_at is null and (not u.demo or %(demo)s)
                     and m.user_id is not null and m.disabled_at is null,
                   t.expires_at, t.used_at, coalesce(c.used_at is not null, false)
            from refresh_token t
            join session s on s.id = t.session_id
            join "user" u on u.id = s.user_id
            left join membership m on m.org_id = s.org_id and m.user_id = s.user_id
            left join refresh_token c on c.id = t.child_id
            where t.token_hash = %(hash)s
            """,
            {"hash": token_hash, "now": now, "demo": demo},
        )
        row = cursor.fetchone()
    if row is None:
        return None
    child = None if row[5] is None else bytes(row[5])
    return Token(row[0], row[1], row[2], row[3], row[4], child, TokenFacts(row[6], row[7], row[8], row[9]))


def revoke(uow: UnitOfWork, session_ids: Iterable[UUID], why: str, now: datetime) -> list[UUID]:
    """End sessions and tell every web process at the commit.

    Returns:
        Those that were still open.
    """
    with uow.everywhere(), uow.cursor() as cursor:
        cursor.execute(
            """
            update session set revoked_at = %s, revoked_why = %s, updated_at = now()
            where id = any(%s) and revoked_at is null returning id
            """,
            [now, why, list(session_ids)],
        )
        ended = [row[0] for row in cursor.fetchall()]
        for session_id in ended:
            cursor.execute("select pg_notify(%s, %s)", [REVOKED, str(session_id)])
    return ended


def tell_sockets(uow: UnitOfWork, session_ids: Iterable[UUID]) -> None:
    """Make the sockets of sessions open anew at the commit, because what they may see has changed."""
    with uow.everywhere(), uow.cursor() as cursor:
        for session_id in session_ids:
            cursor.execute("select pg_notify(%s, %s)", [REVOKED, str(session_id)])


def open_sessions(uow: UnitOfWork, user_id: UUID, now: datetime) -> list[UUID]:
    """List a user's open sessions, used last first."""
    return [row["id"] for row in session_rows(uow, user_id, now)]


def session_rows(uow: UnitOfWork, user_id: UUID, now: datetime) -> list[dict[str, Any]]:
    """Read a user's open sessions, used last first."""
    return many(
        uow,
        """
        select id, user_agent, address, created_at, last_used_at, absolute_at as until, remembered,
               second_factor_at is not null as second_factor
        from session where user_id = %(user)s and revoked_at is null and idle_at > %(now)s and absolute_at > %(now)s
        order by last_used_at desc, id desc
        """,
        {"user": user_id, "now": now},
    )


def sessions_here(uow: UnitOfWork) -> list[UUID]:
    """List every session that looks at this organisation and is not ended."""
    rows = many(uow, "select id from session where org_id = %(org)s and revoked_at is null", {"org": uow.org()})
    return [row["id"] for row in rows]


def live_among(uow: UnitOfWork, session_ids: Iterable[UUID], now: datetime) -> set[UUID]:
    """Pick the sessions that may still act."""
    rows = many(
        uow,
        """
        select id from session
        where id = any(%(ids)s) and revoked_at is null and idle_at > %(now)s and absolute_at > %(now)s
        """,
        {"ids": list(session_ids), "now": now},
    )
    return {row["id"] for row in rows}


def sessions_of_member(uow: UnitOfWork, user_id: UUID) -> list[UUID]:
    """List a member's sessions in this organisation that are not ended."""
    rows = many(
        uow,
        "select id from session where user_id = %(user)s and org_id = %(org)s and revoked_at is null",
        {"user": user_id, "org": uow.org()},
    )
    return [row["id"] for row in rows]


def forget_sessions(uow: UnitOfWork, before: datetime) -> int:
    """Remove sessions that ended long ago, with their tokens."""
    with uow.everywhere(), uow.cursor() as cursor:
        cursor.execute("delete from session where absolute_at < %s", [before])
        return cursor.rowcount


def confirmed_at(uow: UnitOfWork, session_id: UUID) -> datetime | None:
    """Answer when the password was last typed in a session."""
    rows = many(
        uow,
        "select confirmed_at from session where id = %(id)s and revoked_at is null",
        {"id": session_id},
    )
    return rows[0]["confirmed_at"] if rows else None


def confirm_session(uow: UnitOfWork, session_id: UUID, now: datetime) -> None:
    """Note that the password was typed again."""
    run(uow, "update session set confirmed_at = %(now)s where id = %(id)s", {"id": session_id, "now": now})


def show_second_factor(uow: UnitOfWork, session_id: UUID, now: datetime) -> None:
    """Note that a second factor was shown in a session."""
    run(uow, "update session set second_factor_at = %(now)s where id = %(id)s", {"id": session_id, "now": now})


def shorten_remembered(uow: UnitOfWork, longest: timedelta) -> None:
    """Let no session of the organisation stay signed in for longer than its settings say now."""
    run(
        uow,
        """
        update session set absolute_at = least(absolute_at, created_at + %(longest)s),
                           idle_at = least(idle_at, created_at + %(longest)s)
        where org_id = %(org)s and remembered and revoked_at is null
        """,
        {"org": uow.org(), "longest": longest},
    )


def session_owner(uow: UnitOfWork, session_id: UUID) -> dict[str, Any]:
    """Answer whose a session is, on what device and where."""
    rows = many(
        uow,
        """
        select u.email, s.user_agent, s.address from session s join "user" u on u.id = s.user_id where s.id = %(id)s
        """,
        {"id": session_id},
    )
    return rows[0]


@dataclass(frozen=True, slots=True)
class OpenSession:
    """What a session has shown and how long it may last, under its lock."""

    absolute_at: datetime
    confirmed_at: datetime | None
    second_factor_at: datetime | None
    remembered: bool


def open_session_of(uow: UnitOfWork, session_id: UUID, now: datetime) -> OpenSession | None:
    """Read a session that is open, and lock it."""
    return one(
        uow,
        OpenSession,
        """
        select absolute_at, confirmed_at, second_factor_at, remembered from session
        where id = %(id)s and revoked_at is null and idle_at > %(now)s and absolute_at > %(now)s for update
        """,
        {"id": session_id, "now": now},
    )
