"""All SQL of budgets. A reader of any table, the only writer of ``budget``."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from psycopg import sql

from leadflow.costs.types import Funds, Purse
from leadflow.kernel.db import UnitOfWork
from models.vocabulary import BudgetSubject

# An organisation's cap is a setting of its own table; the budget row only counts against it.
_FUNDS = sql.SQL(
    """
    select b.id, case when b.subject = 'organization' then o.monthly_budget_cents * 100 else b.cap end,
           b.reserved, b.spent
    from budget b join organization o on o.id = b.org_id
    where b.org_id = %(org)s and b.subject = %(subject)s and b.subject_id = %(id)s
      and b.period_start is not distinct from %(period)s
    """
)
_LOCK = sql.SQL(" for no key update of b")


def period(uow: UnitOfWork, purse: Purse, at: datetime) -> date | None:
    """Name the period that ``at`` falls in: the month on the organisation's own calendar; None for a campaign."""
    if purse.subject is not BudgetSubject.ORGANIZATION:
        return None
    with uow.cursor() as cursor:
        cursor.execute(
            "select date_trunc('month', %s::timestamptz at time zone timezone)::date from organization where id = %s",
            [at, uow.org()],
        )
        row = cursor.fetchone()
    return row[0] if row else None


def funds(uow: UnitOfWork, purse: Purse, at: datetime) -> Funds | None:
    """Read a purse without holding it; None while nothing was ever reserved or capped."""
    with uow.cursor() as cursor:
        cursor.execute(_FUNDS, _key(uow, purse, period(uow, purse, at)))
        row = cursor.fetchone()
    return Funds(*row) if row else None


def hold(uow: UnitOfWork, purse: Purse, at: datetime) -> Funds:
    """Read a purse and hold it until the end of the transaction; made if it was not there.

    Raises:
        RuntimeError: the organisation of this transaction does not exist.
    """
    key = _key(uow, purse, period(uow, purse, at))
    with uow.cursor() as cursor:
        cursor.execute(_FUNDS + _LOCK, key)
        row = cursor.fetchone()
        if row is None:
            cursor.execute(
                """
                insert into budget (org_id, subject, subject_id, period_start)
                values (%(org)s, %(subject)s, %(id)s, %(period)s) on conflict do nothing
                """,
                key,
            )
            cursor.execute(_FUNDS + _LOCK, key)
            row = cursor.fetchone()
    if row is None:
        msg = "a budget needs an organisation"
        raise RuntimeError(msg)
    return Funds(*row)


def settle(uow: UnitOfWork, purse: Purse, at: datetime, reserved: int, spent: int) -> None:
    """Move a purse, in one statement where it is there already."""
    monthly = purse.subject is BudgetSubject.ORGANIZATION
    values = {**_key(uow, purse, None), "at": at if monthly else None, "reserved": reserved, "spent": spent}
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update budget b set reserved = b.reserved + %(reserved)s, spent = b.spent + %(spent)s, updated_at = now()
            from organization o
            where b.org_id = %(org)s and b.subject = %(subject)s and b.subject_id = %(id)s and o.id = b.org_id
              and b.period_start is not distinct from
                  date_trunc('month', %(at)s::timestamptz at time zone o.timezone)::date
            """,
            values,
        )
        known = cursor.rowcount == 1
    if not known:
        add(uow, hold(uow, purse, at).id, reserved, spent)


def add(uow: UnitOfWork, budget_id: UUID, reserved: int, spent: int) -> None:
    """Move a purse that is held."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            update budget set reserved = reserved + %s, spent = spent + %s, updated_at = now()
            where org_id = %s and id = %s
            """,
            [reserved, spent, uow.org(), budget_id],
        )


def set_cap(uow: UnitOfWork, purse: Purse, cap: int | None) -> None:
    """Set the limit of a purse."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            insert into budget (org_id, subject, subject_id, period_start, cap)
            values (%(org)s, %(subject)s, %(id)s, %(period)s, %(cap)s)
            on conflict (org_id, subject, subject_id, period_start)
            do update set cap = excluded.cap, updated_at = now()
            """,
            {**_key(uow, purse, None), "cap": cap},
        )


def organization_cap(uow: UnitOfWork) -> int | None:
    """Read the organisation's monthly cap in hundredths of a cent."""
    with uow.cursor() as cursor:
        cursor.execute("select monthly_budget_cents * 100 from organization where id = %s", [uow.org()])
        row = cursor.fetchone()
    return row[0] if row else None


def _key(uow: UnitOfWork, purse: Purse, month: date | None) -> dict[str, object]:
    return {"org": uow.org(), "subject": purse.subject.value, "id": purse.subject_id, "period": month}
