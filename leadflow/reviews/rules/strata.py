"""Into which stratum of risk a decision falls: exactly one, the riskiest that fits. Pure.

What went out is riskier than what did not: a wrong refusal costs a text, a wrong permission a complaint.
"""

from __future__ import annotations

from leadflow.reviews.types import Judgeable
from models.vocabulary import Purpose, Verdict

SENT_UNSURE = "sent_unsure"
SENT_LATE = "sent_late"
SENT_AFTER_WAIT = "sent_after_wait"
HELD_REPLY = "held_reply"
SENT = "sent"
UNKNOWN = "unknown"
LATER = "later"
RULE = "rule:"
TITLES = {
    SENT_UNSURE: "Sent under provisions of low confidence",
    SENT_LATE: "Sent near a window's close",
    SENT_AFTER_WAIT: "Sent after it had to wait",
    HELD_REPLY: "Around a reply that was held",
    SENT: "Sent, nothing special",
    UNKNOWN: "Blocked because a fact was missing",
    LATER: "Put off",
}
ORDER = tuple(TITLES)
LAST_HOUR = 1.0
"""Hours before a close that count as near it. Own choice."""
CLOSES = (20.0, 21.0)
"""Closing hours by the local clock: 8 p.m. in the stricter states, 9 p.m. by 47 CFR 64.1200(c)(1)."""


def stratum_of(one: Judgeable, unsure_states: frozenset[str]) -> str:
    """Name the stratum of a decision.

    Args:
        one: the decision.
        unsure_states: states of which a provision in force is of low confidence.
    """
    if one.held or (one.purpose is Purpose.MANUAL_REPLY and "review" in one.reasons):
        return HELD_REPLY
    if one.verdict is Verdict.SENDABLE:
        return _of_sent(one, unsure_states)
    if one.unknown:
        return UNKNOWN
    if one.verdict is Verdict.LATER:
        return LATER
    return RULE + one.reasons[0] if one.reasons else UNKNOWN


def _of_sent(one: Judgeable, unsure_states: frozenset[str]) -> str:
    if one.states & unsure_states:
        return SENT_UNSURE
    if any(close - LAST_HOUR <= hour < close for hour in one.local_hours for close in CLOSES):
        return SENT_LATE
    return SENT_AFTER_WAIT if one.waited else SENT


def title(stratum: str) -> str:
    """Name a stratum for people."""
    if stratum.startswith(RULE):
        return "Blocked by " + stratum.removeprefix(RULE).replace("_", " ")
    return TITLES.get(stratum, stratum)


def rank(stratum: str) -> tuple[int, str]:
    """Order strata by risk; those of single rules come last, by name."""
    return (ORDER.index(stratum) if stratum in ORDER else len(ORDER), stratum)
