"""Notes: changed and taken away by who wrote them, pinned by all who work the lead, and read by whom they mention."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from leadflow.leads import service as leads
from leadflow.leads.errors import NoSuchLead
from leadflow.leads.rules.notes import mentioned
from models.base import new_id
from models.leads import Lead
from models.vocabulary import ActivityKind, Role
from tests.factories.identity import a_member
from tests.factories.leads import a_lead

ANN, ANN_LEE, BEN = (UUID(int=number) for number in (1, 2, 3))
TEAM = {ANN: "Ann", ANN_LEE: "Ann Lee", BEN: "Ben O'Hara"}


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("@Ann look", {ANN}),
        ("ask @ann lee.", {ANN_LEE}),
        ("@Ben: call", {BEN}),
        ("@ben o'hara and @Ann", {BEN, ANN}),
        ("@Annabel", set()),
        ("ann@ann.example", set()),
        ("Ann", set()),
        ("@@Ann", set()),
        ("", set()),
    ],
)
def test_an_at_and_a_name_mention_a_member(text: str, who: set[UUID]) -> None:
    assert mentioned(text, TEAM) == who


def test_a_first_name_of_two_mentions_neither() -> None:
    assert mentioned("@Ann", {ANN_LEE: "Ann Lee", BEN: "Ann Day"}) == frozenset()


@given(st.text(max_size=60), st.lists(st.text(min_size=1, max_size=10), max_size=4))
def test_nobody_is_mentioned_without_an_at(text: str, names: list[str]) -> None:
    assert mentioned(text.replace("@", ""), {uuid4(): name for name in names}) == frozenset()


@pytest.fixture
def mara(uow: UnitOfWork) -> Principal:
    """Act as a manager."""
    return a_member(uow, Role.MANAGER, "Mara")


@pytest.fixture
def lead(uow: UnitOfWork) -> Lead:
    """Write a lead that nobody has."""
    return a_lead(uow)


def notes(uow: UnitOfWork, who: Principal, lead: Lead) -> list[tuple[str, bool, bool]]:
    return [(one.summary, one.pinned, one.edited) for one in leads.timeline(uow, who, lead.id).rows]


def test_an_own_note_is_changed_taken_away_and_brought_back(uow: UnitOfWork, mara: Principal, lead: Lead) -> None:
    note = leads.add_note(uow, mara, lead.id, "Roof leaks")
    leads.change_note(uow, mara, lead.id, note, "Roof leaks")
    assert notes(uow, mara, lead) == [("Roof leaks", False, False)]
    leads.change_note(uow, mara, lead.id, note, " Roof is new ")
    assert notes(uow, mara, lead) == [("Roof is new", False, True)]
    with pytest.raises(Conflict):
        leads.restore_note(uow, mara, lead.id, note)
    leads.remove_note(uow, mara, lead.id, note)
    assert notes(uow, mara, lead) == []
    assert leads.timeline(uow, mara, lead.id).count == 0
    with pytest.raises(NotFound):
        leads.change_note(uow, mara, lead.id, note, "Again")
    leads.restore_note(uow, mara, lead.id, note)
    assert notes(uow, mara, lead) == [("Roof is new", False, True)]


def test_a_note_that_was_taken_away_goes_for_good_after_a_day(uow: UnitOfWork, mara: Principal, lead: Lead) -> None:
    note = leads.add_note(uow, mara, lead.id, "Secret")
    leads.remove_note(uow, mara, lead.id, note)
    earlier = uow.now() - timedelta(days=1, seconds=1)
    uow.connection().execute("update activity set deleted_at = %s where id = %s", [earlier, note])
    with pytest.raises(NotFound):
        leads.restore_note(uow, mara, lead.id, note)
    leads.add_note(uow, mara, lead.id, "Next")
    left = uow.connection().execute("select summary from activity").fetchall()
    assert left == [("Next",)]


def test_one_note_stands_above_the_others(uow: UnitOfWork, mara: Principal, lead: Lead) -> None:
    first, second = (leads.add_note(uow, mara, lead.id, text) for text in ("One", "Two"))
    leads.pin_note(uow, mara, lead.id, first)
    leads.pin_note(uow, mara, lead.id, second)
    above = leads.detail(uow, mara, lead.id).pinned
    assert above is not None
    assert above.summary == "Two"
    assert notes(uow, mara, lead) == [("Two", True, False), ("One", False, False)]
    leads.unpin_note(uow, mara, lead.id, second)
    assert leads.detail(uow, mara, lead.id).pinned is None


def test_nobody_changes_anothers_note_but_all_who_work_the_lead_may_pin_it(
    uow: UnitOfWork, mara: Principal, lead: Lead
) -> None:
    agent, auditor, owner = (a_member(uow, role) for role in (Role.AGENT, Role.AUDITOR, Role.OWNER))
    note = leads.add_note(uow, mara, lead.id, "Mine")
    for who, refused in ((agent, NoSuchLead), (auditor, Forbidden)):
        for act in (leads.remove_note, leads.restore_note, leads.pin_note, leads.unpin_note):
            with pytest.raises(refused):
                act(uow, who, lead.id, note)
    leads.assign(uow, mara, lead.id, agent.user_id)
    for who in (agent, owner):
        with pytest.raises(Forbidden, match="wrote"):
            leads.change_note(uow, who, lead.id, note, "Yours")
        with pytest.raises(Forbidden, match="wrote"):
            leads.remove_note(uow, who, lead.id, note)
        leads.pin_note(uow, who, lead.id, note)
    task = leads.record(uow, lead.id, ActivityKind.TASK, "No note")
    with pytest.raises(NotFound):
        leads.pin_note(uow, mara, lead.id, task)
    with pytest.raises(NotFound):
        leads.pin_note(uow, mara, lead.id, new_id())


def unread(uow: UnitOfWork, who: Principal) -> list[tuple[str, str]]:
    return [(one.text, one.author) for one in leads.mentions(uow, who).rows]


def test_a_mention_waits_until_it_is_read_and_goes_with_its_note(uow: UnitOfWork, mara: Principal, lead: Lead) -> None:
    owner, other = a_member(uow, Role.OWNER, "Olga Ward"), a_member(uow, Role.OWNER, "Pit Lund")
    note = leads.add_note(uow, mara, lead.id, "@Olga and @Mara, look")
    assert (unread(uow, owner), unread(uow, mara), unread(uow, other)) == (
        [("@Olga and @Mara, look", "Mara")],
        [],
        [],
    )
    leads.change_note(uow, mara, lead.id, note, "@Pit, look")
    assert (unread(uow, owner), unread(uow, other)) == ([], [("@Pit, look", "Mara")])
    page = leads.mentions(uow, other)
    assert page.count == 1
    with pytest.raises(NotFound):
        leads.read_mention(uow, owner, page.rows[0].id)
    leads.remove_note(uow, mara, lead.id, note)
    assert unread(uow, other) == []
    leads.restore_note(uow, mara, lead.id, note)
    leads.read_mention(uow, other, page.rows[0].id)
    assert unread(uow, other) == []
    leads.change_note(uow, mara, lead.id, note, "@Pit, do look")
    assert unread(uow, other) == []


def test_an_agent_reads_a_mention_once_the_lead_is_theirs(uow: UnitOfWork, mara: Principal, lead: Lead) -> None:
    agent = a_member(uow, Role.AGENT, "Ada")
    leads.add_note(uow, mara, lead.id, "@Ada, please")
    assert unread(uow, agent) == []
    leads.assign(uow, mara, lead.id, agent.user_id)
    assert unread(uow, agent) == [("@Ada, please", "Mara")]


def test_only_active_members_are_mentioned(uow: UnitOfWork, mara: Principal, lead: Lead) -> None:
    with pytest.raises(Invalid, match="active member"):
        leads.add_note(uow, mara, lead.id, "Hello", [new_id()])
    gone = a_member(uow, Role.OWNER, "Gus")
    uow.connection().execute("update membership set disabled_at = now() where user_id = %s", [gone.user_id])
    leads.add_note(uow, mara, lead.id, "@Gus")
    assert unread(uow, gone) == []
    assert "Gus" not in {one.name for one in leads.colleagues(uow, mara)}
