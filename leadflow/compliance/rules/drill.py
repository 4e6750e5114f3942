"""The drill: tricky cases with their lawful outcome, put to a configuration and graded. Pure but for reading the cases.

A case says what must not go and by which rule; answering another way for another reason fails too, for the right rule
has a hole then. What may go and is refused is stricter, and no fault. The cases are written by
``scripts/drill_cases.py``, which shares no code with the engine.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from importlib.resources import files
from typing import Any
from uuid import UUID

import orjson

from leadflow.compliance.rules import gate
from leadflow.compliance.rules.changes import diff
from leadflow.compliance.rules.places import places
from leadflow.compliance.rules.policy import compile_policy, parse, shipped
from leadflow.compliance.rules.replies import classify
from leadflow.compliance.rules.windows import closed
from leadflow.compliance.types import Decision, Facts, Pack, Policy, Sending
from models.vocabulary import (
    Basis,
    CampaignState,
    Channel,
    DrillOutcome,
    DrillWeight,
    LineType,
    Purpose,
    RegistrationState,
    ScrubVerdict,
    Suppress,
    Verdict,
)

_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class Case:
    """One case as it stands in the file."""

    id: str
    group: str
    title: str
    why: str
    """The law, or the caution, in a few words."""
    weight: DrillWeight
    expect: str
    """``go`` or ``stop`` for a contact; ``yes`` or ``no`` for a text that ends all contact."""
    rule: str = ""
    """Of the gate, that must stand against it."""
    provision: str = ""
    """Key of the provision that the rule reads it from; empty where it stands in the program."""
    closed_by: str = ""
    """Jurisdiction whose own hours must stand against it."""
    at: datetime | None = None
    channel: Channel = Channel.TEXT
    purpose: Purpose = Purpose.CAMPAIGN
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    sending: Mapping[str, Any] = field(default_factory=dict[str, Any])
    text: str | None = None
    keyword: str | None = None


@dataclass(frozen=True, slots=True)
class Graded:
    """A case and what came of it."""

    case: Case
    outcome: DrillOutcome
    came: str
    """What the configuration said, in words."""
    blame: str = ""
    """What to look at when it failed: the provision and how it differs from what ships, or the rule."""


@lru_cache(maxsize=1)
def source() -> bytes:
    """Read the file of cases."""
    return files("leadflow.compliance").joinpath("data", "drill.jsonl").read_bytes()


@lru_cache(maxsize=1)
def cases_digest() -> str:
    """Hash the file of cases with SHA-256, hexadecimal."""
    return hashlib.sha256(source()).hexdigest()


@lru_cache(maxsize=1)
def cases() -> tuple[Case, ...]:
    """List every case."""
    return tuple(_case(orjson.loads(line)) for line in source().splitlines())


def _case(row: dict[str, Any]) -> Case:
    basis: dict[str, Any] = {"basis": row.pop("basis")} if "basis" in row else {}
    sending = row.pop("sending", {}) | basis
    at = row.pop("at", None)
    words = {name: row.pop(name) for name in ("channel", "purpose", "weight") if name in row}
    return Case(
        **row,
        weight=DrillWeight(words["weight"]),
        channel=Channel(words.get("channel", Channel.TEXT)),
        purpose=Purpose(words.get("purpose", Purpose.CAMPAIGN)),
        at=datetime.fromisoformat(at) if at else None,
        sending=sending,
    )


def run(packs: Sequence[Pack], each: Iterable[Case] | None = None) -> list[Graded]:
    """Put cases to a set of packs.

    Args:
        packs: all that are in force together; they are compiled for the day of each case.
        each: the cases; all when absent.
    """
    policies: dict[tuple[Channel, date], Policy] = {}

    def policy(channel: Channel, day: date) -> Policy:
        found = policies.get((channel, day))
        return found or policies.setdefault((channel, day), compile_policy(packs, channel, day))

    differing = _differences(packs)
    return [_grade(one, policy, differing) for one in (cases() if each is None else each)]


def _grade(case: Case, policy: Callable[[Channel, date], Policy], differing: Mapping[str, str]) -> Graded:
    if case.text is not None:
        outcome, came = _read(case)
    elif case.keyword is not None:
        named = case.keyword in {word.casefold().strip() for word in policy(case.channel, date.max).keywords}
        outcome, came = (DrillOutcome.PASSED, "named") if named else (DrillOutcome.FAILED, "not named")
    else:
        outcome, came = _judged(case, policy)
    if outcome is not DrillOutcome.FAILED:
        return Graded(case, outcome, came)
    return Graded(case, outcome, came, _blame(case, differing))


def _read(case: Case) -> tuple[DrillOutcome, str]:
    found = classify(case.text or "").suppress
    came = f"suppress: {found.value}"
    if case.expect == Suppress.YES:
        return (DrillOutcome.PASSED if found is Suppress.YES else DrillOutcome.FAILED), came
    return (DrillOutcome.PASSED if found is Suppress.NO else DrillOutcome.STRICTER), came


def _judged(case: Case, policy: Callable[[Channel, date], Policy]) -> tuple[DrillOutcome, str]:
    if case.at is None:
        msg = f"{case.id} names no instant"
        raise ValueError(msg)
    rules = policy(case.channel, case.at.date())
    facts = facts_of(case)
    decision = gate.decide(facts, rules, case.at)
    came = _said(decision)
    if case.expect == "go":
        return (DrillOutcome.PASSED if decision.verdict is Verdict.SENDABLE else DrillOutcome.STRICTER), came
    if case.rule not in decision.reasons:
        return DrillOutcome.FAILED, came
    if case.closed_by and not _closes(case, facts, rules):
        return DrillOutcome.FAILED, f"{came}, but not by the hours of {case.closed_by}"
    return DrillOutcome.PASSED, came


def _closes(case: Case, facts: Facts, rules: Policy) -> bool:
    if not facts.places or case.at is None:
        return False
    return any(one.window.jurisdiction == case.closed_by for one in closed(rules, facts.places, None, case.at))


def _said(decision: Decision) -> str:
    if decision.verdict is Verdict.SENDABLE:
        return "sendable"
    return f"{decision.verdict.value}: {', '.join(decision.reasons)}"


def facts_of(case: Case) -> Facts:
    """Spoil the base, a text that may go in Chicago, with what the case says."""
    at = case.at or datetime.max.replace(tzinfo=UTC)
    given = {name: _instants(name, value) for name, value in case.facts.items()}
    ground: dict[str, Any] = {
        "purpose": case.purpose,
        "channel": case.channel,
        "paused": False,
        "campaign_id": _NOBODY,
        "campaign_state": CampaignState.RUNNING,
        "basis": Basis.WRITTEN_CONSENT,
        "sender_id": _NOBODY,
        "registration": RegistrationState.VERIFIED,
        **{name: _instants(name, value) for name, value in case.sending.items()},
    }
    base: dict[str, Any] = {
        "e164": "+13125550105",
        "line_type": LineType.MOBILE,
        "lead_status": "new",
        "person_known": True,
        "person_kind": "individual",
        "roles": ["owner"],
        "national": ScrubVerdict.CLEAN,
        "national_at": at - _DAY,
        "written_at": at - 30 * _DAY,
        "zip5": "60601",
        "property_state": "IL",
        "mailing_state": "IL",
    }
    whole = base | given
    hints = (whole["e164"], whole["zip5"], whole["property_state"], whole["mailing_state"], whole.get("billing_state"))
    return Facts(sending=Sending(**ground), places=places(*hints), **whole)


_DAY = timedelta(days=1)


def _instants(name: str, value: Any) -> Any:  # noqa: ANN401 what JSON can hold
    if name == "touches":
        return [datetime.fromisoformat(one) for one in value]
    if isinstance(value, str) and (name.endswith("_at") or name == "send_before"):
        return datetime.fromisoformat(value)
    return value


def _differences(packs: Sequence[Pack]) -> Mapping[str, str]:
    """Say of each provision that ships how the configuration differs from it."""
    own = {one.key: one for pack in packs for one in parse(pack.content).provisions}
    found: dict[str, str] = {}
    for pack in shipped():
        content = parse(pack.content)
        present = content.model_copy(
            update={"provisions": tuple(own[one.key] for one in content.provisions if one.key in own)}
        )
        for change in diff(content, present):
            said = ", ".join(f"{one.field} {_plain(one.before)} → {_plain(one.after)}" for one in change.fields)
            found[change.key] = "is gone" if change.what == "removed" else said
    return found


def _plain(value: Any) -> str:  # noqa: ANN401 what JSON can hold
    if isinstance(value, Mapping):
        return " ".join(f"{key} {item}" for key, item in value.items())  # pyright: ignore[reportUnknownVariableType]
    return "none" if value is None else str(value)


def _blame(case: Case, differing: Mapping[str, str]) -> str:
    if case.provision and case.provision in differing:
        return f"{case.provision}: {differing[case.provision]}"
    return case.provision or f"rule {case.rule}" if case.provision or case.rule else "the reading of replies"
