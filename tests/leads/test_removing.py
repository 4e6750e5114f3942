"""A lead that is removed stands nowhere and loses nothing; it comes back as it was."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from leadflow.compliance import service as compliance
from leadflow.compliance.types import Ask, Decision, Mark, Recipient
from leadflow.duplicates import service as duplicates
from leadflow.duplicates.types import PairFilter
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Forbidden, Invalid
from leadflow.leads import service as leads
from leadflow.leads.errors import NoSuchLead
from leadflow.leads.types import LeadFilter
from leadflow.leads.work_types import TaskFilter, TaskWhen
from models.base import new_id
from models.leads import Lead
from models.vocabulary import LeadStatus, Role, SuppressionKind
from tests.factories.identity import a_member
from tests.factories.leads import a_lead, a_list, a_tag, a_task, an_entry
from tests.leads.conftest import Sign


def whole(uow: UnitOfWork, lead_id: UUID) -> Any:
    """Answer every row of a lead, without stamps of its own writing."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select to_jsonb(l) - 'updated_at', to_jsonb(s) - 'updated_at' - 'created_at',
                   (select jsonb_agg(to_jsonb(e) order by e.list_id) from lead_list_entry e where e.lead_id = l.id),
                   (select jsonb_agg(to_jsonb(t) order by t.tag_id) from lead_tag t where t.lead_id = l.id),
                   (select jsonb_agg(to_jsonb(k) order by k.id) from task k where k.lead_id = l.id)
            from lead l left join lead_search s on s.org_id = l.org_id and s.lead_id = l.id
            where l.org_id = %s and l.id = %s
            """,
            [uow.org(), lead_id],
        )
        return cursor.fetchone()


def worked(uow: UnitOfWork) -> Lead:
    """Make a lead on a list, under a tag, with a follow-up that is late."""
    lead = a_lead(uow, status=LeadStatus.INTERESTED, source="Drive")
    an_entry(uow, a_list(uow, "Vacant").id, lead.id)
    a_tag(uow, lead.id, "Hot")
    a_task(uow, lead.id, title="Call", due_at=uow.now())
    return lead


def everywhere(uow: UnitOfWork, actor: Principal) -> list[int]:
    """Count the leads wherever leads are counted."""
    today = leads.today(uow, actor)
    tasks = leads.task_counts(uow, actor, TaskFilter())
    return [
        leads.count(uow, actor, LeadFilter()),
        len(leads.page(uow, actor, LeadFilter(q="Cedar")).rows),
        sum(stage.count for stage in leads.board(uow, actor, LeadFilter())),
        sum(row.count for row in leads.lists(uow, actor)),
        sum(row.count for row in leads.tags(uow, actor)),
        sum(tasks.values()),
        len(leads.tasks(uow, actor, TaskFilter(TaskWhen.TODAY)).rows),
        len(today.due),
        len(leads.sources(uow, actor)),
    ]


def decision(uow: UnitOfWork, lead: Lead) -> Decision:
    with uow.cursor() as cursor:
        cursor.execute(
            "select y.person_id, j.phone_id from property_party y join person_phone j on j.person_id = y.person_id"
            " where y.property_id = %s",
            [lead.property_id],
        )
        person, phone = cursor.fetchall()[0]
    asked = Recipient(lead_id=lead.id, property_id=lead.property_id, person_id=person, phone_id=phone)
    return compliance.assess(uow, [asked], Ask(), uow.now())[0]


def test_a_removed_lead_stands_nowhere_and_comes_back_as_it_was(uow: UnitOfWork, manager: Principal) -> None:
    lead = worked(uow)
    before, stood = whole(uow, lead.id), everywhere(uow, manager)
    assert stood == [1] * 9
    leads.remove(uow, manager, lead.id, "  sold last year ")
    assert everywhere(uow, manager) == [0] * 9
    assert leads.named(uow, manager, [lead.id]) == []
    with pytest.raises(NoSuchLead):
        leads.detail(uow, manager, lead.id)
    with pytest.raises(NoSuchLead):
        leads.set_status(uow, manager, lead.id, LeadStatus.DEAD)
    (gone,) = leads.removed(uow, manager).rows
    assert (gone.id, gone.why, gone.removed_by, gone.status) == (
        lead.id,
        "sold last year",
        manager.name,
        LeadStatus.INTERESTED,
    )
    assert leads.refresh_search(uow, [lead.id]) == 0
    leads.restore(uow, manager, lead.id)
    assert whole(uow, lead.id) == before
    assert everywhere(uow, manager) == stood
    told = [entry.summary for entry in leads.timeline(uow, manager, lead.id).rows]
    assert {"Removed: sold last year", "Restored"} <= set(told)
    leads.restore(uow, manager, lead.id)
    assert len(leads.timeline(uow, manager, lead.id).rows) == len(told)


def test_what_stands_against_contact_stays_and_the_gate_refuses_what_it_refused(
    uow: UnitOfWork, manager: Principal
) -> None:
    lead = worked(uow)
    with uow.cursor() as cursor:
        cursor.execute("select best_phone from lead_search where lead_id = %s", [lead.id])
        number = f"+{cursor.fetchall()[0][0]}"
    compliance.suppress(uow, manager, Mark(SuppressionKind.OPT_OUT, "manual", number))
    with uow.cursor() as cursor:
        cursor.execute("select count(*) from suppression where released_at is null")
        standing = cursor.fetchone()
    before = decision(uow, lead)
    assert "opted_out" in before.reasons
    leads.remove(uow, manager, lead.id, "wrong county")
    after = decision(uow, lead)
    assert (after.verdict, after.reasons) == (before.verdict, before.reasons)
    with uow.cursor() as cursor:
        cursor.execute("select count(*) from suppression where released_at is null")
        assert cursor.fetchone() == standing


def test_only_owners_and_managers_remove_and_only_with_a_reason(uow: UnitOfWork, manager: Principal) -> None:
    agent = a_member(uow, Role.AGENT)
    lead = a_lead(uow, assignee_id=agent.user_id)
    for act in (
        lambda: leads.remove(uow, agent, lead.id, "mine"),
        lambda: leads.restore(uow, agent, lead.id),
        lambda: leads.removed(uow, agent),
    ):
        with pytest.raises(Forbidden):
            act()
    with pytest.raises(Invalid):
        leads.remove(uow, manager, lead.id, "   ")
    with pytest.raises(NoSuchLead):
        leads.restore(uow, manager, new_id())
    assert leads.count(uow, manager, LeadFilter()) == 1


def test_removed_leads_are_listed_page_by_page_and_found_by_words(uow: UnitOfWork, manager: Principal) -> None:
    made = [a_lead(uow).id for _ in range(5)]
    for lead_id in made:
        leads.remove(uow, manager, lead_id, "50% off" if lead_id == made[2] else "old")
    first = leads.removed(uow, manager, limit=3)
    rest = leads.removed(uow, manager, after=first.next, limit=3)
    assert (first.count, rest.count, rest.next) == (5, None, None)
    assert {row.id for row in first.rows + rest.rows} == set(made)
    found = leads.removed(uow, manager, "50%")
    assert ([row.id for row in found.rows], found.count) == ([made[2]], 1)


def test_a_merge_with_a_removed_twin_keeps_the_lead_that_is_worked_on(uow: UnitOfWork, manager: Principal) -> None:
    """Pairs that stand on nothing but removed leads are not proposed."""
    lead, other = a_lead(uow), a_lead(uow)
    one, two = sorted((lead.property_id, other.property_id))
    with uow.cursor() as cursor:
        cursor.execute(
            """insert into duplicate_pair (org_id, kind, one_id, other_id, score, found_at)
               values (%s, 'property', %s, %s, 90, now())""",
            [uow.org(), one, two],
        )
    assert len(duplicates.pairs(uow, manager, PairFilter()).rows) == 1
    leads.remove(uow, manager, other.id, "twin")
    assert duplicates.pairs(uow, manager, PairFilter()).rows == ()


def test_over_http_a_lead_is_removed_listed_and_restored(
    db: Database, org: UUID, sign: Sign, manager: Principal
) -> None:
    with db.begin(org) as uow:
        lead = a_lead(uow)
        agent = a_member(uow, Role.AGENT)
    call, path = sign(manager), f"/api/v1/leads/{lead.id}"
    assert sign(agent).post(f"{path}/remove", json={"why": "x"}).status_code == 403
    assert call.post(f"{path}/remove", json={"why": " "}).status_code == 422
    assert call.post(f"{path}/remove", json={"why": "sold"}).status_code == 204
    assert call.get(path).status_code == 404
    assert call.post(f"{path}/remove", json={"why": "sold"}).status_code == 404
    listed = call.get("/api/v1/leads/removed").json()
    assert [(row["id"], row["why"]) for row in listed["rows"]] == [(str(lead.id), "sold")]
    assert listed["count"] == 1
    assert call.post(f"{path}/restore").status_code == 204
    assert call.get(path).status_code == 200
