"""A worker of the breaker's tests, in a module that is quick to load."""

from __future__ import annotations

import asyncio
from typing import Any

from leadflow.kernel.breaker import Breaker, Shut
from leadflow.kernel.circuits import Policy, Shared


def worker(url: str, name: str, policy: Policy, healthy: Any, begun: Any, probes: Any, go: Any, stop: Any) -> None:
    """Call and call again, as a worker does, a provider that is healthy when it says so."""
    one = Breaker(name, "messages", policy, Shared(url))

    async def calls() -> None:
        while not stop.is_set():
            try:
                async with one.calling() as call:
                    with begun.get_lock():
                        begun.value += 1
                    if call.token:
                        with probes.get_lock():
                            probes.value += 1
                    await asyncio.sleep(0.02)
                    call.good() if healthy.is_set() else call.bad()
            except Shut:
                await asyncio.sleep(0.01)

    go.wait()
    asyncio.run(calls())
