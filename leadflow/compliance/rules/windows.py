"""Hours: is an instant inside every window at every place, and when is the next one that is?

Pure. One reading of the law serves both questions: ``fault`` says what stands against an instant, ``opening``
walks forward over the same days, holidays and hours. All clocks are wall clocks of the place, so the change to
and from daylight saving time needs no rule of its own.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays as calendars

from leadflow.compliance.types import Closed, Place, Policy, Span, Window, WindowFault

DAY = 24 * 60 * 60
HORIZON = timedelta(days=8)
"""How far ahead an opening is looked for: over a week with a holiday in it. Own choice."""

_ALL_DAY = Span(0, DAY)
_ROBERT_E_LEE = (1, 0, 3)
"""Third Monday of January: La. R.S. 1:55(A)(1)."""


def constraints(policy: Policy, places: frozenset[Place], own: Window | None) -> frozenset[tuple[Window, str]]:
    """Pair every window that binds with the zone in which it is read: strictest wins because all must allow."""
    bound: set[tuple[Window, str]] = set()
    for place in places:
        windows = (*policy.federal, *policy.states.get(place.state, ()), *((own,) if own else ()))
        bound.update((window, window.zone or place.zone) for window in windows)
    return frozenset(bound)


@lru_cache(maxsize=4096)
def closed(policy: Policy, places: frozenset[Place], own: Window | None, at: datetime) -> tuple[Closed, ...]:
    """Name every window that stands against ``at`` at any of the places.

    Args:
        policy: whose windows bind.
        places: everywhere the person may be.
        own: a campaign's hours, read at the same places.
        at: aware instant.

    Raises:
        ValueError: ``places`` is empty. Not knowing the place is never permission.
    """
    if not places:
        msg = "no place, no permission"
        raise ValueError(msg)
    found = ((window, zone, fault(window, zone, at)) for window, zone in constraints(policy, places, own))
    return tuple(Closed(window, zone, why) for window, zone, why in found if why is not None)


@lru_cache(maxsize=4096)
def opening(policy: Policy, places: frozenset[Place], own: Window | None, at: datetime) -> datetime | None:
    """Find the earliest instant from ``at`` on that every window allows; None within ``HORIZON``."""
    bound, latest = constraints(policy, places, own), at + HORIZON
    moment = at
    while moment <= latest:
        openings = [_next_open(window, zone, moment) for window, zone in bound]
        if None in openings:
            return None
        furthest = max((opened for opened in openings if opened is not None), default=moment)
        if furthest == moment:
            return moment
        moment = furthest
    return None


def closing(policy: Policy, places: frozenset[Place], own: Window | None, at: datetime) -> datetime | None:
    """Find the first instant from ``at`` on that some window does not allow; None within ``HORIZON``.

    The counterpart of ``opening``: between an instant that is open and this one, all of it is.
    """
    ends = (_next_shut(window, zone, at) for window, zone in constraints(policy, places, own))
    return min((end for end in ends if end is not None), default=None)


@lru_cache(maxsize=16384)
def fault(window: Window, zone: str, at: datetime) -> WindowFault | None:
    """Say what stands against ``at`` under one window read in ``zone``; None when nothing does."""
    local = at.astimezone(_zone(zone))
    span, why = _span(window, local.date())
    if span is None:
        return why
    second = local.hour * 3600 + local.minute * 60 + local.second
    if second < span.opens:
        return WindowFault.BEFORE_OPEN
    return WindowFault.AFTER_CLOSE if second >= span.closes else None


def faults_at(policy: Policy, place: Place, at: datetime) -> tuple[tuple[str, WindowFault], ...]:
    """List the faults of one place, federal before state, as jurisdiction and fault."""
    windows = (*policy.federal, *policy.states.get(place.state, ()))
    found = ((window.jurisdiction, fault(window, window.zone or place.zone, at)) for window in windows)
    return tuple((jurisdiction, why) for jurisdiction, why in found if why is not None)


def _span(window: Window, day: date) -> tuple[Span | None, WindowFault | None]:
    """Answer the hours of a local day with the margin taken off, or why it has none."""
    if not in_force(window.effective_from, window.effective_to, day):
        return _ALL_DAY, None
    if window.holidays and is_holiday(window.holidays, day):
        return None, WindowFault.HOLIDAY
    span = window.days[day.weekday()]
    if span is None:
        return None, WindowFault.DAY_PROHIBITED
    return Span(span.opens, span.closes - window.margin_s), None


def in_force(effective_from: date | None, effective_to: date | None, day: date) -> bool:
    """Say whether a provision binds on ``day``; both ends are in."""
    return (effective_from is None or effective_from <= day) and (effective_to is None or day <= effective_to)


def _next_open(window: Window, zone: str, at: datetime) -> datetime | None:
    """Find the earliest instant from ``at`` on that one window allows."""
    if fault(window, zone, at) is None:
        return at
    day = at.astimezone(_zone(zone)).date()
    for ahead in range(HORIZON.days + 2):
        span, _ = _span(window, day + timedelta(days=ahead))
        if span is None or span.opens >= span.closes:
            continue
        opens = _instant(day + timedelta(days=ahead), span.opens, zone)
        if opens >= at:
            return opens
    return None


def _next_shut(window: Window, zone: str, at: datetime) -> datetime | None:
    """Find the first instant from ``at`` on that one window does not allow."""
    if fault(window, zone, at) is not None:
        return at
    day = at.astimezone(_zone(zone)).date()
    for ahead in range(HORIZON.days + 2):
        span, _ = _span(window, day + timedelta(days=ahead))
        if ahead and (span is None or span.opens > 0):
            return _instant(day + timedelta(days=ahead), 0, zone)
        if span is not None and span.closes < DAY:
            return _instant(day + timedelta(days=ahead), span.closes, zone)
    return None


def _instant(day: date, second: int, zone: str) -> datetime:
    hour, rest = divmod(second, 3600)
    minute, second = divmod(rest, 60)
    return datetime.combine(day, time(hour, minute, second), _zone(zone)).astimezone(UTC)


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)


@lru_cache(maxsize=4096)
def is_holiday(named: tuple[str, ...], day: date) -> bool:
    """Say whether ``day`` is one of the named holidays, as observed or by its own date."""
    return any(_falls_on(name, day) for name in named)


def _falls_on(name: str, day: date) -> bool:
    if name == "US" or name.startswith("US-"):
        return day in _calendar(name, day.year)
    if name.startswith("easter"):
        return day == _easter(day.year) + timedelta(days=int(name.removeprefix("easter") or 0))
    if name == "election-day":
        return (day.month, day.weekday()) == (11, 1) and 2 <= day.day <= 8  # noqa: PLR2004 Tuesday after the first Monday
    if "/" in name:
        of_year, _, moved_from = name.partition("/")
        return _falls_on_or_after(of_year, moved_from, day)
    if name == "robert-e-lee":
        return (day.month, day.weekday(), (day.day + 6) // 7) == _ROBERT_E_LEE
    return f"{day:%m-%d}" == name


def _falls_on_or_after(of_year: str, moved_from: str, day: date) -> bool:
    """Say whether ``day`` is a date such as 05-04, or the Monday after it where it falls on a day named (sat, sun)."""
    if f"{day:%m-%d}" == of_year:
        return True
    before = {6: 1, 5: 2}
    back = (day - timedelta(before[number]) for number in (5, 6) if _WEEKEND[number] in moved_from)
    return day.weekday() == 0 and any(f"{found:%m-%d}" == of_year for found in back)


_WEEKEND = {5: "sat", 6: "sun"}


@lru_cache(maxsize=512)
def _calendar(name: str, year: int) -> frozenset[date]:
    state = name.removeprefix("US").removeprefix("-") or None
    return frozenset(calendars.country_holidays("US", subdiv=state, years=year))


@lru_cache(maxsize=64)
def _easter(year: int) -> date:
    """Answer Easter Sunday by the Gregorian reckoning (Meeus, Astronomical Algorithms, 1991, ch. 8)."""
    a, (b, c) = year % 19, divmod(year, 100)
    d, e = divmod(b, 4)
    g = (b - (b + 8) // 25 + 1) // 3
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    ell = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 22 * ell) // 451
    month, day = divmod(h + ell - 7 * m + 114, 31)
    return date(year, month, day + 1)
