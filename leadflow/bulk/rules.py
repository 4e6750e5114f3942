"""Decides what an edit of many leads comes to: outcomes, words, and until when it can be taken back. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from leadflow.bulk.types import UNDO_FOR, BulkRow, ChosenLeads, Kept
from leadflow.kernel import paging
from leadflow.kernel.errors import Invalid
from leadflow.leads.types import LeadFilter
from models.vocabulary import BulkOutcome, BulkState, JobState

_UNDOABLE = frozenset({BulkState.DONE, BulkState.STOPPED, BulkState.FAILED})
_UNDER_WAY = frozenset({BulkState.WAITING, BulkState.RUNNING})
_WORDS = {
    "add_tag": "Tag “{}”",
    "remove_tag": "Take away the tag “{}”",
    "add_list": "Put on the list “{}”",
    "remove_list": "Take off the list “{}”",
    "remove": "Remove: {}",
}


def remembered(chosen: ChosenLeads) -> dict[str, Any]:
    """Write which leads were chosen, to choose them again when the edit begins; named ones are written down at once."""
    if chosen.filter is None:
        return {"ids": len(set(chosen.ids))}
    return {"filter": chosen.filter, "except": [str(one) for one in chosen.except_ids]}


def chosen_again(kept: Mapping[str, Any]) -> ChosenLeads:
    """Read what ``remembered`` wrote of a filter."""
    return ChosenLeads(filter=kept["filter"], except_ids=tuple(UUID(one) for one in kept["except"]))


def recorded(change: Mapping[str, Any]) -> dict[str, Any]:
    """Write a change for the record of acts: a reason may name somebody, and nothing is ever taken out of there."""
    return {name: True if name == "remove" else value for name, value in change.items()}


def told(chosen: ChosenLeads, leads: int) -> dict[str, Any]:
    """Write how many leads were chosen and by what kinds of conditions, for the record of acts.

    What was typed may be a name or a number.
    """
    if chosen.filter is None:
        return {"leads": leads}
    return {"leads": leads, "filter": LeadFilter.read(chosen.filter).kinds(), "except": len(chosen.except_ids)}


def outcome(there: bool, changed: bool) -> BulkOutcome:  # noqa: FBT001 two facts of one lead
    """Say what became of a lead."""
    if not there:
        return BulkOutcome.GONE
    return BulkOutcome.CHANGED if changed else BulkOutcome.SAME


def after_undo(
    done: Sequence[dict[str, Any]], taken: Sequence[dict[str, Any]]
) -> tuple[BulkOutcome, list[dict[str, Any]]]:
    """Say what became of a lead's changes: undone, or kept with those that stay."""
    stays = [one for one in done if one not in taken]
    return (BulkOutcome.KEPT, stays) if stays else (BulkOutcome.UNDONE, list(done))


def state(kept: Kept) -> BulkState:
    """Say how an edit stands; a job that failed or was stopped before it began has told nobody else."""
    found = BulkState(kept.state)
    if found in _UNDER_WAY and kept.job_state == JobState.FAILED:
        return BulkState.FAILED
    if found in _UNDER_WAY and kept.job_state == JobState.CANCELLED:
        return BulkState.STOPPED
    return found


def undo_until(now_is: BulkState, ended_at: datetime, now: datetime) -> datetime | None:
    """Say until when an edit can be taken back; None when it cannot."""
    until = ended_at + UNDO_FOR
    return until if now_is in _UNDOABLE and now < until else None


def why_not(now_is: BulkState) -> str:
    """Say why an edit cannot be taken back."""
    if now_is in _UNDER_WAY:
        return "This edit is under way. Stop it first, or wait until it has ended."
    if now_is in {BulkState.UNDOING, BulkState.UNDONE}:
        return "This edit was undone already."
    return f"An edit can be undone for {UNDO_FOR.days} days; this one is older."


def row(kept: Kept, now: datetime) -> BulkRow:
    """Make the row of an edit."""
    stands = state(kept)
    return BulkRow(
        id=kept.id,
        change=kept.change,
        chosen=kept.chosen,
        summary=summary(kept.change, kept.assignee),
        state=stands,
        total=kept.total,
        outcomes={BulkOutcome(name): count for name, count in kept.outcomes.items()},
        fault=(kept.job_error or "") if stands is BulkState.FAILED else "",
        asked_at=kept.asked_at,
        asked_by=kept.asked_by or "LeadFlow",
        ended_at=kept.ended_at,
        undone_at=kept.undone_at,
        undo_until=undo_until(stands, kept.ended_at or kept.asked_at, now),
    )


def summary(change: Mapping[str, Any], assignee: str | None) -> str:
    """Write what an edit changes for people."""
    parts = list[str]()
    if "status" in change:
        parts.append(f"Status: {str(change['status']).replace('_', ' ')}")
    if "assignee" in change:
        parts.append(f"Assign to {assignee}" if assignee else "Assign to nobody")
    if change.get("share"):
        parts.append(f"Share out among {len(change['share'])} members")
    parts += [text.format(change[name]) for name, text in _WORDS.items() if name in change]
    return "; ".join(parts)


def entry_mark(after: str | None) -> UUID | None:
    """Read the cursor of a list of entries.

    Raises:
        Invalid: it is none.
    """
    if after is None:
        return None
    (found,) = paging.decode(after, 1)
    try:
        return UUID(found)
    except (AttributeError, TypeError, ValueError) as error:
        raise Invalid("This page marker belongs to another list. Reload it.", "after") from error
