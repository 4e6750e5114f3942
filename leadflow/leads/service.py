"""Use cases of leads: list, look at, work on, take in from an import, and keep the flat rows true."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import sql

from leadflow.compliance import service as compliance
from leadflow.compliance.types import Ask, Recipient
from leadflow.identity.rules import only_assigned, require
from leadflow.identity.types import Principal
from leadflow.jobs import service as jobs
from leadflow.kernel import paging, phone
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Invalid, NotFound
from leadflow.kernel.paging import Page
from leadflow.kernel.signals import Signal
from leadflow.leads import rules
from leadflow.leads.errors import NoSuchLead, TooManyAtOnce, UnknownSort
from leadflow.leads.queries import accepting, card, changing, editing, filters, listing, search_row, writing
from leadflow.leads.types import (
    BULK_LIMIT,
    COUNT_UP_TO,
    PAGE_LIMIT,
    Accepted,
    Change,
    Direction,
    Flat,
    LeadDetail,
    LeadFilter,
    LeadRow,
    ListRow,
    Moment,
    PersonCard,
    Selection,
    StatusChange,
    TagRow,
    TimelineEntry,
    Today,
)
from leadflow.properties import service as properties
from models.leads import Task
from models.vocabulary import ActivityKind, JobKind, LeadStatus, Permission, PhoneStatus, TaskState

EVERYTHING = 10**9
"""A count without a cap."""
TIMELINE = 100
"""Entries that a lead is opened with."""
TODAY = 50
"""Tasks of each kind on the Today page."""
REFRESH_CHUNK = 5_000
FEW = 20
"""Leads whose flat rows are made true while the caller waits. Own choice."""


status_changed: Signal[StatusChange] = Signal()


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


# Looking


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
    where, order = _where(uow, actor, chosen), _sort(sort)
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


def count(uow: UnitOfWork, actor: Principal, chosen: LeadFilter, up_to: int = COUNT_UP_TO + 1) -> int:
    """Count the leads of a filter that the caller may see, at most ``up_to``."""
    return listing.count(uow, _where(uow, actor, chosen), up_to)


def _sort(name: str) -> listing.Sort:
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
    return tuple(rules.lead_row(flat, decisions.get(flat.lead_id), actor.role, now) for flat in found)


def detail(uow: UnitOfWork, actor: Principal, lead_id: UUID) -> LeadDetail:
    """Read a lead with everything that hangs on it, each number with the gate's word.

    Raises:
        NoSuchLead: it is not there, or not the caller's to see.
    """
    flat, now = see(uow, actor, lead_id), uow.now()
    facts = card.property_of(uow, flat.property_id)
    extra: dict[str, Any] = facts.pop("extra", None) or {}
    return LeadDetail(
        row=_rows(uow, actor, [flat])[0],
        property=facts,
        people=_people(uow, actor, flat, now),
        lists=tuple(card.memberships(uow, lead_id)),
        tasks=tuple(card.tasks(uow, card.TaskQuery(lead_id=lead_id), now)),
        timeline=tuple(card.timeline(uow, lead_id, None, TIMELINE)),
        facts=properties.facts(uow, flat.property_id),
        extra=extra,
    )


def _people(uow: UnitOfWork, actor: Principal, flat: Flat, now: datetime) -> tuple[PersonCard, ...]:
    parties = card.parties(uow, flat.property_id)
    lines = card.lines(uow, [party.id for party in parties])
    recipients = [
        Recipient(lead_id=flat.lead_id, property_id=flat.property_id, person_id=line.person_id, phone_id=line.phone_id)
        for line in lines
    ]
    decisions = compliance.assess(uow, recipients, Ask(), now)
    against = card.suppressions(uow, [line.e164 for line in lines], [party.id for party in parties])
    phones = [
        (line.person_id, rules.phone_card(line, flat, decision, against, actor.role, now))
        for line, decision in zip(lines, decisions, strict=True)
    ]
    return tuple(
        rules.person_card(party, [phone for person_id, phone in phones if person_id == party.id]) for party in parties
    )


def timeline(
    uow: UnitOfWork, actor: Principal, lead_id: UUID, after: str | None = None, limit: int = 100
) -> Page[TimelineEntry]:
    """Read a lead's timeline, newest first."""
    see(uow, actor, lead_id)
    before = None
    if after:
        at, entry_id = paging.decode(after, 2)
        before = (rules.mark_value(at, "timestamptz"), rules.mark_id(entry_id))
    found = card.timeline(uow, lead_id, before, min(limit, PAGE_LIMIT) + 1)
    rows = found[: min(limit, PAGE_LIMIT)]
    more = len(found) > len(rows)
    return Page(tuple(rows), paging.encode(rows[-1].at, rows[-1].id) if more else None)


def today(uow: UnitOfWork, actor: Principal) -> Today:
    """Collect what waits for the caller: replies, tasks late and due, new leads, leads without a next task."""
    require(actor, Permission.LEAD_READ)
    now, mine = uow.now(), _only(actor)
    new = _where(uow, actor, LeadFilter(status=(LeadStatus.NEW,)))
    new.add("s.last_touch_at is null")
    forgotten = _where(uow, actor, LeadFilter())
    forgotten.add("s.next_task is null and s.status <> all(%(t_closed)s)", t_closed=[s.value for s in rules.CLOSED])
    late = card.TaskQuery(only_mine=mine, until=now, limit=TODAY)
    due = card.TaskQuery(only_mine=mine, since=now, until=card.end_of_tomorrow(uow, now), limit=TODAY)
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
    return writing.lists(uow, _only(actor))


def tags(uow: UnitOfWork, actor: Principal) -> list[TagRow]:
    """List the tags, each with how many leads carry it."""
    require(actor, Permission.LEAD_READ)
    return writing.tags(uow, _only(actor))


def sources(uow: UnitOfWork, actor: Principal) -> list[str]:
    """List where leads came from, by name."""
    require(actor, Permission.LEAD_READ)
    return card.sources(uow, _only(actor))


def _only(actor: Principal) -> UUID | None:
    """Tell whose leads alone the caller sees; None is everybody's."""
    return (actor.user_id or UUID(int=0)) if only_assigned(actor.role) else None


# Working


def see(uow: UnitOfWork, actor: Principal, lead_id: UUID) -> Flat:
    """Answer the flat row of a lead that the caller may see.

    Raises:
        NoSuchLead: it is not there, or not the caller's to see.
    """
    found = listing.by_ids(uow, _where(uow, actor, LeadFilter()), [lead_id])
    if not found:
        raise NoSuchLead
    return found[0]


def set_status(uow: UnitOfWork, actor: Principal, lead_id: UUID, status: LeadStatus) -> None:
    """Move a lead to another status."""
    _change(uow, actor, _held(uow, actor, [lead_id]), Change(status=status))


def assign(uow: UnitOfWork, actor: Principal, lead_id: UUID, user_id: UUID | None) -> None:
    """Give a lead to a member, or to nobody.

    Raises:
        Invalid: the user is no active member.
    """
    _change(uow, actor, _held(uow, actor, [lead_id]), Change(assignee=user_id or "none"))


def tag(uow: UnitOfWork, actor: Principal, lead_id: UUID, name: str) -> None:
    """Give a lead a tag; a new one is made."""
    _change(uow, actor, _held(uow, actor, [lead_id]), Change(add_tag=name))


def untag(uow: UnitOfWork, actor: Principal, lead_id: UUID, name: str) -> None:
    """Take a tag away, by name or id."""
    _change(uow, actor, _held(uow, actor, [lead_id]), Change(remove_tag=name))


def put_on_list(uow: UnitOfWork, actor: Principal, lead_id: UUID, name: str) -> None:
    """Put a lead on a list; a new one is made."""
    _change(uow, actor, _held(uow, actor, [lead_id]), Change(add_list=name))


def take_off_list(uow: UnitOfWork, actor: Principal, lead_id: UUID, name: str) -> None:
    """Take a lead off a list, by name or id."""
    _change(uow, actor, _held(uow, actor, [lead_id]), Change(remove_list=name))


def bulk_preview(uow: UnitOfWork, actor: Principal, selection: Selection) -> int:
    """Count what a bulk edit would reach, exactly up to ``BULK_LIMIT`` and at most one more."""
    require(actor, Permission.LEAD_WRITE)
    return listing.count(uow, _selected(uow, actor, selection), BULK_LIMIT + 1)


def bulk(uow: UnitOfWork, actor: Principal, selection: Selection, change: Change) -> int:
    """Change named leads, or a whole filter except some, in this one transaction.

    Returns:
        How many leads the caller may see were selected.

    Raises:
        TooManyAtOnce: more than ``BULK_LIMIT``.
    """
    ids = listing.ids(uow, _selected(uow, actor, selection), BULK_LIMIT + 1)
    if len(ids) > BULK_LIMIT:
        raise TooManyAtOnce(BULK_LIMIT)
    require(actor, Permission.LEAD_WRITE)
    held = editing.lock(uow, ids, _only(actor))
    _change(uow, actor, held, change)
    return len(held)


def _selected(uow: UnitOfWork, actor: Principal, selection: Selection) -> filters.Where:
    where = _where(uow, actor, selection.everything or LeadFilter())
    if selection.everything is None:
        where.add("s.lead_id = any(%(b_ids)s)", b_ids=list(selection.ids))
    if selection.except_ids:
        where.add("s.lead_id <> all(%(b_except)s)", b_except=list(selection.except_ids))
    return where


def _held(uow: UnitOfWork, actor: Principal, ids: Sequence[UUID]) -> list[UUID]:
    """Lock leads for a change.

    Raises:
        NoSuchLead: one is not there, or not the caller's to see.
    """
    require(actor, Permission.LEAD_WRITE)
    held = editing.lock(uow, ids, _only(actor))
    if len(held) != len(set(ids)):
        raise NoSuchLead
    return held


def _change(uow: UnitOfWork, actor: Principal, ids: Sequence[UUID], change: Change) -> None:
    """Apply a change to leads that are locked, tell their timelines, and make the flat rows true again."""
    moved = changing.status(uow, ids, change)
    if change.status is not None and moved:
        status_changed.tell(uow, StatusChange(tuple(moment.lead_id for moment in moved), change.status))
    moments = [*moved, *_change_assignee(uow, actor, ids, change), *changing.groups(uow, ids, change)]
    if moments:
        record_many(uow, [replace(moment, actor_id=actor.user_id) for moment in moments])
        refresh_search(uow, [moment.lead_id for moment in moments])


def _change_assignee(uow: UnitOfWork, actor: Principal, ids: Sequence[UUID], change: Change) -> list[Moment]:
    if change.assignee is None:
        return []
    require(actor, Permission.LEAD_ASSIGN)
    user_id = None if change.assignee == "none" else change.assignee
    name = editing.member_name(uow, user_id) if user_id else None
    if user_id and name is None:
        raise Invalid("That is not an active member of the team.", "assignee")
    summary = f"Assigned to {name}" if name else "Assigned to nobody"
    detail = {"assignee_id": str(user_id) if user_id else None}
    return [Moment(key, ActivityKind.EDITED, summary, detail=detail) for key in editing.assign(uow, ids, user_id)]


def mark_phone(uow: UnitOfWork, actor: Principal, lead_id: UUID, number: str, status: PhoneStatus) -> None:
    """Note what was found out about a number of one of the lead's people; it holds for every lead with that number.

    Raises:
        NoSuchLead: it is not there, or not the caller's to see.
        Invalid: the number is none of the lead's people's.
    """
    require(actor, Permission.LEAD_WRITE)
    flat, e164 = see(uow, actor, lead_id), phone.parse(number)
    people = [party.id for party in card.parties(uow, flat.property_id)]
    if int(e164[1:]) not in {line.e164 for line in card.lines(uow, people)}:
        raise Invalid("Nobody of this lead has that number.", "number")
    # The number is changed before any lead is locked: two who mark it from two leads wait here, never for each other.
    if properties.phone_status(uow, e164, status):
        # The timeline is read by those, too, who see no whole number.
        summary = f"Number ending {e164[-4:]} marked {status.value}"
        record(uow, lead_id, ActivityKind.EDITED, summary, actor_id=actor.user_id, detail={"status": status.value})
        refresh_for(uow, phones=[e164])


def add_note(uow: UnitOfWork, actor: Principal, lead_id: UUID, text: str) -> UUID:
    """Write a note on the timeline."""
    _held(uow, actor, [lead_id])
    return record(
        uow, lead_id, ActivityKind.NOTE, rules.written(text, "text", rules.NOTE_LENGTH), actor_id=actor.user_id
    )


def add_task(
    uow: UnitOfWork,
    actor: Principal,
    lead_id: UUID,
    title: str,
    due_at: datetime | None = None,
    assignee_id: UUID | None = None,
) -> UUID:
    """Add a follow-up; the caller's own unless given to another member."""
    _held(uow, actor, [lead_id])
    if due_at is not None and due_at.tzinfo is None:
        raise Invalid("The due instant needs a time zone.", "due_at")
    if assignee_id is not None and editing.member_name(uow, assignee_id) is None:
        raise Invalid("That is not an active member of the team.", "assignee_id")
    made = Task(
        org_id=uow.org(),
        lead_id=lead_id,
        title=rules.written(title, "title", rules.TITLE_LENGTH),
        due_at=due_at,
        assignee_id=assignee_id or actor.user_id,
    )
    uow.session.add(made)
    record(uow, lead_id, ActivityKind.TASK, f"New task: {made.title}", actor_id=actor.user_id)
    refresh_search(uow, [lead_id])
    return made.id


def finish_task(uow: UnitOfWork, actor: Principal, task_id: UUID) -> None:
    """Tick a follow-up off; ticking twice is once."""
    _settle_task(uow, actor, task_id, TaskState.DONE, "Done")


def reopen_task(uow: UnitOfWork, actor: Principal, task_id: UUID) -> None:
    """Take a tick back."""
    _settle_task(uow, actor, task_id, TaskState.OPEN, "Open again")


def _settle_task(uow: UnitOfWork, actor: Principal, task_id: UUID, state: TaskState, word: str) -> None:
    require(actor, Permission.LEAD_WRITE)
    found = editing.task(uow, task_id)
    if found is None or found.lead_id is None:
        raise NotFound("This task does not exist, or is not yours.")
    if found.assignee_id is None or found.assignee_id != actor.user_id:
        _held(uow, actor, [found.lead_id])
    if found.state is state:
        return
    found.state, found.done_at = state, uow.now() if state is TaskState.DONE else None
    record(uow, found.lead_id, ActivityKind.TASK, f"{word}: {found.title}", actor_id=actor.user_id)
    refresh_search(uow, [found.lead_id])
