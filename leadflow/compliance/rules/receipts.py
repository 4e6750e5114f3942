"""Write a decision down so that it can be told, and proved, afterwards. Pure.

A receipt is canonical JSON (sorted keys, no spaces, UTF-8): what was asked, every fact the rules saw, the rules that
stood against it, the policy and the book of rules by their digests, the verdict. It names a number only by its keyed
hash. What is not known, empty or false is left out; instants are UTC.

Format 2 names the rules that stood against the contact; every other rule of the book, whose text the record keeps once
(``service.books``), let it pass. Format 1 listed them all in every receipt; it can still be read.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from typing import Any, NamedTuple
from uuid import UUID

import orjson

from leadflow.compliance.rules.gate import BOOK, RuleBook
from leadflow.compliance.rules.policy import policy_digest
from leadflow.compliance.rules.windows import closed
from leadflow.compliance.types import Decision, Facts, Pack, Place, Policy, Recipient, RuleResult, Sending, WrittenRule
from models.vocabulary import RuleOutcome

FORMAT = 2
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
    document: dict[str, Any] = {
        "format": FORMAT,
        "id": decision_id,
        "org": heading.org_id,
        "at": heading.at,
        "policy": _policy(tuple(pack.digest for pack in heading.packs)),
        "book": BOOK_DIGEST,
        "ask": _ask(facts.sending, heading.actor_id),
        "subject": _subject(recipient, key),
        "facts": {"sending": _sending(facts.sending), **_own(facts)},
        "verdict": decision.verdict,
    }
    if decision.reasons:
        document["reasons"] = decision.reasons
        if decision.unknown:
            document["unknown"] = [name for name in decision.reasons if name in decision.unknown]
        if decision.later_at:
            document["later_at"] = decision.later_at
        if facts.places and (against := _windows(heading.policy, facts.places, facts.sending.window, heading.at)):
            document["closed"] = against
    return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)


def _subject(recipient: Recipient, key: bytes) -> dict[str, Any]:
    named = {
        "lead": recipient.lead_id,
        "message": recipient.message_id,
        "person": recipient.person_id,
        "phone": recipient.phone_id,
        "property": recipient.property_id,
    }
    return {"phone_key": key.hex(), **{name: one for name, one in named.items() if one is not None}}


def inputs(facts: Facts) -> dict[str, Any]:
    """List every fact the rules saw that says something, without the number."""
    return {"sending": _sending(facts.sending), **_own(facts)}


@lru_cache(maxsize=1024)
def _sending(sending: Sending) -> orjson.Fragment:
    """Write what a batch has in common once."""
    found: dict[str, Any] = {
        "organisation_paused": sending.paused,
        "campaign_state": sending.campaign_state,
        "campaign_basis": sending.basis,
        "campaign_send_before": sending.send_before,
        "sender": sending.sender_id,
        "sender_registration": sending.registration,
        "sender_disabled": sending.sender_disabled,
    }
    said = {name: value for name, value in found.items() if value}
    if sending.budget_left is not None:
        # No money left is a fact of its own, and falsy.
        said["budget_left"] = sending.budget_left
    return orjson.Fragment(orjson.dumps(said, option=orjson.OPT_SORT_KEYS))


@lru_cache(maxsize=1024)
def _ask(sending: Sending, actor_id: UUID | None) -> orjson.Fragment:
    asked: dict[str, Any] = {"purpose": sending.purpose, "channel": sending.channel}
    if sending.campaign_id is not None:
        asked |= {"campaign": sending.campaign_id, "step": sending.step}
    if actor_id is not None:
        asked["actor"] = actor_id
    return orjson.Fragment(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS))


def _own(facts: Facts) -> dict[str, Any]:
    """List what the rules saw of this recipient alone."""
    found: dict[str, Any] = {
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
        "not_reassigned_at": facts.unchanged_at,
        "not_reassigned_since": facts.unchanged_since,
        "consents": facts.consent_ids,
        "written_consent_at": facts.written_at,
        "relationship_at": facts.relationship_at,
        "inquiry_at": facts.inquiry_at,
        "consent_revoked": facts.consent_revoked,
        "consent_lapsed": facts.consent_lapsed,
        "contacts": facts.touches,
        "already_sent": facts.already,
        "inbound_at": facts.inbound_at,
        "died_on": facts.died_on,
        "death_undated": facts.death_undated,
        "probate_filed_on": facts.filed_on,
        "surviving_spouse": facts.surviving_spouse,
        "send_before": facts.send_before,
        "places": _places(facts.places),
        "zip5": facts.zip5,
        "property_state": facts.property_state,
        "mailing_state": facts.mailing_state,
        "billing_state": facts.billing_state,
    }
    return {name: value for name, value in found.items() if value}


@lru_cache(maxsize=4096)
def _places(places: frozenset[Place] | None) -> orjson.Fragment | None:
    return None if places is None else orjson.Fragment(orjson.dumps(sorted(f"{p.state} {p.zone}" for p in places)))


@lru_cache(maxsize=4096)
def _windows(policy: Policy, places: frozenset[Place], own: Any, at: datetime) -> list[str]:  # noqa: ANN401 a window or None
    against = closed(policy, places, own, at)
    return sorted(f"{one.window.key} {one.zone} {one.fault.value}" for one in against)


@lru_cache(maxsize=256)
def _policy(digests: tuple[str, ...]) -> str:
    """Name the packs in force by the whole of the hash whose first digits are the policy's version."""
    return policy_digest(digests)


def written(book: RuleBook = BOOK) -> tuple[WrittenRule, ...]:
    """Write a book of rules out, in the order in which reasons are told."""
    return tuple(WrittenRule(rule.name, rule.sentence, rule.citation) for rule in book.rules)


def book_digest(rules: Sequence[WrittenRule]) -> str:
    """Hash a book: SHA-256 over the canonical JSON of its rules, hexadecimal."""
    return hashlib.sha256(orjson.dumps([list(rule) for rule in rules])).hexdigest()


BOOK_DIGEST = book_digest(written())


def results(document: Mapping[str, Any], book: Sequence[WrittenRule] = written()) -> tuple[RuleResult, ...]:
    """Read each rule's outcome back from a receipt.

    Args:
        document: a receipt of any format.
        book: the rules that its ``book`` names; of format 1, today's, and rules that are no more come last.
    """
    if document.get("format", 1) == 1:
        return _listed(document["rules"], book)
    against, unknown = set(document.get("reasons", ())), set(document.get("unknown", ()))
    return tuple(RuleResult(rule.name, _outcome(rule.name, against, unknown), *rule[1:]) for rule in book)


def _outcome(name: str, against: set[str], unknown: set[str]) -> RuleOutcome:
    if name in unknown:
        return RuleOutcome.UNKNOWN
    return RuleOutcome.FAIL if name in against else RuleOutcome.PASS


def _listed(outcomes: Mapping[str, Sequence[str]], book: Sequence[WrittenRule]) -> tuple[RuleResult, ...]:
    said = {rule: RuleOutcome(outcome) for outcome, rules in outcomes.items() for rule in rules}
    known = {rule.name: rule for rule in book}
    ordered = [*(name for name in known if name in said), *(name for name in said if name not in known)]
    return tuple(RuleResult(name, said[name], *(known[name][1:] if name in known else (name, ""))) for name in ordered)
