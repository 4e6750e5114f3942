"""Copies of the seals outside the database: the only way to see a tail that was cut or a chain that was rebuilt."""

from __future__ import annotations

import os
from datetime import UTC
from pathlib import Path
from typing import IO, Any, cast
from uuid import UUID

import orjson
import structlog

from leadflow.audit import queries
from leadflow.audit.providers.bucket import Store
from leadflow.audit.service.ring import sealing
from leadflow.audit.types import Sealing
from leadflow.kernel.db import Database, organizations
from leadflow.kernel.errors import Invalid, LeadFlowError
from models.audit import AuditSeal

log = structlog.get_logger(__name__)


def anchors(org_id: UUID) -> list[dict[str, Any]]:
    """Read the copies of an organisation's seals that are kept outside the database, oldest first."""
    return kept(sealing(), org_id)


def signature_of(org_id: UUID, number: int) -> str | None:
    """Find what the anchor of one seal says its signature is; None where it has none.

    The file grows by a line a seal and is in their order, so it is searched by halves.
    """
    folder = sealing().anchor_dir
    path = folder / f"{org_id}.jsonl" if folder else None
    if path is None or not path.exists():
        return None
    with path.open("rb") as file:
        low, high = 0, path.stat().st_size
        while low < high:
            middle = (low + high) // 2
            anchor = _line_from(file, middle)
            if anchor is None or anchor["number"] >= number:
                high = middle
            else:
                low = middle + 1
        anchor = _line_from(file, low)
    return str(anchor["signature"]) if anchor and anchor["number"] == number else None


def _line_from(file: IO[bytes], at: int) -> dict[str, Any] | None:
    """Read the first whole line that begins at or behind a place; None behind the last."""
    if at:
        file.seek(at - 1)
        file.readline()
    else:
        file.seek(0)
    line = file.readline()
    return orjson.loads(line) if line.strip() else None


def read(path: Path) -> list[dict[str, Any]]:
    """Read anchors that somebody kept: JSON lines, as they were written or mailed.

    Raises:
        Invalid: a line is no anchor; says which.
    """
    found: list[dict[str, Any]] = []
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        if not line.strip():
            continue
        try:
            row: Any = orjson.loads(line)
        except orjson.JSONDecodeError:
            row = None
        anchor = cast("dict[str, Any]", row) if isinstance(row, dict) else {}
        if not (isinstance(anchor.get("number"), int) and isinstance(anchor.get("signature"), str)):
            raise Invalid(
                f"Line {number} of {path.name} is no anchor: it names no seal's number and signature.", "anchors"
            )
        found.append({"last": 0, **anchor})
    return found


AT_ONCE = 5_000
"""Seals of one object in the bucket."""
_anchored: dict[tuple[str, UUID], int] = {}


def anchor_all(db: Database) -> int:
    """Copy the seals that the bucket lacks, of every organisation, one object a call.

    A bucket that does not answer stops nothing: the next call begins where this one failed, and the log cries.

    Returns:
        How many seals were copied.
    """
    bucket = sealing().bucket
    if bucket is None:
        return 0
    store = Store(bucket)
    with db.begin() as uow:
        orgs = organizations(uow)
    made = 0
    for org_id in orgs:
        try:
            made += _copy(db, org_id, store)
        except LeadFlowError:
            log.exception("audit.anchor_failed", org_id=str(org_id), where="bucket")
    return made


def _copy(db: Database, org_id: UUID, store: Store) -> int:
    here = (db.url, org_id)
    last = _anchored.get(here)
    if last is None:
        last = max((int(name) for name in store.names(org_id)), default=0)
    with db.begin(org_id) as uow:
        seals, now = queries.seals_after(uow, last, AT_ONCE), uow.now()
    if seals:
        last = seals[-1].number
        store.put(org_id, f"{last:012d}", b"".join(line_of(seal) + b"\n" for seal in seals), now)
    _anchored[here] = last
    return len(seals)


def bucketed(org_id: UUID) -> list[dict[str, Any]]:
    """Read an organisation's anchors out of the bucket, oldest first; none where no bucket is set.

    Raises:
        Transient: the bucket does not answer.
    """
    bucket = sealing().bucket
    if bucket is None:
        return []
    store = Store(bucket)
    contents = (store.get(org_id, name) for name in store.names(org_id))
    return [orjson.loads(line) for content in contents for line in content.splitlines() if line]


def line_of(seal: AuditSeal | queries.Seal) -> bytes:
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
    """Append the seal to the file outside the database, durably.

    A folder that cannot be written stops no sealing: the record goes on, and the log cries.
    """
    if keys.anchor_dir is None:
        return
    try:
        keys.anchor_dir.mkdir(parents=True, exist_ok=True)
        with (keys.anchor_dir / f"{org_id}.jsonl").open("ab") as file:
            file.write(line + b"\n")
            file.flush()
            os.fsync(file.fileno())
    except OSError:
        log.exception("audit.anchor_failed", org_id=str(org_id), where="folder")


def anchor_of(seal: queries.Seal) -> str:
    """Write what is kept of a seal outside, as one line of text."""
    return line_of(seal).decode()


def kept(keys: Sealing, org_id: UUID) -> list[dict[str, Any]]:
    """Read an organisation's anchors, oldest first."""
    if keys.anchor_dir is None:
        return []
    path = keys.anchor_dir / f"{org_id}.jsonl"
    if not path.exists():
        return []
    return [orjson.loads(line) for line in path.read_bytes().splitlines() if line]
