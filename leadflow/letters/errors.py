"""What letters refuse."""

from __future__ import annotations

from leadflow.kernel.errors import Conflict


class NotLaunched(Conflict):
    """The campaign has not decided about anybody yet."""

    code = "not_launched"

    def __init__(self) -> None:
        super().__init__("This campaign was not launched yet. Make the list from its filter on the lead page instead.")


class NotReady(Conflict):
    """The list is still being made."""

    code = "not_ready"

    def __init__(self) -> None:
        super().__init__("This list is not made yet. Wait until it says that it is ready.")
