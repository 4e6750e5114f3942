"""Sessions that are open: who comes with one, which there are, and their end."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.identity import queries, rules
from leadflow.identity.errors import SessionEnded
from leadflow.identity.service.acting import enter, person
from leadflow.identity.service.secrets import keys
from leadflow.identity.types import Principal, SessionRow
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import NotFound, Unauthenticated

KEPT = timedelta(days=90)
"""How long ended sessions, links, invitations and keys stay on record."""


def resume(uow: UnitOfWork, sid: str) -> Principal:
    """Name the caller that a session cookie stands for.

    Raises:
        Unauthenticated: no such session, or it has ended, or the member may not come in any more.
    """
    if not sid:
        raise Unauthenticated("Sign in first.")
    return _used(uow, queries.session_by_secret(uow, rules.hashed(sid), uow.now(), demo=keys().demo_users))


def access(uow: UnitOfWork, token: str) -> Principal:
    """Name the caller that an access token stands for; the session is read too, so an ended one fails at once.

    Raises:
        SessionEnded: the token is not ours or expired, or its session has ended.
    """
    now = uow.now()
    session_id = rules.read_access_token(keys(), token, now)
    return _used(uow, queries.session_by_id(uow, session_id, now, demo=keys().demo_users))


def still_open(db: Database, session_ids: Iterable[UUID]) -> set[UUID]:
    """Pick the sessions that may still act: for sockets, which nobody asks while they are idle."""
    with db.begin() as uow:
        return queries.live_among(uow, set(session_ids), uow.now())


def _used(uow: UnitOfWork, live: queries.LiveSession | None) -> Principal:
    if live is None:
        raise SessionEnded
    now = uow.now()
    if now - live.last_used_at > rules.TOUCH:
        queries.touch_session(uow, live.id, now, live.absolute_at if live.remembered else now + rules.IDLE)
    return live.principal()


def sign_out(uow: UnitOfWork, actor: Principal) -> None:
    """End the caller's session."""
    if actor.session_id is not None and queries.revoke(uow, [actor.session_id], "signed_out", uow.now()):
        audit.record(uow, actor.user_id, "session.closed", "session", actor.session_id)


def sign_out_everywhere(db: Database, actor: Principal) -> int:
    """End every session of the caller, this one too.

    Returns:
        How many were open.
    """
    user_id = person(actor)
    # Some of them may look at another organisation, so no organisation's transaction sees them all.
    with db.begin() as uow:
        enter(uow, actor.org_id)
        return end_all(uow, actor.user_id, user_id, "signed_out_everywhere")


def end_all(uow: UnitOfWork, by: UUID | None, user_id: UUID, why: str, *, keep: UUID | None = None) -> int:
    """End every session of a user, in whatever organisation, except ``keep``."""
    now = uow.now()
    wanted = [session_id for session_id in queries.open_sessions(uow, user_id, now) if session_id != keep]
    ended = queries.revoke(uow, wanted, why, now)
    audit.record(uow, by, "session.all_closed", "user", user_id, {"why": why, "count": len(ended)})
    return len(ended)


def sessions(db: Database, actor: Principal) -> tuple[SessionRow, ...]:
    """List where the caller is signed in, in whatever organisation, used last first."""
    user_id = person(actor)
    with db.begin() as uow:
        rows = queries.session_rows(uow, user_id, uow.now())
    return tuple(
        SessionRow(
            current=row["id"] == actor.session_id,
            device=rules.device(row["user_agent"]),
            place=row["address"],
            **row,
        )
        for row in rows
    )


def end_session(db: Database, actor: Principal, session_id: UUID) -> None:
    """End one of the caller's own sessions.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    user_id = person(actor)
    # It may look at another organisation of the same person.
    with db.begin() as uow:
        now = uow.now()
        if session_id not in queries.open_sessions(uow, user_id, now):
            raise NotFound
        queries.revoke(uow, [session_id], "closed_by_user", now)
        enter(uow, actor.org_id)
        audit.record(uow, user_id, "session.closed", "session", session_id)


def tidy(db: Database) -> int:
    """Remove what ended long ago: tries, sessions, links, invitations, keys of programs.

    Returns:
        How many rows went.
    """
    with db.begin() as uow:
        old = uow.now() - KEPT
        return sum(
            (
                queries.forget_failures(uow, uow.now() - timedelta(days=1)),
                queries.forget_sessions(uow, old),
                queries.forget_one_time(uow, old),
                queries.forget_invitations(uow, old),
                queries.forget_keys(uow, old),
            )
        )
