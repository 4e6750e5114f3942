"""Texts a second through the whole send loop (gate, receipts, money, timeline), against a bare client.

Both post to the same carrier simulator, in one run, with the same concurrency; the printed ratio is what counts. The
floor is 85 %. ``python -m benchmarks.send [--texts 6000] [--latency-ms 50]``.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from base64 import b64encode
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode
from uuid import UUID

import aiohttp
import uvloop

from leadflow.audit import service as audit
from leadflow.audit.types import Sealing
from leadflow.kernel.clock import SystemClock
from leadflow.kernel.db import Database
from leadflow.kernel.schema import migrate
from leadflow.local.postgres import running_postgres
from models.identity import Organization
from tests.carrier import Simulator, running_carrier
from tests.conftest import NOON
from tests.messaging.world import ACCOUNT, TOKEN, World, use_carrier

CONCURRENT = 200
FLOOR = 0.85
WARM = 200
"""Texts sent before the clock starts: a worker reads the rule packs and area codes once in its life."""


async def bare(url: str, count: int, sender: str) -> float:
    """Post ``count`` texts with nothing around the client; answer texts a second."""
    address = f"{url}/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    headers = {
        "Authorization": "Basic " + b64encode(f"{ACCOUNT}:{TOKEN}".encode()).decode(),
        "Content-Type": "application/x-www-form-urlencoded",
    }
    numbers = iter(range(count))
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONCURRENT), headers=headers) as session:

        async def poster() -> None:
            for number in numbers:
                form = {"To": f"+1312556{number:04d}", "From": sender, "Body": "Hello", "StatusCallback": f"{url}/none"}
                async with session.post(address, data=urlencode(form).encode()) as answer:
                    await answer.read()

        begun = time.perf_counter()
        await asyncio.gather(*(poster() for _ in range(CONCURRENT)))
        return count / (time.perf_counter() - begun)


def loop(world: World, count: int) -> float:
    """Send what is queued; answer texts a second."""
    world.queue(people=world.people[:WARM])
    world.send(slice_s=600)
    world.queue(people=world.people[WARM:])
    world.do("analyze")
    begun = time.perf_counter()
    world.send(slice_s=600)
    took = time.perf_counter() - begun
    assert world.states() == {"accepted": count + WARM}, world.states()
    return count / took


def prepare(url: str, count: int, shift: SystemClock) -> World:
    """Make a database with people who may be texted: ``count``, and those of the start."""
    migrate(url)
    db = Database(url, clock=shift, pool_size=4)
    organization = Organization(name="Cedar Homes")
    with db.begin() as uow:
        uow.session.add(organization)
    org_id: UUID = organization.id
    world = World(db, org_id, per_minute=60_000_000).build(count + WARM)
    with db.begin(org_id) as uow:
        from leadflow.leads import service as leads  # noqa: PLC0415 only this step needs it

        leads.refresh_search(uow, [one.lead for one in world.people])
    return world


def measure(simulator: Simulator, url: str, count: int) -> dict[str, float]:
    """Measure bare, whole, bare."""
    shift = SystemClock(NOON - SystemClock().now())
    use_carrier(simulator.url, simulator.url)
    world = prepare(url, count, shift)
    before = uvloop.run(bare(simulator.url, count, world.sender_e164))
    whole = loop(world, count)
    after = uvloop.run(bare(simulator.url, count, world.sender_e164))
    world.db.dispose()
    limit = (before + after) / 2
    return {"bare_per_s": round(limit), "loop_per_s": round(whole), "ratio": round(whole / limit, 3), "floor": FLOOR}


def main(argv: Sequence[str] | None = None) -> int:
    """Run and print one JSON line; 1 below the floor."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--texts", type=int, default=6000)
    parser.add_argument("--latency-ms", type=float, default=50)
    asked = parser.parse_args(argv)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        audit.configure(Sealing(keys={"bench": b"b" * 32}, key_id="bench", anchor_dir=None))
        quiet = {"never": 1.0, "sent_after_s": 3600.0, "final_after_s": 7200.0}
        with (
            running_postgres(folder / "postgres", settings={"shared_buffers": "512MB"}) as url,
            running_carrier(folder / "carrier", latency_ms=asked.latency_ms, callbacks=quiet) as simulator,
        ):
            found = measure(simulator, url, asked.texts)
    print(json.dumps({"benchmark": "send", **found}))
    return 0 if found["ratio"] >= FLOOR else 1


if __name__ == "__main__":
    raise SystemExit(main())
