"""``leadflow up``: everything on one machine, from an empty folder to a page that answers, and back."""

import json
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http.client import HTTPConnection, HTTPException
from typing import Any, Protocol
from urllib.parse import urlsplit

from pydantic import SecretStr

from leadflow.kernel.clock import SystemClock
from leadflow.kernel.schema import migrate
from leadflow.kernel.weaknesses import refuse_weak
from leadflow.local.folder import DataFolder
from leadflow.local.page import page
from leadflow.local.ports import LOOPBACK, first_free
from leadflow.local.postgres import start_postgres
from leadflow.local.readiness import NotReady, await_ready, tail
from leadflow.local.redis import start_redis
from leadflow.local.services import is_local
from leadflow.local.supervisor import Program, Supervisor, command
from leadflow.settings import Carrier, Settings, environment_for, load, surroundings

READY_TIMEOUT_S = 180.0
"""Long, because machines are busy; a program that ends is noticed at once."""
LEADFLOW = (sys.executable, "-m", "leadflow.cli.main")
SIMULATOR_LOGIN = "simulator-simulator"
"""Opens nothing but the simulated registries."""
WORK, CARRIER, REDIS, POSTGRES = range(4)
"""The order in which programs stop: none loses what it still needs."""

Seed = Callable[[Settings, Callable[[str], None]], Mapping[str, Any]]
"""Fills an empty database with the demo organisation, says what it does, and answers what to tell of it: its logins."""


class UpFailed(RuntimeError):
    """LeadFlow could not start; the message says which part, and what that said last."""


class Teller(Protocol):
    """Keeps a person informed."""

    def step(self, text: str) -> None:
        """Say what is being done now; whatever was being done before is done."""
        ...

    def notice(self, text: str) -> None:
        """Say something that should stay on the screen."""
        ...


@dataclass(frozen=True, slots=True)
class Wish:
    """What the command line asked for; None leaves it to the settings."""

    port: int | None = None
    workers: int | None = None
    clock_start: str | None = None


@dataclass(slots=True)
class Runner:
    """One run on one data folder, which the caller holds. Use it from one thread, under ``stoppable``."""

    folder: DataFolder
    wish: Wish
    teller: Teller
    seed: Seed
    supervisor: Supervisor = field(init=False)

    def __post_init__(self) -> None:
        self.supervisor = Supervisor(self.teller.notice)

    def up(self) -> dict[str, Any]:
        """Start everything, and answer what runs where once the page answers.

        Raises:
            leadflow.settings.BadSettings: the settings cannot be used.
            UpFailed: a part did not start.
        """
        began = time.monotonic()
        variables = self._chosen_variables()
        variables["LF_WEB_DIR"] = variables.get("LF_WEB_DIR") or str(page(self.teller.step))
        settings = self._with_services(variables)
        self.teller.step("Bringing the database up to date")
        migrate(settings.migrating_url)
        self.teller.step("Looking for the demo organisation")
        told = self.seed(settings, self.teller.step)
        self._start_programs(settings)
        state = self._state(settings) | dict(told) | {"seconds": round(time.monotonic() - began, 1)}
        self.folder.write_state(state)
        return state

    def watch(self) -> None:
        """Look after everything until ``Stop``, and keep the state file true."""
        self.supervisor.watch(self._tell_pids)

    def down(self) -> None:
        """End everything that was started, in the order of need."""
        self.supervisor.stop()

    def _chosen_variables(self) -> dict[str, str]:
        """The surroundings' variables, under the wishes of the command line, over our own for this folder."""
        around = surroundings()
        wanted = self.wish.port or int(around.get("LF_PORT") or Settings.model_fields["port"].default)
        port = first_free(wanted)
        if port != wanted:
            self.teller.notice(f"Port {wanted} is taken; using {port}.")
        ours = {"LF_PUBLIC_URL": f"http://{LOOPBACK}:{port}", "LF_ANCHOR_DIR": str(self.folder.anchors)}
        if is_local():
            others = f"http://localhost:{port}"
            ours |= self.folder.secrets() | {"LF_DOCS_ENABLED": "true", "LF_ALLOWED_ORIGINS": others}
        forced = {"LF_HOST": LOOPBACK, "LF_PORT": str(port), "LF_DATA_DIR": str(self.folder.path)}
        if around.get("LF_CARRIER", Carrier.SIMULATOR) == Carrier.SIMULATOR:
            forced["LF_TWILIO_API_URL"] = f"http://{LOOPBACK}:{first_free(port + 1)}"
        if self._simulates_lookups(around):
            address = f"http://{LOOPBACK}:{first_free(port + 2)}"
            forced |= {"LF_DNCSCRUB_API_URL": address, "LF_DNCSCRUB_DATA_URL": address}
            ours["LF_CENSUS_URL"] = address
            ours["LF_DNCSCRUB_LOGIN_ID"] = SIMULATOR_LOGIN
        return ours | around | forced | self._clock(around)

    @staticmethod
    def _simulates_lookups(around: Mapping[str, str]) -> bool:
        """Say whether look-ups go to the simulator: on one person's machine, while nobody names a real address."""
        return is_local() and not {"LF_DNCSCRUB_API_URL", "LF_DNCSCRUB_DATA_URL"} & around.keys()

    def _clock(self, around: Mapping[str, str]) -> dict[str, str]:
        start = self.wish.clock_start or around.get("LF_CLOCK_START")
        if not start:
            return {}
        shift = datetime.fromisoformat(start) - SystemClock().now()
        return {"LF_CLOCK_START": start, "LF_CLOCK_SHIFT_S": str(round(shift.total_seconds()))}

    def _with_services(self, variables: dict[str, str]) -> Settings:
        """Start what the variables do not name, and answer the settings of every program."""
        if is_local() and not variables.get("DATABASE_URL"):
            self.teller.step("Starting Postgres")
            variables["LF_OWNER_DATABASE_URL"], variables["DATABASE_URL"] = self._postgres()
        if is_local() and not variables.get("REDIS_URL"):
            self.teller.step("Starting Redis")
            variables["REDIS_URL"] = self._redis()
        settings = load(variables)
        refuse_weak(settings)
        return settings

    def _postgres(self) -> tuple[str, str]:
        """Start Postgres, and answer its owner's address and the application's."""
        server = start_postgres(self.folder.postgres)

        def again() -> subprocess.Popen[bytes]:
            return start_postgres(self.folder.postgres, port=server.port).process

        # SIGINT is Postgres's fast shutdown.
        program = Program("postgres", again, self.folder.postgres / "log", POSTGRES, signal.SIGINT)
        self.supervisor.adopt(program, server.process)
        return server.url, server.runtime_url

    def _redis(self) -> str:
        server = start_redis(self.folder.redis)

        def again() -> subprocess.Popen[bytes]:
            return start_redis(self.folder.redis, port=server.port).process

        self.supervisor.adopt(Program("redis", again, self.folder.redis / "log", REDIS), server.process)
        return server.url

    def _start_programs(self, settings: Settings) -> None:
        self.teller.step("Starting the page, the workers, the scheduler, the carrier and the registries")
        web = self._start("web", "web", settings)
        if settings.carrier is Carrier.SIMULATOR:
            self._start("carrier", "simulator carrier", settings, stage=CARRIER)
        if self._simulates_lookups(surroundings()):
            self._start("lookups", "simulator lookups", settings, stage=CARRIER)
        self._start("scheduler", "scheduler", settings)
        for number in range(1, 1 + (settings.workers if self.wish.workers is None else self.wish.workers)):
            self._start(f"worker-{number}", "worker", settings)
        try:
            await_ready(web, lambda: _answers(settings.port), timeout_s=READY_TIMEOUT_S)
        except NotReady as failure:
            raise UpFailed(f"The page did not start: {failure}\n{tail(self.folder.logs / 'web.log')}") from failure

    def _start(self, name: str, words: str, settings: Settings, *, stage: int = WORK) -> subprocess.Popen[bytes]:
        log = self.folder.logs / f"{name}.log"
        # None of them migrates, so none gets the key to the tables.
        environment = environment_for(settings.model_copy(update={"owner_database_url": SecretStr("")}))
        return self.supervisor.add(command(name, [*LEADFLOW, *words.split()], environment, log, stage=stage))

    def _state(self, settings: Settings) -> dict[str, Any]:
        urls = {
            "DATABASE_URL": settings.database_url.get_secret_value(),
            "LF_OWNER_DATABASE_URL": settings.migrating_url,
            "REDIS_URL": settings.redis_url.get_secret_value(),
            "LF_PUBLIC_URL": settings.public_url,
            "LF_TWILIO_API_URL": settings.twilio_api_url,
            "LF_DNCSCRUB_API_URL": settings.dncscrub_api_url,
            "LF_DNCSCRUB_DATA_URL": settings.dncscrub_data_url,
            "LF_CENSUS_URL": settings.census_url,
            "LF_CLOCK_SHIFT_S": str(settings.clock_shift_s),
            "LF_WEB_DIR": str(settings.web_dir),
        }
        if self._simulates_lookups(surroundings()):
            urls["LF_DNCSCRUB_LOGIN_ID"] = SIMULATOR_LOGIN
        return {
            "address": f"http://{LOOPBACK}:{settings.port}",
            "data": str(self.folder.path),
            "database_url": urls["DATABASE_URL"],
            "owner_database_url": urls["LF_OWNER_DATABASE_URL"],
            "redis_url": urls["REDIS_URL"],
            "carrier_url": settings.twilio_api_url,
            "carrier_log": str(self.folder.carrier_log),
            "lookups_url": settings.dncscrub_api_url,
            "pids": self.supervisor.pids(),
            "ports": {
                "web": settings.port,
                "carrier": urlsplit(settings.twilio_api_url).port,
                "lookups": urlsplit(settings.dncscrub_api_url).port,
                "postgres": urlsplit(urls["DATABASE_URL"]).port,
                "redis": urlsplit(urls["REDIS_URL"]).port,
            },
            "clock_shift_s": settings.clock_shift_s,
            "variables": urls,
        }

    def _tell_pids(self) -> None:
        state = json.loads(self.folder.state.read_text())
        self.folder.write_state(state | {"pids": self.supervisor.pids()})


def _answers(port: int) -> bool:
    """Say whether a page comes from ``port``."""
    connection = HTTPConnection(LOOPBACK, port, timeout=5)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status < 500  # noqa: PLR2004 - 5xx is a server that is not ready
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
