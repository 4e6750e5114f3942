"""What people read of the rules: those of the gate, and every version of the packs. Shapes only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class PackRow:
    """One version of a rule pack as it was installed."""

    id: UUID
    name: str
    version: int
    content: Mapping[str, Any]
    digest: str
    installed_at: datetime
    retired_at: datetime | None
    effective_from: date | None
    effective_to: date | None
    """Last day on which it counts; the next version counts on it too."""
    reason: str
    actor_id: UUID | None
    author: str
    """Name of who installed it; empty for what came with the program."""

    @property
    def title(self) -> str:
        """Name the pack for people."""
        return str(self.content.get("title", self.name))


@dataclass(frozen=True, slots=True)
class RuleRow:
    """One rule of the gate, for people."""

    name: str
    sentence: str
    citation: str
    timely: bool
    """Time alone lifts it."""


@dataclass(frozen=True, slots=True)
class RuleBookView:
    """Everything the gate goes by: its rules and the packs whose data they read."""

    policy_version: str
    rules: tuple[RuleRow, ...]
    packs: tuple[PackRow, ...]
