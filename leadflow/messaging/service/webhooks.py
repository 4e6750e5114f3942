"""The carrier's calls: checked, stored once, and what people say applied before it is answered.

A status is stored and applied afterwards by a job, joined to its text by the id in the callback's address. A text that
somebody sent is dealt with in one transaction: an opt-out is in force when the carrier gets its answer.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import orjson
import structlog

from leadflow.compliance import service as compliance
from leadflow.compliance.types import Mark, ReplyClass
from leadflow.identity import service as identity
from leadflow.identity.types import Principal
from leadflow.jobs import service as jobs
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Invalid
from leadflow.leads import service as leads
from leadflow.leads.types import Moment
from leadflow.messaging.errors import ForgedWebhook
from leadflow.messaging.queries import webhooks as queries
from leadflow.messaging.queries.outcomes import Move
from leadflow.messaging.rules.codes import consequence
from leadflow.messaging.rules.inbound import CONFIRM_ONCE_IN, CONFIRMATION, carrier_confirms, starts_again
from leadflow.messaging.rules.machine import CARRIER_STATUS
from leadflow.messaging.service import weather
from leadflow.messaging.service.carriers import check_signature
from leadflow.messaging.service.outcomes import happen
from leadflow.messaging.service.queueing import queue_one
from leadflow.messaging.service.telling import Wrote, wrote
from leadflow.messaging.types import Draft, Event, Inbound, StatusCallback, Webhook
from leadflow.properties import service as properties
from models.vocabulary import ActivityKind, JobKind, PhoneStatus, Purpose, ReplyLabel, Suppress, SuppressionKind

log = structlog.get_logger(__name__)

PROVIDER = "twilio"
AT_ONCE = 500
"""Callbacks that are applied in one transaction."""
CALL_BACK_IN = timedelta(hours=4)
"""How soon a person has to look at a legal threat."""
LONGEST_TEXT = 1600
"""Characters of a text that somebody sent us; the carrier takes no longer ones."""


# Statuses


def status_callback(db: Database, webhook: Webhook) -> None:
    """Take a report on one of our texts: check it, store it once, wake the job that applies it.

    Raises:
        ForgedWebhook: the signature is not the carrier's, or of an account that has no such number; nothing is written.
        Invalid: a field that every report has is missing.
    """
    signers = check_signature(db, webhook)
    params = webhook.params
    sid, status = _field(params, "MessageSid"), _field(params, "MessageStatus")
    with db.begin() as uow:
        owner = queries.owner_of(uow, _field(params, "From")) if signers is not None else None
        if signers is not None and (owner is None or owner.org_id not in signers):
            # One organisation's account reports on a number of another.
            raise ForgedWebhook
        now = uow.now()
        message_id = _message_of(webhook.target)
        kept = queries.keep(uow, PROVIDER, sid, status, _digest(params), params, now, message_id=message_id)
        if kept is not None:
            jobs.enqueue(uow, JobKind.CALLBACK_APPLY, unique_key="all")


def apply_callbacks(db: Database) -> int:
    """Apply stored reports whose text is known, over all organisations, until none is left.

    They may come doubled and in any order: the machine never goes back.

    Returns:
        How many were applied.
    """
    with db.begin() as uow:
        orgs = queries.organizations_with_callbacks(uow)
    return sum(_apply_all(db, org_id) for org_id in orgs)


def _apply_all(db: Database, org_id: UUID) -> int:
    done = 0
    while True:
        with db.begin(org_id) as uow:
            found = queries.unapplied(uow, AT_ONCE)
            _apply(uow, found)
        done += len(found)
        if len(found) < AT_ONCE:
            return done


_ORDER = (Event.ACCEPT, Event.SENT, Event.DELIVER, Event.UNDELIVER, Event.FAIL)


def _apply(uow: UnitOfWork, callbacks: Sequence[StatusCallback]) -> None:
    now = uow.now()
    watched = weather.brace(uow, [(one.message_id, consequence(one.error_code)) for one in callbacks])
    by_event: dict[Event | None, list[StatusCallback]] = defaultdict(list)
    for one in callbacks:
        by_event[CARRIER_STATUS.get(one.status)].append(one)
    outcomes = {one.id: "not a status that matters" for one in by_event[None]}
    for event in _ORDER:
        # Two reports of one status on the same text differ in something of no matter.
        own = list({one.message_id: one for one in by_event[event]}.values())
        moves = [
            Move(one.message_id, sid=one.sid, code=one.error_code, detail={"sid": one.sid, "code": one.error_code})
            for one in own
        ]
        codes = [(one.message_id, one.error_code, consequence(one.error_code)) for one in own if one.error_code]
        moved = {one.id for one in happen(uow, event, moves, now, codes)}
        outcomes |= {one.id: "applied" if one.message_id in moved else "no news" for one in by_event[event]}
    weather.look(uow, watched)
    queries.applied(uow, outcomes, now)


# Texts that people send


def inbound(db: Database, webhook: Webhook) -> bool:
    """Take a text that somebody sent us, with all that it means, before the carrier gets its answer.

    Returns:
        False when it was here before, or none of our organisations has the number.

    Raises:
        ForgedWebhook: the signature is not the carrier's, or of an account that has no such number; nothing is written.
        Invalid: a field that every text has is missing.
    """
    signers = check_signature(db, webhook)
    text = _text(webhook.params)
    with db.begin() as uow:
        owner = queries.owner_of(uow, text.to)
        if signers is not None and (owner is None or owner.org_id not in signers):
            # One organisation's account brings texts to a number of another, or to nobody's.
            raise ForgedWebhook
        if owner is None:
            _keep_inbound(uow, webhook.params, text, "no such number")
            return False
    with db.begin(owner.org_id) as uow:
        if not _keep_inbound(uow, webhook.params, text, "applied"):
            return False
        _receive(uow, owner.sender_id, text)
    return True


def regain(db: Database, org_id: UUID, sender_id: UUID, text: Inbound) -> ReplyClass | None:
    """Take a text that the carrier lists and that we may have lost; None when it is here already."""
    with db.begin(org_id) as uow:
        params = {"MessageSid": text.sid, "From": text.from_, "To": text.to, "Body": text.body}
        return _receive(uow, sender_id, text) if _keep_inbound(uow, params, text, "from the list") else None


def _keep_inbound(uow: UnitOfWork, params: Mapping[str, str], text: Inbound, outcome: str) -> bool:
    digest = _digest({"MessageSid": text.sid})
    kept = queries.keep(uow, PROVIDER, text.sid, "inbound", digest, params, uow.now(), outcome=outcome)
    return kept is not None


def _text(params: Mapping[str, str]) -> Inbound:
    sender = _field(params, "From")
    if not (sender.startswith("+") and sender[1:].isascii() and sender[1:].isdigit()):
        raise Invalid("From is not a telephone number.", "From")
    return Inbound(
        sid=_field(params, "MessageSid"),
        from_=sender,
        to=_field(params, "To"),
        # Postgres takes no zero bytes; a text without words may be a picture.
        body=params.get("Body", "").replace("\x00", "")[:LONGEST_TEXT],
        opt_out_type=params.get("OptOutType") or None,
    )


def _receive(uow: UnitOfWork, sender_id: UUID, text: Inbound) -> ReplyClass:
    now = uow.now()
    meaning = _meaning(uow, text)
    starts = starts_again(text.body, text.opt_out_type)
    stops = not starts and _opts_out(meaning)
    # The campaign before everything else that is held: an opt-out may be the one that stops it.
    answered, watched = weather.brace_for_stop(uow, sender_id, text.from_) if stops else (None, weather.NOBODY)
    compliance.recall(uow, [text.from_])
    subject = queries.subject_of(uow, sender_id, int(text.from_))
    threat = meaning.label is ReplyLabel.HOSTILE_LEGAL
    conversation = queries.receive(uow, sender_id, text, meaning, subject, now, lock=threat)
    # Before any gate is held: members and texts come first for everybody who holds both.
    wrote.tell(uow, Wrote(text.from_, conversation.person_id))
    if answered is not None:
        weather.opted_out(uow, answered.message_id)
    evidence = {"message_sid": text.sid, "conversation_id": str(conversation.id)}
    queries.keep_text(uow, conversation.id, text, meaning, text.at or now)
    if starts:
        compliance.start_again(uow, text.from_, now=now, evidence=evidence)
    elif meaning.suppress is not Suppress.NO:
        _stop(uow, text, meaning, evidence, conversation.person_id)
        _confirm(uow, sender_id, text, meaning, conversation)
    if conversation.lead_id is not None:
        _tell(uow, conversation.lead_id, text, meaning, conversation.id)
    weather.look(uow, watched)
    return meaning


def _meaning(uow: UnitOfWork, text: Inbound) -> ReplyClass:
    if text.opt_out_type == "STOP" or carrier_confirms(text.body, text.opt_out_type):
        return ReplyClass(ReplyLabel.OPT_OUT, Suppress.YES)
    return compliance.understand(uow, text.body)


def _opts_out(meaning: ReplyClass) -> bool:
    """Say whether a reply closes the number because the person wants no more of this, not because it is another's."""
    no_news = {ReplyLabel.WRONG_NUMBER, ReplyLabel.DECEASED}
    return meaning.suppress is Suppress.YES and meaning.label not in no_news


_KINDS = {
    ReplyLabel.WRONG_NUMBER: SuppressionKind.WRONG_NUMBER,
    ReplyLabel.DECEASED: SuppressionKind.DECEASED,
    ReplyLabel.HOSTILE_LEGAL: SuppressionKind.LEGAL_THREAT,
}
"""What a reply means beside a plain "no"."""


def _stop(
    uow: UnitOfWork, text: Inbound, meaning: ReplyClass, evidence: Mapping[str, Any], person_id: UUID | None
) -> None:
    """Put into force what a reply forbids."""
    now = uow.now()
    if meaning.suppress is Suppress.REVIEW:
        compliance.suppress_system(uow, Mark(SuppressionKind.REVIEW, "inbound", text.from_, evidence=evidence))
        return
    kind = _KINDS.get(meaning.label, SuppressionKind.OPT_OUT)
    if kind is SuppressionKind.WRONG_NUMBER:
        compliance.suppress_system(uow, Mark(kind, "inbound", text.from_, evidence=evidence))
        properties.phone_status(uow, text.from_, PhoneStatus.WRONG)
    elif kind is SuppressionKind.DECEASED:
        compliance.suppress_system(uow, Mark(kind, "inbound", text.from_, person_id, evidence=evidence))
    else:
        compliance.opt_out(uow, text.from_, source="inbound", evidence=evidence, now=now)
        if kind is not SuppressionKind.OPT_OUT:
            compliance.suppress_system(uow, Mark(kind, "inbound", text.from_, evidence=evidence))


def _confirm(
    uow: UnitOfWork, sender_id: UUID, text: Inbound, meaning: ReplyClass, conversation: queries.Opened
) -> None:
    """Confirm an opt-out once, unless the carrier has done so itself."""
    if meaning != ReplyClass(ReplyLabel.OPT_OUT, Suppress.YES) or carrier_confirms(text.body, text.opt_out_type):
        return
    now = uow.now()
    if queries.confirmed_since(uow, text.from_, now - CONFIRM_ONCE_IN):
        return
    body = CONFIRMATION.format(name=identity.own_organization(uow).name)
    draft = Draft(text.from_, body, conversation.lead_id, None, conversation.person_id)
    queue_one(uow, Purpose.CONFIRMATION, sender_id, draft, conversation.id, None)


def _tell(uow: UnitOfWork, lead_id: UUID, text: Inbound, meaning: ReplyClass, conversation_id: UUID) -> None:
    """Write the text on the lead's timeline; ask a person to look at a threat."""
    now = uow.now()
    detail = {"conversation_id": str(conversation_id), "label": meaning.label.value}
    leads.record_many(uow, [Moment(lead_id, ActivityKind.TEXT_IN, text.body, None, detail, now)])
    leads.touch(uow, [lead_id], now)
    if meaning.label is ReplyLabel.HOSTILE_LEGAL:
        system = Principal.system(uow.org())
        leads.follow_task(uow, system, lead_id, "Read the legal threat and decide what to answer", now + CALL_BACK_IN)


def _field(params: Mapping[str, str], name: str) -> str:
    value = params.get(name, "").strip()
    if not value:
        raise Invalid(f"{name} is missing.", name)
    return value


def _message_of(target: str) -> UUID | None:
    try:
        return UUID(parse_qs(urlsplit(target).query).get("m", [""])[0])
    except ValueError:
        return None


def _digest(params: Mapping[str, str]) -> bytes:
    return hashlib.sha256(orjson.dumps(dict(params), option=orjson.OPT_SORT_KEYS)).digest()
