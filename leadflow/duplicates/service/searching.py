"""Search for records that may be one, stretch by stretch: with progress, stoppable, and told what was left out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from uuid import UUID

from leadflow.audit import service as audit
from leadflow.duplicates.queries import candidates
from leadflow.duplicates.queries import pairs as queries
from leadflow.duplicates.types import Verdict
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.jobs import service as jobs
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import NotFound
from models.duplicates import DuplicateSearch
from models.vocabulary import DuplicateKind, JobKind, JobState, Permission

Judged = tuple[UUID, UUID, Verdict]


def search(uow: UnitOfWork, actor: Principal) -> UUID:
    """Set a search over everything going; one that waits already is the same.

    Returns:
        The job's id.
    """
    require(actor, Permission.LEAD_WRITE)
    job_id = jobs.enqueue(
        uow, JobKind.DUPLICATE_SEARCH, payload={}, unique_key=f"all:{uow.org()}", actor_id=actor.user_id
    )
    audit.record(uow, actor.user_id, "duplicates.searched", "job", job_id)
    return job_id


def run_search(
    db: Database,
    org_id: UUID,
    *,
    import_id: UUID | None = None,
    job_id: UUID | None = None,
    actor_id: UUID | None = None,
) -> UUID:
    """Compare everything, or what an import brought, with all that there is; write down which pairs may be one.

    Args:
        db: where.
        org_id: whose.
        import_id: only what it brought; None is everything.
        job_id: whose progress is told, and by which it is stopped.
        actor_id: who asked.

    Returns:
        The search's id.
    """
    with db.begin(org_id) as uow:
        made = DuplicateSearch(
            org_id=org_id,
            import_id=import_id,
            state=JobState.RUNNING,
            started_at=uow.now(),
            actor_id=actor_id,
            job_id=job_id,
        )
        uow.session.add(made)
    run = _Run(db, org_id, made.id, import_id, job_id)
    finished = False
    try:
        finished = run.people() and run.places()
    finally:
        run.end(whole=finished)
    return made.id


def search_now(db: Database, actor: Principal) -> UUID:
    """Search everything at once and wait for it; the command line does so."""
    require(actor, Permission.LEAD_WRITE)
    return run_search(db, actor.org_id, actor_id=actor.user_id)


@dataclass
class _Run:
    """One search under way."""

    db: Database
    org_id: UUID
    search_id: UUID
    import_id: UUID | None
    job_id: UUID | None
    compared: int = 0
    proposed: int = 0
    total: int = 0
    skipped: list[dict[str, object]] = field(default_factory=list[dict[str, object]])

    def people(self) -> bool:
        """Compare people; False when somebody stopped it."""
        # Only a search needs the compiled comparisons; a door that shows a list does without.
        from leadflow.duplicates.rules import likeness, people  # noqa: PLC0415

        def judged(uow: UnitOfWork) -> Iterator[Judged | None]:
            for one, other, shared in candidates.people_pairs(uow, likeness.UNLIKE):
                verdict = people.judge(one, other, shared)
                yield (one.id, other.id, verdict) if verdict else None

        return self._compare(DuplicateKind.PERSON, candidates.gather_people, judged)

    def places(self) -> bool:
        """Compare properties; False when somebody stopped it."""
        from leadflow.duplicates.rules import places  # noqa: PLC0415 as above

        def judged(uow: UnitOfWork) -> Iterator[Judged | None]:
            for one, other in candidates.place_pairs(uow):
                verdict = places.judge(one, other)
                yield (one.id, other.id, verdict) if verdict else None

        return self._compare(DuplicateKind.PROPERTY, candidates.gather_places, judged)

    def _compare(
        self,
        kind: DuplicateKind,
        gather: Callable[[UnitOfWork, UUID | None], int],
        judged: Callable[[UnitOfWork], Iterable[Judged | None]],
    ) -> bool:
        # Pairs are read in one transaction and written in others, so that a stopped search keeps what it has found.
        with self.db.begin(self.org_id) as reading:
            self.total += gather(reading, self.import_id)
            left_out = candidates.skipped(reading, of_places=kind is DuplicateKind.PROPERTY)
            self.skipped.extend(
                {"what": one.what, "id": str(one.ref) if one.ref else None, "count": one.count} for one in left_out
            )
            stream = iter(judged(reading))
            while stretch := list(islice(stream, candidates.STRETCH)):
                if not self._write(kind, stretch):
                    return False
            # The database looked at all of them and answered those that are worth reading.
            self.compared = self.total
        return True

    def _write(self, kind: DuplicateKind, stretch: list[Judged | None]) -> bool:
        found = [one for one in stretch if one is not None]
        self.compared += len(stretch)
        self.proposed += len(found)
        with self.db.begin(self.org_id) as uow:
            if self.job_id is not None:
                if jobs.cancelled(uow, self.job_id):
                    return False
                noun = "people" if kind is DuplicateKind.PERSON else "properties"
                jobs.progress(uow, self.job_id, self.compared, self.total, f"comparing {noun}")
            queries.propose(uow, kind, self.search_id, found, uow.now())
        return True

    def end(self, *, whole: bool) -> None:
        """Write down how it ended; what a whole search of everything has not found any more is proposed no longer."""
        with self.db.begin(self.org_id) as uow:
            made = uow.session.get_one(DuplicateSearch, (self.org_id, self.search_id))
            made.state = JobState.DONE if whole else JobState.CANCELLED
            made.finished_at, made.skipped = uow.now(), list(self.skipped)
            made.compared, made.proposed = self.compared, self.proposed
            if whole and self.import_id is None:
                queries.drop_stale(uow, self.search_id)


def found_search(uow: UnitOfWork, search_id: UUID) -> DuplicateSearch:
    """Read one search.

    Raises:
        NotFound: there is none.
    """
    made = uow.session.get(DuplicateSearch, (uow.org(), search_id))
    if made is None:
        raise NotFound
    return made
