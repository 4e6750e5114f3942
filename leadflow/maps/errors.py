"""Refusals of the map."""

from __future__ import annotations

from leadflow.kernel.errors import Conflict, Invalid


class NoView(Invalid):
    """The edges of a map make no sense."""

    def __init__(self) -> None:
        super().__init__("A view is written as west,south,east,north in degrees.", "view")


class NothingToSend(Conflict):
    """Every lead of the filter is placed well enough, was asked about, or has no street."""

    def __init__(self) -> None:
        super().__init__("There is no address to send: each lead is placed, was asked about before, or has no street.")


class BeyondBudget(Conflict):
    """The budget does not bear the run; nothing was reserved and nothing was sent."""

    def __init__(self, wanted: int, bearable: int) -> None:
        super().__init__(
            f"The budget of this month bears {bearable:,} of {wanted:,} addresses. Raise it in the settings, or choose"
            " fewer leads."
        )


class AlreadyRunning(Conflict):
    """One run at a time: two would ask about the same addresses."""

    def __init__(self) -> None:
        super().__init__("Addresses are being sent already. Wait for the end of that run, or stop it.")
