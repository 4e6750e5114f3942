"""Takes what a merge needs, in one order, so that no two merges, no batch of texts and no stop wait for each other.

First a lock of its own on each of the two records, by id: two merges that share a record are one after the other from
here on. Then campaigns, their members, texts, people, properties, leads: the order of whoever holds several of them.
"""

# ruff: noqa: S608 every statement is made of constants of this file

from __future__ import annotations

from typing import Any
from uuid import UUID

from psycopg.errors import DeadlockDetected, LockNotAvailable
from psycopg.rows import dict_row

from leadflow.duplicates.errors import GoingOut
from leadflow.kernel.db import UnitOfWork


def alone(uow: UnitOfWork, ids: tuple[UUID, ...]) -> None:
    """Be the only merge of these records until the transaction ends."""
    with uow.cursor() as cursor:
        for record_id in sorted(ids):
            cursor.execute("select pg_advisory_xact_lock(hashtextextended('merge:' || %s::text, 0))", [record_id])


def hold(uow: UnitOfWork, *, people: tuple[UUID, ...] = (), properties: tuple[UUID, ...] = ()) -> None:
    """Hold two people, or two properties with their leads, and what is under way to them.

    Raises:
        GoingOut: a text to one of them is being handed over.
    """
    given: dict[str, Any] = {"org": uow.org(), "people": list(people), "properties": list(properties)}
    theirs = "(x.person_id = any(%(people)s) or x.property_id = any(%(properties)s))"
    statements = (
        f"""select 1 from campaign c where c.org_id = %(org)s and c.id in (
                select x.campaign_id from audience_member x where x.org_id = %(org)s and {theirs})
            order by c.id for no key update""",
        f"""select 1 from audience_member x where x.org_id = %(org)s and {theirs}
            order by x.campaign_id, x.lead_id for update""",
        f"select 1 from message x where x.org_id = %(org)s and {theirs} order by x.id for update",
        "select 1 from person x where x.org_id = %(org)s and x.id = any(%(people)s) order by x.id for update",
        "select 1 from property x where x.org_id = %(org)s and x.id = any(%(properties)s) order by x.id for update",
        """select 1 from lead x where x.org_id = %(org)s and x.property_id = any(%(properties)s)
           order by x.id for update""",
        # What was written while we waited for the people may be in the hands of a batch that now waits for us.
        f"select 1 from message x where x.org_id = %(org)s and {theirs} order by x.id for update nowait",
    )
    try:
        with uow.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement.encode(), given)
    except (LockNotAvailable, DeadlockDetected) as error:
        raise GoingOut from error


def row(uow: UnitOfWork, table: str, record_id: UUID) -> dict[str, Any] | None:
    """Read one record with its columns as Python has them; None where it is gone."""
    with uow.connection().cursor(row_factory=dict_row) as cursor:
        cursor.execute(f"select * from {table} where org_id = %s and id = %s".encode(), [uow.org(), record_id])
        return cursor.fetchone()


def lead_of(uow: UnitOfWork, property_id: UUID) -> UUID | None:
    """Name the lead of a property."""
    with uow.cursor() as cursor:
        cursor.execute("select id from lead where org_id = %s and property_id = %s", [uow.org(), property_id])
        found = cursor.fetchone()
    return found[0] if found else None


def leads_of_people(uow: UnitOfWork, ids: tuple[UUID, ...]) -> list[UUID]:
    """List the leads on whose properties these people stand."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select distinct l.id from property_party y join lead l on l.org_id = y.org_id
                and l.property_id = y.property_id
            where y.org_id = %s and y.person_id = any(%s) order by l.id
            """,
            [uow.org(), list(ids)],
        )
        return [found[0] for found in cursor.fetchall()]


def is_whom(uow: UnitOfWork, record_id: UUID) -> UUID | None:
    """Say whom a record was merged with; None where it was not."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select survivor_id from merged_record where org_id = %s and loser_id = %s", [uow.org(), record_id]
        )
        found = cursor.fetchone()
    return found[0] if found else None
