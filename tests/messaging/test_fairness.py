"""Organisations take turns: whoever has ten texts does not wait for whoever has a hundred thousand."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from datetime import timedelta
from uuid import UUID

import pytest

from leadflow.jobs import service as jobs
from leadflow.jobs.types import Claim
from leadflow.kernel import doorbell
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.messaging import service as messaging
from leadflow.messaging.service import batching, sending
from models.messaging import SenderNumber
from models.vocabulary import RegistrationState
from tests.messaging.world import World

THREADS = 4
"""Slices that one worker serves at once."""
WITHIN_S = 5.0
"""What another organisation may cost: sending.md, fairness."""


class Workers:
    """Threads that serve slices in the order in which they are rung for; a slice is a batch, and time is counted."""

    def __init__(self, db: Database, rings: deque[UUID]) -> None:
        self.db, self.rings = db, rings
        self.busy: deque[Claim] = deque()
        self.served: list[UUID] = []
        """Whose slices began, in order."""

    def fill(self) -> None:
        """Let every free thread take what is rung for."""
        while len(self.busy) < THREADS and self.rings:
            self.begin()

    def begin(self) -> None:
        """Take one ring and begin the slice of whoever's turn it is."""
        with self.db.begin() as uow:
            claim = jobs.claim(uow, self.rings.popleft())
        if claim is not None and claim.org_id is not None:
            self.busy.append(claim)
            self.served.append(claim.org_id)

    def turn(self, texts: int) -> None:
        """Let the slice that began first send its batch and end; its thread takes the next ring."""
        claim = self.busy.popleft()
        assert claim.org_id is not None
        sender = UUID(claim.payload["sender_number_id"])
        batching.take(self.db, claim.org_id, sender, texts)
        with self.db.begin(claim.org_id) as uow:
            messaging.wake(uow, sender)
        with self.db.begin() as uow:
            jobs.finish(uow, claim)
        self.fill()


@pytest.fixture
def rings() -> Generator[deque[UUID]]:
    made: deque[UUID] = deque()
    before = doorbell.hang(lambda job_id, queue: made.append(job_id))  # noqa: ARG005 a bell's shape
    yield made
    doorbell.hang(before)


def crowd(world: World, numbers: int, texts: int) -> None:
    """Give a world many numbers, each with a campaign that never ends within the test."""
    people = world.add_people(texts)
    for place in range(numbers):
        with world.db.begin(world.org) as uow:
            one = SenderNumber(
                org_id=world.org,
                e164=f"+1773555{2000 + place}",
                registration=RegistrationState.VERIFIED,
                per_minute=60_000,
            )
            uow.session.add(one)
        world.queue(world.add_campaign(sender_number_id=one.id), people)


def test_ten_texts_begin_with_the_next_free_thread_whatever_another_organisation_has_waiting(
    db: Database, world: World, make_org: Callable[[str], UUID], clock: FrozenClock, rings: deque[UUID]
):
    crowd(world, numbers=12, texts=40)
    small = World(db, make_org("Oak Partners"), first=13_125_570_000, sender_e164="+17735550198").build(10)
    with db.begin(world.org) as uow:
        assert messaging.dispatch(uow) == 12
    workers = Workers(db, rings)
    workers.fill()
    for _ in range(6):
        clock.advance(timedelta(seconds=sending.SLICE_S))
        workers.turn(1)
    assert set(workers.served) == {world.org}
    assert len(rings) > THREADS, "the large organisation waits for more than there is room for"

    small.queue()
    with db.begin(small.org) as uow:
        messaging.dispatch(uow)
    before = len(workers.served)
    clock.advance(timedelta(seconds=sending.SLICE_S))
    workers.turn(1)

    assert workers.served[before:] == [small.org]
    while workers.busy[0].org_id != small.org:
        workers.turn(1)
    workers.turn(100)
    sent = "select count(*) from message where org_id = %s and state = 'submitting'"
    assert small.one(sent, small.org) == 10


def test_what_one_organisation_may_cost_another_is_one_slice_and_its_patience():
    assert sending.SLICE_S + sending.PATIENCE_S <= WITHIN_S


def test_as_many_turns_go_to_an_organisation_with_one_number_as_to_one_with_twelve(
    db: Database, world: World, make_org: Callable[[str], UUID], clock: FrozenClock, rings: deque[UUID]
):
    crowd(world, numbers=12, texts=40)
    other = World(db, make_org("Oak Partners"), first=13_125_570_000, sender_e164="+17735550198").build(40)
    other.queue()
    for org in (world.org, other.org):
        with db.begin(org) as uow:
            messaging.dispatch(uow)
    workers = Workers(db, rings)
    for _ in range(20):
        # One thread: with more, one number cannot be served twice at once.
        if not workers.busy:
            workers.begin()
        claim = workers.busy[0]
        clock.advance(timedelta(seconds=1))
        batching.take(db, claim.org_id or world.org, UUID(claim.payload["sender_number_id"]), 1)
        with db.begin(claim.org_id) as uow:
            messaging.wake(uow, UUID(claim.payload["sender_number_id"]))
        with db.begin() as uow:
            jobs.finish(uow, workers.busy.popleft())
    assert workers.served.count(other.org) == 10
