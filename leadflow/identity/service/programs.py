"""Keys by which programs act in a member's name, within scopes, until they expire."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.identity import queries, rules
from leadflow.identity.errors import KeyRefused
from leadflow.identity.service.acting import person
from leadflow.identity.service.attempts import count_failure
from leadflow.identity.service.confirming import need_confirmed
from leadflow.identity.service.secrets import keys
from leadflow.identity.types import ApiKeyInput, ApiKeyRow, MadeKey, Principal
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Conflict, Invalid, NotFound
from leadflow.mail import service as mail
from models.vocabulary import MailKind, Permission, Role

KEY_START = "lfk_"
"""By which people, and programs that look for lost secrets, know what it is."""
MOST_KEYS = 20
"""Of one member in one organisation."""
_SHOWN = 12


def make_api_key(uow: UnitOfWork, actor: Principal, given: ApiKeyInput) -> MadeKey:
    """Make a key; it is answered once, and only its hash is kept.

    Raises:
        Forbidden: the role does not allow it, or the caller is a program itself.
        ConfirmPassword: the password was typed too long ago.
        Invalid: a scope that no key may have, or that the caller has not got.
        Conflict: the member has twenty keys already.
    """
    rules.require(actor, Permission.API_KEY_WRITE)
    user_id = person(actor)
    need_confirmed(uow, actor)
    wanted = frozenset(given.scopes)
    if beyond := wanted - rules.SCOPES:
        raise Invalid(f"No key may do this: {', '.join(sorted(beyond))}. A person must.", "scopes")
    if beyond := frozenset(scope for scope in wanted if not rules.may(actor, scope)):
        raise Invalid(f"You may not do this yourself: {', '.join(sorted(beyond))}.", "scopes")
    queries.lock_organization(uow)
    now = uow.now()
    if queries.count_keys(uow, user_id, now) >= MOST_KEYS:
        raise Conflict(f"You have {MOST_KEYS} keys. End one that is not used any more first.")
    key = KEY_START + secrets.token_urlsafe(32)
    made = MadeKey(
        id=queries.add_key(
            uow,
            {
                "user_id": user_id,
                "name": given.name,
                "start": key[:_SHOWN],
                "hash": rules.hashed(key),
                "scopes": sorted(wanted),
                "until": now + timedelta(days=given.days),
                "now": now,
            },
        ),
        key=key,
        expires_at=now + timedelta(days=given.days),
    )
    detail = {"scopes": sorted(wanted), "days": given.days}
    audit.record(uow, user_id, "api_key.made", "api_key", made.id, detail)
    _tell(uow, user_id, given.name, key[:_SHOWN])
    return made


def _tell(uow: UnitOfWork, user_id: UUID, name: str, start: str) -> None:
    found, house = queries.password_of(uow, user_id), queries.organization(uow)
    if found and house:
        facts = {"organization": house.name, "name": name, "start": start}
        mail.send(uow, MailKind.API_KEY_MADE, found[0], facts)


def api_keys(uow: UnitOfWork, actor: Principal) -> tuple[ApiKeyRow, ...]:
    """List the organisation's keys, whoever made them; of each only its beginning."""
    rules.require(actor, Permission.API_KEY_WRITE)
    now = uow.now()
    return tuple(
        ApiKeyRow(
            id=row["id"],
            name=row["name"],
            start=row["start"],
            scopes=tuple(sorted(queries.permissions_of(row["scopes"]))),
            member=row["member"],
            created_at=row["created_at"],
            expires_at=row["expires_at"],
            last_used_at=row["last_used_at"],
            expired=row["expires_at"] <= now,
        )
        for row in queries.api_keys(uow)
    )


def end_api_key(uow: UnitOfWork, actor: Principal, key_id: UUID) -> None:
    """End a key of the organisation; its next call is refused.

    Raises:
        NotFound: no such key here, or it was ended.
    """
    rules.require(actor, Permission.API_KEY_WRITE)
    if not queries.end_key(uow, key_id, uow.now()):
        raise NotFound
    audit.record(uow, actor.user_id, "api_key.ended", "api_key", key_id)


def by_key(db: Database, key: str, address: str) -> Principal:
    """Name the caller that a key stands for: the member who made it, within its scopes.

    The role and what was taken from the member are read each time, so a key never does more than its member may today.

    Raises:
        KeyRefused: unknown, expired, ended, or its member may not come in.
        SlowDown: too many unknown ones from this address. A right key is still taken from there.
    """
    # The key itself says which organisation it is for, so this is no organisation's transaction.
    with db.begin() as uow:
        now = uow.now()
        live = queries.live_key(uow, rules.hashed(key), now, demo=keys().demo_users)
        if live and (live.last_used_at is None or now - live.last_used_at > rules.KEY_TOUCH):
            queries.touch_key(uow, live, now)
    if live is None:
        count_failure(db, "key", address)
        raise KeyRefused
    scopes = [] if live.unfinished else live.scopes
    only = queries.permissions_of(scopes) & rules.SCOPES
    return Principal(
        live.user_id, live.org_id, Role(live.role), None, live.name, queries.permissions_of(live.denied), only
    )
