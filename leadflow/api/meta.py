"""What anybody may know: that the process lives, whether it can serve; in development, the demonstration sign-ins."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import redis
from fastapi import APIRouter, Response
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from leadflow.api.deps import PUBLIC, Configuration, Db, Work, allow
from leadflow.identity import service as identity
from leadflow.identity.types import DemoLogin
from leadflow.kernel import breaker, disk, outages
from leadflow.kernel.db import Database
from leadflow.kernel.schema import head
from leadflow.messaging import service as messaging
from leadflow.settings import Environment, Settings
from models.vocabulary import Permission

router = APIRouter(tags=["meta"])


@dataclass(frozen=True, slots=True)
class Health:
    """The process answers."""

    status: str = "ok"


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether this process can serve, and what hinders it."""

    ready: bool
    checks: dict[str, str]
    circuits: dict[str, str]
    """Of each provider, whether it is asked; a provider that fails does not hinder us."""
    degraded: tuple[str, ...]
    """What does not work although this process serves: an owner needs the page to put it right."""


@dataclass(frozen=True, slots=True)
class Meta:
    """What the sign-in page needs."""

    name: str
    environment: Environment
    demo_logins: tuple[DemoLogin, ...]


@router.get("/healthz", dependencies=[PUBLIC])
async def healthz() -> Health:
    """Say that the process lives; looks at nothing else."""
    return Health()


@router.get("/readyz", dependencies=[PUBLIC])
def readyz(response: Response, db: Db, settings: Configuration) -> Readiness:
    """Say whether this process can serve."""
    checks = {"database": _database(db), "redis": _redis(settings), "disk": _disk(settings)}
    ready = all(word == "ok" for word in checks.values())
    response.status_code = 200 if ready else 503
    circuits = {f"{one.provider}:{one.operation}": one.view.state.value for one in breaker.standings()}
    return Readiness(ready, checks, circuits, _degraded(db))


@router.get("/api/v1/providers", dependencies=[allow(Permission.SETTINGS_READ)])
def providers(desk: Work) -> dict[str, Any]:
    """List what this installation asks of providers, whether each answers, and what to do where one does not."""
    rows = [asdict(one) for one in outages.states(desk.uow.now())]
    return {"rows": rows, "count": len(rows), "next": None}


@router.get("/api/v1/meta", dependencies=[PUBLIC])
def meta(db: Db, settings: Configuration) -> Meta:
    """Tell what the sign-in page needs; the demonstration's sign-ins in development only."""
    logins: tuple[DemoLogin, ...] = ()
    if settings.env is Environment.DEV:
        with db.begin() as uow:
            logins = identity.demo_logins(uow)
    return Meta("LeadFlow", settings.env, logins)


def _degraded(db: Database) -> tuple[str, ...]:
    try:
        with db.begin() as uow:
            hindrance = messaging.standing(uow)
    except SQLAlchemyError:
        return ()
    return (hindrance,) if hindrance else ()


def _database(db: Database) -> str:
    try:
        with db.begin() as uow:
            found = uow.session.execute(text("select version_num from alembic_version")).scalar_one_or_none()
    except SQLAlchemyError:
        return "does not answer"
    return "ok" if found == head() else "is not at the newest schema"


def _disk(settings: Settings) -> str:
    return "ok" if disk.has_room(settings.data_dir) else "is full"


def _redis(settings: Settings) -> str:
    try:
        with redis.Redis.from_url(settings.redis_url.get_secret_value(), socket_timeout=2) as client:
            client.ping()
    except redis.RedisError:
        return "does not answer"
    return "ok"
