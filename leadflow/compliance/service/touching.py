"""Which of the texts that wait would fare otherwise under other packs: the gate is asked twice over the same facts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from leadflow.compliance.queries import facts as loader
from leadflow.compliance.queries import pending
from leadflow.compliance.rules import gate
from leadflow.compliance.service.asking import known, question
from leadflow.compliance.service.policies import compiled
from leadflow.compliance.types import Decision, Pack, Recipient
from leadflow.identity.rules import mask_phone
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import Verdict

LISTED = 200
"""Touched texts that are listed one by one; all are counted."""


@dataclass(frozen=True, slots=True)
class Touched:
    """One waiting text that would fare otherwise."""

    phone: str
    person: str
    campaign: str
    lead_id: UUID | None
    message_id: UUID | None
    """None where the text is not written yet."""
    before: Verdict
    after: Verdict
    reasons_before: tuple[str, ...]
    reasons_after: tuple[str, ...]
    later_before: datetime | None
    later_after: datetime | None


@dataclass(frozen=True, slots=True)
class Effect:
    """What other packs would do to all that waits, as of now."""

    waiting: int
    """Texts that were judged."""
    changed: int
    """Those whose verdict is another."""
    held: int
    """Sendable before, held or blocked after."""
    freed: int
    """Held or blocked before, sendable after."""
    moved: int
    """Held before and after, until another instant."""
    by_rule: Mapping[str, int]
    """How many of the changed stand against another rule first, by that rule; of the freed, by the one that went."""
    touched: tuple[Touched, ...]


def effect(uow: UnitOfWork, actor: Principal, packs: tuple[Pack, ...], now: datetime) -> Effect:
    """Judge everything that waits under the packs in force and under others, at the same instant.

    Args:
        uow: the caller's transaction.
        actor: numbers are shown as this caller may see them.
        packs: all that would be in force together.
        now: the instant.
    """
    pairs = [
        (group.ask.campaign_id, recipient, before, after)
        for group in pending.waiting(uow)
        for recipient, before, after in _twice(uow, group, packs, now)
    ]
    changed = [pair for pair in pairs if pair[2].verdict is not pair[3].verdict]
    moved = [pair for pair in pairs if pair[2].verdict is pair[3].verdict and pair[2].later_at != pair[3].later_at]
    shown = [*changed, *moved][:LISTED]
    names = pending.named(uow, [(recipient.person_id, campaign) for campaign, recipient, _, _ in shown])
    return Effect(
        waiting=len(pairs),
        changed=len(changed),
        held=sum(before.verdict is Verdict.SENDABLE for _, _, before, _ in changed),
        freed=sum(after.verdict is Verdict.SENDABLE for _, _, _, after in changed),
        moved=len(moved),
        by_rule=dict(Counter(_rule(before, after) for _, _, before, after in changed).most_common()),
        touched=tuple(
            _shown(actor, recipient, before, after, name)
            for (_, recipient, before, after), name in zip(shown, names, strict=True)
        ),
    )


def _twice(
    uow: UnitOfWork, group: pending.Waiting, packs: tuple[Pack, ...], now: datetime
) -> list[tuple[Recipient, Decision, Decision]]:
    asked = question(uow, group.ask, now, past=False)
    other = compiled(packs, group.ask.channel, now.date())
    # Contacts are read as far back as the longest cap of either looks.
    span = max(gate.longest_cap(asked.policy), gate.longest_cap(other))
    facts = known(uow, asked.sending, group.recipients, loader.Moment(now, span, past=False))
    return [
        (recipient, gate.decide(fact, asked.policy, now), gate.decide(fact, other, now))
        for recipient, fact in zip(group.recipients, facts, strict=True)
    ]


def _rule(before: Decision, after: Decision) -> str:
    """Name the rule to which a change is owed: the worst that came, else the worst that went."""
    came = [reason for reason in after.reasons if reason not in before.reasons]
    went = [reason for reason in before.reasons if reason not in after.reasons]
    return (came or went or list(after.reasons) or list(before.reasons))[0]


def _shown(actor: Principal, recipient: Recipient, before: Decision, after: Decision, name: pending.Named) -> Touched:
    return Touched(
        phone=mask_phone(actor.role, recipient.e164 or ""),
        person=name.person,
        campaign=name.campaign,
        lead_id=recipient.lead_id,
        message_id=recipient.message_id,
        before=before.verdict,
        after=after.verdict,
        reasons_before=before.reasons,
        reasons_after=after.reasons,
        later_before=before.later_at,
        later_after=after.later_at,
    )
