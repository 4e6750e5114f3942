"""What one row says: its verdict where that can be told from the row alone, its warnings, and the values to store.

A ``RowReader`` is made once for a mapping and reads row after row into lines of Postgres's COPY text, one list for each
staging table. That form is the fastest known (docs/performance); ``COLUMNS`` names what stands where.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice

import orjson

from leadflow.compliance.rules.keys import phone_key
from leadflow.imports.rules import cells
from leadflow.imports.rules.blocks import read_block
from leadflow.imports.rules.cells import BETWEEN, NULL, escape
from leadflow.imports.rules.fields import EXTRA, MOST_EMAILS, MOST_PHONES, OWNERS
from leadflow.imports.rules.texts import (
    HOLDERS_NAME,
    NO_MAIL,
    OWNER,
    city_of,
    county_of,
    json_of,
    line_type_of,
    state_of,
    text_of,
    type_of_property,
    zip_of,
)
from leadflow.kernel import phone
from leadflow.kernel.phone import PhoneFault, PhoneReading
from leadflow.properties.rules import addresses, names, parcels
from leadflow.properties.rules.addresses import Street
from leadflow.properties.rules.names import Name
from models.vocabulary import LineType, PersonKind, RowVerdict, SuppressionKind

FACTS: dict[str, Callable[[str], str | None]] = {
    "bedrooms": cells.number,
    "bathrooms": cells.number,
    "building_sqft": cells.whole,
    "lot_sqft": cells.whole,
    "year_built": cells.whole,
    "owner_occupied": cells.flag,
    "assessed_value": cells.cents,
    "estimated_value": cells.cents,
    "estimated_equity": cells.cents,
    "loan_balance": cells.cents,
    "loan_to_value": cells.ratio,
    "last_sale_on": cells.day,
    "decedent_died_on": cells.day,
    "probate_filed_on": cells.day,
    "last_sale_amount": cells.cents,
    "latitude": cells.coordinate,
    "longitude": cells.coordinate,
}
"""Fields that one reader turns into one column of ``property``."""

PLACE = ("street", "unit", "city", "state", "zip5", "zip4", "county", "apn", "raw_address", "mailable", "property_type")

COLUMNS: dict[str, tuple[tuple[str, str], ...]] = {
    "row": (
        ("ref", "bigint"),
        ("outcome", "text"),
        ("reason", "text"),
        ("reason_column", "text"),
        ("warnings", "text"),
        ("raw", "text"),
        ("address_key", "text"),
        ("parcel_key", "text"),
        ("digest", "bigint"),
        ("street", "text"),
        ("unit", "text"),
        ("city", "text"),
        ("state", "text"),
        ("zip5", "text"),
        ("zip4", "text"),
        ("county", "text"),
        ("apn", "text"),
        ("raw_address", "text"),
        ("mailable", "boolean"),
        ("property_type", "text"),
        ("bedrooms", "double precision"),
        ("bathrooms", "double precision"),
        ("building_sqft", "integer"),
        ("lot_sqft", "integer"),
        ("year_built", "integer"),
        ("owner_occupied", "boolean"),
        ("assessed_value", "bigint"),
        ("estimated_value", "bigint"),
        ("estimated_equity", "bigint"),
        ("loan_balance", "bigint"),
        ("loan_to_value", "double precision"),
        ("last_sale_on", "date"),
        ("decedent_died_on", "date"),
        ("probate_filed_on", "date"),
        ("last_sale_amount", "bigint"),
        ("latitude", "double precision"),
        ("longitude", "double precision"),
        ("extra", "jsonb"),
        ("lists", "text"),
        ("tags", "text"),
        ("notes", "text"),
    ),
    "person": (
        ("ref", "bigint"),
        ("position", "integer"),
        ("person_key", "text"),
        ("role", "text"),
        ("kind", "text"),
        ("name", "text"),
        ("first_name", "text"),
        ("last_name", "text"),
        ("raw_name", "text"),
        ("care_of", "text"),
        ("mailing_street", "text"),
        ("mailing_unit", "text"),
        ("mailing_city", "text"),
        ("mailing_state", "text"),
        ("mailing_zip5", "text"),
    ),
    "phone": (
        ("ref", "bigint"),
        ("rank", "integer"),
        ("e164", "bigint"),
        ("line_type", "text"),
        ("column_name", "text"),
        ("note", "text"),
        ("clean", "boolean"),
    ),
    "mark": (
        ("ref", "bigint"),
        ("kind", "text"),
        ("e164", "bigint"),
        ("phone_key", "bytea"),
        ("column_name", "text"),
        ("value", "text"),
    ),
    "email": (("ref", "bigint"), ("email", "text")),
}
"""The staging tables, and what each line of ``Staged`` holds."""

FACT_COLUMNS = tuple(name for name, _ in COLUMNS["row"] if name in FACTS)

_FOOTER_WORDS = (
    "copyright", "©", "licen", "disclaim", "confidential", "terms of use", "exported", "generated", "total", "records",
    "end of", "page ", "all rights", "report",
)  # fmt: skip
BLOCK = 1_024
"""Rows that are read together, column by column."""


@dataclass(slots=True)
class Staged:
    """Lines of COPY text, ready for the staging tables, and how many rows they came from."""

    row: list[str] = field(default_factory=list[str])
    person: list[str] = field(default_factory=list[str])
    phone: list[str] = field(default_factory=list[str])
    mark: list[str] = field(default_factory=list[str])
    email: list[str] = field(default_factory=list[str])
    rows: int = 0

    def tables(self) -> Iterator[tuple[str, list[str]]]:
        """Answer each table's name with its lines."""
        yield "row", self.row
        yield "person", self.person
        yield "phone", self.phone
        yield "mark", self.mark
        yield "email", self.email


@dataclass(frozen=True, slots=True)
class _PhoneColumns:
    """Where one number and what is said of it stand."""

    number: int
    header: str
    kind: int
    marks: tuple[tuple[int, str, SuppressionKind], ...]
    dnc: int


class RowReader:
    """Reads the rows of one file.

    Args:
        headers: distinct headers in the file's order.
        mapping: header to field.
        pepper: keys the HMAC of marked numbers.
        salt: goes into every row's digest: what else decides what would be stored (mapping, options).
    """

    def __init__(
        self, headers: Sequence[str], mapping: Mapping[str, str | None], pepper: bytes, salt: str = ""
    ) -> None:
        self.headers = tuple(headers)
        self.width = len(headers)
        self.pepper = pepper
        self.salt = hashlib.blake2b(salt.encode(), digest_size=16).digest()
        at: dict[str, int] = {}
        many: dict[str, list[int]] = {EXTRA: [], "lists": [], "tags": [], "notes": []}
        for index, header in enumerate(self.headers):
            target = mapping.get(header)
            if target in many:
                many[target].append(index)
            elif target is not None:
                at.setdefault(target, index)
        self.at = at
        self.property_type, self.do_not_mail = at.get("property_type", -1), at.get("do_not_mail", -1)
        self.facts = tuple((at.get(name, -1), FACTS[name]) for name in FACT_COLUMNS)
        self.extras = tuple((index, f"{orjson.dumps(self.headers[index]).decode()}:") for index in many[EXTRA])
        self.lists, self.tags, self.notes = many["lists"], many["tags"], many["notes"]
        self.phones = tuple(self._phone_columns())
        self.row_marks = tuple(
            (at[name], self.headers[at[name]], kind)
            for name, kind in (
                ("dnc", SuppressionKind.VENDOR_DNC),
                ("litigator", SuppressionKind.LITIGATOR),
                ("opt_out", SuppressionKind.OPT_OUT),
            )
            if name in at
        )
        self.emails = tuple(at[name] for n in range(1, MOST_EMAILS + 1) if (name := f"email_{n}") in at)
        self.owners = tuple(
            columns
            for n in range(1, OWNERS + 1)
            if (columns := tuple(at.get(f"owner_{n}_{part}", -1) for part in ("name", "first_name", "last_name")))
            != (-1, -1, -1)
        )
        self.mailing = tuple(
            at.get(name, -1)
            for name in ("mailing_street", "mailing_unit", "mailing_city", "mailing_state", "mailing_zip")
        )
        self.home = tuple(at.get(name, -1) for name in ("street", "unit", "city", "state", "zip"))
        # A one-line address needs cutting; so does a street column that stands alone.
        self.one_line = at.get("address", at.get("street", -1) if "city" not in at else -1)

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
            out.row.append(_closed(ref, RowVerdict.BLANK))
            return
        _Row(self, ref, row, out).stage()

    def _misfit(self, ref: int, row: list[str], out: Staged) -> None:
        """A row with more or fewer cells than the header: blank, a footer, or a reject; never cut to fit."""
        if not any(map(str.strip, row)):
            out.row.append(_closed(ref, RowVerdict.BLANK))
        elif is_footer(row):
            out.row.append(_closed(ref, RowVerdict.FOOTER, "a closing line, not data", raw=row))
        else:
            reason = f"{len(row)} cells in a row, header has {self.width}"
            out.row.append(_closed(ref, RowVerdict.REJECT, reason, raw=row))

    def _phone_columns(self) -> Iterator[_PhoneColumns]:
        at = self.at
        for n in range(1, MOST_PHONES + 1):
            number = at.get(f"phone_{n}", -1)
            if number < 0:
                continue
            marks = tuple(
                (at[name], self.headers[at[name]], kind)
                for name, kind in (
                    (f"phone_{n}_dnc", SuppressionKind.VENDOR_DNC),
                    (f"phone_{n}_litigator", SuppressionKind.LITIGATOR),
                    (f"phone_{n}_opt_out", SuppressionKind.OPT_OUT),
                )
                if name in at
            )
            dnc = at.get(f"phone_{n}_dnc", at.get("dnc", -1))
            yield _PhoneColumns(number, self.headers[number], at.get(f"phone_{n}_type", -1), marks, dnc)


def is_footer(row: Sequence[str]) -> bool:
    """Say whether a row is a closing line (licence, total), not data: one or two cells, and words of that sort."""
    full = [cell.strip() for cell in row if cell.strip()]
    if not full or len(full) > 2:  # noqa: PLR2004 "Total", "28"
        return False
    text = " ".join(full).lower()
    return any(word in text for word in _FOOTER_WORDS)


def _closed(
    ref: int, verdict: RowVerdict, reason: str | None = None, column: str | None = None,
    raw: Sequence[str] | None = None, warnings: Sequence[str] = (),
) -> str:  # fmt: skip
    """Write the line of a row that makes no lead."""
    kept = NULL if raw is None else BETWEEN.join(escape(cell) for cell in raw)
    head = (
        str(ref), verdict.value, NULL if reason is None else escape(reason), NULL if column is None else escape(column),
        BETWEEN.join(map(escape, warnings)) or NULL, kept,
    )  # fmt: skip
    return "\t".join(head) + _REST


_REST = ("\t" + NULL) * (len(COLUMNS["row"]) - 6)


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
        of, row = self._of, self._row
        street, city, state_text, zip_text, raw = self._place_cells()
        state = state_of(state_text)
        if state is None and state_text.strip() and state_text.strip().lower() not in cells.NOTHING:
            self._say(f'{self._header("state")} "{state_text.strip()}" is no state; left empty')
        zip5, zip4 = self._zip(zip_text, state or "")
        county = county_of(self._cell("county"))
        apn = parcels.read_apn(self._cell("apn"))
        parcel = parcels.parcel_key(apn, county, state)
        key = addresses.address_key(street.key, street.unit_key, zip5, city, state)
        if key is None and parcel is None:
            self._reject(street, apn)
            return
        if apn and parcels.damaged(apn):
            self._say(f'{self._header("apn")} "{apn}" is damaged by a spreadsheet; kept as text, not used as a key')
        if key is None:
            self._say(_why_by_parcel(street.key))
        self._people(street, key or parcel or "")
        self._contacts()
        facts = self._facts()
        line = [
            self._ref, NULL, NULL, NULL, NULL, NULL, key or NULL, parcel or NULL, self._digest(),
            text_of(street.line), text_of(street.unit), text_of(city), state or NULL, zip5 or NULL, zip4 or NULL,
            text_of(county), text_of(apn), text_of(raw), "f" if key is None else "t",
            type_of_property(row[i]) if (i := of.property_type) >= 0 else NULL,
            *facts, self._extra(), self._words(of.lists), self._words(of.tags), self._notes(),
        ]  # fmt: skip
        if self._said:
            line[4] = BETWEEN.join(map(escape, self._said))
        self._out.row.append("\t".join(line))

    def _cell(self, name: str) -> str:
        index = self._of.at.get(name, -1)
        return self._row[index] if index >= 0 else ""

    def _header(self, name: str) -> str:
        index = self._of.at.get(name, -1)
        return self._of.headers[index] if index >= 0 else name

    def _say(self, warning: str) -> None:
        self._said.append(warning)

    def _place_cells(self) -> tuple[Street, str, str, str, str]:
        """Answer street, city, state, ZIP code and the address as written."""
        of, row = self._of, self._row
        if of.one_line >= 0:
            return self._cut_line(row[of.one_line])
        i_street, i_unit, i_city, i_state, i_zip = of.home
        written = row[i_street] if i_street >= 0 else ""
        unit = row[i_unit] if i_unit >= 0 else ""
        if written[:1] == "=":
            self._say('text begins with "=": stored as text, guarded on export')
        city = city_of(row[i_city]) if i_city >= 0 else ""
        state = row[i_state] if i_state >= 0 else ""
        zip_text = row[i_zip] if i_zip >= 0 else ""
        return addresses.cut_street(written, unit), city, state, zip_text, f"{written} {unit}" if unit else written

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

    def _reject(self, street: Street, apn: str | None) -> None:
        of = self._of
        if is_footer(self._row):
            self._out.row.append(_closed(int(self._ref), RowVerdict.FOOTER, "a closing line, not data", raw=self._row))
            return
        column = "address" if of.one_line >= 0 and "address" in of.at else "street"
        reason = _no_identity(street, apn)
        self._out.row.append(
            _closed(int(self._ref), RowVerdict.REJECT, reason, self._header(column), self._row, self._said)
        )

    def _digest(self) -> str:
        """Digest the row as written; signed, as Postgres's bigint is."""
        text = "\x1f".join(self._row).encode("utf-8", "surrogatepass")
        found = hashlib.blake2b(text, digest_size=8, key=self._of.salt).digest()
        return str(int.from_bytes(found, "big", signed=True))

    def _facts(self) -> list[str]:
        row = self._row
        out: list[str] = []
        for index, read in self._of.facts:
            cell = row[index] if index >= 0 else ""
            if not cell:
                out.append(NULL)
                continue
            value = read(cell)
            if value is None:
                self._say(f'{self._of.headers[index]} "{cell.strip()}" cannot be read; left empty')
                value = NULL
            elif read is cells.day and "/" not in cell and cells.is_serial(cell):
                self._say(f"date {cell.strip()} is an Excel serial: {value}")
            out.append(value)
        return out

    def _extra(self) -> str:
        row = self._row
        pairs = [head + json_of(cell) for index, head in self._of.extras if (cell := row[index])]
        return escape("{" + ",".join(pairs) + "}") if pairs else "{}"

    def _words(self, columns: Sequence[int]) -> str:
        if not columns:
            return NULL
        if len(columns) == 1:
            return cells.words(cell) if (cell := self._row[columns[0]]) else NULL
        return cells.words(", ".join(filter(None, (self._row[index] for index in columns))))

    def _notes(self) -> str:
        text = "\n".join(filter(None, (self._row[index].strip() for index in self._of.notes)))
        return escape(text) if text else NULL

    def _people(self, street: Street, home: str) -> None:
        of, row = self._of, self._row
        found = [name for columns in of.owners if (name := self._name(columns)) is not None]
        if not found and any(row[phones.number].strip() for phones in of.phones):
            found = [Name(PersonKind.INDIVIDUAL, HOLDERS_NAME, None, None, "CURRENT OWNER")]
        if not found:
            return
        mail, place = self._mailing(street)
        care_of = text_of(addresses.tidy(self._cell("care_of")))
        tail = f"{care_of}\t{mail}"
        for position, name in enumerate(found, 1):
            written = name.display
            self._out.person.append(
                f"{self._ref}\t{position}\t{escape(names.person_key(name.key, place or home))}\t{OWNER}\t"
                f"{name.kind.value}\t{text_of(written)}\t{text_of(name.first)}\t{text_of(name.last)}\t{text_of(written)}\t{tail}"
            )

    def _name(self, columns: Sequence[int]) -> Name | None:
        row = self._row
        whole, first, last = (row[index] if index >= 0 else "" for index in columns)
        if first[:1] == "=" or last[:1] == "=" or whole[:1] == "=":
            self._say('text begins with "=": stored as text, guarded on export')
        if first or last:
            return names.read_parts(first, last)
        return names.read_whole(whole) if whole else None

    def _mailing(self, street: Street) -> tuple[str, str]:
        """Answer the mailing columns and the key of the place; empty where the file gives none."""
        of, row = self._of, self._row
        i_street, i_unit, i_city, i_state, i_zip = of.mailing
        if i_street < 0 or not (written := row[i_street]):
            return NO_MAIL, ""
        unit = row[i_unit] if i_unit >= 0 else ""
        if not unit and written == street.line:
            mail = Street(street.line, None, street.key, "")
        else:
            mail = addresses.cut_street(written, unit)
        mail_city = city_of(row[i_city]) if i_city >= 0 else ""
        mail_state = (state_of(row[i_state]) or "") if i_state >= 0 else ""
        mail_zip = (zip_of(row[i_zip], mail_state)[0] or "") if i_zip >= 0 else ""
        line = "\t".join(map(text_of, (mail.line, mail.unit, mail_city, mail_state, mail_zip)))
        return line, f"{mail.key}|{mail.unit_key}|{mail_zip or mail_city.upper()}"

    def _contacts(self) -> None:
        """Read numbers, what is marked against them, and e-mail addresses."""
        of, row = self._of, self._row
        numbers = self._numbers()
        for index, header, kind in of.row_marks:
            cell = row[index]
            if cell and cells.mark(cell):
                self._unclear(header, cell)
                for digits in numbers:
                    self._mark(kind, digits, header, cell)
        index = of.do_not_mail
        if index >= 0 and cells.mark(row[index]):
            self._unclear(of.headers[index], row[index])
            self._mark(SuppressionKind.DO_NOT_MAIL, None, of.headers[index], row[index])
        for index in of.emails:
            if cell := row[index]:
                self._email(of.headers[index], cell)

    def _numbers(self) -> list[str]:
        numbers: list[str] = []
        for columns in self._of.phones:
            cell = self._row[columns.number]
            if not cell:
                continue
            digits = phone.plain_digits(cell)
            if digits is not None:
                numbers.append(digits)
                self._number(columns, len(numbers), digits, NULL, None)
            elif cell.strip():
                for reading in phone.read_all(cell):
                    if self._usable(columns, reading) and reading.e164 is not None:
                        numbers.append(reading.e164[1:])
                        self._number(columns, len(numbers), numbers[-1], text_of(_note(reading)), reading)
        return numbers

    def _number(self, columns: _PhoneColumns, rank: int, digits: str, note: str, reading: PhoneReading | None) -> None:
        row = self._row
        kind = line_type_of(row[columns.kind]) if columns.kind >= 0 else LineType.UNKNOWN.value
        if reading is not None and reading.extension:
            kind = LineType.LANDLINE.value
            self._say(f"extension x{reading.extension} kept as note; number not textable (landline)")
        clean = NULL
        for index, header, marked in columns.marks:
            cell = row[index]
            if not cell:
                continue
            said = cells.mark(cell)
            if said:
                self._unclear(header, cell)
                self._mark(marked, digits, header, cell)
        if columns.dnc >= 0 and (cell := row[columns.dnc]) and cells.mark(cell) is False:
            clean = "t"
        self._out.phone.append(f"{self._ref}\t{rank}\t{digits}\t{kind}\t{escape(columns.header)}\t{note}\t{clean}")

    def _usable(self, columns: _PhoneColumns, reading: PhoneReading) -> bool:
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

    def _email(self, header: str, cell: str) -> None:
        found = cells.email(cell)
        if found is not None:
            self._out.email.append(f"{self._ref}\t{escape(found)}")
        elif cell.strip().lower() not in cells.NOTHING:
            self._say(f'{header} "{cell.strip()}" is no e-mail address; dropped')


def _note(reading: PhoneReading) -> str | None:
    parts = (f"x{reading.extension}" if reading.extension else None, reading.note)
    return "; ".join(part for part in parts if part) or None


def _why_by_parcel(street_key: str) -> str:
    if not street_key:
        return "no street: lead keyed by APN + county, not mailable/mappable"
    if street_key.split(" ", 1)[0].strip("0") == "":
        return "house number 0: lead keyed by APN + county, not mailable/mappable"
    if not addresses.has_house_number(street_key):
        return "no house number: lead keyed by APN + county, not mailable/mappable"
    return "no ZIP code and no city: lead keyed by APN + county, not mailable/mappable"


def _no_identity(street: Street, apn: str | None) -> str:
    missing = "no APN" if not apn else "an APN without county and state"
    if not street.key:
        return f"no property identity: no street and {missing}"
    if not addresses.has_house_number(street.key):
        return f"no property identity: street without a house number and {missing}"
    return f"no property identity: no ZIP code, no city with state, and {missing}"
