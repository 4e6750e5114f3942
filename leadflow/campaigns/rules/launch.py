"""May a campaign be approved and launched: what is missing, what was signed, who must sign."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from leadflow.campaigns.types import LaunchFacts, Plan, Problem
from models.vocabulary import CampaignState

DEFAULT_LIFETIME = timedelta(hours=72)
"""A text that could not go out within three days of the launch is stale: it expires (complaints R12)."""

EDITABLE = frozenset({CampaignState.DRAFT, CampaignState.AWAITING_APPROVAL, CampaignState.READY})
PLAN_CHUNK = 2_000
"""Messages written in one transaction; a killed planner goes on after the last chunk."""
LOOK_AGAIN = timedelta(seconds=5)
"""How soon a running campaign is looked at again for its end."""


def content_hash(plan: Plan) -> str:
    """Hash what an approval signs: every field that changes who gets what, when and why."""
    signed = {
        "name": plan.name,
        "audience": plan.audience_filter,
        "basis": plan.basis,
        "template": plan.template,
        "sender": str(plan.sender_number_id),
        "per_minute": plan.per_minute,
        "window": [plan.window_start.isoformat(), plan.window_end.isoformat()],
        "weekdays": sorted(plan.weekdays),
        "send_before": plan.send_before.astimezone(UTC).isoformat() if plan.send_before else None,
        "budget": plan.budget_cents,
    }
    return hashlib.sha256(json.dumps(signed, sort_keys=True).encode()).hexdigest()


def incomplete(plan: Plan, unknown_fields: Sequence[str], *, sender_verified: bool, now: datetime) -> list[Problem]:
    """List what is missing before anybody may approve it.

    Args:
        plan: the campaign as it stands.
        unknown_fields: merge fields in the template that are that nobody has.
        sender_verified: the sender number's 10DLC registration is verified.
        now: aware UTC.
    """
    found = list[Problem]()
    if plan.basis is None:
        found.append(Problem("basis", "Say why these people may be contacted."))
    if not plan.template:
        found.append(Problem("template", "Write the message."))
    found += [Problem("template", f"There is no merge field called “{name}”.") for name in unknown_fields]
    if plan.sender_number_id is None:
        found.append(Problem("sender_number_id", "Choose a number to send from."))
    elif not sender_verified:
        found.append(
            Problem("sender_number_id", "This number's 10DLC registration is not verified; carriers would refuse it.")
        )
    if plan.window_start >= plan.window_end:
        found.append(Problem("window_end", "The window must end after it starts."))
    if plan.send_before is not None and plan.send_before <= now:
        found.append(Problem("send_before", "“Send before” lies in the past."))
    return found


def may_launch(facts: LaunchFacts) -> list[Problem]:
    """List what stands against a launch; empty means go."""
    found = list[Problem]()
    if facts.state is not CampaignState.READY:
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
        found.append(Problem("sender_number_id", "The sender number's 10DLC registration is not verified."))
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
