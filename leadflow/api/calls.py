"""Calls over HTTP: place one through the gate, say what came of it, read the log."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Query, Response
from fastapi.responses import JSONResponse

from leadflow.api.deps import After, Limit, Work, allow
from leadflow.calls import service as calls
from leadflow.calls.types import CallInput, Denied, SettleInput
from leadflow.kernel.edge import body
from models.vocabulary import CallOutcome, Permission

router = APIRouter(prefix="/api/v1/calls", tags=["calls"])


@router.post("", status_code=201, dependencies=[allow(Permission.CALL_PLACE)])
def place(desk: Work, given: CallInput) -> Any:  # noqa: ANN401 a call, or the refusal with its decision
    """Ask the gate about a call that is about to be dialled; 201 with what to dial, or 409 with why not.

    A refusal is recorded like every decision: it is answered here and not raised, which would undo it.
    """
    found = calls.place(desk.uow, desk.actor, given)
    if isinstance(found, Denied):
        said = body("refused", found.sentences[0], None, found.reasons)
        said["error"] |= {"sentences": list(found.sentences), "decision_id": str(found.decision_id)}
        said["error"]["later_at"] = found.later_at.isoformat() if found.later_at else None
        return JSONResponse(said, status_code=409)
    return asdict(found)


@router.post("/{phone_call_id}/outcome", status_code=204, dependencies=[allow(Permission.CALL_PLACE)])
def outcome(desk: Work, phone_call_id: UUID, given: SettleInput) -> Response:
    """Say what came of a call."""
    calls.settle(desk.uow, desk.actor, phone_call_id, given)
    return Response(status_code=204)


@router.get("", dependencies=[allow(Permission.LEAD_READ)])
def listing(
    desk: Work,
    lead_id: Annotated[UUID | None, Query()] = None,
    outcome: Annotated[CallOutcome | None, Query()] = None,
    after: After = None,
    limit: Limit = 50,
) -> dict[str, Any]:
    """List calls, newest first; of one lead, or with one outcome, where it is named."""
    found = calls.listing(desk.uow, desk.actor, lead_id, after, limit, outcome=outcome)
    return {"rows": [asdict(row) for row in found.rows], "count": found.count, "next": found.next}


@router.get("/due", dependencies=[allow(Permission.LEAD_READ)])
def due(desk: Work) -> dict[str, Any]:
    """List promised calls whose time has come."""
    rows = calls.call_backs(desk.uow, desk.actor)
    return {"rows": [asdict(row) for row in rows], "count": len(rows), "next": None}
