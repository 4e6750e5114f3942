"""Evidence packs over HTTP: ask for one, see how far it is, take it away; and the proof of a single decision."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter
from fastapi.responses import StreamingResponse
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, field_validator

from leadflow.api.deps import Actor, After, Db, Limit, Made, Work, allow
from leadflow.audit.types import Proof
from leadflow.compliance import service as compliance
from leadflow.evidence import service as evidence
from leadflow.evidence.types import PackRow, Wanted
from leadflow.kernel import phone as phones
from leadflow.kernel.paging import Page
from models.vocabulary import EvidenceOf, Permission

router = APIRouter(prefix="/api/v1", tags=["compliance"])

EXPORT = [allow(Permission.EVIDENCE_EXPORT)]


def _day(value: Any) -> Any:  # noqa: ANN401 whatever was sent
    """Read a day or an instant; an empty field is none."""
    if not isinstance(value, str) or value == "":
        return value or None
    try:
        return date.fromisoformat(value)
    except ValueError:
        moment = datetime.fromisoformat(value)
    if moment.tzinfo is None:
        msg = "write a day, as 2026-03-01, or an instant with its offset"
        raise ValueError(msg)
    return moment


Day = Annotated[datetime | date | None, BeforeValidator(_day)]
"""An instant with its offset, or a day of the organisation's calendar."""


class Asking(BaseModel):
    """What a pack is to be about; a day counts whole, by the organisation's calendar. An empty field is none."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    of: EvidenceOf
    phone: Annotated[str | None, Field(max_length=40)] = None
    person_id: UUID | None = None
    campaign_id: UUID | None = None
    since: Day = None
    until: Day = None

    @field_validator("phone", "person_id", "campaign_id", mode="before")
    @classmethod
    def _none(cls, value: Any) -> Any:  # noqa: ANN401 whatever was sent
        return None if value == "" else value


@router.post("/evidence", status_code=201, dependencies=EXPORT)
def ask(desk: Work, given: Asking) -> Made:
    """Ask for a pack; a job makes it. Asks for the password where it was typed too long ago."""
    wanted = Wanted(
        of=given.of,
        e164=phones.parse(given.phone) if given.phone else None,
        person_id=given.person_id,
        campaign_id=given.campaign_id,
        since=given.since,
        until=given.until,
    )
    return Made(evidence.ask(desk.uow, desk.actor, wanted))


@router.get("/evidence", dependencies=[allow(Permission.AUDIT_READ)])
def listing(desk: Work, after: After = None, limit: Limit = 100) -> Page[PackRow]:
    """List packs, newest first: who asked, about whom, how far it is, and the SHA-256 of what came out."""
    return evidence.listing(desk.uow, desk.actor, after, limit)


@router.post("/evidence/{evidence_pack_id}/unlock", status_code=204, dependencies=EXPORT)
def unlock(desk: Work, evidence_pack_id: UUID) -> None:
    """Say whether the pack can be taken away now; asks for the password where it was typed too long ago."""
    evidence.unlock(desk.uow, desk.actor, evidence_pack_id)


@router.get("/evidence/{evidence_pack_id}/file", dependencies=EXPORT, response_class=StreamingResponse)
def download(db: Db, actor: Actor, evidence_pack_id: UUID) -> StreamingResponse:
    """Take a pack away as a zip; the record of acts says who did."""
    pack = evidence.open_pack(db, actor, evidence_pack_id)
    headers = {
        "Content-Disposition": f'attachment; filename="{pack.filename}"',
        "Content-Length": str(pack.size_bytes),
        "X-Content-SHA256": pack.sha256,
    }
    return StreamingResponse(pack.chunks, media_type="application/zip", headers=headers)


@router.get("/decisions/{decision_id}/proof", dependencies=[allow(Permission.DECISION_READ)])
def proof(desk: Work, decision_id: UUID) -> Proof:
    """Prove that a decision stands in the record: the path from its digest up to a signed root."""
    return compliance.prove(desk.uow, desk.actor, decision_id)
