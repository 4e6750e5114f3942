"""Files that a command reads: CSV in UTF-8 with a header line; a bad one is refused whole, by line and reason."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from leadflow.kernel.errors import Refused

MOST_PROBLEMS = 20
"""Bad lines that an error names."""


Read = TypeVar("Read")


class BadFile(Refused):
    """A file cannot be read; each reason names its line."""

    code = "bad_file"


def rows(path: Path, columns: tuple[str, ...], read: Callable[[dict[str, str]], Read]) -> list[Read]:
    """Read every row, or none.

    Args:
        path: the file; ``-`` is not special.
        columns: names that the header must have; others may stand beside them.
        read: makes an answer of one row.

    Raises:
        BadFile: no such file, no UTF-8, no header, a column is missing, a line has too many or too few fields, or
            ``read`` raised ``ValueError``.
    """
    text = _text(path)
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    found: list[Read] = []
    problems: list[str] = []
    ended = 1
    try:
        _check_header(path, reader.fieldnames, columns)
        for row in reader:
            ended = reader.line_num
            try:
                found.append(read(_whole(row)))
            except ValueError as error:
                problems.append(f"line {ended - _breaks(row)}: {error}")
    except csv.Error as error:
        problems.append(f"line {ended + 1}: {error}")
    if problems:
        raise _refusal(path, problems)
    return found


def _text(path: Path) -> str:
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise BadFile(f"{path.name} cannot be opened: {error.strerror or error}.") from error
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise _refusal(path, [f"line {line}: not UTF-8; save the file as CSV UTF-8"]) from error


def _check_header(path: Path, header: object, columns: tuple[str, ...]) -> None:
    names = list(header) if isinstance(header, list) else []
    if not names:
        raise _refusal(path, ["line 1: the file is empty; the first line names the columns"])
    missing = [name for name in columns if name not in names]
    if missing:
        raise _refusal(path, [f"line 1: no column {', '.join(missing)}; the header needs {', '.join(columns)}"])


def _whole(row: dict[str, str]) -> dict[str, str]:
    if None in row:
        raise ValueError("more fields than the header names; put a field with commas in quotes")
    if any(value is None for value in row.values()):
        raise ValueError("fewer fields than the header names")
    return row


def _breaks(row: dict[str, str]) -> int:
    """Count the line breaks inside fields: a row begins that many lines before it ends."""
    return sum(value.count("\n") for value in row.values() if isinstance(value, str))  # pyright: ignore[reportUnnecessaryIsInstance] missing fields are None


def _refusal(path: Path, problems: list[str]) -> BadFile:
    more = len(problems) - MOST_PROBLEMS
    told = problems[:MOST_PROBLEMS] + ([f"and {more} more lines"] if more > 0 else [])
    return BadFile(f"{path.name} cannot be used: {told[0]}.", tuple(told))
