"""Put a decision into words for people. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from leadflow.compliance.rules.gate import sentence
from leadflow.compliance.rules.places import located
from leadflow.compliance.rules.windows import closed
from leadflow.compliance.types import Closed, Decision, DecisionRow, Facts, Policy, RuleResult, Window, WindowFault
from models.vocabulary import RuleOutcome, Verdict

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


def meant(around: Sequence[DecisionRow], at: datetime, now: datetime) -> DecisionRow | None:
    """Find the decision that somebody asks about; of the present nobody asks what was."""
    if at >= now:
        return None
    return next((row for row in around if abs(row.at - at) <= SAME_TEXT), None)


def told(decision: Decision, at: datetime, now: datetime, *, known: bool) -> str:
    """Say in one sentence what the rules say of the records where nothing was decided."""
    stranger = "" if known else "No lead or person has this number. "
    if at < now:
        return f"{stranger}Nothing was decided for it at this instant. {_would(decision, _PAST)}"
    return stranger + _would(decision, _NOW if at == now else _FUTURE)


def told_before(decision: Decision, since: datetime) -> str:
    """Say what can be said of an instant before records were kept by date."""
    sure = [reason for reason in decision.reasons if reason not in decision.unknown]
    told = f"Nothing was decided for it at this instant. Records are kept by date since {since:%d %b %Y %H:%M} UTC: "
    if sure:
        return f"{told}what they said before is not known, but this stood against a text. {_sentences(sure)}"
    return f"{told}what they said before, and so whether a text could have gone out, is not known."


class _Verb(NamedTuple):
    """How a tense says yes and no."""

    may: str
    may_not: str


_NOW = _Verb("may go out now", "may not go out now")
_PAST = _Verb("could have gone out", "could not have gone out")
_FUTURE = _Verb("could go out then", "could not go out then")


def told_really(row: DecisionRow, rules: Sequence[RuleResult]) -> str:
    """Say what was decided, in the words of the rules of that time."""
    when = f"{row.at:%d %b %Y %H:%M:%S} UTC"
    if row.verdict is Verdict.SENDABLE:
        return f"A text was let through at {when}: no rule stood against it."
    against = [rule.sentence for rule in rules if rule.outcome is not RuleOutcome.PASS]
    why = " ".join(against[:_TOLD])
    if row.verdict is Verdict.LATER:
        until = f" until {row.later_at:%d %b %H:%M} UTC" if row.later_at else ""
        return f"A text was held at {when}{until}. {why}"
    return f"A text was refused at {when}. {why}"


def _would(decision: Decision, verb: _Verb) -> str:
    if decision.verdict is Verdict.SENDABLE:
        return f"A text {verb.may}: no rule stands against it."
    until = f", but at {decision.later_at:%d %b %H:%M} UTC" if decision.later_at else ""
    return f"A text {verb.may_not}{until}. {_sentences(decision.reasons)}"


def _sentences(reasons: Sequence[str]) -> str:
    why = " ".join(sentence(reason) for reason in reasons[:_TOLD])
    more = len(reasons) - _TOLD
    rest = f" And {more} more {'rules stand' if more > 1 else 'rule stands'} against it." if more > 0 else ""
    return f"{why}{rest}"


def local_times(facts: Facts, at: datetime) -> tuple[tuple[str, str, str, str], ...]:
    """List every place that counts with what led to it and its wall clock."""
    found = located(facts.e164, facts.zip5, facts.property_state, facts.mailing_state, facts.billing_state)
    return tuple((one.source, one.place.state, one.place.zone, _clock(one.place.zone, at)) for one in found)


def recorded_times(e164: str, facts: Mapping[str, Any], at: datetime) -> tuple[tuple[str, str, str, str], ...]:
    """List the places that a receipt names, with the wall clock there; what led to each is told where it still does."""
    hints = [facts.get(name) for name in ("zip5", "property_state", "mailing_state", "billing_state")]
    led: dict[str, list[str]] = {}
    for one in located(e164, *hints):
        led.setdefault(f"{one.place.state} {one.place.zone}", []).append(one.source)
    return tuple(
        (source, *place.split(" ", 1), _clock(place.split(" ", 1)[1], at))
        for place in facts.get("places", ())
        for source in led.get(place, ["record"])
    )  # pyright: ignore[reportReturnType] a place is a state and a zone


def _clock(zone: str, at: datetime) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M:%S}"


def closed_words(policy: Policy, facts: Facts, at: datetime) -> tuple[str, ...]:
    """Name the windows that stand against an instant."""
    if not facts.places:
        return ()
    against = closed(policy, facts.places, facts.sending.window, at)
    return tuple(_window_words(one) for one in sorted(against, key=lambda one: (one.window.jurisdiction, one.zone)))


def recorded_words(policy: Policy, noted: Sequence[str]) -> tuple[str, ...]:
    """Name the windows that a receipt says stood against it; ``noted`` holds key, zone and fault of each."""
    known = {window.key: window for windows in (policy.federal, *policy.states.values()) for window in windows}
    words: list[str] = []
    for one in noted:
        key, zone, why = one.rsplit(" ", 2)
        window = known.get(key) or Window(key, "campaign" if key.startswith("campaign.") else key, ())
        words.append(_window_words(Closed(window, zone, WindowFault(why))))
    return tuple(words)


def _window_words(one: Closed) -> str:
    whose = {"US": "The federal window", "campaign": "The campaign's own window"}.get(
        one.window.jurisdiction, f"The window of {one.window.jurisdiction}"
    )
    law = f" ({one.window.citation})" if one.window.citation else ""
    return f"{whose} in {one.zone} {_FAULTS[one.fault]}{law}."
