"""Copies of the seals outside the database: the only way to see a tail that was cut or a chain that was rebuilt."""

from __future__ import annotations

import os
from datetime import UTC
from typing import Any
from uuid import UUID

import orjson

from leadflow.audit.service.ring import sealing
from leadflow.audit.types import Sealing
from models.audit import AuditSeal


def anchors(org_id: UUID) -> list[dict[str, Any]]:
    """Read the copies of an organisation's seals that are kept outside the database, oldest first."""
    return kept(sealing(), org_id)


def line_of(seal: AuditSeal) -> bytes:
    """Write what is kept of a seal outside."""
    return orjson.dumps(
        {
            "number": seal.number,
            "last": seal.last_position,
            "head": seal.head.hex(),
            "signature": seal.signature.hex(),
            "sealed_at": seal.sealed_at.astimezone(UTC).isoformat(),
        }
    )


def keep(keys: Sealing, org_id: UUID, line: bytes) -> None:
    """Append the seal to the file outside the database, durably. A missing line is caught up by verify's report."""
    if keys.anchor_dir is None:
        return
    keys.anchor_dir.mkdir(parents=True, exist_ok=True)
    with (keys.anchor_dir / f"{org_id}.jsonl").open("ab") as file:
        file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())


def kept(keys: Sealing, org_id: UUID) -> list[dict[str, Any]]:
    """Read an organisation's anchors, oldest first."""
    if keys.anchor_dir is None:
        return []
    path = keys.anchor_dir / f"{org_id}.jsonl"
    if not path.exists():
        return []
    return [orjson.loads(line) for line in path.read_bytes().splitlines() if line]
