"""What a route works with: who asks, one transaction, and the permission it declares.

    router = APIRouter(prefix="/api/v1/leads", tags=["leads"])

    @router.get("/{lead_id}", dependencies=[allow(Permission.LEAD_READ)])
    def lead(desk: Work, lead_id: UUID) -> LeadDetail:
        return leads.detail(desk.uow, desk.actor, lead_id)

Every route names its permission with ``allow`` or says ``PUBLIC``; the application does not start with one that does
neither. The permission stands in the OpenAPI document as ``x-permission``. ``Work`` is one transaction of the caller's
organisation, committed before the answer leaves; an exception rolls it back. Handlers are plain ``def``.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import Depends, Query, Request

from leadflow.identity import service as identity
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Unauthenticated
from leadflow.requests import service as requests
from leadflow.settings import Settings
from models.vocabulary import Permission


@dataclass(frozen=True, slots=True)
class Made:
    """The id of what was made."""

    id: UUID


@dataclass(frozen=True, slots=True)
class Desk:
    """One request's caller and its open transaction."""

    actor: Principal
    uow: UnitOfWork
    db: Database


def database(request: Request) -> Database:
    """Answer the process's database."""
    return request.app.state.db


def settings(request: Request) -> Settings:
    """Answer the process's settings."""
    return request.app.state.settings


Db = Annotated[Database, Depends(database)]
Configuration = Annotated[Settings, Depends(settings)]


def caller(request: Request, db: Db) -> Principal:
    """Resolve who asks, afresh: a bearer's key or access token, or that of the cookie that ``auth/refresh`` renews.

    Raises:
        Unauthenticated: nobody, a session that has ended, or a key that is not taken.
        TooMany: too many keys that are not taken came from this address.
    """
    kind, _, token = request.headers.get("authorization", "").partition(" ")
    if kind.lower() != "bearer":
        token = request.cookies.get(identity.cookies().access, "")
    if not token:
        raise Unauthenticated("Sign in first.")
    if kind.lower() == "bearer" and token.strip().startswith(identity.KEY_START):
        return identity.by_key(db, token.strip(), request.client.host if request.client else "")
    with db.begin() as uow:
        return identity.access(uow, token.strip())


Actor = Annotated[Principal, Depends(caller)]


def desk(request: Request, actor: Actor, db: Db) -> Generator[Desk]:
    """Open the request's transaction in the caller's organisation; a keyed call notes in it that it acted."""
    ticket = getattr(request.state, "ticket", None)
    with db.begin(actor.org_id) as uow:
        yield Desk(actor, uow, db)
        if ticket is not None:
            requests.acted(uow, ticket)


Work = Annotated[Desk, Depends(desk, scope="function")]
"""Committed when the handler returns, before anything is sent."""


class Allow:
    """A dependency that lets only callers pass whose role has the permission; readable from outside."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    def __call__(self, actor: Actor) -> None:
        """Check the caller."""
        require(actor, self.permission)


class Public:
    """Marks a route that needs no caller: sign-in, health, webhooks that carry a signature."""

    def __call__(self) -> None:
        """Let everybody pass."""


def allow(permission: Permission) -> Any:  # noqa: ANN401 FastAPI's own marker
    """Declare a route's permission: ``dependencies=[allow(Permission.X)]``."""
    return Depends(Allow(permission))


PUBLIC: Any = Depends(Public())
"""Declare that a route is for everybody: ``dependencies=[PUBLIC]``."""

Limit = Annotated[int, Query(ge=1, le=200)]
After = Annotated[str | None, Query(max_length=2_000)]
Direction = Annotated[Literal["asc", "desc"], Query(alias="dir")]

__all__ = [
    "PUBLIC",
    "Actor",
    "After",
    "Allow",
    "Configuration",
    "Db",
    "Desk",
    "Direction",
    "Limit",
    "Made",
    "Public",
    "Unauthenticated",
    "Work",
    "allow",
]
