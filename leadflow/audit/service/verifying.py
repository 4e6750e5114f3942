"""Recompute the whole record."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any
from uuid import UUID

from leadflow.audit import queries
from leadflow.audit.rules import ZERO, digest_of, merkle_root, seal_body, sign
from leadflow.audit.service import anchoring
from leadflow.audit.service.ring import sealing
from leadflow.audit.types import Fault, Report, Sealing
from leadflow.kernel.db import Database, UnitOfWork


def verify(db: Database, org_id: UUID, more: Sequence[dict[str, Any]] = ()) -> Report:
    """Recompute every hash of an organisation's record and hold it against the seals and the anchors.

    The fault names the first bad position: a changed byte, a missing, inserted or swapped row, a forged seal,
    or a tail that is shorter than the anchors remember.

    Args:
        db: opens its own transaction.
        org_id: whose record.
        more: anchors that somebody kept elsewhere (``anchors_in``), held against the record besides our own.
    """
    keys = sealing()
    # Sealing goes on meanwhile. What is anchored by now was sealed before, so the anchors come first; and of the record
    # everything is read as it stood at one instant, or a new seal would be without entries, or they without it.
    anchors = [*anchoring.kept(keys, org_id), *anchoring.bucketed(org_id), *more]
    with db.begin(org_id, snapshot=True) as uow:
        seals = queries.seals(uow)
        pending = queries.count_unsealed(uow)
        count, fault = _walk(uow, org_id, seals, keys)
    return Report(org_id, count, len(seals), pending, len(anchors), fault or _against_anchors(org_id, seals, anchors))


def _walk(uow: UnitOfWork, org_id: UUID, seals: list[queries.Seal], keys: Sealing) -> tuple[int, Fault | None]:
    chain, expected, before = ZERO, 1, None
    stretch: list[bytes] = []
    waiting = iter(seals)
    current = next(waiting, None)
    end = current.last_position if current else 0
    sha256, add = hashlib.sha256, stretch.append
    for position, source, digest, link, body, same in queries.links(uow):
        # A million times: one condition, and only where it fails is asked which part of it.
        if not (
            same
            and position == expected
            and body is not None
            and sha256(body).digest() == digest
            and sha256(chain + digest).digest() == link
        ):
            return expected - 1, _fault(org_id, queries.Link(position, source, digest, link, body, same), expected)
        if current and not stretch and (fault := _order(org_id, current, before)):
            return expected - 1, fault
        chain = link
        add(digest)
        if position == end and current:
            if fault := _check_seal(org_id, current, stretch, chain, before, keys):
                return expected, fault
            before, current = current, next(waiting, None)
            end = current.last_position if current else 0
            stretch.clear()
        expected += 1
    if current:
        fault = _order(org_id, current, before)
        return expected - 1, fault or Fault(org_id, expected, f"seal {current.number} covers entries that are gone")
    if stretch:
        return expected - 1, Fault(org_id, expected - len(stretch), "entries without a seal")
    return expected - 1, None


def _fault(org_id: UUID, leaf: queries.Link, expected: int) -> Fault:
    """Name what is wrong with a leaf."""
    if leaf.position != expected:
        return Fault(org_id, expected, "a leaf is missing here")
    if leaf.body is None:
        return Fault(org_id, expected, f"the {leaf.source} of this leaf is gone")
    if not leaf.same or digest_of(leaf.body) != leaf.digest:
        return Fault(org_id, expected, f"the {leaf.source} was changed")
    return Fault(org_id, expected, "the chain does not follow from the entry before")


def _order(org_id: UUID, seal: queries.Seal, before: queries.Seal | None) -> Fault | None:
    """Say whether a seal does not begin where the one before ended."""
    number, first = (before.number + 1, before.last_position + 1) if before else (1, 1)
    if seal.number != number:
        return Fault(org_id, first, f"seal {number} is gone")
    if seal.first_position != first or seal.last_position < first:
        return Fault(org_id, first, f"seal {number} was changed: it covers other entries")
    return None


def _check_seal(
    org_id: UUID, seal: queries.Seal, stretch: list[bytes], chain: bytes, before: queries.Seal | None, keys: Sealing
) -> Fault | None:
    previous = before.signature if before else ZERO
    if (seal.merkle_root, seal.head, seal.previous) != (merkle_root(stretch), chain, previous):
        return Fault(org_id, seal.first_position, f"seal {seal.number} does not match its entries")
    body = seal_body(
        org_id=str(org_id),
        number=seal.number,
        first=seal.first_position,
        last=seal.last_position,
        root=seal.merkle_root,
        head=chain,
        previous=previous,
        sealed_at=seal.sealed_at,
    )
    key = keys.keys.get(seal.key_id)
    if key is None:
        return Fault(org_id, seal.first_position, f"seal {seal.number} was signed with an unknown key")
    if sign(key, body) != seal.signature:
        return Fault(org_id, seal.first_position, f"seal {seal.number} does not bear its signature")
    return None


def _against_anchors(org_id: UUID, seals: list[queries.Seal], anchors: list[dict[str, Any]]) -> Fault | None:
    by_number = {seal.number: seal for seal in seals}
    for anchor in anchors:
        seal = by_number.get(anchor["number"])
        if seal is None:
            return Fault(org_id, anchor["last"], f"seal {anchor['number']} is anchored but gone: the tail was cut")
        if seal.signature.hex() != anchor["signature"]:
            return Fault(org_id, seal.first_position, f"seal {seal.number} differs from its anchor")
    return None
