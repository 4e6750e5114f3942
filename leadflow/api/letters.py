"""Mailing lists over HTTP: ask for one, see how far it is, take it away."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import StreamingResponse

from leadflow.api.deps import Actor, After, Db, Limit, Made, Work, allow
from leadflow.letters import service as letters
from leadflow.letters.types import LetterInput
from models.vocabulary import Permission

router = APIRouter(prefix="/api/v1/letters", tags=["letters"])


@router.post("", status_code=201, dependencies=[allow(Permission.LETTER_EXPORT)])
def ask(desk: Work, given: LetterInput) -> Made:
    """Ask for a mailing list of a lead filter, or of those whom a launched campaign did not text; a job makes it."""
    return Made(letters.ask(desk.uow, desk.actor, given))


@router.get("", dependencies=[allow(Permission.LETTER_EXPORT)])
def listing(desk: Work, after: After = None, limit: Limit = 50) -> dict[str, Any]:
    """List mailing lists, newest first: who asked, for whom, how far it is, and what came of it."""
    found = letters.listing(desk.uow, desk.actor, after, limit)
    return {"rows": [asdict(row) for row in found.rows], "count": found.count, "next": found.next}


@router.get(
    "/{letter_export_id}/file", dependencies=[allow(Permission.LETTER_EXPORT)], response_class=StreamingResponse
)
def download(db: Db, actor: Actor, letter_export_id: UUID) -> StreamingResponse:
    """Take a list away as CSV; the record of acts says who did."""
    found = letters.open_list(db, actor, letter_export_id)
    headers = {
        "Content-Disposition": f'attachment; filename="{found.filename}"',
        "Content-Length": str(found.size_bytes),
        "X-Content-SHA256": found.sha256,
    }
    return StreamingResponse(found.chunks, media_type="text/csv; charset=utf-8", headers=headers)
