"""Reads how leads are reached, and how soon new ones were."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from leadflow.kernel.db import UnitOfWork
from leadflow.today.types import Reach


def reach(uow: UnitOfWork, where: tuple[sql.Composable, dict[str, Any]], leads: Sequence[UUID]) -> list[Reach]:
    """Read the number that would be tried first, at those of the leads that the caller sees and that have one."""
    statement = sql.SQL(
        """
        select s.lead_id, s.property_id, s.best_person_id as person_id, s.best_phone_id as phone_id,
               '+' || s.best_phone::text as e164, s.zip5, s.state
        from lead_search s
        where s.org_id = %(org)s and s.lead_id = any(%(leads)s) and s.best_phone_id is not null and {}
        """
    ).format(where[0])
    with uow.connection().cursor(row_factory=class_row(Reach)) as cursor:
        cursor.execute(statement, {**where[1], "org": uow.org(), "leads": list(leads)}, prepare=False)
        return cursor.fetchall()


def first_touches(uow: UnitOfWork, since: datetime, limit: int) -> list[float]:
    """Read how many seconds passed from a new lead to the first text or call, of leads made and touched since then."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select extract(epoch from t.at - s.added_at)::float8
            from (select lead_id, added_at from lead_search
                  where org_id = %(org)s and last_touch_at >= %(since)s and added_at >= %(since)s limit %(limit)s) s
            cross join lateral (
                select min(a.at) as at from activity a
                where a.org_id = %(org)s and a.lead_id = s.lead_id and a.kind in ('text_out', 'call')
            ) t
            where t.at >= s.added_at
            """,
            {"org": uow.org(), "since": since, "limit": limit},
        )
        return [row[0] for row in cursor.fetchall()]
