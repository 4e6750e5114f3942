"""A search finds what may be one, in bounded time, can be stopped, and never asks twice."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlmodel import select

from leadflow.duplicates import service as duplicates
from leadflow.duplicates.queries import candidates
from leadflow.duplicates.types import PairFilter, PairRow
from leadflow.identity.types import Principal
from leadflow.jobs import service as jobs
from leadflow.kernel.db import Database, UnitOfWork
from models.base import new_id
from models.duplicates import DuplicatePair, DuplicateSearch
from models.jobs import Job
from models.properties import EmailAddress
from models.vocabulary import DuplicateKind, JobKind, JobState, PairState, PartyRole, Role
from tests.duplicates.world import World
from tests.factories.identity import a_member


def search(db: Database, org: UUID, **given: UUID) -> DuplicateSearch:
    """Search and answer what became of it."""
    search_id = duplicates.run_search(db, org, **given)
    with db.begin(org) as uow:
        return uow.session.get_one(DuplicateSearch, (org, search_id))


def found(db: Database, owner: Principal, kind: DuplicateKind | None = None) -> list[PairRow]:
    """List open pairs."""
    with db.begin(owner.org_id) as uow:
        return list(duplicates.pairs(uow, owner, PairFilter(kind=kind)).rows)


@pytest.mark.parametrize("what", ["phone", "e-mail address", "mailing address", "property"])
def test_people_are_found_by_what_they_share(db: Database, org: UUID, owner: Principal, what: str):
    with db.begin(org) as uow:
        world = World(uow)
        numbers = [world.phone()] if what == "phone" else []
        mailing = {"mailing_street": "9 Oak St", "mailing_zip5": "60601"} if what == "mailing address" else {}
        pair = [world.person(name, *numbers, **mailing) for name in ("John Smith", "Jonathan Smith", "John Smith")]
        if what == "e-mail address":
            for person in pair:
                uow.session.add(EmailAddress(org_id=org, person_id=person.id, email="j@smith.example"))
        if what == "property":
            world.house("", *pair)
        ids = {pair[0].id, pair[2].id}
    search(db, org)
    (row,) = found(db, owner)
    assert {row.one.id, row.other.id} == ids
    assert [reason.words for reason in row.reasons] == ["same name", f"same {what}"]


def test_properties_are_found_under_two_spellings(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        world = World(uow)
        one = world.lead(world.house("1200 Main St")).id
        other = world.lead(world.house("1200 N Main St")).id
        world.house("1202 Main St")
    search(db, org)
    (row,) = found(db, owner)
    assert {row.one.lead_id, row.other.lead_id} == {one, other}
    assert row.kind is DuplicateKind.PROPERTY


def test_flats_are_not_proposed_with_each_other_nor_with_the_house(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        world = World(uow)
        for unit in range(1, 7):
            world.house("1200 Main St", unit=f"Apt {unit}", apn=f"14-{unit}", parcel_key=f"apn|IL|COOK|14{unit}")
        world.house("1200 Main St")
    search(db, org)
    assert found(db, owner) == []


def test_what_too_many_share_is_left_out_and_told(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        world = World(uow)
        office = world.phone()
        for _ in range(candidates.MOST + 1):
            world.person("John Smith", office)
        phone = office.id
    done = search(db, org)
    assert found(db, owner) == []
    assert {"what": "phone", "id": str(phone), "count": candidates.MOST + 1} in done.skipped


def test_what_is_not_one_is_never_proposed_again(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        world = World(uow)
        phone = world.phone()
        world.person("John Smith", phone)
        world.person("John Smith", phone)
    search(db, org)
    (row,) = found(db, owner)
    with db.begin(org) as uow:
        duplicates.dismiss(uow, owner, row.id)
    search(db, org)
    assert found(db, owner) == []
    with db.begin(org) as uow:
        duplicates.propose_again(uow, owner, row.id)
    assert [one.id for one in found(db, owner)] == [row.id]


def test_what_does_not_hold_any_more_is_proposed_no_longer(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        world = World(uow)
        phone = world.phone()
        world.person("John Smith", phone)
        other = world.person("John Smith", phone)
    search(db, org)
    assert len(found(db, owner)) == 1
    with db.begin(org) as uow, uow.cursor() as cursor:
        cursor.execute("update person set first_name = 'Mary', name = 'Mary Smith' where id = %s", [other.id])
    search(db, org)
    assert found(db, owner) == []


def test_only_what_an_import_brought_is_compared_after_it(db: Database, org: UUID, owner: Principal):
    brought = new_id()
    with db.begin(org) as uow:
        world = World(uow)
        old, new = world.phone(), world.phone()
        world.person("John Smith", old)
        world.person("John Smith", old)
        world.person("Ada Quill", new)
        fresh = world.person("Ada Quill", new, import_id=brought).id
    done = search(db, org, import_id=brought)
    (row,) = found(db, owner)
    assert fresh in {row.one.id, row.other.id}
    assert done.compared == 1


def test_a_search_that_is_stopped_keeps_what_it_has_found(
    db: Database, org: UUID, owner: Principal, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(candidates, "STRETCH", 2)
    with db.begin(org) as uow:
        world = World(uow)
        for name in ("John Smith", "Ada Quill", "Luis Castellanos"):
            phone = world.phone()
            world.person(name, phone)
            world.person(name, phone)
        job_id = jobs.enqueue(uow, JobKind.DUPLICATE_SEARCH)
        uow.session.get_one(Job, job_id).state = JobState.RUNNING
    real = jobs.progress

    def stop_after_one(uow: UnitOfWork, job: UUID, *rest: Any) -> None:
        real(uow, job, *rest)
        uow.session.get_one(Job, job).cancel_requested = True

    monkeypatch.setattr(jobs, "progress", stop_after_one)
    done = search(db, org, job_id=job_id)
    assert done.state is JobState.CANCELLED
    assert len(found(db, owner)) == 2


def test_a_decedent_and_an_heir_of_one_name_are_not_sure(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        world = World(uow)
        phone = world.phone()
        father, son = world.person("John Smith", phone), world.person("John Smith", phone)
        world.house("1 Oak St", father, role=PartyRole.DECEDENT)
        world.house("2 Oak St", son, role=PartyRole.HEIR)
    search(db, org)
    (row,) = found(db, owner)
    assert row.contradicted
    with db.begin(org) as uow:
        assert duplicates.preview_sure(uow, owner, 50) == 0


def test_an_agent_sees_only_pairs_of_own_leads(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        agent = a_member(uow, Role.AGENT)
        world = World(uow)
        for assignees in ((agent.user_id, agent.user_id), (agent.user_id, None)):
            phone = world.phone()
            for assignee in assignees:
                world.lead(world.house("", world.person(f"Ada {len(assignees)}Q", phone)), assignee_id=assignee)
    search(db, org)
    everything = found(db, owner, DuplicateKind.PERSON)
    assert len(everything) == 2
    mine = found(db, agent, DuplicateKind.PERSON)
    assert len(mine) == 1


def test_many_sure_ones_are_merged_at_once_and_taken_back_together(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        boss = a_member(uow, Role.OWNER)
        world = World(uow)
        for number in range(5):
            phone = world.phone()
            mailing = {"mailing_street": f"{number} Oak St", "mailing_zip5": "60601"}
            for _ in range(2):
                world.person("John Smith", phone, **mailing)
        job_id = jobs.enqueue(uow, JobKind.DUPLICATE_MERGE)
    search(db, org)
    with db.begin(org) as uow:
        assert duplicates.preview_sure(uow, boss, 90) == 5
    assert boss.user_id is not None
    assert duplicates.run_sure(db, org, boss.user_id, job_id, 90, None) == (5, 0)
    assert found(db, owner) == []
    with db.begin(org) as uow:
        undoing = duplicates.undo_job(uow, boss, job_id)
    assert duplicates.run_undo(db, org, boss.user_id, undoing, job_id) == (5, 0)
    assert len(found(db, owner)) == 5
    with db.begin(org) as uow:
        assert {row.state for row in uow.session.exec(select(DuplicatePair)).all()} == {PairState.OPEN}


def test_the_list_goes_page_by_page_the_likeliest_first(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        for number in range(25):
            uow.session.add(
                DuplicatePair(
                    org_id=org,
                    kind=DuplicateKind.PERSON,
                    one_id=UUID(int=2 * number),
                    other_id=UUID(int=2 * number + 1),
                    score=50 + number % 7,
                    found_at=uow.now(),
                )
            )
    seen: list[PairRow] = []
    with db.begin(org) as uow:
        page = duplicates.pairs(uow, owner, PairFilter(), limit=10)
        assert page.count == 25
        seen += page.rows
        while page.next:
            page = duplicates.pairs(uow, owner, PairFilter(), page.next, limit=10)
            seen += page.rows
    assert len({row.id for row in seen}) == 25
    assert [row.score for row in seen] == sorted((row.score for row in seen), reverse=True)
