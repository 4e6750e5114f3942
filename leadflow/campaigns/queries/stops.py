"""SQL of the stop rules: members of live campaigns who get no further text."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from leadflow.campaigns.types import Stormbound
from leadflow.kernel.db import UnitOfWork

RULES = {
    "replied": "c.stop_on_reply",
    "settled": "c.stop_on_outcome",
    "status": "c.stop_on_statuses ? %(status)s",
}
"""Which campaigns heed what."""


def stop(
    uow: UnitOfWork,
    rule: str,
    *,
    numbers: Collection[int] = (),
    people: Collection[UUID] = (),
    leads: Collection[UUID] = (),
    status: str = "",
    why: str,
    now: datetime,
) -> dict[UUID, list[int]]:
    """Stop people in every live campaign that heeds the rule, whichever number of theirs is meant.

    A number means everybody who is reached at it; a lead means the person whom its campaign addresses. Members are held
    in the order of campaign and lead.

    Returns:
        Numbers of those who were stopped now, by campaign.
    """
    stopped = defaultdict[UUID, list[int]](list)
    with uow.cursor() as cursor:
        cursor.execute(
            f"""
            with meant as (
                select id as person_id from person where org_id = %(org)s and id = any(%(people)s)
                union
                select r.person_id from phone f
                join person_phone r on r.org_id = f.org_id and r.phone_id = f.id
                where f.org_id = %(org)s and f.e164 = any(%(numbers)s)
            ), live as (
                select c.id from campaign c
                where c.org_id = %(org)s and c.state in ('running', 'paused') and {RULES[rule]}
            ), chosen as (
                select a.campaign_id, a.lead_id from audience_member a
                where a.org_id = %(org)s and a.campaign_id in (select id from live) and a.stopped_at is null
                  and a.excluded is null
                  and (a.person_id in (select person_id from meant)
                       or a.phone_id in (select id from phone where org_id = %(org)s and e164 = any(%(numbers)s))
                       or exists (select 1 from audience_member b where b.org_id = a.org_id
                                  and b.campaign_id = a.campaign_id and b.lead_id = any(%(leads)s)
                                  and (b.lead_id = a.lead_id or b.person_id = a.person_id)))
                order by a.campaign_id, a.lead_id for no key update
            )
            update audience_member a set stopped_at = %(now)s, stopped_why = %(why)s, updated_at = now()
            from chosen c, phone f
            where a.org_id = %(org)s and a.campaign_id = c.campaign_id and a.lead_id = c.lead_id
              and f.org_id = a.org_id and f.id = a.phone_id
            returning a.campaign_id, f.e164
            """.encode(),  # noqa: S608 one of three constants
            {
                "org": uow.org(),
                "numbers": list(numbers),
                "people": list(people),
                "leads": list(leads),
                "status": status,
                "why": why,
                "now": now,
            },
        )
        for campaign_id, e164 in cursor.fetchall():
            stopped[campaign_id].append(e164)
    return dict(stopped)


def stop_removed(uow: UnitOfWork, leads: Collection[UUID], why: str, now: datetime) -> dict[UUID, list[int]]:
    """Stop the members of every live campaign that stand for leads; answers their numbers by campaign."""
    stopped = defaultdict[UUID, list[int]](list)
    with uow.cursor() as cursor:
        cursor.execute(
            """
            with chosen as (
                select a.campaign_id, a.lead_id from audience_member a
                join campaign c on c.org_id = a.org_id and c.id = a.campaign_id and c.state in ('running', 'paused')
                where a.org_id = %(org)s and a.lead_id = any(%(leads)s) and a.stopped_at is null and a.excluded is null
                order by a.campaign_id, a.lead_id for no key update of a
            )
            update audience_member a set stopped_at = %(now)s, stopped_why = %(why)s, updated_at = now()
            from chosen c, phone f
            where a.org_id = %(org)s and a.campaign_id = c.campaign_id and a.lead_id = c.lead_id
              and f.org_id = a.org_id and f.id = a.phone_id
            returning a.campaign_id, f.e164
            """,
            {"org": uow.org(), "leads": list(leads), "why": why, "now": now},
        )
        for campaign_id, e164 in cursor.fetchall():
            stopped[campaign_id].append(e164)
    return dict(stopped)


def stop_others(uow: UnitOfWork, property_id: UUID, kept: int, why: str, now: datetime) -> None:
    """Stop whoever is addressed about a property at another number, in every live campaign."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            with chosen as (
                select a.campaign_id, a.lead_id from audience_member a
                join campaign c on c.org_id = a.org_id and c.id = a.campaign_id and c.state in ('running', 'paused')
                join phone f on f.org_id = a.org_id and f.id = a.phone_id and f.e164 <> %(kept)s
                where a.org_id = %(org)s and a.property_id = %(property)s and a.stopped_at is null
                  and a.excluded is null
                order by a.campaign_id, a.lead_id for no key update of a
            )
            update audience_member a set stopped_at = %(now)s, stopped_why = %(why)s, updated_at = now()
            from chosen c where a.org_id = %(org)s and a.campaign_id = c.campaign_id and a.lead_id = c.lead_id
            """,
            {"org": uow.org(), "property": property_id, "kept": kept, "why": why, "now": now},
        )


def stop_for_weather(uow: UnitOfWork, campaign_id: UUID, why: str) -> bool:
    """Pause a running campaign for its weather; False when it does not run any more."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update campaign set state = 'paused', pause_reason = %s, stormbound = true, updated_at = now()
            where org_id = %s and id = %s and state = 'running' returning id
            """,
            [why, uow.org(), campaign_id],
        )
        return cursor.fetchone() is not None


def stormbound(uow: UnitOfWork, limit: int) -> list[Stormbound]:
    """List campaigns that their weather has paused, the last first."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select id, name, coalesce(pause_reason, '') from campaign
            where org_id = %s and state = 'paused' and stormbound order by updated_at desc, id desc limit %s
            """,
            [uow.org(), limit],
        )
        return [Stormbound(*row) for row in cursor.fetchall()]


def clear_weather(uow: UnitOfWork, campaign_id: UUID, now: datetime) -> None:
    """Begin a new window: what was submitted until now counts no more."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update campaign set stormbound = false, weather_since = %s, updated_at = now()
            where org_id = %s and id = %s
            """,
            [now, uow.org(), campaign_id],
        )
