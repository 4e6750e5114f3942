"""Give what was recorded its place in the chain, and sign the stretch; in the background."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from leadflow.audit import queries
from leadflow.audit.rules import ZERO, link, merkle_root, seal_body, sign
from leadflow.audit.service import anchoring
from leadflow.audit.service.ring import sealing
from leadflow.audit.types import Sealing
from leadflow.kernel.db import Database, UnitOfWork, organizations
from models.audit import AuditSeal

SEAL_LOCK = 7_203_002
"""Advisory lock: one sealer a database."""
BATCH = 5_000


def seal_all(db: Database) -> int:
    """Give every waiting entry of every organisation its leaf and sign the stretch.

    Returns:
        How many leaves were made. Zero also when another process is sealing.
    """
    with db.begin() as uow:
        orgs = organizations(uow)
    return sum(seal(db, org_id) for org_id in orgs)


def seal(db: Database, org_id: UUID) -> int:
    """Seal one organisation, batch after batch.

    What an earlier call of this process has passed is not looked at again: it begins where the oldest transaction stood
    that was still writing then, less ``SKEW``. A new process begins at the beginning.
    """
    with db.begin(org_id) as uow:
        horizon = queries.horizon(uow)
    after = _passed.get((db.url, org_id), _FIRST)
    made = 0
    while True:
        batch = _seal_batch(db, org_id, sealing(), after)
        if batch is None:
            return made
        made += len(batch)
        if len(batch) < BATCH:
            _passed[db.url, org_id] = _id_of(horizon - SKEW)
            return made
        after = batch[-1].id


SKEW = timedelta(minutes=2)
"""How far the clocks of two machines that write ids may differ. Own choice."""
_FIRST = UUID(int=0)
_passed: dict[tuple[str, UUID], UUID] = {}


def _id_of(at: datetime) -> UUID:
    """Make the least id of an instant (RFC 9562: the first 48 bits of version 7 count milliseconds)."""
    return UUID(int=int(at.timestamp() * 1000) << 80)


def _seal_batch(db: Database, org_id: UUID, keys: Sealing, after: UUID) -> list[queries.Entry] | None:
    """Seal the next entries; None when another process is sealing."""
    with db.begin(org_id) as uow:
        if not queries.hold(uow, SEAL_LOCK):
            return None
        entries = queries.unsealed(uow, after, BATCH)
        if not entries:
            return entries
        position, chain = queries.last_leaf(uow) or (0, ZERO)
        rows: list[tuple[int, str, UUID, bytes, bytes]] = []
        for place, entry in enumerate(entries, position + 1):
            chain = link(chain, entry.digest)
            rows.append((place, entry.source, entry.id, entry.digest, chain))
        queries.add_leaves(uow, rows)
        made = _sign(uow, keys, position + 1, [entry.digest for entry in entries], chain)
        uow.session.add(made)
        anchor = anchoring.line_of(made)
    anchoring.keep(keys, org_id, anchor)
    return entries


def _sign(uow: UnitOfWork, keys: Sealing, first: int, digests: list[bytes], head: bytes) -> AuditSeal:
    number, previous = queries.last_seal(uow) or (0, ZERO)
    sealed_at = uow.now()
    last = first + len(digests) - 1
    root = merkle_root(digests)
    body = seal_body(
        org_id=str(uow.org()),
        number=number + 1,
        first=first,
        last=last,
        root=root,
        head=head,
        previous=previous,
        sealed_at=sealed_at,
    )
    return AuditSeal(
        org_id=uow.org(),
        number=number + 1,
        first_position=first,
        last_position=last,
        merkle_root=root,
        head=head,
        previous=previous,
        sealed_at=sealed_at,
        key_id=keys.key_id,
        signature=sign(keys.keys[keys.key_id], body),
    )


def head(uow: UnitOfWork) -> queries.Seal | None:
    """Answer the seal at the end of the organisation's chain."""
    return queries.newest_seal(uow)


def last_sealed_at(uow: UnitOfWork) -> datetime | None:
    """Answer when the record was sealed last."""
    found = queries.newest_seal(uow)
    return found.sealed_at if found else None
