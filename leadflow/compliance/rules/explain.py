"""Put a decision into words for people. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from leadflow.compliance.rules.gate import sentence
from leadflow.compliance.rules.places import located
from leadflow.compliance.rules.windows import closed
from leadflow.compliance.types import Closed, Decision, DecisionRow, Facts, Policy, WindowFault
from models.vocabulary import Verdict

SAME_TEXT = timedelta(minutes=2)
"""A decision this near to the instant asked about is the one meant. Own choice."""

_TOLD = 3
"""Reasons that fit a sentence; all of them stand in the list below it."""

_FAULTS = {
    WindowFault.BEFORE_OPEN: "has not opened yet",
    WindowFault.AFTER_CLOSE: "has closed",
    WindowFault.DAY_PROHIBITED: "allows no contact on this day",
    WindowFault.HOLIDAY: "allows no contact on this holiday",
}


def told(decision: Decision, around: Sequence[DecisionRow], at: datetime, now: datetime, *, known: bool) -> str:
    """Say in one sentence what happened or would happen.

    A decision that was really made at the instant speaks first; without one the answer is what the rules say of the
    records, and says so.
    """
    real = next((row for row in around if abs(row.at - at) <= SAME_TEXT), None)
    if real is not None:
        return _really(real)
    stranger = "" if known else "No lead or person has this number. "
    if at < now:
        return f"{stranger}Nothing was decided for it at this instant. {_would(decision, _PAST)}"
    return stranger + _would(decision, _NOW if at == now else _FUTURE)


class _Verb(NamedTuple):
    """How a tense says yes and no."""

    may: str
    may_not: str


_NOW = _Verb("may go out now", "may not go out now")
_PAST = _Verb("could have gone out", "could not have gone out")
_FUTURE = _Verb("could go out then", "could not go out then")


def _really(row: DecisionRow) -> str:
    when = f"{row.at:%d %b %Y %H:%M:%S} UTC"
    if row.verdict is Verdict.SENDABLE:
        return f"A text was let through at {when}: no rule stood against it."
    why = " ".join(sentence(reason) for reason in row.reasons[:_TOLD])
    if row.verdict is Verdict.LATER:
        until = f" until {row.later_at:%d %b %H:%M} UTC" if row.later_at else ""
        return f"A text was held at {when}{until}. {why}"
    return f"A text was refused at {when}. {why}"


def _would(decision: Decision, verb: _Verb) -> str:
    if decision.verdict is Verdict.SENDABLE:
        return f"A text {verb.may}: no rule stands against it."
    why = " ".join(sentence(reason) for reason in decision.reasons[:_TOLD])
    more = len(decision.reasons) - _TOLD
    rest = f" And {more} more {'rules stand' if more > 1 else 'rule stands'} against it." if more > 0 else ""
    until = f", but at {decision.later_at:%d %b %H:%M} UTC" if decision.later_at else ""
    return f"A text {verb.may_not}{until}. {why}{rest}"


def local_times(facts: Facts, at: datetime) -> tuple[tuple[str, str, str, str], ...]:
    """List every place that counts with what led to it and its wall clock."""
    found = located(facts.e164, facts.zip5, facts.property_state, facts.mailing_state)
    return tuple(
        (one.source, one.place.state, one.place.zone, f"{at.astimezone(ZoneInfo(one.place.zone)):%a %Y-%m-%d %H:%M:%S}")
        for one in found
    )


def closed_words(policy: Policy, facts: Facts, at: datetime) -> tuple[str, ...]:
    """Name the windows that stand against an instant."""
    if not facts.places:
        return ()
    against = closed(policy, facts.places, facts.sending.window, at)
    return tuple(_window_words(one) for one in sorted(against, key=lambda one: (one.window.jurisdiction, one.zone)))


def _window_words(one: Closed) -> str:
    whose = {"US": "The federal window", "campaign": "The campaign's own window"}.get(
        one.window.jurisdiction, f"The window of {one.window.jurisdiction}"
    )
    law = f" ({one.window.citation})" if one.window.citation else ""
    return f"{whose} in {one.zone} {_FAULTS[one.fault]}{law}."
