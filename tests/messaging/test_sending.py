"""Sending against a real carrier process and a real Postgres."""

from __future__ import annotations

from tests.carrier import Simulator
from tests.messaging.world import World


def test_every_queued_text_is_posted_once_and_accepted(world: World, carrier: Simulator):
    people = world.add_people(25)
    assert world.queue() == 25

    world.send()

    assert world.states() == {"accepted": 25}
    assert sorted(line["to"] for line in carrier.accepted()) == sorted(one.e164 for one in people)
