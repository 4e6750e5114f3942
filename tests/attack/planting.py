"""Plants a row in every table of an organisation, whatever its columns, and sums up what a database holds."""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Any
from uuid import UUID, uuid4

from psycopg import sql
from psycopg.types.json import Jsonb
from sqlalchemy import Column, Table
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.types import TypeDecorator

from leadflow.kernel.db import Database
from models.columns import PhoneNumber, Term
from models.registry import metadata
from tests.owning import as_owner

MOVING = frozenset({"login_attempt", "alembic_version"})
"""Tables that a refused call may touch."""
ALSO: dict[str, dict[str, Any]] = {
    "suppression": {"e164": 13_125_550_142, "phone_key": b"k" * 32},
    "legal_hold": {"phone_key": b"k" * 32},
    "duplicate_pair": {"one_id": UUID(int=1), "other_id": UUID(int=2)},
    "review_draw": {"until": datetime(2026, 12, 3, 18, tzinfo=UTC)},
}
"""What a table's checks ask for beyond its columns."""
NOW = datetime(2026, 12, 2, 18, tzinfo=UTC)


def plant(db: Database, org_id: UUID, user_id: UUID, number: int = 13_125_550_142) -> dict[str, UUID]:
    """Write one row into every table that belongs to an organisation and answer their ids by table."""
    planted: dict[str, UUID] = {"organization": org_id, "user": user_id}
    with as_owner(db.url, autocommit=False) as connection, connection.cursor() as cursor:
        for table in metadata.sorted_tables:
            if {"org_id", "id"} <= set(table.columns.keys()):
                planted[table.name] = _insert(cursor, table, planted, number)
    return planted


def _insert(cursor: Any, table: Table, planted: dict[str, UUID], number: int) -> UUID:
    row = {column.name: _value(column, number) for column in table.columns if _needed(column)}
    row |= {
        key.parent.name: planted[key.column.table.name]
        for constraint in table.foreign_key_constraints
        for key in constraint.elements
        if key.parent.name in row and key.column.name == "id"
    }
    row |= {"org_id": planted["organization"], "id": uuid4()} | ALSO.get(table.name, {})
    columns = sql.SQL(", ").join(map(sql.Identifier, row))
    places = sql.SQL(", ").join(sql.Placeholder() * len(row))
    statement = sql.SQL("insert into {} ({}) values ({})")
    cursor.execute(statement.format(sql.Identifier(table.name), columns, places), list(row.values()))
    return row["id"]


def _needed(column: Column[Any]) -> bool:
    return not column.nullable and column.server_default is None


def _value(column: Column[Any], number: int) -> Any:
    kind: Any = column.type
    if isinstance(kind, Term):
        words: Any = kind.words
        return next(iter(words)).value
    if isinstance(kind, PhoneNumber):
        return number
    if isinstance(kind, JSONB):
        return Jsonb({})
    if isinstance(kind, ARRAY):
        return []
    by_type = {
        UUID: uuid4(),
        str: f"planted {column.name}",
        int: 1,
        float: 1.0,
        Decimal: Decimal(1),
        bool: False,
        bytes: uuid4().bytes * 2,
        datetime: NOW,
        date: NOW.date(),
        time: time(12),
    }
    return by_type[kind.impl.python_type if isinstance(kind, TypeDecorator) else kind.python_type]


def checksum(db: Database, of_org: UUID | None = None) -> dict[str, str]:
    """Sum up every table, or every row of one organisation."""
    sums: dict[str, str] = {}
    with as_owner(db.url) as connection, connection.cursor() as cursor:
        for table in metadata.sorted_tables:
            if table.name in MOVING or (of_org and "org_id" not in table.columns):
                continue
            which = sql.SQL("where org_id = {}").format(sql.Literal(of_org)) if of_org else sql.SQL("")
            cursor.execute(sql.SQL("select t::text from {} t {} order by 1").format(sql.Identifier(table.name), which))
            rows = "\n".join(row[0] for row in cursor.fetchall())
            sums[table.name] = hashlib.sha256(rows.encode()).hexdigest()
    return sums


def referring(db: Database, org_id: UUID, ids: set[UUID]) -> list[str]:
    """List the columns by which rows of an organisation name any of these ids."""
    found: list[str] = []
    with as_owner(db.url) as connection, connection.cursor() as cursor:
        for table in metadata.sorted_tables:
            columns = [one.name for one in table.columns if "org_id" in table.columns and _is_uuid(one)]
            for column in columns:
                cursor.execute(
                    sql.SQL("select count(*) from {} where org_id = %s and {} = any(%s)").format(
                        sql.Identifier(table.name), sql.Identifier(column)
                    ),
                    [org_id, list(ids)],
                )
                if (cursor.fetchone() or (0,))[0]:
                    found.append(f"{table.name}.{column}")
    return found


def _is_uuid(column: Column[Any]) -> bool:
    try:
        return column.type.python_type is UUID
    except NotImplementedError:
        return False
