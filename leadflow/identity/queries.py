"""All SQL of identity."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg.rows import class_row

from leadflow.identity.types import FrameFacts, MemberRow, OrganizationView, Principal, TokenFacts
from leadflow.kernel.db import UnitOfWork
from models.base import new_id
from models.vocabulary import Role

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

    def principal(self) -> Principal:
        """Name the caller."""
        return Principal(self.user_id, self.org_id, Role(self.role), self.id, self.name)


@dataclass(frozen=True, slots=True)
class Account:
    """A user by address, with the organisation that a new session looks at."""

    id: UUID
    password_hash: str
    org_id: UUID | None
    demo: bool


_LIVE = """
select s.id, s.user_id, s.org_id, m.role, u.name, s.last_used_at
from session s
join "user" u on u.id = s.user_id and u.disabled_at is null and (not u.demo or %(demo)s)
join membership m on m.org_id = s.org_id and m.user_id = s.user_id and m.disabled_at is null
where s.revoked_at is null and s.idle_at > %(now)s and s.absolute_at > %(now)s and
"""


def session_by_secret(uow: UnitOfWork, sid_hash: bytes, now: datetime, *, demo: bool) -> LiveSession | None:
    """Find the live session of a cookie."""
    return _one(uow, LiveSession, _LIVE + "s.sid_hash = %(hash)s", {"hash": sid_hash, "now": now, "demo": demo})


def session_by_id(uow: UnitOfWork, session_id: UUID, now: datetime, *, demo: bool) -> LiveSession | None:
    """Find a live session by its id."""
    return _one(uow, LiveSession, _LIVE + "s.id = %(id)s", {"id": session_id, "now": now, "demo": demo})


def touch_session(uow: UnitOfWork, session_id: UUID, now: datetime, idle_at: datetime) -> None:
    """Note that a session was used, unless somebody is at it just now."""
    _do(
        uow,
        """
        update session set last_used_at = %(now)s, idle_at = least(%(idle)s, absolute_at)
        where id = (select id from session where id = %(id)s and revoked_at is null for update skip locked)
        """,
        {"id": session_id, "now": now, "idle": idle_at},
    )


def account(uow: UnitOfWork, email: str) -> Account | None:
    """Find an active user by address; the organisation is the one joined first."""
    return _one(
        uow,
        Account,
        """
        select u.id, u.password_hash, u.demo,
               (select m.org_id from membership m where m.user_id = u.id and m.disabled_at is null
                order by m.created_at, m.org_id limit 1) as org_id
        from "user" u where u.email = %(email)s and u.disabled_at is null
        """,
        {"email": email},
    )


def password_of(uow: UnitOfWork, user_id: UUID) -> tuple[str, str] | None:
    """Answer a user's address and password hash."""
    with uow.cursor() as cursor:
        cursor.execute('select email, password_hash from "user" where id = %s', [user_id])
        row = cursor.fetchone()
    return (row[0], row[1]) if row else None


def set_password(uow: UnitOfWork, user_id: UUID, password_hash: str) -> None:
    """Store a new password's hash."""
    _do(
        uow,
        'update "user" set password_hash = %(hash)s, updated_at = now() where id = %(id)s',
        {"id": user_id, "hash": password_hash},
    )


def add_session(uow: UnitOfWork, values: dict[str, Any]) -> UUID:
    """Write a new session."""
    made = new_id()
    _do(
        uow,
        """
        insert into session (id, user_id, org_id, sid_hash, idle_at, absolute_at, last_used_at, user_agent, address)
        values (%(id)s, %(user_id)s, %(org_id)s, %(sid_hash)s, %(idle_at)s, %(absolute_at)s, %(now)s, %(user_agent)s,
                %(address)s)
        """,
        values | {"id": made},
    )
    return made


def add_token(
    uow: UnitOfWork, session_id: UUID, token_hash: bytes, expires_at: datetime, parent_id: UUID | None
) -> UUID:
    """Write a refresh token's hash and link it to its parent."""
    made = new_id()
    _do(
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
    _do(
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
    with uow.cursor() as cursor:
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
    with uow.cursor() as cursor:
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
    with uow.cursor() as cursor:
        for session_id in session_ids:
            cursor.execute("select pg_notify(%s, %s)", [REVOKED, str(session_id)])


def open_sessions(uow: UnitOfWork, user_id: UUID, now: datetime) -> list[UUID]:
    """List a user's open sessions, used last first."""
    return [row["id"] for row in session_rows(uow, user_id, now)]


def session_rows(uow: UnitOfWork, user_id: UUID, now: datetime) -> list[dict[str, Any]]:
    """Read a user's open sessions, used last first."""
    return _all(
        uow,
        """
        select id, user_agent, address, created_at, last_used_at, absolute_at as until
        from session where user_id = %(user)s and revoked_at is null and idle_at > %(now)s and absolute_at > %(now)s
        order by last_used_at desc, id desc
        """,
        {"user": user_id, "now": now},
    )


def has_signed_in_from(uow: UnitOfWork, email: str, address: str, since: datetime) -> bool:
    """Say whether this user has had a session from this address."""
    rows = _all(
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
    with uow.cursor() as cursor:
        for key in sorted(keys):
            cursor.execute("select pg_advisory_xact_lock(hashtextextended(%s, 7203004))", [key])


def failures(uow: UnitOfWork, key: str, since: datetime) -> list[datetime]:
    """List the failed tries under a key, oldest first."""
    rows = _all(
        uow,
        "select at from login_attempt where key = %(key)s and at > %(since)s order by at",
        {"key": key, "since": since},
    )
    return [row["at"] for row in rows]


def add_failure(uow: UnitOfWork, keys: Iterable[str], at: datetime) -> list[UUID]:
    """Count a try as failed before it is made: a crash or a race never makes one free."""
    made: list[UUID] = []
    with uow.cursor() as cursor:
        for key in keys:
            made.append(new_id())
            cursor.execute("insert into login_attempt (id, key, at) values (%s, %s, %s)", [made[-1], key, at])
    return made


def forgive(uow: UnitOfWork, key: str, attempts: Iterable[UUID]) -> None:
    """Take back the failures of the account that has signed in, and this very try everywhere."""
    _do(uow, "delete from login_attempt where key = %(key)s or id = any(%(ids)s)", {"key": key, "ids": list(attempts)})


def forget_failures(uow: UnitOfWork, before: datetime) -> int:
    """Remove tries that no limit looks at any more."""
    with uow.cursor() as cursor:
        cursor.execute("delete from login_attempt where at < %s", [before])
        return cursor.rowcount


def forget_sessions(uow: UnitOfWork, before: datetime) -> int:
    """Remove sessions that ended long ago, with their tokens."""
    with uow.cursor() as cursor:
        cursor.execute("delete from session where absolute_at < %s", [before])
        return cursor.rowcount


def members(uow: UnitOfWork) -> list[MemberRow]:
    """List everybody of the organisation, by name."""
    rows = _all(
        uow,
        """
        select u.id, u.email, u.name, m.role, m.disabled_at is null and u.disabled_at is null as active,
               m.created_at as since,
               (select max(s.last_used_at) from session s where s.user_id = u.id and s.org_id = m.org_id)
                 as last_seen_at
        from membership m join "user" u on u.id = m.user_id
        where m.org_id = %(org)s order by lower(u.name), u.id
        """,
        {"org": uow.org()},
    )
    typed: list[dict[str, Any]] = [{**row, "role": Role(row["role"])} for row in rows]
    return [MemberRow(**row) for row in typed]


def member_by_email(uow: UnitOfWork, email: str) -> tuple[UUID, UUID, Role, str] | None:
    """Find an active member by address: user, organisation, role and name; of this organisation, where one is set."""
    rows = _all(
        uow,
        """
        select u.id, m.org_id, m.role, u.name from "user" u join membership m on m.user_id = u.id
        where u.email = %(email)s and u.disabled_at is null and m.disabled_at is null
          and (%(org)s::uuid is null or m.org_id = %(org)s)
        order by m.created_at, m.org_id limit 1
        """,
        {"email": email, "org": uow.org_id},
    )
    return (rows[0]["id"], rows[0]["org_id"], Role(rows[0]["role"]), rows[0]["name"]) if rows else None


def organization_owners(uow: UnitOfWork, organization: str | None) -> list[tuple[UUID, UUID, str]]:
    """List active owners, the eldest of each organisation first: user, organisation, name."""
    rows = _all(
        uow,
        """
        select u.id, m.org_id, u.name from "user" u join membership m on m.user_id = u.id
        join organization o on o.id = m.org_id
        where m.role = 'owner' and u.disabled_at is null and m.disabled_at is null
          and (%(named)s::text is null or o.id::text = %(named)s or lower(o.name) = lower(%(named)s))
        order by m.org_id, m.created_at, u.id limit 50
        """,
        {"named": organization},
    )
    return [(row["id"], row["org_id"], row["name"]) for row in rows]


def demo_members(uow: UnitOfWork) -> list[tuple[str, str, Role]]:
    """List the active users of the demonstration: address, name, role."""
    rows = _all(
        uow,
        """
        select u.email, u.name, m.role from "user" u join membership m on m.user_id = u.id
        where u.demo and u.disabled_at is null and m.disabled_at is null order by u.created_at, u.id limit 20
        """,
        {},
    )
    return [(row["email"], row["name"], Role(row["role"])) for row in rows]


def lock_organization(uow: UnitOfWork) -> None:
    """Let changes of an organisation's members and settings happen one after another."""
    _do(uow, "select id from organization where id = %(org)s for update", {"org": uow.org()})


def membership(uow: UnitOfWork, user_id: UUID) -> tuple[Role, bool] | None:
    """Answer a member's role and whether the membership is active."""
    rows = _all(
        uow,
        "select role, disabled_at is null as active from membership where org_id = %(org)s and user_id = %(user)s",
        {"org": uow.org(), "user": user_id},
    )
    return (Role(rows[0]["role"]), rows[0]["active"]) if rows else None


def owners(uow: UnitOfWork) -> int:
    """Count the organisation's active owners."""
    rows = _all(
        uow,
        """
        select count(*) as n from membership m join "user" u on u.id = m.user_id
        where m.org_id = %(org)s and m.role = 'owner' and m.disabled_at is null and u.disabled_at is null
        """,
        {"org": uow.org()},
    )
    return int(rows[0]["n"])


def set_membership(uow: UnitOfWork, user_id: UUID, role: Role, disabled_at: datetime | None) -> None:
    """Change a member's role and standing."""
    _do(
        uow,
        """
        update membership set role = %(role)s, disabled_at = %(disabled)s, updated_at = now()
        where org_id = %(org)s and user_id = %(user)s
        """,
        {"org": uow.org(), "user": user_id, "role": role.value, "disabled": disabled_at},
    )


def sessions_of_member(uow: UnitOfWork, user_id: UUID) -> list[UUID]:
    """List a member's sessions in this organisation that are not ended."""
    rows = _all(
        uow,
        "select id from session where user_id = %(user)s and org_id = %(org)s and revoked_at is null",
        {"user": user_id, "org": uow.org()},
    )
    return [row["id"] for row in rows]


def organization(uow: UnitOfWork) -> OrganizationView | None:
    """Read the organisation of this transaction."""
    return _one(
        uow,
        OrganizationView,
        """
        select id, name, timezone, approval_threshold, price_per_segment_cents_x100, monthly_budget_cents,
               sending_paused, sending_paused_why, sending_paused_at
        from organization where id = %(org)s
        """,
        {"org": uow.org()},
    )


def frame(uow: UnitOfWork, user_id: UUID | None, *, only_of: UUID | None) -> FrameFacts | None:
    """Read what the frame of every page shows.

    Args:
        uow: a transaction of the organisation.
        user_id: who looks.
        only_of: count only conversations about this user's leads; None counts all.
    """
    return _one(
        uow,
        FrameFacts,
        """
        select o.name as organization, o.sending_paused, o.sending_paused_why,
               coalesce((select u.email from "user" u where u.id = %(user)s), '') as email,
               (select count(*) from conversation c left join lead l on l.org_id = c.org_id and l.id = c.lead_id
                where c.org_id = o.id and c.unread > 0 and (%(only)s::uuid is null or l.assignee_id = %(only)s))
                 as waiting
        from organization o where o.id = %(org)s
        """,
        {"org": uow.org(), "user": user_id, "only": only_of},
    )


def live_among(uow: UnitOfWork, session_ids: Iterable[UUID], now: datetime) -> set[UUID]:
    """Pick the sessions that may still act."""
    rows = _all(
        uow,
        """
        select id from session
        where id = any(%(ids)s) and revoked_at is null and idle_at > %(now)s and absolute_at > %(now)s
        """,
        {"ids": list(session_ids), "now": now},
    )
    return {row["id"] for row in rows}


def names_of(uow: UnitOfWork, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Name people of this organisation; others are left out."""
    rows = _all(
        uow,
        """
        select u.id, u.name from "user" u join membership m on m.user_id = u.id
        where m.org_id = %(org)s and u.id = any(%(ids)s)
        """,
        {"org": uow.org(), "ids": list(ids)},
    )
    return {row["id"]: row["name"] for row in rows}


def _one(uow: UnitOfWork, kind: type[Any], query: str, values: dict[str, Any]) -> Any:  # noqa: ANN401 a row of ``kind``
    with uow.connection().cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(query.encode(), values).fetchone()


def _all(uow: UnitOfWork, query: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    with uow.cursor() as cursor:
        cursor.execute(query.encode(), values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _do(uow: UnitOfWork, query: str, values: dict[str, Any]) -> None:
    with uow.cursor() as cursor:
        cursor.execute(query.encode(), values)
