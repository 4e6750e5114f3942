"""The first step in production: an organisation and its owner, from the command line."""

from __future__ import annotations

import json
import os
import subprocess

import pytest
from pyotp.totp import TOTP
from sqlmodel import select

from leadflow.identity import service as identity
from leadflow.identity.types import Caller, Credentials
from leadflow.kernel.db import Database
from leadflow.settings import Settings, as_variables
from models.audit import AuditEvent
from models.vocabulary import Role
from tests.identity.people import entered
from tests.live import LEADFLOW

PASSWORD = "violet harbour nine"  # noqa: S105 made up
WORDS = ("found", "Oak Homes", "--email", "Ada@Example.com", "--owner", "Ada Oak", "--password-stdin", "--json")


def found(settings: Settings, words: tuple[str, ...], password: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a person at this machine does."""
    around = {"PATH": os.environ["PATH"]}  # noqa: TID251 a child needs one
    return subprocess.run(
        [*LEADFLOW, *words],
        env=around | as_variables(settings),
        input=password + "\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_the_owner_may_sign_in_afterwards(db: Database, settings: Settings) -> None:
    told = found(settings, WORDS, PASSWORD)
    assert told.returncode == 0, told.stderr
    assert PASSWORD not in told.stdout + told.stderr
    signed = entered(identity.sign_in(db, Credentials("ada@example.com", PASSWORD), Caller("127.0.0.1")))
    assert signed.sid
    with db.begin() as uow:
        actor = identity.resume(uow, signed.sid)
    assert (str(actor.org_id), actor.role) == (json.loads(told.stdout)["organization"]["id"], Role.OWNER)


@pytest.mark.parametrize(
    ("words", "password", "code"),
    [
        (WORDS, "short", "invalid"),
        (("found", "Oak", "--email", "nobody", "--owner", "A", "--password-stdin", "--json"), PASSWORD, "invalid"),
    ],
)
def test_what_cannot_be_used_founds_nothing(db: Database, settings: Settings, words, password, code) -> None:
    told = found(settings, words, password)
    assert (told.returncode, json.loads(told.stdout)["error"]["code"]) == (1, code), told.stdout + told.stderr
    with db.begin() as uow, uow.cursor() as cursor:
        assert cursor.execute("select count(*) from organization").fetchone() == (0,)


def test_a_member_is_added_listed_and_helped(db: Database, settings: Settings) -> None:
    assert found(settings, WORDS, PASSWORD).returncode == 0
    words = ("members", "add", "Ben@Example.com", "--name", "Ben", "--role", "manager", "--password-stdin", "--json")
    added = found(settings, words, PASSWORD)
    assert added.returncode == 0, added.stderr
    assert PASSWORD not in added.stdout + added.stderr
    listed = json.loads(found(settings, ("members", "list", "--json"), "").stdout)["members"]
    assert [(row["email"], row["role"], row["second_factor"]) for row in listed] == [
        ("ada@example.com", "owner", False),
        ("ben@example.com", "manager", False),
    ]
    none = found(settings, ("members", "reset-second-factor", "ben@example.com", "--json"), "")
    assert json.loads(none.stdout)["error"]["code"] == "conflict"
    actor = entered(identity.sign_in(db, Credentials("ben@example.com", PASSWORD), Caller("127.0.0.1"))).principal
    secret = identity.begin_second_factor(db, actor).secret
    identity.confirm_second_factor(db, actor, TOTP(secret).at(db.clock.now()))
    helped = found(settings, ("members", "reset-second-factor", "Ben@example.com", "--json"), "")
    assert helped.returncode == 0, helped.stdout
    assert entered(identity.sign_in(db, Credentials("ben@example.com", PASSWORD), Caller("127.0.0.1")))
    with db.begin(actor.org_id) as uow:
        assert "second_factor.reset_by_hand" in set(uow.session.exec(select(AuditEvent.action)))
