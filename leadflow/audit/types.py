"""Keys of the sealer and what the verifier found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Sealing:
    """What the sealer signs with and where it puts its anchors.

    Args:
        keys: key id → at least 32 bytes; old ids stay for verifying.
        key_id: the one that signs now.
        anchor_dir: outside the database; one file an organisation, one JSON line a seal.
    """

    keys: Mapping[str, bytes]
    key_id: str
    anchor_dir: Path | None


@dataclass(frozen=True, slots=True)
class Fault:
    """The first place at which the record does not hold."""

    org_id: UUID
    position: int
    """Of the leaf; 0 where a whole seal is at fault."""
    what: str


@dataclass(frozen=True, slots=True)
class Report:
    """What was checked and, if so, what broke first."""

    org_id: UUID
    leaves: int
    seals: int
    unsealed: int
    """Entries younger than the last seal; they are proved by the next one."""
    anchors: int
    fault: Fault | None

    @property
    def whole(self) -> bool:
        """Say whether everything held."""
        return self.fault is None


@dataclass(frozen=True, slots=True)
class EventRow:
    """One act, as recorded."""

    id: UUID
    at: datetime
    actor_id: UUID | None
    """None: LeadFlow itself."""
    action: str
    subject_kind: str
    subject_id: UUID | None
    detail: dict[str, Any]
