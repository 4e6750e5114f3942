"""Make a pack: seal what waits, gather everything, write the zip, keep it together with the act of its making."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from importlib.metadata import version
from typing import IO
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.evidence import queries
from leadflow.evidence.queries import Kept
from leadflow.evidence.service.gathering import Gathered, gather
from leadflow.evidence.types import Heading, Scope
from leadflow.jobs import service as jobs
from leadflow.kernel import phone as phones
from leadflow.kernel.db import Database, UnitOfWork
from models.evidence import EvidencePack
from models.vocabulary import EvidenceOf

PATIENCE = timedelta(minutes=1)
"""How long a pack waits for a receipt that another process is sealing. Own choice; a seal takes seconds."""
CHUNK = 1 << 20
MACHINE = "LeadFlow"


@dataclass(frozen=True, slots=True)
class Made:
    """What is kept of a pack besides its bytes."""

    at: datetime
    size_bytes: int
    sha256: str
    gathered: Gathered


def make(db: Database, org_id: UUID, pack_id: UUID, job_id: UUID | None = None) -> bool:
    """Make a pack that was asked for. A pack that is made already stays as it is, so that this may be repeated.

    Args:
        db: opens its own transactions: a long one that reads, and a short one that keeps.
        org_id: whose.
        pack_id: which.
        job_id: where progress is told.

    Returns:
        False: a receipt of the pack still waits for its seal; come back in a moment.
    """
    audit.seal(db, org_id)
    with db.begin(org_id) as uow:
        kept = queries.pack(uow, pack_id)
        if kept is None or kept.made_at is not None:
            return True
        scope = _scope(uow, kept)
        total, waiting = queries.count_receipts(uow, scope)
        if waiting and uow.now() - kept.requested_at < PATIENCE:
            return False
        heading = _heading(uow, kept)
    with tempfile.TemporaryFile() as file:
        with db.begin(org_id) as uow:
            gathered = gather(uow, heading, scope, file, left_out=waiting, tell=_teller(db, job_id, total))
        _keep(db, org_id, pack_id, file, gathered)
    return True


def _teller(db: Database, job_id: UUID | None, total: int) -> Callable[[int, str], None]:
    def tell(done: int, note: str) -> None:
        if job_id is not None:
            with db.begin() as uow:
                jobs.progress(uow, job_id, done, max(total, 1), note)

    return tell


def _keep(db: Database, org_id: UUID, pack_id: UUID, file: IO[bytes], gathered: Gathered) -> None:
    digest, size = hashlib.sha256(), 0
    file.seek(0)
    for piece in _pieces(file):
        digest.update(piece)
        size += len(piece)
    file.seek(0)
    with db.begin(org_id) as uow:
        # Another worker may have been faster, where this one was taken for dead.
        if not queries.hold(uow, pack_id):
            return
        queries.keep(uow, pack_id, _pieces(file))
        pack = uow.session.get_one(EvidencePack, (org_id, pack_id))
        pack.made_at, pack.size_bytes, pack.sha256 = uow.now(), size, digest.hexdigest()
        pack.head, pack.counts = gathered.head, gathered.counts
        detail = {
            "sha256": pack.sha256,
            "size": size,
            "receipts": gathered.counts["receipts"],
            "head_position": gathered.head.get("last"),
        }
        audit.record(uow, pack.actor_id, "evidence.made", "evidence_pack", pack_id, detail)


def _pieces(file: IO[bytes]) -> Iterator[bytes]:
    return iter(lambda: file.read(CHUNK), b"")


def _scope(uow: UnitOfWork, kept: Kept) -> Scope:
    e164 = None if kept.e164 is None else f"+{kept.e164}"
    numbers = (e164,) if e164 else ()
    people: tuple[UUID, ...] = ()
    if kept.person_id is not None:
        numbers, people = tuple(queries.numbers_of(uow, kept.person_id)), (kept.person_id,)
    elif e164 is not None:
        people = tuple(queries.reached(uow, e164))
    return Scope(
        of=EvidenceOf(kept.of),
        until=kept.until,
        since=kept.since,
        e164=e164,
        phone_key=compliance.phone_key(e164) if e164 else None,
        person_id=kept.person_id,
        campaign_id=kept.campaign_id,
        numbers=numbers,
        people=people,
    )


def _heading(uow: UnitOfWork, kept: Kept) -> Heading:
    organization, timezone = queries.house(uow)
    return Heading(
        pack_id=kept.id,
        org_id=uow.org(),
        organization=organization,
        timezone=timezone,
        asked_at=kept.requested_at,
        asked_by=kept.asked_by or MACHINE,
        asked_by_id=kept.actor_id,
        about=about(kept),
        version=version("leadflow"),
    )


def about(kept: Kept) -> str:
    """Name what a pack is about, for people."""
    if kept.e164 is not None:
        return phones.display(f"+{kept.e164}")
    return kept.subject or "somebody who was erased"
