"""Reads a whole column of plain cells at once; what is not plain is read as everywhere else.

A function here says of a column exactly what the reader of one cell says of each of its cells
(``tests/imports/test_plain.py`` holds the two against each other), in a fraction of the time: C walks the column, and
Python only looks at cells that are new or written in an unusual way.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from leadflow.imports.rules import cells
from leadflow.imports.rules.cells import NULL

Out = TypeVar("Out")
Column = Sequence[str]

REMEMBERED = 4_096
"""Distinct cells whose meaning is remembered: a few hundred kilobytes."""
_LONG = 10
"""Digits from which on a number's size must be looked at."""

_SIGNS = str.maketrans("", "", "$,")
_DEGREES = re.compile(r"(?:(?:-?\d{1,3}\.\d{1,12})?\n)*", re.ASCII)


class Memo(dict[str, Out]):
    """Remembers what each cell says; forgets everything when it has grown too large."""

    __slots__ = ("_most", "_read")

    def __init__(self, read: Callable[[str], Out], most: int = REMEMBERED) -> None:
        super().__init__()
        self._read, self._most = read, most

    def __missing__(self, cell: str) -> Out:
        if len(self) >= self._most:
            self.clear()
        found = self[cell] = self._read(cell)
        return found

    def of(self, column: Iterable[str]) -> list[Out]:
        """Answer what each cell of a column says."""
        return list(map(self.__getitem__, column))


def _or_nothing(read: Callable[[str], str | None]) -> Callable[[str], str | None]:
    """Let an empty cell say nothing without asking."""
    return lambda cell: read(cell) if cell else NULL


def plain_day(cell: str) -> str | None:
    """Read a date that is no bare number; such a one comes with a warning."""
    return None if "/" not in cell and cells.is_serial(cell) else cells.day(cell)


def cents(column: Column) -> list[str | None]:
    """Read a column of money."""
    text = "\n".join(column)
    if not column or not text.isascii():
        return _MONEY.of(column)
    figures = text.translate(_SIGNS).split("\n")
    if _all_plain(figures):
        return [figure + "00" for figure in figures]
    return [
        figure + "00" if figure.isdecimal() and figure[0] != "0" and len(figure) < _LONG else _MONEY[cell]
        for cell, figure in zip(column, figures, strict=True)
    ]


def whole(column: Column) -> list[str | None]:
    """Read a column of whole numbers."""
    if not "".join(column).isascii():
        return _WHOLE.of(column)
    if _all_plain(column):
        return list(column)
    return [cell if cell.isdecimal() and cell[0] != "0" and len(cell) < _LONG else _WHOLE[cell] for cell in column]


def _all_plain(figures: Sequence[str]) -> bool:
    """Say whether texts of ASCII are all whole numbers above 0, written without zeros in front and not too long."""
    return "".join(figures).isdecimal() and min(figures) >= "1" and len(max(figures, key=len)) < _LONG


def coordinates(column: Column) -> list[str | None]:
    """Read a column of degrees."""
    if _DEGREES.fullmatch("\n".join(column) + "\n"):
        degrees = list(map(float, filter(None, column)))
        if all(degrees) and min(degrees, default=0) >= -180 and max(degrees, default=0) <= 180:  # noqa: PLR2004 degrees
            return [cell or NULL for cell in column]
    return [cells.coordinate(cell) if cell else NULL for cell in column]


_MONEY = Memo(_or_nothing(cells.cents))
_WHOLE = Memo(_or_nothing(cells.whole))

FACTS: dict[Callable[[str], str | None], Callable[[Column], list[str | None]]] = {
    cells.number: Memo(_or_nothing(cells.number)).of,
    cells.whole: whole,
    cells.flag: Memo(_or_nothing(cells.flag)).of,
    cells.cents: cents,
    cells.ratio: Memo(_or_nothing(cells.ratio)).of,
    cells.day: Memo(_or_nothing(plain_day), 16_384).of,
    cells.coordinate: coordinates,
}
"""For each reader of one cell, the reader of a column; None stands for what needs to be looked at with its row."""
