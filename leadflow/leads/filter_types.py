"""The words of a filter chip: its fields, what each can be asked, and how a chip is written. Pure.

A chip is one or more conditions of which one must hold; a filter holds many chips that must all hold. It has one
spelling, in addresses, in JSON and in the database alike: ``city:is:Dallas,Houston|value:at_least:30000000``. Between
conditions stands ``|``, between the parts of one ``:``, between values ``,``; a backslash takes the meaning from any of
them. Money is cents, a share is percent, a day is ``2026-11-30``, everything else is as people know it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from leadflow.kernel.money import dollars
from models.vocabulary import FieldKind, LeadStatus, LineType, PersonKind, PhoneStatus

CHIPS, CONDITIONS, VALUES, LENGTH = 30, 12, 50, 120
"""Chips of a filter, conditions of a chip, values of a condition, characters of a value; at most. Own choice."""
CUSTOM = "custom."
"""Begins the name of a field that the organisation has made: ``custom.`` and its id."""
LONGEST_DAYS = 36_500
_LARGEST = 2**53


class Kind(StrEnum):
    """What a field holds, and with it what it can be asked."""

    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    MONEY = "money"
    PERCENT = "percent"
    DATE = "date"
    TASK = "task"
    FLAG = "flag"
    GROUP = "group"
    SEEN = "seen"
    WHO = "who"
    ONE = "one"


class Op(StrEnum):
    """What a field is asked."""

    CONTAINS = "contains"
    NOT_CONTAINS = "not_contains"
    IS = "is"
    NOT = "not"
    EMPTY = "empty"
    GIVEN = "given"
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    BETWEEN = "between"
    """Both ends count."""
    BEFORE = "before"
    AFTER = "after"
    LAST = "last"
    """In the last so many days."""
    OLDER = "older"
    """Longer ago than so many days."""
    NEXT = "next"
    """Within so many days from now."""
    OVERDUE = "overdue"
    ALL = "all"
    ANY = "any"
    NONE = "none"
    YES = "yes"
    NO = "no"


_BLANK = (Op.EMPTY, Op.GIVEN)
_FIGURE = (Op.AT_LEAST, Op.AT_MOST, Op.BETWEEN, Op.IS, *_BLANK)
_DAY = (Op.LAST, Op.OLDER, Op.BEFORE, Op.AFTER, Op.BETWEEN)
OPS: dict[Kind, tuple[Op, ...]] = {
    Kind.TEXT: (Op.CONTAINS, Op.NOT_CONTAINS, Op.IS, Op.NOT, *_BLANK),
    Kind.CHOICE: (Op.IS, Op.NOT, *_BLANK),
    Kind.NUMBER: _FIGURE,
    Kind.MONEY: _FIGURE,
    Kind.PERCENT: _FIGURE,
    Kind.DATE: (*_DAY, Op.NEXT, *_BLANK),
    Kind.TASK: (Op.EMPTY, Op.GIVEN, Op.OVERDUE, Op.NEXT, *_DAY),
    Kind.FLAG: (Op.YES, Op.NO),
    Kind.GROUP: (Op.ALL, Op.ANY, Op.NONE, *_BLANK),
    Kind.SEEN: _DAY,
    Kind.WHO: (Op.IS, Op.NOT, *_BLANK),
    Kind.ONE: (Op.IS,),
}
"""What each kind can be asked, the most usual first."""
_SILENT = frozenset({Op.EMPTY, Op.GIVEN, Op.YES, Op.NO, Op.OVERDUE})
_SINGLE = frozenset({Op.AT_LEAST, Op.AT_MOST, Op.BEFORE, Op.AFTER, Op.LAST, Op.OLDER, Op.NEXT})
_COUNTED = frozenset({Op.LAST, Op.OLDER, Op.NEXT})
OF_CUSTOM: dict[FieldKind, Kind] = {
    FieldKind.TEXT: Kind.TEXT,
    FieldKind.LINK: Kind.TEXT,
    FieldKind.NUMBER: Kind.NUMBER,
    FieldKind.MONEY: Kind.MONEY,
    FieldKind.DATE: Kind.DATE,
    FieldKind.YES_NO: Kind.FLAG,
    FieldKind.SELECT: Kind.CHOICE,
    FieldKind.MULTI_SELECT: Kind.GROUP,
}
"""How a field of the organisation's own is asked."""


@dataclass(frozen=True, slots=True)
class Field:
    """A field of every lead.

    Attributes:
        kind: what it holds.
        label: its name for people.
        words: the only values that it can have; None where any will do.
        also: what else people look for it by.
    """

    kind: Kind
    label: str
    words: tuple[str, ...] | None = None
    also: str = ""


FIELDS: dict[str, Field] = {
    "status": Field(Kind.CHOICE, "Status", tuple(LeadStatus)),
    "score": Field(Kind.NUMBER, "Score", also="priority"),
    "assignee": Field(Kind.WHO, "Assignee", also="agent, whose"),
    "list": Field(Kind.GROUP, "Lists", also="stack"),
    "stack": Field(Kind.NUMBER, "On how many lists", also="stack, stacking"),
    "list_first": Field(Kind.SEEN, "First seen on a list"),
    "list_last": Field(Kind.SEEN, "Last seen on a list"),
    "tag": Field(Kind.GROUP, "Tags"),
    "value": Field(Kind.MONEY, "Est. value", also="price, worth"),
    "equity": Field(Kind.PERCENT, "Equity"),
    "equity_amount": Field(Kind.MONEY, "Est. equity", also="equity in dollars"),
    "street": Field(Kind.TEXT, "Address", also="street, house number"),
    "city": Field(Kind.TEXT, "City"),
    "state": Field(Kind.CHOICE, "State"),
    "zip": Field(Kind.CHOICE, "ZIP"),
    "county": Field(Kind.TEXT, "County"),
    "owner": Field(Kind.TEXT, "Owner", also="name, person"),
    "owner_kind": Field(Kind.CHOICE, "Owner kind", tuple(PersonKind), also="company, trust, person"),
    "owners": Field(Kind.NUMBER, "How many owners"),
    "has_phone": Field(Kind.FLAG, "Has a phone", also="number"),
    "phones": Field(Kind.NUMBER, "How many phones"),
    "phone_status": Field(Kind.CHOICE, "Best phone's status", tuple(PhoneStatus), also="correct, wrong, dead number"),
    "line_type": Field(Kind.CHOICE, "Best phone's line", tuple(LineType), also="mobile, landline, VoIP"),
    "last_touch": Field(Kind.DATE, "Last touch", also="contacted, called, texted"),
    "next_task": Field(Kind.TASK, "Next task", also="to do, reminder"),
    "added": Field(Kind.DATE, "Added", also="created, new"),
    "source": Field(Kind.TEXT, "Source"),
    "import": Field(Kind.ONE, "Import", also="file"),
    "property_type": Field(Kind.CHOICE, "Property type"),
    "beds": Field(Kind.NUMBER, "Bedrooms"),
    "baths": Field(Kind.NUMBER, "Bathrooms"),
    "sqft": Field(Kind.NUMBER, "Building sqft", also="square feet, living area, size"),
    "year": Field(Kind.NUMBER, "Year built", also="age, built"),
    "occupied": Field(Kind.FLAG, "Owner occupied", also="absentee"),
}
"""Every field of the list that narrows, in the order offered."""


@dataclass(frozen=True, slots=True)
class Condition:
    """One question to one field. Made by ``condition`` only, so that its values are clean and in one spelling."""

    field: str
    op: Op
    values: tuple[str, ...] = ()

    def write(self) -> str:
        """Spell it."""
        parts = [self.field, self.op.value]
        if self.values:
            parts.append(",".join(_escaped(value) for value in self.values))
        return ":".join(parts)


Chip = tuple[Condition, ...]
"""Conditions of which one must hold; never empty."""


def condition(field: str, op: str, values: tuple[str, ...] = (), kind: Kind | None = None) -> Condition:
    """Check a question and put its values into their one spelling.

    Args:
        field: a name of ``FIELDS``, or ``custom.`` and an id.
        op: a word of ``Op``.
        values: as typed.
        kind: what a custom field holds, once that is known; without it its values are taken as they are.

    Raises:
        ValueError: says what is wrong, for people.
    """
    known, asked = FIELDS.get(field), next((one for one in Op if one == op), None)
    if known is None and not _is_custom(field):
        raise ValueError(f"there is no field {field!r}")
    held = known.kind if known else kind
    name = known.label if known else "this field"
    if asked is None or (held is not None and asked not in OPS[held]):
        usual = ", ".join(OPS[held]) if held else ", ".join(Op)
        raise ValueError(f"{name} cannot be asked {str(op)!r}, only {usual}")
    given = tuple(value.strip() for value in values)
    _count(name, held, asked, given)
    read = _reader(known, held, asked)
    return Condition(field, asked, tuple(read(value, place) for place, value in enumerate(given)))


def _is_custom(field: str) -> bool:
    if not field.startswith(CUSTOM):
        return False
    try:
        return str(UUID(field.removeprefix(CUSTOM))) == field.removeprefix(CUSTOM)
    except ValueError:
        return False


def _count(name: str, kind: Kind | None, op: Op, values: tuple[str, ...]) -> None:
    lowest, most = (0, 0) if op in _SILENT else (2, 2) if op is Op.BETWEEN else (1, 1) if op in _SINGLE else (1, VALUES)
    if kind is Kind.ONE:
        most = 1
    if kind is Kind.SEEN:
        lowest, most = lowest + 1, most + 1
    if not lowest <= len(values) <= most:
        wanted = str(lowest) if lowest == most else f"{lowest} to {most}"
        raise ValueError(f"{name} {op.value.replace('_', ' ')} takes {wanted} values, not {len(values)}")
    for value in values:
        if not value or len(value) > LENGTH or "\x00" in value:
            raise ValueError(f"a value of {name} is empty or longer than {LENGTH} characters")
        try:
            value.encode()
        except UnicodeEncodeError as error:
            raise ValueError(f"a value of {name} holds half a letter") from error


def _reader(field: Field | None, kind: Kind | None, op: Op) -> Callable[[str, int], str]:
    if kind is Kind.SEEN:
        # The first value names the list.
        return lambda value, place: value if place == 0 else _when(op)(value)
    if kind in {Kind.DATE, Kind.TASK}:
        return lambda value, _: _when(op)(value)
    if field is not None and field.words is not None:
        words = field.words
        return lambda value, _: _word(value, words)
    read = _state if field is FIELDS["state"] else _READERS.get(kind, str) if kind else str
    return lambda value, _: read(value)


def _when(op: Op) -> Callable[[str], str]:
    return _days if op in _COUNTED else _day


def _number(value: str) -> str:
    try:
        read = float(value)
    except ValueError as error:
        raise ValueError(f"{value!r} is no number") from error
    if not math.isfinite(read) or abs(read) > _LARGEST:
        raise ValueError(f"{value!r} is no number that a lead could have")
    return str(int(read)) if read == int(read) else repr(read)


def _cents(value: str) -> str:
    if not re.fullmatch(r"-?\d{1,15}", value, re.ASCII):
        raise ValueError(f"{value!r} is no amount in cents")
    return str(int(value))


def _days(value: str) -> str:
    if not re.fullmatch(r"\d{1,5}", value, re.ASCII) or not 0 < int(value) <= LONGEST_DAYS:
        raise ValueError(f"{value!r} is no number of days")
    return str(int(value))


def _day(value: str) -> str:
    if not re.fullmatch(r"\d{4}-\d\d-\d\d", value, re.ASCII):
        raise ValueError(f"{value!r} is no day; write it as 2026-11-30")
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError as error:
        raise ValueError(f"{value!r} is no day; write it as 2026-11-30") from error


def _id(value: str) -> str:
    try:
        return str(UUID(value))
    except ValueError as error:
        raise ValueError(f"{value!r} is no id") from error


def _state(value: str) -> str:
    if not re.fullmatch(r"[A-Za-z]{2}", value, re.ASCII):
        raise ValueError(f"{value!r} is no state; write its two letters")
    return value.upper()


def _word(value: str, words: tuple[str, ...]) -> str:
    if value.lower() not in words:
        raise ValueError(f"{value!r} is none of {', '.join(words)}")
    return value.lower()


_READERS: dict[Kind, Callable[[str], str]] = {
    Kind.NUMBER: _number,
    Kind.PERCENT: _number,
    Kind.MONEY: _cents,
    Kind.WHO: lambda value: value if value == "me" else _id(value),
    Kind.ONE: _id,
}

# Spelling


def read(text: str) -> Chip:
    """Read a chip as it is written.

    Raises:
        ValueError: says what is wrong, for people.
    """
    made: list[Condition] = []
    for part in _split(text, "|"):
        field, *rest = _split(part, ":", 2)
        op, values = rest[0] if rest else "", rest[1] if len(rest) > 1 else ""
        made.append(condition(_plain(field), _plain(op), tuple(_plain(one) for one in _split(values, ",") if values)))
    if len(made) > CONDITIONS:
        raise ValueError(f"a chip holds at most {CONDITIONS} conditions")
    return tuple(made)


def write(chip: Chip) -> str:
    """Spell a chip."""
    return "|".join(one.write() for one in chip)


def _split(text: str, mark: str, most: int = -1) -> list[str]:
    """Split at every ``mark`` that no backslash stands before, at most ``most`` times."""
    parts, start, place = list[str](), 0, 0
    while place < len(text):
        if text[place] == "\\":
            place += 1
        elif text[place] == mark and most != 0:
            parts.append(text[start:place])
            start, most = place + 1, most - 1
        place += 1
    return [*parts, text[start:]]


def _plain(text: str) -> str:
    return re.sub(r"\\(.)", r"\1", text, flags=re.DOTALL)


def _escaped(text: str) -> str:
    return re.sub(r"([\\|:,])", r"\\\1", text)


def spellings(values: Iterable[str]) -> list[str]:
    """List how a source may have spelt each value: equal texts have an index, equal but for case have none."""
    return list(dict.fromkeys(form for one in values for form in (one, one.upper(), one.lower(), one.title())))


def told(chip: Chip) -> str:
    """Write a chip for people, without looking anything up: lists, tags, people and own fields stand by their ids."""
    return " or ".join(_told(one) for one in chip)


def _told(asked: Condition) -> str:
    field = FIELDS.get(asked.field)
    kind = field.kind if field else None
    values = [dollars(int(value)) if kind is Kind.MONEY else value for value in asked.values]
    days = " days" if asked.op in _COUNTED else ""
    said = f"{field.label if field else 'an own field'} {asked.op.value.replace('_', ' ')} {', '.join(values)}{days}"
    return said.strip()
