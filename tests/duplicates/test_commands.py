"""``leadflow duplicates`` at the test's own desk: find, list, merge, take back."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select
from typer.testing import CliRunner

from leadflow.cli import duplicates
from leadflow.cli.desk import Desk
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Invalid
from models.properties import Person
from models.vocabulary import Role
from tests.duplicates.world import World
from tests.factories.identity import a_member
from workers import job
from workers.main import load_handlers

Call = Callable[..., Any]


@pytest.fixture
def call(db: Database, owner: Principal, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run one command where one pair of people may be one; answers its JSON."""
    with db.begin(owner.org_id) as uow:
        boss = a_member(uow, Role.OWNER)
        world = World(uow)
        phone = world.phone()
        for _ in range(2):
            world.lead(world.house("", world.person("John Smith", phone, mailing_street="9 Oak St", mailing_zip5="1")))

    @contextmanager
    def desk(_org: str | None = None) -> Generator[Desk]:
        yield Desk(db, boss)

    monkeypatch.setattr(duplicates, "desk", desk)

    def run(*words: str, plain: bool = False) -> Any:
        done = CliRunner().invoke(duplicates.app, [*words, *([] if plain else ["--json"])])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.stdout if plain else json.loads(done.stdout)

    return run


def people(db: Database, owner: Principal) -> int:
    with db.begin(owner.org_id) as uow:
        return len(uow.session.exec(select(Person)).all())


def test_a_pair_is_found_listed_merged_and_taken_back(db: Database, owner: Principal, call: Call):
    assert call("find")["proposed"] == 1
    (pair,) = call("list", "--kind", "person", "--at-least", "50")["rows"]
    assert "John Smith" in call("list", plain=True)
    assert call("list", "--kind", "property")["rows"] == []
    made = call("merge", pair["id"], "--survivor", "other")
    assert people(db, owner) == 1
    assert call("unmerge", made["merge_id"])["stayed"] == {}
    assert people(db, owner) == 2


def test_all_that_are_sure_are_merged_and_taken_back_by_jobs(db: Database, owner: Principal, call: Call):
    load_handlers()
    call("find")
    asked = call("merge", "--sure", "90")
    assert asked["count"] == 1
    assert job.run(db, UUID(asked["job_id"]))
    assert people(db, owner) == 1
    assert job.run(db, UUID(call("unmerge", "--job", asked["job_id"])["job_id"]))
    assert people(db, owner) == 2


@pytest.mark.parametrize("words", [("merge",), ("merge", str(UUID(int=1)), "--survivor", "both"), ("unmerge",)])
def test_half_a_command_is_refused_in_words(call: Call, words: tuple[str, ...]):
    with pytest.raises(Invalid):
        call(*words)
