"""What goes into the send machine, what the carrier answers, and what the inbox shows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from uuid import UUID

from leadflow.compliance.types import Cleared
from models.vocabulary import MessageState, Purpose, Weather

VERIFIED_ELSEWHERE = "verified_elsewhere"
"""Why a text is not sent when the right person has answered at another number of the property."""


@dataclass(frozen=True, slots=True)
class Carriers:
    """How this process reaches the carrier, and how the carrier reaches us.

    Attributes:
        api_url: the carrier's REST interface; no slash at the end.
        account_sid: account.
        auth_token: signs webhooks and our requests; empty means that no webhook is trusted.
        public_url: the address under which the carrier calls us; no slash at the end.
        secondary_token: also accepted on webhooks while the first is rotated.
    """

    api_url: str
    account_sid: str
    auth_token: str = field(repr=False)
    public_url: str
    secondary_token: str = field(default="", repr=False)


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
        send_before: it expires then, or when its campaign's texts do, whichever comes first.
        variant: which variant of the step it is.
        attempt: 2 or more for one that is sent anew because nobody got the one before.
    """

    e164: str
    body: str
    lead_id: UUID | None = None
    property_id: UUID | None = None
    person_id: UUID | None = None
    phone_id: UUID | None = None
    reasons: tuple[str, ...] = ()
    not_before: datetime | None = None
    send_before: datetime | None = None
    variant: str | None = None
    attempt: int = 1


class Held(NamedTuple):
    """A message in the hands of one sender until its lease ends; ``fence`` is the one it will have once submitted."""

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


class Submission(NamedTuple):
    """A text that is committed as submitting and may be posted, with the permission to do so."""

    held: Held
    cleared: Cleared
    at: datetime
    """When it was submitted on paper; its reservation is charged to this instant's month."""


class Batch(NamedTuple):
    """What one sender took, and when it may look again."""

    submissions: tuple[Submission, ...]
    taken: int = 0
    """Texts that were decided, sendable or not."""
    again_at: datetime | None = None
    """None when nothing more is due; else the instant at which a text is due or the rate allows one."""


class Result(NamedTuple):
    """The carrier's word on one submission."""

    submission: Submission
    outcome: Outcome


class Lane(NamedTuple):
    """A stream of texts of one sender: a running campaign, or (None) replies and confirmations."""

    campaign_id: UUID | None
    per_minute: int
    recent: int
    oldest: datetime | None


class Settled(NamedTuple):
    """A text that has left the carrier's hands or ours, for the books."""

    id: UUID
    campaign_id: UUID | None
    lead_id: UUID | None
    e164: str
    sender_id: UUID
    body: str
    actor_id: UUID | None
    was: MessageState
    """Its state before."""
    reserved: int
    """Hundredths of a cent that were reserved for it; 0 when they were settled before."""
    cost: int
    submitted_at: datetime | None


class Doubt(NamedTuple):
    """A message for the reconciler: nobody knows whether it was sent, or how it ended."""

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
    sender_id: UUID
    campaign_id: UUID | None
    sid: str | None = None
    """The carrier's id: the carrier has it, and only its end is not known."""


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


@dataclass(frozen=True, slots=True)
class Webhook:
    """A call of the carrier's as it came.

    Attributes:
        target: path and query of the address that was called.
        params: the form's fields.
        signature: ``X-Twilio-Signature``.
        settings: ``X-Twilio-Webhooks-Signature-Settings``, if sent.
    """

    target: str
    params: Mapping[str, str]
    signature: str
    settings: str | None = None


class StatusCallback(NamedTuple):
    """One stored callback whose text is known, for applying."""

    id: UUID
    message_id: UUID
    sid: str
    status: str
    error_code: int | None


@dataclass(frozen=True, slots=True)
class Inbound:
    """A text that somebody sent to one of our numbers, as the carrier posts it."""

    sid: str
    from_: str
    to: str
    body: str
    opt_out_type: str | None = None
    """``STOP``, ``START`` or ``HELP`` where the carrier has dealt with the word itself."""
    at: datetime | None = None
    """When it was sent, where we hear of it later than it happened."""


@dataclass(frozen=True, slots=True)
class Sent:
    """What ``send`` did in one slice of time."""

    taken: int = 0
    """Texts that were decided."""
    posted: int = 0
    again_at: datetime | None = None
    """When there is more to do; None when the queue is empty."""


# Weather


@dataclass(frozen=True, slots=True)
class Limits:
    """When an organisation's campaigns have to stop.

    Attributes:
        window: of how many last texts the rates are counted.
        filtered_pct: above which share filtered texts stop a campaign.
        opted_out_pct: the same of opt-outs.
    """

    window: int
    filtered_pct: int
    opted_out_pct: int


class Seen(NamedTuple):
    """Texts of which something is known, and what."""

    texts: int
    filtered: int
    opted_out: int


@dataclass(frozen=True, slots=True)
class Rate:
    """One rate over the last texts; bounds and limit are shares, 0 to 1."""

    kind: Weather
    texts: int
    hits: int
    low: float
    high: float
    limit: float
    over: bool
    """The lower bound is above the limit, of enough texts to say so."""


@dataclass(frozen=True, slots=True)
class Storm:
    """Why a campaign has to stop."""

    rate: Rate
    why: str
    """In words, for the page and the record."""


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the weather: all texts, or those of one template, number or carrier."""

    key: str
    label: str
    texts: int
    filtered: Rate
    opted_out: Rate


@dataclass(frozen=True, slots=True)
class Report:
    """The weather of a campaign or of an organisation's numbers, over the last texts."""

    limits: Limits
    since: datetime | None
    """When the window began: at the last resumption after a storm; None: with the first text."""
    whole: Part
    templates: tuple[Part, ...]
    numbers: tuple[Part, ...]
    carriers: tuple[Part, ...]
    """By the network of the recipient's line, where a look-up has named it; else ``unknown``."""


@dataclass(frozen=True, slots=True)
class Quote:
    """What a text costs."""

    segments: int
    encoding: str
    """``GSM-7`` or ``UCS-2``."""
    cost: int
    """Hundredths of a cent."""
