"""One batch: drawn, cleared by the gate, paid for in advance, and committed as ``submitting``."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from leadflow.compliance import service as compliance
from leadflow.compliance.rules.gate import sentence
from leadflow.compliance.types import Ask, Cleared, Later, Recipient, Refused
from leadflow.costs import service as costs
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.leads import service as leads
from leadflow.leads.types import Moment
from leadflow.messaging.queries import batch as queries
from leadflow.messaging.queries.pools import Stamina
from leadflow.messaging.rules.machine import target
from leadflow.messaging.rules.pace import DAY, LARGEST_BATCH, Allowance, allow, allow_day, span, strictest
from leadflow.messaging.service import regaining, restoring
from leadflow.messaging.service.limits import within_carriers
from leadflow.messaging.service.pools import rest, stamina
from leadflow.messaging.types import Batch, Event, Held, Submission
from models.vocabulary import ActivityKind, Channel

LEASE = timedelta(seconds=30)
"""How long a submitted text is its sender's; then nobody knows of it, and the reconciler asks."""
BUSY = timedelta(milliseconds=50)
"""When to look again at a number that somebody else is serving."""
BUDGET = "budget"
"""The gate's own name for money that is used up."""
STALE = "not_stale"
"""The gate's name for a text whose time is over."""


def take(db: Database, org_id: UUID, sender_id: UUID, most: int = LARGEST_BATCH) -> Batch:
    """Draw, clear, reserve and submit one batch of at most ``most`` texts, in one transaction."""
    with db.begin(org_id) as uow:
        now = uow.now()
        queries.by_keys(uow)
        held = queries.hold_sender(uow, sender_id, now)
        if held is None:
            return Batch((), again_at=now + BUSY)
        if not held.may_send or restoring.held(uow):
            return Batch(())
        allowance = _allowance(uow, sender_id, held, now)
        if allowance.texts == 0:
            due = queries.next_due(uow, sender_id, campaigns=not held.cools)
            return Batch((), again_at=None if due is None else max(due, allowance.again_at))
        strength = None if held.cools else stamina(uow, sender_id, now)
        if strength is not None and strength.left <= 0:
            rest(uow, sender_id, now, strength)
            return Batch((), again_at=now + BUSY)
        drawn, frees = _draw(uow, sender_id, held, min(allowance.texts, most), strength, now)
        if not drawn:
            due = queries.next_due(uow, sender_id, campaigns=not held.cools)
            return Batch((), again_at=None if due is None else max(due, frees or now + BUSY) if due <= now else due)
        # Holds what a gate comes before: whatever else was drawn waits for the next batch.
        settled = regaining.stand_back(uow, drawn, now)
        submissions = [] if settled else _decide(uow, within_carriers(uow, sender_id, drawn, now), now)
        sent = sum(one.held.campaign_id is not None for one in submissions)
        if strength is not None and sent and sent >= strength.left:
            rest(uow, sender_id, now, strength)
        return Batch(tuple(submissions), taken=len(drawn))


def _allowance(uow: UnitOfWork, sender_id: UUID, held: queries.Sender, now: datetime) -> Allowance:
    """Count all limits that hold for the number and for the organisation, in the database."""
    rate = held.per_minute
    found = [allow(rate, *queries.sent_by_number(uow, sender_id, now - span(rate)), now)]
    if held.per_day is not None:
        found.append(allow_day(held.per_day, *queries.sent_by_number(uow, sender_id, now - DAY), now))
    if (rate := held.org_per_minute) is not None:
        found.append(allow(rate, *queries.sent_by_organization(uow, now - span(rate)), now))
    if held.org_per_day is not None:
        found.append(allow_day(held.org_per_day, *queries.sent_by_organization(uow, now - DAY), now))
    return strictest(found)


def _draw(
    uow: UnitOfWork, sender_id: UUID, held: queries.Sender, count: int, strength: Stamina | None, now: datetime
) -> tuple[list[Held], datetime | None]:
    """Draw replies first, then equal shares of the running campaigns, each within its own rate.

    Returns:
        The texts, and when the rate of a campaign that has to wait allows the next.
    """
    drawn = queries.draw(uow, sender_id, held.e164, None, now, count)
    running = [] if held.cools else queries.hold_campaigns(uow, sender_id, now)
    pooled = [one.id for one in running if one.pooled]
    # A pool's campaign is counted over all its numbers, so one batch of it is taken at a time.
    ours = set(queries.alone(uow, pooled)) if pooled else set[UUID]()
    campaigns = [(one.id, one.per_minute) for one in running if not one.pooled or one.id in ours]
    lanes = queries.lanes(uow, campaigns, [now - span(rate) for _, rate in campaigns]) if campaigns else []
    frees: datetime | None = None
    room = count - len(drawn) if strength is None else min(count - len(drawn), strength.left)
    for position, lane in enumerate(lanes):
        allowance = allow(lane.per_minute, lane.recent, lane.oldest, now)
        if allowance.texts == 0:
            frees = min(frees or allowance.again_at, allowance.again_at)
        share = -(-room // (len(lanes) - position))
        if (most := min(share, allowance.texts)) > 0:
            found = queries.draw(uow, sender_id, held.e164, lane.campaign_id, now, most)
            room -= len(found)
            drawn += found
    return drawn, frees


def _decide(uow: UnitOfWork, drawn: Sequence[Held], now: datetime) -> list[Submission]:
    """Let the gate decide, reserve money for what it clears, and write the verdicts down."""
    stale = [one for one in drawn if one.send_before is not None and one.send_before <= now]
    queries.close(uow, target(Event.EXPIRE), [(one.id, None, (STALE,)) for one in stale], now) if stale else None
    fresh = sorted((one for one in drawn if one not in stale), key=_question)
    groups = [list(group) for _, group in groupby(fresh, key=_question)]
    if len(groups) > 1:
        # All gates first: taken group by group, two batches could each wait for a gate that the other holds.
        compliance.hold(uow, [_recipient(one) for one in fresh])
    return [one for group in groups for one in _clear(uow, group, now)]


def _question(held: Held) -> tuple[str, str, int, str]:
    return (held.purpose.value, str(held.campaign_id), held.step, str(held.actor_id))


def _clear(uow: UnitOfWork, asked: Sequence[Held], now: datetime) -> list[Submission]:
    first = asked[0]
    ask = Ask(first.purpose, Channel.TEXT, first.campaign_id, first.step, first.sender_id)
    answers = compliance.clear(uow, [_recipient(one) for one in asked], ask, now, first.actor_id)
    by_id = {one.id: one for one in asked}
    cleared = [one for one in answers if isinstance(one, Cleared)]
    afforded = costs.reserve(uow, first.campaign_id, [by_id[one.message_id].cost for one in cleared], now)
    later = [one for one in answers if isinstance(one, Later)]
    if later:
        queries.postpone(uow, later)
    broke = [Refused(one.message_id, one.decision_id, (BUDGET,)) for one in cleared[afforded:]]
    _refuse(uow, by_id, [*(one for one in answers if isinstance(one, Refused)), *broke], now)
    going = cleared[:afforded]
    if going:
        queries.submit(uow, target(Event.SUBMIT), going, now, now + LEASE)
    return [Submission(by_id[one.message_id], one, now) for one in going]


def _recipient(held: Held) -> Recipient:
    return Recipient(
        lead_id=held.lead_id,
        property_id=held.property_id,
        person_id=held.person_id,
        phone_id=held.phone_id,
        e164=held.e164,
        message_id=held.id,
        send_before=held.send_before,
    )


def _refuse(uow: UnitOfWork, by_id: dict[UUID, Held], refused: Sequence[Refused], now: datetime) -> None:
    for event, chosen in (
        (Event.EXPIRE, [one for one in refused if one.reasons[0] == STALE]),
        (Event.BLOCK, [one for one in refused if one.reasons[0] != STALE]),
    ):
        if chosen:
            ended = [(one.message_id, one.decision_id, one.reasons) for one in chosen]
            queries.close(uow, target(event), ended, now)
    moments = [
        Moment(
            lead_id=lead_id,
            kind=ActivityKind.BLOCKED,
            summary=f"Not texted: {sentence(one.reasons[0])}",
            detail={
                "message_id": str(one.message_id),
                "decision_id": str(one.decision_id),
                "reasons": list(one.reasons),
            },
            at=now,
        )
        for one in refused
        if (lead_id := by_id[one.message_id].lead_id) is not None
    ]
    leads.record_many(uow, moments)
