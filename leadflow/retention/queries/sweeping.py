"""Takes a person out of free text, wherever somebody may have written it: every text, list and document column.

The columns come from the models, less what ``rules.kept`` names: a table of tomorrow is swept without being told.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple
from uuid import UUID

from psycopg import Cursor, sql
from psycopg.rows import TupleRow
from sqlalchemy import ARRAY, Table, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.types import TypeDecorator

from leadflow.kernel.db import UnitOfWork
from leadflow.retention.rules.kept import NOT_SWEPT
from models.registry import metadata


class FreeText(NamedTuple):
    """A table and those of its columns into which somebody may have written."""

    table: str
    texts: tuple[str, ...]
    lists: tuple[str, ...]
    documents: tuple[str, ...]


def free_text() -> list[FreeText]:
    """List every column that is swept."""
    tables = [table for table in metadata.sorted_tables if "org_id" in table.columns and table.name not in NOT_SWEPT]
    return [found for table in tables if any((found := _columns(table))[1:])]


def _columns(table: Table) -> FreeText:
    texts: list[str] = []
    lists: list[str] = []
    documents: list[str] = []
    for column in table.columns:
        kind: Any = column.type
        if f"{table.name}.{column.name}" in NOT_SWEPT or isinstance(kind, TypeDecorator) or column.computed is not None:
            continue
        if isinstance(kind, JSONB):
            documents.append(column.name)
        elif isinstance(column.type, ARRAY) and isinstance(kind.item_type, Text):
            lists.append(column.name)
        elif isinstance(kind, Text):
            texts.append(column.name)
    return FreeText(table.name, tuple(texts), tuple(lists), tuple(documents))


def sweep(uow: UnitOfWork, changes: Sequence[tuple[str, str]]) -> int:
    """Replace each pattern by its stand-in in every column of free text of the organisation.

    Args:
        uow: the caller's transaction.
        changes: pattern and what takes its place; a stand-in for a number is digits, which JSON takes bare.

    Returns:
        Rows that were changed.
    """
    if not changes:
        return 0
    found = "|".join(f"(?:{pattern})" for pattern, _ in changes)
    changed = 0
    with uow.cursor() as cursor:
        for place in _open(cursor):
            cursor.execute(_statement(place, len(changes)), {"org": uow.org(), "found": found, **_named(changes)})
            changed += cursor.rowcount
    return changed


def _open(cursor: Cursor[TupleRow]) -> list[FreeText]:
    """List the places that may be changed: an append-only table holds nothing to sweep, by its own promise."""
    cursor.execute(
        "select t from unnest(%s::text[]) t where has_table_privilege(t, 'update')",
        [[place.table for place in free_text()]],
    )
    may = {row[0] for row in cursor.fetchall()}
    return [place for place in free_text() if place.table in may]


def sweep_leads(uow: UnitOfWork, leads: Sequence[UUID], changes: Sequence[tuple[str, str]]) -> int:
    """Do the same in what was written on these leads only: for a name that others bear too."""
    changed = 0
    with uow.cursor() as cursor:
        for table, column in (("activity", "summary"), ("task", "title")):
            for pattern, stand_in in changes:
                cursor.execute(
                    sql.SQL(
                        "update {0} set {1} = regexp_replace({1}, %s, %s, 'gi'), updated_at = now()"
                        " where org_id = %s and lead_id = any(%s) and {1} ~* %s"
                    ).format(sql.Identifier(table), sql.Identifier(column)),
                    [pattern, stand_in, uow.org(), list(leads), pattern],
                )
                changed += cursor.rowcount
    return changed


def _named(changes: Sequence[tuple[str, str]]) -> dict[str, str]:
    named: dict[str, str] = {}
    for number, (pattern, stand_in) in enumerate(changes):
        named |= {f"p{number}": pattern, f"s{number}": stand_in}
    return named


def _statement(place: FreeText, count: int) -> sql.Composed:
    simple = sql.SQL("{0} = {1}")
    document = sql.SQL("{0} = ({1})::jsonb")
    words = sql.SQL(
        "{0} = case when {0} is null then null else array(select {1} from unnest({0}) with ordinality"
        " as u (word, place) order by place) end"
    )
    sets = [
        *(simple.format(name, _replaced(name, count)) for name in map(sql.Identifier, place.texts)),
        *(document.format(name, _replaced(_text(name), count)) for name in map(sql.Identifier, place.documents)),
        *(words.format(name, _replaced(sql.Identifier("word"), count)) for name in map(sql.Identifier, place.lists)),
    ]
    whole = sql.SQL(", ").join(
        [
            *map(sql.Identifier, place.texts),
            *map(_text, map(sql.Identifier, (*place.documents, *place.lists))),
        ]
    )
    return sql.SQL(
        "update {table} set {sets}, updated_at = now()"
        " where org_id = %(org)s and concat_ws(chr(10), {whole}) ~* %(found)s"
    ).format(table=sql.Identifier(place.table), sets=sql.SQL(", ").join(sets), whole=whole)


def _text(value: sql.Composable) -> sql.Composed:
    return sql.SQL("{}::text").format(value)


def _replaced(value: sql.Composable, count: int) -> sql.Composable:
    for number in range(count):
        value = sql.SQL("regexp_replace({0}, {1}, {2}, 'gi')").format(
            value, sql.Placeholder(f"p{number}"), sql.Placeholder(f"s{number}")
        )
    return value
