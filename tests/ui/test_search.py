"""The palette, the page of all results, and the day worked one at a time."""

from __future__ import annotations

import re
from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.live import Live
from tests.ui.looking import show, signed_in

pytestmark = pytest.mark.browser

FIRST_ROW = ".ag-row:not(.ag-row-loading) .ag-cell"


def a_street(live: Live, page: Page) -> str:
    show(page, f"{live.address}/leads", FIRST_ROW)
    return page.locator(".ag-row[row-index='0'] b").first.inner_text()


def test_the_slash_opens_the_palette_and_enter_opens_the_first_hit(live: Live, page: Page):
    street = a_street(live, page)
    page.keyboard.press("/")
    # Enter at once means the first hit of the whole words, not what half of them have found.
    page.locator("[cmdk-input]").press_sequentially(street)
    page.keyboard.press("Enter")
    page.locator(".drawer[data-shown='1']", has_text=street).wait_for()
    page.keyboard.press("Control+k")
    expect(page.locator("[cmdk-group]", has_text="Opened last").locator("[cmdk-item]").first).to_contain_text(street)


def test_nothing_that_is_typed_is_lost_and_one_question_is_in_flight(live: Live, page: Page):
    show(page, live.address, "#tile-leads")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if "/api/v1/search?" in request.url else None)
    page.keyboard.press("Control+k")
    words = "something that nobody has 12345"
    page.locator("[cmdk-input]").press_sequentially(words, delay=15)
    expect(page.locator("[cmdk-list]")).to_have_attribute("data-answered", words)
    expect(page.locator("[cmdk-input]")).to_have_value(words)
    expect(page.locator(".cmdk-note")).to_contain_text("Nothing found")
    assert 0 < len(asked) < len(words)


def test_arrows_choose_and_control_enter_opens_beside(live: Live, page: Page, window: BrowserContext):
    show(page, live.address, "#tile-leads")
    page.keyboard.press("Control+k")
    page.fill("[cmdk-input]", "compliance")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    with window.expect_page() as opened:
        page.keyboard.press("Control+Enter")
    expect(opened.value).to_have_url(re.compile(r"/compliance$"))
    opened.value.close()
    expect(page.locator("[cmdk-input]")).to_have_count(0)


def test_a_command_changes_the_theme(live: Live, page: Page):
    show(page, live.address, "#tile-leads")
    for mode in ("dark", "light"):
        page.keyboard.press("Control+k")
        page.fill("[cmdk-input]", f"theme {mode}")
        page.keyboard.press("Enter")
        expect(page.locator("html")).to_have_class(re.compile(mode))


def test_all_results_stand_on_a_page_by_kind(live: Live, page: Page):
    street = a_street(live, page)
    name = street.split()[1]
    page.keyboard.press("Control+k")
    page.fill("[cmdk-input]", name)
    page.locator("[cmdk-item][data-value='everything']").click()
    page.locator("[data-group='lead'] .hits a").first.wait_for()
    expect(page).to_have_url(re.compile(rf"/search\?q={name}"))
    page.locator(".chip[data-kind='lead']").click()
    expect(page).to_have_url(re.compile(r"kind=lead"))
    page.locator("section[aria-label='Leads'] .hits a").first.click()
    page.locator(".drawer[data-shown='1']", has_text=name).wait_for()


def test_the_day_is_worked_one_at_a_time_by_keys(live: Live, page: Page):
    show(page, live.address, "#whom-next")
    page.click("#start-focus")
    focus = page.locator("#focus")
    focus.wait_for()
    first = focus.get_attribute("data-turn")
    total = int(page.locator("#focus-progress").inner_text().split()[-1])
    page.keyboard.press("s")
    expect(page.locator("#focus-progress")).to_have_text(f"2 of {total}")
    page.reload()
    # Who was skipped does not come again today.
    expect(page.locator("#focus-progress")).to_have_text(f"1 of {total - 1}")
    assert focus.get_attribute("data-turn") != first
    for _ in range(total - 1):
        page.keyboard.press("n")
    expect(page.locator("#focus-summary")).to_be_visible()


@pytest.fixture
def auditor(browser: Browser, live: Live) -> Generator[Page]:
    """Sign the auditor in."""
    context = signed_in(browser, live.address, live.login("auditor"))
    yield context.new_page()
    context.close()


def test_an_auditor_is_offered_no_page_and_no_number_beyond_the_role(live: Live, auditor: Page):
    show(auditor, live.address, "#tile-leads")
    auditor.keyboard.press("Control+k")
    for words in ("imports", "mailing lists", "new campaign", "pause"):
        auditor.fill("[cmdk-input]", words)
        expect(auditor.locator("[cmdk-list]")).to_have_attribute("data-answered", words)
        assert auditor.locator("[cmdk-item][data-value^='page '], [cmdk-item][data-value^='command ']").count() == 0
    auditor.keyboard.press("Escape")
    side = auditor.get_by_role("navigation", name="Main")
    expect(side.get_by_role("link", name="Leads")).to_be_visible()
    assert side.locator("a[href='/inbox'], a[href='/imports'], [data-wait='1']").count() == 0
    auditor.keyboard.press("g")
    auditor.keyboard.press("u")
    auditor.keyboard.press("g")
    auditor.keyboard.press("t")
    auditor.locator("#tasks li, .empty").first.wait_for()
    assert auditor.url.endswith("/tasks"), "keys to what is closed lead nowhere"
