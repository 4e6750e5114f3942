"""Keys of the sealer and what the verifier found."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Bucket:
    """Storage that speaks S3 and lets nobody change or remove an object before its time.

    Args:
        name: of the bucket; object lock must be on.
        endpoint: where it is; empty means Amazon.
        region: of the bucket.
        kept: how long each anchor is locked.
    """

    name: str
    endpoint: str = ""
    region: str = "us-east-1"
    kept: timedelta = timedelta(days=3_650)


@dataclass(frozen=True, slots=True)
class Sealing:
    """What the sealer signs with and where it puts its anchors.

    Args:
        keys: key id → at least 32 bytes; old ids stay for verifying.
        key_id: the one that signs now.
        anchor_dir: outside the database; one file an organisation, one JSON line a seal.
        bucket: the same, where not even an administrator of this machine can change it.
    """

    keys: Mapping[str, bytes]
    key_id: str
    anchor_dir: Path | None
    bucket: Bucket | None = None


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
class Proof:
    """That an entry stands in the record: from its digest up to a signed root. All hashes are hexadecimal."""

    source: str
    """``event`` or ``decision``."""
    source_id: UUID
    digest: str
    """SHA-256 of the entry's canonical JSON."""
    position: int
    index: int
    """Place in the stretch of its seal, from 0."""
    size: int
    """Entries of that stretch."""
    path: tuple[str, ...]
    """Neighbours up to the root, lowest first."""
    merkle_root: str
    chain: str
    seal: int
    sealed_at: datetime
    key_id: str
    signature: str
    anchored: bool
    """Whether the seal stands outside the database too, with this signature."""
    holds: bool
    """Whether the entry, as it stands today, leads to the root and the seal is signed so."""
    body: str
    """The entry's canonical JSON as it stands today; hashed, it gives the digest."""


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
