"""Keys by which programs act."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from leadflow.identity.queries import everywhere, rows
from leadflow.kernel.db import UnitOfWork
from models.base import new_id


@dataclass(frozen=True, slots=True)
class LiveKey:
    """A key that may act now, and whose it is."""

    id: UUID
    user_id: UUID
    org_id: UUID
    role: str
    name: str
    scopes: list[str]
    denied: list[str]
    last_used_at: datetime | None
    unfinished: bool
    """The organisation asks for a second factor, and the key's member has none."""


def live_key(uow: UnitOfWork, key_hash: bytes, now: datetime, *, demo: bool) -> LiveKey | None:
    """Find a key in whatever organisation: it is the key that says which."""
    return everywhere.one(
        uow,
        LiveKey,
        """
        select k.id, k.user_id, k.org_id, m.role, u.name, k.scopes, m.denied, k.last_used_at,
               o.second_factor_required and u.totp_confirmed_at is null as unfinished
        from api_key k
        join "user" u on u.id = k.user_id and u.disabled_at is null and (not u.demo or %(demo)s)
        join membership m on m.org_id = k.org_id and m.user_id = k.user_id and m.disabled_at is null
        join organization o on o.id = k.org_id
        where k.key_hash = %(hash)s and k.revoked_at is null and k.expires_at > %(now)s
        """,
        {"hash": key_hash, "now": now, "demo": demo},
    )


def touch_key(uow: UnitOfWork, key: LiveKey, now: datetime) -> None:
    """Note that a key was used, unless somebody is at it just now."""
    everywhere.run(
        uow,
        """
        update api_key set last_used_at = %(now)s
        where (org_id, id) = (select org_id, id from api_key where org_id = %(org)s and id = %(id)s
                              for update skip locked)
        """,
        {"org": key.org_id, "id": key.id, "now": now},
    )


def add_key(uow: UnitOfWork, values: dict[str, Any]) -> UUID:
    """Write a key of this organisation."""
    made = new_id()
    rows.run(
        uow,
        """
        insert into api_key (org_id, id, created_at, user_id, name, start, key_hash, scopes, expires_at)
        values (%(org)s, %(id)s, %(now)s, %(user_id)s, %(name)s, %(start)s, %(hash)s, %(scopes)s, %(until)s)
        """,
        values | {"org": uow.org(), "id": made},
    )
    return made


def count_keys(uow: UnitOfWork, user_id: UUID, now: datetime) -> int:
    """Count the keys of a member that may still act."""
    found = rows.many(
        uow,
        """
        select count(*) as n from api_key
        where org_id = %(org)s and user_id = %(user)s and revoked_at is null and expires_at > %(now)s
        """,
        {"org": uow.org(), "user": user_id, "now": now},
    )
    return int(found[0]["n"])


def api_keys(uow: UnitOfWork) -> list[dict[str, Any]]:
    """List the organisation's keys that nobody has ended, newest first."""
    return rows.many(
        uow,
        """
        select k.id, k.name, k.start, k.scopes, k.created_at, k.expires_at, k.last_used_at,
               coalesce(u.name, '') as member
        from api_key k left join "user" u on u.id = k.user_id
        where k.org_id = %(org)s and k.revoked_at is null order by k.created_at desc, k.id desc limit 500
        """,
        {"org": uow.org()},
    )


def end_key(uow: UnitOfWork, key_id: UUID, now: datetime) -> bool:
    """End a key of this organisation; False where there is none to end."""
    return bool(
        rows.run(
            uow,
            """
            update api_key set revoked_at = %(now)s, updated_at = now()
            where org_id = %(org)s and id = %(id)s and revoked_at is null
            """,
            {"org": uow.org(), "id": key_id, "now": now},
        )
    )


def forget_keys(uow: UnitOfWork, before: datetime) -> int:
    """Remove keys that were ended or expired long ago; the record keeps who made them."""
    return everywhere.run(
        uow,
        "delete from api_key where least(expires_at, coalesce(revoked_at, expires_at)) < %(before)s",
        {"before": before},
    )
