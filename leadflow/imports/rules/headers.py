"""How headers are compared, and how the columns of a layout are written down."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from leadflow.imports.rules.fields import EXTRA

_NOT_WORD = re.compile(r"[^a-z0-9]+", re.ASCII)


def normalise(header: str) -> str:
    """Write a header for comparing: lower case, letters and digits only (``Phone 1: DNC`` → ``phone1dnc``)."""
    return _NOT_WORD.sub("", header.lstrip("\ufeff").lower())


def distinct(headers: Sequence[str]) -> tuple[str, ...]:
    """Give each column a header of its own: a repeated one gets its number (``Phone (2)``), an empty one its place."""
    taken: set[str] = set()
    out: list[str] = []
    for place, raw in enumerate(headers, 1):
        base = " ".join(raw.lstrip("\ufeff").replace("\x00", "").split()) or f"Column {place}"
        name, number = base, 1
        while name.lower() in taken:
            number += 1
            name = f"{base} ({number})"
        taken.add(name.lower())
        out.append(name)
    return tuple(out)


def table(plain: Mapping[str, str], *numbered: tuple[str, str, int], extra: Sequence[str] = ()) -> dict[str, str]:
    """Write a layout's columns.

    Args:
        plain: header to field.
        numbered: header and field with ``{n}`` in both, and how many there are.
        extra: headers that are known and kept beside the property.
    """
    out = {normalise(header): EXTRA for header in extra}
    out |= {normalise(header): field for header, field in plain.items()}
    for header, field, most in numbered:
        out |= {normalise(header.format(n=n)): field.format(n=n) for n in range(1, most + 1)}
    return out
