"""Place a call through the gate, and say what came of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.calls import queries, rules
from leadflow.calls.errors import NoInstant
from leadflow.calls.types import CallBack, Callee, CallInput, CallRow, Denied, Placed, SettleInput
from leadflow.compliance import service as compliance
from leadflow.compliance.rules.gate import sentence
from leadflow.compliance.types import Ask, Cleared, Later, Mark, Recipient, Refused
from leadflow.identity.rules import mask_phone, only_assigned, require
from leadflow.identity.types import Principal
from leadflow.kernel import paging, phone
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import NotFound
from leadflow.kernel.paging import Page
from leadflow.leads import service as leads
from leadflow.leads.types import Moment
from leadflow.properties import service as properties
from models.base import new_id
from models.calls import PhoneCall
from models.vocabulary import ActivityKind, CallOutcome, Channel, Permission, Purpose


def place(uow: UnitOfWork, actor: Principal, given: CallInput) -> Placed | Denied:
    """Ask the gate about a call that is about to be dialled, and write it down where it may be.

    Every answer is a decision with a receipt, the refused ones too; so a refusal is answered and not raised.

    Raises:
        Invalid: that is no number.
        NotFound: the lead is not the caller's to see, or an agent names a number that is none of his.
        Claimed: somebody else works on the lead.
    """
    require(actor, Permission.CALL_PLACE)
    e164 = phone.parse(given.number)
    whom = _whom(uow, actor, e164, given.lead_id)
    now, call_id = uow.now(), new_id()
    leads.check(uow, actor, [whom.lead_id] if whom.lead_id else [])
    recipient = Recipient(whom.lead_id, whom.property_id, whom.person_id, whom.phone_id, e164, call_id)
    answer = compliance.clear(uow, [recipient], Ask(Purpose.CALL, Channel.CALL), now, actor.user_id)[0]
    if isinstance(answer, Cleared):
        return _placed(uow, actor, answer, whom, now)
    return _denied(uow, actor, answer, whom)


def _whom(uow: UnitOfWork, actor: Principal, e164: str, lead_id: UUID | None) -> Callee:
    number = int(e164[1:])
    if lead_id is not None:
        leads.see(uow, actor, lead_id)
    elif only_assigned(actor.role) and (actor.user_id is None or not queries.is_mine(uow, number, actor.user_id)):
        raise NotFound
    return queries.callee(uow, number, lead_id)


def _placed(uow: UnitOfWork, actor: Principal, cleared: Cleared, whom: Callee, now: datetime) -> Placed:
    call_id = queries.place(uow, cleared, whom, actor.user_id, now)
    if whom.lead_id is not None:
        # The timeline is read by those, too, who see no whole number.
        words, detail = f"Calling the number ending {cleared.e164[-4:]}", {"call_id": str(call_id)}
        leads.record(uow, whom.lead_id, ActivityKind.CALL, words, actor_id=actor.user_id, detail=detail, at=now)
        leads.touch(uow, [whom.lead_id], now)
        # Behind the gate, which a STOP that comes in at this moment holds before it reaches the lead.
        leads.begin_work(uow, actor, whom.lead_id)
    audit.record(uow, actor.user_id, "call.placed", "phone_call", call_id, {"decision": str(cleared.decision_id)})
    return Placed(call_id, cleared.e164, f"tel:{cleared.e164}", cleared.decision_id)


def _denied(uow: UnitOfWork, actor: Principal, answer: Later | Refused, whom: Callee) -> Denied:
    if whom.lead_id is not None:
        detail = {"decision_id": str(answer.decision_id), "reasons": list(answer.reasons)}
        words = f"Not called: {sentence(answer.reasons[0])}"
        leads.record_many(uow, [Moment(whom.lead_id, ActivityKind.BLOCKED, words, actor.user_id, detail, uow.now())])
    later_at = answer.at if isinstance(answer, Later) else None
    return Denied(answer.decision_id, answer.reasons, tuple(sentence(one) for one in answer.reasons), later_at)


def settle(uow: UnitOfWork, actor: Principal, call_id: UUID, given: SettleInput) -> None:
    """Say what came of a call, with all that follows. Saying something else later adds; it opens nothing.

    Raises:
        NotFound: there is no such call, or it is not the caller's to see.
        NoInstant: a call back was agreed without an instant ahead.
    """
    require(actor, Permission.CALL_PLACE)
    call, now = queries.held(uow, call_id, _mine(actor)), uow.now()
    if call is None:
        raise NotFound
    if given.outcome is CallOutcome.CALL_BACK and not rules.is_ahead(given.call_back_at, now):
        raise NoInstant
    before = call.outcome
    call.outcome, call.settled_at, call.note = given.outcome, now, given.note.replace("\x00", "").strip()
    _close(uow, actor, call)
    if (status := rules.PHONE.get(given.outcome)) is not None:
        properties.phone_status(uow, call.e164, status)
        leads.refresh_for(uow, phones=[call.e164])
    if call.lead_id is not None:
        _tell(uow, actor, call, call.lead_id, given)
    detail = {"outcome": given.outcome.value, "before": before.value if before else None}
    audit.record(uow, actor.user_id, "call.settled", "phone_call", call.id, detail)


def _close(uow: UnitOfWork, actor: Principal, call: PhoneCall) -> None:
    """Close what the outcome closes, by the one door for that."""
    kind = rules.CLOSES.get(call.outcome) if call.outcome else None
    if kind is None:
        return
    person_id = call.person_id if call.outcome is CallOutcome.DO_NOT_CALL else None
    evidence = {"call_id": str(call.id), "note": call.note}
    compliance.suppress(uow, actor, Mark(kind, "manual", call.e164, person_id, evidence=evidence))


def _tell(uow: UnitOfWork, actor: Principal, call: PhoneCall, lead_id: UUID, given: SettleInput) -> None:
    words = f"Call: {rules.WORDS[given.outcome]}" + (f". {call.note}" if call.note else "")
    detail = {"call_id": str(call.id), "outcome": given.outcome.value}
    leads.record(uow, lead_id, ActivityKind.CALL, words, actor_id=actor.user_id, detail=detail)
    status = queries.lead_status(uow, lead_id)
    if status is not None and (wanted := rules.lead_moves_to(given.outcome, status)) is not None:
        leads.follow_status(uow, actor, lead_id, wanted)
    if given.outcome is CallOutcome.CALL_BACK:
        call.call_back_at = given.call_back_at
        title = "Call back, as agreed" + (f": {call.note}" if call.note else "")
        call.task_id = leads.follow_task(uow, actor, lead_id, title[:200], given.call_back_at)


def listing(
    uow: UnitOfWork,
    actor: Principal,
    lead_id: UUID | None = None,
    after: str | None = None,
    limit: int = 50,
    *,
    outcome: CallOutcome | None = None,
) -> Page[CallRow]:
    """List calls, newest first; of one lead, or with one outcome, where it is named.

    Raises:
        NotFound: the lead is not the caller's to see.
    """
    require(actor, Permission.LEAD_READ)
    mine = _mine(actor)
    if lead_id is not None:
        leads.see(uow, actor, lead_id)
    found = queries.rows(
        uow, mine=mine, lead_id=lead_id, outcome=outcome, after=paging.instant_and_id(after), limit=limit + 1
    )
    shown = tuple(replace(row, e164=mask_phone(actor.role, row.e164)) for row in found[:limit])
    more = paging.encode(shown[-1].at.isoformat(), str(shown[-1].id)) if len(found) > limit else None
    return Page(shown, more, None if after else queries.count(uow, mine=mine, lead_id=lead_id, outcome=outcome))


def call_backs(uow: UnitOfWork, actor: Principal, limit: int = 20) -> tuple[CallBack, ...]:
    """List promised calls whose time has come, the longest overdue first."""
    require(actor, Permission.LEAD_READ)
    found = queries.call_backs(uow, mine=_mine(actor), due_before=uow.now(), limit=limit)
    return tuple(replace(one, e164=mask_phone(actor.role, one.e164)) for one in found)


def _mine(actor: Principal) -> UUID | None:
    return (actor.user_id or UUID(int=0)) if only_assigned(actor.role) else None
