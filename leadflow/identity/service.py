"""Sign in, stay signed in, sign out; members and the organisation's own settings.

Every use case that changes something writes its audit event in the same transaction.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from functools import cache
from typing import TYPE_CHECKING, Any
from uuid import UUID

import structlog

from leadflow.audit import service as audit
from leadflow.identity import queries, rules
from leadflow.identity.errors import LastOwner, SessionEnded, SlowDown, WrongCredentials
from leadflow.identity.queries import REVOKED
from leadflow.identity.types import (
    DEMO_PASSWORD,
    Caller,
    CookieNames,
    Credentials,
    DemoLogin,
    FrameFacts,
    Keys,
    MemberChange,
    MemberInput,
    MemberRow,
    OrganizationInput,
    OrganizationView,
    Principal,
    SessionRow,
    SignedIn,
)
from leadflow.kernel.db import Database, UnitOfWork, enter_organisation
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unauthenticated
from models.identity import Membership, Organization, User
from models.vocabulary import Permission, Role

if TYPE_CHECKING:
    from collections.abc import Generator

log = structlog.get_logger(__name__)

__all__ = ["REVOKED"]

PLAIN = CookieNames("lf_sid", "lf_at", "lf_rt")
SECURE = CookieNames("__Host-lf_sid", "__Host-lf_at", "__Secure-lf_rt")
"""Names by which a browser itself refuses a cookie that was set over http or for another host (RFC 6265bis)."""
KNOWN_FOR = timedelta(days=30)
"""How long an address counts as one that the user signs in from."""
KEPT = timedelta(days=90)
"""How long ended sessions stay on record."""

_keys: Keys | None = None
_hashing = ThreadPoolExecutor(2, thread_name_prefix="password")
"""At most two passwords are hashed at once, so that guessing cannot starve the page of processors."""
_waiting = threading.BoundedSemaphore(12)


def configure(keys: Keys) -> None:
    """Give this process its keys; called once by the door at start."""
    global _keys  # noqa: PLW0603 one key ring a process, read from the settings at start
    _keys = keys


def keys() -> Keys:
    """Answer the keys.

    Raises:
        RuntimeError: the process was started without them.
    """
    if _keys is None:
        msg = "identity.service.configure was not called"
        raise RuntimeError(msg)
    return _keys


def cookies() -> CookieNames:
    """Name the cookies of this installation."""
    return SECURE if keys().secure else PLAIN


# Sessions


def sign_in(db: Database, credentials: Credentials, caller: Caller) -> SignedIn:
    """Check a password and open a session.

    The answer takes as long and reads the same whether or not there is such an account.

    Raises:
        WrongCredentials: address or password, or both.
        SlowDown: too many failures; passes by itself.
    """
    email = credentials.email.strip().lower()
    key, attempts = _take_attempt(db, email, caller.address)
    with db.begin() as uow:
        found = queries.account(uow, email)
    usable = found is not None and found.org_id is not None and (keys().demo_users or not found.demo)
    stored = found.password_hash if found and usable else _dummy(keys())
    if not _in_pool(rules.is_password, credentials.password[: rules.LONGEST], stored) or not (found and usable):
        log.warning("session.refused", address=caller.address)
        raise WrongCredentials
    with db.begin(found.org_id) as uow:
        queries.forgive(uow, key, attempts)
        opened = _open(uow, found.id, caller)
        audit.record(uow, found.id, "session.opened", "session", opened.session_id)
    return opened


def _take_attempt(db: Database, email: str, address: str) -> tuple[str, list[UUID]]:
    """Count the try before it is made, or refuse it.

    An address that the user has signed in from has a count of its own, so that strangers cannot lock the user out.
    """
    secret = rules.hashed(keys().peppered("login").hex() + email).hex()[:32]
    with db.begin() as uow:
        now = uow.now()
        known = queries.has_signed_in_from(uow, email, address, now - KNOWN_FOR)
        account = f"account:{secret}@{address}" if known else f"account:{secret}"
        counted = {account: "known" if known else "account", f"address:{address}": "address"}
        queries.lock_keys(uow, counted)
        waits = [
            rules.wait_before(kind, queries.failures(uow, key, now - rules.WINDOW), now)
            for key, kind in counted.items()
        ]
        if max(waits) > timedelta(0):
            raise SlowDown(int(max(waits).total_seconds()) + 1)
        return account, queries.add_failure(uow, counted, now)


def _open(uow: UnitOfWork, user_id: UUID, caller: Caller) -> SignedIn:
    now, sid, refresh = uow.now(), secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    old = queries.open_sessions(uow, user_id, now)[rules.SESSIONS - 1 :]
    queries.revoke(uow, old, "too_many", now)
    until = now + rules.ABSOLUTE
    session_id = queries.add_session(
        uow,
        {
            "user_id": user_id,
            "org_id": uow.org(),
            "sid_hash": rules.hashed(sid),
            "idle_at": now + rules.IDLE,
            "absolute_at": until,
            "now": now,
            "user_agent": caller.user_agent[:300],
            "address": caller.address[:64],
        },
    )
    queries.add_token(uow, session_id, rules.hashed(refresh), until, None)
    return _signed_in(uow, session_id, sid, refresh, until)


def _signed_in(uow: UnitOfWork, session_id: UUID, sid: str | None, refresh: str, until: datetime) -> SignedIn:
    now = uow.now()
    live = queries.session_by_id(uow, session_id, now, demo=keys().demo_users)
    if live is None:
        raise SessionEnded
    access = rules.access_token(keys(), live.user_id, session_id, now)
    return SignedIn(live.principal(), session_id, sid, access, now + rules.ACCESS, refresh, until, now)


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
        queries.touch_session(uow, live.id, now, now + rules.IDLE)
    return live.principal()


def refresh(db: Database, token: str) -> SignedIn:
    """Trade a refresh token for its child and a new access token.

    A token that is shown again after its leeway, or after its child was used, was copied: the whole session ends,
    in the same transaction that finds out.

    Raises:
        SessionEnded: not ours, used up, or the session has ended.
    """
    with db.begin() as uow:
        answer = _rotate(uow, token)
    if answer is None:
        raise SessionEnded
    return answer


def _rotate(uow: UnitOfWork, raw: str) -> SignedIn | None:
    now = uow.now()
    token = queries.token(uow, rules.hashed(raw), now, demo=keys().demo_users)
    if token is None:
        return None
    _enter(uow, token.org_id)
    match rules.rotation(token.facts, now):
        case rules.Mint():
            child = rules.child_of(keys(), keys().current, raw)
            child_id = queries.add_token(uow, token.session_id, rules.hashed(child), token.absolute_at, token.id)
            queries.use_token(uow, token.id, child_id, now)
            return _signed_in(uow, token.session_id, None, child, token.absolute_at)
        case rules.Repeat():
            return _signed_in(uow, token.session_id, None, _same_child(token, raw), token.absolute_at)
        case rules.Stolen():
            queries.revoke(uow, [token.session_id], "refresh_reused", now)
            audit.record(uow, token.user_id, "session.revoked", "session", token.session_id, {"why": "refresh_reused"})
            log.warning("session.refresh_reused", session_id=str(token.session_id))
            return None
        case rules.Dead():
            return None


def _same_child(token: queries.Token, raw: str) -> str:
    """Derive the child again; it may have been made with a key that does not sign any more."""
    children = (rules.child_of(keys(), key_id, raw) for key_id in keys().ring)
    found = next((child for child in children if rules.hashed(child) == token.child_hash), None)
    if found is None:
        raise SessionEnded
    return found


def sign_out(uow: UnitOfWork, actor: Principal) -> None:
    """End the caller's session."""
    if actor.session_id is not None and queries.revoke(uow, [actor.session_id], "signed_out", uow.now()):
        audit.record(uow, actor.user_id, "session.closed", "session", actor.session_id)


def sign_out_everywhere(uow: UnitOfWork, actor: Principal) -> int:
    """End every session of the caller, this one too.

    Returns:
        How many were open.
    """
    return _end_all(uow, actor, _person(actor), "signed_out_everywhere")


def _end_all(uow: UnitOfWork, actor: Principal, user_id: UUID, why: str, *, keep: UUID | None = None) -> int:
    now = uow.now()
    wanted = [session_id for session_id in queries.open_sessions(uow, user_id, now) if session_id != keep]
    ended = queries.revoke(uow, wanted, why, now)
    audit.record(uow, actor.user_id, "session.all_closed", "user", user_id, {"why": why, "count": len(ended)})
    return len(ended)


def sessions(uow: UnitOfWork, actor: Principal) -> tuple[SessionRow, ...]:
    """List where the caller is signed in, used last first."""
    rows = queries.session_rows(uow, _person(actor), uow.now())
    return tuple(SessionRow(current=row["id"] == actor.session_id, **row) for row in rows)


def end_session(uow: UnitOfWork, actor: Principal, session_id: UUID) -> None:
    """End one of the caller's own sessions.

    Raises:
        NotFound: there is none, or it is somebody else's.
    """
    now = uow.now()
    if session_id not in queries.open_sessions(uow, _person(actor), now):
        raise NotFound
    queries.revoke(uow, [session_id], "closed_by_user", now)
    audit.record(uow, actor.user_id, "session.closed", "session", session_id)


def change_password(db: Database, actor: Principal, current: str, wanted: str) -> None:
    """Set a new password; every other session ends.

    Raises:
        Invalid: the present password is wrong.
        WeakPassword: the new one may not be used.
    """
    user_id = _person(actor)
    with db.begin() as uow:
        found = queries.password_of(uow, user_id)
    if found is None:
        raise NotFound
    email, stored = found
    key, attempts = _take_attempt(db, email, f"session:{actor.session_id}")
    if not _in_pool(rules.is_password, current[: rules.LONGEST], stored):
        raise Invalid("This is not your present password.", "current")
    rules.check_password(wanted, email=email)
    fresh = _in_pool(rules.hash_password, wanted)
    with db.begin(actor.org_id) as uow:
        queries.forgive(uow, key, attempts)
        queries.set_password(uow, user_id, fresh)
        audit.record(uow, user_id, "password.changed", "user", user_id)
        _end_all(uow, actor, user_id, "password_changed", keep=actor.session_id)


def _person(actor: Principal) -> UUID:
    if actor.user_id is None:
        raise Forbidden
    return actor.user_id


def _enter(uow: UnitOfWork, org_id: UUID) -> None:
    uow.org_id = org_id
    enter_organisation(uow.session, org_id)


@contextmanager
def _queued() -> Generator[None]:
    if not _waiting.acquire(blocking=False):
        raise SlowDown(2)
    try:
        yield
    finally:
        _waiting.release()


def _in_pool(work: Any, *arguments: Any) -> Any:  # noqa: ANN401 two functions of rules
    """Hash in the pool of its own; a crowd waiting there is sent away rather than kept."""
    with _queued():
        return _hashing.submit(work, keys(), *arguments).result()


@cache
def _dummy(of: Keys) -> str:
    """Make a hash that no password fits, of the same cost as the real ones."""
    return rules.hash_password(of, secrets.token_urlsafe(32))


# Organisation and members


def create_organization(uow: UnitOfWork, name: str, *, timezone: str = "America/New_York") -> UUID:
    """Found an organisation; the transaction is its own from here on."""
    made = Organization(name=name, timezone=timezone)
    uow.session.add(made)
    uow.session.flush()
    _enter(uow, made.id)
    audit.record(uow, None, "organization.created", "organization", made.id)
    return made.id


def add_member(uow: UnitOfWork, email: str, name: str, password: str, role: Role, *, demo: bool = False) -> UUID:
    """Make a user and a membership without a caller: for the command line and the demonstration.

    Raises:
        Conflict: there is such a user already.
        WeakPassword: the password may not be used.
    """
    return _add(
        uow,
        None,
        MemberInput.model_validate({"email": email, "name": name, "password": password, "role": role}),
        demo=demo,
    )


def invite(uow: UnitOfWork, actor: Principal, given: MemberInput) -> UUID:
    """Make a member.

    Raises:
        Forbidden: the role given is above the caller's.
        Conflict: there is such a user already.
        WeakPassword: the first password may not be used.
    """
    rules.require(actor, Permission.MEMBER_WRITE)
    if not rules.may_change_member(actor.role, None, given.role):
        raise Forbidden("You may not give this role.")
    return _add(uow, actor, given, demo=False)


def _add(uow: UnitOfWork, actor: Principal | None, given: MemberInput, *, demo: bool) -> UUID:
    password = given.password.get_secret_value()
    if given.role not in rules.PEOPLE:
        raise Invalid("No person has this role.", "role")
    rules.check_password(password, email=given.email)
    if queries.account(uow, given.email) is not None:
        raise Conflict("This address cannot be added: it belongs to an account already.")
    user = User(email=given.email, name=given.name, password_hash=_in_pool(rules.hash_password, password), demo=demo)
    uow.session.add(user)
    uow.session.flush()
    uow.session.add(Membership(org_id=uow.org(), user_id=user.id, role=given.role))
    uow.session.flush()
    audit.record(uow, actor.user_id if actor else None, "member.added", "user", user.id, {"role": given.role.value})
    return user.id


def members(uow: UnitOfWork, actor: Principal) -> tuple[MemberRow, ...]:
    """List everybody of the organisation."""
    rules.require(actor, Permission.MEMBER_READ)
    return tuple(queries.members(uow))


def change_member(uow: UnitOfWork, actor: Principal, user_id: UUID, change: MemberChange) -> None:
    """Change a member's role, or shut the member out, or let in again. Takes effect at the member's next act.

    Raises:
        NotFound: no such member here.
        Forbidden: an owner, or a role above the caller's.
        LastOwner: nobody would be left to own the organisation.
    """
    rules.require(actor, Permission.MEMBER_WRITE)
    queries.lock_organization(uow)
    found = queries.membership(uow, user_id)
    if found is None:
        raise NotFound
    present, was_active = found
    wanted = change.role or present
    active = was_active if change.active is None else change.active
    if not rules.may_change_member(actor.role, present, wanted):
        raise Forbidden("You may not change this member so.")
    stays = active and wanted is Role.OWNER
    if was_active and not rules.leaves_an_owner(queries.owners(uow), present, stays_owner=stays):
        raise LastOwner
    now = uow.now()
    queries.set_membership(uow, user_id, wanted, None if active else now)
    _apply_to_sessions(uow, user_id, active=active, now=now)
    detail = {"from": present.value, "to": wanted.value, "active": active}
    audit.record(uow, actor.user_id, "member.changed", "user", user_id, detail)


def _apply_to_sessions(uow: UnitOfWork, user_id: UUID, *, active: bool, now: datetime) -> None:
    found = queries.sessions_of_member(uow, user_id)
    if active:
        queries.tell_sockets(uow, found)
    else:
        queries.revoke(uow, found, "member_shut_out", now)


def end_sessions_of(uow: UnitOfWork, actor: Principal, user_id: UUID) -> int:
    """Sign a member out everywhere: a lost laptop.

    Raises:
        NotFound: no such member here.
        Forbidden: an owner, and the caller is none.
    """
    rules.require(actor, Permission.MEMBER_WRITE)
    found = queries.membership(uow, user_id)
    if found is None:
        raise NotFound
    if not rules.may_change_member(actor.role, found[0], found[0]):
        raise Forbidden("You may not sign out an owner.")
    ended = queries.revoke(uow, queries.sessions_of_member(uow, user_id), "closed_by_manager", uow.now())
    audit.record(uow, actor.user_id, "session.all_closed", "user", user_id, {"why": "closed_by_manager"})
    return len(ended)


def organization(uow: UnitOfWork, actor: Principal) -> OrganizationView:
    """Show the organisation's settings."""
    rules.require(actor, Permission.SETTINGS_READ)
    return own_organization(uow)


def own_organization(uow: UnitOfWork) -> OrganizationView:
    """Read the organisation of this transaction, for the frame of the page and for other rooms.

    Raises:
        NotFound: it is gone.
    """
    found = queries.organization(uow)
    if found is None:
        raise NotFound
    return found


def frame(uow: UnitOfWork, actor: Principal) -> FrameFacts:
    """Read what the frame of every page shows to this caller."""
    rules.require(actor, Permission.SESSION_USE)
    only = actor.user_id if rules.only_assigned(actor.role) else None
    found = queries.frame(uow, actor.user_id, only_of=only)
    if found is None:
        raise NotFound
    return found


def change_organization(uow: UnitOfWork, actor: Principal, change: OrganizationInput) -> OrganizationView:
    """Change the organisation's settings; what is absent stays."""
    rules.require(actor, Permission.SETTINGS_WRITE)
    queries.lock_organization(uow)
    row = uow.session.get(Organization, actor.org_id)
    if row is None:
        raise NotFound
    given = {name: getattr(change, name) for name in change.model_fields_set}
    wanted = {name: value for name, value in given.items() if value is not None or name == "monthly_budget_cents"}
    before = {name: getattr(row, name) for name in wanted}
    for name, value in wanted.items():
        setattr(row, name, value)
    uow.session.add(row)
    uow.session.flush()
    shown = {name: [before[name], wanted[name]] for name in sorted(wanted) if name != "name"}
    audit.record(uow, actor.user_id, "organization.changed", "organization", row.id, {"changes": shown})
    return own_organization(uow)


def set_sending(uow: UnitOfWork, actor: Principal, *, paused: bool, why: str) -> None:
    """Pause or resume everything that the organisation sends. The gate reads the switch for every text.

    Args:
        uow: the transaction.
        actor: who answers for it.
        paused: True stops all sending.
        why: for the record and for everybody who wonders; needed to pause.
    """
    rules.require(actor, Permission.SENDING_SWITCH)
    reason = why.strip()[:300]
    if paused and not reason:
        raise Invalid("Say why sending is paused, for everybody who wonders.", "why")
    queries.lock_organization(uow)
    row = uow.session.get(Organization, actor.org_id)
    if row is None:
        raise NotFound
    row.sending_paused, row.sending_paused_why = paused, reason if paused else ""
    row.sending_paused_at = uow.now() if paused else None
    uow.session.add(row)
    uow.session.flush()
    action = "sending.paused" if paused else "sending.resumed"
    audit.record(uow, actor.user_id, action, "organization", row.id, {"why": reason})


def member_principal(uow: UnitOfWork, email: str) -> Principal:
    """Name a member as a caller without a session: for the command line, which has the machine's own trust.

    Raises:
        NotFound: no active member has this address.
    """
    found = queries.member_by_email(uow, email.strip().lower())
    if found is None:
        raise NotFound("No active member has this e-mail address.")
    user_id, org_id, role, name = found
    return Principal(user_id, org_id, role, None, name)


def owner_of(uow: UnitOfWork, organization: str | None = None) -> Principal:
    """Name the owner of an organisation as a caller without a session: for the command line, as ``member_principal``.

    Args:
        uow: a transaction of no organisation.
        organization: its name or id; None where the installation has only one.

    Raises:
        Conflict: there are several, and none was named.
        NotFound: no such organisation, or it has no active owner.
    """
    found = queries.organization_owners(uow, organization)
    if not found:
        raise NotFound(
            "There is no such organisation here. Make one with `leadflow found`, or a demo with `leadflow seed`."
        )
    if len({owner[1] for owner in found}) > 1:
        raise Conflict("There are several organisations. Name one with --org.")
    user_id, org_id, name = found[0]
    return Principal(user_id, org_id, Role.OWNER, None, name)


def demo_logins(uow: UnitOfWork) -> tuple[DemoLogin, ...]:
    """List the sign-ins of the demonstration, strongest role first; none where its users may not sign in."""
    if not keys().demo_users:
        return ()
    found = queries.demo_members(uow)
    ranked = sorted(found, key=lambda member: rules.PEOPLE.index(member[2]))
    return tuple(DemoLogin(email, name, role, DEMO_PASSWORD) for email, name, role in ranked)


def names_of(uow: UnitOfWork, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Name people of this organisation; ids of others are left out."""
    return queries.names_of(uow, set(ids))


def tidy(db: Database) -> int:
    """Remove old tries and old sessions.

    Returns:
        How many rows went.
    """
    with db.begin() as uow:
        now = uow.now()
        return queries.forget_failures(uow, now - timedelta(days=1)) + queries.forget_sessions(uow, now - KEPT)
