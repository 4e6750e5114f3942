"""How an entry is hashed, chained and sealed. Pure; the stand-alone verifier does the same with the standard library.

Shapes: every hash is 32 bytes. ``chain[n] = SHA-256(chain[n-1] || digest[n])``, ``chain[0]`` is 32 zero bytes.
The Merkle tree hashes leaves as ``SHA-256(0x00 || digest)`` and nodes as ``SHA-256(0x01 || left || right)``;
an odd node moves up unchanged (the shape of RFC 9162, section 2.1).
"""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

ZERO = bytes(32)


def canonical(document: dict[str, Any]) -> bytes:
    """Write a document in one way only: sorted keys, no spaces, UTF-8."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=str).encode()


def digest_of(body: bytes) -> bytes:
    """Hash a canonical document."""
    return hashlib.sha256(body).digest()


def link(previous: bytes, digest: bytes) -> bytes:
    """Chain a digest to the entry before it."""
    return hashlib.sha256(previous + digest).digest()


def merkle_root(digests: Sequence[bytes]) -> bytes:
    """Fold the digests of a stretch into one root; of an empty stretch, the hash of nothing."""
    return merkle_levels(digests)[-1][0] if digests else hashlib.sha256(b"").digest()


def merkle_levels(digests: Sequence[bytes]) -> list[list[bytes]]:
    """Build the tree over the digests of a stretch, from its leaves up to the root; never of an empty stretch."""
    levels = [[hashlib.sha256(b"\x00" + digest).digest() for digest in digests]]
    while len(level := levels[-1]) > 1:
        pairs = [hashlib.sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        levels.append(pairs + ([level[-1]] if len(level) % 2 else []))
    return levels


def inclusion_path(levels: Sequence[Sequence[bytes]], index: int) -> list[bytes]:
    """List the neighbours that lead from leaf ``index`` (from 0) up to the root, lowest first.

    On which side each stands follows from the index and the number of leaves, so a path cannot be read in two ways.
    """
    path: list[bytes] = []
    for level in levels[:-1]:
        neighbour = index ^ 1
        if neighbour < len(level):
            path.append(level[neighbour])
        index //= 2
    return path


def root_from(digest: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes | None:
    """Fold a digest with its path into the root that it belongs to; None where the path has the wrong length.

    Args:
        digest: of the entry.
        index: its place in the stretch, from 0.
        size: entries of the stretch.
        path: as ``inclusion_path`` lists it.
    """
    node, rest = hashlib.sha256(b"\x00" + digest).digest(), list(path)
    while size > 1:
        if index ^ 1 < size:
            if not rest:
                return None
            neighbour = rest.pop(0)
            pair = neighbour + node if index % 2 else node + neighbour
            node = hashlib.sha256(b"\x01" + pair).digest()
        index, size = index // 2, (size + 1) // 2
    return None if rest else node


def seal_body(
    *,
    org_id: str,
    number: int,
    first: int,
    last: int,
    root: bytes,
    head: bytes,
    previous: bytes,
    sealed_at: datetime,
) -> bytes:
    """Write what a seal signs."""
    return canonical(
        {
            "org": org_id,
            "number": number,
            "first": first,
            "last": last,
            "root": root.hex(),
            "head": head.hex(),
            "previous": previous.hex(),
            "sealed_at": sealed_at.astimezone(UTC).isoformat(timespec="microseconds"),
        }
    )


def sign(key: bytes, body: bytes) -> bytes:
    """Sign a seal with HMAC-SHA256."""
    return hmac.new(key, body, hashlib.sha256).digest()
