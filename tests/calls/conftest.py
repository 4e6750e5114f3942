"""Calls are tested in messaging's world: people with a number, a lead and a consent."""

from __future__ import annotations

from tests.messaging.conftest import another_world, api, calls, world

__all__ = ["another_world", "api", "calls", "world"]
