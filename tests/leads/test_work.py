"""Working a lead: every change is told on its timeline, refused where the role forbids it, and can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Forbidden, Invalid, NotFound
from leadflow.leads import service as leads
from leadflow.leads.errors import NoSuchLead
from leadflow.leads.types import LeadDetail
from models.base import new_id
from models.leads import Lead
from models.messaging import Conversation, SenderNumber
from models.vocabulary import ActivityKind, LeadStatus, PartyRole, Role, TaskState
from tests.factories.identity import a_member
from tests.factories.leads import a_lead, a_task
from tests.factories.properties import a_party, a_person, a_property, an_email, an_owner

Act = Callable[[UnitOfWork, Principal, UUID], object]
ACTS: dict[str, Act] = {
    "set_status": lambda uow, who, lead: leads.set_status(uow, who, lead, LeadStatus.CONTACTED),
    "tag": lambda uow, who, lead: leads.tag(uow, who, lead, "hot"),
    "untag": lambda uow, who, lead: leads.untag(uow, who, lead, "hot"),
    "put_on_list": lambda uow, who, lead: leads.put_on_list(uow, who, lead, "A"),
    "take_off_list": lambda uow, who, lead: leads.take_off_list(uow, who, lead, "A"),
    "add_note": lambda uow, who, lead: leads.add_note(uow, who, lead, "Spoke to the owner"),
    "add_task": lambda uow, who, lead: leads.add_task(uow, who, lead, "Call back"),
}


@pytest.fixture
def manager(uow: UnitOfWork) -> Principal:
    """Act as a manager."""
    return a_member(uow, Role.MANAGER, "Mara")


@pytest.fixture
def lead(uow: UnitOfWork) -> Lead:
    """Write a lead that nobody has."""
    return a_lead(uow)


def told(uow: UnitOfWork, who: Principal, lead: Lead) -> list[tuple[ActivityKind, str]]:
    return [(entry.kind, entry.summary) for entry in leads.detail(uow, who, lead.id).timeline]


def test_status_assignee_tags_lists_and_notes_stand_on_the_timeline_newest_first(
    uow: UnitOfWork, manager: Principal, lead: Lead
) -> None:
    leads.set_status(uow, manager, lead.id, LeadStatus.FOLLOW_UP)
    leads.set_status(uow, manager, lead.id, LeadStatus.FOLLOW_UP)
    leads.assign(uow, manager, lead.id, manager.user_id)
    leads.tag(uow, manager, lead.id, " hot ")
    leads.tag(uow, manager, lead.id, "HOT")
    leads.put_on_list(uow, manager, lead.id, "Vacant")
    leads.untag(uow, manager, lead.id, "Hot")
    leads.untag(uow, manager, lead.id, "Hot")
    leads.take_off_list(uow, manager, lead.id, "vacant")
    leads.assign(uow, manager, lead.id, None)
    leads.add_note(uow, manager, lead.id, "  Call after six. ")
    assert told(uow, manager, lead)[::-1] == [
        (ActivityKind.STATUS, "New → Follow up"),
        (ActivityKind.EDITED, "Assigned to Mara"),
        (ActivityKind.EDITED, "Tagged hot"),
        (ActivityKind.EDITED, "Put on the list Vacant"),
        (ActivityKind.EDITED, "Tag taken away: hot"),
        (ActivityKind.EDITED, "Taken off the list Vacant"),
        (ActivityKind.EDITED, "Assigned to nobody"),
        (ActivityKind.NOTE, "Call after six."),
    ]
    entry = leads.detail(uow, manager, lead.id).timeline[0]
    assert entry.actor is not None
    assert (entry.actor.id, entry.actor.name) == (manager.user_id, "Mara")


def test_a_finished_task_can_be_opened_again(uow: UnitOfWork, manager: Principal, lead: Lead) -> None:
    soon, late = uow.now() + timedelta(days=1), uow.now() - timedelta(hours=1)
    leads.add_task(uow, manager, lead.id, "Later", soon)
    first = leads.add_task(uow, manager, lead.id, "Now", late)

    def seen() -> tuple[LeadDetail, str | None]:
        card = leads.detail(uow, manager, lead.id)
        return card, card.row.next_task

    card, following = seen()
    assert (following, card.row.next_task_at) == ("Now", late)
    assert [(task.title, task.overdue) for task in card.tasks] == [("Now", True), ("Later", False)]
    leads.finish_task(uow, manager, first)
    leads.finish_task(uow, manager, first)
    card, following = seen()
    assert following == "Later"
    assert [(task.title, task.state) for task in card.tasks] == [("Later", TaskState.OPEN), ("Now", TaskState.DONE)]
    leads.reopen_task(uow, manager, first)
    card, following = seen()
    assert following == "Now"
    assert card.tasks[0].done_at is None
    assert [summary for _, summary in told(uow, manager, lead)][:2] == ["Open again: Now", "Done: Now"]


@pytest.mark.parametrize("name", sorted(ACTS))
def test_a_role_that_may_not_write_or_does_not_see_the_lead_changes_nothing(
    uow: UnitOfWork, manager: Principal, lead: Lead, name: str
) -> None:
    agent, auditor = a_member(uow, Role.AGENT), a_member(uow, Role.AUDITOR)
    with pytest.raises(NoSuchLead):
        ACTS[name](uow, agent, lead.id)
    with pytest.raises(Forbidden):
        ACTS[name](uow, auditor, lead.id)
    with pytest.raises(NoSuchLead):
        ACTS[name](uow, manager, new_id())
    assert told(uow, manager, lead) == []
    leads.assign(uow, manager, lead.id, agent.user_id)
    ACTS[name](uow, agent, lead.id)


def test_an_agent_cannot_assign_not_even_his_own(uow: UnitOfWork, manager: Principal, lead: Lead) -> None:
    agent = a_member(uow, Role.AGENT)
    leads.assign(uow, manager, lead.id, agent.user_id)
    with pytest.raises(Forbidden):
        leads.assign(uow, agent, lead.id, None)


def test_a_lead_goes_to_active_members_only(uow: UnitOfWork, manager: Principal, lead: Lead) -> None:
    with pytest.raises(Invalid, match="active member"):
        leads.assign(uow, manager, lead.id, new_id())
    with pytest.raises(Invalid, match="active member"):
        leads.add_task(uow, manager, lead.id, "Call", None, new_id())


def test_a_task_of_a_lead_that_is_not_ones_own_stays_as_it_is(uow: UnitOfWork, lead: Lead) -> None:
    agent = a_member(uow, Role.AGENT)
    others, own = a_task(uow, lead.id), a_task(uow, lead.id, assignee_id=agent.user_id)
    with pytest.raises(NotFound):
        leads.finish_task(uow, agent, others.id)
    with pytest.raises(NotFound):
        leads.finish_task(uow, agent, new_id())
    leads.finish_task(uow, agent, own.id)
    assert own.state is TaskState.DONE


@pytest.mark.parametrize(
    ("act", "field"),
    [
        (lambda uow, who, lead: leads.add_note(uow, who, lead, " \x00 "), "text"),
        (lambda uow, who, lead: leads.add_note(uow, who, lead, "x" * 4_001), "text"),
        (lambda uow, who, lead: leads.add_task(uow, who, lead, ""), "title"),
        (lambda uow, who, lead: leads.add_task(uow, who, lead, "x", datetime(2026, 12, 2)), "due_at"),  # noqa: DTZ001 the fault
        (lambda uow, who, lead: leads.tag(uow, who, lead, ""), "name"),
        (lambda uow, who, lead: leads.put_on_list(uow, who, lead, "x" * 81), "name"),
    ],
)
def test_what_cannot_be_written_is_refused_at_its_field(
    uow: UnitOfWork, manager: Principal, lead: Lead, act: Act, field: str
) -> None:
    with pytest.raises(Invalid) as refusal:
        act(uow, manager, lead.id)
    assert refusal.value.field == field


def test_a_lead_is_shown_with_everybody_and_who_is_never_contacted(uow: UnitOfWork, manager: Principal) -> None:
    house = a_property(uow, bedrooms=3, extra={"Pool": "yes"})
    owner, phone = an_owner(uow, house, name="Ann Oak", mailing_street="1 Elm St", mailing_city="Joliet")
    an_email(uow, owner.id, email="ann@example.com")
    counsel = a_person(uow, name="Carl Law")
    a_party(uow, house.id, counsel.id, role=PartyRole.ATTORNEY)
    lead = a_lead(uow, house)
    card = leads.detail(uow, manager, lead.id)
    assert card.property["bedrooms"] == 3
    assert card.extra == {"Pool": "yes"}
    first, second = card.people
    assert (first.name, first.contact, first.emails, first.mailing) == (
        "Ann Oak",
        True,
        ("ann@example.com",),
        "1 Elm St, Joliet, IL",
    )
    assert [line.number for line in first.phones] == [phone.e164]
    assert (second.name, second.roles, second.contact) == ("Carl Law", (PartyRole.ATTORNEY,), False)


def test_the_timeline_goes_on_page_by_page(uow: UnitOfWork, manager: Principal, lead: Lead) -> None:
    for number in range(7):
        leads.add_note(uow, manager, lead.id, f"note {number}")
    seen: list[str] = []
    after: str | None = None
    while True:
        page = leads.timeline(uow, manager, lead.id, after, 3)
        seen += [entry.summary for entry in page.rows]
        after = page.next
        if after is None:
            break
    assert seen == [f"note {number}" for number in reversed(range(7))]
    with pytest.raises(Invalid):
        leads.timeline(uow, manager, lead.id, "W10")


def test_a_touch_moves_forward_only(uow: UnitOfWork, manager: Principal, lead: Lead) -> None:
    at = uow.now()
    leads.touch(uow, [lead.id], at)
    leads.touch(uow, [lead.id], at - timedelta(days=1))
    assert leads.detail(uow, manager, lead.id).row.last_touch_at == at


def test_today_orders_what_waits(uow: UnitOfWork, manager: Principal, lead: Lead) -> None:
    agent = a_member(uow, Role.AGENT)
    mine = a_lead(uow, assignee_id=agent.user_id)
    now = uow.now()
    a_task(uow, lead.id, title="late", due_at=now - timedelta(days=2))
    a_task(uow, mine.id, title="due", due_at=now + timedelta(hours=20))
    a_task(uow, lead.id, title="far", due_at=now + timedelta(days=9))
    a_task(uow, lead.id, title="done", due_at=now, state=TaskState.DONE)
    sender = SenderNumber(org_id=uow.org(), e164="+13125559000")
    uow.session.add(sender)
    uow.session.flush()
    for number, unread in (("+13125550001", 2), ("+13125550002", 0)):
        uow.session.add(
            Conversation(
                org_id=uow.org(), sender_number_id=sender.id, e164=number, last_at=now, unread=unread, lead_id=lead.id
            )
        )
    idle = a_lead(uow)
    leads.touch(uow, [idle.id], now)
    a_lead(uow, status=LeadStatus.DEAD)
    day = leads.today(uow, manager)
    assert ([task.title for task in day.overdue], [task.title for task in day.due]) == (["late"], ["due"])
    assert (day.replies, day.new_leads, day.no_next_task) == (1, 2, 1)
    theirs = leads.today(uow, agent)
    assert ([task.title for task in theirs.overdue], [task.title for task in theirs.due]) == ([], ["due"])
    assert (theirs.replies, theirs.new_leads, theirs.no_next_task) == (0, 1, 0)
