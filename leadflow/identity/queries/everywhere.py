"""Run one statement about an account: its rows are of no organisation, or of each that the person belongs to.

``leadflow_app`` may not touch them, so each statement here acts as ``leadflow_system`` (``UnitOfWork.everywhere``).
"""

from __future__ import annotations

from typing import Any

from leadflow.identity.queries import rows
from leadflow.kernel.db import UnitOfWork


def one(uow: UnitOfWork, kind: type[Any], query: str, values: dict[str, Any]) -> Any:  # noqa: ANN401 a row of ``kind``
    """Read one row as ``kind``; None where there is none."""
    with uow.everywhere():
        return rows.one(uow, kind, query, values)


def many(uow: UnitOfWork, query: str, values: dict[str, Any]) -> list[dict[str, Any]]:
    """Read every row."""
    with uow.everywhere():
        return rows.many(uow, query, values)


def run(uow: UnitOfWork, query: str, values: dict[str, Any]) -> int:
    """Change rows, and answer how many."""
    with uow.everywhere():
        return rows.run(uow, query, values)
