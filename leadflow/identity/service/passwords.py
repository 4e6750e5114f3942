"""Passwords of people who are signed in."""

from __future__ import annotations

from leadflow.audit import service as audit
from leadflow.identity import queries, rules
from leadflow.identity.service.acting import enter, person
from leadflow.identity.service.attempts import take_attempt
from leadflow.identity.service.living import end_all
from leadflow.identity.service.secrets import in_pool
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Invalid, NotFound


def change_password(db: Database, actor: Principal, current: str, wanted: str) -> None:
    """Set a new password; every other session ends.

    Raises:
        Invalid: the present password is wrong.
        WeakPassword: the new one may not be used.
    """
    user_id = person(actor)
    with db.begin() as uow:
        found = queries.password_of(uow, user_id)
    if found is None:
        raise NotFound
    email, stored = found
    key, attempts = take_attempt(db, email, f"session:{actor.session_id}")
    if not in_pool(rules.is_password, current[: rules.LONGEST], stored):
        raise Invalid("This is not your present password.", "current")
    rules.check_password(wanted, email=email)
    fresh = in_pool(rules.hash_password, wanted)
    # Sessions in every organisation end, so this is no organisation's transaction.
    with db.begin() as uow:
        enter(uow, actor.org_id)
        queries.forgive(uow, key, attempts)
        queries.set_password(uow, user_id, fresh)
        audit.record(uow, user_id, "password.changed", "user", user_id)
        end_all(uow, actor, user_id, "password_changed", keep=actor.session_id)
