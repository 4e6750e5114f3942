"""Ask somebody to join, and join."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.identity import queries, rules
from leadflow.identity.errors import CodeNeeded, LinkEnded, WrongCode
from leadflow.identity.service.acting import enter
from leadflow.identity.service.attempts import take_attempt
from leadflow.identity.service.confirming import need_confirmed
from leadflow.identity.service.factors import takes_code
from leadflow.identity.service.secrets import in_pool, keys
from leadflow.identity.service.signing import Start, open_session
from leadflow.identity.types import (
    Caller,
    InvitationInput,
    InvitationLook,
    InvitationRow,
    InvitationState,
    Joining,
    Principal,
    SignedIn,
)
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, NotFound, TooMany
from leadflow.mail import service as mail
from models.vocabulary import MailKind, Permission, Role

OPEN_FOR = timedelta(days=7)
"""How long an invitation may be accepted."""
SHOWN_FOR = timedelta(days=90)
"""How long the list shows what became of one."""
A_DAY = 100
"""Mails with invitations that one organisation may cause in a day: nobody uses us to write to strangers."""


def invite(uow: UnitOfWork, actor: Principal, given: InvitationInput) -> UUID:
    """Ask somebody to join, by mail. Whether the address has an account here is not told.

    Raises:
        Forbidden: the role given is above the caller's, or allows what the caller may not do.
        ConfirmPassword: to invite an owner, the password is asked for again.
        Conflict: a member has this address, or there is an open invitation to it.
        TooMany: a hundred invitations went out within a day.
    """
    rules.require(actor, Permission.MEMBER_WRITE)
    _may_give(uow, actor, given.role)
    # Two who invite the same address at once come one after another.
    queries.lock_organization(uow)
    if queries.is_member_by_email(uow, given.email):
        raise Conflict("A member has this address. Shut out members are let in again in the list of members.")
    now, waiting = uow.now(), queries.open_invitation_to(uow, given.email)
    if waiting is not None:
        invitation_id, until = waiting
        if until > now:
            raise Conflict("There is an open invitation to this address. Send it again, or withdraw it first.")
        queries.withdraw_invitation(uow, invitation_id, now)
    token = secrets.token_urlsafe(32)
    made = queries.add_invitation(
        uow,
        {
            "email": given.email,
            "name": given.name,
            "role": given.role.value,
            "hash": rules.hashed(token),
            "until": now + OPEN_FOR,
            "now": now,
            "by": actor.user_id,
        },
    )
    audit.record(uow, actor.user_id, "invitation.sent", "invitation", made, {"role": given.role.value})
    _write(uow, actor, given.email, given.role, token)
    return made


def resend(uow: UnitOfWork, actor: Principal, invitation_id: UUID) -> None:
    """Send an invitation again, for another seven days; the link of the earlier mail ends.

    Raises:
        NotFound: no such invitation here.
        Conflict: it was accepted or withdrawn.
        Forbidden: the role is above the caller's.
        ConfirmPassword: to invite an owner, the password is asked for again.
        TooMany: a hundred invitations went out within a day.
    """
    email, role = _open_one(uow, actor, invitation_id)
    _may_give(uow, actor, role)
    token = secrets.token_urlsafe(32)
    queries.renew_invitation(uow, invitation_id, rules.hashed(token), uow.now() + OPEN_FOR, actor.user_id)
    audit.record(uow, actor.user_id, "invitation.sent_again", "invitation", invitation_id)
    _write(uow, actor, email, role, token)


def withdraw(uow: UnitOfWork, actor: Principal, invitation_id: UUID) -> None:
    """Take an invitation back; its link ends.

    Raises:
        NotFound: no such invitation here.
        Conflict: it was accepted or withdrawn.
        Forbidden: it is to an owner, and the caller is none.
    """
    _, role = _open_one(uow, actor, invitation_id)
    if not rules.may_change_member(actor.role, None, role):
        raise Forbidden("You may not withdraw the invitation of an owner.")
    queries.withdraw_invitation(uow, invitation_id, uow.now())
    audit.record(uow, actor.user_id, "invitation.withdrawn", "invitation", invitation_id)


def invitations(uow: UnitOfWork, actor: Principal) -> tuple[InvitationRow, ...]:
    """List the organisation's invitations of the last ninety days, newest first."""
    rules.require(actor, Permission.MEMBER_READ)
    now = uow.now()
    return tuple(
        InvitationRow(
            id=row["id"],
            email=row["email"],
            name=row["name"],
            role=Role(row["role"]),
            state=_state(row["accepted_at"], row["withdrawn_at"], row["expires_at"], now),
            created_at=row["created_at"],
            expires_at=row["expires_at"],
            invited_by=row["invited_by"],
        )
        for row in queries.invitations(uow, now - SHOWN_FOR)
    )


def _state(
    accepted: datetime | None, withdrawn: datetime | None, expires_at: datetime, now: datetime
) -> InvitationState:
    if accepted is not None:
        return InvitationState.ACCEPTED
    if withdrawn is not None:
        return InvitationState.WITHDRAWN
    return InvitationState.OPEN if expires_at > now else InvitationState.EXPIRED


def _may_give(uow: UnitOfWork, actor: Principal, role: Role) -> None:
    allowed = rules.ROLES[role] if role in rules.PEOPLE else frozenset(Permission)
    if not rules.may_change_member(actor.role, None, role) or not rules.can_hand_out(actor, frozenset(), allowed):
        raise Forbidden("You may not give this role.")
    if role is Role.OWNER:
        need_confirmed(uow, actor)


def _open_one(uow: UnitOfWork, actor: Principal, invitation_id: UUID) -> tuple[str, Role]:
    rules.require(actor, Permission.MEMBER_WRITE)
    found = queries.invitation(uow, invitation_id)
    if found is None:
        raise NotFound
    if found["accepted_at"] or found["withdrawn_at"]:
        raise Conflict("This invitation was accepted or withdrawn already.")
    return found["email"], Role(found["role"])


def _write(uow: UnitOfWork, actor: Principal, email: str, role: Role, token: str) -> None:
    if mail.count_since(uow, MailKind.INVITATION, uow.now() - timedelta(days=1)) >= A_DAY:
        raise TooMany(f"{A_DAY} invitations went out today. Go on tomorrow.", 24 * 3_600)
    found = queries.organization(uow)
    facts = {
        "organization": found.name if found else "",
        "inviter": actor.name,
        "role": role.value,
        "days": str(OPEN_FOR.days),
        "token": token,
    }
    mail.send(uow, MailKind.INVITATION, email, facts)


# Joining. Whoever holds the link has no caller and no organisation yet: these transactions are of none, and enter that
# of the invitation once its token was found.


def look_at_invitation(db: Database, token: str) -> InvitationLook:
    """Say to the holder of a link what it leads to, and whether to type a password or to choose one.

    Raises:
        LinkEnded: used, withdrawn, expired, replaced, or its inviter may not invite so any more.
    """
    with db.begin() as uow:
        found = _standing(uow, token)
        known = queries.account(uow, found.email)
        return InvitationLook(found.organization, found.email, found.name, found.role, known is not None)


def join(db: Database, given: Joining, caller: Caller) -> SignedIn:
    """Accept an invitation and open a session in its organisation.

    A person with an account shows its present password, and its second factor where one is set; anybody else chooses a
    password. The mail has shown that the address is theirs.

    Raises:
        LinkEnded: see ``look_at_invitation``; also where the account may not come in any more.
        Invalid: not the password of the account.
        CodeNeeded: the password is right, and a code is needed too.
        WrongCode: the code is wrong or was used.
        WeakPassword: the chosen password may not be used.
        SlowDown: too many wrong passwords or codes.
    """
    with db.begin() as uow:
        found = _standing(uow, given.token)
        known = queries.account(uow, found.email)
    if known is None:
        return _join_new(db, given, caller, found.email)
    tries = [take_attempt(db, found.email, caller.address)]
    if not in_pool(rules.is_password, given.password[: rules.LONGEST], known.password_hash):
        raise Invalid("This is not the password of your account.", "password")
    if known.second_factor and not given.code:
        with db.begin() as uow:
            queries.forgive(uow, *tries[0])
        raise CodeNeeded
    if known.second_factor:
        tries.append(take_attempt(db, found.email, caller.address, "factor"))
    with db.begin() as uow:
        found = _standing(uow, given.token)
        if known.demo and not keys().demo_users:
            raise LinkEnded
        if known.second_factor and takes_code(uow, known.id, given.code) is None:
            raise WrongCode
        for key, attempts in tries:
            queries.forgive(uow, key, attempts)
        return _enter_as_member(uow, found, known.id, caller, second_factor=known.second_factor)


def _join_new(db: Database, given: Joining, caller: Caller, email: str) -> SignedIn:
    rules.check_password(given.password, email=email)
    fresh = in_pool(rules.hash_password, given.password)
    with db.begin() as uow:
        found = _standing(uow, given.token)
        user_id = queries.add_user(uow, found.email, given.name or found.name, fresh)
        if user_id is None:
            # The account is shut, or was made by another invitation a moment ago.
            raise LinkEnded
        return _enter_as_member(uow, found, user_id, caller, second_factor=False)


def _enter_as_member(
    uow: UnitOfWork, found: queries.Invited, user_id: UUID, caller: Caller, *, second_factor: bool
) -> SignedIn:
    enter(uow, found.org_id)
    now = uow.now()
    queries.accept_invitation(uow, found.id, now)
    if not queries.add_membership(uow, user_id, found.role, now):
        raise LinkEnded
    audit.record(uow, user_id, "member.joined", "user", user_id, {"role": found.role.value})
    start = Start(user_id, now, rules.ABSOLUTE, second_factor_at=now if second_factor else None)
    return open_session(uow, start, caller)


def _standing(uow: UnitOfWork, token: str) -> queries.Invited:
    """Find an invitation that may be accepted now, and lock it."""
    found = queries.invited(uow, rules.hashed(token))
    if found is None or found.closed or found.expires_at <= uow.now() or found.inviter_role is None:
        raise LinkEnded
    # An invitation is worth what its inviter may do today.
    inviter = Principal(None, found.org_id, found.inviter_role, denied=found.inviter_denied)
    allowed = rules.may_change_member(inviter.role, None, found.role) and rules.may(inviter, Permission.MEMBER_WRITE)
    if not allowed or not rules.can_hand_out(inviter, frozenset(), rules.ROLES[found.role]):
        raise LinkEnded
    return found
