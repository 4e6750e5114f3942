"""The send machine over a real Postgres, driven through random orders of everything that may happen to it.

Two workers claim, look, post and write down; either may crash, or sleep and wake late. The carrier takes texts or loses
them, answers or does not, reports early, late, doubled, out of order; its list lags. Meanwhile people say STOP,
campaigns are paused, resumed and cancelled, the kill switch is thrown, leases end, the sweeper and the reconciler
come by. Whatever the order: no text is taken twice, none is submitted after STOP or a pause, an end is an end, the
money adds up, and once things calm down every text ends.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from leadflow import process
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.messaging import service as messaging
from leadflow.messaging.queries import batch as batch_queries
from leadflow.messaging.queries import recovery as recovery_queries
from leadflow.messaging.rules.machine import TERMINAL
from leadflow.messaging.service import answers, batching, recovery, sending
from leadflow.messaging.types import (
    Accepted,
    Consequence,
    Listed,
    NotSent,
    Outcome,
    Rejected,
    Result,
    Submission,
    Unknown,
    Webhook,
)
from leadflow.simulators.carrier import dialect
from models.identity import Organization
from models.vocabulary import MessageState
from tests.configuration import settings_of
from tests.conftest import NOON, RuntimeOf, drop_database, make_database
from tests.messaging.calls import sms
from tests.messaging.world import PUBLIC, TOKEN, World, use_carrier

PRICE = 110
HELD_MONEY = ("submitting", "unknown")
PAID = ("accepted", "sent", "delivered", "undelivered", "failed", "failed_unknown")
LAG = timedelta(minutes=4)
"""The longest that the carrier's list may lag: less than lies between the two empty lists."""
ENDS = frozenset(state.value for state in TERMINAL)
STATUSES = ("queued", "sent", "delivered", "undelivered", "failed")


@dataclass
class Taken:
    """One text at the carrier."""

    message: UUID
    sid: str
    to: str
    body: str
    created: Any
    status: str = "queued"


@dataclass
class Worker:
    """What one worker has in its hands."""

    held: list[Submission] = field(default_factory=list)
    """Submitted, and no call has begun."""
    said: list[Result] = field(default_factory=list)
    """Answers that are not written down yet."""


class SendMachine(RuleBasedStateMachine):
    """Everything that may happen, in any order."""

    database_url: str

    def __init__(self) -> None:
        super().__init__()
        use_carrier("http://127.0.0.1:9", PUBLIC)
        self.clock = FrozenClock(NOON)
        self.db = Database(self.database_url, clock=self.clock, pool_size=2)
        organization = Organization(name="Cedar Homes")
        with self.db.begin() as uow:
            uow.session.add(organization)
        self.world = World(self.db, organization.id).build(4)
        self.workers = (Worker(), Worker())
        self.taken: list[Taken] = []
        self.stopped: set[str] = set()
        self.campaign, self.killed = "running", False
        self.asked = 0
        self.ended: dict[UUID, str] = {}
        """Every end that was seen; none may change."""

    def teardown(self) -> None:
        """Let things calm down: everybody ends."""
        try:
            self.calm_down()
        finally:
            self.db.dispose()

    # Ours

    @precondition(lambda self: self.campaign != "cancelled")
    @rule(number=st.integers(0, 3))
    def queue(self, number: int) -> None:
        self.asked += self.world.queue(people=[self.world.people[number]])

    @rule(index=st.integers(0, 1))
    def claim(self, index: int) -> None:
        batch = batching.take(self.db, self.world.org, self.world.sender)
        for one in batch.submissions:
            assert one.held.e164 not in self.stopped, "submitted after STOP"
            assert (self.campaign, self.killed) == ("running", False), "submitted while sending was paused"
        self.workers[index].held += batch.submissions

    @precondition(lambda self: any(worker.held for worker in self.workers))
    @rule(index=st.integers(0, 1))
    def look(self, index: int) -> None:
        """Look once more at what waits, as the loop does before each call that has waited."""
        worker = self.workers[index]
        with self.db.begin(self.world.org) as uow:
            against = dict(batch_queries.taken_back(uow, [one.held.id for one in worker.held]))
        gone = [(one, against[one.held.id]) for one in worker.held if one.held.id in against]
        worker.held = [one for one in worker.held if one.held.id not in against]
        # What is too old to be posted at all may have been swept meanwhile; nothing has to be taken back.
        fresh = [one for one in worker.held if self.clock.now() - one.at <= timedelta(seconds=sending.POST_WITHIN_S)]
        assert not {one.held.e164 for one in fresh} & self.stopped, "a look passed over a STOP"
        if gone:
            answers.recall(self.db, self.world.org, gone)

    @precondition(lambda self: any(worker.held for worker in self.workers))
    @rule(index=st.integers(0, 1), takes=st.booleans(), answer=st.sampled_from(["sid", "lost", "busy", "refused"]))
    def post(self, index: int, takes: bool, answer: str) -> None:  # noqa: FBT001 hypothesis draws it
        """Begin a call, if it is still time to; the carrier does what it likes."""
        worker = self.workers[index]
        if not worker.held:
            return
        one = worker.held.pop(0)
        outcome: Outcome
        if self.clock.now() - one.at > timedelta(seconds=sending.POST_WITHIN_S):
            outcome = NotSent(timedelta(0), "its time to be posted was over")
        elif answer == "busy":
            outcome = NotSent(timedelta(seconds=5), "http 429")
        elif answer == "refused":
            outcome = Rejected(21614, Consequence.NONE)
        elif answer == "lost":
            if takes:
                self._take(one)
            outcome = Unknown("cut")
        else:
            outcome = Accepted(self._take(one).sid, 1)
        worker.said.append(Result(one, outcome))

    def _take(self, one: Submission) -> Taken:
        assert self.clock.now() < one.cleared.expires_at, "posted without a permission"
        new = Taken(one.held.id, f"SM{uuid4().hex}", one.held.e164, one.held.body, self.clock.now())
        self.taken.append(new)
        return new

    @precondition(lambda self: any(worker.said for worker in self.workers))
    @rule(index=st.integers(0, 1), count=st.integers(1, 4))
    def write_down(self, index: int, count: int) -> None:
        worker = self.workers[index]
        results, worker.said = worker.said[:count], worker.said[count:]
        if results:
            answers.record(self.db, self.world.org, results)

    @rule(index=st.integers(0, 1))
    def crash(self, index: int) -> None:
        self.workers[index].held.clear()
        self.workers[index].said.clear()

    # The carrier's reports

    @precondition(lambda self: self.taken)
    @rule(which=st.integers(0, 99), status=st.sampled_from(STATUSES), times=st.integers(1, 2))
    def report(self, which: int, status: str, times: int) -> None:
        """Report on a text; a carrier's end stays its end, but its calls may come in any order."""
        one = self.taken[which % len(self.taken)]
        if one.status not in {"delivered", "undelivered", "failed"}:
            one.status = status
        elif status in {"delivered", "undelivered", "failed"}:
            status = one.status
        for _ in range(times):
            self._call(one, status)
        messaging.apply_callbacks(self.db)

    def _call(self, one: Taken, status: str) -> None:
        form = dialect.status_form(sms(one.sid, one.to, self.world.sender_e164), status, None)
        target = f"/hooks/twilio/status?m={one.message}"
        messaging.status_callback(self.db, Webhook(target, form, dialect.sign(TOKEN, PUBLIC + target, form)))

    # People

    @rule(number=st.integers(0, 3))
    def say_stop(self, number: int) -> None:
        person = self.world.people[number].e164
        form = dialect.inbound_form(sms(f"SM{uuid4().hex}", self.world.sender_e164, person, "STOP"), None)
        target = "/hooks/twilio/inbound"
        assert messaging.inbound(self.db, Webhook(target, form, dialect.sign(TOKEN, PUBLIC + target, form)))
        self.stopped.add(person)

    @precondition(lambda self: self.stopped)
    @rule()
    def fan_out(self) -> None:
        with self.db.begin(self.world.org) as uow:
            messaging.withdraw_numbers(uow, self.stopped, "opt_out")

    @precondition(lambda self: self.campaign != "cancelled")
    @rule(state=st.sampled_from(["running", "paused", "running", "cancelled"]))
    def steer(self, state: str) -> None:
        """Pause, resume or cancel the campaign."""
        self.campaign = state
        self.world.do("update campaign set state = %s", state)
        if state == "cancelled":
            with self.db.begin(self.world.org) as uow:
                messaging.withdraw_campaign(uow, self.world.campaign)

    @rule()
    def kill_switch(self) -> None:
        self.killed = not self.killed
        self.world.do("update organization set sending_paused = %s", self.killed)

    # Time

    @rule(seconds=st.sampled_from([1, 16, 31, 120, 360]))
    def time_passes(self, seconds: int) -> None:
        self.clock.advance(timedelta(seconds=seconds))

    @rule()
    def sweep(self) -> None:
        messaging.sweep(self.db)

    @rule(lags=st.booleans())
    def reconcile(self, lags: bool) -> None:  # noqa: FBT001 hypothesis draws it
        """Ask for the lists of the pairs in doubt; what was taken of late may be missing from them."""
        now = self.clock.now()
        with self.db.begin() as uow:
            doubts = recovery_queries.doubts(uow, now, now + recovery.ASK_WITHIN, recovery.DOUBTS)
        listings = {(one.e164, one.sender): self._listed(one.e164, lags=lags) for one in doubts}
        if doubts:
            with self.db.begin(self.world.org) as uow:
                recovery._resolve(uow, sorted(doubts, key=lambda one: one.id), listings, now)

    def _listed(self, to: str, *, lags: bool) -> list[Listed]:
        seen_until = self.clock.now() - (LAG if lags else timedelta(0))
        return [
            Listed(one.sid, one.to, self.world.sender_e164, one.body, one.status, None, 1, one.created)
            for one in self.taken
            if one.to == to and one.created <= seen_until
        ]

    # What must hold

    @invariant()
    def nothing_is_taken_twice(self) -> None:
        assert not [key for key, count in Counter(one.message for one in self.taken).items() if count > 1]

    @invariant()
    def an_end_is_an_end_and_nothing_vanishes(self) -> None:
        rows: list[tuple[Any, ...]] = self.world.rows("select id, state from message where purpose = 'campaign'")
        assert len(rows) == self.asked
        for key, state in rows:
            assert self.ended.get(key, state) == state, f"{self.ended[key]} became {state}"
            if state in ENDS:
                self.ended[key] = state

    @invariant()
    def what_is_called_unsent_is_not_at_the_carrier(self) -> None:
        unsent = {key for key, state in self.ended.items() if state in {"blocked", "withdrawn", "rejected"}}
        in_hand = {one.held.id for worker in self.workers for one in worker.held}
        assert not unsent & {one.message for one in self.taken} - in_hand

    @invariant()
    def the_money_adds_up(self) -> None:
        counts = self.world.states()
        money = self.world.rows("select reserved::int, spent::int from budget where subject = 'organization'")
        reserved, spent = money[0] if money else (0, 0)
        assert reserved == PRICE * sum(counts.get(state, 0) for state in HELD_MONEY)
        assert spent == PRICE * sum(counts.get(state, 0) for state in PAID)

    def calm_down(self) -> None:
        """Nobody interferes any more, and the carrier behaves."""
        self.killed = False
        self.world.do("update organization set sending_paused = false")
        if self.campaign == "paused":
            self.steer("running")
        for worker in self.workers:
            worker.held.clear()
            worker.said.clear()
        for _ in range(30):
            if self.asked == len(self.ended):
                break
            self.clock.advance(timedelta(minutes=11))
            self.sweep()
            self.reconcile(lags=False)
            self.claim(0)
            while self.workers[0].held:
                self.post(0, takes=True, answer="sid")
            self.write_down(0, 4)
            for one in self.taken:
                one.status = one.status if one.status in {"undelivered", "failed"} else "delivered"
                self._call(one, one.status)
            messaging.apply_callbacks(self.db)
            self.nothing_is_taken_twice()
            self.an_end_is_an_end_and_nothing_vanishes()
            self.the_money_adds_up()
        assert self.asked == len(self.ended), f"some never end: {self.world.states()}"
        self.each_text_has_one_account()

    def each_text_has_one_account(self) -> None:
        """What the machine calls sent is at the carrier, and the other way round."""
        sent = {key for key, state in self.ended.items() if state in {"delivered", "undelivered", "failed"}}
        unsure = {key for key, state in self.ended.items() if state == MessageState.FAILED_UNKNOWN}
        at_carrier = {one.message for one in self.taken}
        assert sent <= at_carrier
        assert at_carrier <= sent | unsure


@contextmanager
def machine(server_url: str, template: str, runtime_of: RuntimeOf) -> Generator[type[SendMachine]]:
    """Make machines that each have a database of their own."""
    made: list[str] = []

    class Own(SendMachine):
        def __init__(self) -> None:
            name = f"machine_{uuid4().hex}"
            self.database_url = runtime_of(make_database(server_url, name, template))
            made.append(name)
            super().__init__()

        def teardown(self) -> None:
            super().teardown()
            drop_database(server_url, made.pop())

    yield Own
    for name in made:
        drop_database(server_url, name)


def drive(own: type[SendMachine], examples: int, steps: int) -> None:
    """Drive machines through random orders."""
    process.configure(settings_of())
    run_state_machine_as_test(
        own,
        settings=settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )


def test_in_any_order_no_text_is_sent_twice_and_every_one_ends(
    server_url: str, template: str, runtime_of: RuntimeOf
) -> None:
    with machine(server_url, template, runtime_of) as own:
        drive(own, examples=15, steps=25)


@pytest.mark.slow
def test_in_many_long_orders_no_text_is_sent_twice_and_every_one_ends(
    server_url: str, template: str, runtime_of: RuntimeOf
) -> None:
    with machine(server_url, template, runtime_of) as own:
        drive(own, examples=200, steps=60)
