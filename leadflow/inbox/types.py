"""Conversations as people see them, and what they do with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from leadflow.compliance.types import Decision
from leadflow.leads.types import Claim
from models.vocabulary import Confidence, MessageState, ReplyLabel


class Folder(StrEnum):
    """A part of the inbox. What is put off stands in ``SNOOZED`` and ``ALL`` only, until it comes back."""

    ALL = "all"
    UNREAD = "unread"
    WAITING = "waiting"
    """Unread, and whatever is locked over a legal threat, read or not."""
    MINE = "mine"
    UNASSIGNED = "unassigned"
    INTERESTED = "interested"
    WRONG_NUMBER = "wrong_number"
    OPT_OUTS = "opt_outs"
    NEEDS_REVIEW = "needs_review"
    """Locked, or held until a person has read the reply; never put off."""
    SNOOZED = "snoozed"


class ConversationOutcome(StrEnum):
    """What somebody makes of a conversation, with one key."""

    VERIFIED = "verified"
    """The right person: the number is correct, and other numbers of the property are not texted any more."""
    QUALIFIED = "qualified"
    """Worth an offer: the lead moves to interested and gets a follow-up."""
    PRIORITY = "priority"
    """To be worked before others."""
    WRONG_NUMBER = "wrong_number"
    DNC = "dnc"
    """Never contact again, by the team's own list; asks for a reason."""
    INTERESTED = "interested"
    NOT_INTERESTED = "not_interested"
    REVIEWED = "reviewed"
    """Looked at; nothing follows. Unlocks a conversation."""


class PresenceKind(StrEnum):
    """What a colleague does in a conversation."""

    VIEWING = "viewing"
    REPLYING = "replying"


@dataclass(frozen=True, slots=True)
class ConversationRow:
    """A conversation in the list."""

    id: UUID
    e164: str
    sender: str
    person_id: UUID | None
    person_name: str | None
    lead_id: UUID | None
    street: str | None
    last_at: datetime
    snippet: str
    unread: int
    label: ReplyLabel | None
    confidence: Confidence | None
    """How sure the machine is of the label; None where a person gave it."""
    outcome: str | None
    locked: bool
    priority: bool
    snoozed_until: datetime | None
    """Only while it is put off."""
    assignee_id: UUID | None
    assignee: str
    waits_since: datetime | None
    """The first text of theirs that nobody has answered or settled."""
    suppressed: bool
    """The number may not be texted any more."""


@dataclass(frozen=True, slots=True)
class Bubble:
    """One text of a conversation, either way, or a call."""

    id: UUID
    direction: str
    """``in``, ``out`` or ``call``."""
    at: datetime
    body: str
    state: MessageState | None
    label: ReplyLabel | None
    confidence: Confidence | None
    read_as: ReplyLabel | None
    """What the machine made of it, where a person has given another label since."""
    reasons: tuple[str, ...]
    error_code: int | None
    segments: int | None
    by: str
    """Who wrote it, or who labelled it anew; empty for the system."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation with its texts, oldest first."""

    row: ConversationRow
    bubbles: tuple[Bubble, ...]
    undoable: ConversationOutcome | None
    """The last outcome, while it can be undone."""
    claim: Claim | None = None
    """Who works on its lead at this moment."""


@dataclass(frozen=True, slots=True)
class Reached:
    """Whom a number of a lead means."""

    property_id: UUID
    person_id: UUID
    phone_id: UUID


@dataclass(frozen=True, slots=True)
class Begun:
    """The conversation in which a first text can be written."""

    conversation_id: UUID


@dataclass(frozen=True, slots=True)
class Closed:
    """Why no first text may go, worst first; never empty."""

    reasons: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of conversations."""

    rows: tuple[ConversationRow, ...]
    after: str | None
    """Cursor of the next page; None on the last."""
    counts: Mapping[Folder, int]
    """Conversations in each folder."""


@dataclass(frozen=True, slots=True)
class Window:
    """Whether an answer may go out now, and for how long."""

    decision: Decision
    clocks: tuple[tuple[str, str], ...]
    """Zone and wall clock of every place where the person may be."""
    closes_at: datetime | None
    now: datetime


@dataclass(frozen=True, slots=True)
class Present:
    """A colleague who is at a conversation at this moment."""

    user_id: UUID
    name: str
    kind: PresenceKind


@dataclass(frozen=True, slots=True)
class Undone:
    """What an undo came to."""

    outcome: ConversationOutcome
    lifted: bool
    """False: a suppression stands until a second person grants its release."""
    release_ids: tuple[UUID, ...] = ()
    """Wishes for a second person."""


@dataclass(frozen=True, slots=True)
class Relabeled:
    """What another label came to."""

    label: ReplyLabel
    held_before: int
    """Holds for review that are lifted, because a person has read the reply."""
    release_ids: tuple[UUID, ...]
    """Wishes for a second person: what the machine's label suppressed stands until then."""


class CannedInput(BaseModel):
    """An answer to keep ready."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str = Field(min_length=1, max_length=60)
    body: str = Field(min_length=1, max_length=1600)
    key: int | None = Field(default=None, ge=1, le=9)
    shared: bool = False
    """For the whole organisation instead of only for oneself."""


@dataclass(frozen=True, slots=True)
class CannedRow:
    """An answer that is kept ready."""

    id: UUID
    name: str
    body: str
    key: int | None
    shared: bool
    segments: int
    """Of the template itself, as the least that a text of it will have."""
    may_change: bool


@dataclass(frozen=True, slots=True)
class Filled:
    """An answer that is kept ready, written for one conversation."""

    id: UUID
    name: str
    key: int | None
    body: str
    """Empty where a field has no value for this person."""
    missing: str
    """Why it cannot be filled in."""
    segments: int


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody whom a conversation can be given to."""

    id: UUID
    name: str
