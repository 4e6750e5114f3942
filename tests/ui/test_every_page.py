"""What every page keeps: the policy, our own host, WCAG A and AA in light and dark, a phone's width, small states."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import closing
from itertools import pairwise
from typing import Any

import pytest
import redis
from playwright.sync_api import Browser, BrowserContext, Page, expect

from leadflow.pages.routes import ROUTES
from tests.live import Live
from tests.ui.looking import Watch, barriers, kept_fresh, settled, show, signed_in, standing_barriers, wider_than_window

pytestmark = pytest.mark.browser

STATE_LIMIT = 64 * 1024
ROW = ".ag-row[row-index='0'] .ag-cell :is(.two, .pill)"
PAGES: tuple[tuple[str, str], ...] = (
    ("/", "#tile-leads"),
    ("/leads", ROW),
    ("/leads?lead={lead}", ".drawer[data-shown='1'] .facts"),
    ("/leads/{lead}", ".lead-page .facts"),
    ("/leads/{lead}?tab=history", "#history li, .lead-page .empty"),
    ("/leads/removed", "#removed-leads, .empty"),
    ("/today/focus", "#focus[data-turn]"),
    ("/search?q=oak", "[data-group='lead'] .hits a"),
    ("/map", "[data-map][data-ready='1'][data-busy='0']"),
    ("/board", ".kcard"),
    ("/bulk", "#bulk-edits li, .empty"),
    ("/tasks", "#tasks li"),
    ("/imports", ROW),
    ("/imports/{import}", "#counts"),
    ("/imports/{import}?part=columns", ".imp-map tbody tr"),
    ("/campaigns", "#campaigns"),
    ("/campaigns/new", "#new-campaign-form"),
    ("/campaigns/snippets", "#snippet-name"),
    ("/campaigns/{campaign}", "main h1"),
    ("/inbox?conversation={conversation}", ".thread .msg"),
    ("/inbox/replies", "#replies, .empty"),
    ("/duplicates", "#pairs, .empty"),
    ("/letters", "#make-list"),
    ("/calls", ROW),
    ("/compliance", "#chain"),
    ("/compliance/decisions?decision={decision}", "#receipt-sentence"),
    ("/compliance/explain?phone={phone}", "#explanation"),
    ("/compliance/suppressions?add=1", "#suppress"),
    ("/compliance/consents?add=1", "#record-consent"),
    ("/compliance/lookups", "#provider"),
    ("/compliance/rules?pack=states", ".t tbody tr"),
    ("/compliance/packs?pack=organization", "#versions tbody tr"),
    ("/compliance/simulator", "#ask"),
    ("/compliance/drill", "#standing"),
    ("/compliance/registries", "#send-file"),
    ("/compliance/reviews", "#draw"),
    ("/compliance/retention", "#look"),
    ("/compliance/evidence", "#evidence-form"),
    ("/compliance/evidence?about=campaign", "#campaign_id"),
    ("/settings", "#switch"),
    ("/settings/assignment", "#rule-form"),
    ("/settings?part=members", ".t tbody tr"),
    ("/settings?part=numbers", ".t tbody tr"),
    ("/settings?part=account", "#second-factor"),
    ("/settings?part=fields", "#new-field"),
    ("/settings?part=score", "#weight-equity"),
    ("/leads?where=city:is:Nowhere", ".emptied li"),
    ("/settings?part=keys", "#new-key"),
    ("/settings?part=providers", "#twilio"),
    ("/settings?part=outbox", ".empty, #outbox"),
    ("/settings?part=audit", ".ag-row[row-index='0'] .ag-cell"),
)
LISTS = {
    "lead": ("/api/v1/leads?limit=1&has_phone=true", "id"),
    "import": ("/api/v1/imports?limit=1", "id"),
    "campaign": ("/api/v1/campaigns?limit=1", "id"),
    "conversation": ("/api/v1/conversations?limit=1", "id"),
    "decision": ("/api/v1/decisions?verdict=blocked&limit=1", "id"),
    "phone": ("/api/v1/decisions?limit=1", "e164"),
}


@pytest.fixture(scope="module")
def ids(live: Live) -> dict[str, str]:
    with closing(live.client("owner")) as client:
        return {
            word: str(client.get(url).json()["rows"][0][name]).replace("+", "%2B")
            for word, (url, name) in LISTS.items()
        }


@pytest.fixture
def watched(window: BrowserContext, live: Live, watch: Watch) -> Generator[Page]:
    page = watch.over(kept_fresh(window, live.address).new_page())
    yield page
    page.close()


@pytest.mark.parametrize(("path", "wait"), PAGES, ids=[path for path, _ in PAGES])
def test_a_page_keeps_the_policy_its_host_the_contrast_and_the_width(
    live: Live, watched: Page, watch: Watch, ids: dict[str, str], path: str, wait: str
):
    watched.emulate_media(color_scheme="light")
    show(watched, live.address + path.format(**ids), wait)
    settled(watched)
    assert standing_barriers(watched) == []
    watched.emulate_media(color_scheme="dark")
    settled(watched)
    assert standing_barriers(watched) == []
    watched.set_viewport_size({"width": 390, "height": 844})
    settled(watched)
    assert wider_than_window(watched) == ""
    assert watch.complaints == []
    assert watch.outside == []
    assert {key: size for key, size in states(live).items() if size > STATE_LIMIT} == {}


def states(live: Live) -> dict[bytes, int]:
    """Tell how many bytes the state of each page that was opened takes."""
    with closing(redis.Redis.from_url(live.private["redis_url"])) as store:
        held: Any = store
        sizes = {key: held.strlen(key) for key in held.scan_iter(count=1000) if held.type(key) == b"string"}
    assert any(b"reflex___state" in key for key in sizes), "the pages' states are not where they are looked for"
    return sizes


def test_every_route_stands_among_the_pages_above():
    known = {path.partition("?")[0] for path, _ in PAGES}
    words = {"[import_id]": "{import}", "[campaign_id]": "{campaign}", "[lead_id]": "{lead}"}
    shown = {re.sub(r"\[\w+\]", lambda found: words[found.group()], route.path) for route in ROUTES}
    assert shown <= known


def test_the_sign_in_is_free_of_barriers_and_asks_nobody_else(browser: Browser, live: Live):
    watch, context = Watch(live.address), browser.new_context()
    page = watch.over(context.new_page())
    page.goto(f"{live.address}/login")
    page.locator(".demo-row").first.wait_for()
    assert barriers(page) == []
    assert (watch.complaints, watch.outside) == ([], [])
    context.close()


@pytest.mark.parametrize("door", ["/login", "/forgot"])
def test_a_form_cannot_be_sent_before_the_page_listens(browser: Browser, live: Live, door: str):
    """Sent by the browser alone, a password would stand in the address, in its history and in logs."""
    with closing(browser.new_context(java_script_enabled=False)) as context:
        page = context.new_page()
        page.goto(f"{live.address}{door}")
        assert page.locator("form button[type=submit]").count() == 1
        expect(page.locator("form button[type=submit]")).to_be_disabled()
        expect(page.locator("#email")).to_be_disabled()


@pytest.mark.parametrize("door", ["/forgot", "/reset", "/join"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_door_is_free_of_barriers_and_asks_nobody_else(browser: Browser, live: Live, door: str, scheme: Any):
    watch = Watch(live.address)
    context = browser.new_context(viewport={"width": 390, "height": 844}, color_scheme=scheme, reduced_motion="reduce")
    page = watch.over(context.new_page())
    page.goto(live.address + door)
    page.locator("main .btn").first.wait_for()
    assert standing_barriers(page) == []
    assert wider_than_window(page) == ""
    assert (watch.complaints, watch.outside) == ([], [])
    context.close()


def test_an_unknown_address_leads_back(live: Live, watched: Page):
    watched.goto(f"{live.address}/nowhere")
    watched.get_by_text("There is no such page").wait_for()


def test_an_unknown_record_says_so_and_offers_a_way_on(live: Live, watched: Page, ids: dict[str, str]):
    show(watched, f"{live.address}/imports/{ids['lead']}", "[role=alert]")
    told = watched.locator("[role=alert]")
    assert "no such page" in told.inner_text()
    # Nothing is gained by asking again for what is not there.
    expect(told.get_by_text("Try again")).to_have_count(0)
    told.get_by_role("link", name="To Today").click()
    expect(watched).to_have_url(f"{live.address}/")


@pytest.mark.parametrize("role", ["manager", "agent", "auditor"])
def test_each_role_sees_its_pages_without_a_complaint(browser: Browser, live: Live, role: str):
    context = signed_in(browser, live.address, live.login(role))
    watch = Watch(live.address)
    page = watch.over(context.new_page())
    for path in ("/", "/leads", "/compliance", "/compliance/decisions", "/settings"):
        show(page, live.address + path)
        settled(page)
        assert "Something broke" not in page.locator("main").inner_text()
    assert watch.complaints == []
    context.close()


def test_an_auditor_reads_masked_numbers_only(browser: Browser, live: Live):
    context = signed_in(browser, live.address, live.login("auditor"))
    page = Watch(live.address).over(context.new_page())
    show(page, f"{live.address}/compliance/decisions", ROW)
    assert "******" in page.locator(".grid").inner_text()
    assert page.locator("#add-suppression").count() == 0
    context.close()


def test_pages_share_nothing_between_two_people(browser: Browser, live: Live):
    windows = [signed_in(browser, live.address, live.login(role)) for role in ("owner", "auditor")]
    names = []
    for window in windows:
        page = window.new_page()
        show(page, live.address, "#user-menu")
        page.click("#user-menu")
        names.append(page.locator(".menu-who").inner_text())
    assert all(one != other for one, other in pairwise(names))
    for window in windows:
        window.close()
