"""What goes into the send machine, what the carrier answers, and what the inbox shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from models.vocabulary import MessageState, Purpose, ReplyLabel

# What the carrier answers


class Consequence(StrEnum):
    """What a carrier's error code asks us to do; the table is ``rules.codes``."""

    INVALID_NUMBER = "invalid_number"
    """No such number."""
    DEAD_NUMBER = "dead_number"
    """The number existed and does not any more."""
    LANDLINE = "landline"
    """The line takes no texts."""
    OPT_OUT = "opt_out"
    """The person opted out at the carrier: suppress, everywhere."""
    STOP_SENDER = "stop_sender"
    """Our number may not send: nothing more from it until somebody has looked."""
    STOP_ACCOUNT = "stop_account"
    """The account may not send."""
    BACK_OFF = "back_off"
    """Too fast: the text was not taken and may go later."""
    FILTERED = "filtered"
    """A carrier filter stopped it; never the same text again."""
    UNREACHABLE = "unreachable"
    """The handset was off or the fault is unknown; the number may still be good."""
    CONTENT = "content"
    """The text itself is at fault."""
    NONE = "none"
    """Only this text is concerned."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """The carrier has the text."""

    sid: str
    segments: int
    """As the carrier counts; 0 when it has not counted yet."""


@dataclass(frozen=True, slots=True)
class Rejected:
    """The carrier refused this text for good; it was not sent."""

    code: int | None
    consequence: Consequence


@dataclass(frozen=True, slots=True)
class NotSent:
    """The text certainly did not reach the carrier, or it said so; it may go later."""

    retry_after: timedelta
    reason: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The text may have reached the carrier. Never sent again blindly."""

    reason: str


Outcome = Accepted | Rejected | NotSent | Unknown


@dataclass(frozen=True, slots=True)
class Listed:
    """A text as the carrier lists it."""

    sid: str
    to: str
    from_: str
    body: str
    status: str
    error_code: int | None
    segments: int
    created: datetime


# What the machine works with


class Event(StrEnum):
    """What can happen to a message; ``rules.machine`` says where each leads."""

    CLAIM = "claim"
    RELEASE = "release"
    """The claim ended without submission: lease over, hour closed, no budget."""
    BLOCK = "block"
    EXPIRE = "expire"
    WITHDRAW = "withdraw"
    SUBMIT = "submit"
    RECALL = "recall"
    """Submitted on paper, certainly not posted, and taken back."""
    NOT_SENT = "not_sent"
    REJECT = "reject"
    LOSE = "lose"
    """Nobody knows whether it was sent."""
    REQUEUE = "requeue"
    """The carrier showed twice that it never had it."""
    GIVE_UP = "give_up"
    ACCEPT = "accept"
    SENT = "sent"
    DELIVER = "deliver"
    UNDELIVER = "undeliver"
    FAIL = "fail"


class Draft(NamedTuple):
    """One text to queue.

    Attributes:
        e164: the recipient.
        body: as it will be sent; every merge field is filled in.
        reasons: if any, the text is stored as blocked and never sent.
        not_before: it waits until then.
    """

    e164: str
    body: str
    lead_id: UUID | None = None
    property_id: UUID | None = None
    person_id: UUID | None = None
    phone_id: UUID | None = None
    reasons: tuple[str, ...] = ()
    not_before: datetime | None = None


class Held(NamedTuple):
    """A message in the hands of one sender until its lease ends."""

    id: UUID
    fence: int
    e164: str
    body: str
    sender: str
    """Our number."""
    sender_id: UUID
    campaign_id: UUID | None
    step: int
    purpose: Purpose
    lead_id: UUID | None
    property_id: UUID | None
    person_id: UUID | None
    phone_id: UUID | None
    cost: int
    """Quoted, in hundredths of a cent."""
    send_before: datetime | None
    actor_id: UUID | None


class Batch(NamedTuple):
    """What one sender claimed, and when it may claim again."""

    held: tuple[Held, ...]
    again_at: datetime | None
    """None when nothing more is due; else the instant at which the rate allows the next."""


class Result(NamedTuple):
    """The carrier's word on one held message."""

    id: UUID
    fence: int
    outcome: Outcome


class Doubt(NamedTuple):
    """An unknown message, for the reconciler."""

    org_id: UUID
    id: UUID
    fence: int
    e164: str
    sender: str
    body: str
    submitted_at: datetime
    empty_lists: int
    last_reconciled_at: datetime | None
    reconcile_count: int
    send_before: datetime | None
    live: bool
    """It belongs to no campaign or to a running one."""


@dataclass(frozen=True, slots=True)
class Found:
    """The carrier has it after all."""

    listed: Listed


@dataclass(frozen=True, slots=True)
class LookAgain:
    """Too early to say."""

    at: datetime
    counted: bool
    """This empty list counts as one of the two that prove absence."""


@dataclass(frozen=True, slots=True)
class Absent:
    """Proved not to be at the carrier, and still wanted: it goes back to the queue, through the gate."""


@dataclass(frozen=True, slots=True)
class Hopeless:
    """A person has to look."""

    reason: str


Finding = Found | LookAgain | Absent | Hopeless


# Webhooks


class StatusCallback(NamedTuple):
    """One stored callback, for applying."""

    id: UUID
    message_id: UUID | None
    sid: str
    status: str
    error_code: int | None
    sender: str
    received_at: datetime


@dataclass(frozen=True, slots=True)
class Inbound:
    """A text that somebody sent to one of our numbers, as the carrier posts it."""

    sid: str
    from_: str
    to: str
    body: str
    opt_out_type: str | None = None


@dataclass(frozen=True, slots=True)
class Sent:
    """What ``send`` did in one slice of time."""

    claimed: int = 0
    posted: int = 0
    again_at: datetime | None = None
    """When there is more to do; None when the queue is empty."""


# The inbox


class Folder(StrEnum):
    """A part of the inbox."""

    ALL = "all"
    UNREAD = "unread"
    INTERESTED = "interested"
    WRONG_NUMBER = "wrong_number"
    OPT_OUTS = "opt_outs"
    NEEDS_REVIEW = "needs_review"


class ConversationOutcome(StrEnum):
    """What an agent makes of a conversation, with one key."""

    INTERESTED = "interested"
    NOT_INTERESTED = "not_interested"
    WRONG_NUMBER = "wrong_number"
    DNC = "dnc"
    """Never contact again, by the team's own list."""
    REVIEWED = "reviewed"
    """Looked at; nothing follows. Unlocks a conversation."""


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
    outcome: str | None
    locked: bool
    suppressed: bool
    """The number may not be texted any more."""


@dataclass(frozen=True, slots=True)
class Bubble:
    """One text of a conversation, either way."""

    id: UUID
    direction: str
    """``in`` or ``out``."""
    at: datetime
    body: str
    state: MessageState | None
    label: ReplyLabel | None
    reasons: tuple[str, ...]
    error_code: int | None
    segments: int | None


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation with its texts, oldest first."""

    row: ConversationRow
    bubbles: tuple[Bubble, ...]


@dataclass(frozen=True, slots=True)
class Inbox:
    """A page of conversations."""

    rows: tuple[ConversationRow, ...]
    after: str | None
    """Cursor of the next page; None on the last."""
    counts: Mapping[Folder, int]
    """Conversations in each folder."""


@dataclass(frozen=True, slots=True)
class Quote:
    """What a text costs."""

    segments: int
    encoding: str
    """``GSM-7`` or ``UCS-2``."""
    cost: int
    """Hundredths of a cent."""
