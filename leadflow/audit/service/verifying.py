"""Recompute the whole record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from leadflow.audit import queries
from leadflow.audit.rules import ZERO, digest_of, link, merkle_root, seal_body, sign
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
    with db.begin(org_id) as uow:
        seals = queries.seals(uow)
        pending = queries.count_unsealed(uow)
        count, fault = _walk(uow, org_id, seals, keys)
    anchors = [*anchoring.kept(keys, org_id), *more]
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


def _against_anchors(org_id: UUID, seals: list[queries.Seal], anchors: list[dict[str, Any]]) -> Fault | None:
    by_number = {seal.number: seal for seal in seals}
    for anchor in anchors:
        seal = by_number.get(anchor["number"])
        if seal is None:
            return Fault(org_id, anchor["last"], f"seal {anchor['number']} is anchored but gone: the tail was cut")
        if seal.signature.hex() != anchor["signature"]:
            return Fault(org_id, seal.first_position, f"seal {seal.number} differs from its anchor")
    return None
