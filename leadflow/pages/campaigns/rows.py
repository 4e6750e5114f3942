"""What the campaign pages show, made from the service's answers: strings that are ready to read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from leadflow.campaigns.rules.funnel import label
from leadflow.campaigns.rules.launch import EDITABLE
from leadflow.campaigns.types import ApprovalRow, AudienceSize, CampaignRow, CampaignView, Preview, Progress, Tally
from leadflow.kernel.money import dollars
from leadflow.kernel.phone import display
from leadflow.messaging.rules.links import shorteners
from leadflow.ui.tokens import CAMPAIGN, MESSAGE
from models.vocabulary import Basis, CampaignState

SHARES: tuple[tuple[str, str, str], ...] = (
    ("delivered", "ok", "Delivered"),
    ("moving", "info", "On the way"),
    ("waiting", "mute", "Waiting"),
    ("failed", "bad", "Failed"),
    ("withheld", "warn", "Not texted"),
)
"""Parts of a campaign's bar: field of ``Tally``, tone, word."""
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
BASES: Mapping[Basis, tuple[str, str]] = {
    Basis.WRITTEN_CONSENT: (
        "Prior express written consent",
        "They signed or ticked a request that named you. Holds until they revoke it, and waives the registries.",
    ),
    Basis.EXISTING_RELATIONSHIP: (
        "Existing relationship",
        "They did business with you within the last eighteen months.",
    ),
    Basis.INQUIRY: ("Inquiry", "They asked you about selling within the last three months."),
}
"""The bases to contact, strongest first: name and what it takes."""


@dataclass(frozen=True)
class Share:
    """One part of a bar."""

    tone: str
    label: str
    count: str
    width: str
    href: str = ""


@dataclass(frozen=True)
class Line:
    """A campaign in the list."""

    id: str
    name: str
    href: str
    state: str
    note: str
    audience: str
    done: str
    when: str
    when_label: str
    sender: str
    shares: list[Share]


def line(row: CampaignRow) -> Line:
    """Write a campaign for the list."""
    launched = row.launched_at is not None
    at = row.finished_at or row.launched_at or row.created_at
    word = "Ended" if row.finished_at else "Launched" if launched else "Begun"
    settled = row.tally.delivered + row.tally.failed + row.tally.withheld
    return Line(
        id=str(row.id),
        name=row.name,
        href=f"/campaigns/{row.id}",
        state=row.state.value,
        note=row.pause_reason or (f"by {row.author}" if row.author else ""),
        audience=f"{row.audience:,}" if row.audience is not None else "",
        done=f"{round(100 * settled / row.audience)} %" if row.audience else "",
        when=at.isoformat(),
        when_label=word,
        sender=row.sender,
        shares=shares(row.tally, row.audience or 0),
    )


def shares(tally: Tally, audience: int) -> list[Share]:
    """Write the parts of a bar that are not empty."""
    found = [(tone, word, int(getattr(tally, name))) for name, tone, word in SHARES]
    return [
        Share(tone, word, f"{count:,}", f"{100 * count / audience:.2f}%")
        for tone, word, count in found
        if count and audience
    ]


@dataclass(frozen=True)
class View:
    """A campaign as its page shows it."""

    id: str = ""
    name: str = ""
    state: str = ""
    editable: bool = False
    draft: bool = False
    basis: str = ""
    basis_word: str = ""
    template: str = ""
    sender_id: str = ""
    per_minute: str = ""
    window_start: str = ""
    window_end: str = ""
    window: str = ""
    weekdays: list[bool] = field(default_factory=list)
    days: str = ""
    send_before: str = ""
    budget: str = ""
    revision: str = ""
    author: str = ""
    submitter: str = ""
    launcher: str = ""
    launched_at: str = ""
    finished_at: str = ""
    pause_reason: str = ""
    stormbound: bool = False
    threshold: str = ""
    own: bool = False


def view_of(found: CampaignView) -> View:
    """Write a campaign for its page."""
    return View(
        id=str(found.id),
        name=found.name,
        state=found.state.value,
        editable=found.state in EDITABLE,
        draft=found.state is CampaignState.DRAFT,
        basis=found.basis.value if found.basis else "",
        basis_word=BASES[found.basis][0] if found.basis else "",
        template=found.template,
        sender_id=str(found.sender_number_id or found.pool_id or ""),
        per_minute=str(found.per_minute),
        window_start=found.window_start.strftime("%H:%M"),
        window_end=found.window_end.strftime("%H:%M"),
        window=f"{_clock(found.window_start.hour, found.window_start.minute)} to "
        f"{_clock(found.window_end.hour, found.window_end.minute)}",
        weekdays=[day in found.weekdays for day in range(7)],
        days=", ".join(DAYS[day] for day in sorted(found.weekdays)),
        send_before=iso(found.send_before),
        budget=f"{found.budget_cents / 100:.2f}" if found.budget_cents is not None else "",
        revision=str(found.revision),
        author=found.author,
        submitter=found.submitter,
        launcher=found.launcher,
        launched_at=iso(found.launched_at),
        finished_at=iso(found.finished_at),
        pause_reason=found.pause_reason or "",
        stormbound=found.stormbound,
        threshold=f"{found.approval_threshold:,}",
        own=found.own,
    )


def _clock(hour: int, minute: int) -> str:
    half = "AM" if hour < 12 else "PM"  # noqa: PLR2004 noon
    return f"{(hour - 1) % 12 + 1}:{minute:02d} {half}"


def iso(at: datetime | None) -> str:
    """Write an instant for the browser."""
    return at.isoformat() if at else ""


@dataclass(frozen=True)
class Size:
    """Whom the filter finds."""

    leads: str = "0"
    addressed: str = "0"
    no_phone: str = "0"
    covered: str = "0"
    none: bool = True
    above: bool = False
    """More than one person may launch alone."""


def size_of(found: AudienceSize, threshold: int) -> Size:
    """Write the size of an audience."""
    return Size(
        leads=f"{found.leads:,}",
        addressed=f"{found.addressed:,}",
        no_phone=f"{found.no_phone:,}",
        covered=f"{found.covered:,}",
        none=found.addressed == 0,
        above=found.addressed > threshold,
    )


@dataclass(frozen=True)
class Text:
    """The message as one recipient would get it."""

    name: str = ""
    phone: str = ""
    body: str = ""
    size: str = ""
    unresolved: str = ""
    letters: str = ""
    shorteners: str = ""
    """Public shorteners that its links go through."""


def text_of(found: Preview) -> Text:
    """Write a preview."""
    return Text(
        name=found.name.title() if found.name.isupper() else found.name,
        phone=display(found.phone or ""),
        body=found.body,
        size=_size(found),
        unresolved=", ".join(found.unresolved),
        letters="" if found.encoding == "GSM-7" else "Special letters make each segment shorter: 70 letters, not 160.",
        shorteners=", ".join(shorteners(found.body)),
    )


def _size(found: Preview) -> str:
    """Say how long a text is, and how long the longest wording of it would be."""
    words = f"{found.segments} {'segment' if found.segments == 1 else 'segments'} · {len(found.body)} letters"
    return words + (f" · up to {found.most_segments} segments" if found.most_segments > found.segments else "")


@dataclass(frozen=True)
class Bar:
    """One bar of the funnel, and the address of the people behind it."""

    reason: str
    label: str
    count: str
    width: str
    tone: str
    href: str


@dataclass(frozen=True)
class Hour:
    """One hour of the forecast."""

    at: str
    count: str
    height: str


@dataclass(frozen=True)
class StateRow:
    """One state of the audience."""

    state: str
    sendable: str
    later: str
    blocked: str


@dataclass(frozen=True)
class Forecast:
    """A simulation."""

    at: str = ""
    version: str = ""
    stale: bool = False
    audience: str = ""
    sendable: str = ""
    later: str = ""
    blocked: str = ""
    cost: str = ""
    segments: str = ""
    span: str = ""
    bars: list[Bar] = field(default_factory=list)
    hours: list[Hour] = field(default_factory=list)
    more_hours: str = ""
    states: list[StateRow] = field(default_factory=list)


HOURS = 36
"""Hours drawn; what comes later is told in words."""


def forecast_of(found: Mapping[str, Any], path: str) -> Forecast:
    """Write a simulation for the page ``path``."""
    hours: Sequence[Mapping[str, Any]] = found["by_hour"]
    most = max((hour["count"] for hour in hours), default=1)
    late = sum(hour["count"] for hour in hours[HOURS:])
    return Forecast(
        at=found["at"],
        version=found["policy_version"],
        stale=bool(found.get("stale")),
        audience=f"{found['audience']:,}",
        sendable=f"{found['sendable']:,}",
        later=f"{found['later']:,}",
        blocked=f"{found['blocked']:,}",
        cost=dollars(-(-found["cost_cents_x100"] // 100)),
        segments=f"{found['segments']:,}",
        span=span(found["minutes"]),
        bars=_bars(found, path),
        hours=[Hour(h["hour"], f"{h['count']:,}", f"{100 * h['count'] / most:.1f}%") for h in hours[:HOURS]],
        more_hours=f"{late:,} more after these {HOURS} hours." if late else "",
        states=_states(found["by_state"]),
    )


def _bars(found: Mapping[str, Any], path: str) -> list[Bar]:
    whole = max(1, found["audience"])

    def bar(reason: str, text: str, count: int, tone: str, query: str) -> Bar:
        return Bar(
            reason, text, f"{count:,}", f"{100 * count / whole:.2f}%", tone, f"{path}?step=simulate&{query}#people"
        )

    rows = [bar("audience", "Audience", found["audience"], "info", "verdict=all")]
    rows += [bar(b["reason"], b["label"], b["count"], "bad", f"reason={b['reason']}") for b in found["excluded"]]
    rows += [
        bar(b["reason"], f"Later: {b['label']}", b["count"], "warn", f"reason={b['reason']}")
        for b in found["later_reasons"]
    ]
    rows.append(bar("sendable", "Sendable at that moment", found["sendable"], "ok", "verdict=sendable"))
    return rows


def _states(by_state: Mapping[str, Mapping[str, int]]) -> list[StateRow]:
    rows = sorted(by_state.items(), key=lambda item: -sum(item[1].values()))
    return [
        StateRow(state, *(f"{counts.get(verdict, 0):,}" for verdict in ("sendable", "later", "blocked")))
        for state, counts in rows
    ]


def span(minutes: int) -> str:
    """Write a stretch of time."""
    hours, rest = divmod(max(0, minutes), 60)
    if hours >= 48:  # noqa: PLR2004 two days
        return f"{round(hours / 24)} days"
    return f"{hours} h {rest} min" if hours else f"{rest} min"


@dataclass(frozen=True)
class Signed:
    """A second person's word."""

    id: str
    approver: str
    at: str
    note: str
    content: str
    current: bool


def signed_of(row: ApprovalRow) -> Signed:
    """Write an approval."""
    return Signed(str(row.id), row.approver, iso(row.approved_at), row.note, row.content_sha256[:12], row.current)


@dataclass(frozen=True)
class Course:
    """Where a launched campaign stands."""

    audience: str = ""
    shares: list[Share] = field(default_factory=list)
    states: list[Share] = field(default_factory=list)
    withheld: list[Bar] = field(default_factory=list)
    spent: str = ""
    rate: str = ""
    eta: str = ""
    settled: str = ""
    delivered: str = ""
    every_ms: int = 2_000
    """How often the page looks again: a hundred thousand people take a second to add up."""


def course_of(found: Progress, path: str) -> Course:
    """Write a campaign's progress for the page ``path``."""
    tally, whole = found.tally, max(1, found.audience)
    settled = tally.delivered + tally.failed + tally.withheld
    return Course(
        audience=f"{found.audience:,}",
        shares=shares(tally, found.audience),
        states=_by_state(found, path),
        withheld=[
            Bar(
                b.reason,
                b.label,
                f"{b.count:,}",
                f"{100 * b.count / whole:.2f}%",
                "warn",
                f"{path}?reason={b.reason}#people",
            )
            for b in found.withheld
        ],
        spent=dollars(-(-found.spent_cents_x100 // 100)),
        rate=f"{found.last_minute:,}",
        eta=iso(found.eta),
        settled=f"{int(100 * settled / whole)} %",
        delivered=f"{_delivered(found):,}",
        every_ms=min(30_000, max(2_000, found.audience // 10)),
    )


def _delivered(found: Progress) -> int:
    """Count texts, over all messages."""
    if not found.steps:
        return found.tally.delivered
    return sum(step.tally.delivered for step in found.steps)


def _by_state(found: Progress, path: str) -> list[Share]:
    counted = dict[str, int]()
    for state, count in found.by_state.items():
        name = state.partition("_")[0] if state.startswith("excluded") else state
        counted[name] = counted.get(name, 0) + count
    words = {str(state): pair for state, pair in MESSAGE.items()} | OTHER_STATES
    return [
        Share(words[state][0], words[state][1], f"{count:,}", "", f"{path}?state={state}#people")
        for state, count in sorted(counted.items(), key=lambda item: -item[1])
    ]


OTHER_STATES = {
    "between": ("info", "Waits for the next message"),
    "planning": ("mute", "Being written"),
    "excluded": ("warn", "No text of their own"),
}
"""States of a member that has no message."""


def tones_of_recipients() -> dict[str, Any]:
    """List every state of a recipient with its tone and word."""
    return {str(state): pair for state, pair in MESSAGE.items()} | OTHER_STATES


def reason_word(reason: str) -> str:
    """Word a reason."""
    return label(reason)


def tabs(counted: Mapping[str, int]) -> list[list[Any]]:
    """List the tabs above the campaigns: all, then each state that there is."""
    found = [[str(state), word, counted[state]] for state, (_, word) in CAMPAIGN.items() if counted.get(state)]
    return [["", "All", sum(counted.values())], *found]
