"""Who acts, and in which organisation."""

from __future__ import annotations

from uuid import UUID

from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Forbidden


def person(actor: Principal) -> UUID:
    """Name the person who acts.

    Raises:
        Forbidden: the system or a program's key, which has no password, no sessions and no second factor.
    """
    if actor.user_id is None or (actor.session_id is None and actor.only is not None):
        raise Forbidden
    return actor.user_id


def enter(uow: UnitOfWork, org_id: UUID) -> None:
    """Make a transaction of no organisation one of ``org_id`` from here on, for the audit event at its end.

    What is about an account (its sessions, its password, its second factor) touches rows of every organisation that
    the person belongs to, so it runs in ``db.begin()``, which sees them all, and is written down in one of them.
    """
    uow.enter(org_id)
