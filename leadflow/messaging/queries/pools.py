"""Pools of numbers: who is in them, whom a person knows, and texts that have to change hands."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from leadflow.kernel.db import UnitOfWork

ABLE = """
    s.registration = 'verified' and s.disabled_at is null and (s.cooling_until is null or s.cooling_until <= %(now)s)
"""
"""A number ``s`` that may send campaigns now."""


class Member(NamedTuple):
    """A number in a pool."""

    id: UUID
    e164: str
    label: str
    able: bool
    load: int


class Pool(NamedTuple):
    """A pool."""

    id: UUID
    name: str
    sticky: bool
    cool_after: int | None
    cool_minutes: int
    numbers: tuple[UUID, ...]


def pools(uow: UnitOfWork) -> list[Pool]:
    """List the organisation's pools."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select p.id, p.name, p.sticky, p.cool_after, p.cool_minutes,
                   coalesce((select array_agg(m.sender_number_id order by s.e164) from pool_member m
                             join sender_number s on s.org_id = m.org_id and s.id = m.sender_number_id
                             where m.org_id = p.org_id and m.pool_id = p.id), '{}')
            from number_pool p where p.org_id = %s order by p.name, p.id
            """,
            [uow.org()],
        )
        return [Pool(row[0], row[1], row[2], row[3], row[4], tuple(row[5])) for row in cursor.fetchall()]


def members(uow: UnitOfWork, pool_id: UUID, now: datetime) -> list[Member]:
    """List a pool's numbers with what waits on each and what it sent within the hour."""
    with uow.cursor() as cursor:
        cursor.execute(
            f"""
            select s.id, s.e164, s.label, {ABLE},
                   (select count(*) from message m where m.org_id = s.org_id and m.sender_number_id = s.id
                    and m.submitted_at > %(now)s::timestamptz - interval '1 hour')
                 + (select count(*) from message m join campaign c on c.org_id = m.org_id and c.id = m.campaign_id
                    where m.org_id = s.org_id and c.pool_id = p.pool_id and c.state in ('running', 'paused')
                      and m.state = 'queued' and m.sender_number_id = s.id)
            from pool_member p join sender_number s on s.org_id = p.org_id and s.id = p.sender_number_id
            where p.org_id = %(org)s and p.pool_id = %(pool)s order by s.e164
            """.encode(),  # noqa: S608 a constant
            {"org": uow.org(), "pool": pool_id, "now": now},
        )
        return [Member(row[0], f"+{row[1]}", row[2], row[3], row[4]) for row in cursor.fetchall()]


def everybody(uow: UnitOfWork, now: datetime) -> list[Member]:
    """List all of the organisation's numbers, in a pool or not, with what each sent within the hour."""
    with uow.cursor() as cursor:
        cursor.execute(
            f"""
            select s.id, s.e164, s.label, {ABLE},
                   (select count(*) from message m where m.org_id = s.org_id and m.sender_number_id = s.id
                    and m.submitted_at > %(now)s::timestamptz - interval '1 hour')
            from sender_number s where s.org_id = %(org)s order by s.e164
            """.encode(),  # noqa: S608 a constant
            {"org": uow.org(), "now": now},
        )
        return [Member(row[0], f"+{row[1]}", row[2], row[3], row[4]) for row in cursor.fetchall()]


def heard_from(uow: UnitOfWork, e164: str) -> UUID | None:
    """Find the number from which somebody heard last."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select sender_number_id from message
            where org_id = %s and e164 = %s and submitted_at is not null order by submitted_at desc, id limit 1
            """,
            [uow.org(), int(e164)],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def known(
    uow: UnitOfWork, pool_id: UUID, e164s: Sequence[int], now: datetime, *, elsewhere: bool = False
) -> dict[int, UUID]:
    """Find which number of a pool each person knows.

    It is the one from which a text waits for them already, else the one with which they last spoke or from which they
    last heard.

    Args:
        uow: the caller's transaction.
        pool_id: the pool.
        e164s: the people's numbers.
        now: the present instant.
        elsewhere: what waits on a number that may not send counts for nothing; it is about to go from another.
    """
    with uow.cursor() as cursor:
        cursor.execute(
            f"""
            with ours as (
                select s.id, {ABLE} as able from pool_member p
                join sender_number s on s.org_id = p.org_id and s.id = p.sender_number_id
                where p.org_id = %(org)s and p.pool_id = %(pool)s
            )
            select x.e164, coalesce(
                (select m.sender_number_id from message m join ours on ours.id = m.sender_number_id
                 where m.org_id = %(org)s and m.e164 = x.e164 and m.submitted_at is null and m.state = 'queued'
                   and m.campaign_id is not null and (ours.able or not %(elsewhere)s)
                 order by ours.able desc, m.id limit 1),
                (select y.sender from (
                    select v.sender_number_id as sender, v.last_at as at from conversation v
                    join ours on ours.id = v.sender_number_id where v.org_id = %(org)s and v.e164 = x.e164
                    union all
                    select m.sender_number_id, m.submitted_at from message m
                    join ours on ours.id = m.sender_number_id
                    where m.org_id = %(org)s and m.e164 = x.e164 and m.submitted_at is not null) y
                 order by y.at desc, y.sender limit 1))
            from unnest(%(numbers)s::bigint[]) as x (e164)
            """.encode(),  # noqa: S608 a constant
            {"org": uow.org(), "pool": pool_id, "numbers": list(e164s), "now": now, "elsewhere": elsewhere},
        )
        return {row[0]: row[1] for row in cursor.fetchall() if row[1] is not None}


class Stranded(NamedTuple):
    """A queued text of a pool whose number may not send it."""

    id: UUID
    pool_id: UUID
    sticky: bool
    e164: int


def hold_pools(uow: UnitOfWork) -> list[UUID]:
    """Hold the pools of running and paused campaigns, those that nobody else holds."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select p.id from number_pool p where p.org_id = %s and exists (
                select 1 from campaign c where c.org_id = p.org_id and c.pool_id = p.id
                  and c.state in ('running', 'paused'))
            order by p.id for no key update skip locked
            """,
            [uow.org()],
        )
        return [row[0] for row in cursor.fetchall()]


def stranded(uow: UnitOfWork, pools: Sequence[UUID], now: datetime, limit: int) -> list[Stranded]:
    """Hold queued texts of pools whose number may not send, or is in the pool no more.

    Whoever knows a number that is in the pool still is not among them where the pool is sticky, nor is what has been
    submitted, nor what another transaction looks at.
    """
    with uow.cursor() as cursor:
        cursor.execute(
            f"""
            select m.id, c.pool_id, p.sticky, m.e164
            from campaign c
            join number_pool p on p.org_id = c.org_id and p.id = c.pool_id
            join sender_number s on s.org_id = c.org_id
            cross join lateral (select exists (
                select 1 from pool_member b where b.org_id = s.org_id and b.pool_id = c.pool_id
                  and b.sender_number_id = s.id) as ours) b
            join message m on m.org_id = c.org_id and m.campaign_id = c.id and m.sender_number_id = s.id
                and m.state = 'queued'
            where c.org_id = %(org)s and c.pool_id = any(%(pools)s) and c.state in ('running', 'paused')
              and not (b.ours and {ABLE})
              and not (b.ours and p.sticky and (
                  exists (select 1 from conversation v where v.org_id = m.org_id
                          and v.sender_number_id = m.sender_number_id and v.e164 = m.e164)
                  or exists (select 1 from message y where y.org_id = m.org_id and y.e164 = m.e164
                             and y.sender_number_id = m.sender_number_id and y.submitted_at is not null)))
            order by m.id limit %(limit)s for update of m skip locked
            """.encode(),  # noqa: S608 a constant
            {"org": uow.org(), "pools": list(pools), "now": now, "limit": limit},
        )
        return [Stranded(*row) for row in cursor.fetchall()]


def hand_to(uow: UnitOfWork, moves: Sequence[tuple[UUID, UUID]]) -> None:
    """Let queued texts go from other numbers. The caller holds them."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update message m set sender_number_id = x.sender, updated_at = now()
            from unnest(%(ids)s::uuid[], %(senders)s::uuid[]) as x (id, sender)
            where m.org_id = %(org)s and m.id = x.id and m.state = 'queued'
            """,
            {"org": uow.org(), "ids": [one[0] for one in moves], "senders": [one[1] for one in moves]},
        )


def cool(uow: UnitOfWork, sender_id: UUID, until: datetime, why: str, now: datetime) -> bool:
    """Let a number send no campaign until an instant; False when it cools at least that long already."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update sender_number set cooling_until = %(until)s, cooling_why = %(why)s, updated_at = now()
            where org_id = %(org)s and id = %(id)s and (cooling_until is null or cooling_until <= %(now)s)
            """,
            {"org": uow.org(), "id": sender_id, "until": until, "why": why, "now": now},
        )
        return cursor.rowcount > 0


class Stamina(NamedTuple):
    """How long a number may go on before it rests, by the strictest of its pools."""

    left: int
    """Campaign texts that it may send yet within this hour."""
    texts: int
    minutes: int
    """How long it rests afterwards."""


def stamina(uow: UnitOfWork, sender_id: UUID, now: datetime) -> Stamina | None:
    """Count what a number has sent for campaigns within an hour, since its last rest.

    Returns:
        None when no pool of it lets its numbers rest.
    """
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select p.cool_after - x.sent, p.cool_after, p.cool_minutes from pool_member b
            join number_pool p on p.org_id = b.org_id and p.id = b.pool_id
            cross join lateral (
                select count(*) as sent from message m
                join sender_number s on s.org_id = m.org_id and s.id = m.sender_number_id
                where m.org_id = b.org_id and m.sender_number_id = b.sender_number_id and m.campaign_id is not null
                  and m.submitted_at > greatest(%(now)s::timestamptz - interval '1 hour', s.cooling_until)) x
            where b.org_id = %(org)s and b.sender_number_id = %(id)s and p.cool_after is not null
            order by 1, 3 desc limit 1
            """,
            {"org": uow.org(), "id": sender_id, "now": now},
        )
        row = cursor.fetchone()
    return None if row is None else Stamina(*row)
