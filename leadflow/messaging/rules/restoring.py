"""Whether this database is the one that has sent so far, or a backup of it; and which text is which. Pure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from leadflow.messaging.types import Listed

FORGOTTEN = "forgotten_text"
"""Reason of a text to somebody whom the carrier's list shows as texted after the backup, in other words."""
RESTORED = "restored"
"""Reason of a text that was taken back because its database was found to be a restored backup."""
LEAP = 100_000
"""Beats by which a new epoch runs ahead of every witness that could be asked: some that could not may be ahead."""

ELSEWHERE = "The records lie in another place than the one in which they were last written."
BEHIND = "The records are older than what was seen of them outside of the database."
UNWITNESSED = "Nothing outside of the database has ever seen it, although it has been at work before."
UNREADABLE = "Redis does not say yet whether these are the newest records."


class Pulse(NamedTuple):
    """What the database says of itself."""

    installation: UUID
    epoch: int
    beat: int
    beat_at: datetime
    place: str
    """Where it was when it beat last."""
    here: str
    """Where it is."""


class Remembered(NamedTuple):
    """What witnesses outside of the database remember of it."""

    beat: int | None
    """The highest beat that any of them saw; None where none remembers any."""
    whole: bool = True
    """Whether each of them could be asked."""


class Clue(NamedTuple):
    """A text on the carrier's list to the recipient of one of ours that is about to go."""

    message_id: UUID
    forgotten_id: UUID
    sid: str
    status: str
    error_code: int | None
    segments: int
    taken_at: datetime
    same: bool
    """Whether the words are the same, too."""


@dataclass(frozen=True, slots=True)
class RestoreView:
    """A restored backup, as an owner is told of it before anything is sent again."""

    epoch: int
    as_of: datetime
    """What the records know is as of then."""
    found_at: datetime
    why: str
    asked_at: datetime | None
    answered_at: datetime | None
    """When the carrier's whole answer had been taken over; None: not yet, and nobody can resume."""
    trouble: str
    texts: int
    """Texts that the carrier has since then and the records did not know of."""
    joined: int
    received: int
    """Texts that people sent since then."""
    stops: int
    resumed_at: datetime | None
    resumed_by: UUID | None


def doubt(pulse: Pulse | None, seen: Remembered) -> str:
    """Say in words why this is a restored backup; empty where it is not.

    Args:
        pulse: what the database says of itself; None where its clockwork never ticked: it has sent nothing yet.
        seen: what witnesses outside of the database remember; asked before the pulse was read, so that a beat in
            between is no doubt.
    """
    if pulse is None:
        return ""
    if pulse.place != pulse.here:
        return ELSEWHERE
    if seen.beat is None:
        return UNWITNESSED if seen.whole and pulse.beat > 0 else ""
    return BEHIND if seen.beat > pulse.beat else ""


def unsure(pulse: Pulse | None, seen: Remembered) -> bool:
    """Say whether nothing can be said yet: no witness remembers anything, and one could not be asked."""
    return pulse is not None and pulse.beat > 0 and seen.beat is None and not seen.whole


def pair(listed: Sequence[Listed], texts: Iterable[tuple[UUID, str, str]]) -> list[tuple[Listed, UUID | None]]:
    """Find for each text on the carrier's list the one of ours that it is: same recipient, same words, each once.

    Args:
        listed: what the carrier has, of one of our numbers.
        texts: ours of that number that have not reached it by our records: id, recipient, words; oldest first.
    """
    open_: defaultdict[tuple[str, str], list[UUID]] = defaultdict(list)
    for key, e164, body in texts:
        open_[e164, body].append(key)
    found: list[tuple[Listed, UUID | None]] = []
    for one in sorted(listed, key=lambda each: each.created):
        waiting = open_.get((one.to, one.body))
        found.append((one, waiting.pop(0) if waiting else None))
    return found


def settle(clues: Iterable[Clue]) -> tuple[list[Clue], list[UUID]]:
    """Say which drawn texts the carrier has already, and which go to somebody who got other words meanwhile.

    Args:
        clues: what is known of each drawn text; of one text the same words come first.

    Returns:
        One clue for each text that the carrier has, no entry of its list twice; and the texts that are withheld.
    """
    joined: dict[UUID, Clue] = {}
    used: set[UUID] = set()
    suspects: list[UUID] = []
    for clue in clues:
        if clue.message_id in joined:
            continue
        if clue.same and clue.forgotten_id not in used:
            joined[clue.message_id] = clue
            used.add(clue.forgotten_id)
        else:
            suspects.append(clue.message_id)
    return list(joined.values()), sorted({key for key in suspects if key not in joined})
