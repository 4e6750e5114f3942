"""Where a command stands: the database, one organisation, and its owner as the actor.

Whoever may run ``leadflow`` on this machine holds its secrets already; so the command line acts as the owner, and
every act is recorded under his name like one in the browser.
"""

from __future__ import annotations

from collections.abc import Generator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass

from leadflow.identity import service as identity
from leadflow.identity.types import Principal
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.local.services import connected
from leadflow.process import begin


@dataclass(frozen=True, slots=True)
class Desk:
    """What a command works with."""

    db: Database
    actor: Principal

    def uow(self) -> AbstractContextManager[UnitOfWork]:
        """Open one transaction of the actor's organisation."""
        return self.db.begin(self.actor.org_id)


@contextmanager
def desk(org: str | None = None) -> Generator[Desk]:
    """Sit down: find or start the services, then the organisation and its owner.

    Args:
        org: the organisation's name or id; None where there is only one.

    Raises:
        leadflow.kernel.errors.NotFound: no such organisation, or it has no owner.
        leadflow.settings.BadSettings: the configuration cannot be used.
    """
    with opened() as db:
        with db.begin() as uow:
            actor = identity.owner_of(uow, org)
        yield Desk(db, actor)


@contextmanager
def opened() -> Generator[Database]:
    """Open the database for the length of one command, whatever organisations it has."""
    with connected() as settings:
        db = begin(settings)
        try:
            yield db
        finally:
            db.dispose()
