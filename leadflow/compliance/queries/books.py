"""Finds books of rules in the record."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from leadflow.kernel.db import UnitOfWork


def read(uow: UnitOfWork, book_id: UUID) -> dict[str, Any] | None:
    """Read what the first event of a book says; None where there is none."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select detail from audit_event where org_id = %s and subject_kind = 'rule_book' and subject_id = %s "
            "order by at, id limit 1",
            [uow.org(), book_id],
        )
        row = cursor.fetchone()
    return row[0] if row else None
