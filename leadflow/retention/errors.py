"""What the room refuses."""

from __future__ import annotations

from leadflow.kernel.errors import Conflict


class Held(Conflict):
    """A legal hold stands against it."""

    code = "legal_hold"


class UnderWay(Conflict):
    """A text to the person is being handed to the carrier at this moment."""

    code = "text_under_way"

    def __init__(self) -> None:
        super().__init__("A text to this person is on its way to the carrier. Try again in a few minutes.")
