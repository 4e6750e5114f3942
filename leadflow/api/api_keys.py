"""Keys by which programs act: ``Authorization: Bearer lfk_…``."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter

from leadflow.api.deps import Work, allow
from leadflow.identity import service as identity
from leadflow.identity.types import ApiKeyInput, ApiKeyRow, MadeKey
from models.vocabulary import Permission

router = APIRouter(prefix="/api/v1/api-keys", tags=["api keys"])


@router.get("", dependencies=[allow(Permission.API_KEY_WRITE)])
def api_keys(desk: Work) -> tuple[ApiKeyRow, ...]:
    """List the organisation's keys; of each only its beginning."""
    return identity.api_keys(desk.uow, desk.actor)


@router.post("", dependencies=[allow(Permission.API_KEY_WRITE)], status_code=201)
def make(desk: Work, given: ApiKeyInput) -> MadeKey:
    """Make a key that acts as the caller within its scopes. It is answered this once."""
    return identity.make_api_key(desk.uow, desk.actor, given)


@router.delete("/{key_id}", dependencies=[allow(Permission.API_KEY_WRITE)], status_code=204)
def end(desk: Work, key_id: UUID) -> None:
    """End a key."""
    identity.end_api_key(desk.uow, desk.actor, key_id)
