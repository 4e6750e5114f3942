"""Sign in, and renew."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

import structlog

from leadflow.audit import service as audit
from leadflow.identity import queries, rules
from leadflow.identity.errors import SessionEnded, StepEnded, WrongCode, WrongCredentials
from leadflow.identity.service.acting import enter
from leadflow.identity.service.attempts import take_attempt
from leadflow.identity.service.factors import takes_code, tell
from leadflow.identity.service.secrets import dummy, in_pool, keys
from leadflow.identity.types import Caller, Credentials, SecondFactorAsked, SignedIn
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.mail import service as mail
from models.vocabulary import MailKind, OneTimeUse

log = structlog.get_logger(__name__)


def sign_in(
    db: Database, credentials: Credentials, caller: Caller, *, remember: bool = False
) -> SignedIn | SecondFactorAsked:
    """Check a password and open a session, or ask for the second factor of an account that has one.

    The answer takes as long and reads the same whether or not there is such an account.

    Raises:
        WrongCredentials: address or password, or both.
        SlowDown: too many failures; passes by itself.
    """
    email = rules.typed_email(credentials.email)
    key, attempts = take_attempt(db, email, caller.address)
    with db.begin() as uow:
        found = queries.account(uow, email)
    usable = found if found and found.org_id is not None and (keys().demo_users or not found.demo) else None
    stored = usable.password_hash if usable else dummy(keys())
    right = in_pool(rules.is_password, credentials.password[: rules.LONGEST], stored)
    if not right or usable is None or usable.org_id is None:
        log.warning("session.refused", address=caller.address)
        raise WrongCredentials
    # The oldest of too many sessions may look at another organisation, so this is no organisation's transaction.
    with db.begin() as uow:
        enter(uow, usable.org_id)
        queries.forgive(uow, key, attempts)
        if usable.second_factor:
            return _ask_for_code(uow, usable.id, caller, remember=remember)
        life = rules.lifetime(remember=remember, days=usable.remember_days)
        remembered = remember and usable.remember_days > 0
        return open_session(uow, Start(usable.id, uow.now(), life, remembered), caller)


def _ask_for_code(uow: UnitOfWork, user_id: UUID, caller: Caller, *, remember: bool) -> SecondFactorAsked:
    now, token = uow.now(), secrets.token_urlsafe(32)
    until = now + rules.ASKED_FOR
    queries.add_one_time(
        uow,
        {
            "use": OneTimeUse.SECOND_FACTOR.value,
            "user_id": user_id,
            "hash": rules.hashed(token),
            "now": now,
            "until": until,
            "address": caller.address[:64],
            "remember": remember,
        },
    )
    return SecondFactorAsked(token, until, now)


def finish_sign_in(db: Database, token: str, code: str, caller: Caller) -> SignedIn:
    """Take the code of the second factor, or a recovery code, after the password was right.

    Raises:
        StepEnded: the password was typed more than five minutes ago, or this step is done.
        WrongCode: the code is wrong or was used.
        SlowDown: too many wrong codes; passes by itself.
    """
    with db.begin() as uow:
        email = _open_step(uow, token).email
    key, attempts = take_attempt(db, email, caller.address, "factor")
    # Which organisation the session will look at is known only now, so this is no organisation's transaction.
    with db.begin() as uow:
        step, found = _open_step(uow, token), queries.account(uow, email)
        if found is None or found.org_id is None or (found.demo and not keys().demo_users):
            raise StepEnded
        taken = takes_code(uow, step.user_id, code)
        if taken is None:
            log.warning("second_factor.refused", address=caller.address)
            raise WrongCode
        enter(uow, found.org_id)
        queries.use_one_time(uow, step.id, uow.now())
        queries.forgive(uow, key, attempts)
        if taken == "recovery":
            audit.record(uow, step.user_id, "second_factor.recovery_used", "user", step.user_id)
            tell(uow, email, "a recovery code was used to sign in")
        life = rules.lifetime(remember=step.remember, days=found.remember_days)
        remembered = step.remember and found.remember_days > 0
        start = Start(step.user_id, uow.now(), life, remembered, second_factor_at=uow.now())
        return open_session(uow, start, caller)


def _open_step(uow: UnitOfWork, token: str) -> queries.OneTime:
    found = queries.one_time(uow, OneTimeUse.SECOND_FACTOR, rules.hashed(token))
    if found is None or found.used_at is not None or found.expires_at <= uow.now():
        raise StepEnded
    return found


@dataclass(frozen=True, slots=True)
class Start:
    """With what a session begins."""

    user_id: UUID
    confirmed_at: datetime | None
    life: timedelta
    remembered: bool = False
    second_factor_at: datetime | None = None


def open_session(uow: UnitOfWork, start: Start, caller: Caller) -> SignedIn:
    """Write a session and its first refresh token; the eleventh of a user ends the one unused for longest."""
    now, sid, refresh = uow.now(), secrets.token_urlsafe(32), secrets.token_urlsafe(32)
    old = queries.open_sessions(uow, start.user_id, now)[rules.SESSIONS - 1 :]
    queries.revoke(uow, old, "too_many", now)
    until = now + start.life
    session_id = queries.add_session(
        uow,
        {
            "user_id": start.user_id,
            "org_id": uow.org(),
            "sid_hash": rules.hashed(sid),
            "idle_at": until if start.remembered else min(now + rules.IDLE, until),
            "absolute_at": until,
            "now": now,
            "user_agent": caller.user_agent[:300],
            "address": caller.address[:64],
            "second_factor_at": start.second_factor_at,
            "confirmed_at": start.confirmed_at,
            "remembered": start.remembered,
        },
    )
    audit.record(uow, start.user_id, "session.opened", "session", session_id, {"remembered": start.remembered})
    queries.add_token(uow, session_id, rules.hashed(refresh), until, None)
    return signed_in(uow, session_id, sid, refresh, until)


def signed_in(uow: UnitOfWork, session_id: UUID, sid: str | None, refresh: str, until: datetime) -> SignedIn:
    """Put together what the caller of a session gets."""
    now = uow.now()
    live = queries.session_by_id(uow, session_id, now, demo=keys().demo_users)
    if live is None:
        raise SessionEnded
    access = rules.access_token(keys(), live.user_id, session_id, now)
    return SignedIn(live.principal(), session_id, sid, access, now + rules.ACCESS, refresh, until, now)


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
    enter(uow, token.org_id)
    match rules.rotation(token.facts, now):
        case rules.Mint():
            child = rules.child_of(keys(), keys().current, raw)
            child_id = queries.add_token(uow, token.session_id, rules.hashed(child), token.absolute_at, token.id)
            queries.use_token(uow, token.id, child_id, now)
            return signed_in(uow, token.session_id, None, child, token.absolute_at)
        case rules.Repeat():
            return signed_in(uow, token.session_id, None, _same_child(token, raw), token.absolute_at)
        case rules.Stolen():
            queries.revoke(uow, [token.session_id], "refresh_reused", now)
            audit.record(uow, token.user_id, "session.revoked", "session", token.session_id, {"why": "refresh_reused"})
            owner = queries.session_owner(uow, token.session_id)
            facts = {"device": rules.device(owner["user_agent"]), "place": owner["address"] or "unknown"}
            mail.send(uow, MailKind.REFRESH_REUSED, owner["email"], facts)
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
