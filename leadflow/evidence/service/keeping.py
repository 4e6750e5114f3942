"""List packs, take them away, and let them go after their time."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.evidence import queries
from leadflow.evidence.queries import Kept
from leadflow.evidence.rules import files
from leadflow.evidence.service.making import MACHINE, about
from leadflow.evidence.types import KEPT, PackRow
from leadflow.identity import service as identity
from leadflow.identity.rules import mask_phone, require
from leadflow.identity.types import Principal
from leadflow.kernel import paging
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.downloads import Download, in_pieces
from leadflow.kernel.errors import Conflict, Invalid, NotFound
from leadflow.kernel.paging import Page
from models.vocabulary import EvidenceOf, EvidenceState, JobState, Permission, Role

_ENDED = frozenset({JobState.FAILED.value, JobState.CANCELLED.value})


def listing(uow: UnitOfWork, actor: Principal, after: str | None = None, limit: int = 100) -> Page[PackRow]:
    """List packs, newest first; an auditor sees that they were made, with masked numbers."""
    require(actor, Permission.AUDIT_READ)
    rows = queries.packs(uow, _cursor(after), limit + 1)
    shown = tuple(_row(actor.role, kept) for kept in rows[:limit])
    following = paging.encode(shown[-1].requested_at.isoformat(), str(shown[-1].id)) if len(rows) > limit else None
    return Page(shown, following, None if after else queries.count_packs(uow))


def _cursor(after: str | None) -> tuple[datetime, UUID] | None:
    if after is None:
        return None
    at, row_id = paging.decode(after, 2)
    try:
        return datetime.fromisoformat(at), UUID(row_id)
    except (TypeError, ValueError) as error:
        raise Invalid("This page marker belongs to another list. Reload it.", "after") from error


def _row(role: Role, kept: Kept) -> PackRow:
    state = EvidenceState.MAKING
    if kept.made_at is not None:
        state = EvidenceState.READY
    elif kept.job_state in _ENDED:
        state = EvidenceState.FAILED
    number = None if kept.e164 is None else f"+{kept.e164}"
    masked = number is not None and mask_phone(role, number) != number
    return PackRow(
        id=kept.id,
        of=EvidenceOf(kept.of),
        about=mask_phone(role, number) if number is not None and masked else about(kept),
        since=kept.since,
        until=kept.until,
        state=state,
        done=kept.done or 0,
        total=kept.total,
        fault=kept.job_error or "" if state is EvidenceState.FAILED else "",
        requested_at=kept.requested_at,
        asked_by=kept.asked_by or MACHINE,
        made_at=kept.made_at,
        expires_at=kept.made_at + KEPT if kept.made_at else None,
        size_bytes=kept.size_bytes,
        sha256=kept.sha256,
        head_position=kept.head.get("last"),
        counts=kept.counts,
    )


def unlock(uow: UnitOfWork, actor: Principal, pack_id: UUID) -> None:
    """Ask for the password where it was typed too long ago, before the browser goes for the file.

    Raises:
        ConfirmPassword: so it is.
        NotFound: no such pack in this organisation.
    """
    require(actor, Permission.EVIDENCE_EXPORT)
    identity.need_confirmed(uow, actor)
    _ready(uow, pack_id)


def open_pack(db: Database, actor: Principal, pack_id: UUID) -> Download:
    """Take a pack away; the record of acts says who did.

    Raises:
        ConfirmPassword: the password was typed too long ago.
        NotFound: no such pack in this organisation.
        Conflict: it is still being made.
    """
    with db.begin(actor.org_id) as uow:
        unlock(uow, actor, pack_id)
        return _handed_over(db, uow, actor, pack_id)


def save(db: Database, actor: Principal, pack_id: UUID, path: Path) -> PackRow:
    """Write a pack into a file of this machine, whole or not at all.

    Raises:
        NotFound: no such pack.
        Conflict: it is still being made.
    """
    require(actor, Permission.EVIDENCE_EXPORT)
    with db.begin(actor.org_id) as uow:
        download = _handed_over(db, uow, actor, pack_id)
        row = _row(actor.role, _ready(uow, pack_id))
    download.save(path)
    return row


def _ready(uow: UnitOfWork, pack_id: UUID) -> Kept:
    kept = queries.pack(uow, pack_id)
    if kept is None:
        raise NotFound
    if kept.made_at is None:
        raise Conflict("This pack is not made yet. Wait until the list says that it is ready.")
    return kept


def _handed_over(db: Database, uow: UnitOfWork, actor: Principal, pack_id: UUID) -> Download:
    kept = _ready(uow, pack_id)
    audit.record(uow, actor.user_id, "evidence.downloaded", "evidence_pack", pack_id, {"sha256": kept.sha256 or ""})
    name = files.filename(pack_id, kept.of, kept.requested_at)
    chunks = in_pieces(db, actor.org_id, lambda uow, number: queries.chunk(uow, pack_id, number))
    return Download(name, kept.size_bytes or 0, kept.sha256 or "", chunks)


def sweep(db: Database) -> int:
    """Remove packs whose time is over, in every organisation.

    Returns:
        How many went.
    """
    return audit.remove_aged(db, KEPT, queries.remove_before, "evidence.removed", "evidence_pack")
