"""Sign in and out over plain HTTP, because no event of the page can set a cookie that scripts cannot read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Request, Response
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from leadflow.api.cookies import Session, caller_of, forget, told
from leadflow.api.deps import PUBLIC, Actor, Db, Work, allow
from leadflow.identity import service as identity
from leadflow.identity.rules import may
from leadflow.identity.types import (
    Credentials,
    MemberChange,
    MemberRow,
    OrganizationChoice,
    SecondFactorAsked,
    SessionRow,
)
from leadflow.kernel.errors import Unauthenticated
from models.vocabulary import Permission, Role

router = APIRouter(prefix="/api/v1", tags=["identity"])


class Login(BaseModel):
    """What somebody typed; ``tokens`` is for programs, which keep their tokens themselves."""

    model_config = ConfigDict(extra="forbid")

    email: Annotated[str, Field(max_length=254)]
    password: Annotated[SecretStr, Field(max_length=1_024)]
    remember: bool = False
    """Stay signed in on this device, where the organisation allows it."""
    tokens: bool = False


class Code(BaseModel):
    """The second step: what the first answered, and six digits or a recovery code."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[SecretStr, Field(max_length=200)]
    code: Annotated[str, Field(max_length=40)]
    tokens: bool = False


class Refresh(BaseModel):
    """A program's refresh token; a browser sends its cookie and no body."""

    model_config = ConfigDict(extra="forbid")

    refresh_token: Annotated[SecretStr, Field(max_length=1_024)] | None = None


class Passwords(BaseModel):
    """The present password and the one that is to replace it."""

    model_config = ConfigDict(extra="forbid")

    current: Annotated[SecretStr, Field(max_length=1_024)]
    password: Annotated[SecretStr, Field(max_length=1_024)]


class Switch(BaseModel):
    """The organisation to look at; ``tokens`` is for programs, which keep their tokens themselves."""

    model_config = ConfigDict(extra="forbid")

    organization_id: UUID
    tokens: bool = False


@dataclass(frozen=True, slots=True)
class SecondStep:
    """The password was right; bring ``token`` to ``auth/second-factor`` with a code."""

    token: str
    until: datetime
    second_factor: Literal[True] = True


@dataclass(frozen=True, slots=True)
class Me:
    """Who is signed in, and what this caller may do."""

    id: UUID | None
    name: str
    role: Role
    organization_id: UUID
    session_id: UUID | None
    permissions: tuple[Permission, ...]
    second_factor: bool
    must_set_up_second_factor: bool
    """The organisation asks for a second factor; nothing else is allowed until one is set up."""
    organizations: tuple[OrganizationChoice, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """How many sessions were ended."""

    ended: int


@router.post("/auth/login", dependencies=[PUBLIC])
def login(request: Request, response: Response, db: Db, given: Login) -> Session | SecondStep:
    """Open a session, or ask for the second factor; then no cookie is set yet."""
    credentials = Credentials(given.email, given.password.get_secret_value())
    opened = identity.sign_in(db, credentials, caller_of(request), remember=given.remember)
    if isinstance(opened, SecondFactorAsked):
        return SecondStep(opened.token, opened.until)
    return told(response, opened, in_body=given.tokens)


@router.post("/auth/second-factor", dependencies=[PUBLIC])
def second_factor(request: Request, response: Response, db: Db, given: Code) -> Session:
    """Finish a sign-in with a code of the authenticator app, or a recovery code."""
    opened = identity.finish_sign_in(db, given.token.get_secret_value(), given.code, caller_of(request))
    return told(response, opened, in_body=given.tokens)


@router.post("/auth/refresh", dependencies=[PUBLIC])
def refresh(request: Request, response: Response, db: Db, given: Refresh | None = None) -> Session:
    """Trade a refresh token for the next one and a new access token."""
    in_body = given is not None and given.refresh_token is not None
    names = identity.cookies()
    token = (
        given.refresh_token.get_secret_value()
        if given and given.refresh_token
        else request.cookies.get(names.refresh, "")
    )
    if not token:
        raise Unauthenticated("Sign in first.")
    return told(response, identity.refresh(db, token), in_body=in_body)


@router.post("/auth/logout", dependencies=[PUBLIC], status_code=204)
def logout(request: Request, response: Response, db: Db) -> None:
    """End this session; without one, only the cookies go. A session whose access token has run out ends as well."""
    forget(response)
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    with db.begin() as uow:
        try:
            if kind.lower() == "bearer":
                actor = identity.access(uow, token.strip())
            else:
                actor = identity.resume(uow, request.cookies.get(identity.cookies().sid, ""))
        except Unauthenticated:
            return
    with db.begin(actor.org_id) as uow:
        identity.sign_out(uow, actor)


@router.post("/auth/logout-everywhere", dependencies=[allow(Permission.SESSION_USE)])
def logout_everywhere(actor: Actor, db: Db, response: Response) -> Ended:
    """End every session of the caller, this one too."""
    forget(response)
    return Ended(identity.sign_out_everywhere(db, actor))


@router.post("/auth/switch", dependencies=[allow(Permission.SESSION_USE)])
def switch(request: Request, response: Response, actor: Actor, db: Db, given: Switch) -> Session:
    """Look at another organisation of the caller's: this session ends, another begins. Load the page anew."""
    opened = identity.switch(db, actor, given.organization_id, caller_of(request))
    return told(response, opened, in_body=given.tokens)


@router.get("/me", dependencies=[allow(Permission.SESSION_USE)])
def me(actor: Actor, db: Db) -> Me:
    """Say who is signed in."""
    allowed = tuple(sorted(permission for permission in Permission if may(actor, permission)))
    state = identity.second_factor(db, actor)
    return Me(
        id=actor.user_id,
        name=actor.name,
        role=actor.role,
        organization_id=actor.org_id,
        session_id=actor.session_id,
        permissions=allowed,
        second_factor=state.on,
        must_set_up_second_factor=state.required and not state.on,
        organizations=identity.organizations(db, actor),
    )


@router.put("/me/password", dependencies=[allow(Permission.SESSION_USE)], status_code=204)
def change_password(actor: Actor, db: Db, given: Passwords) -> None:
    """Set a new password; every other session of the caller ends."""
    identity.change_password(db, actor, given.current.get_secret_value(), given.password.get_secret_value())


@router.get("/me/sessions", dependencies=[allow(Permission.SESSION_USE)])
def sessions(actor: Actor, db: Db) -> tuple[SessionRow, ...]:
    """List where the caller is signed in."""
    return identity.sessions(db, actor)


@router.delete("/me/sessions/{session_id}", dependencies=[allow(Permission.SESSION_USE)], status_code=204)
def end_session(actor: Actor, db: Db, session_id: UUID) -> None:
    """End one of the caller's own sessions."""
    identity.end_session(db, actor, session_id)


@router.get("/members", dependencies=[allow(Permission.MEMBER_READ)])
def members(desk: Work) -> tuple[MemberRow, ...]:
    """List everybody of the organisation."""
    return identity.members(desk.uow, desk.actor)


@router.patch("/members/{user_id}", dependencies=[allow(Permission.MEMBER_WRITE)], status_code=204)
def change_member(desk: Work, user_id: UUID, given: MemberChange) -> None:
    """Change a member's role, shut the member out, or let in again."""
    identity.change_member(desk.uow, desk.actor, user_id, given)


@router.delete("/members/{user_id}/sessions", dependencies=[allow(Permission.MEMBER_WRITE)])
def end_sessions_of(desk: Work, user_id: UUID) -> Ended:
    """Sign a member out everywhere."""
    return Ended(identity.end_sessions_of(desk.uow, desk.actor, user_id))
