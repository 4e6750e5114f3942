"""May a campaign be approved and launched: what is missing, what was signed, who must sign."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta
from typing import Any

from leadflow.campaigns.rules.texts import faulty, field_of
from leadflow.campaigns.types import LaunchFacts, Plan, Problem, Step
from models.vocabulary import STOP_STATUSES, CampaignState

EDITABLE = frozenset(
    {
        CampaignState.DRAFT,
        CampaignState.AWAITING_APPROVAL,
        CampaignState.READY,
        CampaignState.SCHEDULED,
        CampaignState.MISSED,
    }
)
"""Nothing of it has gone out."""
LAUNCHABLE = frozenset({CampaignState.READY, CampaignState.MISSED})
"""From where a person may launch it."""
LIVE = frozenset({CampaignState.RUNNING, CampaignState.PAUSED})
"""Its audience is frozen and not all of it is dealt with."""
PLAN_CHUNK = 2_000
"""Messages written in one transaction; a killed planner goes on after the last chunk."""
LOOK_AGAIN = timedelta(seconds=5)
"""How soon a running campaign is looked at again for its end."""
LOOK_LATER = timedelta(minutes=1)
"""How soon where everybody only waits for a further message."""


LATEST_START = timedelta(minutes=30)
"""A start that is later than this does not happen by itself: whoever planned it did not mean this hour."""
_UNVERIFIED = (
    "This number's 10DLC registration is not verified; carriers would refuse it. See Settings, Numbers.",
    "No number of this pool has a verified 10DLC registration; carriers would refuse it. See Settings, Numbers.",
)
"""Of a number; of a pool."""
NEW_STEP_MINUTES = 24 * 60
"""How long a text of a further message may wait for its hour, unless its message says otherwise (complaints R12)."""


def signed(plan: Plan) -> dict[str, Any]:
    """Write down what an approval signs: every field that changes who gets what, when and why.

    What a plan leaves at its default is not named, so that what was signed before a field existed stays signed.
    """
    first = plan.steps[0] if plan.steps else Step("")
    document: dict[str, Any] = {
        "name": plan.name,
        "audience": plan.audience_filter,
        "basis": plan.basis,
        "template": first.template,
        "sender": str(plan.sender_number_id),
        "per_minute": plan.per_minute,
        "window": [plan.window_start.isoformat(), plan.window_end.isoformat()],
        "weekdays": sorted(plan.weekdays),
        "send_before": _instant(plan.send_before),
        "budget": plan.budget_cents,
    }
    if len(plan.steps) > 1 or first != Step(first.template):
        document["steps"] = [
            {
                "template": step.template,
                "others": dict(step.others),
                "wait": step.wait_minutes,
                "good_for": step.good_for_minutes,
            }
            for step in plan.steps
        ]
    stops = [plan.stop_on_reply, plan.stop_on_outcome, sorted(plan.stop_on_statuses)]
    further = {
        "split": [[label, weight] for label, weight in plan.split],
        "snippets": dict(plan.snippets),
        "start_at": _instant(plan.start_at),
        "start_zone": plan.start_zone if plan.start_at else None,
        "skip_holidays": plan.skip_holidays,
        "pool": str(plan.pool_id) if plan.pool_id else None,
        "stops": stops if stops != [True, True, sorted(STOP_STATUSES)] else None,
    }
    return document | {name: value for name, value in further.items() if value}


def _instant(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat() if at else None


def content_hash(plan: Plan) -> str:
    """Hash what an approval signs."""
    return hashlib.sha256(json.dumps(signed(plan), sort_keys=True).encode()).hexdigest()


def longest(plan: Plan) -> timedelta:
    """Say how long after its launch a campaign may still send: every wait, and every text's patience."""
    return timedelta(minutes=sum(step.wait_minutes + step.good_for_minutes for step in plan.steps))


def incomplete(plan: Plan, *, sender_verified: bool, now: datetime) -> list[Problem]:
    """List what is missing before anybody may approve it.

    Args:
        plan: the campaign as it stands.
        sender_verified: the sender number's 10DLC registration is verified.
        now: aware UTC.
    """
    found = list[Problem]()
    if plan.basis is None:
        found.append(Problem("basis", "Say why these people may be contacted."))
    found += faulty(plan)
    found += [
        Problem(field_of(position), f"Message {position} must wait for the one before it; say how long.")
        for position, step in enumerate(plan.steps, 1)
        if position > 1 and not step.wait_minutes
    ]
    if plan.sender_number_id is None and plan.pool_id is None:
        found.append(Problem("sender_number_id", "Choose a number or a pool to send from."))
    elif not sender_verified:
        found.append(Problem("sender_number_id", _UNVERIFIED[plan.pool_id is not None]))
    if plan.window_start >= plan.window_end:
        found.append(Problem("window_end", "The window must end after it starts."))
    if plan.send_before is not None and plan.send_before <= max(now, plan.start_at or now):
        found.append(Problem("send_before", "“Send before” lies in the past, or before the start."))
    if plan.start_at is not None and plan.start_at <= now:
        found.append(Problem("start_at", "The start lies in the past. Choose another, or none to begin at the launch."))
    return found


def may_launch(facts: LaunchFacts) -> list[Problem]:
    """List what stands against a launch; empty means go."""
    found = list[Problem]()
    if facts.state not in ({CampaignState.SCHEDULED} if facts.starting else LAUNCHABLE):
        found.append(Problem("state", f"The campaign is {facts.state.value.replace('_', ' ')}, not ready."))
    if facts.approved_sha256 != content_hash(facts.plan):
        found.append(Problem("state", "The campaign was changed after its approval. Submit it again."))
    if facts.typed_name.strip() != facts.plan.name:
        found.append(Problem("name", "Type the campaign's name exactly to launch it."))
    if facts.sending_paused:
        found.append(Problem("state", "All sending is paused for this organisation."))
    if facts.undrilled:
        found.append(Problem("state", facts.undrilled))
    if not facts.sender_verified:
        found.append(Problem("sender_number_id", _UNVERIFIED[facts.plan.pool_id is not None]))
    if needs_second_person(facts.recipients, facts.threshold) and not facts.second_person:
        found.append(
            Problem(
                "state",
                f"The audience has grown to {facts.recipients:,}: a second person must approve. Submit it again.",
            )
        )
    return found


def needs_second_person(recipients: int, threshold: int) -> bool:
    """Say whether a second person must approve an audience of this size."""
    return recipients > threshold
