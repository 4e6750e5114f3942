"""Keep a set of programs running: start, notice a death, start again with patience, stop all of them."""

import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from leadflow.local.process import end_session, start
from leadflow.local.readiness import open_log

POLL_S = 0.2
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.5, 30.0
"""Between a death and the next start; doubled each time."""
STEADY_S = 60.0
"""A program that lived this long starts again with the first pause."""
PATIENCE_S = 25.0
"""What a worker may take to finish what it began; see workers.main."""

Say = Callable[[str], None]


class Stop(BaseException):
    """SIGINT, SIGTERM or SIGHUP arrived."""


def asked_to_stop(failure: BaseException) -> bool:
    """Say whether ``failure`` is ``Stop`` or what became of it: an interrupted driver fails in its own words."""
    seen: BaseException | None = failure
    while seen is not None and not isinstance(seen, Stop):
        seen = seen.__cause__ or seen.__context__
    return seen is not None


@contextmanager
def stoppable() -> Iterator[None]:
    """Turn the signals that ask us to end into ``Stop``, once; what comes later is left to the clean-up."""

    def raise_stop(_number: int, _frame: object) -> None:
        for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(asked, signal.SIG_IGN)
        raise Stop

    before = {asked: signal.signal(asked, raise_stop) for asked in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    try:
        yield
    finally:
        for asked, handler in before.items():
            signal.signal(asked, handler)


@dataclass(frozen=True, slots=True)
class Program:
    """What to run, how to ask it to end, and the stage in which it ends: lower stages first."""

    name: str
    start: Callable[[], subprocess.Popen[bytes]]
    log: Path
    stage: int = 0
    farewell: signal.Signals = signal.SIGTERM


def command(name: str, argv: Sequence[str | Path], env: Mapping[str, str], log: Path, *, stage: int = 0) -> Program:
    """A program that is one command with its output in ``log``."""

    def run() -> subprocess.Popen[bytes]:
        with open_log(log) as output:
            return start(argv, env=env, output=output)

    return Program(name, run, log, stage)


@dataclass(slots=True)
class _Child:
    program: Program
    process: subprocess.Popen[bytes]
    started: float
    pause_s: float = FIRST_PAUSE_S
    again_at: float | None = None


@dataclass(slots=True)
class Supervisor:
    """The programs that we answer for. Use it from one thread: the kernel ties a child's life to the thread."""

    say: Say
    _children: dict[str, _Child] = field(default_factory=dict[str, _Child])

    def add(self, program: Program) -> subprocess.Popen[bytes]:
        """Start ``program`` and look after it from now on."""
        return self.adopt(program, program.start())

    def adopt(self, program: Program, process: subprocess.Popen[bytes]) -> subprocess.Popen[bytes]:
        """Look after ``process``, which is ``program`` already running."""
        self._children[program.name] = _Child(program, process, time.monotonic())
        return process

    def pids(self) -> dict[str, int]:
        """The process of each program that lives."""
        return {name: child.process.pid for name, child in self._children.items() if child.process.poll() is None}

    def watch(self, changed: Callable[[], None]) -> None:
        """Look after the programs until ``Stop``.

        Args:
            changed: called after a program was started again, with its new pid.
        """
        while True:
            time.sleep(POLL_S)
            started = [self._look_after(child) for child in self._children.values()]
            if any(started):
                changed()

    def _look_after(self, child: _Child) -> bool:
        """Notice a death, or start again when the pause is over. Says whether a new process runs."""
        now = time.monotonic()
        if child.again_at is None:
            if child.process.poll() is not None:
                self._mourn(child, now)
            return False
        if now < child.again_at:
            return False
        try:
            child.process, child.started, child.again_at = child.program.start(), now, None
        except RuntimeError as failure:
            child.again_at = now + child.pause_s
            child.pause_s = min(child.pause_s * 2, LONGEST_PAUSE_S)
            self.say(str(failure))
            return False
        return True

    def _mourn(self, child: _Child, now: float) -> None:
        end_session(child.process.pid)
        if now - child.started > STEADY_S:
            child.pause_s = FIRST_PAUSE_S
        child.again_at = now + child.pause_s
        name, code = child.program.name, _words(child.process.returncode)
        self.say(f"{name} {code}; starting it again in {child.pause_s:g} s (its log: {child.program.log})")
        child.pause_s = min(child.pause_s * 2, LONGEST_PAUSE_S)

    def stop(self, *, patience_s: float = PATIENCE_S) -> None:
        """Ask every program to end, stage by stage, and end for certain what has not within ``patience_s`` in all."""
        deadline = time.monotonic() + patience_s
        for stage in sorted({child.program.stage for child in self._children.values()}):
            group = [child for child in self._children.values() if child.program.stage == stage]
            for child in group:
                if child.process.poll() is None:
                    child.process.send_signal(child.program.farewell)
            for child in group:
                _outlast(child.process, deadline)
        self._children.clear()


def _outlast(process: subprocess.Popen[bytes], deadline: float) -> None:
    try:
        process.wait(max(deadline - time.monotonic(), 0.1))
    except subprocess.TimeoutExpired:
        pass
    finally:
        end_session(process.pid)
        process.wait()


def _words(code: int) -> str:
    return f"was ended by {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
