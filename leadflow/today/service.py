"""Put everybody who waits for the caller in one order, with what may be done now."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from leadflow.calls import service as calls
from leadflow.campaigns import service as campaigns
from leadflow.compliance import service as compliance
from leadflow.compliance.types import Ask, Recipient
from leadflow.identity.rules import mask_phone, may, require
from leadflow.identity.types import Principal
from leadflow.inbox import service as inbox
from leadflow.inbox.types import ConversationRow
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.phone import display
from leadflow.leads import service as leads
from leadflow.leads.rules import contactable
from leadflow.leads.types import LeadFilter, LeadRow, TaskRow
from leadflow.leads.work_types import TaskFilter, TaskWhen
from leadflow.today import queries, rules
from leadflow.today.types import Pace, Queue, Reach, Turn
from models.vocabulary import CampaignState, Channel, LeadStatus, Permission, Purpose, TurnKind, Verdict

EACH = 50
"""Turns of a kind that are looked at."""
MOST = 100
"""Turns that are shown."""
LOOKED_AT = 200
"""Conversations among which late ones are counted."""
TOUCHED = 2_000
"""Leads of which the speed is measured."""
_OPEN = tuple(status for status in LeadStatus if status not in {LeadStatus.WON, LeadStatus.DEAD})
_UNTOUCHED = LeadFilter.model_validate({"status": (LeadStatus.NEW,), "where": ("last_touch:empty",)})
_IDLE = LeadFilter.model_validate({"status": _OPEN, "where": ("next_task:empty",)})


def queue(uow: UnitOfWork, actor: Principal) -> Queue:
    """Answer whose turn it is: replies, what is overdue, new leads, what is due today, leads without a next task."""
    require(actor, Permission.LEAD_READ)
    found, more = _turns(uow, actor)
    turns = rules.arranged(found, MOST)
    return Queue(
        tuple(_judged(uow, actor, turns)),
        more + max(0, sum(map(len, found.values())) - MOST),
        _pace(uow, actor) if may(actor, Permission.LEAD_ASSIGN) else None,
    )


def _turns(uow: UnitOfWork, actor: Principal) -> tuple[dict[TurnKind, list[Turn]], int]:
    fresh = leads.page(uow, actor, _UNTOUCHED, "added", "desc", None, EACH)
    idle = leads.page(uow, actor, _IDLE, "added", "desc", None, EACH)
    since = uow.now() - rules.TOUCH_WITHIN
    found = {
        TurnKind.REPLY: _replies(uow, actor),
        TurnKind.OVERDUE: [*_promised(uow, actor), *_tasks(uow, actor, TaskWhen.OVERDUE, TurnKind.OVERDUE)],
        TurnKind.UNTOUCHED: [_lead(row, TurnKind.UNTOUCHED) for row in fresh.rows if row.added_at <= since],
        TurnKind.DUE: _tasks(uow, actor, TaskWhen.TODAY, TurnKind.DUE),
        TurnKind.IDLE: [_lead(row, TurnKind.IDLE) for row in idle.rows],
    }
    beyond = (idle.count if idle.count is not None else idle.at_least or 0) - len(idle.rows)
    return found, max(0, beyond)


def _replies(uow: UnitOfWork, actor: Principal) -> list[Turn]:
    if not may(actor, Permission.INBOX_READ):
        return []
    return [_reply(one) for one in inbox.waiting(uow, actor, EACH)]


def _reply(one: ConversationRow) -> Turn:
    free = not (one.suppressed or one.locked)
    return Turn(
        key=f"reply {one.id} {one.last_at.isoformat()}",
        kind=TurnKind.REPLY,
        name=one.person_name or display(one.e164),
        where=one.street or "",
        why=rules.why_reply(one.label, locked=one.locked),
        since=one.waits_since or one.last_at,
        lead_id=one.lead_id,
        conversation_id=one.id,
        snippet=one.snippet,
        e164=one.e164 if free else "",
        urgent=one.locked,
        hindrance="" if free else "This number may not be contacted. Read what they wrote and settle it.",
    )


def _promised(uow: UnitOfWork, actor: Principal) -> list[Turn]:
    """Calls that were promised and whose time has come."""
    return [
        Turn(
            key=f"task {one.task_id}",
            kind=TurnKind.OVERDUE,
            name=one.person or display(one.e164),
            where=one.street,
            why="Call back overdue",
            since=one.due_at,
            lead_id=one.lead_id,
            task_id=one.task_id,
            e164=one.e164,
            urgent=True,
        )
        for one in calls.call_backs(uow, actor, EACH)
    ]


def _tasks(uow: UnitOfWork, actor: Principal, when: TaskWhen, kind: TurnKind) -> list[Turn]:
    return [_task(row, kind) for row in leads.tasks(uow, actor, TaskFilter(when), None, EACH).rows]


def _task(row: TaskRow, kind: TurnKind) -> Turn:
    return Turn(
        key=f"task {row.id}",
        kind=kind,
        name=row.owner or row.street or "Address not known",
        where=row.street,
        why=rules.why(kind),
        since=row.due_at,
        lead_id=row.lead_id,
        task_id=row.id,
        snippet=row.title,
        urgent=kind is TurnKind.OVERDUE,
    )


def _lead(row: LeadRow, kind: TurnKind) -> Turn:
    where = ", ".join(filter(None, (row.street, row.city)))
    return Turn(
        key=f"{kind.value} {row.id}",
        kind=kind,
        name=row.owner or where or "Address not known",
        where=where,
        why=rules.why(kind),
        since=row.added_at if kind is TurnKind.UNTOUCHED else row.last_touch_at or row.added_at,
        lead_id=row.id,
    )


def _judged(uow: UnitOfWork, actor: Principal, turns: list[Turn]) -> list[Turn]:
    """Ask the gate about everybody at once: may a text go now, may a call be placed."""
    wanted = [turn.lead_id for turn in turns if turn.lead_id is not None]
    ways = {way.lead_id: way for way in queries.reach(uow, leads.audience(uow, actor, {}), wanted)} if wanted else {}
    texts, placed = (_refusals(uow, list(ways.values()), ask) for ask in (Ask(), Ask(Purpose.CALL, Channel.CALL)))
    out = list[Turn]()
    for turn in turns:
        way = ways.get(turn.lead_id) if turn.lead_id else None
        if turn.kind is TurnKind.REPLY:
            # The number is the one that wrote; the gate is asked about it when the answer is sent.
            free = not turn.hindrance
            out.append(rules.offered(turn, text=free, call=free, hindrance=turn.hindrance))
        elif way is None:
            out.append(replace(turn, hindrance="" if turn.e164 else "No number is known."))
        else:
            told = replace(turn, e164=turn.e164 or mask_phone(actor.role, way.e164))
            against = texts[way.lead_id]
            out.append(rules.offered(told, text=not against, call=not placed[way.lead_id], hindrance=against))
    return out


def _refusals(uow: UnitOfWork, ways: list[Reach], ask: Ask) -> dict[UUID, str]:
    """Say of each lead in one sentence why the gate would refuse this way of contact now; empty where it would not."""
    now = uow.now()
    recipients = [Recipient(way.lead_id, way.property_id, way.person_id, way.phone_id) for way in ways]
    decided = compliance.assess(uow, recipients, ask, now)
    told = (contactable(one, way.e164, way.zip5, way.state, now) for way, one in zip(ways, decided, strict=True))
    return {
        way.lead_id: "" if word.verdict == Verdict.SENDABLE else word.reason or word.label
        for way, word in zip(ways, told, strict=True)
    }


def _pace(uow: UnitOfWork, actor: Principal) -> Pace:
    now = uow.now()
    waiting = inbox.waiting(uow, actor, LOOKED_AT) if may(actor, Permission.INBOX_READ) else ()
    paused = (
        campaigns.listing(uow, actor, states=(CampaignState.PAUSED,), limit=MOST)[0]
        if may(actor, Permission.CAMPAIGN_READ)
        else []
    )
    seconds = queries.first_touches(uow, now - rules.SPEED_OVER, TOUCHED)
    return Pace(
        unanswered=sum((one.waits_since or one.last_at) < now - rules.ANSWER_WITHIN for one in waiting),
        paused=len(paused),
        speed_to_lead_s=rules.median(seconds),
        first_touches=len(seconds),
    )
