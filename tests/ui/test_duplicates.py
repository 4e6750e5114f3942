"""A person goes through duplicates by keys, merges two, and takes it back from the toast and from the lead."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.live import Live
from tests.ui.looking import show

pytestmark = pytest.mark.browser

HERE = "a[data-pair][data-here='true']"


def test_pairs_are_walked_set_aside_merged_and_taken_back_by_keys(live: Live, page: Page):
    show(page, f"{live.address}/duplicates?kind=person", "#pairs")
    pairs = page.locator("a[data-pair]")
    ids = [pairs.nth(number).get_attribute("data-pair") or "" for number in range(2)]
    first = ids[1]
    pairs.first.click()
    expect(page.locator(HERE)).to_have_attribute("data-pair", ids[0])
    page.keyboard.press("j")
    expect(page.locator(HERE)).to_have_attribute("data-pair", first)
    page.keyboard.press("n")
    expect(page.locator(f"a[data-pair='{first}']")).to_have_count(0)
    page.keyboard.press("u")
    expect(page.locator(f"a[data-pair='{first}']")).to_have_count(1)
    expect(page.locator("#undo")).to_have_count(0)

    page.locator(f"a[data-pair='{first}']").click()
    expect(page.locator(HERE)).to_have_attribute("data-pair", first)
    page.keyboard.press("m")
    expect(page.locator("#done-last")).to_contain_text("Merged")
    expect(page.locator(f"a[data-pair='{first}']")).to_have_count(0)
    page.locator("[data-sonner-toast] button", has_text="Undo").first.click()
    expect(page.locator(f"a[data-pair='{first}']")).to_have_count(1)
    expect(page.locator("#merged li").first).to_contain_text("Taken back")


def test_a_pair_opens_wherever_its_row_is_pressed(live: Live, page: Page):
    show(page, f"{live.address}/duplicates?kind=person", "#pairs")
    wanted = page.locator("a[data-pair]").first.get_attribute("data-pair") or ""
    last = page.locator("#pairs tbody tr").first.locator("td").last.bounding_box()
    assert last is not None
    page.mouse.click(last["x"] + last["width"] / 2, last["y"] + last["height"] / 2)
    expect(page.locator(HERE)).to_have_attribute("data-pair", wanted)


def test_the_sure_ones_are_counted_before_they_are_merged(live: Live, page: Page):
    show(page, f"{live.address}/duplicates", "#sure")
    page.fill("#least", "85")
    page.click("#count-sure")
    expect(page.locator("#sure-count")).to_contain_text("pairs")
    page.fill("#least", "10")
    page.click("#count-sure")
    expect(page.locator("#least:invalid")).to_have_count(1)


def test_a_lead_says_that_it_may_be_another(live: Live, page: Page):
    show(page, f"{live.address}/duplicates?kind=person", "#pairs")
    page.locator("a[data-pair]").first.click()
    pair = page.locator(HERE).get_attribute("data-pair")
    page.locator("#side-by-side a", has_text="Open the lead").first.click()
    expect(page.locator(f"[data-twin='{pair}']")).to_contain_text("May be the same as")
