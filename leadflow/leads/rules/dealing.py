"""Decides who gets which of several leads. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID


def share(ids: Sequence[UUID], members: Sequence[UUID], begin: int) -> dict[UUID, list[UUID]]:
    """Deal leads out evenly among members; answers the leads of each. ``begin``: how many were dealt before."""
    dealt: dict[UUID, list[UUID]] = {member: [] for member in members}
    for place, lead_id in enumerate(sorted(ids)):
        dealt[members[(begin + place) % len(members)]].append(lead_id)
    return dealt
