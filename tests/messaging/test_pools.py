"""Pools of numbers, and the limits that hold over them."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.identity.types import Principal
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.errors import Conflict
from leadflow.messaging import service as messaging
from leadflow.messaging.number_types import (
    BrandInput,
    CampaignRegistration,
    CarrierRate,
    PoolInput,
    SenderChange,
    SenderInput,
)
from leadflow.messaging.rules.pace import DAY, allow_day
from leadflow.messaging.rules.pools import PoolNumber, choose
from leadflow.messaging.service import batching
from leadflow.messaging.service.pools import hand_over
from models.base import new_id
from models.messaging import SenderNumber
from models.vocabulary import RegistrationState
from tests.conftest import NOON
from tests.messaging.world import World

HOME, AWAY = "+13125550177", "+12125550177"
ALL_STATES = frozenset({"IL"})
A, B, C = new_id(), new_id(), new_id()


# Whose turn


def number(id_: UUID, area: str = "312", *, able: bool = True, load: int = 0, state: str = "IL") -> PoolNumber:
    return PoolNumber(id_, area, frozenset({state}), able, load)


def test_whoever_knows_a_number_goes_on_hearing_from_it():
    numbers = [number(A), number(B, load=0), number(C, "212", state="NY", load=99)]
    assert choose("+13125550001", "312", ALL_STATES, numbers, C) == C


def test_a_known_number_is_waited_for_and_replaced_only_where_it_has_left_the_pool():
    assert choose("+13125550001", "312", ALL_STATES, [number(A), number(B, able=False)], B) == B
    assert choose("+13125550001", "312", ALL_STATES, [number(A)], B) == A


def test_nobody_gets_to_know_a_number_that_may_not_send():
    assert choose("+13125550001", "312", ALL_STATES, [number(A), number(B, able=False)], None) == A
    assert choose("+13125550001", "312", ALL_STATES, [number(B, able=False)], None) is None


def test_the_same_area_code_comes_before_the_same_state_and_that_before_any():
    near, state, far = number(A), number(B, "773"), number(C, "212", state="NY")
    assert choose("+13125550001", "312", ALL_STATES, [far, state, near], None) == A
    assert choose("+13125550001", "312", ALL_STATES, [far, state], None) == B
    assert choose("+13125550001", "312", ALL_STATES, [far], None) == C
    assert choose("+13125550001", "312", ALL_STATES, [], None) is None


@given(st.integers(0, 9_999), st.lists(st.integers(0, 5), min_size=1, max_size=8))
def test_the_choice_depends_on_nothing_but_person_numbers_and_load(last: int, loads: list[int]):
    numbers = [number(UUID(int=place + 1), load=load) for place, load in enumerate(loads)]
    recipient = f"+1312555{last:04d}"
    first = choose(recipient, "312", ALL_STATES, numbers, None)
    assert first == choose(recipient, "312", ALL_STATES, list(reversed(numbers)), None)
    assert first in {one.id for one in numbers}


@given(st.integers(1, 50), st.integers(0, 60))
def test_a_day_never_allows_more_than_its_limit(limit: int, sent: int):
    at = NOON
    allowed = allow_day(limit, sent, at - timedelta(hours=3) if sent else None, at)
    assert allowed.texts == max(0, limit - sent)
    assert allowed.again_at == (at if sent < limit else at - timedelta(hours=3) + DAY)


# A pool


def add_sender(world: World, e164: str, **changed: Any) -> UUID:
    with world.db.begin(world.org) as uow:
        one = SenderNumber(
            org_id=world.org,
            e164=e164,
            **({"registration": RegistrationState.VERIFIED, "per_minute": 60_000} | changed),
        )
        uow.session.add(one)
    return one.id


def pooled(world: World, owner: Principal, *senders: UUID, **terms: Any) -> tuple[UUID, UUID]:
    """Make a pool of the world's number and others, and a campaign that sends from it."""
    rate = terms.pop("per_minute", 60_000)
    with world.db.begin(world.org) as uow:
        pool = messaging.keep_pool(uow, owner, PoolInput(name="Texas", numbers=[world.sender, *senders], **terms))
    return pool, world.add_campaign(sender_number_id=None, pool_id=pool, per_minute=rate)


def spread(world: World) -> dict[UUID, int]:
    return dict(world.rows("select sender_number_id, count(*)::int from message group by 1"))


def talk(world: World, sender: UUID, e164: str) -> None:
    world.do(
        "insert into conversation (org_id, sender_number_id, e164, last_at) values (%s, %s, %s, now())",
        world.org,
        sender,
        int(e164),
    )


def test_a_pool_spreads_a_campaign_and_keeps_conversations_where_they_are(world: World, owner: Principal):
    second = add_sender(world, "+17735550111")
    _, campaign = pooled(world, owner, second)
    people = world.add_people(40)
    for one in people[:10]:
        talk(world, second, one.e164)
    world.queue(campaign)
    assert min(spread(world).values()) >= 10
    known = world.rows(
        "select count(*) from message where sender_number_id = %s and e164 = any(%s)",
        second,
        [int(one.e164) for one in people[:10]],
    )
    assert known == [(10,)]


def test_a_later_message_goes_from_the_number_of_the_first(world: World, owner: Principal):
    second = add_sender(world, "+17735550111")
    _, campaign = pooled(world, owner, second)
    people = world.add_people(30)
    world.queue(campaign)
    with world.db.begin(world.org) as uow:
        messaging.queue_many(uow, campaign, 2, [one.draft() for one in people])
    assert world.one("select count(distinct (e164, sender_number_id)) from message") == 30


def test_a_number_that_looks_like_home_is_preferred(world: World, owner: Principal):
    home, away = add_sender(world, HOME), add_sender(world, AWAY)
    _, campaign = pooled(world, owner, home, away)
    world.add_people(10)
    world.queue(campaign)
    assert spread(world) == {home: 10}


def test_a_stopped_number_hands_its_queue_on_but_no_conversation_and_nothing_submitted(world: World, owner: Principal):
    second = add_sender(world, "+17735550111")
    _, campaign = pooled(world, owner, second)
    people = world.add_people(30)
    world.queue(campaign)
    world.do("update message set sender_number_id = %s", second)
    talk(world, second, people[0].e164)
    taken = batching.take(world.db, world.org, second, 5)
    assert taken.taken == 5
    busy = {one.held.e164 for one in taken.submissions}

    with world.db.begin(world.org) as uow:
        messaging.change_sender(uow, owner, second, SenderChange(enabled=False))

    stay = {f"+{row[0]}" for row in world.rows("select e164 from message where sender_number_id = %s", second)}
    assert stay == busy | {people[0].e164}
    assert spread(world)[world.sender] == 30 - len(stay)


def test_a_number_rests_after_as_many_texts_as_its_pool_allows_and_others_take_over(
    world: World, owner: Principal, clock: FrozenClock
):
    second = add_sender(world, "+17735550111")
    _, campaign = pooled(world, owner, second, cool_after=5, cool_minutes=30)
    world.add_people(20)
    world.queue(campaign)
    world.do("update message set sender_number_id = %s", second)
    batching.take(world.db, world.org, second, 5)

    (row,) = [one for one in senders(world, owner) if one.id == second]
    assert row.cooling_until == clock.now() + timedelta(minutes=30)
    assert "rests" in (row.cooling_why or "")
    assert batching.take(world.db, world.org, second).taken == 0
    assert spread(world) == {second: 5, world.sender: 15}

    clock.advance(timedelta(minutes=31))
    world.do("update message set sender_number_id = %s where state = 'queued'", second)
    assert batching.take(world.db, world.org, second, 3).taken == 3


def senders(world: World, owner: Principal) -> Any:
    with world.db.begin(world.org) as uow:
        return messaging.senders(uow, owner)


def test_where_no_number_can_send_texts_wait_and_change_hands_as_soon_as_one_can(world: World, owner: Principal):
    second = add_sender(world, "+17735550111")
    _, campaign = pooled(world, owner, second)
    world.do("update sender_number set disabled_at = now()")
    world.add_people(10)
    world.queue(campaign)
    assert sum(spread(world).values()) == 10
    world.do("update sender_number set disabled_at = null where id = %s", second)
    with world.db.begin(world.org) as uow:
        hand_over(uow)
    assert spread(world) == {second: 10}


def test_a_pool_in_use_is_not_removed(world: World, owner: Principal):
    pool, _ = pooled(world, owner)
    with pytest.raises(Conflict), world.db.begin(world.org) as uow:
        messaging.remove_pool(uow, owner, pool)


# Limits


def take_at_once(world: World, senders: list[UUID], rounds: int = 3) -> None:
    """Take batches for several numbers from several threads at the same moment."""

    def take(sender: UUID) -> None:
        for _ in range(rounds):
            batching.take(world.db, world.org, sender)

    threads = [threading.Thread(target=take, args=(one,)) for one in senders]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def submitted(world: World) -> int:
    return world.one("select count(*) from message where state = 'submitting'")


def test_the_rate_of_a_campaign_holds_over_all_numbers_of_its_pool(world: World, owner: Principal):
    more = [add_sender(world, f"+177355501{place}") for place in (11, 12, 13)]
    _, campaign = pooled(world, owner, *more, per_minute=300)
    world.add_people(60)
    world.queue(campaign)
    take_at_once(world, [world.sender, *more])
    # 300 a minute are five in the one second that the clock stands at.
    assert submitted(world) == 5


@pytest.mark.parametrize(
    ("limit", "allowed"),
    [
        ("update organization set texts_per_minute = 240", 4),
        ("update organization set texts_per_day = 7", 7),
    ],
)
def test_the_limits_of_an_organisation_hold_over_all_its_numbers(
    world: World, owner: Principal, limit: str, allowed: int
):
    more = [add_sender(world, f"+177355501{place}") for place in (11, 12, 13)]
    _, campaign = pooled(world, owner, *more)
    world.add_people(60)
    world.queue(campaign)
    world.do(limit)
    take_at_once(world, [world.sender, *more])
    assert 1 <= submitted(world) <= allowed
    take_at_once(world, [world.sender], 8)
    assert submitted(world) <= allowed


def test_a_day_of_a_number_frees_what_is_24_hours_old(world: World, clock: FrozenClock):
    world.do("update sender_number set per_day = 3")
    world.add_people(8)
    world.queue()
    assert batching.take(world.db, world.org, world.sender).taken == 3
    again = batching.take(world.db, world.org, world.sender)
    assert (again.taken, again.again_at) == (0, clock.now() + DAY)
    clock.advance(DAY + timedelta(seconds=1))
    assert batching.take(world.db, world.org, world.sender).taken == 3


def register(world: World, owner: Principal, *rates: CarrierRate, **states: Any) -> UUID:
    verified = RegistrationState.VERIFIED
    with world.db.begin(world.org) as uow:
        brand = messaging.keep_brand(
            uow, owner, BrandInput(name="Cedar", ein="12-3456789", status=states.get("brand", verified))
        )
        given = CampaignRegistration(
            brand_id=brand, use_case="Mixed", status=states.get("campaign", verified), rates=list(rates)
        )
        return messaging.keep_registration(uow, owner, given)


def test_a_carrier_gets_no_more_than_the_registration_says_and_others_are_not_held_up(
    world: World, owner: Principal, clock: FrozenClock
):
    registered = register(world, owner, CarrierRate(carrier="T-Mobile", per_day=3))
    world.do("update sender_number set registered_campaign_id = %s", registered)
    people = world.add_people(12)
    world.do("update phone set carrier = 'T-Mobile USA' where e164 = any(%s)", [int(p.e164) for p in people[:8]])
    world.queue()
    for _ in range(3):
        batching.take(world.db, world.org, world.sender)
    assert submitted(world) == 4 + 3
    waits = world.rows("select distinct not_before, reasons from message where state = 'queued'")
    assert waits == [(clock.now() + DAY, ["carrier_rate"])]


# Registrations


@pytest.mark.parametrize(
    ("states", "registration"),
    [
        ({}, "verified"),
        ({"brand": RegistrationState.PENDING}, "pending"),
        ({"campaign": RegistrationState.SUSPENDED}, "suspended"),
        ({"brand": RegistrationState.REJECTED, "campaign": RegistrationState.PENDING}, "rejected"),
    ],
)
def test_a_number_is_as_good_as_the_worst_of_its_registration(
    world: World, owner: Principal, states: Any, registration: str
):
    registered = register(world, owner, **states)
    given = SenderInput(e164=AWAY, registration=RegistrationState.VERIFIED, registered_campaign_id=registered)
    with world.db.begin(world.org) as uow:
        sender = messaging.add_sender(uow, owner, given)
    (row,) = [one for one in senders(world, owner) if one.id == sender]
    assert row.registration == registration
    assert bool(row.to_do) is (registration != "verified")


def test_a_number_without_a_verified_binding_sends_nothing(world: World, owner: Principal):
    with world.db.begin(world.org) as uow:
        given = SenderInput(e164=AWAY, registration=RegistrationState.VERIFIED)
        sender = messaging.add_sender(uow, owner, given)
    campaign = world.add_campaign(sender_number_id=sender)
    world.add_people(1)
    world.queue(campaign)
    assert batching.take(world.db, world.org, sender).taken == 0

    registered = register(world, owner)
    with world.db.begin(world.org) as uow:
        messaging.change_sender(uow, owner, sender, SenderChange(registered_campaign_id=registered))
    assert batching.take(world.db, world.org, sender).taken == 1


def test_a_campaign_that_is_suspended_stops_its_numbers(world: World, owner: Principal):
    registered = register(world, owner)
    world.do("update sender_number set registered_campaign_id = %s, binding = 'verified'", registered)
    world.add_people(1)
    world.queue()
    with world.db.begin(world.org) as uow:
        (brand,) = messaging.brands(uow, owner)
        assert brand.ein_last4 == "6789"
        suspended = CampaignRegistration(brand_id=brand.id, use_case="Mixed", status=RegistrationState.SUSPENDED)
        messaging.keep_registration(uow, owner, suspended, registered)
    assert batching.take(world.db, world.org, world.sender).taken == 0


# People and their numbers


@pytest.mark.parametrize(
    ("gone", "back"),
    [
        (
            "update sender_number set cooling_until = '2100-01-01T00:00:00Z' where id = %s",
            "update sender_number set cooling_until = null where id = %s",
        ),
        (
            "update sender_number set disabled_at = now() where id = %s",
            "update sender_number set disabled_at = null where id = %s",
        ),
        (
            "update sender_number set registration = 'suspended' where id = %s",
            "update sender_number set registration = 'verified' where id = %s",
        ),
    ],
)
def test_whoever_heard_from_a_number_waits_for_it(world: World, owner: Principal, gone: str, back: str):
    home = add_sender(world, HOME)
    pool, first = pooled(world, owner, home)
    (somebody,) = world.add_people(1)
    world.queue(first)
    assert batching.take(world.db, world.org, home).taken == 1
    world.do(gone, home)
    world.queue(world.add_campaign(sender_number_id=None, pool_id=pool), [somebody])
    with world.db.begin(world.org) as uow:
        assert hand_over(uow) == 0
    assert batching.take(world.db, world.org, world.sender).taken == 0

    world.do(back, home)
    assert batching.take(world.db, world.org, home).taken == 1


def test_whoever_heard_from_a_number_that_leaves_the_pool_hears_from_another(world: World, owner: Principal):
    home = add_sender(world, HOME)
    pool, first = pooled(world, owner, home)
    (somebody,) = world.add_people(1)
    world.queue(first)
    batching.take(world.db, world.org, home)
    world.queue(world.add_campaign(sender_number_id=None, pool_id=pool), [somebody])
    with world.db.begin(world.org) as uow:
        messaging.keep_pool(uow, owner, PoolInput(name="Texas", numbers=[world.sender]), pool)
    assert batching.take(world.db, world.org, world.sender).taken == 1


def test_where_people_need_not_keep_their_number_others_take_over(world: World, owner: Principal):
    home = add_sender(world, HOME)
    pool, first = pooled(world, owner, home, sticky=False)
    (somebody,) = world.add_people(1)
    world.queue(first)
    batching.take(world.db, world.org, home)
    world.do("update sender_number set disabled_at = now() where id = %s", home)
    world.queue(world.add_campaign(sender_number_id=None, pool_id=pool), [somebody])
    assert batching.take(world.db, world.org, world.sender).taken == 1


def test_two_workers_at_one_number_never_send_more_than_its_day_allows(world: World):
    world.do("update sender_number set per_day = 7")
    world.add_people(40)
    world.queue()
    take_at_once(world, [world.sender, world.sender])
    take_at_once(world, [world.sender], 8)
    assert submitted(world) == 7


def test_two_numbers_of_a_brand_never_send_a_carrier_more_than_it_takes(world: World, owner: Principal):
    registered = register(world, owner, CarrierRate(carrier="T-Mobile", per_day=7))
    second = add_sender(world, "+17735550111")
    world.do("update sender_number set registered_campaign_id = %s", registered)
    world.add_people(40)
    world.do("update phone set carrier = 'T-Mobile USA'")
    world.queue()
    world.queue(world.add_campaign(sender_number_id=second))
    take_at_once(world, [world.sender, second])
    assert submitted(world) == 7
