"""Run one statement and read its rows by name."""

from __future__ import annotations

from typing import Any

from psycopg.rows import class_row

from leadflow.kernel.db import UnitOfWork


def one(uow: UnitOfWork, kind: type[Any], query: str, values: dict[str, Any]) -> Any:  # noqa: ANN401 a row of ``kind``
    """Read one row as ``kind``; None where there is none."""
    with uow.connection().cursor(row_factory=class_row(kind)) as cursor:
        return cursor.execute(query.encode(), values).fetchone()


def many(uow: UnitOfWork, query: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    """Read every row."""
    with uow.cursor() as cursor:
        cursor.execute(query.encode(), values)
        names = [column.name for column in cursor.description or ()]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def run(uow: UnitOfWork, query: str, values: dict[str, Any]) -> int:
    """Change rows, and answer how many."""
    with uow.cursor() as cursor:
        cursor.execute(query.encode(), values)
        return cursor.rowcount
