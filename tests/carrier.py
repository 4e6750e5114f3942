"""The carrier simulator as a process of its own, for tests that need the real dialect over a real socket."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import orjson

END_S = 60


@dataclass(slots=True)
class Simulator:
    """One running carrier.

    Attributes:
        url: its address.
        log: its ledger.
        process: the process.
    """

    url: str
    log: Path
    process: subprocess.Popen[bytes]

    def control(self, **changes: Any) -> dict[str, Any]:
        """Change members of the scenario."""
        answer = httpx.post(f"{self.url}/__control", json=changes, timeout=10)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def barrier(self, skip: int, count: int) -> None:
        """Hold answers: after ``skip`` accepted texts hold up to ``count``."""
        httpx.post(f"{self.url}/__control/barrier", json={"skip": skip, "count": count}, timeout=10)

    def held(self, count: int, timeout_s: float = 20) -> int:
        """Wait until so many answers are held; answer how many are."""
        address = f"{self.url}/__control/barrier?held={count}&timeout={timeout_s}"
        return int(httpx.get(address, timeout=timeout_s + 5).json()["held"])

    def waiting(self, timeout_s: float) -> set[int]:
        """Wait until an answer is held; answer from which ports those came who wait for theirs."""
        address = f"{self.url}/__control/barrier?held=1&timeout={timeout_s}"
        return set(httpx.get(address, timeout=timeout_s + 5).json().get("ports", ()))

    def release(self) -> None:
        """Answer everybody."""
        httpx.delete(f"{self.url}/__control/barrier", timeout=10)

    def text(self, person: str, ours: str, body: str) -> dict[str, Any]:
        """Let a person text us now."""
        sent = {"from": person, "to": ours, "body": body}
        return httpx.post(f"{self.url}/__control/inbound", json=sent, timeout=20).json()

    def lines(self, kind: str | None = None) -> list[dict[str, Any]]:
        """Read the ledger."""
        found = [orjson.loads(line) for line in self.log.read_bytes().splitlines()]
        return [line for line in found if kind is None or line["kind"] == kind]

    def accepted(self) -> list[dict[str, Any]]:
        """Read what the carrier took."""
        return [line for line in self.lines("request") if line["verdict"] == "accepted"]


@contextmanager
def running_carrier(
    folder: Path, *, inbound_url: str | None = None, clock_shift_s: float = 0.0, **scenario: Any
) -> Generator[Simulator]:
    """Run a carrier until the end of the block."""
    folder.mkdir(parents=True, exist_ok=True)
    config, log = folder / "scenario.json", folder / "carrier.jsonl"
    config.write_bytes(orjson.dumps(scenario))
    command = [sys.executable, "-m", "leadflow.simulators.carrier", "--log", str(log), "--config", str(config)]
    command += ["--clock-shift-s", str(clock_shift_s)]
    if inbound_url:
        command += ["--inbound-url", inbound_url]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None
            url = orjson.loads(process.stdout.readline())["url"]
            yield Simulator(url, log, process)
        finally:
            process.terminate()
            process.wait(END_S)
