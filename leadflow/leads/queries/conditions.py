"""Turns the chips of a filter into SQL over ``lead_search s``; the words of a chip stand in ``filter_types``."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any, LiteralString
from uuid import UUID
from zoneinfo import ZoneInfo

from psycopg import sql

from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Invalid
from leadflow.leads.filter_types import CUSTOM, FIELDS, OF_CUSTOM, Chip, Condition, Kind, Op, condition, spellings
from leadflow.leads.queries import hiding
from models.vocabulary import FieldKind, LeadStatus

_RANK = {status.value: place for place, status in enumerate(LeadStatus, 1)}
_NIL = UUID(int=0)
FEW = 4_000
"""Leads that a condition over another table may name one by one.

Reading n rows and sorting them costs as much as walking the sort's index over N leads until a page is full where
n = sqrt(51 N): 3,600 at 250,000 leads, 7,100 at a million.
"""
COLUMNS: dict[str, LiteralString] = {
    "status": "s.status_rank",
    "score": "s.score",
    "stack": "s.stack",
    "value": "s.estimated_value",
    "equity": "s.equity_percent",
    "equity_amount": "s.estimated_equity",
    "street": "s.street",
    "city": "s.city",
    "state": "s.state",
    "zip": "s.zip5",
    "county": "s.county",
    "owner": "s.owner",
    "owner_kind": "s.owner_kind",
    "owners": "s.owner_count",
    "phones": "s.phone_count",
    "phone_status": "s.best_phone_status",
    "line_type": "s.best_line_type",
    "last_touch": "s.last_touch_at",
    "next_task": "s.next_task_at",
    "added": "s.added_at",
    "source": "s.source",
    "assignee": "s.assignee_id",
    "property_type": "s.property_type",
    "beds": "s.bedrooms",
    "baths": "s.bathrooms",
    "sqft": "s.building_sqft",
    "year": "s.year_built",
    "occupied": "s.owner_occupied",
}
_WHOLE = frozenset({"score", "stack", "value", "equity_amount", "owners", "phones", "sqft", "year"})
_NULLABLE = frozenset({"owner_kind", "phone_status", "line_type"})
"""Choices whose blank is null; that of the others is the empty text."""
_GROUPS: dict[str, tuple[LiteralString, LiteralString]] = {
    "list": ("lead_list", "s.list_ids"),
    "tag": ("tag", "s.tag_ids"),
}
_SEARCHED = frozenset({"street", "city", "owner"})
"""Texts that stand in ``words`` too, whose index finds them."""
_ESTIMATED = frozenset({Kind.NUMBER, Kind.MONEY, Kind.PERCENT, Kind.DATE, Kind.TASK, Kind.WHO})
"""Kinds whose column has an index or whose values are few: the planner knows how many rows they leave."""


@dataclass(slots=True)
class Hints:
    """What an index can be asked for: every lead of the answer has these words, all these lists, one of these tags."""

    words: list[str]
    lists: list[UUID]
    tags: list[UUID]


@dataclass(frozen=True, slots=True)
class Reader:
    """Who asks: who ``me`` is, and whether numbers are shown to them masked."""

    me: UUID | None
    masked: bool = False


@dataclass(frozen=True, slots=True)
class CustomField:
    """What a condition must know of a field of the organisation's own."""

    id: UUID
    kind: FieldKind


class Writer:
    """Writes the chips of one filter.

    Args:
        uow: the caller's transaction; names of lists and tags and the organisation's fields are looked up in it.
        reader: who asks.
        params: takes the parameters.
        hints: takes what an index can be asked for.
        chips: the filter's.
    """

    def __init__(
        self, uow: UnitOfWork, reader: Reader, params: dict[str, Any], hints: Hints, chips: Sequence[Chip]
    ) -> None:
        self.uow, self.reader, self.params, self.hints, self.chips = uow, reader, params, hints, chips
        self.alone = True
        """The condition that is being written is all of its chip."""
        self.counted_out = False
        """It has become a list of leads, so its rows are known exactly."""
        self.of_set = False
        """It is over another table and many leads hold it."""

    def write(self, chip: Chip) -> tuple[sql.Composable, bool]:
        """Write a chip; tells too whether the planner can estimate it."""
        self.alone, self.counted_out, self.of_set = len(chip) == 1, False, False
        parts = [self._write(one) for one in chip]
        if self.alone:
            kind = FIELDS[chip[0].field].kind if chip[0].field in FIELDS else None
            usual = (
                self.counted_out
                or kind in _ESTIMATED
                or (kind in {Kind.CHOICE, Kind.FLAG} and chip[0].op is not Op.NOT)
                or (kind is Kind.TEXT and chip[0].op is Op.IS)
            )
            return parts[0], usual
        return sql.SQL("({})").format(sql.SQL(" or ").join(parts)), False

    def _write(self, asked: Condition) -> sql.Composable:
        if asked.field.startswith(CUSTOM):
            return self._custom(asked)
        kind = FIELDS[asked.field].kind
        if kind is Kind.TEXT and self.alone:
            self._hint_text(asked)
        if kind is Kind.GROUP:
            return self._group(asked)
        return _KINDS[kind](self, asked)

    def param(self, value: Any) -> sql.Composable:  # noqa: ANN401 whatever a column holds
        """Take a value as a parameter of its own."""
        name = f"f_c{len(self.params)}"
        self.params[name] = value
        return sql.Placeholder(name)

    # Texts and words

    def text(self, asked: Condition) -> sql.Composable:
        """Ask a column that is never null."""
        column = sql.SQL(COLUMNS[asked.field])
        return self.worded(column, asked)

    def worded(self, column: sql.Composable, asked: Condition) -> sql.Composable:
        """Ask any text."""
        if asked.op in {Op.EMPTY, Op.GIVEN}:
            return sql.SQL("{} = ''" if asked.op is Op.EMPTY else "{} > ''").format(column)
        if asked.op in {Op.IS, Op.NOT}:
            test = "{} = any({})" if asked.op is Op.IS else "{} <> all({})"
            return sql.SQL(test).format(column, self.param(spellings(asked.values)))
        test = "lower({}) like any({})" if asked.op is Op.CONTAINS else "not lower({}) like any({})"
        return sql.SQL(test).format(column, self.param([_pattern(value) for value in asked.values]))

    def _hint_text(self, asked: Condition) -> None:
        if asked.op is Op.CONTAINS and asked.field in _SEARCHED and len(asked.values) == 1:
            self.hints.words.append(_pattern(asked.values[0]))

    def choice(self, asked: Condition) -> sql.Composable:
        """Ask for one of several words."""
        column = sql.SQL(COLUMNS[asked.field])
        if asked.field == "status":
            return self._status(column, asked)
        if asked.field not in _NULLABLE:
            return self.worded(column, asked)
        if asked.op in {Op.EMPTY, Op.GIVEN}:
            return _blank(column, asked.op)
        values = self.param(list(asked.values))
        if asked.op is Op.IS:
            return sql.SQL("{} = any({})").format(column, values)
        return sql.SQL("({0} is null or {0} <> all({1}))").format(column, values)

    def _status(self, column: sql.Composable, asked: Condition) -> sql.Composable:
        if asked.op in {Op.EMPTY, Op.GIVEN}:
            return sql.SQL("false" if asked.op is Op.EMPTY else "true")
        test = "{} = any({})" if asked.op is Op.IS else "{} <> all({})"
        return sql.SQL(test).format(column, self.param([_RANK[value] for value in asked.values]))

    def flag(self, asked: Condition) -> sql.Composable:
        """Ask yes or no."""
        if asked.field == "has_phone":
            return sql.SQL("s.phone_count > 0" if asked.op is Op.YES else "s.phone_count = 0")
        return sql.SQL("{} is true" if asked.op is Op.YES else "{} is false").format(sql.SQL(COLUMNS[asked.field]))

    # Figures and days

    def figure(self, asked: Condition) -> sql.Composable:
        """Ask a number, an amount or a share."""
        if asked.field not in _WHOLE:
            return self.counted(sql.SQL(COLUMNS[asked.field]), asked, sorted(float(value) for value in asked.values))
        # A bound with a fraction would make a fraction of the column, and the column's index useless.
        rounded: dict[Op, Callable[[float], int]] = {Op.AT_LEAST: math.ceil, Op.AT_MOST: math.floor}
        given = sorted(float(value) for value in asked.values)
        if asked.op is Op.BETWEEN:
            whole = [math.ceil(given[0]), math.floor(given[1])]
        elif asked.op in rounded:
            whole = [rounded[asked.op](value) for value in given]
        else:
            whole = [int(value) for value in given if value == int(value)]
        return self.counted(sql.SQL(COLUMNS[asked.field]), asked, whole)

    def counted(self, column: sql.Composable, asked: Condition, values: Sequence[float]) -> sql.Composable:
        """Ask anything that is a number."""
        if asked.op in {Op.EMPTY, Op.GIVEN}:
            return _blank(column, asked.op)
        if asked.op is Op.BETWEEN:
            return sql.SQL("{} between {} and {}").format(column, *(self.param(value) for value in values))
        if asked.op is Op.IS:
            return sql.SQL("{} = any({})").format(column, self.param(list(values))) if values else sql.SQL("false")
        return sql.SQL("{} >= {}" if asked.op is Op.AT_LEAST else "{} <= {}").format(column, self.param(values[0]))

    def moment(self, asked: Condition) -> sql.Composable:
        """Ask an instant; days are those of the team's clock."""
        column = sql.SQL(COLUMNS[asked.field])
        if asked.field == "next_task":
            if asked.op in {Op.EMPTY, Op.GIVEN}:
                return _blank(sql.SQL("s.next_task"), asked.op)
            if asked.op is Op.OVERDUE:
                return sql.SQL("{} < {}").format(column, self.param(self._now))
        if asked.op in {Op.EMPTY, Op.GIVEN}:
            return _blank(column, asked.op)
        return self._within(column, asked.op, asked.values)

    def _within(self, column: sql.Composable, op: Op, values: Sequence[str]) -> sql.Composable:
        since, until = self._span(op, values)
        parts = list[sql.Composable]()
        if since is not None:
            parts.append(sql.SQL("{} >= {}").format(column, self.param(since)))
        if until is not None:
            parts.append(sql.SQL("{} < {}").format(column, self.param(until)))
        return sql.SQL("({})").format(sql.SQL(" and ").join(parts))

    def _span(self, op: Op, values: Sequence[str]) -> tuple[datetime | None, datetime | None]:
        now = self._now
        moment = timedelta(microseconds=1)
        if op is Op.LAST:
            return now - timedelta(days=int(values[0])), now + moment
        if op is Op.OLDER:
            return None, now - timedelta(days=int(values[0]))
        if op is Op.NEXT:
            return now, now + timedelta(days=int(values[0])) + moment
        days = sorted(date.fromisoformat(value) for value in values)
        if op is Op.BEFORE:
            return None, self._starts(days[0])
        if op is Op.AFTER:
            return self._starts(_next(days[0])), None
        return self._starts(days[0]), self._starts(_next(days[1]))

    def _starts(self, day: date) -> datetime:
        try:
            return datetime.combine(day, time(), self._zone).astimezone(UTC)
        except OverflowError:
            return datetime.combine(day, time(), UTC)

    @cached_property
    def _now(self) -> datetime:
        return self.uow.now()

    @cached_property
    def _zone(self) -> ZoneInfo:
        with self.uow.cursor() as cursor:
            cursor.execute("select timezone from organization where id = %s", [self.uow.org()])
            row = cursor.fetchone()
        return ZoneInfo(row[0] if row else "UTC")

    # Lists, tags, people

    def _group(self, asked: Condition) -> sql.Composable:
        table, column = _GROUPS[asked.field]
        if asked.op in {Op.EMPTY, Op.GIVEN}:
            return sql.SQL("{} = '{{}}'" if asked.op is Op.EMPTY else "{} <> '{{}}'").format(sql.SQL(column))
        found = named(self.uow, table, asked.values)
        if self.alone:
            self._hint_group(asked, found)
        tests: dict[Op, LiteralString] = {Op.ALL: "{} @> {}", Op.ANY: "{} && {}", Op.NONE: "not {} && {}"}
        return sql.SQL(tests[asked.op]).format(sql.SQL(column), self.param(found))

    def _hint_group(self, asked: Condition, found: list[UUID]) -> None:
        if asked.field == "list" and (asked.op is Op.ALL or (asked.op is Op.ANY and len(found) == 1)):
            self.hints.lists.extend(found)
        if asked.field == "tag" and asked.op in {Op.ALL, Op.ANY} and not self.hints.tags:
            self.hints.tags.extend(found[:1] if asked.op is Op.ALL else found)

    def seen(self, asked: Condition) -> sql.Composable:
        """Ask when a list brought the lead first or last."""
        column = sql.SQL("e.first_seen_at" if asked.field == "list_first" else "e.last_seen_at")
        (list_id,) = named(self.uow, "lead_list", asked.values[:1])
        return self._of_set(
            "e.lead_id",
            sql.SQL("lead_list_entry e where e.org_id = %(f_org)s and e.list_id = {} and {}").format(
                self.param(list_id), self._within(column, asked.op, asked.values[1:])
            ),
        )

    def who(self, asked: Condition) -> sql.Composable:
        """Ask whose lead it is."""
        column = sql.SQL(COLUMNS[asked.field])
        if asked.op in {Op.EMPTY, Op.GIVEN}:
            return _blank(column, asked.op)
        people = self.param([(self.reader.me or _NIL) if value == "me" else UUID(value) for value in asked.values])
        if asked.op is Op.IS:
            return sql.SQL("{} = any({})").format(column, people)
        return sql.SQL("({0} is null or {0} <> all({1}))").format(column, people)

    def origin(self, asked: Condition) -> sql.Composable:
        """Ask which import made it."""
        import_id = self.param(UUID(asked.values[0]))
        return self._of_set("i.id", sql.SQL("lead i where i.org_id = %(f_org)s and i.import_id = {}").format(import_id))

    def _of_set(self, key: LiteralString, rows: sql.Composable) -> sql.Composable:
        """Ask that a lead is among rows of another table; alone in its chip the few are named at once."""
        if self.alone:
            ids = self._few(key, rows)
            if ids is not None:
                self.counted_out = True
                return sql.SQL("s.lead_id = any({}::uuid[])").format(self.param(ids))
            self.of_set = True
        return sql.SQL("exists (select 1 from {} and {} = s.lead_id)").format(rows, sql.SQL(key))

    def _few(self, key: LiteralString, rows: sql.Composable) -> str | None:
        """Name the leads of a condition as Postgres writes an array; None where they are more than ``FEW``.

        As text, because thousands of ids are a hundred times as fast handed on as read and written anew.
        """
        statement = sql.SQL(
            "select case when count(*) <= {few} then coalesce(array_agg(x.id), '{{}}')::text end"
            " from (select {key} as id from {rows} limit {enough}) x"
        ).format(few=sql.Literal(FEW), key=sql.SQL(key), rows=rows, enough=sql.Literal(FEW + 1))
        with self.uow.cursor() as cursor:
            cursor.execute(statement, self.params, prepare=False)
            found = cursor.fetchone()
        return found[0] if found else None

    # The organisation's own fields

    def _custom(self, asked: Condition) -> sql.Composable:
        found = self._own_fields.get(asked.field)
        if found is None:
            # A filter outlives the field that it asks: nothing has that any more.
            return sql.SQL("true" if asked.op in {Op.EMPTY, Op.NONE, Op.NOT, Op.NOT_CONTAINS} else "false")
        try:
            checked = condition(asked.field, asked.op, asked.values, OF_CUSTOM[found.kind])
        except ValueError as error:
            raise Invalid(f"The filter where is not valid: {error}.", "where") from error
        return self._of_values(found, checked)

    def _of_values(self, field: CustomField, asked: Condition) -> sql.Composable:
        turned = asked.op in {Op.EMPTY, Op.NOT, Op.NOT_CONTAINS, Op.NONE}
        if asked.op is Op.ALL:
            each = [Condition(asked.field, Op.IS, (value,)) for value in asked.values]
            return sql.SQL("({})").format(sql.SQL(" and ").join(self._of_values(field, one) for one in each))
        rows = sql.SQL("custom_value v where v.org_id = %(f_org)s and v.field_id = {} and {}").format(
            self.param(field.id), self._value_test(field, asked)
        )
        if turned:
            return sql.SQL("not exists (select 1 from {} and v.lead_id = s.lead_id)").format(rows)
        if self.alone and asked.op is Op.CONTAINS and len(asked.values) == 1 and not self.reader.masked:
            # Own texts stand in the words too, whose index finds them; no index of values knows parts of a text.
            self.hints.words.append(_pattern(asked.values[0]))
            return sql.SQL("exists (select 1 from {} and v.lead_id = s.lead_id)").format(rows)
        return self._of_set("v.lead_id", rows)

    def _value_test(self, field: CustomField, asked: Condition) -> sql.Composable:
        if asked.op in {Op.EMPTY, Op.GIVEN}:
            return sql.SQL("true")
        positive = {Op.NOT: Op.IS, Op.NOT_CONTAINS: Op.CONTAINS, Op.NONE: Op.IS, Op.ANY: Op.IS}
        put = Condition(asked.field, positive.get(asked.op, asked.op), asked.values)
        if field.kind in {FieldKind.NUMBER, FieldKind.MONEY}:
            test = self.counted(sql.SQL("v.number"), put, sorted(float(value) for value in asked.values))
            return hiding.figures(test, sql.SQL("v.number")) if self.reader.masked else test
        if field.kind is FieldKind.YES_NO:
            return sql.SQL("v.number = {}").format(self.param(1.0 if asked.op is Op.YES else 0.0))
        if field.kind is FieldKind.DATE:
            return self._on_days(put)
        text = sql.SQL("v.text")
        return self.worded(hiding.text(text) if self.reader.masked else text, put)

    def _on_days(self, asked: Condition) -> sql.Composable:
        column, today = sql.SQL("v.day"), self._now.astimezone(self._zone).date()
        if asked.op in {Op.LAST, Op.OLDER, Op.NEXT}:
            other = today + timedelta(days=int(asked.values[0]) * (1 if asked.op is Op.NEXT else -1))
            if asked.op is Op.OLDER:
                return sql.SQL("{} < {}").format(column, self.param(other))
            ends = sorted((today, other))
            return sql.SQL("{} between {} and {}").format(column, *(self.param(day) for day in ends))
        days = sorted(date.fromisoformat(value) for value in asked.values)
        if asked.op is Op.BETWEEN:
            return sql.SQL("{} between {} and {}").format(column, *(self.param(day) for day in days))
        return sql.SQL("{} < {}" if asked.op is Op.BEFORE else "{} > {}").format(column, self.param(days[0]))

    @cached_property
    def _own_fields(self) -> dict[str, CustomField]:
        ids = [UUID(one.field.removeprefix(CUSTOM)) for chip in self.chips for one in chip if one.field not in FIELDS]
        with self.uow.cursor() as cursor:
            cursor.execute(
                "select id, kind from custom_field where org_id = %s and id = any(%s)", [self.uow.org(), ids]
            )
            return {f"{CUSTOM}{row[0]}": CustomField(row[0], FieldKind(row[1])) for row in cursor.fetchall()}


_KINDS: dict[Kind, Callable[[Writer, Condition], sql.Composable]] = {
    Kind.TEXT: Writer.text,
    Kind.CHOICE: Writer.choice,
    Kind.NUMBER: Writer.figure,
    Kind.MONEY: Writer.figure,
    Kind.PERCENT: Writer.figure,
    Kind.DATE: Writer.moment,
    Kind.TASK: Writer.moment,
    Kind.FLAG: Writer.flag,
    Kind.SEEN: Writer.seen,
    Kind.WHO: Writer.who,
    Kind.ONE: Writer.origin,
}


def named(uow: UnitOfWork, table: str, words: Iterable[str]) -> list[UUID]:
    """Look names up. What does not exist becomes the nil id, which no lead carries: an unknown list matches nothing."""
    known, names = list[UUID](), list[str]()
    for word in words:
        try:
            known.append(UUID(word))
        except ValueError:
            names.append(word)
    if not names:
        return known
    statement = sql.SQL("select name, id from {} where org_id = %s and name = any(%s)").format(sql.Identifier(table))
    with uow.cursor() as cursor:
        cursor.execute(statement, [uow.org(), names])
        found: dict[str, UUID] = dict(cursor.fetchall())
    return [*known, *(found.get(name, _NIL) for name in names)]


def _blank(column: sql.Composable, op: Op) -> sql.Composable:
    return sql.SQL("{} is null" if op is Op.EMPTY else "{} is not null").format(column)


def _next(day: date) -> date:
    return day + timedelta(days=1) if day < date.max else day


def _pattern(value: str) -> str:
    return "%" + re.sub(r"([\\%_])", r"\\\1", value.lower()) + "%"
