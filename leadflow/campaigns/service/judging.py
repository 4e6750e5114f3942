"""What would happen: the gate's word on a whole audience, the people behind it, and the texts that they would get."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from leadflow.campaigns.queries import drafts as queries
from leadflow.campaigns.queries import snippets as pieces
from leadflow.campaigns.rules.funnel import COVERED, NO_PHONE, UNRESOLVED, label, sum_up
from leadflow.campaigns.rules.texts import spin_seed, split_seed
from leadflow.campaigns.service.drafting import candidates_of, found_campaign, plan_of, rate
from leadflow.campaigns.types import Fate, Judged, Plan, Preview, SimulationResult, Step
from leadflow.compliance import service as compliance
from leadflow.compliance.types import Ask, Decision, Recipient
from leadflow.identity.rules import mask_phone, only_assigned, require
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.messaging.errors import UnresolvedField
from leadflow.messaging.rules.links import as_counted
from leadflow.messaging.rules.segments import quote
from leadflow.messaging.rules.spins import pick
from leadflow.messaging.rules.templates import names, render, sizes
from models.campaigns import Campaign, Simulation
from models.vocabulary import Permission, Purpose, Verdict

JUDGED_AT_ONCE = 2_000
"""Leads for which the gate is asked in one call while a list of people is filled."""


@dataclass(frozen=True, slots=True)
class _Answer:
    """One candidate with the gate's word and the size of its text."""

    candidate: queries.Candidate
    decision: Decision | None
    excluded: str | None
    segments: int

    @property
    def verdict(self) -> Verdict:
        """The gate's word; blocked where no text would be written."""
        return Verdict.BLOCKED if self.excluded or self.decision is None else self.decision.verdict

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why not, worst first."""
        if self.excluded:
            return (self.excluded,)
        return self.decision.reasons if self.decision else ()

    def fate(self) -> Fate:
        """Keep what a simulation adds up."""
        return Fate(
            verdict=self.verdict,
            reason=self.reasons[0] if self.reasons else "",
            later_at=self.decision.later_at if self.decision else None,
            segments=self.segments,
            state=self.candidate.state,
        )


def simulate(uow: UnitOfWork, actor: Principal, campaign_id: UUID, at: datetime | None = None) -> SimulationResult:
    """Ask the gate about the whole audience, by the function that decides at send time, and keep the answer.

    Args:
        uow: the caller's transaction.
        actor: who asks.
        campaign_id: an unlaunched or launched campaign.
        at: as if it were this instant; now when absent.
    """
    require(actor, Permission.CAMPAIGN_READ)
    campaign = found_campaign(uow, campaign_id)
    now = at or uow.now()
    fates = [answer.fate() for answer in _judge(uow, campaign, candidates_of(uow, campaign), now)]
    result = sum_up(
        fates,
        per_minute=rate(uow, campaign),
        price=queries.organization(uow).price_per_segment_cents_x100,
        at=now,
        version=compliance.policy(uow).version,
    )
    uow.session.add(
        Simulation(
            org_id=uow.org(),
            campaign_id=campaign.id,
            revision=campaign.revision,
            at=now,
            policy_version=result.policy_version,
            result=result.as_json(),
        )
    )
    return result


def latest_simulation(uow: UnitOfWork, actor: Principal, campaign_id: UUID) -> dict[str, Any] | None:
    """Read the newest simulation; ``stale`` says that the campaign was changed since."""
    require(actor, Permission.CAMPAIGN_READ)
    campaign = found_campaign(uow, campaign_id)
    found = queries.latest_simulation(uow, campaign_id)
    return None if found is None else {**found.result, "stale": found.revision != campaign.revision}


def judged(
    uow: UnitOfWork,
    actor: Principal,
    campaign_id: UUID,
    *,
    verdict: Verdict | None = None,
    reason: str | None = None,
    at: datetime | None = None,
    after: UUID | None = None,
    limit: int = 100,
) -> list[Judged]:
    """List the people behind one bar of the simulation, in order of lead id.

    Args:
        uow: the caller's transaction.
        actor: who asks.
        campaign_id: the campaign.
        verdict: only those with this answer.
        reason: only those against whom this stands first.
        at: the simulation's instant; now when absent.
        after: lead id of the last row of the page before.
        limit: rows at most.
    """
    require(actor, Permission.CAMPAIGN_READ)
    campaign = found_campaign(uow, campaign_id)
    picked = [one for one in _visible(uow, actor, campaign) if after is None or one.lead_id > after]
    found = list[_Answer]()
    for start in range(0, len(picked), JUDGED_AT_ONCE):
        chunk = picked[start : start + JUDGED_AT_ONCE]
        found += [a for a in _judge(uow, campaign, chunk, at or uow.now()) if _wanted(a, verdict, reason)]
        if len(found) >= limit:
            break
    return _shown(uow, actor, found[:limit])


def _wanted(answer: _Answer, verdict: Verdict | None, reason: str | None) -> bool:
    return verdict in {None, answer.verdict} and reason in {None, answer.reasons[0] if answer.reasons else ""}


def _shown(uow: UnitOfWork, actor: Principal, answers: Sequence[_Answer]) -> list[Judged]:
    faces = queries.faces(uow, [answer.candidate for answer in answers])
    rows = list[Judged]()
    for answer in answers:
        face = faces.get(answer.candidate.lead_id)
        if face is None:
            continue
        rows.append(
            Judged(
                lead_id=face.lead_id,
                owner=face.owner,
                street=face.street,
                city=face.city,
                state=face.state,
                phone=None if face.e164 is None else mask_phone(actor.role, f"+{face.e164}"),
                verdict=answer.verdict,
                reasons=tuple(label(reason) for reason in answer.reasons),
                later_at=answer.decision.later_at if answer.decision else None,
            )
        )
    return rows


def _judge(
    uow: UnitOfWork, campaign: Campaign, picked: Sequence[queries.Candidate], now: datetime
) -> Iterator[_Answer]:
    house = queries.organization(uow)
    written = Writer(campaign.id, plan_of(uow, campaign), house.name, house.link_domain)
    addressed = [one for one in picked if one.phone_id is not None and one.covered_by is None]
    decisions = dict(zip((one.lead_id for one in addressed), _ask(uow, campaign, addressed, now), strict=True))
    merged = queries.merge_rows(uow, addressed)
    for one in picked:
        if one.phone_id is None:
            yield _Answer(one, None, NO_PHONE, 0)
        elif one.covered_by is not None:
            yield _Answer(one, None, COVERED, 0)
        else:
            size, excluded = written.sized(merged[one.lead_id])
            yield _Answer(one, decisions[one.lead_id], excluded, size)


def _visible(uow: UnitOfWork, actor: Principal, campaign: Campaign) -> list[queries.Candidate]:
    """List the candidates whose names the actor may see: an agent's own leads."""
    picked = candidates_of(uow, campaign)
    if not only_assigned(actor.role):
        return picked
    own = queries.assigned(uow, actor.user_id)
    return [one for one in picked if one.lead_id in own]


def _ask(uow: UnitOfWork, campaign: Campaign, picked: Sequence[queries.Candidate], now: datetime) -> list[Decision]:
    recipients = [
        Recipient(
            lead_id=one.lead_id,
            property_id=one.property_id,
            person_id=one.person_id,
            phone_id=one.phone_id,
            send_before=campaign.send_before,
        )
        for one in picked
    ]
    return compliance.assess(uow, recipients, Ask(purpose=Purpose.CHECK, campaign_id=campaign.id), now)


@dataclass(frozen=True, slots=True)
class Writer:
    """Writes the texts of one plan: the same person always reads the same variant and the same wording."""

    campaign_id: UUID
    plan: Plan
    our_name: str
    link_domain: str = ""
    """Of short links; what is shown and counted is as long as what will be sent."""

    def variant(self, row: queries.MergeRow) -> str:
        """Say which variant a person would read; a frozen audience has it written down."""
        if not self.plan.split:
            return self.plan.labels[0]
        return pick(split_seed(self.campaign_id, row.person_id, row.phone_id), dict(self.plan.split))

    def text(self, row: queries.MergeRow, position: int, variant: str) -> str:
        """Write a text.

        Raises:
            UnresolvedField: it cannot be filled in for this person.
        """
        seed = spin_seed(self.campaign_id, row.person_id, row.phone_id, position)
        template = self.plan.steps[position - 1].text(variant)
        return render(template, row.fields(self.our_name), snippets=self.plan.snippets, seed=seed)

    def sized(self, row: queries.MergeRow) -> tuple[int, str | None]:
        """Count the segments of a person's first text, or say why none would be written."""
        if not self.plan.steps or not self.plan.steps[0].template:
            return 0, None
        try:
            return quote(as_counted(self.text(row, 1, self.variant(row)), self.link_domain), 0).segments, None
        except UnresolvedField:
            return 0, UNRESOLVED

    def missing(self, row: queries.MergeRow, position: int, variant: str) -> tuple[str, ...]:
        """Name the fields without a value; nothing where the template itself cannot be read."""
        try:
            asked = names(self.plan.steps[position - 1].text(variant), self.plan.snippets)
        except UnresolvedField:
            return ()
        known = row.fields(self.our_name)
        return tuple(name for name in asked if name not in known)

    def preview(self, actor: Principal, row: queries.MergeRow, position: int, variant: str) -> Preview:
        """Show a text as its reader would get it."""
        shown, wrong, most = self.plan.steps[position - 1].text(variant), tuple[str, ...](), 0
        try:
            if shown.strip():
                longest = sizes(shown, row.fields(self.our_name), self.plan.snippets).most
                shown = as_counted(self.text(row, position, variant), self.link_domain)
                most = longest.segments
        except UnresolvedField as error:
            wrong = self.missing(row, position, variant) or (error.message,)
        size = quote(shown, 0)
        return Preview(
            lead_id=row.lead_id,
            name=row.full_name or "",
            phone=mask_phone(actor.role, row.phone),
            body=shown,
            segments=size.segments if shown else 0,
            encoding=size.encoding,
            unresolved=wrong,
            variant=variant,
            most_segments=most,
        )


def preview(
    uow: UnitOfWork,
    actor: Principal,
    campaign_id: UUID,
    *,
    template: str | None = None,
    step: int = 1,
    variant: str | None = None,
    skip: int = 0,
    limit: int = 5,
) -> list[Preview]:
    """Show a text as real recipients of the audience would get it.

    Args:
        uow: the caller's transaction.
        actor: who asks.
        campaign_id: the campaign.
        template: instead of the stored one, while somebody is still typing.
        step: which message of the sequence, 1 for the first.
        variant: everybody's text in this variant; each in their own when absent.
        skip: recipients passed over.
        limit: texts at most.
    """
    require(actor, Permission.CAMPAIGN_READ)
    campaign = found_campaign(uow, campaign_id)
    plan = plan_of(uow, campaign)
    at = min(max(step, 1), max(1, len(plan.steps)))
    if template is not None or not plan.steps:
        plan = _typed(uow, plan, at, template or "", variant)
    house = queries.organization(uow)
    writer = Writer(campaign.id, plan, house.name, house.link_domain)
    picked = [one for one in _visible(uow, actor, campaign) if one.phone_id and not one.covered_by]
    chosen = picked[skip : skip + limit]
    merged = queries.merge_rows(uow, chosen)
    rows = [merged[one.lead_id] for one in chosen if one.lead_id in merged]
    return [writer.preview(actor, row, at, variant or writer.variant(row)) for row in rows]


def _typed(uow: UnitOfWork, plan: Plan, at: int, template: str, variant: str | None) -> Plan:
    """Put what is being typed into its place, with all snippets at hand."""
    steps = list(plan.steps) or [Step("")]
    if variant and variant != plan.labels[0]:
        steps[at - 1] = replace(steps[at - 1], others={**steps[at - 1].others, variant: template})
    else:
        steps[at - 1] = replace(steps[at - 1], template=template)
    return replace(plan, steps=tuple(steps), snippets={**pieces.bodies(uow), **plan.snippets})
