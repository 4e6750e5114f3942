"""Who a written name is: a person, a company, an estate; and when two written names are the same."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
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
_ESTATE = re.compile(r"(?i)\b(?:estate\s+of|heirs\s+of|est\.?\s+of|deceased)\b|(?i:\best(?:ate)?\.?$)")
_OF_ESTATE = re.compile(
    r"(?i)^\s*(?:the\s+)?(?:est(?:ate|\.)?|heirs)\s+of\s+(?:the\s+)?|[\s,]+\b(?:est(?:ate)?\.?|deceased)\s*$"
)
_MORE_OWNERS = re.compile(r"(?i)[\s,]+(?:et\.?\s*al\.?|and\s+others)\s*$")
_MARRIED = re.compile(r"(?i)[\s,]+(?:h\s*/\s*[ew]|w\s*/\s*h|et\.?\s*(?:ux|vir)\.?|t\s*/\s*e)\s*$")
_LIFE = re.compile(r"(?i)[\s,]+(?:life\s+est(?:ate)?|l\s*/\s*e|life\s+tenant)\s*$")
_AND = re.compile(r"(?i)\s*&\s*|\s+and\s+")
_ALIAS = re.compile(r"(?i)[\s,]+(?:a\.?k\.?a\.?|f\.?k\.?a\.?)[\s:].*$|\s*\([^)]*\)\s*$")
_ODD = re.compile(
    r"(?i)&|\band\b|\best(?:ate)?\b|\bheirs\b|\bdeceased\b|\bet\.?\s*(?:al|ux|vir)\b|\bh/[ew]\b|\blife\b|\ba\.?k\.?a\b|\(|/"
)
_ROLL_COUPLE = re.compile(r"[^\s,&]+ [^\s,&]+(?: [A-Za-z])? & [^\s,&]+(?: [A-Za-z])?")
_ROLL_INITIAL = re.compile(r"[^\s,&]{2,} [^\s,&]{2,} [A-Za-z]\.?")
_WRITTEN_COUPLE = re.compile(r"[^\s,&]+(?: [A-Za-z]\.?)? & [^\s,&]+(?: [A-Za-z]\.?)? [^\s,&]{2,}")
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
    first, first_key, first_plain = part(first)
    last, last_key, last_plain = part(last)
    whole = f"{first} {last}".strip()
    if not whole:
        return None
    kind = PersonKind.INDIVIDUAL if first_plain and last_plain else _kind(whole)
    key = f"{first_key} {last_key}".strip()
    if kind is not PersonKind.INDIVIDUAL:
        return Name(kind, whole, None, None, key)
    return Name(kind, whole, first or None, last or None, key)


@lru_cache(maxsize=16384)
def part(text: str) -> tuple[str, str, bool]:
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


@dataclass(frozen=True, slots=True)
class Owners:
    """Everybody that one cell names.

    Attributes:
        names: who owns; an estate stands as itself.
        decedent: the person of an estate, who is nobody to contact.
        remark: what the cell says besides names, for people; None when nothing.
    """

    names: tuple[Name, ...]
    decedent: Name | None = None
    remark: str | None = None


def is_odd(text: str) -> bool:
    """Say whether a cell may name more than one plain owner: then ask ``read_owners``."""
    return _ODD.search(text) is not None


def read_owners(text: str) -> Owners:
    """Read a cell that names owners as people speak: ``John & Mary Smith``, ``Estate of Ada Quill``."""
    return _owners(text, _spoken, read_whole)


def read_roll(text: str) -> Owners:
    """Read a cell of an assessor's roll, family name first: ``SMITH JOHN & MARY``, ``QUILL ADA EST``."""
    return _owners(text, _rolled, _roll_name)


def family_first(samples: Iterable[str]) -> bool:
    """Say whether a column of names puts the family name first, by the shape of its couples and initials."""
    score = 0
    for written in samples:
        text = " ".join(written.split())
        if _kind(text) is not PersonKind.INDIVIDUAL:
            continue
        if _ROLL_COUPLE.fullmatch(text) or _ROLL_INITIAL.fullmatch(text):
            score += 1
        elif _WRITTEN_COUPLE.fullmatch(text):
            score -= 1
    return score > 0


def without_alias(text: str) -> str:
    """Drop what follows a name in brackets or as an alias: ``Juno Oak, aka Juno Q Oak``."""
    return _ALIAS.sub("", text).strip(" ,")


def read_decedent(text: str) -> Name | None:
    """Read the name of somebody who has died, whatever words of an estate stand around it."""
    return read_whole(_OF_ESTATE.sub("", without_alias(text)))


def _owners(text: str, several: Callable[[str], tuple[Name, ...]], single: Callable[[str], Name | None]) -> Owners:
    rest, remark = _remark(" ".join(text.split()))
    kind = _kind(rest)
    if kind is PersonKind.ESTATE:
        person = _OF_ESTATE.sub("", rest)
        # "Estate of Ada Quill" speaks as people do, "QUILL ADA EST" as the roll does.
        died = read_whole(person) if re.match(r"(?i)\s*(?:the\s+)?(?:est|heirs)", rest) else single(person)
        if died is None or died.kind is not PersonKind.INDIVIDUAL:
            died = None
        shown = tidy(rest) if died is None else f"Estate of {died.display}"
        return Owners((Name(kind, shown, None, None, name_key(shown)),), died, remark)
    if kind is PersonKind.ENTITY:
        whole = tidy(rest)
        return Owners((Name(kind, whole, None, None, name_key(whole)),), None, remark)
    return Owners(several(rest), None, remark)


def _remark(text: str) -> tuple[str, str | None]:
    for pattern, remark in (
        (_MORE_OWNERS, "ET AL: further owners unknown"),
        (_LIFE, "life estate: the person is alive, the next owners are unknown"),
        (_MARRIED, "husband and wife: the second owner is unknown"),
    ):
        if (rest := pattern.sub("", text)) != text:
            return rest, remark
    return text, None


def _spoken(text: str) -> tuple[Name, ...]:
    parts = [part for part in _AND.split(without_alias(text)) if part]
    if not parts:
        return ()
    comma = "," in parts[0]
    family = parts[0].partition(",")[0] if comma else parts[-1].rpartition(" ")[2]
    found = [read_parts(part, family) if " " not in part and len(parts) > 1 else read_whole(part) for part in parts]
    return tuple(name for name in found if name is not None)


def _rolled(text: str) -> tuple[Name, ...]:
    parts = [part for part in _AND.split(text) if part]
    found: list[Name] = []
    for part in parts:
        words = part.split(" ")
        given_alone = bool(found) and (len(words) == 1 or (len(words) == 2 and len(words[1].strip(".")) == 1))  # noqa: PLR2004 MARY L
        name = read_parts(part, found[0].last or "") if given_alone else _roll_name(part)
        if name is not None:
            found.append(name)
    return tuple(found)


def _roll_name(text: str) -> Name | None:
    if "," in text:
        family, _, given = text.partition(",")
    else:
        family, _, given = text.partition(" ")
    return read_parts(given.strip(" ,"), family.strip(" ,"))


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
