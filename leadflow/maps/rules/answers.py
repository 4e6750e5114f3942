"""Reads what the Census Bureau's batch geocoder answers. Pure.

Source: Geocoding_Services_API.pdf, "Batch geocoding": number, address, ``Match``, ``No_Match`` or ``Tie``, ``Exact`` or
``Non_Exact``, the address that it found, ``longitude,latitude``, line of the street, side.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Sequence

from leadflow.maps.types import Address, Place
from models.vocabulary import Precision

_KINDS = frozenset({"Match", "No_Match", "Tie"})
_ZIP = re.compile(r"(\d{5})\s*$")
_LEAST, _WHOLE = 3, 6


def read(asked: Sequence[Address], text: str) -> tuple[Place | None, ...] | None:
    """Read a reply.

    Args:
        asked: in the order that they were numbered, from 1.
        text: CSV without a header, in any order, perhaps with fewer rows.

    Returns:
        A place for each address, None for one that is unknown, stands in several places or was left out; None alone
        where the text is no such table.
    """
    rows = [row for row in _rows(text) if row]
    if not rows or not all(len(row) >= _LEAST and row[0].isascii() and row[0].isdigit() for row in rows):
        return None
    if not all(row[2] in _KINDS for row in rows):
        return None
    found: list[Place | None] = [None] * len(asked)
    for row in rows:
        place = int(row[0][:9]) - 1
        if 0 <= place < len(asked):
            found[place] = _place(asked[place], row)
    return tuple(found)


def _rows(text: str) -> list[list[str]]:
    try:
        return list(csv.reader(io.StringIO(text), strict=True))
    except csv.Error:
        return []


def _place(asked: Address, row: Sequence[str]) -> Place | None:
    if row[2] != "Match" or len(row) < _WHOLE:
        return None
    _, _, _, exact, matched, point = row[:_WHOLE]
    if exact != "Exact" and not _same_zip(asked, matched):
        # The same street of another town is a match as well, and a wrong one.
        return None
    try:
        longitude, latitude = (float(part) for part in point.split(","))
    except ValueError:
        return None
    if not (-180 <= longitude <= 180 and -85 <= latitude <= 85):  # noqa: PLR2004 degrees
        return None
    return Place(latitude, longitude, Precision.STREET)


def _same_zip(asked: Address, matched: str) -> bool:
    found = _ZIP.search(matched)
    return bool(asked.zip5) and found is not None and found.group(1) == asked.zip5
