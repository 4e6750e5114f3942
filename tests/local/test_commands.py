"""Commands answer programs in JSON and nothing else, people in words, and leave with a code that tells."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from leadflow.cli import main as cli
from leadflow.cli.main import COMMANDS, load_command
from leadflow.local.postgres import running_postgres
from leadflow.local.redis import running_redis
from tests.configuration import VARIABLES
from tests.live import LEADFLOW

SERVERS = {"web", "worker", "scheduler", "simulator"}
"""These run until stopped and answer nothing."""


def _run(*words: str, **variables: str) -> subprocess.CompletedProcess[str]:
    path = os.environ["PATH"]  # noqa: TID251 a child needs one
    environment = {"PATH": path, "LF_DATA_DIR": "/nonexistent", **variables}
    return subprocess.run([*LEADFLOW, *words], env=environment, capture_output=True, text=True, check=False, timeout=60)


def test_help_lists_every_command():
    told = _run("--help")
    assert told.returncode == 0
    assert all(name in told.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_can_be_loaded_and_describes_itself(name: str):
    assert load_command(name).help


def _leaves(command: Any) -> Iterator[Any]:
    """Walk through groups of commands, however deep, to the commands themselves."""
    if not hasattr(command, "commands"):
        yield command
        return
    for inner in command.commands.values():
        yield from _leaves(inner)


@pytest.mark.parametrize("name", [name for name in COMMANDS if name not in SERVERS])
def test_every_answering_command_takes_json(name: str):
    command = load_command(name)
    leaves = list(_leaves(command))
    assert leaves
    for leaf in leaves:
        assert any("--json" in parameter.opts for parameter in leaf.params), f"{name} {leaf.name}"


def test_the_organisation_is_named_by_one_option_everywhere():
    leaves = [leaf for name in COMMANDS if name not in SERVERS for leaf in _leaves(load_command(name))]
    told = {(tuple(one.opts), one.help) for leaf in leaves for one in leaf.params if one.name == "org"}
    assert len(told) == 1
    ((opts, _),) = told
    assert opts == ("--org",)


def test_an_unknown_command_fails_in_words_or_in_json():
    words, program = _run("fly"), _run("fly", "--json")
    assert words.returncode == program.returncode == 2
    assert "fly" in words.stderr
    assert not words.stdout
    assert json.loads(program.stdout)["error"]["code"] == "usage"


def test_the_table_of_commands_is_the_whole_program():
    group = get_command(cli.app)
    assert list(group.list_commands(None)) == list(COMMANDS)  # pyright: ignore[reportAttributeAccessIssue]


def test_doctor_names_each_wrong_variable_and_tells_no_value(tmp_path: Path):
    wrong = VARIABLES | {"LF_PORT": "eighty", "LF_WORKRES": "7654321", "LF_DATA_DIR": str(tmp_path)}
    told = _run("doctor", "--json", **wrong)
    assert told.returncode == 1
    document = json.loads(told.stdout)
    assert {f["subject"] for f in document["findings"] if f["verdict"] == "wrong"} == {"LF_PORT", "LF_WORKRES"}
    assert "eighty" not in told.stdout + told.stderr
    assert "7654321" not in told.stdout + told.stderr


def test_doctor_finds_services_that_do_not_answer_and_keeps_their_passwords(tmp_path: Path):
    told = _run("doctor", **(VARIABLES | {"LF_DATA_DIR": str(tmp_path)}))
    assert told.returncode == 1
    assert "DATABASE_URL" in told.stdout
    assert "REDIS_URL" in told.stdout
    assert "nothing@" not in told.stdout + told.stderr


def test_doctor_is_content_with_what_is_whole(tmp_path: Path):
    with running_postgres(tmp_path / "postgres") as database_url, running_redis(tmp_path / "redis") as redis_url:
        variables = VARIABLES | {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "LF_DATA_DIR": str(tmp_path)}
        lacking = _run("doctor", "--json", **variables)
        assert [f["subject"] for f in json.loads(lacking.stdout)["findings"] if f["verdict"] == "wrong"] == ["schema"]
        check = _run("migrate", "--check", "--json", **variables)
        assert check.returncode == 1
        applied = _run("migrate", "--json", **variables)
        assert json.loads(applied.stdout)["applied"] == json.loads(check.stdout)["pending"]
        whole = _run("doctor", "--json", **variables)
        assert whole.returncode == 0, whole.stdout
        assert database_url.split(":")[2].split("@")[0] not in lacking.stdout + whole.stdout


def test_doctor_says_what_production_would_refuse(tmp_path: Path):
    told = _run("doctor", "--json", **(VARIABLES | {"LF_DATA_DIR": str(tmp_path)}))
    weak = {f["subject"] for f in json.loads(told.stdout)["findings"] if f["verdict"] == "weak"}
    assert {"LF_CARRIER", "LF_PUBLIC_URL", "LF_BCRYPT_COST"} <= weak
