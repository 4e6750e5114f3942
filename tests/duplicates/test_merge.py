"""A merge leaves nothing behind, is as strict as the stricter of the two, and is taken back row for row."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlmodel import select

from leadflow.compliance import service as compliance
from leadflow.compliance.types import DecisionFilter
from leadflow.duplicates import service as duplicates
from leadflow.duplicates.errors import CannotUndo, Erased, Gone, NotLast
from leadflow.duplicates.types import Wish
from leadflow.identity.types import Principal
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Forbidden, Invalid, NotFound
from models.audit import AuditEvent
from models.compliance import Consent, Suppression
from models.duplicates import DuplicatePair, MergedRecord
from models.leads import Activity, Lead, LeadSearch, Task
from models.properties import Person, PersonPhone, Property
from models.vocabulary import DuplicateKind, LeadStatus, PairState, Role, SuppressionKind, TaskState
from tests.duplicates.world import World, decisions_of, naming, rows

KEPT = {
    *("decision.person_id", "decision.lead_id", "earlier_state.subject_id", "audit_event.subject_id"),
    *("record_merge.loser_id", "merged_record.loser_id", "merged_record.property_id", "duplicate_pair.one_id"),
    *("duplicate_pair.other_id",),
}
"""Columns that go on naming what is gone."""


def people(db: Database, org: UUID) -> tuple[UUID, UUID]:
    """Write two people who are one, each with everything that can hang on somebody; the second goes."""
    with db.begin(org) as uow:
        world = World(uow)
        shared = world.phone()
        for name in ("John Smith", "Jon Smith"):
            own = world.phone()
            person = world.person(name, shared, own)
            house = world.house("", person)
            world.everything(world.lead(house), person, own)
        found = uow.session.exec(select(Person).order_by(Person.name)).all()  # pyright: ignore[reportArgumentType] a column
        return found[0].id, found[1].id


def houses(db: Database, org: UUID) -> tuple[UUID, UUID]:
    """Write two properties that are one, each with a lead on which everything hangs."""
    with db.begin(org) as uow:
        world = World(uow)
        ids: list[UUID] = []
        owner = world.person("John Smith")
        for street in ("1200 Main St", "1200 N Main St"):
            phone = world.phone()
            person = world.person(f"Ada {street[5]}", phone)
            house = world.house(street, owner, person, apn="14-1", parcel_key="apn|IL|COOK|141")
            world.everything(world.lead(house), person, phone)
            ids.append(house.id)
        return ids[0], ids[1]


def lead_of(db: Database, org: UUID, property_id: UUID) -> UUID:
    """Name a property's lead."""
    with db.begin(org) as uow:
        return uow.session.exec(select(Lead).where(Lead.property_id == property_id)).one().id


def merge(db: Database, owner: Principal, survivor: UUID, loser: UUID, kind: DuplicateKind, **choose: str) -> UUID:
    """Merge two records in a transaction."""
    with db.begin(owner.org_id) as uow:
        return duplicates.merge(uow, owner, Wish(kind, survivor, loser, choose))


def unmerge(db: Database, owner: Principal, merge_id: UUID) -> dict[str, int]:
    """Take a merge back in a transaction; answers what stayed."""
    with db.begin(owner.org_id) as uow:
        return dict(duplicates.unmerge(uow, owner, merge_id).stayed)


def test_nothing_names_a_person_who_went_but_what_is_on_record(db: Database, org: UUID, owner: Principal):
    one, other = people(db, org)
    before = naming(db, other)
    merge(db, owner, one, other, DuplicateKind.PERSON)
    assert naming(db, other) <= KEPT
    assert {"consent.person_id", "message.person_id", "phone_call.person_id", "legal_hold.person_id"} <= before
    assert before - KEPT - {"person.id"} <= naming(db, one) | {"lead_search.best_person_id"}


def test_nothing_names_a_property_or_lead_that_went_but_what_is_on_record(db: Database, org: UUID, owner: Principal):
    one, other = houses(db, org)
    kept, gone = lead_of(db, org, one), lead_of(db, org, other)
    before = naming(db, gone)
    merge(db, owner, one, other, DuplicateKind.PROPERTY)
    assert naming(db, other) <= KEPT
    assert naming(db, gone) <= KEPT
    assert before - KEPT - {"lead.id"} <= naming(db, kept)


@pytest.mark.parametrize("build", [people, houses])
def test_taking_a_merge_back_gives_every_row_of_every_table_back(db: Database, org: UUID, owner: Principal, build):
    one, other = build(db, org)
    kind = DuplicateKind.PERSON if build is people else DuplicateKind.PROPERTY
    before = rows(db)
    made = merge(db, owner, one, other, kind)
    assert rows(db) != before
    assert unmerge(db, owner, made) == {}
    assert rows(db) == before


def test_taking_back_in_reverse_order_gives_every_row_back(db: Database, org: UUID, owner: Principal):
    one, other = people(db, org)
    with db.begin(org) as uow:
        third = World(uow).person("John Smith").id
        place, place2 = [house.id for house in uow.session.exec(select(Property)).all()][:2]
    before = rows(db)
    made = [
        merge(db, owner, one, other, DuplicateKind.PERSON),
        merge(db, owner, place, place2, DuplicateKind.PROPERTY),
        merge(db, owner, third, one, DuplicateKind.PERSON),
    ]
    with db.begin(org) as uow:
        assert {row.survivor_id for row in uow.session.exec(select(MergedRecord)).all() if row.subject == "person"} == {
            third
        }
    for merge_id in reversed(made):
        unmerge(db, owner, merge_id)
    assert rows(db) == before


def test_what_a_later_merge_rests_on_is_not_taken_back_before_it(db: Database, org: UUID, owner: Principal):
    one, other = people(db, org)
    with db.begin(org) as uow:
        third = World(uow).person("John Smith").id
    first = merge(db, owner, one, other, DuplicateKind.PERSON)
    merge(db, owner, third, one, DuplicateKind.PERSON)
    with pytest.raises(NotLast):
        unmerge(db, owner, first)


def test_a_merge_is_taken_back_once(db: Database, org: UUID, owner: Principal):
    one, other = people(db, org)
    made = merge(db, owner, one, other, DuplicateKind.PERSON)
    unmerge(db, owner, made)
    with pytest.raises(CannotUndo):
        unmerge(db, owner, made)


def test_what_happened_since_stays_with_the_survivor_and_is_told(
    db: Database, org: UUID, owner: Principal, clock: FrozenClock
):
    one, other = people(db, org)
    made = merge(db, owner, one, other, DuplicateKind.PERSON)
    clock.advance(timedelta(minutes=5))
    with db.begin(org) as uow:
        world = World(uow)
        late = world.phone("+13125559999")
        uow.session.add(PersonPhone(org_id=org, person_id=one, phone_id=late.id, created_at=uow.now()))
        moved = uow.session.exec(select(Task)).all()
        for task in moved:
            task.state, task.done_at = TaskState.DONE, uow.now()
    assert unmerge(db, owner, made) == {"phones": 1}
    with db.begin(org) as uow:
        assert uow.session.get(PersonPhone, (org, one, late.id)) is not None
        assert uow.session.get(Person, (org, other)) is not None
        assert {task.state for task in uow.session.exec(select(Task)).all()} == {TaskState.DONE}


# Strictness


def test_suppressions_are_united_and_one_of_each_stands(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        world = World(uow)
        one, other = world.person(), world.person()
        world.suppress(SuppressionKind.OPT_OUT, person_id=one.id)
        early = world.suppress(SuppressionKind.OPT_OUT, person_id=other.id, at=uow.now() - timedelta(days=9))
        world.suppress(SuppressionKind.LITIGATOR, person_id=other.id)
        at = early.at
        ids = one.id, other.id
    merge(db, owner, *ids, DuplicateKind.PERSON)
    with db.begin(org) as uow:
        found = uow.session.exec(select(Suppression)).all()
        assert {row.person_id for row in found} == {ids[0]}
        assert sorted(row.kind.value for row in found) == ["litigator", "opt_out"]
        assert next(row.at for row in found if row.kind is SuppressionKind.OPT_OUT) == at


def test_a_revocation_of_one_is_a_revocation_of_both(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        world = World(uow)
        phone, phone2 = world.phone(), world.phone()
        one, other = world.person("John Smith", phone), world.person("John Smith", phone2)
        standing = world.consent(one, phone)
        world.consent(other, phone2, revoked_at=uow.now() - timedelta(days=1))
        later = world.consent(one, phone, given_at=uow.now() - timedelta(hours=1))
        ids, kept, late = (one.id, other.id), standing.id, later.id
    made = merge(db, owner, *ids, DuplicateKind.PERSON)
    with db.begin(org) as uow:
        assert uow.session.get_one(Consent, (org, kept)).revoked_at is not None
        assert uow.session.get_one(Consent, (org, late)).revoked_at is None, "it was given after the revocation"
    unmerge(db, owner, made)
    with db.begin(org) as uow:
        assert uow.session.get_one(Consent, (org, kept)).revoked_at is None


@pytest.mark.parametrize("stays", [0, 1])
def test_who_died_stays_dead_and_no_place_is_lost(db: Database, org: UUID, owner: Principal, stays: int):
    with db.begin(org) as uow:
        world = World(uow)
        pair = [world.person(deceased=True, mailing_state="IL").id, world.person(mailing_state="CA").id]
    merge(db, owner, pair[stays], pair[1 - stays], DuplicateKind.PERSON)
    with db.begin(org) as uow:
        left = uow.session.exec(select(Person)).one()
        assert left.deceased
        assert {left.mailing_state, left.billing_state} == {"IL", "CA"}


# Values


def test_the_fuller_value_stands_and_a_choice_is_kept(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        world = World(uow)
        one = world.house("1200 Main St", year_built=1950, estimated_value=100_00, extra={"a": "1", "b": "2"})
        other = world.house("1200 N Main St", bedrooms=3.0, estimated_value=200_00, extra={"b": "3", "c": "4"})
        world.lead(one)
        world.lead(other, status=LeadStatus.INTERESTED, source="mailer")
        ids = one.id, other.id
    merge(db, owner, *ids, DuplicateKind.PROPERTY, estimated_value="loser", source="loser")
    with db.begin(org) as uow:
        left = uow.session.exec(select(Property)).one()
        assert (left.year_built, left.bedrooms, left.estimated_value) == (1950, 3.0, 200_00)
        assert left.extra == {"a": "1", "b": "2", "c": "4"}
        lead = uow.session.exec(select(Lead)).one()
        assert (lead.status, lead.source, lead.property_id) == (LeadStatus.INTERESTED, "mailer", ids[0])
        flat = uow.session.exec(select(LeadSearch)).one()
        assert flat.status is LeadStatus.INTERESTED


def test_a_chosen_address_brings_its_key_and_the_other_key_still_leads_here(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        world = World(uow)
        ids = world.house("1200 Main St").id, world.house("1200 N Main St").id
    made = merge(db, owner, *ids, DuplicateKind.PROPERTY, address="loser")
    with db.begin(org) as uow:
        assert uow.session.exec(select(Property)).one().property_key == "1200 N MAIN ST||60601"
        assert uow.session.exec(select(MergedRecord)).one().key == "1200 MAIN ST||60601"
    unmerge(db, owner, made)
    with db.begin(org) as uow:
        assert len(uow.session.exec(select(Property)).all()) == 2


def test_a_lead_of_the_one_that_goes_alone_follows_its_property(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        world = World(uow)
        one, other = world.house("1200 Main St"), world.house("1200 N Main St")
        lead = world.lead(other).id
        ids = one.id, other.id
    before = rows(db)
    made = merge(db, owner, *ids, DuplicateKind.PROPERTY)
    with db.begin(org) as uow:
        assert uow.session.get_one(Lead, (org, lead)).property_id == ids[0]
        assert uow.session.get_one(LeadSearch, (org, lead)).property_id == ids[0]
    unmerge(db, owner, made)
    assert rows(db) == before


# On record


def test_receipts_are_untouched_and_found_by_who_it_is_today(db: Database, org: UUID, owner: Principal):
    one, other = people(db, org)
    with db.begin(org) as uow:
        theirs = {decision.id for decision in decisions_of(uow, other)}
        mine = {decision.id for decision in decisions_of(uow, one)}
    assert theirs
    merge(db, owner, one, other, DuplicateKind.PERSON)
    with db.begin(org) as uow:
        assert {decision.id for decision in decisions_of(uow, other)} == theirs, "a receipt was rewritten"
        found = compliance.decisions(uow, owner, DecisionFilter(person_id=one), None, 50).rows
        assert {row.id for row in found} == mine | theirs
        assert {row.person_name for row in found} == {"John Smith"}


def test_a_merge_and_its_undoing_stand_in_the_record_of_acts(db: Database, org: UUID, owner: Principal):
    one, other = houses(db, org)
    made = merge(db, owner, one, other, DuplicateKind.PROPERTY)
    with db.begin(org) as uow:
        noted = [row for row in uow.session.exec(select(Activity)).all() if row.detail.get("merge_id") == str(made)]
        assert len(noted) == 1
    unmerge(db, owner, made)
    with db.begin(org) as uow:
        acts = [(row.action, row.subject_id) for row in uow.session.exec(select(AuditEvent)).all()]
        assert ("duplicate.merged", one) in acts
        assert ("duplicate.unmerged", one) in acts


def test_what_was_said_of_the_one_holds_for_both(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        world = World(uow)
        one, other, stranger, open_one = (world.person() for _ in range(4))
        for left, right, state in (
            (one, other, PairState.OPEN),
            (other, stranger, PairState.DISMISSED),
            (other, open_one, PairState.OPEN),
            (one, stranger, PairState.OPEN),
        ):
            first, second = sorted((left.id, right.id))
            uow.session.add(
                DuplicatePair(
                    org_id=org,
                    kind=DuplicateKind.PERSON,
                    one_id=first,
                    other_id=second,
                    state=state,
                    found_at=uow.now(),
                )
            )
        ids = one.id, other.id, stranger.id
    before = rows(db)
    made = merge(db, owner, ids[0], ids[1], DuplicateKind.PERSON)
    with db.begin(org) as uow:
        left = {
            (frozenset((row.one_id, row.other_id)), row.state) for row in uow.session.exec(select(DuplicatePair)).all()
        }
        assert left == {
            (frozenset((ids[0], ids[1])), PairState.MERGED),
            (frozenset((ids[0], ids[2])), PairState.DISMISSED),
        }
    unmerge(db, owner, made)
    assert rows(db) == before


# Refusals


def test_only_owners_and_managers_merge(db: Database, org: UUID, owner: Principal):
    one, other = people(db, org)
    for role in (Role.AGENT, Role.AUDITOR):
        with pytest.raises(Forbidden):
            merge(db, replace(owner, role=role), one, other, DuplicateKind.PERSON)
    made = merge(db, replace(owner, role=Role.MANAGER), one, other, DuplicateKind.PERSON)
    with pytest.raises(Forbidden):
        unmerge(db, replace(owner, role=Role.AGENT), made)


def test_a_record_of_nobody_or_of_another_house_is_not_found(db: Database, org: UUID, owner: Principal, make_org):
    one, _ = people(db, org)
    theirs, _ = people(db, make_org("Birch Partners"))
    with pytest.raises(NotFound):
        merge(db, owner, one, theirs, DuplicateKind.PERSON)


def test_who_is_merged_already_is_told_so(db: Database, org: UUID, owner: Principal):
    one, other = people(db, org)
    merge(db, owner, one, other, DuplicateKind.PERSON)
    with pytest.raises(Gone):
        merge(db, owner, one, other, DuplicateKind.PERSON)


def test_nobody_is_merged_with_themselves_or_by_an_unknown_choice(db: Database, org: UUID, owner: Principal):
    one, other = people(db, org)
    with pytest.raises(Invalid):
        merge(db, owner, one, one, DuplicateKind.PERSON)
    with pytest.raises(Invalid):
        merge(db, owner, one, other, DuplicateKind.PERSON, deceased="loser")


def test_who_was_erased_is_merged_with_nobody(db: Database, org: UUID, owner: Principal):
    with db.begin(org) as uow:
        world = World(uow)
        ids = world.person().id, world.person("Erased person", person_key="erased:1").id
    with pytest.raises(Erased):
        merge(db, owner, *ids, DuplicateKind.PERSON)
