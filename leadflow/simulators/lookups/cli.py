"""Runs the simulator as a process of its own."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

import orjson
import uvloop
from aiohttp import web

from leadflow.simulators.lookups.scenario import Scenario
from leadflow.simulators.lookups.server import World, application

DEMO_LOGIN = "simulator-simulator"
"""Opens nothing but this simulator."""


def parser() -> argparse.ArgumentParser:
    """Describe the command line."""
    found = argparse.ArgumentParser(prog="leadflow simulator lookups", description=__doc__)
    found.add_argument("--host", default="127.0.0.1")
    found.add_argument("--port", type=int, default=0, help="0 takes a free one")
    found.add_argument("--book", type=Path, help="what was sold, JSON lines, appended")
    found.add_argument("--config", type=Path, help="a scenario, JSON")
    found.add_argument("--login-id", default=DEMO_LOGIN)
    return found


def main(argv: Sequence[str] | None = None) -> int:
    """Run until SIGTERM or SIGINT; the first line on standard output is ``{"url": …}``."""
    asked = parser().parse_args(argv)
    setting = Scenario() if asked.config is None else Scenario.model_validate_json(asked.config.read_bytes())
    uvloop.run(serve(World(setting, asked.login_id, asked.book), asked.host, asked.port))
    return 0


async def serve(world: World, host: str, port: int) -> None:
    """Listen until a signal comes."""
    runner = web.AppRunner(application(world), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, host, port, backlog=256)
    await site.start()
    sys.stdout.write(orjson.dumps({"url": f"http://{host}:{runner.addresses[0][1]}"}).decode() + "\n")
    sys.stdout.flush()
    stop = asyncio.Event()
    for name in (signal.SIGTERM, signal.SIGINT):
        with contextlib.suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(name, stop.set)
    await stop.wait()
    await runner.cleanup()
