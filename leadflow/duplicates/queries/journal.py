"""Changes rows and keeps each as it was and as it became, so that a merge can be taken back row for row."""

# ruff: noqa: S608 every statement is made of names of our own tables and columns

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import orjson
from psycopg import sql
from psycopg.errors import ForeignKeyViolation, UniqueViolation

from leadflow.duplicates.errors import Taken
from leadflow.duplicates.rules.references import How, Reference, moving
from leadflow.kernel.db import UnitOfWork
from models.registry import metadata

_KEPT_AS = {
    "update": ("to_jsonb(old)", "to_jsonb(new)"),
    "delete": ("to_jsonb(old)", "null::jsonb"),
    "insert": ("null::jsonb", "to_jsonb(new)"),
}


Change = tuple[str, dict[str, Any] | None, dict[str, Any] | None]
"""A table, and one row of it before and after."""
_COUNTS = {"campaign": ("audience_size",)}
"""Counts that merges of one campaign's members each take from."""
DERIVED = ("lead_search", *_COUNTS)
"""Rows that merges share without resting on one another."""


class Journal:
    """All that one merge changes, in order."""

    def __init__(self, uow: UnitOfWork, merge_id: UUID) -> None:
        self.uow, self.merge_id, self.number = uow, merge_id, 0
        self.moved: Counter[str] = Counter()

    def change(self, table: str, statement: str, given: Mapping[str, Any]) -> int:
        """Run one UPDATE, DELETE or INSERT on ``table`` and keep what it did; answers how many rows."""
        before, after = _KEPT_AS[statement.split(None, 1)[0]]
        was, becomes = (_key_of(table, row) for row in ("before", "after"))
        with self.uow.cursor() as cursor:
            cursor.execute(
                f"""
                with changed as ({statement} returning {before} as before, {after} as after)
                insert into merge_change (org_id, merge_id, number, table_name, was, becomes, before, after)
                select %(org)s, %(merge)s, %(number)s + row_number() over (), %(table)s, {was}, {becomes}, before, after
                from changed
                """.encode(),
                {**given, "org": self.uow.org(), "merge": self.merge_id, "number": self.number, "table": table},
            )
            count = cursor.rowcount
        self.number += count
        if count:
            self.moved[table] += count
        return count

    def keep(self, table: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> None:
        """Keep a change that somebody else made in this transaction."""
        self.number += 1
        was, becomes = (_key_of(table, row) for row in ("before", "after"))
        with self.uow.cursor() as cursor:
            cursor.execute(
                f"""
                insert into merge_change (org_id, merge_id, number, table_name, was, becomes, before, after)
                select %(org)s, %(merge)s, %(number)s, %(table)s, {was}, {becomes}, before, after
                from (select %(before)s::jsonb as before, %(after)s::jsonb as after) x
                """.encode(),
                {
                    "org": self.uow.org(),
                    "merge": self.merge_id,
                    "number": self.number,
                    "table": table,
                    "before": None if before is None else orjson.dumps(before).decode(),
                    "after": None if after is None else orjson.dumps(after).decode(),
                },
            )

    def rehome(self, subject: str, survivor: UUID, loser: UUID) -> None:
        """Let everything that names the loser name the survivor."""
        given = {"survivor": survivor, "loser": loser}
        for table, column, reference in moving(subject):
            if reference.how is How.FOLD:
                self._fold(table, column, reference, given)
            self.change(
                table,
                f"update {table} x set {column} = %(survivor)s, updated_at = now()"
                f" where x.org_id = %(org)s and x.{column} = %(loser)s",
                given,
            )

    def _fold(self, table: str, column: str, reference: Reference, given: Mapping[str, Any]) -> None:
        """Make one row of two that would be one when moved."""
        twins = " and ".join(f"a.{name} is not distinct from b.{name}" for name in reference.key)
        among = " and ".join(reference.among.replace("x.", f"{alias}.") for alias in ("a", "b"))
        both = (
            f"a.org_id = %(org)s and b.org_id = %(org)s and a.{column} = %(survivor)s and b.{column} = %(loser)s"
            f" and {twins} and {among}"
        )
        if reference.fold:
            sets = ", ".join(f"{name} = {value}" for name, value in reference.fold.items())
            was = ", ".join(f"a.{name}" for name in reference.fold)
            becomes = ", ".join(reference.fold.values())
            self.change(
                table,
                f"update {table} a set {sets}, updated_at = now() from {table} b"
                f" where {both} and ({was}) is distinct from ({becomes})",
                given,
            )
        if table == "suppression":
            self._follow_releases(both, given)
        self.change(table, f"delete from {table} b using {table} a where {both}", given)

    def _follow_releases(self, both: str, given: Mapping[str, Any]) -> None:
        """Let wishes to lift a suppression that goes be about the one that stays; two that wait cannot be about one."""
        self.change(
            "suppression_release",
            f"""update suppression_release r set state = 'expired', decided_at = now(), updated_at = now()
                from suppression a, suppression b
                where r.org_id = %(org)s and r.suppression_id = b.id and r.state = 'pending' and {both}
                  and exists (select 1 from suppression_release o where o.org_id = r.org_id
                              and o.suppression_id = a.id and o.state = 'pending')""",
            given,
        )
        self.change(
            "suppression_release",
            f"""update suppression_release r set suppression_id = a.id, updated_at = now()
                from suppression a, suppression b
                where r.org_id = %(org)s and r.suppression_id = b.id and {both}""",
            given,
        )


def _key_of(table: str, row: str) -> str:
    """Write the key of a row that is JSON; null where there is no row."""
    return " || ':' || ".join(f"({row} ->> '{name}')" for name in primary_key(table))


def primary_key(table: str) -> list[str]:
    """Name the columns of a table's key."""
    return [column.name for column in metadata.tables[table].primary_key.columns]


def snapshot(uow: UnitOfWork, table: str, column: str, ids: Sequence[UUID]) -> dict[str, dict[str, Any]]:
    """Read rows as JSON, by their key; what another room is about to write is kept by comparing two of these."""
    key = " || ':' || ".join(f"x.{name}::text" for name in primary_key(table))
    with uow.cursor() as cursor:
        cursor.execute(
            f"select {key}, to_jsonb(x) from {table} x where x.org_id = %s and x.{column} = any(%s)".encode(),
            [uow.org(), list(ids)],
        )
        return dict(cursor.fetchall())


# Taking back


def rests_upon(uow: UnitOfWork, merge_id: UUID) -> bool:
    """Say whether a later merge that stands has changed a row that this one had changed."""
    with uow.cursor() as cursor:
        cursor.execute(
            """
            select exists (
                select 1 from merge_change c
                join merge_change o on o.org_id = c.org_id and o.table_name = c.table_name and o.was = c.becomes
                     and o.merge_id > c.merge_id
                join record_merge r on r.org_id = o.org_id and r.id = o.merge_id and r.undone_at is null
                where c.org_id = %s and c.merge_id = %s and c.table_name <> all(%s))
            """,
            [uow.org(), merge_id, list(DERIVED)],
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def forget(uow: UnitOfWork, merge_id: UUID) -> None:
    """Drop what a merge had changed, once it was taken back."""
    with uow.cursor() as cursor:
        cursor.execute("delete from merge_change where org_id = %s and merge_id = %s", [uow.org(), merge_id])


def changes(uow: UnitOfWork, merge_id: UUID) -> list[Change]:
    """List what a merge changed, last first."""
    with uow.cursor() as cursor:
        cursor.execute(
            "select table_name, before, after from merge_change where org_id = %s and merge_id = %s"
            " order by number desc",
            [uow.org(), merge_id],
        )
        return cursor.fetchall()


def restore(uow: UnitOfWork, table: str, before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> bool:
    """Make one row what it was; a column that was changed since stays as it is. False: the row is gone since.

    Raises:
        Taken: what would come back is there again, or leans on what is gone.
    """
    try:
        if after is None:
            return _insert(uow, table, before or {})
        if before is None:
            return _delete(uow, table, after)
        return _put_back(uow, table, before, after)
    except (UniqueViolation, ForeignKeyViolation) as error:
        raise Taken from error


def _put_back(uow: UnitOfWork, table: str, before: Mapping[str, Any], after: Mapping[str, Any]) -> bool:
    now = _current(uow, table, after)
    if now is None:
        return False
    columns = [name for name, value in before.items() if value != after.get(name) and now.get(name) == after.get(name)]
    _count_back(uow, table, before, after, now)
    if not columns:
        return True
    names = sql.SQL(", ").join(map(sql.Identifier, columns))
    with uow.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "update {table} x set ({names}) = (select {names} from jsonb_populate_record(null::{table}, %s::jsonb))"
                " where {where}"
            ).format(table=sql.Identifier(table), names=names, where=_where(table)),
            [_json(before), *_keys(table, after)],
        )
    return True


def _count_back(
    uow: UnitOfWork, table: str, before: Mapping[str, Any], after: Mapping[str, Any], now: Mapping[str, Any]
) -> None:
    """Put a count back by how much the merge took from it, where another merge has changed it since."""
    for name in _COUNTS.get(table, ()):
        if None in {before[name], after[name], now[name]} or now[name] == after[name]:
            continue
        with uow.cursor() as cursor:
            cursor.execute(
                sql.SQL("update {} x set {name} = {name} + %s where {where}").format(
                    sql.Identifier(table), name=sql.Identifier(name), where=_where(table)
                ),
                [before[name] - after[name], *_keys(table, after)],
            )


def _insert(uow: UnitOfWork, table: str, before: Mapping[str, Any]) -> bool:
    names = sql.SQL(", ").join(map(sql.Identifier, before))
    with uow.cursor() as cursor:
        cursor.execute(
            sql.SQL(
                "insert into {table} ({names}) select {names} from jsonb_populate_record(null::{table}, %s::jsonb)"
            ).format(table=sql.Identifier(table), names=names),
            [_json(before)],
        )
    return True


def _delete(uow: UnitOfWork, table: str, after: Mapping[str, Any]) -> bool:
    with uow.cursor() as cursor:
        statement = sql.SQL("delete from {} x where {}").format(sql.Identifier(table), _where(table))
        cursor.execute(statement, _keys(table, after))
        return cursor.rowcount > 0


def _current(uow: UnitOfWork, table: str, after: Mapping[str, Any]) -> dict[str, Any] | None:
    with uow.cursor() as cursor:
        cursor.execute(
            sql.SQL("select to_jsonb(x) from {} x where {} for update").format(sql.Identifier(table), _where(table)),
            _keys(table, after),
        )
        row = cursor.fetchone()
    return row[0] if row else None


def _where(table: str) -> sql.Composed:
    # Compared as text, because a key comes out of JSON.
    return sql.SQL(" and ").join(
        sql.SQL("x.{0} = (jsonb_populate_record(null::{1}, %s::jsonb)).{0}").format(
            sql.Identifier(name), sql.Identifier(table)
        )
        for name in primary_key(table)
    )


def _keys(table: str, row: Mapping[str, Any]) -> list[str]:
    return [_json({name: row[name]}) for name in primary_key(table)]


def _json(row: Mapping[str, Any]) -> str:
    return orjson.dumps(row).decode()
