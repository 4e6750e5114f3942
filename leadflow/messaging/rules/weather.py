"""When carriers and people take a campaign badly enough that it has to stop. Pure.

Counted are texts of whose fate something is known: the carrier has reported an end, or the person has opted out. Of
these, how many a carrier's filter stopped, and how many were answered by an opt-out. A campaign stops when the lower
Wilson bound of a rate lies above its limit: when it is all but certain (97.5 %) that the rate behind the figures is too
high, not when a few bad answers happened to come together.
"""

from __future__ import annotations

from leadflow.kernel.rates import wilson
from leadflow.messaging.rules.codes import TABLE
from leadflow.messaging.types import Consequence, Limits, Rate, Seen, Storm
from models.vocabulary import Weather

LEAST = 50
"""Fewer texts than this say nothing: of one text, one filtered is 100 %.

Own choice. Looked at after every bad outcome, a campaign at half its limit is stopped wrongly in fewer than one of a
hundred cases (tests/messaging/test_weather_rules.py computes it); with half as many texts it would be several.
"""
SLACK = 16
"""Bad outcomes that other transactions may be writing down at the same moment. More than a process has connections."""
FILTERED_CODES = tuple(code for code, what in TABLE.items() if what is Consequence.FILTERED)
"""The carrier's codes for a text that a filter stopped."""
OPT_OUT_CODES = tuple(code for code, what in TABLE.items() if what is Consequence.OPT_OUT)
"""The carrier's codes for a person who has opted out there."""
BAD = frozenset({Consequence.FILTERED, Consequence.OPT_OUT})
"""What an outcome asks for that makes the weather worse."""
WORDS = {
    Weather.FILTERED: "filtered by carriers",
    Weather.OPTED_OUT: "answered by an opt-out",
}


def rate(seen: Seen, kind: Weather, limits: Limits) -> Rate:
    """Bound one rate, and hold it against its limit."""
    hits = seen.filtered if kind is Weather.FILTERED else seen.opted_out
    low, high = wilson(hits, seen.texts)
    limit = (limits.filtered_pct if kind is Weather.FILTERED else limits.opted_out_pct) / 100
    return Rate(kind, seen.texts, hits, low, high, limit, over=seen.texts >= LEAST and low > limit)


def judge(seen: Seen, limits: Limits) -> Storm | None:
    """Say why a campaign has to stop; None while its weather lets it run. Filtering counts before opt-outs."""
    for kind in Weather:
        found = rate(seen, kind, limits)
        if found.over:
            return Storm(found, sentence(found))
    return None


def may_turn(seen: Seen, coming: int, limits: Limits) -> bool:
    """Say whether ``coming`` bad outcomes, and those that others may be writing at this moment, could stop it."""
    more = coming + SLACK
    worst = Seen(seen.texts + more, seen.filtered + more, seen.opted_out + more)
    return judge(worst, limits) is not None


def sentence(found: Rate) -> str:
    """Say in words why a campaign was stopped."""
    return (
        f"{found.hits:,} of its last {found.texts:,} texts were {WORDS[found.kind]}: at least {percent(found.low)}, "
        f"and the limit is {percent(found.limit)}."
    )


def percent(share: float) -> str:
    """Write a share for people: one digit after the point below ten percent."""
    value = 100 * share
    return f"{value:.0f} %" if value >= 10 or value == int(value) else f"{value:.1f} %"  # noqa: PLR2004 two digits are enough
