"""A removed lead and one that stands become one lead, which stands; two removed ones become one that is removed."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from leadflow.leads import service as leads
from leadflow.leads.types import LeadFilter
from models.compliance import Suppression
from models.leads import Activity, Lead, LeadSearch
from models.vocabulary import DuplicateKind, LeadStatus, SuppressionKind
from tests.duplicates.test_merge import houses, lead_of, merge, unmerge
from tests.duplicates.test_search import found, search
from tests.duplicates.world import World, rows


def remove(db: Database, owner: Principal, *lead_ids: UUID) -> None:
    with db.begin(owner.org_id) as uow:
        for lead_id in lead_ids:
            leads.remove(uow, owner, lead_id, "sold")


def row_of(db: Database, org: UUID, table: Any, lead_id: UUID) -> Any:
    with db.begin(org) as uow:
        return uow.session.get(table, (org, lead_id))


@pytest.mark.parametrize(
    ("removed", "stands"),
    [((True, False), True), ((False, True), True), ((True, True), False)],
    ids=["the one that stays", "the one that goes", "both"],
)
def test_the_lead_stands_if_either_did_and_a_merge_is_taken_back_whole(
    db: Database, org: UUID, owner: Principal, *, removed: tuple[bool, bool], stands: bool
):
    one, other = houses(db, org)
    pair = [lead_of(db, org, one), lead_of(db, org, other)]
    remove(db, owner, *(lead_id for lead_id, was in zip(pair, removed, strict=True) if was))
    before = rows(db)
    made = merge(db, owner, one, other, DuplicateKind.PROPERTY)
    lead, flat = (row_of(db, org, table, pair[0]) for table in (Lead, LeadSearch))
    assert (lead.removed_at is None, lead.removed_why, flat is not None) == (stands, "" if stands else "sold", stands)
    assert row_of(db, org, Lead, pair[1]) is None
    with db.begin(org) as uow:
        assert [row.id for row in leads.page(uow, owner, LeadFilter()).rows] == ([pair[0]] if stands else [])
        assert [row.id for row in leads.removed(uow, owner).rows] == ([] if stands else [pair[0]])
        summaries = uow.session.exec(select(Activity.summary).where(Activity.lead_id == pair[0])).all()
        assert summaries.count("Removed: sold") == sum(removed), "the history of both is kept"
    assert unmerge(db, owner, made) == {}
    assert rows(db) == before


def test_what_stood_against_the_removed_one_stands_against_the_one_that_stays(
    db: Database, org: UUID, owner: Principal
):
    with db.begin(org) as uow:
        world = World(uow)
        phone = world.phone()
        person = world.person("Ada Oak", phone)
        one, other = (world.house(street, person) for street in ("1200 Main St", "1200 N Main St"))
        world.lead(one)
        gone = world.lead(other)
        world.suppress(SuppressionKind.OPT_OUT, person_id=person.id)
        leads.remove(uow, owner, gone.id, "asked us to stop")
        places = one.id, other.id
    merge(db, owner, *places, DuplicateKind.PROPERTY)
    with db.begin(org) as uow:
        (row,) = leads.page(uow, owner, LeadFilter()).rows
        assert row.contactable.verdict == "blocked"
        assert [row.released_at for row in uow.session.exec(select(Suppression)).all()] == [None]


@pytest.mark.parametrize("survivor_goes", [True, False], ids=["the removed one stays", "the removed one goes"])
def test_the_status_of_a_removed_lead_replaces_none_that_the_team_gave(
    db: Database, org: UUID, owner: Principal, *, survivor_goes: bool
):
    with db.begin(org) as uow:
        world = World(uow)
        one, other = (world.house(street) for street in ("1200 Main St", "1200 N Main St"))
        first, second = world.lead(one), world.lead(other)
        going, standing = (first, second) if survivor_goes else (second, first)
        leads.set_status(uow, owner, standing.id, LeadStatus.INTERESTED)
        leads.set_status(uow, owner, going.id, LeadStatus.CONTACTED)
        places, ids = (one.id, other.id), (going.id, first.id)
    remove(db, owner, ids[0])
    merge(db, owner, *places, DuplicateKind.PROPERTY)
    assert row_of(db, org, Lead, ids[1]).status is LeadStatus.INTERESTED


def test_a_pair_with_a_removed_lead_is_proposed_once_it_is_restored(db: Database, org: UUID, owner: Principal):
    one, other = houses(db, org)
    pair = [lead_of(db, org, one), lead_of(db, org, other)]
    search(db, org)
    assert len(found(db, owner, DuplicateKind.PROPERTY)) == 1
    remove(db, owner, pair[0])
    assert found(db, owner, DuplicateKind.PROPERTY) == []
    with db.begin(org) as uow:
        leads.restore(uow, owner, pair[0])
    assert len(found(db, owner, DuplicateKind.PROPERTY)) == 1
