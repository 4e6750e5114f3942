"""Passwords of people who are signed in."""

from __future__ import annotations

from leadflow.audit import service as audit
from leadflow.identity import queries, rules
from leadflow.identity.service.acting import enter, person
from leadflow.identity.service.confirming import check_own_password
from leadflow.identity.service.living import end_all
from leadflow.identity.service.secrets import in_pool
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database


def change_password(db: Database, actor: Principal, current: str, wanted: str) -> None:
    """Set a new password; every other session ends.

    Raises:
        Invalid: the present password is wrong.
        WeakPassword: the new one may not be used.
    """
    user_id = person(actor)
    email = check_own_password(db, actor, current, field="current")
    rules.check_password(wanted, email=email)
    fresh = in_pool(rules.hash_password, wanted)
    # Sessions in every organisation end, so this is no organisation's transaction.
    with db.begin() as uow:
        enter(uow, actor.org_id)
        queries.set_password(uow, user_id, fresh, uow.now())
        audit.record(uow, user_id, "password.changed", "user", user_id)
        end_all(uow, actor, user_id, "password_changed", keep=actor.session_id)
