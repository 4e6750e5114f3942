"""Who works on a lead: one person at a time, for a while, and never against what must happen."""

from __future__ import annotations

import threading
from datetime import timedelta
from uuid import UUID

import pytest

from leadflow.bulk import service as bulk
from leadflow.bulk.types import BulkChange, ChosenLeads
from leadflow.identity.types import Principal
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Forbidden
from leadflow.leads import service as leads
from leadflow.leads.errors import Claimed, NoSuchLead
from models.leads import Lead
from models.vocabulary import BulkOutcome, LeadStatus, Role
from tests.factories.identity import a_member
from tests.factories.leads import a_lead
from tests.leads.conftest import Sign


def test_a_claim_is_shown_to_others_who_cannot_change_the_status_until_it_ends(
    db: Database, org: UUID, manager: Principal, clock: FrozenClock
) -> None:
    with db.begin(org) as uow:
        maria = a_member(uow, Role.AGENT)
        lead = a_lead(uow, assignee_id=maria.user_id)
        until = leads.claim(uow, maria, lead.id).until
    assert until == clock.now() + timedelta(minutes=15)
    with db.begin(org) as uow:
        shown = leads.detail(uow, manager, lead.id).claim
        assert shown is not None
        assert (shown.user_id, shown.name, shown.until) == (maria.user_id, maria.name, until)
        with pytest.raises(Claimed, match=maria.name):
            leads.set_status(uow, manager, lead.id, LeadStatus.CONTACTED)
        leads.set_status(uow, maria, lead.id, LeadStatus.CONTACTED)
    clock.advance(timedelta(minutes=15))
    with db.begin(org) as uow:
        assert leads.detail(uow, manager, lead.id).claim is None
        leads.set_status(uow, manager, lead.id, LeadStatus.INTERESTED)


def test_of_two_who_claim_at_once_exactly_one_has_it(db: Database, org: UUID) -> None:
    with db.begin(org) as uow:
        people = [a_member(uow, Role.MANAGER) for _ in range(4)]
        made = [a_lead(uow).id for _ in range(5)]
    won: list[tuple[UUID, UUID | None]] = []
    ready = threading.Barrier(len(people))

    def work(who: Principal) -> None:
        ready.wait()
        for lead_id in made:
            try:
                with db.begin(org) as uow:
                    leads.claim(uow, who, lead_id)
            except Claimed:
                continue
            won.append((lead_id, who.user_id))

    threads = [threading.Thread(target=work, args=(who,)) for who in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(lead_id for lead_id, _ in won) == sorted(made)
    with db.begin(org) as uow:
        for lead_id, user_id in won:
            claim = leads.detail(uow, people[0], lead_id).claim
            assert claim is not None
            assert claim.user_id == user_id


def test_a_manager_takes_over_an_agent_does_not_and_the_timeline_tells(uow: UnitOfWork, manager: Principal) -> None:
    maria = a_member(uow, Role.AGENT)
    lead = a_lead(uow, assignee_id=maria.user_id)
    leads.claim(uow, manager, lead.id)
    with pytest.raises(Forbidden):
        leads.take_over(uow, maria, lead.id)
    with pytest.raises(Claimed):
        leads.claim(uow, maria, lead.id)
    other = a_member(uow, Role.MANAGER)
    leads.take_over(uow, other, lead.id)
    assert [entry.summary for entry in leads.timeline(uow, other, lead.id).rows] == [f"Taken over from {manager.name}"]
    leads.release(uow, manager, lead.id)
    claim = leads.detail(uow, other, lead.id).claim
    assert claim is not None
    assert claim.user_id == other.user_id
    leads.release(uow, other, lead.id)
    assert leads.detail(uow, other, lead.id).claim is None


def test_a_claim_of_ones_own_holds_for_longer_and_the_setting_says_how_long(
    db: Database, org: UUID, manager: Principal, clock: FrozenClock
) -> None:
    with db.begin(org) as uow:
        lead = a_lead(uow)
        uow.connection().execute("update organization set claim_minutes = 40 where id = %s", [org])
        leads.claim(uow, manager, lead.id)
    clock.advance(timedelta(minutes=30))
    with db.begin(org) as uow:
        assert leads.claim(uow, manager, lead.id).until == clock.now() + timedelta(minutes=40)


def test_no_claim_stands_against_what_came_of_a_text_or_call(uow: UnitOfWork, manager: Principal) -> None:
    other = a_member(uow, Role.MANAGER)
    lead = a_lead(uow)
    leads.claim(uow, other, lead.id)
    leads.follow_status(uow, manager, lead.id, LeadStatus.DEAD)
    leads.set_status(uow, Principal.system(uow.org()), lead.id, LeadStatus.CONTACTED)
    assert leads.follow_task(uow, manager, lead.id, "Read the legal threat") is not None


def test_what_came_of_a_text_is_settled_for_a_removed_lead_too(uow: UnitOfWork, manager: Principal) -> None:
    lead = a_lead(uow)
    leads.remove(uow, manager, lead.id, "sold")
    leads.follow_status(uow, manager, lead.id, LeadStatus.DEAD)
    assert leads.follow_task(uow, manager, lead.id, "Read the legal threat") is None
    assert not leads.stands(uow, lead.id)


def test_a_bulk_change_of_status_leaves_out_what_somebody_works_on(uow: UnitOfWork, manager: Principal) -> None:
    other = a_member(uow, Role.MANAGER)
    taken, free = a_lead(uow), a_lead(uow)
    leads.claim(uow, other, taken.id)
    edit_id = bulk.start(uow, manager, ChosenLeads(filter={}), BulkChange(status=LeadStatus.DEAD))
    assert bulk.get(uow, manager, edit_id).outcomes == {BulkOutcome.CHANGED: 1, BulkOutcome.GONE: 1}
    assert leads.named(uow, manager, [free.id])[0].status is LeadStatus.DEAD


def test_a_lead_that_is_not_the_callers_to_see_is_not_claimed(uow: UnitOfWork) -> None:
    agent = a_member(uow, Role.AGENT)
    lead: Lead = a_lead(uow)
    with pytest.raises(NoSuchLead):
        leads.claim(uow, agent, lead.id)


def test_over_http_a_claim_is_taken_told_and_given_up(db: Database, org: UUID, sign: Sign, manager: Principal) -> None:
    with db.begin(org) as uow:
        lead, other = a_lead(uow), a_member(uow, Role.MANAGER)
    path = f"/api/v1/leads/{lead.id}"
    assert sign(other).post(f"{path}/claim").json()["user_id"] == str(other.user_id)
    call = sign(manager)
    refused = call.post(f"{path}/claim")
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "claimed")
    assert call.patch(path, json={"status": "dead"}).status_code == 409
    assert call.post(f"{path}/take-over").status_code == 200
    assert [row["lead_id"] for row in call.get("/api/v1/leads/claims").json()["rows"]] == [str(lead.id)]
    assert call.get(path).json()["claim"]["user_id"] == str(manager.user_id)
    assert call.post(f"{path}/release").status_code == 204
    assert call.get(path).json()["claim"] is None


def test_an_agent_lists_claims_of_own_leads_only_and_ended_ones_stand_in_no_list(
    db: Database, org: UUID, manager: Principal, clock: FrozenClock
) -> None:
    with db.begin(org) as uow:
        maria = a_member(uow, Role.AGENT)
        hers, other = a_lead(uow, assignee_id=maria.user_id), a_lead(uow)
        for lead in (hers, other):
            leads.claim(uow, manager, lead.id)
        assert leads.claims(uow, manager).count == 2
        found = leads.claims(uow, maria)
        assert ([row.lead_id for row in found.rows], found.count) == ([hers.id], 1)
    clock.advance(timedelta(minutes=15))
    with db.begin(org) as uow:
        assert leads.claims(uow, manager).rows == ()
