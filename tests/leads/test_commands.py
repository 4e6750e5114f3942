"""``leadflow views``, ``fields``, ``assignment`` and ``claims`` at the test's own desk."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from typer.testing import CliRunner

from leadflow.cli import assignment, claims, fields, views
from leadflow.cli.desk import Desk
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Conflict, Invalid, NotFound
from leadflow.leads import service as leads
from leadflow.leads.errors import Claimed
from models.vocabulary import Role
from tests.factories.identity import a_member
from tests.factories.leads import a_lead

Call = Callable[..., Any]


@pytest.fixture
def call(db: Database, org: UUID, monkeypatch: pytest.MonkeyPatch) -> Call:
    """Run one command; answers its JSON, or its words where ``plain`` is asked for."""
    with db.begin(org) as uow:
        owner = a_member(uow, Role.OWNER)

    @contextmanager
    def desk(_org: str | None = None) -> Generator[Desk]:
        yield Desk(db, owner)

    for module in (views, fields, assignment, claims):
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


def test_a_rule_is_made_changed_ordered_turned_off_and_deleted(call: Call, db: Database, org: UUID):
    with db.begin(org) as uow:
        ann, ben = a_member(uow, Role.AGENT), a_member(uow, Role.AGENT)
    people = ["--member", ann.name, "--member", str(ben.user_id)]
    made = call(assignment, "create", "Cook", *people, "--county", "Cook", "--list", "Vacant")
    assert (made["county"], made["list_name"], made["position"], made["active"]) == ("Cook", "Vacant", 0, True)
    assert [turn["user_id"] for turn in made["turns"]] == [str(ann.user_id), str(ben.user_id)]
    call(assignment, "create", "Rest", "--member", ann.name)
    turned = call(assignment, "change", "Cook", "--member", ben.name, "--member", ann.name, "--county", "")
    assert ([turn["name"] for turn in turned["turns"]], turned["county"]) == ([ben.name, ann.name], "")
    assert call(assignment, "change", "Cook", "--name", "All")["turns"] == turned["turns"]
    assert [row["name"] for row in call(assignment, "order", "Rest")] == ["Rest", "All"]
    assert call(assignment, "off", "All")["active"] is False
    assert "off" in call(assignment, "list", plain=True)
    assert call(assignment, "on", "All")["active"] is True
    call(assignment, "delete", "All")
    assert [row["name"] for row in call(assignment, "list")] == ["Rest"]


def test_a_member_is_away_and_here_again(call: Call, db: Database, org: UUID):
    with db.begin(org) as uow:
        ann = a_member(uow, Role.AGENT)
        until = (uow.now() + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%S%z")
    assert call(assignment, "away", ann.name, until)["away_until"]
    assert ann.name in call(assignment, "members", plain=True)
    assert call(assignment, "here", ann.name)["away_until"] is None
    for words in (("away", "Nobody", until), ("here", "Nobody")):
        with pytest.raises(NotFound, match="assignment members"):
            call(assignment, *words)
    with pytest.raises(NotFound, match="assignment list"):
        call(assignment, "off", "Nothing")
    with pytest.raises(Invalid):
        call(assignment, "create", " ", "--member", ann.name)


def test_claims_are_listed_taken_and_given_up(call: Call, db: Database, org: UUID):
    with db.begin(org) as uow:
        maria = a_member(uow, Role.MANAGER)
        lead, other = a_lead(uow), a_lead(uow)
        leads.claim(uow, maria, lead.id)
    with pytest.raises(Claimed, match=maria.name):
        call(claims, "take", str(lead.id))
    call(claims, "take", str(other.id))
    found = call(claims, "list", "--limit", "1")
    assert ([row["name"] for row in found["rows"]], found["count"]) == ([maria.name], 2)
    (second,) = call(claims, "list", "--after", found["next"])["rows"]
    assert second["lead_id"] == str(other.id)
    assert "--after" in call(claims, "list", "--limit", "1", plain=True)
    assert call(claims, "take-over", str(lead.id))["name"] != maria.name
    for one in (lead, other):
        call(claims, "release", str(one.id))
    assert call(claims, "list")["rows"] == []
