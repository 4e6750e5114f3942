"""Members: who they are, what they may, and out they go."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.identity import queries, rules
from leadflow.identity.errors import LastOwner
from leadflow.identity.service.confirming import need_confirmed
from leadflow.identity.service.secrets import in_pool, keys
from leadflow.identity.types import DEMO_PASSWORD, DemoLogin, MemberChange, MemberInput, MemberRow, Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from models.identity import Membership, User
from models.vocabulary import Permission, Role


def add_member(uow: UnitOfWork, email: str, name: str, password: str, role: Role, *, demo: bool = False) -> UUID:
    """Make a user and a membership without a caller: for the command line and the demonstration.

    Raises:
        Conflict: there is such a user already.
        WeakPassword: the password may not be used.
    """
    return _add(
        uow,
        MemberInput.model_validate({"email": email, "name": name, "password": password, "role": role}),
        demo=demo,
    )


def _add(uow: UnitOfWork, given: MemberInput, *, demo: bool) -> UUID:
    password = given.password.get_secret_value()
    if given.role not in rules.PEOPLE:
        raise Invalid("No person has this role.", "role")
    rules.check_password(password, email=given.email)
    if queries.account(uow, given.email) is not None:
        raise Conflict("This address cannot be added: it belongs to an account already.")
    user = User(email=given.email, name=given.name, password_hash=in_pool(rules.hash_password, password), demo=demo)
    with uow.everywhere():
        uow.session.add(user)
        uow.session.flush()
    uow.session.add(Membership(org_id=uow.org(), user_id=user.id, role=given.role))
    uow.session.flush()
    audit.record(uow, None, "member.added", "user", user.id, {"role": given.role.value})
    return user.id


def members(uow: UnitOfWork, actor: Principal) -> tuple[MemberRow, ...]:
    """List everybody of the organisation."""
    rules.require(actor, Permission.MEMBER_READ)
    return tuple(queries.members(uow))


def change_member(uow: UnitOfWork, actor: Principal, user_id: UUID, change: MemberChange) -> None:
    """Change a member's role, or shut the member out, or let in again. Takes effect at the member's next act.

    Raises:
        NotFound: no such member here.
        Forbidden: an owner, a role above the caller's, or a permission that the caller has not got.
        ConfirmPassword: to make an owner, the password is asked for again.
        Invalid: it takes away what cannot be taken.
        LastOwner: nobody would be left to own the organisation.
    """
    rules.require(actor, Permission.MEMBER_WRITE)
    queries.lock_organization(uow)
    found = queries.membership(uow, user_id)
    if found is None:
        raise NotFound
    wanted = _wanted(found, change)
    if not _may_change(actor, user_id, found, wanted):
        raise Forbidden("You may not change this member so.")
    if wanted.role is Role.OWNER is not found.role:
        need_confirmed(uow, actor)
    stays = wanted.active and wanted.role is Role.OWNER
    if found.active and not rules.leaves_an_owner(queries.owners(uow), found.role, stays_owner=stays):
        raise LastOwner
    now = uow.now()
    queries.set_membership(uow, user_id, wanted, now)
    _apply_to_sessions(uow, user_id, active=wanted.active, now=now)
    detail: dict[str, Any] = {"from": found.role.value, "to": wanted.role.value, "active": wanted.active}
    if wanted.denied != found.denied:
        detail["denied"] = sorted(wanted.denied)
    audit.record(uow, actor.user_id, "member.changed", "user", user_id, detail)


def _wanted(found: queries.Standing, change: MemberChange) -> queries.Standing:
    role = change.role or found.role
    denied = found.denied if change.denied is None else frozenset(change.denied)
    if role is Role.OWNER and change.denied:
        raise Invalid("An owner may do everything. Give another role, then take permissions away.", "denied")
    if Permission.SESSION_USE in denied:
        raise Invalid("To be signed in cannot be taken away. Shut the member out instead.", "denied")
    active = found.active if change.active is None else change.active
    return queries.Standing(role, active, frozenset() if role is Role.OWNER else denied)


def _may_change(actor: Principal, user_id: UUID, found: queries.Standing, wanted: queries.Standing) -> bool:
    """Nobody gives more than they have, and nobody changes what was taken from themselves."""
    if user_id == actor.user_id and wanted.denied != found.denied:
        return False
    gained = rules.ROLES[found.role] - found.denied, rules.ROLES[wanted.role] - wanted.denied
    return rules.may_change_member(actor.role, found.role, wanted.role) and rules.can_hand_out(actor, *gained)


def _apply_to_sessions(uow: UnitOfWork, user_id: UUID, *, active: bool, now: datetime) -> None:
    found = queries.sessions_of_member(uow, user_id)
    if active:
        queries.tell_sockets(uow, found)
    else:
        queries.revoke(uow, found, "member_shut_out", now)


def end_sessions_of(uow: UnitOfWork, actor: Principal, user_id: UUID) -> int:
    """Sign a member out everywhere: a lost laptop.

    Raises:
        NotFound: no such member here.
        Forbidden: an owner, and the caller is none.
    """
    rules.require(actor, Permission.MEMBER_WRITE)
    found = queries.membership(uow, user_id)
    if found is None:
        raise NotFound
    if not rules.may_change_member(actor.role, found.role, found.role):
        raise Forbidden("You may not sign out an owner.")
    ended = queries.revoke(uow, queries.sessions_of_member(uow, user_id), "closed_by_manager", uow.now())
    audit.record(uow, actor.user_id, "session.all_closed", "user", user_id, {"why": "closed_by_manager"})
    return len(ended)


def member_principal(uow: UnitOfWork, email: str) -> Principal:
    """Name a member as a caller without a session: for the command line, which has the machine's own trust.

    Raises:
        NotFound: no active member has this address.
    """
    found = queries.member_by_email(uow, email.strip().lower())
    if found is None:
        raise NotFound("No active member has this e-mail address.")
    user_id, org_id, role, name = found
    return Principal(user_id, org_id, role, None, name)


def owner_of(uow: UnitOfWork, organization: str | None = None) -> Principal:
    """Name the owner of an organisation as a caller without a session: for the command line, as ``member_principal``.

    Args:
        uow: a transaction of no organisation.
        organization: its name or id; None where the installation has only one.

    Raises:
        Conflict: there are several, and none was named.
        NotFound: no such organisation, or it has no active owner.
    """
    found = queries.organization_owners(uow, organization)
    if not found:
        raise NotFound(
            "There is no such organisation here. Make one with `leadflow found`, or a demo with `leadflow seed`."
        )
    if len({owner[1] for owner in found}) > 1:
        raise Conflict("There are several organisations. Name one with --org.")
    user_id, org_id, name = found[0]
    return Principal(user_id, org_id, Role.OWNER, None, name)


def demo_logins(uow: UnitOfWork) -> tuple[DemoLogin, ...]:
    """List the sign-ins of the demonstration, strongest role first; none where its users may not sign in."""
    if not keys().demo_users:
        return ()
    found = queries.demo_members(uow)
    ranked = sorted(found, key=lambda member: rules.PEOPLE.index(member[2]))
    return tuple(DemoLogin(email, name, role, DEMO_PASSWORD) for email, name, role in ranked)


def names_of(uow: UnitOfWork, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Name people of this organisation; ids of others are left out."""
    return queries.names_of(uow, set(ids))
