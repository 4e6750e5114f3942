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
    if not digests:
        return hashlib.sha256(b"").digest()
    level = [hashlib.sha256(b"\x00" + digest).digest() for digest in digests]
    while len(level) > 1:
        pairs = [hashlib.sha256(b"\x01" + level[i] + level[i + 1]).digest() for i in range(0, len(level) - 1, 2)]
        level = pairs + ([level[-1]] if len(level) % 2 else [])
    return level[0]


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
