"""A person sees how carriers take a campaign, resumes one after a storm, and sees when a provider is left alone."""

from __future__ import annotations

from collections.abc import Generator

import psycopg
import pytest
from playwright.sync_api import Page, expect
from redis import Redis

from leadflow.kernel.circuits import POLICY, Shared
from tests.live import Live
from tests.ui.looking import show

pytestmark = pytest.mark.browser

QUIET = "dncscrub:registries"
NAME = "In bad weather"
WHY = "20 of its last 80 texts were filtered by carriers: at least 17 %, and the limit is 5 %."
STORM = """
insert into campaign (org_id, name, state, basis, stormbound, pause_reason, audience_filter, audience_size, weekdays,
                      per_minute, window_start, window_end, revision, launched_at, sender_number_id, channel)
select org_id, %s, 'paused', basis, true, %s, audience_filter, 0, weekdays, per_minute, window_start, window_end, 1,
       launched_at, sender_number_id, channel
from campaign where launched_at is not null and sender_number_id is not null order by id limit 1 returning id
"""


@pytest.fixture
def storm(live: Live) -> Generator[str]:
    """Leave a campaign that its weather has paused."""
    with psycopg.connect(live.database_url, autocommit=True) as connection:
        row = connection.execute(STORM.encode(), [NAME, WHY]).fetchone()
        assert row is not None
        yield str(row[0])
        connection.execute("delete from campaign where id = %s", [row[0]])


@pytest.fixture
def silence(live: Live) -> Generator[None]:
    """Leave a provider alone that nothing asks here: a carrier would soon be found to live."""
    url = str(live.private["redis_url"])
    Shared(url).tell(QUIET, POLICY, 0, POLICY.last, "")
    yield
    Redis.from_url(url).delete(f"cb:{QUIET}")


def test_a_storm_is_seen_on_today_and_ended_with_a_reason(live: Live, page: Page, storm: str):
    show(page, live.address, f"[data-storm='{NAME}']")
    expect(page.locator(f"[data-storm='{NAME}']")).to_contain_text(WHY)
    page.locator(f"[data-storm='{NAME}'] a").click()
    expect(page.locator("#storm")).to_contain_text(WHY)
    expect(page).to_have_url(f"{live.address}/campaigns/{storm}")
    expect(page.locator("#weather")).to_contain_text("Nothing to tell yet")
    page.click("#resume-campaign")
    page.fill("#resume_why", "The link is out of the text")
    page.click("#resume-yes")
    expect(page.locator("#storm")).to_have_count(0)


def test_a_campaign_shows_its_rates_with_their_bounds(live: Live, page: Page):
    show(page, f"{live.address}/campaigns?state=running", ".camp a.cover")
    page.locator(".camp a.cover").first.click()
    page.locator("#weather [data-by='template']").first.wait_for()
    expect(page.locator("#weather-filtered")).to_contain_text("Paused when all but certainly above 5 %")
    expect(page.locator("#weather [data-by='carrier']").first).to_contain_text("%")


@pytest.mark.usefixtures("silence")
def test_a_provider_that_is_left_alone_is_explained_in_the_settings(live: Live, page: Page):
    show(page, f"{live.address}/settings?part=providers", f"[data-provider='{QUIET}'][data-tone='bad']")
    line = page.locator(f"[data-provider='{QUIET}']")
    expect(line).to_contain_text("Left alone")
    expect(line).to_contain_text("Look-ups wait")
    expect(line).to_contain_text("next try")
