"""The main job through the API, with the command line asked the same questions."""

from __future__ import annotations

import json
from contextlib import closing
from typing import Any

import httpx

from tests.journeys.story import (
    CONSENT,
    FILE,
    HOUSE,
    NEIGHBOURS_DNC,
    NEIGHBOURS_LITIGATOR,
    TEMPLATE,
    VERDICTS,
    accepted_by_carrier,
    eventually,
    neighbours,
    rows,
    texts,
)
from tests.live import Live

LIST, CAMPAIGN = "Journey by API", "Journey by API"


def test_from_a_vendor_file_to_a_provably_lawful_text(live: Live) -> None:
    with closing(live.client("manager")) as manager, closing(live.client("owner")) as owner:
        _import(manager)
        leads = _contactable(manager)
        campaign, ours = _campaign(manager, owner, leads)
        texted = _sent(live, manager, campaign)
        _stopped(live, manager, ours, texted[0])
        _proved(live, owner, campaign, texted)


def _import(manager: httpx.Client) -> None:
    headers = {"X-Filename": FILE.name, "Content-Type": "application/octet-stream"}
    made = manager.post("/api/v1/imports", content=neighbours(), headers=headers)
    assert made.status_code == 201, made.text
    address = f"/api/v1/imports/{made.json()['id']}"
    _checked(manager, address)
    manager.put(f"{address}/options", json={"list_name": LIST, "consent": CONSENT}).raise_for_status()
    report = _checked(manager, address)
    assert report["layout"] == "propstream_property"
    assert report["confidence"] > 0.9
    assert {verdict: report["counts"][verdict] for verdict in VERDICTS} == VERDICTS
    assert sum(VERDICTS.values()) == report["counts"]["data_rows"] == 28
    told = rows(manager, f"{address}/rows")
    assert [row["row"] for row in told] == list(range(1, 29))
    assert all(row["reasons"] for row in told if row["verdict"] == "reject")
    manager.post(f"{address}/commit", json={}).raise_for_status()
    written = eventually(lambda: _in_state(manager, address, "done"), "the import")["counts"]["written"]
    assert written["leads"] == 23


def _checked(client: httpx.Client, address: str) -> dict[str, Any]:
    return eventually(lambda: _in_state(client, address, "checked"), "the dry run")


def _in_state(client: httpx.Client, address: str, state: str) -> dict[str, Any] | None:
    report = client.get(address).json()
    return report if report["state"] == state else None


def _contactable(manager: httpx.Client) -> list[dict[str, Any]]:
    (ours,) = [one for one in manager.get("/api/v1/leads/lists").json() if one["name"] == LIST]
    leads = rows(manager, "/api/v1/leads", list=ours["id"], sort="street", dir="asc")
    assert len(leads) == 23
    assert [lead["street"] for lead in leads] == sorted((lead["street"] for lead in leads), key=str)
    said = {lead["phone"]["number"]: lead["contactable"] for lead in leads if lead["phone"]}
    assert "sendable" in {one["verdict"] for one in said.values()}
    assert (said[NEIGHBOURS_DNC]["verdict"], said[NEIGHBOURS_DNC]["reasons"][0]) == ("blocked", "vendor_dnc")
    assert (said[NEIGHBOURS_LITIGATOR]["verdict"], said[NEIGHBOURS_LITIGATOR]["reasons"][0]) == ("blocked", "litigator")
    return leads


def _campaign(manager: httpx.Client, owner: httpx.Client, leads: list[dict[str, Any]]) -> tuple[str, str]:
    owner.patch("/api/v1/organization", json={"approval_threshold": 5}).raise_for_status()
    sender = next(one for one in manager.get("/api/v1/senders").json()["rows"] if one["registration"] == "verified")
    list_id = next(one["id"] for one in leads[0]["lists"] if one["name"] == LIST)
    campaign = manager.post("/api/v1/campaigns", json={"name": CAMPAIGN}).json()["id"]
    address = f"/api/v1/campaigns/{campaign}"
    change = {
        "audience_filter": {"list": [list_id]},
        "basis": "written_consent",
        "template": TEMPLATE,
        "sender_number_id": sender["id"],
        "per_minute": 600,
        "window_start": "08:00",
        "window_end": "21:00",
        "weekdays": [0, 1, 2, 3, 4, 5, 6],
    }
    manager.patch(address, json=change).raise_for_status()
    funnel = manager.post(f"{address}/simulate", json={}).json()
    assert funnel["audience"] == 23 == funnel["sendable"] + funnel["later"] + funnel["blocked"]
    assert {"vendor_dnc", "litigator"} <= {bar["reason"] for bar in funnel["excluded"]}
    assert (funnel["sendable"] > 0, funnel["cost_cents_x100"] > 0) == (True, True)
    assert manager.post(f"{address}/submit", json={}).json()["state"] == "awaiting_approval"
    refused = manager.post(f"{address}/approve", json={})
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "same_person")
    assert manager.post(f"{address}/launch", json={"name": CAMPAIGN}).status_code == 422
    assert owner.post(f"{address}/approve", json={}).json()["state"] == "ready"
    assert manager.post(f"{address}/launch", json={"name": "another"}).status_code == 422
    launched = manager.post(f"{address}/launch", json={"name": CAMPAIGN}).json()
    assert (launched["state"], launched["audience_size"]) == ("running", 23)
    assert manager.post(f"{address}/launch", json={"name": CAMPAIGN}).status_code in {409, 422}
    return campaign, sender["e164"]


def _sent(live: Live, manager: httpx.Client, campaign: str) -> list[str]:
    progress = eventually(lambda: _over(manager, campaign), "sending")
    assert sum(progress["by_state"].values()) == progress["audience"] == 23
    at_carrier = {"accepted", "sent", "delivered", "undelivered", "failed"}
    recipients = rows(manager, f"/api/v1/campaigns/{campaign}/recipients")
    texted = accepted_by_carrier(live, {one["message_id"] for one in recipients if one["message_id"]})
    assert len(texted) == len(set(texted)) > 0
    assert not {NEIGHBOURS_DNC, NEIGHBOURS_LITIGATOR} & set(texted)
    assert {one["phone"] for one in recipients if one["state"] in at_carrier} == set(texted)
    return texted


def _over(manager: httpx.Client, campaign: str) -> dict[str, Any] | None:
    progress = manager.get(f"/api/v1/campaigns/{campaign}/progress").json()
    open_states = {"planning", "claimed", "submitting", "accepted", "sent", "unknown"}
    gone = not open_states & progress["by_state"].keys()
    return progress if gone and _queued_for_later(manager, campaign) else None


def _queued_for_later(manager: httpx.Client, campaign: str) -> bool:
    """Only those may still be queued whose hour has not come."""
    return all(
        one["reasons"] for one in rows(manager, f"/api/v1/campaigns/{campaign}/recipients") if one["state"] == "queued"
    )


def _stopped(live: Live, manager: httpx.Client, ours: str, person: str) -> None:
    texts(live, person, ours, "STOP")
    standing = rows(manager, "/api/v1/suppressions", phone=person)
    assert "opt_out" in {one["kind"] for one in standing}
    explained = manager.get("/api/v1/explain", params={"phone": person}).json()
    assert explained["verdict"] == "blocked"
    assert "opted_out" in explained["reasons"]
    (talk,) = [one for one in rows(manager, "/api/v1/conversations") if one["e164"] == person]
    assert (talk["label"], talk["suppressed"]) == ("opt_out", True)
    thread = manager.get(f"/api/v1/conversations/{talk['id']}").json()
    assert [bubble["body"] for bubble in thread["texts"] if bubble["direction"] == "in"] == ["STOP"]
    refused = manager.post(f"/api/v1/conversations/{talk['id']}/reply", json={"body": "Are you sure?"})
    assert refused.status_code == 409, refused.text


def _proved(live: Live, owner: httpx.Client, campaign: str, texted: list[str]) -> None:
    decided = rows(owner, "/api/v1/decisions", campaign=campaign)
    allowed = {one["e164"] for one in decided if one["verdict"] == "sendable"}
    assert set(texted) <= allowed
    assert {"blocked", "sendable"} <= {one["verdict"] for one in decided}
    blocked = next(one for one in decided if one["verdict"] == "blocked")
    receipt = owner.get(f"/api/v1/decisions/{blocked['id']}").json()
    assert {rule["outcome"] for rule in receipt["rules"]} >= {"pass", "fail"}
    assert receipt["body"]["policy"]
    said = live.command("explain", NEIGHBOURS_DNC, "--org", HOUSE, "--json")
    assert "vendor_dnc" in json.loads(said.stdout)["reasons"], said.stderr
    proof = live.command("audit", "verify", "--org", HOUSE, "--json")
    report = json.loads(proof.stdout)
    assert (proof.returncode, report["whole"]) == (0, True), proof.stdout
    assert 0 < report["anchors"] <= report["seals"]  # while others act, the last seal may not be anchored yet
    assert owner.get("/api/v1/audit/verify").json()["whole"] is True
