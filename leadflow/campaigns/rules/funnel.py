"""What a simulation and a running campaign add up to: bars by reason, texts by hour, shares by state."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from leadflow.campaigns.types import Bar, Fate, SimulationResult, Tally
from leadflow.compliance.rules.gate import RULES
from leadflow.messaging.rules.restoring import FORGOTTEN
from leadflow.messaging.types import VERIFIED_ELSEWHERE
from models.vocabulary import MessageState, Verdict

NO_PHONE = "no_phone"
COVERED = "covered"
CANCELLED = "cancelled"
REPLIED = "replied"
SETTLED = "settled"
REMOVED = "removed"
STATUS = "status_"
"""Begins the reason of whoever was stopped by the lead's status; the status follows."""
UNRESOLVED = "unresolved_field"
"""A merge field without a value for this recipient: the text is blocked, never sent with a hole."""

WORDS: Mapping[str, str] = {
    NO_PHONE: "There is no number to text",
    COVERED: "Same person or number as another lead of the audience",
    UNRESOLVED: "A merge field has no value",
    CANCELLED: "Cancelled before a text was written",
    REPLIED: "They replied",
    SETTLED: "Their conversation was settled in the inbox",
    REMOVED: "The lead was removed",
    VERIFIED_ELSEWHERE: "The right person answered at another number of the property",
    FORGOTTEN: "Texted in other words after the backup that was restored",
    **{rule.name: rule.sentence.rstrip(".") for rule in RULES},
}
"""How people read a reason: ours, then the gate's."""

PLANNING = "planning"
"""State of a member whose text is not written yet."""
BETWEEN = "between"
"""State of a member who got a text and waits for the next message."""
ENDED = "ended"
"""State of a member who never gets one of the messages, because of an earlier one, a stop rule or the end."""
EXCLUDED = "excluded"
"""State of a member that gets no text of its own; counted as ``excluded_<why>``."""

SHARES: Mapping[str, str] = {
    PLANNING: "waiting",
    BETWEEN: "waiting",
    ENDED: "withheld",
    MessageState.QUEUED: "waiting",
    MessageState.CLAIMED: "waiting",
    MessageState.SUBMITTING: "moving",
    MessageState.ACCEPTED: "moving",
    MessageState.SENT: "moving",
    MessageState.UNKNOWN: "moving",
    MessageState.DELIVERED: "delivered",
    MessageState.UNDELIVERED: "failed",
    MessageState.FAILED: "failed",
    MessageState.REJECTED: "failed",
    MessageState.FAILED_UNKNOWN: "failed",
    MessageState.BLOCKED: "withheld",
    MessageState.EXPIRED_WINDOW: "withheld",
    MessageState.WITHDRAWN: "withheld",
}
"""Which part of the bar a state belongs to; every ``excluded_…`` is withheld."""

FARTHEST = 24 * 14
"""Hours that a forecast looks ahead at most; what is left by then stands in the last."""


def label(reason: str) -> str:
    """Word a reason for people."""
    if reason.startswith(STATUS):
        return f"The lead's status became {reason.removeprefix(STATUS).replace('_', ' ').capitalize()}"
    return WORDS.get(reason) or reason.replace("_", " ").capitalize()


def tally(by_state: Mapping[str, int]) -> Tally:
    """Add states up to the five parts of the bar; the parts sum to the audience."""
    parts = Counter[str]()
    for state, count in by_state.items():
        parts["withheld" if state.startswith(EXCLUDED) else SHARES[state]] += count
    return Tally(parts["delivered"], parts["moving"], parts["waiting"], parts["failed"], parts["withheld"])


def bars(counted: Mapping[str, int]) -> tuple[Bar, ...]:
    """Draw one bar a reason, largest first."""
    ordered = sorted(counted.items(), key=lambda item: (-item[1], item[0]))
    return tuple(Bar(reason, label(reason), count) for reason, count in ordered)


def sum_up(fates: Sequence[Fate], *, per_minute: int, price: int, at: datetime, version: str) -> SimulationResult:
    """Add up what the gate said of a whole audience.

    Args:
        fates: one a lead of the audience.
        per_minute: the throttle, 1 or more.
        price: hundredths of a cent a segment.
        at: the instant that the gate was asked about.
        version: of the policy that answered.
    """
    blocked = Counter(fate.reason for fate in fates if fate.verdict is Verdict.BLOCKED)
    waiting = Counter(fate.reason for fate in fates if fate.verdict is Verdict.LATER)
    going = [fate for fate in fates if fate.verdict is not Verdict.BLOCKED]
    due = Counter(max(at, fate.later_at or at) for fate in going)
    hours, minutes = spread(due, per_minute, at)
    segments = sum(fate.segments for fate in going)
    return SimulationResult(
        at=at,
        policy_version=version,
        audience=len(fates),
        excluded=bars(blocked),
        sendable=sum(1 for fate in going if fate.verdict is Verdict.SENDABLE),
        later=waiting.total(),
        later_bars=bars(waiting),
        by_hour=tuple(sorted(hours.items())),
        by_state=_by_state(fates),
        segments=segments,
        cost_cents_x100=segments * price,
        minutes=minutes,
    )


def _by_state(fates: Sequence[Fate]) -> dict[str, dict[str, int]]:
    counted = dict[str, Counter[str]]()
    for fate in fates:
        counted.setdefault(fate.state or "?", Counter())[fate.verdict.value] += 1
    return {state: dict(counts) for state, counts in sorted(counted.items())}


def spread(due: Mapping[datetime, int], per_minute: int, start: datetime) -> tuple[dict[datetime, int], int]:
    """Say how many texts leave in each hour at the throttle, and how many minutes after ``start`` the last leaves.

    Args:
        due: how many become due at each instant, none before ``start``.
        per_minute: the throttle, 1 or more.
        start: the present instant.
    """
    hours = Counter[datetime]()
    free = start
    for at, count in sorted(due.items()):
        free = max(free, at)
        left = count
        while left:
            hour = free.replace(minute=0, second=0, microsecond=0)
            next_hour = hour + timedelta(hours=1)
            room = max(1, int((next_hour - free).total_seconds() * per_minute / 60))
            farthest = hour - start > timedelta(hours=FARTHEST)
            take = left if farthest else min(left, room)
            hours[hour] += take
            left -= take
            free = next_hour if take == room and left else min(free + timedelta(minutes=take / per_minute), next_hour)
    return dict(hours), -int((start - free).total_seconds() // 60)
