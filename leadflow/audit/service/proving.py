"""Prove single entries: by the path from their digest up to a signed root."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from leadflow.audit import queries
from leadflow.audit.queries import Seal
from leadflow.audit.rules import digest_of, inclusion_path, merkle_levels, root_from, seal_body, sign
from leadflow.audit.service.anchoring import signature_of
from leadflow.audit.service.ring import sealing
from leadflow.audit.types import Proof
from leadflow.kernel.db import UnitOfWork


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry stands under its seal."""

    seal: Seal
    index: int
    size: int
    path: list[bytes]


class Prover:
    """Answers paths, most cheaply in the order of the chain: one seal's tree is kept at a time."""

    def __init__(self, uow: UnitOfWork) -> None:
        self.uow = uow
        self._seal: Seal | None = None
        self._levels: Sequence[Sequence[bytes]] = ()

    def place(self, position: int) -> Place | None:
        """Find the path of a position; None where no seal covers it, or leaves under its seal are gone."""
        if self._seal is None or not self._seal.first_position <= position <= self._seal.last_position:
            self._seal = queries.seal_over(self.uow, position)
            if self._seal is None:
                return None
            digests = queries.stretch(self.uow, self._seal.first_position, self._seal.last_position)
            self._levels = merkle_levels(digests)
        seal = self._seal
        index, size = position - seal.first_position, seal.last_position - seal.first_position + 1
        if len(self._levels[0]) != size:
            return None
        return Place(seal, index, size, inclusion_path(self._levels, index))


def prove(uow: UnitOfWork, source: str, source_id: UUID) -> Proof | None:
    """Prove that an entry stands in the record: by its path up to the signed root of its seal.

    Args:
        uow: a transaction of the organisation.
        source: ``decision`` or ``event``.
        source_id: its id.

    Returns:
        None while the entry waits for the next seal, or where there is none of this id.
    """
    leaf = queries.leaf_of(uow, source, source_id)
    place = Prover(uow).place(leaf.position) if leaf else None
    if leaf is None or place is None:
        return None
    seal, org_id = place.seal, uow.org()
    body = leaf.body or b""
    now = digest_of(body)
    key = sealing().keys.get(seal.key_id)
    signed = key is not None and sign(key, _body_of(org_id, seal)) == seal.signature
    return Proof(
        source=source,
        source_id=source_id,
        digest=leaf.digest.hex(),
        position=leaf.position,
        index=place.index,
        size=place.size,
        path=tuple(one.hex() for one in place.path),
        merkle_root=seal.merkle_root.hex(),
        chain=leaf.chain.hex(),
        seal=seal.number,
        sealed_at=seal.sealed_at,
        key_id=seal.key_id,
        signature=seal.signature.hex(),
        anchored=signature_of(org_id, seal.number) == seal.signature.hex(),
        holds=signed and now == leaf.digest and root_from(now, place.index, place.size, place.path) == seal.merkle_root,
        body=body.decode(errors="replace"),
    )


def _body_of(org_id: UUID, seal: queries.Seal) -> bytes:
    return seal_body(
        org_id=str(org_id),
        number=seal.number,
        first=seal.first_position,
        last=seal.last_position,
        root=seal.merkle_root,
        head=seal.head,
        previous=seal.previous,
        sealed_at=seal.sealed_at,
    )
