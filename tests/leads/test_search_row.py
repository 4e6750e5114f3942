"""The flat row equals the tables that it is made of, after any change; the best number is chosen as the team would."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test
from psycopg import sql
from psycopg.rows import dict_row

from leadflow.identity.types import Principal
from leadflow.jobs.types import Claim
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.leads import service as leads
from leadflow.leads.queries import search_row
from leadflow.leads.types import LeadFilter
from models.leads import Lead
from models.properties import Person, Phone
from models.vocabulary import JobKind, LeadStatus, LineType, PartyRole, PhoneStatus, Role
from tests.factories.identity import a_member
from tests.factories.leads import a_lead
from tests.factories.properties import a_party, a_person, a_person_phone, a_phone, a_property, an_owner
from workers.leads import refresh as work

PUT_IN = {"org_id", "created_at", "updated_at"}


def differences(uow: UnitOfWork) -> list[Any]:
    """Hold every stored flat row against one made afresh."""
    with uow.connection().cursor(row_factory=dict_row) as cursor:
        everything = sql.SQL("select id as lead_id from lead where org_id = %(org)s")
        params = search_row.params(uow)
        cursor.execute(search_row.rows(everything), params)
        fresh = {row["lead_id"]: row for row in cursor.fetchall()}
        cursor.execute("select * from lead_search where org_id = %(org)s", params)
        kept = {row["lead_id"]: {k: v for k, v in row.items() if k not in PUT_IN} for row in cursor.fetchall()}
    return [(fresh.get(key), kept.get(key)) for key in fresh.keys() | kept.keys() if fresh.get(key) != kept.get(key)]


class Team(RuleBasedStateMachine):
    """Anything that people and other rooms do to leads, in any order."""

    db: Database
    org: UUID

    def __init__(self) -> None:
        super().__init__()
        self.leads: list[UUID] = []
        self.tasks: list[UUID] = []
        self.phones: list[str] = []
        with self.db.begin(self.org) as uow:
            uow.connection().execute("delete from lead")
            uow.connection().execute("delete from tag")
            self.me = a_member(uow, Role.OWNER)

    @rule(owners=st.integers(0, 3), phones=st.integers(0, 3))
    def import_a_house(self, owners: int, phones: int) -> None:
        with self.db.begin(self.org) as uow:
            house = a_property(uow)
            for position in range(owners):
                person = a_person(uow, name=f"Owner {position}")
                a_party(uow, house.id, person.id, position=position + 1)
                for rank in range(phones):
                    phone = a_phone(uow, line_type=[LineType.MOBILE, LineType.LANDLINE, LineType.UNKNOWN][rank])
                    a_person_phone(uow, person.id, phone.id, rank=rank + 1)
                    self.phones.append(phone.e164)
            self.leads.append(a_lead(uow, house).id)

    @precondition(lambda self: self.leads)
    @rule(data=st.data(), status=st.sampled_from(LeadStatus))
    def change_status(self, data: st.DataObject, status: LeadStatus) -> None:
        lead = data.draw(st.sampled_from(self.leads))
        with self.db.begin(self.org) as uow:
            leads.set_status(uow, self.me, lead, status)

    @precondition(lambda self: self.leads)
    @rule(data=st.data(), mine=st.booleans())
    def change_hands(self, data: st.DataObject, mine: bool) -> None:  # noqa: FBT001 drawn
        lead = data.draw(st.sampled_from(self.leads))
        with self.db.begin(self.org) as uow:
            leads.assign(uow, self.me, lead, self.me.user_id if mine else None)

    @precondition(lambda self: self.leads)
    @rule(
        data=st.data(),
        word=st.sampled_from(["a", "b", "c"]),
        verb=st.sampled_from(["tag", "untag", "put_on_list", "take_off_list"]),
    )
    def group(self, data: st.DataObject, word: str, verb: str) -> None:
        lead = data.draw(st.sampled_from(self.leads))
        acts: dict[str, Callable[[UnitOfWork, Principal, UUID, str], None]] = {
            "tag": leads.tag,
            "untag": leads.untag,
            "put_on_list": leads.put_on_list,
            "take_off_list": leads.take_off_list,
        }
        with self.db.begin(self.org) as uow:
            acts[verb](uow, self.me, lead, word)

    @precondition(lambda self: self.leads)
    @rule(data=st.data(), days=st.none() | st.integers(-2, 2))
    def plan(self, data: st.DataObject, days: int | None) -> None:
        lead = data.draw(st.sampled_from(self.leads))
        with self.db.begin(self.org) as uow:
            due = None if days is None else uow.now() + timedelta(days=days)
            self.tasks.append(leads.add_task(uow, self.me, lead, f"in {days}", due))

    @precondition(lambda self: self.tasks)
    @rule(data=st.data(), done=st.booleans())
    def settle(self, data: st.DataObject, done: bool) -> None:  # noqa: FBT001 drawn
        task = data.draw(st.sampled_from(self.tasks))
        with self.db.begin(self.org) as uow:
            (leads.finish_task if done else leads.reopen_task)(uow, self.me, task)

    @precondition(lambda self: self.leads)
    @rule(data=st.data(), hours=st.integers(-5, 5))
    def talk(self, data: st.DataObject, hours: int) -> None:
        chosen = data.draw(st.lists(st.sampled_from(self.leads), max_size=3))
        with self.db.begin(self.org) as uow:
            leads.touch(uow, chosen, uow.now() + timedelta(hours=hours))

    @precondition(lambda self: self.phones)
    @rule(data=st.data(), status=st.sampled_from(PhoneStatus))
    def learn_of_a_number(self, data: st.DataObject, status: PhoneStatus) -> None:
        number = data.draw(st.sampled_from(self.phones))
        with self.db.begin(self.org) as uow:
            uow.connection().execute("update phone set status = %s where e164 = %s", [status.value, int(number[1:])])
            leads.refresh_for(uow, phones=[number])

    @invariant()
    def every_flat_row_is_true(self) -> None:
        with self.db.begin(self.org) as uow:
            assert differences(uow) == []
            assert leads.count(uow, self.me, LeadFilter()) == len(self.leads)


def test_the_flat_row_is_true_after_any_change(db: Database, org: UUID) -> None:
    machine = type("Machine", (Team,), {"db": db, "org": org})
    run_state_machine_as_test(
        machine,
        settings=settings(
            max_examples=12,
            stateful_step_count=15,
            deadline=None,
            derandomize=True,
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
        ),
    )


@pytest.fixture
def house(uow: UnitOfWork) -> Lead:
    """Write a house with a lead and nobody yet."""
    return a_lead(uow, a_property(uow))


def best(uow: UnitOfWork, lead: Lead) -> tuple[UUID | None, str | None]:
    leads.refresh_search(uow, [lead.id])
    assert differences(uow) == []
    with uow.cursor() as cursor:
        cursor.execute("select best_person_id, best_phone from lead_search where lead_id = %s", [lead.id])
        row = cursor.fetchone()
    assert row is not None
    return row[0], None if row[1] is None else f"+{row[1]}"


def somebody(
    uow: UnitOfWork, lead: Lead, role: PartyRole = PartyRole.OWNER, position: int = 1, **given: Any
) -> tuple[Person, Phone]:
    person = a_person(uow, **{k: v for k, v in given.items() if k.startswith("deceased")})
    a_party(uow, lead.property_id, person.id, role=role, position=position)
    phone = a_phone(uow, **{k: v for k, v in given.items() if k in {"line_type", "status", "score"}})
    a_person_phone(uow, person.id, phone.id, **{k: v for k, v in given.items() if k == "rank"})
    return person, phone


def test_a_mobile_goes_before_a_landline_whoever_of_the_owners_has_it(uow: UnitOfWork, house: Lead) -> None:
    somebody(uow, house, position=1, line_type=LineType.LANDLINE)
    second, mobile = somebody(uow, house, position=2)
    assert best(uow, house) == (second.id, mobile.e164)


@pytest.mark.parametrize("status", [PhoneStatus.WRONG, PhoneStatus.DEAD])
def test_a_number_known_wrong_or_dead_is_the_last_to_try(uow: UnitOfWork, house: Lead, status: PhoneStatus) -> None:
    first, bad = somebody(uow, house, status=status)
    assert best(uow, house) == (first.id, bad.e164), "there is no other"
    second, landline = somebody(uow, house, position=2, line_type=LineType.LANDLINE)
    assert best(uow, house) == (second.id, landline.e164)


def test_a_number_that_proved_right_then_the_score_then_the_rank_decide(uow: UnitOfWork, house: Lead) -> None:
    somebody(uow, house, score=10, rank=1)
    scored, by_score = somebody(uow, house, score=90, rank=2)
    assert best(uow, house) == (scored.id, by_score.e164)
    proven, right = somebody(uow, house, status=PhoneStatus.CORRECT)
    assert best(uow, house) == (proven.id, right.e164)


@pytest.mark.parametrize("role", [PartyRole.DECEDENT, PartyRole.ATTORNEY])
def test_a_decedent_and_an_attorney_are_never_the_one_to_contact(uow: UnitOfWork, house: Lead, role: PartyRole) -> None:
    somebody(uow, house, role, score=99)
    assert best(uow, house) == (None, None)
    heir, landline = somebody(uow, house, PartyRole.HEIR, line_type=LineType.LANDLINE)
    assert best(uow, house) == (heir.id, landline.e164)


def test_an_owner_who_is_the_decedent_too_or_has_died_is_never_the_one(uow: UnitOfWork, house: Lead) -> None:
    person, _ = somebody(uow, house)
    a_party(uow, house.property_id, person.id, role=PartyRole.DECEDENT)
    somebody(uow, house, deceased=True)
    assert best(uow, house) == (None, None)


def test_those_who_speak_for_the_house_go_before_those_who_only_live_there(uow: UnitOfWork, house: Lead) -> None:
    tenant, theirs = somebody(uow, house, PartyRole.TENANT)
    assert best(uow, house) == (tenant.id, theirs.e164)
    speaker, landline = somebody(uow, house, PartyRole.PERSONAL_REPRESENTATIVE, line_type=LineType.LANDLINE)
    assert best(uow, house) == (speaker.id, landline.e164)


def test_without_a_number_the_person_to_look_for_is_named(uow: UnitOfWork, house: Lead) -> None:
    person = a_person(uow)
    a_party(uow, house.property_id, person.id)
    assert best(uow, house) == (person.id, None)


def test_a_number_that_several_houses_share_refreshes_them_all(uow: UnitOfWork) -> None:
    one, two = a_property(uow), a_property(uow)
    person, phone = an_owner(uow, one)
    a_party(uow, two.id, person.id)
    made = [a_lead(uow, one), a_lead(uow, two)]
    phone.status = PhoneStatus.WRONG
    uow.session.flush()
    assert leads.refresh_for(uow, phones=[phone.e164]) == len(made)
    assert differences(uow) == []


def test_two_changes_of_one_lead_at_once_both_reach_the_row(db: Database, org: UUID) -> None:
    with db.begin(org) as uow:
        lead, me = a_lead(uow), a_member(uow)
    started, may_commit = threading.Event(), threading.Event()

    def slowly() -> None:
        with db.begin(org) as uow:
            leads.tag(uow, me, lead.id, "slow")
            started.set()
            may_commit.wait(10)

    def meanwhile() -> None:
        with db.begin(org) as uow:
            leads.put_on_list(uow, me, lead.id, "Fast")

    threads = [threading.Thread(target=slowly), threading.Thread(target=meanwhile)]
    threads[0].start()
    assert started.wait(10)
    threads[1].start()
    threads[1].join(0.3)
    may_commit.set()
    for thread in threads:
        thread.join(10)
    with db.begin(org) as uow:
        assert differences(uow) == []
        row = leads.page(uow, me, LeadFilter()).rows[0]
        assert (row.tags, row.stack) == (("slow",), 1)


@pytest.mark.parametrize("payload", ["lead_ids", "phones", "person_ids", "property_ids", ""])
def test_the_job_makes_rows_true_again(db: Database, org: UUID, payload: str) -> None:
    with db.begin(org) as uow:
        house = a_property(uow)
        person, phone = an_owner(uow, house)
        lead = a_lead(uow, house)
    with db.begin(org) as uow:
        uow.connection().execute("update phone set line_type = 'voip'")
        uow.connection().execute("update person set name = 'Changed'")
        assert len(differences(uow)) == 1
    named = {"lead_ids": lead.id, "phones": phone.e164, "person_ids": person.id, "property_ids": house.id}
    given = {payload: [str(named[payload])]} if payload else {}
    work(db, Claim(lead.id, org, JobKind.LEAD_SEARCH_REFRESH, given, 1, 1, 5, None))
    with db.begin(org) as uow:
        assert differences(uow) == []
