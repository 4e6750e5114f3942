"""Whose turn it is: in the promised order, nobody twice, nothing offered that the gate would refuse."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest

from leadflow.compliance import service as compliance
from leadflow.compliance.types import Ask, Recipient
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.leads import service as leads
from leadflow.today import rules
from leadflow.today import service as today
from leadflow.today.types import Turn
from models.compliance import ScrubResult
from models.leads import Lead
from models.messaging import Conversation
from models.vocabulary import (
    ActivityKind,
    Channel,
    LeadStatus,
    Purpose,
    ReplyLabel,
    Role,
    ScrubList,
    ScrubVerdict,
    SuppressionKind,
    TurnKind,
    Verdict,
)
from tests.duplicates.world import World
from tests.factories.identity import a_member
from tests.factories.leads import a_lead, a_task


@pytest.fixture
def manager(db: Database, org: UUID) -> Principal:
    """Act as a manager."""
    with db.begin(org) as uow:
        return a_member(uow, Role.MANAGER)


def told(uow: UnitOfWork, lead: Lead, e164: str, minutes: int) -> None:
    """Let somebody have written that long ago."""
    world = World(uow)
    at = uow.now() - timedelta(minutes=minutes)
    uow.session.add(
        Conversation(
            org_id=uow.org(), sender_number_id=world.sender().id, e164=e164, last_at=at, unread=1, lead_id=lead.id
        )
    )
    uow.session.flush()


def kinds(turns: tuple[Turn, ...]) -> list[TurnKind]:
    return [turn.kind for turn in turns]


def test_everybody_stands_once_in_the_promised_order(uow: UnitOfWork, manager: Principal):
    now = uow.now()
    old = now - timedelta(days=3)
    idle = a_lead(uow, status=LeadStatus.CONTACTED)
    due, late = (a_lead(uow, status=LeadStatus.CONTACTED) for _ in range(2))
    a_task(uow, due.id, title="today", due_at=now + timedelta(hours=1))
    a_task(uow, late.id, title="late", due_at=old)
    wrote = a_lead(uow, status=LeadStatus.CONTACTED)
    a_task(uow, wrote.id, title="late too", due_at=old)
    told(uow, wrote, "+13125550001", 3)
    fresh = a_lead(uow)
    fresh.created_at = now - timedelta(minutes=6)
    just = a_lead(uow)
    a_task(uow, just.id, title="far", due_at=now + timedelta(days=9))
    uow.session.flush()
    leads.refresh_search(uow, [fresh.id])
    a_lead(uow, status=LeadStatus.DEAD)
    found = today.queue(uow, manager)
    assert [(turn.kind, turn.lead_id) for turn in found.turns] == [
        (TurnKind.REPLY, wrote.id),
        (TurnKind.OVERDUE, late.id),
        (TurnKind.UNTOUCHED, fresh.id),
        (TurnKind.DUE, due.id),
        (TurnKind.IDLE, idle.id),
    ]
    assert len({turn.key for turn in found.turns}) == len(found.turns)
    assert [turn.why for turn in found.turns] == [
        *("Reply waits", "Task overdue", "New, untouched", "Due today", "No next task")
    ]


def test_an_agent_works_own_leads_only(uow: UnitOfWork, manager: Principal):
    agent = a_member(uow, Role.AGENT)
    mine = a_lead(uow, status=LeadStatus.CONTACTED, assignee_id=agent.user_id)
    a_lead(uow, status=LeadStatus.CONTACTED)
    found = today.queue(uow, agent)
    assert [turn.lead_id for turn in found.turns] == [mine.id]
    assert found.pace is None
    assert len(today.queue(uow, manager).turns) == 2


def test_a_call_is_offered_exactly_where_the_gate_would_allow_it(uow: UnitOfWork, manager: Principal):
    world = World(uow)
    phone = world.phone()
    person = world.person("Ann Oak", phone)
    lead = world.lead(world.house("", person), status=LeadStatus.CONTACTED)
    for wanted in ScrubList:
        uow.session.add(
            ScrubResult(
                org_id=uow.org(),
                e164=phone.e164,
                list=wanted,
                verdict=ScrubVerdict.CLEAN,
                provider="simulated",
                as_of=uow.now() - timedelta(days=1),
                recorded_at=uow.now() - timedelta(days=1),
            )
        )
    uow.session.flush()
    flat = leads.see(uow, manager, lead.id)
    recipient = Recipient(lead.id, flat.property_id, person.id, phone.id)
    offered = list[bool]()
    for held in (False, True):
        if held:
            world.suppress(SuppressionKind.LITIGATOR, e164=phone.e164)
        (decision,) = compliance.assess(uow, [recipient], Ask(Purpose.CALL, Channel.CALL), uow.now())
        (turn,) = today.queue(uow, manager).turns
        assert turn.may_call is (decision.verdict is Verdict.SENDABLE)
        offered.append(turn.may_call)
    assert offered == [True, False]
    assert today.queue(uow, manager).turns[0].hindrance


def test_an_auditor_sees_no_whole_number(uow: UnitOfWork, manager: Principal):
    lead = a_lead(uow, status=LeadStatus.CONTACTED)
    (turn,) = today.queue(uow, a_member(uow, Role.AUDITOR)).turns
    number = leads.named(uow, manager, [lead.id])[0].phone
    assert number is not None
    assert turn.e164.endswith(number.number[-4:])
    assert "*" in turn.e164


def test_the_pace_counts_late_answers_and_measures_first_touches(uow: UnitOfWork, manager: Principal):
    now = uow.now()
    for place, minutes in enumerate((14, 16, 90)):
        told(uow, a_lead(uow), f"+1312555000{place}", minutes)
    for minutes in (2, 8, 600):
        lead = a_lead(uow)
        lead.created_at = now - timedelta(days=1)
        uow.session.flush()
        at = lead.created_at + timedelta(minutes=minutes)
        leads.record(uow, lead.id, ActivityKind.CALL, "Called", at=at)
        leads.touch(uow, [lead.id], at)
        leads.refresh_search(uow, [lead.id])
    pace = today.queue(uow, manager).pace
    assert pace is not None
    assert (pace.unanswered, pace.paused, pace.speed_to_lead_s, pace.first_touches) == (2, 0, 480, 3)


def test_the_reason_of_a_reply_names_what_it_is():
    assert rules.why_reply(ReplyLabel.INTERESTED, locked=False) == "Reply waits: interested"
    assert rules.why_reply(None, locked=False) == "Reply waits"
    assert rules.why_reply(ReplyLabel.HOSTILE_LEGAL, locked=True).startswith("Legal threat")
    assert rules.median([]) is None
