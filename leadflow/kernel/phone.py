"""Telephone numbers: what a cell, a form field or a carrier wrote, read into E.164.

A fast path reads plain North American numbers; ``phonenumbers`` reads the rest, and a property test holds
that both agree. Words beside a number are kept as a note and never turned into digits (libphonenumber 1302).
Nothing is guessed: a number that a spreadsheet has rounded is reported, not repaired.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberType

from leadflow.kernel.errors import Invalid


class PhoneFault(StrEnum):
    """Why a cell gave no number."""

    EMPTY = "empty"
    """Nothing, or a word that means nothing (N/A, none)."""
    DAMAGED = "damaged"
    """A spreadsheet wrote it as 7.58E+09; the last digits are lost."""
    AREA_CODE = "area_code"
    """The area code is not in use."""
    LENGTH = "length"
    """Too few or too many digits."""
    INVALID = "invalid"
    """No numbering plan has such a number."""


@dataclass(frozen=True, slots=True)
class PhoneReading:
    """What was read from one written number.

    Attributes:
        raw: the text as it was written; never lost.
        e164: ``+`` and digits, or None with a ``fault``.
        extension: digits after ``x`` or ``ext``; such a number takes no texts.
        note: words that stood beside the number.
        fault: why there is no number.
    """

    raw: str
    e164: str | None = None
    extension: str | None = None
    note: str | None = None
    fault: PhoneFault | None = None


NOTHING = frozenset(
    {
        "",
        "n/a",
        "na",
        "none",
        "null",
        "nil",
        "unk",
        "unknown",
        "no phone",
        "not available",
        "nan",
        "0",
        "0.0",
        "-",
        "--",
        ".",
    }
)
"""Words that people and programs write where there is no number."""

_PLAIN = re.compile(
    r"\s*(?:\+?1[-. ]?)?(?:\(([2-9]\d\d)\) ?|([2-9]\d\d)[-. ]?)([2-9]\d\d)[-. ]?(\d{4})(?:\.0)?\s*", re.ASCII
)
_DAMAGED = re.compile(r"\d(?:[.,]\d+)?e\+?\d{1,2}", re.IGNORECASE | re.ASCII)
_ROUNDED = re.compile(r"1?\d{4}0{6}", re.ASCII)
"""What a spreadsheet that shows 7.58E+09 exports as a number: no exchange is 000, so nobody has it."""
_EXTENSION = re.compile(r"(?i)[\s,;]*(?:;?ext(?:ension|n)?\.?|x|#)[\s.:=]*(\d{1,7})\b", re.ASCII)
_RUN = re.compile(r"\+?\(?\d[\d\s().\-/·\u2010-\u2015]*\d", re.ASCII)
_BETWEEN = re.compile(r"[/;,|\n&]|\bor\b|\band\b", re.IGNORECASE)
_DIGITS = re.compile(r"\D+", re.ASCII)
_TEN = 10

_PARTIAL = frozenset({"983"})
"""Area codes of the USA of which the numbering plan has opened only some exchanges (phonenumbers 9.0)."""

_HOME = frozenset({"US", "CA", "PR"})


@lru_cache(maxsize=1024)
def _plain_area(area: str) -> bool:
    """Say whether every ten-digit number of this area code is an ordinary line of the USA or Canada."""
    if area in _PARTIAL:
        return False
    probe = phonenumbers.PhoneNumber(country_code=1, national_number=int(area + "2345678"))
    return (
        phonenumbers.region_code_for_number(probe) in _HOME
        and phonenumbers.number_type(probe) == PhoneNumberType.FIXED_LINE_OR_MOBILE
    )


def plain_digits(cell: str) -> str | None:
    """Read a plainly written North American number as eleven digits, or None: then ask ``read``."""
    match = _PLAIN.fullmatch(cell)
    if match is None:
        return None
    bracketed, bare, exchange, line = match.groups()
    area = bracketed or bare
    return f"1{area}{exchange}{line}" if _plain_area(area) else None


def plain_digits_of(cells: Sequence[str]) -> Iterator[str | None]:
    """Do the same for many cells without line ends, several times as fast: most are written in a handful of shapes."""
    text = "\n".join(cells)
    if not cells or not text.isascii():
        yield from map(plain_digits, cells)
        return
    bare = text.translate(_BETWEEN_DIGITS).split("\n")
    for cell, shape, digits in zip(cells, text.translate(_TO_SHAPE).split("\n"), bare, strict=True):
        if _is_plain_shape(shape) and digits[-7] > "1" and (area := _area_before(digits[:-7])):
            yield area + digits[-7:]
        else:
            yield plain_digits(cell)


_TO_SHAPE = str.maketrans("012345678", "9" * 9)
_BETWEEN_DIGITS = str.maketrans("", "", " ()-.+")


@lru_cache(maxsize=1024)
def _is_plain_shape(shape: str) -> bool:
    """Say whether digits that stand so, each written as 9, are a plain number if area code and exchange allow it."""
    digits = shape.count("9")
    return (
        digits in {_TEN, _TEN + 1}
        and _PLAIN.fullmatch(shape if digits == _TEN else shape.replace("9", "1", 1)) is not None
    )


@lru_cache(maxsize=2048)
def _area_before(digits: str) -> str | None:
    """Answer country and area code out of what stands before a plain number's last seven digits; None for others."""
    area = digits[-3:]
    known = digits.removesuffix(area) in {"", "1"} and area[0] > "1" and _plain_area(area)
    return f"1{area}" if known else None


def read(cell: str) -> PhoneReading:
    """Read the first number written in ``cell``."""
    digits = plain_digits(cell)
    if digits is not None:
        return PhoneReading(cell, e164=f"+{digits}")
    return _read_slowly(cell)


def read_all(cell: str) -> tuple[PhoneReading, ...]:
    """Read every number written in ``cell``; always at least one reading."""
    digits = plain_digits(cell)
    if digits is not None:
        return (PhoneReading(cell, e164=f"+{digits}"),)
    pieces = _BETWEEN.split(cell)
    full = [piece for piece in pieces if len(_DIGITS.sub("", piece)) >= _TEN]
    if len(full) > 1:
        return tuple(read(piece.strip()) for piece in pieces if any(map(str.isdigit, piece)))
    return (_read_slowly(cell),)


def parse(text: str) -> str:
    """Read a number that somebody typed, as E.164.

    Raises:
        Invalid: it is no number; the message says why.
    """
    reading = read(text)
    if reading.e164 is None:
        raise Invalid(f"Not a telephone number: {explain(reading)}.", "phone")
    return reading.e164


def explain(reading: PhoneReading) -> str:
    """Say in a few words why a reading holds no number."""
    match reading.fault:
        case None:
            return "it is a number"
        case PhoneFault.EMPTY:
            return "it is empty"
        case PhoneFault.DAMAGED:
            return "it is damaged by a spreadsheet"
        case PhoneFault.AREA_CODE:
            return f"area code {_national_digits(reading.raw)[:3]} does not exist"
        case PhoneFault.LENGTH:
            return f"it has {len(_national_digits(reading.raw))} digits, ten are needed"
        case PhoneFault.INVALID:
            return "no numbering plan has it"


ERASED = "+999"
"""Begins what stands for a number that was erased; ITU-T E.164.D assigns 999 to nobody, so nothing reaches it."""


def display(e164: str) -> str:
    """Write a number for people: ``(215) 555-0101``; numbers of other countries stay E.164."""
    if e164.startswith(ERASED):
        return "Erased number"
    if e164.startswith("+1") and len(e164) == _TEN + 2:
        return f"({e164[2:5]}) {e164[5:8]}-{e164[8:]}"
    return e164


def area_code(e164: str) -> str | None:
    """Answer the three digits of a North American area code, or None for another country's number."""
    return e164[2:5] if e164.startswith("+1") and len(e164) == _TEN + 2 else None


def _read_slowly(cell: str) -> PhoneReading:
    text = cell.strip()
    if text.lower() in NOTHING:
        return PhoneReading(cell, fault=PhoneFault.EMPTY)
    if _DAMAGED.search(text) or _ROUNDED.fullmatch(_DIGITS.sub("", text.removesuffix(".0"))):
        return PhoneReading(cell, fault=PhoneFault.DAMAGED)
    text = text.removesuffix(".0")
    run = _first_run(text)
    if run is None:
        fault = PhoneFault.LENGTH if any(map(str.isdigit, text)) else PhoneFault.INVALID
        return PhoneReading(cell, note=text, fault=fault)
    before, after = text[: run.start()], text[run.end() :]
    extension = _EXTENSION.match(after)
    note = " ".join((before + " " + (after[extension.end() :] if extension else after)).split()).strip("()[]:-, ")
    e164, fault = _by_library(run.group())
    return PhoneReading(cell, e164, extension.group(1) if extension else None, note or None, fault)


def _first_run(text: str) -> re.Match[str] | None:
    """Find the first run that has enough digits, else the longest one."""
    runs = list(_RUN.finditer(text))
    full = [run for run in runs if len(_DIGITS.sub("", run.group())) >= _TEN]
    return next(iter(full or sorted(runs, key=lambda run: -len(run.group()))), None)


def _by_library(run: str) -> tuple[str | None, PhoneFault | None]:
    digits = _DIGITS.sub("", run)
    try:
        number = phonenumbers.parse(run, "US")
    except NumberParseException:
        return None, PhoneFault.LENGTH
    if phonenumbers.is_valid_number(number):
        return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164), None
    if len(digits.removeprefix("1")) != _TEN:
        return None, PhoneFault.LENGTH
    return None, PhoneFault.INVALID if _area_in_use(digits.removeprefix("1")[:3]) else PhoneFault.AREA_CODE


@lru_cache(maxsize=1024)
def _area_in_use(area: str) -> bool:
    return any(
        phonenumbers.is_valid_number(phonenumbers.PhoneNumber(country_code=1, national_number=int(f"{area}{rest}")))
        for rest in ("2345678", "5550100", "8886789", "4441234")
    )


def _national_digits(raw: str) -> str:
    digits = _DIGITS.sub("", raw.removesuffix(".0"))
    return digits[1:] if len(digits) > _TEN and digits.startswith("1") else digits
