"""Keeps Postgres from joining thousands of rows one by one where it has counted nothing yet."""

from __future__ import annotations

from leadflow.kernel.db import UnitOfWork

SOME = 500
"""Rows from which on joining one by one is felt where the planner knows nothing."""
SOME_TIMES = 20
"""Tables with fewer than so many rows for each of the file are read whole without its being felt."""
MANY = 10_000
"""Rows from which on the planner's guesses about tables that were filled a moment ago cost more than they save."""


def tune(uow: UnitOfWork, rows: int) -> None:
    """Give one transaction memory to sort and hash in; many rows are joined by hashing, never one by one."""
    connection = uow.connection()
    connection.execute("set local work_mem = '128MB'")
    connection.execute("set local jit = off")
    if rows >= MANY or (rows >= SOME and _hardly_filled(uow, rows)):
        connection.execute("set local enable_nestloop = off")


def _hardly_filled(uow: UnitOfWork, rows: int) -> bool:
    """Say whether the tables hold so little as far as Postgres knows that reading them whole costs next to nothing.

    Of a table that was never counted the planner expects one row, and joins thousands to thousands one by one.
    """
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select max(reltuples) < %s from pg_class
            where oid = any(array['property', 'person', 'phone']::regclass[])
            """,
            [SOME_TIMES * rows],
        )
        row = cursor.fetchone()
    return bool(row and row[0])
