"""Run a keyed call once, and answer its repetitions with what the first was answered.

Made after Stripe's idempotent requests. Three things can end a call: it acts and answers (the answer is kept a day), it
comes to nothing (the key is free again), or its process dies. Who comes after a death learns from the row whether the
act was committed, because that is written in the act's own transaction: then it is not done again.
"""

from __future__ import annotations

from datetime import timedelta

from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Conflict
from leadflow.requests import queries
from leadflow.requests.types import Answer, Asked, Busy, Lost, Ticket

LOCK = timedelta(seconds=60)
"""How long the first call is held to be at work. Own choice: no call of ours takes as long."""
KEPT_FOR = timedelta(hours=24)
"""As Stripe keeps its keys."""


def begin(db: Database, asked: Asked) -> Ticket | Answer | Busy | Lost:
    """Ask for the right to carry a call out.

    Returns:
        The right; or what the first call was answered; or that it is at work; or that it acted and its answer is lost.
    """
    with db.begin(asked.org_id) as uow:
        now = uow.now()
        lock = now + LOCK
        queries.forget(uow, asked, now)
        if queries.insert(uow, asked, lock, now + KEPT_FOR):
            return Ticket(asked, lock)
        found = queries.kept(uow, asked)
        if found is None:
            # The first came to nothing between the two statements.
            return Busy(1)
        if found.status is not None:
            return Answer(found.status, found.body or b"", found.content_type or "", found.request_hash or b"")
        if found.locked_until > now:
            return Busy(max(1, int((found.locked_until - now).total_seconds())))
        if found.acted_at is not None:
            return Lost()
        queries.take_over(uow, asked, lock)
        return Ticket(asked, lock)


def acted(uow: UnitOfWork, ticket: Ticket) -> None:
    """Note that the act is done, in its own transaction.

    Raises:
        Conflict: the call took so long that a repetition has taken it over; the act must not be committed.
    """
    if not queries.acted(uow, ticket, uow.now()):
        raise Conflict("This call took too long, and its repetition has taken over. Nothing was done here.")


def keep(db: Database, ticket: Ticket, answer: Answer) -> None:
    """Keep the first answer for those that repeat the call."""
    with db.begin(ticket.asked.org_id) as uow:
        queries.answered(uow, ticket, answer)


def drop(db: Database, ticket: Ticket) -> None:
    """Free the key of a call that came to nothing."""
    with db.begin(ticket.asked.org_id) as uow:
        queries.drop(uow, ticket)
