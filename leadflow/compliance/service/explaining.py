"""Answer "why was this number not texted then?" from the record: a sentence, a receipt and the state as it was.

What was really decided is answered by its receipt alone. Where nothing was decided, the gate judges the records as they
stood at the instant (``queries.past``); what is not kept of that time is told as not known.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson

from leadflow.compliance.queries import decisions as stored
from leadflow.compliance.queries.past import kept_since
from leadflow.compliance.rules import gate, receipts
from leadflow.compliance.rules import state as states
from leadflow.compliance.rules.explain import (
    closed_words,
    local_times,
    meant,
    recorded_times,
    recorded_words,
    told,
    told_before,
    told_really,
)
from leadflow.compliance.rules.state import StateRow
from leadflow.compliance.service.asking import Question, facts_of, judged, question, recipient_of
from leadflow.compliance.service.policies import policy
from leadflow.compliance.service.secrets import phone_key
from leadflow.compliance.service.telling import assigned, receipt, seen_by
from leadflow.compliance.types import Ask, Decision, DecisionRow, Facts, Receipt, Recipient, RuleResult
from leadflow.identity.rules import mask_phone, require
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import AnswerSource, Permission, RuleOutcome

NEAR = 10
"""Decisions that an explanation shows around its instant."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """The answer to "was it texted, could it be, and why not?" for a number and an instant."""

    e164: str
    at: datetime
    sentence: str
    source: AnswerSource
    decision: Decision
    rules: tuple[RuleResult, ...]
    places: tuple[tuple[str, str, str, str], ...]
    """Source, state, zone and local time of each place that counts."""
    closed: tuple[str, ...]
    """The windows that stand against the instant, in words."""
    around: tuple[DecisionRow, ...]
    """What the gate really decided for this number near the instant, nearest first."""
    facts: Mapping[str, Any]
    state: tuple[StateRow, ...]
    """The facts one by one, with what stands today."""
    compared: bool
    """The facts are of a past instant, and known: what changed since is marked."""
    receipt: Receipt | None
    """Of the decision that was really made then."""
    kept_since: datetime
    """Before this instant, what records said is not known."""

    def as_json(self) -> dict[str, Any]:
        """Write the answer as every door gives it."""
        return {
            "phone": self.e164,
            "at": self.at,
            "sentence": self.sentence,
            "answered_from": self.source,
            "verdict": self.decision.verdict,
            "later_at": self.decision.later_at,
            "reasons": list(self.decision.reasons),
            "unknown": sorted(self.decision.unknown),
            "policy_version": self.decision.policy_version,
            "rules": [asdict(rule) for rule in self.rules],
            "places": [
                {"source": source, "state": state, "zone": zone, "local_time": local}
                for source, state, zone, local in self.places
            ],
            "closed": list(self.closed),
            "decisions": [asdict(row) for row in self.around],
            "facts": dict(self.facts),
            "state": [asdict(row) for row in self.state],
            "changed_since": [row.name for row in self.state if row.changed],
            "kept_since": self.kept_since,
            "receipt": None if self.receipt is None else dict(self.receipt.body),
            "receipt_digest": None if self.receipt is None else self.receipt.row.digest,
            "sealed": None if self.receipt is None else self.receipt.sealed,
        }


def explain(uow: UnitOfWork, actor: Principal, e164: str, at: datetime | None = None) -> Explanation:
    """Answer for a number and an instant, now when absent."""
    require(actor, Permission.DECISION_READ)
    now = uow.now()
    moment = at or now
    rows = stored.near(uow, int(e164[1:]), phone_key(e164), moment, NEAR, assigned(actor))
    around = tuple(seen_by(actor, row) for row in rows)
    real = meant(around, moment, now)
    found = _recorded(uow, actor, e164, real, now) if real else _judged(uow, e164, moment, now)
    return replace(found, e164=mask_phone(actor.role, e164), at=moment, around=around)


def _recorded(uow: UnitOfWork, actor: Principal, e164: str, row: DecisionRow, now: datetime) -> Explanation:
    """Answer by a receipt alone; only the comparison with today reads the records."""
    found = receipt(uow, actor, row.id)
    facts: dict[str, Any] = states.flat(found.body["facts"])
    unknown = frozenset(rule.rule for rule in found.rules if rule.outcome is RuleOutcome.UNKNOWN)
    today = facts_of(uow, _same_question(uow, row, found.body["ask"], facts, now), _same_recipient(found.body, e164))
    return Explanation(
        e164=e164,
        at=row.at,
        sentence=told_really(row, found.rules),
        source=AnswerSource.RECEIPT,
        decision=Decision(row.verdict, row.later_at, row.reasons, unknown, row.policy_version),
        rules=found.rules,
        places=recorded_times(e164, facts, row.at),
        closed=recorded_words(policy(uow, row.channel, row.at), found.body.get("closed", ())),
        around=(),
        facts=found.body["facts"],
        state=states.compared(found.body["facts"], _written(today)),
        compared=True,
        receipt=found,
        kept_since=kept_since(uow),
    )


def _judged(uow: UnitOfWork, e164: str, moment: datetime, now: datetime) -> Explanation:
    """Answer by the rules and the records of the instant."""
    past, since = moment < now, kept_since(uow)
    asked, recipient = question(uow, Ask(), moment, past=past), recipient_of(uow, e164, moment if past else None)
    facts, decision = judged(uow, asked, recipient)
    before = past and moment < since
    today = facts_of(uow, question(uow, Ask(), now, past=False), recipient) if past else None
    known = recipient.phone_id is not None
    return Explanation(
        e164=e164,
        at=moment,
        sentence=told_before(decision, since) if before else told(decision, moment, now, known=known),
        source=AnswerSource.UNKNOWN if before else AnswerSource.RECORDS,
        decision=decision,
        rules=gate.outcomes(decision),
        places=local_times(facts, moment),
        closed=closed_words(asked.policy, facts, moment),
        around=(),
        facts=_written(facts),
        state=states.compared(_written(facts), None if today is None or before else _written(today)),
        compared=past and not before,
        receipt=None,
        kept_since=since,
    )


def _written(facts: Facts) -> dict[str, Any]:
    """Write facts as a receipt holds them."""
    written: dict[str, Any] = orjson.loads(orjson.dumps(receipts.inputs(facts)))
    return written


def _same_question(
    uow: UnitOfWork, row: DecisionRow, asked: Mapping[str, Any], facts: Mapping[str, Any], now: datetime
) -> Question:
    """Ask today what was asked then."""
    sender = facts.get("sender")
    ask = Ask(
        purpose=row.purpose,
        channel=row.channel,
        campaign_id=row.campaign_id,
        step=asked.get("step") or 1,
        sender_number_id=UUID(sender) if sender else None,
    )
    return question(uow, ask, now, past=False)


def _same_recipient(body: Mapping[str, Any], e164: str) -> Recipient:
    subject: Mapping[str, str | None] = body["subject"]
    named = {name: UUID(one) for name, one in subject.items() if one and name != "phone_key"}
    return Recipient(
        *(named.get(name) for name in ("lead", "property", "person", "phone")),
        e164=e164,
        message_id=named.get("message"),
    )
