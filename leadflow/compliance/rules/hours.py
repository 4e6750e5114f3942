"""Quiet hours for one row of a file: may this number be texted at this instant, and what stands against it?

Pure. It asks the same places and windows as the gate, and tells them apart: a reason is
``code@source/state/zone``, such as ``state_after_close@property/RI/America/New_York``. A number, ZIP or state that is
unknown refuses with ``location_unknown@source/what``: not knowing the place is never permission.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from leadflow.compliance.rules.places import located, places
from leadflow.compliance.rules.windows import fault, opening
from leadflow.compliance.types import Place, Policy, Window

UNKNOWN = "location_unknown"


@dataclass(frozen=True, slots=True)
class Hours:
    """The answer to one row."""

    allowed: bool
    reasons: tuple[str, ...]
    """Surest first (by the confidence of the provision), then by source, federal before state; empty when allowed."""
    citations: tuple[str, ...]
    """Law of each reason, in the same order; empty for an unknown place."""
    local_times: tuple[str, ...]
    """Wall clock of each place, as ``zone=Wed 2026-12-02 08:00:00``, each zone once."""
    opens_at: datetime | None
    """Earliest instant from the one asked about that every window allows; None within a week or without a place."""


@dataclass(frozen=True, slots=True)
class _Against:
    reason: str
    citation: str
    sureness: int


def hours(
    policy: Policy,
    sureness: dict[str, int],
    e164: str | None,
    zip5: str | None,
    mailing_state: str | None,
    at: datetime,
    billing_state: str | None = None,
) -> Hours:
    """Answer one row.

    Args:
        policy: whose windows bind.
        sureness: of each provision by key, 0 the surest.
        e164: the number.
        zip5: of the property; None where there is none.
        mailing_state: where the person's mail goes; None where there is none.
        at: aware instant.
        billing_state: where the person is billed; None where there is none.
    """
    found = located(e164, zip5, None, mailing_state, billing_state)
    united = places(e164, zip5, None, mailing_state, billing_state)
    clocks = tuple(dict.fromkeys(_clock(one.place.zone, at) for one in found))
    if united is None:
        unknown = _unknown(e164, zip5, mailing_state, billing_state)
        return Hours(allowed=False, reasons=unknown, citations=(), local_times=clocks, opens_at=None)
    against = [
        item for one in found for item in _against(policy, sureness, f"{one.source}/{one.place.state}", one.place, at)
    ]
    ordered = list({item.reason: item for item in sorted(against, key=lambda item: item.sureness)}.values())
    return Hours(
        allowed=not ordered,
        reasons=tuple(item.reason for item in ordered),
        citations=tuple(item.citation for item in ordered),
        local_times=clocks,
        opens_at=opening(policy, united, None, at),
    )


def _against(policy: Policy, sureness: dict[str, int], source: str, place: Place, at: datetime) -> list[_Against]:
    windows = (*policy.federal, *policy.states.get(place.state, ()))
    return [
        _Against(
            f"{_code(window)}_{why.value}@{source}/{zone}", window.citation, sureness.get(window.key, len(sureness))
        )
        for window in windows
        if (why := fault(window, zone := window.zone or place.zone, at)) is not None
    ]


def _code(window: Window) -> str:
    return "federal" if window.jurisdiction == "US" else "state"


def _clock(zone: str, at: datetime) -> str:
    return f"{zone}={at.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M:%S}"


def _unknown(
    e164: str | None, zip5: str | None, mailing_state: str | None, billing_state: str | None
) -> tuple[str, ...]:
    """Name each hint that no table knows."""
    reasons: list[str] = []
    if not located(e164, None, None, None):
        reasons.append(f"{UNKNOWN}@area_code/{(e164 or '')[2:5] or 'none'}")
    if zip5 and not located(None, zip5, None, None):
        reasons.append(f"{UNKNOWN}@property/{zip5}")
    for source, state in (("mailing", mailing_state), ("billing", billing_state)):
        if state and not located(None, None, state, None):
            reasons.append(f"{UNKNOWN}@{source}/{state}")
    return tuple(reasons)
