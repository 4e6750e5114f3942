"""What the pages show of a sequence, its start and its stop rules, made from the service's answers."""

from __future__ import annotations

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from leadflow.campaigns.rules.changes import span
from leadflow.campaigns.types import Again, CampaignView, Changes, Progress, StepInput
from leadflow.pages.campaigns.rows import Share, iso, shares
from leadflow.ui.tokens import LEAD
from models.vocabulary import LeadStatus

UNITS = (("1440", "days"), ("60", "hours"), ("1", "minutes"))
"""Minutes of each unit of a wait, largest first."""
PATIENCE = (
    ("120", "2 hours"),
    ("720", "12 hours"),
    ("1440", "1 day"),
    ("2880", "2 days"),
    ("4320", "3 days"),
    ("10080", "7 days"),
)
"""How long a text may wait for its hour."""
ZONES = (
    ("America/New_York", "Eastern"),
    ("America/Chicago", "Central"),
    ("America/Denver", "Mountain"),
    ("America/Phoenix", "Arizona"),
    ("America/Los_Angeles", "Pacific"),
    ("America/Anchorage", "Alaska"),
    ("Pacific/Honolulu", "Hawaii"),
)
LABELS = ("A", "B", "C", "D", "E")
SUMMARY = 60
"""Letters of a message that its tab shows."""
TONES = {"same": "", "gone": "gone", "new": "new"}


@dataclass(frozen=True)
class Stage:
    """One message of the sequence."""

    n: str
    count: str = "0"
    unit: str = "1440"
    wait: str = ""
    """In words; empty for the first."""
    patience: str = "4320"
    summary: str = ""


@dataclass(frozen=True)
class Variant:
    """One share of the audience."""

    label: str
    weight: str
    share: str


@dataclass(frozen=True)
class Rules:
    """When it begins and whom it stops."""

    start: str = ""
    """As a browser's field holds it, by the clock of the zone."""
    start_at: str = ""
    zone: str = ""
    on_reply: bool = True
    on_outcome: bool = True
    statuses: list[str] = field(default_factory=list)
    skip_holidays: bool = False
    words: str = ""


def stages_of(found: CampaignView) -> list[Stage]:
    """Write the messages of a campaign."""
    return [
        Stage(
            n=str(number),
            count=str(step.wait_minutes // _unit(step.wait_minutes)),
            unit=str(_unit(step.wait_minutes)),
            wait=span(step.wait_minutes) if number > 1 else "",
            patience=str(step.good_for_minutes),
            summary=step.template[:SUMMARY],
        )
        for number, step in enumerate(found.steps, 1)
    ]


def _unit(minutes: int) -> int:
    return next((int(size) for size, _ in UNITS if minutes and minutes % int(size) == 0), 1_440)


def variants_of(found: CampaignView) -> list[Variant]:
    """Write the variants of a campaign; none where everybody reads the same."""
    whole = sum(weight for _, weight in found.split)
    return [Variant(label, str(weight), f"{round(100 * weight / whole)} %") for label, weight in found.split]


def rules_of(found: CampaignView) -> Rules:
    """Write when a campaign begins and whom it stops."""
    zone = found.start_zone or "UTC"
    said = [*(["reply"] if found.stop_on_reply else []), *(["outcome"] if found.stop_on_outcome else [])]
    said += [f"{len(found.stop_on_statuses)} statuses"] if found.stop_on_statuses else []
    return Rules(
        start=found.start_at.astimezone(ZoneInfo(zone)).strftime("%Y-%m-%dT%H:%M") if found.start_at else "",
        start_at=iso(found.start_at),
        zone=zone,
        on_reply=found.stop_on_reply,
        on_outcome=found.stop_on_outcome,
        statuses=list(found.stop_on_statuses),
        skip_holidays=found.skip_holidays,
        words=", ".join(said) or "nothing",
    )


def steps_input(found: CampaignView) -> list[StepInput]:
    """Write the messages as an edit takes them."""
    return [
        StepInput(
            template=step.template,
            others=dict(step.others),
            wait_minutes=step.wait_minutes,
            good_for_minutes=step.good_for_minutes,
        )
        for step in found.steps
    ] or [StepInput()]


def text_at(found: CampaignView, position: int, label: str) -> str:
    """Answer the text of one message in one variant, as its author wrote it; empty where it reads the first."""
    step = found.steps[position - 1]
    first = found.split[0][0] if found.split else label
    return step.template if label == first else step.others.get(label, "")


STATUSES = [[str(status), word] for status, (_, word) in LEAD.items() if status is not LeadStatus.NEW]


@dataclass(frozen=True)
class Piece:
    """A part of a text that is the same, gone or new."""

    kind: str
    text: str


@dataclass(frozen=True)
class Difference:
    """One field that an approver looks at."""

    name: str
    label: str
    before: str
    after: str
    pieces: list[Piece] = field(default_factory=list)


@dataclass(frozen=True)
class Since:
    """What changed since the last approval."""

    first: bool = True
    approver: str = ""
    at: str = ""
    rows: list[Difference] = field(default_factory=list)


def since_of(found: Changes) -> Since:
    """Write what changed."""
    return Since(
        first=found.first,
        approver=found.approver,
        at=iso(found.approved_at),
        rows=[
            Difference(one.field, one.label, one.before, one.after, [Piece(kind, text) for kind, text in one.words])
            for one in found.changes
        ],
    )


@dataclass(frozen=True)
class StageCourse:
    """Where the audience stands with one message."""

    n: str
    wait: str
    shares: list[Share]
    reached: str


@dataclass(frozen=True)
class VariantCourse:
    """How one variant does."""

    label: str
    members: str
    reached: str
    replied: str
    rate: str
    opted_out: str
    followed: str


@dataclass(frozen=True)
class Failure:
    """Failed texts that may be sent anew."""

    reason: str
    label: str
    count: str
    certain: bool


@dataclass(frozen=True)
class Echo:
    """What came back."""

    replied: str = "0"
    opted_out: str = "0"
    stopped: str = "0"
    followed: str = ""
    """Empty where no text had a link of ours."""
    stages: list[StageCourse] = field(default_factory=list)
    variants: list[VariantCourse] = field(default_factory=list)


def echo_of(found: Progress, stages: list[Stage]) -> Echo:
    """Write what came back, and where each message stands."""
    waits = {stage.n: stage.wait for stage in stages}
    return Echo(
        replied=f"{found.replied:,}",
        opted_out=f"{found.opted_out:,}",
        stopped=f"{found.stopped:,}",
        followed="" if found.followed is None else f"{found.followed:,}",
        stages=[
            StageCourse(
                n=str(step.position),
                wait=waits.get(str(step.position), ""),
                shares=shares(step.tally, found.audience),
                reached=f"{step.tally.delivered + step.tally.moving:,}",
            )
            for step in found.steps
        ],
        variants=[
            VariantCourse(
                label=one.label,
                members=f"{one.members:,}",
                reached=f"{one.reached:,}",
                replied=f"{one.replied:,}",
                rate=f"{100 * one.replied / one.reached:.1f} %" if one.reached else "-",
                opted_out=f"{one.opted_out:,}",
                followed="-" if one.followed is None else f"{one.followed:,}",
            )
            for one in found.variants
        ],
    )


def failures_of(found: list[Again]) -> list[Failure]:
    """Write which failed texts may be sent anew."""
    return [Failure(one.reason, one.label, f"{one.count:,}", one.certain) for one in found]
