"""The compliance drill over HTTP: run it, and read how the rules in force stand."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any
from uuid import UUID

from fastapi import APIRouter

from leadflow.api.deps import After, Limit, Work, allow
from leadflow.compliance import service as compliance
from leadflow.compliance.service import DrillRow, Standing
from leadflow.kernel.paging import Page
from models.vocabulary import Permission

router = APIRouter(prefix="/api/v1/compliance/drills", tags=["compliance"])

READ = [allow(Permission.DECISION_READ)]


@dataclass(frozen=True, slots=True)
class Drilled:
    """How the rules in force stand, and the drills there were."""

    standing: Standing
    drills: Page[DrillRow]


@router.get("", dependencies=READ)
def drills(desk: Work, after: After = None, limit: Limit = 50) -> Drilled:
    """List drills, newest first, and say whether campaigns may be launched under the rules in force."""
    return Drilled(
        compliance.drill_standing(desk.uow, desk.actor), compliance.drills(desk.uow, desk.actor, after, limit)
    )


@router.post("", status_code=201, dependencies=[allow(Permission.DRILL_RUN)])
def run(desk: Work) -> dict[str, Any]:
    """Put the rules in force and the organisation's numbers to the drill, and keep the result."""
    found = compliance.run_drill(desk.uow, desk.actor)
    return {**asdict(found), "score": found.score}


@router.get("/{drill_run_id}", dependencies=READ)
def drill(desk: Work, drill_run_id: UUID) -> dict[str, Any]:
    """Open one drill: counts by group, and each case that did not simply pass."""
    found = compliance.drill_run(desk.uow, desk.actor, drill_run_id)
    return {**asdict(found), "score": found.score}
