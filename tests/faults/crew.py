"""Real processes around one campaign: the carrier, the API that it reports to, and workers that may be killed."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import httpx
import redis

from leadflow.audit import service as audit
from leadflow.audit.types import Sealing
from leadflow.kernel import doorbell
from leadflow.kernel.clock import SystemClock
from leadflow.kernel.db import Database
from leadflow.kernel.doorbell import RedisBell
from leadflow.local.ports import free_port
from leadflow.settings import surroundings
from tests.carrier import Simulator
from tests.configuration import VARIABLES
from tests.messaging.world import ACCOUNT, TOKEN
from workers import schedule

START_S = 90
"""A worker starts in two seconds, and much later on a machine that others keep busy."""
END_S = 40


def wait_for(what: Callable[[], Any], timeout_s: float = START_S, step_s: float = 0.1) -> Any:
    """Wait until something is true and answer it.

    Raises:
        TimeoutError: it did not become true.
    """
    end = time.monotonic() + timeout_s
    while time.monotonic() < end:
        if found := what():
            return found
        time.sleep(step_s)
    raise TimeoutError


@dataclass
class Crew:
    """Everything that runs around one database.

    Attributes:
        database_url: Postgres.
        redis_url: Redis.
        folder: logs of the processes.
        starts_at: the instant at which the crew's clocks begin.
    """

    database_url: str
    redis_url: str
    folder: Path
    starts_at: datetime
    shift: timedelta = field(init=False)
    public_url: str = field(init=False)
    carrier: Simulator = field(init=False)
    """Set once it runs; the others are told its address."""
    db: Database = field(init=False)
    workers: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _others: list[subprocess.Popen[bytes]] = field(default_factory=list)
    _port: int = field(default_factory=free_port)

    def __post_init__(self) -> None:
        self.shift = self.starts_at - SystemClock().now()
        self.public_url = f"http://127.0.0.1:{self._port}"
        self._open()

    def __enter__(self) -> Self:
        redis.Redis.from_url(self.redis_url).flushall()
        audit.configure(Sealing(keys={"test": b"t" * 32}, key_id="test", anchor_dir=self.folder / "anchors"))
        self._bell = doorbell.hang(RedisBell(self.redis_url))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        doorbell.hang(self._bell)
        for process in (*self.workers, *self._others):
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in (*self.workers, *self._others):
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.db.dispose()

    def _open(self) -> None:
        with suppress(AttributeError):
            self.db.dispose()
        self.db = Database(self.database_url, clock=SystemClock(self.shift), pool_size=4)

    def advance(self, delta: timedelta) -> None:
        """Move the clock of everything that starts from now on, and of the clockwork."""
        self.shift += delta
        self._open()

    def serve_hooks(self) -> None:
        """Run the API that the carrier reports to."""
        options = ["--interface", "asgi", "--factory", "--host", "127.0.0.1", "--port", str(self._port)]
        self._others.append(self._run("hooks", ["-m", "granian", *options, "tests.faults.hooks:app"]))
        wait_for(self._answers)

    def _answers(self) -> bool:
        try:
            return httpx.post(f"{self.public_url}/hooks/twilio/status", timeout=2).status_code == 403
        except httpx.HTTPError:
            return False

    def start_worker(self) -> subprocess.Popen[bytes]:
        """Start a worker as a person would."""
        process = self._run("worker", ["-m", "leadflow.cli.main", "worker", "--threads", "4"])
        self.workers.append(process)
        return process

    def kill(self, process: subprocess.Popen[bytes]) -> None:
        """End a worker without a word."""
        process.send_signal(signal.SIGKILL)
        process.wait()

    def tick(self) -> None:
        """Let the clockwork tick once, as the scheduler does."""
        schedule.tick_once(self.db)

    def _run(self, name: str, arguments: list[str]) -> subprocess.Popen[bytes]:
        environment = {
            **{key: value for key, value in surroundings().items() if not key.startswith("LF_")},
            **VARIABLES,
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "LF_PUBLIC_URL": self.public_url,
            "LF_TWILIO_ACCOUNT_SID": ACCOUNT,
            "LF_TWILIO_AUTH_TOKEN": TOKEN,
            "LF_TWILIO_API_URL": self.carrier.url,
            "LF_CLOCK_SHIFT_S": str(self.shift.total_seconds()),
            "LF_DATA_DIR": str(self.folder / "data"),
        }
        with (self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen([sys.executable, *arguments], env=environment, stdout=log, stderr=log)


@contextmanager
def ticking(crew: Crew, step_s: float = 0.5) -> Generator[None]:
    """Keep the clockwork going in a thread."""
    over = threading.Event()

    def tick() -> None:
        while not over.wait(step_s):
            crew.tick()

    thread = threading.Thread(target=tick)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()
