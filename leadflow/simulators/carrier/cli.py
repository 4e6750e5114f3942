"""Runs the simulator as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import Callable, Sequence
from datetime import timedelta
from pathlib import Path

import orjson
import uvloop
from aiohttp import web

from leadflow.simulators.carrier.clock import MovableClock
from leadflow.simulators.carrier.ledger import Ledger
from leadflow.simulators.carrier.scenario import Scenario
from leadflow.simulators.carrier.server import application
from leadflow.simulators.carrier.world import Account, World

DEMO_ACCOUNT = "AC" + "0" * 32
DEMO_TOKEN = "simulator"  # noqa: S105 it opens nothing but this simulator


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    found = argparse.ArgumentParser(prog="leadflow simulator carrier", description=__doc__)
    found.add_argument("--host", default="127.0.0.1")
    found.add_argument("--port", type=int, default=0, help="0 takes a free one")
    found.add_argument("--log", type=Path, required=True, help="the ledger, JSON lines, appended")
    found.add_argument("--config", type=Path, help="a scenario, JSON")
    found.add_argument("--account", default=DEMO_ACCOUNT)
    found.add_argument("--token", default=DEMO_TOKEN)
    found.add_argument("--inbound-url", help="where inbound texts are posted")
    found.add_argument("--clock-shift-s", type=float, default=0.0)
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; the first line on standard output is ``{"url": …}``."""
    asked = parser().parse_args(argv)
    setting = Scenario()
    if asked.config is not None:
        setting = Scenario.model_validate_json(asked.config.read_bytes())
    account = Account(asked.account, asked.token, asked.inbound_url)
    clock = MovableClock(timedelta(seconds=asked.clock_shift_s))
    uvloop.run(serve(account, setting, asked.log, clock, asked.host, asked.port, announce))
    return 0


def announce(url: str) -> None:
    """Tell the parent process where we listen."""
    sys.stdout.write(orjson.dumps({"url": url}).decode() + "\n")
    sys.stdout.flush()


async def serve(
    account: Account,
    setting: Scenario,
    log: Path,
    clock: MovableClock,
    host: str,
    port: int,
    ready: Callable[[str], None],
) -> None:
    """Listen until a signal comes; ``ready`` hears the address."""
    world = World(account, setting, Ledger(log, clock), clock)
    await world.open()
    runner = web.AppRunner(application(world), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, host, port, backlog=1024)
    await site.start()
    ready(f"http://{host}:{runner.addresses[0][1]}")
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await stop.wait()
    if world.barrier is not None:
        world.barrier.opened.set()
    await runner.cleanup()
    await world.close()
