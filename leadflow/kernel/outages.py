"""What the circuits before providers tell people: which is left alone, since when, and what waits for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from leadflow.kernel import breaker
from leadflow.kernel.circuits import Circuit

_LOOKUPS = "Look-ups wait and go on by themselves."
WORDS: Mapping[str, tuple[str, str, str]] = MappingProxyType(
    {
        "twilio:messages": (
            "Twilio",
            "Sending texts",
            "Texts wait in the queue and go by themselves once it answers; nothing is lost.",
        ),
        "twilio:lists": (
            "Twilio",
            "Asking what became of texts",
            "Texts of unknown fate stay unknown until it answers; none of them is sent again meanwhile.",
        ),
        "dncscrub:registries": ("DNCScrub", "Looking numbers up in registries", _LOOKUPS),
        "dncscrub:reassigned": ("DNCScrub", "Looking up reassigned numbers", _LOOKUPS),
        "census:addresses": (
            "Census Bureau",
            "Placing addresses on the map",
            "Leads stay at the middle of their ZIP code; ask again once it answers.",
        ),
    }
)
"""Provider, errand, and what happens while it is left alone; by the circuit's name."""
TEXTS = "twilio:messages"
"""The circuit whose opening everybody should know of: no text goes out."""


@dataclass(frozen=True, slots=True)
class ProviderState:
    """One errand at one provider, as this installation meets it; the same for all organisations."""

    name: str
    provider: str
    errand: str
    open: bool
    """It is left alone."""
    since: datetime | None
    """Since when it is left alone."""
    next_try: datetime | None
    """When one call tries it again, at the earliest."""
    failures: int
    """While it is asked, of its last calls; while it is left alone, of the calls that led to it and all tries since."""
    last_success: datetime | None
    """None: none is known of."""
    what_to_do: str


def states(now: datetime) -> tuple[ProviderState, ...]:
    """Look at every circuit that this process knows. Asks Redis, so not from an event loop."""
    return tuple(_state(one, now) for one in sorted(breaker.standings(), key=_rank))


def texts_wait(now: datetime) -> ProviderState | None:
    """Answer the carrier's state while no text goes out because it is left alone; else None."""
    return next((one for one in states(now) if one.name == TEXTS and one.open), None)


def _rank(one: breaker.Standing) -> tuple[int, str]:
    """Put what matters most first, and what has no words last."""
    name = _name(one)
    return (list(WORDS).index(name) if name in WORDS else len(WORDS), name)


def _name(one: breaker.Standing) -> str:
    return f"{one.provider}:{one.operation}"


def _state(one: breaker.Standing, now: datetime) -> ProviderState:
    view, name = one.view, _name(one)
    provider, errand, waits = WORDS.get(name, (one.provider, one.operation, "What needs it waits."))
    open_ = view.state is not Circuit.CLOSED
    return ProviderState(
        name=name,
        provider=provider,
        errand=errand,
        open=open_,
        since=now - timedelta(seconds=view.opened_s) if open_ else None,
        next_try=now + timedelta(seconds=view.wait_s) if open_ else None,
        failures=view.failures,
        last_success=None if view.good_ago_s is None else now - timedelta(seconds=view.good_ago_s),
        what_to_do=_advice(waits, open_=open_, failures=view.failures),
    )


def _advice(waits: str, *, open_: bool, failures: int) -> str:
    if open_:
        return f"{waits} If it lasts, look at the provider's status page and at this machine's network."
    return "Some of the last calls failed; it is watched." if failures else "Nothing."
