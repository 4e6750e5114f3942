"""Caps, reservations and what was really spent, in hundredths of a cent.

A call that costs money is reserved in the transaction that decides to make it and settled in the one that learns its
outcome. The organisation's purse is always held before any other, so that two callers never wait for each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from leadflow.costs import queries
from leadflow.costs.types import Purse
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import BudgetSubject


def set_cap(uow: UnitOfWork, subject: BudgetSubject, subject_id: UUID, cap_cents_x100: int | None) -> None:
    """Limit what ``subject`` may spend; None lifts the limit. What is reserved or spent already stays counted.

    Raises:
        ValueError: an organisation's cap is ``organization.monthly_budget_cents``, which identity owns.
    """
    if subject is BudgetSubject.ORGANIZATION:
        msg = "an organisation's cap is one of its settings"
        raise ValueError(msg)
    queries.set_cap(uow, Purse(subject, subject_id), cap_cents_x100)


def left(uow: UnitOfWork, subject: BudgetSubject, subject_id: UUID, at: datetime | None = None) -> int | None:
    """Say how much ``subject`` may still reserve in the period of ``at`` (now when absent); None without a cap."""
    found = queries.funds(uow, Purse(subject, subject_id), at or uow.now())
    if found is not None:
        return found.left
    return queries.organization_cap(uow) if subject is BudgetSubject.ORGANIZATION else None


def reserve(uow: UnitOfWork, campaign_id: UUID | None, amounts: Sequence[int], at: datetime) -> int:
    """Reserve as many of ``amounts``, in their order, as the organisation and the campaign can bear.

    Args:
        uow: the transaction of the decision to spend.
        campaign_id: whose cap counts besides the organisation's.
        amounts: one a call, hundredths of a cent.
        at: the instant whose month is charged; ``settle`` must be told the same.

    Returns:
        How many of them are reserved; the rest are not and must not be spent.
    """
    held = [queries.hold(uow, purse, at) for purse in _purses(uow, campaign_id)]
    room = min((one.left for one in held if one.left is not None), default=None)
    count, total = _fit(amounts, room)
    for one in held:
        queries.add(uow, one.id, total, 0)
    return count


def settle(uow: UnitOfWork, campaign_id: UUID | None, reserved: int, spent: int, at: datetime) -> None:
    """End reservations: ``reserved`` in all, of which ``spent`` was really paid (it may be more or less).

    Args:
        uow: the transaction that learns the outcome.
        campaign_id: as reserved.
        reserved: what these calls had reserved.
        spent: what they cost.
        at: as reserved.
    """
    if reserved == 0 and spent == 0:
        return
    for purse in _purses(uow, campaign_id):
        queries.settle(uow, purse, at, -reserved, spent)


def release(uow: UnitOfWork, campaign_id: UUID | None, reserved: int, at: datetime) -> None:
    """Give reservations back: the calls were not made."""
    settle(uow, campaign_id, reserved, 0, at)


def _purses(uow: UnitOfWork, campaign_id: UUID | None) -> list[Purse]:
    own = [Purse(BudgetSubject.ORGANIZATION, uow.org())]
    return own if campaign_id is None else [*own, Purse(BudgetSubject.CAMPAIGN, campaign_id)]


def _fit(amounts: Sequence[int], room: int | None) -> tuple[int, int]:
    """Count how many of ``amounts`` fit into ``room`` from the front, and their sum."""
    total = 0
    for count, amount in enumerate(amounts):
        if room is not None and total + amount > room:
            return count, total
        total += amount
    return len(amounts), total
