"""Change a password, or set a new one with a link that came by mail."""

from __future__ import annotations

import secrets
from contextlib import suppress
from datetime import timedelta
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.identity import queries, rules
from leadflow.identity.errors import LinkEnded
from leadflow.identity.service.acting import enter, person
from leadflow.identity.service.attempts import count_failure
from leadflow.identity.service.confirming import check_own_password
from leadflow.identity.service.living import end_all
from leadflow.identity.service.secrets import in_pool, keys
from leadflow.identity.types import Caller, Principal
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.mail import service as mail
from models.vocabulary import MailKind, OneTimeUse

LINK_FOR = timedelta(minutes=30)
"""How long a link to a new password works (ASVS 5.0, 6.4.4: expires, single use)."""
LINKS = 3
"""Mails an hour to one account: nobody floods a mailbox through us."""

# A password is an account's, in every organisation: each transaction here begins as one of none.


def change_password(db: Database, actor: Principal, current: str, wanted: str) -> None:
    """Set a new password; every other session ends, and a mail says so.

    Raises:
        Invalid: the present password is wrong.
        WeakPassword: the new one may not be used.
    """
    user_id = person(actor)
    email = check_own_password(db, actor, current, field="current")
    rules.check_password(wanted, email=email)
    fresh = in_pool(rules.hash_password, wanted)
    with db.begin() as uow:
        _set(uow, user_id, email, fresh, keep=actor.session_id)


def ask_reset(db: Database, email: str, caller: Caller) -> None:
    """Mail a link by which a new password can be set; an older link ends.

    Says nothing and takes as long whether or not there is such an account, and whether or not it has had three such
    mails within the hour.

    Raises:
        SlowDown: too many links were asked for from this address; passes by itself.
    """
    count_failure(db, "mail", caller.address)
    wanted = rules.typed_email(email)
    with db.begin() as uow:
        found = queries.account(uow, wanted)
        facts = {
            "token": secrets.token_urlsafe(32),
            "place": caller.address or "unknown",
            "minutes": str(LINK_FOR // timedelta(minutes=1)),
        }
        usable = found is not None and found.org_id is not None and (keys().demo_users or not found.demo)
        if found and usable and found.org_id and _may_have_another(uow, found.id):
            _keep_link(uow, found.id, facts["token"], caller)
            enter(uow, found.org_id)
            audit.record(uow, None, "password.link_asked", "user", found.id)
            mail.send(uow, MailKind.PASSWORD_RESET, wanted, facts)
        else:
            _pretend(uow, wanted, facts)


class _Undone(Exception):
    """Takes back what was written for its duration alone."""


def _pretend(uow: UnitOfWork, email: str, facts: dict[str, str]) -> None:
    """Do the work of a mail and take it back, so that the clock tells nothing."""
    with suppress(_Undone), uow.session.begin_nested():
        mail.send(uow, MailKind.PASSWORD_RESET, email, facts)
        raise _Undone


def _may_have_another(uow: UnitOfWork, user_id: UUID) -> bool:
    since = uow.now() - timedelta(hours=1)
    return queries.count_one_time(uow, user_id, OneTimeUse.PASSWORD_RESET, since) < LINKS


def _keep_link(uow: UnitOfWork, user_id: UUID, token: str, caller: Caller) -> None:
    now = uow.now()
    queries.void_one_time(uow, user_id, OneTimeUse.PASSWORD_RESET, now)
    queries.add_one_time(
        uow,
        {
            "use": OneTimeUse.PASSWORD_RESET.value,
            "user_id": user_id,
            "hash": rules.hashed(token),
            "now": now,
            "until": now + LINK_FOR,
            "address": caller.address[:64],
            "remember": False,
        },
    )


def reset(db: Database, token: str, wanted: str) -> None:
    """Set a new password with the link of a mail. Every session of the user ends; the second factor stays.

    A password that may not be used leaves the link as it is.

    Raises:
        LinkEnded: used, expired, replaced, or never was.
        WeakPassword: the password may not be used.
    """
    with db.begin() as uow:
        email = _open_link(uow, token).email
    rules.check_password(wanted, email=email)
    fresh = in_pool(rules.hash_password, wanted)
    with db.begin() as uow:
        link = _open_link(uow, token)
        queries.use_one_time(uow, link.id, uow.now())
        _set(uow, link.user_id, link.email, fresh, keep=None)


def _open_link(uow: UnitOfWork, token: str) -> queries.OneTime:
    found = queries.one_time(uow, OneTimeUse.PASSWORD_RESET, rules.hashed(token))
    if found is None or found.used_at is not None or found.expires_at <= uow.now():
        raise LinkEnded
    return found


def _set(uow: UnitOfWork, user_id: UUID, email: str, fresh: str, *, keep: UUID | None) -> None:
    """Store a password, end sessions and whatever else the old one had opened; every organisation's record has it."""
    now = uow.now()
    queries.set_password(uow, user_id, fresh, now)
    for use in OneTimeUse:
        queries.void_one_time(uow, user_id, use, now)
    concerned = queries.organizations_of(uow, user_id)
    if not concerned:
        raise LinkEnded
    for org_id in reversed(concerned):
        enter(uow, org_id)
        audit.record(uow, user_id, "password.changed", "user", user_id)
    end_all(uow, user_id, user_id, "password_changed", keep=keep)
    mail.send(uow, MailKind.PASSWORD_CHANGED, email, {})
