"""What leads refuse."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from leadflow.kernel.errors import Conflict, Invalid, NotFound


class NoSuchLead(NotFound):
    """The lead is not there, or not the caller's to see: the two look alike."""

    def __init__(self) -> None:
        super().__init__("This lead does not exist, or is not assigned to you.")


class MergedLead(NotFound):
    """The lead was merged into another, which the caller may see.

    Args:
        survivor_id: who it is today.
    """

    code = "merged"

    def __init__(self, survivor_id: UUID) -> None:
        super().__init__(f"This lead was merged into another. Ask for {survivor_id} instead.")
        self.survivor_id = survivor_id


class UnknownSort(Invalid):
    """The list cannot be sorted by this."""

    def __init__(self, known: str) -> None:
        super().__init__(f"Sort by one of: {known}.", "sort")


class Claimed(Conflict):
    """Somebody else works on the lead at this moment."""

    code = "claimed"

    def __init__(self, name: str, until: datetime) -> None:
        super().__init__(
            f"{name or 'Somebody else'} is working on this lead until {until:%H:%M} UTC. Wait, or have a manager take"
            " it over."
        )


class ChangedMeanwhile(Conflict):
    """Somebody else has changed the value since the caller looked.

    Args:
        present: what it is now, in words.
    """

    code = "changed_meanwhile"

    def __init__(self, present: str) -> None:
        super().__init__(f"Somebody else has changed this meanwhile; it is {present} now. Your change was not saved.")
