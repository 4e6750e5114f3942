"""Take a merge back, row for row; what happened since stays with the survivor and is told."""

from __future__ import annotations

from uuid import UUID

from leadflow.audit import service as audit
from leadflow.duplicates.errors import CannotUndo, NotLast
from leadflow.duplicates.queries import holding, journal, merges
from leadflow.duplicates.service.looking import called
from leadflow.duplicates.types import Undone
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import NotFound
from leadflow.leads import service as leads
from models.duplicates import RecordMerge
from models.vocabulary import DuplicateKind, Permission


def unmerge(uow: UnitOfWork, actor: Principal, merge_id: UUID) -> Undone:
    """Make two of one again: every row is what it was, but what was changed since stays as it is.

    Raises:
        NotFound: no such merge in this organisation.
        CannotUndo: it was taken back already, or somebody it was about was erased.
        NotLast: a later merge rests on it.
        Taken: what would come back is there again.
        GoingOut: a text to the survivor is being handed over.
    """
    require(actor, Permission.DUPLICATE_MERGE)
    made = uow.session.get(RecordMerge, (uow.org(), merge_id))
    if made is None:
        raise NotFound("There is no such merge here.")
    both = (made.survivor_id, made.loser_id)
    holding.alone(uow, both)
    if made.kind is DuplicateKind.PERSON:
        holding.hold(uow, people=both)
    else:
        holding.hold(uow, properties=both)
    uow.session.refresh(made)
    if made.undone_at is not None:
        raise CannotUndo
    if journal.rests_upon(uow, merge_id):
        raise NotLast
    changes = journal.changes(uow, merge_id)
    if not changes:
        raise CannotUndo
    subject = made.kind.value
    stayed = merges.since(uow, subject, made.survivor_id, made.at, made.created_at)
    restored = sum(journal.restore(uow, table, before, after) for table, before, after in changes)
    journal.forget(uow, merge_id)
    _show(uow, made, changes)
    made.undone_at, made.undone_by, made.stayed = uow.now(), actor.user_id, stayed
    told = {called(table): count for table, count in sorted(stayed.items())}
    detail = {"merge": str(merge_id), "loser": str(made.loser_id), "rows": restored, "stayed": stayed}
    audit.record(uow, actor.user_id, "duplicate.unmerged", subject, made.survivor_id, detail)
    uow.session.flush()
    uow.session.expire_all()
    return Undone(merge_id, restored, told)


def _show(uow: UnitOfWork, made: RecordMerge, changes: list[journal.Change]) -> None:
    """Make the flat rows of the leads true again: most were put back as they were."""
    named = {
        UUID(row["lead_id"])
        for table, before, after in changes
        if table == "lead_search"
        for row in (before, after)
        if row is not None
    }
    if made.kind is DuplicateKind.PERSON:
        named.update(holding.leads_of_people(uow, (made.survivor_id, made.loser_id)))
    leads.refresh_search(uow, sorted(named))
