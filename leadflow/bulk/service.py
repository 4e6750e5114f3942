"""Use cases of edits of many leads: preview, ask, carry out, follow, take back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from psycopg import sql

from leadflow.audit import service as audit
from leadflow.bulk import queries, rules
from leadflow.bulk.errors import NotUndoable
from leadflow.bulk.types import KEPT, BulkChange, BulkRow, ChosenLeads, EntryRow, Kept, Preview
from leadflow.identity.rules import may, only_assigned, require
from leadflow.identity.types import Principal
from leadflow.jobs import service as jobs
from leadflow.kernel import paging
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Invalid, NotFound
from leadflow.kernel.paging import Page
from leadflow.leads import service as leads
from leadflow.leads.types import Moment
from models.bulk import BulkEdit
from models.vocabulary import ActivityKind, BulkOutcome, BulkState, JobKind, Permission, Role

AT_ONCE = 500
"""Leads that are edited while the caller waits, some tenth of a second; more become a job. Own choice."""
CHUNK = 1_000
"""Leads of one transaction: their rows are locked for less than a second. Own choice."""
Done = Sequence[Mapping[str, Any]]


# Asking


def preview(uow: UnitOfWork, actor: Principal, chosen: ChosenLeads, change: BulkChange) -> Preview:
    """Count what an edit would reach, and of that what is not so already.

    Raises:
        Forbidden: the role may not edit, or not assign.
        Invalid: nothing is to change, or the filter makes no sense.
    """
    _check(uow, actor, change)
    where, given = _where(uow, actor, chosen)
    left, named = queries.not_yet(change)
    return Preview(
        leads=queries.count_where(uow, where, given),
        change=queries.count_where(uow, sql.SQL("{} and ({})").format(where, left), {**given, **named}),
    )


def start(uow: UnitOfWork, actor: Principal, chosen: ChosenLeads, change: BulkChange) -> UUID:
    """Edit many leads: a few at once, in this transaction; more by a job that can be followed and stopped.

    Returns:
        The edit's id.

    Raises:
        Forbidden: the role may not edit, or not assign.
        Invalid: nothing is to change, the filter makes no sense, or the member is none.
    """
    _check(uow, actor, change)
    made = BulkEdit(
        org_id=uow.org(),
        change=change.as_dict(),
        chosen=rules.remembered(chosen),
        only_mine=only_assigned(actor.role),
        actor_id=actor.user_id,
        asked_at=uow.now(),
    )
    uow.session.add(made)
    uow.session.flush()
    where, given = _where(uow, actor, chosen)
    found = queries.count_where(uow, where, given)
    detail = {"change": rules.recorded(made.change), "chosen": rules.told(chosen, found)}
    audit.record(uow, actor.user_id, "bulk.asked", "bulk_edit", made.id, detail)
    if chosen.filter is None or found <= AT_ONCE:
        made.total = queries.write_down(uow, made.id, where, given)
    if made.total is not None and made.total <= AT_ONCE:
        _edit_some(uow, made, AT_ONCE)
        _end(uow, made, BulkState.DONE)
    else:
        made.job_id = _enqueue(uow, actor, JobKind.BULK_EDIT, made)
    return made.id


def _check(uow: UnitOfWork, actor: Principal, change: BulkChange) -> None:
    require(actor, Permission.LEAD_WRITE)
    if not change.as_dict():
        raise Invalid("Say what is to change: status, assignee, tag, list, or removal.", "change")
    if change.remove is not None:
        require(actor, Permission.LEAD_REMOVE)
    for member in change.share or ():
        leads.check_assignee(uow, actor, member)
    if change.assignee is not None:
        leads.check_assignee(uow, actor, None if change.assignee == "none" else change.assignee)


def _where(uow: UnitOfWork, actor: Principal, chosen: ChosenLeads) -> tuple[sql.Composable, dict[str, Any]]:
    where, given = leads.audience(uow, actor, chosen.filter or {})
    parts = [where]
    if chosen.filter is None:
        parts.append(sql.SQL("s.lead_id = any(%(b_ids)s)"))
        given = {**given, "b_ids": list(chosen.ids)}
    if chosen.except_ids:
        parts.append(sql.SQL("s.lead_id <> all(%(b_except)s)"))
        given = {**given, "b_except": list(chosen.except_ids)}
    return sql.SQL(" and ").join(parts), given


def _enqueue(uow: UnitOfWork, actor: Principal, kind: JobKind, made: BulkEdit) -> UUID:
    return jobs.enqueue(uow, kind, payload={"edit_id": str(made.id)}, actor_id=actor.user_id)


# Carrying out


def carry_out(db: Database, org_id: UUID, edit_id: UUID, job_id: UUID) -> None:
    """Carry an edit out, or go on with one that stopped; chunk by chunk, each in a transaction of its own."""
    while _one_chunk(db, org_id, edit_id, job_id):
        pass


def _one_chunk(db: Database, org_id: UUID, edit_id: UUID, job_id: UUID) -> bool:
    """Take an edit one chunk on; True while more is left."""
    with db.begin(org_id) as uow:
        # Whoever was taken for dead and woke up waits here, and finds the chunk done.
        made = _held(uow, edit_id)
        if made is None or made.state not in {BulkState.WAITING, BulkState.RUNNING}:
            return False
        made.state = BulkState.RUNNING
        if made.total is None:
            where, given = _where(uow, _as_asker(made), rules.chosen_again(made.chosen))
            made.total = queries.write_down(uow, edit_id, where, given)
            done = 0
        elif jobs.cancelled(uow, job_id):
            _end(uow, made, BulkState.STOPPED)
            return False
        else:
            done = _edit_some(uow, made, CHUNK)
            if done < CHUNK:
                _end(uow, made, BulkState.DONE)
                return False
        left = queries.tally(uow, edit_id).get(BulkOutcome.WAITING, 0)
        jobs.progress(uow, job_id, made.total - left, max(made.total, 1), "Editing leads")
        return True


def _held(uow: UnitOfWork, edit_id: UUID) -> BulkEdit | None:
    return uow.session.get(BulkEdit, (uow.org(), edit_id), with_for_update=True)


def _as_asker(made: BulkEdit) -> Principal:
    """Stand for who asked: what they may was checked when they did; an agent still reaches own leads only."""
    role = Role.AGENT if made.only_mine else Role.SYSTEM
    return Principal(user_id=made.actor_id, org_id=made.org_id, role=role)


def _only(made: BulkEdit) -> UUID | None:
    return (made.actor_id or UUID(int=0)) if made.only_mine else None


def _edit_some(uow: UnitOfWork, made: BulkEdit, limit: int) -> int:
    """Edit the next leads; answers how many."""
    waiting = [lead_id for lead_id, _ in queries.next_of(uow, made.id, BulkOutcome.WAITING, limit)]
    if not waiting:
        return 0
    held = leads.hold(uow, waiting, _only(made))
    change = BulkChange.model_validate(made.change).read()
    if change.share:
        tally = queries.tally(uow, made.id)
        change = replace(change, shared=sum(tally.values()) - tally.get(BulkOutcome.WAITING, 0))
    if change.status is not None:
        held = leads.unclaimed(uow, made.actor_id, held)
    by_lead = _by_lead(leads.edit(uow, _as_asker(made), held, change, _cause(made)))
    there = set(held)
    queries.settle(
        uow,
        made.id,
        {lead_id: (rules.outcome(lead_id in there, bool(by_lead[lead_id])), by_lead[lead_id]) for lead_id in waiting},
    )
    return len(waiting)


def _cause(made: BulkEdit) -> dict[str, str]:
    """Say on timelines which edit it was."""
    return {"bulk_edit_id": str(made.id)}


def _by_lead(moments: Iterable[Moment]) -> defaultdict[UUID, list[dict[str, Any]]]:
    found: defaultdict[UUID, list[dict[str, Any]]] = defaultdict(list)
    for one in moments:
        found[one.lead_id].append({"kind": one.kind.value, "summary": one.summary, "detail": dict(one.detail)})
    return found


def _end(uow: UnitOfWork, made: BulkEdit, state: BulkState) -> None:
    made.state, made.ended_at = state, uow.now()
    detail = {"change": rules.recorded(made.change), "leads": queries.tally(uow, made.id)}
    audit.record(uow, made.actor_id, f"bulk.{state.value}", "bulk_edit", made.id, detail)


# Taking back


def undo(uow: UnitOfWork, actor: Principal, edit_id: UUID) -> None:
    """Take an edit back, where nobody changed the lead further since.

    A campaign that the edit stopped for somebody stays stopped for them.

    Raises:
        NotFound: no such edit, or another member's.
        NotUndoable: it is under way, was undone, or is too long ago.
    """
    require(actor, Permission.LEAD_WRITE)
    made = _held(uow, edit_id)
    kept = queries.edit(uow, edit_id)
    if made is None or kept is None or not _sees(actor, kept):
        raise NotFound("This edit does not exist, or is somebody else's.")
    if rules.undo_until(rules.state(kept), made.ended_at or made.asked_at, uow.now()) is None:
        raise NotUndoable(rules.why_not(rules.state(kept)))
    if {"assignee", "share"} & made.change.keys():
        require(actor, Permission.LEAD_ASSIGN)
    if "remove" in made.change:
        require(actor, Permission.LEAD_REMOVE)
    audit.record(uow, actor.user_id, "bulk.undo_asked", "bulk_edit", edit_id, {"change": rules.recorded(made.change)})
    made.state = BulkState.UNDOING
    if kept.outcomes.get(BulkOutcome.CHANGED, 0) <= AT_ONCE:
        _undo_some(uow, made, actor, AT_ONCE)
        _undone(uow, made, actor.user_id)
    else:
        made.job_id = _enqueue(uow, actor, JobKind.BULK_UNDO, made)


def take_back(db: Database, org_id: UUID, edit_id: UUID, job_id: UUID, actor_id: UUID | None) -> None:
    """Carry an undo out, or go on with one that stopped."""
    while _undo_chunk(db, org_id, edit_id, job_id, actor_id):
        pass


def _undo_chunk(db: Database, org_id: UUID, edit_id: UUID, job_id: UUID, actor_id: UUID | None) -> bool:
    with db.begin(org_id) as uow:
        made = _held(uow, edit_id)
        if made is None or made.state is not BulkState.UNDOING:
            return False
        who = Principal(user_id=actor_id, org_id=org_id, role=Role.SYSTEM)
        if _undo_some(uow, made, who, CHUNK) < CHUNK:
            _undone(uow, made, actor_id)
            return False
        found = queries.tally(uow, edit_id)
        left, total = found.get(BulkOutcome.CHANGED, 0), sum(found.values())
        jobs.progress(uow, job_id, total - left, max(total, 1), "Taking an edit back")
        return True


def _undo_some(uow: UnitOfWork, made: BulkEdit, actor: Principal, limit: int) -> int:
    changed = queries.next_of(uow, made.id, BulkOutcome.CHANGED, limit)
    if not changed:
        return 0
    hold = leads.hold_removed if "remove" in made.change else leads.hold
    there = set(hold(uow, [lead_id for lead_id, _ in changed], _only(made)))
    moments = [
        Moment(lead_id, ActivityKind(one["kind"]), one["summary"], detail=one["detail"])
        for lead_id, done in changed
        if lead_id in there
        for one in done
    ]
    taken = _by_lead(leads.undo(uow, actor, moments, _cause(made)))
    queries.settle(uow, made.id, {lead_id: rules.after_undo(done, taken.get(lead_id, [])) for lead_id, done in changed})
    return len(changed)


def _undone(uow: UnitOfWork, made: BulkEdit, actor_id: UUID | None) -> None:
    made.state, made.undone_at = BulkState.UNDONE, uow.now()
    detail = {"change": rules.recorded(made.change), "leads": queries.tally(uow, made.id)}
    audit.record(uow, actor_id, "bulk.undone", "bulk_edit", made.id, detail)


# Following


def _sees(actor: Principal, kept: Kept) -> bool:
    """Say whether an edit is the caller's to follow: an own one, or anyone's for who may assign."""
    return kept.actor_id == actor.user_id or may(actor, Permission.LEAD_ASSIGN)


def listing(uow: UnitOfWork, actor: Principal, after: str | None = None, limit: int = 50) -> Page[BulkRow]:
    """List edits, newest first; all of them for who may assign, else the caller's own."""
    require(actor, Permission.LEAD_WRITE)
    only = None if may(actor, Permission.LEAD_ASSIGN) else (actor.user_id or UUID(int=0))
    rows = queries.edits(uow, paging.instant_and_id(after), limit + 1, only)
    now = uow.now()
    shown = tuple(rules.row(kept, now) for kept in rows[:limit])
    more = paging.encode(shown[-1].asked_at.isoformat(), str(shown[-1].id)) if len(rows) > limit else None
    return Page(shown, more, None if after else queries.count(uow, only))


def get(uow: UnitOfWork, actor: Principal, edit_id: UUID) -> BulkRow:
    """Tell how far an edit is and what came of it.

    Raises:
        NotFound: no such edit, or another member's.
    """
    return rules.row(_seen(uow, actor, edit_id), uow.now())


def _seen(uow: UnitOfWork, actor: Principal, edit_id: UUID) -> Kept:
    require(actor, Permission.LEAD_WRITE)
    kept = queries.edit(uow, edit_id)
    if kept is None or not _sees(actor, kept):
        raise NotFound("This edit does not exist, or is somebody else's.")
    return kept


def entries(
    uow: UnitOfWork,
    actor: Principal,
    edit_id: UUID,
    outcome: BulkOutcome | None = None,
    after: str | None = None,
    limit: int = 50,
) -> Page[EntryRow]:
    """List what became of each lead of an edit; of one outcome where told so.

    Raises:
        NotFound: no such edit, or another member's.
    """
    _seen(uow, actor, edit_id)
    mine = (actor.user_id or UUID(int=0)) if only_assigned(actor.role) else None
    beyond = rules.entry_mark(after)
    rows = queries.entries(uow, edit_id, outcome, beyond, limit + 1, mine)
    shown = tuple(rows[:limit])
    more = paging.encode(str(shown[-1].lead_id)) if len(rows) > limit else None
    return Page(shown, more, None if after else queries.count_entries(uow, edit_id, outcome, mine))


def stop(uow: UnitOfWork, actor: Principal, edit_id: UUID) -> None:
    """Stop an edit that is under way; what was changed until then stays, and can be undone.

    Raises:
        NotFound: no such edit, or another member's.
        Conflict: it has ended already.
    """
    kept = _seen(uow, actor, edit_id)
    if kept.job_id is None:
        raise NotUndoable("This edit has ended already.")
    jobs.stop(uow, kept.job_id)


def sweep(db: Database) -> int:
    """Remove edits whose time is over, in every organisation; what they changed stays.

    Returns:
        How many went.
    """
    return audit.remove_aged(db, KEPT, queries.remove_before, "bulk.removed", "bulk_edit")
