"""Runs a whole LeadFlow for tests, by the very command that a person types."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

from leadflow.local.folder import DataFolder
from leadflow.local.ports import is_free
from leadflow.local.process import LAUNCHER
from tests.asgi import keyed

READY_S = 180
"""The page may have to be built, and the demo organisation made."""
END_S = 40
LEADFLOW = (sys.executable, "-m", "leadflow.cli.main")


@dataclass(slots=True)
class Live:
    """One running LeadFlow.

    Attributes:
        address: of its page, without a slash at the end.
        state: what ``leadflow up --json`` said.
        folder: its data; ``folder.running()`` also holds the addresses of Postgres and Redis.
        process: of ``leadflow up``.
        environment: run further commands with it to reach the same LeadFlow.
    """

    address: str
    state: dict[str, Any]
    folder: DataFolder
    process: subprocess.Popen[str]
    environment: dict[str, str]

    @property
    def database_url(self) -> str:
        """The address of its Postgres."""
        return str(self.private["owner_database_url"])

    @property
    def private(self) -> dict[str, Any]:
        """What its folder says, passwords included."""
        return self.folder.running() or {}

    def login(self, role: str) -> dict[str, str]:
        """E-mail and password of the demo member with this role."""
        return next(login for login in self.state["logins"] if login["role"] == role)

    def client(self, role: str) -> httpx.Client:
        """Sign in through the API and answer a client that may do what the role may."""
        login = self.login(role)
        client = httpx.Client(base_url=self.address, headers={"Origin": self.address, "X-LF-Request": "1"}, timeout=30)
        client.event_hooks = {"request": [keyed]}
        answer = client.post("/api/v1/auth/login", json={"email": login["email"], "password": login["password"]})
        answer.raise_for_status()
        return client

    def command(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run ``leadflow`` on the same data folder."""
        return subprocess.run(
            [*LEADFLOW, *words], env=self.environment, capture_output=True, text=True, check=False, timeout=120
        )

    def logs(self) -> str:
        """The last lines of every log, for a failing test to show."""
        return "\n".join(
            f"--- {log.name}\n" + "\n".join(log.read_text(errors="replace").splitlines()[-15:])
            for log in sorted(self.folder.logs.glob("*.log"))
        )


def quiet_port() -> int:
    """A free port below those that the system lends to outgoing connections, so that it is still free in a second."""
    candidates = random.SystemRandom().sample(range(20_000, 30_000, 10), 50)
    return next(port for port in candidates if is_free(port) and is_free(port + 1))


@contextmanager
def running_leadflow(data: Path, *options: str, variables: Mapping[str, str] | None = None) -> Generator[Live]:
    """Run ``leadflow up --json`` on ``data`` for the length of the block, then end it as Ctrl-C does.

    Args:
        data: the data folder.
        options: further options of ``leadflow up``.
        variables: settings on top of the defaults; nothing of our surroundings' settings is kept.
    """
    inherited = os.environ  # noqa: TID251 a child process needs its parent's environment
    around = {name: value for name, value in inherited.items() if not name.startswith("LF_")}
    around = {name: value for name, value in around.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    environment = around | {"LF_DATA_DIR": str(data), **(variables or {})}
    data.mkdir(parents=True, exist_ok=True)
    with (data / "up.log").open("wb") as log:
        process = subprocess.Popen(
            _mortal([*LEADFLOW, "up", "--json", "--port", str(quiet_port()), *options]),
            env=environment,
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
            # Its own group, as a terminal gives a command: what is sent to the group is what Ctrl-C sends.
            process_group=0,
        )
    try:
        state = _first_line(process, data)
        yield Live(state["address"], state, DataFolder(data), process, environment)
    finally:
        end(process)


def _mortal(argv: list[str]) -> list[str]:
    """The same command, ended when this test process dies, however it dies."""
    spec = {"argv": argv, "parent": os.getpid(), "signal": int(signal.SIGTERM), "account": None, "search": False}
    return [sys.executable, "-I", "-S", str(LAUNCHER), json.dumps(spec)]


def _first_line(process: subprocess.Popen[str], data: Path) -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line.startswith("{") or "address" not in line:
        end(process)
        said = (data / "up.log").read_text(errors="replace")
        raise AssertionError(f"leadflow up did not start:\n{line}\n{said}")
    return json.loads(line)


def interrupt(process: subprocess.Popen[str]) -> None:
    """Press Ctrl-C: the whole group of the command hears it at once."""
    if os.getpgid(process.pid) == process.pid:
        os.killpg(process.pid, signal.SIGINT)
    else:
        process.send_signal(signal.SIGINT)


def end(process: subprocess.Popen[str]) -> int:
    """Ask as Ctrl-C does; end for certain what has not within ``END_S``."""
    if process.poll() is None:
        interrupt(process)
    try:
        return process.wait(END_S)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()
    finally:
        if process.stdout:
            process.stdout.close()
