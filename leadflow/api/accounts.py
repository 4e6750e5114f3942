"""A person's own account: the password once more, the second factor."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from leadflow.api.deps import Actor, Db, allow
from leadflow.identity import service as identity
from leadflow.identity.types import RecoveryCodes, SecondFactorSetup, SecondFactorState
from models.vocabulary import Permission

router = APIRouter(prefix="/api/v1", tags=["account"])

Password = Annotated[SecretStr, Field(max_length=1_024)]


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
