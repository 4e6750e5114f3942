"""Take in what other rooms bring: leads of an import, moments of a timeline, touches; and keep the flat rows true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import sql

from leadflow.jobs import service as jobs
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.leads.queries import accepting, search_row, undoing, writing
from leadflow.leads.types import (
    Accepted,
    Moment,
)
from models.vocabulary import ActivityKind, JobKind

REFRESH_CHUNK = 5_000
FEW = 20
"""Leads whose flat rows are made true while the caller waits. Own choice."""


def accept(
    uow: UnitOfWork,
    table: sql.Identifier,
    *,
    source: str,
    import_id: UUID,
    actor_id: UUID | None,
    at: datetime,
) -> Accepted:
    """Take properties in as leads, with lists, tags, timeline and flat rows; set by set, for any number of rows.

    Args:
        uow: the caller's transaction.
        table: a staging table ``(property_id uuid, lists text[], tags text[], note text)``; may name a property twice.
        source: where they come from, for people.
        import_id: the import.
        actor_id: who started it.
        at: the import's instant; the same on a second try, which then changes nothing.
    """
    return accepting.accept(uow, table, accepting.Origin(source, import_id, actor_id, at))


def made_by(uow: UnitOfWork, import_id: UUID, at: datetime | None) -> dict[str, int]:
    """Find the leads that an import made at ``at``, and why some cannot be taken back; those that can have no reason.

    What it finds stands in ``leads_made`` until the transaction ends.
    """
    return undoing.look(uow, import_id, at)


def remove_made(uow: UnitOfWork) -> int:
    """Delete the leads that ``made_by`` found and nobody touched."""
    return undoing.remove(uow)


def give_back(uow: UnitOfWork, import_id: UUID) -> None:
    """Have own fields of leads that stay hold what they did before an import; its columns are taken back before."""
    accepting.give_back(uow, import_id)


def off_lists(uow: UnitOfWork, import_id: UUID) -> list[UUID]:
    """Take leads that were there before off the lists that an import put them on."""
    return undoing.off_lists(uow, import_id)


def refresh_search(uow: UnitOfWork, lead_ids: Sequence[UUID]) -> int:
    """Make the flat rows of these leads equal to the tables again; call it in the transaction of the change.

    Returns:
        How many rows changed.
    """
    ids = sorted(set(lead_ids))
    for start in range(0, len(ids), REFRESH_CHUNK):
        search_row.lock(uow, search_row.GIVEN, ids[start : start + REFRESH_CHUNK])
    return sum(
        search_row.write(uow, search_row.GIVEN, ids[start : start + REFRESH_CHUNK])
        for start in range(0, len(ids), REFRESH_CHUNK)
    )


def refresh_search_staged(uow: UnitOfWork, table: sql.Identifier) -> int:
    """Do the same for the leads of a table that has a column ``lead_id``."""
    source = search_row.staged(table)
    search_row.lock(uow, source)
    return search_row.write(uow, source)


def refresh_for(
    uow: UnitOfWork, *, phones: Sequence[str] = (), people: Sequence[UUID] = (), properties: Sequence[UUID] = ()
) -> int:
    """Refresh the leads that depend on these numbers (E.164), people or properties."""
    digits = [int(number.removeprefix("+")) for number in phones]
    return refresh_search(uow, writing.leads_of(uow, phones=digits, people=people, properties=properties))


def refresh_all(db: Database, org_id: UUID) -> int:
    """Refresh every lead of an organisation, chunk after chunk, each in its own transaction.

    Returns:
        How many rows were not true.
    """
    changed, last = 0, UUID(int=0)
    while True:
        with db.begin(org_id) as uow:
            ids = writing.lead_ids(uow, last, REFRESH_CHUNK)
            if not ids:
                return changed
            changed, last = changed + refresh_search(uow, ids), ids[-1]


def record(
    uow: UnitOfWork,
    lead_id: UUID,
    kind: ActivityKind,
    summary: str,
    *,
    actor_id: UUID | None = None,
    detail: Mapping[str, Any] | None = None,
    at: datetime | None = None,
) -> UUID:
    """Write one entry to a lead's timeline."""
    return record_many(uow, [Moment(lead_id, kind, summary, actor_id, detail or {}, at)])[0]


def record_many(uow: UnitOfWork, moments: Sequence[Moment]) -> list[UUID]:
    """Write entries to the timelines of many leads, in one statement."""
    return writing.add_moments(uow, moments, uow.now()) if moments else []


def touch(uow: UnitOfWork, lead_ids: Sequence[UUID], at: datetime) -> None:
    """Note that these leads were texted or called at ``at``, either way.

    The flat rows of a few are made true at once. Those of many follow by a job a moment later: each stands in sixteen
    indexes, and sending would wait for them.
    """
    if not lead_ids:
        return
    writing.touch(uow, lead_ids, at)
    if len(lead_ids) <= FEW:
        writing.show_touch(uow, lead_ids)
    else:
        jobs.enqueue(uow, JobKind.LEAD_SEARCH_REFRESH, payload={"touched": [str(one) for one in lead_ids]})


def show_touch(uow: UnitOfWork, lead_ids: Sequence[UUID]) -> None:
    """Make the flat rows of leads that were touched true again; what ``touch`` leaves to a job."""
    if lead_ids:
        writing.show_touch(uow, lead_ids)
