"""The organisation's own fields over HTTP."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from leadflow.api.deps import Made, Work, allow
from leadflow.leads import service as leads
from leadflow.leads.view_types import FieldChange, FieldInput, FieldRow
from models.vocabulary import Permission

router = APIRouter(prefix="/api/v1/fields", tags=["fields"])

READ = [allow(Permission.LEAD_READ)]
WRITE = [allow(Permission.FIELD_WRITE)]


@router.get("", dependencies=READ)
def fields(desk: Work) -> list[FieldRow]:
    """List the fields in the order of their columns, archived ones too."""
    return leads.custom_fields(desk.uow, desk.actor)


@router.get("/headers", dependencies=WRITE)
def headers(desk: Work) -> list[tuple[str, int]]:
    """List columns that files brought and no field has taken over, with how many of the newest properties have one."""
    return leads.unclaimed_headers(desk.uow, desk.actor)


@router.post("", dependencies=WRITE, status_code=201)
def make(desk: Work, given: FieldInput) -> Made:
    """Make a field; ``header`` has it take over a column that files bring, what they have brought so far included."""
    return Made(leads.make_field(desk.uow, desk.actor, given))


@router.patch("/{field_id}", dependencies=WRITE, status_code=204)
def change(desk: Work, field_id: UUID, given: FieldChange) -> None:
    """Rename a field, change its words, its place or the column that it takes over."""
    leads.change_field(desk.uow, desk.actor, field_id, given)


@router.delete("/{field_id}", dependencies=WRITE, status_code=204)
def archive(desk: Work, field_id: UUID) -> None:
    """Archive a field; its values stay."""
    leads.archive_field(desk.uow, desk.actor, field_id)


@router.post("/{field_id}/revive", dependencies=WRITE, status_code=204)
def revive(desk: Work, field_id: UUID) -> None:
    """Bring an archived field back with its values."""
    leads.revive_field(desk.uow, desk.actor, field_id)
