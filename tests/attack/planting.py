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
ALSO: dict[str, dict[str, Any]] = {"suppression": {"e164": 13_125_550_142, "phone_key": b"k" * 32}}
"""What a table's checks ask for beyond its columns."""
NOW = datetime(2026, 12, 2, 18, tzinfo=UTC)


def plant(db: Database, org_id: UUID, user_id: UUID) -> dict[str, UUID]:
    """Write one row into every table that belongs to an organisation and answer their ids by table."""
    planted: dict[str, UUID] = {"organization": org_id, "user": user_id}
    with as_owner(db.url, autocommit=False) as connection, connection.cursor() as cursor:
        for table in metadata.sorted_tables:
            if {"org_id", "id"} <= set(table.columns.keys()):
                planted[table.name] = _insert(cursor, table, planted)
    return planted


def _insert(cursor: Any, table: Table, planted: dict[str, UUID]) -> UUID:
    row = {column.name: _value(column) for column in table.columns if _needed(column)}
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


def _value(column: Column[Any]) -> Any:
    kind: Any = column.type
    if isinstance(kind, Term):
        words: Any = kind.words
        return next(iter(words)).value
    if isinstance(kind, PhoneNumber):
        return 13_125_550_142
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


def checksum(db: Database) -> dict[str, str]:
    """Sum up every table."""
    sums: dict[str, str] = {}
    with as_owner(db.url) as connection, connection.cursor() as cursor:
        for table in metadata.sorted_tables:
            if table.name in MOVING:
                continue
            cursor.execute(sql.SQL("select t::text from {} t order by 1").format(sql.Identifier(table.name)))
            rows = "\n".join(row[0] for row in cursor.fetchall())
            sums[table.name] = hashlib.sha256(rows.encode()).hexdigest()
    return sums
