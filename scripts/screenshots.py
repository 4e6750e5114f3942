"""Take a picture of every page of a running LeadFlow, wide and narrow, light and dark, into docs/screenshots.

    python scripts/screenshots.py --address http://127.0.0.1:8300

Signs in as the demonstration's owner. Pages that show one record are opened on the first row of their list. The
browser's clock is set to the server's, which may have been started elsewhere in time (``--clock-start``). Needs
Chromium: Debian's, or the one that ``--chromium`` names; where Pillow is installed, pictures are cut to 256 colours.
"""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

FOLDER = Path(__file__).resolve().parents[1] / "docs" / "screenshots"
SIZES = {"wide": (1440, 900), "narrow": (390, 844)}
SCHEMES = ("light", "dark")
READY = "[data-ready='1']"
SETTLE_MS = 350
"""For fonts, skeletons and slide-ins."""


@dataclass(frozen=True)
class Shot:
    """A picture.

    Attributes:
        name: of the file.
        path: of the page; ``{word}`` stands for an id that ``first`` looks up.
        wait: an element that must be there.
        click: elements to press before the picture.
        then: an element that must be there after that.
    """

    name: str
    path: str
    wait: str = ""
    click: tuple[str, ...] = ()
    then: str = ""


ROWS = ".ag-row:not(.ag-row-loading) .ag-cell"
SHOTS = (
    Shot("today", "/", "#tile-leads"),
    Shot("leads", "/leads", ROWS),
    Shot(
        "leads-filtered",
        "/leads?where=state:is:FL,GA&where=value:at_least:30000000%7Cstack:at_least:3",
        ROWS,
        (".tickbox[aria-label='Select the rows that are loaded']", "#add-filter", "[data-field='list_first']"),
        "#chip-apply",
    ),
    Shot("leads-emptied", "/leads?status=won&where=city:is:Miami&where=added:last:1", ".emptied li"),
    Shot("leads-map", "/leads?map=1&min_equity=60", "[data-map][data-ready='1'][data-busy='0']"),
    Shot("fields", "/settings?part=fields", "#new-field"),
    Shot("board", "/board", ".kcard"),
    Shot("tasks", "/tasks", "#tasks li, .empty"),
    Shot("bulk", "/bulk", "#bulk-edits li, .empty"),
    Shot("lead", "/leads?lead={lead}", ".drawer[data-shown='1'] .facts"),
    Shot("lead-page", "/leads/{lead}", ".lead-page .facts"),
    Shot("lead-history", "/leads/{lead}?tab=history", ".lead-page .facts"),
    Shot("lead-score", "/leads/{lead}?tab=tasks", ".lead-page .facts", (".score summary",), ".score-parts li"),
    Shot("map", "/map", "[data-map][data-ready='1'][data-busy='0']"),
    Shot("map-area", "/map?area=county_48113", "[data-map][data-ready='1'][data-busy='0']"),
    Shot("imports", "/imports", ROWS),
    Shot("import", "/imports/{import}", "#counts"),
    Shot("import-file", "/imports/{import}?part=file", ".imp-reading"),
    Shot("import-columns", "/imports/{import}?part=columns", ".imp-map tbody tr"),
    Shot("duplicates", "/duplicates", "#pairs"),
    Shot("duplicate", "/duplicates?pair={pair}", "#side-by-side"),
    Shot("campaigns", "/campaigns", "#campaigns"),
    Shot("campaign-new", "/campaigns/new?min_equity=60", "#new-campaign-form"),
    Shot("campaign", "/campaigns/{campaign}", ROWS),
    Shot("campaign-weather", "/campaigns/{campaign}", "#weather"),
    Shot("campaign-audience", "/campaigns/{draft}?step=audience", "#size-leads"),
    Shot("campaign-message", "/campaigns/{draft}?step=message", "#preview"),
    Shot("campaign-sending", "/campaigns/{draft}?step=sending", "#per_minute"),
    Shot("campaign-builder", "/campaigns/{draft}?step=simulate", "#simulate", ("#simulate",), "#funnel"),
    Shot("campaign-approval", "/campaigns/{awaiting}?step=approval", "#approve-campaign"),
    Shot("campaign-launch", "/campaigns/{awaiting}?step=launch", "#step-launch"),
    Shot("campaign-snippets", "/campaigns/snippets", "#snippet-name"),
    Shot("inbox-list", "/inbox", ".conv"),
    Shot("inbox", "/inbox?conversation={conversation}", ".thread .msg"),
    Shot("inbox-snooze", "/inbox?conversation={conversation}", ".thread .msg", ("#open-snooze",), "#ask-snooze"),
    Shot("letters", "/letters", "#make-list", ("#make-list",), "[data-state='Ready']"),
    Shot("calls", "/calls", ROWS),
    Shot("inbox-replies", "/inbox/replies", "#replies"),
    Shot("compliance", "/compliance", "#chain"),
    Shot("decisions", "/compliance/decisions", ROWS),
    Shot("receipt", "/compliance/decisions?decision={decision}", "#receipt-sentence"),
    Shot("explain", "/compliance/explain?phone={phone}", "#explanation"),
    Shot("explain-past", "/compliance/explain?phone={refused}&at={refused_at}", "#receipt"),
    Shot("suppressions", "/compliance/suppressions", ROWS),
    Shot("consents", "/compliance/consents", ROWS),
    Shot("removed", "/leads/removed", "#removed-leads, .empty"),
    Shot("lookups", "/compliance/lookups", "#provider"),
    Shot("rules", "/compliance/rules?pack=states", ".t tbody tr"),
    Shot("pack", "/compliance/packs?pack=organization", "#versions tbody tr"),
    Shot("drill", "/compliance/drill", "#standing"),
    Shot("simulator", "/compliance/simulator", "#ask", ("#ask",), "#summary"),
    Shot("registries", "/compliance/registries", "#send-file"),
    Shot("reviews", "/compliance/reviews", "#draw"),
    Shot("retention", "/compliance/retention", "#look"),
    Shot("evidence", "/compliance/evidence", "#evidence-form"),
    Shot("settings", "/settings", "#switch"),
    Shot("assignment", "/settings/assignment", "#rule-form"),
    Shot("members", "/settings?part=members", ".t tbody tr"),
    Shot("numbers", "/settings?part=numbers", ".t tbody tr"),
    Shot("numbers-pool", "/settings?part=numbers", ".t tbody tr", ("#add-pool",), "#pool-form"),
    Shot("numbers-campaign", "/settings?part=numbers", ".t tbody tr", ("#add-campaign",), "#campaign-form"),
    Shot("account", "/settings?part=account", "#second-factor"),
    Shot("keys", "/settings?part=keys", "#new-key"),
    Shot("providers", "/settings?part=providers", "#twilio"),
    Shot("outbox", "/settings?part=outbox", ".empty, #outbox"),
    Shot("audit", "/settings?part=audit", ROWS),
    Shot("palette", "/leads", ROWS, ("#palette-button",)),
    Shot("search", "/search?q=oak", "[data-group]"),
    Shot("focus", "/today/focus", "#focus[data-turn]"),
)


def sign_in(page: Page, address: str, email: str, password: str) -> None:
    """Sign in and wait for the first page."""
    page.goto(f"{address}/login")
    page.fill("#email", email)
    page.fill("#password", password)
    page.click("#sign-in")
    page.locator(READY).wait_for()


def first(page: Page) -> dict[str, str]:
    """Look the ids up that the pictures open: the first row of each list, by the API."""
    found: dict[str, str] = {}
    for word, url, field in (
        ("pair", "/api/v1/duplicates?limit=1", "id"),
        ("lead", "/api/v1/leads?limit=1&sort=stack&dir=desc&has_phone=true", "id"),
        ("import", "/api/v1/imports?limit=1", "id"),
        ("campaign", "/api/v1/campaigns?state=running&limit=1", "id"),
        ("draft", "/api/v1/campaigns?state=draft&limit=10", "id"),
        ("awaiting", "/api/v1/campaigns?state=awaiting_approval&limit=1", "id"),
        ("conversation", "/api/v1/conversations?limit=1", "id"),
        ("decision", "/api/v1/decisions?verdict=blocked&limit=1", "id"),
        ("phone", "/api/v1/decisions?limit=1", "e164"),
        ("refused", "/api/v1/decisions?verdict=blocked&limit=1", "e164"),
        ("refused_at", "/api/v1/decisions?verdict=blocked&limit=1", "at"),
    ):
        answer: Any = page.evaluate("(url) => fetch(url).then((r) => r.ok ? r.json() : {rows: []})", url)
        if answer.get("rows"):
            # The oldest draft has an audience; of all others the newest row is the liveliest.
            row = answer["rows"][-1 if word == "draft" else 0]
            found[word] = str(row[field]).replace("+", "%2B")
    return found


def server_time(page: Page) -> str:
    """Tell the server's time by the newest decision, which a running campaign keeps fresh."""
    answer: Any = page.evaluate("fetch('/api/v1/decisions?limit=1').then((r) => r.json())")
    return answer["rows"][0]["at"]


def shrink(picture: Path) -> None:
    """Cut a picture to 256 colours, which nobody sees in a page and which halves it."""
    if importlib.util.find_spec("PIL"):
        image: Any = importlib.import_module("PIL.Image")
        image.open(picture).convert("RGB").quantize(256, dither=0).save(picture, optimize=True)


def take(context: BrowserContext, address: str, folder: Path, suffix: str, wanted: Sequence[str]) -> Iterator[str]:
    """Take every picture in one window; answer what could not be taken."""
    page = context.new_page()
    page.goto(address)
    page.locator(READY).wait_for()
    ids = first(page)
    page.clock.set_fixed_time(server_time(page))
    for shot in SHOTS:
        if wanted and shot.name not in wanted:
            continue
        try:
            page.goto(address + shot.path.format(**ids))
            page.locator(READY).wait_for()
            if shot.wait:
                page.locator(shot.wait).first.wait_for(timeout=12_000)
            for target in shot.click:
                page.click(target)
            if shot.then:
                page.locator(shot.then).first.wait_for(timeout=12_000)
            page.wait_for_timeout(SETTLE_MS)
        except KeyError as missing:
            yield f"{shot.name}: the database has no {missing}"
            continue
        except Exception as error:  # noqa: BLE001 the picture shows what went wrong; the others are still wanted
            yield f"{shot.name} {suffix}: {str(error).splitlines()[0]}"
        picture = folder / f"{shot.name}-{suffix}.png"
        page.screenshot(path=picture)
        shrink(picture)
    page.close()


def run(browser: Browser, asked: argparse.Namespace) -> list[str]:
    """Take all pictures; answer the complaints."""
    first_visit = browser.new_context()
    page = first_visit.new_page()
    sign_in(page, asked.address, asked.email, asked.password)
    known = first_visit.storage_state()
    complaints: list[str] = []
    for size, (width, height) in SIZES.items():
        for scheme in SCHEMES:
            if asked.only_size not in {"", size} or asked.only_scheme not in {"", scheme}:
                continue
            context = browser.new_context(
                storage_state=known,
                viewport={"width": width, "height": height},
                color_scheme=scheme,
                locale="en-US",
                timezone_id="America/Chicago",
                reduced_motion="reduce",
            )
            complaints += take(context, asked.address, asked.folder, f"{size}-{scheme}", asked.shots)
            context.close()
            if not asked.shots or "login" in asked.shots:
                front(browser, asked, f"{size}-{scheme}")
    return complaints


def front(browser: Browser, asked: argparse.Namespace, suffix: str) -> None:
    """Take a picture of the sign-in page, as a stranger sees it."""
    size, _, scheme = suffix.partition("-")
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if scheme == "dark" else "light",
    )
    page = context.new_page()
    page.goto(f"{asked.address}/login")
    page.locator(".demo-row").first.wait_for()
    page.wait_for_timeout(SETTLE_MS)
    picture = asked.folder / f"login-{suffix}.png"
    page.screenshot(path=picture)
    shrink(picture)
    context.close()


def main() -> int:
    """Read the command line and go."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--address", default="http://127.0.0.1:8300")
    parser.add_argument("--email", default="owner@demo.leadflow.test")
    parser.add_argument("--password", default="orange kettle seven")
    parser.add_argument("--chromium", default="/usr/bin/chromium")
    parser.add_argument("--folder", type=Path, default=FOLDER)
    parser.add_argument("--only-size", choices=["", *SIZES], default="")
    parser.add_argument("--only-scheme", choices=["", *SCHEMES], default="")
    parser.add_argument("shots", nargs="*", help="Names of pictures; all when none is given.")
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=asked.chromium)
        complaints = run(browser, asked)
        browser.close()
    for complaint in complaints:
        sys.stderr.write(complaint + "\n")
    return bool(complaints)


if __name__ == "__main__":
    raise SystemExit(main())
