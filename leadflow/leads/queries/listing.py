"""Reads the list page by page, in either direction of any sort, blanks last, and counts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, LiteralString
from uuid import UUID

from psycopg import sql
from psycopg.rows import class_row

from leadflow.kernel import paging
from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid
from leadflow.leads import rules
from leadflow.leads.queries.filters import Where, count_alone, together
from leadflow.leads.types import Flat

GLANCE = 6_000
"""Rows of the sort's index that are read before anything is collected, where nothing says that an answer is small.

A filter that leaves one lead in a hundred fills its page on the way, within some ten milliseconds. To collect 4,000 of
such leads would read all of 250,000. Measured (docs/performance, lists).
"""
MANY = 20_000
"""Up to here the indexes of words, lists and tags count faster than a look at the rows."""
RARE = 4_000
"""A search that finds fewer is read through its own index and then sorted; a wider one walks the sort index.

Measured (docs/performance, lists, design D): without this probe the planner walks the sort index for a rare term, for
seconds.
"""


@dataclass(frozen=True, slots=True)
class Sort:
    """A column to sort by, with its type and which values are blank."""

    column: LiteralString
    type: LiteralString
    blank: str | None = None
    """``null``, ``''`` or None where there are no blanks."""

    def is_blank(self) -> sql.Composable:
        """Match the rows without a value."""
        test = "s.{} is null" if self.blank == "null" else "s.{} = ''"
        return sql.SQL(test).format(sql.Identifier(self.column))

    def is_given(self) -> sql.Composable:
        """Match the rows with a value."""
        test = "s.{} is not null" if self.blank == "null" else "s.{} > ''"
        return sql.SQL(test).format(sql.Identifier(self.column))


_SORTS: dict[str, Sort] = {
    "added": Sort("added_at", "timestamptz"),
    "street": Sort("street", "text", "''"),
    "city": Sort("city", "text", "''"),
    "owner": Sort("owner", "text", "''"),
    "status": Sort("status_rank", "int"),
    "stack": Sort("stack", "int"),
    "value": Sort("estimated_value", "bigint", "null"),
    "equity": Sort("equity_percent", "float8", "null"),
    "last_touch": Sort("last_touch_at", "timestamptz", "null"),
    "next_task": Sort("next_task_at", "timestamptz", "null"),
    "score": Sort("score", "int"),
}
"""Each has an index ``(org_id, column, lead_id)`` in models/leads.py, read forwards or backwards."""
SORTS = _SORTS | {sort.column: sort for sort in _SORTS.values()}
"""A column's own name will do as well."""


@dataclass(frozen=True, slots=True)
class Mark:
    """The last row of a page: whether it had a value, the value, and the lead."""

    blank: bool
    value: Any
    lead_id: UUID


@dataclass(frozen=True, slots=True)
class Found:
    """Rows of a page; with how many the filter finds in all, where that came for free."""

    rows: list[Flat]
    count: int | None


_SELECT = """
    select f.lead_id, f.property_id, f.street, f.unit, f.city, f.state, f.zip5, f.county, f.owner, f.owner_kind,
           f.owner_count, f.status, f.source, f.assignee_id, u.name as assignee_name, f.stack, f.list_ids, f.tag_names,
           f.estimated_value, f.estimated_equity, f.equity_percent, f.property_type, f.bedrooms, f.bathrooms,
           f.building_sqft, f.year_built, f.phone_count, f.best_person_id, f.best_phone_id, f.best_phone,
           f.best_line_type, f.best_phone_status, f.owner_occupied, f.last_touch_at, f.next_task_at, f.next_task,
           f.added_at, f.quadkey, f.score,
           array_remove(array[case when f.city <> coalesce(h.city, '') then 'city' end,
                              case when f.county <> coalesce(h.county, '') then 'county' end], null) as from_zip,
           array(select l.name from lead_list l where l.org_id = %(org)s and l.id = any(f.list_ids) order by l.id)
               as list_names,
           f.{column} as sort_value
    from ({keys}) k
    join lead_search f on f.org_id = %(org)s and f.lead_id = k.lead_id
    left join property h on h.org_id = %(org)s and h.id = f.property_id
    left join "user" u on u.id = f.assignee_id
    order by {order}
"""
"""Keys first, from the sort index alone; then the rows of just this page."""


def page(uow: UnitOfWork, where: Where, sort: Sort, way: LiteralString, after: Mark | None, limit: int) -> Found:
    """Read up to ``limit`` rows after ``after``: those with a value in order, then the blank ones by lead."""
    walk = _Walk(uow, where, sort, sql.SQL(way))
    if where.search:
        if not where.few and len(rows := walk.near(after, limit)) == limit:
            return Found(rows, None)
        count, ids = walk.probe(after, limit)
        if count <= RARE:
            return Found(_named(uow, ids, sort.column), count)
    if after is not None and after.blank:
        return Found(walk.blanks(after, limit), None)
    rows = walk.given(after, limit)
    if sort.blank is not None and len(rows) < limit:
        rows += walk.blanks(None, limit - len(rows))
    return Found(rows, None)


def by_ids(uow: UnitOfWork, where: Where, ids: Sequence[UUID]) -> list[Flat]:
    """Read the named rows that the caller may see, in order of lead."""
    keys = sql.SQL(
        "select s.lead_id from lead_search s where s.org_id = %(org)s and s.lead_id = any(%(ids)s) and {}"
    ).format(where.all())
    statement = sql.SQL(_SELECT).format(column=sql.Identifier("lead_id"), keys=keys, order=sql.SQL("f.lead_id"))
    return _read(uow, statement, {**where.params, "ids": list(ids)})


def before(uow: UnitOfWork, where: Where, sort: Sort, way: str, mark: Mark) -> Flat | None:
    """Read the row that stands before ``mark`` in the order of a walk ``way``."""
    back = _Walk(uow, where, sort, sql.SQL("asc" if way == "desc" else "desc"))
    found = back.blanks(mark, 1) if mark.blank else back.given(mark, 1)
    if not found and mark.blank:
        found = back.given(None, 1)
    return found[0] if found else None


def standing(uow: UnitOfWork, lead_id: UUID, sort: Sort) -> Flat | None:
    """Read one row with the value that it is sorted by; whether the caller may see it is for the caller to ask."""
    found = _named(uow, [lead_id], sort.column)
    return found[0] if found else None


def _named(uow: UnitOfWork, ids: Sequence[UUID], column: LiteralString) -> list[Flat]:
    """Read rows in the order of ``ids``."""
    keys = sql.SQL("select * from unnest(%(ids)s::uuid[]) with ordinality as n (lead_id, place)")
    statement = sql.SQL(_SELECT).format(column=sql.Identifier(column), keys=keys, order=sql.SQL("k.place"))
    return _read(uow, statement, {"ids": list(ids)})


TABLE = sql.Identifier("lead_search")


@dataclass(frozen=True, slots=True)
class _Walk:
    uow: UnitOfWork
    where: Where
    sort: Sort
    way: sql.SQL

    def given(self, after: Mark | None, limit: int) -> list[Flat]:
        """Walk the rows with a value."""
        return self._read(self._given(after), after, limit)

    def _given(self, after: Mark | None) -> list[sql.Composable]:
        terms: list[sql.Composable] = [] if after is None else [self._beyond()]
        # Beyond a value upwards there is none that is blank. To say so all the same would have Postgres start at the
        # first value and read up to the mark: the deeper the page, the slower.
        if self.sort.blank is not None and (after is None or self._sign().as_string() == "<"):
            terms.append(self.sort.is_given())
        return terms

    def blanks(self, after: Mark | None, limit: int) -> list[Flat]:
        """Walk the rows without one."""
        terms = [self.sort.is_blank()]
        if after is not None:
            terms.append(self._beyond_blank())
        return self._read(terms, after, limit)

    def near(self, after: Mark | None, limit: int) -> list[Flat]:
        """Look for a page in the next rows of the sort; one that is not full says nothing.

        Where a quarter of it was found, the rest is not far off, and four times as many rows are read.
        """
        rows = self._glance(after, limit, GLANCE)
        if limit > len(rows) >= limit / 4:
            last = Mark(after is not None and after.blank, rows[-1].sort_value, rows[-1].lead_id)
            rows += self._glance(last, limit - len(rows), 4 * GLANCE)
        return rows

    def _glance(self, after: Mark | None, limit: int, enough: int) -> list[Flat]:
        blank = after is not None and after.blank
        terms = [self.sort.is_blank(), self._beyond_blank()] if blank else self._given(after)
        near = sql.SQL(
            """
            (select s.* from lead_search s where s.org_id = %(org)s and {terms}
             order by s.{column} {way}, s.lead_id {way} limit {enough})
            """
        ).format(
            terms=together(terms),
            column=sql.Identifier(self.sort.column),
            way=self.way,
            enough=sql.Literal(enough),
        )
        return self._read([], after, limit, near)

    def probe(self, after: Mark | None, limit: int) -> tuple[int, list[UUID]]:
        """Collect what a search finds, and sort that: an answer where it is no more than ``RARE``.

        Inside the collection there is no order, so the planner takes the index of the words and not of the sort.
        """
        statement = sql.SQL(
            """
            with found as materialized (
                select s.lead_id, s.{column} from lead_search s where s.org_id = %(org)s and {where} limit %(enough)s
            )
            select (select count(*) from found),
                   array(select s.lead_id from found s where {place}
                         order by {blank}, s.{column} {way}, s.lead_id {way} limit %(limit)s)
            """
        ).format(
            column=sql.Identifier(self.sort.column),
            where=self.where.all(),
            place=self._place(after),
            blank=sql.SQL("false::bool") if self.sort.blank is None else self.sort.is_blank(),
            way=self.way,
        )
        with self.uow.cursor() as cursor:
            params = {**self.where.params, **_params(after), "org": self.uow.org()}
            cursor.execute(statement, {**params, "enough": RARE + 1, "limit": limit}, prepare=False)
            row = cursor.fetchone()
        return (int(row[0]), row[1]) if row else (0, [])

    def _place(self, after: Mark | None) -> sql.Composable:
        if after is None:
            return sql.SQL("true")
        if after.blank:
            return together([self.sort.is_blank(), self._beyond_blank()])
        if self.sort.blank is None:
            return self._beyond()
        return sql.SQL("({} or ({} and {}))").format(self.sort.is_blank(), self.sort.is_given(), self._beyond())

    def _beyond(self) -> sql.Composable:
        return sql.SQL("(s.{}, s.lead_id) {} (%(k_value)s::{}, %(k_id)s)").format(
            sql.Identifier(self.sort.column), self._sign(), sql.SQL(self.sort.type)
        )

    def _beyond_blank(self) -> sql.Composable:
        return sql.SQL("s.lead_id {} %(k_id)s").format(self._sign())

    def _sign(self) -> sql.SQL:
        return sql.SQL("<" if self.way.as_string() == "desc" else ">")

    def _read(
        self, terms: list[sql.Composable], after: Mark | None, limit: int, rows: sql.Composable = TABLE
    ) -> list[Flat]:
        column = sql.Identifier(self.sort.column)
        keys = sql.SQL(
            """
            select s.lead_id, s.{column} from {rows} s where s.org_id = %(org)s and {where}
            order by s.{column} {way}, s.lead_id {way} limit %(limit)s
            """
        ).format(column=column, rows=rows, where=together([self.where.all(), *terms]), way=self.way)
        order = sql.SQL("f.{column} {way}, f.lead_id {way}").format(column=column, way=self.way)
        statement = sql.SQL(_SELECT).format(column=column, keys=keys, order=order)
        return _read(self.uow, statement, {**self.where.params, **_params(after), "limit": limit})


def _params(after: Mark | None) -> dict[str, Any]:
    return {} if after is None else {"k_value": after.value, "k_id": after.lead_id}


def _read(uow: UnitOfWork, statement: sql.Composed, params: dict[str, Any]) -> list[Flat]:
    # Unprepared on purpose: the best plan depends on the values, and a cached one forgets them.
    with uow.connection().cursor(row_factory=class_row(Flat)) as cursor:
        cursor.execute(statement, {**params, "org": uow.org()}, prepare=False)
        return cursor.fetchall()


def count(uow: UnitOfWork, where: Where, up_to: int) -> int:
    """Count the rows of a filter, at most ``up_to``."""
    if where.alone and up_to <= MANY:
        return count_alone(uow, where.hints, up_to)
    return _capped(uow, where.all(), where.params, up_to)


def _capped(uow: UnitOfWork, condition: sql.Composable, params: dict[str, Any], up_to: int) -> int:
    statement = sql.SQL(
        "select count(*) from (select 1 from lead_search s where s.org_id = %(org)s and {} limit %(limit)s) c"
    ).format(condition)
    with uow.cursor() as cursor:
        cursor.execute(statement, {**params, "org": uow.org(), "limit": up_to}, prepare=False)
        row = cursor.fetchone()
    return int(row[0]) if row else 0


def ids(uow: UnitOfWork, where: Where, limit: int) -> list[UUID]:
    """Read the leads of a filter, at most ``limit``."""
    statement = sql.SQL("select s.lead_id from lead_search s where s.org_id = %(org)s and {} limit %(limit)s").format(
        where.all()
    )
    with uow.cursor() as cursor:
        cursor.execute(statement, {**where.params, "org": uow.org(), "limit": limit}, prepare=False)
        return [row[0] for row in cursor.fetchall()]


def cursor(order: Sort, direction: str, last: Flat) -> str:
    """Write the last row of a page as the cursor that the next page is asked with."""
    blank = last.sort_value is None if order.blank == "null" else order.blank is not None and last.sort_value == ""
    return paging.encode(order.column, direction, blank, None if blank else last.sort_value, last.lead_id)


def mark(order: Sort, direction: str, cursor: str) -> Mark:
    """Read a cursor.

    Raises:
        Invalid: it is no cursor of a list in this order.
    """
    column, way, blank, value, lead_id = paging.decode(cursor, 5)
    if (column, way) != (order.column, direction) or not isinstance(blank, bool) or (blank and order.blank is None):
        raise Invalid("This page marker belongs to another list. Reload it.", "after")
    return Mark(blank, None if blank else rules.mark_value(value, order.type), rules.mark_id(lead_id))
