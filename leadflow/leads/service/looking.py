"""Look at leads: the list, one lead, what waits today; each narrowed to what the caller may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import sql

from leadflow.compliance import service as compliance
from leadflow.compliance.types import Ask, Recipient
from leadflow.identity.rules import mask_numbers, masked, only_assigned, require
from leadflow.identity.types import Principal
from leadflow.kernel import paging
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.paging import Page
from leadflow.leads import rules
from leadflow.leads.errors import MergedLead, NoSuchLead, UnknownSort
from leadflow.leads.queries import card, claiming, fields, filters, history, listing, scoring, writing
from leadflow.leads.types import (
    COUNT_UP_TO,
    PAGE_LIMIT,
    Direction,
    Flat,
    LeadDetail,
    LeadFilter,
    LeadRow,
    ListRow,
    PersonCard,
    TagRow,
    Today,
)
from leadflow.properties import service as properties
from models.vocabulary import LeadStatus, Permission

EVERYTHING = 10**9
"""A count without a cap."""
TIMELINE = 100
"""Entries that a lead is opened with."""
TODAY = 50
"""Tasks of each kind on the Today page."""


def parse_filter(given: Mapping[str, Any]) -> LeadFilter:
    """Check a filter that came from outside.

    Raises:
        Invalid: names the field.
    """
    return LeadFilter.read(given)


def audience(uow: UnitOfWork, actor: Principal, given: Mapping[str, Any]) -> tuple[sql.Composable, dict[str, Any]]:
    """Write a filter as a condition over ``lead_search s``, with parameters; narrowed to what the caller may see."""
    where = narrowed(uow, actor, parse_filter(given))
    return where.all(), where.params


def narrowed(uow: UnitOfWork, actor: Principal, chosen: LeadFilter) -> filters.Where:
    """Write a filter as conditions, narrowed to what the caller may see."""
    require(actor, Permission.LEAD_READ)
    return filters.where(uow, chosen, me=actor.user_id, only_mine=only_assigned(actor.role), masked=masked(actor.role))


def page(
    uow: UnitOfWork,
    actor: Principal,
    chosen: LeadFilter,
    sort: str = "added",
    direction: Direction = "desc",
    after: str | None = None,
    limit: int = 50,
) -> Page[LeadRow]:
    """Read one page of the list; "Contactable now" is the gate's word on just these rows.

    Args:
        uow: the caller's transaction.
        actor: who looks; an agent sees assigned leads only, an auditor masked numbers.
        chosen: the filter.
        sort: a name of ``listing.SORTS``; blank values come last in both directions.
        direction: ``asc`` or ``desc``.
        after: the ``next`` of the page before.
        limit: rows, at most ``PAGE_LIMIT``.

    Raises:
        Invalid: the sort or the cursor is not one of ours.
    """
    where, order = narrowed(uow, actor, chosen), sort_named(sort)
    size = max(1, min(limit, PAGE_LIMIT))
    mark = listing.mark(order, direction, after) if after else None
    found = listing.page(uow, where, order, direction, mark, size + 1)
    rows, more = found.rows[:size], len(found.rows) > size
    counted = found.count
    if counted is None and after is None:
        counted = listing.count(uow, where, COUNT_UP_TO + 1) if more else len(rows)
    exact = counted is not None and counted <= COUNT_UP_TO
    return Page(
        _rows(uow, actor, rows),
        listing.cursor(order, direction, rows[-1]) if more else None,
        counted if exact else None,
        None if exact else counted,
    )


def named(uow: UnitOfWork, actor: Principal, lead_ids: Sequence[UUID]) -> list[LeadRow]:
    """Read the named leads that the caller may see, as rows of the list, in no promised order."""
    where = narrowed(uow, actor, LeadFilter())
    return list(_rows(uow, actor, listing.by_ids(uow, where, lead_ids)))


def count(uow: UnitOfWork, actor: Principal, chosen: LeadFilter, up_to: int = COUNT_UP_TO + 1) -> int:
    """Count the leads of a filter that the caller may see, at most ``up_to``."""
    return listing.count(uow, narrowed(uow, actor, chosen), up_to)


def sort_named(name: str) -> listing.Sort:
    """Find a sort of the list.

    Raises:
        UnknownSort: there is none of that name.
    """
    if name not in listing.SORTS:
        raise UnknownSort(", ".join(listing.SORTS))
    return listing.SORTS[name]


def _rows(uow: UnitOfWork, actor: Principal, found: Sequence[Flat]) -> tuple[LeadRow, ...]:
    now = uow.now()
    asked = [flat for flat in found if flat.best_phone_id is not None]
    recipients = [
        Recipient(
            lead_id=flat.lead_id,
            property_id=flat.property_id,
            person_id=flat.best_person_id,
            phone_id=flat.best_phone_id,
        )
        for flat in asked
    ]
    decisions = dict(zip((flat.lead_id for flat in asked), compliance.assess(uow, recipients, Ask(), now), strict=True))
    own = fields.held(uow, [flat.lead_id for flat in found])
    return tuple(
        rules.lead_row(flat, decisions.get(flat.lead_id), actor.role, now, own.get(flat.lead_id)) for flat in found
    )


def row_of(uow: UnitOfWork, actor: Principal, lead_id: UUID) -> LeadRow:
    """Read one row as the list shows it.

    Raises:
        NoSuchLead: it is not there, or not the caller's to see.
    """
    return _rows(uow, actor, [see(uow, actor, lead_id)])[0]


def detail(uow: UnitOfWork, actor: Principal, lead_id: UUID) -> LeadDetail:
    """Read a lead with everything that hangs on it, each number with the gate's word.

    Raises:
        NoSuchLead: it is not there, or not the caller's to see.
    """
    flat, now = see(uow, actor, lead_id), uow.now()
    facts = card.property_of(uow, flat.property_id)
    extra: dict[str, Any] = facts.pop("extra", None) or {}
    row, past = _rows(uow, actor, [flat])[0], history.timeline(uow, lead_id, None, None, TIMELINE + 1)
    told, above = past[:TIMELINE], history.pinned(uow, lead_id)
    return LeadDetail(
        row=row,
        property=facts,
        people=_people(uow, actor, flat, now),
        lists=tuple(card.memberships(uow, lead_id)),
        tasks=tuple(card.tasks(uow, card.TaskQuery(lead_id=lead_id), now)),
        timeline=tuple(rules.timeline_entry(one) for one in told),
        facts=properties.facts(uow, flat.property_id),
        extra=mask_numbers(actor.role, extra),
        pinned=rules.timeline_entry(above) if above else None,
        score=rules.lead_score(flat, scoring.rest(uow, lead_id), now, scoring.weights(uow)),
        timeline_next=paging.encode(told[-1].at, told[-1].id) if len(past) > TIMELINE else None,
        claim=claiming.held(uow, [lead_id], now).get(lead_id),
    )


def _people(uow: UnitOfWork, actor: Principal, flat: Flat, now: datetime) -> tuple[PersonCard, ...]:
    parties = card.parties(uow, flat.property_id)
    lines = card.lines(uow, [party.id for party in parties])
    recipients = [
        Recipient(lead_id=flat.lead_id, property_id=flat.property_id, person_id=line.person_id, phone_id=line.phone_id)
        for line in lines
    ]
    decisions = compliance.assess(uow, recipients, Ask(), now)
    numbers = [line.e164 for line in lines]
    against = card.suppressions(uow, numbers, [party.id for party in parties])
    proofs = card.proofs(uow, numbers)
    phones = [
        (line.person_id, rules.phone_card(line, flat, decision, against, actor.role, now, proofs[line.e164]))
        for line, decision in zip(lines, decisions, strict=True)
    ]
    return tuple(
        rules.person_card(party, [phone for person_id, phone in phones if person_id == party.id]) for party in parties
    )


def today(uow: UnitOfWork, actor: Principal) -> Today:
    """Collect what waits for the caller: replies, tasks late and due, new leads, leads without a next task."""
    require(actor, Permission.LEAD_READ)
    now, mine = uow.now(), only(actor)
    new = narrowed(uow, actor, LeadFilter(status=(LeadStatus.NEW,)))
    new.add("s.last_touch_at is null")
    forgotten = narrowed(uow, actor, LeadFilter())
    forgotten.add("s.next_task is null and s.status <> all(%(t_closed)s)", t_closed=[s.value for s in rules.CLOSED])
    late = card.TaskQuery(only_mine=mine, until=now, limit=TODAY)
    due = card.TaskQuery(only_mine=mine, since=now, until=card.end_of_day(uow, now, 1), limit=TODAY)
    return Today(
        replies=card.waiting_replies(uow, mine),
        overdue=tuple(card.tasks(uow, late, now)),
        due=tuple(card.tasks(uow, due, now)),
        new_leads=listing.count(uow, new, COUNT_UP_TO + 1),
        no_next_task=listing.count(uow, forgotten, COUNT_UP_TO + 1),
    )


def lists(uow: UnitOfWork, actor: Principal) -> list[ListRow]:
    """List the lists, each with how many leads are on it."""
    require(actor, Permission.LEAD_READ)
    return writing.lists(uow, only(actor))


def tags(uow: UnitOfWork, actor: Principal) -> list[TagRow]:
    """List the tags, each with how many leads carry it."""
    require(actor, Permission.LEAD_READ)
    return writing.tags(uow, only(actor))


def sources(uow: UnitOfWork, actor: Principal) -> list[str]:
    """List where leads came from, by name."""
    require(actor, Permission.LEAD_READ)
    return card.sources(uow, only(actor))


def only(actor: Principal) -> UUID | None:
    """Tell whose leads alone the caller sees; None is everybody's."""
    return (actor.user_id or UUID(int=0)) if only_assigned(actor.role) else None


def see(uow: UnitOfWork, actor: Principal, lead_id: UUID) -> Flat:
    """Answer the flat row of a lead that the caller may see.

    Raises:
        MergedLead: it was merged into one that the caller may see.
        NoSuchLead: it is not there, or not the caller's to see.
    """
    where = narrowed(uow, actor, LeadFilter())
    found = listing.by_ids(uow, where, [lead_id])
    if not found:
        survivor = card.survivor(uow, lead_id)
        raise MergedLead(survivor) if survivor and listing.by_ids(uow, where, [survivor]) else NoSuchLead
    return found[0]
