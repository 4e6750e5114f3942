"""Lists the values that a column of the list has: what a filter is offered."""

from __future__ import annotations

from typing import LiteralString
from uuid import UUID

from psycopg import sql

from leadflow.kernel.db import UnitOfWork
from leadflow.leads.types import Named

LIMIT = 200
"""Values offered at once. Own choice."""
COLUMNS: dict[str, LiteralString] = {
    "city": "city",
    "county": "county",
    "zip": "zip5",
    "source": "source",
    "property_type": "property_type",
}
"""Columns whose values are few and that stand in an index."""

# Jumps from each value to the next one in the index: as many steps as there are values, however many leads.
_EVERYBODYS = """
with recursive found as (
    (select s.{column} as word from lead_search s
     where s.org_id = %(org)s and s.{column} > %(first)s order by s.{column} limit 1)
    union all
    select (select s.{column} from lead_search s
            where s.org_id = %(org)s and s.{column} > found.word order by s.{column} limit 1)
    from found where found.word is not null
)
select word from found where word is not null and lower(left(word, length(%(q)s))) = lower(%(q)s) limit %(limit)s
"""
_OWN = """
select distinct s.{column} from lead_search s
where s.org_id = %(org)s and s.assignee_id = %(me)s and s.{column} > %(first)s
  and lower(left(s.{column}, length(%(q)s))) = lower(%(q)s) order by 1 limit %(limit)s
"""


def values(uow: UnitOfWork, field: str, q: str, only_mine: UUID | None) -> list[str]:
    """List values of a column that begin with ``q``; of the leads that the caller may see."""
    statement = sql.SQL(_EVERYBODYS if only_mine is None else _OWN).format(column=sql.Identifier(COLUMNS[field]))
    with uow.cursor() as cursor:
        cursor.execute(statement, {"org": uow.org(), "me": only_mine, "first": "", "q": q, "limit": LIMIT})
        return [row[0] for row in cursor.fetchall()]


def names(uow: UnitOfWork, table: LiteralString) -> list[Named]:
    """List every list or tag by name."""
    statement = sql.SQL("select id, name from {} where org_id = %s order by lower(name), name")
    with uow.cursor() as cursor:
        cursor.execute(statement.format(sql.Identifier(table)), [uow.org()])
        return [Named(row[0], row[1]) for row in cursor.fetchall()]
