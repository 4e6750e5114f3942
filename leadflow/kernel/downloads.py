"""Files that were made by a job and lie in the database in pieces, on their way out."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from uuid import UUID

from leadflow.kernel.db import Database, UnitOfWork


@dataclass(frozen=True, slots=True)
class Download:
    """A file's bytes on their way out."""

    filename: str
    """Made of our own words only."""
    size_bytes: int
    sha256: str
    """Hexadecimal, of the whole file."""
    chunks: Iterator[bytes]

    def save(self, path: Path) -> None:
        """Write it into a file of this machine, whole or not at all; only its owner may read it."""
        draft = path.with_name(f".{path.name}.part")
        try:
            # Names, addresses and real numbers stand in such files.
            with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                file.writelines(self.chunks)
            draft.replace(path)
        finally:
            draft.unlink(missing_ok=True)


def in_pieces(db: Database, org_id: UUID, piece: Callable[[UnitOfWork, int], bytes | None]) -> Iterator[bytes]:
    """Read pieces one by one, each in a transaction of its own: a slow reader holds none open.

    Args:
        db: where they are.
        org_id: whose.
        piece: answers the piece of a number, from 1 on; None behind the last.
    """
    number = 1
    while True:
        with db.begin(org_id) as uow:
            content = piece(uow, number)
        if content is None:
            return
        yield content
        number += 1
