"""A first text by hand from a row of the list: by mouse and by key, to the composer and out, or refused with why."""

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
TEXT = re.compile(r"^Text \(")


@pytest.fixture
def watch(live: Live) -> Watch:
    return Watch(live.address)


def opened(browser: Browser, live: Live, watch: Watch, role: str) -> Page:
    expect.set_options(timeout=45_000)
    return watch.over(signed_in(browser, live.address, live.login(role)).new_page())


def somebody(live: Live, verdict: str) -> dict[str, Any]:
    """Find a lead of whom the list says so, with whom nobody has written yet."""
    with closing(live.client("owner")) as client:
        known = {row["e164"] for row in client.get("/api/v1/conversations?limit=100").json()["rows"]}
        for row in client.get("/api/v1/leads?limit=200").json()["rows"]:
            if row["phone"] and row["contactable"]["verdict"] == verdict and row["phone"]["number"] not in known:
                return row
    pytest.fail(f"the demonstration has nobody who is {verdict}")


def listed(live: Live, page: Page, lead: dict[str, Any]) -> Locator:
    """Show the list with the lead in it, and answer its row."""
    show(page, f"{live.address}/leads?" + urlencode({"q": f"{lead['street']} {lead['city']}"}), ".ag-row .pill")
    return page.locator(f".ag-row[row-id='{lead['id']}']")


def test_a_first_text_goes_out_from_a_row(browser: Browser, live: Live, watch: Watch) -> None:
    lead, page = somebody(live, "sendable"), opened(browser, live, watch, "owner")
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
    lead, page = somebody(live, "blocked"), opened(browser, live, watch, "manager")
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


def test_who_may_not_text_finds_no_way_to(browser: Browser, live: Live, watch: Watch) -> None:
    lead, page = somebody(live, "sendable"), opened(browser, live, watch, "auditor")
    row = listed(live, page, lead)
    expect(row.get_by_role("button", name=re.compile("^Text"))).to_have_count(0)
    page.keyboard.press("j")
    page.keyboard.press("Shift+T")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    expect(page.get_by_text("Text its best number")).to_have_count(0)
    expect(page).to_have_url(re.compile(r"/leads\?q="))
    page.context.close()
    assert (watch.complaints, watch.outside) == ([], [])
