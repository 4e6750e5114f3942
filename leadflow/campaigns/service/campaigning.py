"""Use cases of campaigns: draft, edit, simulate, submit, approve, launch, plan, pause, resume, cancel, finish."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.campaigns import queries
from leadflow.campaigns.errors import Incomplete, NotThere, SamePerson
from leadflow.campaigns.rules.funnel import CANCELLED, COVERED, NO_PHONE, UNRESOLVED, bars, label, sum_up, tally
from leadflow.campaigns.rules.launch import (
    DEFAULT_LIFETIME,
    EDITABLE,
    LOOK_AGAIN,
    PLAN_CHUNK,
    content_hash,
    incomplete,
    may_launch,
    needs_second_person,
)
from leadflow.campaigns.types import (
    ApprovalRow,
    AudienceSize,
    CampaignInput,
    CampaignRow,
    CampaignView,
    Fate,
    Judged,
    LaunchFacts,
    Plan,
    Preview,
    Problem,
    Progress,
    RecipientRow,
    SimulationResult,
)
from leadflow.compliance import service as compliance
from leadflow.compliance.types import Ask, Decision, Recipient
from leadflow.costs import service as costs
from leadflow.identity.rules import mask_phone, only_assigned, require
from leadflow.identity.types import Principal
from leadflow.jobs import service as jobs
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Conflict, Invalid, NotFound
from leadflow.kernel.paging import decode, encode
from leadflow.leads import service as leads
from leadflow.messaging import service as messaging
from leadflow.messaging.errors import UnresolvedField
from leadflow.messaging.rules.fields import MERGE_FIELDS
from leadflow.messaging.rules.segments import quote
from leadflow.messaging.rules.templates import names, render
from leadflow.messaging.types import Draft
from models.campaigns import Approval, Campaign, CampaignStep, Simulation
from models.vocabulary import BudgetSubject, CampaignState, JobKind, Permission, Purpose, Verdict

JUDGED_AT_ONCE = 2_000
"""Leads for which the gate is asked in one call while a list of people is filled."""


def plan_of(campaign: Campaign, step: CampaignStep | None) -> Plan:
    """Collect what a launch depends on."""
    return Plan(
        name=campaign.name,
        audience_filter=campaign.audience_filter,
        basis=campaign.basis,
        template=step.template if step else "",
        sender_number_id=campaign.sender_number_id,
        per_minute=campaign.per_minute,
        window_start=campaign.window_start,
        window_end=campaign.window_end,
        weekdays=tuple(campaign.weekdays),
        send_before=campaign.send_before,
        budget_cents=campaign.budget_cents,
    )


def get(uow: UnitOfWork, actor: Principal, campaign_id: UUID) -> CampaignView:
    """Read a campaign.

    Raises:
        NotFound: no such campaign in this organisation.
    """
    require(actor, Permission.CAMPAIGN_READ)
    campaign = found_campaign(uow, campaign_id)
    step = queries.step(uow, campaign_id)
    people = queries.names_of(uow, [campaign.created_by, campaign.submitted_by, campaign.launched_by])
    return CampaignView(
        id=campaign.id,
        name=campaign.name,
        state=campaign.state,
        audience_filter=campaign.audience_filter,
        basis=campaign.basis,
        template=step.template if step else "",
        sender_number_id=campaign.sender_number_id,
        per_minute=campaign.per_minute,
        window_start=campaign.window_start,
        window_end=campaign.window_end,
        weekdays=campaign.weekdays,
        send_before=campaign.send_before,
        budget_cents=campaign.budget_cents,
        revision=campaign.revision,
        audience_size=campaign.audience_size,
        created_at=campaign.created_at,
        launched_at=campaign.launched_at,
        finished_at=campaign.finished_at,
        pause_reason=campaign.pause_reason,
        author=people.get(campaign.created_by, ""),
        submitter=people.get(campaign.submitted_by, ""),
        launcher=people.get(campaign.launched_by, ""),
        approval_threshold=queries.organization(uow).approval_threshold,
        own=actor.user_id is not None and actor.user_id in {campaign.created_by, campaign.submitted_by},
        problems=tuple(_problems(uow, campaign)) if campaign.state in EDITABLE else (),
    )


def listing(
    uow: UnitOfWork,
    actor: Principal,
    *,
    states: Sequence[CampaignState] = (),
    words: str = "",
    after: str | None = None,
    limit: int = 50,
) -> tuple[list[CampaignRow], str | None]:
    """List campaigns, newest first, each with what became of its frozen audience.

    Returns:
        The rows, and the mark of the next page or None.
    """
    require(actor, Permission.CAMPAIGN_READ)
    mark = decode(after, 2) if after else None
    found = queries.listing(
        uow, states=states, words=words, after=(str(mark[0]), str(mark[1])) if mark else None, limit=limit + 1
    )
    rows, more = found[:limit], len(found) > limit
    counted = queries.counts(uow, [row.id for row in rows])
    listed = [_row(row, counted[row.id]) for row in rows]
    return listed, encode(rows[-1].created_at.isoformat(), str(rows[-1].id)) if more else None


def _row(row: queries.Listed, counted: Mapping[str, int]) -> CampaignRow:
    return CampaignRow(
        id=row.id,
        name=row.name,
        state=CampaignState(row.state),
        audience=row.audience_size,
        tally=tally(counted),
        author=row.author,
        sender=row.sender,
        created_at=row.created_at,
        launched_at=row.launched_at,
        finished_at=row.finished_at,
        pause_reason=row.pause_reason,
    )


def state_counts(uow: UnitOfWork, actor: Principal) -> dict[str, int]:
    """Count campaigns by state."""
    require(actor, Permission.CAMPAIGN_READ)
    return queries.state_counts(uow)


def draft(uow: UnitOfWork, actor: Principal, name: str) -> Campaign:
    """Begin a campaign.

    Raises:
        Conflict: another campaign has this name.
    """
    require(actor, Permission.CAMPAIGN_EDIT)
    _free_name(uow, name, None)
    campaign = Campaign(org_id=uow.org(), name=name, created_by=actor.user_id, created_at=uow.now())
    uow.session.add(campaign)
    uow.session.flush()
    uow.session.add(CampaignStep(org_id=uow.org(), campaign_id=campaign.id, position=1, template=""))
    audit.record(uow, actor.user_id, "campaign.drafted", "campaign", campaign.id)
    return campaign


def edit(uow: UnitOfWork, actor: Principal, campaign_id: UUID, change: CampaignInput) -> Campaign:
    """Change a campaign that is not launched. Any change takes an approval back.

    Raises:
        NotFound: no such campaign.
        NotThere: it runs or has ended.
        Conflict: another campaign has the name.
        Invalid: the sender is no number of the organisation.
    """
    require(actor, Permission.CAMPAIGN_EDIT)
    campaign = found_campaign(uow, campaign_id, lock="update")
    if campaign.state not in EDITABLE:
        raise NotThere("A campaign that was launched cannot be changed. Cancel it and begin another.")
    given = change.model_dump(exclude_unset=True)
    template = given.pop("template", None)
    if given.get("name"):
        _free_name(uow, given["name"], campaign.id)
    if "audience_filter" in given:
        given["audience_filter"] = _settled(actor, given["audience_filter"])
    if given.get("sender_number_id") and queries.sender(uow, given["sender_number_id"]) is None:
        raise Invalid("The organisation has no such number.", "sender_number_id")
    for field, value in given.items():
        setattr(campaign, field, value)
    if template is not None:
        _write_template(uow, campaign, template)
    campaign.revision += 1
    campaign.state = CampaignState.DRAFT
    campaign.content_sha256 = None
    audit.record(
        uow,
        actor.user_id,
        "campaign.edited",
        "campaign",
        campaign.id,
        {"revision": campaign.revision, "fields": sorted([*given, *(["template"] if template is not None else [])])},
    )
    return campaign


def _settled(actor: Principal, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Check a filter and write out who “me” is, so that it means the same whoever reads it."""
    settled = leads.parse_filter(dict(wanted)).as_dict()
    if settled.get("assignee") == "me":
        settled["assignee"] = str(actor.user_id)
    return settled


def _write_template(uow: UnitOfWork, campaign: Campaign, template: str) -> None:
    step = queries.step(uow, campaign.id)
    if step is None:
        uow.session.add(CampaignStep(org_id=uow.org(), campaign_id=campaign.id, position=1, template=template))
    else:
        step.template = template


def check(uow: UnitOfWork, actor: Principal, campaign_id: UUID) -> list[Problem]:
    """List what is missing in the builder, field by field."""
    require(actor, Permission.CAMPAIGN_READ)
    return _problems(uow, found_campaign(uow, campaign_id))


def _problems(uow: UnitOfWork, campaign: Campaign) -> list[Problem]:
    plan = plan_of(campaign, queries.step(uow, campaign.id))
    verified = queries.sender_verified(uow, campaign.sender_number_id)
    try:
        unknown = [name for name in names(plan.template) if name not in MERGE_FIELDS]
    except UnresolvedField as error:
        return [Problem("template", error.message)]
    return incomplete(plan, unknown, sender_verified=verified, now=uow.now())


# The audience and the simulation


def size_up(uow: UnitOfWork, actor: Principal, audience_filter: Mapping[str, Any]) -> AudienceSize:
    """Count whom a filter finds and whom of them a campaign would address.

    Raises:
        Invalid: it is no filter of the lead list.
    """
    require(actor, Permission.CAMPAIGN_READ)
    return queries.audience_size(uow, *audience(uow, audience_filter))


def words_in_use(uow: UnitOfWork, actor: Principal) -> tuple[dict[str, int], dict[str, int]]:
    """Count leads by state of the property and by source: what an audience can be narrowed by."""
    require(actor, Permission.CAMPAIGN_READ)
    return queries.words_in_use(uow)


def audience(uow: UnitOfWork, audience_filter: Mapping[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Resolve a filter as the organisation sees it: an audience never depends on who asks."""
    return leads.audience(uow, Principal.system(uow.org()), dict(audience_filter))


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


def rate(uow: UnitOfWork, campaign: Campaign) -> int:
    """Answer the texts a minute that both the campaign and its number allow."""
    sender = queries.sender(uow, campaign.sender_number_id)
    return max(1, min(campaign.per_minute, sender.per_minute) if sender else campaign.per_minute)


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
    step = queries.step(uow, campaign.id)
    template = step.template if step else ""
    our_name = queries.organization(uow).name
    addressed = [one for one in picked if one.phone_id is not None and one.covered_by is None]
    decisions = dict(zip((one.lead_id for one in addressed), _ask(uow, campaign, addressed, now), strict=True))
    merged = queries.merge_rows(uow, addressed)
    for one in picked:
        if one.phone_id is None:
            yield _Answer(one, None, NO_PHONE, 0)
        elif one.covered_by is not None:
            yield _Answer(one, None, COVERED, 0)
        else:
            size, excluded = sized(template, merged[one.lead_id].fields(our_name))
            yield _Answer(one, decisions[one.lead_id], excluded, size)


def candidates_of(uow: UnitOfWork, campaign: Campaign) -> list[queries.Candidate]:
    """List the audience: frozen once launched, else whom the filter finds now."""
    if campaign.launched_at is not None:
        return queries.frozen(uow, campaign.id)
    return queries.candidates(uow, *audience(uow, campaign.audience_filter))


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


def sized(template: str, fields: dict[str, str]) -> tuple[int, str | None]:
    """Count the segments of a text, or say why none would be written."""
    if not template:
        return 0, None
    try:
        return quote(render(template, fields), 0).segments, None
    except UnresolvedField:
        return 0, UNRESOLVED


def preview(
    uow: UnitOfWork,
    actor: Principal,
    campaign_id: UUID,
    *,
    template: str | None = None,
    skip: int = 0,
    limit: int = 5,
) -> list[Preview]:
    """Show the text as real recipients of the audience would get it.

    Args:
        uow: the caller's transaction.
        actor: who asks.
        campaign_id: the campaign.
        template: instead of the stored one, while somebody is still typing.
        skip: recipients passed over.
        limit: texts at most.
    """
    require(actor, Permission.CAMPAIGN_READ)
    campaign = found_campaign(uow, campaign_id)
    step = queries.step(uow, campaign.id)
    written = template if template is not None else step.template if step else ""
    our_name = queries.organization(uow).name
    picked = [one for one in _visible(uow, actor, campaign) if one.phone_id and not one.covered_by]
    chosen = picked[skip : skip + limit]
    merged = queries.merge_rows(uow, chosen)
    return [_preview(actor, written, merged[one.lead_id], our_name) for one in chosen if one.lead_id in merged]


def _preview(actor: Principal, template: str, row: queries.MergeRow, our_name: str) -> Preview:
    fields = row.fields(our_name)
    shown, missing = template, tuple[str, ...]()
    try:
        shown = render(template, fields) if template.strip() else ""
    except UnresolvedField as error:
        missing = _missing(template, fields) or (error.message,)
    size = quote(shown, 0)
    return Preview(
        lead_id=row.lead_id,
        name=row.full_name or "",
        phone=mask_phone(actor.role, row.phone),
        body=shown,
        segments=size.segments if shown else 0,
        encoding=size.encoding,
        unresolved=missing,
    )


def _missing(template: str, fields: Mapping[str, str]) -> tuple[str, ...]:
    """Name the fields without a value; nothing where the template itself cannot be read."""
    try:
        return tuple(name for name in names(template) if name not in fields)
    except UnresolvedField:
        return ()


# Approval and launch


def submit(uow: UnitOfWork, actor: Principal, campaign_id: UUID) -> Campaign:
    """Declare a campaign complete. Above the organisation's threshold it then waits for a second person.

    Raises:
        Incomplete: something is missing; names the field.
        NotThere: it is not a draft.
    """
    require(actor, Permission.CAMPAIGN_EDIT)
    campaign = found_campaign(uow, campaign_id, lock="update")
    if campaign.state is not CampaignState.DRAFT:
        raise NotThere("Only a draft can be submitted.")
    problems = _problems(uow, campaign)
    if problems:
        raise Incomplete(problems)
    size = sum(1 for one in candidates_of(uow, campaign) if one.phone_id and not one.covered_by)
    if size == 0:
        raise Conflict("Nobody in this audience has a number that a text could go to. Change the audience.")
    campaign.submitted_by = actor.user_id
    campaign.content_sha256 = content_hash(plan_of(campaign, queries.step(uow, campaign.id)))
    second = needs_second_person(size, queries.organization(uow).approval_threshold)
    campaign.state = CampaignState.AWAITING_APPROVAL if second else CampaignState.READY
    audit.record(
        uow,
        actor.user_id,
        "campaign.submitted",
        "campaign",
        campaign.id,
        {
            "revision": campaign.revision,
            "recipients": size,
            "content": campaign.content_sha256,
            "second_person": second,
        },
    )
    return campaign


def approve(uow: UnitOfWork, actor: Principal, campaign_id: UUID, note: str = "") -> Campaign:
    """Give a second person's word on exactly what was submitted.

    Raises:
        SamePerson: the author or submitter cannot.
        NotThere: it does not wait for approval.
    """
    require(actor, Permission.CAMPAIGN_APPROVE)
    campaign = found_campaign(uow, campaign_id, lock="update")
    if campaign.state is not CampaignState.AWAITING_APPROVAL:
        raise NotThere("This campaign does not wait for an approval.")
    if actor.user_id is None or actor.user_id in {campaign.submitted_by, campaign.created_by}:
        raise SamePerson
    content = content_hash(plan_of(campaign, queries.step(uow, campaign.id)))
    if content != campaign.content_sha256:
        raise Conflict("The campaign was changed after it was submitted. Submit it again.")
    uow.session.add(
        Approval(
            org_id=uow.org(),
            campaign_id=campaign.id,
            revision=campaign.revision,
            content_sha256=content,
            approver_id=actor.user_id,
            approved_at=uow.now(),
            note=note,
        )
    )
    campaign.state = CampaignState.READY
    audit.record(
        uow,
        actor.user_id,
        "campaign.approved",
        "campaign",
        campaign.id,
        {"revision": campaign.revision, "content": content},
    )
    return campaign


def launch(uow: UnitOfWork, actor: Principal, campaign_id: UUID, typed_name: str) -> Campaign:
    """Freeze the audience and begin, once, in one transaction.

    Raises:
        Incomplete: something stands against it; names each reason.
        Conflict: somebody else launched it at the same moment.
    """
    require(actor, Permission.CAMPAIGN_LAUNCH)
    campaign = found_campaign(uow, campaign_id, lock="update")
    plan = plan_of(campaign, queries.step(uow, campaign.id))
    where, params = audience(uow, campaign.audience_filter)
    facts = LaunchFacts(
        state=campaign.state,
        plan=plan,
        approved_sha256=campaign.content_sha256,
        typed_name=typed_name,
        sending_paused=queries.organization(uow).sending_paused,
        sender_verified=queries.sender_verified(uow, campaign.sender_number_id),
        recipients=queries.audience_size(uow, where, params).addressed,
        threshold=queries.organization(uow).approval_threshold,
        second_person=queries.approved(uow, campaign.id, campaign.content_sha256),
        undrilled="" if (drilled := compliance.standing(uow)).ready else drilled.why,
    )
    problems = may_launch(facts)
    if problems:
        raise Incomplete(problems)
    now = uow.now()
    if not queries.claim_launch(uow, campaign.id, actor.user_id, now):
        raise Conflict("Somebody else launched this campaign at the same moment.")
    uow.session.refresh(campaign)
    campaign.audience_size = queries.freeze(uow, campaign.id, where, params)
    campaign.send_before = campaign.send_before or now + DEFAULT_LIFETIME
    if campaign.budget_cents is not None:
        costs.set_cap(uow, BudgetSubject.CAMPAIGN, campaign.id, campaign.budget_cents * 100)
    audit.record(
        uow,
        actor.user_id,
        "campaign.launched",
        "campaign",
        campaign.id,
        {"revision": campaign.revision, "content": campaign.content_sha256, "audience": campaign.audience_size},
    )
    _pace(uow, campaign.id, now)
    return campaign


def plan(db: Database, org_id: UUID, campaign_id: UUID) -> bool:
    """Write the messages of a launched campaign, chunk after chunk, each in its own transaction.

    May be called again at any time: members that have a message are passed over.

    Returns:
        True when every addressed member has its message; False when the campaign stopped running meanwhile.
    """
    while True:
        with db.begin(org_id) as uow:
            campaign = found_campaign(uow, campaign_id, lock="update")
            if campaign.state is not CampaignState.RUNNING:
                return False
            rows = queries.unplanned(uow, campaign_id, PLAN_CHUNK)
            if not rows:
                return True
            _write_messages(uow, campaign, rows)


def _write_messages(uow: UnitOfWork, campaign: Campaign, rows: Sequence[queries.MergeRow]) -> None:
    step = queries.step(uow, campaign.id)
    template = step.template if step else ""
    our_name = queries.organization(uow).name
    messaging.queue_many(uow, campaign.id, 1, [_draft(template, row, our_name) for row in rows])


def _draft(template: str, row: queries.MergeRow, our_name: str) -> Draft:
    body, reasons = template, tuple[str, ...]()
    try:
        body = render(template, row.fields(our_name))
    except UnresolvedField:
        reasons = (UNRESOLVED,)
    return Draft(row.phone, body, row.lead_id, row.property_id, row.person_id, row.phone_id, reasons)


def pace(db: Database, org_id: UUID, campaign_id: UUID) -> timedelta | None:
    """Take a running campaign one step on: plan what is not planned, wake the senders, notice the end.

    Returns:
        When to look again; None when it has ended or stands still.
    """
    if not plan(db, org_id, campaign_id):
        return None
    with db.begin(org_id) as uow:
        messaging.dispatch(uow)
        if queries.unfinished(uow, campaign_id):
            return LOOK_AGAIN
        _finish(uow, campaign_id)
    return None


def _finish(uow: UnitOfWork, campaign_id: UUID) -> None:
    if queries.move(uow, campaign_id, [CampaignState.RUNNING], CampaignState.FINISHED, None):
        counted = queries.counts(uow, [campaign_id])[campaign_id]
        audit.record(uow, None, "campaign.finished", "campaign", campaign_id, {"states": counted})


def pause(uow: UnitOfWork, actor: Principal, campaign_id: UUID, why: str = "") -> Campaign:
    """Stop a running campaign; what is queued stays queued."""
    require(actor, Permission.CAMPAIGN_LAUNCH)
    _move(
        uow,
        actor,
        campaign_id,
        [CampaignState.RUNNING],
        CampaignState.PAUSED,
        "campaign.paused",
        why or "Paused by hand",
    )
    return found_campaign(uow, campaign_id)


def resume(uow: UnitOfWork, actor: Principal, campaign_id: UUID) -> Campaign:
    """Let a paused campaign go on where it stopped."""
    require(actor, Permission.CAMPAIGN_LAUNCH)
    _move(uow, actor, campaign_id, [CampaignState.PAUSED], CampaignState.RUNNING, "campaign.resumed", None)
    _pace(uow, campaign_id, uow.now())
    return found_campaign(uow, campaign_id)


def cancel(uow: UnitOfWork, actor: Principal, campaign_id: UUID) -> Campaign:
    """End a campaign for good; what is queued is taken back."""
    require(actor, Permission.CAMPAIGN_LAUNCH)
    allowed = [*EDITABLE, CampaignState.RUNNING, CampaignState.PAUSED]
    _move(uow, actor, campaign_id, allowed, CampaignState.CANCELLED, "campaign.cancelled", None)
    messaging.withdraw_campaign(uow, campaign_id)
    queries.exclude_unplanned(uow, campaign_id, CANCELLED)
    return found_campaign(uow, campaign_id)


def _move(
    uow: UnitOfWork,
    actor: Principal,
    campaign_id: UUID,
    allowed: Sequence[CampaignState],
    to: CampaignState,
    action: str,
    why: str | None,
) -> None:
    campaign = found_campaign(uow, campaign_id)
    if not queries.move(uow, campaign_id, allowed, to, why):
        raise NotThere(f"A campaign that is {campaign.state.value.replace('_', ' ')} cannot be {to.value}.")
    uow.session.refresh(campaign)
    audit.record(uow, actor.user_id, action, "campaign", campaign_id, {"why": why} if why else {})


def wake(uow: UnitOfWork, campaign_id: UUID) -> None:
    """Look at a campaign soon; for whoever changed something that it waits for."""
    _pace(uow, campaign_id, uow.now())


def _pace(uow: UnitOfWork, campaign_id: UUID, at: datetime) -> None:
    payload = {"campaign_id": str(campaign_id)}
    jobs.enqueue(uow, JobKind.CAMPAIGN_PACE, payload=payload, run_at=at, unique_key=str(campaign_id))


# What the running page shows


def progress(uow: UnitOfWork, actor: Principal, campaign_id: UUID) -> Progress:
    """Say where a campaign stands; the states sum to the frozen audience."""
    require(actor, Permission.CAMPAIGN_READ)
    campaign = found_campaign(uow, campaign_id)
    now = uow.now()
    pulse = queries.pulse(uow, campaign_id, now)
    counted = queries.counts(uow, [campaign_id])[campaign_id]
    return Progress(
        audience=campaign.audience_size or 0,
        by_state=counted,
        spent_cents_x100=pulse.spent_cents_x100,
        last_minute=pulse.last_minute,
        eta=_eta(campaign, pulse, rate(uow, campaign), now),
        tally=tally(counted),
        withheld=bars(queries.withheld(uow, campaign_id)),
    )


def _eta(campaign: Campaign, pulse: queries.Pulse, per_minute: int, now: datetime) -> datetime | None:
    if campaign.state is not CampaignState.RUNNING or not pulse.waiting:
        return None
    return max(now, pulse.next_at or now) + timedelta(minutes=pulse.waiting / per_minute)


def recipients(
    uow: UnitOfWork,
    actor: Principal,
    campaign_id: UUID,
    *,
    state: str | None = None,
    reason: str | None = None,
    after: UUID | None = None,
    limit: int = 100,
) -> list[RecipientRow]:
    """List every member of the frozen audience with its state and reasons, a page at a time."""
    require(actor, Permission.CAMPAIGN_READ)
    found_campaign(uow, campaign_id)
    agent = actor.user_id if only_assigned(actor.role) else None
    rows = queries.recipients(uow, campaign_id, state=state, reason=reason, of_agent=agent, after=after, limit=limit)
    return [row.with_phone(mask_phone(actor.role, row.phone)) if row.phone else row for row in rows]


def approvals(uow: UnitOfWork, actor: Principal, campaign_id: UUID) -> list[ApprovalRow]:
    """List who approved what, newest first."""
    require(actor, Permission.CAMPAIGN_READ)
    campaign = found_campaign(uow, campaign_id)
    content = content_hash(plan_of(campaign, queries.step(uow, campaign.id)))
    return [
        ApprovalRow(
            id=found.id,
            approver=name,
            approved_at=found.approved_at,
            revision=found.revision,
            content_sha256=found.content_sha256,
            note=found.note,
            current=found.content_sha256 == content,
        )
        for found, name in queries.approvals(uow, campaign_id)
    ]


def named(uow: UnitOfWork, actor: Principal, name: str) -> Campaign:
    """Find a campaign by its name or id, for the command line.

    Raises:
        NotFound: there is none.
    """
    require(actor, Permission.CAMPAIGN_READ)
    found = queries.named(uow, name)
    if found is None:
        try:
            found = queries.get(uow, UUID(name))
        except ValueError:
            found = None
    if found is None:
        raise NotFound(f"There is no campaign called “{name}”.")
    return found


def _free_name(uow: UnitOfWork, name: str, own: UUID | None) -> None:
    other = queries.named(uow, name)
    if other is not None and other.id != own:
        raise Conflict("Another campaign has this name.")


def found_campaign(uow: UnitOfWork, campaign_id: UUID, *, lock: str | None = None) -> Campaign:
    """Read a campaign.

    Raises:
        NotFound: there is none.
    """
    campaign = queries.get(uow, campaign_id, lock=lock)
    if campaign is None:
        raise NotFound
    return campaign
