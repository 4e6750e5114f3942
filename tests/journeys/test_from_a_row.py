"""A first text and a call by hand from a row of the list: by mouse and by key, done, or refused with why."""

from __future__ import annotations

import re
from contextlib import closing
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.live import Live
from tests.ui.looking import Watch, show, signed_in

pytestmark = pytest.mark.browser

WORDS = "Hello, this is Dana of Cedar Homes. Are you still thinking about an offer? Reply STOP to end."
TEXT, CALL = re.compile(r"^Text \("), re.compile(r"^Call \(")


@pytest.fixture
def watch(live: Live) -> Watch:
    return Watch(live.address)


def opened(browser: Browser, live: Live, watch: Watch, role: str) -> Page:
    expect.set_options(timeout=45_000)
    return watch.over(signed_in(browser, live.address, live.login(role)).new_page())


def everybody(live: Live, verdict: str) -> list[dict[str, Any]]:
    """List the leads of whom the list says so, with whom nobody has written yet and on whom nobody works."""
    with closing(live.client("owner")) as client:
        known = {row["e164"] for row in client.get("/api/v1/conversations?limit=100").json()["rows"]}
        claimed = {row["lead_id"] for row in client.get("/api/v1/leads/claims?limit=100").json()["rows"]}
        rows = client.get("/api/v1/leads?limit=200").json()["rows"]
    found = [row for row in rows if row["phone"] and row["contactable"]["verdict"] == verdict]
    found = [row for row in found if row["id"] not in claimed and row["phone"]["number"] not in known]
    assert found, f"the demonstration has nobody who is {verdict}"
    return found


def listed(live: Live, page: Page, lead: dict[str, Any]) -> Locator:
    """Show the list with the lead in it, and answer its row."""
    show(page, f"{live.address}/leads?" + urlencode({"q": f"{lead['street']} {lead['city']}"}), ".ag-row .pill")
    return page.locator(f".ag-row[row-id='{lead['id']}']")


def test_a_first_text_goes_out_from_a_row(browser: Browser, live: Live, watch: Watch) -> None:
    lead, page = everybody(live, "sendable")[0], opened(browser, live, watch, "owner")
    listed(live, page, lead).get_by_role("button", name=TEXT).click()
    expect(page).to_have_url(re.compile(r"/inbox\?conversation=[0-9a-f-]{36}$"))
    page.fill("#reply", WORDS)
    page.keyboard.press("Control+Enter")
    page.locator(".msg.out", has_text=WORDS).wait_for()
    with closing(live.client("owner")) as client:
        talk = client.get(f"/api/v1/conversations/{page.url.rpartition('=')[2]}").json()
    # Whom it went to may have answered already, and a campaign's text may wait for its turn beside it.
    (state,) = [one["state"] for one in talk["texts"] if (one["direction"], one["body"]) == ("out", WORDS)]
    assert state in {"queued", "claimed", "submitting", "accepted", "sent", "delivered"}
    assert talk["e164"] == lead["phone"]["number"]
    page.context.close()
    assert (watch.complaints, watch.outside) == ([], [])


def test_the_gate_says_in_the_list_why_a_text_may_not_go_and_keys_do_it_all(
    browser: Browser, live: Live, watch: Watch
) -> None:
    lead, page = everybody(live, "blocked")[0], opened(browser, live, watch, "manager")
    row = listed(live, page, lead)
    page.keyboard.press("j")
    page.keyboard.press("Shift+T")
    refused = page.locator("dialog[data-call='refused']")
    expect(refused.get_by_role("alert")).not_to_be_empty()
    expect(refused.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Escape")
    expect(refused).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/leads\?q="))
    row.get_by_role("button", name=TEXT).click()
    expect(refused).to_be_visible()
    page.keyboard.press("Enter")
    expect(refused).to_have_count(0)
    page.context.close()
    assert [one for one in watch.complaints if "409" not in one] == []


def test_who_may_neither_text_nor_call_finds_no_way_to(browser: Browser, live: Live, watch: Watch) -> None:
    lead, page = everybody(live, "sendable")[0], opened(browser, live, watch, "auditor")
    row = listed(live, page, lead)
    expect(row.get_by_role("button", name=re.compile("^(Call|Text)"))).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("Shift+C")
    page.keyboard.press("Shift+T")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    expect(page.get_by_text(re.compile("(Call|Text) its best number"))).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/leads\?q="))
    page.context.close()
    assert (watch.complaints, watch.outside) == ([], [])


def test_a_call_is_placed_by_key_and_what_came_of_it_is_noted(browser: Browser, live: Live, watch: Watch) -> None:
    lead, page = everybody(live, "sendable")[-1], opened(browser, live, watch, "manager")
    row = listed(live, page, lead)
    expect(row.get_by_role("button", name=CALL)).to_be_visible()
    page.keyboard.press("j")
    page.keyboard.press("Shift+C")
    placed = page.locator("dialog[data-call='placed']")
    expect(placed.locator("#dial")).to_have_attribute("href", f"tel:{lead['phone']['number']}")
    expect(placed.locator("#dial")).to_be_focused()
    expect(placed.locator("#settle-call")).to_be_disabled()
    placed.get_by_text("Talked", exact=True).click()
    placed.get_by_label("Note").fill("Wants to hear a figure")
    placed.locator("#settle-call").click()
    expect(placed).to_have_count(0)
    with closing(live.client("manager")) as client:
        (call,) = client.get(f"/api/v1/calls?lead_id={lead['id']}").json()["rows"]
    assert (call["outcome"], call["note"]) == ("talked", "Wants to hear a figure")
    page.context.close()
    assert (watch.complaints, watch.outside) == ([], [])


def test_a_call_that_may_not_be_is_refused_over_the_list(browser: Browser, live: Live, watch: Watch) -> None:
    lead = everybody(live, "sendable")[-2]
    with closing(live.client("manager")) as client:
        given = {"kind": "internal_dnc", "phone": lead["phone"]["number"]}
        client.post("/api/v1/suppressions", json=given).raise_for_status()
    page = opened(browser, live, watch, "manager")
    listed(live, page, lead).get_by_role("button", name=CALL).click()
    refused = page.locator("dialog[data-call='refused']")
    expect(refused.get_by_role("alert")).not_to_be_empty()
    page.keyboard.press("Escape")
    expect(refused).to_have_count(0)
    page.context.close()
    assert [one for one in watch.complaints if "409" not in one] == []
