"""An organisation's own accounts at providers: set and removed, listed without their secrets."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from fastapi import APIRouter

from leadflow.api.deps import Work, allow
from leadflow.credentials import service as credentials
from leadflow.credentials.types import CredentialInput, CredentialRow
from models.vocabulary import Permission, Provider

router = APIRouter(prefix="/api/v1/credentials", tags=["credentials"])


@router.get("", dependencies=[allow(Permission.CREDENTIAL_WRITE)])
def listed(desk: Work) -> dict[str, Any]:
    """List what is set: the account and the last four characters of each secret."""
    rows = credentials.listed(desk.uow, desk.actor)
    return {"rows": [asdict(row) for row in rows], "count": len(rows), "next": None}


@router.put("/{provider}", dependencies=[allow(Permission.CREDENTIAL_WRITE)])
def put(desk: Work, provider: Provider, given: CredentialInput) -> CredentialRow:
    """Set a credential; asks for the password first, and never shows the secret again."""
    return credentials.set_credential(desk.uow, desk.actor, provider, given)


@router.delete("/{provider}", status_code=204, dependencies=[allow(Permission.CREDENTIAL_WRITE)])
def remove(desk: Work, provider: Provider) -> None:
    """Remove a credential; asks for the password first."""
    credentials.remove(desk.uow, desk.actor, provider)
