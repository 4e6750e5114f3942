"""What becomes of texts that were left behind."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from leadflow.kernel.clock import FrozenClock
from leadflow.local.ports import free_port
from leadflow.messaging import service as messaging
from leadflow.messaging.queries import batch
from leadflow.messaging.service import answers, batching
from leadflow.messaging.types import Result, Unknown
from tests.carrier import Simulator
from tests.faults.crew import wait_for
from tests.messaging.world import World, use_carrier


def lost(world: World, carrier: Simulator, *, taken: bool, count: int = 1) -> None:
    """Post texts whose answer never comes."""
    carrier.control(faults=[{"kind": "reset", "share": 1.0, "accepted": taken}])
    world.add_people(count)
    world.queue()
    world.send()
    assert world.states() == {"unknown": count}


def pass_time(world: World, clock: FrozenClock, **delta: float) -> int:
    """Let time pass and reconcile."""
    clock.advance(timedelta(**delta))
    return messaging.reconcile(world.db)


def test_a_lost_text_that_the_carrier_has_takes_its_id_and_state(world: World, carrier: Simulator, clock: FrozenClock):
    lost(world, carrier, taken=True)
    assert pass_time(world, clock, seconds=29) == 0
    assert pass_time(world, clock, seconds=2) == 1
    (line,) = carrier.accepted()
    (found,) = world.rows("select carrier_sid, state in ('accepted', 'sent', 'delivered') from message")
    assert found == (line["sid"], True)
    assert world.rows("select reserved::int, spent::int from budget where subject = 'organization'") == [(0, 110)]
    assert world.one("select count(*) from activity where kind = 'text_out'") == 1


def test_a_lost_text_that_the_carrier_never_had_goes_again_after_two_empty_lists(
    world: World, carrier: Simulator, clock: FrozenClock
):
    lost(world, carrier, taken=False)
    pass_time(world, clock, seconds=31)
    assert world.rows("select state, empty_lists from message") == [("unknown", 1)]
    pass_time(world, clock, minutes=2)
    assert world.rows("select state, empty_lists from message") == [("unknown", 1)]
    pass_time(world, clock, minutes=8)
    assert world.states() == {"queued": 1}
    assert world.rows("select reserved::int, spent::int from budget where subject = 'organization'") == [(0, 0)]
    world.send()
    assert world.states() == {"accepted": 1}
    assert len(carrier.accepted()) == 1


def test_two_lost_texts_of_one_pair_never_share_one_listed_text(world: World, carrier: Simulator, clock: FrozenClock):
    other = world.add_campaign()
    lost(world, carrier, taken=True)
    carrier.control(faults=[])
    world.do("update message set carrier_sid = null")
    world.queue(other)
    held = batching.take(world.db, world.org, world.sender).submissions
    assert not held or len(held) == 1
    for one in held:
        answers.record(world.db, world.org, [Result(one, Unknown("cut"))])
    pass_time(world, clock, seconds=31)
    sids = [row[0] for row in world.rows("select carrier_sid from message where carrier_sid is not null")]
    assert len(sids) == len(set(sids)) == 1


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("update campaign set state = 'cancelled'", "its campaign does not run any more"),
        ("update message set send_before = submitted_at", "its time is over"),
    ],
)
def test_a_lost_text_that_is_not_wanted_any_more_goes_to_a_person(
    world: World, carrier: Simulator, clock: FrozenClock, change: str, why: str
):
    lost(world, carrier, taken=False)
    world.do(change)
    pass_time(world, clock, seconds=31)
    pass_time(world, clock, minutes=10)
    assert world.states() == {"failed_unknown": 1}
    assert world.rows("select detail ->> 'why' from message_event where state = 'failed_unknown'") == [(why,)]
    assert world.rows("select reserved::int, spent::int from budget where subject = 'organization'") == [(0, 110)]


def test_a_carrier_that_cannot_be_asked_proves_nothing(world: World, carrier: Simulator, clock: FrozenClock):
    lost(world, carrier, taken=False)
    use_carrier(f"http://127.0.0.1:{free_port()}")
    for _ in range(4):
        pass_time(world, clock, minutes=10)
    assert world.rows("select state, empty_lists, reconcile_count from message") == [("unknown", 0, 0)]


def test_the_sweep_finds_submissions_whose_lease_has_ended(world: World, clock: FrozenClock):
    world.add_people(3)
    world.queue()
    assert batching.take(world.db, world.org, world.sender).taken == 3
    clock.advance(batching.LEASE - timedelta(seconds=1))
    messaging.sweep(world.db)
    assert world.states() == {"submitting": 3}
    clock.advance(timedelta(seconds=2))
    messaging.sweep(world.db)
    assert world.states() == {"unknown": 3}


def test_the_sweep_ends_what_is_past_its_time(world: World, clock: FrozenClock):
    world.add_people(2)
    world.queue()
    clock.advance(timedelta(days=8))
    messaging.sweep(world.db)
    assert world.states() == {"expired_window": 2}


def test_the_sweep_wakes_numbers_that_nobody_serves(world: World):
    world.add_people(1)
    world.queue()
    messaging.sweep(world.db)
    messaging.sweep(world.db)
    assert world.rows("select state from job where kind = 'message.send'") == [("waiting",)]


def test_the_sweep_leaves_other_organisations_alone(world: World, another_world: World, clock: FrozenClock):
    for one in (world, another_world):
        one.add_people(1)
        one.queue()
    batching.take(world.db, world.org, world.sender)
    clock.advance(timedelta(minutes=1))
    messaging.sweep(world.db)
    found = dict(world.rows("select org_id, state from message"))
    assert found == {world.org: "unknown", another_world.org: "queued"}


def test_an_end_that_was_never_reported_is_asked_for(world: World, carrier: Simulator, clock: FrozenClock):
    carrier.control(callbacks={"never": 1.0, "sent_after_s": 0.0, "final_after_s": 0.0})
    world.add_people(2)
    world.queue()
    world.send()
    assert world.states() == {"accepted": 2}
    assert pass_time(world, clock, minutes=9) == 0
    assert pass_time(world, clock, minutes=2) == 2
    assert world.states() == {"delivered": 2}
    assert world.rows("select reserved::int, spent::int from budget where subject = 'organization'") == [(0, 220)]


def test_a_text_whose_end_is_never_known_goes_to_a_person_after_days(
    world: World, carrier: Simulator, clock: FrozenClock
):
    carrier.control(callbacks={"never": 1.0, "sent_after_s": 600.0, "final_after_s": 1200.0})
    world.add_people(1)
    world.queue()
    world.send()
    looks = [
        pass_time(world, clock, **{unit: number}) for unit, number in (("minutes", 11), ("hours", 1), ("hours", 6))
    ]
    assert (looks, world.states()) == ([1, 1, 1], {"accepted": 1})
    pass_time(world, clock, days=1)
    pass_time(world, clock, days=3)
    assert world.states() == {"failed_unknown": 1}
    assert world.rows("select spent::int from budget where subject = 'organization'") == [(110,)]


def stall(world: World) -> None:
    """Say nothing in the middle of a batch, for longer than anybody does who is only slow."""
    with world.db.begin(world.org) as uow:
        batch.by_keys(uow)
        assert batch.hold_sender(uow, world.sender, uow.now()) is not None
        assert world.send(slice_s=0.2).posted == 0
        wait_for(lambda: world.send(slice_s=0.2).posted, 20)
        uow.session.execute(text("select 1"))


def test_a_worker_that_is_stopped_in_the_middle_of_a_batch_loses_its_locks(
    world: World, carrier: Simulator, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(batch, "SILENT", "2s")
    world.add_people(2)
    world.queue()
    with pytest.raises(DBAPIError):
        stall(world)
    world.send()
    assert world.states() == {"accepted": 2}
    assert len(carrier.accepted()) == 2
