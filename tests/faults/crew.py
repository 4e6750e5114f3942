"""Real processes around one database: the carrier, the API that it reports to, workers that may be killed.

Everything runs by one clock that may be moved (``advance``): what starts afterwards, the carrier and the driver's own
transactions follow; a process that runs keeps its time until it is started again.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from types import MappingProxyType, TracebackType
from typing import Any, Self

import httpx
import redis

from leadflow import process
from leadflow.audit import service as audit
from leadflow.audit.types import Sealing
from leadflow.kernel import breaker, doorbell
from leadflow.kernel.circuits import Alone
from leadflow.kernel.clock import SystemClock
from leadflow.kernel.db import Database
from leadflow.kernel.doorbell import RedisBell
from leadflow.local.ports import free_port
from leadflow.messaging import service as messaging
from leadflow.messaging.types import Carriers
from leadflow.settings import surroundings
from tests.carrier import Simulator, running_carrier
from tests.configuration import VARIABLES, settings_of
from tests.messaging.world import ACCOUNT, PEPPER, TOKEN
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


Process = subprocess.Popen[bytes]


@dataclass
class Crew:
    """Everything that runs around one database.

    Attributes:
        database_url: Postgres.
        redis_url: Redis.
        folder: logs of the processes.
        starts_at: the instant at which the crew's clocks begin.
        scenario: how the carrier and the people behave.
        variables: settings of the processes on top of the usual ones.
    """

    database_url: str
    redis_url: str
    folder: Path
    starts_at: datetime
    scenario: Mapping[str, Any] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    shift: timedelta = field(init=False)
    public_url: str = field(init=False)
    carrier: Simulator = field(init=False)
    db: Database = field(init=False)
    workers: list[Process] = field(default_factory=list)
    """Those that were started and not yet ended by us."""
    _others: list[Process] = field(default_factory=list)
    _port: int = field(default_factory=free_port)
    _open: ExitStack = field(default_factory=ExitStack)

    def __post_init__(self) -> None:
        self.shift = self.starts_at - SystemClock().now()
        self.public_url = f"http://127.0.0.1:{self._port}"
        self._connect()

    def __enter__(self) -> Self:
        self.folder.mkdir(parents=True, exist_ok=True)
        redis.Redis.from_url(self.redis_url).flushall()
        driver = {"LF_DATA_DIR": str(self.data), "REDIS_URL": self.redis_url}
        process.configure(settings_of(LF_PHONE_PEPPER=PEPPER.decode(), **driver))
        audit.configure(Sealing(keys={"test": b"t" * 32}, key_id="test", anchor_dir=self.folder / "anchors"))
        self._bell = doorbell.hang(RedisBell(self.redis_url))
        self.carrier = self._open.enter_context(
            running_carrier(
                self.folder / "carrier",
                inbound_url=f"{self.public_url}/hooks/twilio/inbound",
                clock_shift_s=self.shift.total_seconds(),
                **self.scenario,
            )
        )
        breaker.install(Alone())
        # What the driver sends itself goes to the same carrier.
        messaging.configure(Carriers(self.carrier.url, ACCOUNT, TOKEN, self.public_url))
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        doorbell.hang(self._bell)
        for one in (*self.workers, *self._others):
            if one.poll() is None:
                one.send_signal(signal.SIGCONT)
                one.send_signal(signal.SIGTERM)
        for one in (*self.workers, *self._others):
            try:
                one.wait(END_S)
            except subprocess.TimeoutExpired:
                one.kill()
                one.wait()
        self._open.close()
        self.db.dispose()

    # Time

    def _connect(self) -> None:
        with suppress(AttributeError):
            self.db.dispose()
        self.db = Database(self.database_url, clock=SystemClock(self.shift), pool_size=8)

    def advance(self, delta: timedelta) -> None:
        """Move the clock of everything that starts from now on, of the carrier and of the clockwork."""
        self.shift += delta
        moved = httpx.post(f"{self.carrier.url}/__control/clock", json={"shift_s": self.shift.total_seconds()})
        assert moved.status_code == 200, moved.text
        self._connect()

    def now(self) -> datetime:
        """Ask the crew's clock."""
        return self.db.clock.now()

    def tick(self) -> None:
        """Let the clockwork tick once, as the scheduler does."""
        schedule.tick_once(self.db)

    # Processes

    def serve_hooks(self, *before: str) -> Process:
        """Run the API that the carrier reports to, behind another command where one is given."""
        options = ["--interface", "asgi", "--factory", "--host", "127.0.0.1", "--port", str(self._port)]
        served = self._run("hooks", ["-m", "granian", *options, "tests.faults.hooks:app"], before=before)
        self._others.append(served)
        wait_for(self.answers)
        return served

    @property
    def data(self) -> Path:
        """Where the processes keep files."""
        return self.folder / "data"

    def answers(self) -> bool:
        """Say whether the API answers."""
        try:
            return httpx.post(f"{self.public_url}/hooks/twilio/status", timeout=2).status_code == 403
        except httpx.HTTPError:
            return False

    def start_worker(
        self, threads: int = 4, output: Path | None = None, variables: Mapping[str, str] | None = None
    ) -> Process:
        """Start a worker as a person would."""
        command = ["-m", "leadflow.cli.main", "worker", "--threads", str(threads)]
        started = self._run("worker", command, output, variables or {})
        self.workers.append(started)
        return started

    def start_scheduler(self) -> Process:
        """Start the clockwork as a process of its own."""
        started = self._run("scheduler", ["-m", "leadflow.cli.main", "scheduler"])
        self._others.append(started)
        return started

    def kill(self, *victims: Process) -> None:
        """End processes without a word, all at one moment."""
        for victim in victims:
            # The API's server has a child that does the work.
            with suppress(ProcessLookupError):
                os.killpg(victim.pid, signal.SIGKILL)
        for victim in victims:
            victim.wait()
            self._forget(victim)

    def end(self, *chosen: Process) -> float:
        """Ask processes to end; answer the seconds until the last one has."""
        began = time.monotonic()
        for one in chosen:
            one.send_signal(signal.SIGTERM)
        for one in chosen:
            try:
                one.wait(END_S)
            except subprocess.TimeoutExpired:
                # Where it hangs then stands in its log.
                one.send_signal(signal.SIGABRT)
                raise
            self._forget(one)
        return time.monotonic() - began

    def _forget(self, ended: Process) -> None:
        for known in (self.workers, self._others):
            if ended in known:
                known.remove(ended)

    def _run(
        self,
        name: str,
        arguments: list[str],
        output: Path | None = None,
        variables: Mapping[str, str] = MappingProxyType({}),
        before: Sequence[str] = (),
    ) -> Process:
        environment = {
            **{key: value for key, value in surroundings().items() if not key.startswith("LF_")},
            **VARIABLES,
            "PYTHONFAULTHANDLER": "1",
            "PGAPPNAME": name,
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.redis_url,
            "LF_PUBLIC_URL": self.public_url,
            "LF_PHONE_PEPPER": PEPPER.decode(),
            "LF_TWILIO_ACCOUNT_SID": ACCOUNT,
            "LF_TWILIO_AUTH_TOKEN": TOKEN,
            "LF_TWILIO_API_URL": self.carrier.url,
            "LF_CLOCK_SHIFT_S": str(self.shift.total_seconds()),
            "LF_DATA_DIR": str(self.data),
            **self.variables,
            **variables,
        }
        with (output or self.folder / f"{name}.log").open("ab") as log:
            return subprocess.Popen(
                [*before, sys.executable, *arguments], env=environment, stdout=log, stderr=log, process_group=0
            )


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
