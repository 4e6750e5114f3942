"""Removing, restoring, claiming and giving out, by hand in the browser."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from tests.live import Live
from tests.ui.looking import show

pytestmark = pytest.mark.browser

FIRST_ROW = ".ag-row[row-index='0'] .pill >> nth=0"
OPEN = ".drawer[data-shown='1']"


def test_a_lead_is_removed_with_a_reason_and_restored_from_where_it_waits(live: Live, page: Page):
    show(page, f"{live.address}/leads", FIRST_ROW)
    before = page.locator("#leads-count").get_attribute("data-n")
    page.locator(FIRST_ROW).click()
    drawer = page.locator(OPEN)
    street = drawer.locator("h2").first.inner_text()
    drawer.locator("#removal summary").click()
    drawer.get_by_label("Why it is removed").fill("sold last year")
    drawer.locator("#remove-lead").click()
    expect(page.locator(OPEN)).to_have_count(0)
    expect(page.locator("#leads-count")).not_to_have_attribute("data-n", before or "")
    show(page, f"{live.address}/leads/removed", "#removed-leads li")
    gone = page.locator("#removed-leads li", has_text=street)
    expect(gone).to_contain_text("sold last year")
    gone.get_by_role("link", name="Erase").click()
    expect(page.locator("#erase-preview")).to_contain_text("keyed hash")
    expect(page.locator("#erase-blocked")).to_contain_text("can only be restored until")
    page.locator("#erase-preview").get_by_role("link", name="Back").click()
    expect(page.locator("#erase-preview")).to_have_count(0)
    gone.get_by_role("button", name="Restore").click()
    expect(page.locator("#removed-leads li", has_text=street)).to_have_count(0)
    show(page, f"{live.address}/leads", FIRST_ROW)
    expect(page.locator("#leads-count")).to_have_attribute("data-n", before or "")


def test_a_rule_is_made_changed_and_put_back_and_a_member_is_away(live: Live, page: Page):
    show(page, f"{live.address}/settings/assignment", "#rule-form")
    page.fill("#rule-form [name='name']", "Browser rule")
    page.click("#make-rule")
    expect(page.locator("#rule-form [role=alert]")).to_contain_text("at least one member")
    page.locator("#rule-form [name='members']").first.check()
    page.click("#make-rule")
    rule = page.locator("[data-rule='Browser rule']")
    expect(rule).to_contain_text("Next:")
    rule.get_by_role("button", name=re.compile("Change")).press("Enter")
    form = page.get_by_role("form", name="Change the rule Browser rule")
    form.get_by_label("Only in the county").fill("Cook")
    page.keyboard.press("Enter")
    expect(rule).to_contain_text("in Cook County")
    page.get_by_role("button", name="Undo").first.click()
    expect(rule).to_contain_text("All new leads")
    rule.get_by_role("button", name=re.compile("Turn .* off")).click()
    expect(rule).to_have_attribute("data-active", "0")
    row = page.locator("tr[data-member]").first
    row.get_by_role("combobox").select_option("3")
    expect(row).to_contain_text("away until")
    expect(rule).to_contain_text("Nobody is here")
    row.get_by_role("combobox").select_option("0")
    expect(row).to_contain_text("here")
    rule.get_by_role("button", name=re.compile("Delete")).click()
    page.locator("[data-sure]").click()
    expect(rule).to_have_count(0)
