"""Answer for one person, or for rows of a file, without leaving a trace: decisions with their receipts, and hours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import orjson

from leadflow.audit.rules import digest_of
from leadflow.compliance.rules import gate, receipts
from leadflow.compliance.rules.explain import closed_words, local_times
from leadflow.compliance.rules.hours import Hours, hours
from leadflow.compliance.rules.policy import compile_policy, parse, shipped
from leadflow.compliance.service.asking import judged, question, recipient_of
from leadflow.compliance.service.secrets import phone_key
from leadflow.compliance.types import Ask, Decision, Pack, Policy, RuleResult
from leadflow.identity.rules import mask_phone, require
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from models.base import new_id
from models.vocabulary import Channel, Permission

_SURENESS = {"high": 0, "medium": 1, "low": 2}


@dataclass(frozen=True, slots=True)
class Decided:
    """What the gate says of one person at one instant, with the receipt that such a decision would have."""

    e164: str
    at: datetime
    decision: Decision
    rules: tuple[RuleResult, ...]
    places: tuple[tuple[str, str, str, str], ...]
    closed: tuple[str, ...]
    receipt: Mapping[str, Any]
    digest: str
    """SHA-256 of the receipt's canonical JSON, hexadecimal."""

    def as_json(self) -> dict[str, Any]:
        """Write the answer as every door gives it."""
        return {
            "phone": self.e164,
            "at": self.at,
            "verdict": self.decision.verdict,
            "allowed": not self.decision.reasons,
            "later_at": self.decision.later_at,
            "reasons": list(self.decision.reasons),
            "unknown": sorted(self.decision.unknown),
            "policy_version": self.decision.policy_version,
            "rules": list(self.rules),
            "places": [
                {"source": source, "state": state, "zone": zone, "local_time": local}
                for source, state, zone, local in self.places
            ],
            "closed": list(self.closed),
            "receipt": dict(self.receipt),
            "digest": self.digest,
            "recorded": False,
        }


def decide(uow: UnitOfWork, actor: Principal, e164: str, ask: Ask, at: datetime | None = None) -> Decided:
    """Decide for the person at a number, and write the receipt out instead of down: nothing is recorded or cleared.

    Args:
        uow: the caller's transaction.
        actor: needs to read decisions.
        e164: the number.
        ask: on whose behalf; with a campaign its basis, hours, budget and earlier texts count.
        at: the instant; now when absent. For a past one the records count as they stood then.
    """
    require(actor, Permission.DECISION_READ)
    now = uow.now()
    moment = at or now
    asked = question(uow, ask, moment, past=moment < now)
    recipient = recipient_of(uow, e164, moment if asked.moment.past else None)
    facts, decision = judged(uow, asked, recipient)
    heading = receipts.Heading(uow.org(), moment, asked.policy, asked.packs, actor.user_id)
    body = receipts.body(heading, new_id(), recipient, facts, decision, phone_key(e164))
    return Decided(
        e164=mask_phone(actor.role, e164),
        at=moment,
        decision=decision,
        rules=gate.outcomes(decision),
        places=local_times(facts, moment),
        closed=closed_words(asked.policy, facts, moment),
        receipt=orjson.loads(body),
        digest=digest_of(body).hex(),
    )


class LawfulHours:
    """The hours of the packs that ship with the program, for rows of a file; needs no database.

    The law alone counts; ``with_own_limits`` adds the organisation's margin before closing.
    """

    def __init__(self, channel: Channel = Channel.TEXT, *, with_own_limits: bool = False) -> None:
        packs = [pack for pack in shipped() if with_own_limits or pack.name != "organization"]
        # Hours carry their own dates; the day matters to caps and consent, which no row asks about.
        self._policy: Policy = compile_policy(packs, channel, date.max)
        self._sureness = _sureness(packs)

    def of(
        self,
        e164: str | None,
        zip5: str | None,
        mailing_state: str | None,
        at: datetime,
        billing_state: str | None = None,
    ) -> Hours:
        """Say whether a number may be contacted at an instant, and what stands against it."""
        return hours(self._policy, self._sureness, e164, zip5, mailing_state, at, billing_state)


def _sureness(packs: list[Pack]) -> dict[str, int]:
    provisions = (provision for pack in packs for provision in parse(pack.content).provisions)
    return {provision.key: _SURENESS[provision.confidence] for provision in provisions}
