"""Reads many rows column by column: the plain case of ``rows``, several times as fast and with the same answer.

A file of 250,000 rows is nearly all plain: a house number and a street, a ZIP code that fits its state, numbers written
as numbers. Such rows are read here, a whole column at a time, with each distinct cell looked at once. A row in which
anything else stands (a warning, a rejection, a character that COPY would need escaped) is left to ``RowReader.read``,
which alone decides what it means. ``tests/imports/test_blocks.py`` holds the two against each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import compress, repeat
from typing import TYPE_CHECKING, TypeVar

from leadflow.compliance.rules.keys import phone_key
from leadflow.imports.rules import cells
from leadflow.imports.rules.cells import NULL, escape
from leadflow.imports.rules.texts import (
    AGAINST_CONTACT,
    HOLDERS_NAME,
    NO_MAIL,
    OWNER,
    UNCOUNTED,
    city_of,
    county_of,
    is_land,
    json_of,
    line_type_of,
    state_of,
    type_of_property,
    zip_of,
)
from leadflow.kernel.phone import plain_digits
from leadflow.properties.rules import addresses, names, parcels
from leadflow.properties.rules.names import Name
from models.vocabulary import LineType, PersonKind, SuppressionKind

if TYPE_CHECKING:
    from leadflow.imports.rules.rows import RowReader
    from leadflow.imports.rules.staged import Staged

Out = TypeVar("Out")
Column = Sequence[str]
Mail = tuple[str, str]
House = tuple[str, str, str, str, str]
"""Line, unit, key and key of the unit of a street, and its address as written."""

_HOLDER = Name(PersonKind.INDIVIDUAL, HOLDERS_NAME, None, None, "CURRENT OWNER")
_UNKNOWN = LineType.UNKNOWN.value
_UNCLEAR = object()


class _Memo(dict[str, Out]):
    """Remembers what each distinct cell of a block says."""

    __slots__ = ("_read",)

    def __init__(self, read: Callable[[str], Out]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, cell: str) -> Out:
        found = self[cell] = self._read(cell)
        return found


def _each(read: Callable[[str], Out], column: Iterable[str]) -> list[Out]:
    return list(map(_Memo(read).__getitem__, column))


def read_block(of: RowReader, first: int, block: Sequence[list[str]], out: Staged) -> None:
    """Read rows that are numbered from ``first``; lines of rows that are not plain come after the others."""
    plain = [len(row) == of.width and (text := "".join(row)).isprintable() and "\\" not in text for row in block]
    kept = list(compress(block, plain))
    if of.one_line < 0 and not of.by_hand and kept:
        good = _Block(of, list(compress(range(first, first + len(block)), plain)), kept).stage(out)
        for index in compress(range(len(block)), plain):
            plain[index] = next(good)
    else:
        plain = [False] * len(block)
    for index, fine in enumerate(plain):
        if not fine:
            of.read(first + index, block[index], out)


class _Block:
    """Rows of the header's width whose cells COPY can take as they are."""

    def __init__(self, of: RowReader, refs: Sequence[int], rows: Sequence[list[str]]) -> None:
        self.of = of
        self.rows = rows
        self.refs = list(map(str, refs))
        self.columns: list[Column] = list(zip(*rows, strict=True))
        self.empty: Column = ("",) * len(rows)
        self.fine = [True] * len(rows)

    def stage(self, out: Staged) -> Iterator[bool]:
        """Write the lines of plain rows; answers of each row whether it was one."""
        of = self.of
        states = self._sure(_each(state_of, self._named("state")), "")
        zips = list(map(zip_of, self._named("zip"), states))
        houses = list(map(_house, self._named("street"), self._named("unit")))
        self._doubt(found[2] is not None or found[0] is None for found in zips)
        self._doubt(house[4][:1] == "=" or not addresses.has_house_number(house[2]) for house in houses)
        self._doubt(row[0].strip().lower() == of.headers[0].lower() for row in self.rows)
        keys = [f"{house[2]}|{house[3]}|{found[0]}" for house, found in zip(houses, zips, strict=True)]
        counties = _each(county_of, self._named("county"))
        self._doubt(county[:1].isdigit() for county in counties)
        parcel = self._parcels(counties, states)
        columns: list[Iterable[str]] = [
            [f"{ref}\t{NULL}\t{NULL}\t{NULL}\t{NULL}\t{NULL}" for ref in self.refs], keys, parcel[1],
            list(map(self._digest, self.rows)), [house[0] or NULL for house in houses], [house[1] for house in houses],
            [city or NULL for city in _each(city_of, self._named("city"))], states,
            [found[0] or NULL for found in zips], [found[1] or NULL for found in zips],
            [county or NULL for county in counties], parcel[0], [house[4] or NULL for house in houses],
            repeat("t", len(keys)),
            _each(type_of_property, self._at(of.property_type)) if of.property_type >= 0 else repeat(NULL, len(keys)),
            *self._facts(), self._extra(), self._words(of.lists), self._words(of.tags), self._notes(),
        ]  # fmt: skip
        owners, phones = self._owners(), self._phones()
        marks, emails = self._row_marks(), self._emails()
        fine = self.fine
        out.row.extend(compress(map("\t".join, zip(*columns, strict=True)), fine))
        out.rows += sum(fine)
        raws = self._raw_names()
        mail = self._mailing(houses)
        care_of = [care or NULL for care in _each(addresses.tidy, self._named("care_of"))]
        for index in compress(range(len(fine)), fine):
            numbers = self._numbers(index, phones, out)
            self._people(index, owners, raws, mail[index], care_of[index], keys[index], bool(numbers), out)
            for header, kind, column, said in marks:
                if said[index]:
                    for digits in numbers if kind is not SuppressionKind.DO_NOT_MAIL else (None,):
                        self._mark(index, kind, digits, header, column[index], out)
            for column in emails:
                if found := column[index]:
                    out.email.append(f"{self.refs[index]}\t{found}\t1")
        return iter(fine)

    def _at(self, index: int) -> Column:
        return self.columns[index] if index >= 0 else self.empty

    def _named(self, name: str) -> Column:
        return self._at(self.of.at.get(name, -1))

    def _doubt(self, doubts: Iterable[bool]) -> None:
        self.fine = [fine and not doubt for fine, doubt in zip(self.fine, doubts, strict=True)]

    def _sure(self, found: list[Out | None], instead: Out) -> list[Out]:
        """Have rows in which a column was unreadable read the other way."""
        if None not in found:
            return found  # pyright: ignore[reportReturnType] just asked
        self._doubt(one is None for one in found)
        return [instead if one is None else one for one in found]

    def _parcels(self, counties: Sequence[str], states: Sequence[str]) -> tuple[list[str], list[str]]:
        numbers = list(map(parcels.read_apn, self._named("apn")))
        self._doubt(apn is not None and "+" in apn for apn in numbers)
        parcel = map(parcels.parcel_key, numbers, counties, states)
        return [number or NULL for number in numbers], [key or NULL for key in parcel]

    def _digest(self, row: list[str]) -> str:
        text = "\x1f".join(row).encode("utf-8", "surrogatepass")
        found = hashlib.blake2b(text, digest_size=8, key=self.of.salt).digest()
        return str(int.from_bytes(found, "big", signed=True))

    def _facts(self) -> Iterator[Iterable[str]]:
        lots = _each(is_land, self._at(self.of.property_type))
        for index, read in self.of.facts:
            if index >= 0 and read in UNCOUNTED:
                self._doubt(land and cell[:1] == "0" for land, cell in zip(lots, self.columns[index], strict=True))
            if index < 0:
                yield repeat(NULL, len(self.rows))
            else:
                plain = _plain_day if read is cells.day else read
                yield self._sure([plain(cell) if cell else NULL for cell in self.columns[index]], NULL)

    def _extra(self) -> Iterable[str]:
        columns = [
            _each(lambda cell, head=head: f",{escape(head + json_of(cell))}" if cell else "", self.columns[index])
            for index, head in self.of.extras
        ]
        for index in self.of.days:
            self._doubt(map(cells.is_serial, self.columns[index]))
        if not columns:
            return repeat("{}", len(self.rows))
        return [f"{{{text[1:]}}}" for text in map("".join, zip(*columns, strict=True))]

    def _words(self, indexes: Sequence[int]) -> Iterable[str]:
        if not indexes:
            return repeat(NULL, len(self.rows))
        if len(indexes) == 1:
            return _each(cells.words, self.columns[indexes[0]])
        return [cells.words(", ".join(filter(None, (row[index] for index in indexes)))) for row in self.rows]

    def _notes(self) -> Iterable[str]:
        if not self.of.notes:
            return repeat(NULL, len(self.rows))
        for index in self.of.notes:
            self._doubt(AGAINST_CONTACT.search(cell) is not None for cell in self.columns[index])
        parts = zip(*(map(str.strip, self.columns[index]) for index in self.of.notes), strict=True)
        return [escape("\n".join(filter(None, part))) or NULL for part in parts]

    def _owners(self) -> list[list[Name | None]]:
        out: list[list[Name | None]] = []
        for whole, first, last in self.of.owners:
            three = list(zip(self._at(whole), self._at(first), self._at(last), strict=True))
            self._doubt(one[0][:1] == "=" or one[1][:1] == "=" or one[2][:1] == "=" for one in three)
            self._doubt(names.is_odd(one[0]) and not (one[1] or one[2]) for one in three)
            found = [_name(*one) if any(one) else None for one in three]
            self._doubt(name is not None and name.kind is PersonKind.ESTATE for name in found)
            out.append(found)
        return out

    def _raw_names(self) -> list[Column]:
        """Answer each owner's name as it stands in the file."""
        out: list[Column] = []
        for whole, first, last in self.of.owners:
            three = zip(self._at(whole), self._at(first), self._at(last), strict=True)
            out.append([f"{one[1]} {one[2]}".strip() if one[1] or one[2] else one[0] for one in three])
        return out

    def _mailing(self, houses: Sequence[House]) -> list[Mail]:
        i_street, i_unit, i_city, i_state, i_zip = self.of.mailing
        if i_street < 0:
            return [(NO_MAIL, "")] * len(self.rows)
        cities = _each(city_of, self._at(i_city))
        states = [state or "" for state in _each(state_of, self._at(i_state))]
        zips = [found[0] or "" for found in map(zip_of, self._at(i_zip), states)]
        return list(map(_mail, self._at(i_street), self._at(i_unit), cities, states, zips, houses))

    def _phones(self) -> list[tuple[list[str], Column, str, list[_Said], Column]]:
        """Answer of each column of numbers: digits, kinds, header, marks, and what was looked up and found clean."""
        out: list[tuple[list[str], Column, str, list[_Said], Column]] = []
        for columns in self.of.phones:
            digits = self._sure([plain_digits(cell) if cell else "" for cell in self.columns[columns.number]], "")
            kinds = _each(line_type_of, self._at(columns.kind)) if columns.kind >= 0 else [_UNKNOWN] * len(self.rows)
            marks = [self._said(index, header, kind, digits) for index, header, kind in columns.marks]
            clean = _each(_cleared, self._at(columns.dnc))
            out.append((digits, kinds, escape(columns.header), marks, clean))
        return out

    def _said(self, index: int, header: str, kind: SuppressionKind, beside: Sequence[str] | None) -> _Said:
        """Read a column of marks; a word that is neither yes nor no makes its row not plain."""
        column = self._at(index)
        said = _each(_marked, column)
        for at, one in enumerate(said):
            if one is _UNCLEAR and (beside is None or beside[at]):
                self.fine[at] = False
        return escape(header), kind, column, said

    def _row_marks(self) -> list[_Said]:
        marks = [self._said(index, header, kind, None) for index, header, kind in self.of.row_marks]
        index = self.of.do_not_mail
        if index >= 0:
            marks.append(self._said(index, self.of.headers[index], SuppressionKind.DO_NOT_MAIL, None))
        return marks

    def _emails(self) -> list[list[str]]:
        return [
            self._sure([cells.email(cell) if cell else "" for cell in self.columns[index]], "")
            for index in self.of.emails
        ]

    def _numbers(
        self, index: int, phones: Sequence[tuple[list[str], Column, str, list[_Said], Column]], out: Staged
    ) -> list[str]:
        numbers: list[str] = []
        for digits, kinds, header, marks, clean in phones:
            if found := digits[index]:
                numbers.append(found)
                for marked, kind, column, said in marks:
                    if said[index]:
                        self._mark(index, kind, found, marked, column[index], out)
                out.phone.append(
                    f"{self.refs[index]}\t{len(numbers)}\t{found}\t{kinds[index]}\t{header}\t{NULL}\t{clean[index]}\t1"
                )
        return numbers

    def _mark(self, index: int, kind: SuppressionKind, digits: str | None, header: str, cell: str, out: Staged) -> None:
        key = NULL if digits is None else rf"\\x{phone_key(self.of.pepper, f'+{digits}').hex()}"
        out.mark.append(f"{self.refs[index]}\t{kind.value}\t{digits or NULL}\t{key}\t{header}\t{cell}")

    def _people(
        self, index: int, owners: Sequence[Sequence[Name | None]], raws: Sequence[Column], mail: Mail, care_of: str,
        home: str, reached: bool, out: Staged,  # noqa: FBT001
    ) -> None:  # fmt: skip
        found = [
            (name, raw[index]) for column, raw in zip(owners, raws, strict=True) if (name := column[index]) is not None
        ]
        if not found and reached:
            found.append((_HOLDER, _HOLDER.display))
        place, ref = mail[1] or home, self.refs[index]
        for position, (name, raw) in enumerate(found, 1):
            out.person.append(
                f"{ref}\t{position}\t{name.key}|{place}\t{OWNER}\t{name.kind.value}\t{name.display}\t"
                f"{name.first or NULL}\t{name.last or NULL}\t{raw}\t{care_of}\t{mail[0]}\tf"
            )


_Said = tuple[str, SuppressionKind, Column, list[object]]


def _house(written: str, unit: str) -> House:
    found = addresses.cut_street(written, unit)
    return found.line, found.unit or NULL, found.key, found.unit_key, f"{written} {unit}" if unit else written


def _mail(written: str, unit: str, city: str, state: str, zip5: str, house: House) -> Mail:
    if not written:
        return NO_MAIL, ""
    if not unit and written == house[0]:
        line, door, key, door_key = house[0], NULL, house[2], ""
    else:
        line, door, key, door_key, _ = _house(written, unit)
    text = f"{line or NULL}\t{door}\t{city or NULL}\t{state or NULL}\t{zip5 or NULL}"
    return text, f"{key}|{door_key}|{zip5 or city.upper()}"


def _name(whole: str, first: str, last: str) -> Name | None:
    return names.read_parts(first, last) if first or last else names.read_whole(whole)


def _plain_day(cell: str) -> str | None:
    return None if "/" not in cell and cells.is_serial(cell) else cells.day(cell)


def _marked(cell: str) -> object:
    if not cell or not cells.mark(cell):
        return False
    return _UNCLEAR if cells.unclear(cell) else True


def _cleared(cell: str) -> str:
    return "t" if cell and cells.mark(cell) is False else NULL
