"""The queue of a day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from models.vocabulary import TurnKind


@dataclass(frozen=True, slots=True)
class Turn:
    """Somebody whose turn has come, why, and what may be done."""

    key: str
    """Stays the same while they wait for the same thing; what was skipped today goes by it."""
    kind: TurnKind
    name: str
    where: str
    why: str
    """The reason, for the chip."""
    since: datetime | None
    lead_id: UUID | None = None
    conversation_id: UUID | None = None
    task_id: UUID | None = None
    snippet: str = ""
    """What they wrote, or what the follow-up says."""
    e164: str = ""
    """The number to try, masked for whom it is; empty where there is none."""
    urgent: bool = False
    may_text: bool = False
    """The gate would let a text go to them now."""
    may_call: bool = False
    """The gate would let a call be placed now."""
    hindrance: str = ""
    """Why neither a text nor a call, in one sentence; empty where one of them may be."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How the team keeps up, for who leads it."""

    unanswered: int
    """Conversations whose first unanswered text is older than ``rules.ANSWER_WITHIN``."""
    paused: int
    """Campaigns that are paused."""
    speed_to_lead_s: int | None
    """Median seconds from a new lead to the first text or call, over the last seven days; None where there was none."""
    first_touches: int
    """Leads that the median is of."""


@dataclass(frozen=True, slots=True)
class Queue:
    """Everybody whose turn has come, in order, as far as they are shown; and how the team keeps up."""

    turns: tuple[Turn, ...]
    more: int
    """Turns beyond those; the leads without a next task are counted up to 10,001."""
    pace: Pace | None


@dataclass(frozen=True, slots=True)
class Reach:
    """How a lead would be reached."""

    lead_id: UUID
    property_id: UUID
    person_id: UUID | None
    phone_id: UUID
    e164: str
    zip5: str
    state: str
