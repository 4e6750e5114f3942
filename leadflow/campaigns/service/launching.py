"""From draft to launch: submit, approve by what changed, launch now or at an instant, and the start that was missed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.campaigns.errors import Incomplete, NotThere, SamePerson
from leadflow.campaigns.queries import drafts as queries
from leadflow.campaigns.queries import sources
from leadflow.campaigns.rules.changes import NOTHING, changes
from leadflow.campaigns.rules.launch import (
    LATEST_START,
    LOOK_LATER,
    content_hash,
    longest,
    may_launch,
    needs_second_person,
    signed,
)
from leadflow.campaigns.service.drafting import audience, candidates_of, found_campaign, plan_of, problems
from leadflow.campaigns.types import ApprovalRow, Changes, LaunchFacts, Plan, Problem
from leadflow.compliance import service as compliance
from leadflow.costs import service as costs
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.jobs import service as jobs
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Conflict
from leadflow.mail import service as mail
from leadflow.messaging import service as messaging
from models.campaigns import Approval, Campaign
from models.vocabulary import BudgetSubject, CampaignState, JobKind, MailKind, Permission


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
    missing = problems(uow, campaign)
    if missing:
        raise Incomplete(missing)
    size = sum(1 for one in candidates_of(uow, campaign) if one.phone_id and not one.covered_by)
    if size == 0:
        raise Conflict("Nobody in this audience has a number that a text could go to. Change the audience.")
    campaign.submitted_by = actor.user_id
    campaign.content_sha256 = content_hash(plan_of(uow, campaign))
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
    """Give a second person's word on exactly what was submitted; what was signed is kept.

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
    plan = plan_of(uow, campaign)
    content = content_hash(plan)
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
            plan=signed(plan),
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


def approvals(uow: UnitOfWork, actor: Principal, campaign_id: UUID) -> list[ApprovalRow]:
    """List who approved what, newest first."""
    require(actor, Permission.CAMPAIGN_READ)
    content = content_hash(plan_of(uow, found_campaign(uow, campaign_id)))
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


def changed(uow: UnitOfWork, actor: Principal, campaign_id: UUID) -> Changes:
    """List, field by field, what differs from what was approved last; in a first approval everything that is set."""
    require(actor, Permission.CAMPAIGN_READ)
    campaign = found_campaign(uow, campaign_id)
    plan = signed(plan_of(uow, campaign))
    kept = [(row, name) for row, name in queries.approvals(uow, campaign_id) if row.plan is not None]
    last, approver = kept[0] if kept else (None, "")
    before = NOTHING if last is None or last.plan is None else last.plan
    chosen = {str(document.get(field)) for document in (before, plan) for field in ("sender", "pool")}
    shown = sources.sender_names(uow, sorted(chosen - {"None"}))
    return Changes(
        first=last is None,
        approver=approver,
        approved_at=last.approved_at if last else None,
        revision=last.revision if last else None,
        changes=changes(before, plan, shown | {"None": "no number"}),
    )


def launch(uow: UnitOfWork, actor: Principal, campaign_id: UUID, typed_name: str) -> Campaign:
    """Freeze the audience and begin, once, in one transaction; or plan the start, where the campaign names a later one.

    Raises:
        Incomplete: something stands against it; names each reason.
        NotThere: it was launched before, or has ended.
        Conflict: somebody else launched it at the same moment.
    """
    require(actor, Permission.CAMPAIGN_LAUNCH)
    campaign = found_campaign(uow, campaign_id, lock="update")
    if campaign.launched_at is not None:
        # Not the caller's mistake: whoever presses a button twice, or later than somebody else, is told so (409).
        raise NotThere(f"This campaign was launched already and is {campaign.state.value.replace('_', ' ')}.")
    plan = plan_of(uow, campaign)
    if found := _against(uow, campaign, plan, typed_name):
        raise Incomplete(found)
    now = uow.now()
    if campaign.state is CampaignState.READY and plan.start_at is not None and plan.start_at > now:
        return _schedule(uow, actor, campaign, plan.start_at)
    return _begin(uow, actor.user_id, campaign, plan)


def _against(
    uow: UnitOfWork, campaign: Campaign, plan: Plan, typed_name: str, *, starting: bool = False
) -> list[Problem]:
    house, drilled = queries.organization(uow), compliance.standing(uow)
    facts = LaunchFacts(
        state=campaign.state,
        plan=plan,
        approved_sha256=campaign.content_sha256,
        typed_name=typed_name,
        sending_paused=house.sending_paused or messaging.held(uow),
        sender_verified=sources.sender_verified(uow, campaign.sender_number_id, campaign.pool_id),
        recipients=queries.audience_size(uow, *audience(uow, campaign.audience_filter)).addressed,
        threshold=house.approval_threshold,
        second_person=queries.approved(uow, campaign.id, campaign.content_sha256),
        undrilled="" if drilled.ready else drilled.why,
        starting=starting,
    )
    return may_launch(facts)


def _begin(uow: UnitOfWork, launched_by: UUID | None, campaign: Campaign, plan: Plan) -> Campaign:
    now = uow.now()
    where, params = audience(uow, campaign.audience_filter)
    if not queries.claim_launch(uow, campaign.id, launched_by, now):
        raise Conflict("Somebody else launched this campaign at the same moment.")
    uow.session.refresh(campaign)
    split = plan.split or ((plan.labels[0], 1),)
    campaign.audience_size = queries.freeze(uow, campaign.id, where, params, split)
    campaign.send_before = campaign.send_before or now + longest(plan)
    campaign.snippets = dict(plan.snippets)
    if campaign.budget_cents is not None:
        costs.set_cap(uow, BudgetSubject.CAMPAIGN, campaign.id, campaign.budget_cents * 100)
    audit.record(
        uow,
        launched_by,
        "campaign.launched",
        "campaign",
        campaign.id,
        {"revision": campaign.revision, "content": campaign.content_sha256, "audience": campaign.audience_size},
    )
    look(uow, campaign.id, now)
    return campaign


def look(uow: UnitOfWork, campaign_id: UUID, at: datetime) -> None:
    """Take a running campaign a step on, at an instant or soon; once, however many ask."""
    payload = {"campaign_id": str(campaign_id)}
    jobs.enqueue(uow, JobKind.CAMPAIGN_PACE, payload=payload, run_at=at, unique_key=str(campaign_id))


# The scheduled start


def _schedule(uow: UnitOfWork, actor: Principal, campaign: Campaign, at: datetime) -> Campaign:
    campaign.state = CampaignState.SCHEDULED
    campaign.scheduled_by = actor.user_id
    jobs.enqueue(
        uow,
        JobKind.CAMPAIGN_START,
        payload={"campaign_id": str(campaign.id)},
        run_at=at,
        unique_key=str(campaign.id),
        actor_id=actor.user_id,
    )
    audit.record(
        uow,
        actor.user_id,
        "campaign.scheduled",
        "campaign",
        campaign.id,
        {"revision": campaign.revision, "content": campaign.content_sha256, "at": at.isoformat()},
    )
    return campaign


def unschedule(uow: UnitOfWork, actor: Principal, campaign_id: UUID) -> Campaign:
    """Take a planned start back; the campaign is ready again, its approval stands.

    Raises:
        NotThere: it is not scheduled.
    """
    require(actor, Permission.CAMPAIGN_LAUNCH)
    campaign = found_campaign(uow, campaign_id, lock="update")
    if campaign.state is not CampaignState.SCHEDULED:
        raise NotThere("This campaign is not scheduled.")
    campaign.state, campaign.scheduled_by = CampaignState.READY, None
    audit.record(uow, actor.user_id, "campaign.unscheduled", "campaign", campaign.id)
    return campaign


def start(db: Database, org_id: UUID, campaign_id: UUID) -> datetime | None:
    """Begin a scheduled campaign whose instant has come, if everything that a launch asks for still holds.

    Later than ``LATEST_START`` it does not begin: the campaign is marked as missed, and a person decides.

    Returns:
        When to come back, where the start was moved; None otherwise.
    """
    with db.begin(org_id) as uow:
        campaign = found_campaign(uow, campaign_id, lock="update")
        if campaign.state is not CampaignState.SCHEDULED or campaign.start_at is None:
            return None
        now = uow.now()
        if now < campaign.start_at:
            return campaign.start_at
        if now - campaign.start_at > LATEST_START:
            _miss(uow, campaign, ["Nothing was running at its hour, and it would have begun too late."])
            return None
        if messaging.held(uow):
            # An owner may resume in time; else the start is missed like any other.
            return now + LOOK_LATER
        plan = plan_of(uow, campaign)
        found = _against(uow, campaign, plan, plan.name, starting=True)
        if found:
            _miss(uow, campaign, [problem.message for problem in found])
        else:
            _begin(uow, campaign.scheduled_by, campaign, plan)
    return None


def _miss(uow: UnitOfWork, campaign: Campaign, why: Sequence[str]) -> None:
    """Mark a start as missed and tell whoever planned it."""
    campaign.state = CampaignState.MISSED
    campaign.pause_reason = " ".join(why)
    audit.record(uow, None, "campaign.missed", "campaign", campaign.id, {"why": list(why)})
    address = queries.address_of(uow, campaign.scheduled_by)
    if address is not None:
        facts = {"name": campaign.name, "why": campaign.pause_reason, "campaign": str(campaign.id)}
        mail.send(uow, MailKind.CAMPAIGN_MISSED, address, facts)
