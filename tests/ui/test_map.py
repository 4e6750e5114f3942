"""The map in a real browser: nothing from outside, areas drawn by mouse or keys, hover both ways, a phone's width."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.live import Live
from tests.ui.looking import (
    DRAWN,
    WITHIN_MS,
    Watch,
    closer,
    kept_fresh,
    show,
    signed_in,
    standing_barriers,
    wider_than_window,
)

pytestmark = pytest.mark.browser

expect.set_options(timeout=WITHIN_MS)


@pytest.fixture
def shown(window: BrowserContext, watch: Watch, live: Live) -> Generator[Page]:
    """Open the map and wait until it holds its marks; afterwards nothing may have gone wrong."""
    page = watch.over(kept_fresh(window, live.address).new_page())
    show(page, f"{live.address}/map", DRAWN)
    yield page
    page.close()
    assert watch.outside == []
    assert watch.complaints == []


def figure(page: Page, name: str) -> int:
    return int(page.locator("[data-map]").get_attribute(f"data-{name}") or 0)


def area(page: Page) -> str:
    return parse_qs(urlsplit(page.url).query).get("area", [""])[0]


def test_every_lead_of_the_demonstration_is_counted_and_has_a_place(shown: Page, live: Live):
    with closing(live.client("owner")) as client:
        count = client.get("/api/v1/leads/count").json()["count"]
    assert figure(shown, "total") == count
    marks = shown.locator(".map-canvas .mark")
    assert marks.count() > 3
    assert sum(int(mark.get_attribute("data-n") or 0) for mark in marks.all()) == figure(shown, "shown")
    assert figure(shown, "shown") + figure(shown, "nowhere") == count
    expect(shown.locator("#map-by-zip")).to_contain_text("middle of their ZIP")
    first = marks.first
    expect(first).to_have_attribute("aria-label", first.get_attribute("title") or "-")
    assert shown.locator(".map-name").count() > 3


def _inmost(page: Page) -> tuple[float, float]:
    """Find the middle of the mark that is nearest to the middle of the map."""
    canvas = page.locator(".map-canvas").bounding_box()
    assert canvas is not None
    x, y = canvas["x"] + canvas["width"] / 2, canvas["y"] + canvas["height"] / 2
    boxes = [box for mark in page.locator(".map-canvas .mark").all() if (box := mark.bounding_box())]
    middles = [(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2) for box in boxes]
    return min(middles, key=lambda at: (at[0] - x) ** 2 + (at[1] - y) ** 2)


def test_a_rectangle_drawn_with_the_mouse_becomes_the_filter(shown: Page):
    before = figure(shown, "total")
    x, y = _inmost(shown)
    shown.click("#draw-box")
    shown.mouse.move(x - 60, y - 60)
    shown.mouse.down()
    shown.mouse.move(x + 10, y + 10, steps=4)
    shown.mouse.move(x + 60, y + 60, steps=4)
    shown.mouse.up()
    expect(shown.locator(".area-chips .chip")).to_have_text("Rectangle on the mapremove")
    assert area(shown).startswith("box_")
    shown.locator(DRAWN).wait_for()
    expect(shown.locator("#map-count")).not_to_have_text(f"{before:,} leads")
    inside = figure(shown, "total")
    assert 0 < inside < before
    shown.click("#map-as-list")
    expect(shown.locator("#leads-count")).to_have_text(f"{inside:,} lead" + ("s" if inside > 1 else ""))
    assert area(shown).startswith("box_")


def test_a_lasso_and_a_radius_are_drawn_too_and_each_chip_goes_alone(shown: Page):
    box = shown.locator(".map-canvas").bounding_box()
    assert box is not None
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    shown.click("#draw-polygon")
    shown.mouse.move(x - 150, y - 120)
    shown.mouse.down()
    for right, down in ((150, -120), (170, 130), (0, 40), (-170, 130)):
        shown.mouse.move(x + right, y + down, steps=12)
    shown.mouse.up()
    expect(shown.locator(".area-chips .chip")).to_have_count(1)
    assert area(shown).startswith("polygon_")
    shown.click("#draw-circle")
    shown.mouse.move(x, y)
    shown.mouse.down()
    shown.mouse.move(x + 80, y, steps=6)
    shown.mouse.up()
    expect(shown.locator(".area-chips .chip")).to_have_count(2)
    expect(shown.locator(".area-chips .chip").nth(1)).to_contain_text("Within")
    shown.locator(".area-chips .chip").first.click()
    expect(shown.locator(".area-chips .chip")).to_have_count(1)
    assert area(shown).startswith("circle_")


def test_a_county_and_a_radius_are_chosen_by_keys_alone(shown: Page):
    shown.locator("#map-place").focus()
    shown.keyboard.type("dallas county, tx")
    expect(shown.get_by_role("option", name="Dallas County, TX")).to_be_visible()
    shown.keyboard.press("Enter")
    expect(shown.locator(".area-chips .chip")).to_contain_text("Dallas County, TX")
    assert area(shown) == "county_48113"
    shown.locator(DRAWN).wait_for()
    shown.select_option("#map-miles", "5")
    shown.locator("#map-place").focus()
    shown.keyboard.type("75201")
    expect(shown.get_by_role("option", name="ZIP 75201, TX")).to_be_visible()
    shown.keyboard.press("Enter")
    expect(shown.locator(".area-chips .chip")).to_have_count(2)
    assert area(shown).startswith("county_48113*circle_")
    shown.keyboard.press("Tab")


def test_hover_goes_both_ways_and_a_click_opens_the_lead(shown: Page):
    row = shown.locator(".map-rows li").first
    row.hover()
    lit = shown.locator(".map-canvas .mark[data-hot='1']")
    expect(lit).to_have_count(1)
    cell = lit.get_attribute("data-cell")
    shown.locator("h1").first.hover()
    expect(shown.locator(".map-canvas .mark[data-hot='1']")).to_have_count(0)
    shown.locator(f".map-canvas .mark[data-cell='{cell}']").focus()
    expect(row).to_have_attribute("data-hot", "1")
    row.get_by_role("button").click()
    card = shown.locator(".map-card")
    expect(card).to_contain_text(row.locator("b").inner_text())
    card.locator("#map-open").click()
    shown.locator(".drawer[data-shown='1']").wait_for()


def test_a_cluster_opens_into_smaller_ones(shown: Page):
    marks = shown.locator(".map-canvas .mark.heap")
    sizes = [int(mark.get_attribute("data-n") or 0) for mark in marks.all()]
    shown.locator(f".map-canvas .mark.heap[data-n='{max(sizes)}']").first.click()
    expect(shown.locator(f".map-canvas .mark.heap[data-n='{max(sizes)}']")).to_have_count(0)
    shown.locator(DRAWN).wait_for()
    assert figure(shown, "shown") < sum(sizes)


def test_an_area_is_saved_as_a_list(shown: Page, live: Live):
    shown.locator("#map-place").fill("Dallas County, TX")
    shown.get_by_role("option", name="Dallas County, TX").click()
    expect(shown.locator(".area-chips .chip")).to_have_count(1)
    shown.locator(DRAWN).wait_for()
    inside = figure(shown, "total")
    shown.click("#map-save")
    shown.fill("#map-save-name", "From the map")
    shown.keyboard.press("Enter")
    expect(shown.get_by_text("on “From the map”")).to_be_visible()
    with closing(live.client("owner")) as client:
        sizes = {row["name"]: row["count"] for row in client.get("/api/v1/leads/lists").json()}
    assert sizes["From the map"] == inside > 0


def test_an_area_is_saved_as_a_view_and_begins_a_campaign(shown: Page, live: Live):
    show(shown, f"{live.address}/map?area=county_48113&where=value:at_least:1&where=stack:at_least:1", DRAWN)
    inside = figure(shown, "total")
    shown.click("#map-view")
    shown.fill("#map-view-name", "Dallas on the map")
    shown.keyboard.press("Enter")
    expect(shown.get_by_text("View saved")).to_be_visible()
    with closing(live.client("owner")) as client:
        view = next(one for one in client.get("/api/v1/views").json() if one["name"] == "Dallas on the map")
    kept = {"area": "county_48113", "where": ["value:at_least:1", "stack:at_least:1"]}
    assert view["content"]["filter"] == kept
    shown.click("#map-campaign")
    shown.fill("#name", "Dallas by the map")
    shown.click("#begin-campaign")
    shown.wait_for_url("**/campaigns/*-*")
    with closing(live.client("owner")) as client:
        made = client.get(f"/api/v1/campaigns/{urlsplit(shown.url).path.rsplit('/', 1)[1]}").json()
    assert made["audience_filter"] == kept
    assert inside > 0


def a_lead_alone(page: Page) -> str:
    """Open the card of one lead that stands alone, and answer its id."""
    closer(page)
    page.locator(".map-canvas .mark.one").first.evaluate("(mark) => mark.click()")
    expect(page.locator(".map-card #map-move")).to_be_visible()
    return page.locator(".map-card").get_attribute("data-lead") or ""


def precision(live: Live, lead: str) -> str:
    america = {"view": "-179,0,-60,72", "area": "county_48113", "limit": "100"}
    with closing(live.client("owner")) as client:
        rows = client.get("/api/v1/map/leads", params=america).json()["rows"]
    return next((one["precision"] for one in rows if one["row"]["id"] == lead), "elsewhere")


def test_a_pin_is_dragged_and_the_move_is_taken_back(shown: Page, live: Live):
    show(shown, f"{live.address}/map?area=county_48113", DRAWN)
    lead = a_lead_alone(shown)
    before = precision(live, lead)
    shown.click("#map-move")
    expect(shown.locator("#map-keep")).to_be_disabled()
    pin = shown.locator(".maplibregl-marker svg").bounding_box()
    assert pin is not None
    x, y = pin["x"] + pin["width"] / 2, pin["y"] + pin["height"] / 2
    shown.mouse.move(x, y)
    shown.mouse.down()
    shown.mouse.move(x + 20, y + 14, steps=6)
    shown.mouse.up()
    shown.click("#map-keep")
    expect(shown.get_by_text("No file and no geocoder moves it from there")).to_be_visible()
    assert precision(live, lead) == "pin"
    shown.locator("[data-sonner-toast] button", has_text="Undo").first.click()
    expect(shown.get_by_text("Undone")).to_be_visible()
    assert precision(live, lead) == before


def test_no_address_leaves_before_somebody_has_read_how_many(shown: Page, live: Live):
    with closing(live.client("owner")) as client:
        runs = "/api/v1/map/geocoding"
        before = len(client.get(runs).json()["rows"])
        show(shown, f"{live.address}/map?area=county_48113", DRAWN)
        shown.click("#geocode-ask")
        told = shown.locator("#geocode-quote")
        expect(told).to_contain_text("leave this house, to the US Census Bureau: street, city, state and ZIP")
        told.get_by_role("button", name="No").click()
        expect(told).to_have_count(0)
        assert len(client.get(runs).json()["rows"]) == before
        shown.click("#geocode-ask")
        shown.click("#geocode-send")
        expect(shown.get_by_text("Addresses are on their way")).to_be_visible()
        run = client.get(runs).json()["rows"][0]
        for _ in range(120):
            if run["finished_at"]:
                break
            shown.wait_for_timeout(500)
            run = client.get(runs).json()["rows"][0]
    assert run["asked"] == run["found"] + run["missed"] > 0


def test_what_the_server_refuses_is_said_in_the_dialog(shown: Page, live: Live, watch: Watch):
    show(shown, f"{live.address}/map?area=county_12086", DRAWN)
    answer = {"error": {"code": "conflict", "message": "Addresses are being sent already."}}
    shown.route("**/api/v1/map/geocoding", lambda route: route.fulfill(status=409, json=answer))
    shown.click("#geocode-ask")
    shown.click("#geocode-send")
    expect(shown.get_by_text("Addresses are being sent already.")).to_be_visible()
    expect(shown.locator("#geocode-quote")).to_be_visible()
    watch.complaints = [one for one in watch.complaints if "409" not in one]


def test_nothing_in_view_and_nothing_at_all_say_what_to_do(shown: Page, live: Live):
    show(shown, f"{live.address}/map?q=nobody+has+this+name", DRAWN)
    expect(shown.get_by_text("Nothing matches these filters")).to_be_visible()
    shown.get_by_role("button", name="Clear filters").click()
    expect(shown.get_by_text("Nothing matches these filters")).to_have_count(0)


def test_an_agent_sees_assigned_leads_only(browser: Browser, live: Live):
    context = signed_in(browser, live.address, live.login("agent"))
    page = context.new_page()
    show(page, f"{live.address}/map", DRAWN)
    with closing(live.client("agent")) as client:
        assert figure(page, "total") == client.get("/api/v1/leads/count").json()["count"]
    with closing(live.client("owner")) as client:
        assert figure(page, "total") < client.get("/api/v1/leads/count").json()["count"]
    context.close()


def test_on_a_phone_the_list_is_a_sheet_below_the_map(shown: Page, live: Live):
    shown.set_viewport_size({"width": 390, "height": 844})
    show(shown, f"{live.address}/map", DRAWN)
    assert wider_than_window(shown) == ""
    canvas, side = shown.locator(".map-canvas").bounding_box(), shown.locator(".map-side").bounding_box()
    assert canvas is not None
    assert side is not None
    assert canvas["height"] > 150
    assert side["y"] >= canvas["y"] + canvas["height"] - 1
    for scheme in ("light", "dark"):
        shown.emulate_media(color_scheme=scheme)
        shown.wait_for_timeout(300)
        assert standing_barriers(shown) == []
