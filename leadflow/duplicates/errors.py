"""What the room of duplicates refuses."""

from __future__ import annotations

from leadflow.kernel.errors import Conflict


class Gone(Conflict):
    """One of the two is not there any more."""

    def __init__(self) -> None:
        super().__init__("Somebody else was faster: one of the two was merged or removed. Reload the list.")


class GoingOut(Conflict):
    """A text to one of the two is being handed over at this moment."""

    def __init__(self) -> None:
        super().__init__("A text to one of the two is just going out. Try again in a moment.")


class Erased(Conflict):
    """One of the two was erased at their wish."""

    def __init__(self) -> None:
        super().__init__("One of the two was erased. What is left of them is merged with nobody.")


class NotLast(Conflict):
    """Something that was merged later rests on it."""

    def __init__(self) -> None:
        super().__init__("One of the two was merged again since. Take the later merge back first.")


class CannotUndo(Conflict):
    """The merge was taken back, or what would be needed for it was erased."""

    def __init__(self) -> None:
        super().__init__("This merge was taken back already, or somebody it was about was erased since.")


class Taken(Conflict):
    """What would come back is there again by another way."""

    def __init__(self) -> None:
        super().__init__("A record with the same key came in since, so this merge cannot be taken back. Merge the two.")
