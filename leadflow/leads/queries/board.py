"""Reads the pipeline: how many leads stand in each status, what they are worth, and since when each has stood there."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from psycopg import sql

from leadflow.kernel.db import UnitOfWork
from leadflow.leads.queries.filters import Where
from models.vocabulary import LeadStatus


def stages(uow: UnitOfWork, where: Where) -> dict[LeadStatus, tuple[int, int]]:
    """Count the leads of a filter and add up their estimated values in cents, by status."""
    statement = sql.SQL(
        """
        select s.status, count(*), coalesce(sum(s.estimated_value), 0)::bigint from lead_search s
        where s.org_id = %(org)s and {} group by s.status
        """
    ).format(where.all())
    with uow.cursor() as cursor:
        cursor.execute(statement, {**where.params, "org": uow.org()}, prepare=False)
        return {LeadStatus(row[0]): (int(row[1]), int(row[2])) for row in cursor.fetchall()}


def since(uow: UnitOfWork, leads: Sequence[UUID]) -> dict[UUID, datetime]:
    """Say since when each lead has its status: its last change of it, else since it was added."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select l.id, coalesce((
                select a.at from activity a where a.org_id = l.org_id and a.lead_id = l.id and a.kind = 'status'
                order by a.at desc limit 1), l.created_at)
            from lead l where l.org_id = %s and l.id = any(%s)
            """,
            [uow.org(), list(leads)],
        )
        return {row[0]: row[1] for row in cursor.fetchall()}
