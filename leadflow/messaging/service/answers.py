"""Writing down what the carrier answered, and what was taken back before it was asked."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from leadflow.kernel.db import Database, UnitOfWork
from leadflow.messaging.queries import batch as queries
from leadflow.messaging.queries import outcomes as outcome_queries
from leadflow.messaging.queries.outcomes import Move
from leadflow.messaging.rules.reconcile import first_look
from leadflow.messaging.rules.restoring import RESTORED
from leadflow.messaging.service import weather
from leadflow.messaging.service.outcomes import happen
from leadflow.messaging.types import (
    Accepted,
    Consequence,
    Event,
    NotSent,
    Outcome,
    Rejected,
    Result,
    Submission,
    Unknown,
)

Answer = TypeVar("Answer")


def record(db: Database, org_id: UUID, results: Sequence[Result]) -> None:
    """Write the carrier's answers down, in one transaction."""
    with db.begin(org_id) as uow:
        now = uow.now()
        queries.by_keys(uow)
        answered = _doubt_twins(uow, results)
        refused = _of(answered, Rejected)
        watched = weather.brace(uow, [(one.held.id, said.consequence) for one, said in refused])
        happen(uow, Event.ACCEPT, [_accepted(one, said) for one, said in _of(answered, Accepted)], now)
        happen(uow, Event.LOSE, [_lost(one, said) for one, said in _of(answered, Unknown)], now)
        happen(uow, Event.NOT_SENT, [_not_sent(one, said, now) for one, said in _of(answered, NotSent)], now)
        _reject(uow, refused, now)
        weather.look(uow, watched)


def _of(answered: Sequence[tuple[Submission, Outcome]], kind: type[Answer]) -> list[tuple[Submission, Answer]]:
    return [(one, said) for one, said in answered if isinstance(said, kind)]


def _doubt_twins(uow: UnitOfWork, results: Sequence[Result]) -> list[tuple[Submission, Outcome]]:
    """Doubt an answer whose id belongs to another text: then nobody knows what became of this one."""
    known = outcome_queries.known_sids(uow, {one.outcome.sid for one in results if isinstance(one.outcome, Accepted)})
    answered: list[tuple[Submission, Outcome]] = []
    for submission, said in results:
        if isinstance(said, Accepted) and known.setdefault(said.sid, submission.held.id) != submission.held.id:
            answered.append((submission, Unknown("the id of another text")))
        else:
            answered.append((submission, said))
    return answered


def _accepted(one: Submission, said: Accepted) -> Move:
    return Move(one.held.id, one.held.fence, sid=said.sid, segments=said.segments, detail={"sid": said.sid})


def _lost(one: Submission, said: Unknown) -> Move:
    return Move(one.held.id, one.held.fence, lease_until=first_look(one.at), detail={"why": said.reason})


def _not_sent(one: Submission, said: NotSent, now: datetime) -> Move:
    return Move(one.held.id, one.held.fence, not_before=now + said.retry_after, detail={"why": said.reason})


OURS = frozenset({Consequence.STOP_SENDER, Consequence.STOP_ACCOUNT})
"""Refusals that are our number's fault, not the text's: it goes back to the queue and the number stops."""


def _reject(uow: UnitOfWork, refused: Sequence[tuple[Submission, Rejected]], now: datetime) -> None:
    for event, chosen in (
        (Event.NOT_SENT, [pair for pair in refused if pair[1].consequence in OURS]),
        (Event.REJECT, [pair for pair in refused if pair[1].consequence not in OURS]),
    ):
        moves = [
            Move(one.held.id, one.held.fence, code=said.code, detail={"code": said.code, "means": said.consequence})
            for one, said in chosen
        ]
        happen(uow, event, moves, now, [(one.held.id, said.code, said.consequence) for one, said in chosen])


def recall(db: Database, org_id: UUID, taken_back: Sequence[tuple[Submission, str]]) -> None:
    """Note that texts were taken back before their POST began: for good, or until sending goes on."""
    with db.begin(org_id) as uow:
        now = uow.now()
        waiting = [pair for pair in taken_back if pair[1] in UNTIL_RESUMED]
        moves = [Move(one.held.id, one.held.fence, not_before=now, detail={"why": why}) for one, why in waiting]
        happen(uow, Event.NOT_SENT, moves, now)
        gone = [pair for pair in taken_back if pair[1] not in UNTIL_RESUMED]
        moves = [Move(one.held.id, one.held.fence, reasons=(why,), detail={"why": why}) for one, why in gone]
        happen(uow, Event.RECALL, moves, now)


UNTIL_RESUMED = frozenset({"kill_switch", "campaign_active", RESTORED})
"""Reasons that a person may lift: the text goes back to the queue."""
