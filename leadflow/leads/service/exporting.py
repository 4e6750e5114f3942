"""Take leads away as a file: page by page, nothing kept, every line marked with who took it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database
from leadflow.kernel.sheets import csv_line
from leadflow.leads import rules
from leadflow.leads.service.looking import page
from leadflow.leads.types import PAGE_LIMIT, Direction, LeadFilter
from leadflow.leads.work_types import Taken
from models.base import new_id
from models.vocabulary import Permission


def export(
    db: Database, actor: Principal, chosen: LeadFilter, sort: str = "added", direction: Direction = "desc"
) -> Taken:
    """Take the leads of a filter away as CSV, in the order of the list.

    The record of acts says who began, and how it ended: with how many lines and which hash, or that it broke off. No
    copy stays here. Each line carries the export's mark, so that a file which turns up elsewhere names its origin. An
    auditor's numbers are masked; no cell is run by a spreadsheet.

    Args:
        db: each page is read in a transaction of its own, so that a slow reader holds none open.
        actor: who takes; an agent's file would hold assigned leads only.
        chosen: the filter.
        sort: a name of ``listing.SORTS``.
        direction: ``asc`` or ``desc``.

    Raises:
        Forbidden: the role may not export.
        Invalid: the sort is not one of ours.
    """
    require(actor, Permission.LEAD_EXPORT)
    export_id = new_id()
    with db.begin(actor.org_id) as uow:
        page(uow, actor, LeadFilter(), sort, direction, None, 1)
        detail = {"filter": chosen.kinds(), "sort": sort, "direction": direction}
        audit.record(uow, actor.user_id, "leads.export_begun", "lead_export", export_id, detail)
        day = uow.now().date()
    mark = f"{str(export_id)[-8:]} {actor.name} {day}".strip()
    name = f"leads-{day}-{str(export_id)[-8:]}.csv"
    return Taken(name, _lines(db, actor, export_id, _pages(db, actor, chosen, sort, direction, mark)))


def _pages(
    db: Database, actor: Principal, chosen: LeadFilter, sort: str, direction: Direction, mark: str
) -> Iterator[tuple[int, str]]:
    """Answer rows and text of each page."""
    after: str | None = None
    while True:
        with db.begin(actor.org_id) as uow:
            found = page(uow, actor, chosen, sort, direction, after, PAGE_LIMIT)
        yield len(found.rows), "".join(csv_line(rules.exported(row, mark)) for row in found.rows)
        after = found.next
        if after is None:
            return


def _lines(db: Database, actor: Principal, export_id: UUID, pages: Iterator[tuple[int, str]]) -> Iterator[bytes]:
    digest, rows, ended = hashlib.sha256(), 0, "leads.export_broken"
    try:
        for count, text in _headed(pages):
            piece = text.encode()
            digest.update(piece)
            rows += count
            yield piece
        ended = "leads.exported"
    finally:
        with db.begin(actor.org_id) as uow:
            detail = {"rows": rows, "sha256": digest.hexdigest()}
            audit.record(uow, actor.user_id, ended, "lead_export", export_id, detail)


def _headed(pages: Iterator[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    # The byte order mark lets spreadsheets read names with accents as they are.
    yield 0, "\ufeff" + csv_line(rules.EXPORTED)
    yield from pages
