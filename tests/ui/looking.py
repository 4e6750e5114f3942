"""Open a page as a person would and note everything that must not happen."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, expect

READY = ".lf[data-ready='1']"
SERIOUS = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa")
DRAWN = "[data-map][data-ready='1'][data-busy='0']"
"""A map whose ground and marks are there."""
WITHIN_MS = 45_000
"""Machines that test are busy; a page that never comes fails all the same."""


@dataclass
class Watch:
    """What a window did on its own."""

    address: str
    complaints: list[str] = field(default_factory=list)
    outside: list[str] = field(default_factory=list)

    def over(self, page: Page) -> Page:
        """Watch ``page`` from now on."""
        page.set_default_timeout(WITHIN_MS)
        page.on("console", lambda message: self._said(message.type, message.text))
        page.on("pageerror", lambda error: self.complaints.append(f"error: {error}"))
        page.on("request", lambda request: self._asked(request.url))
        return page

    def _said(self, kind: str, text: str) -> None:
        if kind == "error" or "Content Security Policy" in text:
            self.complaints.append(f"{kind}: {text}")

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != urlsplit(self.address).netloc:
            self.outside.append(url)


def signed_in(browser: Browser, address: str, login: dict[str, str], **more: Any) -> BrowserContext:
    """Open a window and sign in through the form."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce", **more)
    page = context.new_page()
    page.set_default_timeout(WITHIN_MS)
    page.goto(f"{address}/login")
    page.fill("#email", login["email"])
    page.fill("#password", login["password"])
    page.click("#sign-in")
    page.locator(READY).wait_for()
    page.close()
    return context


def kept_fresh(context: BrowserContext, address: str) -> BrowserContext:
    """Renew the session of a window that many tests share.

    On a busy machine they take longer than an access token lives; then the page renews it by itself, but the browser
    first complains of the answer that told it to.
    """
    renewed = context.request.post(f"{address}/api/v1/auth/refresh", headers={"Origin": address, "X-LF-Request": "1"})
    assert renewed.ok, renewed.text()
    return context


def show(page: Page, url: str, wait: str = "") -> None:
    """Go to a page and wait until it has its contents."""
    page.goto(url)
    page.locator(READY).wait_for()
    if wait:
        page.locator(wait).first.wait_for()


def closer(page: Page) -> None:
    """Go nearer on a map, into the first crowd, until a lead stands alone."""
    page.locator(DRAWN).wait_for()
    while not page.locator(".map-canvas .mark.one").count():
        before = page.locator("[data-map]").get_attribute("data-shift") or ""
        page.locator(".map-canvas .mark.heap").first.evaluate("(mark) => mark.click()")
        expect(page.locator("[data-map]")).not_to_have_attribute("data-shift", before)
        page.locator(DRAWN).wait_for()


def settled(page: Page) -> None:
    """Wait until nothing on the page moves or changes its color, and what changed is drawn."""
    page.evaluate(
        """async () => {
            const drawn = () => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
            await drawn();
            const ends = (one) => one.effect?.getComputedTiming().endTime !== Infinity;
            await Promise.allSettled(document.getAnimations().filter(ends).map((one) => one.finished));
            await drawn();
        }"""
    )


def barriers(page: Page) -> list[str]:
    """Name what stands in the way of people who see, hear or move differently (WCAG A and AA)."""
    found = Axe().run(page, options={"runOnly": list(SERIOUS), "resultTypes": ["violations"]})
    return [
        f"{one['id']}: {node['html'][:140]} ({node.get('failureSummary', '')[:160]})"
        for one in found.response["violations"]
        for node in one["nodes"][:3]
    ]


def standing_barriers(page: Page) -> list[str]:
    """Name the barriers that stay: right after a change of colours a busy browser still shows some of the old ones."""
    found = barriers(page)
    for _ in range(5):
        if not found:
            break
        page.wait_for_timeout(600)
        found = barriers(page)
    return found


def wider_than_window(page: Page) -> str:
    """Name the first element that makes the page scroll sideways and stays; a busy server loses a socket at times."""
    found = _widest(page)
    for _ in range(5):
        if not found:
            break
        page.wait_for_timeout(600)
        found = _widest(page)
    return found


def _widest(page: Page) -> str:
    return page.evaluate(
        """() => document.scrollingElement.scrollWidth <= innerWidth ? "" :
        ([...document.querySelectorAll("body *")].find((e) => e.getBoundingClientRect().right > innerWidth + 1)
        ?.outerHTML || "?").slice(0, 200)"""
    )
