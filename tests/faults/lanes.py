"""Attack several at a time: each lane is a process with a Postgres and a Redis of its own, and tries goals in turn."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import IO, Any

from tests.faults.ground import Report, Scale

END_S = 60


@dataclass(frozen=True)
class Tried:
    """What a lane says of one goal.

    Attributes:
        goal: its name.
        report: what became of it.
        took_s: seconds.
        load: of the machine, over a minute, before and after: what else ran takes part in every figure in seconds.
    """

    goal: str
    report: Report
    took_s: float
    load: tuple[float, float]


class Lane:
    """A process that tries goals, one at a time."""

    def __init__(self, scale: Scale, keep: str | None) -> None:
        asked = ["--texts", str(scale.texts), "--kills", str(scale.kills), "--seed", str(scale.seed)]
        folder = ["--keep", keep] if keep else []
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.chaos", "--lane", *asked, *folder],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def tries(self, goal: str) -> Tried:
        """Let it try a goal.

        Raises:
            RuntimeError: the process ended over it.
        """
        _pipe(self._process.stdin).write(f"{goal}\n")
        _pipe(self._process.stdin).flush()
        line = _pipe(self._process.stdout).readline()
        if not line:
            msg = f"the lane ended over {goal}"
            raise RuntimeError(msg)
        return _read(json.loads(line))

    def end(self) -> None:
        """Ask the process to end, with its services."""
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(END_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()


def run(beside: Sequence[str], alone: Sequence[str], lanes: Sequence[Lane], told: Callable[[Tried], None]) -> None:
    """Let lanes try the goals ``beside`` each other, in this order, and then the others ``alone``."""
    left, lock = iter(beside), threading.Lock()
    broken: list[BaseException] = []

    def work(lane: Lane) -> None:
        try:
            for goal in _shared(left, lock):
                tried = lane.tries(goal)
                with lock:
                    told(tried)
        except BaseException as error:  # noqa: BLE001 raised again below, in the thread that can be heard
            broken.append(error)

    threads = [threading.Thread(target=work, args=(lane,), daemon=True) for lane in lanes]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for error in broken:
        raise error
    for goal in alone:
        told(lanes[0].tries(goal))


def serve(attempt: Callable[[str], Tried]) -> None:
    """Be a lane: read names of goals, and write what became of each."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(asdict(attempt(line.strip())), default=str) + "\n")
        sys.stdout.flush()


def _shared(names: Iterator[str], lock: threading.Lock) -> Iterator[str]:
    while True:
        with lock:
            name = next(names, None)
        if name is None:
            return
        yield name


def _pipe(pipe: IO[str] | None) -> IO[str]:
    assert pipe is not None
    return pipe


def _read(told: dict[str, Any]) -> Tried:
    before, after = told["load"]
    return Tried(told["goal"], Report(**told["report"]), told["took_s"], (before, after))
