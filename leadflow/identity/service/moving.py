"""A person in several organisations moves from one to another, and takes nothing along."""

from __future__ import annotations

from uuid import UUID

from leadflow.audit import service as audit
from leadflow.identity import queries, rules
from leadflow.identity.errors import SessionEnded
from leadflow.identity.service.acting import enter, person
from leadflow.identity.service.signing import Start, open_session
from leadflow.identity.types import Caller, OrganizationChoice, Principal, SignedIn
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Conflict, Forbidden, NotFound

# Only a transaction of no organisation sees all that somebody belongs to.


def organizations(db: Database, actor: Principal) -> tuple[OrganizationChoice, ...]:
    """List the organisations that the caller may look at, joined first first."""
    user_id = person(actor)
    with db.begin() as uow:
        homes = queries.homes(uow, user_id)
    return tuple(OrganizationChoice(home.id, home.name, home.role, home.id == actor.org_id) for home in homes)


def switch(db: Database, actor: Principal, org_id: UUID, caller: Caller) -> SignedIn:
    """End the caller's session and open one that looks at another organisation.

    The new session has a secret of its own, so no state of a tab, which is named by it, is ever seen from the other
    organisation. It ends no later than the old one would have; the password and the second factor that were shown
    stay shown.

    Raises:
        NotFound: the caller is no active member there, or there is no such organisation: the two look alike.
        Conflict: the caller is there already.
        SessionEnded: the session ended a moment ago.
    """
    user_id = person(actor)
    if actor.session_id is None:
        raise Forbidden
    with db.begin() as uow:
        now = uow.now()
        old = queries.open_session_of(uow, actor.session_id, now)
        home = next((one for one in queries.homes(uow, user_id) if one.id == org_id), None)
        if old is None:
            raise SessionEnded
        if home is None:
            raise NotFound
        if home.id == actor.org_id:
            raise Conflict("You are looking at this organisation already.")
        queries.revoke(uow, [actor.session_id], "switched", now)
        enter(uow, actor.org_id)
        audit.record(uow, user_id, "session.closed", "session", actor.session_id, {"why": "switched"})
        enter(uow, org_id)
        remembered = old.remembered and home.remember_days > 0
        life = min(old.absolute_at - now, rules.lifetime(remember=remembered, days=home.remember_days))
        start = Start(user_id, old.confirmed_at, life, remembered, second_factor_at=old.second_factor_at)
        return open_session(uow, start, caller)
