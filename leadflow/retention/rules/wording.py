"""How a person may be written in free text, as patterns of Postgres. Pure.

A number is found in any punctuation; a name in both orders. What is found is replaced, and what stands around it stays.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

ERASED = "[erased]"
ERASED_NUMBER = "9990000000"
"""Stands in for a number in free text and in JSON, where it may stand without quotes."""
ERASED_NAME = "Erased person"
SHORTEST = 5
"""Letters below which a name or street is too common to be looked for in other texts. Own choice."""
_BETWEEN = r"[ ().+/\u2010-\u2015-]{0,3}"
_SPECIAL = re.compile(r"([.^$*+?()\[\]{}|\\/-])")


def number_pattern(e164: str) -> str:
    """Find one number in any punctuation, with or without its country code, never inside a longer number."""
    digits = e164.removeprefix("+")
    national = digits[1:] if digits.startswith("1") and len(digits) == 11 else digits  # noqa: PLR2004 NANP: 1 and ten
    country = r"(?:\+?1" + _BETWEEN + ")?" if national != digits else r"\+?"
    return r"(?<!\d)" + country + _BETWEEN.join(national) + r"(?!\d)"


def words_pattern(words: str) -> str:
    """Find words as a whole, however they are spaced."""
    return r"\m" + r"\s+".join(_SPECIAL.sub(r"\\\1", word) for word in words.split()) + r"(?!\w)"


def any_of(patterns: Iterable[str]) -> str | None:
    """Join patterns into one; None of none."""
    joined = "|".join(patterns)
    return f"(?:{joined})" if joined else None


def written_names(name: str, raw: str | None, first: str | None, last: str | None) -> tuple[str, ...]:
    """List the ways a name may be written, longest first; one that is a single short word is left out."""
    ways = {name, raw or ""}
    if first and last:
        ways |= {f"{first} {last}", f"{last}, {first}", f"{last} {first}"}
    kept = {" ".join(way.split()) for way in ways}
    return tuple(sorted((way for way in kept if len(way) >= SHORTEST and " " in way), key=lambda way: (-len(way), way)))
