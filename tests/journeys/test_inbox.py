"""A reply comes in while somebody looks, is answered by a key, qualified, and becomes a lead with a task."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.story import texts
from tests.live import Live
from tests.ui.looking import Watch, show, signed_in

pytestmark = pytest.mark.browser

WORDS = "Yes please. How about 250k?"


@pytest.fixture
def window(browser: Browser, live: Live) -> Generator[BrowserContext]:
    expect.set_options(timeout=45_000)
    context = signed_in(browser, live.address, live.login("manager"))
    yield context
    context.close()


def answerable(live: Live) -> dict[str, Any]:
    """Find a conversation of a lead that is early in its sale and nobody else's now, that may be answered now."""
    with closing(live.client("manager")) as client:
        claimed = {row["lead_id"] for row in client.get("/api/v1/leads/claims?limit=100").json()["rows"]}
        for row in client.get("/api/v1/conversations?limit=100").json()["rows"]:
            if row["suppressed"] or row["locked"] or row["lead_id"] in {None, *claimed}:
                continue
            lead = client.get(f"/api/v1/leads/{row['lead_id']}").json()
            whole = client.get(f"/api/v1/conversations/{row['id']}").json()
            if lead["row"]["status"] in {"new", "attempted", "contacted"} and whole["window"]["verdict"] == "sendable":
                return row
    pytest.fail("the demonstration has no conversation that may be answered now")


def test_a_reply_arrives_live_and_is_answered_and_qualified_by_keys(live: Live, window: BrowserContext) -> None:
    watch = Watch(live.address)
    page, talk = watch.over(window.new_page()), answerable(live)
    show(page, f"{live.address}/inbox?conversation={talk['id']}", ".thread .msg")
    texts(live, talk["e164"], talk["sender"], WORDS)
    page.locator(".msg", has_text=WORDS).wait_for()
    expect(page.locator("#window")).to_contain_text("there")
    _draft_survives(page)
    page.locator(".talk h2").click()
    page.keyboard.press("2")
    expect(page.locator("#reply")).to_have_value(
        "We buy as it stands, pay the closing costs, and close on the day that suits you."
    )
    page.keyboard.press("Control+Enter")
    page.locator(".msg.out", has_text="We buy as it stands").last.wait_for()
    expect(page.locator("#reply")).to_have_value("")
    page.locator(".talk h2").click()
    page.keyboard.press("q")
    expect(page.locator("#outcome")).to_contain_text("Qualified")
    with closing(live.client("manager")) as client:
        lead = client.get(f"/api/v1/leads/{talk['lead_id']}").json()
    assert lead["row"]["status"] == "interested"
    assert "Qualified by text" in lead["row"]["next_task"]
    assert (watch.complaints, watch.outside) == ([], [])


def _draft_survives(page: Page) -> None:
    page.keyboard.press("r")
    page.locator("#reply").fill("Half an answ")
    page.reload()
    page.locator(".thread .msg").first.wait_for()
    expect(page.locator("#reply")).to_have_value("Half an answ")
