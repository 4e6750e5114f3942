"""Pools: making them, choosing a number for each person, resting numbers, handing their queue to others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlmodel import col, delete, select

from leadflow.audit import service as audit
from leadflow.compliance.rules.places import places
from leadflow.identity.rules import require
from leadflow.identity.types import Principal
from leadflow.kernel import phone
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Conflict, Invalid, NotFound
from leadflow.messaging.number_types import PoolInput, PoolRow
from leadflow.messaging.queries import pools as queries
from leadflow.messaging.queries.pools import Stamina
from leadflow.messaging.rules.pools import PoolNumber, choose
from leadflow.messaging.types import Draft
from models.campaigns import Campaign
from models.messaging import NumberPool, PoolMember, SenderNumber
from models.vocabulary import CampaignState, Permission

AT_ONCE = 2_000
"""Texts that change hands in one go; the next look takes the rest."""


def pools(uow: UnitOfWork, actor: Principal) -> list[PoolRow]:
    """List the organisation's pools."""
    require(actor, Permission.CAMPAIGN_READ)
    now = uow.now()
    return [
        PoolRow(
            id=one.id,
            name=one.name,
            sticky=one.sticky,
            cool_after=one.cool_after,
            cool_minutes=one.cool_minutes,
            numbers=one.numbers,
            able=sum(member.able for member in queries.members(uow, one.id, now)),
        )
        for one in queries.pools(uow)
    ]


def keep_pool(uow: UnitOfWork, actor: Principal, given: PoolInput, pool_id: UUID | None = None) -> UUID:
    """Make a pool, or change one; its numbers become exactly those given.

    Raises:
        NotFound: no such pool.
        Conflict: another pool has the name.
        Invalid: a number is not the organisation's, or none was given.
    """
    require(actor, Permission.SETTINGS_WRITE)
    pool = NumberPool(org_id=uow.org(), name=given.name) if pool_id is None else found_pool(uow, pool_id)
    statement = select(NumberPool).where(NumberPool.name == given.name, NumberPool.id != pool_id)
    if uow.session.exec(statement).first() is not None:
        raise Conflict("Another pool has this name.")
    if any(uow.session.get(SenderNumber, (uow.org(), one)) is None for one in given.numbers):
        raise Invalid("The organisation has no such number.", "numbers")
    pool.name, pool.sticky = given.name, given.sticky
    pool.cool_after, pool.cool_minutes = given.cool_after, given.cool_minutes
    uow.session.add(pool)
    uow.session.flush()
    uow.session.exec(delete(PoolMember).where(col(PoolMember.pool_id) == pool.id))
    uow.session.add_all(
        PoolMember(org_id=uow.org(), pool_id=pool.id, sender_number_id=one) for one in dict.fromkeys(given.numbers)
    )
    uow.session.flush()
    audit.record(uow, actor.user_id, "pool.kept", "number_pool", pool.id, given.model_dump(mode="json"))
    hand_over(uow)
    return pool.id


def remove_pool(uow: UnitOfWork, actor: Principal, pool_id: UUID) -> None:
    """Remove a pool that no campaign needs any more.

    Raises:
        NotFound: no such pool.
        Conflict: a campaign names it.
    """
    require(actor, Permission.SETTINGS_WRITE)
    pool = found_pool(uow, pool_id)
    ended = [CampaignState.FINISHED, CampaignState.CANCELLED]
    using = select(Campaign.name).where(Campaign.pool_id == pool_id)
    name = uow.session.exec(using.order_by(col(Campaign.state).in_(ended)).limit(1)).first()
    if name is not None:
        raise Conflict(f"The campaign “{name}” sends from this pool.")
    audit.record(uow, actor.user_id, "pool.removed", "number_pool", pool_id, {"name": pool.name})
    uow.session.delete(pool)


def found_pool(uow: UnitOfWork, pool_id: UUID) -> NumberPool:
    """Find a pool.

    Raises:
        NotFound: no such pool in this organisation.
    """
    pool = uow.session.get(NumberPool, (uow.org(), pool_id), with_for_update=True)
    if pool is None:
        raise NotFound
    return pool


def senders_for(uow: UnitOfWork, pool_id: UUID, drafts: Sequence[Draft]) -> list[UUID]:
    """Choose a number of the pool for each draft.

    Where none may send now, texts wait on the numbers all the same; they change hands as soon as one may.

    Raises:
        Conflict: the pool has no number.
    """
    # One at a time: what another transaction queues for the same people is seen.
    pool = found_pool(uow, pool_id)
    now = uow.now()
    members = queries.members(uow, pool_id, now)
    if not members:
        raise Conflict("This pool has no number to send from.")
    waiting = not any(one.able for one in members)
    numbers = [_number(one, able=one.able or waiting) for one in members]
    people = [draft.e164 for draft in drafts]
    known = queries.known(uow, pool_id, [int(one) for one in people], now) if pool.sticky else {}
    return [one or members[0].id for one in _choices(people, numbers, known)]


def sender_for(uow: UnitOfWork, e164: str) -> UUID:
    """Choose the number from which somebody hears who is in no conversation: the one that they know, else one near.

    Where none may send now, one is named all the same: the gate says what stands against it.

    Raises:
        Conflict: the organisation has no number.
    """
    members = queries.everybody(uow, uow.now())
    if not members:
        raise Conflict("There is no number to send from. An owner adds one in the settings.")
    waiting = not any(one.able for one in members)
    numbers = [_number(one, able=one.able or waiting) for one in members]
    return choose(e164, phone.area_code(e164), _states(e164), numbers, queries.heard_from(uow, e164)) or members[0].id


def _choices(people: Sequence[str], numbers: Sequence[PoolNumber], known: Mapping[int, UUID]) -> list[UUID | None]:
    """Choose for one after another; each choice is a load for the next."""
    loads = {one.id: one for one in numbers}
    chosen: dict[str, UUID | None] = {}
    for e164 in people:
        if e164 in chosen:
            continue
        one = choose(e164, phone.area_code(e164), _states(e164), list(loads.values()), known.get(int(e164)))
        if one is not None:
            loads[one] = loads[one]._replace(load=loads[one].load + 1)
        chosen[e164] = one
    return [chosen[e164] for e164 in people]


def _number(member: queries.Member, *, able: bool) -> PoolNumber:
    return PoolNumber(member.id, phone.area_code(member.e164), _states(member.e164), able, member.load)


def _states(e164: str) -> frozenset[str]:
    return frozenset(place.state for place in places(e164, None, None, None) or ())


def hand_over(uow: UnitOfWork) -> int:
    """Let texts that wait on a number of a pool that may not send go from another of its numbers.

    Returns:
        How many changed hands.
    """
    now = uow.now()
    moves: list[tuple[UUID, UUID]] = []
    by_pool: dict[UUID, list[queries.Stranded]] = {}
    # A pool that somebody else queues for or changes is left for the next look.
    held = queries.hold_pools(uow)
    for one in queries.stranded(uow, held, now, AT_ONCE) if held else ():
        by_pool.setdefault(one.pool_id, []).append(one)
    for pool_id, texts in by_pool.items():
        numbers = [_number(one, able=one.able) for one in queries.members(uow, pool_id, now)]
        sticky = texts[0].sticky
        people = [one.e164 for one in texts]
        known = queries.known(uow, pool_id, people, now, elsewhere=True) if sticky else {}
        goes = _choices([f"+{one.e164}" for one in texts], numbers, known)
        moves += [(text.id, sender) for text, sender in zip(texts, goes, strict=True) if sender is not None]
    if moves:
        queries.hand_to(uow, moves)
    return len(moves)


def stamina(uow: UnitOfWork, sender_id: UUID, now: datetime) -> Stamina | None:
    """Say how long a number may go on before it rests; None when no pool lets it rest."""
    return queries.stamina(uow, sender_id, now)


def rest(uow: UnitOfWork, sender_id: UUID, now: datetime, stamina: Stamina) -> None:
    """Let a number rest, and others of its pools take over what waits on it."""
    why = f"It sent {stamina.texts} campaign texts within an hour and rests."
    if queries.cool(uow, sender_id, now + timedelta(minutes=stamina.minutes), why, now):
        hand_over(uow)
