"""What messaging asks of a carrier."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal, NamedTuple, Protocol

from leadflow.compliance.types import Cleared
from leadflow.kernel.breaker import Call
from leadflow.messaging.types import Listed, Outcome

Side = Literal["From", "To"]
"""Which end of a text one of our numbers is."""


class Page(NamedTuple):
    """One page of the carrier's list, newest first."""

    texts: list[Listed]
    following: str
    """Where the next page is; empty on the last."""


class Carrier(Protocol):
    """Somebody who delivers texts. Lives in one event loop."""

    async def send(self, cleared: Cleared, body: str, from_: str, status_callback: str, call: Call) -> Outcome:
        """Hand over one text, once. Never raises for what the carrier or the network does.

        Args:
            cleared: the gate's permission; its number is the recipient.
            body: the text.
            from_: our number, E.164.
            status_callback: where the carrier reports; names our message.
            call: the breaker's pass; learns how the carrier did.
        """
        ...

    async def list_messages(self, to: str, from_: str, since: datetime, call: Call) -> list[Listed]:
        """List texts between a pair of numbers, newest first, created at ``since`` or later.

        Raises:
            Transient: the carrier could not be asked.
        """
        ...

    async def list_number(self, side: Side, number: str, call: Call, following: str = "") -> Page:
        """List one page of the texts of one of our numbers, newest first.

        Args:
            side: ``From`` for what it sent, ``To`` for what it got.
            number: E.164.
            call: the breaker's pass.
            following: where the page is, as the page before told; empty for the first.

        Raises:
            Transient: the carrier could not be asked.
        """
        ...

    async def alive(self) -> bool:
        """Ask the carrier for nothing in particular: does it answer at all?"""
        ...

    async def close(self) -> None:
        """Give the connections back."""
        ...


class Webhooks(Protocol):
    """How to tell a carrier's webhook from a forged one."""

    def genuine(self, url: str, params: Mapping[str, str], signature: str, settings: str | None) -> bool:
        """Say whether ``signature`` is the carrier's over the address it called and its fields."""
        ...
