"""Reads what somebody typed: words, a number in any spelling, an address, a parcel number."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache

from leadflow.properties.rules.addresses import DIRECTIONS, SUFFIXES, has_house_number, street_key
from leadflow.search.types import Forms, Query

SHORTEST, LONGEST = 2, 200
"""Characters. One letter stands in every lead."""
MOST_TERMS = 8
_INSIDE = 3
"""A trigram index knows nothing shorter inside a word; such a term must begin one."""
_NUMBER = re.compile(r"[+\d\s().\-]+")
_NO_DIGIT = re.compile(r"\D", re.ASCII)
_PUNCTUATION = re.compile(r"[^A-Z0-9]+", re.ASCII)
_SHORTEST_NUMBER = 4
"""Digits. Fewer are no ending that tells numbers apart."""
_NATIONAL = 10
_LINE = 4
_OPENERS = 3
"""Letters after which a street's suffix is guessed: ``ave`` is an avenue, ``a`` is nothing yet."""


def read(q: str) -> Query | None:
    """Read what was typed; None where it is too short to look for."""
    text = " ".join(q.replace("\x00", " ").split())[:LONGEST].lower().strip()
    if len(text) < SHORTEST:
        return None
    terms = tuple(dict.fromkeys(text.replace(",", " ").split()))[:MOST_TERMS]
    if not terms:
        return None
    forms = tuple(_forms(term) for term in terms)
    firm = [own[0] for own in forms if len(own) == 1]
    several = len(firm) < len(terms) and any(len(term) >= _INSIDE for term in firm)
    key = street_key(text)
    parcel = _PUNCTUATION.sub("", text.upper())
    return Query(
        text=text,
        terms=terms,
        patterns=tuple(map(pattern, terms)),
        forms=forms if several else tuple((term,) for term in terms),
        loose=tuple(map(pattern, firm)) if several else (),
        digits=_digits(text),
        street_key=key if has_house_number(key) and " " in key else "",
        parcel=parcel if any(map(str.isdigit, parcel)) and len(parcel) >= _SHORTEST_NUMBER else "",
    )


def pattern(term: str) -> str:
    """Write a term as a ``like`` pattern over lower-case text that begins with a space."""
    escaped = re.sub(r"([\\%_])", r"\\\1", term)
    return f"%{escaped}%" if len(term) >= _INSIDE else f"% {escaped}%"


def has(words: str, forms: Iterable[Forms]) -> bool:
    """Say whether text holds every term in one of its forms; it must begin with a space and be lower case.

    A term of one form is matched as its pattern is; another form must begin a word.
    """
    return all(
        any((form in words) if place == 0 and len(form) >= _INSIDE else (f" {form}" in words) for place, form in each)
        for each in (tuple(enumerate(own)) for own in forms)
    )


def whole_number(digits: str) -> int | None:
    """Read digits as a whole telephone number, as it is stored; None where they are only a part of one."""
    if len(digits) == _NATIONAL:
        return int(f"1{digits}")
    return int(digits) if len(digits) > _NATIONAL and digits[0] != "0" else None


def _digits(text: str) -> str:
    digits = _NO_DIGIT.sub("", text) if _NUMBER.fullmatch(text) else ""
    return digits if _SHORTEST_NUMBER <= len(digits) <= 15 else ""  # noqa: PLR2004 E.164 has no longer number


def may_end(digits: str, *, masked: bool) -> bool:
    """Say whether numbers may be found by their last digits: at most those that the caller sees anyway."""
    return _LINE <= len(digits) < _NATIONAL and (not masked or len(digits) == _LINE)


@cache
def _postal() -> dict[str, frozenset[str]]:
    """List all ways to write each street suffix and direction, by abbreviation."""
    found: dict[str, set[str]] = {}
    for long, short in (*SUFFIXES.items(), *DIRECTIONS.items()):
        found.setdefault(short.lower(), {short.lower()}).add(long.lower())
    return {short: frozenset(forms) for short, forms in found.items()}


def _forms(term: str) -> Forms:
    own = _postal().get(term, frozenset[str]())
    if len(term) >= _OPENERS:
        for forms in _postal().values():
            if any(form.startswith(term) for form in forms):
                own |= forms
    return (term, *sorted(own - {term}))
