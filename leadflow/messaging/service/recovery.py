"""Finding what was left behind: submissions without a word, deadlines that passed, numbers that nobody serves.

An unknown text is never sent again on suspicion. The carrier is asked for its list; only two empty lists far enough
apart prove that it never had the text, and then the text goes back through the gate.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

import structlog

from leadflow.credentials.errors import CredentialLocked
from leadflow.jobs import service as jobs
from leadflow.kernel.breaker import Shut
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Transient
from leadflow.messaging.queries import outcomes as outcome_queries
from leadflow.messaging.queries import queue as queue_queries
from leadflow.messaging.queries import recovery as queries
from leadflow.messaging.queries import webhooks as webhook_queries
from leadflow.messaging.queries.outcomes import Move
from leadflow.messaging.rules.codes import consequence
from leadflow.messaging.rules.machine import CARRIER_STATUS
from leadflow.messaging.rules.reconcile import SKEW, find, follow
from leadflow.messaging.service import weather
from leadflow.messaging.service.carriers import LISTS, open_carrier
from leadflow.messaging.service.outcomes import happen
from leadflow.messaging.service.queueing import dispatch
from leadflow.messaging.types import Absent, Doubt, Event, Found, Hopeless, Listed, LookAgain
from models.vocabulary import JobKind

log = structlog.get_logger(__name__)

CHUNK = 500
"""Rows that one sweep handles of each sort; the next sweep takes the rest."""
DOUBTS = 100
"""Unknown texts that one reconciliation looks for."""
ASK_WITHIN = timedelta(minutes=1)
"""How long one reconciliation may take before another may look for the same texts."""
LISTS_AT_ONCE = 10
LATE = timedelta(seconds=2)
"""A callback that waits longer than this has lost its ring."""
GIVE_UP_AFTER = timedelta(days=3)
"""A callback that belongs to no text of ours by then never will."""


def sweep(db: Database) -> int:
    """Look after what nobody looks after, over all organisations; a few times a minute.

    Returns:
        How many texts and organisations were found.
    """
    with db.begin() as uow:
        now = uow.now()
        abandoned = queries.abandoned(uow, now, CHUNK)
        expired = queries.expired(uow, now, CHUNK)
        orgs = queue_queries.due_organizations(uow, now)
        webhook_queries.give_up(uow, now - GIVE_UP_AFTER, now)
        if webhook_queries.waiting(uow, now - LATE):
            jobs.enqueue(uow, JobKind.CALLBACK_APPLY, unique_key="all")
    _each(db, Event.LOSE, abandoned)
    _each(db, Event.EXPIRE, expired)
    for org_id in orgs:
        with db.begin(org_id) as uow:
            dispatch(uow)
    return len(abandoned) + len(expired) + len(orgs)


def _each(db: Database, event: Event, found: Sequence[queries.Left]) -> None:
    reasons = ("not_stale",) if event is Event.EXPIRE else ()
    for org_id, group in groupby(found, key=lambda one: one.org_id):
        with db.begin(org_id) as uow:
            now = uow.now()
            # An unknown text is looked for at once: its lease is as long as the first look is away.
            until = now if event is Event.LOSE else None
            moves = [
                Move(one.id, one.fence, reasons=reasons, lease_until=until, detail={"why": "sweep"}) for one in group
            ]
            happen(uow, event, moves, now)


def reconcile(db: Database) -> int:
    """Ask the carrier about texts whose fate or end is not known and whose time has come, over all organisations.

    Returns:
        How many were looked for.
    """
    with db.begin() as uow:
        now = uow.now()
        doubts = queries.doubts(uow, now, now + ASK_WITHIN, DOUBTS)
    if not doubts:
        return 0
    listings = asyncio.run(_ask(db, doubts))
    for org_id, group in groupby(sorted(doubts, key=lambda one: str(one.org_id)), key=lambda one: one.org_id):
        with db.begin(org_id) as uow:
            _resolve(uow, sorted(group, key=lambda one: one.id), listings, uow.now())
    return len(doubts)


Pair = tuple[str, str]


async def _ask(db: Database, doubts: Sequence[Doubt]) -> dict[Pair, list[Listed]]:
    """List each pair of numbers once; a pair that could not be listed is absent and looked at later."""
    slots, found = asyncio.Semaphore(LISTS_AT_ONCE), dict[Pair, list[Listed]]()
    by_org: dict[UUID, dict[Pair, datetime]] = defaultdict(dict)
    for one in doubts:
        # A number of ours belongs to one organisation, so a pair does.
        since, pair = by_org[one.org_id], (one.e164, one.sender)
        since[pair] = min(since.get(pair, one.submitted_at), one.submitted_at)
    await asyncio.gather(*(_ask_for(db, org_id, since, slots, found) for org_id, since in by_org.items()))
    return found


async def _ask_for(
    db: Database,
    org_id: UUID,
    since: Mapping[Pair, datetime],
    slots: asyncio.Semaphore,
    found: dict[Pair, list[Listed]],
) -> None:
    """List the pairs of one organisation, by its own account where it has one."""
    try:
        carrier = await asyncio.to_thread(open_carrier, db, org_id)
    except CredentialLocked as error:
        log.warning("reconcile.locked", org_id=str(org_id), error=error.message)
        return

    async def ask(pair: Pair, first: datetime) -> None:
        async with slots:
            try:
                async with LISTS.calling() as call:
                    found[pair] = await carrier.list_messages(*pair, first - SKEW, call)
            except (Transient, Shut) as error:
                log.warning("reconcile.no_list", error=str(error))

    try:
        await asyncio.gather(*(ask(pair, first) for pair, first in since.items()))
    finally:
        await carrier.close()


def _resolve(uow: UnitOfWork, doubts: Sequence[Doubt], listings: dict[Pair, list[Listed]], now: datetime) -> None:
    sids = {one.sid for listing in listings.values() for one in listing}
    owners = outcome_queries.known_sids(uow, sids)
    watched = weather.brace(
        uow,
        [
            (doubt.id, consequence(one.error_code))
            for doubt in doubts
            for one in listings.get((doubt.e164, doubt.sender), ())
        ],
    )
    events: dict[Event, list[Move]] = defaultdict(list)
    codes: dict[UUID, int | None] = {}
    for doubt in doubts:
        listing = listings.get((doubt.e164, doubt.sender))
        if listing is None:
            continue
        taken = {sid for sid, owner in owners.items() if owner != doubt.id}
        finding = find(doubt, listing, taken, now) if doubt.sid is None else follow(doubt, listing, now)
        match finding:
            case Found(listed):
                owners[listed.sid] = doubt.id
                codes[doubt.id] = listed.error_code
                move = Move(doubt.id, doubt.fence, sid=listed.sid, code=listed.error_code, segments=listed.segments)
                events[CARRIER_STATUS.get(listed.status, Event.ACCEPT)].append(move)
            case LookAgain(at, counted):
                queries.look_again(uow, doubt, at, now if counted else None)
            case Absent():
                queries.count_look(uow, doubt)
                events[Event.REQUEUE].append(Move(doubt.id, doubt.fence, not_before=now, detail={"why": "absent"}))
            case Hopeless(reason):
                queries.count_look(uow, doubt)
                events[Event.GIVE_UP].append(Move(doubt.id, doubt.fence, reasons=("unknown",), detail={"why": reason}))
    for event, moves in events.items():
        asked = [(one.id, codes[one.id], consequence(codes[one.id])) for one in moves if codes.get(one.id)]
        happen(uow, event, moves, now, asked)
    weather.look(uow, watched)
