"""Two funnels side by side: who fares otherwise at another instant, and what the list shows."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadflow.campaigns import service as campaigns
from leadflow.campaigns.types import Supposed, Target
from leadflow.compliance.service import Scenario
from leadflow.kernel.errors import Invalid
from models.vocabulary import Verdict
from tests.campaigns.conftest import Office


def _suppose(office: Office, target: Target, scenario: Scenario | None = None, **more: str | None) -> Supposed:
    with office.db.begin(office.org) as uow:
        return campaigns.suppose(uow, office.manager, target, scenario or Scenario(), **more)  # pyright: ignore[reportArgumentType] words


def test_both_funnels_add_up_to_the_audience_and_to_the_campaigns_own(office: Office):
    office.people(3)
    with office.db.begin(office.org) as uow:
        office.landline(uow)
        office.without_number(uow)
    campaign_id = office.draft("Spring")
    found = _suppose(office, Target(campaign_id=campaign_id))
    with office.db.begin(office.org) as uow:
        own = campaigns.simulate(uow, office.manager, campaign_id)
    assert found.before.as_json() == found.after.as_json() == own.as_json()
    assert found.changes == {"blocked": 0, "freed": 0, "moved": 0, "same": 5}
    for side in (found.before, found.after):
        assert side.audience == 5 == side.sendable + side.later + sum(bar.count for bar in side.excluded)


def test_at_night_those_who_may_go_now_wait(office: Office):
    office.people(3)
    night = office.db.clock.now().replace(hour=9, minute=0) + timedelta(days=1)
    found = _suppose(office, Target(filter={}), Scenario(at=night))
    assert (found.before.sendable, found.after.later) == (3, 3)
    assert (found.changes["blocked"], found.by_rule) == (3, {"quiet_hours": 3})
    assert len(found.by_hour) == 168
    assert max(count for _, count in found.by_hour) == 3
    assert found.by_hour[0][1] == 0
    assert [(row.before, row.after, row.change) for row in found.rows] == [
        (Verdict.SENDABLE, Verdict.LATER, "blocked")
    ] * 3


def test_the_list_holds_those_behind_one_bar(office: Office):
    office.people(2)
    with office.db.begin(office.org) as uow:
        office.landline(uow)
    found = _suppose(office, Target(filter={}), reason="line_textable")
    assert (found.listed, len(found.rows)) == (1, 1)
    assert found.rows[0].after is Verdict.BLOCKED
    assert _suppose(office, Target(filter={}), reason="sendable").listed == 2
    assert _suppose(office, Target(filter={}), change="freed").listed == 0


def test_an_agent_sees_the_numbers_and_the_names_of_his_own_leads_only(office: Office):
    office.people(2)
    with office.db.begin(office.org) as uow:
        found = campaigns.suppose(uow, office.agent, Target(filter={}), Scenario())
    assert found.after.audience == 2
    assert found.rows == ()


def test_one_number_is_an_audience_too(office: Office):
    found = _suppose(office, Target(phone="+12065550142"))
    assert found.after.audience == 1
    assert found.after.sendable == 0


@pytest.mark.parametrize("target", [Target(), Target(phone="+12065550142", filter={})])
def test_exactly_one_audience_is_asked_about(office: Office, target: Target):
    with pytest.raises(Invalid):
        _suppose(office, target)
