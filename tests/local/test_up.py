"""``leadflow up``: one command, on loopback only, that leaves no process behind and no data lost."""

from __future__ import annotations

import json
import os
import signal
import socket
import stat
import subprocess
import time
from collections.abc import Generator
from pathlib import Path

import httpx
import psutil
import psycopg
import pytest

from leadflow.local.postgres import running_postgres
from leadflow.local.redis import running_redis
from tests.live import LEADFLOW, Live, end, interrupt, quiet_port, running_leadflow

PATIENCE_S = 60
"""On a busy machine; alone it takes three."""


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Generator[Live]:
    """Run LeadFlow without the demo organisation."""
    with running_leadflow(tmp_path_factory.mktemp("up"), "--empty", "--workers", "1") as live:
        yield live


def _family(live: Live) -> list[psutil.Process]:
    """Every process that this run started."""
    roots = [psutil.Process(live.process.pid), *(psutil.Process(pid) for pid in live.private["pids"].values())]
    return list({p.pid: p for root in roots for p in (root, *root.children(recursive=True))}.values())


def _await(what: str, holds: object, patience_s: float = PATIENCE_S) -> None:
    assert callable(holds)
    deadline = time.monotonic() + patience_s
    while not holds():
        assert time.monotonic() < deadline, f"not within {patience_s} s: {what}"
        time.sleep(0.05)


def test_the_page_answers_under_a_strict_policy(running: Live):
    answer = httpx.get(running.address + "/login")
    assert answer.status_code == 200
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_everything_runs_and_is_named(running: Live):
    assert set(running.private["pids"]) == {"postgres", "redis", "web", "carrier", "lookups", "scheduler", "worker-1"}
    assert running.state["pids"].keys() == running.private["pids"].keys()


def test_nothing_listens_outside_this_machine(running: Live):
    listening = [
        connection.laddr.ip
        for process in _family(running)
        for connection in process.net_connections("inet")
        if connection.status == psutil.CONN_LISTEN
    ]
    assert len(listening) >= 4
    assert set(listening) == {"127.0.0.1"}


def test_no_secret_is_said_or_shown_to_others(running: Live):
    private = running.private
    password = private["database_url"].split(":")[2].split("@")[0]
    assert password not in json.dumps(running.state)
    assert stat.S_IMODE(running.folder.state.stat().st_mode) == 0o600
    assert stat.S_IMODE((running.folder.path / "secrets.json").stat().st_mode) == 0o600
    shown = " ".join(word for process in _family(running) for word in process.cmdline())
    assert password not in shown
    assert json.loads((running.folder.path / "secrets.json").read_text())["LF_PHONE_PEPPER"] not in shown


def test_a_second_start_on_the_same_folder_is_refused(running: Live):
    second = running.command("up", "--empty", "--json")
    assert second.returncode == 1
    assert "already runs" in json.loads(second.stdout)["error"]["message"]


def test_a_command_finds_what_runs_here(running: Live):
    told = running.command("migrate", "--check", "--json")
    assert told.returncode == 0, told.stderr
    assert json.loads(told.stdout)["pending"] == []


def test_a_program_that_dies_is_started_again(running: Live):
    before = running.private["pids"]["scheduler"]
    os.kill(before, signal.SIGKILL)
    _await("another scheduler", lambda: running.private["pids"].get("scheduler", before) != before)


def test_postgres_may_die_and_comes_back_with_its_data(running: Live):
    with psycopg.connect(running.database_url, autocommit=True) as connection:
        connection.execute("create table kept (word text)")
        connection.execute("insert into kept values ('still here')")
    os.kill(running.private["pids"]["postgres"], signal.SIGKILL)

    def kept() -> bool:
        try:
            with psycopg.connect(running.database_url, connect_timeout=2) as connection:
                return connection.execute("select word from kept").fetchone() == ("still here",)
        except psycopg.OperationalError:
            return False

    _await("Postgres again", kept)
    with psycopg.connect(running.database_url, autocommit=True) as connection:
        connection.execute("drop table kept")
    _await("the page again", lambda: httpx.get(running.address + "/login").status_code == 200)


def test_ctrl_c_ends_every_child_keeps_the_data_and_the_next_start_has_it(tmp_path: Path):
    with running_leadflow(tmp_path / "data", "--empty", "--workers", "1") as live:
        family = _family(live)
        with psycopg.connect(live.database_url, autocommit=True) as connection:
            connection.execute("insert into organization (name) values ('Kept Homes')")
        # The children must not end before their time, though the terminal tells the whole group.
        interrupt(live.process)
        assert live.process.wait(PATIENCE_S) == 0
        _await("no child left", lambda: not [p for p in family if p.is_running() and p.status() != "zombie"], 2)
        assert "Stopped." in (live.folder.path / "up.log").read_text()
        assert live.folder.running() is None
    with (
        running_leadflow(tmp_path / "data", "--empty", "--workers", "1") as live,
        psycopg.connect(live.database_url) as connection,
    ):
        assert connection.execute("select name from organization").fetchall() == [("Kept Homes",)]


def test_killed_outright_it_leaves_no_child(tmp_path: Path):
    with running_leadflow(tmp_path / "data", "--empty", "--workers", "1") as live:
        family = _family(live)
        live.process.kill()
        live.process.wait()
        _await("no child left", lambda: not [p for p in family if p.is_running() and p.status() != "zombie"])


def test_a_taken_port_is_told_and_another_is_used(tmp_path: Path):
    port = quiet_port()
    options = ("--empty", "--workers", "0", "--port", str(port))
    with socket.create_server(("127.0.0.1", port)), running_leadflow(tmp_path / "data", *options) as live:
        assert live.state["ports"]["web"] != port
        assert httpx.get(live.address + "/login").status_code == 200
        assert f"Port {port} is taken" in (live.folder.path / "up.log").read_text()


def test_services_that_are_named_are_used_and_none_is_started(tmp_path: Path):
    with running_postgres(tmp_path / "postgres") as database_url, running_redis(tmp_path / "redis") as redis_url:
        variables = {"DATABASE_URL": database_url, "REDIS_URL": redis_url}
        with running_leadflow(tmp_path / "data", "--empty", "--workers", "0", variables=variables) as live:
            assert set(live.private["pids"]) == {"web", "carrier", "lookups", "scheduler"}
            assert httpx.get(live.address + "/login").status_code == 200
        assert not (tmp_path / "data" / "postgres").exists()


def test_production_starts_nothing_of_its_own(tmp_path: Path):
    environment = {"PATH": os.environ["PATH"], "LF_ENV": "prod", "LF_DATA_DIR": str(tmp_path / "data")}  # noqa: TID251 same
    done = subprocess.run(
        [*LEADFLOW, "up", "--json", "--port", str(quiet_port())],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    told = json.loads(done.stdout)["error"]["problems"]
    assert {"DATABASE_URL", "REDIS_URL", "LF_SESSION_KEYS"} <= {problem["variable"] for problem in told}
    assert not (tmp_path / "data" / "postgres").exists()
    assert not (tmp_path / "data" / "secrets.json").exists()


def test_the_end_helper_is_patient_with_what_has_ended():
    done = subprocess.Popen([*LEADFLOW, "--help"], stdout=subprocess.PIPE, text=True)
    done.wait()
    assert end(done) == 0
