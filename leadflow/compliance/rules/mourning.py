"""How long a family is left alone after a death, or after its probate was filed. Pure.

A day of death or of filing names no hour and no zone, so a window is over only when its last day has ended everywhere.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

from leadflow.compliance.types import Facts, Policy

EVERYWHERE = timedelta(hours=12)
"""After midnight UTC a day has ended in every US place: American Samoa, the last, is at UTC-11."""

LAST_DAY = date(9000, 1, 1)
"""A file may hold any day up to the last of the calendar, after which none can be counted. Own choice."""

_LONG_AGO = datetime.min.replace(tzinfo=UTC)


def over_at(f: Facts, p: Policy) -> datetime:
    """Find the instant at which every window that a known day opens is over; long ago when no day opens one.

    A surviving spouse's windows are never shorter than anybody's.
    """
    days = p.mourning
    death, filing = days["death"], days["filing"]
    if f.surviving_spouse:
        death, filing = max(death, days["spouse_death"]), max(filing, days["spouse_filing"])
    return max(_end(f.died_on, death), _end(f.filed_on, filing))


def _end(day: date | None, count: int) -> datetime:
    if day is None or not count:
        return _LONG_AGO
    following = min(day, LAST_DAY) + timedelta(days=count + 1)
    return datetime.combine(following, time(), UTC) + EVERYWHERE
