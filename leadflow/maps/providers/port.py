"""What the map asks of a geocoder."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from leadflow.maps.types import Address, Outcome


class Geocoder(Protocol):
    """Somebody outside who knows where addresses are."""

    name: str
    """For people."""
    at_once: int
    """Addresses in one call."""

    def ask(self, asked: Sequence[Address]) -> Outcome:
        """Ask where addresses are, once. Never raises for what the geocoder or the network does.

        Args:
            asked: at most ``at_once``.
        """
        ...
