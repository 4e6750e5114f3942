"""An owner registers a brand, binds a number, makes a pool; a campaign sends from it."""

from __future__ import annotations

from contextlib import closing

import pytest
from playwright.sync_api import Page, expect

from tests.live import Live
from tests.ui.looking import show

pytestmark = pytest.mark.browser


def test_a_number_becomes_able_to_send_and_joins_a_pool(live: Live, page: Page):
    show(page, f"{live.address}/settings?part=numbers", "#numbers")
    _add_a_number(page)
    _register(page)
    row = page.locator("[data-sender='(312) 555-0177']")
    row.get_by_role("button", name="Edit").click()
    page.select_option("#campaign_id", label="Prairie Test LLC · Follow-ups")
    page.click("#keep-number")
    expect(row).to_contain_text("Yes")
    _make_a_pool(page)
    _limit_all(page)
    _stop(page)
    with closing(live.client("owner")) as client:
        acts = {one["action"] for one in client.get("/api/v1/audit/events?limit=50").json()["rows"]}
    assert {"sender.added", "sender.changed", "brand.kept", "registration.kept", "pool.kept"} <= acts


def _add_a_number(page: Page) -> None:
    page.click("#add-number")
    page.fill("#number", "12")
    page.click("#keep-number")
    expect(page.locator("#number-form [role=alert]")).to_be_visible()
    page.fill("#number", "(312) 555-0177")
    page.fill("#label", "Chicago")
    page.select_option("#binding", "verified")
    page.click("#keep-number")
    expect(page.locator("[data-sender='(312) 555-0177']")).to_contain_text("Bind it to a registered campaign")


def _register(page: Page) -> None:
    page.click("#add-brand")
    page.fill("#name", "Prairie Test LLC")
    page.fill("#ein", "12-3456789")
    page.select_option("#status", "verified")
    page.click("#keep-brand")
    expect(page.locator("#brands")).to_contain_text("ends in 6789")
    page.click("#add-campaign")
    page.select_option("#brand_id", label="Prairie Test LLC")
    page.fill("#use_case", "Follow-ups")
    page.select_option("#status", "verified")
    page.fill("#per_day_1", "2,000")
    page.click("#keep-campaign")
    expect(page.locator("#campaigns")).to_contain_text("T-Mobile: 2,000 a day")


def _make_a_pool(page: Page) -> None:
    page.click("#add-pool")
    page.fill("#name", "Chicago and around")
    page.click("#keep-pool")
    expect(page.locator("#pool-form [role=alert]")).to_have_text("Choose at least one number.")
    page.get_by_label("Chicago", exact=False).last.check()
    page.click("#keep-pool")
    expect(page.locator("[data-pool='Chicago and around']")).to_contain_text("1 of 1")


def _limit_all(page: Page) -> None:
    page.fill("#texts_per_day", "many")
    page.click("#keep-limits")
    expect(page.locator("#limits [role=alert]")).to_have_text("That is not a whole number.")
    page.fill("#texts_per_day", "50,000")
    page.click("#keep-limits")
    expect(page.locator("#texts_per_day")).to_have_value("50000")


def _stop(page: Page) -> None:
    row = page.locator("[data-sender='(312) 555-0177']")
    row.get_by_role("button", name="Stop").click()
    page.get_by_role("button", name="Stop it").click()
    expect(row).to_contain_text("Stopped by hand")
    row.get_by_role("button", name="send").click()
    expect(row).to_contain_text("Yes")


def test_a_campaign_sends_from_a_pool_and_shows_its_rate(live: Live, page: Page):
    with closing(live.client("owner")) as client:
        sender = client.get("/api/v1/senders").json()["rows"][0]
        pool = client.post("/api/v1/pools", json={"name": "Fast lane", "numbers": [sender["id"]]}).json()["id"]
        made = client.post("/api/v1/campaigns", json={"name": "From a pool"}).json()["id"]
    show(page, f"{live.address}/campaigns/{made}?step=sending", "#sender_number_id")
    page.select_option("#sender_number_id", pool)
    expect(page.locator("#sources tbody tr")).to_have_count(1)
    expect(page.locator("#together")).to_contain_text("a minute")
