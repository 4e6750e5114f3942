"""SQL of the documents that show consents."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from leadflow.compliance.types import Artefact
from leadflow.kernel.db import UnitOfWork


def keep(uow: UnitOfWork, artefact: Artefact, now: datetime, actor_id: UUID | None) -> bool:
    """Keep a document; False where the same is there."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            insert into consent_artefact (org_id, sha256, media_type, filename, size, content, added_at, added_by)
            values (%s, %s, %s, %s, %s, %s, %s, %s) on conflict do nothing
            """,
            [
                uow.org(),
                artefact.sha256,
                artefact.media_type,
                artefact.filename,
                len(artefact.content),
                artefact.content,
                now,
                actor_id,
            ],
        )
        return cursor.rowcount == 1


def read(uow: UnitOfWork, sha256: str) -> Artefact | None:
    """Read a document."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select sha256, media_type, filename, content from consent_artefact where org_id = %s and sha256 = %s",
            [uow.org(), sha256],
        )
        row = cursor.fetchone()
    return Artefact(row[0], row[1], row[2], bytes(row[3])) if row else None


def exists(uow: UnitOfWork, sha256: str) -> bool:
    """Say whether a document is kept."""
    with uow.cursor() as cursor:
        cursor.execute("select 1 from consent_artefact where org_id = %s and sha256 = %s", [uow.org(), sha256])
        return cursor.fetchone() is not None
