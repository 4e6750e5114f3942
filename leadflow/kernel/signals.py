"""News that a lower room tells in its own transaction, and that a room above it may heed there and then.

For what cannot wait for a job: whoever answers a text must get no further one, from the same commit on. The lower room
declares the signal and knows nobody; the upper room connects a function when it is loaded (``leadflow.process`` loads
it in every process).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from leadflow.kernel.db import UnitOfWork

News = TypeVar("News")


class Signal(Generic[News]):
    """One kind of news."""

    def __init__(self) -> None:
        self._heeding: list[Callable[[UnitOfWork, News], object]] = []

    def connect(self, heed: Callable[[UnitOfWork, News], object]) -> None:
        """Call ``heed`` with all news from now on, once however often it is connected."""
        if heed not in self._heeding:
            self._heeding.append(heed)

    def tell(self, uow: UnitOfWork, news: News) -> None:
        """Let everybody heed it inside the caller's transaction; what they raise undoes it."""
        for heed in self._heeding:
            heed(uow, news)
