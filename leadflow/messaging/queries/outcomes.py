"""Moving texts by what became of them: the carrier's answers, its callbacks, the reconciler's findings."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from leadflow.kernel.db import UnitOfWork
from leadflow.messaging.types import Settled
from models.vocabulary import MessageState


class Move(NamedTuple):
    """One text and what is learnt about it; what is None stays as it is.

    Attributes:
        id: the text.
        fence: the sender's; None for news that come from outside any claim.
        sid: the carrier's id.
        code: the carrier's error code.
        segments: as the carrier counted.
        not_before: when it may go, if it goes back to the queue.
        lease_until: when somebody has to look again.
        reasons: why it ended.
        taken_at: when the carrier took it, where our record of handing it over is lost.
        detail: for the event.
    """

    id: UUID
    fence: int | None = None
    sid: str | None = None
    code: int | None = None
    segments: int | None = None
    not_before: datetime | None = None
    lease_until: datetime | None = None
    reasons: tuple[str, ...] = ()
    taken_at: datetime | None = None
    detail: Mapping[str, Any] = {}


def move(
    uow: UnitOfWork, origins: Collection[str], target: str, moves: Sequence[Move], now: datetime, *, final: bool
) -> list[Settled]:
    """Move texts that stand in one of ``origins`` to ``target`` and write each move down as an event.

    A text that stands elsewhere, or whose fence has moved on, is left alone and not answered: the news is late, doubled
    or out of order. Rows are held in the order of their ids, so that two such calls never wait for each other.

    Args:
        uow: the caller's transaction.
        origins: states that the event moves from.
        target: where it leads.
        moves: the texts.
        now: the present instant.
        final: whether ``target`` is an end.

    Returns:
        What moved, with the state it moved from.
    """
    with uow.cursor() as cursor:
        cursor.execute(
            """
            with x as (
                select * from jsonb_to_recordset(%(moves)s::jsonb)
                    as x (id uuid, fence int, sid text, code int, segments int, not_before timestamptz,
                          lease_until timestamptz, reasons text[], taken_at timestamptz, detail jsonb)
            ), old as (
                select m.*, x.sid, x.code, x.segments as counted, x.not_before, x.lease_until, x.reasons, x.taken_at,
                       x.detail
                from x cross join lateral (
                    select m.id, m.state, m.cost_cents_x100, m.segments, m.submitted_at from message m
                    where m.org_id = %(org)s and m.id = x.id and (x.fence is null or x.fence = m.fence)
                      and m.state = any(%(origins)s)
                    for update) m
            ), moved as (
                update message m set
                    state = %(target)s,
                    carrier_sid = coalesce(m.carrier_sid, old.sid),
                    error_code = coalesce(old.code, m.error_code),
                    segments = coalesce(nullif(old.counted, 0), m.segments),
                    cost_cents_x100 = case when coalesce(old.counted, 0) > 0 and old.segments > 0
                        then old.cost_cents_x100 / old.segments * old.counted else old.cost_cents_x100 end,
                    not_before = coalesce(old.not_before, m.not_before),
                    lease_until = old.lease_until,
                    submitted_at = case when %(target)s in ('queued', 'withdrawn') then null
                        else coalesce(m.submitted_at, old.taken_at, case when not %(unsent)s then %(now)s end) end,
                    regained = m.regained or m.decision_id is null and not %(unsent)s,
                    reasons = case when old.reasons = '{}' then m.reasons else old.reasons end,
                    final_at = case when %(final)s then %(now)s else m.final_at end,
                    empty_lists = case when %(target)s = 'queued' then 0 else m.empty_lists end,
                    last_reconciled_at = case when %(target)s = 'queued' then null else m.last_reconciled_at end,
                    updated_at = now()
                from old where m.org_id = %(org)s and m.id = old.id
                returning m.id, m.campaign_id, m.lead_id, m.e164, m.sender_number_id, m.body, m.actor_id,
                          old.state, old.cost_cents_x100, m.cost_cents_x100 as cost,
                          coalesce(old.submitted_at, m.submitted_at) as submitted_at, old.detail
            ), noted as (
                insert into message_event (org_id, message_id, at, state, detail)
                select %(org)s, id, %(now)s, %(target)s, detail from moved
            )
            select id, campaign_id, lead_id, e164, sender_number_id, body, actor_id, state, cost_cents_x100, cost,
                   submitted_at
            from moved
            """,
            {
                "org": uow.org(),
                "origins": list(origins),
                "target": target,
                "final": final,
                "unsent": target in UNSENT,
                "now": now,
                # One document rather than nine arrays: psycopg writes arrays element by element (measured).
                # In the order of ids: the lateral part holds each row as it comes, by its key, whatever the size of
                # the table.
                "moves": orjson.dumps([one._asdict() for one in sorted(moves, key=_by_id)]).decode(),
            },
        )
        rows = cursor.fetchall()
    return [
        Settled(
            id=row[0],
            campaign_id=row[1],
            lead_id=row[2],
            e164=f"+{row[3]}",
            sender_id=row[4],
            body=row[5],
            actor_id=row[6],
            was=MessageState(row[7]),
            reserved=row[8] if row[7] in RESERVED else 0,
            cost=row[9],
            submitted_at=row[10],
        )
        for row in rows
    ]


UNSENT = frozenset({"queued", "claimed", "blocked", "expired_window", "withdrawn"})
"""States in which the carrier has never had a text."""


def _by_id(move: Move) -> UUID:
    return move.id


RESERVED = frozenset({MessageState.SUBMITTING.value, MessageState.UNKNOWN.value})
"""States in which a text's money is reserved and neither spent nor given back."""


def known_sids(uow: UnitOfWork, sids: Collection[str]) -> dict[str, UUID]:
    """Find which of the carrier's ids belong to texts of ours, over all organisations."""
    with uow.cursor() as cursor:
        cursor.execute("select carrier_sid, id from message where carrier_sid = any(%s)", [list(sids)])
        return {row[0]: row[1] for row in cursor.fetchall()}
