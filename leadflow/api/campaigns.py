"""Campaigns over HTTP: build, simulate, approve, launch, watch."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from leadflow.api.deps import After, Limit, Made, Work, allow
from leadflow.api.once import KEYED
from leadflow.campaigns import service as campaigns
from leadflow.campaigns.rules.funnel import label
from leadflow.campaigns.types import (
    MOST_STEPS,
    CampaignInput,
    CampaignView,
    Name,
    Problem,
    RecipientRow,
    SnippetInput,
)
from leadflow.kernel.errors import Invalid
from leadflow.kernel.paging import decode, encode
from leadflow.messaging.rules.codes import explain
from leadflow.messaging.rules.fields import MERGE_FIELDS
from models.vocabulary import CampaignState, MessageState, Permission, Verdict

router = APIRouter(prefix="/api/v1/campaigns", tags=["campaigns"])

READ = [allow(Permission.CAMPAIGN_READ)]
EDIT = [allow(Permission.CAMPAIGN_EDIT)]
LAUNCH = [allow(Permission.CAMPAIGN_LAUNCH)]
FAILED = frozenset({MessageState.UNDELIVERED.value, MessageState.FAILED.value, MessageState.REJECTED.value})
"""States of a recipient whose carrier says that the text did not arrive."""

Word = Annotated[str | None, Query(max_length=80)]


class _Given(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Named(_Given):
    """A campaign's name."""

    name: Name


class Simulated(_Given):
    """The instant to ask the gate about; now when absent."""

    at: AwareDatetime | None = None


class Approved(_Given):
    """What the approver has to say."""

    note: Annotated[str, Field(max_length=1_000)] = ""


class Typed(_Given):
    """The campaign's name, typed to show that this very one is meant."""

    name: Annotated[str, Field(max_length=200)]


class Why(_Given):
    """Why it stops, or goes on."""

    why: Annotated[str, Field(max_length=300)] = ""


class Again(_Given):
    """Why the texts failed that shall be sent anew."""

    reasons: Annotated[list[Annotated[str, Field(max_length=40)]], Field(min_length=1, max_length=10)]


class Filtered(_Given):
    """A filter of the lead list."""

    audience_filter: dict[str, Any] = Field(default_factory=dict)


@router.get("", dependencies=READ)
def listing(
    desk: Work,
    state: Annotated[list[CampaignState] | None, Query()] = None,
    q: Annotated[str, Query(max_length=120)] = "",
    after: After = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List campaigns, newest first, each with its bar."""
    rows, following = campaigns.listing(desk.uow, desk.actor, states=state or (), words=q, after=after, limit=limit)
    return {"rows": [asdict(row) for row in rows], "count": None, "next": following}


@router.get("/merge-fields", dependencies=READ)
def merge_fields(desk: Work) -> list[dict[str, str]]:
    """List what a message may name."""
    del desk
    return [{"name": name, "meaning": meaning} for name, meaning in MERGE_FIELDS.items()]


@router.get("/snippets", dependencies=READ)
def snippets(desk: Work, after: After = None, limit: Limit = 100) -> dict[str, Any]:
    """List pieces of text that messages may name, each with the campaigns that would read a change of it."""
    found = campaigns.snippets(desk.uow, desk.actor, after, limit)
    return {"rows": [asdict(row) for row in found.rows], "count": found.count, "next": found.next}


@router.post("/snippets", status_code=201, dependencies=EDIT)
def add_snippet(desk: Work, given: SnippetInput) -> Made:
    """Write a piece of text."""
    return Made(campaigns.add_snippet(desk.uow, desk.actor, given))


@router.put("/snippets/{snippet_id}", status_code=204, dependencies=EDIT)
def change_snippet(desk: Work, snippet_id: UUID, given: SnippetInput) -> None:
    """Change a piece of text; what names it must be approved again, what was launched stays as it was."""
    campaigns.change_snippet(desk.uow, desk.actor, snippet_id, given)


@router.delete("/snippets/{snippet_id}", status_code=204, dependencies=EDIT)
def remove_snippet(desk: Work, snippet_id: UUID) -> None:
    """Delete a piece of text that nothing names."""
    campaigns.remove_snippet(desk.uow, desk.actor, snippet_id)


@router.get("/paused-by-weather", dependencies=READ)
def stormbound(desk: Work) -> dict[str, Any]:
    """List campaigns that their filter or opt-out rate has paused, with the reason; the last first."""
    rows = campaigns.stormbound(desk.uow, desk.actor)
    return {"rows": [asdict(row) for row in rows], "count": len(rows), "next": None}


@router.post("/audience-size", dependencies=READ)
def audience_size(desk: Work, given: Filtered) -> dict[str, int]:
    """Count whom a filter finds and whom of them a campaign would address."""
    return asdict(campaigns.size_up(desk.uow, desk.actor, given.audience_filter))


@router.post("", status_code=201, dependencies=EDIT)
def draft(desk: Work, given: Named) -> CampaignView:
    """Begin a campaign."""
    made = campaigns.draft(desk.uow, desk.actor, given.name)
    return campaigns.get(desk.uow, desk.actor, made.id)


@router.get("/{campaign_id}", dependencies=READ)
def get(desk: Work, campaign_id: UUID) -> CampaignView:
    """Read a campaign, its message and what is missing."""
    return campaigns.get(desk.uow, desk.actor, campaign_id)


@router.patch("/{campaign_id}", dependencies=EDIT)
def edit(desk: Work, campaign_id: UUID, given: CampaignInput) -> CampaignView:
    """Change what is given; any change takes an approval back."""
    campaigns.edit(desk.uow, desk.actor, campaign_id, given)
    return campaigns.get(desk.uow, desk.actor, campaign_id)


@router.get("/{campaign_id}/problems", dependencies=READ)
def problems(desk: Work, campaign_id: UUID) -> list[Problem]:
    """List what is missing, field by field."""
    return campaigns.check(desk.uow, desk.actor, campaign_id)


@router.post("/{campaign_id}/simulate", dependencies=READ)
def simulate(desk: Work, campaign_id: UUID, given: Simulated | None = None) -> dict[str, Any]:
    """Ask the gate about the whole audience, now or at an instant."""
    return campaigns.simulate(desk.uow, desk.actor, campaign_id, given.at if given else None).as_json()


@router.get("/{campaign_id}/simulation", dependencies=READ)
def simulation(desk: Work, campaign_id: UUID) -> dict[str, Any] | None:
    """Read the newest simulation; ``stale`` says that the campaign was changed since."""
    return campaigns.latest_simulation(desk.uow, desk.actor, campaign_id)


@router.get("/{campaign_id}/simulation/people", dependencies=READ)
def people(
    desk: Work,
    campaign_id: UUID,
    verdict: Verdict | None = None,
    reason: Word = None,
    at: AwareDatetime | None = None,
    after: After = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """List the people behind one bar of the simulation."""
    rows = campaigns.judged(
        desk.uow,
        desk.actor,
        campaign_id,
        verdict=verdict,
        reason=reason,
        at=at,
        after=_lead(after),
        limit=limit + 1,
    )
    return _page([asdict(row) for row in rows], limit)


@router.get("/{campaign_id}/preview", dependencies=READ)
def preview(
    desk: Work,
    campaign_id: UUID,
    step: Annotated[int, Query(ge=1, le=MOST_STEPS)] = 1,
    variant: Annotated[str | None, Query(max_length=20)] = None,
    skip: Annotated[int, Query(ge=0, le=1_000_000)] = 0,
    limit: Annotated[int, Query(ge=1, le=50)] = 5,
) -> list[dict[str, Any]]:
    """Show a message as real recipients would get it, each in their own variant unless one is named."""
    found = campaigns.preview(desk.uow, desk.actor, campaign_id, step=step, variant=variant, skip=skip, limit=limit)
    return [asdict(one) for one in found]


@router.post("/{campaign_id}/submit", dependencies=EDIT)
def submit(desk: Work, campaign_id: UUID) -> CampaignView:
    """Declare it complete; above the threshold it then waits for a second person."""
    campaigns.submit(desk.uow, desk.actor, campaign_id)
    return campaigns.get(desk.uow, desk.actor, campaign_id)


@router.post("/{campaign_id}/approve", dependencies=[allow(Permission.CAMPAIGN_APPROVE)])
def approve(desk: Work, campaign_id: UUID, given: Approved | None = None) -> CampaignView:
    """Give a second person's word."""
    campaigns.approve(desk.uow, desk.actor, campaign_id, given.note if given else "")
    return campaigns.get(desk.uow, desk.actor, campaign_id)


@router.get("/{campaign_id}/approvals", dependencies=READ)
def approvals(desk: Work, campaign_id: UUID) -> list[dict[str, Any]]:
    """List who approved what."""
    return [asdict(row) for row in campaigns.approvals(desk.uow, desk.actor, campaign_id)]


@router.get("/{campaign_id}/changes", dependencies=READ)
def changes(desk: Work, campaign_id: UUID) -> dict[str, Any]:
    """List, field by field, what differs from what was approved last; texts word by word."""
    return asdict(campaigns.changed(desk.uow, desk.actor, campaign_id))


@router.post("/{campaign_id}/launch", dependencies=[*LAUNCH, KEYED])
def launch(desk: Work, campaign_id: UUID, given: Typed) -> CampaignView:
    """Freeze the audience and begin, once; or plan the start, where the campaign names a later one."""
    campaigns.launch(desk.uow, desk.actor, campaign_id, given.name)
    return campaigns.get(desk.uow, desk.actor, campaign_id)


@router.post("/{campaign_id}/unschedule", dependencies=LAUNCH)
def unschedule(desk: Work, campaign_id: UUID) -> CampaignView:
    """Take a planned start back; the approval stands."""
    campaigns.unschedule(desk.uow, desk.actor, campaign_id)
    return campaigns.get(desk.uow, desk.actor, campaign_id)


@router.post("/{campaign_id}/pause", dependencies=LAUNCH)
def pause(desk: Work, campaign_id: UUID, given: Why | None = None) -> CampaignView:
    """Stop; what is queued stays queued."""
    campaigns.pause(desk.uow, desk.actor, campaign_id, given.why if given else "")
    return campaigns.get(desk.uow, desk.actor, campaign_id)


@router.post("/{campaign_id}/resume", dependencies=LAUNCH)
def resume(desk: Work, campaign_id: UUID, given: Why | None = None) -> CampaignView:
    """Go on where it stopped; say why, where its filter or opt-out rate had paused it."""
    campaigns.resume(desk.uow, desk.actor, campaign_id, given.why if given else "")
    return campaigns.get(desk.uow, desk.actor, campaign_id)


@router.post("/{campaign_id}/cancel", dependencies=LAUNCH)
def cancel(desk: Work, campaign_id: UUID) -> CampaignView:
    """End it for good; what is queued is taken back."""
    campaigns.cancel(desk.uow, desk.actor, campaign_id)
    return campaigns.get(desk.uow, desk.actor, campaign_id)


@router.get("/{campaign_id}/progress", dependencies=READ)
def progress(desk: Work, campaign_id: UUID) -> dict[str, Any]:
    """Say where it stands; the states sum to the audience."""
    return asdict(campaigns.progress(desk.uow, desk.actor, campaign_id))


@router.get("/{campaign_id}/weather", dependencies=READ)
def weather(desk: Work, campaign_id: UUID) -> dict[str, Any]:
    """Tell how its last texts were taken: filter and opt-out rates by template, number and carrier, with bounds."""
    return asdict(campaigns.weather(desk.uow, desk.actor, campaign_id))


@router.get("/{campaign_id}/failed", dependencies=READ)
def failed(desk: Work, campaign_id: UUID) -> list[dict[str, Any]]:
    """Count, by reason, the failed texts of a finished campaign that may get through later."""
    return [asdict(one) for one in campaigns.may_retry(desk.uow, desk.actor, campaign_id)]


@router.post("/{campaign_id}/retry", dependencies=[*LAUNCH, KEYED])
def retry(desk: Work, campaign_id: UUID, given: Again) -> dict[str, int]:
    """Send failed texts anew, each as a further attempt; an uncertain reason is your word that nobody got them."""
    return {"texts": campaigns.retry_failed(desk.uow, desk.actor, campaign_id, given.reasons)}


@router.get("/{campaign_id}/recipients.csv", dependencies=[allow(Permission.CAMPAIGN_EXPORT)], response_class=Response)
def export(desk: Work, campaign_id: UUID, state: Word = None, reason: Word = None) -> Response:
    """Take the recipients away as a file; it stands in the record who did."""
    lines = campaigns.export(desk.uow, desk.actor, campaign_id, state=state, reason=reason)
    return Response(
        "".join(lines),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="recipients-{campaign_id}.csv"'},
    )


@router.get("/{campaign_id}/recipients", dependencies=READ)
def recipients(
    desk: Work,
    campaign_id: UUID,
    state: Word = None,
    reason: Word = None,
    after: After = None,
    limit: Limit = 100,
) -> dict[str, Any]:
    """List every member of the frozen audience with state and reasons."""
    rows = campaigns.recipients(
        desk.uow, desk.actor, campaign_id, state=state, reason=reason, after=_lead(after), limit=limit + 1
    )
    return _page(
        [asdict(row) | {"why": [label(reason) for reason in row.reasons] + _failure(row)} for row in rows], limit
    )


def _failure(row: RecipientRow) -> list[str]:
    """Say why a text did not arrive, what was done, and what one can do."""
    if row.state not in FAILED:
        return []
    found = explain(row.error_code)
    named = f" ({found.code})" if found.code else ""
    return [f"{found.means.rstrip('.')}{named}. {found.done} {found.todo}"]


def _lead(after: str | None) -> UUID | None:
    if not after:
        return None
    try:
        return UUID(str(decode(after, 1)[0]))
    except ValueError as error:
        raise Invalid("This page marker belongs to another list. Reload it.", "after") from error


def _page(rows: list[dict[str, Any]], limit: int) -> dict[str, Any]:
    """Cut the one row too many that shows that there is more."""
    shown = rows[:limit]
    more = encode(str(shown[-1]["lead_id"])) if len(rows) > limit else None
    return {"rows": shown, "count": None, "next": more}
