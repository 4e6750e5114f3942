"""The import's page as somebody works with it: interrupted, with odd files, and undecided."""

from __future__ import annotations

import io
import zipfile

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.imports.conftest import FIXTURES
from tests.live import Live
from tests.ui.looking import show

pytestmark = pytest.mark.browser

PROBATE = FIXTURES / "probate_court_semicolon.csv"


def _zip_of(*names: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in names:
            archive.write(FIXTURES / name, name)
    return packed.getvalue()


def _drop(live: Live, page: Page, file: FilePayload) -> None:
    show(page, f"{live.address}/imports")
    page.set_input_files("#import-file", file)


def _drop_probate(live: Live, page: Page) -> None:
    _drop(live, page, FilePayload(name="court.csv", mimeType="text/csv", buffer=PROBATE.read_bytes()))
    page.locator("#counts").wait_for()


def test_rules_that_were_typed_outlive_a_template_and_a_visit_elsewhere(live: Live, page: Page) -> None:
    _drop_probate(live, page)
    page.fill("#list_name", "Half done")
    page.select_option("#policy", "fill")
    page.check("#key-phone")
    page.get_by_role("link", name="2 Columns").click()
    page.fill("[name=template]", "Court of the county")
    page.click("#keep-template")
    page.locator("[data-sonner-toast]", has_text="Template kept").wait_for()
    expect(page.locator("#list_name")).to_have_value("Half done")
    address = page.url
    show(page, f"{live.address}/imports")
    show(page, address, "#list_name")
    expect(page.locator("#list_name")).to_have_value("Half done")
    expect(page.locator("#policy")).to_have_value("fill")
    expect(page.locator("#key-phone")).to_be_checked()
    expect(page.locator("#asserted")).not_to_be_checked()


def test_a_consent_is_asserted_by_no_tick_of_an_earlier_visit(live: Live, page: Page) -> None:
    _drop_probate(live, page)
    page.check("#asserted")
    page.fill("#shown_text", "May we text you an offer?")
    page.reload()
    page.locator("#list_name").wait_for()
    show(page, page.url, "#list_name")
    expect(page.locator("#asserted")).not_to_be_checked()
    page.check("#asserted")
    expect(page.locator("#shown_text")).to_have_value("May we text you an offer?")


def test_a_file_without_rows_says_what_to_do_and_cannot_be_run(live: Live, page: Page) -> None:
    _drop(live, page, FilePayload(name="names.csv", mimeType="text/csv", buffer=b"Address,City,State,Zip\n"))
    expect(page.locator(".gridbox")).to_contain_text("say so under 1 File")
    expect(page.locator("#run-import")).to_have_count(0)
    page.get_by_role("link", name="1 File").click()
    expect(page.locator("#read-again")).to_be_visible()


def test_an_archive_of_two_tables_shows_both(live: Live, page: Page) -> None:
    packed = _zip_of("propwire.csv", "xleads_wide.csv")
    _drop(live, page, FilePayload(name="pair.zip", mimeType="application/zip", buffer=packed))
    expect(page.locator("[data-sonner-toast]")).to_contain_text("pair.zip holds 2 tables")
    for name in ("propwire.csv", "xleads_wide.csv"):
        expect(page.locator(".ag-row", has_text=f"pair.zip: {name}")).to_be_visible()
    expect(page).to_have_url(f"{live.address}/imports")


def test_rows_without_a_house_are_told_and_not_counted_as_leads(live: Live, page: Page) -> None:
    _drop_probate(live, page)
    expect(page.locator("#noted-rows")).to_contain_text("14 rows name no property")
    page.click("#run-import")
    expect(page.locator("#import-done")).to_contain_text("No lead came in. 14 rows name no property", timeout=90_000)
    expect(page.locator("#show-leads")).to_have_count(0)


def test_an_import_that_nobody_wants_is_discarded(live: Live, page: Page) -> None:
    _drop_probate(live, page)
    page.click("#discard")
    page.click("#discard-yes")
    expect(page.locator("#import-discarded")).to_contain_text("Nothing of this file was written")
    expect(page.locator("#run-import")).to_have_count(0)
    expect(page.locator("#rejects")).to_have_count(0)
