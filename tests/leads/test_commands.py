"""``leadflow views`` and ``leadflow fields`` at the test's own desk."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner

from leadflow.cli import fields, views
from leadflow.cli.desk import Desk
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Conflict, Invalid, NotFound
from models.vocabulary import Role
from tests.factories.identity import a_member

Call = Callable[..., Any]


@pytest.fixture
def call(db: Database, org: UUID, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run one command; answers its JSON, or its words where ``plain`` is asked for."""
    with db.begin(org) as uow:
        owner = a_member(uow, Role.OWNER)

    @contextmanager
    def desk(_org: str | None = None) -> Generator[Desk]:
        yield Desk(db, owner)

    for module in (views, fields):
        monkeypatch.setattr(module, "desk", desk)

    def run(module: Any, *words: str, plain: bool = False) -> Any:
        done = CliRunner().invoke(module.app, [*words, *([] if plain else ["--json"])])
        if done.exception is not None and not isinstance(done.exception, SystemExit):
            raise done.exception
        assert done.exit_code == 0, done.output
        return done.stdout if plain else json.loads(done.stdout)

    return run


def test_a_view_is_saved_shown_changed_shared_deleted_and_brought_back(call: Call):
    made = call(views, "create", "Texas", "--where", "state=TX", "--where", "where=stack:at_least:2", "--sort", "stack")
    assert made["content"]["filter"] == {"state": ["TX"], "where": ["stack:at_least:2"]}
    assert (made["shared"], made["content"]["sort"], made["content"]["dir"]) == (False, "stack", "desc")
    assert call(views, "show", "Texas")["id"] == made["id"]
    changed = call(views, "change", "Texas", "--name", "South", "--where", "state=FL", "--share")
    assert (changed["name"], changed["shared"], changed["content"]["filter"]) == ("South", True, {"state": ["FL"]})
    assert changed["content"]["sort"] == "stack"
    assert "state=FL" in call(views, "list", plain=True)
    call(views, "delete", "South")
    assert call(views, "list") == []
    assert call(views, "restore", made["id"])["name"] == "South"
    assert "every lead" not in call(views, "show", "South", plain=True)


def test_what_is_no_view_is_refused_in_words(call: Call):
    with pytest.raises(Invalid, match="state"):
        call(views, "create", "Texas", "--where", "state=Texas")
    with pytest.raises(Invalid, match="name"):
        call(views, "create", "  ")
    call(views, "create", "All")
    with pytest.raises(Conflict):
        call(views, "create", "All")
    with pytest.raises(NotFound, match="views list"):
        call(views, "show", "None")


def test_a_field_is_made_changed_archived_and_revived(call: Call):
    made = call(fields, "create", "Pool", "--kind", "select", "--word", "yes", "--word", "no", "--header", "Has pool")
    assert (made["kind"], made["options"], made["header"]) == ("select", ["yes", "no"], "Has pool")
    changed = call(fields, "change", "Pool", "--name", "Swimming pool", "--word", "yes", "--word", "no", "--word", "?")
    assert (changed["name"], changed["options"], changed["header"]) == ("Swimming pool", ["yes", "no", "?"], "Has pool")
    assert call(fields, "archive", "Swimming pool")["archived_at"]
    assert "archived" in call(fields, "list", plain=True)
    assert call(fields, "revive", made["id"])["archived_at"] is None
    assert call(fields, "show", "Swimming pool")["id"] == made["id"]
    assert call(fields, "headers") == []


def test_what_is_no_field_is_refused_in_words(call: Call):
    with pytest.raises(Invalid):
        call(fields, "create", " ")
    with pytest.raises(NotFound, match="fields list"):
        call(fields, "archive", "Nothing")
