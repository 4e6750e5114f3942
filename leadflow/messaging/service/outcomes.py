"""Applying what became of texts: state, money, timeline, and what an error code asks for.

Everything is set-wise and in one order (texts, our numbers, gates, leads, money), so that batches, flushes and
callbacks that run at once never wait for each other in a ring.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

import structlog

from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.costs import service as costs
from leadflow.kernel.db import UnitOfWork
from leadflow.leads import service as leads
from leadflow.leads.types import Moment
from leadflow.messaging.queries import outcomes as queries
from leadflow.messaging.queries import senders
from leadflow.messaging.queries.outcomes import Move
from leadflow.messaging.rules.codes import explain
from leadflow.messaging.rules.machine import TERMINAL, origins, target
from leadflow.messaging.rules.reconcile import first_question
from leadflow.messaging.types import Consequence, Event, Settled
from leadflow.properties import service as properties
from models.vocabulary import ActivityKind, LineType, MessageState, PhoneStatus, SuppressionKind

log = structlog.get_logger(__name__)

PAID = frozenset({Event.ACCEPT, Event.SENT, Event.DELIVER, Event.UNDELIVER, Event.FAIL, Event.GIVE_UP})
"""The carrier has, or may have, the text and bills it."""
UNPAID = frozenset({Event.NOT_SENT, Event.REJECT, Event.RECALL, Event.REQUEUE})
"""The carrier certainly has not taken it."""
FAILED = frozenset({Event.REJECT, Event.UNDELIVER, Event.FAIL})
"""The carrier says that it did not arrive, and never will."""
_AT_CARRIER = frozenset({Event.ACCEPT, Event.SENT})
"""The carrier has the text and owes us its end."""
_FIRST_NEWS = frozenset({MessageState.QUEUED, MessageState.CLAIMED, MessageState.SUBMITTING, MessageState.UNKNOWN})
"""States before anybody knew that the carrier has the text."""


def happen(
    uow: UnitOfWork,
    event: Event,
    moves: Sequence[Move],
    now: datetime,
    consequences: Iterable[tuple[UUID, int | None, Consequence]] = (),
) -> list[Settled]:
    """Let one event happen to texts and do all that follows from it.

    Args:
        uow: the caller's transaction.
        event: what happened.
        moves: to which texts; those whom it finds elsewhere are left alone.
        now: the present instant.
        consequences: what the carrier's codes ask for, by text.

    Returns:
        The texts that moved.
    """
    if not moves:
        return []
    if event in _AT_CARRIER:
        moves = [one._replace(lease_until=first_question(now)) for one in moves]
    leads_to = target(event)
    moved = queries.move(uow, origins(event), leads_to, moves, now, final=MessageState(leads_to) in TERMINAL)
    consequences = list(consequences)
    _follow(uow, moved, consequences, now)
    _remember(uow, event, moved, now)
    _tell_of_failures(uow, event, moved, {message: code for message, code, _ in consequences}, now)
    _pay(uow, event, moved, now)
    return moved


def _follow(
    uow: UnitOfWork,
    moved: Sequence[Settled],
    consequences: Iterable[tuple[UUID, int | None, Consequence]],
    now: datetime,
) -> None:
    by_id = {one.id: one for one in moved}
    asked = [(by_id[message], code, what) for message, code, what in consequences if message in by_id]
    # Our own numbers first, then those of others: the order in which a batch holds them.
    _stop(uow, [(one, code, what) for one, code, what in asked if what in _STOPPING], now)
    for one, code, what in sorted(asked, key=lambda each: each[0].e164):
        _learn(uow, one, code, what, now)


_STOPPING = frozenset({Consequence.STOP_SENDER, Consequence.STOP_ACCOUNT})


def _stop(uow: UnitOfWork, asked: Sequence[tuple[Settled, int | None, Consequence]], now: datetime) -> None:
    for one, code, what in asked:
        numbers = None if what is Consequence.STOP_ACCOUNT else [one.sender_id]
        for sender_id in senders.disable(uow, numbers, f"The carrier refused it with code {code}.", now):
            detail = {"code": code, "message_id": str(one.id)}
            audit.record(uow, None, "sender.disabled", "sender_number", sender_id, detail)
            log.error("sender.disabled", sender_id=str(sender_id), code=code)


def _learn(uow: UnitOfWork, one: Settled, code: int | None, what: Consequence, now: datetime) -> None:
    evidence = {"message_id": str(one.id), "code": code}
    if what is Consequence.OPT_OUT:
        kind = SuppressionKind.CARRIER_OPT_OUT
        compliance.opt_out(uow, one.e164, source="carrier", evidence=evidence, now=now, kind=kind)
    elif what in {Consequence.INVALID_NUMBER, Consequence.DEAD_NUMBER}:
        properties.phone_status(uow, one.e164, PhoneStatus.DEAD)
        leads.refresh_for(uow, phones=[one.e164])
    elif what is Consequence.LANDLINE:
        properties.line_type(uow, one.e164, LineType.LANDLINE)
        leads.refresh_for(uow, phones=[one.e164])


def _remember(uow: UnitOfWork, event: Event, moved: Sequence[Settled], now: datetime) -> None:
    """Write down on the timelines that a text went out, the first time that it is known."""
    if event not in PAID:
        return
    fresh = [one for one in moved if one.was in _FIRST_NEWS and one.lead_id is not None and event is not Event.GIVE_UP]
    leads.record_many(
        uow,
        [
            Moment(
                lead_id=one.lead_id,
                kind=ActivityKind.TEXT_OUT,
                summary=one.body,
                actor_id=one.actor_id,
                detail={
                    "message_id": str(one.id),
                    "campaign_id": str(one.campaign_id) if one.campaign_id else None,
                },
                at=one.submitted_at or now,
            )
            for one in fresh
            if one.lead_id is not None
        ],
    )
    leads.touch(uow, sorted({one.lead_id for one in fresh if one.lead_id is not None}), now)


def _tell_of_failures(
    uow: UnitOfWork, event: Event, moved: Sequence[Settled], codes: Mapping[UUID, int | None], now: datetime
) -> None:
    """Write down on the timelines that a text did not arrive, why, and what was done about it."""
    if event not in FAILED:
        return
    moments = list[Moment]()
    for one in moved:
        if one.lead_id is None:
            continue
        code = codes.get(one.id)
        found = explain(code)
        named = f" (carrier code {code})" if code else ""
        detail = {"message_id": str(one.id), "code": code}
        summary = f"A text did not arrive{named}. {found.means} {found.done}"
        moments.append(Moment(one.lead_id, ActivityKind.TEXT_FAILED, summary, None, detail, now))
    leads.record_many(uow, moments)


def _pay(uow: UnitOfWork, event: Event, moved: Sequence[Settled], now: datetime) -> None:
    """Settle reservations: spent when the carrier has the text, given back when it certainly has not."""
    if event not in PAID | UNPAID:
        return
    books: dict[tuple[UUID | None, datetime], tuple[int, int]] = defaultdict(lambda: (0, 0))
    for one in moved:
        if one.was not in _FIRST_NEWS:
            continue
        # The batch's instant, so that the same month is charged that was reserved.
        key = (one.campaign_id, one.submitted_at or now)
        reserved, spent = books[key]
        books[key] = (reserved + one.reserved, spent + (one.cost if event in PAID else 0))
    for (campaign_id, at), (reserved, spent) in sorted(books.items(), key=lambda each: str(each[0])):
        costs.settle(uow, campaign_id, reserved, spent, at)
