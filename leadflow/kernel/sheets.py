"""Cells that a spreadsheet would run are written as text (CSV injection)."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "|", "%")
_NUMBER = re.compile(r"[-+]?[$(]?[\d.,]+\)?%?", re.ASCII)


def guard(cell: str) -> str:
    """Put an apostrophe before a cell that a spreadsheet would take for a formula; plain numbers stay."""
    return f"'{cell}" if cell.startswith(_DANGEROUS) and not _NUMBER.fullmatch(cell) else cell


def csv_line(cells: Sequence[str]) -> str:
    """Write one guarded line of CSV."""
    out = io.StringIO()
    csv.writer(out).writerow([guard(cell) for cell in cells])
    return out.getvalue()
