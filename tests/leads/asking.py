"""Draws filters and chips, and answers them the plain way: row by row, in Python, without SQL."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from leadflow.leads import filter_types
from leadflow.leads.filter_types import FIELDS, OPS, Condition, Kind, Op, spellings
from leadflow.leads.types import LeadFilter
from models.vocabulary import LeadStatus

WORDS = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1, max_size=12).filter(
    lambda text: text == text.strip() and bool(text)
)
_DAYS = st.dates(date(2020, 1, 1), date(2027, 12, 31)).map(date.isoformat)
_COUNTS = st.integers(1, 900).map(str)
_NUMBERS = st.integers(-5, 2_100).map(str) | st.sampled_from(["1.5", "2.5"])


def _of_kind(kind: Kind, words: Sequence[str] | None, known: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    if words:
        return st.sampled_from(list(words))
    return {
        Kind.NUMBER: _NUMBERS,
        Kind.PERCENT: _NUMBERS,
        Kind.MONEY: st.integers(0, 40_000_000).map(str),
        Kind.WHO: st.just("me") | st.uuids().map(str),
        Kind.ONE: st.uuids().map(str),
    }.get(kind, known)


@st.composite
def conditions(
    draw: st.DrawFn, fields: Sequence[str] = tuple(FIELDS), known: Mapping[str, st.SearchStrategy[str]] | None = None
) -> Condition:
    """Draw a condition; ``known`` says where a field's values come from, so that some rows match."""
    name = draw(st.sampled_from(list(fields)))
    field = FIELDS[name]
    op = draw(st.sampled_from(OPS[field.kind]))
    days = _COUNTS if op in {Op.LAST, Op.OLDER, Op.NEXT} else _DAYS
    dated = field.kind in {Kind.DATE, Kind.TASK, Kind.SEEN}
    given = (known or {}).get(name)
    value = days if dated else _of_kind(field.kind, field.words, WORDS) if given is None else given
    if name == "state" and given is None:
        value = st.sampled_from(["TX", "FL", "GA"])
    if op in {Op.EMPTY, Op.GIVEN, Op.YES, Op.NO, Op.OVERDUE}:
        low, high = 0, 0
    elif op is Op.BETWEEN:
        low, high = 2, 2
    elif dated or op in {Op.AT_LEAST, Op.AT_MOST} or field.kind is Kind.ONE:
        low, high = 1, 1
    else:
        low, high = 1, 3
    values = draw(st.lists(value, min_size=low, max_size=high))
    if field.kind is Kind.SEEN:
        values = [draw((known or {}).get(name, WORDS)), *values]
    return filter_types.condition(name, op, tuple(values))


def chips(
    fields: Sequence[str] = tuple(FIELDS), known: Mapping[str, st.SearchStrategy[str]] | None = None
) -> st.SearchStrategy[filter_types.Chip]:
    """Draw a chip of up to three conditions."""
    return st.lists(conditions(fields, known), min_size=1, max_size=3).map(tuple)


filters = st.builds(
    LeadFilter,
    q=WORDS | st.just(""),
    status=st.lists(st.sampled_from(LeadStatus), max_size=3).map(tuple),
    list=st.lists(WORDS, max_size=2).map(tuple),
    tag=st.lists(WORDS, max_size=2).map(tuple),
    min_stack=st.none() | st.integers(0, 9),
    min_equity=st.none() | st.integers(0, 90).map(float),
    has_phone=st.none() | st.booleans(),
    where=st.lists(chips(), max_size=3).map(tuple),
)

# The plain way

COLUMN = {
    "value": "estimated_value",
    "equity": "equity_percent",
    "equity_amount": "estimated_equity",
    "zip": "zip5",
    "owners": "owner_count",
    "phones": "phone_count",
    "phone_status": "best_phone_status",
    "line_type": "best_line_type",
    "last_touch": "last_touch_at",
    "next_task": "next_task_at",
    "added": "added_at",
    "assignee": "assignee_id",
    "beds": "bedrooms",
    "baths": "bathrooms",
    "sqft": "building_sqft",
    "year": "year_built",
    "occupied": "owner_occupied",
}
Row = Mapping[str, Any]


class Plain:
    """Answers conditions about rows that are held in memory."""

    def __init__(self, now: datetime, zone: str, me: UUID, names: Mapping[str, Mapping[str, UUID]]) -> None:
        self.now, self.zone, self.me, self.names = now, ZoneInfo(zone), me, names

    def holds(self, row: Row, chip: filter_types.Chip) -> bool:
        """Say whether one of a chip's conditions holds."""
        return any(self.condition(row, asked) for asked in chip)

    def condition(self, row: Row, asked: Condition) -> bool:
        """Say whether a condition holds."""
        field = FIELDS[asked.field]
        if asked.field == "has_phone":
            return (row["phone_count"] > 0) == (asked.op is Op.YES)
        if field.kind is Kind.ONE:
            return row["import_id"] == UUID(asked.values[0])
        if field.kind is Kind.GROUP:
            return self._group(row, asked)
        if field.kind is Kind.SEEN:
            return self._seen(row, asked)
        value = row[COLUMN.get(asked.field, asked.field)]
        if asked.field == "next_task" and asked.op in {Op.EMPTY, Op.GIVEN}:
            value = row["next_task"]
        if asked.op in {Op.EMPTY, Op.GIVEN}:
            return (value in (None, "")) == (asked.op is Op.EMPTY)
        return _ASKED[field.kind](self, value, asked)

    def text(self, value: str | None, asked: Condition) -> bool:
        """Ask a text or a choice."""
        if asked.op in {Op.IS, Op.NOT}:
            return (value in spellings(asked.values)) == (asked.op is Op.IS)
        found = any(part.lower() in (value or "").lower() for part in asked.values)
        return found == (asked.op is Op.CONTAINS)

    def figure(self, value: float | None, asked: Condition) -> bool:
        """Ask a number."""
        if value is None:
            return False
        bounds = sorted(float(one) for one in asked.values)
        tests: dict[Op, Callable[[], bool]] = {
            Op.AT_LEAST: lambda: value >= bounds[0],
            Op.AT_MOST: lambda: value <= bounds[0],
            Op.BETWEEN: lambda: bounds[0] <= value <= bounds[-1],
            Op.IS: lambda: value in bounds,
        }
        return tests[asked.op]()

    def flag(self, value: bool | None, asked: Condition) -> bool:  # noqa: FBT001 it is the value that is asked
        """Ask yes or no."""
        return value is (asked.op is Op.YES)

    def who(self, value: UUID | None, asked: Condition) -> bool:
        """Ask a person."""
        people = [self.me if one == "me" else UUID(one) for one in asked.values]
        return (value in people) == (asked.op is Op.IS)

    def moment(self, value: datetime | None, asked: Condition) -> bool:
        """Ask an instant."""
        return value is not None and self.within(value, asked.op, asked.values)

    def within(self, value: datetime, op: Op, values: Sequence[str]) -> bool:
        """Say whether an instant lies where it is asked for."""
        if op is Op.OVERDUE:
            return value < self.now
        if op in {Op.LAST, Op.OLDER, Op.NEXT}:
            days = timedelta(days=int(values[0]))
            return {
                Op.LAST: self.now - days <= value <= self.now,
                Op.OLDER: value < self.now - days,
                Op.NEXT: self.now <= value <= self.now + days,
            }[op]
        day = sorted(date.fromisoformat(one) for one in values)
        first, last = (datetime.combine(one, time(), self.zone).astimezone(UTC) for one in (day[0], day[-1]))
        after = datetime.combine(day[-1] + timedelta(days=1), time(), self.zone).astimezone(UTC)
        return {Op.BEFORE: value < first, Op.AFTER: value >= after, Op.BETWEEN: first <= value < after}[op] and bool(
            last
        )

    def _group(self, row: Row, asked: Condition) -> bool:
        held = set(row["list_ids" if asked.field == "list" else "tag_ids"])
        if asked.op in {Op.EMPTY, Op.GIVEN}:
            return (not held) == (asked.op is Op.EMPTY)
        wanted = {self.names[asked.field].get(one, UUID(int=0)) for one in asked.values}
        return {Op.ALL: wanted <= held, Op.ANY: bool(wanted & held), Op.NONE: not wanted & held}[asked.op]

    def _seen(self, row: Row, asked: Condition) -> bool:
        entry = row["entries"].get(self.names["list"].get(asked.values[0]))
        if entry is None:
            return False
        return self.within(entry[0 if asked.field == "list_first" else 1], asked.op, asked.values[1:])


_ASKED: dict[Kind, Callable[[Plain, Any, Condition], bool]] = {
    Kind.TEXT: Plain.text,
    Kind.CHOICE: Plain.text,
    Kind.NUMBER: Plain.figure,
    Kind.MONEY: Plain.figure,
    Kind.PERCENT: Plain.figure,
    Kind.FLAG: Plain.flag,
    Kind.WHO: Plain.who,
    Kind.DATE: Plain.moment,
    Kind.TASK: Plain.moment,
}
