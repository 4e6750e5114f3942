"""Sequences through the other doors: snippets, changes, starts, failed texts, exports; HTTP and command line."""

from __future__ import annotations

import json
from collections.abc import Callable, Generator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from typer.testing import CliRunner

from leadflow.api.app import create_app
from leadflow.campaigns import service as campaigns
from leadflow.cli import course as command
from leadflow.cli.desk import Desk
from leadflow.identity.types import Principal
from leadflow.kernel.clock import FrozenClock
from leadflow.settings import Settings
from models.vocabulary import JobKind
from tests.asgi import program
from tests.campaigns.conftest import Office
from tests.campaigns.courses import TWO, end, texts_of
from workers import campaigns as worker
from workers.job import HANDLERS, run

AT = "/api/v1/campaigns"
Sign = Callable[[Principal], httpx.Client]


@pytest.fixture
def sign(office: Office, settings: Settings, token_of: Callable[[Principal], str]) -> Sign:
    """Call as somebody; who that is was settled at the door."""

    def of(who: Principal) -> httpx.Client:
        return program(create_app(office.db, settings), token_of(who))

    return of


def _failed(office: Office) -> str:
    office.people(2)
    campaign_id = office.launched()
    first, second = texts_of(office, campaign_id)
    end(office, [first], "delivered")
    end(office, [second], "undelivered", 30003)
    campaigns.pace(office.db, office.org, campaign_id)
    return str(campaign_id)


def test_snippets_live_over_http(office: Office, sign: Sign):
    author = sign(office.author)
    made = author.post(f"{AT}/snippets", json={"name": "way_out", "body": "Reply {STOP|END}."})
    assert made.status_code == 201
    at = f"{AT}/snippets/{made.json()['id']}"
    assert author.post(f"{AT}/snippets", json={"name": "way_out", "body": "x"}).status_code == 409
    assert author.put(at, json={"name": "way_out", "body": "{one"}).json()["error"]["field"] == "body"
    assert author.put(at, json={"name": "way_out", "body": "Bye."}).status_code == 204
    found = sign(office.auditor).get(f"{AT}/snippets").json()
    assert [(row["name"], row["body"]) for row in found["rows"]] == [("way_out", "Bye.")]
    assert (found["count"], found["next"]) == (1, None)
    assert sign(office.auditor).delete(at).status_code == 403
    assert author.delete(at).status_code == 204
    assert author.delete(at).status_code == 404


def test_a_sequence_is_read_as_it_was_written(office: Office, sign: Sign):
    office.people(1)
    call = sign(office.author)
    campaign_id = call.post(AT, json={"name": "Spring"}).json()["id"]
    steps = [{"template": "Hi", "others": {"B": "Ho"}}, {"template": "Again", "wait_minutes": 60}]
    change = {"steps": steps, "split": [{"label": "A", "weight": 3}, {"label": "B", "weight": 1}]}
    found = call.patch(f"{AT}/{campaign_id}", json=change).json()
    assert [(step["template"], step["wait_minutes"], step["good_for_minutes"]) for step in found["steps"]] == [
        ("Hi", 0, 4_320),
        ("Again", 60, 1_440),
    ]
    assert found["split"] == [["A", 3], ["B", 1]]
    shown = call.get(f"{AT}/{campaign_id}/preview", params={"variant": "B"}).json()
    assert [one["body"] for one in shown] == ["Ho"]
    assert [one["body"] for one in call.get(f"{AT}/{campaign_id}/preview", params={"step": 2}).json()] == ["Again"]
    twice = call.patch(f"{AT}/{campaign_id}", json={"steps": steps, "template": "x"})
    assert twice.json()["error"]["field"] == "template"
    too_many = call.patch(f"{AT}/{campaign_id}", json={"steps": steps * 6})
    assert too_many.status_code == 422


def test_changes_are_told_over_http(office: Office, sign: Sign):
    office.people(1)
    found = sign(office.auditor).get(f"{AT}/{office.ready()}/changes").json()
    assert found["first"] is True
    assert {"name", "audience", "basis", "text.1"} <= {one["field"] for one in found["changes"]}


def test_a_start_is_planned_fired_by_its_job_and_taken_back(office: Office, sign: Sign, clock: FrozenClock):
    assert HANDLERS[JobKind.CAMPAIGN_START] is worker.start
    office.people(1)
    manager = sign(office.manager)
    campaign_id = office.ready(start_at=(clock.now() + timedelta(hours=1)).isoformat())
    for state in ("scheduled", "ready", "scheduled"):
        act = ("launch", {"name": "Spring"}) if state == "scheduled" else ("unschedule", None)
        assert manager.post(f"{AT}/{campaign_id}/{act[0]}", json=act[1]).json()["state"] == state
    clock.advance(timedelta(hours=1))
    with office.db.begin() as uow, uow.cursor() as cursor:
        cursor.execute("select id from job where kind = 'campaign.start' and state = 'waiting'")
        (job,) = cursor.fetchall()
    run(office.db, job[0])
    assert manager.get(f"{AT}/{campaign_id}").json()["state"] == "running"


def test_failed_texts_are_offered_and_sent_anew_over_http(office: Office, sign: Sign):
    campaign_id, manager = _failed(office), sign(office.manager)
    assert [(one["reason"], one["count"]) for one in manager.get(f"{AT}/{campaign_id}/failed").json()] == [
        ("unreachable", 1)
    ]
    assert sign(office.agent).post(f"{AT}/{campaign_id}/retry", json={"reasons": ["unreachable"]}).status_code == 403
    done = manager.post(f"{AT}/{campaign_id}/retry", json={"reasons": ["unreachable"]})
    assert done.json() == {"texts": 1}


def test_recipients_are_taken_away_as_a_file(office: Office, sign: Sign):
    campaign_id = _failed(office)
    answer = sign(office.auditor).get(f"{AT}/{campaign_id}/recipients.csv", params={"state": "undelivered"})
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text.count("\n") == 2
    assert "****" in answer.text
    assert sign(office.agent).get(f"{AT}/{campaign_id}/recipients.csv").status_code == 403


@pytest.fixture
def shell(office: Office, monkeypatch: pytest.MonkeyPatch) -> Callable[..., object]:
    """Run a command as the manager; answers its JSON."""

    @contextmanager
    def seated(_org: str | None = None) -> Generator[Desk]:
        yield Desk(office.db, office.manager)

    monkeypatch.setattr(command, "desk", seated)

    def call(*words: str) -> object:
        done = CliRunner().invoke(command.app, [*words, "--json"])
        assert done.exit_code == 0, done.output
        return json.loads(done.stdout)

    return call


def test_the_command_line_watches_and_moves_campaigns(office: Office, shell: Callable[..., dict], tmp_path: Path):
    office.people(2)
    office.launched(steps=TWO)
    assert [(row["name"], row["tally"]["waiting"]) for row in shell("list")["rows"]] == [("Spring", 2)]
    assert len(shell("show", "Spring")["steps"]) == 2
    assert shell("pause", "Spring", "--why", "lunch")["state"] == "paused"
    assert shell("resume", "Spring")["state"] == "running"
    file = tmp_path / "out.csv"
    assert shell("export", "Spring", str(file))["recipients"] == 2
    assert file.read_text().count("\n") == 3
    assert shell("cancel", "Spring")["state"] == "cancelled"
    for words in (["list"], ["show", "Spring"], ["failed", "Spring"]):
        assert CliRunner().invoke(command.app, words).exit_code == 0


def test_the_command_line_sends_failed_texts_anew(office: Office, shell: Callable[..., dict]):
    _failed(office)
    assert [row["reason"] for row in shell("failed", "Spring")] == ["unreachable"]
    assert shell("retry", "Spring", "--reason", "unreachable") == {"texts": 1}
