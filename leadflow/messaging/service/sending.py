"""The send loop: one number, one event loop, batch after batch.

A batch is one short transaction (``batching``): texts are drawn, the gate clears them under its locks, money is
reserved, and what is cleared is committed as ``submitting``. Only then is each posted, once. Results are written
(``answers``) every ``FLUSH_S``, the last of them at once. Until its POST begins a text can still be taken back: what is
older than ``FRESH_S`` is looked at again first. While the carrier's circuit is open nothing is drawn.

The transactions are synchronous and run in threads; the loop itself only waits for the carrier.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from uuid import UUID

import psycopg
import structlog
import uvloop
from sqlalchemy.exc import DBAPIError

from leadflow.kernel.breaker import Call, Shut
from leadflow.kernel.circuits import Circuit
from leadflow.kernel.db import Database
from leadflow.messaging.providers.port import Carrier
from leadflow.messaging.queries import batch as queries
from leadflow.messaging.rules.pace import LARGEST_BATCH
from leadflow.messaging.rules.restoring import RESTORED
from leadflow.messaging.service import restoring
from leadflow.messaging.service.answers import recall, record
from leadflow.messaging.service.batching import take
from leadflow.messaging.service.carriers import MESSAGES, callback_address, open_carrier
from leadflow.messaging.types import Batch, NotSent, Result, Sent, Submission

log = structlog.get_logger(__name__)

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
SLICE_S = 3.0
"""How long one call works before it gives its thread back, so that other numbers get their turn."""
PATIENCE_S = 1.5
"""Waits up to this long for the rate instead of giving the thread back."""
RETRY_S = (0.1, 0.3, 1.0, 2.0, 2.0, 4.0, 4.0)
"""Waits between attempts to write results while the database is away."""

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


class _Loop:
    """One slice of sending on one number."""

    def __init__(self, db: Database, org_id: UUID, sender_id: UUID, slice_s: float) -> None:
        self.db, self.org_id, self.sender_id, self.slice_s = db, org_id, sender_id, slice_s
        self.ready: asyncio.Queue[Submission] = asyncio.Queue()
        self.posters: list[asyncio.Task[None]] = []
        self.waiting: dict[UUID, Submission] = {}
        """Submitted, and no POST has begun."""
        self.seen_at: dict[UUID, float] = {}
        """When the transaction of a waiting text began."""
        self.looked_at = 0.0
        """When the last look at all waiting texts began."""
        self.look = asyncio.Event()
        """Set when the next look has ended."""
        self.results: list[Result] = []
        self.answered = asyncio.Event()
        """Set when nothing more is to come: the results are written without waiting for others."""
        self.settled = asyncio.Event()
        """Set when they are written: what is due next may be known now."""
        self.hold_until = 0.0
        self.over = self.writing = False
        self.taken = self.posted = self.open = 0

    async def run(self) -> Sent:
        """Feed, post and record until the slice is over; leave nothing unrecorded."""
        carrier = await asyncio.to_thread(open_carrier, self.db, self.org_id)
        recorder = asyncio.create_task(self._record())
        try:
            again_at = await self._feed(carrier)
        finally:
            await self.ready.join()
            self.over = True
            self.answered.set()
            await recorder
            for poster in self.posters:
                poster.cancel()
            await asyncio.gather(*self.posters, return_exceptions=True)
            await carrier.close()
        return Sent(self.taken, self.posted, again_at)

    async def _feed(self, carrier: Carrier) -> datetime | None:
        """Take batches as long as there is something to take and room for it."""
        end = self._time() + self.slice_s
        while self._time() < end:
            if await self._full(end):
                continue
            batch = await self._take(carrier)
            if batch.taken:
                continue
            if self.waiting or self.open or self.results or self.writing:
                # What is still open may come back to the queue.
                await _set_within(self.settled, FLUSH_S)
                continue
            if batch.again_at is None:
                return None
            wait = (batch.again_at - self.db.clock.now()).total_seconds()
            if wait > PATIENCE_S or self._time() + wait > end:
                return batch.again_at
            await asyncio.sleep(max(wait, 0.01))
        return self.db.clock.now() + timedelta(seconds=max(0.0, self.hold_until - self._time()))

    async def _full(self, end: float) -> bool:
        """Wait while there is enough to post, or the carrier has asked us to slow down."""
        if self.ready.qsize() > LARGEST_BATCH // 2:
            await asyncio.sleep(0.002)
            return True
        if self._time() < self.hold_until:
            await asyncio.sleep(min(self.hold_until, end) - self._time())
            return True
        return False

    async def _take(self, carrier: Carrier) -> Batch:
        """Take a batch; while the carrier is left alone none, and the texts stay queued."""
        if (wait := await self._shut(carrier)) is not None:
            return Batch((), again_at=self.db.clock.now() + wait)
        begun = self._time()
        # Until a call has gone well there is one at a time: more would only wait, and nobody else could send them.
        most = LARGEST_BATCH if MESSAGES.trusted else 1
        batch = await asyncio.to_thread(take, self.db, self.org_id, self.sender_id, most)
        self._admit(batch, begun, carrier)
        return batch

    def _admit(self, batch: Batch, begun: float, carrier: Carrier) -> None:
        self.taken += batch.taken
        # One more for each text until there are enough: most slices send a handful.
        for _ in batch.submissions[: CONCURRENT - len(self.posters)]:
            self.posters.append(asyncio.create_task(self._post(carrier)))
        for one in batch.submissions:
            self.waiting[one.held.id] = one
            self.seen_at[one.held.id] = begun
            self.ready.put_nowait(one)

    async def _post(self, carrier: Carrier) -> None:
        """Post one text after another, each once."""
        while True:
            one = await self.ready.get()
            try:
                async with MESSAGES.calling() as call:
                    await self._hand_over(carrier, one, call)
            except Shut as shut:
                self._hold(one, shut)
            finally:
                self.ready.task_done()
                if not (self.waiting or self.open):
                    self.answered.set()

    async def _hand_over(self, carrier: Carrier, one: Submission, call: Call) -> None:
        if not await self._may_post(one):
            return
        self.open += 1
        address = callback_address(one.held.id)
        outcome = await carrier.send(one.cleared, one.held.body, one.held.sender, address, call)
        self.posted += 1
        self.open -= 1
        self.results.append(Result(one, outcome))
        if isinstance(outcome, NotSent):
            self.hold_until = max(self.hold_until, self._time() + outcome.retry_after.total_seconds())

    def _hold(self, one: Submission, shut: Shut) -> None:
        """Give a text back whose carrier is left alone; if it waits no longer, it was taken back."""
        if one.held.id in self.waiting:
            self._leave(one.held.id)
            self.results.append(Result(one, NotSent(timedelta(seconds=shut.wait_s), "the carrier's circuit is open")))

    async def _shut(self, carrier: Carrier) -> timedelta | None:
        """Say how long the carrier is left alone at least; ask it now and then whether it lives. None: it is not."""
        if MESSAGES.trusted:
            return None
        view = await asyncio.to_thread(MESSAGES.view)
        if view.state is not Circuit.OPEN or view.wait_s == 0:
            return None
        if await asyncio.to_thread(MESSAGES.shall_feel) and await carrier.alive():
            await asyncio.to_thread(MESSAGES.felt)
            return timedelta(0)
        return timedelta(seconds=min(view.wait_s, MESSAGES.policy.feel_s))

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

    async def _record(self) -> None:
        """Write results and look at what still waits, every ``FLUSH_S`` and when nothing more is to come."""
        while not self.over or self.results:
            await _set_within(self.answered, FLUSH_S)
            if self.results:
                results, self.results = self.results, []
                await self._persist(lambda results=results: record(self.db, self.org_id, results))
                self.settled.set()
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
            if restoring.held(uow):
                # Its rows are others than those that were submitted, whatever their ids.
                return [(key, RESTORED) for key in ids]
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


async def _set_within(event: asyncio.Event, seconds: float) -> None:
    """Wait until the event is set, at most so long, and unset it."""
    with suppress(TimeoutError):
        await asyncio.wait_for(event.wait(), seconds)
    event.clear()
