"""Edits of many leads over HTTP."""

from __future__ import annotations

from uuid import UUID

from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from models.vocabulary import Role
from tests.factories.identity import a_member
from tests.factories.leads import a_lead
from tests.leads.conftest import Sign, sign

__all__ = ["sign"]


def test_an_edit_is_previewed_asked_for_followed_and_taken_back(
    db: Database, org: UUID, sign: Sign, manager: Principal
) -> None:
    with db.begin(org) as uow:
        lead = a_lead(uow)
        other = a_member(uow, Role.AGENT)
    call = sign(manager)
    wanted = {"leads": {"filter": {"status": ["new"]}}, "change": {"add_tag": "x", "status": "offer"}}
    assert call.post("/api/v1/bulk/preview", json=wanted).json() == {"leads": 1, "change": 1}
    made = call.post("/api/v1/bulk", json=wanted)
    assert made.status_code == 201
    assert (made.json()["state"], made.json()["outcomes"]) == ("done", {"changed": 1})
    path = f"/api/v1/bulk/{made.json()['id']}"
    assert call.get(path).json()["summary"] == "Status: offer; Tag “x”"
    assert [row["id"] for row in call.get("/api/v1/bulk").json()["rows"]] == [made.json()["id"]]
    shown = call.get(f"{path}/leads?outcome=changed").json()
    assert [(row["lead_id"], row["outcome"]) for row in shown["rows"]] == [(str(lead.id), "changed")]
    assert sign(other).get(path).status_code == 404
    assert call.post(f"{path}/stop").status_code == 409
    assert call.post(f"{path}/undo").json()["state"] == "undone"
    assert call.post(f"{path}/undo").json()["error"]["code"] == "not_undoable"
    both = {"leads": {"ids": [str(lead.id)], "filter": {}}, "change": {"add_tag": "x"}}
    assert call.post("/api/v1/bulk", json=both).status_code == 422
    assert call.post("/api/v1/bulk", json={**wanted, "change": {}}).json()["error"]["field"] == "change"
