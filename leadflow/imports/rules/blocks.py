"""Reads many rows column by column: the plain case of ``rows``, several times as fast and with the same answer.

A file of 250,000 rows is nearly all plain: a house number and a street, a ZIP code that fits its state, numbers written
as numbers. Such rows are read here, a whole column at a time (``plain``). A row in which anything else stands (most
warnings, a rejection, a character that COPY would need escaped) is left to ``RowReader.read``, which alone decides what
it means. ``tests/imports/test_blocks.py`` holds the two against each other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from itertools import compress, repeat
from struct import unpack
from typing import TYPE_CHECKING, TypeVar

from leadflow.compliance.rules.keys import phone_key
from leadflow.imports.rules import cells
from leadflow.imports.rules.cells import BETWEEN, NULL, escape
from leadflow.imports.rules.plain import FACTS, Column, Memo
from leadflow.imports.rules.texts import (
    AGAINST_CONTACT,
    HOLDERS_NAME,
    LAND,
    NO_MAIL,
    OWNER,
    UNCOUNTED,
    is_land,
    line_type_of,
    type_of_property,
    why_by_parcel,
    zip_of,
)
from leadflow.kernel.phone import plain_digits_of
from leadflow.properties.rules import addresses, names, parcels
from models.vocabulary import LineType, PersonKind, SuppressionKind

if TYPE_CHECKING:
    from leadflow.imports.rules.rows import RowReader
    from leadflow.imports.rules.staged import Staged

Out = TypeVar("Out")
Mail = tuple[str, str]
"""The mailing columns of a staged person, and the key of the place."""
House = tuple[str, str, str, str]
"""Line, unit, key and key of the unit of a street."""
Person = tuple[str, str]
"""Key of a name, and role, kind and names of a staged person."""
Said = tuple[str, SuppressionKind, Column, Sequence[object]]
"""Marks of one column: its header, what its yes means, the cells, and whether each says yes."""
Phones = tuple[list[int], list[str | None], list[str], str, list[Said], list[str]]
"""A column of numbers, where it has any: the places of their rows, digits, kinds of line, header, marks, and what was
looked up and found clean."""

_PLAIN = bytes(byte for byte in range(0x20, 0x7F) if byte != ord("\\"))
"""ASCII that COPY takes as it is."""
_NOBODY = ("CURRENT OWNER", f"{OWNER}\t{PersonKind.INDIVIDUAL.value}\t{HOLDERS_NAME}\t{NULL}\t{NULL}\t{HOLDERS_NAME}")
_ESTATE = ("", "")
"""Stands for a name that must be read with its row."""
_GIVEN = f"{OWNER}\t{PersonKind.INDIVIDUAL.value}\t"
_UNKNOWN = LineType.UNKNOWN.value
_UNCLEAR = object()
_DIGITS = frozenset("123456789")
"""A street key that begins so has a house number."""


def read_block(of: RowReader, first: int, block: Sequence[list[str]], out: Staged) -> None:
    """Read rows that are numbered from ``first``; lines of rows that are not plain come after the others."""
    fine = [False] * len(block)
    if of.one_line < 0 and not of.by_hand:
        written = [BETWEEN.join(row).encode("utf-8", "surrogatepass") for row in block]
        fine = _plain_rows(of.width, block, written)
        refs = list(compress(range(first, first + len(block)), fine))
        if refs:
            sure = _Block(of, refs, list(compress(block, fine)), list(compress(written, fine))).stage(out)
            for index in compress(range(len(block)), list(fine)):
                fine[index] = next(sure)
    for index, good in enumerate(fine):
        if not good:
            of.read(first + index, block[index], out)


def _plain_rows(width: int, block: Sequence[list[str]], written: Sequence[bytes]) -> list[bool]:
    """Say of each row whether it has the header's width and only cells that COPY can take as they are."""
    if all(len(row) == width for row in block):
        left = b"".join(written).translate(None, _PLAIN)
        if left == BETWEEN.encode() * (len(block) * (width - 1)):
            return [True] * len(block)
    return [len(row) == width and (text := "".join(row)).isprintable() and "\\" not in text for row in block]


class _Block:
    """Plain rows: their numbers, their cells, and their cells as the digest takes them."""

    def __init__(self, of: RowReader, refs: Sequence[int], rows: Sequence[list[str]], written: Sequence[bytes]) -> None:
        self.of = of
        self.written = written
        self.refs = list(map(str, refs))
        self.columns: list[Column] = list(zip(*rows, strict=True))
        self.empty: Column = ("",) * len(rows)
        self.nothing: Column = (NULL,) * len(rows)
        self.odd: set[int] = set()
        """Places of rows that turned out not to be plain."""
        self.said: dict[int, str] = {}
        """What is said of rows, by their place."""

    def stage(self, out: Staged) -> Iterator[bool]:
        """Write the lines of plain rows; answers of each row whether it was one."""
        of, refs = self.of, self.refs
        states = self._sure(_STATES.of(self._named("state")), "")
        zips, more = self._zips(self._named("zip"), states)
        streets, units = self._named("street"), self._named("unit")
        houses = list(map(_house, streets, units))
        self._doubt_formulas(streets)
        self._doubt_headers()
        cities, counties = _CITIES.of(self._named("city")), self._sure(_COUNTIES.of(self._named("county")), "")
        numbers, parcel = self._parcels(counties, states)
        keys, homes, mailable = self._keys(houses, zips, list(zip(cities, states, strict=True)), parcel)
        facts = list(self._facts())
        raw = [f"{street} {unit}" if unit else street for street, unit in zip(streets, units, strict=True)]
        columns: list[Iterable[str]] = [
            self._heads(), keys, parcel, self._digests(),
            [house[0] or NULL for house in houses], [house[1] for house in houses],
            _or_null(cities), states, _or_null(zips), more,
            _or_null(counties), numbers, _or_null(raw), mailable,
            _TYPES.of(self._at(of.property_type)) if of.property_type >= 0 else self.nothing,
            *facts, self._extra(), self._words(of.lists), self._words(of.tags), self._notes(),
        ]  # fmt: skip
        owners, phones = self._owners(), self._phones()
        marks, emails = self._row_marks(), self._emails()
        fine = [at not in self.odd for at in range(len(refs))]
        lines = map("\t".join, zip(*columns, strict=True))
        out.row.extend(compress(lines, fine) if self.odd else lines)
        out.rows += len(refs) - len(self.odd)
        reached = self._write_numbers(phones, out)
        self._write_marks(marks, reached, out)
        self._write_people(owners, reached, self._mailing(houses), homes, out)
        for column in emails:
            out.email += [f"{refs[at]}\t{found}\t1" for at, found in enumerate(column) if found and fine[at]]
        return iter(fine)

    def _at(self, index: int) -> Column:
        return self.columns[index] if index >= 0 else self.empty

    def _named(self, name: str) -> Column:
        return self._at(self.of.at.get(name, -1))

    def _doubt(self, places: Iterable[int]) -> None:
        """Have rows read the other way."""
        self.odd.update(places)

    def _sure(self, found: list[Out | None], instead: Out, places: Sequence[int] | None = None) -> list[Out]:
        """Have rows in which a column was unreadable read the other way; ``places`` are its rows, else all."""
        if None not in found:
            return found  # pyright: ignore[reportReturnType] just asked
        rows = places or range(len(found))
        self._doubt(at for at, one in zip(rows, found, strict=True) if one is None)
        return [instead if one is None else one for one in found]

    def _doubt_formulas(self, column: Column) -> None:
        if "=" in "".join(column):
            self._doubt(at for at, cell in enumerate(column) if cell[:1] == "=")

    def _doubt_headers(self) -> None:
        """A header may stand once more in the middle of a file."""
        header, column = self.of.headers[0].lower(), self.columns[0]
        if header in "\n".join(column).lower():
            self._doubt(at for at, cell in enumerate(column) if cell.strip().lower() == header)

    def _keys(
        self, houses: Sequence[House], zips: Sequence[str], towns: Sequence[tuple[str, str]], parcel: Sequence[str]
    ) -> tuple[list[str], list[str], Iterable[str]]:
        """Answer the keys of addresses, those of the places where people live, and whether mail can be sent there."""
        keys = [f"{house[2]}|{house[3]}|{zip5}" for house, zip5 in zip(houses, zips, strict=True)]
        asked = [at for at, zip5 in enumerate(zips) if not zip5 or houses[at][2][:1] not in _DIGITS]
        if not asked:
            return keys, keys, repeat("t", len(keys))
        homes, mailable = list(keys), ["t"] * len(keys)
        for at in asked:
            _, _, street, door = houses[at]
            if key := addresses.address_key(street, door, zips[at] or None, *towns[at]):
                keys[at] = homes[at] = key
            elif parcel[at] == NULL:
                self.odd.add(at)
            else:
                self.said[at] = why_by_parcel(street)
                keys[at], homes[at], mailable[at] = NULL, parcel[at], "f"
        return keys, homes, mailable

    def _heads(self) -> list[str]:
        """Begin each line: its number, and what is said of the row."""
        heads = [f"{ref}{_UNSAID}" for ref in self.refs]
        for at, said in self.said.items():
            heads[at] = f"{self.refs[at]}{_SAID}{said}\t{NULL}"
        return heads

    def _digests(self) -> Iterable[str]:
        digest = partial(hashlib.blake2b, digest_size=8, key=self.of.salt)
        found = b"".join([digest(text).digest() for text in self.written])
        return map(str, unpack(f">{len(self.written)}q", found))

    def _zips(self, column: Column, states: Sequence[str]) -> tuple[list[str], list[str]]:
        """Answer ZIP codes and their four more digits; what is doubtful is read with its row."""
        found, more = _plain_zips(column, states), list(self.nothing)
        for at, zip5 in enumerate(found):
            if zip5:
                continue
            read, zip4, fault = zip_of(column[at], states[at])
            if fault is not None:
                self.odd.add(at)
            else:
                found[at], more[at] = read or "", zip4 or NULL
        return found, more

    def _parcels(self, counties: Sequence[str], states: Sequence[str]) -> tuple[list[str], list[str]]:
        numbers = parcels.read_apns(self._named("apn"))
        if "+" in "".join(numbers):
            self._doubt(at for at, apn in enumerate(numbers) if "+" in apn)
        return _or_null(numbers), _or_null(parcels.parcel_keys(numbers, counties, states))

    def _facts(self) -> Iterator[Sequence[str]]:
        kinds, lots = self._at(self.of.property_type), set[int]()
        land = [at for at, lot in enumerate(_LAND.of(kinds)) if lot] if self.of.property_type >= 0 else []
        for index, read in self.of.facts:
            if index < 0 or not any(column := self.columns[index]):
                yield self.nothing
                continue
            found = self._sure(FACTS[read](column), NULL)
            if read in UNCOUNTED:
                for at in land:
                    if found[at] == "0":
                        found[at] = NULL
                        lots.add(at)
            yield found
        for at in lots:
            self.said[at] = f"{self.said[at]}{BETWEEN}{LAND}" if at in self.said else LAND

    def _extra(self) -> Iterable[str]:
        for index in self.of.days:
            self._doubt(at for at, serial in enumerate(_SERIALS.of(self.columns[index])) if serial)
        if not self.of.extras:
            return self.nothing
        blank = BETWEEN * (len(self.of.extras) - 1)
        joined = map(BETWEEN.join, zip(*(self.columns[index] for index in self.of.extras), strict=True))
        return [text if text != blank else NULL for text in joined]

    def _words(self, indexes: Sequence[int]) -> Iterable[str]:
        if not indexes:
            return self.nothing
        if len(indexes) == 1:
            return _WORDS.of(self.columns[indexes[0]])
        rows = zip(*(self.columns[index] for index in indexes), strict=True)
        return [cells.words(", ".join(filter(None, row))) for row in rows]

    def _notes(self) -> Iterable[str]:
        noted = [column for index in self.of.notes if any(column := self.columns[index])]
        if not noted:
            return self.nothing
        for column in noted:
            self._doubt(at for at, cell in enumerate(column) if cell and AGAINST_CONTACT.search(cell))
        parts = zip(*(map(str.strip, column) for column in noted), strict=True)
        return [escape("\n".join(filter(None, part))) or NULL for part in parts]

    def _owners(self) -> list[list[Person | None]]:
        out: list[list[Person | None]] = []
        for indexes in self.of.owners:
            whole, first, last = map(self._at, indexes)
            for column in (whole, first, last):
                self._doubt_formulas(column)
            if indexes[0] < 0:
                found = list(map(_in_two, first, last))
            else:
                found = [
                    _in_two(*two) if any(two) else _in_one(one) if one else None
                    for one, *two in zip(whole, first, last, strict=True)
                ]
            if _ESTATE in found:
                self._doubt(at for at, one in enumerate(found) if one is _ESTATE)
            out.append(found)
        return out

    def _mailing(self, houses: Sequence[House]) -> list[Mail]:
        """Answer where each row's people get mail, and who cares for it."""
        care_of = self._named("care_of")
        ends = [f"{care or NULL}\t" for care in map(addresses.tidy, care_of)] if any(care_of) else repeat(f"{NULL}\t")
        i_street, i_unit, i_city, i_state, i_zip = self.of.mailing
        if i_street < 0:
            return [(f"{end}{NO_MAIL}\tf", "") for end, _ in zip(ends, self.refs, strict=False)]
        cities = _CITIES.of(self._at(i_city))
        states = [state or "" for state in _STATES.of(self._at(i_state))]
        codes = self._at(i_zip)
        zips = [
            zip5 or zip_of(text, state)[0] or ""
            for zip5, text, state in zip(_plain_zips(codes, states), codes, states, strict=True)
        ]
        return list(map(_mail, ends, self._at(i_street), self._at(i_unit), cities, states, zips, houses))

    def _phones(self) -> list[Phones]:
        out: list[Phones] = []
        for columns in self.of.phones:
            column = self.columns[columns.number]
            places = [at for at, cell in enumerate(column) if cell]
            if not places:
                continue
            digits = list(plain_digits_of([column[at] for at in places]))
            self._sure(digits, "", places)
            kinds = self._at(columns.kind)
            known = [_KINDS[kinds[at]] for at in places] if columns.kind >= 0 else [_UNKNOWN] * len(places)
            marks = [self._said(index, header, kind, places) for index, header, kind in columns.marks]
            dnc = self._at(columns.dnc)
            out.append((places, digits, known, escape(columns.header), marks, [_CLEARED[dnc[at]] for at in places]))
        return out

    def _said(self, index: int, header: str, kind: SuppressionKind, places: Sequence[int]) -> Said:
        """Read marks; a word that is neither yes nor no makes its row not plain."""
        column = self._at(index)
        marked = [column[at] for at in places]
        said = _MARKED.of(marked)
        if _UNCLEAR in said:
            self._doubt(at for at, one in zip(places, said, strict=True) if one is _UNCLEAR)
        return escape(header), kind, marked, said

    def _row_marks(self) -> list[Said]:
        every = range(len(self.refs))
        marks = [self._said(index, header, kind, every) for index, header, kind in self.of.row_marks]
        index = self.of.do_not_mail
        if index >= 0:
            marks.append(self._said(index, self.of.headers[index], SuppressionKind.DO_NOT_MAIL, every))
        return marks

    def _emails(self) -> list[list[str]]:
        columns = [column for index in self.of.emails if any(column := self.columns[index])]
        return [self._sure([cells.email(cell) if cell else "" for cell in column], "") for column in columns]

    def _write_numbers(self, phones: Sequence[Phones], out: Staged) -> dict[int, list[str]]:
        """Write the lines of numbers and of marks beside them; answers the numbers of each row that has any."""
        refs, odd = self.refs, self.odd
        numbers: dict[int, list[str]] = {}
        for places, digits, kinds, header, marks, clean in phones:
            for at, found, kind, cleared in zip(places, digits, kinds, clean, strict=True):
                if found is not None and at not in odd:
                    ranked = numbers.setdefault(at, [])
                    ranked.append(found)
                    out.phone.append(f"{refs[at]}\t{len(ranked)}\t{found}\t{kind}\t{header}\t{NULL}\t{cleared}\t1")
            for marked, against, column, said in marks:
                for at, found, cell in compress(zip(places, digits, column, strict=True), said):
                    if at not in odd:
                        out.mark.append(self._mark(at, against, found, marked, cell))
        return numbers

    def _write_marks(self, marks: Sequence[Said], numbers: dict[int, list[str]], out: Staged) -> None:
        """Write the lines of marks against every number of a row, or against mail to it."""
        for header, against, column, said in marks:
            for at in compress(range(len(self.refs)), said):
                if at not in self.odd:
                    of_row = (None,) if against is SuppressionKind.DO_NOT_MAIL else numbers.get(at, ())
                    out.mark += [self._mark(at, against, found, header, column[at]) for found in of_row]

    def _mark(self, at: int, kind: SuppressionKind, digits: str | None, header: str, cell: str) -> str:
        key = NULL if digits is None else rf"\\x{phone_key(self.of.pepper, f'+{digits}').hex()}"
        return f"{self.refs[at]}\t{kind.value}\t{digits or NULL}\t{key}\t{header}\t{cell}"

    def _write_people(
        self, owners: Sequence[Sequence[Person | None]], reached: Iterable[int], mails: Sequence[Mail],
        homes: Sequence[str], out: Staged,
    ) -> None:  # fmt: skip
        """Write the lines of owners; whom a number reaches though the row names nobody is written too."""
        refs, odd, counts = self.refs, self.odd, [0] * len(self.refs)
        for column in owners:
            for at, one in enumerate(column):
                if one is not None and at not in odd:
                    counts[at] += 1
                    end, place = mails[at]
                    out.person.append(f"{refs[at]}\t{counts[at]}\t{one[0]}|{place or homes[at]}\t{one[1]}\t{end}")
        for at in reached:
            if not counts[at]:
                end, place = mails[at]
                out.person.append(f"{refs[at]}\t1\t{_NOBODY[0]}|{place or homes[at]}\t{_NOBODY[1]}\t{end}")


_UNSAID = f"\t{NULL}" * 5
_SAID = f"\t{NULL}" * 3 + "\t"


def _or_null(column: Iterable[str | None]) -> list[str]:
    return [cell or NULL for cell in column]


def _house(written: str, unit: str) -> House:
    number, _, name = written.partition(" ")
    if number.isdecimal() and number.isascii() and (known := _STREETS[name]) is not None:
        door, door_key = _DOORS[unit] if unit else _NO_DOOR
        return f"{number} {known[0]}", door, f"{number} {known[1]}", door_key
    found = addresses.cut_street(written, unit)
    return found.line, found.unit or NULL, found.key, found.unit_key


def _door(unit: str) -> tuple[str, str]:
    found, key = addresses.plain_unit(unit)
    return found or NULL, key


def _mail(end: str, written: str, unit: str, city: str, state: str, zip5: str, house: House) -> Mail:
    if not written:
        return f"{end}{NO_MAIL}\tf", ""
    if not unit and written == house[0]:
        line, door, key, door_key = house[0], NULL, house[2], ""
    else:
        line, door, key, door_key = _house(written, unit)
    text = f"{end}{line or NULL}\t{door}\t{city or NULL}\t{state or NULL}\t{zip5 or NULL}\tf"
    return text, f"{key}|{door_key}|{zip5 or city.upper()}"


def _plain_zips(column: Column, states: Sequence[str]) -> list[str]:
    """Answer the ZIP codes of five digits that lie in their states; the others are empty."""
    return [
        text if len(text) == 5 and text.isdecimal() and text.isascii() and _FITS[text[:3] + state] else ""  # noqa: PLR2004 a plain ZIP code
        for text, state in zip(column, states, strict=True)
    ]


def _in_two(first: str, last: str) -> Person | None:
    if not (first or last):
        return None
    given, given_key, given_plain = _PARTS[first]
    family, family_key, family_plain = _PARTS[last]
    if given_plain and family_plain and given_key and family_key:
        return f"{given_key} {family_key}", f"{_GIVEN}{given} {family}\t{given}\t{family}\t{f'{first} {last}'.strip()}"
    return _person(names.read_parts(first, last), f"{first} {last}".strip())


def _in_one(whole: str) -> Person | None:
    return _ESTATE if names.is_odd(whole) else _person(names.read_whole(whole), whole)


def _person(name: names.Name | None, raw: str) -> Person | None:
    if name is None:
        return None
    if name.kind is PersonKind.ESTATE:
        return _ESTATE
    shown = f"{OWNER}\t{name.kind.value}\t{name.display}\t{name.first or NULL}\t{name.last or NULL}\t{raw}"
    return name.key, shown


def _plain_county(cell: str) -> str | None:
    county = addresses.read_county(cell)
    return None if county[:1].isdigit() else county


def _marked(cell: str) -> object:
    if not cell or not cells.mark(cell):
        return False
    return _UNCLEAR if cells.unclear(cell) else True


def _cleared(cell: str) -> str:
    return "t" if cell and cells.mark(cell) is False else NULL


_NO_DOOR = (NULL, "")
_STATES = Memo(addresses.read_state)
_COUNTIES = Memo(_plain_county)
_CITIES = Memo(addresses.tidy, 16_384)
_FITS = Memo(lambda text: addresses.zip_fits(text[:3], text[3:]))
_STREETS = Memo(addresses.plain_name, 16_384)
_DOORS = Memo(_door)
_PARTS = Memo(names.part, 16_384)
_TYPES = Memo(type_of_property)
_LAND = Memo(is_land)
_KINDS = Memo(line_type_of)
_WORDS = Memo(cells.words)
_SERIALS = Memo(cells.is_serial)
_MARKED = Memo(_marked)
_CLEARED = Memo(_cleared)
