"""The SQL of one batch: who may send how much, which texts, and what the gate made of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from leadflow.compliance.types import Cleared, Later
from leadflow.kernel.db import UnitOfWork
from leadflow.messaging.types import Held, Lane
from models.vocabulary import Purpose

SILENT = "10s"
"""A process that says nothing for so long in the middle of a batch has been stopped: Postgres takes its locks away,
lest the number, its campaigns and the gates of a hundred people wait for it. STOP waits for the same gates."""


def by_keys(uow: UnitOfWork) -> None:
    """Prepare a transaction of the send loop.

    It reaches rows by their keys (a hundred at a time, reading a whole small table is slower), and it ends when its
    process falls silent.
    """
    with uow.cursor() as cursor:
        cursor.execute(
            "select set_config('random_page_cost', '1.1', true),"
            " set_config('idle_in_transaction_session_timeout', %s, true)",
            [SILENT],
        )


class Sender(NamedTuple):
    """A number, held until the end of the batch."""

    e164: str
    per_minute: int
    per_day: int | None
    may_send: bool
    cools: bool
    """Replies go, campaigns do not."""
    org_per_minute: int | None
    org_per_day: int | None


def hold_sender(uow: UnitOfWork, sender_id: UUID, now: datetime) -> Sender | None:
    """Hold a sender number until the end of the batch.

    The organisation is held too, so that the kill switch waits for the batch and the batch never outlives it.

    Returns:
        None when another process is taking a batch for the same number, or for another number of an organisation that
        has limits of its own.
    """
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select s.e164, s.per_minute, s.per_day,
                   s.registration = 'verified' and s.disabled_at is null and not o.sending_paused,
                   coalesce(s.cooling_until > %(now)s, false), o.texts_per_minute, o.texts_per_day
            from sender_number s join organization o on o.id = s.org_id
            where s.org_id = %(org)s and s.id = %(id)s for no key update of s skip locked for share of o
            """,
            {"org": uow.org(), "id": sender_id, "now": now},
        )
        row = cursor.fetchone()
    if row is None:
        return None
    held = Sender(f"+{row[0]}", *row[1:])
    limited = held.org_per_minute is not None or held.org_per_day is not None
    return held if not limited or alone(uow, [uow.org()]) else None


def alone(uow: UnitOfWork, ids: Sequence[UUID]) -> list[UUID]:
    """Be the only batch of these organisations or campaigns until its end; answers those that nobody else has."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select x.id from unnest(%s::uuid[]) as x (id)"
            " where pg_try_advisory_xact_lock(hashtextextended('batch:' || x.id::text, 0))",
            [list(ids)],
        )
        return [row[0] for row in cursor.fetchall()]


def sent_by_number(uow: UnitOfWork, sender_id: UUID, since: datetime) -> tuple[int, datetime | None]:
    """Count what a number has submitted since an instant, and find the first of it."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select count(*), min(submitted_at) from message
            where org_id = %s and sender_number_id = %s and submitted_at > %s
            """,
            [uow.org(), sender_id, since],
        )
        return cursor.fetchone() or (0, None)  # pyright: ignore[reportReturnType] two columns


def sent_by_organization(uow: UnitOfWork, since: datetime) -> tuple[int, datetime | None]:
    """Count what all numbers have submitted since an instant, and find the first of it."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select coalesce(sum(x.many), 0)::int, min(x.oldest) from sender_number s cross join lateral (
                select count(*) as many, min(m.submitted_at) as oldest from message m
                where m.org_id = s.org_id and m.sender_number_id = s.id and m.submitted_at > %(since)s) x
            where s.org_id = %(org)s
            """,
            {"org": uow.org(), "since": since},
        )
        return cursor.fetchone() or (0, None)  # pyright: ignore[reportReturnType] two columns


class Running(NamedTuple):
    """A running campaign that has a text due on a number."""

    id: UUID
    per_minute: int
    pooled: bool


def hold_campaigns(uow: UnitOfWork, sender_id: UUID, now: datetime) -> list[Running]:
    """Hold the running campaigns that have a text due on a number, with their rates.

    Held, so that a pause waits for the batch and nothing is submitted after it.
    """
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select c.id, c.per_minute, c.pool_id is not null from campaign c
            where c.org_id = %(org)s and c.state = 'running'
              and exists (select 1 from message m where m.org_id = c.org_id and m.campaign_id = c.id
                          and m.sender_number_id = %(sender)s and m.state = 'queued' and m.not_before <= %(now)s)
            order by c.id for share of c
            """,
            {"org": uow.org(), "sender": sender_id, "now": now},
        )
        return [Running(*row) for row in cursor.fetchall()]


def lanes(uow: UnitOfWork, campaigns: Sequence[tuple[UUID, int]], since: Sequence[datetime]) -> list[Lane]:
    """Count what each campaign has submitted, each since its own instant, from whatever number; the idlest first."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select x.id, x.per_minute, coalesce(r.recent, 0)::int, r.oldest
            from unnest(%(ids)b::uuid[], %(rates)b::int[], %(since)b::timestamptz[]) as x (id, per_minute, since)
            cross join lateral (
                select sum(y.recent) as recent, min(y.oldest) as oldest, max(y.newest) as newest
                from sender_number s cross join lateral (
                    select count(*) as recent, min(m.submitted_at) as oldest, max(m.submitted_at) as newest
                    from message m where m.org_id = s.org_id and m.sender_number_id = s.id
                      and m.submitted_at > x.since and m.campaign_id = x.id) y
                where s.org_id = %(org)s) r
            order by r.newest nulls first, x.id
            """,
            {
                "org": uow.org(),
                "ids": [one[0] for one in campaigns],
                "rates": [one[1] for one in campaigns],
                "since": list(since),
            },
        )
        return [Lane(*row) for row in cursor.fetchall()]


def draw(
    uow: UnitOfWork, sender_id: UUID, sender: str, campaign_id: UUID | None, now: datetime, limit: int
) -> list[Held]:
    """Take due texts of one lane, the longest waiting first; what another transaction looks at is passed over."""
    lane = "m.campaign_id is null" if campaign_id is None else "m.campaign_id = %(campaign)s"
    with uow.cursor() as cursor:
        cursor.execute(
            f"""
            select m.id, m.fence + 1, m.e164, m.body, m.campaign_id, m.step, m.purpose, m.lead_id, m.property_id,
                   m.person_id, m.phone_id, m.cost_cents_x100, m.send_before, m.actor_id
            from message m
            where m.org_id = %(org)s and {lane} and m.sender_number_id = %(sender)s and m.state = 'queued'
              and m.not_before <= %(now)s
            order by m.not_before, m.id limit %(limit)s for update skip locked
            """.encode(),  # noqa: S608 one of two constants
            {"org": uow.org(), "sender": sender_id, "campaign": campaign_id, "now": now, "limit": limit},
        )
        rows = cursor.fetchall()
    return [
        Held(
            id=row[0],
            fence=row[1],
            e164=f"+{row[2]}",
            body=row[3],
            sender=sender,
            sender_id=sender_id,
            campaign_id=row[4],
            step=row[5],
            purpose=Purpose(row[6]),
            lead_id=row[7],
            property_id=row[8],
            person_id=row[9],
            phone_id=row[10],
            cost=row[11],
            send_before=row[12],
            actor_id=row[13],
        )
        for row in rows
    ]


def submit(uow: UnitOfWork, target: str, cleared: Sequence[Cleared], now: datetime, lease_until: datetime) -> None:
    """Mark texts as submitted under their decisions, with a new fence. The caller has drawn them."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update message m set state = %(target)s, fence = m.fence + 1, lease_until = %(lease)s,
                   submitted_at = %(now)s, decision_id = x.decision_id, reasons = '{}', updated_at = now()
            from unnest(%(ids)b::uuid[], %(decisions)b::uuid[]) as x (id, decision_id)
            where m.org_id = %(org)s and m.id = x.id
            """,
            {
                "org": uow.org(),
                "target": target,
                "lease": lease_until,
                "now": now,
                "ids": [one.message_id for one in cleared],
                "decisions": [one.decision_id for one in cleared],
            },
        )


def postpone(uow: UnitOfWork, later: Sequence[Later]) -> None:
    """Let texts wait until the gate's instant. The caller has drawn them."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update message m set not_before = x.at, decision_id = x.decision_id,
                   reasons = string_to_array(x.reasons, ','), updated_at = now()
            from unnest(%(ids)b::uuid[], %(decisions)b::uuid[], %(at)b::timestamptz[], %(reasons)b::text[])
                 as x (id, decision_id, at, reasons)
            where m.org_id = %(org)s and m.id = x.id
            """,
            {
                "org": uow.org(),
                "ids": [one.message_id for one in later],
                "decisions": [one.decision_id for one in later],
                "at": [one.at for one in later],
                "reasons": [",".join(one.reasons) for one in later],
            },
        )


def close(
    uow: UnitOfWork, target: str, ended: Sequence[tuple[UUID, UUID | None, tuple[str, ...]]], now: datetime
) -> None:
    """End texts that will not go out: id, decision if there was one, reasons. The caller has drawn them."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            with ended as (
                update message m set state = %(target)s, decision_id = coalesce(x.decision_id, m.decision_id),
                       reasons = string_to_array(x.reasons, ','), final_at = %(now)s, lease_until = null,
                       updated_at = now()
                from unnest(%(ids)b::uuid[], %(decisions)b::uuid[], %(reasons)b::text[]) as x (id, decision_id, reasons)
                where m.org_id = %(org)s and m.id = x.id
                returning m.id, m.reasons
            )
            insert into message_event (org_id, message_id, at, state, detail)
            select %(org)s, id, %(now)s, %(target)s, jsonb_build_object('reasons', reasons) from ended
            """,
            {
                "org": uow.org(),
                "target": target,
                "now": now,
                "ids": [one[0] for one in ended],
                "decisions": [one[1] for one in ended],
                "reasons": [",".join(one[2]) for one in ended],
            },
        )


def next_due(uow: UnitOfWork, sender_id: UUID, *, campaigns: bool) -> datetime | None:
    """Find the earliest instant at which a text of a number may go; past if one is due, None if none waits.

    Args:
        uow: the caller's transaction.
        sender_id: the number.
        campaigns: False looks at replies only.
    """
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select min(at) from (
                select (select m.not_before from message m where m.org_id = c.org_id and m.campaign_id = c.id
                        and m.sender_number_id = %(sender)s and m.state = 'queued' order by m.not_before limit 1) as at
                from campaign c where c.org_id = %(org)s and %(campaigns)s and c.state = 'running'
                union all
                select min(m.not_before) from message m where m.org_id = %(org)s and m.campaign_id is null
                   and m.state = 'queued' and m.sender_number_id = %(sender)s
            ) waiting
            """,
            {"org": uow.org(), "sender": sender_id, "campaigns": campaigns},
        )
        row = cursor.fetchone()
    return row[0] if row else None


def taken_back(uow: UnitOfWork, ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
    """List submitted texts that something stands against by now, with the reason.

    Asked again and again until the POST begins. The gate has cleared each of them, so whatever stands here has been
    committed since, as has the stop of a member of its campaign. A confirmation goes to somebody who has opted out;
    that is its point.
    """
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select m.id, case when o.sending_paused then 'kill_switch'
                              when c.state = 'cancelled' then 'cancelled'
                              when x.closed then 'opted_out'
                              when a.stopped_at is not null then a.stopped_why else 'campaign_active' end
            from message m
            join organization o on o.id = m.org_id
            left join campaign c on c.org_id = m.org_id and c.id = m.campaign_id
            left join audience_member a on a.org_id = m.org_id and a.campaign_id = m.campaign_id
                 and a.lead_id = m.lead_id
            cross join lateral (select m.purpose <> 'confirmation' and exists (
                   select 1 from suppression s where s.org_id = m.org_id and s.released_at is null
                     and s.kind in ('opt_out', 'carrier_opt_out', 'legal_threat', 'internal_dnc', 'litigator',
                                    'wrong_number', 'deceased', 'admin')
                     and (s.e164 = m.e164 or s.person_id = m.person_id)) as closed) x
            where m.org_id = %(org)s and m.id = any(%(ids)b) and m.state = 'submitting'
              and (o.sending_paused or c.state <> 'running' or a.stopped_at is not null or x.closed)
            """,
            {"org": uow.org(), "ids": list(ids)},
        )
        return [(row[0], row[1]) for row in cursor.fetchall()]
