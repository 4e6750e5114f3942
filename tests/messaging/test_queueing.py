"""What waits in the queue: waking its senders, and taking it back."""

from __future__ import annotations

from leadflow.messaging import service as messaging
from tests.messaging.world import World


def test_dispatch_wakes_each_number_once_that_has_something_to_send(world: World, another_world: World):
    world.add_people(1)
    with world.db.begin(world.org) as uow:
        assert messaging.dispatch(uow) == 0
    world.queue()
    for _ in range(2):
        with world.db.begin(world.org) as uow:
            assert messaging.dispatch(uow) == 1
    assert world.rows("select org_id, payload ->> 'sender_number_id' from job where kind = 'message.send'") == [
        (world.org, str(world.sender))
    ]
    with world.db.begin(another_world.org) as uow:
        assert messaging.dispatch(uow) == 0


def test_a_withdrawn_campaign_keeps_nothing_in_the_queue(world: World):
    world.add_people(3)
    world.queue()
    with world.db.begin(world.org) as uow:
        assert messaging.withdraw_campaign(uow, world.campaign) == 3
    assert world.states() == {"withdrawn": 3}
    assert world.rows("select distinct reasons from message") == [(["cancelled"],)]


def test_numbers_are_withdrawn_from_every_campaign(world: World):
    world.add_people(2)
    other = world.add_campaign()
    world.queue()
    world.queue(other)
    with world.db.begin(world.org) as uow:
        assert messaging.withdraw_numbers(uow, [world.people[0].e164], "opted_out") == 2
    assert world.states() == {"queued": 2, "withdrawn": 2}
