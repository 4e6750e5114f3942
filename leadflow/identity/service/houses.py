"""The organisation itself: found it, show it, change its settings, stop its sending."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.identity import queries, rules
from leadflow.identity.service.acting import enter, person
from leadflow.identity.types import MAY_BE_NONE, FrameFacts, OrganizationInput, OrganizationView, Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Invalid, NotFound
from leadflow.mail import service as mail
from leadflow.mail.types import MailRow
from models.identity import Organization
from models.vocabulary import Permission


def create_organization(uow: UnitOfWork, name: str, *, timezone: str = "America/New_York") -> UUID:
    """Found an organisation; the transaction is its own from here on."""
    made = Organization(name=name, timezone=timezone)
    uow.session.add(made)
    uow.session.flush()
    enter(uow, made.id)
    audit.record(uow, None, "organization.created", "organization", made.id)
    return made.id


def organization(uow: UnitOfWork, actor: Principal) -> OrganizationView:
    """Show the organisation's settings."""
    rules.require(actor, Permission.SETTINGS_READ)
    return own_organization(uow)


def own_organization(uow: UnitOfWork) -> OrganizationView:
    """Read the organisation of this transaction, for the frame of the page and for other rooms.

    Raises:
        NotFound: it is gone.
    """
    found = queries.organization(uow)
    if found is None:
        raise NotFound
    return found


def frame(uow: UnitOfWork, actor: Principal) -> FrameFacts:
    """Read what the frame of every page shows to this caller."""
    rules.require(actor, Permission.SESSION_USE)
    only = actor.user_id if rules.only_assigned(actor.role) else None
    found = queries.frame(uow, actor.user_id, only_of=only)
    if found is None:
        raise NotFound
    return found


def change_organization(uow: UnitOfWork, actor: Principal, change: OrganizationInput) -> OrganizationView:
    """Change the organisation's settings; what is absent stays."""
    rules.require(actor, Permission.SETTINGS_WRITE)
    queries.lock_organization(uow)
    row = uow.session.get(Organization, actor.org_id)
    if row is None:
        raise NotFound
    given = {name: getattr(change, name) for name in change.model_fields_set}
    wanted = {name: value for name, value in given.items() if value is not None or name in MAY_BE_NONE}
    before = {name: getattr(row, name) for name in wanted}
    if wanted.get("second_factor_required") and not row.second_factor_required:
        _has_one_too(uow, actor)
    for name, value in wanted.items():
        setattr(row, name, value)
    uow.session.add(row)
    uow.session.flush()
    if wanted.get("second_factor_required") and not before["second_factor_required"]:
        # What is open on other machines opens anew, and finds only the set-up.
        queries.tell_sockets(uow, queries.sessions_here(uow))
    if wanted.get("remember_days", row.remember_days) < before.get("remember_days", row.remember_days):
        queries.shorten_remembered(uow, max(timedelta(days=row.remember_days), rules.ABSOLUTE))
    shown = {name: [before[name], wanted[name]] for name in sorted(wanted) if name != "name"}
    audit.record(uow, actor.user_id, "organization.changed", "organization", row.id, {"changes": shown})
    return own_organization(uow)


def _has_one_too(uow: UnitOfWork, actor: Principal) -> None:
    """Nobody shuts the organisation, and themselves, out of everything by asking for what they have not got."""
    since, _ = queries.factor_state(uow, person(actor))
    if since is None:
        raise Conflict("Set up a second factor for yourself first; then ask everybody for one.")


def outbox(uow: UnitOfWork, actor: Principal) -> tuple[MailRow, ...]:
    """Show the mail of the organisation where no server takes it: on machines on which nobody real signs in.

    Raises:
        NotFound: real people sign in here.
    """
    rules.require(actor, Permission.MAIL_READ)
    return mail.outbox(uow)


def set_sending(uow: UnitOfWork, actor: Principal, *, paused: bool, why: str) -> None:
    """Pause or resume everything that the organisation sends. The gate reads the switch for every text.

    Args:
        uow: the transaction.
        actor: who answers for it.
        paused: True stops all sending.
        why: for the record and for everybody who wonders; needed to pause.
    """
    rules.require(actor, Permission.SENDING_SWITCH)
    reason = why.strip()[:300]
    if paused and not reason:
        raise Invalid("Say why sending is paused, for everybody who wonders.", "why")
    queries.lock_organization(uow)
    row = uow.session.get(Organization, actor.org_id)
    if row is None:
        raise NotFound
    row.sending_paused, row.sending_paused_why = paused, reason if paused else ""
    row.sending_paused_at = uow.now() if paused else None
    uow.session.add(row)
    uow.session.flush()
    action = "sending.paused" if paused else "sending.resumed"
    audit.record(uow, actor.user_id, action, "organization", row.id, {"why": reason})
