"""The look-up simulator as a process of its own, for tests that need the real dialect over a real socket."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
import orjson

LOGIN = "simulator-simulator"
END_S = 60


@dataclass(slots=True)
class Registries:
    """One running simulator."""

    url: str
    process: subprocess.Popen[bytes]

    def control(self, **changes: Any) -> dict[str, Any]:
        """Change members of the scenario."""
        answer = httpx.post(f"{self.url}/__control", json=changes, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def fault(self, kind: str, **fields: Any) -> None:
        """Let the next call go wrong."""
        self.control(fault={"kind": kind, **fields})

    @property
    def book(self) -> dict[str, Any]:
        """The setting, what was sold and how many calls came."""
        return httpx.get(f"{self.url}/__control", timeout=10).json()

    def sold(self, service: str = "dnc") -> Counter[str]:
        """How often each number was sold."""
        return Counter(self.book["sold"][service])


@contextmanager
def running_registries() -> Generator[Registries]:
    """Run the simulator until the end of the block."""
    command = [sys.executable, "-m", "leadflow.simulators.lookups", "--login-id", LOGIN]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            yield Registries(orjson.loads(process.stdout.readline())["url"], process)
        finally:
            process.terminate()
            process.wait(END_S)
