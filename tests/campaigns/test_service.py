"""Campaigns on a real Postgres: what is approved is launched, once; the audience is frozen; the numbers add up."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from uuid import UUID

import pytest

from leadflow.audit import service as audit
from leadflow.campaigns import service as campaigns
from leadflow.campaigns.errors import Incomplete, NotThere, SamePerson
from leadflow.campaigns.types import CampaignInput
from leadflow.compliance import service as compliance
from leadflow.compliance.types import Ask, Cleared, Later, Recipient
from leadflow.identity.types import Principal
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, LeadFlowError, NotFound
from leadflow.leads import service as leads
from models.campaigns import AudienceMember
from models.messaging import Message, SenderNumber
from models.vocabulary import CampaignState, Purpose, RegistrationState, Role, Verdict
from tests.campaigns.conftest import Office
from tests.factories.leads import a_lead, a_tag


def _messages(office: Office, campaign_id: UUID) -> list[Message]:
    from sqlmodel import select  # noqa: PLC0415

    with office.db.begin(office.org) as uow:
        return list(uow.session.exec(select(Message).where(Message.campaign_id == campaign_id)))


def _everybody(office: Office) -> None:
    """Make people with every fate that an audience can hold."""
    with office.db.begin(office.org) as uow:
        for _ in range(3):
            office.person(uow)
        office.person(uow, consent=False)
        office.person(uow, stopped=True)
        office.landline(uow)
        office.without_number(uow)
        office.shared_number(uow)
        office.two_houses(uow)


# Building


def test_a_campaign_begins_as_a_draft_that_says_what_is_missing(office: Office):
    with office.db.begin(office.org) as uow:
        made = campaigns.draft(uow, office.agent, "Spring")
        found = campaigns.get(uow, office.agent, made.id)
    assert found.state is CampaignState.DRAFT
    assert {problem.field for problem in found.problems} == {"basis", "template", "sender_number_id"}
    assert found.author == "Agent"
    assert found.own


def test_two_campaigns_cannot_share_a_name(office: Office):
    office.draft("Spring")
    with office.db.begin(office.org) as uow, pytest.raises(Conflict):
        campaigns.draft(uow, office.author, "Spring")


def test_a_filter_that_is_none_is_refused_at_its_field(office: Office):
    campaign_id = office.draft()
    with office.db.begin(office.org) as uow, pytest.raises(Invalid):
        campaigns.edit(uow, office.author, campaign_id, CampaignInput(audience_filter={"colour": "blue"}))


def test_me_in_a_filter_means_whoever_wrote_it(office: Office):
    campaign_id = office.draft(audience_filter={"assignee": "me"})
    assert office.get(campaign_id).audience_filter == {"assignee": str(office.author.user_id)}


@pytest.mark.parametrize("written", ["Hi {{ pet_name }}", "Hi {{ first_name"])
def test_a_message_that_cannot_be_filled_in_is_told_before_submission(office: Office, written: str):
    office.people(1)
    campaign_id = office.draft(template=written)
    with office.db.begin(office.org) as uow, pytest.raises(Incomplete) as refused:
        campaigns.submit(uow, office.author, campaign_id)
    assert refused.value.field == "template"


def test_a_campaign_of_another_organisation_is_not_there(office: Office, make_org):
    campaign_id = office.draft()
    other = make_org("Other")
    with office.db.begin(other) as uow, pytest.raises(NotFound):
        campaigns.get(uow, Principal(None, other, Role.OWNER), campaign_id)


def test_an_auditor_reads_and_changes_nothing(office: Office):
    office.people(1)
    campaign_id = office.draft()
    with office.db.begin(office.org) as uow:
        assert campaigns.get(uow, office.auditor, campaign_id).name == "Spring"
        shown = campaigns.preview(uow, office.auditor, campaign_id)
    assert shown[0].phone is not None
    assert "******" in shown[0].phone
    for act in (
        lambda uow: campaigns.draft(uow, office.auditor, "X"),
        lambda uow: campaigns.edit(uow, office.auditor, campaign_id, CampaignInput(name="X")),
        lambda uow: campaigns.submit(uow, office.auditor, campaign_id),
        lambda uow: campaigns.approve(uow, office.auditor, campaign_id),
        lambda uow: campaigns.launch(uow, office.auditor, campaign_id, "Spring"),
        lambda uow: campaigns.cancel(uow, office.auditor, campaign_id),
    ):
        with office.db.begin(office.org) as uow, pytest.raises(Forbidden):
            act(uow)


def test_an_agent_may_draft_but_sees_only_the_names_of_own_leads(office: Office):
    office.people(2)
    with office.db.begin(office.org) as uow:
        mine = office.person(uow)
        leads.assign(uow, office.manager, mine.id, office.agent.user_id)
    campaign_id = office.draft()
    with office.db.begin(office.org) as uow:
        assert campaigns.size_up(uow, office.agent, {}).leads == 3
        assert [one.lead_id for one in campaigns.preview(uow, office.agent, campaign_id)] == [mine.id]
        assert [one.lead_id for one in campaigns.judged(uow, office.agent, campaign_id)] == [mine.id]
        with pytest.raises(Forbidden):
            campaigns.launch(uow, office.agent, campaign_id, "Spring")


# Approval


def test_up_to_the_threshold_nobody_else_is_asked(office: Office):
    office.people(10)
    assert office.get(office.ready()).state is CampaignState.READY


def test_above_the_threshold_a_second_person_is_asked(office: Office):
    office.people(11)
    campaign_id = office.ready()
    assert office.get(campaign_id).state is CampaignState.AWAITING_APPROVAL
    with office.db.begin(office.org) as uow, pytest.raises(SamePerson):
        campaigns.approve(uow, office.author, campaign_id)
    with office.db.begin(office.org) as uow:
        campaigns.approve(uow, office.manager, campaign_id, "Looks right")
        signed = campaigns.approvals(uow, office.auditor, campaign_id)
    assert [(one.approver, one.note, one.current) for one in signed] == [("Manager", "Looks right", True)]


@pytest.mark.parametrize(
    "change", [{"template": "Other"}, {"per_minute": 61}, {"audience_filter": {"state": ["IL"]}}, {}]
)
def test_any_edit_takes_an_approval_back(office: Office, change: dict[str, object]):
    office.people(11)
    campaign_id = office.ready()
    with office.db.begin(office.org) as uow:
        campaigns.approve(uow, office.manager, campaign_id)
    with office.db.begin(office.org) as uow:
        campaigns.edit(uow, office.author, campaign_id, CampaignInput.model_validate(change))
    assert office.get(campaign_id).state is CampaignState.DRAFT
    with office.db.begin(office.org) as uow, pytest.raises(Incomplete):
        campaigns.launch(uow, office.manager, campaign_id, "Spring")


def test_an_audience_that_grew_past_the_threshold_needs_a_second_person_after_all(office: Office):
    office.people(3)
    campaign_id = office.ready()
    office.people(9)
    with office.db.begin(office.org) as uow, pytest.raises(Incomplete, match="second person"):
        campaigns.launch(uow, office.manager, campaign_id, "Spring")
    with office.db.begin(office.org) as uow:
        campaigns.edit(uow, office.author, campaign_id, CampaignInput())
        campaigns.submit(uow, office.author, campaign_id)
        campaigns.approve(uow, office.manager, campaign_id)
        campaigns.launch(uow, office.manager, campaign_id, "Spring")
    assert office.get(campaign_id).audience_size == 12


def test_nobody_to_address_is_nothing_to_submit(office: Office):
    campaign_id = office.draft()
    with office.db.begin(office.org) as uow, pytest.raises(Conflict, match="Nobody"):
        campaigns.submit(uow, office.author, campaign_id)


# The simulation


def test_a_simulation_adds_up_and_names_every_reason(office: Office):
    _everybody(office)
    campaign_id = office.draft()
    with office.db.begin(office.org) as uow:
        found = campaigns.simulate(uow, office.auditor, campaign_id)
    assert found.audience == 11
    assert found.audience == sum(bar.count for bar in found.excluded) + found.sendable + found.later
    reasons = {bar.reason: bar.count for bar in found.excluded}
    assert reasons == {"opted_out": 1, "basis_recorded": 1, "line_textable": 1, "no_phone": 1, "covered": 2}
    assert (found.sendable, found.later) == (5, 0)


@pytest.mark.parametrize("hours", [0, 9, 12])
def test_a_simulation_says_what_the_gate_says_at_that_instant(office: Office, clock: FrozenClock, hours: int):
    _everybody(office)
    campaign_id = office.draft()
    at = clock.now() + timedelta(hours=hours)
    with office.db.begin(office.org) as uow:
        rows = campaigns.judged(uow, office.manager, campaign_id, at=at, limit=200)
        campaigns.simulate(uow, office.manager, campaign_id, at)
    foretold = {row.lead_id: row.verdict for row in rows}
    with office.db.begin(office.org) as uow:
        campaigns.submit(uow, office.author, campaign_id)
        campaigns.launch(uow, office.manager, campaign_id, "Spring")
    campaigns.plan(office.db, office.org, campaign_id)
    clock.set(at)
    said = _cleared(office, campaign_id)
    assert said
    assert said == {lead: foretold[lead] for lead in said}
    covered = {lead for lead, verdict in foretold.items() if lead not in said}
    assert all(foretold[lead] is Verdict.BLOCKED for lead in covered)


def _cleared(office: Office, campaign_id: UUID) -> dict[UUID, Verdict]:
    queued = [one for one in _messages(office, campaign_id) if one.state == "queued"]
    asked = [
        Recipient(one.lead_id, one.property_id, one.person_id, one.phone_id, one.e164, one.id, one.send_before)
        for one in queued
    ]
    with office.db.begin(office.org) as uow:
        answers = compliance.clear(uow, asked, Ask(Purpose.CAMPAIGN, campaign_id=campaign_id), uow.now())
    words = {Cleared: Verdict.SENDABLE, Later: Verdict.LATER}
    return {
        one.lead_id: words.get(type(answer), Verdict.BLOCKED)
        for one, answer in zip(queued, answers, strict=True)
        if one.lead_id
    }


def test_the_people_behind_each_bar_are_as_many_as_the_bar_says(office: Office):
    _everybody(office)
    campaign_id = office.draft()
    with office.db.begin(office.org) as uow:
        found = campaigns.simulate(uow, office.manager, campaign_id)
        for bar in found.excluded:
            assert len(campaigns.judged(uow, office.manager, campaign_id, reason=bar.reason)) == bar.count
        assert len(campaigns.judged(uow, office.manager, campaign_id, verdict=Verdict.SENDABLE)) == found.sendable


def test_the_people_behind_a_bar_come_in_pages(office: Office):
    office.people(5)
    campaign_id = office.draft()
    with office.db.begin(office.org) as uow:
        seen, after = list[UUID](), None
        while rows := campaigns.judged(uow, office.manager, campaign_id, after=after, limit=2):
            seen += [row.lead_id for row in rows]
            after = seen[-1]
    assert len(seen) == len(set(seen)) == 5


def test_a_simulation_is_stale_after_a_change(office: Office):
    office.people(1)
    campaign_id = office.draft()
    with office.db.begin(office.org) as uow:
        assert campaigns.latest_simulation(uow, office.manager, campaign_id) is None
        campaigns.simulate(uow, office.manager, campaign_id)
    with office.db.begin(office.org) as uow:
        campaigns.edit(uow, office.author, campaign_id, CampaignInput(per_minute=5))
        found = campaigns.latest_simulation(uow, office.manager, campaign_id)
    assert found is not None
    assert found["stale"] is True


def test_a_preview_shows_the_text_and_what_it_lacks(office: Office):
    office.people(1)
    campaign_id = office.draft()
    with office.db.begin(office.org) as uow:
        stored = campaigns.preview(uow, office.author, campaign_id)[0]
        typed = campaigns.preview(uow, office.author, campaign_id, template="Hi {{ county }}")[0]
        broken = campaigns.preview(uow, office.author, campaign_id, template="Hi {{ ")[0]
    assert stored.body.startswith("Hi Ann, Cedar Homes here about")
    assert (stored.segments, stored.encoding, stored.unresolved) == (1, "GSM-7", ())
    assert typed.unresolved == ("county",)
    assert broken.unresolved


# Launch


@pytest.mark.parametrize("typed", ["spring", "Sprin", ""])
def test_a_launch_needs_the_name_typed_exactly(office: Office, typed: str):
    office.people(1)
    campaign_id = office.ready()
    with office.db.begin(office.org) as uow, pytest.raises(Incomplete):
        campaigns.launch(uow, office.manager, campaign_id, typed)
    assert office.get(campaign_id).state is CampaignState.READY


def test_a_launch_needs_a_verified_number_at_that_moment(office: Office):
    office.people(1)
    campaign_id = office.ready()
    with office.db.begin(office.org) as uow:
        sender = uow.session.get(SenderNumber, (office.org, office.sender))
        assert sender is not None
        sender.registration = RegistrationState.SUSPENDED
    with office.db.begin(office.org) as uow, pytest.raises(Incomplete, match="10DLC"):
        campaigns.launch(uow, office.manager, campaign_id, "Spring")


def test_r1_twenty_launches_at_once_are_one(office: Office):
    office.people(3)
    campaign_id = office.ready()

    def launch(_: int) -> str:
        try:
            with office.db.begin(office.org) as uow:
                campaigns.launch(uow, office.manager, campaign_id, "Spring")
        except LeadFlowError as error:
            return error.code
        return "launched"

    with ThreadPoolExecutor(8) as pool:
        answers = Counter(pool.map(launch, range(20)))
    # The losers are told that it was done, not that they typed something wrong.
    assert answers == {"launched": 1, NotThere.code: 19}
    campaigns.plan(office.db, office.org, campaign_id)
    assert len(_messages(office, campaign_id)) == 3
    with office.db.begin(office.org) as uow, uow.cursor() as cursor:
        cursor.execute("select count(*) from audit_event where action = 'campaign.launched'")
        assert cursor.fetchone() == (1,)


def test_r1_eight_planners_at_once_write_each_text_once(office: Office):
    office.people(9)
    campaign_id = office.ready()
    with office.db.begin(office.org) as uow:
        campaigns.launch(uow, office.manager, campaign_id, "Spring")
    with ThreadPoolExecutor(8) as pool:
        assert all(pool.map(lambda _: campaigns.plan(office.db, office.org, campaign_id), range(8)))
    assert len(_messages(office, campaign_id)) == 9


def test_r4_the_audience_is_frozen_and_a_later_stop_still_counts(office: Office):
    first = office.people(3)
    campaign_id = office.launched()
    office.people(4)
    with office.db.begin(office.org) as uow:
        a_tag(uow, first[0].id, "moved")
        assert campaigns.progress(uow, office.manager, campaign_id).audience == 3
        found = campaigns.simulate(uow, office.manager, campaign_id)
    assert found.audience == 3
    number = _messages(office, campaign_id)[0].e164
    with office.db.begin(office.org) as uow:
        compliance.opt_out(uow, number, source="inbound", evidence={}, now=uow.now())
        found = campaigns.simulate(uow, office.manager, campaign_id)
    assert {bar.reason: bar.count for bar in found.excluded} == {"opted_out": 1}


def test_r9_one_number_and_one_person_are_addressed_once_and_the_others_covered(office: Office):
    with office.db.begin(office.org) as uow:
        shared, houses = office.shared_number(uow), office.two_houses(uow)
    campaign_id = office.launched()
    texts = _messages(office, campaign_id)
    assert len(texts) == len({one.e164 for one in texts}) == 2
    with office.db.begin(office.org) as uow:
        rows = {row.lead_id: row for row in campaigns.recipients(uow, office.manager, campaign_id)}
        members = {
            m.lead_id: m
            for m in (
                uow.session.get(AudienceMember, (office.org, campaign_id, lead.id)) for lead in (*shared, *houses)
            )
            if m
        }
    for pair in (shared, houses):
        states = Counter(rows[lead.id].state for lead in pair)
        assert states == {"queued": 1, "excluded": 1}
        covered = next(lead for lead in pair if rows[lead.id].state == "excluded")
        other = next(lead for lead in pair if lead is not covered)
        assert members[covered.id].covered_by == other.id
        assert rows[covered.id].reasons == ("covered",)


def test_r5_every_member_has_a_state_and_they_add_up_whatever_happens(office: Office):
    _everybody(office)
    campaign_id = office.ready()
    with office.db.begin(office.org) as uow:
        campaigns.launch(uow, office.manager, campaign_id, "Spring")
    for act in (
        lambda: None,
        lambda: campaigns.plan(office.db, office.org, campaign_id),
        lambda: _cleared(office, campaign_id),
        lambda: _act(office, lambda uow: campaigns.pause(uow, office.manager, campaign_id)),
        lambda: _act(office, lambda uow: campaigns.cancel(uow, office.manager, campaign_id)),
    ):
        act()
        with office.db.begin(office.org) as uow:
            found = campaigns.progress(uow, office.manager, campaign_id)
            rows = campaigns.recipients(uow, office.manager, campaign_id, limit=200)
        assert sum(found.by_state.values()) == found.audience == len(rows) == 11
        parts = found.tally
        assert parts.delivered + parts.moving + parts.waiting + parts.failed + parts.withheld == 11
    assert sum(bar.count for bar in found.withheld) == parts.withheld == 11


def _act(office: Office, act) -> None:
    with office.db.begin(office.org) as uow:
        act(uow)


def test_a_text_with_a_hole_is_blocked_not_sent(office: Office):
    office.people(2)
    campaign_id = office.launched(template="You live in {{ county }}?")
    assert {(one.state.value, tuple(one.reasons)) for one in _messages(office, campaign_id)} == {
        ("blocked", ("unresolved_field",))
    }


def test_rules_that_have_not_passed_the_drill_launch_nothing(office: Office):
    office.people(2)
    campaign_id = office.ready()
    with office.db.begin(office.org) as uow, uow.cursor() as cursor:
        cursor.execute("update rule_pack set digest = 'edited' where org_id = %s and name = 'states'", [office.org])
    with office.db.begin(office.org) as uow, pytest.raises(Incomplete, match="never been put to the drill"):
        campaigns.launch(uow, office.manager, campaign_id, "Spring")
    with office.db.begin(office.org) as uow:
        compliance.run_drill(uow, office.manager)
    with office.db.begin(office.org) as uow:
        assert campaigns.launch(uow, office.manager, campaign_id, "Spring").state is CampaignState.RUNNING


# Its course


def test_pause_resume_and_cancel_go_only_where_they_may(office: Office):
    office.people(2)
    campaign_id = office.launched()
    steps = (
        (campaigns.resume, False),
        (campaigns.pause, True),
        (campaigns.pause, False),
        (campaigns.resume, True),
        (campaigns.cancel, True),
        (campaigns.cancel, False),
        (campaigns.resume, False),
    )
    for act, may in steps:
        with office.db.begin(office.org) as uow:
            if may:
                act(uow, office.manager, campaign_id)
                continue
            with pytest.raises(NotThere):
                act(uow, office.manager, campaign_id)
    assert office.get(campaign_id).state is CampaignState.CANCELLED
    assert {one.state.value for one in _messages(office, campaign_id)} == {"withdrawn"}


def test_r6_a_paused_campaign_is_not_planned_and_goes_on_where_it_stopped(office: Office):
    office.people(4)
    campaign_id = office.ready()
    with office.db.begin(office.org) as uow:
        campaigns.launch(uow, office.manager, campaign_id, "Spring")
        campaigns.pause(uow, office.manager, campaign_id)
    assert campaigns.pace(office.db, office.org, campaign_id) is None
    assert _messages(office, campaign_id) == []
    with office.db.begin(office.org) as uow:
        campaigns.resume(uow, office.manager, campaign_id)
    assert campaigns.pace(office.db, office.org, campaign_id) is not None
    assert len(_messages(office, campaign_id)) == 4


def test_r2_a_campaign_ends_when_every_text_is_final_and_not_before(office: Office):
    office.people(2)
    campaign_id = office.launched()
    assert campaigns.pace(office.db, office.org, campaign_id) is not None
    with office.db.begin(office.org) as uow, uow.cursor() as cursor:
        cursor.execute("update message set state = 'blocked' where campaign_id = %s", [campaign_id])
    assert campaigns.pace(office.db, office.org, campaign_id) is None
    found = office.get(campaign_id)
    assert found.state is CampaignState.FINISHED
    assert found.finished_at is not None


def test_a_launched_campaign_cannot_be_changed(office: Office):
    office.people(1)
    campaign_id = office.launched()
    with office.db.begin(office.org) as uow, pytest.raises(NotThere):
        campaigns.edit(uow, office.author, campaign_id, CampaignInput(per_minute=1))


def test_what_could_not_go_within_three_days_expires(office: Office, clock: FrozenClock):
    office.people(1)
    campaign_id = office.launched()
    assert office.get(campaign_id).send_before == clock.now() + timedelta(hours=72)
    assert all(one.send_before == clock.now() + timedelta(hours=72) for one in _messages(office, campaign_id))


def test_recipients_come_in_pages_and_by_state_and_reason(office: Office):
    _everybody(office)
    campaign_id = office.launched()
    with office.db.begin(office.org) as uow:
        excluded = campaigns.recipients(uow, office.manager, campaign_id, state="excluded")
        covered = campaigns.recipients(uow, office.manager, campaign_id, reason="covered")
        first = campaigns.recipients(uow, office.manager, campaign_id, limit=4)
        rest = campaigns.recipients(uow, office.manager, campaign_id, after=first[-1].lead_id, limit=100)
        masked = campaigns.recipients(uow, office.auditor, campaign_id, state="queued")
    assert (len(excluded), len(covered), len(first), len(rest)) == (3, 2, 4, 7)
    assert all(row.phone and "*" in row.phone for row in masked)


def test_the_list_shows_each_campaigns_bar_and_pages(office: Office):
    office.people(2)
    office.launched("First")
    for number in range(3):
        office.draft(f"Draft {number}")
    with office.db.begin(office.org) as uow:
        rows, following = campaigns.listing(uow, office.auditor, limit=3)
        rest, end = campaigns.listing(uow, office.auditor, after=following, limit=3)
        running, _ = campaigns.listing(uow, office.auditor, states=[CampaignState.RUNNING])
        named, _ = campaigns.listing(uow, office.auditor, words="draft 1")
        counted = campaigns.state_counts(uow, office.auditor)
    assert [len(rows), len(rest), end] == [3, 1, None]
    assert [(row.name, row.audience, row.tally.waiting) for row in running] == [("First", 2, 2)]
    assert [row.name for row in named] == ["Draft 1"]
    assert counted == {"draft": 3, "running": 1}


def test_every_step_of_a_campaigns_life_is_in_the_record(office: Office, db: Database):
    office.people(11)
    campaign_id = office.ready()
    with office.db.begin(office.org) as uow:
        campaigns.approve(uow, office.manager, campaign_id)
        campaigns.launch(uow, office.manager, campaign_id, "Spring")
        campaigns.pause(uow, office.manager, campaign_id)
        campaigns.resume(uow, office.manager, campaign_id)
        campaigns.cancel(uow, office.manager, campaign_id)
    with office.db.begin(office.org) as uow, uow.cursor() as cursor:
        cursor.execute("select action from audit_event where subject_id = %s order by at, id", [str(campaign_id)])
        actions = [row[0] for row in cursor.fetchall()]
    assert Counter(actions) == Counter(
        f"campaign.{word}"
        for word in ("drafted", "edited", "submitted", "approved", "launched", "paused", "resumed", "cancelled")
    )
    audit.seal(db, office.org)
    assert audit.verify(db, office.org).whole


def test_a_lead_without_owner_is_no_recipient(office: Office):
    with office.db.begin(office.org) as uow:
        from tests.factories.properties import a_property  # noqa: PLC0415

        a_lead(uow, a_property(uow))
        assert campaigns.size_up(uow, office.author, {}).no_phone == 1
