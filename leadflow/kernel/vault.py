"""Secrets at rest: sealed with AES-256-GCM under a key ring, each bound to the very place it stands in.

A sealed value is ``version 1 | length of key id | key id | nonce of 12 bytes | ciphertext and tag`` (NIST SP 800-38D).
Table, column, row and organisation are authenticated with it, so a value that is copied into another row does not
open there. Each key of the ring is stretched by HKDF-SHA256 (RFC 5869) for this use alone. The first key seals, all
open; ``leadflow keys rewrap`` seals everything anew under the first.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

VERSION = 1
NONCE = 12
_LONGEST_ID = 255


class Unsealable(Exception):
    """The value was changed, belongs elsewhere, or its key is not in the ring. Says nothing of its content."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sealed value stands."""

    table: str
    column: str
    id: UUID
    org_id: UUID | None = None
    """None for a row of the installation, such as a user."""

    def bound(self) -> bytes:
        """Write the place as the data that is authenticated with the value."""
        return f"{self.table}\n{self.column}\n{self.id}\n{self.org_id or ''}".encode()


@dataclass(frozen=True, slots=True, eq=False)
class Vault:
    """Seals and opens.

    Args:
        ring: key id → at least 32 bytes; the first seals, all open.
    """

    ring: Mapping[str, bytes]

    @property
    def current(self) -> str:
        """Name the key that seals now."""
        return next(iter(self.ring))

    @property
    def head(self) -> bytes:
        """Answer how every value begins that the current key has sealed."""
        key_id = self.current.encode()[:_LONGEST_ID]
        return bytes([VERSION, len(key_id)]) + key_id

    def seal(self, place: Place, plain: bytes) -> bytes:
        """Seal ``plain`` for ``place``; twice the same gives two different values."""
        nonce = secrets.token_bytes(NONCE)
        return self.head + nonce + _cipher(self.ring[self.current]).encrypt(nonce, plain, place.bound())

    def open(self, place: Place, sealed: bytes) -> bytes:
        """Open what was sealed for ``place``.

        Raises:
            Unsealable: it was not, or by no key of the ring.
        """
        key_id, rest = _parted(sealed)
        key = self.ring.get(key_id)
        if key is None:
            msg = f"sealed with the key {key_id!r}, which is not in the ring"
            raise Unsealable(msg)
        try:
            return _cipher(key).decrypt(rest[:NONCE], rest[NONCE:], place.bound())
        except InvalidTag:
            msg = "changed, or moved from where it was sealed"
            raise Unsealable(msg) from None


def key_of(sealed: bytes) -> str:
    """Name the key that a value was sealed with.

    Raises:
        Unsealable: it is no sealed value.
    """
    return _parted(sealed)[0]


def _parted(sealed: bytes) -> tuple[str, bytes]:
    if len(sealed) < 2 + NONCE or sealed[0] != VERSION or len(sealed) < 2 + sealed[1] + NONCE:
        msg = "no sealed value"
        raise Unsealable(msg)
    end = 2 + sealed[1]
    return sealed[2:end].decode(errors="replace"), sealed[end:]


@cache
def _cipher(key: bytes) -> AESGCM:
    return AESGCM(HKDF(algorithm=SHA256(), length=32, salt=None, info=b"leadflow/vault/1").derive(key))


_vault: Vault | None = None


def configure(vault: Vault) -> None:
    """Give this process its vault; called once by the door at start."""
    global _vault  # noqa: PLW0603 one key ring a process, read from the settings at start
    _vault = vault


def vault() -> Vault:
    """Answer the vault of this process.

    Raises:
        RuntimeError: the process was started without one.
    """
    if _vault is None:
        msg = "kernel.vault.configure was not called"
        raise RuntimeError(msg)
    return _vault
