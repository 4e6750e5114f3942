"""Campaigns before their launch: read, list, draft, edit, and what is missing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from leadflow.audit import service as audit
from leadflow.campaigns.errors import NotThere
from leadflow.campaigns.queries import course, snippets, sources
from leadflow.campaigns.queries import drafts as queries
from leadflow.campaigns.rules.funnel import tally
from leadflow.campaigns.rules.launch import EDITABLE, NEW_STEP_MINUTES, incomplete
from leadflow.campaigns.types import AudienceSize, CampaignInput, CampaignRow, CampaignView, Plan, Problem, Step
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Invalid, NotFound
from leadflow.kernel.paging import decode, encode
from leadflow.leads import service as leads
from leadflow.messaging.rules.templates import used
from models.campaigns import Campaign
from models.vocabulary import CampaignState, Permission


def plan_of(uow: UnitOfWork, campaign: Campaign) -> Plan:
    """Collect what a launch depends on."""
    steps = queries.steps(uow, campaign.id)
    return Plan(
        name=campaign.name,
        audience_filter=campaign.audience_filter,
        basis=campaign.basis,
        steps=steps,
        sender_number_id=campaign.sender_number_id,
        per_minute=campaign.per_minute,
        window_start=campaign.window_start,
        window_end=campaign.window_end,
        weekdays=tuple(campaign.weekdays),
        send_before=campaign.send_before,
        budget_cents=campaign.budget_cents,
        split=split_of(campaign),
        snippets=_pieces(uow, campaign, steps),
        start_at=campaign.start_at,
        start_zone=campaign.start_zone,
        stop_on_reply=campaign.stop_on_reply,
        stop_on_outcome=campaign.stop_on_outcome,
        stop_on_statuses=tuple(campaign.stop_on_statuses),
        skip_holidays=campaign.skip_holidays,
        pool_id=campaign.pool_id,
    )


def split_of(campaign: Campaign) -> tuple[tuple[str, int], ...]:
    """Answer the variants of a campaign by label and weight; empty where everybody reads the same."""
    return tuple((str(label), int(weight)) for label, weight in campaign.split)


def _pieces(uow: UnitOfWork, campaign: Campaign, steps: Sequence[Step]) -> Mapping[str, str]:
    """Answer the snippets that the texts name: as they were at the launch, else as they are."""
    if campaign.launched_at is not None:
        return campaign.snippets
    asked = {name for step in steps for text in (step.template, *step.others.values()) for name in used(text)}
    return snippets.bodies(uow, asked) if asked else {}


def get(uow: UnitOfWork, actor: Principal, campaign_id: UUID) -> CampaignView:
    """Read a campaign.

    Raises:
        NotFound: no such campaign in this organisation.
    """
    require(actor, Permission.CAMPAIGN_READ)
    campaign = found_campaign(uow, campaign_id)
    steps = queries.steps(uow, campaign_id)
    people = queries.names_of(uow, [campaign.created_by, campaign.submitted_by, campaign.launched_by])
    house = queries.organization(uow)
    return CampaignView(
        id=campaign.id,
        name=campaign.name,
        state=campaign.state,
        audience_filter=campaign.audience_filter,
        basis=campaign.basis,
        template=steps[0].template if steps else "",
        steps=steps,
        split=split_of(campaign),
        sender_number_id=campaign.sender_number_id,
        pool_id=campaign.pool_id,
        per_minute=campaign.per_minute,
        rate=rate(uow, campaign),
        window_start=campaign.window_start,
        window_end=campaign.window_end,
        weekdays=campaign.weekdays,
        send_before=campaign.send_before,
        budget_cents=campaign.budget_cents,
        start_at=campaign.start_at,
        start_zone=campaign.start_zone or house.timezone,
        stop_on_reply=campaign.stop_on_reply,
        stop_on_outcome=campaign.stop_on_outcome,
        stop_on_statuses=tuple(campaign.stop_on_statuses),
        skip_holidays=campaign.skip_holidays,
        revision=campaign.revision,
        audience_size=campaign.audience_size,
        created_at=campaign.created_at,
        launched_at=campaign.launched_at,
        finished_at=campaign.finished_at,
        pause_reason=campaign.pause_reason,
        stormbound=campaign.stormbound,
        author=people.get(campaign.created_by, ""),
        submitter=people.get(campaign.submitted_by, ""),
        launcher=people.get(campaign.launched_by, ""),
        approval_threshold=house.approval_threshold,
        own=actor.user_id is not None and actor.user_id in {campaign.created_by, campaign.submitted_by},
        problems=tuple(problems(uow, campaign)) if campaign.state in EDITABLE else (),
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
    counted = course.counts(uow, [row.id for row in rows])
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
        stormbound=row.stormbound,
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
    queries.write_steps(uow, campaign.id, [Step("")])
    audit.record(uow, actor.user_id, "campaign.drafted", "campaign", campaign.id)
    return campaign


def edit(uow: UnitOfWork, actor: Principal, campaign_id: UUID, change: CampaignInput) -> Campaign:
    """Change a campaign that is not launched. Any change takes an approval, and a coming start, back.

    Raises:
        NotFound: no such campaign.
        NotThere: it runs or has ended.
        Conflict: another campaign has the name.
        Invalid: the sender is no number of the organisation, or another field says nothing.
    """
    require(actor, Permission.CAMPAIGN_EDIT)
    campaign = found_campaign(uow, campaign_id, lock="update")
    if campaign.state not in EDITABLE:
        raise NotThere("A campaign that was launched cannot be changed. Cancel it and begin another.")
    given = change.model_dump(mode="python", exclude_unset=True)
    if {"template", "steps"} <= given.keys():
        raise Invalid("Give the first message once: as the template, or among the steps.", "template")
    named = sorted(given)
    texts = {name: given.pop(name) for name in ("template", "steps") if name in given}
    if given.get("name"):
        _free_name(uow, given["name"], campaign.id)
    if "audience_filter" in given:
        given["audience_filter"] = _settled(actor, given["audience_filter"])
    given |= _one_source(uow, given)
    for field, value in _plain(given).items():
        setattr(campaign, field, value)
    if texts:
        _write_texts(uow, campaign, change)
    campaign.revision += 1
    campaign.state = CampaignState.DRAFT
    campaign.content_sha256 = campaign.pause_reason = campaign.scheduled_by = None
    audit.record(
        uow,
        actor.user_id,
        "campaign.edited",
        "campaign",
        campaign.id,
        {"revision": campaign.revision, "fields": named},
    )
    return campaign


def _plain(given: dict[str, Any]) -> dict[str, Any]:
    """Write what was given as the columns hold it."""
    if (split := given.get("split")) is not None:
        labels = [one["label"] for one in split]
        if len(set(labels)) < len(labels):
            raise Invalid("Two variants have the same label.", "split")
        given["split"] = [[one["label"], one["weight"]] for one in split] if len(split) > 1 else []
    if given.get("stop_on_statuses") is not None:
        given["stop_on_statuses"] = sorted({status.value for status in given["stop_on_statuses"]})
    if given.get("start_zone"):
        try:
            ZoneInfo(given["start_zone"])
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise Invalid("There is no such time zone.", "start_zone") from error
    never_empty = {"split", "stop_on_statuses"}
    return {name: value for name, value in given.items() if value is not None or name not in never_empty}


def _one_source(uow: UnitOfWork, given: Mapping[str, Any]) -> dict[str, Any]:
    """Check number and pool; whoever chooses one has done with the other."""
    sender, pool = given.get("sender_number_id"), given.get("pool_id")
    if sender and sources.sender(uow, sender) is None:
        raise Invalid("The organisation has no such number.", "sender_number_id")
    if pool and sources.pool(uow, pool) is None:
        raise Invalid("The organisation has no such pool.", "pool_id")
    if sender and pool:
        raise Invalid("Send from one number or from a pool, not both.", "pool_id")
    return ({"pool_id": None} if sender else {}) | ({"sender_number_id": None} if pool else {})


def _settled(actor: Principal, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """Check a filter and write out who “me” is, so that it means the same whoever reads it."""
    settled = leads.parse_filter(dict(wanted)).as_dict()
    if settled.get("assignee") == "me":
        settled["assignee"] = str(actor.user_id)
    return settled


def _write_texts(uow: UnitOfWork, campaign: Campaign, change: CampaignInput) -> None:
    """Write the messages anew, or only the text of the first."""
    if change.steps is not None:
        steps = [
            Step(
                one.template,
                one.wait_minutes if number else 0,
                one.good_for_minutes if "good_for_minutes" in one.model_fields_set or not number else NEW_STEP_MINUTES,
                {label: text for label, text in one.others.items() if text},
            )
            for number, one in enumerate(change.steps)
        ]
    else:
        steps = list(queries.steps(uow, campaign.id)) or [Step("")]
    if change.template is not None:
        steps[0] = replace(steps[0], template=change.template)
    queries.write_steps(uow, campaign.id, steps)


def check(uow: UnitOfWork, actor: Principal, campaign_id: UUID) -> list[Problem]:
    """List what is missing in the builder, field by field."""
    require(actor, Permission.CAMPAIGN_READ)
    return problems(uow, found_campaign(uow, campaign_id))


def problems(uow: UnitOfWork, campaign: Campaign) -> list[Problem]:
    """List what is missing in the builder."""
    verified = sources.sender_verified(uow, campaign.sender_number_id, campaign.pool_id)
    return incomplete(plan_of(uow, campaign), sender_verified=verified, now=uow.now())


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


def candidates_of(uow: UnitOfWork, campaign: Campaign) -> list[queries.Candidate]:
    """List the audience: frozen once launched, else whom the filter finds now."""
    if campaign.launched_at is not None:
        return queries.frozen(uow, campaign.id)
    return queries.candidates(uow, *audience(uow, campaign.audience_filter))


def rate(uow: UnitOfWork, campaign: Campaign) -> int:
    """Answer the texts a minute that the campaign, its numbers together and the organisation allow."""
    numbers = sources.numbers(uow, campaign.sender_number_id, campaign.pool_id)
    limits = [campaign.per_minute]
    if numbers:
        able = [one for one in numbers if sources.may_send(one)]
        limits.append(sum(one.per_minute for one in able or numbers))
    if (house := queries.organization(uow).texts_per_minute) is not None:
        limits.append(house)
    return max(1, min(limits))


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
