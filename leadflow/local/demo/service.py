"""Makes the demonstration organisation where there is none: ``ensure``; and afresh: ``reset``."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Generator, Mapping
from contextlib import contextmanager
from typing import Any

import structlog

from leadflow.audit import service as audit
from leadflow.identity import service as identity
from leadflow.kernel import doorbell
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Conflict
from leadflow.kernel.schema import migrate, raze
from leadflow.local.demo import story
from leadflow.local.demo.carrier import open_line
from leadflow.local.demo.clockwork import Clockwork
from workers.job import HANDLERS
from workers.main import load_handlers

Say = Callable[[str], None]


def ensure(db: Database, say: Say) -> Mapping[str, Any]:
    """Make the demonstration organisation if it is not there, and answer its logins.

    Args:
        db: a migrated database.
        say: told what is being done; it takes some twenty seconds.

    Returns:
        ``made``, ``seconds``, the numbers of what there is, and ``logins`` (role, e-mail, password), none where the
        installation refuses demonstration users.
    """
    began = time.monotonic()
    with db.begin() as uow:
        there = story.organization_of(uow)
    made: dict[str, Any] = {}
    if there is None:
        say("Making the demo organisation")
        made = _make(db, say)
    with db.begin() as uow:
        logins = [
            {"role": one.role.value, "email": one.email, "name": one.name, "password": one.password}
            for one in identity.demo_logins(uow)
        ]
    return {"made": there is None, "seconds": round(time.monotonic() - began, 1), **made, "logins": logins}


def reset(db: Database, say: Say, owner_url: str) -> Mapping[str, Any]:
    """Empty the whole database and make the demonstration afresh. The record is append-only, so nothing less will do.

    Args:
        db: the database.
        say: told what is being done.
        owner_url: its address for the role that owns the tables; no other can remove them.

    Raises:
        Conflict: somebody who is no demonstration user lives here; nothing was touched.
    """
    with db.begin() as uow:
        if story.others_live_here(uow):
            raise Conflict("This database holds an organisation that is not the demonstration's. It is left alone.")
    say("Removing the old demo organisation")
    db.dispose()
    raze(owner_url)
    migrate(owner_url)
    return ensure(db, say)


def _make(db: Database, say: Say) -> dict[str, Any]:
    clock = FrozenClock(db.clock.now())
    past = Database(db.url, clock=clock, pool_size=4)
    try:
        with _quietly(), open_line() as line:
            load_handlers()
            clockwork = Clockwork(past, clock, line, HANDLERS)
            before = doorbell.hang(clockwork)
            try:
                told = story.tell(past, clockwork, say)
            finally:
                doorbell.hang(before)
        audit.seal_all(past)
    finally:
        past.dispose()
    return told


@contextmanager
def _quietly() -> Generator[None]:
    """Keep the rooms' logs of an invented past out of the real one's."""
    kept = structlog.get_config()
    structlog.configure(
        wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR), cache_logger_on_first_use=False
    )
    try:
        yield
    finally:
        structlog.configure(**kept)
