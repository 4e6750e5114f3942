"""Campaigns over HTTP: the whole life of one, by those who may, and every refusal in the one shape."""

from __future__ import annotations

from collections.abc import Callable

import httpx
import pytest

from leadflow.api.app import create_app
from leadflow.identity.types import Principal
from leadflow.settings import Settings
from models.vocabulary import CampaignState, Role
from tests.asgi import program
from tests.campaigns.conftest import TEMPLATE, Office

Sign = Callable[[Principal], httpx.Client]
AT = "/api/v1/campaigns"


@pytest.fixture
def sign(office: Office, settings: Settings, token_of: Callable[[Principal], str]) -> Sign:
    """Call as somebody; who that is was settled at the door."""

    def of(who: Principal) -> httpx.Client:
        return program(create_app(office.db, settings), token_of(who))

    return of


def _made(call: httpx.Client, office: Office) -> str:
    made = call.post(AT, json={"name": "Spring"})
    assert made.status_code == 201
    campaign_id = made.json()["id"]
    change = {
        "basis": "written_consent",
        "template": TEMPLATE,
        "sender_number_id": str(office.sender),
        "audience_filter": {"state": ["IL"]},
        "window_start": "08:30",
        "weekdays": [0, 1, 2, 3, 4],
    }
    edited = call.patch(f"{AT}/{campaign_id}", json=change)
    assert edited.status_code == 200
    assert edited.json()["problems"] == []
    return campaign_id


def test_a_campaign_lives_its_whole_life_over_http(office: Office, sign: Sign):
    office.people(11)
    author, manager = sign(office.author), sign(office.manager)
    campaign_id = _made(author, office)
    at = f"{AT}/{campaign_id}"
    assert author.post(f"{AT}/audience-size", json={"audience_filter": {"state": ["IL"]}}).json()["addressed"] == 11
    assert author.get(f"{at}/problems").json() == []
    simulated = author.post(f"{at}/simulate", json={}).json()
    assert (simulated["audience"], simulated["sendable"], simulated["blocked"], simulated["later"]) == (11, 11, 0, 0)
    assert author.get(f"{at}/simulation").json()["stale"] is False
    assert len(author.get(f"{at}/preview", params={"limit": 3}).json()) == 3
    assert author.post(f"{at}/submit").json()["state"] == "awaiting_approval"
    assert manager.post(f"{at}/approve", json={"note": "Read it"}).json()["state"] == "ready"
    assert [row["approver"] for row in author.get(f"{at}/approvals").json()] == ["Manager"]
    assert manager.post(f"{at}/launch", json={"name": "Spring"}).json()["state"] == "running"
    assert manager.get(f"{at}/progress").json()["by_state"] == {"planning": 11}
    assert manager.post(f"{at}/pause", json={"why": "lunch"}).json()["pause_reason"] == "lunch"
    assert manager.post(f"{at}/resume").json()["state"] == "running"
    assert manager.post(f"{at}/cancel").json()["state"] == "cancelled"
    assert manager.get(f"{at}/progress").json()["tally"]["withheld"] == 11


def test_a_simulation_answers_for_another_instant(office: Office, sign: Sign):
    office.people(2)
    call = sign(office.author)
    campaign_id = _made(call, office)
    night = call.post(f"{AT}/{campaign_id}/simulate", json={"at": "2026-12-03T04:00:00Z"}).json()
    assert (night["sendable"], night["later"]) == (0, 2)
    assert night["later_reasons"][0]["reason"] == "quiet_hours"
    people = call.get(f"{AT}/{campaign_id}/simulation/people", params={"verdict": "later", "at": night["at"]}).json()
    assert len(people["rows"]) == 2
    assert people["rows"][0]["later_at"]


def test_lists_answer_rows_and_where_the_next_begin(office: Office, sign: Sign):
    office.people(5)
    campaign_id = office.launched("First")
    office.draft("Second")
    call = sign(office.auditor)
    first = call.get(AT, params={"limit": 1}).json()
    assert [row["name"] for row in first["rows"]] == ["Second"]
    rest = call.get(AT, params={"limit": 1, "after": first["next"]}).json()
    assert [(row["name"], row["audience"]) for row in rest["rows"]] == [("First", 5)]
    assert rest["next"] is None
    seen, after = list[str](), None
    while True:
        params = {"limit": 2} | ({"after": after} if after else {})
        got = call.get(f"{AT}/{campaign_id}/recipients", params=params).json()
        seen += [row["lead_id"] for row in got["rows"]]
        after = got["next"]
        if after is None:
            break
    assert len(seen) == len(set(seen)) == 5
    assert call.get(AT, params={"state": "running"}).json()["rows"][0]["tally"]["waiting"] == 5


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "field"),
    [
        ("PATCH", "", {"per_minute": 0}, 422, "per_minute"),
        ("PATCH", "", {"colour": "blue"}, 422, "colour"),
        ("PATCH", "", {"audience_filter": {"colour": "blue"}}, 422, "colour"),
        ("POST", "/launch", {"name": "Spring"}, 422, "state"),
        ("POST", "/approve", {}, 409, None),
        ("POST", "/resume", {}, 409, None),
        ("POST", "/simulate", {"at": "2026-12-03T04:00:00"}, 422, "at"),
        ("GET", "/recipients?after=nonsense", None, 422, "after"),
        ("GET", "/recipients?after=WyJ4Il0", None, 422, "after"),
        ("GET", "/recipients?limit=201", None, 422, "limit"),
    ],
)
def test_refusals_name_what_is_wrong(office: Office, sign: Sign, method, path, body, status, field):
    office.people(1)
    call = sign(office.manager)
    answer = call.request(method, f"{AT}/{office.draft()}{path}", json=body)
    assert answer.status_code == status, answer.text
    error = answer.json()["error"]
    assert error["field"] == field
    assert error["message"]
    assert "traceback" not in answer.text.lower()


def test_every_reason_that_stands_against_a_submission_is_told(office: Office, sign: Sign):
    call = sign(office.author)
    campaign_id = call.post(AT, json={"name": "Bare"}).json()["id"]
    error = call.post(f"{AT}/{campaign_id}/submit").json()["error"]
    assert error["code"] == "incomplete"
    assert len(error["reasons"]) == 3


def test_ids_that_lead_nowhere_look_alike(office: Office, sign: Sign, make_org: Callable[[str], object]):
    campaign_id = office.draft()
    other = make_org("Other")
    stranger = sign(Principal(None, other, Role.OWNER))  # pyright: ignore[reportArgumentType] an id
    answers = [
        stranger.get(f"{AT}/{campaign_id}"),
        stranger.get(f"{AT}/00000000-0000-7000-8000-000000000000"),
        stranger.get(f"{AT}/nonsense"),
    ]
    assert {answer.status_code for answer in answers} == {404}
    bodies = {answer.json()["error"]["message"] for answer in answers}
    assert bodies == {"Not found."}


ACTS = (
    ("POST", "", {"name": "X"}, {"manager", "agent"}),
    ("PATCH", "/{id}", {"name": "Y"}, {"manager", "agent"}),
    ("POST", "/{id}/submit", None, {"manager", "agent"}),
    ("POST", "/{id}/approve", None, {"manager"}),
    ("POST", "/{id}/launch", {"name": "Spring"}, {"manager"}),
    ("POST", "/{id}/pause", None, {"manager"}),
    ("POST", "/{id}/resume", None, {"manager"}),
    ("POST", "/{id}/cancel", None, {"manager"}),
    ("GET", "/{id}", None, {"manager", "agent", "auditor"}),
    ("GET", "/{id}/recipients", None, {"manager", "agent", "auditor"}),
    ("POST", "/{id}/simulate", None, {"manager", "agent", "auditor"}),
)


@pytest.mark.parametrize("who", ["manager", "agent", "auditor"])
@pytest.mark.parametrize(
    ("method", "path", "body", "may"),
    ACTS,
    ids=lambda value: str(sorted(value) if isinstance(value, set) else value)[:24],
)
def test_each_act_is_for_those_whose_role_allows_it(office: Office, sign: Sign, who, method, path, body, may):
    office.people(1)
    call = sign(getattr(office, who))
    answer = call.request(method, AT + path.format(id=office.draft()), json=body)
    assert (answer.status_code != 403) is (who in may), answer.text


def test_merge_fields_are_told_and_every_state_is_a_filter(office: Office, sign: Sign):
    call = sign(office.auditor)
    assert {row["name"] for row in call.get(f"{AT}/merge-fields").json()} >= {"first_name", "street", "our_name"}
    for state in CampaignState:
        assert call.get(AT, params={"state": state}).status_code == 200
    assert call.get(AT, params={"state": "flying"}).status_code == 422
