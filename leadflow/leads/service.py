"""Use cases of leads: list, look at, work on, take in from an import, and keep the flat rows true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import sql

from leadflow.identity.rules import only_assigned, require
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.leads.queries import accepting, filters, search_row, writing
from leadflow.leads.types import Accepted, LeadFilter, ListRow, Moment, TagRow
from models.vocabulary import ActivityKind, Permission

REFRESH_CHUNK = 5_000


# Filters


def parse_filter(given: Mapping[str, Any]) -> LeadFilter:
    """Check a filter that came from outside.

    Raises:
        Invalid: names the field.
    """
    return LeadFilter.read(given)


def audience(uow: UnitOfWork, actor: Principal, given: Mapping[str, Any]) -> tuple[sql.Composable, dict[str, Any]]:
    """Write a filter as a condition over ``lead_search s``, with parameters; narrowed to what the caller may see."""
    where = _where(uow, actor, parse_filter(given))
    return where.all(), where.params


def _where(uow: UnitOfWork, actor: Principal, chosen: LeadFilter) -> filters.Where:
    require(actor, Permission.LEAD_READ)
    return filters.where(uow, chosen, me=actor.user_id, only_mine=only_assigned(actor.role))


# What other rooms bring


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
    """Note that these leads were texted or called at ``at``, either way."""
    if lead_ids:
        writing.touch(uow, lead_ids, at)


# Lists and tags


def lists(uow: UnitOfWork, actor: Principal) -> list[ListRow]:
    """List the lists, each with how many leads are on it."""
    require(actor, Permission.LEAD_READ)
    return writing.lists(uow, _only(actor))


def tags(uow: UnitOfWork, actor: Principal) -> list[TagRow]:
    """List the tags, each with how many leads carry it."""
    require(actor, Permission.LEAD_READ)
    return writing.tags(uow, _only(actor))


def _only(actor: Principal) -> UUID | None:
    return (actor.user_id or UUID(int=0)) if only_assigned(actor.role) else None
