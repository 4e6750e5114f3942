"""The inbox is tested in messaging's world: what comes in comes through the carrier's calls."""

from __future__ import annotations

from tests.messaging.conftest import another_world, api, calls, world

__all__ = ["another_world", "api", "calls", "world"]
