"""Numbers of a lead: marked with one call, taken back where that is lawful, closed for good by the one door."""

from __future__ import annotations

from uuid import UUID

import pytest

from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Forbidden, Invalid, NotFound
from leadflow.leads import service as leads
from leadflow.leads.errors import ChangedMeanwhile, NoSuchLead
from leadflow.leads.types import PhoneCard
from models.base import new_id
from models.leads import Lead
from models.vocabulary import JobKind, PhoneStatus, Role
from tests.factories.identity import a_member
from tests.factories.leads import a_lead
from tests.factories.properties import a_property, an_owner

NUMBER = "+13125550142"


@pytest.fixture
def manager(uow: UnitOfWork) -> Principal:
    """Act as a manager."""
    return a_member(uow, Role.MANAGER, "Mara")


@pytest.fixture
def lead(uow: UnitOfWork) -> Lead:
    """Write a lead whose owner has a known number."""
    house = a_property(uow)
    an_owner(uow, house, number=NUMBER)
    return a_lead(uow, house)


def number_of(uow: UnitOfWork, who: Principal, lead: Lead) -> PhoneCard:
    return leads.detail(uow, who, lead.id).people[0].phones[0]


def marked(uow: UnitOfWork, who: Principal, lead: Lead, status: PhoneStatus) -> UUID:
    made = leads.mark_phone(uow, who, lead.id, NUMBER, status)
    assert made is not None
    return made


def test_a_mark_is_told_and_taken_back(uow: UnitOfWork, manager: Principal, lead: Lead) -> None:
    made = marked(uow, manager, lead, PhoneStatus.WRONG)
    assert number_of(uow, manager, lead).status is PhoneStatus.WRONG
    assert leads.mark_phone(uow, manager, lead.id, NUMBER, PhoneStatus.WRONG) is None
    leads.unmark_phone(uow, manager, lead.id, made)
    assert number_of(uow, manager, lead).status is PhoneStatus.UNVERIFIED
    told = [entry.summary for entry in leads.timeline(uow, manager, lead.id).rows]
    assert told == ["Undone: number ending 0142 marked unverified", "Number ending 0142 marked wrong"]


def test_a_mark_that_was_overtaken_stays_as_it_is(uow: UnitOfWork, manager: Principal, lead: Lead) -> None:
    first = marked(uow, manager, lead, PhoneStatus.WRONG)
    marked(uow, manager, lead, PhoneStatus.CORRECT)
    with pytest.raises(ChangedMeanwhile, match="correct"):
        leads.unmark_phone(uow, manager, lead.id, first)
    assert number_of(uow, manager, lead).status is PhoneStatus.CORRECT


def test_only_a_mark_of_this_lead_is_taken_back(uow: UnitOfWork, manager: Principal, lead: Lead) -> None:
    other = a_lead(uow)
    made, note = marked(uow, manager, lead, PhoneStatus.DEAD), leads.add_note(uow, manager, lead.id, "Hello")
    for lead_id, entry_id in ((other.id, made), (lead.id, note), (lead.id, new_id())):
        with pytest.raises(NotFound):
            leads.unmark_phone(uow, manager, lead_id, entry_id)


def test_never_again_closes_every_number_with_its_reason_and_is_not_undone_here(
    uow: UnitOfWork, manager: Principal, lead: Lead
) -> None:
    with pytest.raises(Invalid, match="Write something"):
        leads.never_contact(uow, manager, lead.id, NUMBER, "  ")
    with pytest.raises(Invalid, match="Nobody"):
        leads.never_contact(uow, manager, lead.id, "+13125550143", "Asked")
    assert number_of(uow, manager, lead).suppressions == ()
    leads.never_contact(uow, manager, lead.id, NUMBER, "Asked us to stop")
    card = number_of(uow, manager, lead)
    assert {one.kind for one in card.suppressions} == {"internal_dnc"}
    assert (card.contactable.verdict, card.contactable.reasons[0]) == ("blocked", "internal_dnc")
    row = uow.connection().execute("select evidence ->> 'reason' from suppression where e164 is not null").fetchone()
    assert row == ("Asked us to stop",)
    waiting = uow.connection().execute("select count(*) from job where kind = %s", [JobKind.OPT_OUT_FANOUT]).fetchone()
    assert waiting == (1,)
    # A number that is found to be correct afterwards is as closed as before.
    marked(uow, manager, lead, PhoneStatus.CORRECT)
    assert number_of(uow, manager, lead).contactable.verdict == "blocked"


def test_who_may_not_or_does_not_see_the_lead_marks_nothing(uow: UnitOfWork, manager: Principal, lead: Lead) -> None:
    agent, auditor = a_member(uow, Role.AGENT), a_member(uow, Role.AUDITOR)
    made = marked(uow, manager, lead, PhoneStatus.WRONG)
    for who, refused in ((agent, NoSuchLead), (auditor, Forbidden)):
        with pytest.raises(refused):
            leads.mark_phone(uow, who, lead.id, NUMBER, PhoneStatus.DEAD)
        with pytest.raises(refused):
            leads.unmark_phone(uow, who, lead.id, made)
        with pytest.raises(refused):
            leads.never_contact(uow, who, lead.id, NUMBER, "Asked")
    assert number_of(uow, manager, lead).status is PhoneStatus.WRONG
    leads.assign(uow, manager, lead.id, agent.user_id)
    leads.unmark_phone(uow, agent, lead.id, made)
    leads.never_contact(uow, agent, lead.id, NUMBER, "Asked")
    assert number_of(uow, auditor, lead).number == "+1******0142"
