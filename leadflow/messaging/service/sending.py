"""The send loop: one number, one event loop, batch after batch.

A batch is one short transaction: texts are drawn, the gate clears them under its locks, money is reserved, and what is
cleared is committed as ``submitting``. Only then is each posted, once. Results are written every ``FLUSH_S``. Until its
POST begins a text can still be taken back: what is older than ``FRESH_S`` is looked at again first.

The transactions are synchronous and run in threads; the loop itself only waits for the carrier.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import TypeVar
from uuid import UUID

import psycopg
import structlog
import uvloop
from sqlalchemy.exc import DBAPIError

from leadflow.compliance import service as compliance
from leadflow.compliance.rules.gate import sentence
from leadflow.compliance.types import Ask, Cleared, Later, Recipient, Refused
from leadflow.costs import service as costs
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.leads import service as leads
from leadflow.leads.types import Moment
from leadflow.messaging.providers.port import Carrier
from leadflow.messaging.queries import batch as queries
from leadflow.messaging.queries import outcomes as outcome_queries
from leadflow.messaging.queries.outcomes import Move
from leadflow.messaging.rules.machine import target
from leadflow.messaging.rules.pace import LARGEST_BATCH, allow, span
from leadflow.messaging.rules.reconcile import first_look
from leadflow.messaging.service.carriers import callback_address, open_carrier
from leadflow.messaging.service.outcomes import happen
from leadflow.messaging.types import (
    Accepted,
    Batch,
    Consequence,
    Event,
    Held,
    NotSent,
    Outcome,
    Rejected,
    Result,
    Sent,
    Submission,
    Unknown,
)
from models.vocabulary import ActivityKind, Channel

log = structlog.get_logger(__name__)

Answer = TypeVar("Answer")

LEASE = timedelta(seconds=30)
"""How long a submitted text is its sender's; then nobody knows of it, and the reconciler asks."""
POST_WITHIN_S = 15.0
"""After a batch began, no POST of it begins later: the call's ten seconds still end within the lease."""
CONCURRENT = 200
"""Calls that one loop has open at once."""
FLUSH_S = 0.05
"""How often results are written."""
FRESH_S = 0.2
"""A text that waits longer than this for its POST is first looked at again."""
LOOK_S = FRESH_S / 2
"""Nothing is looked at while no text has waited longer than this."""
SLICE_S = 8.0
"""How long one call works before it gives its thread back, so that other numbers get their turn."""
PATIENCE_S = 1.5
"""Waits up to this long for the rate instead of giving the thread back."""
RETRY_S = (0.1, 0.3, 1.0, 2.0, 2.0, 4.0, 4.0)
"""Waits between attempts to write results while the database is away."""
BUSY = timedelta(milliseconds=50)
"""When to look again at a number that somebody else is serving."""
BUDGET = "budget"
"""The gate's own name for money that is used up."""
STALE = "not_stale"
"""The gate's name for a text whose time is over."""

_AWAY = (psycopg.Error, DBAPIError)


def send(db: Database, org_id: UUID, sender_number_id: UUID, *, slice_s: float = SLICE_S) -> Sent:
    """Send what is due on one number, at the rates allowed, for ``slice_s`` seconds or until nothing is due.

    May run in many processes at once, also for the same number: a batch holds the number, and the rate is counted in
    the database.

    Args:
        db: where the texts are.
        org_id: whose.
        sender_number_id: from which number.
        slice_s: seconds.

    Returns:
        What was done, and when there is more to do.
    """
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(_Loop(db, org_id, sender_number_id, slice_s).run())


# One batch


def take(db: Database, org_id: UUID, sender_id: UUID) -> Batch:
    """Draw, clear, reserve and submit one batch, in one transaction."""
    with db.begin(org_id) as uow:
        now = uow.now()
        queries.by_keys(uow)
        held = queries.hold_sender(uow, sender_id)
        if held is None:
            return Batch((), again_at=now + BUSY)
        if not held[2]:
            return Batch(())
        standing = queries.standing(uow, sender_id, held, now - span(held[1]))
        allowance = allow(standing.per_minute, standing.recent, standing.oldest, now)
        if allowance.texts == 0:
            due = queries.next_due(uow, sender_id)
            return Batch((), again_at=None if due is None else max(due, allowance.again_at))
        drawn, rate_frees = _draw(uow, sender_id, standing.e164, allowance.texts, now)
        if not drawn:
            due = queries.next_due(uow, sender_id)
            frees = rate_frees if due is not None and due <= now else None
            return Batch((), again_at=max(due, frees or due) if due is not None else None)
        return Batch(tuple(_decide(uow, drawn, now)), taken=len(drawn))


def _draw(
    uow: UnitOfWork, sender_id: UUID, sender: str, count: int, now: datetime
) -> tuple[list[Held], datetime | None]:
    """Draw replies first, then equal shares of the running campaigns, each within its own rate.

    Returns:
        The texts, and when the rate of a campaign that has to wait allows the next.
    """
    drawn = queries.draw(uow, sender_id, sender, None, now, count)
    campaigns = queries.hold_campaigns(uow, sender_id, now)
    lanes = queries.lanes(uow, sender_id, campaigns, [now - span(rate) for _, rate in campaigns]) if campaigns else []
    frees: datetime | None = None
    for position, lane in enumerate(lanes):
        allowance = allow(lane.per_minute, lane.recent, lane.oldest, now)
        if allowance.texts == 0:
            frees = min(frees or allowance.again_at, allowance.again_at)
        share = -(-(count - len(drawn)) // (len(lanes) - position))
        if (most := min(share, allowance.texts)) > 0:
            drawn += queries.draw(uow, sender_id, sender, lane.campaign_id, now, most)
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


# What the carrier said


def record(db: Database, org_id: UUID, results: Sequence[Result]) -> None:
    """Write the carrier's answers down, in one transaction."""
    with db.begin(org_id) as uow:
        now = uow.now()
        queries.by_keys(uow)
        answered = _doubt_twins(uow, results)
        happen(uow, Event.ACCEPT, [_accepted(one, said) for one, said in _of(answered, Accepted)], now)
        happen(uow, Event.LOSE, [_lost(one, said) for one, said in _of(answered, Unknown)], now)
        happen(uow, Event.NOT_SENT, [_not_sent(one, said, now) for one, said in _of(answered, NotSent)], now)
        _reject(uow, _of(answered, Rejected), now)


def _of(answered: Sequence[tuple[Submission, Outcome]], kind: type[Answer]) -> list[tuple[Submission, Answer]]:
    return [(one, said) for one, said in answered if isinstance(said, kind)]


def _doubt_twins(uow: UnitOfWork, results: Sequence[Result]) -> list[tuple[Submission, Outcome]]:
    """Doubt an answer whose id belongs to another text: then nobody knows what became of this one."""
    known = outcome_queries.known_sids(uow, {one.outcome.sid for one in results if isinstance(one.outcome, Accepted)})
    answered: list[tuple[Submission, Outcome]] = []
    for submission, said in results:
        if isinstance(said, Accepted) and known.setdefault(said.sid, submission.held.id) != submission.held.id:
            answered.append((submission, Unknown("the id of another text")))
        else:
            answered.append((submission, said))
    return answered


def _accepted(one: Submission, said: Accepted) -> Move:
    return Move(one.held.id, one.held.fence, sid=said.sid, segments=said.segments, detail={"sid": said.sid})


def _lost(one: Submission, said: Unknown) -> Move:
    return Move(one.held.id, one.held.fence, lease_until=first_look(one.at), detail={"why": said.reason})


def _not_sent(one: Submission, said: NotSent, now: datetime) -> Move:
    return Move(one.held.id, one.held.fence, not_before=now + said.retry_after, detail={"why": said.reason})


OURS = frozenset({Consequence.STOP_SENDER, Consequence.STOP_ACCOUNT})
"""Refusals that are our number's fault, not the text's: it goes back to the queue and the number stops."""


def _reject(uow: UnitOfWork, refused: Sequence[tuple[Submission, Rejected]], now: datetime) -> None:
    for event, chosen in (
        (Event.NOT_SENT, [pair for pair in refused if pair[1].consequence in OURS]),
        (Event.REJECT, [pair for pair in refused if pair[1].consequence not in OURS]),
    ):
        moves = [
            Move(one.held.id, one.held.fence, code=said.code, detail={"code": said.code, "means": said.consequence})
            for one, said in chosen
        ]
        happen(uow, event, moves, now, [(one.held.id, said.code, said.consequence) for one, said in chosen])


def recall(db: Database, org_id: UUID, taken_back: Sequence[tuple[Submission, str]]) -> None:
    """Note that texts were taken back before their POST began: for good, or until sending goes on."""
    with db.begin(org_id) as uow:
        now = uow.now()
        waiting = [pair for pair in taken_back if pair[1] in UNTIL_RESUMED]
        moves = [Move(one.held.id, one.held.fence, not_before=now, detail={"why": why}) for one, why in waiting]
        happen(uow, Event.NOT_SENT, moves, now)
        gone = [pair for pair in taken_back if pair[1] not in UNTIL_RESUMED]
        moves = [Move(one.held.id, one.held.fence, reasons=(why,), detail={"why": why}) for one, why in gone]
        happen(uow, Event.RECALL, moves, now)


UNTIL_RESUMED = frozenset({"kill_switch", "campaign_active"})
"""Reasons that a person may lift: the text goes back to the queue."""


# The loop


class _Loop:
    """One slice of sending on one number."""

    def __init__(self, db: Database, org_id: UUID, sender_id: UUID, slice_s: float) -> None:
        self.db, self.org_id, self.sender_id, self.slice_s = db, org_id, sender_id, slice_s
        self.ready: asyncio.Queue[Submission] = asyncio.Queue()
        self.waiting: dict[UUID, Submission] = {}
        """Submitted, and no POST has begun."""
        self.seen_at: dict[UUID, float] = {}
        """When the transaction of a waiting text began."""
        self.looked_at = 0.0
        """When the last look at all waiting texts began."""
        self.look = asyncio.Event()
        """Set when the next look has ended."""
        self.results: list[Result] = []
        self.hold_until = 0.0
        self.over = self.writing = False
        self.taken = self.posted = self.open = 0

    async def run(self) -> Sent:
        """Feed, post and record until the slice is over; leave nothing unrecorded."""
        carrier = await asyncio.to_thread(open_carrier, self.db, self.org_id)
        posters = [asyncio.create_task(self._post(carrier)) for _ in range(CONCURRENT)]
        recorder = asyncio.create_task(self._record())
        try:
            again_at = await self._feed()
        finally:
            await self.ready.join()
            self.over = True
            await recorder
            for poster in posters:
                poster.cancel()
            await asyncio.gather(*posters, return_exceptions=True)
            await carrier.close()
        return Sent(self.taken, self.posted, again_at)

    async def _feed(self) -> datetime | None:
        """Take batches as long as there is something to take and room for it."""
        end = self._time() + self.slice_s
        while self._time() < end:
            if self.ready.qsize() > LARGEST_BATCH // 2:
                await asyncio.sleep(0.002)
                continue
            if self._time() < self.hold_until:
                await asyncio.sleep(min(self.hold_until, end) - self._time())
                continue
            begun = self._time()
            batch = await asyncio.to_thread(take, self.db, self.org_id, self.sender_id)
            self._admit(batch, begun)
            if batch.taken:
                continue
            if self.waiting or self.open or self.results or self.writing:
                # What is still open may come back to the queue.
                await asyncio.sleep(FLUSH_S)
                continue
            if batch.again_at is None:
                return None
            wait = (batch.again_at - self.db.clock.now()).total_seconds()
            if wait > PATIENCE_S or self._time() + wait > end:
                return batch.again_at
            await asyncio.sleep(max(wait, 0.01))
        return self.db.clock.now() + timedelta(seconds=max(0.0, self.hold_until - self._time()))

    def _admit(self, batch: Batch, begun: float) -> None:
        self.taken += batch.taken
        for one in batch.submissions:
            self.waiting[one.held.id] = one
            self.seen_at[one.held.id] = begun
            self.ready.put_nowait(one)

    async def _post(self, carrier: Carrier) -> None:
        """Post one text after another, each once."""
        while True:
            one = await self.ready.get()
            try:
                if await self._may_post(one):
                    self.open += 1
                    address = callback_address(one.held.id)
                    outcome = await carrier.send(one.cleared, one.held.body, one.held.sender, address)
                    self._note(one, outcome)
            finally:
                self.ready.task_done()

    async def _may_post(self, one: Submission) -> bool:
        """Wait until nothing has stood against the text as of ``FRESH_S`` ago; False when it was taken back."""
        key = one.held.id
        # A look that ended after it was waited for is good however long it took: a slow database must not stop us.
        asked: float | None = None
        while key in self.waiting:
            now = self._time()
            if now > self.seen_at[key] + POST_WITHIN_S:
                # The process was stopped or the database is away; its lease may have gone to somebody else.
                self._leave(key)
                self.results.append(Result(one, NotSent(timedelta(0), "its time to be posted was over")))
                return False
            fresh = now - max(self.seen_at[key], self.looked_at) < FRESH_S
            if fresh or (asked is not None and self.looked_at > max(asked, self.seen_at[key])):
                self._leave(key)
                return True
            asked = self.looked_at
            await self.look.wait()
        return False

    def _leave(self, key: UUID) -> None:
        self.waiting.pop(key, None)
        self.seen_at.pop(key, None)

    def _note(self, one: Submission, outcome: Outcome) -> None:
        self.posted += 1
        self.open -= 1
        self.results.append(Result(one, outcome))
        if isinstance(outcome, NotSent):
            self.hold_until = max(self.hold_until, self._time() + outcome.retry_after.total_seconds())

    async def _record(self) -> None:
        """Write results and look at what still waits, every ``FLUSH_S``."""
        while not self.over or self.results:
            await asyncio.sleep(FLUSH_S)
            if self.results:
                results, self.results = self.results, []
                await self._persist(lambda results=results: record(self.db, self.org_id, results))
            if self._time() - min(self.seen_at.values(), default=self._time()) > LOOK_S:
                await self._look()

    async def _look(self) -> None:
        """Take back what something stands against by now. It is never posted once it is no longer waiting."""
        begun, ids = self._time(), list(self.waiting)
        try:
            against = await asyncio.to_thread(self._against, ids)
        except _AWAY:
            log.warning("send.look_failed")
            self._wake_posters()
            return
        gone = [(self.waiting[key], why) for key, why in against if key in self.waiting]
        for one, _ in gone:
            self._leave(one.held.id)
        self.looked_at = begun
        self._wake_posters()
        if gone:
            await self._persist(lambda: recall(self.db, self.org_id, gone))

    def _wake_posters(self) -> None:
        """Let those go on who waited for a look."""
        done, self.look = self.look, asyncio.Event()
        done.set()

    def _against(self, ids: Sequence[UUID]) -> list[tuple[UUID, str]]:
        with self.db.begin(self.org_id) as uow:
            return queries.taken_back(uow, ids)

    async def _persist(self, write: Callable[[], None]) -> None:
        """Write, again and again while the database is away. What is lost all the same, the reconciler finds."""
        self.writing = True
        for wait in RETRY_S:
            try:
                await asyncio.to_thread(write)
            except _AWAY as error:
                log.warning("send.write_failed", error=type(error).__name__)
                await asyncio.sleep(wait)
            else:
                break
        else:
            log.error("send.results_lost")
        self.writing = False

    @staticmethod
    def _time() -> float:
        return asyncio.get_running_loop().time()
