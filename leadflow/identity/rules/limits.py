"""How often somebody may try."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

WINDOW = timedelta(minutes=15)
FREE = 5
"""Failures of an account before each further try has to wait."""
MOST = {"account": 20, "known": 10, "address": 60, "factor": 10, "key": 30, "mail": 20, "link": 30}
"""Failures within the window after which tries wait for the window to move: never for good.

``factor`` counts codes of the second step, ``key`` unknown keys of programs from one address, ``mail`` links asked for
from one address, ``link`` short links that lead nowhere.
"""
_PAUSED = frozenset({"account", "known", "factor"})
_LONGEST_WAIT = timedelta(seconds=60)


def wait_before(kind: str, failures: Sequence[datetime], now: datetime) -> timedelta:
    """Say how long the next try has to wait; zero when it need not.

    Args:
        kind: a key of ``MOST``; ``known`` is an account from an address that it has signed in from before.
        failures: instants of failed tries within the window, oldest first.
        now: aware UTC instant.
    """
    if len(failures) >= MOST[kind]:
        return max(failures[-MOST[kind]] + WINDOW - now, timedelta(seconds=1))
    if kind not in _PAUSED or len(failures) < FREE:
        return timedelta(0)
    pause = min(timedelta(seconds=2 ** (len(failures) - FREE)), _LONGEST_WAIT)
    return max(failures[-1] + pause - now, timedelta(0))
