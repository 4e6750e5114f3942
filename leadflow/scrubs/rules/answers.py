"""What a provider's row means for the gate. Pure; an allow-list: only what is named here as clean is clean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, cast

from leadflow.scrubs.types import Answer, Asked
from models.vocabulary import LineType, ScrubList, ScrubVerdict

CLEAN_CODES = frozenset({"C", "W", "Y"})
"""On no do-not-call list: any line, a wireless line, a VoIP line (docs.dncscrub.com, "Output guide").

Public clients read the other codes in different ways (L and F are "callable" in one and blocked in two), so that none
of them is clean here."""
LISTED_CODES = frozenset({"D"})

_LINES = {"wireless": LineType.MOBILE, "voip": LineType.VOIP}
_NOT_SAID = "AllOther"
"""Landlines and all else: no kind of line that we could name."""


def read_scrub(asked: Sequence[Asked], rows: object) -> tuple[Answer, ...] | None:
    """Read a scrub (version 5). None when it is no list of rows at all."""
    found = _by_phone(asked, rows, "Phone")
    if found is None:
        return None
    return tuple(answer for one, row in found if (answer := _scrubbed(one, row)) is not None)


def read_reassigned(asked: Sequence[Asked], rows: object) -> tuple[Answer, ...] | None:
    """Read a look-up of reassigned numbers: yes, no or no data. None when it is no list of rows at all."""
    several: object = [cast("object", rows)] if isinstance(rows, dict) else rows
    found = _by_phone(asked, several, "PhoneNumber")
    if found is None:
        return None
    return tuple(
        Answer(one.e164, {ScrubList.REASSIGNED: _REASSIGNED[row["IsReassigned"]]})
        for one, row in found
        if "IsReassigned" in row and (row["IsReassigned"] is None or isinstance(row["IsReassigned"], bool))
    )


_REASSIGNED: Mapping[bool | None, ScrubVerdict] = {
    True: ScrubVerdict.LISTED,
    False: ScrubVerdict.CLEAN,
    None: ScrubVerdict.NO_DATA,
}


def reported_until(on: date) -> str:
    """Name the state of the Reassigned Numbers Database on a day: carriers report a month by the 15th of the next."""
    months = on.year * 12 + on.month - 1 - (1 if on.day > 15 else 2)  # noqa: PLR2004 47 CFR 52.15(f)
    return f"{months // 12}-{months % 12 + 1:02d}"


def _by_phone(asked: Sequence[Asked], rows: object, field: str) -> list[tuple[Asked, dict[str, Any]]] | None:
    """Match rows to what was asked, whatever their order; a number whose rows differ is left out."""
    if not isinstance(rows, list):
        return None
    wanted = {one.e164[2:]: one for one in asked}
    found: dict[str, dict[str, Any]] = {}
    torn: set[str] = set()
    for entry in cast("list[object]", rows):
        row = cast("dict[str, Any]", entry) if isinstance(entry, dict) else {}
        phone = str(row.get(field, ""))
        if phone not in wanted:
            continue
        if found.setdefault(phone, row) != row:
            torn.add(phone)
    return [(wanted[phone], row) for phone, row in found.items() if phone not in torn]


def _scrubbed(asked: Asked, row: Mapping[str, Any]) -> Answer | None:
    code = row.get("ResultCode")
    if not isinstance(code, str) or not code:
        return None
    reason = str(row.get("Reason") or "").lower()
    line = _line(row)
    if code in CLEAN_CODES and not _named(reason):
        return Answer(asked.e164, dict.fromkeys(_REGISTRIES, ScrubVerdict.CLEAN), line)
    if code in LISTED_CODES or _named(reason):
        # Listed without the list's name is listed nationally: the stricter reading.
        named = _named(reason) or {ScrubList.NATIONAL_DNC}
        verdicts = {which: ScrubVerdict.LISTED if which in named else ScrubVerdict.NO_DATA for which in _REGISTRIES}
        return Answer(asked.e164, verdicts, line)
    return Answer(asked.e164, dict.fromkeys(_REGISTRIES, ScrubVerdict.NO_DATA), line)


_REGISTRIES = (ScrubList.NATIONAL_DNC, ScrubList.STATE_DNC, ScrubList.LITIGATOR)
_WORDS = {"national": ScrubList.NATIONAL_DNC, "state": ScrubList.STATE_DNC, "litigator": ScrubList.LITIGATOR}


def _named(reason: str) -> set[ScrubList]:
    """Find the lists that a reason names (``National (USA) 2003-06-01;State (TX);Litigator;W``)."""
    parts = [part.strip() for part in reason.split(";")]
    return {which for word, which in _WORDS.items() for part in parts if part.startswith(word)}


def _line(row: Mapping[str, Any]) -> LineType | None:
    said = str(row.get("LineType") or "")
    return None if said == _NOT_SAID else _LINES.get(said.lower())
