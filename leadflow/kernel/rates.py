"""What a rate that was counted says of the rate behind it. Pure."""

from __future__ import annotations

import math

Z = 1.959963984540054
"""Two-sided 95 % of the normal distribution."""


def wilson(hits: int, trials: int) -> tuple[float, float]:
    """Bound a rate at 95 % by Wilson's score (J. Am. Stat. Assoc. 22, 1927); of no trial, from 0 to 1.

    Args:
        hits: how often it happened; 0 to ``trials``.
        trials: how often it could have.

    Returns:
        The lower and the upper bound, between 0 and 1, with ``hits / trials`` between them.
    """
    if trials == 0:
        return 0.0, 1.0
    rate, square = hits / trials, Z * Z
    middle = (rate + square / (2 * trials)) / (1 + square / trials)
    half = Z * math.sqrt(rate * (1 - rate) / trials + square / (4 * trials * trials)) / (1 + square / trials)
    return max(0.0, middle - half), min(1.0, middle + half)
