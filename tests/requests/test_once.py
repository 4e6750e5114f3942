"""Keyed calls: the repetition answers what the first was answered, and nothing is done twice."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from fastapi import FastAPI

from leadflow.api.app import create_app
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Conflict
from leadflow.requests import service as requests
from leadflow.requests.types import Answer, Asked, Busy, Lost, Ticket
from leadflow.settings import Settings
from models.vocabulary import Role
from tests.identity.people import Team, make_team, signed_in

CAMPAIGNS = "/api/v1/campaigns"


@pytest.fixture
def team(db: Database) -> Team:
    """Found an organisation with a member of each role."""
    return make_team(db)


@pytest.fixture
def api(db: Database, settings: Settings) -> FastAPI:
    """Assemble the API on the test's database."""
    return create_app(db, settings)


@pytest.fixture
def manager(api: FastAPI, team: Team) -> httpx.Client:
    """Sign in as a manager."""
    return signed_in(api, team, Role.MANAGER)


@pytest.fixture
def asked(team: Team) -> Asked:
    """One keyed call."""
    return Asked(team.org_id, team.ids[Role.MANAGER], "POST /x", "k")


def make(client: httpx.Client, name: Any, key: str = "one") -> httpx.Response:
    return client.post(CAMPAIGNS, json={"name": name}, headers={"Idempotency-Key": key})


def count(client: httpx.Client) -> int:
    return len(client.get(CAMPAIGNS).json()["rows"])


def test_a_repeated_call_answers_the_same_and_does_it_once(manager: httpx.Client) -> None:
    first, second = make(manager, "Spring"), make(manager, "Spring")
    assert (first.status_code, second.status_code) == (201, 201)
    assert first.content == second.content
    assert "idempotent-replayed" not in first.headers
    assert second.headers["idempotent-replayed"] == "true"
    assert count(manager) == 1


def test_without_the_same_key_the_second_call_is_a_call_of_its_own(manager: httpx.Client) -> None:
    assert [make(manager, "Spring", key).status_code for key in ("one", "two")] == [201, 409]


def test_a_refusal_for_its_state_is_repeated_too(manager: httpx.Client) -> None:
    make(manager, "Spring", "first")
    refused = [make(manager, "Spring", "second") for _ in range(2)]
    assert [answer.status_code for answer in refused] == [409, 409]
    assert refused[1].headers["idempotent-replayed"] == "true"


def test_a_key_is_not_taken_for_another_body(manager: httpx.Client) -> None:
    make(manager, "Spring")
    other = make(manager, "Summer")
    assert (other.status_code, other.json()["error"]["code"]) == (422, "key_reused")
    assert count(manager) == 1


def test_what_could_not_be_read_frees_its_key(manager: httpx.Client) -> None:
    assert make(manager, 7).status_code == 422
    assert make(manager, "Spring").status_code == 201


def test_keys_of_two_people_never_meet(api: FastAPI, manager: httpx.Client, team: Team) -> None:
    assert make(manager, "Spring").status_code == 201
    owner = signed_in(api, team, Role.OWNER)
    assert make(owner, "Summer").status_code == 201


def test_a_key_ends_after_a_day(manager: httpx.Client, clock: FrozenClock, api: FastAPI, team: Team) -> None:
    make(manager, "Spring")
    clock.advance(timedelta(hours=24))
    assert make(signed_in(api, team, Role.MANAGER), "Summer").status_code == 201


@pytest.mark.parametrize("key", ["x" * 256, "a\tb"])
def test_a_key_that_is_none_is_refused(manager: httpx.Client, key: str) -> None:
    answer = make(manager, "Spring", key)
    assert (answer.status_code, answer.json()["error"]["field"]) == (422, "Idempotency-Key")


def test_an_import_and_a_launch_are_not_taken_without_a_key(manager: httpx.Client) -> None:
    manager.event_hooks = {"request": []}
    launch = manager.post(f"{CAMPAIGNS}/{uuid4()}/launch", json={"name": "Spring"})
    file = manager.post("/api/v1/imports", content=b"a\n1\n", headers={"Content-Type": "application/octet-stream"})
    for answer in (launch, file):
        assert (answer.status_code, answer.json()["error"]["field"]) == (422, "idempotency-key")


def test_a_file_sent_twice_under_one_key_is_one_import(manager: httpx.Client) -> None:
    headers = {"Content-Type": "application/octet-stream", "X-Filename": "a.csv", "Idempotency-Key": "file"}
    content = b"Property Address,City,State,Zip\n1 Oak St,Austin,TX,78701\n"
    answers = [manager.post("/api/v1/imports", content=content, headers=headers) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json() == answers[1].json()


def test_of_many_at_once_one_may(db: Database, asked: Asked) -> None:
    given: list[object] = []
    gate = threading.Barrier(8)

    def ask() -> None:
        gate.wait()
        given.append(requests.begin(db, asked))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(one, Ticket) for one in given) == 1
    assert sum(isinstance(one, Busy) for one in given) == 7


def test_after_a_death_before_the_act_somebody_else_may(db: Database, asked: Asked, clock: FrozenClock) -> None:
    late = begun(db, asked)
    clock.advance(requests.LOCK)
    follower = begun(db, asked)
    with pytest.raises(Conflict), db.begin(asked.org_id) as uow:
        requests.acted(uow, late)
    with db.begin(asked.org_id) as uow:
        requests.acted(uow, follower)


def test_after_a_death_behind_the_act_nobody_does_it_again(db: Database, asked: Asked, clock: FrozenClock) -> None:
    ticket = begun(db, asked)
    with db.begin(asked.org_id) as uow:
        requests.acted(uow, ticket)
    clock.advance(requests.LOCK)
    assert isinstance(requests.begin(db, asked), Lost)


def test_an_act_that_is_rolled_back_did_not_happen(db: Database, asked: Asked, clock: FrozenClock) -> None:
    ticket = begun(db, asked)
    with db.begin(asked.org_id) as uow:
        requests.acted(uow, ticket)
        uow.session.rollback()
    clock.advance(requests.LOCK)
    assert isinstance(requests.begin(db, asked), Ticket)


def test_a_late_answer_does_not_overwrite_its_followers(db: Database, asked: Asked, clock: FrozenClock) -> None:
    late = begun(db, asked)
    clock.advance(requests.LOCK)
    follower = begun(db, asked)
    requests.keep(db, late, Answer(200, b"late", "", b""))
    requests.drop(db, late)
    requests.keep(db, follower, Answer(201, b"mine", "", b""))
    assert requests.begin(db, asked) == Answer(201, b"mine", "", b"")


def begun(db: Database, asked: Asked) -> Ticket:
    """Take the right to a call."""
    given = requests.begin(db, asked)
    assert isinstance(given, Ticket)
    return given
