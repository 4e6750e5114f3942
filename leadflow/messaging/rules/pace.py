"""How fast one number, and one campaign, may send. Facts in, an allowance out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
LARGEST_BATCH = 100
"""Rows that one batch holds at most; more would leave more in doubt after a crash (measured)."""


class Allowance(NamedTuple):
    """How many texts may be claimed now, and when the next after that."""

    texts: int
    again_at: datetime


def span(per_minute: int) -> timedelta:
    """Answer the stretch over which a rate is counted: a second, or one text's share of a minute if that is longer."""
    # Rounded up to the microsecond: rounded down, 11 a minute would be 11.0000001.
    return max(SECOND, timedelta(microseconds=-(-60_000_000 // per_minute)))


def burst(per_minute: int) -> int:
    """Answer how many texts fit into one ``span``: never more than one second of the rate."""
    return max(1, per_minute // 60)


def allow(per_minute: int, recent: int, oldest: datetime | None, now: datetime) -> Allowance:
    """Say how many texts the rate allows now.

    Args:
        per_minute: the rate; 0 allows nothing.
        recent: texts claimed or submitted within ``span``.
        oldest: the first of them.
        now: the present instant.
    """
    if per_minute <= 0:
        return Allowance(0, now + MINUTE)
    left = max(0, burst(per_minute) - recent)
    freed = now if oldest is None else oldest + span(per_minute)
    return Allowance(min(left, LARGEST_BATCH), max(now, freed) if left == 0 else now)


def allow_day(per_day: int, recent: int, oldest: datetime | None, now: datetime) -> Allowance:
    """Say how many texts a limit of any 24 hours allows now.

    Args:
        per_day: the limit; 0 allows nothing.
        recent: texts submitted within the last 24 hours.
        oldest: the first of them.
        now: the present instant.
    """
    left = max(0, per_day - recent)
    freed = now + DAY if oldest is None else oldest + DAY
    return Allowance(min(left, LARGEST_BATCH), now if left else max(now, freed))


def strictest(allowances: Sequence[Allowance]) -> Allowance:
    """Answer what all of several limits allow."""
    texts = min(one.texts for one in allowances)
    return Allowance(texts, max(one.again_at for one in allowances if one.texts == texts))
