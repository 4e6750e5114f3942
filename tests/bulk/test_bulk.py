"""Many leads are edited as one lead is, and given back as they were."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadflow.bulk import service as bulk
from leadflow.bulk.errors import NotUndoable
from leadflow.bulk.types import KEPT, UNDO_FOR, BulkChange, ChosenLeads
from leadflow.identity.types import Principal
from leadflow.jobs import service as jobs
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from leadflow.leads import service as leads
from leadflow.leads.types import LeadFilter
from models.base import new_id
from models.vocabulary import BulkOutcome, BulkState, LeadStatus, Role
from tests.factories.identity import a_member
from tests.factories.leads import a_lead, a_list, a_tag, an_entry
from tests.factories.properties import a_property, an_owner

EVERY_NEW = ChosenLeads(filter={"status": ["new"]})


def outcomes(uow: UnitOfWork, actor: Principal, edit_id: UUID) -> dict[str, int]:
    return {str(name): count for name, count in bulk.get(uow, actor, edit_id).outcomes.items()}


def told(uow: UnitOfWork, actor: Principal, lead_id: UUID) -> list[str]:
    return [entry.summary for entry in leads.timeline(uow, actor, lead_id).rows]


def as_they_are(uow: UnitOfWork, ids: list[UUID] | None = None) -> list[Any]:
    """Answer every row of these leads (None: all) that an edit may touch, without stamps of its own writing."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select to_jsonb(l) - 'updated_at',
                   (select jsonb_agg(to_jsonb(e) - 'updated_at' - 'created_at' order by e.list_id)
                    from lead_list_entry e where e.org_id = l.org_id and e.lead_id = l.id),
                   (select jsonb_agg(t.tag_id order by t.tag_id)
                    from lead_tag t where t.org_id = l.org_id and t.lead_id = l.id),
                   (select to_jsonb(s) - 'updated_at'
                    from lead_search s where s.org_id = l.org_id and s.lead_id = l.id)
            from lead l where l.org_id = %(org)s and (%(ids)s::uuid[] is null or l.id = any(%(ids)s)) order by l.id
            """,
            {"org": uow.org(), "ids": ids},
        )
        return cursor.fetchall()


def test_an_edit_reaches_a_whole_filter_except_some_and_tells_each_timeline(
    uow: UnitOfWork, manager: Principal
) -> None:
    made = [a_lead(uow) for _ in range(4)]
    other = a_lead(uow, status=LeadStatus.WON)
    chosen = ChosenLeads(filter={"status": ["new"]}, except_ids=(made[0].id,))
    change = BulkChange(status=LeadStatus.ATTEMPTED, assignee=manager.user_id, add_tag="batch", add_list="Spring")
    seen = bulk.preview(uow, manager, chosen, change)
    assert (seen.leads, seen.change) == (3, 3)
    edit_id = bulk.start(uow, manager, chosen, change)
    row = bulk.get(uow, manager, edit_id)
    assert (row.state, row.total, outcomes(uow, manager, edit_id)) == (BulkState.DONE, 3, {"changed": 3})
    assert row.summary == f"Status: attempted; Assign to {manager.name}; Tag “batch”; Put on the list “Spring”"
    assert leads.count(uow, manager, LeadFilter(status=(LeadStatus.ATTEMPTED,), tag=("batch",), list=("Spring",))) == 3
    assert told(uow, manager, made[0].id) == told(uow, manager, other.id) == []
    assert len(told(uow, manager, made[1].id)) == 4


def test_a_preview_counts_what_is_not_so_already_and_changes_nothing(uow: UnitOfWork, manager: Principal) -> None:
    tagged, listed, _ = (a_lead(uow) for _ in range(3))
    a_tag(uow, tagged.id, "Hot")
    an_entry(uow, a_list(uow, "Vacant").id, listed.id)
    everyone = ChosenLeads(filter={})
    before = as_they_are(uow)

    def counted(**change: Any) -> tuple[int, int]:
        seen = bulk.preview(uow, manager, everyone, BulkChange(**change))
        return seen.leads, seen.change

    assert counted(add_tag="hot") == (3, 2)
    assert counted(remove_tag="HOT") == (3, 1)
    assert counted(add_list="Vacant") == (3, 2)
    assert counted(remove_list="Vacant") == (3, 1)
    assert counted(add_tag="Hot", add_list="Vacant") == (3, 3)
    assert counted(assignee="none") == (3, 0)
    assert counted(status=LeadStatus.NEW) == (3, 0)
    assert as_they_are(uow) == before


def test_leads_that_are_so_already_and_leads_that_are_not_there_are_told_apart(
    uow: UnitOfWork, manager: Principal
) -> None:
    already, fresh = a_lead(uow, status=LeadStatus.DEAD), a_lead(uow)
    named = ChosenLeads(ids=(already.id, fresh.id, new_id()))
    edit_id = bulk.start(uow, manager, named, BulkChange(status=LeadStatus.DEAD))
    assert outcomes(uow, manager, edit_id) == {"same": 1, "changed": 1}
    shown = bulk.entries(uow, manager, edit_id, BulkOutcome.CHANGED)
    assert [(row.lead_id, row.did) for row in shown.rows] == [(fresh.id, ("New → Dead",))]
    assert (shown.count, told(uow, manager, already.id)) == (1, [])


def test_an_edit_stays_within_what_the_role_sees_and_may(uow: UnitOfWork, manager: Principal) -> None:
    agent, second = a_member(uow, Role.AGENT), a_member(uow, Role.AGENT)
    auditor = a_member(uow, Role.AUDITOR)
    mine = a_lead(uow, assignee_id=agent.user_id)
    other = a_lead(uow)
    edit_id = bulk.start(uow, agent, ChosenLeads(filter={}), BulkChange(add_tag="x"))
    assert outcomes(uow, agent, edit_id) == {"changed": 1}
    assert bulk.start(uow, agent, ChosenLeads(ids=(other.id,)), BulkChange(add_tag="y"))
    assert (told(uow, manager, other.id), len(told(uow, manager, mine.id))) == ([], 1)
    for refused, change in ((agent, BulkChange(assignee="none")), (auditor, BulkChange(add_tag="x"))):
        with pytest.raises(Forbidden):
            bulk.start(uow, refused, ChosenLeads(filter={}), change)
        with pytest.raises(Forbidden):
            bulk.preview(uow, refused, ChosenLeads(filter={}), change)
    with pytest.raises(NotFound):
        bulk.get(uow, second, edit_id)
    with pytest.raises(NotFound):
        bulk.undo(uow, second, edit_id)
    assert bulk.get(uow, manager, edit_id).asked_by == agent.name
    assert [row.id for row in bulk.listing(uow, second).rows] == []
    assert bulk.listing(uow, manager).count == 2


@pytest.mark.parametrize(
    ("change", "field"), [({}, "change"), ({"assignee": "018f0000-0000-7000-8000-000000000000"}, "assignee")]
)
def test_an_edit_that_makes_no_sense_says_which_field(
    uow: UnitOfWork, manager: Principal, change: dict[str, Any], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        bulk.start(uow, manager, ChosenLeads(filter={}), BulkChange(**change))
    assert refused.value.field == field


# Undo


def test_an_undo_gives_back_what_was_and_keeps_what_somebody_changed_since(uow: UnitOfWork, manager: Principal) -> None:
    agent = a_member(uow, Role.AGENT)
    moved, untouched = a_lead(uow, assignee_id=agent.user_id), a_lead(uow)
    an_entry(uow, a_list(uow, "Vacant").id, untouched.id)
    edit_id = bulk.start(
        uow,
        manager,
        ChosenLeads(filter={}),
        BulkChange(status=LeadStatus.OFFER, assignee=manager.user_id, add_tag="x", remove_list="Vacant"),
    )
    leads.set_status(uow, manager, moved.id, LeadStatus.WON)
    bulk.undo(uow, manager, edit_id)
    row = bulk.get(uow, manager, edit_id)
    assert (row.state, outcomes(uow, manager, edit_id), row.undo_until) == (
        BulkState.UNDONE,
        {"undone": 1, "kept": 1},
        None,
    )
    stays = bulk.entries(uow, manager, edit_id, BulkOutcome.KEPT).rows
    assert [(one.lead_id, one.did) for one in stays] == [(moved.id, ("New → Offer",))]
    kept, given_back = leads.see(uow, manager, moved.id), leads.see(uow, manager, untouched.id)
    assert (kept.status, kept.assignee_id, kept.tag_names) == ("won", agent.user_id, [])
    assert (given_back.status, given_back.assignee_id, given_back.list_names) == ("new", None, ["Vacant"])
    assert "Undone: New → Offer" in told(uow, manager, untouched.id)
    with pytest.raises(NotUndoable):
        bulk.undo(uow, manager, edit_id)


CHANGES = st.builds(
    BulkChange,
    status=st.none() | st.sampled_from([LeadStatus.NEW, LeadStatus.OFFER, LeadStatus.DEAD]),
    assignee=st.none() | st.just("none"),
    add_tag=st.none() | st.sampled_from(["red", "blue"]),
    remove_tag=st.none() | st.sampled_from(["red", "green"]),
    add_list=st.none() | st.sampled_from(["A", "B"]),
    remove_list=st.none() | st.sampled_from(["A", "C"]),
).filter(lambda change: bool(change.as_dict()))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None, max_examples=40)
@given(changes=st.lists(CHANGES, min_size=1, max_size=4))
def test_edits_undone_in_reverse_leave_every_row_as_it_was(
    db: Database, org: UUID, manager: Principal, changes: list[BulkChange]
) -> None:
    with db.begin(org) as uow:
        lot = [a_lead(uow, assignee_id=manager.user_id), a_lead(uow, status=LeadStatus.OFFER), a_lead(uow)]
        for name, lead in (("A", lot[0]), ("C", lot[1])):
            found = leads.lists(uow, manager)
            known = next((row.id for row in found if row.name == name), None)
            an_entry(uow, known or a_list(uow, name).id, lead.id)
        leads.tag(uow, manager, lot[2].id, "red")
        for name in ("red", "green", "blue"):
            leads.tag(uow, manager, lot[1].id, name)
        ids = [lead.id for lead in lot]
        before = as_they_are(uow, ids)
        made = [bulk.start(uow, manager, ChosenLeads(ids=tuple(ids)), change) for change in changes]
        for edit_id in reversed(made):
            bulk.undo(uow, manager, edit_id)
        assert as_they_are(uow, ids) == before


def test_an_undo_comes_too_late_after_its_time_and_the_edit_is_forgotten_later(
    db: Database, org: UUID, manager: Principal, clock: FrozenClock
) -> None:
    with db.begin(org) as uow:
        a_lead(uow)
        edit_id = bulk.start(uow, manager, ChosenLeads(filter={}), BulkChange(add_tag="x"))
        assert bulk.get(uow, manager, edit_id).undo_until == uow.now() + UNDO_FOR
    clock.advance(UNDO_FOR)
    with db.begin(org) as uow, pytest.raises(NotUndoable):
        bulk.undo(uow, manager, edit_id)
    assert bulk.sweep(db) == 0
    clock.advance(KEPT - UNDO_FOR + timedelta(seconds=1))
    assert bulk.sweep(db) == 1
    with db.begin(org) as uow:
        assert bulk.listing(uow, manager).count == 0
        assert leads.count(uow, manager, LeadFilter(tag=("x",))) == 1


# As a job


@pytest.fixture
def small_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything be a job, of two leads a transaction."""
    monkeypatch.setattr(bulk, "AT_ONCE", 0)
    monkeypatch.setattr(bulk, "CHUNK", 2)


def asked(db: Database, org: UUID, manager: Principal, count: int = 5, **change: Any) -> tuple[UUID, UUID]:
    """Write leads and ask for an edit of all of them; answers the edit and its job."""
    with db.begin(org) as uow:
        for _ in range(count):
            a_lead(uow)
        edit_id = bulk.start(uow, manager, EVERY_NEW, BulkChange(**(change or {"add_tag": "x"})))
    return edit_id, job_of(db, org, edit_id)


def job_of(db: Database, org: UUID, edit_id: UUID) -> UUID:
    with db.begin(org) as uow, uow.cursor() as cursor:
        cursor.execute("select job_id from bulk_edit where id = %s", [edit_id])
        row = cursor.fetchone()
    assert row is not None
    return row[0]


@pytest.mark.usefixtures("small_steps")
def test_an_edit_that_was_killed_goes_on_and_edits_nobody_twice(db: Database, org: UUID, manager: Principal) -> None:
    edit_id, job_id = asked(db, org, manager, status=LeadStatus.OFFER)
    with db.begin(org) as uow:
        assert bulk.get(uow, manager, edit_id).state is BulkState.WAITING
    # Three steps: the leads are written down, two are edited, two more; then the worker is gone.
    for _ in range(3):
        assert bulk._one_chunk(db, org, edit_id, job_id)  # pyright: ignore[reportPrivateUsage]
    with db.begin(org) as uow:
        # Leads that come to match the filter meanwhile are no part of it.
        a_lead(uow)
        assert outcomes(uow, manager, edit_id) == {"changed": 4, "waiting": 1}
    bulk.carry_out(db, org, edit_id, job_id)
    bulk.carry_out(db, org, edit_id, job_id)
    with db.begin(org) as uow:
        row = bulk.get(uow, manager, edit_id)
        assert (row.state, row.total, outcomes(uow, manager, edit_id)) == (BulkState.DONE, 5, {"changed": 5})
        assert leads.count(uow, manager, LeadFilter(status=(LeadStatus.NEW,))) == 1
        entries = bulk.entries(uow, manager, edit_id).rows
        assert {told(uow, manager, one.lead_id)[0] for one in entries} == {"New → Offer"}
        assert all(len(told(uow, manager, one.lead_id)) == 1 for one in entries)


@pytest.mark.usefixtures("small_steps")
def test_two_workers_at_one_edit_edit_each_lead_once(db: Database, org: UUID, manager: Principal) -> None:
    edit_id, job_id = asked(db, org, manager, 9)
    threads = [threading.Thread(target=bulk.carry_out, args=(db, org, edit_id, job_id)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with db.begin(org) as uow:
        assert outcomes(uow, manager, edit_id) == {"changed": 9}
        for one in bulk.entries(uow, manager, edit_id).rows:
            assert told(uow, manager, one.lead_id) == ["Tagged x"]


@pytest.mark.usefixtures("small_steps")
def test_an_edit_that_is_stopped_keeps_what_it_did_and_can_be_undone(
    db: Database, org: UUID, manager: Principal
) -> None:
    edit_id, job_id = asked(db, org, manager)
    with db.begin() as uow:
        assert jobs.claim(uow, job_id) is not None
    for _ in range(2):
        bulk._one_chunk(db, org, edit_id, job_id)  # pyright: ignore[reportPrivateUsage]
    with db.begin(org) as uow, pytest.raises(NotUndoable):
        bulk.undo(uow, manager, edit_id)
    with db.begin(org) as uow:
        bulk.stop(uow, manager, edit_id)
    bulk.carry_out(db, org, edit_id, job_id)
    with db.begin(org) as uow:
        assert bulk.get(uow, manager, edit_id).state is BulkState.STOPPED
        assert outcomes(uow, manager, edit_id) == {"changed": 2, "waiting": 3}
        bulk.undo(uow, manager, edit_id)
        assert bulk.get(uow, manager, edit_id).state is BulkState.UNDOING
    undo_job = job_of(db, org, edit_id)
    bulk.take_back(db, org, edit_id, undo_job, manager.user_id)
    bulk.take_back(db, org, edit_id, undo_job, manager.user_id)
    with db.begin(org) as uow:
        assert bulk.get(uow, manager, edit_id).state is BulkState.UNDONE
        assert outcomes(uow, manager, edit_id) == {"undone": 2, "waiting": 3}
        assert leads.count(uow, manager, LeadFilter(tag=("x",))) == 0


@pytest.mark.usefixtures("small_steps")
def test_an_edit_whose_job_never_began_says_so(db: Database, org: UUID, manager: Principal) -> None:
    edit_id, _ = asked(db, org, manager)
    with db.begin(org) as uow:
        bulk.stop(uow, manager, edit_id)
        assert bulk.get(uow, manager, edit_id).state is BulkState.STOPPED
        with pytest.raises(Conflict):
            bulk.stop(uow, manager, edit_id)


@pytest.mark.usefixtures("small_steps")
def test_a_lead_given_to_somebody_else_meanwhile_is_no_longer_the_agents_to_edit(
    db: Database, org: UUID, manager: Principal
) -> None:
    with db.begin(org) as uow:
        agent = a_member(uow, Role.AGENT)
        lost, kept = (a_lead(uow, assignee_id=agent.user_id) for _ in range(2))
        edit_id = bulk.start(uow, agent, ChosenLeads(filter={}), BulkChange(add_tag="x"))
    job_id = job_of(db, org, edit_id)
    bulk._one_chunk(db, org, edit_id, job_id)  # pyright: ignore[reportPrivateUsage]
    with db.begin(org) as uow:
        leads.assign(uow, manager, lost.id, manager.user_id)
    bulk.carry_out(db, org, edit_id, job_id)
    with db.begin(org) as uow:
        assert outcomes(uow, manager, edit_id) == {"gone": 1, "changed": 1}
        assert leads.see(uow, manager, kept.id).tag_names == ["x"]
        assert leads.see(uow, manager, lost.id).tag_names == []
        assert [one.lead_id for one in bulk.entries(uow, agent, edit_id).rows] == [kept.id]


def test_many_are_removed_by_one_edit_and_come_back_by_its_undo(uow: UnitOfWork, manager: Principal) -> None:
    made = [a_lead(uow) for _ in range(3)]
    an_entry(uow, a_list(uow, "Vacant").id, made[0].id)
    chosen = ChosenLeads(filter={}, except_ids=(made[2].id,))
    change = BulkChange(remove="bought elsewhere")
    seen = bulk.preview(uow, manager, chosen, change)
    assert (seen.leads, seen.change) == (2, 2)
    before = as_they_are(uow)
    edit_id = bulk.start(uow, manager, chosen, change)
    assert outcomes(uow, manager, edit_id) == {"changed": 2}
    assert leads.count(uow, manager, LeadFilter()) == 1
    shown = bulk.entries(uow, manager, edit_id)
    assert (shown.count, {row.street for row in shown.rows if row.street}) == (2, {row.street for row in shown.rows})
    assert bulk.get(uow, manager, edit_id).summary == "Remove: bought elsewhere"
    leads.restore(uow, manager, made[0].id)
    leads.remove(uow, manager, made[0].id, "by hand, later")
    uow.connection().execute(
        "update lead set removed_at = removed_at + interval '1 second' where id = %s", [made[0].id]
    )
    bulk.undo(uow, manager, edit_id)
    assert outcomes(uow, manager, edit_id) == {"undone": 1, "kept": 1}
    leads.restore(uow, manager, made[0].id)
    assert [row[0]["id"] for row in as_they_are(uow)] == [row[0]["id"] for row in before]
    assert leads.count(uow, manager, LeadFilter()) == 3


def test_whoever_may_not_remove_does_not_by_an_edit_either(uow: UnitOfWork) -> None:
    agent = a_member(uow, Role.AGENT)
    a_lead(uow, assignee_id=agent.user_id)
    for act in (bulk.preview, bulk.start):
        with pytest.raises(Forbidden):
            act(uow, agent, ChosenLeads(filter={}), BulkChange(remove="x"))


def test_the_record_of_acts_holds_how_many_and_what_was_asked_but_nothing_that_was_typed(
    uow: UnitOfWork, manager: Principal
) -> None:
    house = a_property(uow, city="Dallas")
    an_owner(uow, house, name="Tobias Quill")
    lead, other = a_lead(uow, house), a_lead(uow)
    typed = {"q": "quill", "where": ["owner:contains:Quill|city:is:Nowhere", "city:is:Dallas"], "status": ["new"]}
    kinds = ["city:is", "owner:contains", "q", "status"]
    for chosen, said in (
        (ChosenLeads(filter=typed, except_ids=(other.id,)), {"leads": 1, "filter": kinds, "except": 1}),
        (ChosenLeads(ids=(lead.id, other.id)), {"leads": 2}),
    ):
        edit_id = bulk.start(uow, manager, chosen, BulkChange(add_tag="warm"))
        asked = (
            uow.connection()
            .execute("select detail from audit_event where subject_id = %s and action = 'bulk.asked'", [edit_id])
            .fetchone()
        )
        assert asked is not None
        assert asked[0]["chosen"] == said
        assert "uill" not in repr(asked)
        assert bulk.get(uow, manager, edit_id).total == said["leads"], "the edit itself has found them"
