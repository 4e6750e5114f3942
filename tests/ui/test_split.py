"""The map beside the list: one filter for both, hover both ways, remembered, and fetched only when it is on."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import closing

import pytest
from playwright.sync_api import Page, Request, expect

from tests.live import Live
from tests.ui.looking import DRAWN as MAP
from tests.ui.looking import closer, show, standing_barriers, wider_than_window

pytestmark = pytest.mark.browser

ROW = ".ag-row[row-index='0'] .pill"
HOT = ".map-canvas .mark[data-hot='1']"


@pytest.fixture(autouse=True)
def forgotten(page: Page) -> Generator[None]:
    """Have the browser forget afterwards that the map stood beside the list: the window is one for all tests."""
    yield
    page.evaluate("localStorage.removeItem('lf:map-beside')")


@pytest.fixture
def asked(page: Page) -> list[str]:
    """Every address that the page asks for."""
    urls: list[str] = []

    def note(request: Request) -> None:
        urls.append(request.url)

    page.on("request", note)
    return urls


def count(page: Page) -> int:
    expect(page.locator("#leads-count")).to_have_attribute("data-n", re.compile(r"^\d+$"))
    return int(page.locator("#leads-count").get_attribute("data-n") or 0)


def test_nothing_of_the_map_is_fetched_until_a_key_asks_for_it(live: Live, page: Page, asked: list[str]):
    show(page, f"{live.address}/leads", ROW)
    page.wait_for_load_state("networkidle")
    assert [url for url in asked if "map" in url] == []
    page.keyboard.press("m")
    page.locator(MAP).wait_for()
    assert any("maplibre" in url for url in asked)
    grid, beside = page.locator(".gridbox").bounding_box(), page.locator("[data-map]").bounding_box()
    assert grid is not None
    assert beside is not None
    assert abs(grid["width"] / (grid["width"] + beside["width"]) - 0.6) < 0.01
    expect(page).to_have_url(re.compile(r"[?&]map=1"))
    page.keyboard.press("?")
    expect(page.locator("dialog.help")).to_contain_text("Map beside the list")


def test_it_is_remembered_by_the_browser_and_by_the_address(live: Live, page: Page):
    show(page, f"{live.address}/leads?map=1", MAP)
    expect(page.locator("#map-beside")).to_have_attribute("aria-pressed", "true")
    page.click("#map-beside")
    expect(page.locator("[data-map]")).to_have_count(0)
    show(page, f"{live.address}/leads", ROW)
    expect(page.locator("[data-map]")).to_have_count(0)
    page.click("#map-beside")
    show(page, f"{live.address}/leads", MAP)
    page.click("#map-beside")
    expect(page).to_have_url(re.compile(r"/leads$"))
    expect(page.locator("[data-map]")).to_have_count(0)


def test_a_filter_and_a_drawn_area_narrow_both(live: Live, page: Page):
    show(page, f"{live.address}/leads?map=1&state=TX", MAP)
    texan = count(page)
    expect(page.locator("[data-map]")).to_have_attribute("data-total", str(texan))
    page.fill("#map-place", "Dallas County, TX")
    page.get_by_role("option", name="Dallas County, TX").click()
    expect(page).to_have_url(re.compile("area=county_48113"))
    expect(page.locator("#leads-count")).not_to_have_attribute("data-n", str(texan))
    page.locator(MAP).wait_for()
    inside = count(page)
    assert 0 < inside < texan
    expect(page.locator("[data-map]")).to_have_attribute("data-total", str(inside))
    with closing(live.client("owner")) as client:
        asked = client.get("/api/v1/leads/count", params={"state": "TX", "area": "county_48113"})
    assert asked.json()["count"] == inside
    page.locator(".chip[data-param='area'] .chip-x").click()
    expect(page.locator("[data-map]")).to_have_attribute("data-total", str(texan))


def test_a_row_lights_its_mark_and_a_mark_its_rows(live: Live, page: Page):
    show(page, f"{live.address}/leads?map=1&state=TX", MAP)
    page.locator(".ag-row[row-index='1'] [col-id='owner']").hover()
    expect(page.locator(HOT)).to_have_count(1)
    cell = page.locator(HOT).get_attribute("data-cell")
    page.locator("h1").hover()
    expect(page.locator(HOT)).to_have_count(0)
    page.locator(f".mark[data-cell='{cell}']").focus()
    expect(page.locator(".ag-row[row-index='1'].row-lit").first).to_be_visible()
    page.locator("#map-whole").focus()
    expect(page.locator(".row-lit")).to_have_count(0)


def test_a_mark_scrolls_to_its_first_row(live: Live, page: Page):
    page.set_viewport_size({"width": 1440, "height": 460})
    show(page, f"{live.address}/leads?map=1&area=county_48113", MAP)
    with closing(live.client("owner")) as client:
        rows = client.get("/api/v1/leads", params={"area": "county_48113", "limit": 100}).json()["rows"]
    closer(page)
    shift = int(page.locator("[data-map]").get_attribute("data-shift") or 0)
    drawn = {int(mark.get_attribute("data-cell") or 0) for mark in page.locator(".map-canvas .mark").all()}
    fresh = drawn - {row["quadkey"] >> shift for row in rows[:9]}
    far = next(row for row in rows if row["quadkey"] >> shift in fresh)
    row = page.locator(f".ag-row[row-id='{far['id']}'].row-lit").first
    expect(row).to_have_count(0)
    page.locator(f".map-canvas .mark[data-cell='{far['quadkey'] >> shift}']").focus()
    expect(row).to_be_in_viewport()


def test_a_mark_of_one_lead_opens_it_and_keeps_the_filter(live: Live, page: Page):
    show(page, f"{live.address}/leads?map=1&area=county_48113", MAP)
    closer(page)
    page.locator(".map-canvas .mark.one").first.evaluate("(mark) => mark.click()")
    expect(page.locator(".map-card b")).not_to_be_empty()
    page.click("#map-open")
    page.locator(".drawer[data-shown='1']").wait_for()
    expect(page).to_have_url(re.compile(r"map=1&area=county_48113&lead="))


def test_a_phone_shows_the_one_or_the_other(live: Live, page: Page):
    page.set_viewport_size({"width": 390, "height": 844})
    show(page, f"{live.address}/leads", ROW)
    expect(page.locator("[data-map]")).to_have_count(0)
    page.click("#map-beside")
    page.locator(MAP).wait_for()
    expect(page.locator(".gridbox")).to_be_hidden()
    assert wider_than_window(page) == ""
    assert standing_barriers(page) == []
    page.click("#map-beside")
    expect(page.locator(".gridbox")).to_be_visible()
    expect(page.locator("[data-map]")).to_have_count(0)
