"""The main job as people do it: every step in a real browser, on the real layout of a vendor's file."""

from __future__ import annotations

import re
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from leadflow.kernel.phone import display
from tests.journeys.story import (
    CONSENT,
    FILE,
    TEMPLATE,
    VERDICTS,
    accepted_by_carrier,
    rows,
    texts,
)
from tests.live import Live
from tests.ui.looking import Watch, show, signed_in

pytestmark = pytest.mark.browser

LIST, CAMPAIGN = "Journey in the browser", "Journey in the browser"
ROW = ".ag-row:not(.ag-row-loading)"
SLOW_MS = 90_000
"""What workers and the carrier take on a busy machine."""
UNDER_WAY = re.compile(r"Claimed|Submitting|Accepted|Sent|Unknown|Being written")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Copy the vendor's file with other houses and numbers: the API's journey takes its own into the same LeadFlow."""
    text = FILE.read_bytes().decode("utf-8-sig")
    text = re.sub(r"555(\D?)010(\d)", r"555\g<1>016\2", text)
    text = re.sub(r"(?m)^([1-9]\d*) ", r"3\1 ", text).replace("0 Hawthorne", "0 Hemlock")
    text = re.sub(r",(\d{3})-(\d{2})-(\d{3}),", r",\1-\2-9\3,", text)
    copied = tmp_path / FILE.name
    copied.write_bytes(text.encode("utf-8-sig"))
    return copied


@pytest.fixture
def watch(live: Live) -> Watch:
    return Watch(live.address)


@pytest.fixture
def windows(browser: Browser, live: Live) -> Generator[dict[str, BrowserContext]]:
    expect.set_options(timeout=45_000)
    opened = {role: signed_in(browser, live.address, live.login(role)) for role in ("manager", "owner")}
    yield opened
    for window in opened.values():
        window.close()


def test_from_a_vendor_file_to_a_provably_lawful_text(
    live: Live, windows: dict[str, BrowserContext], watch: Watch, file: Path
) -> None:
    manager, owner = (watch.over(windows[role].new_page()) for role in ("manager", "owner"))
    _ask_for_a_second_person(live, owner)
    _import(live, manager, file)
    _look_at_leads(live, manager)
    ours = _build(manager)
    _simulate_and_submit(manager)
    _approve(owner, manager.url)
    _launch(manager)
    texted = _sent(live, manager)
    _stop(live, manager, ours, texted[0])
    _prove(live, owner, texted)
    assert (watch.complaints, watch.outside) == ([], [])


def _ask_for_a_second_person(live: Live, owner: Page) -> None:
    show(owner, f"{live.address}/settings", "#approval_threshold")
    owner.fill("#approval_threshold", "5")
    owner.click("#save-settings")
    owner.locator("[data-sonner-toast]").first.wait_for()
    show(owner, f"{live.address}/settings", "#approval_threshold")
    expect(owner.locator("#approval_threshold")).to_have_value("5")


def _number(place: Locator) -> int:
    return int(re.sub(r"\D", "", place.inner_text()) or 0)


def _import(live: Live, page: Page, file: Path) -> None:
    show(page, f"{live.address}/imports")
    page.set_input_files("#import-file", file)
    page.locator("#counts").wait_for()
    expect(page.locator("#layout")).to_contain_text("PropStream property export")
    _counts_add_up(page)
    page.fill("#list_name", LIST)
    page.check("#asserted")
    page.select_option("#basis", CONSENT["basis"])
    page.fill("#shown_text", CONSENT["shown_text"])
    page.fill("#given_on", CONSENT["given_on"])
    page.fill("#proof", CONSENT["source"])
    page.click("#run-import")
    # A consent changes what may become of a row: the file is checked again, and the user looks again.
    page.locator("#checked-again").wait_for()
    expect(page.locator("#list_name")).to_have_value(LIST)
    _counts_add_up(page)
    page.click("#run-import")
    page.locator("#import-progress progress").wait_for()
    page.locator("#import-done").wait_for(timeout=SLOW_MS)


def _counts_add_up(page: Page) -> None:
    tiles = page.locator("#counts .tile")
    expect(page.locator("#sum")).to_contain_text("= 28 rows of the file")
    told = {tile.get_attribute("data-verdict"): _number(tile.locator("b")) for tile in tiles.all()}
    assert told == {verdict: count for verdict, count in VERDICTS.items() if verdict in told}
    assert sum(told.values()) == sum(VERDICTS.values()) == 28


def _look_at_leads(live: Live, page: Page) -> None:
    show(page, f"{live.address}/leads", f"{ROW} .pill")
    choice = page.locator("#filter-list option", has_text=LIST)
    choice.wait_for(state="attached")
    page.select_option("#filter-list", choice.get_attribute("value"))
    expect(page.locator("#leads-count")).to_have_text("23 leads")
    page.locator(".ag-header-cell[col-id='street']").click()
    expect(page.locator(".ag-header-cell[col-id='street']")).to_have_attribute("aria-sort", "ascending")
    expect(page.locator(f"{ROW}[row-index='0'] b")).to_contain_text("0 Hemlock Dr")
    page.locator(f"{ROW} [data-verdict='sendable']").first.wait_for()
    blocked = page.locator(f"{ROW} [data-verdict='blocked']")
    expect(blocked.filter(has_text="A list vendor marks the number do-not-call.").first).to_be_visible()
    expect(blocked.filter(has_text="The number belongs to a known litigator.").first).to_be_visible()
    page.locator(ROW).filter(has=page.locator("[data-verdict='sendable']")).first.locator("[data-verdict]").click()
    expect(page.locator(".drawer[data-shown='1'] #contact-now")).to_have_attribute("data-verdict", "sendable")
    expect(page.locator(".drawer .commonest")).to_contain_text(re.compile(rf"{FILE.name}.*row \d", re.DOTALL))
    page.locator(".drawer .close").click()
    expect(page.locator(".drawer")).to_have_count(0)


def _build(page: Page) -> str:
    page.click("#campaign-from-filter")
    page.locator("#new-campaign-form", has_text="23 leads").wait_for()
    page.fill("#name", CAMPAIGN)
    page.click("#begin-campaign")
    expect(page.locator("#size-leads b")).to_have_text("23")
    page.click("#to-basis")
    page.check("#basis-written_consent")
    page.click("#to-message")
    page.fill("#template", TEMPLATE)
    expect(page.locator("#preview")).to_contain_text("would you sell")
    page.locator("#template").blur()
    page.click("#to-sending")
    number = page.locator("#sender_number_id option", has_text=re.compile(r"\d{4}$")).first
    number.wait_for(state="attached")
    page.select_option("#sender_number_id", number.get_attribute("value"))
    for name, value in (("per_minute", "600"), ("window_start", "08:00"), ("window_end", "21:00")):
        page.fill(f"#{name}", value)
        page.locator(f"#{name}").blur()
    facts = page.locator(".builder-sum")
    expect(facts).to_contain_text("600 a minute")
    expect(facts).to_contain_text("8:00 AM to 9:00 PM")
    for day in page.locator("[data-day][aria-pressed='false']").all():
        day.click()
    expect(page.locator("[data-day][aria-pressed='true']")).to_have_count(7)
    expect(facts).to_contain_text("Complete")
    return "+1" + re.sub(r"\D", "", number.inner_text())[-10:]


def _simulate_and_submit(page: Page) -> None:
    page.click("#to-simulate")
    page.click("#simulate")
    bars = page.locator("#funnel .f")
    expect(bars.first).to_have_attribute("data-count", "23")
    parts = [_number(page.locator(f"#sim-{name} b")) for name in ("sendable", "later", "blocked")]
    assert sum(parts) == 23
    assert parts[0] > 0
    reasons = {bar.get_attribute("data-reason") for bar in bars.all()}
    assert {"vendor_dnc", "litigator", "sendable"} <= reasons
    bars.and_(page.locator("[data-reason='vendor_dnc']")).click()
    page.locator("#people .ag-row .pill").first.wait_for()
    page.click("#to-approval")
    page.click("#submit-campaign")
    page.get_by_text("Ask a manager or an owner to approve it.").wait_for()
    expect(page.locator("#approve-campaign")).to_have_count(0)
    expect(page.locator("#launch-campaign")).to_have_count(0)


def _approve(owner: Page, address: str) -> None:
    show(owner, address, "#approve-campaign")
    owner.fill("#note", "Read the text, looked at the funnel")
    owner.click("#approve-campaign")
    owner.get_by_role("heading", name="Approvals").wait_for()


def _launch(page: Page) -> None:
    page.reload()
    page.click("#step-launch")
    page.fill("#launch-name", "another name")
    page.click("#launch-campaign")
    page.locator("[role=alert]").first.wait_for()
    page.fill("#launch-name", CAMPAIGN)
    page.click("#launch-campaign")
    expect(page.locator("#course-audience b")).to_have_text("23")


def _sent(live: Live, page: Page) -> list[str]:
    """Wait until everybody is in a final state, or waits for an hour that the law allows."""
    chips = page.locator("#course ~ .cols .chip")
    settled = page.locator("#course").locator("xpath=following-sibling::*").locator(".chip", has_text=UNDER_WAY)
    page.locator("#course-delivered b").filter(has_text=re.compile(r"[1-9]")).wait_for(timeout=SLOW_MS)
    expect(settled).to_have_count(0, timeout=SLOW_MS)
    assert sum(int(chip.get_attribute("data-count") or 0) for chip in chips.all()) == 23
    with closing(live.client("manager")) as client:
        recipients = rows(client, f"/api/v1/campaigns/{page.url.split('/')[-1].partition('?')[0]}/recipients")
    texted = accepted_by_carrier(live, {one["message_id"] for one in recipients if one["message_id"]})
    assert len(texted) == len(set(texted)) > 0
    return texted


def _stop(live: Live, page: Page, ours: str, person: str) -> None:
    texts(live, person, ours, "STOP")
    show(page, f"{live.address}/inbox?folder=opt_outs&q={person[2:]}", ".conv")
    page.locator(".conv").first.click()
    expect(page.locator(".talk > header")).to_contain_text(display(person))
    page.locator(".thread .msg:not(.out)", has_text="STOP").wait_for()
    expect(page.locator("#window")).to_have_attribute("data-verdict", "blocked")
    expect(page.locator("#reply")).to_have_count(0)
    page.get_by_role("link", name="Open the lead").click()
    line = page.locator(".drawer[data-shown='1'] .ph-row", has_text=display(person)).first
    expect(line.locator("[data-verdict]")).to_have_attribute("data-verdict", "blocked")
    expect(line).to_contain_text("The person has opted out.")


def _prove(live: Live, owner: Page, texted: list[str]) -> None:
    show(owner, f"{live.address}/compliance/decisions?phone={texted[0][2:]}", f"{ROW} .pill")
    sendable = owner.locator(ROW, has_text="Sendable").first
    sendable.locator(".pill").click()
    receipt = owner.locator(".drawer[data-shown='1'] #receipt-sentence")
    expect(receipt).to_have_attribute("data-verdict", "sendable")
    show(owner, f"{live.address}/compliance/decisions?verdict=blocked&rule=litigator", f"{ROW} .pill")
    owner.locator(f"{ROW}[row-index='0'] .pill").first.click()
    expect(receipt).to_have_attribute("data-verdict", "blocked")
    owner.locator(".drawer .rule[data-outcome='fail']").first.wait_for()
    owner.goto(f"{live.address}/compliance/explain")
    owner.fill("#phone", texted[0])
    owner.click("#explain")
    expect(owner.locator("#explanation")).to_have_attribute("data-verdict", "blocked")
    show(owner, f"{live.address}/compliance", "#verify")
    owner.click("#verify")
    expect(owner.locator("#chain")).to_have_attribute("data-whole", "1")
