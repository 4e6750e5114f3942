"""Ask somebody to join, and join with the link of the mail."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from leadflow.api.cookies import Session, caller_of, told
from leadflow.api.deps import PUBLIC, Db, Made, Work, allow
from leadflow.identity import service as identity
from leadflow.identity.types import InvitationInput, InvitationLook, InvitationRow, Joining, Name
from models.vocabulary import Permission

router = APIRouter(prefix="/api/v1", tags=["invitations"])

Token = Annotated[SecretStr, Field(max_length=200)]


class Look(BaseModel):
    """The token of a link; it travels in the body, because addresses end up in logs."""

    model_config = ConfigDict(extra="forbid")

    token: Token


class Join(BaseModel):
    """Accept an invitation: with the present password of the account, or with one that is chosen."""

    model_config = ConfigDict(extra="forbid")

    token: Token
    password: Annotated[SecretStr, Field(max_length=1_024)]
    name: Name | None = None
    code: Annotated[str, Field(max_length=40)] = ""
    tokens: bool = False


@router.get("/invitations", dependencies=[allow(Permission.MEMBER_READ)])
def invitations(desk: Work) -> tuple[InvitationRow, ...]:
    """List the invitations of the last ninety days, newest first."""
    return identity.invitations(desk.uow, desk.actor)


@router.post("/invitations", dependencies=[allow(Permission.MEMBER_WRITE)], status_code=201)
def invite(desk: Work, given: InvitationInput) -> Made:
    """Ask somebody to join, by mail. Whether the address has an account here is not told."""
    return Made(identity.invite(desk.uow, desk.actor, given))


@router.delete("/invitations/{invitation_id}", dependencies=[allow(Permission.MEMBER_WRITE)], status_code=204)
def withdraw(desk: Work, invitation_id: UUID) -> None:
    """Take an invitation back."""
    identity.withdraw(desk.uow, desk.actor, invitation_id)


@router.post("/invitations/{invitation_id}/resend", dependencies=[allow(Permission.MEMBER_WRITE)], status_code=204)
def resend(desk: Work, invitation_id: UUID) -> None:
    """Send it again, for another seven days; the earlier link ends."""
    identity.resend(desk.uow, desk.actor, invitation_id)


@router.post("/auth/join/look", dependencies=[PUBLIC])
def look(db: Db, given: Look) -> InvitationLook:
    """Say what a link leads to."""
    return identity.look_at_invitation(db, given.token.get_secret_value())


@router.post("/auth/join", dependencies=[PUBLIC])
def join(request: Request, response: Response, db: Db, given: Join) -> Session:
    """Accept an invitation and be signed in."""
    joining = Joining(
        token=given.token.get_secret_value(),
        password=given.password.get_secret_value(),
        name=given.name or "",
        code=given.code,
    )
    return told(response, identity.join(db, joining, caller_of(request)), in_body=given.tokens)
