"""Type the password once more before what cannot be undone."""

from __future__ import annotations

from leadflow.audit import service as audit
from leadflow.identity import queries, rules
from leadflow.identity.errors import ConfirmPassword
from leadflow.identity.service.acting import person
from leadflow.identity.service.attempts import take_attempt
from leadflow.identity.service.secrets import in_pool
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Forbidden, Invalid, NotFound


def confirm(db: Database, actor: Principal, password: str) -> None:
    """Take the caller's password again; for ten minutes this session may do what asks for it (ASVS 5.0, 7.5.1).

    Raises:
        Invalid: it is not the password.
        SlowDown: too many wrong ones.
        Forbidden: the caller has no session.
    """
    user_id = person(actor)
    if actor.session_id is None:
        raise Forbidden
    check_own_password(db, actor, password, field="password")
    with db.begin(actor.org_id) as uow:
        queries.confirm_session(uow, actor.session_id, uow.now())
        audit.record(uow, user_id, "session.confirmed", "session", actor.session_id)


def check_own_password(db: Database, actor: Principal, password: str, *, field: str) -> str:
    """Hold a password against the caller's own, with the try counted; answer the caller's address.

    Raises:
        Invalid: it is another.
        SlowDown: too many wrong ones.
    """
    # A user belongs to no organisation, and neither do failed tries.
    with db.begin() as uow:
        found = queries.password_of(uow, person(actor))
    if found is None:
        raise NotFound
    email, stored = found
    key, attempts = take_attempt(db, email, f"session:{actor.session_id}")
    if not in_pool(rules.is_password, password[: rules.LONGEST], stored):
        raise Invalid("This is not your present password.", field)
    with db.begin() as uow:
        queries.forgive(uow, key, attempts)
    return email


def need_confirmed(uow: UnitOfWork, actor: Principal) -> None:
    """Let an act pass only if its person has typed the password in this session within ten minutes; signing in counts.

    Raises:
        ConfirmPassword: not so. The page asks for it, and the act is sent again. Keys and machines have no password.
    """
    typed = queries.confirmed_at(uow, actor.session_id) if actor.session_id else None
    if typed is None or uow.now() - typed > rules.CONFIRMED_FOR:
        raise ConfirmPassword
