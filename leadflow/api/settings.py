"""The organisation's own settings and the switch that stops all sending."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from leadflow.api.deps import Work, allow
from leadflow.identity import service as identity
from leadflow.identity.types import OrganizationInput, OrganizationView
from models.vocabulary import Permission

router = APIRouter(prefix="/api/v1/organization", tags=["organization"])


class Switch(BaseModel):
    """Pause or resume."""

    model_config = ConfigDict(extra="forbid")

    paused: bool
    why: Annotated[str, Field(max_length=300)] = ""


@router.get("", dependencies=[allow(Permission.SETTINGS_READ)])
def show(desk: Work) -> OrganizationView:
    """Show the settings."""
    return identity.organization(desk.uow, desk.actor)


@router.patch("", dependencies=[allow(Permission.SETTINGS_WRITE)])
def change(desk: Work, given: OrganizationInput) -> OrganizationView:
    """Change settings; what is absent stays."""
    return identity.change_organization(desk.uow, desk.actor, given)


@router.post("/sending", dependencies=[allow(Permission.SENDING_SWITCH)])
def sending(desk: Work, given: Switch) -> OrganizationView:
    """Stop or resume everything that the organisation sends."""
    identity.set_sending(desk.uow, desk.actor, paused=given.paused, why=given.why)
    return identity.own_organization(desk.uow)
