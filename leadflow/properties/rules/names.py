"""Who a written name is: a person, a company, an estate; and when two written names are the same."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from leadflow.properties.rules.addresses import tidy
from models.vocabulary import PersonKind

_ENTITY = re.compile(
    r"""(?ix) \b (?: l\.?l\.?c | inc | incorporated | corp | corporation | company | l\.?p | l\.?l\.?p | ltd
        | trust | trustees?
        | tr | holdings | properties | investments? | partners(?:hip)? | ventures | realty | bank | n\.a
        | church | ministries
        | association | assn | hoa | foundation | university | school | city\s+of | county\s+of | state\s+of | town\s+of
        | village\s+of | housing\s+authority | department | hud | fannie\s+mae | freddie\s+mac
        | homes | group | enterprises ) \b \.?""",
)
_ESTATE = re.compile(r"(?i)\b(?:estate\s+of|heirs\s+of|est\s+of|deceased)\b|(?i:\bestate$)")
_BEGINS = re.compile(r"(?i)\b(?:city|county|state|town|village|housing|fannie|freddie|estate|heirs|est)\b")
"""Words that make a company or an estate together with the next one."""
_LETTERS = re.compile(r"[^A-Z0-9&]+", re.ASCII)
_SUFFIX = frozenset({"JR", "SR", "II", "III", "IV", "ETAL", "ETUX", "ET", "AL", "UX"})


class Name(NamedTuple):
    """A name, read.

    Attributes:
        kind: person, company or estate.
        display: for people to read.
        first: given name, or None.
        last: family name, or None; companies have neither.
        key: for comparing.
    """

    kind: PersonKind
    display: str
    first: str | None
    last: str | None
    key: str


def read_parts(first: str, last: str) -> Name | None:
    """Read a name that stands in two columns; a company usually fills only the second."""
    first, first_key, first_plain = _part(first)
    last, last_key, last_plain = _part(last)
    whole = f"{first} {last}".strip()
    if not whole:
        return None
    kind = PersonKind.INDIVIDUAL if first_plain and last_plain else _kind(whole)
    key = f"{first_key} {last_key}".strip()
    if kind is not PersonKind.INDIVIDUAL:
        return Name(kind, whole, None, None, key)
    return Name(kind, whole, first or None, last or None, key)


@lru_cache(maxsize=16384)
def _part(text: str) -> tuple[str, str, bool]:
    """Answer one column of a name as people read it, its key, and whether it is a person's whatever stands beside it.

    Given and family names repeat over a file; nothing but these words makes a company or an estate, alone or together.
    """
    written = tidy(text)
    plain = not (_ENTITY.search(written) or _ESTATE.search(written) or _BEGINS.search(written))
    return written, name_key(written), plain


def read_whole(text: str) -> Name | None:
    """Read a name that stands in one column: ``John Smith``, ``Smith, John``, ``Ivermoor Holdings LLC``."""
    whole = tidy(text)
    if not whole:
        return None
    kind = _kind(whole)
    if kind is not PersonKind.INDIVIDUAL:
        return Name(kind, whole, None, None, name_key(whole))
    family, comma, given = whole.partition(",")
    if comma and given.strip().upper().strip(".") not in _SUFFIX:
        return read_parts(given.strip(), family.strip())
    words = whole.split(" ")
    if len(words) == 1:
        return Name(kind, whole, None, whole, name_key(whole))
    cut = -2 if words[-1].upper().strip(".") in _SUFFIX and len(words) > 2 else -1  # noqa: PLR2004 John Smith Jr
    return Name(kind, whole, " ".join(words[:cut]), " ".join(words[cut:]), name_key(whole))


def name_key(text: str) -> str:
    """Write a name for comparing: upper case, letters and digits only; stable when asked again."""
    return " ".join(_LETTERS.sub(" ", text.upper()).split())


def person_key(name: str, place: str) -> str:
    """Make the key of a person: the name's key and the place where mail reaches them."""
    return f"{name}|{place}"


def _kind(whole: str) -> PersonKind:
    if _ESTATE.search(whole):
        return PersonKind.ESTATE
    return PersonKind.ENTITY if _ENTITY.search(whole) else PersonKind.INDIVIDUAL
