"""Workers are killed while the carrier has the text and we have no answer; the carrier's own ledger is the judge."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from leadflow.kernel.db import Database
from leadflow.messaging import service as messaging
from leadflow.messaging.rules.machine import TERMINAL
from models.identity import Organization
from tests.carrier import running_carrier
from tests.conftest import NOON
from tests.faults.crew import Crew, ticking, wait_for
from tests.messaging.world import World

TEXTS = 300
KILLS = 5
A_SECOND = 30
"""Texts that the number may send."""
HELD = 12
"""Answers that the carrier holds back before each kill."""
PAST_THE_LEASE = timedelta(seconds=40)
LOOKS = (timedelta(minutes=3), timedelta(minutes=9), timedelta(minutes=12), timedelta(minutes=12))
"""How far the clocks go on after each stage at the end, so that the reconciler need not be waited for."""


def unfinished(world: World) -> int:
    """Count texts that have not ended."""
    return world.one("select count(*) from message where state <> all(%s)", [state.value for state in TERMINAL])


def judged(ledger: Path, seed: Path) -> dict[str, object]:
    """Ask the oracle, a program of its own."""
    oracle = Path(__file__).with_name("oracle.py")
    done = subprocess.run(
        [sys.executable, "-I", str(oracle), str(ledger), str(seed)], capture_output=True, check=False, text=True
    )
    assert done.stdout, done.stderr
    return {"exit": done.returncode, **json.loads(done.stdout)}


@pytest.fixture
def crew(database_url: str, redis_url: str, tmp_path: Path) -> Crew:
    """Bring a crew together; nobody runs yet."""
    return Crew(database_url, redis_url, tmp_path, NOON)


def found_world(db: Database) -> World:
    """Make an organisation with people to text."""
    organization = Organization(name="Cedar Homes")
    with db.begin() as uow:
        uow.session.add(organization)
    return World(db, organization.id, per_minute=60 * A_SECOND).build(TEXTS)


def test_no_text_is_sent_twice_or_lost_though_the_worker_is_killed_again_and_again(crew: Crew, tmp_path: Path):
    scenario = {
        "latency_ms": 30,
        "callbacks": {"sent_after_s": 0.3, "final_after_s": 0.6, "doubled": 0.2, "reversed": 0.2, "never": 0.2},
    }
    with crew, running_carrier(tmp_path / "carrier", clock_shift_s=crew.shift.total_seconds(), **scenario) as carrier:
        crew.carrier = carrier
        crew.serve_hooks()
        world = found_world(crew.db)
        assert world.queue() == TEXTS
        seed = tmp_path / "seed"
        seed.write_text("\n".join(one.e164 for one in world.people))
        with crew.db.begin(world.org) as uow:
            messaging.dispatch(uow)
        in_doubt = sum(kill_in_flight(crew, world, random.Random(7 + number)) for number in range(KILLS))  # noqa: S311 repeatable
        assert in_doubt >= KILLS
        finish(crew, world)
        states = world.states()
        verdict = judged(carrier.log, seed)
        books = world.rows("select reserved::int, spent::int from budget where subject = 'organization'")
        told = world.one("select count(*) from activity where kind = 'text_out'")
    assert verdict["exit"] == 0, verdict
    assert verdict["accepted"] == told == TEXTS
    assert states == {"delivered": TEXTS}
    assert books == [(0, TEXTS * 110)]


def kill_in_flight(crew: Crew, world: World, chance: random.Random) -> int:
    """Kill a worker that has sent texts and has no answer yet; answer how many texts it leaves in doubt."""
    crew.carrier.barrier(skip=chance.randint(0, 20), count=HELD)
    worker = crew.start_worker()
    with ticking(crew):
        try:
            wait_for(lambda: crew.carrier.held(1, timeout_s=2))
        except TimeoutError:
            jobs = world.rows(
                "select kind, state, attempts, run_at, lease_until, error, note from job where state <> 'done'"
            )
            pytest.fail(f"nothing was sent at {world.now()}: {world.states()}, {jobs}")
    crew.kill(worker)
    left = world.states().get("submitting", 0)
    crew.carrier.release()
    crew.advance(PAST_THE_LEASE)
    world.db = crew.db
    return left


def finish(crew: Crew, world: World) -> None:
    """Let a worker finish, and the clocks go on, until every text has ended."""
    for delta in LOOKS:
        worker = crew.start_worker()
        with ticking(crew):
            settle(world)
        worker.terminate()
        worker.wait(40)
        if not unfinished(world):
            return
        crew.advance(delta)
        world.db = crew.db
    worker = crew.start_worker()
    with ticking(crew):
        wait_for(lambda: not unfinished(world))


def settle(world: World) -> None:
    """Wait until nothing moves any more: every text has ended or waits for a look that is not due yet."""
    wait_for(
        lambda: (
            not world.one(
                """
            select count(*) from message where state in ('queued', 'claimed', 'submitting')
               or state in ('unknown', 'accepted', 'sent') and lease_until <= %s
            """,
                world.now(),
            )
        )
    )
