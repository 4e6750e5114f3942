"""What one row says: its verdict where that can be told from the row alone, its warnings, and the values to store.

A ``RowReader`` is made once for a mapping and reads row after row into lines of Postgres's COPY text, one list for each
staging table. That form is the fastest known (docs/performance); ``staged.COLUMNS`` names what stands where.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from itertools import islice

from leadflow.compliance.rules.keys import phone_key
from leadflow.imports.rules import cells
from leadflow.imports.rules.blocks import read_block
from leadflow.imports.rules.cells import BETWEEN, NULL, escape
from leadflow.imports.rules.columns import Columns, PhoneColumns, empty
from leadflow.imports.rules.parties import holder, mailing, members, unnamed
from leadflow.imports.rules.staged import Staged, closed, is_footer
from leadflow.imports.rules.texts import (
    AGAINST_CONTACT,
    LAND,
    UNCOUNTED,
    city_of,
    county_of,
    is_land,
    line_type_of,
    state_of,
    text_of,
    type_of_property,
    why_by_parcel,
    zip_of,
)
from leadflow.kernel import phone
from leadflow.kernel.phone import PhoneFault, PhoneReading
from leadflow.properties.rules import addresses, names, parcels
from leadflow.properties.rules.addresses import Street
from models.vocabulary import LineType, RowVerdict, SuppressionKind

BLOCK = 1_024
"""Rows that are read together, column by column."""

CASE, LINE = "case|", "line|"
"""Begin the key of a row that is no property: a court case whose property is not known, a number that was looked up.

The case's county and number follow, or the row's reference: a reason is kept for good, so it names no phone number.
"""


class RowReader(Columns):
    """Reads the rows of one file; made of where its columns stand."""

    def batch(self, first: int, rows: Iterable[list[str]]) -> Staged:
        """Read rows that are numbered from ``first``."""
        out = Staged()
        waiting = iter(rows)
        while block := list(islice(waiting, BLOCK)):
            read_block(self, first + out.rows, block, out)
        return out

    def read(self, ref: int, row: list[str], out: Staged) -> None:
        """Read one row into ``out``.

        Args:
            ref: number that ties the row's lines together, ascending in the file's order.
            row: its cells.
            out: collects the lines.
        """
        out.rows += 1
        width = len(row)
        if width != self.width:
            if width > self.width and not any(map(str.strip, row[self.width :])):
                row = row[: self.width]
            else:
                self._misfit(ref, row, out)
                return
        elif not any(map(str.strip, row)):
            out.row.append(closed(ref, RowVerdict.BLANK))
            return
        if self.is_header(row):
            out.row.append(closed(ref, RowVerdict.REJECT, "repeated header line", raw=row))
            return
        _Row(self, ref, row, out).stage()

    def is_header(self, row: Sequence[str]) -> bool:
        """Say whether a row is the header, written once more in the middle of the file."""
        pairs = [(cell, header) for cell, header in zip(row, self.headers, strict=True) if cell.strip()]
        return len(pairs) > 1 and all(" ".join(cell.split()).lower() == header.lower() for cell, header in pairs)

    def _misfit(self, ref: int, row: list[str], out: Staged) -> None:
        """A row with more or fewer cells than the header: blank, a footer, or a reject; never cut to fit."""
        if not any(map(str.strip, row)):
            out.row.append(closed(ref, RowVerdict.BLANK))
        elif is_footer(row):
            out.row.append(closed(ref, RowVerdict.FOOTER, "a closing line, not data", raw=row))
        else:
            reason = f"{len(row)} cells in a row, header has {self.width}"
            out.row.append(closed(ref, RowVerdict.REJECT, reason, raw=row))


class _Row:
    """One row being read. Lives for the length of ``RowReader.read``."""

    __slots__ = ("_of", "_out", "_ref", "_row", "_said")

    def __init__(self, of: RowReader, ref: int, row: list[str], out: Staged) -> None:
        self._of = of
        self._ref = str(ref)
        self._row = row
        self._out = out
        self._said: list[str] = []

    def stage(self) -> None:
        """Read the place; then, if it is one, all the rest."""
        if self._of.numbers_only:
            self._look_up()
            return
        street, city, state_text, zip_text, raw = self._place_cells()
        state = state_of(state_text)
        if state is None and state_text.strip() and state_text.strip().lower() not in cells.NOTHING:
            self._say(f'{self._header("state")} "{state_text.strip()}" is no state; left empty')
        zip5, zip4 = self._zip(zip_text, state or "")
        county = county_of(self._county())
        apn = parcels.read_apn(self._cell("apn"))
        parcel = parcels.parcel_key(apn, county, state)
        key = addresses.address_key(street.key, street.unit_key, zip5, city, state)
        case = self._case(known=bool(key or parcel))
        if case is None and key is None and parcel is None:
            self._reject(street, apn, city)
            return
        if case is not None:
            key, parcel = case, None
        elif apn and parcels.damaged(apn):
            self._say(f'{self._header("apn")} "{apn}" is damaged by a spreadsheet; kept as text, not used as a key')
        if key is None:
            self._say(why_by_parcel(street.key))
        self._people(street, key or parcel or "")
        facts = self._facts()
        line = [
            self._ref, NULL, NULL, NULL, NULL,
            NULL if case is None else BETWEEN.join(map(escape, self._row)), escape(key) if key else NULL,
            parcel or NULL, self._digest(),
            text_of(street.line), text_of(street.unit), text_of(city), state or NULL, zip5 or NULL, zip4 or NULL,
            text_of(county), text_of(apn), text_of(raw), "f" if key is None or case is not None else "t",
            type_of_property(self._row[i]) if (i := self._of.property_type) >= 0 else NULL,
            *facts, self._extra(), self._words(self._of.lists), self._words(self._of.tags), self._notes(),
        ]  # fmt: skip
        if self._said:
            line[4] = BETWEEN.join(map(escape, self._said))
        self._out.row.append("\t".join(line))

    def _cell(self, name: str) -> str:
        index = self._of.at.get(name, -1)
        return (self._row[index] if index >= 0 else "") or self._of.fixed.get(name, "")

    def _header(self, name: str) -> str:
        index = self._of.at.get(name, -1)
        return self._of.headers[index] if index >= 0 else name

    def _say(self, warning: str) -> None:
        if warning not in self._said:
            self._said.append(warning)

    # A court case and a number that was looked up

    def _case(self, *, known: bool) -> str | None:
        """Answer the key of a court case that makes no lead: its property is not known, or it has none."""
        if "case_number" not in self._of.at:
            return None
        number = self._cell("case_number")
        if empty(number):
            return None
        real = self._cell("estate_real")
        if real.strip() and cells.cents(real) == "0":
            self._say("no real estate declared: case only, no lead")
        elif known:
            return None
        elif "address" in self._of.at or "street" in self._of.at:
            self._say("the property's address is not known: case kept, no lead yet")
        return f"{CASE}{self._cell('county').strip().upper()}|{number.strip().upper()}"

    def _look_up(self) -> None:
        """Stage a number and what was found of it; it makes nobody and no lead."""
        of, row = self._of, self._row
        found = self._numbers(of.phones[:1], 0)
        if not found:
            reading = phone.read(row[of.phones[0].number])
            reason = f"{of.phones[0].header} {reading.raw.strip()}: {phone.explain(reading)}: not a usable number"
            self._out.row.append(closed(int(self._ref), RowVerdict.REJECT, reason, of.phones[0].header, row))
            return
        self._row_marks(found)
        clean = of.phones[0].clean
        said = any(not empty(row[index]) for index, _, _ in of.phones[0].marks) or (
            clean >= 0 and not empty(row[clean])
        )
        if not said:
            self._say("no verdict in the row: unknown, never clean")
        line = [NULL] * 5 + [BETWEEN.join(map(escape, row)), f"{LINE}{self._ref}", NULL, self._digest()]
        line[0], line[4] = self._ref, BETWEEN.join(map(escape, self._said)) or NULL
        line += [NULL] * 9 + ["f"]
        line += [NULL] * (1 + len(of.facts)) + [NULL] * 4
        self._out.row.append("\t".join(line))

    # The place

    def _place_cells(self) -> tuple[Street, str, str, str, str]:
        """Answer street, city, state, ZIP code and the address as written."""
        of, row = self._of, self._row
        if of.one_line >= 0:
            return self._cut_line(row[of.one_line])
        i_street, i_unit, i_city, i_state, i_zip = of.home
        written = row[i_street] if i_street >= 0 else ""
        if number := self._cell("street_number").strip():
            written = f"{number} {written}".strip()
        unit = row[i_unit] if i_unit >= 0 else ""
        if written[:1] == "=":
            self._say('text begins with "=": stored as text, guarded on export')
        city = city_of(row[i_city]) if i_city >= 0 else ""
        state = row[i_state] if i_state >= 0 else ""
        zip_text = row[i_zip] if i_zip >= 0 else ""
        if "city_line" in of.at:
            city, state, zip_text = addresses.cut_city_line(self._cell("city_line"))
            city = city_of(city)
        state = state if state.strip() else of.fixed.get("state", "")
        if not city and zip_text.strip():
            city = self._city_of_mailing(zip_text)
        return addresses.cut_street(written, unit), city, state, zip_text, f"{written} {unit}" if unit else written

    def _city_of_mailing(self, zip_text: str) -> str:
        """Take the city of the owner's mail where the property's is empty and both have one ZIP code."""
        _, _, i_city, _, i_zip = self._of.mailing
        if not self._of.fixed or i_city < 0 or i_zip < 0 or self._row[i_zip].strip()[:5] != zip_text.strip()[:5]:
            return ""
        return city_of(self._row[i_city])

    def _county(self) -> str:
        """Answer the county; Florida's rolls give its number."""
        return addresses.florida_county(text) or text if (text := self._cell("county")) else ""

    def _cut_line(self, written: str) -> tuple[Street, str, str, str, str]:
        cut = addresses.cut_line(written)
        unit = self._cell("unit") or cut.unit or ""
        city = self._cell("city") or cut.city or ""
        return (
            addresses.cut_street(cut.street, unit), city_of(city), self._cell("state") or cut.state or "",
            self._cell("zip") or cut.zip or "", written,
        )  # fmt: skip

    def _zip(self, text: str, state: str) -> tuple[str | None, str | None]:
        zip5, zip4, fault = zip_of(text, state)
        if fault is not None:
            self._say(f"{self._header('zip').lower()} {fault}")
        return zip5, zip4

    def _reject(self, street: Street, apn: str | None, city: str) -> None:
        of = self._of
        if is_footer(self._row):
            self._out.row.append(closed(int(self._ref), RowVerdict.FOOTER, "a closing line, not data", raw=self._row))
            return
        column = "address" if of.one_line >= 0 and "address" in of.at else "street"
        reason = _no_identity(street, apn, city)
        if "case_number" in of.at:
            column, reason = "case_number", "no case number and no party"
        self._out.row.append(
            closed(int(self._ref), RowVerdict.REJECT, reason, self._header(column), self._row, self._said)
        )

    def _digest(self) -> str:
        """Digest the row as written; signed, as Postgres's bigint is."""
        text = "\x1f".join(self._row).encode("utf-8", "surrogatepass")
        found = hashlib.blake2b(text, digest_size=8, key=self._of.salt).digest()
        return str(int.from_bytes(found, "big", signed=True))

    # Facts

    def _facts(self) -> list[str]:
        row, of = self._row, self._of
        out: list[str] = []
        land = is_land(row[of.property_type]) if of.property_type >= 0 else False
        for index, read in of.facts:
            cell = row[index] if index >= 0 else ""
            if not cell or (index >= 0 and not cell.strip()):
                out.append(NULL)
                continue
            value = read(cell)
            if value is None:
                self._say(f'{of.headers[index]} "{cell.strip()}" cannot be read; left empty')
                value = NULL
            elif read is cells.day and "/" not in cell and cells.is_serial(cell):
                self._say(f"date {cell.strip()} is an Excel serial: {value}")
            elif land and value == "0" and read in UNCOUNTED:
                self._say(LAND)
                value = NULL
            elif of.nominal and index == of.at.get("last_sale_amount") and 0 < int(value) <= of.nominal:
                self._say(f"{of.headers[index]} {cell.strip()}: nominal, not a price")
                value = NULL
            out.append(value)
        return out

    def _extra(self) -> str:
        """Write the cells of the columns without a field; their headers are staged once for the file."""
        found: list[str] = []
        for index in self._of.extras:
            cell = self._row[index]
            if index in self._of.days and cells.is_serial(cell):
                value = cells.day(cell) or cell
                self._say(f"date {cell.strip()} is an Excel serial: {value}")
                cell = value
            found.append(escape(cell))
        return BETWEEN.join(found) if any(found) else NULL

    def _words(self, columns: Sequence[int]) -> str:
        if not columns:
            return NULL
        if len(columns) == 1:
            return cells.words(cell) if (cell := self._row[columns[0]]) else NULL
        return cells.words(", ".join(filter(None, (self._row[index] for index in columns))))

    def _notes(self) -> str:
        text = "\n".join(filter(None, (self._row[index].strip() for index in self._of.notes)))
        return escape(text) if text else NULL

    # People and numbers

    def _people(self, street: Street, home: str) -> None:
        """Read who stands in the row, their numbers, what is marked against them, and e-mail addresses."""
        of = self._of
        found = members(of, self._row, street, self._say)
        whose = holder(found)
        if not whose and any(self._row[columns.number].strip() for columns in of.phones):
            found.append(unnamed(found, *mailing(of, self._row, street)))
            whose = len(found)
        care_of = text_of(addresses.tidy(self._cell("care_of")))
        numbers = self._numbers(of.phones, whose)
        for position, one in enumerate(found, 1):
            name = one.name
            self._out.person.append(
                f"{self._ref}\t{position}\t{escape(names.person_key(name.key, one.place or home))}\t{one.role.value}\t"
                f"{name.kind.value}\t{text_of(name.display)}\t{text_of(name.first)}\t{text_of(name.last)}\t"
                f"{text_of(one.raw)}\t{care_of}\t{one.mail}\t{'t' if one.spouse else 'f'}"
            )
            numbers += self._numbers(one.phones, position)
            self._emails(one.emails, position)
        self._emails(of.emails, whose or int(not found))
        self._row_marks(numbers)

    def _row_marks(self, numbers: Sequence[str]) -> None:
        """Read what is marked against every number of the row, or against mail to it."""
        of, row = self._of, self._row
        for index, header, kind in of.row_marks:
            cell = row[index]
            if cell and cells.mark(cell):
                self._unclear(header, cell)
                for digits in numbers:
                    self._mark(kind, digits, header, cell)
        for index in of.notes:
            if AGAINST_CONTACT.search(cell := row[index]):
                self._say("a note asks not to be contacted: every number of the row is opted out")
                for digits in numbers:
                    self._mark(SuppressionKind.OPT_OUT, digits, of.headers[index], cell)
        index = of.do_not_mail
        if index >= 0 and cells.mark(row[index]):
            self._unclear(of.headers[index], row[index])
            self._mark(SuppressionKind.DO_NOT_MAIL, None, of.headers[index], row[index])

    def _emails(self, columns: Sequence[int], position: int) -> None:
        for index in columns:
            if cell := self._row[index]:
                self._email(self._of.headers[index], cell, position)

    def _numbers(self, columns: Sequence[PhoneColumns], position: int) -> list[str]:
        numbers: list[str] = []
        for one in columns:
            cell = self._row[one.number]
            if not cell:
                continue
            digits = phone.plain_digits(cell)
            if digits is not None:
                numbers.append(digits)
                self._number(one, len(numbers), digits, NULL, None, position)
            elif cell.strip():
                for reading in phone.read_all(cell):
                    if self._usable(one, reading) and reading.e164 is not None:
                        numbers.append(reading.e164[1:])
                        self._number(one, len(numbers), numbers[-1], text_of(_note(reading)), reading, position)
        return numbers

    def _number(
        self, columns: PhoneColumns, rank: int, digits: str, note: str, reading: PhoneReading | None, position: int
    ) -> None:
        row = self._row
        kind = line_type_of(row[columns.kind] if columns.kind >= 0 else columns.kind_word)
        if reading is not None and reading.extension:
            kind = LineType.LANDLINE.value
            self._say(f"extension x{reading.extension} kept as note; number not textable (landline)")
        if reading is not None and reading.note and AGAINST_CONTACT.search(reading.note):
            self._say(f'"{reading.note}" is written beside the number: marked against contact')
            self._mark(SuppressionKind.VENDOR_DNC, digits, columns.header, reading.raw)
        marked = False
        for index, header, against in columns.marks:
            cell = row[index]
            if cell and cells.mark(cell):
                marked = True
                self._unclear(header, cell)
                self._mark(against, digits, header, cell)
        clean = self._clean(columns, digits, marked=marked)
        self._out.phone.append(
            f"{self._ref}\t{rank}\t{digits}\t{kind}\t{escape(columns.header)}\t{note}\t{clean}\t{position}"
        )

    def _clean(self, columns: PhoneColumns, digits: str, *, marked: bool) -> str:
        """Answer whether the row says that the number was looked up and is on no list; an empty cell says nothing."""
        if columns.clean >= 0:
            cell = self._row[columns.clean]
            said = cells.mark(cell)
            if said is False and not marked:
                self._mark(SuppressionKind.VENDOR_DNC, digits, self._of.headers[columns.clean], cell)
            return "t" if said and not cells.unclear(cell) and not marked else NULL
        return "t" if columns.dnc >= 0 and (cell := self._row[columns.dnc]) and cells.mark(cell) is False else NULL

    def _usable(self, columns: PhoneColumns, reading: PhoneReading) -> bool:
        if reading.e164 is not None:
            return True
        written = reading.raw.strip()
        match reading.fault:
            case PhoneFault.EMPTY:
                self._say(f'{columns.header} "{written}" is empty')
            case PhoneFault.DAMAGED:
                self._say(f'{columns.header} "{written}" is damaged by a spreadsheet; phone dropped, lead kept')
            case _:
                self._say(f"{columns.header} {written}: {phone.explain(reading)}; dropped")
        return False

    def _unclear(self, header: str, cell: str) -> None:
        if cells.unclear(cell):
            self._say(f'{header} "{cell.strip()}" is neither yes nor no; taken as yes')

    def _mark(self, kind: SuppressionKind, digits: str | None, header: str, cell: str) -> None:
        key = NULL if digits is None else rf"\\x{phone_key(self._of.pepper, f'+{digits}').hex()}"
        self._out.mark.append(f"{self._ref}\t{kind.value}\t{digits or NULL}\t{key}\t{escape(header)}\t{escape(cell)}")

    def _email(self, header: str, cell: str, position: int) -> None:
        found = cells.email(cell)
        if found is not None:
            self._out.email.append(f"{self._ref}\t{escape(found)}\t{position}")
        elif cell.strip().lower() not in cells.NOTHING:
            self._say(f'{header} "{cell.strip()}" is no e-mail address; dropped')


def _note(reading: PhoneReading) -> str | None:
    parts = (f"x{reading.extension}" if reading.extension else None, reading.note)
    return "; ".join(part for part in parts if part) or None


def _no_identity(street: Street, apn: str | None, city: str) -> str:
    missing = "no APN" if not apn else "an APN without county and state"
    if not street.key:
        return f"no property identity: no street and {missing}"
    if not addresses.has_house_number(street.key):
        return f"no property identity: street without a house number and {missing}"
    if city:
        return f"no property identity: a city without state and ZIP code, and {missing}; give the file a default state"
    return f"no property identity: no ZIP code, no city with state, and {missing}"
