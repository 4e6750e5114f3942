"""What the carrier knows and a restored backup does not: taken over by its lists, before an owner lets anything go.

First what people got since: a text on the list that is one of ours, by our number, its recipient and its words, takes
the carrier's id and state. The others are kept as hashes: a campaign's text with the same words is joined when it is
drawn, one with other words is withheld. Then what people sent (a STOP above all), in the order in which they sent it;
it takes back only what is still ours to take back.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlmodel import col, select

from leadflow.audit import service as audit
from leadflow.compliance import service as compliance
from leadflow.credentials.errors import CredentialLocked
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.jobs import service as jobs
from leadflow.kernel.breaker import Shut
from leadflow.kernel.db import Database, UnitOfWork
from leadflow.kernel.errors import Conflict, NotFound, Transient
from leadflow.leads import service as leads
from leadflow.leads.types import Moment
from leadflow.messaging.providers.port import Carrier, Side
from leadflow.messaging.queries import batch as batch_queries
from leadflow.messaging.queries import outcomes as outcome_queries
from leadflow.messaging.queries import restoring as queries
from leadflow.messaging.queries.outcomes import Move
from leadflow.messaging.rules.codes import consequence
from leadflow.messaging.rules.links import plain
from leadflow.messaging.rules.machine import CARRIER_STATUS, origins, target
from leadflow.messaging.rules.reconcile import SKEW
from leadflow.messaging.rules.restoring import FORGOTTEN, Clue, RestoreView, pair, settle
from leadflow.messaging.service.carriers import LISTS, open_carrier
from leadflow.messaging.service.outcomes import happen
from leadflow.messaging.service.queueing import dispatch
from leadflow.messaging.service.webhooks import regain
from leadflow.messaging.types import Event, Held, Inbound, Listed
from models.messaging import Restore
from models.vocabulary import ActivityKind, JobKind, Permission, Suppress


class Fact(NamedTuple):
    """What becomes of a text by the carrier's list."""

    message_id: UUID
    sid: str
    status: str
    error_code: int | None
    segments: int
    taken_at: datetime


# Asking the carrier


def ask(db: Database, org_id: UUID) -> None:
    """Take over what the carrier has of an organisation that runs on a restored backup; may be asked again any time.

    Raises:
        Transient: the carrier could not be asked; what it told before that is kept.
    """
    with db.begin(org_id) as uow:
        found = _waiting(uow)
        if found is None:
            return
        first = found.asked_at is None
        since = (found.asked_at if found.answered_at and found.asked_at else found.as_of) - SKEW
        found.asked_at = uow.now()
        uow.session.add(found)
        numbers = queries.own_numbers(uow)
        if first:
            detail = {"epoch": found.epoch, "as_of": found.as_of.isoformat(), "why": found.why}
            audit.record(uow, None, "restore.found", "restore", found.id, detail)
    try:
        asyncio.run(_take_over(db, org_id, found.id, numbers, since))
    except (Transient, Shut, CredentialLocked) as error:
        _note(db, org_id, trouble=str(error))
        raise Transient("The carrier could not be asked what it has sent since the backup. Try again.") from error
    _note(db, org_id, trouble="")


def _waiting(uow: UnitOfWork) -> Restore | None:
    """Hold the restore that waits for an owner; the newest, where a backup was restored twice."""
    chosen = select(Restore).where(col(Restore.org_id) == uow.org(), col(Restore.resumed_at).is_(None))
    return uow.session.exec(chosen.order_by(col(Restore.epoch).desc()).limit(1).with_for_update()).first()


def _note(db: Database, org_id: UUID, trouble: str) -> None:
    with db.begin(org_id) as uow:
        found = _waiting(uow)
        if found is not None:
            found.trouble = trouble
            found.answered_at = found.answered_at if trouble else uow.now()
            uow.session.add(found)


async def _take_over(
    db: Database, org_id: UUID, restore_id: UUID, numbers: Sequence[tuple[UUID, str]], since: datetime
) -> None:
    carrier = await asyncio.to_thread(open_carrier, db, org_id)
    try:
        for sender_id, number in numbers:
            async for page in _pages(carrier, "From", number, since):
                await asyncio.to_thread(_recognise, db, org_id, restore_id, sender_id, page)
        heard: list[tuple[UUID, Listed]] = []
        for sender_id, number in numbers:
            async for page in _pages(carrier, "To", number, since):
                heard += [(sender_id, one) for one in page]
        heard.sort(key=lambda each: each[1].created)
        await asyncio.to_thread(_receive, db, org_id, restore_id, heard)
    finally:
        await carrier.close()


async def _pages(carrier: Carrier, side: Side, number: str, since: datetime):  # noqa: ANN202 an iterator of pages
    """Yield what one number sent or got since an instant, page by page, newest first."""
    following = ""
    while True:
        async with LISTS.calling() as call:
            page = await carrier.list_number(side, number, call, following)
        yield [one for one in page.texts if one.created >= since]
        following = page.following
        if not following or not page.texts or page.texts[-1].created < since:
            return


def _receive(db: Database, org_id: UUID, restore_id: UUID, heard: Sequence[tuple[UUID, Listed]]) -> None:
    """Deal with each text that somebody sent as if it came now; one that is here already is passed over."""
    for sender_id, one in heard:
        text = Inbound(one.sid, one.from_, one.to, one.body, at=one.created)
        meaning = regain(db, org_id, sender_id, text)
        if meaning is None:
            continue
        with db.begin(org_id) as uow:
            found = _own(uow, restore_id)
            found.received += 1
            found.stops += meaning.suppress is not Suppress.NO
            uow.session.add(found)
            uow.session.flush()
            _confirmed(uow)


def _confirmed(uow: UnitOfWork) -> None:
    """Join a confirmation that has just been written to the one that went out at the time, if one did."""
    rows = [(key, None, *keys(e164, body)) for key, e164, body in queries.confirmations(uow)]
    _join(uow, settle(queries.clues(uow, rows))[0], uow.now())


def _join(uow: UnitOfWork, found: Sequence[Clue], now: datetime) -> None:
    if found:
        _happen(uow, [_as_fact(clue) for clue in found], now)
        queries.join(uow, found)


def _recognise(db: Database, org_id: UUID, restore_id: UUID, sender_id: UUID, page: Sequence[Listed]) -> None:
    """Join what the carrier has to texts of ours, and keep the rest as hashes."""
    with db.begin(org_id) as uow:
        found = _own(uow, restore_id)
        sids = {one.sid for one in page}
        told = set(outcome_queries.known_sids(uow, sids)) | queries.known(uow, sids)
        fresh = [one for one in page if one.sid not in told]
        if not fresh:
            return
        unsent = queries.unsent(uow, sender_id, {one.to for one in fresh}, origins(Event.ACCEPT))
        pairs = pair(fresh, unsent)
        ours = [_fact(key, one) for one, key in pairs if key is not None]
        _happen(uow, ours, uow.now())
        rest = [(one, *keys(one.to, one.body)) for one, key in pairs if key is None]
        queries.forget(uow, restore_id, rest)
        found.texts += len(fresh)
        found.joined += len(ours)
        uow.session.add(found)


def _own(uow: UnitOfWork, restore_id: UUID) -> Restore:
    """Hold the restore, so that two who ask the carrier at once take one page after the other."""
    found = uow.session.get(Restore, (uow.org(), restore_id), with_for_update=True)
    if found is None:
        raise NotFound
    return found


def _fact(message_id: UUID, one: Listed) -> Fact:
    return Fact(message_id, one.sid, one.status, one.error_code, one.segments, one.created)


def _happen(uow: UnitOfWork, facts: Sequence[Fact], now: datetime) -> None:
    by_event: dict[Event, list[Fact]] = defaultdict(list)
    for fact in facts:
        by_event[CARRIER_STATUS.get(fact.status, Event.ACCEPT)].append(fact)
    for event, found in by_event.items():
        moves = [
            Move(
                one.message_id,
                sid=one.sid,
                code=one.error_code,
                segments=one.segments,
                taken_at=one.taken_at,
                detail={"sid": one.sid, "why": "the carrier's list after a restored backup"},
            )
            for one in found
        ]
        codes = [(one.message_id, one.error_code, consequence(one.error_code)) for one in found if one.error_code]
        happen(uow, event, moves, now, codes)


def keys(e164: str, words: str) -> tuple[bytes, bytes]:
    """Hash a recipient, and recipient and words together, under the installation's pepper."""
    # A text that is written anew has other codes in its links.
    return compliance.phone_key(e164), compliance.phone_key(f"{e164}\n{plain(words)}")


# Drawing texts afterwards


def stand_back(uow: UnitOfWork, drawn: Sequence[Held], now: datetime) -> int:
    """Settle drawn texts of campaigns that the carrier has already, or whose recipients got other words meanwhile.

    Returns:
        How many were settled; then the caller sends nothing in this transaction, for it holds what a gate comes before.
    """
    asked = [one for one in drawn if one.campaign_id is not None]
    if not asked or not queries.any_forgotten(uow):
        return 0
    rows = [(one.id, one.campaign_id, *keys(one.e164, one.body)) for one in asked if one.campaign_id is not None]
    joined, withheld = settle(queries.clues(uow, rows))
    _join(uow, joined, now)
    if withheld:
        batch_queries.close(uow, target(Event.BLOCK), [(key, None, (FORGOTTEN,)) for key in withheld], now)
        _tell(uow, [one for one in asked if one.id in set(withheld)], now)
    return len(joined) + len(withheld)


def _as_fact(clue: Clue) -> Fact:
    return Fact(clue.message_id, clue.sid, clue.status, clue.error_code, clue.segments, clue.taken_at)


def _tell(uow: UnitOfWork, withheld: Sequence[Held], now: datetime) -> None:
    leads.record_many(
        uow,
        [
            Moment(
                lead_id=one.lead_id,
                kind=ActivityKind.BLOCKED,
                summary="Not texted: the carrier had texted this number after the backup that was restored.",
                detail={"message_id": str(one.id), "reasons": [FORGOTTEN]},
                at=now,
            )
            for one in withheld
            if one.lead_id is not None
        ],
    )


# What an owner is told and does


def restores(uow: UnitOfWork, actor: Principal) -> list[RestoreView]:
    """List the backups that were restored, newest first."""
    require(actor, Permission.SETTINGS_READ)
    chosen = select(Restore).where(col(Restore.org_id) == uow.org()).order_by(col(Restore.epoch).desc())
    return [_view(one) for one in uow.session.exec(chosen).all()]


def restored_as_of(uow: UnitOfWork) -> datetime | None:
    """Say as of when the records are, where a restored backup waits for an owner; for the frame of every page."""
    chosen = select(col(Restore.as_of)).where(col(Restore.org_id) == uow.org(), col(Restore.resumed_at).is_(None))
    return uow.session.exec(chosen.order_by(col(Restore.epoch).desc()).limit(1)).first()


def _view(found: Restore) -> RestoreView:
    return RestoreView(**{name: getattr(found, name) for name in RestoreView.__dataclass_fields__})


def resume(db: Database, actor: Principal, epoch: int) -> RestoreView:
    """Let an organisation send again on a restored backup, once the carrier was asked what it has.

    The carrier is asked once more first, for what its lists showed late. Each text still passes the gate.

    Args:
        db: it speaks to the carrier, so it opens its own transactions.
        actor: an owner, who was told what ``restores`` shows.
        epoch: which restore he was told of.

    Raises:
        Conflict: nothing waits, another backup was restored meanwhile, or the carrier has not answered yet.
        Transient: the carrier does not answer now.
    """
    require(actor, Permission.RESTORE_CONFIRM)
    with db.begin(actor.org_id) as uow:
        found = _waiting(uow)
        if found is None:
            raise Conflict("Nothing waits here: sending goes on already, or no backup was restored.")
        if found.epoch != epoch:
            raise Conflict("Another backup has been restored since you looked. Read what is known of it first.")
        if found.answered_at is None:
            raise Conflict("The carrier has not told yet what it sent since the backup. Wait for its answer.")
    ask(db, actor.org_id)
    with db.begin(actor.org_id) as uow:
        found = _waiting(uow)
        if found is None or found.epoch != epoch:
            raise Conflict("Somebody else did this at the same moment.")
        _resume_all(uow, actor, found)
        return _view(found)


def _resume_all(uow: UnitOfWork, actor: Principal, newest: Restore) -> None:
    """Resume this restore and older ones that nobody had resumed: it is as of the same time or an earlier one."""
    chosen = select(Restore).where(col(Restore.org_id) == uow.org(), col(Restore.resumed_at).is_(None))
    for one in uow.session.exec(chosen).all():
        one.resumed_at, one.resumed_by = uow.now(), actor.user_id
        uow.session.add(one)
    uow.session.flush()
    detail = {
        "epoch": newest.epoch,
        "as_of": newest.as_of.isoformat(),
        "texts": newest.texts,
        "joined": newest.joined,
        "received": newest.received,
        "stops": newest.stops,
    }
    audit.record(uow, actor.user_id, "restore.resumed", "restore", newest.id, detail)
    for campaign_id in queries.running(uow):
        payload = {"campaign_id": str(campaign_id)}
        jobs.enqueue(uow, JobKind.CAMPAIGN_PACE, payload=payload, unique_key=str(campaign_id))
    dispatch(uow)
