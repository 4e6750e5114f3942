"""How alike two names are. Families share a telephone: a first name that differs is another person.

A slip of the pen (``Jonh``), a short form (``Bob``) and an initial are the same first name. A name that differs only in
its end (``Maria`` and ``Mario``, ``Daniel`` and ``Daniela``) is another one: that is how brother and sister are named.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz import fuzz
from rapidfuzz.distance import OSA, JaroWinkler

from leadflow.duplicates.types import Who
from leadflow.properties.rules.names import name_key
from models.vocabulary import PersonKind

_SHORT_FORMS = (
    "ALEXANDER ALEX", "ALFRED AL FRED", "ANDREW ANDY DREW", "ANTHONY TONY", "BARBARA BARB", "BENJAMIN BEN",
    "CATHERINE KATHERINE KATHRYN CATHY KATHY KATE KATIE", "CHARLES CHARLIE CHUCK", "CHRISTOPHER CHRIS",
    "CYNTHIA CINDY", "DANIEL DAN DANNY", "DAVID DAVE", "DEBORAH DEBRA DEB DEBBIE", "DENNIS DENNY", "DONALD DON",
    "DOROTHY DOT DOTTIE", "DOUGLAS DOUG", "EDWARD ED EDDIE", "ELIZABETH LIZ BETH BETTY BETSY", "EUGENE GENE",
    "FRANCIS FRANK", "FREDERICK FRED", "GERALD JERRY", "GREGORY GREG", "HAROLD HAL", "JACOB JAKE",
    "JAMES JIM JIMMY", "JEFFREY JEFF", "JENNIFER JEN JENNY", "JESSICA JESS", "JOHN JACK JOHNNY JON", "JONATHAN JON",
    "JOSEPH JOE JOEY", "JUDITH JUDY", "KENNETH KEN KENNY", "KIMBERLY KIM", "LAWRENCE LARRY", "LEONARD LEN",
    "MARGARET MAGGIE MARGE PEGGY", "MATTHEW MATT", "MICHAEL MIKE MICK", "NATHANIEL NATHAN NATE", "NICHOLAS NICK",
    "PAMELA PAM", "PATRICIA PAT PATTY TRISH", "PATRICK PAT", "PETER PETE", "PHILIP PHIL PHILLIP",
    "RAYMOND RAY", "REBECCA BECKY", "RICHARD RICK DICK RICH", "ROBERT BOB ROB BOBBY ROBBIE", "RONALD RON",
    "SAMUEL SAM", "SANDRA SANDY", "STEPHEN STEVEN STEVE", "SUSAN SUE SUSIE", "TERESA THERESA TERRY", "THEODORE TED",
    "THOMAS TOM TOMMY", "TIMOTHY TIM", "VICTORIA VICKY", "VINCENT VINCE", "WALTER WALT",
    "WILLIAM BILL WILL BILLY WILLIE", "ZACHARY ZACH",
)  # fmt: skip
"""First names with their usual short forms in the United States. Own choice."""
_GROUPS: dict[str, set[int]] = {}
for _number, _line in enumerate(_SHORT_FORMS):
    for _word in _line.split():
        _GROUPS.setdefault(_word, set()).add(_number)
UNLIKE = frozenset(
    word for line in _SHORT_FORMS if len({name[0] for name in line.split()}) > 1 for word in line.split()
)
"""First names that have a form with another first letter."""
_GENERATIONS = {"JR": "Jr", "SR": "Sr", "II": "II", "III": "III", "IV": "IV"}
_LEGAL_FORMS = frozenset(
    {"LLC", "INC", "INCORPORATED", "CORP", "CORPORATION", "CO", "COMPANY", "LP", "LLP", "LTD", "THE", "TRUSTEE"}
)
_INITIALS = re.compile(r"\b([A-Z]) (?=[A-Z]\b)")
_DIGITS = re.compile(r"\d+")
NOBODY = frozenset({"CURRENT OWNER", "UNKNOWN", "OWNER", "OCCUPANT", "RESIDENT", "UNKNOWN OWNER", "NOT AVAILABLE"})
"""What vendors write where they know no name."""
_SAME_COMPANY = 92
_SLIP_FROM = 3
"""Letters from which on one may be a slip."""
_SHORT_NAME = 4
"""Names of so many letters that differ by another letter are two: Mark and Mary, Gary and Cary."""
_LONG_NAME = 8
"""Letters of a family name from which on two may be slips."""


class Likeness(NamedTuple):
    """How alike two names are, 0 to 1, and what speaks against their being one person's."""

    degree: float
    against: tuple[str, ...] = ()


DIFFERENT = Likeness(0.0)


def alike(one: Who, other: Who) -> Likeness:
    """Compare two names; 0 says that they are two people's, whatever else they share."""
    if one.kind is not other.kind:
        return DIFFERENT
    if one.kind is not PersonKind.INDIVIDUAL:
        return _companies(name_key(one.name), name_key(other.name))
    plain = _plain(one.first, one.last, other.first, other.last)
    if plain is not None:
        return plain
    if name_key(one.name) in NOBODY or name_key(other.name) in NOBODY:
        return DIFFERENT
    return _people(_read(one.name, one.first, one.last), _read(other.name, other.first, other.last))


SAME = Likeness(1.0)


def _plain(first: str, last: str, first2: str, last2: str) -> Likeness | None:
    """Answer for names of two plain words at once; None where they must be read.

    Most pairs of a search are spouses: told apart by their first names, before anything else is looked at.
    """
    if not (first.isalpha() and last.isalpha() and first2.isalpha() and last2.isalpha()):
        return None
    first, last, first2, last2 = first.upper(), last.upper(), first2.upper(), last2.upper()
    if first == first2 and last == last2:
        return None if f"{first} {last}" in NOBODY else SAME
    return DIFFERENT if first != last2 and not _degree(first, first2) else None


class _Name(NamedTuple):
    given: str
    middle: str
    family: str
    generation: str
    words: frozenset[str]


def _read(name: str, first: str, last: str) -> _Name:
    words = name_key(first).split() if first and last else name_key(name).split()
    family = name_key(last).split() if first and last else []
    generation = next((_GENERATIONS[word] for word in (*family, *words) if word in _GENERATIONS), "")
    words = [word for word in words if word not in _GENERATIONS]
    family = [word for word in family if word not in _GENERATIONS]
    if not family and len(words) > 1:
        words, family = words[:-1], words[-1:]
    middle = words[1][:1] if len(words) > 1 else ""
    return _Name(words[0] if words else "", middle, " ".join(family), generation, frozenset((*words, *family)))


def _people(one: _Name, other: _Name) -> Likeness:
    if not (one.given and other.given and one.family and other.family):
        same = one == other and bool(one.given or one.family)
        return Likeness(1.0) if same else DIFFERENT
    if one.given == other.given and _second_surname(one, other):
        return Likeness(0.95)
    degree = _degree(one.given, other.given) * _family(one.family, other.family)
    if not degree:
        # A file had the columns the wrong way round.
        degree = 0.95 if (one.given, one.family) == (other.family, other.given) else 0.0
    if not degree:
        return DIFFERENT
    if one.generation and other.generation and one.generation != other.generation:
        return DIFFERENT
    against: list[str] = []
    if one.generation != other.generation:
        against.append(f"only one of the names says {one.generation or other.generation}")
    if one.middle and other.middle and one.middle != other.middle:
        against.append("the middle initials differ")
    return Likeness(round(degree, 2), tuple(against))


def _second_surname(one: _Name, other: _Name) -> bool:
    """Ana Garcia is Ana Garcia Lopez where a file leaves the mother's name out."""
    short, long = sorted((one, other), key=lambda name: len(name.words))
    return short.family != long.family and short.words < long.words and not short.generation and not long.generation


def _degree(one: str, other: str) -> float:
    """Compare two first names."""
    if one == other:
        return 1.0
    if len(one) == 1 or len(other) == 1:
        return 0.9 if one[0] == other[0] else 0.0
    if _GROUPS.get(one, frozenset[int]()) & _GROUPS.get(other, frozenset[int]()):
        return 0.96
    return _slip(one, other)


def _family(one: str, other: str) -> float:
    if one == other or one.replace(" ", "") == other.replace(" ", ""):
        return 1.0
    return _misspelt(one, other)


@lru_cache(maxsize=65536)
def _slip(one: str, other: str) -> float:
    """Say how alike two first names are of which one may be the other with a slip; 0 where it is another name.

    Two words that are names both are two names, however little they differ: Dan and Don, Joan and Jean.
    """
    if min(len(one), len(other)) < _SLIP_FROM or (one in _GROUPS and other in _GROUPS):
        return 0.0
    if OSA.distance(one, other, score_cutoff=1) > 1 or _sister(one, other):
        return 0.0
    if len(one) == len(other) == _SHORT_NAME and sorted(one) != sorted(other):
        return 0.0
    return round(JaroWinkler.similarity(one, other), 2)


def _sister(one: str, other: str) -> bool:
    """Say whether two names differ in their end and by a vowel, as those of brother and sister do."""
    shorter = min(len(one), len(other))
    common = next((n for n in range(shorter) if one[n] != other[n]), shorter)
    ends = one[common:] + other[common:]
    return common >= max(len(one), len(other)) - 2 and any(letter in "AEIOY" for letter in ends)


@lru_cache(maxsize=65536)
def _misspelt(one: str, other: str) -> float:
    """Say how alike two family names are: a first name tells a family apart, so one slip is forgiven, or two."""
    shorter = min(len(one), len(other))
    most = 0 if shorter < _SLIP_FROM else 2 if shorter >= _LONG_NAME else 1
    if not most or OSA.distance(one, other, score_cutoff=most) > most:
        return 0.0
    return round(JaroWinkler.similarity(one, other), 2)


def _companies(one: str, other: str) -> Likeness:
    # L.L.C. is written LLC, and A B C Homes is ABC Homes.
    joined = [_INITIALS.sub(r"\1", key) for key in (one, other)]
    plain = [" ".join(word for word in key.split() if word not in _LEGAL_FORMS) for key in joined]
    if not all(plain) or _DIGITS.findall(plain[0]) != _DIGITS.findall(plain[1]):
        return DIFFERENT
    degree = 100.0 if plain[0] == plain[1] else fuzz.token_sort_ratio(*plain, score_cutoff=_SAME_COMPANY)
    return Likeness(round(degree / 100, 2)) if degree else DIFFERENT
