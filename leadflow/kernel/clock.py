"""The only place that may ask the time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    """Something that knows the present instant."""

    @property
    def shift(self) -> timedelta | None:
        """How far this clock runs ahead of the machine's; None when it stands still."""
        ...

    def now(self) -> datetime:
        """Answer the present instant, aware, in UTC."""
        ...


class SystemClock:
    """The machine's clock, moved by a fixed shift.

    A shift other than zero is for tests and demonstrations (quiet hours are real); production settings refuse it.
    """

    def __init__(self, shift: timedelta = timedelta(0)) -> None:
        self._shift = shift

    @property
    def shift(self) -> timedelta:
        """How far this clock runs ahead of the machine's."""
        return self._shift

    def now(self) -> datetime:
        """Answer the present instant, aware, in UTC."""
        return datetime.now(UTC) + self._shift


class FrozenClock:
    """A clock that moves only when told to."""

    def __init__(self, at: datetime) -> None:
        self._at = at.astimezone(UTC)

    @property
    def shift(self) -> None:
        """A clock that stands still has no shift."""
        return

    def now(self) -> datetime:
        """Answer the instant it was set to."""
        return self._at

    def advance(self, delta: timedelta) -> None:
        """Move forward (or back) by ``delta``."""
        self._at += delta

    def set(self, at: datetime) -> None:
        """Jump to ``at``."""
        self._at = at.astimezone(UTC)
