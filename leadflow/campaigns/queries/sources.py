"""The numbers and pools that campaigns name."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlmodel import col, select

from leadflow.kernel.db import UnitOfWork
from models.messaging import NumberPool, PoolMember, SenderNumber
from models.vocabulary import RegistrationState


def sender_names(uow: UnitOfWork, ids: Sequence[str]) -> dict[str, str]:
    """Read how numbers and pools of ours are shown, by id."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select id::text, coalesce(nullif(label, ''), '+' || e164) from sender_number"
            " where org_id = %(org)s and id = any(%(ids)s::uuid[])"
            " union all select id::text, name from number_pool where org_id = %(org)s and id = any(%(ids)s::uuid[])",
            {"org": uow.org(), "ids": list(ids)},
        )
        return {row[0]: row[1] for row in cursor.fetchall()}


def sender(uow: UnitOfWork, sender_id: UUID | None) -> SenderNumber | None:
    """Read a sender number."""
    return None if sender_id is None else uow.session.get(SenderNumber, (uow.org(), sender_id))


def pool(uow: UnitOfWork, pool_id: UUID) -> NumberPool | None:
    """Read a pool of numbers."""
    return uow.session.get(NumberPool, (uow.org(), pool_id))


def numbers(uow: UnitOfWork, sender_id: UUID | None, pool_id: UUID | None) -> Sequence[SenderNumber]:
    """Read the number that a campaign sends from, or those of its pool."""
    if pool_id is None:
        found = sender(uow, sender_id)
        return [] if found is None else [found]
    ours = select(PoolMember.sender_number_id).where(PoolMember.pool_id == pool_id)
    statement = select(SenderNumber).where(col(SenderNumber.id).in_(ours)).order_by(col(SenderNumber.e164))
    return uow.session.exec(statement).all()


def sender_verified(uow: UnitOfWork, sender_id: UUID | None, pool_id: UUID | None) -> bool:
    """Say whether a number, or one of a pool, may send at all."""
    return any(may_send(one) for one in numbers(uow, sender_id, pool_id))


def may_send(one: SenderNumber) -> bool:
    """Say whether a number may send at all."""
    return one.registration is RegistrationState.VERIFIED and one.disabled_at is None
