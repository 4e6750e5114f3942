"""What messaging tells the rooms above it, in the same transaction.

Somebody wrote, a conversation was settled, the weather of a campaign has turned.
"""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from leadflow.kernel.signals import Signal
from leadflow.messaging.types import Storm


class Wrote(NamedTuple):
    """Somebody who wrote to us, or whose conversation was settled.

    Attributes:
        e164: their number.
        person_id: who it was, where that is known.
    """

    e164: str
    person_id: UUID | None = None


class Verified(NamedTuple):
    """A number at which the right person for a property has answered.

    Attributes:
        e164: the number.
        property_id: the property.
    """

    e164: str
    property_id: UUID


class Stormy(NamedTuple):
    """A campaign that has to stop; it is held."""

    campaign_id: UUID
    storm: Storm


wrote: Signal[Wrote] = Signal()
"""Somebody sent us a text; told before any gate is held, so that locks are taken in one order."""
settled: Signal[Wrote] = Signal()
"""A person said what came of a conversation."""
verified: Signal[Verified] = Signal()
"""The right person was found, so nobody is to be looked for at the property's other numbers; told as ``settled`` is."""
stormy: Signal[Stormy] = Signal()
"""A campaign's filter or opt-out rate has come over its limit."""
