"""The course of a launched campaign: write what is due, notice the end; pause, resume, cancel; tell where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.campaigns.errors import NotThere
from leadflow.campaigns.queries import course, stops
from leadflow.campaigns.queries import drafts as queries
from leadflow.campaigns.rules.funnel import CANCELLED, UNRESOLVED, bars, label, tally
from leadflow.campaigns.rules.launch import EDITABLE, LIVE, LOOK_AGAIN, LOOK_LATER, PLAN_CHUNK
from leadflow.campaigns.service.drafting import found_campaign, plan_of, rate
from leadflow.campaigns.service.judging import Writer
from leadflow.campaigns.service.launching import look
from leadflow.campaigns.types import Progress, RecipientRow, StepProgress, Stormbound
from leadflow.identity.rules import mask_phone, only_assigned, require
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Invalid
from leadflow.kernel.sheets import csv_line
from leadflow.messaging import service as messaging
from leadflow.messaging.errors import UnresolvedField
from leadflow.messaging.rules.codes import explain
from leadflow.messaging.types import Draft, Report
from models.campaigns import Campaign
from models.vocabulary import CampaignState, Permission

MOST_ALERTS = 20
"""Campaigns in bad weather that Today shows; more would be one and the same storm."""
EXPORTED_AT_ONCE = 5_000
"""Recipients that an export reads in one go."""


def plan(db: Database, org_id: UUID, campaign_id: UUID) -> bool:
    """Write the messages that are due, chunk after chunk, each in its own transaction.

    The first message of everybody comes first, then whatever follows a text that went out. May be called again at any
    time: members that have a message are passed over.

    Returns:
        True when nothing more is due; False when the campaign stopped running meanwhile.
    """
    after: UUID | None = course.NOBODY
    while True:
        with db.begin(org_id) as uow:
            campaign = found_campaign(uow, campaign_id, lock="update")
            if campaign.state is not CampaignState.RUNNING:
                return False
            found = _write_due(uow, campaign, after)
        if not found and after is None:
            return True
        # Once round for the first messages; then whatever follows, from the beginning each time.
        after = found[-1].row.lead_id if found and after is not None else None


def _write_due(uow: UnitOfWork, campaign: Campaign, after: UUID | None) -> list[course.Due]:
    """Write a chunk: first messages of members after this lead, or further ones where ``after`` is None."""
    now = uow.now()
    if after is not None:
        found = course.due(uow, campaign.id, now, PLAN_CHUNK, position=1, after=after)
    else:
        further = queries.steps(uow, campaign.id)[1:]
        # Nobody's second text is due before the launch and the shortest wait are over.
        shortest = min((step.wait_minutes for step in further), default=None)
        if shortest is None or now < (campaign.launched_at or now) + timedelta(minutes=shortest):
            return []
        found = course.due(uow, campaign.id, now, PLAN_CHUNK, position=2)
    writer = Writer(campaign.id, plan_of(uow, campaign), queries.organization(uow).name)
    for position, group in groupby(sorted(found, key=_position), key=_position):
        drafts = [write(writer, one.row, position, one.variant, now) for one in group]
        messaging.queue_many(uow, campaign.id, position, drafts)
    return found


def _position(one: course.Due) -> int:
    return one.position


def write(writer: Writer, row: queries.MergeRow, position: int, variant: str, now: datetime, attempt: int = 1) -> Draft:
    """Write one text; with a hole in it, it is written down as blocked."""
    step = writer.plan.steps[position - 1]
    body, reasons = step.text(variant), tuple[str, ...]()
    try:
        body = writer.text(row, position, variant)
    except UnresolvedField:
        reasons = (UNRESOLVED,)
    return Draft(
        row.phone,
        body,
        row.lead_id,
        row.property_id,
        row.person_id,
        row.phone_id,
        reasons,
        send_before=now + timedelta(minutes=step.good_for_minutes),
        variant=variant,
        attempt=attempt,
    )


def pace(db: Database, org_id: UUID, campaign_id: UUID) -> timedelta | None:
    """Take a running campaign one step on: write what is due, wake the senders, notice the end.

    Returns:
        When to look again; None when it has ended or stands still.
    """
    with db.begin(org_id) as uow:
        if messaging.held(uow):
            return LOOK_LATER
    if not plan(db, org_id, campaign_id):
        return None
    with db.begin(org_id) as uow:
        messaging.look_again(uow, campaign_id)
        messaging.dispatch(uow)
        open_ = course.still_open(uow, campaign_id)
        if open_.moving:
            return LOOK_AGAIN
        if open_.next_due is not None:
            return min(LOOK_LATER, max(LOOK_AGAIN, open_.next_due - uow.now()))
        _finish(uow, campaign_id)
    return None


def _finish(uow: UnitOfWork, campaign_id: UUID) -> None:
    if queries.move(uow, campaign_id, [CampaignState.RUNNING], CampaignState.FINISHED, None):
        audit.record(uow, None, "campaign.finished", "campaign", campaign_id)


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


def resume(uow: UnitOfWork, actor: Principal, campaign_id: UUID, why: str = "") -> Campaign:
    """Let a paused campaign go on where it stopped.

    Args:
        uow: the caller's transaction.
        actor: who answers for it.
        campaign_id: a paused campaign.
        why: what was done about it; needed where its filter or opt-out rate has paused it. Then the rates are counted
            anew, from texts that are submitted after this.

    Raises:
        NotThere: it is not paused.
        Invalid: no reason was given where one is needed.
    """
    require(actor, Permission.CAMPAIGN_LAUNCH)
    campaign, reason = found_campaign(uow, campaign_id, lock="update"), why.strip()[:300]
    if campaign.state is CampaignState.PAUSED and campaign.stormbound:
        if not reason:
            raise Invalid("It was paused because of how its texts were taken. Say what you have done about it.", "why")
        stops.clear_weather(uow, campaign_id, uow.now())
    _move(uow, actor, campaign_id, [CampaignState.PAUSED], CampaignState.RUNNING, "campaign.resumed", None, reason)
    look(uow, campaign_id, uow.now())
    return found_campaign(uow, campaign_id)


def cancel(uow: UnitOfWork, actor: Principal, campaign_id: UUID) -> Campaign:
    """End a campaign for good; what is queued is taken back."""
    require(actor, Permission.CAMPAIGN_LAUNCH)
    _move(uow, actor, campaign_id, [*EDITABLE, *LIVE], CampaignState.CANCELLED, "campaign.cancelled", None)
    messaging.withdraw_campaign(uow, campaign_id)
    course.exclude_unplanned(uow, campaign_id, CANCELLED)
    return found_campaign(uow, campaign_id)


def _move(
    uow: UnitOfWork,
    actor: Principal,
    campaign_id: UUID,
    allowed: Sequence[CampaignState],
    to: CampaignState,
    action: str,
    why: str | None,
    told: str = "",
) -> None:
    campaign = found_campaign(uow, campaign_id)
    if not queries.move(uow, campaign_id, allowed, to, why):
        raise NotThere(f"A campaign that is {campaign.state.value.replace('_', ' ')} cannot be {to.value}.")
    uow.session.refresh(campaign)
    audit.record(uow, actor.user_id, action, "campaign", campaign_id, {"why": why or told} if why or told else {})


def wake(uow: UnitOfWork, campaign_id: UUID) -> None:
    """Look at a campaign soon; for whoever changed something that it waits for."""
    look(uow, campaign_id, uow.now())


# What the running page shows


def progress(uow: UnitOfWork, actor: Principal, campaign_id: UUID) -> Progress:
    """Say where a campaign stands; the states sum to the frozen audience, in all and for each message."""
    require(actor, Permission.CAMPAIGN_READ)
    campaign = found_campaign(uow, campaign_id)
    now = uow.now()
    pulse = course.pulse(uow, campaign_id, now)
    counted = course.counts(uow, [campaign_id])[campaign_id]
    heard, variants = course.heard(uow, campaign_id) if campaign.launched_at else (course.Heard(0, 0, 0), ())
    return Progress(
        audience=campaign.audience_size or 0,
        by_state=counted,
        spent_cents_x100=pulse.spent_cents_x100,
        last_minute=pulse.last_minute,
        eta=_eta(campaign, pulse, rate(uow, campaign), now),
        tally=tally(counted),
        withheld=bars(course.withheld(uow, campaign_id)),
        steps=_by_step(uow, campaign),
        variants=variants if len(variants) > 1 else (),
        replied=heard.replied,
        opted_out=heard.opted_out,
        stopped=heard.stopped,
        followed=heard.followed,
    )


def _by_step(uow: UnitOfWork, campaign: Campaign) -> tuple[StepProgress, ...]:
    if campaign.launched_at is None or len(queries.steps(uow, campaign.id)) < 2:  # noqa: PLR2004 one is told already
        return ()
    counted = course.by_step(uow, campaign.id)
    return tuple(StepProgress(position, by_state, tally(by_state)) for position, by_state in sorted(counted.items()))


def _eta(campaign: Campaign, pulse: course.Pulse, per_minute: int, now: datetime) -> datetime | None:
    if campaign.state is not CampaignState.RUNNING or not pulse.waiting:
        return None
    return max(now, pulse.next_at or now) + timedelta(minutes=pulse.waiting / per_minute)


def stormbound(uow: UnitOfWork, actor: Principal) -> list[Stormbound]:
    """List campaigns that their filter or opt-out rate has paused, the last first; twenty at most."""
    require(actor, Permission.CAMPAIGN_READ)
    return stops.stormbound(uow, MOST_ALERTS)


def weather(uow: UnitOfWork, actor: Principal, campaign_id: UUID) -> Report:
    """Tell how the last texts of a campaign were taken by carriers and people."""
    require(actor, Permission.CAMPAIGN_READ)
    found_campaign(uow, campaign_id)
    return messaging.weather_of_campaign(uow, actor, campaign_id)


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
    rows = course.recipients(uow, campaign_id, state=state, reason=reason, of_agent=agent, after=after, limit=limit)
    return [row.with_phone(mask_phone(actor.role, row.phone)) if row.phone else row for row in rows]


COLUMNS = (
    *("Person", "Property", "Number", "State", "Why", "Message", "Variant", "Attempt", "Carrier's code"),
    *("Submitted (UTC)", "Settled (UTC)", "Lead"),
)


def export(
    uow: UnitOfWork, actor: Principal, campaign_id: UUID, *, state: str | None = None, reason: str | None = None
) -> Iterator[str]:
    """Write the recipients as lines of CSV that no spreadsheet runs; who took it stands in the record.

    Args:
        uow: the caller's transaction.
        actor: who takes it; an auditor's numbers are masked.
        campaign_id: the campaign.
        state: only these recipients.
        reason: only those against whom this stands first.
    """
    require(actor, Permission.CAMPAIGN_EXPORT)
    found_campaign(uow, campaign_id)
    filters = {name: value for name, value in {"state": state, "reason": reason}.items() if value}
    audit.record(uow, actor.user_id, "campaign.exported", "campaign", campaign_id, filters)
    return _lines(uow, actor, campaign_id, state, reason)


def _lines(
    uow: UnitOfWork, actor: Principal, campaign_id: UUID, state: str | None, reason: str | None
) -> Iterator[str]:
    yield csv_line(COLUMNS)
    after: UUID | None = None
    while True:
        rows = recipients(uow, actor, campaign_id, state=state, reason=reason, after=after, limit=EXPORTED_AT_ONCE)
        for row in rows:
            yield csv_line(_cells(row))
        if len(rows) < EXPORTED_AT_ONCE:
            return
        after = rows[-1].lead_id


def _cells(row: RecipientRow) -> list[str]:
    return [
        row.owner,
        row.street,
        row.phone or "",
        row.state.replace("_", " "),
        "; ".join([*(label(reason) for reason in row.reasons), *_meaning(row)]),
        str(row.step),
        row.variant,
        str(row.attempt),
        "" if row.error_code is None else str(row.error_code),
        _utc(row.submitted_at),
        _utc(row.final_at),
        str(row.lead_id),
    ]


def _meaning(row: RecipientRow) -> list[str]:
    """Say in words what the carrier's code means."""
    return [] if row.error_code is None else [explain(row.error_code).means]


def _utc(at: datetime | None) -> str:
    return at.strftime("%Y-%m-%d %H:%M:%S") if at else ""
