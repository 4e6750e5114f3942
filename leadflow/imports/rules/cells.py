"""What one cell says. Readers answer in Postgres's COPY text (plain digits, ISO dates, t or f), or None: unreadable.

Every reader is a table of written forms (``$268,000``, ``(1,200)``, ``82.00%``, ``15-Jan-2024``, Excel serials).
Readers of columns with few distinct values remember their answers, which is what makes 250,000 rows take seconds.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache

NULL = r"\N"
"""How COPY writes nothing."""

BETWEEN = "\x1f"
"""Joins several values in one staged text (unit separator)."""

NOTHING = frozenset({"", "na", "n/a", "null", "none", "nil", "unk", "unknown", "-", "--", "#n/a", "nan"})
"""Words for an empty cell."""

YES = frozenset({
    "yes", "y", "true", "t", "1", "1.0", "x", "dnc", "do not call", "dnc excluded", "do not mail", "litigator", "tcpa",
    "opt-out", "opted out", "listed",
})  # fmt: skip
NO = frozenset({"no", "n", "false", "f", "0", "0.0", "clean", "ok", "none"})

_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r", "\x00": None, "\x1f": " "})
_MONTHS = {
    name: number
    for number, name in enumerate(
        ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"], 1
    )
}
_SLASHES = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-](\d{4}|\d{2})(?:[ T]\d.*)?", re.ASCII)
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T]\d.*)?", re.ASCII)
_DAY_MONTH = re.compile(r"(\d{1,2})[- ]([A-Za-z]{3})[a-z]*[-, ]+(\d{4}|\d{2})", re.ASCII)
_MONTH_DAY = re.compile(r"([A-Za-z]{3})[a-z]*\.? (\d{1,2}),? (\d{4})", re.ASCII)
_SERIAL = re.compile(r"([2-5]\d{4})(?:\.\d+)?", re.ASCII)
_EXCEL_EPOCH = date(1899, 12, 30)
_EMAIL = re.compile(r"[^\s@,;<>\"]+@[^\s@,;<>\"]+\.[^\s@,;<>\"]+")
_DEGREES = re.compile(r"-?\d{1,3}\.\d{1,12}", re.ASCII)
_SHORT = 10
"""Digits below which a number needs no looking at its size."""
_CENTURY = 100
_PIVOT = 50


def escape(text: str) -> str:
    """Write a text for COPY; the bytes that Postgres cannot hold are dropped."""
    # Nearly every text is plain, and asking that is six times as fast as translating it.
    return text if text.isprintable() and "\\" not in text else text.translate(_ESCAPES)


def mark(cell: str) -> bool | None:
    """Read a mark against contact: True, False, or None where the cell is empty.

    A word that is neither yes nor no counts as yes: not knowing is never permission. Ask ``unclear`` about it.
    """
    word = cell.strip().lower()
    if word in NO and word != "none":
        return False
    return None if word in NOTHING else True


def unclear(cell: str) -> bool:
    """Say whether a mark was neither a plain yes nor a plain no."""
    word = cell.strip().lower()
    return word not in YES and word not in NO and word not in NOTHING and "dnc" not in word and "do not" not in word


@lru_cache(maxsize=512)
def flag(cell: str) -> str | None:
    """Read a yes or no; ``"0"`` is no."""
    word = cell.strip().lower()
    if word in YES:
        return "t"
    if word in NO:
        return "f"
    return NULL if word in NOTHING else None


@lru_cache(maxsize=8192)
def cents(cell: str) -> str | None:
    """Read dollars as integer cents; brackets mean minus."""
    plain = cell.replace("$", "").replace(",", "")
    if plain.isdecimal() and plain.isascii() and len(plain) < _SHORT:
        return str(int(plain) * 100)
    value = _decimal(cell.replace("$", ""))
    if isinstance(value, str):
        return value
    return None if value is None else str(int((value * 100).to_integral_value()))


@lru_cache(maxsize=8192)
def ratio(cell: str) -> str | None:
    """Read a percentage as a ratio: ``82.00%`` is 0.82. Without a sign, a number above 3 is taken for a percentage."""
    text = cell.strip()
    value = _decimal(text.removesuffix("%"))
    if isinstance(value, str) or value is None:
        return value
    return format(value.scaleb(-2).normalize(), "f") if text.endswith("%") or abs(value) > 3 else str(value)  # noqa: PLR2004 no loan is three times a house


@lru_cache(maxsize=8192)
def whole(cell: str) -> str | None:
    """Read a whole number; ``1,541`` and ``1541.0`` are 1541."""
    if cell.isdecimal() and cell.isascii() and len(cell) < _SHORT:
        return str(int(cell))
    value = _decimal(cell)
    if isinstance(value, str) or value is None:
        return value
    return str(int(value)) if abs(value) < 2**31 else None


@lru_cache(maxsize=8192)
def number(cell: str) -> str | None:
    """Read a number that may have a fraction."""
    value = _decimal(cell)
    return value if isinstance(value, str) or value is None else format(value, "f")


@lru_cache(maxsize=8192)
def day(cell: str) -> str | None:
    """Read a date as ISO text. American order; a bare number is an Excel serial (ask ``is_serial``)."""
    text = cell.strip()
    if text.lower() in NOTHING:
        return NULL
    parts = _parts(text)
    if parts is None:
        return None
    year, month, number_of_day = parts
    if year < _CENTURY:
        year += 2000 if year < _PIVOT else 1900
    try:
        return date(year, month, number_of_day).isoformat()
    except ValueError:
        return None


def is_serial(cell: str) -> bool:
    """Say whether a date was written as the number of days since 1899-12-30."""
    return _SERIAL.fullmatch(cell.strip()) is not None


def coordinate(cell: str) -> str | None:
    """Read degrees; the zero of a missing place is empty."""
    if _DEGREES.fullmatch(cell) and 0 < abs(float(cell)) <= 180:  # noqa: PLR2004 degrees
        return cell
    value = _decimal(cell)
    if isinstance(value, str) or value is None:
        return value
    if not value:
        return NULL
    return str(value) if abs(value) <= 180 else None  # noqa: PLR2004 degrees


def email(cell: str) -> str | None:
    """Read the first e-mail address of a cell, lower case; None when there is none."""
    match = _EMAIL.search(cell)
    return match.group().lower().rstrip(".") if match else None


@lru_cache(maxsize=8192)
def words(cell: str) -> str:
    """Read a list of names (``Absentee, High Equity``) as staged text; the order stays, repeats go."""
    text = cell.strip()
    if text.startswith("[") and text.endswith("]"):
        parts = [part or other for part, other in re.findall(r"'([^']*)'|\"([^\"]*)\"", text)]
    else:
        parts = re.split(r"[,;|\n]", text)
    names = dict.fromkeys(name for part in parts if (name := " ".join(part.split())) and name.lower() not in NOTHING)
    return BETWEEN.join(escape(name) for name in names) or NULL


def _decimal(cell: str) -> Decimal | str | None:
    """Answer a number, ``NULL`` where the cell is empty, or None where it is no number."""
    text = cell.strip()
    if text.lower() in NOTHING:
        return NULL
    if text.startswith("(") and text.endswith(")"):
        text = "-" + text[1:-1]
    text = text.replace(",", "").replace("-$", "-").strip()
    if "e" in text.lower():
        return None
    try:
        value = Decimal(text)
    except InvalidOperation:
        return None
    return value if value.is_finite() and abs(value) < 10**15 else None


def _parts(text: str) -> tuple[int, int, int] | None:
    if match := _SLASHES.fullmatch(text):
        return int(match[3]), int(match[1]), int(match[2])
    if match := _ISO.fullmatch(text):
        return int(match[1]), int(match[2]), int(match[3])
    if (match := _DAY_MONTH.fullmatch(text)) and match[2].lower() in _MONTHS:
        return int(match[3]), _MONTHS[match[2].lower()], int(match[1])
    if (match := _MONTH_DAY.fullmatch(text)) and match[1].lower() in _MONTHS:
        return int(match[3]), _MONTHS[match[1].lower()], int(match[2])
    if match := _SERIAL.fullmatch(text):
        found = _EXCEL_EPOCH + timedelta(days=int(match[1]))
        return found.year, found.month, found.day
    return None
