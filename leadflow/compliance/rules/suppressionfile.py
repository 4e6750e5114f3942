"""Read a file of numbers that must not be contacted. Pure.

CSV with a header that names ``phone`` and, if it likes, ``kind`` and ``note``; or numbers alone, one a line. Every line
must be right: half a list of people who said no is worse than none, because it looks whole.
"""

from __future__ import annotations

import csv
import io
from typing import NamedTuple

from leadflow.kernel import phone as phones
from leadflow.kernel.errors import Invalid
from models.vocabulary import SuppressionKind

MOST = 5_000
"""Rows of one file. Own choice: each closes all of a person's numbers, in one transaction."""
TOLD = 5
"""Wrong lines that a refusal names."""
KINDS = frozenset(SuppressionKind) - {SuppressionKind.REVIEW, SuppressionKind.DO_NOT_MAIL}


class Line(NamedTuple):
    """One number and why."""

    number: int
    """Of the line, from 1."""
    e164: str
    kind: SuppressionKind
    note: str


def lines(content: bytes, default: SuppressionKind) -> list[Line]:
    """Read a file.

    Raises:
        Invalid: it is no text, holds nothing or too much, or lines are wrong; names the first of them and why.
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid("This is no text in UTF-8. Save the file as CSV (UTF-8).", "file") from error
    if "\0" in text:
        raise Invalid("This is no text. Save the file as CSV (UTF-8).", "file")
    rows = [(place, row) for place, row in enumerate(_rows(text), 1) if any(cell.strip() for cell in row)]
    names = [cell.strip().casefold() for cell in rows[0][1]] if rows else []
    headed = "phone" in names
    rows = rows[1:] if headed else rows
    if not rows:
        raise Invalid("The file names no number.", "file")
    if len(rows) > MOST:
        raise Invalid(f"The file has {len(rows):,} rows. Bring in at most {MOST:,} at a time.", "file")
    found: list[Line] = []
    wrong: list[str] = []
    for place, row in rows:
        cells = dict(zip(names if headed else ("phone", "kind", "note"), (cell.strip() for cell in row), strict=False))
        try:
            found.append(
                Line(place, phones.parse(cells.get("phone", "")), _kind(cells, default), cells.get("note", ""))
            )
        except Invalid as error:
            wrong.append(f"line {place}: {error.message}")
    if wrong:
        more = f" And {len(wrong) - TOLD} more." if len(wrong) > TOLD else ""
        raise Invalid(f"Nothing was brought in. {' '.join(wrong[:TOLD])}{more}".replace("line", "Line", 1), "file")
    return found


def _rows(text: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error as error:
        raise Invalid(f"The file cannot be read as CSV: {error}.", "file") from error


def _kind(cells: dict[str, str], default: SuppressionKind) -> SuppressionKind:
    given = cells.get("kind", "").casefold().replace(" ", "_").replace("-", "_")
    if not given:
        return default
    if given not in KINDS:
        raise Invalid(f"{given[:40]!r} is no reason; write one of {', '.join(sorted(KINDS))}.")
    return SuppressionKind(given)
