"""Which number of a pool a person hears from. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import NamedTuple
from uuid import UUID


class PoolNumber(NamedTuple):
    """A number of a pool, as of the choice.

    Attributes:
        id: the number.
        area: its area code; None where it has none.
        states: where a phone of that area code may be.
        able: it may send campaigns now: registered, not stopped, not cooling.
        load: texts that wait on it, and those of the last hour.
    """

    id: UUID
    area: str | None
    states: frozenset[str]
    able: bool
    load: int


def choose(
    recipient: str, area: str | None, states: frozenset[str], numbers: Sequence[PoolNumber], known: UUID | None
) -> UUID | None:
    """Choose the number that a person hears from.

    Whoever knows one of the numbers goes on hearing from it, and waits while it rests or is stopped; only a number that
    was taken out of the pool is replaced. Others get one that looks like home: the same area code, else the same state.
    Of those, two are drawn by a hash that only depends on the person and the numbers, and the less loaded one is taken.

    Args:
        recipient: E.164.
        area: the recipient's area code.
        states: where the recipient's number may be.
        numbers: the pool.
        known: the number that the person knows.

    Returns:
        None when the person knows none of the numbers and none may send.
    """
    if any(one.id == known for one in numbers):
        return known
    near = _nearest(area, states, [one for one in numbers if one.able])
    ranked = sorted(near, key=lambda one: _rank(recipient, one.id))
    return min(ranked[:2], key=lambda one: one.load).id if ranked else None


def _nearest(area: str | None, states: frozenset[str], able: Sequence[PoolNumber]) -> Sequence[PoolNumber]:
    same_area = [one for one in able if area is not None and one.area == area]
    return same_area or [one for one in able if one.states & states] or able


def _rank(recipient: str, sender: UUID) -> bytes:
    return hashlib.sha256(f"{recipient}:{sender}".encode()).digest()
