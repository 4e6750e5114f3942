"""Inputs, facts and answers of campaigns."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime, time
from enum import StrEnum
from typing import Annotated, Any
from uuid import UUID

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints

from models.vocabulary import STOP_STATUSES, Basis, CampaignState, LeadStatus, Verdict

Text = Annotated[str, StringConstraints(strip_whitespace=True, max_length=1_600)]
Label = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=20)]
MOST_STEPS = 10
MOST_VARIANTS = 5
LONGEST_WAIT = 60 * 24 * 90
"""Minutes between two texts at most: three months."""
LONGEST_LIFE = 60 * 24 * 14
"""Minutes that a text may wait for its hour at most: two weeks."""
Name = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=120)]


class StepInput(BaseModel):
    """One message of a sequence."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    template: Text = ""
    """What the first variant reads."""
    others: dict[Label, Text] = Field(default_factory=dict)
    """What the further variants read, by label; a label that is not here reads the template."""
    wait_minutes: Annotated[int, Field(ge=0, le=LONGEST_WAIT)] = 0
    """How long after the text before was handed to the carrier; the first has none before it."""
    good_for_minutes: Annotated[int, Field(ge=10, le=LONGEST_LIFE)] = 4_320
    """How long after it is due it may still go; then it expires."""


class VariantInput(BaseModel):
    """A share of the audience that reads the same."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    label: Label
    weight: Annotated[int, Field(ge=1, le=100)] = 1


class CampaignInput(BaseModel):
    """What the builder may change; absent fields stay as they are."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Name | None = None
    audience_filter: dict[str, Any] | None = None
    basis: Basis | None = None
    template: Text | None = None
    """Of the first message; leaves the others as they are."""
    steps: Annotated[list[StepInput], Field(min_length=1, max_length=MOST_STEPS)] | None = None
    """All messages anew, in order."""
    split: Annotated[list[VariantInput], Field(max_length=MOST_VARIANTS)] | None = None
    """Variants; empty where everybody reads the same."""
    sender_number_id: UUID | None = None
    pool_id: UUID | None = None
    """Instead of one number."""
    per_minute: Annotated[int, Field(ge=1, le=3_000)] | None = None
    window_start: time | None = None
    window_end: time | None = None
    weekdays: Annotated[list[Annotated[int, Field(ge=0, le=6)]], Field(min_length=1, max_length=7)] | None = None
    send_before: datetime | None = None
    budget_cents: Annotated[int, Field(ge=0)] | None = None
    start_at: AwareDatetime | None = None
    start_zone: Annotated[str, StringConstraints(strip_whitespace=True, max_length=60)] | None = None
    """IANA name; for showing the start by that place's clock."""
    stop_on_reply: bool = True
    stop_on_outcome: bool = True
    stop_on_statuses: list[LeadStatus] | None = None
    skip_holidays: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One message of a sequence, as ``StepInput`` says it."""

    template: str
    wait_minutes: int = 0
    good_for_minutes: int = 4_320
    others: Mapping[str, str] = field(default_factory=dict[str, str])

    def text(self, variant: str) -> str:
        """Answer what a variant reads."""
        return self.others.get(variant) or self.template


@dataclass(frozen=True, slots=True)
class Plan:
    """Everything that a launch depends on; what an approval signs."""

    name: str
    audience_filter: dict[str, Any]
    basis: Basis | None
    steps: tuple[Step, ...]
    sender_number_id: UUID | None
    per_minute: int
    window_start: time
    window_end: time
    weekdays: tuple[int, ...]
    send_before: datetime | None
    budget_cents: int | None
    split: tuple[tuple[str, int], ...] = ()
    """Variants by label and weight; empty: everybody reads the same."""
    snippets: Mapping[str, str] = field(default_factory=dict[str, str])
    """Those that the texts name, word for word; a name that is not here is of no snippet."""
    start_at: datetime | None = None
    start_zone: str | None = None
    stop_on_reply: bool = True
    stop_on_outcome: bool = True
    stop_on_statuses: tuple[str, ...] = STOP_STATUSES
    skip_holidays: bool = False
    pool_id: UUID | None = None
    """Instead of one number."""

    @property
    def labels(self) -> tuple[str, ...]:
        """Name the variants; there is always one."""
        return tuple(label for label, _ in self.split) or (ONLY,)


ONLY = "A"
"""The variant of a campaign whose audience is not split."""


@dataclass(frozen=True, slots=True)
class LaunchFacts:
    """What ``rules.may_launch`` looks at."""

    state: CampaignState
    plan: Plan
    approved_sha256: str | None
    """Of the last submission that was approved or needed no approval."""
    typed_name: str
    sending_paused: bool
    sender_verified: bool
    recipients: int
    """Whom the audience would address now: it may have grown since the submission."""
    threshold: int
    """Recipients above which a second person must approve."""
    second_person: bool
    """Somebody other than the author approved exactly this plan."""
    undrilled: str
    """Why the rules in force have not passed the drill; empty when they have."""
    starting: bool = False
    """Its scheduled instant has come, and nobody asks but the clock."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a campaign cannot go on, at a named field of the builder."""

    field: str
    message: str


@dataclass(frozen=True, slots=True)
class Fate:
    """What would become of one lead of the audience.

    Attributes:
        verdict: the gate's; blocked also where no text would be written at all.
        reason: the worst one; empty when sendable.
        later_at: when it may go, if later.
        segments: parts of its text.
        state: of the property, two letters; empty when unknown.
    """

    verdict: Verdict
    reason: str = ""
    later_at: datetime | None = None
    segments: int = 0
    state: str = ""


@dataclass(frozen=True, slots=True)
class Tally:
    """The five parts of a campaign's bar; they sum to the audience."""

    delivered: int = 0
    moving: int = 0
    """At the carrier, or on the way there."""
    waiting: int = 0
    """For their hour, or for the next message."""
    failed: int = 0
    withheld: int = 0
    """Nobody texted them: the gate, the window, a STOP, no number."""


@dataclass(frozen=True, slots=True)
class AudienceSize:
    """How many leads a filter finds and whom of them a campaign would address.

    ``leads == no_phone + covered + addressed``.
    """

    leads: int
    no_phone: int
    covered: int
    """Same number or person as another lead of the audience."""
    addressed: int


@dataclass(frozen=True, slots=True)
class CampaignRow:
    """A campaign in the list."""

    id: UUID
    name: str
    state: CampaignState
    audience: int | None
    """Frozen leads; None before the launch."""
    tally: Tally
    author: str
    sender: str
    """Label or number."""
    created_at: datetime
    launched_at: datetime | None
    finished_at: datetime | None
    pause_reason: str | None
    stormbound: bool
    """Its filter or opt-out rate has paused it."""


@dataclass(frozen=True, slots=True)
class Stormbound:
    """A campaign that its filter or opt-out rate has paused."""

    id: UUID
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class CampaignView:
    """A campaign as its page shows it."""

    id: UUID
    name: str
    state: CampaignState
    audience_filter: dict[str, Any]
    basis: Basis | None
    template: str
    """Of the first message."""
    steps: tuple[Step, ...]
    split: tuple[tuple[str, int], ...]
    sender_number_id: UUID | None
    pool_id: UUID | None
    per_minute: int
    rate: int
    """Texts a minute that the campaign, its numbers together and the organisation allow."""
    window_start: time
    window_end: time
    weekdays: list[int]
    send_before: datetime | None
    budget_cents: int | None
    start_at: datetime | None
    start_zone: str | None
    """IANA name; the organisation's where the campaign names none."""
    stop_on_reply: bool
    stop_on_outcome: bool
    stop_on_statuses: tuple[str, ...]
    skip_holidays: bool
    revision: int
    audience_size: int | None
    created_at: datetime
    launched_at: datetime | None
    finished_at: datetime | None
    pause_reason: str | None
    stormbound: bool
    """Its filter or opt-out rate has paused it; whoever resumes it says why."""
    author: str
    submitter: str
    launcher: str
    approval_threshold: int
    """Recipients above which a second person must approve."""
    own: bool
    """The reader wrote or submitted it, so somebody else must approve."""
    problems: tuple[Problem, ...]
    """What is missing before it can be submitted; empty once launched."""


@dataclass(frozen=True, slots=True)
class ApprovalRow:
    """A second person's word, and whether it still holds."""

    id: UUID
    approver: str
    approved_at: datetime
    revision: int
    content_sha256: str
    note: str
    current: bool
    """It signs exactly what the campaign says now."""


@dataclass(frozen=True, slots=True)
class Judged:
    """One lead of the audience with what the gate says of it."""

    lead_id: UUID
    owner: str
    street: str
    city: str
    state: str
    phone: str | None
    verdict: Verdict
    reasons: tuple[str, ...]
    """In words, worst first."""
    later_at: datetime | None


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of the exclusion funnel."""

    reason: str
    label: str
    count: int


@dataclass(frozen=True, slots=True)
class SimulationResult:
    """What would happen to the whole audience if it were launched at ``at``.

    ``audience == sum(bar.count for bar in excluded) + later + sendable``, always.
    """

    at: datetime
    policy_version: str
    audience: int
    excluded: tuple[Bar, ...]
    """Leads that get no text, by the worst reason; largest first."""
    sendable: int
    later: int
    later_bars: tuple[Bar, ...]
    """Those that wait, by reason."""
    by_hour: tuple[tuple[datetime, int], ...]
    """Texts an hour at the throttle, first hour first."""
    by_state: dict[str, dict[str, int]] = field(default_factory=dict[str, dict[str, int]])
    """State → sendable, later, blocked."""
    segments: int = 0
    cost_cents_x100: int = 0
    """Hundredths of a cent, for sendable and later together."""
    minutes: int = 0
    """From ``at`` until the last text leaves, by the throttle."""

    def as_json(self) -> dict[str, Any]:
        """Write it for the database, the API and the CLI."""
        return {
            "at": self.at.isoformat(),
            "policy_version": self.policy_version,
            "audience": self.audience,
            "excluded": [{"reason": b.reason, "label": b.label, "count": b.count} for b in self.excluded],
            "blocked": sum(b.count for b in self.excluded),
            "sendable": self.sendable,
            "later": self.later,
            "later_reasons": [{"reason": b.reason, "label": b.label, "count": b.count} for b in self.later_bars],
            "by_hour": [{"hour": hour.isoformat(), "count": count} for hour, count in self.by_hour],
            "by_state": self.by_state,
            "segments": self.segments,
            "cost_cents_x100": self.cost_cents_x100,
            "minutes": self.minutes,
        }


@dataclass(frozen=True, slots=True)
class Preview:
    """The text as one real recipient would get it."""

    lead_id: UUID
    name: str
    phone: str | None
    body: str
    segments: int
    encoding: str
    unresolved: tuple[str, ...]
    variant: str = ONLY
    most_segments: int = 0
    """Of the longest wording that a spin could choose for this recipient."""


@dataclass(frozen=True, slots=True)
class StepProgress:
    """Where the audience stands with one message; ``by_state`` sums to the audience."""

    position: int
    by_state: dict[str, int]
    tally: Tally


@dataclass(frozen=True, slots=True)
class VariantProgress:
    """How one variant does."""

    label: str
    members: int
    reached: int
    """Members of whom a text was delivered or is at the carrier."""
    replied: int
    opted_out: int
    followed: int | None = None
    """Members who followed a link of theirs; None where no text had one of ours."""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a running campaign stands; ``by_state`` sums to the audience."""

    audience: int
    by_state: dict[str, int]
    spent_cents_x100: int
    last_minute: int
    """Texts submitted in the last sixty seconds."""
    eta: datetime | None
    tally: Tally
    withheld: tuple[Bar, ...]
    """Why nobody texted those withheld, by the worst reason."""
    steps: tuple[StepProgress, ...] = ()
    """By message, where there are several."""
    variants: tuple[VariantProgress, ...] = ()
    """By variant, where there are several."""
    replied: int = 0
    """People of the audience who have written since the launch."""
    opted_out: int = 0
    """Those of them whose number is closed since."""
    stopped: int = 0
    """Members who get no further text, because a stop rule says so."""
    followed: int | None = None
    """Members who followed a link of theirs; None where no text had one of ours."""


@dataclass(frozen=True, slots=True)
class RecipientRow:
    """One lead of the frozen audience with what became of it."""

    lead_id: UUID
    street: str
    owner: str
    phone: str | None
    state: str
    """A message state, or ``excluded``."""
    reasons: tuple[str, ...]
    not_before: datetime | None
    submitted_at: datetime | None
    final_at: datetime | None
    message_id: UUID | None
    decision_id: UUID | None
    step: int = 1
    attempt: int = 1
    variant: str = ONLY
    error_code: int | None = None

    def with_phone(self, phone: str) -> RecipientRow:
        """Show another form of the number."""
        return replace(self, phone=phone)


@dataclass(frozen=True, slots=True)
class Change:
    """One field that differs from what was approved last.

    Attributes:
        field: its name.
        label: in words.
        before: as it was; empty where there was nothing.
        after: as it is.
        words: of a text, its parts in order: ``same``, ``gone`` or ``new``, and the words.
    """

    field: str
    label: str
    before: str
    after: str
    words: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Changes:
    """What an approver has to look at."""

    first: bool
    """Nothing of this campaign was approved before (or only its hash was kept)."""
    approver: str
    approved_at: datetime | None
    revision: int | None
    changes: tuple[Change, ...]
    """In the first approval everything that is set."""


@dataclass(frozen=True, slots=True)
class Again:
    """Texts that failed for one reason and may succeed later."""

    reason: str
    label: str
    count: int
    certain: bool
    """It is proved that nobody got them. Otherwise a person must answer for it."""


class SnippetInput(BaseModel):
    """A piece of text that messages name."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: Annotated[str, StringConstraints(strip_whitespace=True, pattern=r"^[a-z][a-z0-9_]{0,39}$")]
    body: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=800)]


@dataclass(frozen=True, slots=True)
class SnippetRow:
    """A snippet in the list."""

    id: UUID
    name: str
    body: str
    updated_at: datetime
    author: str
    used_in: tuple[str, ...]
    """Names of campaigns whose texts ask for it and that are not launched."""


@dataclass(frozen=True, slots=True)
class Target:
    """About whom a simulation asks: exactly one of these."""

    phone: str | None = None
    """E.164."""
    filter: dict[str, Any] | None = None
    """A filter as the list of leads writes it."""
    campaign_id: UUID | None = None


class Changed(StrEnum):
    """How somebody fares in a simulation, beside how they fare now."""

    BLOCKED = "blocked"
    """Sendable now, and would not be."""
    FREED = "freed"
    """Not sendable now, and would be."""
    MOVED = "moved"
    """Stopped either way, but for good instead of for a while, or until another instant."""
    SAME = "same"


CHANGES = tuple(Changed)


@dataclass(frozen=True, slots=True)
class SupposedRow:
    """One person of a simulation, as things are and as they would be."""

    lead_id: UUID | None
    owner: str
    street: str
    state: str
    phone: str | None
    change: str
    before: Verdict
    after: Verdict
    reasons_before: tuple[str, ...]
    """In words, worst first."""
    reasons_after: tuple[str, ...]
    later_at: datetime | None


@dataclass(frozen=True, slots=True)
class Supposed:
    """Two funnels side by side."""

    before: SimulationResult
    after: SimulationResult
    changes: dict[str, int]
    by_rule: dict[str, int]
    """The newly stopped by the rule that stands against them first, the freed by the one that went."""
    by_hour: tuple[tuple[datetime, int], ...]
    """How many could be sent to at each hour of the week from the instant on."""
    listed: int
    """People that the list holds, shown or not."""
    rows: tuple[SupposedRow, ...]

    def as_json(self) -> dict[str, Any]:
        """Write it for the API and the command line."""
        return {
            "before": self.before.as_json(),
            "after": self.after.as_json(),
            "changes": self.changes,
            "by_rule": self.by_rule,
            "by_hour": [{"hour": hour.isoformat(), "sendable": count} for hour, count in self.by_hour],
            "listed": self.listed,
            "rows": [asdict(row) for row in self.rows],
        }
