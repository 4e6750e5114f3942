"""Tells what is in an import and what becomes of each row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain, islice
from typing import Any
from uuid import UUID

import psycopg

from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.imports.queries import batches, staging
from leadflow.imports.queries.staging import Tables
from leadflow.imports.rules import fields, telling
from leadflow.imports.service import setup
from leadflow.imports.types import FieldInfo, Report, RowReport
from leadflow.kernel import paging, sheets
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.paging import Page
from models.imports import ImportBatch
from models.vocabulary import ImportState, Permission, RowVerdict

WRITTEN = frozenset({ImportState.DONE, ImportState.UNDOING, ImportState.UNDONE})


def catalogue() -> tuple[FieldInfo, ...]:
    """List the fields that a column can be mapped to."""
    return fields.catalogue()


def listing(uow: UnitOfWork, actor: Principal, after: str | None = None, limit: int = 50) -> Page[Report]:
    """List imports, newest first."""
    require(actor, Permission.IMPORT_RUN)
    before: tuple[datetime, UUID] | None = None
    if after is not None:
        at, last = paging.decode(after, 2)
        before = (datetime.fromisoformat(at), UUID(last))
    found = batches.listing(uow, before, limit + 1)
    rows = found[:limit]
    following = paging.encode(rows[-1].created_at.isoformat(), str(rows[-1].id)) if len(found) > limit else None
    return Page(tuple(telling.report_of(batch, batches.job_progress(uow, batch.job_id)) for batch in rows), following)


def report(uow: UnitOfWork, actor: Principal, import_id: UUID) -> Report:
    """Show one import.

    Raises:
        NotFound: no such import in this organisation.
    """
    require(actor, Permission.IMPORT_RUN)
    batch = setup.found(uow, import_id)
    return telling.report_of(batch, batches.job_progress(uow, batch.job_id))


def rows(
    uow: UnitOfWork,
    actor: Principal,
    import_id: UUID,
    verdict: RowVerdict | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[RowReport]:
    """List what becomes of each row, in the file's order."""
    require(actor, Permission.IMPORT_RUN)
    batch = setup.found(uow, import_id)
    start = int(paging.decode(after, 1)[0]) if after is not None else 0
    found = [telling.row_of(row) for row in read_rows(uow, batch, verdict, start, limit + 1)]
    shown = tuple(found[:limit])
    return Page(shown, paging.encode(shown[-1].row) if len(found) > limit else None, _count_of(batch, verdict))


def rejects_csv(uow: UnitOfWork, actor: Principal, import_id: UUID) -> Iterator[str]:
    """Write the rejected rows as CSV: row number, reason, column, then the row as it stands in the file.

    The first yield is the header, so that the caller can begin to send at once.
    """
    require(actor, Permission.IMPORT_RUN)
    batch = setup.found(uow, import_id)
    yield sheets.csv_line(["Row", "Reason", "Column", *batch.dialect["headers"]])
    for row in read_rows(uow, batch, RowVerdict.REJECT, 0, None):
        one = telling.row_of(row)
        yield sheets.csv_line([str(one.row), "; ".join(one.reasons), one.column or "", *(one.raw or ())])


def read_rows(
    uow: UnitOfWork, batch: ImportBatch, verdict: RowVerdict | None, after: int, limit: int | None
) -> Iterator[dict[str, Any]]:
    """Read the rows of a plan, or those that are kept of a committed import, in the file's order.

    Where a commit has ended, and its plan has gone, since the import was looked at, they are read once more.
    """
    trial = uow.session.begin_nested()
    try:
        found = _rows_of(uow, batch, verdict, after, limit)
        first = list(islice(found, 1))  # the query runs here
    except psycopg.errors.UndefinedTable:
        trial.rollback()
        uow.session.refresh(batch)
        return _rows_of(uow, batch, verdict, after, limit)
    trial.commit()
    return chain(first, found)


def _rows_of(
    uow: UnitOfWork, batch: ImportBatch, verdict: RowVerdict | None, after: int, limit: int | None
) -> Iterator[dict[str, Any]]:
    word = verdict.value if verdict else None
    tables = Tables(batch.id)
    if batch.state in WRITTEN:
        return batches.kept(uow, batch.id, word, after, limit)
    if not batch.counts or not staging.present(uow.connection(), tables):
        return iter(())
    return batches.planned(uow, tables, word, after, limit)


def _count_of(batch: ImportBatch, verdict: RowVerdict | None) -> int | None:
    return batch.counts.get("data_rows" if verdict is None else verdict.value) if batch.counts else None
