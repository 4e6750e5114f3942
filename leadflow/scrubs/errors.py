"""What the room of look-ups refuses."""

from __future__ import annotations

from leadflow.kernel.errors import Conflict


class NothingToLookUp(Conflict):
    """Every number is fresh, has no day to ask about, or is being looked up already."""

    code = "nothing_to_look_up"

    def __init__(self) -> None:
        super().__init__(
            "There is nothing to buy: every number is fresh, waits in another run, or has no consent date."
        )


class BeyondBudget(Conflict):
    """The budget does not bear the run; nothing was started."""

    code = "beyond_budget"

    def __init__(self, numbers: int, bearable: int) -> None:
        super().__init__(
            f"The budget of this month bears {bearable:,} of {numbers:,} numbers. "
            "Choose fewer, or raise the budget in the settings."
        )


class NoProvider(Conflict):
    """No login is set at the provider."""

    code = "no_provider"

    def __init__(self, why: str) -> None:
        super().__init__(why)
