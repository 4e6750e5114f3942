"""Credentials are sealed, shown by four characters, and used for their own organisation only."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import httpx
import pytest
from fastapi import FastAPI

from leadflow.api.app import create_app
from leadflow.credentials import service as credentials
from leadflow.credentials.errors import CredentialLocked
from leadflow.kernel import vault
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.settings import Settings
from models.vocabulary import Provider, Role
from tests.identity.people import Team, make_team, signed_in
from tests.owning import as_owner

PATH = "/api/v1/credentials/twilio"
ACCOUNT, SECRET = "AC" + "1" * 32, "9f8e7d6c5b4a39281706f5e4d3c2b1a0"
GIVEN = {"account": ACCOUNT, "secret": SECRET}


@pytest.fixture
def api(db: Database, settings: Settings) -> FastAPI:
    """Assemble the API on the test's database."""
    return create_app(db, settings)


@pytest.fixture
def team(db: Database) -> Team:
    """Found an organisation."""
    return make_team(db)


def owner_of(api: FastAPI, team: Team) -> httpx.Client:
    return signed_in(api, team, Role.OWNER)


def raw(db: Database, statement: str, *values: object) -> list[tuple[Any, ...]]:
    with as_owner(db.url) as connection:
        return connection.execute(statement.encode(), values).fetchall()


def test_a_credential_is_set_shown_by_four_characters_and_opened_for_use(
    db: Database, api: FastAPI, team: Team
) -> None:
    client = owner_of(api, team)
    answer = client.put(PATH, json=GIVEN)
    assert answer.status_code == 200, answer.text
    listed = client.get("/api/v1/credentials")
    assert listed.json()["rows"] == [answer.json()]
    assert (answer.json()["account"], answer.json()["hint"]) == (ACCOUNT, SECRET[-4:])
    assert SECRET[:-4] not in answer.text + listed.text
    with db.begin(team.org_id) as uow:
        opened = credentials.of(uow, Provider.TWILIO)
    assert opened is not None
    assert (opened.org_id, opened.account, opened.secret) == (team.org_id, ACCOUNT, SECRET)
    assert SECRET not in repr(opened)


def test_nothing_in_the_database_holds_the_secret(db: Database, api: FastAPI, team: Team) -> None:
    owner_of(api, team).put(PATH, json=GIVEN)
    ((sealed,),) = raw(db, "select secret from provider_credential")
    assert SECRET.encode() not in bytes(sealed)
    events = raw(db, "select action, detail::text, body from audit_event where action like 'credential%%'")
    assert [action for action, _, _ in events] == ["credential.set"]
    assert SECRET[-4:] not in str(events)


def test_setting_again_replaces_and_removing_forgets(db: Database, api: FastAPI, team: Team) -> None:
    client = owner_of(api, team)
    client.put(PATH, json=GIVEN)
    client.put(PATH, json={"account": ACCOUNT, "secret": SECRET[::-1]})
    with db.begin(team.org_id) as uow:
        assert getattr(credentials.of(uow, Provider.TWILIO), "secret", None) == SECRET[::-1]
    assert raw(db, "select count(*) from provider_credential") == [(1,)]
    assert client.delete(PATH).status_code == 204
    assert client.delete(PATH).status_code == 404
    with db.begin(team.org_id) as uow:
        assert credentials.of(uow, Provider.TWILIO) is None
    actions = raw(db, "select action from audit_event where action like 'credential%%' order by id")
    assert [action for (action,) in actions] == ["credential.set", "credential.set", "credential.removed"]


def test_the_password_must_have_been_typed_lately(api: FastAPI, team: Team, db: Database, clock: FrozenClock) -> None:
    client = owner_of(api, team)
    clock.advance(timedelta(minutes=11))
    client.post("/api/v1/auth/refresh")
    for answer in (client.put(PATH, json=GIVEN), client.delete(PATH)):
        assert (answer.status_code, answer.json()["error"]["code"]) == (403, "confirm_password")
    assert raw(db, "select count(*) from provider_credential") == [(0,)]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        (GIVEN | {"account": "AC123"}, "account"),
        (GIVEN | {"account": "SK" + "1" * 32}, "account"),
        (GIVEN | {"secret": "short"}, "secret"),
        (GIVEN | {"secret": "with a space in the middle of it"}, "secret"),
    ],
)
def test_what_cannot_be_a_credential_is_refused_without_being_repeated(
    api: FastAPI, team: Team, given: dict[str, str], field: str
) -> None:
    answer = owner_of(api, team).put(PATH, json=given)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, field)
    assert given[field] not in answer.text


def test_an_unknown_provider_is_no_provider(api: FastAPI, team: Team) -> None:
    assert owner_of(api, team).put("/api/v1/credentials/nobody", json=GIVEN).status_code == 404


def test_a_secret_that_is_moved_to_another_organisation_does_not_open_there(
    db: Database, api: FastAPI, team: Team
) -> None:
    birch = make_team(db, "Birch Partners")
    for each in (team, birch):
        owner_of(api, each).put(PATH, json=GIVEN)
    with as_owner(db.url) as connection:
        connection.execute(
            "update provider_credential set secret = (select secret from provider_credential where org_id = %s)"
            " where org_id = %s",
            [team.org_id, birch.org_id],
        )
    with db.begin(birch.org_id) as uow, pytest.raises(CredentialLocked):
        credentials.of(uow, Provider.TWILIO)
    with db.begin() as uow:
        assert [one.org_id for one in credentials.holders(uow, Provider.TWILIO, ACCOUNT)] == [team.org_id]


def test_without_its_key_a_credential_is_locked_and_nothing_stands_in(db: Database, api: FastAPI, team: Team) -> None:
    owner_of(api, team).put(PATH, json=GIVEN)
    vault.configure(vault.Vault({"other": b"k" * 32}))
    with db.begin(team.org_id) as uow, pytest.raises(CredentialLocked):
        credentials.of(uow, Provider.TWILIO)


def test_one_organisation_never_reads_the_credential_of_another(db: Database, api: FastAPI, team: Team) -> None:
    birch = make_team(db, "Birch Partners")
    owner_of(api, team).put(PATH, json=GIVEN)
    assert owner_of(api, birch).get("/api/v1/credentials").json()["rows"] == []
    with db.begin(birch.org_id) as uow:
        assert credentials.of(uow, Provider.TWILIO) is None
