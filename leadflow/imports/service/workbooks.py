"""Reads the sheets of an XLSX workbook as rows of text, one after another, in bounded memory.

Every value becomes what a person sees in the cell: a true date is an ISO date whatever the workbook's epoch, a number
loses its exponent and keeps the zeros that its format shows, a formula stays text and is never run.
"""

from __future__ import annotations

import csv
import io
import re
import tempfile
import warnings
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from leadflow.imports.errors import UnreadableFile
from leadflow.imports.rules import reading
from leadflow.imports.rules.headers import distinct
from leadflow.imports.service import archives
from leadflow.imports.types import Dialect

MOST_ROWS = 1_048_576
"""Rows of a sheet (Microsoft: Excel specifications and limits)."""
PEEKED = 60
"""Rows of each sheet that are looked at to choose it and its header."""
_ZEROS = re.compile(r"0{2,12}", re.ASCII)
_UNREADABLE = "This workbook cannot be read. Open it in a spreadsheet, save it as XLSX or CSV, and import that."
_MIDNIGHT = time()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet, looked at.

    Attributes:
        name: as its tab says.
        header: place of the header among ``rows``, from 0.
        rows: the first ones, as text.
    """

    name: str
    header: int
    rows: tuple[tuple[str, ...], ...]

    @property
    def headers(self) -> tuple[str, ...]:
        """The header's cells, and places without a name as far as the first rows have values."""
        width = max((len(row) for row in self.rows[self.header :]), default=0)
        cells = self.rows[self.header] if self.rows else ()
        return (*cells, *[""] * (width - len(cells)))


def peek(path: Path) -> list[Sheet]:
    """Look at the first rows of every sheet.

    Raises:
        UnreadableFile: it is no workbook that can be read.
    """
    with _open(path) as book:
        found: list[Sheet] = []
        for sheet in book.worksheets:
            rows = tuple(tuple(row) for row in islice(_rows(sheet), PEEKED))
            found.append(Sheet(str(sheet.title), reading.header_of(rows), rows))
    if not any(sheet.rows for sheet in found):
        raise UnreadableFile("This workbook is empty: a sheet must hold the names of the columns in a row.")
    return found


def chosen(sheets: Sequence[Sheet], name: str | None = None, header_row: int | None = None) -> Sheet:
    """Choose the sheet that the user names, else the one that looks most like a list of leads.

    Raises:
        UnreadableFile: there is no such sheet or row.
    """
    named = [sheet for sheet in sheets if sheet.name == name]
    if name is not None and not named:
        known = ", ".join(sheet.name for sheet in sheets)
        raise UnreadableFile(f"The workbook has no sheet “{name}”. It has: {known}.")
    best = named[0] if named else max(sheets, key=_looks)
    if header_row is None:
        return best
    if not 1 <= header_row <= len(best.rows):
        raise UnreadableFile(f"Row {header_row} is not among the first {len(best.rows)} rows of the sheet.")
    return Sheet(best.name, header_row - 1, best.rows)


def dialect(sheet: Sheet, sheets: Sequence[Sheet], member: str | None) -> Dialect:
    """Tell how the table that ``unroll`` makes of a sheet is written.

    Raises:
        UnreadableFile: it has no header, or too many columns.
    """
    if not any(cell.strip() for cell in sheet.headers):
        raise UnreadableFile("The header row of this sheet is empty. Choose the row with the names of the columns.")
    head = len(_line(sheet.headers).encode())
    names = tuple(one.name for one in sheets)
    return Dialect("utf-8", ",", distinct(sheet.headers), head, False, sheet.header + 1, sheet.name, names, member)  # noqa: FBT003 no byte order mark


def unroll(path: Path, known: Dialect, target: Path) -> None:
    """Write a sheet from its header on as CSV, blank rows included, each row as wide as the header.

    Raises:
        UnreadableFile: it cannot be read to its end.
    """
    width = len(known.headers)
    with (
        _open(path) as book,
        tempfile.NamedTemporaryFile(
            "w", dir=target.parent, prefix="incoming-", newline="", encoding="utf-8", delete=False
        ) as out,
    ):
        try:
            sheet = next(one for one in book.worksheets if one.title == known.sheet)
            for number, row in enumerate(_rows(sheet), 1):
                if number >= known.header_row:
                    out.write(_line([*row, *[""] * (width - len(row))] if row or number == known.header_row else row))
            out.close()
            Path(out.name).replace(target)
        finally:
            Path(out.name).unlink(missing_ok=True)


def _line(row: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerow(row)
    return text.getvalue()


def _looks(sheet: Sheet) -> tuple[int, int]:
    return reading.known_headers(sheet.headers), len(sheet.rows)


@contextmanager
def _open(path: Path) -> Generator[Any]:
    """Open a workbook to read it from front to back; whatever is wrong with it is told in words."""
    archives.refuse_bombs(path)
    with warnings.catch_warnings():
        # What a workbook says of its fonts and printers is nobody's business here.
        warnings.simplefilter("ignore")
        try:
            with path.open("rb") as file:
                book = load_workbook(file, read_only=True, keep_links=False)
                try:
                    yield book
                finally:
                    book.close()
        except UnreadableFile:
            raise
        except (BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, TypeError, AttributeError) as error:
            # A forbidden entity is a ValueError of defusedxml; a damaged part may be any of the others.
            raise UnreadableFile(_UNREADABLE) from error


def _rows(sheet: Any) -> Iterator[list[str]]:  # noqa: ANN401 openpyxl's read-only sheet has no public type
    """Read a sheet's rows as text, trailing empty cells left off; what the sheet claims of its size is not believed."""
    sheet.reset_dimensions()
    for number, cells in enumerate(sheet.iter_rows(), 1):
        if number > MOST_ROWS:
            raise UnreadableFile(f"This sheet claims more than {MOST_ROWS:,} rows. Save it again, or as CSV.")
        row = [_text(cell) for cell in cells]
        while row and not row[-1].strip():
            row.pop()
        if len(row) > reading.MOST_COLUMNS:
            raise UnreadableFile(
                f"Row {number} of this sheet has {len(row):,} columns; {reading.MOST_COLUMNS:,} are the most. "
                "Delete the columns that are not needed, or save the list as CSV."
            )
        yield row


def _text(cell: Any) -> str:  # noqa: ANN401 a cell of any value
    value = cell.value
    if value is None:
        return ""
    match value:
        case bool():
            text = "TRUE" if value else "FALSE"
        case int() | float():
            text = _number(value, str(cell.number_format or ""))
        case datetime():
            text = value.date().isoformat() if value.time() == _MIDNIGHT else value.isoformat(" ", "seconds")
        case date() | time():
            text = value.isoformat()
        case str() | timedelta():
            text = str(value)
        case _:
            # A formula over several cells is an object; its text is what a person would read.
            text = str(getattr(value, "text", None) or value)
    return text


def _number(value: float, shown_as: str) -> str:
    if isinstance(value, float) and value.is_integer() and abs(value) < 10**15:
        value = int(value)
    if isinstance(value, int):
        return str(value).zfill(len(shown_as)) if _ZEROS.fullmatch(shown_as) else str(value)
    return format(Decimal(repr(value)), "f")
