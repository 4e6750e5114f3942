"""Background work as people see it: what runs, how far, and stopping an import."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from fastapi import APIRouter

from leadflow.api.deps import Limit, Work, allow
from leadflow.identity.rules import only_assigned
from leadflow.jobs import service as jobs
from leadflow.jobs.types import JobRow
from models.vocabulary import Permission

router = APIRouter(prefix="/api/v1/jobs", tags=["jobs"])


@dataclass(frozen=True, slots=True)
class Jobs:
    """A page of jobs."""

    rows: tuple[JobRow, ...]
    count: int
    next: str | None = None


@router.get("", dependencies=[allow(Permission.JOB_READ)])
def listing(desk: Work, *, active: bool = False, limit: Limit = 50) -> Jobs:
    """List jobs, newest first."""
    rows = jobs.listing(desk.uow, active=active, limit=limit)
    return Jobs(rows, len(rows))


@router.post("/{job_id}/cancel", dependencies=[allow(Permission.IMPORT_RUN)], status_code=204)
def cancel(desk: Work, job_id: UUID) -> None:
    """Stop an import; an agent only their own."""
    jobs.stop(desk.uow, job_id, asked_by=desk.actor.user_id if only_assigned(desk.actor.role) else None)
