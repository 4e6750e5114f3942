"""Tell what happened to a lead: its timeline, in parts and page by page, and its history field by field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from leadflow.identity.types import Principal
from leadflow.kernel import paging
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.paging import Page
from leadflow.leads import rules
from leadflow.leads.queries import fields
from leadflow.leads.queries import history as queries
from leadflow.leads.service.looking import see
from leadflow.leads.types import PAGE_LIMIT, Flat, TimelineEntry
from leadflow.leads.work_types import PARTS, ChangedBy, HistoryEntry, MergedRow, RawChange, Spelling, TimelinePart
from models.vocabulary import ActivityKind


def timeline(
    uow: UnitOfWork,
    actor: Principal,
    lead_id: UUID,
    after: str | None = None,
    limit: int = 100,
    *,
    part: TimelinePart | None = None,
) -> Page[TimelineEntry]:
    """Read a lead's timeline, newest first; one part of it where told so.

    Raises:
        NoSuchLead: it is not there, or not the caller's to see.
        Invalid: the cursor is not one of ours.
    """
    see(uow, actor, lead_id)
    kinds = None if part is None else PARTS[part]
    size = max(1, min(limit, PAGE_LIMIT))
    found = queries.timeline(uow, lead_id, kinds, paging.instant_and_id(after), size + 1)
    rows = found[:size]
    return Page(
        tuple(rules.timeline_entry(row) for row in rows),
        paging.encode(rows[-1].at, rows[-1].id) if len(found) > size else None,
        None if after else queries.count(uow, lead_id, kinds),
    )


def history(
    uow: UnitOfWork, actor: Principal, lead_id: UUID, after: str | None = None, limit: int = 50
) -> Page[HistoryEntry]:
    """Tell which field of a lead, its property, people and numbers became what, newest first: when, by whom, whence.

    Raises:
        NoSuchLead: it is not there, or not the caller's to see.
        Invalid: the cursor is not one of ours.
    """
    flat, size = see(uow, actor, lead_id), max(1, min(limit, PAGE_LIMIT))
    found = queries.changes(uow, lead_id, flat.property_id, paging.instant_and_id(after), size + 1)
    rows = found[:size]
    return Page(
        _told(uow, actor, flat, rows),
        paging.encode(rows[-1].at, rows[-1].id) if len(found) > size else None,
        None if after else queries.count_changes(uow, lead_id, flat.property_id),
    )


def _told(uow: UnitOfWork, actor: Principal, flat: Flat, rows: Sequence[RawChange]) -> tuple[HistoryEntry, ...]:
    merges = {str(row.detail["merge_id"]) for row in rows if row.detail.get("merge_id")}
    merged = queries.merged(uow, [UUID(one) for one in sorted(merges)])
    ids = rules.ids_in([*(row.detail for row in rows), *({"from": one} for one in _assignees(merged))])
    own = {str(one.id): (one.name, one.kind) for one in fields.rows(uow)}
    known = Spelling(queries.names(uow, ids), own, actor.role)
    made, values = None, dict[str, Any]()
    if any(row.kind is ActivityKind.CREATED for row in rows):
        made, values = queries.first_values(uow, flat.lead_id, flat.property_id)
    told = list[HistoryEntry]()
    for row in rows:
        by, source, href = rules.source_of(row)
        if row.kind is None:
            changes = rules.import_changes(row, actor.role)
        elif by is ChangedBy.MERGE:
            mine = [one for one in merged if one.merge_id == row.detail["merge_id"]]
            changes = rules.merge_changes(mine, known)
        elif row.kind is ActivityKind.CREATED and row.import_id is not None and row.import_id == made:
            whole = replace(row, after=values)
            changes = [*rules.entry_changes(row, known), *rules.import_changes(whole, actor.role)]
        else:
            changes = rules.entry_changes(row, known)
        told.append(HistoryEntry(row.id, row.at, by, row.actor, source, href, tuple(changes)))
    return tuple(told)


def _assignees(merged: Sequence[MergedRow]) -> list[object]:
    return [side.get("assignee_id") for row in merged for side in (row.before, row.after)]
