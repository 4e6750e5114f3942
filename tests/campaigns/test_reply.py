"""A reply stops the sequence at once, texts on their way included; and a campaign may rest on holidays."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadflow.campaigns import service as campaigns
from leadflow.kernel.clock import FrozenClock
from leadflow.messaging import service as messaging
from leadflow.messaging.queries import batch
from leadflow.messaging.service import Wrote
from models.vocabulary import CampaignState
from tests.campaigns.conftest import Office
from tests.campaigns.courses import TWO, end, rows_of, texts_of


@pytest.fixture(autouse=True)
def _heeding() -> None:
    campaigns.heed()


def test_a_text_on_its_way_to_the_carrier_is_taken_back_when_its_person_replies(office: Office):
    office.people(2)
    campaign_id = office.launched(steps=TWO)
    first, second = texts_of(office, campaign_id)
    end(office, [first, second], "submitting")
    with office.db.begin(office.org) as uow:
        messaging.wrote.tell(uow, Wrote(first.e164))
        assert batch.taken_back(uow, [first.id, second.id]) == [(first.id, "replied")]


def test_a_person_who_replied_between_two_messages_gets_no_second_and_the_others_do(office: Office, clock: FrozenClock):
    office.people(3)
    campaign_id = office.launched(steps=TWO)
    texts = texts_of(office, campaign_id)
    end(office, texts, "delivered")
    with office.db.begin(office.org) as uow:
        messaging.wrote.tell(uow, Wrote(texts[0].e164))
    clock.advance(timedelta(days=2))
    campaigns.pace(office.db, office.org, campaign_id)
    assert sorted(one.e164 for one in texts_of(office, campaign_id) if one.step == 2) == [one.e164 for one in texts[1:]]
    assert sorted(rows_of(office, campaign_id)) == [("delivered", ("replied",)), ("queued", ()), ("queued", ())]
    end(office, [one for one in texts_of(office, campaign_id) if one.step == 2], "delivered")
    campaigns.pace(office.db, office.org, campaign_id)
    assert office.get(campaign_id).state is CampaignState.FINISHED


def test_a_holiday_of_the_campaigns_own_lets_its_texts_wait(office: Office, clock: FrozenClock):
    office.people(1)
    clock.advance(timedelta(days=23))  # noon of Christmas Day in Chicago
    kept = office.draft("Rests", skip_holidays=True, weekdays=[0, 1, 2, 3, 4, 5, 6])
    sends = office.draft("Sends", weekdays=[0, 1, 2, 3, 4, 5, 6])
    with office.db.begin(office.org) as uow:
        rests = campaigns.simulate(uow, office.manager, kept)
        goes = campaigns.simulate(uow, office.manager, sends)
    assert [(bar.reason, bar.count) for bar in rests.later_bars] == [("campaign_hours", 1)]
    assert (goes.sendable, goes.later) == (1, 0)
