"""A person's own account: a new password, the password once more, the second factor, the mail that tells of it."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Request
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from leadflow.api.cookies import caller_of
from leadflow.api.deps import PUBLIC, Actor, Db, Work, allow
from leadflow.identity import service as identity
from leadflow.identity.types import RecoveryCodes, SecondFactorSetup, SecondFactorState
from leadflow.mail.types import MailRow
from models.vocabulary import Permission

router = APIRouter(prefix="/api/v1", tags=["account"])

Password = Annotated[SecretStr, Field(max_length=1_024)]


class Forgotten(BaseModel):
    """Whose password is to be set anew."""

    model_config = ConfigDict(extra="forbid")

    email: Annotated[str, Field(max_length=254)]


class NewPassword(BaseModel):
    """The token of a link, in the body because addresses end up in logs, and the password that is wanted."""

    model_config = ConfigDict(extra="forbid")

    token: Annotated[SecretStr, Field(max_length=200)]
    password: Password


class Confirmation(BaseModel):
    """The caller's password, once more."""

    model_config = ConfigDict(extra="forbid")

    password: Password


class Code(BaseModel):
    """Six digits of the authenticator app."""

    model_config = ConfigDict(extra="forbid")

    code: Annotated[str, Field(max_length=40)]


class Removal(BaseModel):
    """The password and a code: whoever holds the open browser alone cannot take the second factor away."""

    model_config = ConfigDict(extra="forbid")

    password: Password
    code: Annotated[str, Field(max_length=40)]


@router.post("/auth/forgot", dependencies=[PUBLIC], status_code=202)
def forgot(request: Request, db: Db, given: Forgotten) -> None:
    """Mail a link to set a new password, if there is such an account; the answer is the same if not."""
    identity.ask_reset(db, given.email, caller_of(request))


@router.post("/auth/reset", dependencies=[PUBLIC], status_code=204)
def set_password(db: Db, given: NewPassword) -> None:
    """Set a new password with the link of a mail. Every session ends; sign in with the new password."""
    identity.reset(db, given.token.get_secret_value(), given.password.get_secret_value())


@router.get("/outbox", dependencies=[allow(Permission.MAIL_READ)])
def outbox(desk: Work) -> tuple[MailRow, ...]:
    """Show mail that no server takes; there is no such thing where real people sign in."""
    return identity.outbox(desk.uow, desk.actor)


@router.post("/me/confirm", dependencies=[allow(Permission.SESSION_USE)], status_code=204)
def confirm(actor: Actor, db: Db, given: Confirmation) -> None:
    """Type the password once more; for ten minutes acts pass that answer ``confirm_password`` without it."""
    identity.confirm(db, actor, given.password.get_secret_value())


@router.get("/me/second-factor", dependencies=[allow(Permission.SESSION_USE)])
def second_factor(actor: Actor, db: Db) -> SecondFactorState:
    """Say how the caller's second factor stands."""
    return identity.second_factor(db, actor)


@router.post("/me/second-factor", dependencies=[allow(Permission.SESSION_USE)])
def begin(actor: Actor, db: Db) -> SecondFactorSetup:
    """Make a secret for an authenticator app; it counts once ``confirm`` has seen a code of it."""
    return identity.begin_second_factor(db, actor)


@router.post("/me/second-factor/confirm", dependencies=[allow(Permission.SESSION_USE)])
def finish(actor: Actor, db: Db, given: Code) -> RecoveryCodes:
    """Turn the second factor on; answers ten recovery codes, once."""
    return identity.confirm_second_factor(db, actor, given.code)


@router.delete("/me/second-factor", dependencies=[allow(Permission.SESSION_USE)], status_code=204)
def remove(actor: Actor, db: Db, given: Removal) -> None:
    """Turn the caller's second factor off."""
    identity.drop_second_factor(db, actor, given.password.get_secret_value(), given.code)


@router.post("/me/second-factor/recovery-codes", dependencies=[allow(Permission.SESSION_USE)])
def renew(actor: Actor, db: Db) -> RecoveryCodes:
    """Make ten new recovery codes; the old ones are void."""
    return identity.renew_recovery_codes(db, actor)


@router.delete("/members/{user_id}/second-factor", dependencies=[allow(Permission.MEMBER_WRITE)], status_code=204)
def reset(actor: Actor, db: Db, user_id: UUID) -> None:
    """Take away the second factor of a member who has lost it; owners only."""
    identity.reset_second_factor(db, actor, user_id)
