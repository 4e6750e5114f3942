"""What goes into the gate and what comes out: frozen, small, without behaviour.

``Facts`` is a tuple for speed: an audience of 100,000 is 100,000 of them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

from models.vocabulary import (
    Basis,
    CampaignState,
    Channel,
    Confidence,
    ConsentState,
    Purpose,
    RegistrationState,
    ReleaseState,
    ReplyLabel,
    RuleOutcome,
    ScrubList,
    ScrubVerdict,
    Suppress,
    SuppressionKind,
    Verdict,
)


class Place(NamedTuple):
    """Where a person may be: a state's law and a zone's clock."""

    state: str
    zone: str
    """IANA name."""


class Located(NamedTuple):
    """A place and what led to it."""

    source: str
    """``area_code``, ``property`` or ``mailing``."""
    place: Place


class Span(NamedTuple):
    """Hours of a day in seconds after midnight; the start is in, the end is out."""

    opens: int
    closes: int


class WindowFault(StrEnum):
    """Why an hour does not allow a contact."""

    BEFORE_OPEN = "before_open"
    AFTER_CLOSE = "after_close"
    DAY_PROHIBITED = "day_prohibited"
    HOLIDAY = "holiday"


@dataclass(frozen=True, slots=True, eq=False)
class Window:
    """The hours that one provision allows, by the local clock.

    Attributes:
        key: the provision's key in its pack.
        jurisdiction: ``US``, a state, or ``campaign``.
        days: Monday first; None is a day without contact.
        holidays: calendars (``US``, ``US-RI``) and days (``06-14``, ``05-04/sun``, ``easter-2``, ``election-day``).
        margin_s: the last contact leaves this long before the close.
        zone: an IANA name where the law names a clock of its own instead of the person's.
        effective_from, effective_to: first and last local day in force; None is open.
        citation: the law.
    """

    key: str
    jurisdiction: str
    days: tuple[Span | None, ...]
    holidays: tuple[str, ...] = ()
    margin_s: int = 0
    zone: str | None = None
    effective_from: date | None = None
    effective_to: date | None = None
    citation: str = ""


class Closed(NamedTuple):
    """A window that stands against an instant, at one place."""

    window: Window
    zone: str
    fault: WindowFault


@dataclass(frozen=True, slots=True)
class Cap:
    """At most ``count`` contacts to one person within ``span``."""

    key: str
    count: int
    span: timedelta
    citation: str


@dataclass(frozen=True, slots=True, eq=False)
class Policy:
    """All packs in force, compiled for one channel. Compared by identity; ``version`` names its contents.

    Attributes:
        version: the first twelve hexadecimal digits of the SHA-256 of all packs.
        channel: the way of contact it was compiled for.
        federal: windows that bind everywhere.
        states: windows that bind at a place, by state.
        caps: caps that bind everywhere.
        state_caps: caps that bind when one of the person's places is in the state.
        written_consent: states that ask for prior express written consent, with the citation.
        emergencies: states in which all solicitation is barred at present, with the citation.
        scrub_max_age: how old a clean look-up in the national registry may be.
        basis_months: how many months each basis holds; a basis that is absent holds until revoked.
        keywords: opt-out words of the packs.
        mourning: for how many days a family is left alone after a ``death`` and its ``filing``, and a surviving
            spouse after ``spouse_death`` and ``spouse_filing``; 0 is not at all.
        reassigned_after: an older basis needs a clean look-up of reassigned numbers; None asks for none.
        reassigned_max_age: how old that look-up may be.
    """

    version: str
    channel: Channel
    federal: tuple[Window, ...]
    states: Mapping[str, tuple[Window, ...]]
    caps: tuple[Cap, ...]
    state_caps: Mapping[str, tuple[Cap, ...]]
    written_consent: Mapping[str, str]
    emergencies: Mapping[str, str]
    scrub_max_age: timedelta
    basis_months: Mapping[Basis, int]
    keywords: tuple[str, ...]
    mourning: Mapping[str, int]
    reassigned_after: timedelta | None = None
    reassigned_max_age: timedelta = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Pack:
    """One rule pack as data."""

    name: str
    content: Mapping[str, Any]
    digest: str
    """SHA-256 of the canonical JSON of ``content``, hexadecimal."""


@dataclass(frozen=True, slots=True)
class Ask:
    """Why somebody asks the gate.

    Attributes:
        purpose: ``CHECK`` asks what would be: whether the campaign runs is left out, all else counts.
        channel: the way of contact.
        campaign_id: its basis, hours, budget, sender and earlier texts count.
        step: the campaign's message, 1 for the first.
        sender_number_id: for a text outside a campaign.
    """

    purpose: Purpose = Purpose.CHECK
    channel: Channel = Channel.TEXT
    campaign_id: UUID | None = None
    step: int = 1
    sender_number_id: UUID | None = None


class Recipient(NamedTuple):
    """One person at one number for one property; what is None is unknown or does not apply."""

    lead_id: UUID | None = None
    property_id: UUID | None = None
    person_id: UUID | None = None
    phone_id: UUID | None = None
    e164: str | None = None
    """Only needed where there is no ``phone_id``."""
    message_id: UUID | None = None
    """The text in question; it does not count against itself."""
    send_before: datetime | None = None
    """After this instant the text is stale."""


@dataclass(frozen=True, slots=True)
class Sending:
    """What holds for a whole batch: the organisation, the campaign and the sender."""

    purpose: Purpose
    channel: Channel
    paused: bool
    campaign_id: UUID | None = None
    step: int = 1
    campaign_state: CampaignState | None = None
    basis: Basis | None = None
    window: Window | None = None
    """The campaign's own hours, at the recipient's place."""
    send_before: datetime | None = None
    sender_id: UUID | None = None
    registration: RegistrationState | None = None
    """None when no sender number is chosen."""
    sender_disabled: bool = False
    budget_left: int | None = None
    """Hundredths of a cent; None is no budget set."""


class Facts(NamedTuple):
    """All that the rules may know of one recipient, as of one instant."""

    sending: Sending
    e164: str | None
    line_type: str | None = None
    phone_status: str | None = None
    lead_status: str | None = None
    person_known: bool = False
    person_kind: str | None = None
    deceased: bool = False
    decedent: bool = False
    """The person stands as decedent to any property."""
    roles: Sequence[str] | None = None
    """How the person stands to this property."""
    suppressions: Sequence[str] = ()
    opted_out_at: datetime | None = None
    national: str | None = None
    """Last verdict of the national registry, with ``national_at``."""
    national_at: datetime | None = None
    listed: Sequence[str] = ()
    """Other lists whose last verdict was ``listed``."""
    unchanged_at: datetime | None = None
    """Last look-up that found the number not reassigned, with ``unchanged_since``."""
    unchanged_since: datetime | None = None
    """The day (midnight, UTC) from which on that look-up asked."""
    consent_ids: Sequence[UUID] = ()
    written_at: datetime | None = None
    relationship_at: datetime | None = None
    inquiry_at: datetime | None = None
    consent_revoked: bool = False
    consent_lapsed: bool = False
    """An entry ended by its own date."""
    touches: Sequence[datetime] = ()
    """Contacts with the person within the longest cap, newest first."""
    already: bool = False
    """This step, or this confirmation, has gone out before."""
    inbound_at: datetime | None = None
    """Last text of theirs to us from this number."""
    died_on: date | None = None
    """Last known death among the property's decedents."""
    death_undated: bool = False
    """The property has a decedent whose day of death is not known."""
    filed_on: date | None = None
    """Day on which probate of the property was filed."""
    surviving_spouse: bool = False
    """The person was married to the property's decedent."""
    send_before: datetime | None = None
    places: frozenset[Place] | None = None
    """Everywhere the person may be; None when any hint is unknown. Never guessed."""
    zip5: str | None = None
    property_state: str | None = None
    mailing_state: str | None = None
    billing_state: str | None = None


class Decision(NamedTuple):
    """What the gate says of one recipient at one instant."""

    verdict: Verdict
    later_at: datetime | None
    """Earliest instant that every place and cap allows; only with ``LATER``."""
    reasons: tuple[str, ...]
    """Names of the rules that stand against it, worst first; empty when sendable."""
    unknown: frozenset[str]
    """Those of the reasons that stand because a fact is missing."""
    policy_version: str


class WrittenRule(NamedTuple):
    """One rule of a book as people read it."""

    name: str
    sentence: str
    citation: str


@dataclass(frozen=True, slots=True)
class RuleResult:
    """One rule's word, for a receipt and for people."""

    rule: str
    outcome: RuleOutcome
    sentence: str
    citation: str


@dataclass(frozen=True, slots=True)
class Cleared:
    """Permission for one text, made by ``compliance.service`` alone; void after ``expires_at``."""

    message_id: UUID
    decision_id: UUID
    e164: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Later:
    """Not now; the hour or a frequency cap allows it at ``at``."""

    message_id: UUID
    decision_id: UUID
    at: datetime
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a text may not go, worst first; never empty."""

    message_id: UUID
    decision_id: UUID
    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReplyClass:
    """What a reply means and what it does to consent."""

    label: ReplyLabel
    suppress: Suppress
    confidence: Confidence = field(default=Confidence.HIGH, compare=False)


@dataclass(frozen=True, slots=True)
class Mark:
    """A reason not to contact a number or a person, on its way in."""

    kind: SuppressionKind
    source: str
    """``import``, ``inbound``, ``carrier``, ``manual``, ``scrub``."""
    e164: str | None = None
    person_id: UUID | None = None
    address_key: str | None = None
    evidence: Mapping[str, Any] = field(default_factory=dict[str, Any])
    import_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class Grant:
    """A consent on its way into the ledger; fields follow 16 CFR 310.5(a)(8)."""

    e164: str
    channel: Channel
    basis: Basis
    purpose: str
    shown_text: str
    source: str
    given_at: datetime
    person_id: UUID | None = None
    artefact_sha256: str | None = None
    address: str | None = None
    expires_at: datetime | None = None
    import_id: UUID | None = None
    row_number: int | None = None


@dataclass(frozen=True, slots=True)
class Scrub:
    """What a list said of a number, on its way in; of reassigned ones since ``consent_date``."""

    e164: str
    list: ScrubList
    verdict: ScrubVerdict
    provider: str
    as_of: datetime
    list_version: str | None = None
    import_id: UUID | None = None
    run_id: UUID | None = None
    """The run of look-ups that bought it."""
    consent_date: date | None = None


@dataclass(frozen=True, slots=True)
class ScrubSource:
    """Whose word on many numbers is on its way in."""

    list: ScrubList
    provider: str
    list_version: str
    as_of: datetime


@dataclass(frozen=True, slots=True)
class OptOut:
    """What an opt-out reached; ``phones`` are all that it closes, the number itself included."""

    e164: str
    person_ids: tuple[UUID, ...]
    phones: tuple[str, ...]
    job_id: UUID
    """The job that takes back what is still queued."""


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """A decision in a list."""

    id: UUID
    at: datetime
    channel: Channel
    purpose: Purpose
    verdict: Verdict
    reasons: tuple[str, ...]
    later_at: datetime | None
    policy_version: str
    e164: str | None
    person_id: UUID | None
    person_name: str | None
    lead_id: UUID | None
    campaign_id: UUID | None
    campaign_name: str | None
    message_id: UUID | None
    digest: str
    """Hexadecimal."""


@dataclass(frozen=True, slots=True)
class DecisionFilter:
    """Which decisions to list; None leaves a field open."""

    verdict: Verdict | None = None
    rule: str | None = None
    e164: str | None = None
    person_id: UUID | None = None
    lead_id: UUID | None = None
    campaign_id: UUID | None = None
    message_id: UUID | None = None
    actor_id: UUID | None = None
    purpose: Purpose | None = None
    since: datetime | None = None
    until: datetime | None = None


COUNT_UP_TO = 10_000
"""Rows are counted exactly up to here: enough to read, and quick in a table of millions."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """A decision with everything that it rests on."""

    row: DecisionRow
    body: Mapping[str, Any]
    rules: tuple[RuleResult, ...]
    sealed: bool
    """The decision is part of the organisation's chain."""


@dataclass(frozen=True, slots=True)
class SuppressionRow:
    """A suppression in a list."""

    id: UUID
    kind: SuppressionKind
    e164: str | None
    person_id: UUID | None
    person_name: str | None
    address_key: str | None
    at: datetime
    source: str
    evidence: Mapping[str, Any]
    actor_id: UUID | None
    import_id: UUID | None
    released_at: datetime | None
    released_why: str | None


@dataclass(frozen=True, slots=True)
class ReleaseRow:
    """A wish to lift a suppression, and what the caller may do with it."""

    id: UUID
    state: ReleaseState
    suppression_id: UUID
    kind: SuppressionKind
    e164: str | None
    asked_by: UUID
    asked_by_name: str | None
    person_name: str | None
    why: str
    evidence: str
    asked_at: datetime
    expires_at: datetime
    decided_by_name: str | None
    decided_at: datetime | None
    decided_why: str
    may_decide: bool = False
    """A second person with the permission."""
    may_withdraw: bool = False
    """Who asked."""


@dataclass(frozen=True, slots=True)
class Artefact:
    """A document that shows a consent; its hash in hexadecimal."""

    sha256: str
    media_type: str
    filename: str
    content: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class ConsentFilter:
    """Which entries of the ledger to list; None leaves a field open."""

    id: UUID | None = None
    e164: str | None = None
    person_id: UUID | None = None
    basis: Basis | None = None
    state: ConsentState | None = None


@dataclass(frozen=True, slots=True)
class ConsentRow:
    """An entry of the consent ledger in a list."""

    id: UUID
    e164: str
    person_id: UUID | None
    person_name: str | None
    channel: Channel
    basis: Basis
    purpose: str
    shown_text: str
    source: str
    given_at: datetime
    expires_at: datetime | None
    recorded_at: datetime
    revoked_at: datetime | None
    actor_id: UUID | None
    import_id: UUID | None
    row_number: int | None
    artefact_sha256: str | None
    state: ConsentState


@dataclass(frozen=True, slots=True)
class Overview:
    """What the gate did of late, and what it goes by."""

    since: datetime
    until: datetime
    by_verdict: Mapping[str, int]
    by_rule: Mapping[str, int]
    """How often each rule stood against a text, the most frequent first."""
    by_day: tuple[tuple[date, Mapping[str, int]], ...]
    """Counts by verdict of each day, oldest first; days are of the organisation's own time zone."""
    suppressions: Mapping[str, int]
    """Standing suppressions by kind."""
    consents: int
    """Consents that stand."""
    policy_version: str


@dataclass(frozen=True, slots=True)
class Closure:
    """What an opt-out closed, read back by the job that takes queued texts back."""

    kind: SuppressionKind
    source: str
    at: datetime
    actor_id: UUID | None
    phones: tuple[str, ...]
    lead_ids: tuple[UUID, ...]
