"""The supervisor tells a stop from a failure, starts again with patience, and ends everything in order."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from leadflow.local.supervisor import FIRST_PAUSE_S, Program, Stop, Supervisor, asked_to_stop, command, stoppable

SLEEP = (sys.executable, "-c", "import time; time.sleep(60)")
STUBBORN = (
    sys.executable,
    "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)",
)


@pytest.fixture
def said() -> list[str]:
    """Remember what the supervisor says."""
    return []


def _started(tmp_path: Path, name: str, argv: tuple[str, ...], stage: int = 0) -> Program:
    return command(name, argv, dict(os.environ), tmp_path / f"{name}.log", stage=stage)  # noqa: TID251 a child's surroundings


def _until(holds: Callable[[], bool], patience_s: float = 20) -> None:
    deadline = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize("asked", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_each_way_of_asking_stops_and_a_second_one_is_not_heard(asked: signal.Signals):
    def stop_twice() -> None:
        try:
            os.kill(os.getpid(), asked)
        finally:
            os.kill(os.getpid(), signal.SIGINT)

    before = signal.getsignal(asked)
    with pytest.raises(Stop), stoppable():
        stop_twice()
    assert signal.getsignal(asked) is before


def test_what_a_driver_makes_of_a_stop_is_still_a_stop():
    def interrupted() -> None:
        try:
            raise Stop  # noqa: TRY301 it comes from a signal, in the middle of anything
        except Stop:
            raise ConnectionError("another command is already in progress")  # noqa: B904 as a driver does

    with pytest.raises(ConnectionError) as failed:
        interrupted()
    assert asked_to_stop(failed.value)
    assert not asked_to_stop(ConnectionError("the disk is full"))


def test_a_program_that_dies_is_told_and_started_again(tmp_path: Path, said: list[str]):
    supervisor = Supervisor(said.append)
    first = supervisor.add(_started(tmp_path, "sleeper", SLEEP))
    changed: list[int] = []

    def after_change() -> None:
        changed.append(supervisor.pids()["sleeper"])
        raise Stop

    first.kill()
    began = time.monotonic()
    with pytest.raises(Stop):
        supervisor.watch(after_change)
    assert time.monotonic() - began >= FIRST_PAUSE_S
    assert changed != [first.pid]
    assert "sleeper was ended by SIGKILL" in said[0]
    supervisor.stop()


def test_programs_end_stage_by_stage(tmp_path: Path, said: list[str]):
    supervisor = Supervisor(said.append)
    database = supervisor.add(_started(tmp_path, "database", SLEEP, stage=1))
    worker = supervisor.add(_started(tmp_path, "worker", STUBBORN, stage=0))
    _until(lambda: "deaf" in (tmp_path / "worker.log").read_text())
    began = time.monotonic()
    supervisor.stop(patience_s=1)
    assert time.monotonic() - began >= 1, "the database must outlive a worker that is slow to end"
    assert worker.returncode == -signal.SIGKILL
    assert database.returncode in {-signal.SIGTERM, -signal.SIGKILL}
    assert supervisor.pids() == {}
