"""Settings are read once, refuse what they do not know, and name what is weak without telling it."""

from __future__ import annotations

import os
import re
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from leadflow.kernel.weaknesses import refuse_weak, weaknesses
from leadflow.settings import (
    SECRETS_DIR_VARIABLE,
    BadSettings,
    Environment,
    Settings,
    as_variables,
    known_variables,
    load,
    surroundings,
)
from tests.configuration import VARIABLES

ROOT = Path(__file__).resolve().parents[2]
STRONG = {
    "LF_ENV": "prod",
    "DATABASE_URL": "postgresql://leadflow:Vb3uRq0xT8sLw2Zn@db.example.com:5432/leadflow",
    "REDIS_URL": "redis://:mQ7dYc1pHs9KeX4f@redis.example.com:6379/0",
    "LF_PUBLIC_URL": "https://crm.example.com",
    "LF_SESSION_KEYS": '{"a": "9tLxQe0m2YzVb7RkUo5JfWnCd3PsGh8iXaTq6EuMvBy"}',
    "LF_PHONE_PEPPER": "Zr4nKc8WvQ1jHy7TbLp2Ox5EgMi9SdUa3FuXk6RqJmV",
    "LF_AUDIT_SEAL_KEYS": '{"a": "Hq3XvTz8LcYb1NoKs6MwRj4Ue9PgDi2FaQx7BtVmEyW"}',
    "LF_VAULT_KEYS": '{"a": "Wy7KpLs2RzXc9BnQe4VtJm6HuGo1DfAi8TxZbYq3CkN"}',
    "LF_CARRIER": "twilio",
    "LF_TWILIO_ACCOUNT_SID": "AC0f1e2d3c4b5a69788796a5b4c3d2e1f0",
    "LF_TWILIO_AUTH_TOKEN": "c4ca4238a0b923820dcc509a6f75849b",
    "LF_SMTP_URL": "smtps://crm:Jt6wYb2nQz8v@mail.example.com:465",
    "LF_MAIL_FROM": "LeadFlow <no-reply@crm.example.com>",
    "LF_LOG_FORMAT": "json",
    "LF_DATA_DIR": "/var/lib/leadflow",
}
"""A production that may start. The keys were made for this file."""
SAME = "Kx8QvTz3LcYb1NoWs6MwRj4Ue9PgDi2FaHq7BtVmEyX"

WEAK = {
    "the database has no password": ("DATABASE_URL", "postgresql://leadflow@db.example.com/leadflow"),
    "the database has a default password": ("DATABASE_URL", "postgresql://leadflow:postgres@db.example.com/leadflow"),
    "the database's password is its role": ("DATABASE_URL", "postgresql://crm_app:crm_app@db.example.com/leadflow"),
    "the database role is a superuser": ("DATABASE_URL", "postgresql://postgres:Vb3uRq0xT8sLw2Zn@db.example.com/x"),
    "redis has no password": ("REDIS_URL", "redis://redis.example.com:6379/0"),
    "the public address is plain": ("LF_PUBLIC_URL", "http://crm.example.com"),
    "every origin may come": ("LF_ALLOWED_ORIGINS", "*"),
    "an origin is plain": ("LF_ALLOWED_ORIGINS", "http://other.example.com"),
    "the documentation is public": ("LF_DOCS_ENABLED", "true"),
    "a session key is short": ("LF_SESSION_KEYS", '{"a": "9tLxQe0m2YzVb7Rk"}'),
    "a session key is an example": ("LF_SESSION_KEYS", '{"a": "please-change-me-please-change-me-please!"}'),
    "a session key repeats": ("LF_SESSION_KEYS", '{"a": "' + "ab" * 24 + '"}'),
    "a session key counts up": ("LF_SESSION_KEYS", '{"a": "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFGH"}'),
    "an old session key is weak": ("LF_SESSION_KEYS", '{"a": "' + SAME + '", "b": "short"}'),
    "the pepper is short": ("LF_PHONE_PEPPER", "Zr4nKc8WvQ1jHy7T"),
    "the pepper is the session key": ("LF_PHONE_PEPPER", "9tLxQe0m2YzVb7RkUo5JfWnCd3PsGh8iXaTq6EuMvBy"),
    "the seal key is hexadecimal and short": ("LF_AUDIT_SEAL_KEYS", '{"a": "0123456789abcdef0123456789abcdef"}'),
    "a vault key is short": ("LF_VAULT_KEYS", '{"a": "Wy7KpLs2RzXc9BnQ"}'),
    "the vault key is the seal key": ("LF_VAULT_KEYS", '{"a": "Hq3XvTz8LcYb1NoKs6MwRj4Ue9PgDi2FaQx7BtVmEyW"}'),
    "an old vault key is the pepper": (
        "LF_VAULT_KEYS",
        '{"a": "' + SAME + '", "b": "Zr4nKc8WvQ1jHy7TbLp2Ox5EgMi9SdUa3FuXk6RqJmV"}',
    ),
    "everybody is a trusted proxy": ("LF_TRUSTED_PROXIES", "10.0.0.0/8, 0.0.0.0/0"),
    "mail leaves by no known way": ("LF_SMTP_URL", "http://mail.example.com"),
    "mail comes from nobody": ("LF_MAIL_FROM", "LeadFlow"),
    "bcrypt is cheap": ("LF_BCRYPT_COST", "10"),
    "the carrier is simulated": ("LF_CARRIER", "simulator"),
    "the carrier's address is plain": ("LF_TWILIO_API_URL", "http://127.0.0.1:8301"),
    "the address of look-ups is plain": ("LF_DNCSCRUB_API_URL", "http://127.0.0.1:8302"),
    "the address of reassigned numbers is plain": ("LF_DNCSCRUB_DATA_URL", "http://127.0.0.1:8302"),
    "the clock is moved": ("LF_CLOCK_START", "2026-12-02T10:00:00-06:00"),
    "the clock is shifted": ("LF_CLOCK_SHIFT_S", "3600"),
    "logs tell too much": ("LF_LOG_LEVEL", "debug"),
    "another domain is opened": ("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN", "dev.example.com"),
}


def test_a_strong_production_starts():
    settings = load(STRONG)
    assert weaknesses(settings) == ()
    refuse_weak(settings)


@pytest.mark.parametrize(("variable", "value"), WEAK.values(), ids=WEAK.keys())
def test_production_refuses_and_names_the_variable_but_never_its_value(variable: str, value: str):
    settings = load(STRONG | {variable: value})
    with pytest.raises(BadSettings) as refused:
        refuse_weak(settings)
    assert variable in [problem.variable for problem in refused.value.problems]
    told = str(refused.value)
    assert not [word for word in re.findall(r'[^"{}:,@/\s]{12,}', value) if word in told]


@pytest.mark.parametrize(("variable", "value"), WEAK.values(), ids=WEAK.keys())
def test_development_takes_what_production_refuses(variable: str, value: str):
    refuse_weak(load(STRONG | {"LF_ENV": "dev", variable: value}))


@pytest.mark.parametrize("missing", ["LF_TWILIO_ACCOUNT_SID", "LF_TWILIO_AUTH_TOKEN", "LF_SMTP_URL", "LF_MAIL_FROM"])
def test_production_needs_the_carriers_account_and_a_way_for_mail(missing: str):
    with pytest.raises(BadSettings, match=missing):
        refuse_weak(load({name: value for name, value in STRONG.items() if name != missing}))


@pytest.mark.parametrize("variable", ["LF_CLOCK_START", "LF_CLOCK_SHIFT_S"])
def test_staging_keeps_the_true_time_and_may_simulate_the_carrier(variable: str):
    value = {"LF_CLOCK_START": "2026-12-02T10:00:00Z", "LF_CLOCK_SHIFT_S": "9"}[variable]
    staging = STRONG | {"LF_ENV": "staging", "LF_CARRIER": "simulator"}
    refuse_weak(load(staging))
    with pytest.raises(BadSettings, match=variable):
        refuse_weak(load(staging | {variable: value}))


def test_every_weakness_is_told_at_once():
    weak = load(STRONG | {"LF_BCRYPT_COST": "4", "LF_DOCS_ENABLED": "true", "LF_CARRIER": "simulator"})
    assert {problem.variable for problem in weaknesses(weak)} == {"LF_BCRYPT_COST", "LF_DOCS_ENABLED", "LF_CARRIER"}


def test_a_variable_that_nothing_reads_is_an_error():
    with pytest.raises(BadSettings, match="LF_WORKRES"):
        load(VARIABLES | {"LF_WORKRES": "4"})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("LF_ENV", "production"),
        ("DATABASE_URL", "mysql://a:b@c/d"),
        ("LF_PUBLIC_URL", "crm.example.com"),
        ("LF_SESSION_KEYS", "not json at all"),
        ("LF_SESSION_KEYS", "{}"),
        ("LF_WORKERS", "none"),
        ("LF_CLOCK_START", "2026-12-02T10:00:00"),
    ],
)
def test_a_value_that_cannot_be_read_is_named_and_not_told(variable: str, value: str):
    with pytest.raises(BadSettings) as refused:
        load(VARIABLES | {variable: value})
    assert [problem.variable for problem in refused.value.problems] == [variable]
    assert value not in str(refused.value)


def test_every_missing_variable_is_named():
    with pytest.raises(BadSettings) as refused:
        load({})
    assert {problem.variable for problem in refused.value.problems} == {
        "DATABASE_URL",
        "REDIS_URL",
        "LF_SESSION_KEYS",
        "LF_PHONE_PEPPER",
        "LF_AUDIT_SEAL_KEYS",
        "LF_VAULT_KEYS",
    }


def test_settings_survive_the_way_to_another_process():
    settings = load(STRONG | {"LF_ALLOWED_ORIGINS": "https://a.example.com, https://b.example.com/"})
    assert load(as_variables(settings)) == settings


def test_a_folder_is_named_in_full_to_another_process():
    assert as_variables(load(VARIABLES | {"LF_DATA_DIR": "data"}))["LF_DATA_DIR"] == str(Path("data").resolve())


def test_secrets_never_print():
    shown = repr(load(STRONG))
    assert not [name for name in ("Vb3uRq0xT8sLw2Zn", "9tLxQe0m2Y", "Zr4nKc8WvQ", "c4ca4238a0b9") if name in shown]


def test_the_environment_wins_over_a_secret_file_and_that_over_the_dotenv(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("LF_PORT=1\nLF_WORKERS=1\nLF_BCRYPT_COST=5\n")
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "lf_port").write_text("2\n")
    (secrets / "LF_WORKERS").write_text("2\n")
    (secrets / "some-other-file").write_text("ignored")
    monkeypatch.setenv(SECRETS_DIR_VARIABLE, str(secrets))
    monkeypatch.setenv("LF_PORT", "3")
    around = surroundings()
    assert (around["LF_PORT"], around["LF_WORKERS"], around["LF_BCRYPT_COST"]) == ("3", "2", "5")


@pytest.mark.parametrize("environment", [e for e in Environment if e is not Environment.DEV])
def test_the_dotenv_is_for_dev_alone(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, environment: Environment):
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_text("LF_WORKERS=7\n")
    monkeypatch.setenv("LF_ENV", environment)
    assert "LF_WORKERS" not in surroundings()


def test_a_dotenv_cannot_make_itself_production(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("LF_ENV", raising=False)
    (tmp_path / ".env").write_text("LF_ENV=prod\n")
    with pytest.raises(BadSettings, match="LF_ENV"):
        surroundings()


def test_the_example_names_every_setting_and_no_other():
    written = re.findall(r"^#?([A-Z_]+)=", (ROOT / ".env.example").read_text(), re.MULTILINE)
    assert sorted(written) == sorted([*known_variables(), SECRETS_DIR_VARIABLE])


def test_the_example_shows_the_defaults():
    shown = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text(), re.MULTILINE))
    whole = load(VARIABLES | {"LF_ENV": "dev", "LF_BCRYPT_COST": "12"})
    plain = as_variables(whole)
    examples = {"LF_PUBLIC_URL", "LF_TWILIO_API_URL", "LF_OWNER_DATABASE_URL"} | {
        name for name in VARIABLES if name != "LF_BCRYPT_COST"
    }
    examples |= {SECRETS_DIR_VARIABLE, "LF_CLOCK_START", "LF_DATA_DIR"}
    for name, value in shown.items():
        if name not in examples:
            assert value.lower() == plain.get(name, "").lower().removesuffix(".0"), name


def start(command: str, **weak: str) -> tuple[int, str, float]:
    """Start a process of a weak production; answer its code, all that it said, and the seconds that it computed."""
    # Of computing, so that a busy machine tells the same.
    began = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        [sys.executable, "-m", "leadflow.cli.main", command],
        env={"PATH": os.environ["PATH"], **STRONG, **weak},  # noqa: TID251 a child needs a path
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    took = ended.ru_utime + ended.ru_stime - began.ru_utime - began.ru_stime
    return done.returncode, done.stdout + done.stderr, took


@pytest.mark.parametrize("command", ["web", "worker", "scheduler"])
def test_a_weak_production_ends_within_five_seconds_and_says_why(command: str):
    code, said, took = start(command, LF_BCRYPT_COST="4")
    assert code == 2
    assert "LF_BCRYPT_COST" in said
    assert "9tLxQe0m" not in said
    assert took < 5


@pytest.mark.slow
@pytest.mark.parametrize(("variable", "value"), WEAK.values(), ids=WEAK.keys())
def test_no_process_starts_with_a_weak_setting(variable: str, value: str):
    code, said, took = start("web", **{variable: value})
    assert code == 2
    assert variable in said
    assert not [word for word in re.findall(r'[^"{}:,@/\s]{12,}', value) if word in said]
    assert took < 5


def test_defaults_need_no_outside_key():
    assert all(not field.is_required() for name, field in Settings.model_fields.items() if "twilio" in name)
