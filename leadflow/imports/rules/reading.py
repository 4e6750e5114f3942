"""How a file is written: its encoding, its delimiter and where its rows begin.

The header decides, never the data: a quoted tab or a list in a cell must not turn a semicolon file into another
(cpython 97611, 119123), and no fixed-size sample can end in the middle of a record (csv-reconcile 68).
"""

from __future__ import annotations

import codecs
import csv
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice

from leadflow.imports.errors import UnreadableFile
from leadflow.imports.rules.headers import distinct, normalise
from leadflow.imports.rules.layouts import GUESSES, LAYOUTS
from leadflow.imports.types import Dialect, Reading
from leadflow.kernel.errors import Invalid

DELIMITERS = ",\t;|"
"""Tried on the header, in this order where nothing else decides."""

ENCODINGS = ("utf-8", "cp1252", "latin-1", "cp437", "mac-roman", "utf-16-le", "utf-16-be")
"""What American programs write; the user may choose another than was found out."""

MOST_COLUMNS = 1000
LAST_HEADER = 50
HEADER_WITHIN = 15
"""Records among which the header is looked for."""
HEADER_BYTES = 1 << 20
"""A header longer than this is no header."""

LARGEST_CELL = 1 << 24
"""Bytes; court documents paste whole legal descriptions into one cell."""

LARGEST_PIECE = 1 << 26
"""Bytes without a line end outside quotes, after which the quotes of a file are taken for uneven."""

MOST_LINES = 500
"""Lines that one quoted cell may span in a file with uneven quotes."""

_BOMS = ((b"\xef\xbb\xbf", "utf-8"), (b"\xff\xfe", "utf-16-le"), (b"\xfe\xff", "utf-16-be"))
_KNOWN = frozenset(GUESSES).union(*(layout.fields for layout in LAYOUTS))

csv.field_size_limit(LARGEST_CELL)


class UnevenQuotes(Exception):
    """The quotes of a file do not pair up: it cannot be cut into pieces."""


def encoding_of(start: bytes, pieces: Iterator[bytes]) -> tuple[str, int]:
    """Tell the encoding and the length of the byte order mark.

    Args:
        start: the first bytes.
        pieces: the whole file, piece by piece; read only where there is no byte order mark.

    Raises:
        UnreadableFile: the bytes are no text.
    """
    for bom, name in _BOMS:
        if start.startswith(bom):
            return name, len(bom)
    if b"\x00" in start:
        raise UnreadableFile("This file is not text. Save the table as CSV or XLSX and import that.")
    return ("utf-8" if _is_utf8(pieces) else "cp1252"), 0


def dialect_of(
    start: bytes, encoding: str, bom: int, *, delimiter: str | None = None, header_row: int | None = None
) -> Dialect:
    """Read the header: it decides the delimiter.

    Args:
        start: the first ``HEADER_BYTES`` of the file, or all of it.
        encoding: as ``encoding_of`` told it.
        bom: bytes to skip.
        delimiter: what the user says that it is; None finds it out.
        header_row: the record, from 1, that the user says is the header; None finds it out.

    Raises:
        UnreadableFile: there is no header.
    """
    text = start[bom:].decode(encoding, "replace")
    best = delimiter or max(DELIMITERS, key=lambda delimiter: _score(text, delimiter))
    record, consumed, number = _header(text, best, header_row)
    if not any(cell.strip() for cell in record):
        raise UnreadableFile("This file is empty: its first line must hold the names of the columns.")
    if len(record) > MOST_COLUMNS:
        raise UnreadableFile(f"This file has {len(record)} columns; {MOST_COLUMNS} are the most.")
    offset = bom + len(text[:consumed].encode(encoding))
    return Dialect(encoding, best, distinct(record), offset, bom > 0, number)


def checked(wanted: Reading) -> Reading:
    """Look at what the user says of a file.

    Raises:
        Invalid: there is no such encoding or delimiter, or a row below 1.
    """
    if wanted.encoding is not None and wanted.encoding not in ENCODINGS:
        raise Invalid(f"A file is read as one of: {', '.join(ENCODINGS)}.", "encoding")
    if wanted.delimiter is not None and (wanted.delimiter not in DELIMITERS or len(wanted.delimiter) != 1):
        raise Invalid("A delimiter is a comma, a semicolon, a tab or a bar.", "delimiter")
    if wanted.header_row is not None and not 1 <= wanted.header_row <= LAST_HEADER:
        raise Invalid(f"The header stands in one of the first {LAST_HEADER} rows.", "header_row")
    return wanted


def header_of(records: Sequence[Sequence[str]]) -> int:
    """Find the header among the first records: titles and dates stand above it, and it knows most names.

    Args:
        records: the first ones of a table, blank ones included.

    Returns:
        Its place, from 0; 0 where every record is blank.
    """
    filled = [sum(1 for cell in record if cell.strip()) for record in records]
    least = max(1, min(2, max(filled, default=0)), max(filled, default=0) // 2)
    wide = [at for at, count in enumerate(filled) if count >= least]
    if not wide:
        return 0
    known = {at: sum(normalise(cell) in _KNOWN for cell in records[at]) for at in wide}
    best = max(wide, key=lambda at: (known[at], -at))
    return best if known[best] > 1 else wide[0]


def known_headers(record: Sequence[str]) -> int:
    """Count the cells that are a header of some known layout."""
    return sum(normalise(cell) in _KNOWN for cell in record)


def _header(text: str, delimiter: str, wanted: int | None) -> tuple[list[str], int, int]:
    """Answer the header's cells, the characters used up to its end, and which record it is, from 1."""
    lines = _Lines(text)
    first: list[tuple[list[str], int]] = []
    for record in csv.reader(lines, delimiter=delimiter):
        first.append((record, lines.at))
        if len(first) >= max(HEADER_WITHIN, wanted or 0):
            break
    if not first:
        return [], 0, 1
    at = header_of([record for record, _ in first]) if wanted is None else min(wanted, len(first)) - 1
    return *first[at], at + 1


class _Lines:
    """The lines of a text, and how far the reader has come."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if self.at >= len(self.text):
            raise StopIteration
        ends = [found + 1 for mark in "\n\r" if (found := self.text.find(mark, self.at)) >= 0]
        end = min(ends, default=len(self.text))
        if self.text[end - 1 : end + 1] == "\r\n":
            end += 1
        line, self.at = self.text[self.at : end], end
        return line


def records(lines: Iterator[str], delimiter: str, width: int) -> Iterator[list[str]]:
    """Read every record after the header of a file whose quotes are uneven; no quote swallows the rest of the file.

    Args:
        lines: physical lines with their ends.
        delimiter: one character.
        width: cells of the header; a line that has them and no open quote is a record, whatever quotes it holds.
    """
    waiting: deque[str] = deque()
    while True:
        line = waiting.popleft() if waiting else next(lines, None)
        if line is None:
            return
        if line.count('"') % 2 == 0:
            yield from csv.reader([line], delimiter=delimiter)
            continue
        alone = _strictly([line], delimiter)
        if alone is not None and len(alone) == width:
            yield alone
            continue
        record, left = _gather(line, waiting, lines, delimiter)
        waiting = deque(left)
        yield record


def _gather(line: str, waiting: deque[str], lines: Iterator[str], delimiter: str) -> tuple[list[str], list[str]]:
    """Take more lines until the quotes are even; where they never are, the first line stands alone, quotes and all."""
    source = chain(waiting, lines)
    taken = [line]
    quotes = line.count('"')
    for more in islice(source, MOST_LINES):
        taken.append(more)
        quotes += more.count('"')
        if quotes % 2 == 0 and (record := _strictly(taken, delimiter)) is not None:
            # What the chain has not touched of ``waiting`` must not be lost.
            return record, list(waiting)[len(taken) - 1 :]
    rest = taken[1:] + list(waiting)[len(taken) - 1 :]
    return next(csv.reader([line], delimiter=delimiter, quoting=csv.QUOTE_NONE), list[str]()), rest


def _strictly(lines: list[str], delimiter: str) -> list[str] | None:
    try:
        found = list(csv.reader(lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return None
    return found[0] if len(found) == 1 else None


def pieces(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Cut a file into pieces that end where records probably end.

    Raises:
        UnevenQuotes: there is no such place for ``LARGEST_PIECE`` bytes; read the file in one go.
    """
    carry = b""
    for chunk in chunks:
        piece = carry + chunk
        end = cut(piece)
        if end:
            yield piece[:end]
        elif len(piece) > LARGEST_PIECE:
            raise UnevenQuotes
        carry = piece[end:]
    if carry:
        yield carry


def cut(piece: bytes) -> int:
    """Find a place in ``piece`` where a record probably ends: the last line end outside quotes, or 0.

    Stray quotes can deceive it; the reader of the piece, which is strict, notices when it has been cut inside a cell.
    """
    end = piece.rfind(b"\n") + 1
    quotes = piece.count(b'"', 0, end)
    while end > 0 and quotes % 2:
        before = piece.rfind(b"\n", 0, end - 1) + 1
        quotes -= piece.count(b'"', before, end)
        end = before
    return end


def _score(text: str, delimiter: str) -> tuple[int, int]:
    """Known headers first, then columns."""
    record, _, _ = _header(text, delimiter, None)
    return known_headers(record), len(record)


def _is_utf8(pieces: Iterator[bytes]) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for piece in pieces:
            decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True
