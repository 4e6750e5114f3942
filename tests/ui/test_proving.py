"""What proves and what forbids, by hand: a loss in the family, what if, a rule changed, a sample judged, a registry."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import closing

import pytest
from playwright.sync_api import BrowserContext, FilePayload, Page, expect

from tests.live import Live
from tests.ui.looking import Watch, kept_fresh, show

pytestmark = pytest.mark.browser

REFUSED = "422 (Unprocessable Entity)"
"""What a browser notes of input that was refused, as it should be."""
FIRST_ROW = ".ag-row[row-index='0'] .pill"


@pytest.fixture
def page(window: BrowserContext, live: Live, watch: Watch) -> Generator[Page]:
    expect.set_options(timeout=30_000)
    opened = watch.over(kept_fresh(window, live.address).new_page())
    yield opened
    opened.close()
    assert [one for one in watch.complaints if REFUSED not in one] == []


def test_a_loss_in_the_family_and_a_bill_sent_elsewhere_bind_from_that_moment(live: Live, page: Page):
    show(page, f"{live.address}/leads", FIRST_ROW)
    page.locator(FIRST_ROW).nth(0).click()
    page.locator(".drawer[data-shown='1']").wait_for()
    page.click(".circumstances summary")
    page.fill("#billing-state", "HI")
    page.click("#note-billing")
    expect(page.locator(".person").first).to_contain_text("billed in HI")
    page.fill("#died-on", "2026-11-25")
    page.click("#note-loss")
    expect(page.locator(".facts:not(.own)")).to_contain_text("Nov 25, 2026")
    expect(page.locator("#contact-now")).not_to_have_attribute("data-verdict", "sendable")


def test_a_bar_of_what_would_be_lists_its_people(live: Live, page: Page):
    show(page, f"{live.address}/compliance/simulator", "#ask")
    page.fill("#at", "2026-12-03T10:30")
    page.click("#ask")
    page.locator("#summary").wait_for()
    assert page.locator("#funnel-after [data-reason='sendable']").get_attribute("data-count") == "0"
    bar = page.locator("#funnel-after [data-reason='quiet_hours']").first
    count = bar.get_attribute("data-count") or ""
    bar.click()
    page.locator("#show-all").wait_for()
    expect(page.locator("#listed")).to_contain_text(count)
    page.click("#show-all")
    expect(page.locator("#show-all")).to_have_count(0)


def test_a_rule_is_changed_with_its_effect_seen_first_and_a_faulty_pack_is_refused(live: Live, page: Page):
    show(page, f"{live.address}/compliance/packs?pack=organization", "#pack-editor")
    was = page.locator("#pack-editor").get_attribute("data-version") or ""
    text = page.locator("#pack-text").input_value()
    page.fill("#pack-text", text.replace("provisions:", "provisions: 7 #", 1))
    page.click("#preview-pack")
    page.locator("#pack-editor [role=alert]").wait_for()
    page.fill("#pack-text", text)
    option = page.locator("#provision option", has_text="closing").first.get_attribute("value") or ""
    page.select_option("#provision", option)
    page.fill("#f-minutes", "10")
    page.click("#change-provision")
    page.locator("#preview #touched").wait_for()
    expect(page.locator("#changes li")).to_have_count(1)
    page.fill("#reason", "More time before the hours close")
    page.click("#install-pack")
    expect(page.locator("#pack-editor")).not_to_have_attribute("data-version", was)
    expect(page.locator("#versions tbody tr").first).to_contain_text("More time before")


def test_a_sample_is_drawn_judged_by_key_and_by_hand_and_signed(live: Live, page: Page):
    show(page, f"{live.address}/compliance/reviews", "#draw")
    page.fill("#since", "2026-11-01")
    page.fill("#until", "2026-12-31")
    page.fill("#size", "1")
    page.fill("#seed", "7")
    page.click("#draw")
    told = page.locator(".err", has_text="kinds of risk").inner_text()
    page.fill("#size", re.findall(r"\d+", told)[0])
    page.click("#draw")
    page.locator("#judging").wait_for()
    page.fill("#reason", "The consent was about another house")
    page.click("#disagree")
    expect(page.locator("tr", has_text="about another house")).to_have_count(1)
    page.locator("#judging h2").click()
    page.keyboard.press("a")
    judged = page.locator("td", has_text=re.compile(r"^(Agreed|Disagreed)"))
    expect(judged).to_have_count(2)
    with closing(live.client("owner")) as owner:
        draw = page.url.partition("draw=")[2].partition("&")[0]
        for one in owner.get(f"/api/v1/reviews/{draw}").raise_for_status().json()["reviews"]:
            if one["agrees"] is None:
                said = {"agrees": True, "reason": ""}
                owner.post(f"/api/v1/reviews/decisions/{one['id']}/judge", json=said).raise_for_status()
    page.reload()
    page.click("#sign-review")
    page.click("#verify-review")
    expect(page.locator("#signature")).to_contain_text("The sign-off holds")


def test_a_registry_with_a_wrong_line_is_refused_whole_and_a_right_one_is_kept(live: Live, page: Page):
    show(page, f"{live.address}/compliance/registries", "#send-file")
    page.fill("#area_codes", "907")
    page.fill("#version", "2026-11")
    page.fill("#as_of", "2026-12-01T10:00")
    wrong: FilePayload = {"name": "907.txt", "mimeType": "text/plain", "buffer": b"907,5550100\n907,55\n"}
    page.set_input_files("#the-file", wrong)
    page.click("#send-file")
    page.locator("[role=alert]", has_text="line 2").wait_for()
    right: FilePayload = {"name": "907.txt", "mimeType": "text/plain", "buffer": b"907,5550100\n907,5550101\n"}
    page.set_input_files("#the-file", right)
    page.click("#send-file")
    page.locator("tr", has_text="907").wait_for()
