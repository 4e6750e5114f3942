"""What look-ups ask of a provider."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from leadflow.scrubs.types import Asked, Outcome
from models.vocabulary import Provider


class Line(Protocol):
    """One service of one provider."""

    provider: Provider
    at_once: int
    """Numbers in one call."""

    def ask(self, asked: Sequence[Asked]) -> Outcome:
        """Look numbers up, once. Never raises for what the provider or the network does.

        Args:
            asked: at most ``at_once``, each of another number.
        """
        ...
