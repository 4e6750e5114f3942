"""Second factors, recovery codes, and tokens that work once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadflow.identity.queries.everywhere import many, one, run
from leadflow.kernel.db import UnitOfWork
from models.base import new_id
from models.vocabulary import OneTimeUse


@dataclass(frozen=True, slots=True)
class Factor:
    """A user's second factor, under the lock of the user's row."""

    email: str
    totp_secret: bytes | None
    totp_confirmed_at: datetime | None
    totp_last_step: int | None


def factor(uow: UnitOfWork, user_id: UUID) -> Factor | None:
    """Read a second factor and lock its user, so that codes are taken one after another."""
    return one(
        uow,
        Factor,
        """
        select email, totp_secret, totp_confirmed_at, totp_last_step from "user"
        where id = %(id)s and disabled_at is null for update
        """,
        {"id": user_id},
    )


def begin_factor(uow: UnitOfWork, user_id: UUID, sealed: bytes) -> None:
    """Keep a secret that no code has confirmed yet."""
    run(
        uow,
        """
        update "user" set totp_secret = %(sealed)s, totp_confirmed_at = null, totp_last_step = null, updated_at = now()
        where id = %(id)s
        """,
        {"id": user_id, "sealed": sealed},
    )


def confirm_factor(uow: UnitOfWork, user_id: UUID, now: datetime) -> None:
    """Ask for the second factor from now on."""
    run(
        uow,
        'update "user" set totp_confirmed_at = %(now)s, updated_at = now() where id = %(id)s',
        {"id": user_id, "now": now},
    )


def take_step(uow: UnitOfWork, user_id: UUID, step: int) -> None:
    """Note the time step of the code that was taken."""
    run(uow, 'update "user" set totp_last_step = %(step)s where id = %(id)s', {"id": user_id, "step": step})


def drop_factor(uow: UnitOfWork, user_id: UUID) -> None:
    """Forget a second factor and its recovery codes."""
    run(
        uow,
        """
        update "user" set totp_secret = null, totp_confirmed_at = null, totp_last_step = null, updated_at = now()
        where id = %(id)s
        """,
        {"id": user_id},
    )
    run(uow, "delete from recovery_code where user_id = %(id)s", {"id": user_id})


def replace_recovery_codes(uow: UnitOfWork, user_id: UUID, hashes: Iterable[bytes]) -> None:
    """Keep new recovery codes; the old ones are void."""
    run(uow, "delete from recovery_code where user_id = %(id)s", {"id": user_id})
    for code_hash in hashes:
        run(
            uow,
            "insert into recovery_code (id, user_id, code_hash) values (%(id)s, %(user)s, %(hash)s)",
            {"id": new_id(), "user": user_id, "hash": code_hash},
        )


def use_recovery_code(uow: UnitOfWork, user_id: UUID, code_hash: bytes, now: datetime) -> bool:
    """Take an unused recovery code; False where there is none."""
    return bool(
        run(
            uow,
            """
            update recovery_code set used_at = %(now)s, updated_at = now()
            where user_id = %(user)s and code_hash = %(hash)s and used_at is null
            """,
            {"user": user_id, "hash": code_hash, "now": now},
        )
    )


def factor_state(uow: UnitOfWork, user_id: UUID) -> tuple[datetime | None, int]:
    """Answer since when a second factor is asked for, and how many recovery codes are left."""
    rows = many(
        uow,
        """
        select totp_confirmed_at,
               (select count(*) from recovery_code c where c.user_id = u.id and c.used_at is null) as left
        from "user" u where u.id = %(id)s
        """,
        {"id": user_id},
    )
    return (rows[0]["totp_confirmed_at"], int(rows[0]["left"])) if rows else (None, 0)


@dataclass(frozen=True, slots=True)
class OneTime:
    """A token that works once, under its lock."""

    id: UUID
    user_id: UUID
    email: str
    expires_at: datetime
    used_at: datetime | None
    remember: bool


def add_one_time(uow: UnitOfWork, values: dict[str, object]) -> None:
    """Write a token's hash."""
    run(
        uow,
        """
        insert into one_time_token (id, created_at, use, user_id, token_hash, expires_at, address, remember)
        values (%(id)s, %(now)s, %(use)s, %(user_id)s, %(hash)s, %(until)s, %(address)s, %(remember)s)
        """,
        values | {"id": new_id()},
    )


def one_time(uow: UnitOfWork, use: OneTimeUse, token_hash: bytes) -> OneTime | None:
    """Find a token of this use and lock it, so that of two who show it one comes second."""
    return one(
        uow,
        OneTime,
        """
        select t.id, t.user_id, u.email, t.expires_at, t.used_at, t.remember
        from one_time_token t join "user" u on u.id = t.user_id and u.disabled_at is null
        where t.token_hash = %(hash)s and t.use = %(use)s for update of t
        """,
        {"hash": token_hash, "use": use.value},
    )


def use_one_time(uow: UnitOfWork, token_id: UUID, now: datetime) -> None:
    """Note that a token has done what it was for."""
    run(
        uow,
        "update one_time_token set used_at = %(now)s, updated_at = now() where id = %(id)s",
        {"id": token_id, "now": now},
    )


def void_one_time(uow: UnitOfWork, user_id: UUID, use: OneTimeUse, now: datetime) -> None:
    """End every unused token of a user for this use."""
    run(
        uow,
        """
        update one_time_token set expires_at = least(expires_at, %(now)s), updated_at = now()
        where user_id = %(user)s and use = %(use)s and used_at is null
        """,
        {"user": user_id, "use": use.value, "now": now},
    )


def count_one_time(uow: UnitOfWork, user_id: UUID, use: OneTimeUse, since: datetime) -> int:
    """Count the tokens that a user was given for this use; takes the user's lock first."""
    run(uow, 'select id from "user" where id = %(id)s for update', {"id": user_id})
    rows = many(
        uow,
        """
        select count(*) as n from one_time_token
        where user_id = %(user)s and use = %(use)s and created_at > %(since)s
        """,
        {"user": user_id, "use": use.value, "since": since},
    )
    return int(rows[0]["n"])


def forget_one_time(uow: UnitOfWork, before: datetime) -> int:
    """Remove tokens that ended long ago."""
    return run(uow, "delete from one_time_token where expires_at < %(before)s", {"before": before})
