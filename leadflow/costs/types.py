"""Whose money."""

from __future__ import annotations

from typing import NamedTuple
from uuid import UUID

from models.vocabulary import BudgetSubject


class Purse(NamedTuple):
    """One budget: the organisation's for a month, or a campaign's for its life."""

    subject: BudgetSubject
    subject_id: UUID


class Funds(NamedTuple):
    """What a purse holds, in hundredths of a cent."""

    id: UUID
    cap: int | None
    """None: no limit was set."""
    reserved: int
    spent: int

    @property
    def left(self) -> int | None:
        """What may still be reserved; None without a cap, never below zero."""
        return None if self.cap is None else max(0, self.cap - self.reserved - self.spent)
