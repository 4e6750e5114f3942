"""One lead over HTTP: numbers marked and taken back, history, parts of the timeline, notes and mentions."""

from __future__ import annotations

from uuid import UUID

from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from models.vocabulary import Role
from tests.factories.identity import a_member
from tests.factories.leads import a_lead
from tests.factories.properties import a_property, an_owner
from tests.leads.conftest import Sign

NUMBER = "+13125550142"


def lead_of(db: Database, org: UUID) -> str:
    """Write a lead; answers its path."""
    with db.begin(org) as uow:
        house = a_property(uow)
        an_owner(uow, house, number=NUMBER)
        return f"/api/v1/leads/{a_lead(uow, house).id}"


def test_a_mark_is_answered_with_what_takes_it_back(db: Database, org: UUID, sign: Sign, manager: Principal) -> None:
    call, path = sign(manager), lead_of(db, org)
    made = call.post(f"{path}/phones", json={"number": NUMBER, "status": "dead"}).json()["entry_id"]
    assert call.post(f"{path}/phones", json={"number": NUMBER, "status": "dead"}).json() == {"entry_id": None}
    undo = f"{path}/phones/marks/{made}/undo"
    assert [call.post(undo).status_code for _ in range(2)] == [204, 409]
    (entry, first) = call.get(f"{path}/history").json()["rows"]
    assert (entry["by"], entry["changes"][0]["before"], entry["changes"][0]["after"]) == ("undo", "dead", "unverified")
    assert first["id"] == made
    edits = call.get(f"{path}/timeline", params={"part": "edits"}).json()
    assert (edits["count"], call.get(f"{path}/timeline", params={"part": "calls"}).json()["count"]) == (2, 0)
    assert call.get(f"{path}/timeline", params={"part": "all"}).status_code == 422
    assert call.get(f"{path}/history", params={"after": "x"}).status_code == 422


def test_never_again_needs_a_reason(db: Database, org: UUID, sign: Sign, manager: Principal) -> None:
    call, path = sign(manager), lead_of(db, org)
    assert call.post(f"{path}/phones/never", json={"number": NUMBER, "reason": ""}).status_code == 422
    assert call.post(f"{path}/phones/never", json={"number": NUMBER, "reason": "Asked"}).status_code == 204
    assert call.get(path).json()["row"]["contactable"]["verdict"] == "blocked"


def test_a_note_is_written_changed_pinned_taken_away_and_brought_back(
    db: Database, org: UUID, sign: Sign, manager: Principal
) -> None:
    with db.begin(org) as uow:
        owner = a_member(uow, Role.OWNER, "Olga")
    call, path = sign(manager), lead_of(db, org)
    made = call.post(f"{path}/notes", json={"text": "See this", "mentions": [str(owner.user_id)]}).json()["id"]
    note = f"{path}/notes/{made}"
    (row,) = sign(owner).get("/api/v1/leads/mentions").json()["rows"]
    assert (row["text"], row["entry_id"]) == ("See this", made)
    assert call.post(f"/api/v1/leads/mentions/{row['id']}/read").status_code == 404
    assert sign(owner).post(f"/api/v1/leads/mentions/{row['id']}/read").status_code == 204
    assert sign(owner).get("/api/v1/leads/mentions").json()["count"] == 0
    assert sign(owner).patch(note, json={"text": "Mine"}).status_code == 403
    assert call.patch(note, json={"text": "Seen"}).status_code == 204
    assert call.put(f"{note}/pin").status_code == 204
    assert call.get(path).json()["pinned"]["summary"] == "Seen"
    assert call.delete(f"{note}/pin").status_code == 204
    assert call.delete(note).status_code == 204
    assert call.get(f"{path}/timeline").json()["rows"] == []
    assert call.post(f"{note}/restore").status_code == 204
    assert [one["edited"] for one in call.get(f"{path}/timeline").json()["rows"]] == [True]
    assert "Olga" in {one["name"] for one in call.get("/api/v1/leads/colleagues").json()}


def test_the_weights_of_the_score_are_an_owners(db: Database, org: UUID, sign: Sign, manager: Principal) -> None:
    with db.begin(org) as uow:
        owner = a_member(uow, Role.OWNER)
    call, path = sign(owner), lead_of(db, org)
    weights = {one["name"]: 0 for one in call.get("/api/v1/leads/score-weights").json()} | {"stack": 100}
    assert sign(manager).put("/api/v1/leads/score-weights", json={"weights": weights}).status_code == 403
    assert call.put("/api/v1/leads/score-weights", json={"weights": weights | {"stack": 99}}).status_code == 422
    assert call.put("/api/v1/leads/score-weights", json={"weights": weights}).status_code == 204
    found = call.get(path).json()
    assert found["row"]["score"] == found["score"]["points"] == 0
    assert call.get("/api/v1/leads").json()["rows"][0]["score"] == 0
