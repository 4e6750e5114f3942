"""Edits of many leads as they are asked for and told."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints, model_validator

from leadflow.leads.types import Change, clean
from models.vocabulary import BulkOutcome, BulkState, LeadStatus

NAMED = 10_000
"""Leads that may be named one by one; beyond, a filter says it shorter. Own choice."""
UNDO_FOR = timedelta(days=7)
"""How long an edit can be taken back. Own choice: the next list usually comes within a week."""
KEPT = timedelta(days=30)
"""How long it is shown what became of each lead."""
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=80), BeforeValidator(clean)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200), BeforeValidator(clean)]


class ChosenLeads(BaseModel):
    """Leads by id, or a whole filter except some."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    ids: Annotated[tuple[UUID, ...], Field(max_length=NAMED)] = ()
    filter: dict[str, Any] | None = None
    """A lead filter; ``{}`` is every lead that the caller may see."""
    except_ids: Annotated[tuple[UUID, ...], Field(max_length=NAMED)] = ()

    @model_validator(mode="after")
    def _one_of_both(self) -> ChosenLeads:
        if self.ids and self.filter is not None:
            msg = "Give ids or a filter, not both."
            raise ValueError(msg)
        return self


class BulkChange(BaseModel):
    """What to change; absent fields stay as they are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    status: LeadStatus | None = None
    assignee: UUID | Literal["none"] | None = None
    add_tag: Name | None = None
    remove_tag: Name | None = None
    add_list: Name | None = None
    remove_list: Name | None = None
    remove: Reason | None = None
    """Remove the leads, for this reason; they can be restored."""
    share: Annotated[tuple[UUID, ...], Field(max_length=100)] | None = None
    """Deal the leads out evenly among these members."""

    def read(self) -> Change:
        """Read it for the room of leads."""
        return Change(
            self.status,
            self.assignee,
            self.add_tag,
            self.remove_tag,
            self.add_list,
            self.remove_list,
            self.remove,
            tuple(dict.fromkeys(self.share or ())),
        )

    def as_dict(self) -> dict[str, Any]:
        """Write what changes, as JSON values."""
        return self.model_dump(mode="json", exclude_none=True)


@dataclass(frozen=True, slots=True)
class Preview:
    """What an edit would reach.

    Attributes:
        leads: chosen.
        change: of them, those that are not yet as the edit would make them.
    """

    leads: int
    change: int


@dataclass(frozen=True, slots=True)
class BulkRow:
    """An edit of many leads, and how far it is."""

    id: UUID
    change: Mapping[str, Any]
    chosen: Mapping[str, Any]
    summary: str
    """What changes, in words, with names for ids."""
    state: BulkState
    total: int | None
    outcomes: Mapping[BulkOutcome, int]
    """Leads by what became of them; sums to ``total``."""
    fault: str
    asked_at: datetime
    asked_by: str
    ended_at: datetime | None
    undone_at: datetime | None
    undo_until: datetime | None
    """None where it cannot be taken back."""


@dataclass(frozen=True, slots=True)
class EntryRow:
    """What became of one lead."""

    lead_id: UUID
    street: str
    owner: str
    outcome: BulkOutcome
    did: tuple[str, ...]
    """What was changed, in words."""


@dataclass(frozen=True, slots=True)
class Kept:
    """An edit with the name of who asked, how far its job is, and its outcomes."""

    id: UUID
    change: dict[str, Any]
    chosen: dict[str, Any]
    state: str
    total: int | None
    actor_id: UUID | None
    asked_at: datetime
    ended_at: datetime | None
    undone_at: datetime | None
    asked_by: str | None
    job_id: UUID | None
    job_state: str | None
    job_error: str | None
    assignee: str | None
    """Name of the member whom the leads were given to."""
    outcomes: dict[str, int]
