"""Letters are tested in messaging's world: people with a lead each and a campaign."""

from __future__ import annotations

from tests.messaging.conftest import another_world, world

__all__ = ["another_world", "world"]
