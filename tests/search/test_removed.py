"""Nobody meets a removed lead by searching, nor what hangs on it alone; restored, it is found as before."""

from __future__ import annotations

from uuid import UUID

import pytest

from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from leadflow.leads import service as leads
from leadflow.search import service as search
from models.leads import Lead
from models.vocabulary import Role, SearchKind
from tests.factories.leads import a_lead, a_task
from tests.factories.properties import a_party, a_property, an_owner

Who = dict[Role, Principal]
TYPED = ("9622 garland court", "garland", "r441022", "wilhelmina", "3035550142", "0142", "quill")


@pytest.fixture
def house(db: Database, org: UUID) -> Lead:
    """Write a lead with everything by which it can be found, beside another of the same street."""
    with db.begin(org) as uow:
        made = a_property(uow, street="9622 Garland Ct", city="Frisco", state="TX", zip5="75034", apn="R-4410-22")
        an_owner(uow, made, number="+13035550142", name="Wilhelmina Quill")
        lead = a_lead(uow, made)
        a_task(uow, lead.id, title="Ask Quill")
        a_lead(uow, a_property(uow, street="1 Garland Ct", apn="R-1"))
        leads.refresh_search(uow, [lead.id])
    return lead


def told(db: Database, actor: Principal, typed: str) -> set[tuple[SearchKind, str]]:
    """Ask everything; answers what was found of leads, people, numbers and tasks."""
    kinds = (SearchKind.LEAD, SearchKind.PERSON, SearchKind.PHONE, SearchKind.TASK)
    with db.begin(actor.org_id) as uow:
        answer = search.search(uow, actor, typed, kinds)
        pages = {kind: search.of_kind(uow, actor, kind, typed, None, 50) for kind in kinds}
    assert {group.kind: group.count for group in answer.groups} == {
        kind: page.count for kind, page in pages.items() if page.rows
    }, "the palette and the page agree"
    return {(group.kind, hit.title) for group in answer.groups for hit in group.hits if "1 Garland" not in hit.title}


def test_a_removed_lead_is_found_by_nothing_and_restored_by_everything(
    db: Database, org: UUID, who: Who, house: Lead
) -> None:
    owner = who[Role.OWNER]
    before = {typed: told(db, owner, typed) for typed in TYPED}
    assert all(before.values()), before
    with db.begin(org) as uow:
        leads.remove(uow, owner, house.id, "sold")
    assert {typed: told(db, owner, typed) for typed in TYPED} == {typed: set() for typed in TYPED}
    with db.begin(org) as uow:
        assert [row.id for row in leads.removed(uow, owner, "garland").rows] == [house.id]
        leads.restore(uow, owner, house.id)
    assert {typed: told(db, owner, typed) for typed in TYPED} == before


def test_somebody_with_another_lead_is_found_at_that_one(db: Database, org: UUID, who: Who, house: Lead) -> None:
    owner = who[Role.OWNER]
    with db.begin(org) as uow:
        person = leads.detail(uow, owner, house.id).people[0].id
        other = a_property(uow, street="7 Elm St")
        a_party(uow, other.id, person)
        stays = a_lead(uow, other)
        leads.refresh_search(uow, [stays.id])
        leads.remove(uow, owner, house.id, "sold")
        for typed, kind in (("wilhelmina", SearchKind.PERSON), ("3035550142", SearchKind.PHONE)):
            (hit,) = search.of_kind(uow, owner, kind, typed, None, 50).rows
            assert str(stays.id) in hit.href
            assert str(house.id) not in hit.href


def test_tasks_of_removed_leads_hide_none_of_one_that_stands(
    db: Database, org: UUID, who: Who, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("leadflow.search.service.FIRST", 3)
    owner = who[Role.OWNER]
    with db.begin(org) as uow:
        for number in range(9):
            lead = a_lead(uow)
            a_task(uow, lead.id, title="Follow up")
            if number != 4:
                leads.remove(uow, owner, lead.id, "sold")
        (group,) = search.search(uow, owner, "follow", (SearchKind.TASK,)).groups
    assert (len(group.hits), group.count) == (1, 1)
