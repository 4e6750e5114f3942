"""The planned start, failed texts sent anew, what an approver sees, and the file that is taken away."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from leadflow.campaigns import service as campaigns
from leadflow.campaigns.errors import NotThere
from leadflow.campaigns.types import CampaignInput
from leadflow.compliance import service as compliance
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.errors import Conflict, Forbidden, Invalid
from models.identity import Organization
from models.mail import Mail
from models.messaging import Message
from models.vocabulary import CampaignState, MailKind
from tests.campaigns.conftest import Office
from tests.campaigns.courses import end, progress_of, texts_of
from tests.owning import as_owner

# The planned start


def _scheduled(office: Office, clock: FrozenClock, after: timedelta = timedelta(hours=2)) -> UUID:
    campaign_id = office.ready(start_at=(clock.now() + after).isoformat(), start_zone="America/Chicago")
    with office.db.begin(office.org) as uow:
        assert campaigns.launch(uow, office.manager, campaign_id, "Spring").state is CampaignState.SCHEDULED
    return campaign_id


def test_it_begins_at_its_instant_and_not_before(office: Office, clock: FrozenClock):
    office.people(2)
    campaign_id = _scheduled(office, clock)
    due = clock.now() + timedelta(hours=2)
    assert campaigns.start(office.db, office.org, campaign_id) == due
    assert office.get(campaign_id).state is CampaignState.SCHEDULED
    clock.advance(timedelta(hours=2))
    assert campaigns.start(office.db, office.org, campaign_id) is None
    found = office.get(campaign_id)
    assert (found.state, found.launched_by, found.audience_size) == (CampaignState.RUNNING, office.manager.user_id, 2)


@pytest.mark.parametrize(("late", "state"), [(30 * 60, "running"), (30 * 60 + 1, "missed")])
def test_r17_more_than_half_an_hour_late_it_does_not_begin_by_itself(
    office: Office, clock: FrozenClock, late: int, state: str
):
    office.people(1)
    campaign_id = _scheduled(office, clock)
    clock.advance(timedelta(hours=2, seconds=late))
    campaigns.start(office.db, office.org, campaign_id)
    assert office.get(campaign_id).state.value == state


def test_what_stands_against_a_launch_at_its_instant_is_told(office: Office, clock: FrozenClock):
    office.people(1)
    campaign_id = _scheduled(office, clock)
    with office.db.begin(office.org) as uow:
        house = uow.session.get(Organization, office.org)
        assert house is not None
        house.sending_paused = True
    clock.advance(timedelta(hours=2))
    campaigns.start(office.db, office.org, campaign_id)
    found = office.get(campaign_id)
    assert found.state is CampaignState.MISSED
    assert found.pause_reason == "All sending is paused for this organisation."
    with office.db.begin(office.org) as uow:
        assert [one.kind for one in uow.session.exec(select(Mail))] == [MailKind.CAMPAIGN_MISSED]


def test_a_person_launches_a_missed_campaign_anew_and_it_begins_at_once(office: Office, clock: FrozenClock):
    office.people(1)
    campaign_id = _scheduled(office, clock)
    clock.advance(timedelta(days=1))
    campaigns.start(office.db, office.org, campaign_id)
    with office.db.begin(office.org) as uow:
        assert campaigns.launch(uow, office.manager, campaign_id, "Spring").state is CampaignState.RUNNING
    assert office.get(campaign_id).pause_reason is None


def test_a_change_or_a_word_takes_the_start_back(office: Office, clock: FrozenClock):
    office.people(1)
    campaign_id = _scheduled(office, clock)
    with office.db.begin(office.org) as uow:
        assert campaigns.unschedule(uow, office.manager, campaign_id).state is CampaignState.READY
        campaigns.launch(uow, office.manager, campaign_id, "Spring")
        campaigns.edit(uow, office.author, campaign_id, CampaignInput(per_minute=7))
    assert office.get(campaign_id).state is CampaignState.DRAFT
    clock.advance(timedelta(hours=2))
    assert campaigns.start(office.db, office.org, campaign_id) is None
    assert office.get(campaign_id).state is CampaignState.DRAFT


# Failed texts


def _finished(office: Office) -> tuple[UUID, list[Message]]:
    office.people(6)
    campaign_id = office.launched()
    texts = texts_of(office, campaign_id)
    for text, (state, code) in zip(
        texts,
        [("delivered", None), ("undelivered", 30003), ("failed", 30034), ("undelivered", 30007), ("failed", 30006),
         ("failed_unknown", None)],
        strict=True,
    ):  # fmt: skip
        end(office, [text], state, code)
    assert campaigns.pace(office.db, office.org, campaign_id) is None
    return campaign_id, texts


def test_only_what_may_get_through_later_is_offered(office: Office):
    campaign_id, _ = _finished(office)
    with office.db.begin(office.org) as uow:
        found = campaigns.may_retry(uow, office.auditor, campaign_id)
    assert {(one.reason, one.count, one.certain) for one in found} == {
        ("unreachable", 1, True),
        ("our_number", 1, True),
        ("unknown_end", 1, False),
    }


def test_a_failed_text_is_sent_anew_as_an_attempt_of_its_own(office: Office):
    campaign_id, texts = _finished(office)
    with office.db.begin(office.org) as uow:
        assert campaigns.retry_failed(uow, office.manager, campaign_id, ["unreachable"]) == 1
    assert office.get(campaign_id).state is CampaignState.RUNNING
    again = [one for one in texts_of(office, campaign_id) if one.attempt == 2]
    assert [(one.e164, one.body, one.state.value) for one in again] == [(texts[1].e164, texts[1].body, "queued")]
    found = progress_of(office, campaign_id)
    assert (found.by_state["queued"], found.by_state["undelivered"]) == (1, 1)
    # The gate does not take the attempt that failed for a text that this person got.
    from leadflow.compliance.types import Ask, Cleared, Recipient  # noqa: PLC0415
    from models.vocabulary import Purpose  # noqa: PLC0415

    one = again[0]
    with office.db.begin(office.org) as uow:
        recipient = Recipient(one.lead_id, one.property_id, one.person_id, one.phone_id, message_id=one.id)
        answers = compliance.clear(uow, [recipient], Ask(purpose=Purpose.CAMPAIGN, campaign_id=campaign_id), uow.now())
    assert isinstance(answers[0], Cleared), answers


def test_the_wall_of_one_text_stands_between_attempts(office: Office):
    campaign_id, _ = _finished(office)
    with office.db.begin(office.org) as uow:
        campaigns.retry_failed(uow, office.manager, campaign_id, ["unreachable"])
    with office.db.begin(office.org) as uow, pytest.raises(NotThere):
        campaigns.retry_failed(uow, office.manager, campaign_id, ["unreachable"])
    again = [one for one in texts_of(office, campaign_id) if one.attempt == 2]
    end(office, again, "delivered")
    campaigns.pace(office.db, office.org, campaign_id)
    with office.db.begin(office.org) as uow, pytest.raises(Conflict):
        campaigns.retry_failed(uow, office.manager, campaign_id, ["unreachable"])


@pytest.mark.parametrize("reasons", [[], ["filtered"], ["unreachable", "opted_out"]])
def test_reasons_that_are_never_tried_again_are_refused(office: Office, reasons: list[str]):
    campaign_id, _ = _finished(office)
    with office.db.begin(office.org) as uow, pytest.raises(Invalid):
        campaigns.retry_failed(uow, office.manager, campaign_id, reasons)


# Approval


def test_an_approver_sees_what_changed_since_the_last_approval(office: Office):
    office.people(11)
    campaign_id = office.ready(template="Hi there, old friend")
    with office.db.begin(office.org) as uow:
        first = campaigns.changed(uow, office.manager, campaign_id)
        campaigns.approve(uow, office.manager, campaign_id)
    assert first.first
    assert {"name", "basis", "text.1", "sender"} <= {one.field for one in first.changes}
    with office.db.begin(office.org) as uow:
        change = CampaignInput.model_validate({"template": "Hi there, new friend", "per_minute": 90})
        campaigns.edit(uow, office.author, campaign_id, change)
        campaigns.submit(uow, office.author, campaign_id)
        found = campaigns.changed(uow, office.manager, campaign_id)
    assert (found.first, found.approver) == (False, "Manager")
    assert {one.field: (one.before, one.after) for one in found.changes} == {
        "text.1": ("Hi there, old friend", "Hi there, new friend"),
        "per_minute": ("60", "90"),
    }
    words = next(one.words for one in found.changes if one.field == "text.1")
    assert words == (("same", "Hi there, "), ("gone", "old"), ("new", "new"), ("same", " friend"))


# Export


def test_an_export_runs_no_formula_is_masked_for_auditors_and_stands_in_the_record(office: Office, database_url: str):
    lead = office.people(1)[0]
    with as_owner(database_url) as connection:
        connection.execute("update person set name = '=HYPERLINK(1)'")
    campaign_id = office.launched()
    with office.db.begin(office.org) as uow:
        whole = list(campaigns.export(uow, office.manager, campaign_id))
        masked = "".join(campaigns.export(uow, office.auditor, campaign_id))
        assert len(whole) == 2
        assert "'=HYPERLINK(1)" in whole[1]
        assert str(lead.id) in whole[1]
        assert "****" in masked
        with pytest.raises(Forbidden):
            campaigns.export(uow, office.agent, campaign_id)
        with uow.cursor() as cursor:
            cursor.execute("select count(*) from audit_event where action = 'campaign.exported'")
            assert cursor.fetchone() == (2,)
