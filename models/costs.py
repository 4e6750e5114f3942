"""Money that may be spent: caps, what is reserved, what is spent."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, UniqueConstraint
from sqlmodel import Field

from models.base import TenantTable
from models.columns import Term
from models.vocabulary import BudgetSubject


class Budget(TenantTable, table=True):
    """A cap on one subject for one period. Reserved before a call, settled after it.

    Amounts are hundredths of a cent: a text costs about 1.1 cents.
    """

    __table_args__ = (
        UniqueConstraint("org_id", "subject", "subject_id", "period_start", postgresql_nulls_not_distinct=True),
        CheckConstraint("reserved >= 0 and spent >= 0", "amounts"),
    )

    subject: BudgetSubject = Field(sa_type=Term(BudgetSubject))  # pyright: ignore[reportArgumentType]
    subject_id: UUID
    period_start: date | None = None
    """First day of the period; None for a budget without one."""
    cap: int | None = Field(default=None, sa_type=BigInteger)
    reserved: int = Field(default=0, sa_type=BigInteger)
    spent: int = Field(default=0, sa_type=BigInteger)
