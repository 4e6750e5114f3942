"""The texts of a plan: what is wrong with them, who reads which, and by what each person's wording is chosen."""

from __future__ import annotations

from uuid import UUID

from leadflow.campaigns.types import Plan, Problem
from leadflow.messaging.errors import UnresolvedField
from leadflow.messaging.rules.fields import MERGE_FIELDS
from leadflow.messaging.rules.templates import names


def field_of(position: int) -> str:
    """Name a message of the sequence as a field of the builder."""
    return "template" if position == 1 else f"steps.{position}"


def faulty(plan: Plan) -> list[Problem]:
    """List what is wrong with the texts, each at its message."""
    found = list[Problem]()
    for position, step in enumerate(plan.steps, 1):
        for number, label in enumerate(plan.labels):
            text = step.template if number == 0 else step.others.get(label, "")
            if not text and number:
                continue
            found += [Problem(field_of(position), _where(plan, position, label) + said) for said in _wrong(text, plan)]
    return found


def _wrong(text: str, plan: Plan) -> list[str]:
    if not text:
        return ["Write the message."]
    try:
        asked = names(text, plan.snippets)
    except UnresolvedField as error:
        return [error.message]
    return [f"There is no merge field called “{name}”." for name in asked if name not in MERGE_FIELDS]


def _where(plan: Plan, position: int, label: str) -> str:
    """Say which text is meant, where there are several."""
    parts = [f"message {position}"] if len(plan.steps) > 1 else []
    parts += [f"variant {label}"] if len(plan.labels) > 1 else []
    said = ", ".join(parts)
    return f"{said[0].upper()}{said[1:]}: " if said else ""


def split_seed(campaign_id: UUID, person_id: UUID | None, phone_id: UUID | None) -> str:
    """Say by what a person's variant is drawn; ``queries.drafts.freeze`` draws by the same."""
    return f"{campaign_id}:{person_id or phone_id}"


def spin_seed(campaign_id: UUID, person_id: UUID | None, phone_id: UUID | None, position: int) -> str:
    """Say by what the wording of a person's text is chosen: a text that is written anew reads the same."""
    return f"{split_seed(campaign_id, person_id, phone_id)}:{position}"
