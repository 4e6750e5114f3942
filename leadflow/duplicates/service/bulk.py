"""Merge many at once: every pair of a score and more against which nothing speaks, each in a transaction of its own."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.duplicates.queries import merges as merge_queries
from leadflow.duplicates.queries import pairs as queries
from leadflow.duplicates.service.merging import merge_pair
from leadflow.duplicates.service.undoing import unmerge
from leadflow.duplicates.types import LEAST, PairFilter
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.jobs import service as jobs
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Conflict, Invalid, NotFound
from models.vocabulary import DuplicateKind, JobKind, Permission

AT_ONCE = 100
"""Pairs that are read at a time."""
MOST = 1_000_000
"""More pairs than any organisation has: a count without a cap."""


def preview_sure(uow: UnitOfWork, actor: Principal, at_least: int, kind: DuplicateKind | None = None) -> int:
    """Count the pairs that would be merged."""
    require(actor, Permission.DUPLICATE_MERGE)
    _check(at_least)
    return queries.count(uow, PairFilter(kind, at_least, certain=True), None, MOST)


def merge_sure(uow: UnitOfWork, actor: Principal, at_least: int, kind: DuplicateKind | None = None) -> UUID:
    """Set the merging of all of them going.

    Returns:
        The job's id, by which all of it is taken back.

    Raises:
        Invalid: the score is too low for merging unseen.
    """
    require(actor, Permission.DUPLICATE_MERGE)
    _check(at_least)
    payload = {"at_least": at_least, "kind": kind.value if kind else None}
    job_id = jobs.enqueue(
        uow, JobKind.DUPLICATE_MERGE, payload=payload, unique_key=f"merge:{uow.org()}", actor_id=actor.user_id
    )
    audit.record(uow, actor.user_id, "duplicates.merge_asked", "job", job_id, payload)
    return job_id


def _check(at_least: int) -> None:
    if not LEAST <= at_least <= 100:  # noqa: PLR2004 a score
        raise Invalid(f"Give a score from {LEAST} to 100.", "at_least")


def run_sure(
    db: Database, org_id: UUID, asked_by: UUID, job_id: UUID, at_least: int, kind: DuplicateKind | None
) -> tuple[int, int]:
    """Merge them one after another until none is left or somebody stops the job.

    Args:
        db: where.
        org_id: whose.
        asked_by: in whose name; who may ask was checked when it was asked.
        job_id: whose progress is told, and by which it is stopped and taken back.
        at_least: the least score.
        kind: only these; None is both.

    Returns:
        How many were merged, and how many were left because somebody was faster or a text was going out.
    """
    actor = replace(Principal.system(org_id), user_id=asked_by)
    tried: list[UUID] = []
    merged = 0
    with db.begin(actor.org_id) as uow:
        total = queries.count(uow, PairFilter(kind, at_least, certain=True), None, MOST)
    while True:
        with db.begin(actor.org_id) as uow:
            ids = queries.sure(uow, kind, at_least, tried, AT_ONCE)
        for pair_id in ids:
            with db.begin(actor.org_id) as uow:
                if jobs.cancelled(uow, job_id):
                    return merged, len(tried)
                jobs.progress(uow, job_id, merged, max(total, merged), "merging")
            if _merged(db, actor, pair_id, job_id):
                merged += 1
            else:
                tried.append(pair_id)
        if not ids:
            return merged, len(tried)


def _merged(db: Database, actor: Principal, pair_id: UUID, job_id: UUID) -> bool:
    try:
        with db.begin(actor.org_id) as uow:
            merge_pair(uow, actor, pair_id, job_id=job_id)
    except (Conflict, NotFound):
        return False
    return True


def undo_job(uow: UnitOfWork, actor: Principal, job_id: UUID) -> UUID:
    """Set the taking back of all that a job has merged going.

    Returns:
        The id of the job that does it.

    Raises:
        NotFound: the job has merged nothing that still stands.
    """
    require(actor, Permission.DUPLICATE_MERGE)
    if not merge_queries.of_job(uow, job_id):
        raise NotFound("This job has merged nothing that could be taken back.")
    undoing = jobs.enqueue(
        uow,
        JobKind.DUPLICATE_MERGE,
        payload={"undo": str(job_id)},
        unique_key=f"unmerge:{job_id}",
        actor_id=actor.user_id,
    )
    audit.record(uow, actor.user_id, "duplicates.unmerge_asked", "job", undoing, {"of": str(job_id)})
    return undoing


def run_undo(db: Database, org_id: UUID, asked_by: UUID, job_id: UUID, of: UUID) -> tuple[int, int]:
    """Take back all that a job has merged, the last first, until somebody stops it.

    Returns:
        How many were taken back, and how many could not be.
    """
    actor = replace(Principal.system(org_id), user_id=asked_by)
    with db.begin(org_id) as uow:
        ids = merge_queries.of_job(uow, of)
    back = failed = 0
    for merge_id in ids:
        with db.begin(org_id) as uow:
            if jobs.cancelled(uow, job_id):
                break
            jobs.progress(uow, job_id, back + failed, len(ids), "taking merges back")
        try:
            with db.begin(org_id) as uow:
                unmerge(uow, actor, merge_id)
            back += 1
        except Conflict:
            failed += 1
    return back, failed
