"""What the board, follow-ups, timelines, histories and exports speak of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Literal
from uuid import UUID

from leadflow.leads.types import LeadRow, Named
from models.vocabulary import ActivityKind, FieldKind, LeadStatus, Role


class TaskWhen(StrEnum):
    """By when a follow-up is due, by the team's clock."""

    OVERDUE = "overdue"
    TODAY = "today"
    WEEK = "week"
    """Within seven days after today."""
    LATER = "later"
    UNDATED = "undated"
    DONE = "done"


@dataclass(frozen=True, slots=True)
class TaskFilter:
    """Which follow-ups to list.

    Attributes:
        when: by when they are due.
        whose: a member, ``none`` for what nobody has, None for everybody's.
    """

    when: TaskWhen = TaskWhen.OVERDUE
    whose: UUID | Literal["none"] | None = None


@dataclass(frozen=True, slots=True)
class TaskChange:
    """What to change on a follow-up; what is None stays, ``none`` takes away."""

    title: str | None = None
    due_at: datetime | Literal["none"] | None = None
    assignee_id: UUID | Literal["none"] | None = None


@dataclass(frozen=True, slots=True)
class Stage:
    """A column of the board.

    Attributes:
        status: of the leads in it.
        count: leads, exactly.
        value: their estimated values together, in cents.
    """

    status: LeadStatus
    count: int
    value: int


@dataclass(frozen=True, slots=True)
class Card:
    """A lead on the board.

    Attributes:
        row: the lead.
        since: when it came into its status.
        days: whole days that it has stood there.
        age: ``fresh``, ``slow`` or ``stale``; closed leads never age.
    """

    row: LeadRow
    since: datetime
    days: int
    age: str


@dataclass(frozen=True, slots=True)
class Taken:
    """A file on its way out."""

    filename: str
    chunks: Iterator[bytes]


class TimelinePart(StrEnum):
    """A part of a lead's timeline."""

    TEXTS = "texts"
    CALLS = "calls"
    NOTES = "notes"
    TASKS = "tasks"
    EDITS = "edits"
    IMPORTS = "imports"
    COMPLIANCE = "compliance"


PARTS: Mapping[TimelinePart, tuple[ActivityKind, ...]] = {
    TimelinePart.TEXTS: (ActivityKind.TEXT_OUT, ActivityKind.TEXT_FAILED, ActivityKind.TEXT_IN, ActivityKind.CLICKED),
    TimelinePart.CALLS: (ActivityKind.CALL,),
    TimelinePart.NOTES: (ActivityKind.NOTE,),
    TimelinePart.TASKS: (ActivityKind.TASK,),
    TimelinePart.EDITS: (ActivityKind.STATUS, ActivityKind.EDITED),
    TimelinePart.IMPORTS: (ActivityKind.CREATED, ActivityKind.IMPORTED),
    TimelinePart.COMPLIANCE: (ActivityKind.BLOCKED, ActivityKind.OPT_OUT, ActivityKind.SUPPRESSED),
}
"""Which entries belong to it; every kind belongs to one."""


class ChangedBy(StrEnum):
    """What changed a field."""

    EDIT = "edit"
    BULK = "bulk"
    IMPORT = "import"
    MERGE = "merge"
    UNDO = "undo"


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field that became something else.

    Attributes:
        field: its name among the columns, ``custom.…`` for an own one, ``phone:…`` for a number's state.
        label: the same for people.
        before: in words; empty for nothing.
        after: likewise.
    """

    field: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class HistoryEntry:
    """What changed at one instant, by whom, and where it came from."""

    id: UUID
    at: datetime
    by: ChangedBy
    actor: Named | None
    source: str
    """For people: the file with its row, the bulk edit, the merge."""
    href: str
    """Where that is shown; empty for nowhere."""
    changes: tuple[FieldChange, ...]


@dataclass(frozen=True, slots=True)
class RawEntry:
    """One entry of a timeline as it is recorded."""

    id: UUID
    at: datetime
    kind: ActivityKind
    summary: str
    actor: Named | None
    detail: Mapping[str, Any]
    filename: str | None
    """Of the import that it names."""
    pinned: bool = False
    edited: bool = False


@dataclass(frozen=True, slots=True)
class NoteState:
    """A note as it is held for a change."""

    id: UUID
    actor_id: UUID | None
    text: str
    pinned_at: datetime | None
    deleted_at: datetime | None


@dataclass(frozen=True, slots=True)
class MentionRow:
    """A note that names the reader, and waits to be read."""

    id: UUID
    at: datetime
    lead_id: UUID
    entry_id: UUID
    street: str
    owner: str
    text: str
    author: str


@dataclass(frozen=True, slots=True)
class RawChange:
    """What is recorded of one instant: an entry of the timeline, or what an import replaced."""

    at: datetime
    id: UUID
    actor: Named | None
    kind: ActivityKind | None
    """None for an import."""
    detail: Mapping[str, Any]
    before: Mapping[str, Any]
    after: Mapping[str, Any]
    import_id: UUID | None
    filename: str | None
    row: int | None
    undone: bool
    """The import was taken back since."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """How ids are written for people.

    Attributes:
        names: of members, lists and tags, by id.
        fields: name and kind of the organisation's own fields, by id.
        role: of who reads; an auditor's numbers are masked.
    """

    names: Mapping[str, str]
    fields: Mapping[str, tuple[str, FieldKind]]
    role: Role


@dataclass(frozen=True, slots=True)
class MergedRow:
    """One row that a merge changed."""

    merge_id: str
    table: str
    before: Mapping[str, Any]
    after: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class ClaimRow:
    """A lead on which somebody works."""

    lead_id: UUID
    street: str
    user_id: UUID
    name: str
    until: datetime
