"""How alike two streets are: the same house number, and a name that differs by a slip, a direction or its kind."""

from __future__ import annotations

from functools import lru_cache

from rapidfuzz.distance import OSA

from leadflow.properties.rules.addresses import DIRECTIONS, SUFFIXES

_KINDS = frozenset({*SUFFIXES, *SUFFIXES.values()})
_SHORT = frozenset(DIRECTIONS.values())
_SLIP_FROM = 5
"""Letters from which on one may be a slip: Oak and Oat are two streets."""
_LONG = 9
"""Letters from which on two may be."""


@lru_cache(maxsize=65536)
def core(street: str) -> tuple[str, str, str, str]:
    """Cut a street key into house number, directions, name and kind."""
    words = street.split()
    if not words:
        return "", "", "", ""
    house, rest = words[0], words[1:]
    directions = " ".join(word for word in rest if word in _SHORT)
    rest = [word for word in rest if word not in _SHORT]
    kind = rest.pop() if len(rest) > 1 and rest[-1] in _KINDS else ""
    return house, directions, " ".join(rest), kind


@lru_cache(maxsize=65536)
def near(one: str, other: str) -> float:
    """Say how alike two street keys are, 0 to 1; 0 where they are two places.

    Another house number, another direction (``N`` and ``S``), another kind of street (``Ave`` and ``St``) are two
    places; a direction or kind that only one of them names is not.
    """
    if not one or not other:
        return 0.0
    if one == other:
        return 1.0
    (house, way, name, kind), (house2, way2, name2, kind2) = core(one), core(other)
    if house != house2 or (way and way2 and way != way2) or (kind and kind2 and kind != kind2):
        return 0.0
    short, name, name2 = min(len(name), len(name2)), name.replace(" ", ""), name2.replace(" ", "")
    if name == name2:
        return 0.95 if name else 0.0
    if any(letter.isdigit() for letter in name + name2) or short < _SLIP_FROM:
        return 0.0
    most = 2 if short >= _LONG else 1
    slips = OSA.distance(name, name2, score_cutoff=most)
    return 0.0 if slips > most else round(1 - slips / (short + 4), 2)
