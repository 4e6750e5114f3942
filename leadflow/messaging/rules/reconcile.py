"""What to make of an unknown message and the carrier's list. A second text costs more than a missed one."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from leadflow.messaging.types import Absent, Doubt, Finding, Found, Hopeless, Listed, LookAgain

LOOKS = (timedelta(seconds=30), timedelta(minutes=2), timedelta(minutes=10))
"""When to ask, counted from submission."""
LATER_LOOKS = timedelta(minutes=10)
"""How often to ask after that."""
APART = timedelta(minutes=5)
"""Between the two empty lists that prove absence: a carrier's list may lag behind its acceptance."""
EMPTY_LISTS = 2
MOST_LOOKS = 8
"""After so many lists, over all submissions, a person decides."""
QUESTIONS = (timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6), timedelta(days=1), timedelta(days=3))
"""When to ask, from submission on, about a text that the carrier has and reports no end of: callbacks get lost."""
ENDS = frozenset({"delivered", "read", "partially_delivered", "undelivered", "failed", "canceled"})
"""The carrier's words for an end."""
SKEW = timedelta(hours=1)
"""The carrier's clock may differ from ours. Wide on purpose: finding too much only keeps a text back."""


def first_look(submitted_at: datetime) -> datetime:
    """Say when to ask for the first time."""
    return submitted_at + LOOKS[0]


def next_look(submitted_at: datetime, now: datetime) -> datetime:
    """Say when to ask again."""
    return next((submitted_at + after for after in LOOKS if submitted_at + after > now), now + LATER_LOOKS)


def first_question(submitted_at: datetime) -> datetime:
    """Say when to ask for the end of a text that the carrier has taken."""
    return submitted_at + QUESTIONS[0]


def follow(doubt: Doubt, listing: Sequence[Listed], now: datetime) -> Finding:
    """Decide what becomes of a text that the carrier has, when its reports stay away.

    Args:
        doubt: the message, with the carrier's id.
        listing: what the carrier lists for its pair of numbers.
        now: the present instant.
    """
    own = next((one for one in listing if one.sid == doubt.sid and one.status in ENDS), None)
    if own is not None:
        return Found(own)
    again = next((doubt.submitted_at + after for after in QUESTIONS if doubt.submitted_at + after > now), None)
    return Hopeless("the carrier never reported its end") if again is None else LookAgain(again, counted=False)


def matches(doubt: Doubt, listed: Listed) -> bool:
    """Say whether a listed text can be this message: same pair, same words, not older than its submission."""
    same = (listed.to, listed.from_, listed.body) == (doubt.e164, doubt.sender, doubt.body)
    return same and listed.created >= doubt.submitted_at - SKEW


def find(doubt: Doubt, listing: Sequence[Listed], taken: Collection[str], now: datetime) -> Finding:
    """Decide what becomes of an unknown message.

    Args:
        doubt: the message.
        listing: what the carrier lists for its pair of numbers.
        taken: ids on the list that belong to other messages of ours.
        now: the present instant.
    """
    own = [one for one in listing if matches(doubt, one) and one.sid not in taken]
    if own:
        return Found(min(own, key=lambda one: one.created))
    return _nowhere(doubt, now)


def _nowhere(doubt: Doubt, now: datetime) -> Finding:
    last = doubt.last_reconciled_at
    counted = last is None or now - last >= APART
    if doubt.empty_lists + counted < EMPTY_LISTS:
        if doubt.reconcile_count + 1 >= MOST_LOOKS:
            return Hopeless("the carrier was asked too often")
        again = next_look(doubt.submitted_at, now)
        return LookAgain(again, counted=counted)
    if doubt.send_before is not None and doubt.send_before <= now:
        return Hopeless("its time is over")
    if not doubt.live:
        return Hopeless("its campaign does not run any more")
    if doubt.reconcile_count + 1 >= MOST_LOOKS:
        return Hopeless("it was lost repeatedly")
    return Absent()
