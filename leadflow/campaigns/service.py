"""Use cases of campaigns: draft, edit, simulate, submit, approve, launch, plan, pause, resume, cancel, finish."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.campaigns import queries
from leadflow.campaigns.errors import Incomplete, NotThere, SamePerson
from leadflow.campaigns.rules import (
    DEFAULT_LIFETIME,
    EDITABLE,
    LOOK_AGAIN,
    MERGE_FIELDS,
    PLAN_CHUNK,
    content_hash,
    incomplete,
    label,
    may_launch,
    needs_second_person,
    spread,
)
from leadflow.campaigns.types import (
    Bar,
    CampaignInput,
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
from leadflow.identity.rules import mask_phone, require
from leadflow.identity.types import Principal
from leadflow.jobs import service as jobs
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Conflict, NotFound
from leadflow.leads import service as leads
from leadflow.messaging import service as messaging
from leadflow.messaging.errors import UnresolvedField
from leadflow.messaging.rules.segments import quote
from leadflow.messaging.rules.templates import names, render
from leadflow.messaging.types import Draft
from models.campaigns import Approval, Campaign, CampaignStep, Simulation
from models.vocabulary import BudgetSubject, CampaignState, JobKind, Permission, Purpose

UNRESOLVED = "unresolved_field"
"""A merge field without a value for this recipient: the text is blocked, never sent with a hole."""


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


def get(uow: UnitOfWork, actor: Principal, campaign_id: UUID) -> tuple[Campaign, str]:
    """Read a campaign and its message.

    Raises:
        NotFound: no such campaign in this organisation.
    """
    require(actor, Permission.CAMPAIGN_READ)
    campaign = _found(uow, campaign_id)
    step = queries.step(uow, campaign_id)
    return campaign, step.template if step else ""


def listing(uow: UnitOfWork, actor: Principal) -> list[tuple[Campaign, dict[str, int]]]:
    """List campaigns, newest first, each with its frozen audience counted by state."""
    require(actor, Permission.CAMPAIGN_READ)
    return [(campaign, queries.counts(uow, campaign.id)) for campaign in queries.listing(uow)]


def draft(uow: UnitOfWork, actor: Principal, name: str) -> Campaign:
    """Begin a campaign.

    Raises:
        Conflict: another campaign has this name.
    """
    require(actor, Permission.CAMPAIGN_EDIT)
    _free_name(uow, name, None)
    campaign = Campaign(org_id=uow.org(), name=name, created_by=actor.user_id)
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
    """
    require(actor, Permission.CAMPAIGN_EDIT)
    campaign = _found(uow, campaign_id, lock="update")
    if campaign.state not in EDITABLE:
        raise NotThere("A campaign that was launched cannot be changed. Cancel it and begin another.")
    given = change.model_dump(exclude_unset=True)
    template = given.pop("template", None)
    if given.get("name"):
        _free_name(uow, given["name"], campaign.id)
    if "audience_filter" in given:
        given["audience_filter"] = leads.parse_filter(given["audience_filter"]).as_dict()
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


def _write_template(uow: UnitOfWork, campaign: Campaign, template: str) -> None:
    step = queries.step(uow, campaign.id)
    if step is None:
        uow.session.add(CampaignStep(org_id=uow.org(), campaign_id=campaign.id, position=1, template=template))
    else:
        step.template = template


def check(uow: UnitOfWork, actor: Principal, campaign_id: UUID) -> list[dict[str, str]]:
    """List what is missing in the builder, field by field."""
    require(actor, Permission.CAMPAIGN_READ)
    campaign = _found(uow, campaign_id)
    return [{"field": problem.field, "message": problem.message} for problem in _problems(uow, campaign)]


def _problems(uow: UnitOfWork, campaign: Campaign) -> list[Problem]:
    plan = plan_of(campaign, queries.step(uow, campaign.id))
    verified = queries.sender_verified(uow, campaign.sender_number_id)
    try:
        unknown = [name for name in names(plan.template) if name not in MERGE_FIELDS]
    except UnresolvedField as error:
        return [Problem("template", error.message)]
    return incomplete(plan, unknown, sender_verified=verified, now=uow.now())


# The audience and the simulation


@dataclass(frozen=True, slots=True)
class _Judged:
    """One candidate with the gate's word and the size of its text."""

    candidate: queries.Candidate
    decision: Decision | None
    excluded: str | None
    segments: int


def simulate(uow: UnitOfWork, actor: Principal, campaign_id: UUID, at: datetime | None = None) -> SimulationResult:
    """Ask the gate about the whole audience, by the function that decides at send time, and keep the answer.

    Args:
        uow: the caller's transaction.
        actor: who asks.
        campaign_id: an unlaunched or launched campaign.
        at: as if it were this instant; now when absent.
    """
    require(actor, Permission.CAMPAIGN_READ)
    campaign = _found(uow, campaign_id)
    now = at or uow.now()
    judged = list(_judge(uow, actor, campaign, now))
    result = _sum_up(campaign, judged, queries.organization(uow).price_per_segment_cents_x100, now, _version(uow, judged))
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
    campaign = _found(uow, campaign_id)
    found = queries.latest_simulation(uow, campaign_id)
    return None if found is None else {**found.result, "stale": found.revision != campaign.revision}


def _judge(uow: UnitOfWork, actor: Principal, campaign: Campaign, now: datetime) -> Iterator[_Judged]:
    picked = _candidates(uow, actor, campaign)
    step = queries.step(uow, campaign.id)
    template = step.template if step else ""
    our_name = queries.organization(uow).name
    addressed = [one for one in picked if one.phone_id is not None and one.covered_by is None]
    decisions = dict(zip((one.lead_id for one in addressed), _ask(uow, campaign, addressed, now), strict=True))
    merged = queries.merge_rows(uow, addressed)
    for one in picked:
        if one.phone_id is None:
            yield _Judged(one, None, "no_phone", 0)
        elif one.covered_by is not None:
            yield _Judged(one, None, "covered", 0)
        else:
            size, excluded = _size(template, merged[one.lead_id].fields(our_name))
            yield _Judged(one, decisions[one.lead_id], excluded, size)


def _candidates(uow: UnitOfWork, actor: Principal, campaign: Campaign) -> list[queries.Candidate]:
    if campaign.launched_at is not None:
        return queries.frozen(uow, campaign.id)
    where, params = leads.audience(uow, actor, campaign.audience_filter)
    return queries.candidates(uow, where, params)


def _ask(
    uow: UnitOfWork, campaign: Campaign, picked: Sequence[queries.Candidate], now: datetime
) -> list[Decision]:
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


def _size(template: str, fields: dict[str, str]) -> tuple[int, str | None]:
    if not template:
        return 0, None
    try:
        return quote(render(template, fields), 0).segments, None
    except UnresolvedField:
        return 0, UNRESOLVED


def _version(uow: UnitOfWork, judged: Sequence[_Judged]) -> str:
    return next((one.decision.policy_version for one in judged if one.decision), "") or compliance.policy(uow).version


def _sum_up(campaign: Campaign, judged: Sequence[_Judged], price: int, now: datetime, version: str) -> SimulationResult:
    excluded, waiting = Counter[str](), Counter[str]()
    by_state = dict[str, Counter[str]]()
    hours = Counter[datetime]()
    sendable = later = segments = 0
    for one in judged:
        fate = _fate(one)
        by_state.setdefault(one.candidate.state or "?", Counter())[fate] += 1
        if fate == "blocked":
            excluded[one.excluded or _worst(one.decision)] += 1
            continue
        segments += one.segments
        if fate == "sendable":
            sendable += 1
        else:
            later += 1
            waiting[_worst(one.decision)] += 1
            hours[_hour(one.decision, now)] += 1
    for hour, count in spread(now, sendable, campaign.per_minute).items():
        hours[hour] += count
    return SimulationResult(
        at=now,
        policy_version=version,
        audience=len(judged),
        excluded=_bars(excluded),
        sendable=sendable,
        later=later,
        later_bars=_bars(waiting),
        by_hour=tuple(sorted(hours.items())),
        by_state={state: dict(counts) for state, counts in sorted(by_state.items())},
        segments=segments,
        cost_cents_x100=segments * price,
        minutes=-(-sendable // campaign.per_minute),
    )


def _fate(one: _Judged) -> str:
    if one.excluded or one.decision is None:
        return "blocked"
    return one.decision.verdict.value


def _worst(decision: Decision | None) -> str:
    return decision.reasons[0] if decision and decision.reasons else "unknown"


def _hour(decision: Decision | None, now: datetime) -> datetime:
    at = decision.later_at if decision and decision.later_at else now
    return at.replace(minute=0, second=0, microsecond=0)


def _bars(counted: Counter[str]) -> tuple[Bar, ...]:
    return tuple(Bar(reason, label(reason), count) for reason, count in counted.most_common())


def preview(uow: UnitOfWork, actor: Principal, campaign_id: UUID, *, skip: int = 0, limit: int = 5) -> list[Preview]:
    """Show the text as real recipients of the audience would get it."""
    require(actor, Permission.CAMPAIGN_READ)
    campaign = _found(uow, campaign_id)
    step = queries.step(uow, campaign.id)
    template = step.template if step else ""
    our_name = queries.organization(uow).name
    picked = [one for one in _candidates(uow, actor, campaign) if one.phone_id and not one.covered_by]
    chosen = picked[skip : skip + limit]
    merged = queries.merge_rows(uow, chosen)
    return [_preview(actor, template, merged[one.lead_id], our_name) for one in chosen if one.lead_id in merged]


def _preview(actor: Principal, template: str, row: queries.MergeRow, our_name: str) -> Preview:
    fields = row.fields(our_name)
    shown, missing = "", tuple[str, ...]()
    try:
        shown = render(template, fields) if template else ""
    except UnresolvedField:
        missing = tuple(name for name in names(template) if name not in fields)
        shown = template
    size = quote(shown, 0)
    return Preview(
        lead_id=row.lead_id,
        name=row.full_name or "",
        phone=mask_phone(actor.role, row.phone),
        body=shown,
        segments=size.segments,
        encoding=size.encoding,
        unresolved=missing,
    )


# Approval and launch


def submit(uow: UnitOfWork, actor: Principal, campaign_id: UUID) -> Campaign:
    """Declare a campaign complete. Above the organisation's threshold it then waits for a second person.

    Raises:
        Incomplete: something is missing; names the field.
        NotThere: it is not a draft.
    """
    require(actor, Permission.CAMPAIGN_EDIT)
    campaign = _found(uow, campaign_id, lock="update")
    if campaign.state is not CampaignState.DRAFT:
        raise NotThere("Only a draft can be submitted.")
    problems = _problems(uow, campaign)
    if problems:
        raise Incomplete(problems)
    size = sum(1 for one in _candidates(uow, actor, campaign) if one.phone_id and not one.covered_by)
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
        {"revision": campaign.revision, "recipients": size, "content": campaign.content_sha256, "second_person": second},
    )
    return campaign


def approve(uow: UnitOfWork, actor: Principal, campaign_id: UUID, note: str = "") -> Campaign:
    """Give a second person's word on exactly what was submitted.

    Raises:
        SamePerson: the author or submitter cannot.
        NotThere: it does not wait for approval.
    """
    require(actor, Permission.CAMPAIGN_APPROVE)
    campaign = _found(uow, campaign_id, lock="update")
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
        uow, actor.user_id, "campaign.approved", "campaign", campaign.id, {"revision": campaign.revision, "content": content}
    )
    return campaign


def launch(uow: UnitOfWork, actor: Principal, campaign_id: UUID, typed_name: str) -> Campaign:
    """Freeze the audience and begin, once, in one transaction.

    Raises:
        Incomplete: something stands against it; names each reason.
        Conflict: somebody else launched it at the same moment.
    """
    require(actor, Permission.CAMPAIGN_LAUNCH)
    campaign = _found(uow, campaign_id, lock="update")
    plan = plan_of(campaign, queries.step(uow, campaign.id))
    facts = LaunchFacts(
        state=campaign.state,
        plan=plan,
        approved_sha256=campaign.content_sha256,
        typed_name=typed_name,
        sending_paused=queries.organization(uow).sending_paused,
        sender_verified=queries.sender_verified(uow, campaign.sender_number_id),
    )
    problems = may_launch(facts)
    if problems:
        raise Incomplete(problems)
    now = uow.now()
    where, params = leads.audience(uow, actor, campaign.audience_filter)
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
            campaign = _found(uow, campaign_id, lock="update")
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
        counted = queries.counts(uow, campaign_id)
        audit.record(uow, None, "campaign.finished", "campaign", campaign_id, {"states": counted})


def pause(uow: UnitOfWork, actor: Principal, campaign_id: UUID, why: str = "") -> Campaign:
    """Stop a running campaign; what is queued stays queued."""
    require(actor, Permission.CAMPAIGN_LAUNCH)
    _move(uow, actor, campaign_id, [CampaignState.RUNNING], CampaignState.PAUSED, "campaign.paused", why or "Paused by hand")
    return _found(uow, campaign_id)


def resume(uow: UnitOfWork, actor: Principal, campaign_id: UUID) -> Campaign:
    """Let a paused campaign go on where it stopped."""
    require(actor, Permission.CAMPAIGN_LAUNCH)
    _move(uow, actor, campaign_id, [CampaignState.PAUSED], CampaignState.RUNNING, "campaign.resumed", None)
    _pace(uow, campaign_id, uow.now())
    return _found(uow, campaign_id)


def cancel(uow: UnitOfWork, actor: Principal, campaign_id: UUID) -> Campaign:
    """End a campaign for good; what is queued is taken back."""
    require(actor, Permission.CAMPAIGN_LAUNCH)
    allowed = [*EDITABLE, CampaignState.RUNNING, CampaignState.PAUSED]
    _move(uow, actor, campaign_id, allowed, CampaignState.CANCELLED, "campaign.cancelled", None)
    messaging.withdraw_campaign(uow, campaign_id)
    queries.exclude_unplanned(uow, campaign_id, "cancelled")
    return _found(uow, campaign_id)


def _move(  # noqa: PLR0913 a transition and its record
    uow: UnitOfWork,
    actor: Principal,
    campaign_id: UUID,
    allowed: Sequence[CampaignState],
    to: CampaignState,
    action: str,
    why: str | None,
) -> None:
    campaign = _found(uow, campaign_id)
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
    campaign = _found(uow, campaign_id)
    now = uow.now()
    pulse = queries.pulse(uow, campaign_id, now)
    eta = None
    if campaign.state is CampaignState.RUNNING and pulse.waiting:
        start = max(now, pulse.next_at or now)
        eta = start + timedelta(minutes=pulse.waiting / campaign.per_minute)
    return Progress(
        audience=campaign.audience_size or 0,
        by_state=queries.counts(uow, campaign_id),
        spent_cents_x100=pulse.spent_cents_x100,
        last_minute=pulse.last_minute,
        eta=eta,
    )


def recipients(
    uow: UnitOfWork, actor: Principal, campaign_id: UUID, *, state: str | None, after: UUID | None, limit: int
) -> list[RecipientRow]:
    """List every member of the frozen audience with its state and reasons, a page at a time."""
    require(actor, Permission.CAMPAIGN_READ)
    _found(uow, campaign_id)
    rows = queries.recipients(uow, campaign_id, state=state, after=after, limit=limit)
    return [row.with_phone(mask_phone(actor.role, row.phone)) if row.phone else row for row in rows]


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


def _found(uow: UnitOfWork, campaign_id: UUID, *, lock: str | None = None) -> Campaign:
    campaign = queries.get(uow, campaign_id, lock=lock)
    if campaign is None:
        raise NotFound
    return campaign


