"""Places kept for people who were asked to join."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from leadflow.identity.queries import everywhere, rows
from leadflow.identity.queries.sessions import permissions_of
from leadflow.kernel.db import UnitOfWork
from models.base import new_id
from models.vocabulary import Permission, Role


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation by its token, with who stands behind it now."""

    id: UUID
    org_id: UUID
    organization: str
    email: str
    name: str
    role: Role
    expires_at: datetime
    closed: bool
    inviter_role: Role | None
    """None once the inviter is no active member any more."""
    inviter_denied: frozenset[Permission]


def add_invitation(uow: UnitOfWork, values: dict[str, Any]) -> UUID:
    """Write an invitation of this organisation."""
    made = new_id()
    rows.run(
        uow,
        """
        insert into invitation (org_id, id, created_at, email, name, role, token_hash, expires_at, invited_by)
        values (%(org)s, %(id)s, %(now)s, %(email)s, %(name)s, %(role)s, %(hash)s, %(until)s, %(by)s)
        """,
        values | {"org": uow.org(), "id": made},
    )
    return made


def open_invitation_to(uow: UnitOfWork, email: str) -> tuple[UUID, datetime] | None:
    """Find the organisation's open invitation to an address, expired or not: its id and its end."""
    found = rows.many(
        uow,
        """
        select id, expires_at from invitation
        where org_id = %(org)s and email = %(email)s and accepted_at is null and withdrawn_at is null for update
        """,
        {"org": uow.org(), "email": email},
    )
    return (found[0]["id"], found[0]["expires_at"]) if found else None


def invitation(uow: UnitOfWork, invitation_id: UUID) -> dict[str, Any] | None:
    """Find an invitation of this organisation and lock it."""
    found = rows.many(
        uow,
        """
        select i.id, i.email, i.name, i.role, i.accepted_at, i.withdrawn_at from invitation i
        where i.org_id = %(org)s and i.id = %(id)s for update
        """,
        {"org": uow.org(), "id": invitation_id},
    )
    return found[0] if found else None


def renew_invitation(uow: UnitOfWork, invitation_id: UUID, token_hash: bytes, until: datetime, by: UUID | None) -> None:
    """Give an invitation another token; the older one is void."""
    rows.run(
        uow,
        """
        update invitation set token_hash = %(hash)s, expires_at = %(until)s, invited_by = %(by)s, updated_at = now()
        where org_id = %(org)s and id = %(id)s
        """,
        {"org": uow.org(), "id": invitation_id, "hash": token_hash, "until": until, "by": by},
    )


def withdraw_invitation(uow: UnitOfWork, invitation_id: UUID, now: datetime) -> None:
    """Close an invitation."""
    rows.run(
        uow,
        "update invitation set withdrawn_at = %(now)s, updated_at = now() where org_id = %(org)s and id = %(id)s",
        {"org": uow.org(), "id": invitation_id, "now": now},
    )


def accept_invitation(uow: UnitOfWork, invitation_id: UUID, now: datetime) -> None:
    """Note that an invitation has done what it was for."""
    rows.run(
        uow,
        "update invitation set accepted_at = %(now)s, updated_at = now() where org_id = %(org)s and id = %(id)s",
        {"org": uow.org(), "id": invitation_id, "now": now},
    )


def invitations(uow: UnitOfWork, since: datetime) -> list[dict[str, Any]]:
    """List the organisation's invitations, newest first."""
    return rows.many(
        uow,
        """
        select i.id, i.email, i.name, i.role, i.created_at, i.expires_at, i.accepted_at, i.withdrawn_at,
               coalesce(u.name, '') as invited_by
        from invitation i left join "user" u on u.id = i.invited_by
        where i.org_id = %(org)s and i.created_at > %(since)s
        order by i.created_at desc, i.id desc limit 500
        """,
        {"org": uow.org(), "since": since},
    )


def invited(uow: UnitOfWork, token_hash: bytes) -> Invited | None:
    """Find an invitation by its token, in whatever organisation, and lock it: of two who show it one comes second."""
    found = everywhere.many(
        uow,
        """
        select i.id, i.org_id, o.name as organization, i.email, i.name, i.role, i.expires_at,
               i.accepted_at is not null or i.withdrawn_at is not null as closed,
               m.role as inviter_role, coalesce(m.denied, '{}') as inviter_denied
        from invitation i
        join organization o on o.id = i.org_id
        left join membership m on m.org_id = i.org_id and m.user_id = i.invited_by and m.disabled_at is null
        where i.token_hash = %(hash)s for update of i
        """,
        {"hash": token_hash},
    )
    if not found:
        return None
    row = found[0]
    read: dict[str, Any] = {
        "role": Role(row["role"]),
        "inviter_role": Role(row["inviter_role"]) if row["inviter_role"] else None,
        "inviter_denied": permissions_of(row["inviter_denied"]),
    }
    return Invited(**(row | read))


def is_member_by_email(uow: UnitOfWork, email: str) -> bool:
    """Say whether somebody with this address is a member of this organisation, shut out or not."""
    return bool(
        rows.many(
            uow,
            """
            select 1 as one from membership m join "user" u on u.id = m.user_id
            where m.org_id = %(org)s and u.email = %(email)s
            """,
            {"org": uow.org(), "email": email},
        )
    )


def add_membership(uow: UnitOfWork, user_id: UUID, role: Role, now: datetime) -> bool:
    """Make a user a member; False where the user is one already."""
    return bool(
        rows.run(
            uow,
            """
            insert into membership (org_id, user_id, role, created_at) values (%(org)s, %(user)s, %(role)s, %(now)s)
            on conflict do nothing
            """,
            {"org": uow.org(), "user": user_id, "role": role.value, "now": now},
        )
    )


def add_user(uow: UnitOfWork, email: str, name: str, password_hash: str) -> UUID | None:
    """Make a user; None where the address belongs to one, even one that may not come in."""
    made = new_id()
    added = everywhere.run(
        uow,
        """
        insert into "user" (id, email, name, password_hash) values (%(id)s, %(email)s, %(name)s, %(hash)s)
        on conflict (email) do nothing
        """,
        {"id": made, "email": email, "name": name, "hash": password_hash},
    )
    return made if added else None


def forget_invitations(uow: UnitOfWork, before: datetime) -> int:
    """Remove invitations that ended long ago, with the address and name of whoever was asked."""
    return everywhere.run(uow, "delete from invitation where expires_at < %(before)s", {"before": before})
