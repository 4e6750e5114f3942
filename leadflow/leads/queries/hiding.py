"""What is asked of texts and figures for callers who see telephone numbers masked, as SQL.

Nobody may find out digit by digit, with filters, what ``identity.rules.mask_numbers`` hides. Between the digits may
stand anything but letters: rather too much is hidden than too little.
"""

from __future__ import annotations

from typing import LiteralString

from psycopg import sql

_NUMBER: LiteralString = r"(?<!\d)\+?1?[^0-9A-Za-z]*\d\d\d[^0-9A-Za-z]*\d\d\d[^0-9A-Za-z]*(\d\d\d\d)(?!\d)"
NUMBERLESS = sql.SQL(
    r"regexp_replace(regexp_replace(s.words, '(?<!\S)\d{10,15}(?!\S)', '', 'g'), '" + _NUMBER + r"', ' ', 'g')"
)
"""The words of a lead without telephone numbers, in any spelling."""


def text(column: sql.Composable) -> sql.Composable:
    """Write a text as it is shown: of a number, the last four digits."""
    return sql.SQL(r"regexp_replace({}, '" + _NUMBER + r"', '*\1', 'g')").format(column)


def figures(test: sql.Composable, column: sql.Composable) -> sql.Composable:
    """Ask a figure only where it cannot be a telephone number: those are shown masked."""
    return sql.SQL("({} and abs({}) not between 1000000000 and 19999999999)").format(test, column)
