"""Show pairs, two records side by side, merges and searches; remember that two are not one."""

from __future__ import annotations

from uuid import UUID

from sqlmodel import col, select

from leadflow.audit import service as audit
from leadflow.duplicates.errors import Gone
from leadflow.duplicates.queries import holding
from leadflow.duplicates.queries import merges as merge_queries
from leadflow.duplicates.queries import pairs as queries
from leadflow.duplicates.rules import values
from leadflow.duplicates.types import Comparison, FieldRow, MergeRow, PairFilter, PairRow, SearchRow, Side
from leadflow.identity.rules import only_assigned, require
from leadflow.identity.types import Principal
from leadflow.kernel import paging
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Invalid, NotFound
from leadflow.kernel.paging import Page
from leadflow.leads import service as leads
from models.duplicates import DuplicateSearch
from models.jobs import Job
from models.vocabulary import DuplicateKind, PairState, Permission

COUNT_UP_TO = 10_000
"""Pairs are counted exactly up to here."""
HANGING = {
    "lead": "leads",
    "property_party": "roles",
    "person_phone": "phones",
    "email_address": "e-mail addresses",
    "property_fact": "values with their source",
    "consent": "consents",
    "suppression": "suppressions",
    "message": "texts",
    "phone_call": "calls",
    "conversation": "conversations",
    "audience_member": "places in campaigns",
    "lead_list_entry": "lists",
    "lead_tag": "tags",
    "custom_value": "custom fields",
    "task": "tasks",
    "activity": "entries of the history",
    "import_row": "rows of imports",
    "import_change": "changes by imports",
    "evidence_pack": "evidence packs",
    "legal_hold": "legal holds",
}
"""What people call what hangs on a record, by table."""


def called(table: str) -> str:
    """Name a table's rows for people."""
    return HANGING.get(table, table.replace("_", " ") + " rows")


def assigned(actor: Principal) -> UUID | None:
    """Tell whose leads alone the caller sees; None is everybody's."""
    return (actor.user_id or UUID(int=0)) if only_assigned(actor.role) else None


def pairs(
    uow: UnitOfWork, actor: Principal, wanted: PairFilter, after: str | None = None, limit: int = 50
) -> Page[PairRow]:
    """List pairs that may be one, the likeliest first; who sees only their own leads sees only pairs of those."""
    require(actor, Permission.LEAD_READ)
    if wanted.lead_id is not None:
        leads.see(uow, actor, wanted.lead_id)
    found = queries.page(uow, wanted, assigned(actor), _behind(after), limit + 1)
    rows = tuple(found[:limit])
    following = paging.encode(rows[-1].score, str(rows[-1].id)) if len(found) > limit else None
    if after is not None:
        return Page(rows, following)
    counted = queries.count(uow, wanted, assigned(actor), COUNT_UP_TO + 1) if following else len(rows)
    if counted > COUNT_UP_TO:
        return Page(rows, following, None, COUNT_UP_TO)
    return Page(rows, following, counted)


def _behind(after: str | None) -> tuple[int, UUID] | None:
    if after is None:
        return None
    score, pair_id = paging.decode(after, 2)
    try:
        return int(score), UUID(pair_id)
    except (AttributeError, TypeError, ValueError) as error:
        raise Invalid("This page marker belongs to another list. Reload it.", "after") from error


def pair(uow: UnitOfWork, actor: Principal, pair_id: UUID) -> PairRow:
    """Read one pair.

    Raises:
        NotFound: there is none, or not the caller's to see.
    """
    require(actor, Permission.LEAD_READ)
    found = queries.one(uow, pair_id, assigned(actor))
    if found is None:
        raise NotFound("There is no such pair here. It may have been merged meanwhile.")
    return found


def compare(uow: UnitOfWork, actor: Principal, pair_id: UUID) -> Comparison:
    """Show a pair side by side: each value of both, whose would stand, and what hangs on each.

    Raises:
        NotFound: there is no such pair, or not the caller's to see.
        Gone: one of the two was merged or removed meanwhile.
    """
    found = pair(uow, actor, pair_id)
    table = found.kind.value
    one, other = (holding.row(uow, table, side.id) for side in (found.one, found.other))
    if one is None or other is None:
        raise Gone
    groups = values.GROUPS[found.kind]
    fields = [
        FieldRow(
            group.name,
            group.label,
            values.shown(group, one),
            values.shown(group, other),
            values.shown(group, one) != values.shown(group, other),
            values.suggested(group, one, other),
            bool(group.fixed),
        )
        for group in groups
    ]
    counted = [merge_queries.hanging(uow, table, side.id) for side in (found.one, found.other)]
    if found.kind is DuplicateKind.PROPERTY:
        lead_fields, counted = _leads(uow, found, counted)
        fields += lead_fields
    hanging = tuple(
        (called(name), counted[0].get(name, 0), counted[1].get(name, 0)) for name in sorted({*counted[0], *counted[1]})
    )
    survivor = "one" if values.fuller(one, other, groups) else "other"
    shown = tuple(row for row in fields if row.one or row.other)
    return Comparison(found.kind, found.one, found.other, survivor, shown, hanging, found)


def _leads(
    uow: UnitOfWork, found: PairRow, counted: list[dict[str, int]]
) -> tuple[list[FieldRow], list[dict[str, int]]]:
    """Compare the leads of two properties, where both have one."""
    sides = (found.one, found.other)
    for tally, side in zip(counted, sides, strict=True):
        if side.lead_id is not None:
            for name, count in merge_queries.hanging(uow, "lead", side.lead_id).items():
                tally[name] = max(tally.get(name, 0), count)
    rows = [holding.row(uow, "lead", side.lead_id) if side.lead_id else None for side in sides]
    one, other = rows
    if one is None or other is None:
        return [], counted
    shown = [
        FieldRow(
            group.name,
            group.label,
            values.shown(group, one) if group.name != "assignee" else _member(uow, one["assignee_id"]),
            values.shown(group, other) if group.name != "assignee" else _member(uow, other["assignee_id"]),
            one[group.columns[0]] != other[group.columns[0]],
            values.suggested(group, one, other),
            bool(group.fixed),
        )
        for group in values.LEAD
    ]
    return shown, counted


def _member(uow: UnitOfWork, user_id: UUID | None) -> str:
    if user_id is None:
        return ""
    with uow.cursor() as cursor:
        cursor.execute('select name from "user" where id = %s', [user_id])
        row = cursor.fetchone()
    return row[0] if row else ""


def dismiss(uow: UnitOfWork, actor: Principal, pair_id: UUID) -> None:
    """Remember for good that two records are not one; no search proposes them again.

    Raises:
        NotFound: there is no such pair, or not the caller's to see.
        Conflict: they were merged.
    """
    require(actor, Permission.LEAD_WRITE)
    found = pair(uow, actor, pair_id)
    if found.state is PairState.MERGED:
        raise Conflict("These two were merged. Take the merge back first.")
    if queries.decide(uow, pair_id, PairState.DISMISSED, actor.user_id, uow.now()):
        audit.record(uow, actor.user_id, "duplicate.dismissed", "duplicate_pair", pair_id, {"kind": found.kind.value})


def propose_again(uow: UnitOfWork, actor: Principal, pair_id: UUID) -> None:
    """Take "these are two" back: the undo of a key that was pressed too fast.

    Raises:
        NotFound: there is no such pair, or not the caller's to see.
    """
    require(actor, Permission.LEAD_WRITE)
    found = pair(uow, actor, pair_id)
    if found.state is PairState.DISMISSED and queries.decide(uow, pair_id, PairState.OPEN, actor.user_id, uow.now()):
        audit.record(uow, actor.user_id, "duplicate.proposed", "duplicate_pair", pair_id, {"kind": found.kind.value})


def merges(
    uow: UnitOfWork, actor: Principal, lead_id: UUID | None = None, after: str | None = None, limit: int = 50
) -> Page[MergeRow]:
    """List merges, newest first: of a lead that the caller may see, or all of them.

    Raises:
        Forbidden: all of them are for those who may merge.
    """
    if lead_id is None:
        require(actor, Permission.DUPLICATE_MERGE)
    else:
        leads.see(uow, actor, lead_id)
    found = merge_queries.page(uow, lead_id, paging.instant_and_id(after), limit + 1)
    rows = tuple(found[:limit])
    following = paging.encode(rows[-1].at.isoformat(), str(rows[-1].id)) if len(found) > limit else None
    return Page(rows, following, None if after else merge_queries.count(uow, lead_id))


def searches(uow: UnitOfWork, actor: Principal, limit: int = 20) -> tuple[SearchRow, ...]:
    """List the last searches, newest first, each with how far it is and what it left out."""
    require(actor, Permission.LEAD_READ)
    found = uow.session.exec(
        select(DuplicateSearch, Job)
        .join(Job, col(Job.id) == col(DuplicateSearch.job_id), isouter=True)
        .order_by(col(DuplicateSearch.started_at).desc(), col(DuplicateSearch.id).desc())
        .limit(limit)
    ).all()
    return tuple(
        SearchRow(
            one.id,
            one.state,
            one.import_id,
            one.started_at,
            one.finished_at,
            one.compared,
            one.proposed,
            tuple(one.skipped),
            one.job_id,
            job.done if job else 0,
            job.total if job else None,
        )
        for one, job in found
    )


def side_of(found: PairRow, record_id: UUID) -> Side:
    """Answer the one of the two that has this id."""
    return found.one if found.one.id == record_id else found.other
