"""A window of the owner, and its pages watched; modules that need another window make their own."""

from __future__ import annotations

from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.live import Live
from tests.ui.looking import Watch, kept_fresh, signed_in


@pytest.fixture(scope="module")
def window(browser: Browser, live: Live) -> Generator[BrowserContext]:
    """Sign the owner in, once a module."""
    context = signed_in(browser, live.address, live.login("owner"))
    yield context
    context.close()


@pytest.fixture
def watch(live: Live) -> Watch:
    """Note what a page does on its own."""
    return Watch(live.address)


@pytest.fixture
def page(window: BrowserContext, live: Live, watch: Watch) -> Generator[Page]:
    """Open a page; in the end nothing may have been complained about."""
    expect.set_options(timeout=30_000)
    opened = watch.over(kept_fresh(window, live.address).new_page())
    yield opened
    opened.close()
    assert watch.complaints == []
