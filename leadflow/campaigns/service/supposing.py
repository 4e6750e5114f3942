"""What if: the funnel of a number, a list or a campaign as things are, beside the one as they would be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from leadflow.campaigns.queries import drafts as queries
from leadflow.campaigns.rules.funnel import COVERED, NO_PHONE, label, sum_up
from leadflow.campaigns.service.drafting import audience, candidates_of, found_campaign, plan_of, rate
from leadflow.campaigns.service.judging import Writer
from leadflow.campaigns.types import CHANGES, Changed, Fate, Supposed, SupposedRow, Target
from leadflow.compliance import service as compliance
from leadflow.compliance.service import Answers, Scenario
from leadflow.compliance.types import Ask, Decision, Recipient
from leadflow.identity.rules import mask_phone, only_assigned, require
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid
from models.campaigns import Campaign
from models.vocabulary import Channel, Permission, Purpose, Verdict

PER_MINUTE = 30
"""Texts a minute where no campaign says (``Campaign.per_minute``)."""
NOBODY = UUID(int=0)
"""Stands for the lead of a number that nobody has named."""


@dataclass(frozen=True, slots=True)
class _Asked:
    """An audience ready to be judged."""

    candidates: tuple[queries.Candidate, ...]
    addressed: tuple[queries.Candidate, ...]
    recipients: tuple[Recipient, ...]
    ask: Ask
    per_minute: int
    sizes: dict[Any, tuple[int, str | None]]
    """Segments of each lead's text, or why none would be written; empty counts one each."""


def suppose(
    uow: UnitOfWork,
    actor: Principal,
    target: Target,
    scenario: Scenario,
    *,
    change: str | None = None,
    reason: str | None = None,
    limit: int = 100,
) -> Supposed:
    """Ask the gate about an audience as things are and as they would be; nothing is written.

    Args:
        uow: the caller's transaction.
        actor: who asks.
        target: a number, a filter of leads, or a campaign.
        scenario: what would be otherwise.
        change: list only those who fare so: ``blocked``, ``freed``, ``moved``, ``same``.
        reason: list only those against whom this stands first, as things would be; ``sendable`` lists who may go.
        limit: people listed at most.

    Raises:
        NotFound: no such campaign, list or version.
        Invalid: the target or the instant cannot be used.
        BadPack: the draft is no pack.
    """
    require(actor, Permission.CAMPAIGN_READ)
    require(actor, Permission.DECISION_READ)
    asked = _asked(uow, target)
    answers = compliance.simulate(uow, asked.recipients, asked.ask, scenario)
    before, after = _fates(asked, answers.before), _fates(asked, answers.after)
    price = queries.organization(uow).price_per_segment_cents_x100
    changes = [_change(one, two) for one, two in zip(before, after, strict=True)]
    picked = [
        index
        for index, (change_there, fate) in enumerate(zip(changes, after, strict=True))
        if change in {None, change_there} and reason in {None, fate.reason or "sendable"}
    ]
    picked = _visible(uow, actor, asked, picked)
    return Supposed(
        before=sum_up(before, per_minute=asked.per_minute, price=price, at=answers.now, version=answers.policy_before),
        after=sum_up(after, per_minute=asked.per_minute, price=price, at=answers.at, version=answers.policy_after),
        changes={name: changes.count(name) for name in CHANGES},
        by_rule=_by_rule(before, after, changes),
        by_hour=answers.by_hour,
        listed=len(picked),
        rows=_rows(uow, actor, asked, answers, [(index, changes[index]) for index in picked[:limit]]),
    )


def _asked(uow: UnitOfWork, target: Target) -> _Asked:
    given = [one for one in (target.phone, target.filter, target.campaign_id) if one is not None]
    if len(given) != 1:
        raise Invalid("Name one of: a number, a filter of leads, a campaign.", "phone")
    if target.campaign_id is not None:
        return _campaign(uow, found_campaign(uow, target.campaign_id))
    if target.filter is not None:
        return _everybody(queries.candidates(uow, *audience(uow, target.filter)))
    return _number(uow, target.phone or "")


def _campaign(uow: UnitOfWork, campaign: Campaign) -> _Asked:
    picked = candidates_of(uow, campaign)
    addressed = _addressed(picked)
    merged = queries.merge_rows(uow, addressed)
    house = queries.organization(uow)
    writer = Writer(campaign.id, plan_of(uow, campaign), house.name, house.link_domain)
    return _Asked(
        candidates=tuple(picked),
        addressed=addressed,
        recipients=tuple(
            Recipient(one.lead_id, one.property_id, one.person_id, one.phone_id, None, None, campaign.send_before)
            for one in addressed
        ),
        ask=Ask(purpose=Purpose.CHECK, campaign_id=campaign.id),
        per_minute=rate(uow, campaign),
        sizes={lead_id: writer.sized(row) for lead_id, row in merged.items()},
    )


def _everybody(picked: Sequence[queries.Candidate]) -> _Asked:
    addressed = _addressed(picked)
    recipients = (Recipient(one.lead_id, one.property_id, one.person_id, one.phone_id) for one in addressed)
    return _Asked(tuple(picked), addressed, tuple(recipients), Ask(), PER_MINUTE, {})


def _number(uow: UnitOfWork, e164: str) -> _Asked:
    one = compliance.recipient_of(uow, e164)
    nobody = queries.Candidate(one.lead_id or NOBODY, one.property_id or NOBODY, one.person_id, one.phone_id, "", None)
    return _Asked((nobody,), (nobody,), (one,), Ask(channel=Channel.TEXT), PER_MINUTE, {})


def _addressed(picked: Sequence[queries.Candidate]) -> tuple[queries.Candidate, ...]:
    return tuple(one for one in picked if one.phone_id is not None and one.covered_by is None)


def _fates(asked: _Asked, decisions: Sequence[Decision]) -> list[Fate]:
    found = dict(zip((id(one) for one in asked.addressed), decisions, strict=True))
    return [_fate(asked, one, found.get(id(one))) for one in asked.candidates]


def _fate(asked: _Asked, one: queries.Candidate, decision: Decision | None) -> Fate:
    if decision is None:
        return Fate(Verdict.BLOCKED, NO_PHONE if one.phone_id is None else COVERED, state=one.state)
    segments, unwritten = asked.sizes.get(one.lead_id, (1, None))
    if unwritten:
        return Fate(Verdict.BLOCKED, unwritten, state=one.state)
    first = decision.reasons[0] if decision.reasons else ""
    return Fate(decision.verdict, first, decision.later_at, segments, one.state)


def _change(before: Fate, after: Fate) -> str:
    if before.verdict is after.verdict:
        return Changed.MOVED if before.later_at != after.later_at else Changed.SAME
    if after.verdict is Verdict.SENDABLE:
        return Changed.FREED
    return Changed.BLOCKED if before.verdict is Verdict.SENDABLE else Changed.MOVED


def _by_rule(before: Sequence[Fate], after: Sequence[Fate], changes: Sequence[str]) -> dict[str, int]:
    """Count the newly stopped by what stands against them, and the freed by what went."""
    counted: dict[str, int] = {}
    for one, two, change in zip(before, after, changes, strict=True):
        if change in {Changed.BLOCKED, Changed.FREED}:
            rule = two.reason or one.reason
            counted[rule] = counted.get(rule, 0) + 1
    return dict(sorted(counted.items(), key=lambda item: -item[1]))


def _visible(uow: UnitOfWork, actor: Principal, asked: _Asked, picked: list[int]) -> list[int]:
    """Keep those whose names the actor may see: an agent's own leads."""
    if not only_assigned(actor.role):
        return picked
    own = queries.assigned(uow, actor.user_id)
    return [index for index in picked if asked.candidates[index].lead_id in own]


def _rows(
    uow: UnitOfWork, actor: Principal, asked: _Asked, answers: Answers, picked: Sequence[tuple[int, str]]
) -> tuple[SupposedRow, ...]:
    chosen = [asked.candidates[index] for index, _ in picked]
    faces = queries.faces(uow, chosen)
    place = {id(one): number for number, one in enumerate(asked.addressed)}
    rows = list[SupposedRow]()
    for one, (_, change) in zip(chosen, picked, strict=True):
        face, number = faces.get(one.lead_id), place.get(id(one))
        before = answers.before[number] if number is not None else None
        after = answers.after[number] if number is not None else None
        none = (NO_PHONE if one.phone_id is None else COVERED,)
        rows.append(
            SupposedRow(
                lead_id=one.lead_id if face else None,
                owner=face.owner if face else "",
                street=face.street if face else "",
                state=one.state,
                phone=None if face is None or face.e164 is None else mask_phone(actor.role, f"+{face.e164}"),
                change=change,
                before=before.verdict if before else Verdict.BLOCKED,
                after=after.verdict if after else Verdict.BLOCKED,
                reasons_before=tuple(label(reason) for reason in (before.reasons if before else none)),
                reasons_after=tuple(label(reason) for reason in (after.reasons if after else none)),
                later_at=after.later_at if after else None,
            )
        )
    return tuple(rows)
