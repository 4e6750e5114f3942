"""In any order of sending, resting, stopping and changing a pool, people keep the number that they know."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID, uuid4

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from leadflow import process
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.messaging.service import batching
from leadflow.messaging.service.pools import hand_over
from models.identity import Organization
from models.messaging import NumberPool, PoolMember, SenderNumber
from models.vocabulary import RegistrationState
from tests.configuration import settings_of
from tests.conftest import NOON, RuntimeOf, drop_database, make_database
from tests.messaging.world import World

NUMBERS = st.integers(0, 2)
PEOPLE = st.integers(0, 1)


class Pool(RuleBasedStateMachine):
    """One pool of three numbers, two people, and campaigns without end."""

    database_url: str

    def __init__(self) -> None:
        super().__init__()
        self.clock = FrozenClock(NOON)
        self.db = Database(self.database_url, clock=self.clock, pool_size=2)
        organization = Organization(name="Cedar Homes")
        pool = NumberPool(org_id=organization.id, name="All")
        with self.db.begin() as uow:
            uow.session.add(organization)
        self.world = World(self.db, organization.id).build(2)
        with self.db.begin(self.world.org) as uow:
            more = [
                SenderNumber(
                    org_id=self.world.org,
                    e164=e164,
                    registration=RegistrationState.VERIFIED,
                    per_minute=60_000,
                )
                for e164 in ("+13125550177", "+12125550177")
            ]
            uow.session.add_all([*more, pool])
            uow.session.flush()
            self.numbers = [self.world.sender, *(one.id for one in more)]
            self.pool = pool.id
            uow.session.add_all(self._member(one) for one in self.numbers)
        self.inside = set(self.numbers)
        self.last: dict[str, UUID] = {}
        """From which number each person heard last."""
        self.free: set[str] = set()
        """Whose number has left the pool since."""

    def teardown(self) -> None:
        """Leave nothing open."""
        self.db.dispose()

    def _member(self, number: UUID) -> PoolMember:
        return PoolMember(org_id=self.world.org, pool_id=self.pool, sender_number_id=number)

    def _hand_over(self) -> None:
        with self.db.begin(self.world.org) as uow:
            hand_over(uow)

    @rule(person=PEOPLE)
    def queue(self, person: int) -> None:
        campaign = self.world.add_campaign(sender_number_id=None, pool_id=self.pool)
        self.world.queue(campaign, [self.world.people[person]])

    @rule()
    def send(self) -> None:
        self.clock.advance(timedelta(minutes=1))
        for sender in self.numbers:
            for one in batching.take(self.db, self.world.org, sender).submissions:
                to = one.held.e164
                assert self.last.get(to, sender) == sender or to in self.free, "another number than the known one"
                self.last[to] = sender
                self.free.discard(to)

    @rule(number=NUMBERS, act=st.sampled_from(["rest", "stop", "start", "leave", "join"]))
    def unsettle(self, number: int, act: str) -> None:
        one = self.numbers[number]
        if act == "rest":
            until = self.clock.now() + timedelta(minutes=30)
            self.world.do("update sender_number set cooling_until = %s where id = %s", until, one)
        elif act in {"stop", "start"}:
            at = self.clock.now() if act == "stop" else None
            self.world.do("update sender_number set disabled_at = %s where id = %s", at, one)
        elif act == "leave" and self.inside != {one}:
            self._leave(one)
        elif act == "join" and one not in self.inside:
            self.inside.add(one)
            with self.db.begin(self.world.org) as uow:
                uow.session.add(self._member(one))
        self._hand_over()

    def _leave(self, one: UUID) -> None:
        self.inside.discard(one)
        self.free |= {person for person, known in self.last.items() if known == one}
        self.world.do("delete from pool_member where sender_number_id = %s", one)

    @rule(minutes=st.sampled_from([31, 24 * 60]))
    def time_passes(self, minutes: int) -> None:
        """Let rests end, and days on which people have heard enough."""
        self.clock.advance(timedelta(minutes=minutes))
        self._hand_over()


@contextmanager
def machine(server_url: str, template: str, runtime_of: RuntimeOf) -> Generator[type[Pool]]:
    """Make machines that each have a database of their own."""
    made: list[str] = []

    class Own(Pool):
        def __init__(self) -> None:
            name = f"pool_{uuid4().hex}"
            self.database_url = runtime_of(make_database(server_url, name, template))
            made.append(name)
            super().__init__()

        def teardown(self) -> None:
            super().teardown()
            drop_database(server_url, made.pop())

    yield Own
    for name in made:
        drop_database(server_url, name)


def test_in_any_order_people_hear_from_one_number_until_it_leaves_the_pool(
    server_url: str, template: str, runtime_of: RuntimeOf
) -> None:
    process.configure(settings_of())
    with machine(server_url, template, runtime_of) as own:
        run_state_machine_as_test(
            own,
            settings=settings(
                max_examples=25,
                stateful_step_count=25,
                deadline=None,
                suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
            ),
        )
