"""Members, their roles, and the organisation they are members of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from leadflow.identity.queries.rows import many, one, run
from leadflow.identity.queries.sessions import permissions_of
from leadflow.identity.types import FrameFacts, MemberRow, OrganizationView
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import Permission, Role


def members(uow: UnitOfWork) -> list[MemberRow]:
    """List everybody of the organisation, by name."""
    rows = many(
        uow,
        """
        select u.id, u.email, u.name, m.role, m.disabled_at is null and u.disabled_at is null as active,
               m.created_at as since, m.denied, u.totp_confirmed_at is not null as second_factor,
               (select max(s.last_used_at) from session s where s.user_id = u.id and s.org_id = m.org_id)
                 as last_seen_at
        from membership m join "user" u on u.id = m.user_id
        where m.org_id = %(org)s order by lower(u.name), u.id
        """,
        {"org": uow.org()},
    )
    typed: list[dict[str, Any]] = [
        {**row, "role": Role(row["role"]), "denied": tuple(sorted(permissions_of(row["denied"])))} for row in rows
    ]
    return [MemberRow(**row) for row in typed]


def member_by_email(uow: UnitOfWork, email: str) -> tuple[UUID, UUID, Role, str] | None:
    """Find an active member by address: user, organisation, role and name; of this organisation, where one is set."""
    rows = many(
        uow,
        """
        select u.id, m.org_id, m.role, u.name from "user" u join membership m on m.user_id = u.id
        where u.email = %(email)s and u.disabled_at is null and m.disabled_at is null
          and (%(org)s::uuid is null or m.org_id = %(org)s)
        order by m.created_at, m.org_id limit 1
        """,
        {"email": email, "org": uow.org_id},
    )
    return (rows[0]["id"], rows[0]["org_id"], Role(rows[0]["role"]), rows[0]["name"]) if rows else None


def organization_owners(uow: UnitOfWork, organization: str | None) -> list[tuple[UUID, UUID, str]]:
    """List active owners, the eldest of each organisation first: user, organisation, name."""
    rows = many(
        uow,
        """
        select u.id, m.org_id, u.name from "user" u join membership m on m.user_id = u.id
        join organization o on o.id = m.org_id
        where m.role = 'owner' and u.disabled_at is null and m.disabled_at is null
          and (%(named)s::text is null or o.id::text = %(named)s or lower(o.name) = lower(%(named)s))
        order by m.org_id, m.created_at, u.id limit 50
        """,
        {"named": organization},
    )
    return [(row["id"], row["org_id"], row["name"]) for row in rows]


def demo_members(uow: UnitOfWork) -> list[tuple[str, str, Role]]:
    """List the active users of the demonstration: address, name, role."""
    rows = many(
        uow,
        """
        select u.email, u.name, m.role from "user" u join membership m on m.user_id = u.id
        where u.demo and u.disabled_at is null and m.disabled_at is null order by u.created_at, u.id limit 20
        """,
        {},
    )
    return [(row["email"], row["name"], Role(row["role"])) for row in rows]


def lock_organization(uow: UnitOfWork) -> None:
    """Let changes of an organisation's members and settings happen one after another."""
    run(uow, "select id from organization where id = %(org)s for update", {"org": uow.org()})


@dataclass(frozen=True, slots=True)
class Standing:
    """How a member stands."""

    role: Role
    active: bool
    denied: frozenset[Permission]


def membership(uow: UnitOfWork, user_id: UUID) -> Standing | None:
    """Answer how a member stands in this organisation."""
    rows = many(
        uow,
        """
        select role, disabled_at is null as active, denied from membership
        where org_id = %(org)s and user_id = %(user)s
        """,
        {"org": uow.org(), "user": user_id},
    )
    if not rows:
        return None
    return Standing(Role(rows[0]["role"]), rows[0]["active"], permissions_of(rows[0]["denied"]))


def owners(uow: UnitOfWork) -> int:
    """Count the organisation's active owners."""
    rows = many(
        uow,
        """
        select count(*) as n from membership m join "user" u on u.id = m.user_id
        where m.org_id = %(org)s and m.role = 'owner' and m.disabled_at is null and u.disabled_at is null
        """,
        {"org": uow.org()},
    )
    return int(rows[0]["n"])


def set_membership(uow: UnitOfWork, user_id: UUID, wanted: Standing, now: datetime) -> None:
    """Change a member's standing."""
    run(
        uow,
        """
        update membership set role = %(role)s, denied = %(denied)s, updated_at = now(),
               disabled_at = case when %(active)s then null else coalesce(disabled_at, %(now)s) end
        where org_id = %(org)s and user_id = %(user)s
        """,
        {
            "org": uow.org(),
            "user": user_id,
            "role": wanted.role.value,
            "denied": sorted(wanted.denied),
            "active": wanted.active,
            "now": now,
        },
    )


def organization(uow: UnitOfWork) -> OrganizationView | None:
    """Read the organisation of this transaction."""
    return one(
        uow,
        OrganizationView,
        """
        select id, name, timezone, approval_threshold, price_per_segment_cents_x100, monthly_budget_cents,
               weather_window, weather_filtered_pct, weather_opted_out_pct, sending_paused,
               sending_paused_why, sending_paused_at, second_factor_required, remember_days, link_domain,
               texts_per_minute, texts_per_day, claim_minutes
        from organization where id = %(org)s
        """,
        {"org": uow.org()},
    )


def frame(uow: UnitOfWork, user_id: UUID | None, *, only_of: UUID | None) -> FrameFacts | None:
    """Read what the frame of every page shows.

    Args:
        uow: a transaction of the organisation.
        user_id: who looks.
        only_of: count only conversations about this user's leads; None counts all.
    """
    return one(
        uow,
        FrameFacts,
        """
        select o.name as organization, o.sending_paused, o.sending_paused_why,
               coalesce((select u.email from "user" u where u.id = %(user)s), '') as email,
               (select count(*) from conversation c left join lead l on l.org_id = c.org_id and l.id = c.lead_id
                where c.org_id = o.id
                  and (c.unread > 0 and c.snoozed_until is null or c.snoozed_until <= %(now)s)
                  and (%(only)s::uuid is null or l.assignee_id = %(only)s or c.assignee_id = %(only)s))
                 as waiting
        from organization o where o.id = %(org)s
        """,
        {"org": uow.org(), "user": user_id, "only": only_of, "now": uow.now()},
    )


def names_of(uow: UnitOfWork, ids: Iterable[UUID]) -> dict[UUID, str]:
    """Name people of this organisation; others are left out."""
    rows = many(
        uow,
        """
        select u.id, u.name from "user" u join membership m on m.user_id = u.id
        where m.org_id = %(org)s and u.id = any(%(ids)s)
        """,
        {"org": uow.org(), "ids": list(ids)},
    )
    return {row["id"]: row["name"] for row in rows}


def organizations_of(uow: UnitOfWork, user_id: UUID) -> list[UUID]:
    """List the organisations that a user is a member of, shut out or not."""
    with uow.everywhere():
        rows = many(
            uow, "select org_id from membership where user_id = %(user)s order by created_at, org_id", {"user": user_id}
        )
    return [row["org_id"] for row in rows]


@dataclass(frozen=True, slots=True)
class Home:
    """An organisation that somebody is an active member of."""

    id: UUID
    name: str
    role: Role
    remember_days: int


def homes(uow: UnitOfWork, user_id: UUID) -> list[Home]:
    """List the organisations that a user may look at, joined first first."""
    with uow.everywhere():
        rows = many(
            uow,
            """
            select o.id, o.name, m.role, o.remember_days from membership m join organization o on o.id = m.org_id
            where m.user_id = %(user)s and m.disabled_at is null order by m.created_at, m.org_id
            """,
            {"user": user_id},
        )
    return [Home(row["id"], row["name"], Role(row["role"]), row["remember_days"]) for row in rows]
