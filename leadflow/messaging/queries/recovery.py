"""Finding texts that were left behind: leases that ended, deadlines that passed, submissions that nobody knows of."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from leadflow.kernel.db import UnitOfWork
from leadflow.messaging.types import Doubt


class Left(NamedTuple):
    """A text that was left behind."""

    org_id: UUID
    id: UUID
    fence: int


def abandoned(uow: UnitOfWork, now: datetime, limit: int) -> list[Left]:
    """List submissions whose lease has ended without a word, over all organisations."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select org_id, id, fence from message where state = 'submitting' and lease_until < %s
            order by org_id, id limit %s
            """,
            [now, limit],
        )
        return [Left(*row) for row in cursor.fetchall()]


def expired(uow: UnitOfWork, now: datetime, limit: int) -> list[Left]:
    """List what waits although its deadline has passed, over all organisations."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select m.org_id, m.id, m.fence from message m
            where m.state = 'queued' and m.send_before <= %(now)s
              and (m.campaign_id is null or exists (
                   select 1 from campaign c where c.org_id = m.org_id and c.id = m.campaign_id
                     and c.state in ('running', 'paused') and c.send_before <= %(now)s))
            order by m.org_id, m.id limit %(limit)s
            """,
            {"now": now, "limit": limit},
        )
        return [Left(*row) for row in cursor.fetchall()]


def doubts(uow: UnitOfWork, now: datetime, until: datetime, limit: int) -> list[Doubt]:
    """Take texts whose time to be asked about has come; nobody else takes them before ``until``."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update message m set lease_until = %(until)s, updated_at = now()
            from sender_number s
            where s.org_id = m.org_id and s.id = m.sender_number_id and (m.org_id, m.id) in (
                select org_id, id from message where state in ('unknown', 'accepted', 'sent') and lease_until <= %(now)s
                order by lease_until limit %(limit)s for update skip locked)
            returning m.org_id, m.id, m.fence, m.e164, s.e164, m.body, m.submitted_at, m.empty_lists,
                      m.last_reconciled_at, m.reconcile_count, m.send_before,
                      m.campaign_id is null or exists (select 1 from campaign c where c.org_id = m.org_id
                          and c.id = m.campaign_id and c.state in ('running', 'paused')),
                      s.id, m.campaign_id, case when m.state <> 'unknown' then m.carrier_sid end
            """,
            {"now": now, "until": until, "limit": limit},
        )
        return [
            Doubt(
                org_id=row[0],
                id=row[1],
                fence=row[2],
                e164=f"+{row[3]}",
                sender=f"+{row[4]}",
                body=row[5],
                submitted_at=row[6],
                empty_lists=row[7],
                last_reconciled_at=row[8],
                reconcile_count=row[9],
                send_before=row[10],
                live=row[11],
                sender_id=row[12],
                campaign_id=row[13],
                sid=row[14],
            )
            for row in cursor.fetchall()
        ]


def look_again(uow: UnitOfWork, doubt: Doubt, at: datetime, counted: datetime | None) -> None:
    """Note an empty list and when to ask the next time.

    Args:
        uow: the caller's transaction.
        doubt: the text.
        at: when to ask again.
        counted: the instant of this list if it counts as proof, else None.
    """
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update message set lease_until = %(at)s, reconcile_count = reconcile_count + 1,
                   empty_lists = empty_lists + case when %(counted)s::timestamptz is null then 0 else 1 end,
                   last_reconciled_at = coalesce(%(counted)s, last_reconciled_at), updated_at = now()
            where org_id = %(org)s and id = %(id)s and fence = %(fence)s and state in ('unknown', 'accepted', 'sent')
            """,
            {"org": doubt.org_id, "id": doubt.id, "fence": doubt.fence, "at": at, "counted": counted},
        )


def count_look(uow: UnitOfWork, doubt: Doubt) -> None:
    """Count a list that ended the doubt; the count holds over all submissions of a text."""
    with uow.cursor() as cursor:
        cursor.execute(
            "update message set reconcile_count = reconcile_count + 1 where org_id = %s and id = %s",
            [doubt.org_id, doubt.id],
        )
