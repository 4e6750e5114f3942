"""Which decisions of each stratum are drawn: some of every one, the rest in proportion, all from one seed. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from random import Random
from uuid import UUID


def allot(strata: Mapping[str, int], size: int, least: int) -> dict[str, int]:
    """Share a sample out: ``least`` of every stratum as far as it has them, the rest by size (largest remainder).

    Args:
        strata: decisions by stratum; none is empty.
        size: how many in all; fewer where there are fewer.
        least: of every stratum. Where the size does not reach for that, every stratum still has one.

    Raises:
        ValueError: the size is smaller than the number of strata.
    """
    if size < len(strata):
        msg = "a sample cannot be smaller than the number of its strata"
        raise ValueError(msg)
    floor = max(1, min(least, size // max(len(strata), 1)))
    shares = {name: min(floor, count) for name, count in strata.items()}
    while (left := min(size, sum(strata.values())) - sum(shares.values())) > 0:
        room = {name: count - shares[name] for name, count in strata.items() if count > shares[name]}
        whole = sum(room.values())
        exact = {name: left * count / whole for name, count in room.items()}
        for name, share in exact.items():
            shares[name] += math.floor(share)
        rest = left - sum(math.floor(share) for share in exact.values())
        first = sorted(exact, key=lambda name: (math.floor(exact[name]) - exact[name], name))
        for name in first[:rest]:
            shares[name] += 1
    return shares


def draw(strata: Mapping[str, Sequence[UUID]], size: int, least: int, seed: int) -> list[tuple[str, UUID]]:
    """Draw the sample, in the order in which it is to be judged: mixed, so that a stratum is no run of the same.

    The same decisions, size, least and seed give the same sample, in whatever order the decisions are named.
    """
    shares = allot({name: len(ids) for name, ids in strata.items()}, size, least)
    # One stream a seed; not for secrets.
    chance = Random(seed)  # noqa: S311 a sample that anybody may draw again
    drawn = [(name, one) for name in sorted(strata) for one in chance.sample(sorted(strata[name]), shares[name])]
    chance.shuffle(drawn)
    return drawn
