"""Lets the past happen: a clock that jumps, and the workers' own handlers, one job after another in this process."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from leadflow.jobs import service as jobs
from leadflow.jobs.types import Claim, Snooze
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.local.demo.carrier import Line
from leadflow.messaging import service as messaging
from models.vocabulary import JobKind

SLICE_S = 0.01
"""How long one call sends in real time: one batch, because this clock moves only between calls."""
STEP = timedelta(seconds=1)
"""How far the clock goes at least."""
LEAP = timedelta(minutes=20)
"""How far it goes at most."""

Handler = Callable[[Database, Claim], "Snooze | None"]


class Clockwork:
    """Runs what is due and moves the clock on.

    Args:
        db: a database whose clock is ``clock``.
        clock: stands still unless moved here.
        line: the carrier of this process.
        handlers: what does each kind of job: the workers' own.
    """

    def __init__(self, db: Database, clock: FrozenClock, line: Line, handlers: dict[JobKind, Handler]) -> None:
        self.db, self.clock, self.line = db, clock, line
        self.handlers = {**handlers, JobKind.MESSAGE_SEND: self._send}
        self.rung: list[UUID] = []
        self.next_texts: dict[UUID, datetime] = {}
        """When each number may send again; those with nothing to send are absent."""

    def __call__(self, job_id: UUID, queue: str) -> None:
        """Be the doorbell of this process."""
        del queue
        self.rung.append(job_id)

    def go_to(self, at: datetime) -> None:
        """Move the clock to ``at`` without doing anything on the way; never back."""
        self.clock.set(max(at, self.clock.now()))

    def settle(self) -> None:
        """Run everything that is due now, and what that brings."""
        for _ in range(200):
            jobs.sweep(self.db)
            due, self.rung = list(dict.fromkeys(self.rung)), []
            ran = sum(self._run(job_id) for job_id in due)
            if not ran and not self.rung and not self.line.report(self.db):
                return

    def run_until(self, end: datetime, *, over: Callable[[], bool] = lambda: False) -> None:
        """Let time pass until ``end``, or until ``over`` says so: from text to text, else in leaps."""
        while self.clock.now() < end and not over():
            self.settle()
            now = self.clock.now()
            wanted = max(now + STEP, min(self.next_texts.values(), default=now + LEAP))
            self.clock.set(min(end, now + LEAP, wanted))
        self.settle()

    def _run(self, job_id: UUID) -> bool:
        with self.db.begin() as uow:
            claim = jobs.claim(uow, job_id)
        if claim is None:
            return False
        outcome = self.handlers[claim.kind](self.db, claim)
        with self.db.begin() as uow:
            if isinstance(outcome, Snooze):
                jobs.snooze(uow, claim, outcome.after)
            else:
                jobs.finish(uow, claim)
        return claim.kind is not JobKind.CAMPAIGN_PACE  # it only looks, again and again

    def _send(self, db: Database, claim: Claim) -> None:
        if claim.org_id is None:
            return
        sender_id = UUID(claim.payload["sender_number_id"])
        done = messaging.send(db, claim.org_id, sender_id, slice_s=SLICE_S)
        self.next_texts.pop(sender_id, None)
        if done.again_at is None:
            return
        self.next_texts[sender_id] = done.again_at
        with db.begin(claim.org_id) as uow:
            messaging.wake(uow, sender_id, done.again_at)
