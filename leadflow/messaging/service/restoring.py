"""Which life of the database this is. A restored backup is noticed before it sends anything, and waits for its owners.

Two things tell. Postgres: a dump that is loaded, a clone, a cluster brought forward to an instant lie in another place
than their own row says; that is looked at in every batch, and needs nobody's memory. And witnesses outside of the
database (``providers.witnesses``), for a disk that was put back as it was: the clockwork counts a beat, and whoever
remembers a higher one than the database knows that it was turned back.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import structlog

from leadflow.jobs import service as jobs
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.messaging.providers.witnesses import Witnesses
from leadflow.messaging.queries import restoring as queries
from leadflow.messaging.rules.restoring import LEAP, UNREADABLE, doubt, unsure
from models.vocabulary import JobKind

log = structlog.get_logger(__name__)

ASK_AGAIN_AFTER = timedelta(minutes=1)
"""How soon the carrier is asked anew that could not be asked."""

_witnesses = Witnesses(None, None)


def attend(folder: Path | None, redis_url: str | None) -> None:
    """Tell this process where its witnesses are; called once by the door at start."""
    global _witnesses  # noqa: PLW0603 one memory a process, told at start
    _witnesses = Witnesses(folder, redis_url)


def held(uow: UnitOfWork) -> bool:
    """Say whether the organisation may send nothing: its records are a restored backup that no owner has resumed."""
    return bool(_doubt(uow)) or queries.waits(uow)


def standing(uow: UnitOfWork) -> str:
    """Say what hinders the whole installation, for whoever watches over it; empty where nothing does."""
    if queries.anybody_waits(uow):
        return "A backup was restored; an owner has to resume sending."
    return _doubt(uow)


def _doubt(uow: UnitOfWork) -> str:
    pulse = queries.pulse(uow)
    if pulse is None:
        return ""
    seen = _witnesses.recall(pulse.installation)
    why = doubt(pulse, seen)
    if why and (pulse := queries.pulse(uow)) is not None:
        # Another process may have beaten between the two; what was seen before this look cannot have.
        why = doubt(pulse, seen)
    if pulse is not None and not why:
        if unsure(pulse, seen):
            return UNREADABLE
        _witnesses.saw(pulse.installation, pulse.beat)
    return why


def beat(db: Database) -> None:
    """Count one beat; or, where this is a restored backup, begin a new epoch in which nobody sends yet.

    The database comes first and the witnesses after it, so that a crash in between leaves them behind, never ahead.
    """
    with db.begin() as uow:
        pulse = queries.pulse(uow)
    seen = _witnesses.ask(pulse.installation) if pulse is not None else None
    with db.begin() as uow:
        now = uow.now()
        pulse = queries.hold_pulse(uow, now)
        why = doubt(pulse, seen) if seen is not None else ""
        if why:
            reached = max(pulse.beat, (seen.beat if seen else None) or 0) + LEAP
            queries.begin_epoch(uow, pulse, reached, why, now)
            log.error("epoch.restored", why=why, as_of=pulse.beat_at.isoformat(), epoch=pulse.epoch + 1)
        elif seen is not None and unsure(pulse, seen):
            log.warning("epoch.unsure")
            return
        else:
            reached = queries.advance(uow, now)
        waiting = queries.unanswered(uow, now - ASK_AGAIN_AFTER)
    _witnesses.tell(pulse.installation, reached)
    for org_id in waiting:
        with db.begin(org_id) as uow:
            jobs.enqueue(uow, JobKind.RESTORE_ASK, unique_key=str(org_id))
