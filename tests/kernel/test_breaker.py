"""The circuit breaker: one contract over both stores, real processes over a real Redis."""

from __future__ import annotations

import asyncio
import multiprocessing
import threading
import time
from collections.abc import Callable, Generator
from typing import Any

import pytest
from redis import Redis

from leadflow import process
from leadflow.kernel import breaker
from leadflow.kernel.breaker import GLANCE_S, Breaker, Shut
from leadflow.kernel.circuits import Alone, Circuit, Policy, Shared, Store, View
from leadflow.local.ports import free_port
from tests.kernel.breaking import worker

POLICY = Policy()
WORKERS = 8


class Time:
    """Seconds that pass when told."""

    def __init__(self) -> None:
        self.at = 1_000.0

    def __call__(self) -> float:
        return self.at

    def ms(self) -> int:
        return int(self.at * 1000)


@pytest.fixture
def time_() -> Time:
    return Time()


@pytest.fixture(params=["alone", "shared"])
def store(request: pytest.FixtureRequest, time_: Time) -> Generator[Store]:
    if request.param == "alone":
        yield Alone(time_)
        return
    url = request.getfixturevalue("redis_url")
    yield Shared(url, time_, time_.ms)
    Redis.from_url(url).flushdb()


def bad(store: Store, count: int, name: str = "x:y") -> None:
    for _ in range(count):
        store.tell(name, POLICY, 0, 1, "")


def good(store: Store, count: int, name: str = "x:y") -> None:
    store.tell(name, POLICY, count, 0, "")


def state(store: Store, name: str = "x:y") -> Circuit:
    return store.look(name).state


# What both keep to


@pytest.mark.parametrize(
    ("well", "failed", "then"), [(0, 4, "closed"), (0, 5, "open"), (5, 5, "open"), (6, 5, "closed")]
)
def test_it_opens_at_five_failures_that_make_up_half(store: Store, well: int, failed: int, then: str):
    good(store, well)
    bad(store, failed)
    assert state(store) == then


def test_it_tells_people_how_often_it_failed_and_when_it_last_went_well(store: Store, time_: Time):
    assert (store.look("x:y").failures, store.look("x:y").good_ago_s) == (0, None)
    good(store, 3)
    time_.at += 10
    bad(store, 2)
    assert (store.look("x:y").failures, store.look("x:y").good_ago_s) == (2, 10.0)
    bad(store, 4)
    opened = store.look("x:y")
    assert (opened.state, opened.failures, opened.good_ago_s) == (Circuit.OPEN, 5, 10.0)
    time_.at += 31
    store.ask("x:y", POLICY, "probe")
    store.tell("x:y", POLICY, 0, 1, "probe")
    assert (store.look("x:y").failures, store.look("x:y").opened_s) == (6, 31.0)
    time_.at += 61
    store.ask("x:y", POLICY, "again")
    store.tell("x:y", POLICY, 1, 0, "again")
    assert (store.look("x:y").state, store.look("x:y").failures, store.look("x:y").good_ago_s) == ("closed", 0, 0.0)


def test_only_the_last_twenty_count(store: Store):
    good(store, 20)
    bad(store, 9)
    assert state(store) is Circuit.CLOSED
    bad(store, 1)
    assert state(store) is Circuit.OPEN


def test_what_is_older_than_thirty_seconds_does_not_count(store: Store, time_: Time):
    bad(store, 4)
    time_.at += 31
    bad(store, 4)
    assert state(store) is Circuit.CLOSED
    bad(store, 1)
    assert state(store) is Circuit.OPEN


def test_one_probe_of_all_goes_when_the_time_is_over(store: Store, time_: Time):
    bad(store, 5)
    time_.at += 29.9
    assert store.ask("x:y", POLICY, "a").state is Circuit.OPEN
    time_.at += 0.2
    assert store.ask("x:y", POLICY, "a").state is Circuit.PROBE
    second = store.ask("x:y", POLICY, "b")
    assert (second.state, second.wait_s > 0) == (Circuit.OPEN, True)


def test_a_probe_that_goes_well_closes_it_and_all_is_forgotten(store: Store, time_: Time):
    bad(store, 5)
    time_.at += 31
    store.ask("x:y", POLICY, "a")
    assert store.tell("x:y", POLICY, 1, 0, "a").state is Circuit.CLOSED
    bad(store, 4)
    assert state(store) is Circuit.CLOSED


def test_each_probe_that_fails_doubles_the_time_up_to_five_minutes(store: Store, time_: Time):
    bad(store, 5)
    waits: list[float] = []
    for turn in range(6):
        waits.append(store.look("x:y").wait_s)
        time_.at += waits[-1] + 0.01
        store.ask("x:y", POLICY, f"{turn}")
        store.tell("x:y", POLICY, 0, 1, f"{turn}")
    assert waits == pytest.approx([30, 60, 120, 240, 300, 300], abs=0.1)


def test_a_probe_that_is_lost_frees_the_next(store: Store, time_: Time):
    bad(store, 5)
    time_.at += 31
    store.ask("x:y", POLICY, "dead")
    time_.at += POLICY.probe_s + 1
    assert store.ask("x:y", POLICY, "next").state is Circuit.PROBE
    # Its late answer is not the probe's any more.
    assert store.tell("x:y", POLICY, 1, 0, "dead").state is Circuit.OPEN


def test_a_probe_that_was_not_made_is_given_back(store: Store, time_: Time):
    bad(store, 5)
    time_.at += 31
    store.ask("x:y", POLICY, "a")
    store.tell("x:y", POLICY, 0, 0, "a")
    assert store.ask("x:y", POLICY, "b").state is Circuit.PROBE


def test_failures_that_come_late_do_not_lengthen_an_open_circuit(store: Store):
    bad(store, 5)
    before = store.look("x:y").wait_s
    bad(store, 20)
    assert store.look("x:y").wait_s == before


def test_another_provider_is_not_concerned(store: Store):
    bad(store, 5)
    assert (state(store), state(store, "x:z"), state(store, "z:y")) == (
        Circuit.OPEN,
        Circuit.CLOSED,
        Circuit.CLOSED,
    )


def test_a_sign_of_life_brings_the_probe_forward_and_one_of_all_asks_for_it(store: Store, time_: Time):
    bad(store, 5)
    assert [store.feel("x:y", POLICY) for _ in range(3)] == [True, False, False]
    time_.at += POLICY.feel_s
    assert store.feel("x:y", POLICY)
    store.felt("x:y")
    assert store.ask("x:y", POLICY, "a").state is Circuit.PROBE


def test_a_sign_of_life_that_was_wrong_is_not_believed_again(store: Store, time_: Time):
    bad(store, 5)
    store.felt("x:y")
    store.ask("x:y", POLICY, "a")
    store.tell("x:y", POLICY, 0, 1, "a")
    time_.at += POLICY.feel_s + 1
    assert not store.feel("x:y", POLICY)
    store.felt("x:y")
    assert store.ask("x:y", POLICY, "b").state is Circuit.OPEN


# A process


def run(one: Breaker, *outcomes: str) -> int:
    """Make calls one after the other; answer how many were let through."""

    async def calls() -> int:
        made = 0
        for outcome in outcomes:
            try:
                async with asyncio.timeout(30), one.calling() as call:
                    made += 1
                    if outcome != "nothing":
                        call.good() if outcome == "good" else call.bad()
            except Shut:
                pass
        return made

    return asyncio.run(calls())


def test_a_process_that_has_seen_no_success_makes_one_call_at_a_time(time_: Time):
    one = Breaker("x", "y", store=Alone(time_), tick=time_)
    most = now = 0

    async def call(outcome: str) -> None:
        nonlocal most, now
        async with one.calling() as passing:
            now += 1
            most = max(most, now)
            await asyncio.sleep(0.01)
            now -= 1
            passing.good() if outcome == "good" else passing.bad()

    async def all_at_once(outcome: str) -> None:
        await asyncio.gather(*(call(outcome) for _ in range(4)))

    asyncio.run(all_at_once("bad"))
    assert most == 1
    run(one, "good")
    asyncio.run(all_at_once("good"))
    assert most == 4


def test_of_many_calls_at_once_one_asks_how_the_provider_does_and_one_tells(time_: Time):
    asked, told = list[str](), list[int]()

    class Watched(Alone):
        def ask(self, name: str, policy: Policy, token: str) -> View:
            asked.append(name)
            return super().ask(name, policy, token)

        def tell(self, name: str, policy: Policy, good: int, bad: int, token: str) -> View:
            told.append(good + bad)
            return super().tell(name, policy, good, bad, token)

    one = Breaker("x", "y", store=Watched(time_), tick=time_)
    run(one, "good")
    asked.clear()
    told.clear()
    time_.at += GLANCE_S * 2

    async def call(together: asyncio.Barrier) -> None:
        async with one.calling() as passing:
            await together.wait()
            passing.good()

    async def all_at_once() -> None:
        together = asyncio.Barrier(50)
        await asyncio.gather(*(call(together) for _ in range(50)))

    asyncio.run(all_at_once())
    assert (len(asked), len(told)) == (1, 1)
    # What was kept back is told with what comes after it, a failure at the latest.
    run(one, "bad")
    assert sum(told) == 51


def test_a_process_that_starts_while_all_goes_well_needs_no_success_of_its_own(store: Store, time_: Time):
    good(store, 1)
    assert store.ask("x:y", POLICY, "a").well
    bad(store, 1)
    assert not store.ask("x:y", POLICY, "a").well
    one = Breaker("x", "y", store=store, tick=time_)
    good(store, 1)
    one.view()
    assert one.trusted


def test_a_call_that_is_cut_teaches_nothing_and_holds_up_nobody(time_: Time):
    one = Breaker("x", "y", store=Alone(time_), tick=time_)

    async def cut() -> None:
        async with asyncio.timeout(0.02), one.calling():
            await asyncio.sleep(5)

    with pytest.raises(TimeoutError):
        asyncio.run(cut())
    assert run(one, "nothing", "good") == 2


@pytest.mark.parametrize("let_go_first", [False, True])
def test_a_call_that_is_cut_while_it_is_let_go_holds_up_nobody(time_: Time, *, let_go_first: bool):
    asked, answered, answer = threading.Event(), threading.Event(), threading.Event()

    class Slow(Alone):
        def ask(self, name: str, policy: Policy, token: str) -> View:
            asked.set()
            assert answer.wait(30)
            return super().ask(name, policy, token)

    class Watched(Breaker):
        def _enter_by(self, way: Any) -> Any:
            try:
                return super()._enter_by(way)
            finally:
                answered.set()

    one = Watched("x", "y", store=Slow(time_), tick=time_)

    async def call() -> None:
        async with one.calling():
            pytest.fail("it was cut before")

    async def cut() -> None:
        begun = asyncio.create_task(call())
        await asyncio.to_thread(asked.wait, 30)
        if let_go_first:
            # The loop stands still meanwhile, so the call does not hear of it before it is cut.
            answer.set()
            assert answered.wait(30)
        begun.cancel()
        await asyncio.gather(begun, return_exceptions=True)
        answer.set()

    asyncio.run(cut())
    assert run(one, "nothing", "good") == 2


def test_successes_that_were_kept_back_are_told_with_the_next_failure(redis_url: str, time_: Time):
    name = f"kept{time.monotonic_ns()}"
    one = Breaker(name, "y", store=Shared(redis_url, time_, time_.ms), tick=time_)
    assert run(one, *["good"] * 12, *["bad"] * 5) == 17
    # Twelve and five: fewer than half failed.
    assert one.view().state is Circuit.CLOSED


def test_redis_away_leaves_each_process_its_own_circuit(time_: Time):
    away = f"redis://127.0.0.1:{free_port()}/0"
    here, there = (Breaker("x", "y", store=Shared(away, time_), tick=time_) for _ in range(2))
    assert run(here, *["bad"] * 9) == 5
    assert (here.view().state, there.view().state) == (Circuit.OPEN, Circuit.CLOSED)


def test_redis_that_comes_back_is_used_again(redis_url: str, time_: Time):
    store = Shared(redis_url, time_, time_.ms)
    store._away_until = time_.at + 5
    bad(store, 5, "back:again")
    time_.at += 6
    assert state(store, "back:again") is Circuit.CLOSED
    Redis.from_url(redis_url).flushdb()


# Processes


@pytest.fixture
def crew(redis_url: str) -> Generator[Callable[..., Any]]:
    """Start workers on a provider; answers what they share."""
    context = multiprocessing.get_context("spawn")
    started: list[Any] = []
    held: list[Any] = []  # what is dropped here, a process that only starts would not find
    stop = context.Event()

    def start(name: str, policy: Policy) -> tuple[Any, Any, Any, Breaker]:
        healthy, go = context.Event(), context.Event()
        begun, probes = context.Value("i", 0), context.Value("i", 0)
        shared = (redis_url, name, policy, healthy, begun, probes, go, stop)
        held.append(shared)
        started.extend(context.Process(target=worker, args=shared) for _ in range(WORKERS))
        for one in started:
            one.start()
        go.set()
        return healthy, begun, probes, Breaker(name, "messages", policy, Shared(redis_url))

    yield start
    stop.set()
    for one in started:
        one.join(10)
        one.kill()
    Redis.from_url(redis_url).flushdb()


def wait_for(true: Callable[[], bool], within_s: float = 60.0) -> None:
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.01)


def test_eight_processes_make_no_more_calls_than_the_threshold_and_one_each(crew: Any):
    # sending R10, with windows of a second instead of half a minute
    policy = Policy(open_s=1.0, longest_s=1.0, probe_s=30.0)
    name = f"r10x{time.monotonic_ns()}"
    healthy, begun, probes, one = crew(name, policy)
    wait_for(lambda: one.view().state is Circuit.OPEN)
    assert policy.failures <= begun.value - probes.value <= policy.failures + WORKERS

    # One probe a window: none before it, and no call besides.
    wait_for(lambda: probes.value >= 2)
    opened = one.view().opened_s
    assert probes.value <= opened / policy.open_s + 1
    assert begun.value - probes.value <= policy.failures + WORKERS

    # After recovery the next probe closes it, and all work again.
    healthy.set()
    wait_for(lambda: one.view().state is Circuit.CLOSED, within_s=10)
    many = begun.value + 50
    wait_for(lambda: begun.value > many)


def test_every_client_of_a_provider_has_a_circuit():
    assert process.configure  # whoever starts a process has loaded them all
    names = {f"{one.provider}:{one.operation}" for one in breaker.standings()}
    assert {"twilio:messages", "twilio:lists", "dncscrub:registries", "dncscrub:reassigned"} <= names
