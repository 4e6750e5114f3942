"""Write a decision down so that it can be told, and proved, afterwards. Pure.

A receipt is canonical JSON (sorted keys, no spaces, UTF-8): what was asked, every fact the rules saw, each rule's
outcome, the policy and its packs, the verdict. It names a number only by its keyed hash. Facts that are not known,
empty or false are left out; instants are UTC.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from leadflow.compliance.rules.gate import BOOK, outcomes
from leadflow.compliance.rules.windows import closed
from leadflow.compliance.types import Decision, Facts, Pack, Place, Policy, Recipient, RuleResult
from models.vocabulary import RuleOutcome, Verdict

FORMAT = 1
"""Shape of the document; grows when a field changes its meaning."""


class Heading(NamedTuple):
    """What all receipts of a batch share."""

    org_id: UUID
    at: datetime
    policy: Policy
    packs: Sequence[Pack]
    actor_id: UUID | None = None


def body(
    heading: Heading, decision_id: UUID, recipient: Recipient, facts: Facts, decision: Decision, key: bytes
) -> bytes:
    """Write one receipt.

    Args:
        heading: what the batch shares.
        decision_id: the row that the receipt belongs to.
        recipient: who was asked about.
        facts: what the rules saw.
        decision: what they said.
        key: the number's keyed hash.
    """
    return orjson.dumps(
        {
            "format": FORMAT,
            "id": decision_id,
            "org": heading.org_id,
            "at": heading.at,
            "actor": heading.actor_id,
            "policy": _policy(heading.policy.version, tuple((pack.name, pack.digest) for pack in heading.packs)),
            "ask": {
                "purpose": facts.sending.purpose,
                "channel": facts.sending.channel,
                "campaign": facts.sending.campaign_id,
                "step": facts.sending.step,
                "message": recipient.message_id,
            },
            "subject": {
                "lead": recipient.lead_id,
                "property": recipient.property_id,
                "person": recipient.person_id,
                "phone": recipient.phone_id,
                "phone_key": key.hex(),
            },
            "facts": inputs(facts),
            "closed": _closed(heading.policy, facts, heading.at),
            "rules": _rules(decision.reasons, decision.unknown),
            "verdict": decision.verdict,
            "reasons": decision.reasons,
            "later_at": decision.later_at,
        },
        option=orjson.OPT_SORT_KEYS,
    )


def inputs(facts: Facts) -> dict[str, Any]:
    """List every fact the rules saw that says something, without the number."""
    sending = facts.sending
    found: dict[str, Any] = {
        "organisation_paused": sending.paused,
        "campaign_state": sending.campaign_state,
        "campaign_basis": sending.basis,
        "campaign_send_before": sending.send_before,
        "sender": sending.sender_id,
        "sender_registration": sending.registration,
        "sender_disabled": sending.sender_disabled,
        "line_type": facts.line_type,
        "phone_status": facts.phone_status,
        "lead_status": facts.lead_status,
        "person_known": facts.person_known,
        "person_kind": facts.person_kind,
        "deceased": facts.deceased,
        "decedent": facts.decedent,
        "roles": facts.roles,
        "suppressions": facts.suppressions,
        "opted_out_at": facts.opted_out_at,
        "national_dnc": facts.national,
        "national_dnc_at": facts.national_at,
        "listed": facts.listed,
        "consents": facts.consent_ids,
        "written_consent_at": facts.written_at,
        "relationship_at": facts.relationship_at,
        "inquiry_at": facts.inquiry_at,
        "consent_revoked": facts.consent_revoked,
        "consent_lapsed": facts.consent_lapsed,
        "contacts": facts.touches,
        "already_sent": facts.already,
        "inbound_at": facts.inbound_at,
        "send_before": facts.send_before,
        "places": _places(facts.places),
        "zip5": facts.zip5,
        "property_state": facts.property_state,
        "mailing_state": facts.mailing_state,
    }
    said = {name: value for name, value in found.items() if value}
    # No money left is a fact of its own, and falsy.
    return said if sending.budget_left is None else {**said, "budget_left": sending.budget_left}


@lru_cache(maxsize=4096)
def _places(places: frozenset[Place] | None) -> orjson.Fragment | None:
    return None if places is None else orjson.Fragment(orjson.dumps(sorted(f"{p.state} {p.zone}" for p in places)))


def _closed(policy: Policy, facts: Facts, at: datetime) -> orjson.Fragment:
    if not facts.places:
        return _NONE
    return _windows(policy, facts.places, facts.sending.window, at)


@lru_cache(maxsize=4096)
def _windows(policy: Policy, places: frozenset[Place], own: Any, at: datetime) -> orjson.Fragment:  # noqa: ANN401 a window or None
    against = closed(policy, places, own, at)
    return orjson.Fragment(orjson.dumps(sorted(f"{one.window.key} {one.zone} {one.fault.value}" for one in against)))


_NONE = orjson.Fragment(b"[]")


@lru_cache(maxsize=8192)
def _rules(reasons: tuple[str, ...], unknown: frozenset[str]) -> orjson.Fragment:
    """Write each rule's outcome; the same few patterns recur, so each is written once."""
    decision = Decision(verdict=Verdict.BLOCKED, later_at=None, reasons=reasons, unknown=unknown, policy_version="")
    said: dict[str, list[str]] = {outcome.value: [] for outcome in RuleOutcome}
    for result in outcomes(decision, BOOK):
        said[result.outcome.value].append(result.rule)
    return orjson.Fragment(orjson.dumps(said, option=orjson.OPT_SORT_KEYS))


@lru_cache(maxsize=256)
def _policy(version: str, packs: tuple[tuple[str, str], ...]) -> orjson.Fragment:
    return orjson.Fragment(orjson.dumps({"version": version, "packs": dict(packs)}, option=orjson.OPT_SORT_KEYS))


def results(document: dict[str, Any]) -> tuple[RuleResult, ...]:
    """Read each rule's outcome back from a receipt, in today's order; rules that are no more come last."""
    said = {rule: RuleOutcome(outcome) for outcome, rules in document["rules"].items() for rule in rules}
    known = {rule.name: rule for rule in BOOK.rules}
    ordered = [*(name for name in known if name in said), *(name for name in said if name not in known)]
    return tuple(
        RuleResult(
            name,
            said[name],
            known[name].sentence if name in known else name,
            known[name].citation if name in known else "",
        )
        for name in ordered
    )
