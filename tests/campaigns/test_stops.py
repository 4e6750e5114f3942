"""Who answers, moves on or is settled gets no further text, from the same commit on."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from leadflow.campaigns import service as campaigns
from leadflow.kernel.clock import FrozenClock
from leadflow.leads import service as leads
from leadflow.messaging import service as messaging
from leadflow.messaging.service import Verified, Wrote
from models.messaging import Message
from models.vocabulary import CampaignState, LeadStatus
from tests.campaigns.conftest import Office
from tests.campaigns.courses import TWO, end, progress_of, rows_of, texts_of


@pytest.fixture(autouse=True)
def _heeding() -> None:
    campaigns.heed()


def _lead_of(text: Message) -> UUID:
    assert text.lead_id is not None
    return text.lead_id


def test_a_reply_stops_the_person_and_takes_back_what_is_queued(office: Office, clock: FrozenClock):
    office.people(2)
    campaign_id = office.launched(steps=TWO)
    first, second = texts_of(office, campaign_id)
    end(office, [first], "delivered")
    with office.db.begin(office.org) as uow:
        messaging.wrote.tell(uow, Wrote(first.e164))
        messaging.wrote.tell(uow, Wrote(second.e164))
    assert sorted(rows_of(office, campaign_id)) == [("delivered", ("replied",)), ("withdrawn", ("replied",))]
    clock.advance(timedelta(days=3))
    assert campaigns.pace(office.db, office.org, campaign_id) is None
    assert len(texts_of(office, campaign_id)) == 2
    assert office.get(campaign_id).state is CampaignState.FINISHED
    assert progress_of(office, campaign_id).stopped == 2


def test_where_the_rule_is_off_a_reply_stops_nobody(office: Office):
    office.people(1)
    campaign_id = office.launched(steps=TWO, stop_on_reply=False)
    with office.db.begin(office.org) as uow:
        messaging.wrote.tell(uow, Wrote(texts_of(office, campaign_id)[0].e164))
    assert rows_of(office, campaign_id) == [("queued", ())]


def test_a_reply_before_the_first_text_is_written_leaves_none(office: Office):
    office.people(1)
    campaign_id = office.ready(steps=TWO)
    with office.db.begin(office.org) as uow:
        campaigns.launch(uow, office.manager, campaign_id, "Spring")
        number = next(iter(campaigns.preview(uow, office.manager, campaign_id))).phone
        messaging.wrote.tell(uow, Wrote(str(number)))
    assert campaigns.pace(office.db, office.org, campaign_id) is None
    assert texts_of(office, campaign_id) == []
    assert rows_of(office, campaign_id) == [("excluded", ("replied",))]
    assert progress_of(office, campaign_id).by_state == {"excluded_replied": 1}


def test_a_status_that_the_campaign_heeds_stops_the_person(office: Office):
    office.people(2)
    campaign_id = office.launched(steps=TWO, stop_on_statuses=["dead"])
    first, second = texts_of(office, campaign_id)
    with office.db.begin(office.org) as uow:
        leads.set_status(uow, office.manager, _lead_of(first), LeadStatus.DEAD)
        leads.set_status(uow, office.manager, _lead_of(second), LeadStatus.INTERESTED)
    assert sorted(rows_of(office, campaign_id)) == [("queued", ()), ("withdrawn", ("status_dead",))]


def test_the_status_of_a_covered_lead_stops_its_person_too(office: Office):
    with office.db.begin(office.org) as uow:
        houses = office.two_houses(uow)
    campaign_id = office.launched(steps=TWO)
    texted = texts_of(office, campaign_id)[0].lead_id
    other = next(lead.id for lead in houses if lead.id != texted)
    with office.db.begin(office.org) as uow:
        leads.set_status(uow, office.manager, other, LeadStatus.DEAD)
    assert [one.state.value for one in texts_of(office, campaign_id)] == ["withdrawn"]


def test_an_outcome_in_the_inbox_stops_the_person(office: Office):
    office.people(1)
    campaign_id = office.launched(steps=TWO)
    with office.db.begin(office.org) as uow:
        messaging.settled.tell(uow, Wrote(texts_of(office, campaign_id)[0].e164))
    assert rows_of(office, campaign_id) == [("withdrawn", ("settled",))]


def test_who_is_found_at_one_number_is_not_looked_for_at_the_propertys_others(office: Office, clock: FrozenClock):
    office.people(3)
    campaign_id = office.launched(steps=TWO, stop_on_outcome=False)
    texts = texts_of(office, campaign_id)
    end(office, texts, "delivered")
    found, other, elsewhere = texts
    with office.db.begin(office.org) as uow, uow.cursor() as cursor:
        cursor.execute(
            "update audience_member set property_id = %s where lead_id = %s", [found.property_id, _lead_of(other)]
        )
    with office.db.begin(office.org) as uow:
        messaging.verified.tell(uow, Verified(found.e164, UUID(str(found.property_id))))
    clock.advance(timedelta(days=3))
    campaigns.pace(office.db, office.org, campaign_id)
    assert {one.e164 for one in texts_of(office, campaign_id) if one.step == 2} == {found.e164, elsewhere.e164}
    assert ("delivered", ("verified_elsewhere",)) in rows_of(office, campaign_id)


def test_a_stop_is_undone_with_the_transaction_that_it_belongs_to(office: Office):
    office.people(1)
    campaign_id = office.launched(steps=TWO)
    number = texts_of(office, campaign_id)[0].e164

    def broken() -> None:
        with office.db.begin(office.org) as uow:
            messaging.wrote.tell(uow, Wrote(number))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        broken()
    assert rows_of(office, campaign_id) == [("queued", ())]


def test_a_lead_that_is_removed_gets_no_further_text(office: Office):
    office.people(2)
    campaign_id = office.launched(steps=TWO)
    first, _ = texts_of(office, campaign_id)
    with office.db.begin(office.org) as uow:
        leads.remove(uow, office.manager, _lead_of(first), "sold")
    assert sorted(rows_of(office, campaign_id)) == [("queued", ()), ("withdrawn", ("removed",))]
    with office.db.begin(office.org) as uow:
        leads.restore(uow, office.manager, _lead_of(first))
    assert sorted(rows_of(office, campaign_id)) == [("queued", ()), ("withdrawn", ("removed",))]
