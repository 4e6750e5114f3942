"""What the room refuses."""

from __future__ import annotations

from datetime import datetime

from leadflow.kernel.errors import Conflict


class Held(Conflict):
    """A legal hold stands against it."""

    code = "legal_hold"


class TooSoon(Conflict):
    """The lead was removed lately, and can only be restored.

    Args:
        at: from when on it may be erased.
    """

    code = "too_soon"

    def __init__(self, at: datetime) -> None:
        super().__init__(
            f"This lead can only be restored until {at:%B} {at.day}, {at.year}; from then on it may be erased. "
            "A person who asks for it is erased at once under Compliance, Retention."
        )


class UnderWay(Conflict):
    """A text to the person is being handed to the carrier at this moment."""

    code = "text_under_way"

    def __init__(self) -> None:
        super().__init__("A text to this person is on its way to the carrier. Try again in a few minutes.")
