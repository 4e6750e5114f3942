"""What changes from one version of a pack to another, provision by provision, and which way each change goes. Pure.

All packs bind together and the strictest wins, so another provision can only take away from what may be sent, and one
that is gone can only give. Inside a provision each field has a direction of its own; what cannot be told counts as
looser.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from leadflow.compliance.rules.checks import DAYS
from leadflow.compliance.rules.policy import PackContent, Provision, hours
from leadflow.compliance.types import Span
from models.vocabulary import Leaning

WORDING = frozenset({"citation", "source", "confidence", "reviewed_by", "note"})
"""Fields on which no verdict depends."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after, as JSON holds it; None is absent."""

    field: str
    before: Any
    after: Any
    leaning: Leaning


@dataclass(frozen=True, slots=True)
class Change:
    """One provision that was added, removed or changed."""

    key: str
    what: str
    """``added``, ``removed`` or ``changed``."""
    kind: str
    jurisdiction: str
    citation: str
    leaning: Leaning
    fields: tuple[FieldChange, ...] = ()


def diff(before: PackContent, after: PackContent) -> tuple[Change, ...]:
    """List every provision that differs, in the order of the later version, then what was removed."""
    old = {one.key: one for one in before.provisions}
    new = {one.key: one for one in after.provisions}
    found = [_added(one) if key not in old else _changed(old[key], one) for key, one in new.items()]
    removed = [_whole(one, "removed", Leaning.LOOSER) for key, one in old.items() if key not in new]
    return (*(one for one in found if one is not None), *removed)


def overall(changes: Iterable[Change]) -> Leaning:
    """Say which way a whole set of changes goes: looser as soon as one of them is, or may be."""
    return _together({change.leaning for change in changes})


def loosens(leaning: Leaning) -> bool:
    """Say whether a change lets, or may let, more through than before."""
    return leaning in {Leaning.LOOSER, Leaning.OTHER}


def _added(one: Provision) -> Change:
    return _whole(one, "added", Leaning.STRICTER)


def _whole(one: Provision, what: str, leaning: Leaning) -> Change:
    fields = tuple(
        FieldChange(field, *((None, value) if what == "added" else (value, None)), leaning)
        for field, value in one.model_dump(mode="json", exclude_defaults=True).items()
        if field not in {"key", "kind", "jurisdiction", *WORDING}
    )
    return Change(one.key, what, one.kind, one.jurisdiction, one.citation, leaning, fields)


def _changed(before: Provision, after: Provision) -> Change | None:
    old, new = before.model_dump(mode="json"), after.model_dump(mode="json")
    fields = tuple(
        FieldChange(field, old[field], new[field], _leaning(field, before, after))
        for field in new
        if old[field] != new[field]
    )
    if not fields:
        return None
    leaning = _together({field.leaning for field in fields})
    return Change(after.key, "changed", after.kind, after.jurisdiction, after.citation, leaning, fields)


def _together(leanings: set[Leaning]) -> Leaning:
    for worst in (Leaning.LOOSER, Leaning.OTHER, Leaning.STRICTER):
        if worst in leanings:
            return worst
    return Leaning.WORDING


def _leaning(field: str, before: Provision, after: Provision) -> Leaning:
    if field in WORDING:
        return Leaning.WORDING
    compare = _COMPARE.get(field)
    old, new = getattr(before, field), getattr(after, field)
    return Leaning.OTHER if compare is None or before.kind != after.kind else compare(old, new)


def _less(before: int | None, after: int | None) -> Leaning:
    if before is None or after is None:
        return Leaning.OTHER
    return Leaning.STRICTER if after < before else Leaning.LOOSER


def _more(before: int | None, after: int | None) -> Leaning:
    return _less(after, before)


def _more_of(before: Iterable[Any], after: Iterable[Any]) -> Leaning:
    old, new = frozenset(before), frozenset(after)
    if old <= new:
        return Leaning.STRICTER
    return Leaning.LOOSER if new <= old else Leaning.OTHER


def _switched_on(before: Any, _after: Any) -> Leaning:  # noqa: ANN401 a flag or a word
    return Leaning.LOOSER if before else Leaning.STRICTER


def _waiver(before: Any, _after: Any) -> Leaning:  # noqa: ANN401 a word or None
    return Leaning.STRICTER if before else Leaning.LOOSER


def _earlier(before: date | None, after: date | None) -> Leaning:
    return Leaning.STRICTER if (after or date.min) < (before or date.min) else Leaning.LOOSER


def _later(before: date | None, after: date | None) -> Leaning:
    return Leaning.STRICTER if (after or date.max) > (before or date.max) else Leaning.LOOSER


def _within(before: Any, after: Any) -> Leaning:  # noqa: ANN401 the hours of a window or of a cap
    if isinstance(before, int) and isinstance(after, int):
        return _more(before, after)
    if not isinstance(before, Mapping) or not isinstance(after, Mapping):
        return Leaning.OTHER
    old, new = cast("Mapping[str, Any]", before), cast("Mapping[str, Any]", after)
    days = {_span(hours(old[day]), hours(new[day])) for day in DAYS if old[day] != new[day]}
    return _together(days) if days else Leaning.STRICTER


def _span(before: Span | None, after: Span | None) -> Leaning:
    if after is None:
        return Leaning.STRICTER
    if before is None:
        return Leaning.LOOSER
    if before.opens <= after.opens and after.closes <= before.closes:
        return Leaning.STRICTER
    return Leaning.LOOSER


_COMPARE: Mapping[str, Callable[[Any, Any], Leaning]] = {
    "hours": _within,
    "holidays": _more_of,
    "channels": _more_of,
    "words": _more_of,
    "count": _less,
    "minutes": _more,
    "max_age_days": _less,
    "months": _less,
    "days": _more,
    "declared": _switched_on,
    "waived_by": _waiver,
    "effective_from": _earlier,
    "effective_to": _later,
}
