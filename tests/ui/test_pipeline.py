"""Many leads at once, the board, follow-ups: asked first, done, and taken back."""

from __future__ import annotations

import re
from contextlib import closing
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.live import Live
from tests.ui.looking import show

pytestmark = pytest.mark.browser


def asked(live: Live, path: str) -> Any:
    with closing(live.client("owner")) as client:
        return client.get(path).json()


def test_chosen_leads_are_changed_after_a_question_and_given_back_by_the_toast(live: Live, page: Page):
    show(page, f"{live.address}/leads?status=new", ".ag-row[row-index='0'] .pill")
    for row in (0, 1, 2):
        page.locator(f".ag-row[row-index='{row}'] .tickbox").click()
    page.click("#bulk-add_tag")
    page.fill("#bulk-value", "Walk by")
    expect(page.locator("#bulk-told")).to_have_text("Changes 3 of 3.")
    page.click("#bulk-start")
    toast = page.locator("[data-sonner-toast]", has_text="Tag “Walk by”: 3 leads")
    toast.wait_for()
    expect(page.locator("#leads-selection")).to_have_count(0)
    assert asked(live, "/api/v1/leads/count?tag=Walk by") == {"count": 3}
    toast.get_by_role("button", name="Undo").click()
    page.locator("[data-sonner-toast]", has_text="Undone").wait_for()
    assert asked(live, "/api/v1/leads/count?tag=Walk by") == {"count": 0}
    show(page, f"{live.address}/bulk", "#bulk-edits li")
    first = page.locator("#bulk-edits li").first
    expect(first).to_contain_text("3 given back")
    first.get_by_role("link", name="Leads").click()
    expect(page.locator(".ag-row[row-index='0'] .pill")).to_have_text("Given back")


def test_a_card_is_moved_by_keys_and_back_by_the_toast(live: Live, page: Page):
    show(page, f"{live.address}/board", ".kcol[data-stage='new'] .kcard")
    counted = {stage: page.locator(f".kcol[data-stage='{stage}'] [data-count]") for stage in ("new", "attempted")}
    before = {stage: int(found.get_attribute("data-count") or 0) for stage, found in counted.items()}
    card = page.locator(".kcol[data-stage='new'] .kcard").first
    lead = card.get_attribute("data-lead")
    card.locator(".grip").focus()
    page.keyboard.press("Space")
    expect(card).to_have_attribute("data-drag", "1")
    page.keyboard.press("ArrowRight")
    expect(page.locator(".kcol[data-stage='attempted']")).to_have_attribute("data-over", "1")
    page.keyboard.press("Space")
    expect(page.locator(f".kcol[data-stage='attempted'] [data-lead='{lead}']")).to_be_visible()
    expect(counted["new"]).to_have_attribute("data-count", str(before["new"] - 1))
    expect(counted["attempted"]).to_have_attribute("data-count", str(before["attempted"] + 1))
    toast = page.locator("[data-sonner-toast]", has_text="Moved to Attempted")
    toast.get_by_role("button", name="Undo").click()
    expect(page.locator(f".kcol[data-stage='new'] [data-lead='{lead}']")).to_be_visible()
    page.locator("[data-sonner-toast]", has_text="Back in New").wait_for()
    assert asked(live, f"/api/v1/leads/{lead}")["row"]["status"] == "new"


def test_a_follow_up_is_ticked_off_and_opened_again(live: Live, page: Page):
    show(page, f"{live.address}/tasks", "#tasks li")
    task = page.locator("#tasks li").first
    key = task.get_attribute("data-task")
    task.locator(".tick").click()
    toast = page.locator("[data-sonner-toast]", has_text="Task done")
    toast.wait_for()
    expect(page.locator(f"[data-task='{key}']")).to_have_count(0)
    toast.get_by_role("button", name="Undo").click()
    page.locator("[data-sonner-toast]", has_text="Undone").wait_for()
    page.reload()
    expect(page.locator(f"[data-task='{key}']")).to_be_visible()
    page.locator(f"[data-task='{key}']").get_by_role("button", name="+7 d").click()
    expect(page.locator(f"[data-task='{key}']")).to_have_count(0)
    page.get_by_role("link", name=re.compile("Next 7 days|Later")).first.click()
    expect(page.locator(f"[data-task='{key}']")).to_have_count(1)
