"""A lead on its own page: reached by keys, walked in the list's order, its numbers marked by keys, its past told."""

from __future__ import annotations

import re
from contextlib import closing
from urllib.parse import urlencode

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.live import Live
from tests.ui.looking import Watch, show, signed_in

pytestmark = pytest.mark.browser

FIRST_ROW = ".ag-row[row-index='0'] .pill"
SHOWN = ".lead-page[data-shown]"
NUMBER = "[data-phone='1']"


def first(live: Live, role: str = "owner", **words: str) -> str:
    """Answer the first lead of a filter."""
    with closing(live.client(role)) as caller:
        rows = caller.get("/api/v1/leads?" + urlencode({"limit": 1, **words})).json()["rows"]
    return rows[0]["id"]


def opened(live: Live, page: Page, lead: str, **words: str) -> None:
    show(page, f"{live.address}/leads/{lead}" + ("?" + urlencode(words) if words else ""), SHOWN)


def test_enter_opens_the_page_the_steps_keep_the_filter_and_back_leads_to_the_list(live: Live, page: Page):
    show(page, f"{live.address}/leads?status=new&sort=street&dir=asc", FIRST_ROW)
    page.locator(".ag-row[row-index='0'] [col-id='owner']").click()
    drawer = page.locator(".drawer[data-shown='1']")
    drawer.wait_for()
    street = drawer.locator("h2").inner_text()
    page.click("#open-page")
    expect(page).to_have_url(re.compile(r"/leads/[0-9a-f-]{36}\?status=new&sort=street&dir=asc$"))
    heading = page.locator(".lead-title h1")
    expect(heading).to_have_text(street)
    page.keyboard.press("j")
    expect(heading).not_to_have_text(street)
    page.keyboard.press("k")
    expect(heading).to_have_text(street)
    page.go_back()
    page.locator(FIRST_ROW).first.wait_for()
    expect(page).to_have_url(re.compile(r"status=new"))
    page.keyboard.press("Escape")
    expect(page.locator(".drawer")).to_have_count(0)
    page.locator(".ag-row[row-index='0'] [col-id='owner']").focus()
    page.keyboard.press("Enter")
    expect(heading).to_have_text(street)
    page.click("#back-to-list")
    expect(page).to_have_url(re.compile(r"/leads\?status=new&sort=street&dir=asc$"))


def test_a_number_is_chosen_and_marked_by_keys_and_taken_back(live: Live, page: Page):
    opened(live, page, first(live, has_phone="true", status="follow_up"))
    row = page.locator(NUMBER)
    page.locator("h1").click()
    page.keyboard.press("1")
    expect(row).to_be_focused()
    page.keyboard.press("w")
    expect(row.locator("[data-mark='wrong']")).to_have_attribute("aria-pressed", "true")
    entry = page.locator(".feed li", has_text="marked wrong")
    expect(entry).to_have_count(1)
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(row.locator("[data-mark='wrong']")).to_have_attribute("aria-pressed", "false")
    expect(page.locator(".feed li", has_text="Undone")).to_have_count(1)


def test_on_a_phone_the_verdict_of_a_number_and_what_may_be_done_with_it_stand_on_one_line(live: Live, page: Page):
    page.set_viewport_size({"width": 390, "height": 844})
    opened(live, page, first(live, has_phone="true", sort="street"))
    rows = page.locator(".ph-row .ph-acts")
    expect(rows.first.get_by_role("button", name=re.compile("^Text"))).to_be_visible()
    expect(rows.first.get_by_role("link", name="Explain this number")).to_be_visible()
    middles = rows.evaluate_all(
        """(rows) => rows.map((row) => [...row.children].map((one) => {
            const at = one.getBoundingClientRect();
            return Math.round((at.top + at.bottom) / 4);
        }))"""
    )
    assert middles
    assert all(max(row) - min(row) <= 1 for row in middles), middles


def test_who_shall_not_be_contacted_is_closed_with_a_reason(live: Live, page: Page):
    opened(live, page, first(live, has_phone="true", sort="street", dir="desc"))
    row = page.locator(NUMBER)
    row.focus()
    page.keyboard.press("d")
    page.locator("#ask-never").wait_for()
    page.click("#confirm-never")
    expect(page.locator("#ask-never .err")).to_be_visible()
    page.fill("#reason", "Asked us to stop")
    page.click("#confirm-never")
    expect(row.locator(".tag.bad").first).to_contain_text("DNC")
    expect(page.locator("#ask-never")).to_have_count(0)
    page.locator("h1").click()
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="A lead")).to_be_visible()


def test_the_dead_are_shown_with_a_dagger_and_nothing_to_press(live: Live, page: Page):
    with closing(live.client("owner")) as caller:
        rows = caller.get("/api/v1/leads?limit=200").json()["rows"]
        estates = (caller.get(f"/api/v1/leads/{row['id']}").json() for row in rows if row["owner_kind"] != "entity")
        lead, person = next(
            (one["row"]["id"], person) for one in estates for person in one["people"] if not person["contact"]
        )
    opened(live, page, lead)
    card = page.locator(".person[data-contact='0']", has_text=person["name"]).first
    expect(card).to_contain_text("never contacted")
    if person["deceased"]:
        expect(card.locator("header")).to_contain_text("†")
    expect(card.locator("[data-mark]")).to_have_count(0)
    expect(card.get_by_role("button", name=re.compile("^Call"))).to_have_count(0)


def test_history_tells_field_by_field_what_was_changed_here(live: Live, page: Page):
    lead = first(live, status="new", sort="street", dir="asc")
    opened(live, page, lead)
    page.select_option("#lead-status", "attempted")
    page.locator(".feed li", has_text="New → Attempted").wait_for()
    page.get_by_role("navigation", name="Part of the timeline").get_by_text("Compliance").click()
    expect(page.locator(".feed li", has_text="New → Attempted")).to_have_count(0)
    page.get_by_role("navigation", name="Lead", exact=True).get_by_text("History").click()
    change = page.locator("#history li").first
    expect(change.locator("del")).to_have_text("New")
    expect(change.locator("ins")).to_have_text("Attempted")
    made = page.locator("#history li", has_text=re.compile(r"\.csv, row \d+")).last
    made.locator("summary").click()
    expect(made.locator("dt", has_text="Est. value")).to_be_visible()
    page.go_back()
    page.go_back()
    page.locator(".feed li", has_text="New → Attempted").wait_for()


def test_the_score_says_what_it_is_made_of(live: Live, page: Page):
    opened(live, page, first(live))
    page.click(".score summary")
    parts = page.locator(".score-parts li")
    expect(parts).to_have_count(7)
    points = [int(text.split(" ")[0]) for text in parts.locator("b").all_inner_texts()]
    assert sum(points) == int(page.locator("#score").inner_text())


def written(page: Page, text: str) -> Locator:
    """Write a note; answers its entry."""
    page.fill("#note", text)
    page.click("#add-note")
    entry = page.locator(".feed:not(.pinned) li", has_text=text)
    entry.wait_for()
    return entry


def test_a_mention_is_offered_behind_an_at_and_waits_under_today_until_it_is_read(
    live: Live, page: Page, browser: Browser
):
    opened(live, page, first(live, status="contacted"))
    with closing(live.client("manager")) as caller:
        name = caller.get("/api/v1/me").json()["name"]
    box = page.locator("#note")
    box.press_sequentially("Look at this @" + name[:2])
    page.locator(".note-team li", has_text=name).wait_for()
    page.keyboard.press("Enter")
    box.press_sequentially("please")
    words = f"Look at this @{name} please"
    expect(box).to_have_value(words)
    page.click("#add-note")
    expect(box).to_have_value("")
    window = signed_in(browser, live.address, live.login("manager"))
    watch = Watch(live.address)
    other = watch.over(window.new_page())
    show(other, live.address, "#mentions li")
    mention = other.locator("#mentions li", has_text=words)
    mention.get_by_role("button", name="Read").click()
    expect(mention).to_have_count(0)
    assert watch.complaints == []
    window.close()


def test_a_note_is_pinned_changed_taken_away_and_brought_back(live: Live, page: Page):
    opened(live, page, first(live, status="contacted"))
    entry = written(page, "Gate code 4711")
    entry.get_by_role("button", name="Pin the note").click()
    expect(page.locator("#pinned")).to_contain_text("Gate code 4711")
    entry.get_by_role("button", name="Unpin the note").click()
    expect(page.locator("#pinned")).to_have_count(0)
    entry.get_by_role("button", name="Change the note").click()
    page.fill("#change-note", "Gate code 4712")
    page.click("#save-note")
    changed = page.locator(".feed li", has_text="Gate code 4712")
    expect(changed).to_contain_text("changed")
    changed.get_by_role("button", name="Take the note away").click()
    expect(changed).to_have_count(0)
    page.get_by_role("button", name="Undo", exact=True).click()
    expect(changed).to_have_count(1)


def test_an_auditor_reads_the_page_with_masked_numbers_and_changes_nothing(live: Live, browser: Browser):
    lead = first(live, has_phone="true")
    window = signed_in(browser, live.address, live.login("auditor"))
    page = Watch(live.address).over(window.new_page())
    opened(live, page, lead)
    assert "(***) ***-" in page.locator("#people").inner_text()
    for gone in ("[data-mark]", "#add-note", "#add-task"):
        expect(page.locator(gone)).to_have_count(0)
    expect(page.get_by_role("navigation", name="Lead", exact=True).get_by_text("Messages")).to_have_count(0)
    window.close()


def test_an_agent_does_not_open_a_lead_of_somebody_else(live: Live, browser: Browser):
    with closing(live.client("owner")) as caller:
        lead = caller.get("/api/v1/leads?assignee=none&limit=1").json()["rows"][0]["id"]
    window = signed_in(browser, live.address, live.login("agent"))
    page = Watch(live.address).over(window.new_page())
    show(page, f"{live.address}/leads/{lead}", "[role=alert]")
    expect(page.locator(".lead-page")).to_have_count(0)
    window.close()
