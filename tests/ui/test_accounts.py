"""What a person does with an account: join, forget a password, set up a second factor, make a key, change house."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Generator
from contextlib import closing
from datetime import datetime

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from pyotp.totp import TOTP

from leadflow.identity.rules import ACCESS
from tests.live import LEADFLOW, Live
from tests.ui.looking import WITHIN_MS, Watch, kept_fresh, show, signed_in

pytestmark = pytest.mark.browser

PASSWORD = "violet anchor meadow nine"  # noqa: S105 of a made person
TOAST = "[data-sonner-toast]"


@pytest.fixture(scope="module")
def owners(browser: Browser, live: Live) -> Generator[BrowserContext]:
    context = signed_in(browser, live.address, live.login("owner"))
    yield context
    context.close()


@pytest.fixture
def owner(owners: BrowserContext, live: Live) -> Generator[Page]:
    expect.set_options(timeout=30_000)
    watch = Watch(live.address)
    page = watch.over(kept_fresh(owners, live.address).new_page())
    yield page
    page.close()
    assert [said for said in watch.complaints if "403" not in said] == []


@pytest.fixture
def stranger(browser: Browser) -> Generator[Page]:
    context = browser.new_context(viewport={"width": 1440, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(WITHIN_MS)
    yield page
    context.close()


def once_more(page: Page, live: Live, role: str = "owner") -> None:
    """Type the password that an act asks for, if it does."""
    dialog = page.locator("#password-dialog[open]")
    toast = page.locator(TOAST)
    dialog.or_(toast).or_(page.locator(".revealed, .qr")).first.wait_for()
    if dialog.is_visible():
        page.fill("#again", live.login(role)["password"])
        page.click("#confirm-password")


def invite(page: Page, live: Live, email: str, role: str = "agent") -> str:
    """Invite somebody and read the link in the outbox, as a developer would."""
    show(page, f"{live.address}/settings?part=members", "#invite")
    page.fill("#invite-email", email)
    page.fill("#invite-name", "Nora New")
    page.select_option("#invite-role", role)
    page.click("#send-invitation")
    page.locator(TOAST, has_text="Invitation sent").first.wait_for()
    return link_to(page, live, email, "join")


def server_time(live: Live) -> datetime:
    """Tell the server's own time, by which codes change: a session's access ends ten minutes after it begins."""
    login = live.login("manager")
    given = {"email": login["email"], "password": login["password"], "tokens": True}
    answer = httpx.post(f"{live.address}/api/v1/auth/login", json=given, headers={"X-LF-Request": "1"}, timeout=30)
    return datetime.fromisoformat(answer.json()["access_until"]) - ACCESS


def link_to(page: Page, live: Live, email: str, door: str) -> str:
    """Read the newest link of a mail in the outbox."""
    show(page, f"{live.address}/settings?part=outbox", "#outbox li")
    letter = page.locator("#outbox li", has_text=email).filter(has=page.locator(f"pre:has-text('/{door}#')")).first
    letter.locator("summary").click()
    found = re.search(rf"\S+/{door}#\S+", letter.locator("pre").inner_text())
    assert found
    return found[0]


def joined(page: Page, link: str) -> None:
    """Accept an invitation with a new password."""
    page.goto(link)
    page.locator("#join").wait_for()
    assert "#" not in page.url
    page.fill("#password", PASSWORD)
    page.click("#join-now")
    page.locator("[data-ready='1']").wait_for()


def test_somebody_is_invited_joins_and_resets_a_forgotten_password(live: Live, owner: Page, stranger: Page):
    email = "nora@new.example"
    joined(stranger, invite(owner, live, email))
    stranger.goto(f"{live.address}/settings?part=account")
    stranger.locator("#second-factor").wait_for()

    stranger.context.clear_cookies()
    stranger.goto(f"{live.address}/login")
    stranger.get_by_text("Forgot your password?").click()
    stranger.locator("#forgot").wait_for()
    stranger.fill("#email", email)
    stranger.click("#ask-link")
    stranger.locator("[role=status]").wait_for()
    stranger.goto(link_to(owner, live, email, "reset"))
    stranger.fill("#password", PASSWORD + " more")
    stranger.click("#set-password")
    stranger.get_by_role("link", name="Sign in").click()
    stranger.fill("#email", email)
    stranger.fill("#password", PASSWORD)
    stranger.click("#sign-in")
    stranger.locator("[role=alert]").wait_for()
    stranger.fill("#password", PASSWORD + " more")
    stranger.click("#sign-in")
    stranger.locator("[data-ready='1']").wait_for()


def test_a_second_factor_is_set_up_asked_for_and_a_recovery_code_stands_in(
    live: Live, owner: Page, stranger: Page, browser: Browser
):
    email = "sam@second.example"
    joined(stranger, invite(owner, live, email))
    stranger.goto(f"{live.address}/settings?part=account")
    stranger.click("#begin-factor")
    stranger.locator("#password-dialog[open], .qr").first.wait_for()
    if stranger.locator("#password-dialog[open]").is_visible():
        stranger.fill("#again", PASSWORD)
        stranger.click("#confirm-password")
    stranger.locator(".qr").wait_for()
    stranger.locator("details summary").click()
    secret = stranger.locator("details code").inner_text()
    stranger.fill("#factor-code", TOTP(secret).at(server_time(live)))
    stranger.click("#confirm-factor")
    codes = stranger.locator(".revealed pre").inner_text().split()
    assert len(codes) == 10
    again = browser.new_context().new_page()
    again.goto(f"{live.address}/login")
    again.fill("#email", email)
    again.fill("#password", PASSWORD)
    again.click("#sign-in")
    again.fill("#code", "000000")
    again.click("#second-step")
    again.locator("[role=alert]").wait_for()
    again.fill("#code", codes[0])
    again.click("#second-step")
    again.locator("[data-ready='1']").wait_for()
    again.context.close()


def test_a_key_is_made_shown_once_used_and_ended(live: Live, owner: Page):
    show(owner, f"{live.address}/settings?part=keys", "#new-key")
    owner.fill("#key-name", "Reporting")
    owner.check("input[name=scopes][value='lead.read']")
    owner.click("#make-key")
    once_more(owner, live)
    key = owner.locator(".revealed pre").inner_text().strip()
    bearer = {"Authorization": f"Bearer {key}"}
    with closing(httpx.Client(base_url=live.address, headers=bearer)) as program:
        assert program.get("/api/v1/leads?limit=1").status_code == 200
        assert program.get("/api/v1/members").status_code == 403
        row = owner.locator("tr", has_text="Reporting")
        row.get_by_role("button", name="End").first.click()
        row.locator("[data-sure]").click()
        owner.locator(TOAST, has_text="Key ended").first.wait_for()
        assert program.get("/api/v1/leads?limit=1").status_code == 401


def test_a_member_is_limited_and_what_was_done_stands_in_the_audit_log(live: Live, owner: Page):
    show(owner, f"{live.address}/settings?part=members", ".t tbody tr")
    row = owner.locator("tr", has_text=live.login("auditor")["email"])
    row.get_by_text("Limits").click()
    owner.locator("#save-limits").wait_for()
    owner.check("input[name=denied][value='decision.read']")
    owner.click("#save-limits")
    owner.locator(TOAST, has_text="Limits kept").first.wait_for()
    with closing(live.client("auditor")) as auditor:
        assert auditor.get("/api/v1/decisions?limit=1").status_code == 403
    owner.uncheck("input[name=denied][value='decision.read']")
    owner.click("#save-limits")
    expect(owner.locator("tr", has_text=live.login("auditor")["email"])).not_to_contain_text("Limited")
    show(owner, f"{live.address}/settings?part=audit&action=member.", ".ag-row[row-index='0'] .ag-cell")
    expect(owner.locator(".ag-row[row-index='0']")).to_contain_text("member.")


def test_who_belongs_to_two_organisations_goes_from_one_to_the_other_and_takes_nothing_along(
    live: Live, stranger: Page
):
    expect.set_options(timeout=30_000)
    agent = next(one for one in live.state["logins"] if one["email"].startswith("agent2@"))
    second = "olga@second-house.example"
    founded = subprocess.run(
        [*LEADFLOW, "found", "Second House", "--email", second, "--owner", "Olga Second", "--password-stdin"],
        input=PASSWORD + "\n",
        env=live.environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert founded.returncode == 0, founded.stderr
    headers = {"Origin": live.address, "X-LF-Request": "1"}
    with closing(httpx.Client(base_url=live.address, headers=headers, timeout=30)) as olga:
        olga.post("/api/v1/auth/login", json={"email": second, "password": PASSWORD}).raise_for_status()
        asked = {"email": agent["email"], "name": "Theo", "role": "manager"}
        olga.post("/api/v1/invitations", json=asked).raise_for_status()
        letter = next(one for one in olga.get("/api/v1/outbox").json() if one["recipient"] == agent["email"])
    link = re.search(r"\S+/join#\S+", letter["body"])
    assert link
    stranger.goto(link[0])
    stranger.locator("#join").wait_for()
    stranger.fill("#password", agent["password"])
    stranger.click("#join-now")
    expect(stranger.locator("#organization")).to_contain_text("Second House")
    show(stranger, f"{live.address}/leads")
    expect(stranger.locator("#leads-count")).to_contain_text("0")
    stranger.click("#user-menu")
    stranger.get_by_text("Go to Cedar").click()
    expect(stranger.locator("#organization")).to_contain_text("Cedar")
    before = [cookie for cookie in stranger.context.cookies() if cookie.get("name", "").endswith("lf_sid")]
    stranger.click("#user-menu")
    stranger.get_by_text("Go to Second House").click()
    expect(stranger.locator("#organization")).to_contain_text("Second House")
    after = [cookie for cookie in stranger.context.cookies() if cookie.get("name", "").endswith("lf_sid")]
    assert before[0].get("value") != after[0].get("value")
