"""What the board, follow-ups and exports speak of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal
from uuid import UUID

from leadflow.leads.types import LeadRow
from models.vocabulary import LeadStatus


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
