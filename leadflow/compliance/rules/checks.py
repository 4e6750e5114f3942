"""What each kind of provision must say, so that no rule meets it unreadable later. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple, cast
from zoneinfo import available_timezones

import holidays as calendars

from leadflow.compliance.rules.places import states
from leadflow.compliance.rules.policy import KINDS, PackContent, Provision, hours
from models.vocabulary import Basis

DAYS = ("weekday", "saturday", "sunday")
LARGEST_CAP = 12
"""More contacts than the facts of a recipient keep (``queries.facts.KEPT_TOUCHES``): a larger cap would never bind."""
LONGEST_CAP = 24 * 366
"""Hours that a cap may look back. Own choice."""

_DAY = re.compile(r"(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?:/(?:sat|sun|sat-sun))?")
_EASTER = re.compile(r"easter(?:[+-]\d{1,2})?")


class Fault(NamedTuple):
    """What is wrong and where."""

    path: tuple[str | int, ...]
    message: str


def fault_of(pack: PackContent) -> Fault | None:
    """Find the first thing that no pack may say; None when there is none."""
    return next(_faults(pack), None)


def _faults(pack: PackContent) -> Iterator[Fault]:
    seen: set[str] = set()
    if not re.fullmatch(r"[a-z][a-z0-9_-]{0,59}", pack.name):
        yield Fault(("name",), "The name of a pack is a short word in small letters.")
    for place, one in enumerate(pack.provisions):
        at = ("provisions", place)
        if one.key in seen:
            yield Fault((*at, "key"), f"{one.key}: another provision of this pack has the same key.")
        seen.add(one.key)
        for field, message in _of_one(one):
            yield Fault((*at, field), f"{one.key}: {message}")


def _of_one(one: Provision) -> Iterator[tuple[str, str]]:
    if one.kind not in KINDS:
        yield "kind", f"“{one.kind}” is no kind of provision. Kinds are: {', '.join(sorted(KINDS))}."
        return
    if one.jurisdiction != "US" and one.jurisdiction not in states():
        yield "jurisdiction", f"“{one.jurisdiction}” is neither US nor a state or territory."
    if not one.channels:
        yield "channels", "name at least one channel: text, call."
    if one.effective_from and one.effective_to and one.effective_to < one.effective_from:
        yield "effective_to", "it ends before it begins."
    yield from _BY_KIND[one.kind](one)


def _hours(one: Provision) -> Iterator[tuple[str, str]]:
    raw: Any = one.hours
    given = cast("Mapping[str, Any]", raw if isinstance(raw, Mapping) else {})
    if set(given) != set(DAYS):
        yield "hours", "hours need weekday, saturday and sunday, each as 08:00-21:00 or none."
        return
    for day in DAYS:
        try:
            span = hours(given[day])
        except (AttributeError, TypeError, ValueError):
            yield "hours", f"the hours of {day} are written as 08:00-21:00, in quotes, or none."
            return
        if span is not None and span.opens >= span.closes:
            yield "hours", f"the hours of {day} end before they begin."
    yield from (
        ("holidays", f"“{name}” is no holiday that LeadFlow knows.") for name in one.holidays if not _known(name)
    )
    if one.zone is not None and one.zone not in available_timezones():
        yield "zone", f"“{one.zone}” is no time zone, such as America/Chicago."


def _known(name: str) -> bool:
    if name in {"US", "election-day", "robert-e-lee"} or _DAY.fullmatch(name) or _EASTER.fullmatch(name):
        return True
    return name.removeprefix("US-") in calendars.UnitedStates.subdivisions and name.startswith("US-")


def _cap(one: Provision) -> Iterator[tuple[str, str]]:
    if one.count is None:
        yield "count", "a cap needs a count."
    elif one.count > LARGEST_CAP:
        yield "count", f"a cap of more than {LARGEST_CAP} contacts is not counted; write {LARGEST_CAP} or fewer."
    if not isinstance(one.hours, int) or isinstance(one.hours, bool) or not 0 < one.hours <= LONGEST_CAP:
        yield "hours", f"a cap needs hours, a number from 1 to {LONGEST_CAP}."


def _scrub(one: Provision) -> Iterator[tuple[str, str]]:
    if one.max_age_days is None:
        yield "max_age_days", "a look-up needs max_age_days."
    if one.list not in {None, "national_dnc"}:
        yield "list", "the list is national_dnc."
    if one.waived_by not in {None, "written_consent"}:
        yield "waived_by", "only written_consent waives a look-up."


def _basis(one: Provision) -> Iterator[tuple[str, str]]:
    if one.basis is None:
        yield "basis", f"a basis is one of: {', '.join(Basis)}."
    if one.months is None:
        yield "months", "a basis needs months."


def _keywords(one: Provision) -> Iterator[tuple[str, str]]:
    if not one.words or any(not word.strip() for word in one.words):
        yield "words", "keywords need words, none of them empty."


def _margin(one: Provision) -> Iterator[tuple[str, str]]:
    if one.minutes is None:
        yield "minutes", "a margin before closing needs minutes, 0 to 120."


def _sensitivity(one: Provision) -> Iterator[tuple[str, str]]:
    if one.days is None:
        yield "days", "a time of mourning needs days; 0 is none."
    if one.after is None:
        yield "after", "a time of mourning begins after: death, or filing."
    if one.jurisdiction != "US":
        yield "jurisdiction", "a time of mourning binds everywhere: US."


def _reassigned(one: Provision) -> Iterator[tuple[str, str]]:
    if one.after_days is None:
        yield "after_days", "reassigned needs after_days: how old a basis may be without a look-up."
    if one.max_age_days is None:
        yield "max_age_days", "reassigned needs max_age_days: how old the look-up may be."


def _nothing(_: Provision) -> Iterator[tuple[str, str]]:
    return iter(())


_BY_KIND: Mapping[str, Callable[[Provision], Iterator[tuple[str, str]]]] = {
    "hours": _hours,
    "cap": _cap,
    "scrub": _scrub,
    "basis": _basis,
    "keywords": _keywords,
    "closing_margin": _margin,
    "sensitivity": _sensitivity,
    "reassigned": _reassigned,
    "written_consent": _nothing,
    "emergency": _nothing,
}
