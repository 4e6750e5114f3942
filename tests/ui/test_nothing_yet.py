"""Before the first lead, each role is told what it can do: who may import is shown the way, nobody else is."""

from __future__ import annotations

import subprocess
from collections.abc import Generator

import pytest
from playwright.sync_api import Browser, expect

from tests.live import LEADFLOW, Live, running_leadflow
from tests.ui.looking import Watch, show, signed_in

pytestmark = pytest.mark.browser

PASSWORD = "violet harbor twelve"  # noqa: S105 of this test alone
LOGINS = {role: {"email": f"{role}@cedar.example", "password": PASSWORD} for role in ("owner", "agent", "auditor")}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Generator[Live]:
    """Run a LeadFlow whose only organisation has members and nothing else."""
    with running_leadflow(tmp_path_factory.mktemp("nothing"), "--empty", "--workers", "1") as live:
        _command(live, "found", "Cedar Homes", "--email", LOGINS["owner"]["email"], "--owner", "Olga")
        for role in ("agent", "auditor"):
            _command(live, "members", "add", LOGINS[role]["email"], "--name", role, "--role", role)
        yield live


def _command(live: Live, *words: str) -> None:
    told = subprocess.run(
        [*LEADFLOW, *words, "--password-stdin"],
        env=live.environment,
        input=PASSWORD + "\n",
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert told.returncode == 0, told.stdout + told.stderr


@pytest.mark.parametrize(("role", "imports"), [("owner", True), ("agent", True), ("auditor", False)])
def test_only_who_may_import_is_shown_the_way_to_it(browser: Browser, empty: Live, role: str, *, imports: bool) -> None:
    context, watch = signed_in(browser, empty.address, LOGINS[role]), Watch(empty.address)
    page = watch.over(context.new_page())
    for path, place in (("/map", ".map-note"), ("/leads", ".grid-over .empty")):
        show(page, empty.address + path, place)
        told = page.locator(place)
        expect(told).to_contain_text("No leads yet")
        expect(told).to_contain_text("Import a vendor's list" if imports else "once a member who may import brings one")
        expect(told.get_by_role("link", name="Import a file")).to_have_count(int(imports))
    context.close()
    assert (watch.complaints, watch.outside) == ([], [])
