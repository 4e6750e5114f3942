"""What a person does: work a lead, take a file in, answer, suppress and release, ask why, stop everything."""

from __future__ import annotations

import re
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.live import Live
from tests.ui.looking import show

pytestmark = pytest.mark.browser

FILE = Path(__file__).parents[1] / "fixtures" / "propstream_property.csv"
SHEET = FILE.with_name("handkept_list.xlsx")
FIRST_ROW = ".ag-row[row-index='0'] .pill"


def test_a_filter_lives_in_the_address_and_finds_the_same_leads_after_a_reload(live: Live, page: Page):
    show(page, f"{live.address}/leads", FIRST_ROW)
    page.select_option("#filter-status", "interested")
    expect(page).to_have_url(re.compile(r"status=interested"))
    count = page.locator("#leads-count")
    expect(count).not_to_have_attribute("data-n", "")
    page.wait_for_timeout(1_500)
    found = count.get_attribute("data-n")
    page.reload()
    page.locator(FIRST_ROW).first.wait_for()
    expect(count).to_have_attribute("data-n", found or "")
    assert page.locator("#campaign-from-filter").get_attribute("href") == "/campaigns/new?status=interested"


def test_a_lead_is_worked_in_the_drawer_by_mouse_and_keys(live: Live, page: Page):
    show(page, f"{live.address}/leads", FIRST_ROW)
    page.locator(FIRST_ROW).first.click()
    drawer = page.locator(".drawer[data-shown='1']")
    drawer.wait_for()
    first = page.url
    page.fill("#task-title", "Ask about the roof")
    page.click("#add-task")
    task = page.locator(".tasks li", has_text="Ask about the roof")
    task.wait_for()
    task.locator(".tick").click()
    expect(task).to_have_attribute("data-done", "1")
    task.get_by_text("Undo").click()
    expect(task).to_have_attribute("data-done", "0")
    page.fill("#note", "Roof is from 2019")
    page.click("#add-note")
    page.locator(".feed li", has_text="Roof is from 2019").wait_for()
    page.select_option("#lead-status", "contacted")
    expect(page.locator(".feed")).to_contain_text("ontacted")
    page.locator(".drawer h2").click()
    page.keyboard.press("j")
    expect(page).not_to_have_url(first)
    page.locator(".drawer[data-shown='1']").wait_for()
    page.keyboard.press("Escape")
    expect(page.locator(".drawer")).to_have_count(0)


def test_a_file_is_recognised_explained_and_written(live: Live, page: Page):
    show(page, f"{live.address}/imports")
    page.set_input_files("#import-file", FILE)
    page.locator("#counts").wait_for()
    expect(page.locator("#layout")).to_contain_text("PropStream property export")
    expect(page.locator("#sum")).to_contain_text("= 28 rows of the file")
    page.get_by_role("navigation", name="Verdict").get_by_text("Reject").click()
    expect(page.locator(".ag-row[row-index='0'] .pill").first).to_contain_text("Reject")
    with page.expect_download() as download:
        page.click("#rejects")
    assert "Reason" in download.value.path().read_text().splitlines()[0]
    page.fill("#list_name", "From the test")
    page.click("#run-import")
    page.locator("#import-done").wait_for(timeout=90_000)
    page.click("#show-leads")
    page.locator(FIRST_ROW).first.wait_for()
    expect(page.locator("#leads-count")).to_have_attribute("data-n", re.compile(r"^\d+$"))


def test_a_column_can_be_mapped_by_hand_and_the_file_is_checked_again(live: Live, page: Page, tmp_path: Path):
    plain = tmp_path / "plain.csv"
    plain.write_text("Where,Town,ST,Postal,Remark\n12 Elm St,Dallas,TX,75201,blue door\n,,,,\n")
    show(page, f"{live.address}/imports")
    page.set_input_files("#import-file", plain)
    page.locator("#layout", has_text="Map the columns by hand").wait_for()
    page.get_by_role("link", name="Columns").click()
    for header, field in (("Where", "street"), ("Town", "city"), ("ST", "state"), ("Postal", "zip")):
        choice = page.get_by_label(f"Field for {header}", exact=True)
        choice.focus()
        choice.select_option(field)
        expect(choice).to_have_value(field)
    page.click("#apply-mapping")
    expect(page.locator("#sum")).to_contain_text("1 new")
    expect(page.locator("#run-import")).to_be_enabled()


def test_a_workbook_is_read_mapped_by_a_template_run_and_taken_back(live: Live, page: Page):
    show(page, f"{live.address}/imports")
    page.set_input_files("#import-file", SHEET)
    page.locator("#sum", has_text="= 17 rows of the file").wait_for()
    page.get_by_role("link", name="1 File").click()
    expect(page.locator("#sheet")).to_have_value("Leads")
    expect(page.locator("#header_row")).to_have_value("4")
    page.get_by_role("link", name="Columns").click()
    page.fill("#template", "Driving list")
    page.click("#keep-template")
    expect(page.locator("#use_template")).to_contain_text("Driving list")
    page.click("#run-import")
    page.locator("#import-done").wait_for(timeout=90_000)
    page.click("#undo")
    expect(page.get_by_role("alertdialog")).to_contain_text("11 leads would be removed")
    page.click("#undo-yes")
    expect(page.locator("#import-undone")).to_contain_text("11 leads", timeout=90_000)


def test_a_number_is_suppressed_and_explained_and_its_release_waits_for_somebody_else(live: Live, page: Page):
    show(page, f"{live.address}/compliance/suppressions?add=1", "#suppress")
    page.fill("#number", "(206) 555-0142")
    page.fill("#why", "Asked on the phone")
    page.click("#suppress")
    expect(page.locator(".drawer")).to_have_count(0)
    page.goto(f"{live.address}/compliance/explain?phone=2065550142")
    expect(page.locator("#explanation")).to_have_attribute("data-verdict", "blocked")
    expect(page.locator(".rule[data-outcome='fail']").first).to_contain_text("our own do-not-call list")
    page.goto(f"{live.address}/compliance/suppressions?phone=2065550142")
    page.locator(FIRST_ROW).first.click()
    page.fill("#release-why", "The person called again and asked for an offer")
    page.fill("#release-evidence", "Call of 2 December, 14:10")
    page.click("#ask-release")
    waiting = page.locator("#releases tbody tr").filter(has_text="(206) 555-0142")
    expect(waiting.get_by_role("button", name="Take back")).to_be_visible()
    expect(waiting.get_by_role("button", name="Grant")).to_have_count(0)


def test_a_written_consent_is_recorded_with_its_document_and_revoked(live: Live, page: Page):
    show(page, f"{live.address}/compliance/consents?add=1", "#record-consent")
    page.fill("#number", "(206) 555-0144")
    page.select_option("#basis", "written_consent")
    page.fill("#shown_text", "Text me about my house.")
    page.fill("#source", "Paper form at the fair")
    page.fill("#given_at", "2026-12-01T10:00")
    page.click("#record-consent")
    expect(page.get_by_text("A written consent needs the document that shows it").first).to_be_visible()
    form: FilePayload = {"name": "form.pdf", "mimeType": "application/pdf", "buffer": b"%PDF-1.7 signed by Ann Oak"}
    page.set_input_files("#artefact_sha256", form)
    expect(page.locator(".enclosure [role=status]")).to_contain_text("form.pdf")
    page.click("#record-consent")
    expect(page.locator(".drawer")).to_have_count(0)
    page.goto(f"{live.address}/compliance/consents?phone=2065550144")
    page.locator(FIRST_ROW).first.click()
    with page.expect_download() as download:
        page.click("#artefact")
    assert download.value.suggested_filename == "form.pdf"
    page.fill("#revoke-why", "She called on 2 December")
    page.click("#revoke-consent")
    expect(page.locator(".drawer dl")).to_contain_text("Revoked")


def test_an_owner_grants_what_somebody_else_asked_for(live: Live, page: Page):
    with closing(live.client("manager")) as manager:
        given = {"kind": "internal_dnc", "phone": "(206) 555-0143"}
        made = manager.post("/api/v1/suppressions", json=given).raise_for_status().json()["ids"][0]
        asked = {"why": "The wrong line of a list", "evidence": "The list, row 12"}
        manager.post(f"/api/v1/suppressions/{made}/releases", json=asked).raise_for_status()
    page.goto(f"{live.address}/compliance/suppressions?phone=2065550143")
    waiting = page.locator("#releases tbody tr").filter(has_text="(206) 555-0143")
    waiting.get_by_role("button", name="Grant").click()
    page.locator("dialog[open] [data-sure]").click()
    expect(waiting).to_have_count(0)
    page.get_by_text("Nothing matches these filters").wait_for()


def test_a_past_refusal_is_told_by_its_receipt_with_the_state_as_it_was(live: Live, page: Page):
    show(page, f"{live.address}/compliance/decisions", ".ag-row[row-index='0']")
    found: Any = page.evaluate("fetch('/api/v1/decisions?verdict=blocked&limit=1').then((r) => r.json())")
    row = found["rows"][0]
    query = urlencode({"phone": row["e164"], "at": row["at"]})
    show(page, f"{live.address}/compliance/explain?{query}", "#explanation")
    expect(page.locator("#explanation")).to_have_attribute("data-verdict", "blocked")
    expect(page.locator("#explanation")).to_contain_text("A text was refused at")
    expect(page.locator("#rests-on")).to_have_attribute("data-source", "receipt")
    expect(page.locator("#receipt")).to_contain_text(row["digest"])
    expect(page.locator("#changes")).to_contain_text("changed since")
    expect(page.locator("#state tr[data-fact='line_type']")).to_have_count(1)
    page.get_by_role("link", name="Open with its proof").click()
    expect(page.locator("#receipt-sentence")).to_have_attribute("data-verdict", "blocked")


def test_a_wrong_number_in_a_form_is_told_at_the_field(live: Live, page: Page):
    show(page, f"{live.address}/compliance/suppressions?add=1", "#suppress")
    page.fill("#number", "12")
    page.fill("#why", "A test")
    page.click("#suppress")
    expect(page.locator(".drawer .err")).to_be_visible()


def test_the_record_is_verified_from_the_page(live: Live, page: Page):
    show(page, f"{live.address}/compliance", "#verify")
    page.click("#verify")
    expect(page.locator("#chain")).to_have_attribute("data-whole", "1")


def test_a_conversation_is_answered_and_settled_with_one_key(live: Live, page: Page):
    show(page, f"{live.address}/inbox?folder=interested", ".conv")
    page.locator(".conv").first.click()
    page.locator(".thread .msg").first.wait_for()
    page.locator("#window").wait_for()
    page.keyboard.press("r")
    expect(page.locator("#reply")).to_be_focused()
    page.keyboard.type("Thank you. When may I call?")
    expect(page.locator(".composer .count")).to_have_attribute("data-segments", "1")
    page.click("#send-reply")
    page.locator(".msg.out", has_text="When may I call?").wait_for()
    expect(page.locator("#reply")).to_have_value("")
    page.locator(".talk h2").click()
    page.keyboard.press("q")
    expect(page.locator("#outcome")).to_contain_text("Qualified")


def test_everybody_sees_that_sending_is_paused_and_it_can_be_resumed(live: Live, page: Page):
    show(page, f"{live.address}/settings", "#pause-sending")
    page.click("#pause-sending")
    page.locator("[role=dialog] #why").fill("Carrier trouble")
    page.click("#confirm-pause")
    expect(page.locator("#sending-state")).to_have_attribute("data-on", "0")
    expect(page.locator("#switch")).to_contain_text("Carrier trouble")
    page.click("#resume-sending")
    page.click("#confirm-resume")
    expect(page.locator("#sending-state")).to_have_attribute("data-on", "1")


def test_keys_lead_everywhere_and_the_palette_finds_a_lead(live: Live, page: Page):
    show(page, live.address, "#tile-leads")
    page.keyboard.press("?")
    expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("g")
    page.keyboard.press("l")
    page.locator(FIRST_ROW).first.wait_for()
    street = page.locator(".ag-row[row-index='0'] b").first.inner_text()
    page.keyboard.press("Control+k")
    page.fill("[cmdk-input]", street)
    page.locator("[cmdk-item][data-value^='lead ']", has_text=street).first.click()
    page.locator(".drawer[data-shown='1']", has_text=street).wait_for()


def test_an_opened_lead_keeps_the_filter_that_was_chosen_before(live: Live, page: Page):
    show(page, f"{live.address}/leads", FIRST_ROW)
    page.select_option("#filter-status", "interested")
    expect(page).to_have_url(re.compile(r"status=interested"))
    page.locator(FIRST_ROW).first.click()
    expect(page).to_have_url(re.compile(r"status=interested&lead="))
    page.locator(".drawer[data-shown='1'] .close").click()
    expect(page).to_have_url(re.compile(r"status=interested$"))


def test_look_ups_are_priced_bought_and_listed(live: Live, page: Page):
    show(page, f"{live.address}/compliance", "#chain")
    page.click("#scrub-freshness")
    page.locator("#scrub-form").wait_for()
    page.fill("input[name='renew_days']", "30")
    page.click("#quote")
    page.locator("#quote-card").wait_for()
    expect(page.locator("#quote-card")).to_contain_text("To buy")
    page.click("#start-scrub")
    row = page.locator("#past-runs tr[data-run]").first
    expect(row).to_have_attribute("data-state", "done", timeout=60_000)
    expect(row).to_contain_text("answered")
    fresh = page.locator("section[data-service='dnc'] .tile[data-tone='ok'] b")
    expect(fresh).not_to_have_text("0")
    page.click("#quote")
    expect(page.locator("#quote-card")).to_contain_text("Fresh already")
