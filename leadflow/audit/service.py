"""Record acts, seal them in the background, verify the whole."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import orjson
import structlog

from leadflow.audit import queries
from leadflow.audit.rules import ZERO, canonical, digest_of, link, merkle_root, seal_body, sign
from leadflow.audit.types import EventRow, Fault, Report, Sealing
from leadflow.kernel import paging
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Invalid
from leadflow.kernel.paging import Page
from models.audit import AuditEvent, AuditSeal
from models.base import new_id

log = structlog.get_logger(__name__)

SEAL_LOCK = 7_203_002
"""Advisory lock: one sealer a database."""
BATCH = 5_000

_sealing: Sealing | None = None


def configure(sealing: Sealing) -> None:
    """Give this process its seal keys and anchor folder; called once by the door at start."""
    global _sealing  # noqa: PLW0603 one key ring a process, read from the settings at start
    _sealing = sealing


def sealing() -> Sealing:
    """Answer the keys.

    Raises:
        RuntimeError: the process was started without them.
    """
    if _sealing is None:
        msg = "audit.service.configure was not called"
        raise RuntimeError(msg)
    return _sealing


def record(
    uow: UnitOfWork,
    actor_id: UUID | None,
    action: str,
    subject_kind: str,
    subject_id: UUID | None,
    detail: dict[str, Any] | None = None,
    *,
    org_id: UUID | None = None,
) -> UUID:
    """Append one event to the caller's transaction.

    Args:
        uow: the transaction of the act itself.
        actor_id: the user; None for the system.
        action: ``noun.verb`` in the past: ``campaign.launched``.
        subject_kind: the table of what was acted on.
        subject_id: its id.
        detail: ids, counts and words; never a name or a raw number.
        org_id: whose record; None for that of the transaction's organisation. For acts on several at once.

    Returns:
        The event's id.
    """
    now, event_id, owner = uow.now(), new_id(), org_id or uow.org()
    body = canonical(
        {
            "id": str(event_id),
            "org": str(owner),
            "at": now.isoformat(timespec="microseconds"),
            "actor": str(actor_id) if actor_id else None,
            "action": action,
            "subject": [subject_kind, str(subject_id) if subject_id else None],
            "detail": detail or {},
        }
    )
    uow.session.add(
        AuditEvent(
            org_id=owner,
            id=event_id,
            at=now,
            actor_id=actor_id,
            action=action,
            subject_kind=subject_kind,
            subject_id=subject_id,
            detail=detail or {},
            body=body,
            digest=digest_of(body),
        )
    )
    return event_id


def seal_all(db: Database) -> int:
    """Give every waiting entry of every organisation its leaf and sign the stretch.

    Returns:
        How many leaves were made. Zero also when another process is sealing.
    """
    with db.begin() as uow:
        orgs = queries.organizations(uow)
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
        anchor = _anchor_line(made)
    _anchor(keys, org_id, anchor)
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


def _anchor_line(seal: AuditSeal) -> bytes:
    return orjson.dumps(
        {
            "number": seal.number,
            "last": seal.last_position,
            "head": seal.head.hex(),
            "signature": seal.signature.hex(),
            "sealed_at": seal.sealed_at.astimezone(UTC).isoformat(),
        }
    )


def _anchor(keys: Sealing, org_id: UUID, line: bytes) -> None:
    """Append the seal to the file outside the database, durably. A missing line is caught up by verify's report."""
    if keys.anchor_dir is None:
        return
    keys.anchor_dir.mkdir(parents=True, exist_ok=True)
    with (keys.anchor_dir / f"{org_id}.jsonl").open("ab") as file:
        file.write(line + b"\n")
        file.flush()
        os.fsync(file.fileno())


def verify(db: Database, org_id: UUID) -> Report:
    """Recompute every hash of an organisation's record and hold it against the seals and the anchors.

    The fault names the first bad position: a changed byte, a missing, inserted or swapped row, a forged seal,
    or a tail that is shorter than the anchors remember.
    """
    keys = sealing()
    with db.begin(org_id) as uow:
        seals = queries.seals(uow)
        pending = queries.count_unsealed(uow)
        count, fault = _walk(uow, org_id, seals, keys)
    anchors = _anchors(keys, org_id)
    return Report(org_id, count, len(seals), pending, len(anchors), fault or _against_anchors(org_id, seals, anchors))


def _walk(uow: UnitOfWork, org_id: UUID, seals: list[queries.Seal], keys: Sealing) -> tuple[int, Fault | None]:
    chain, expected, previous = ZERO, 1, ZERO
    stretch: list[bytes] = []
    waiting = iter(seals)
    current = next(waiting, None)
    for leaf in queries.leaves(uow):
        fault = _check_leaf(org_id, leaf, expected, chain)
        if fault:
            return expected - 1, fault
        chain = leaf.chain
        stretch.append(leaf.digest)
        if current and leaf.position == current.last_position:
            fault = _check_seal(org_id, current, stretch, chain, previous, keys)
            if fault:
                return expected, fault
            previous, stretch, current = current.signature, [], next(waiting, None)
        expected += 1
    if current:
        return expected - 1, Fault(org_id, expected, f"seal {current.number} covers entries that are gone")
    if stretch:
        return expected - 1, Fault(org_id, expected - len(stretch), "entries without a seal")
    return expected - 1, None


def _check_leaf(org_id: UUID, leaf: queries.Leaf, expected: int, chain: bytes) -> Fault | None:
    if leaf.position != expected:
        return Fault(org_id, expected, "a leaf is missing here")
    if leaf.body is None:
        return Fault(org_id, expected, f"the {leaf.source} of this leaf is gone")
    if digest_of(leaf.body) != leaf.stored_digest or leaf.stored_digest != leaf.digest:
        return Fault(org_id, expected, f"the {leaf.source} was changed")
    if link(chain, leaf.digest) != leaf.chain:
        return Fault(org_id, expected, "the chain does not follow from the entry before")
    return None


def _check_seal(
    org_id: UUID, seal: queries.Seal, stretch: list[bytes], chain: bytes, previous: bytes, keys: Sealing
) -> Fault | None:
    body = seal_body(
        org_id=str(org_id),
        number=seal.number,
        first=seal.first_position,
        last=seal.last_position,
        root=merkle_root(stretch),
        head=chain,
        previous=previous,
        sealed_at=seal.sealed_at,
    )
    key = keys.keys.get(seal.key_id)
    if key is None:
        return Fault(org_id, seal.first_position, f"seal {seal.number} was signed with an unknown key")
    if sign(key, body) != seal.signature:
        return Fault(org_id, seal.first_position, f"seal {seal.number} does not match its entries")
    return None


def _anchors(keys: Sealing, org_id: UUID) -> list[dict[str, Any]]:
    if keys.anchor_dir is None:
        return []
    path = keys.anchor_dir / f"{org_id}.jsonl"
    if not path.exists():
        return []
    return [orjson.loads(line) for line in path.read_bytes().splitlines() if line]


def _against_anchors(org_id: UUID, seals: list[queries.Seal], anchors: list[dict[str, Any]]) -> Fault | None:
    by_number = {seal.number: seal for seal in seals}
    for anchor in anchors:
        seal = by_number.get(anchor["number"])
        if seal is None:
            return Fault(org_id, anchor["last"], f"seal {anchor['number']} is anchored but gone: the tail was cut")
        if seal.signature.hex() != anchor["signature"]:
            return Fault(org_id, seal.first_position, f"seal {seal.number} differs from its anchor")
    return None


def last_sealed_at(uow: UnitOfWork) -> datetime | None:
    """Answer when the record was sealed last."""
    found = queries.seals(uow)
    return found[-1].sealed_at if found else None


def events(
    uow: UnitOfWork, *, action: str = "", actor_id: UUID | None = None, after: str | None = None, limit: int = 100
) -> Page[EventRow]:
    """List what was done, newest first. The caller's door asks for ``audit.read``.

    Raises:
        Invalid: ``after`` is no cursor of this list.
    """
    before: UUID | None = None
    if after:
        try:
            before = UUID(str(paging.decode(after, 1)[0]))
        except ValueError as error:
            raise Invalid("This page marker is damaged. Reload the list.", "after") from error
    rows = queries.events(uow, action.strip().lower(), actor_id, before, limit + 1)
    more = len(rows) > limit
    return Page(tuple(rows[:limit]), paging.encode(str(rows[limit - 1].id)) if more else None)
