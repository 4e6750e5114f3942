"""A campaign of several messages is built by a person: snippet, waits, variants, stop rules, start, what changed."""

from __future__ import annotations

import re
from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.live import Live
from tests.ui.looking import show, signed_in

pytestmark = pytest.mark.browser

FIRST = "{Hi|Hello} {{ first_name | default: 'there' }}, {{ our_name }} here. {{ snippets.way_out }}"


@pytest.fixture(scope="module")
def window(browser: Browser, live: Live) -> Generator[BrowserContext]:
    context = signed_in(browser, live.address, live.login("manager"))
    yield context
    context.close()


def test_a_sequence_is_built_step_by_step(live: Live, page: Page):
    _write_a_snippet(live, page)
    show(page, f"{live.address}/campaigns/new", "#new-campaign-form")
    page.fill("#new-campaign-form input[name=name]", "Three gentle texts")
    page.click("#begin-campaign")
    page.click("#to-basis")
    page.click("#basis-written_consent")
    page.click("#to-message")
    _write_messages(page)
    page.click("#to-sending")
    _say_when_to_stop(page)
    page.click("#step-approval")
    page.locator("#submit-campaign").or_(page.get_by_text("Something is missing")).first.wait_for()


def _write_a_snippet(live: Live, page: Page) -> None:
    show(page, f"{live.address}/campaigns/snippets", "#snippet-name")
    page.fill("#snippet-name", "Way out")
    page.fill("#snippet-body", "Reply {STOP|END} to end.")
    page.click("#save-snippet")
    expect(page.locator("[role=alert]").first).to_contain_text("small letter")
    page.fill("#snippet-name", "way_out")
    page.fill("#snippet-body", "Reply {STOP|END} to end.")
    page.click("#save-snippet")
    expect(page.locator("[data-snippet='way_out']")).to_contain_text("named by no draft")


def _write_messages(page: Page) -> None:
    page.fill("#template", FIRST)
    expect(page.locator("#preview")).to_contain_text(re.compile(r"^(Hi|Hello) .* Reply (STOP|END) to end\.$"))
    page.locator("#template").blur()
    page.click("#add-stage")
    expect(page.locator("[data-stage='2']")).to_have_attribute("aria-pressed", "true")
    page.fill("#template", "Still thinking about {{ pet_name }}?")
    page.locator("#template").blur()
    expect(page.locator("[role=alert]").first).to_contain_text("pet_name")
    expect(page.locator("#preview")).to_have_attribute("data-tone", "bad")
    page.fill("#template", "Still thinking about {{ city }}?")
    page.locator("#template").blur()
    page.fill("#wait", "5")
    page.locator("#wait").blur()
    expect(page.locator("#stages")).to_contain_text("5 days later")
    page.click("#add-variant")
    page.click("[data-variant='B']")
    expect(page.locator("[data-variant='B']")).to_have_attribute("aria-pressed", "true")
    page.fill("#template", "Another word about {{ city }}")
    page.locator("#template").blur()
    page.click("[data-stage='1']")
    expect(page.locator("#template")).to_have_value("")
    page.click("[data-variant='A']")
    expect(page.locator("#template")).to_have_value(FIRST)
    page.click("[data-stage='2']")
    expect(page.locator("#template")).to_have_value("Still thinking about {{ city }}?")
    expect(page.locator(".builder-sum")).to_contain_text("2 in 2 variants")


def _say_when_to_stop(page: Page) -> None:
    page.click("#stop_on_reply")
    expect(page.locator(".builder-sum")).not_to_contain_text("reply")
    page.click("#stop_on_reply")
    expect(page.locator(".builder-sum")).to_contain_text("reply")
    page.click("[data-status='dead']")
    expect(page.locator("[data-status='dead']")).to_have_attribute("aria-pressed", "false")
    page.select_option("#start_zone", "Pacific/Honolulu")
    page.fill("#start_at", "2027-01-05T09:30")
    page.locator("#start_at").blur()
    expect(page.locator("#start_at")).to_have_value("2027-01-05T09:30")
    expect(page.locator(".builder-sum")).not_to_contain_text("at the launch")


def test_a_running_campaign_tells_what_came_back_and_gives_its_recipients_away(live: Live, page: Page):
    show(page, f"{live.address}/campaigns?state=running", ".camp a.cover")
    page.locator(".camp a.cover").first.click()
    page.locator("#course-replied b").wait_for()
    with page.expect_download() as taken:
        page.click("#export-recipients")
    text = taken.value.path().read_text()
    assert text.startswith("Person,Property,Number,State,Why,Message,Variant")
    audience = int((page.locator("#course-audience b").text_content() or "0").replace(",", ""))
    assert text.count("\n") == audience + 1
