"""Two who merge at once: nobody waits for ever, and the slower one is told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest
from sqlmodel import select

from leadflow.duplicates import service as duplicates
from leadflow.duplicates.errors import GoingOut
from leadflow.duplicates.types import Wish
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Conflict
from models.campaigns import Campaign
from models.messaging import Message
from models.properties import Person
from models.vocabulary import DuplicateKind, MessageState
from tests.duplicates.world import World
from tests.owning import as_owner


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run acts side by side; answers what each gave or raised."""
    start = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> object:
        start.wait(10)
        try:
            return act()
        except Conflict as refused:
            return refused

    with ThreadPoolExecutor(len(acts)) as pool:
        return [one.result(60) for one in [pool.submit(run, act) for act in acts]]


def test_merges_that_overlap_never_deadlock_and_tell_the_slower_one(db: Database, org: UUID, owner: Principal):
    for _ in range(8):
        with db.begin(org) as uow:
            world = World(uow)
            shared = world.phone()
            humans = [world.person("John Smith", shared) for _ in range(3)]
            for human in humans:
                world.lead(world.house("", human))
            ids = [human.id for human in humans]
            uow.session.flush()

        def merge(survivor: int, loser: int, ids: list[UUID] = ids) -> object:
            with db.begin(org) as uow:
                return duplicates.merge(uow, owner, Wish(DuplicateKind.PERSON, ids[survivor], ids[loser]))

        answers = at_once(lambda: merge(0, 1), lambda: merge(1, 2), lambda: merge(2, 0))
        refused = [one for one in answers if isinstance(one, Conflict)]
        assert 1 <= len(refused) <= 2
        assert all("faster" in one.message for one in refused)
        with db.begin(org) as uow:
            left = {person.id for person in uow.session.exec(select(Person)).all()} & set(ids)
            assert len(left) == len(refused), "each merge that went through took one away"
            with uow.cursor() as cursor:
                cursor.execute("delete from phone where org_id = %s", [org])


def test_a_merge_does_not_wait_for_a_text_that_is_being_handed_over(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        world = World(uow)
        phone = world.phone()
        one, other = world.person("John Smith", phone), world.person("John Smith")
        lead = world.lead(world.house("", one, other))
        campaign = world.campaign()
        text = world.text(campaign, world.member(campaign, lead, one, phone), phone).id
        ids = one.id, other.id
    # A batch holds the text, and asks for the person while the merge holds it: the merge gives way.
    person_is_held, done = threading.Event(), threading.Event()

    def batch() -> None:
        with db.begin(org) as uow, uow.cursor() as cursor:
            cursor.execute("select 1 from message where id = %s for update", [text])
            person_is_held.set()
            cursor.execute("select 1 from person where id = any(%s) order by id for no key update", [list(ids)])
            done.wait(10)

    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(batch)
        person_is_held.wait(10)
        merging = ThreadPoolExecutor(1).submit(_merge, db, owner, ids)
        done.set()
        running.result(20)
        merging.result(20)
    with db.begin(org) as uow:
        assert uow.session.get_one(Message, (org, text)).person_id == ids[0]


def _merge(db: Database, owner: Principal, ids: tuple[UUID, UUID]) -> UUID:
    with db.begin(owner.org_id) as uow:
        return duplicates.merge(uow, owner, Wish(DuplicateKind.PERSON, *ids))


def test_a_text_that_was_taken_while_it_waited_is_told_not_waited_for(db: Database, org: UUID, owner: Principal):
    """Whoever has the text would wait for the person, and the merge has the person."""
    with db.begin(org) as uow:
        world = World(uow)
        phone = world.phone()
        one, other = world.person("John Smith", phone), world.person("John Smith")
        lead = world.lead(world.house("", one))
        campaign = world.campaign()
        member = world.member(campaign, lead, one, phone)
        ids = one.id, other.id
    with ThreadPoolExecutor(1) as pool, db.begin(org) as batch:
        with db.begin(org) as writing, writing.cursor() as cursor:
            cursor.execute("select 1 from person where id = %s for update", [ids[0]])
            merging = pool.submit(_merge, db, owner, ids)
            _wait_until_blocked(db)
            with db.begin(org) as uow:
                world = World(uow)
                world.text(uow.session.get_one(Campaign, (org, campaign.id)), member, phone)
            with batch.cursor() as held:
                held.execute("select 1 from message for update")
        with pytest.raises(GoingOut):
            merging.result(20)


def _wait_until_blocked(db: Database) -> None:
    """Wait until somebody waits for a row."""
    with as_owner(db.url) as connection:
        for _ in range(400):
            row = connection.execute(
                "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"
            ).fetchone()
            if row and row[0]:
                return
            connection.execute("select pg_sleep(0.02)")
    pytest.fail("nobody waits")


def test_a_text_under_way_is_left_to_go(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        world = World(uow)
        phone, phone2 = world.phone(), world.phone()
        one, other = world.person("John Smith", phone), world.person("John Smith", phone2)
        campaign = world.campaign()
        for human, number in ((one, phone), (other, phone2)):
            member = world.member(campaign, world.lead(world.house("", human)), human, number)
            world.text(campaign, member, number, MessageState.SUBMITTING)
        ids = one.id, other.id
    _merge(db, owner, ids)
    with db.begin(org) as uow:
        states = {text.state for text in uow.session.exec(select(Message)).all()}
        assert states == {MessageState.SUBMITTING}
