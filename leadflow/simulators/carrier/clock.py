"""The carrier's clock, which a test may move while the carrier runs."""

from __future__ import annotations

from datetime import datetime, timedelta

from leadflow.kernel.clock import SystemClock


class MovableClock:
    """The machine's clock, moved by a shift that may change.

    Attributes:
        shift: how far it runs ahead of the machine's.
    """

    def __init__(self, shift: timedelta = timedelta(0)) -> None:
        self.shift: timedelta | None = shift

    def now(self) -> datetime:
        """Answer the present instant, aware, in UTC."""
        return SystemClock(self.shift or timedelta(0)).now()
