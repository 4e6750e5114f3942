"""What changed between two plans, field by field, texts word by word: what an approver has to look at."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any, cast

from leadflow.campaigns.types import Change

NOTHING: Mapping[str, Any] = {}
DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_TEXT = "text."
_WORD = re.compile(r"\s+|[^\s]+")
_PER = ((1_440, "day"), (60, "hour"), (1, "minute"))


def changes(before: Mapping[str, Any], after: Mapping[str, Any], names: Mapping[str, str]) -> tuple[Change, ...]:
    """List the fields in which two plans differ, in the order of the builder.

    Args:
        before: as ``launch.signed`` wrote it, or ``NOTHING``.
        after: the same of the present plan.
        names: how ids of numbers are shown.
    """
    was, now = dict(_fields(before, names)), dict(_fields(after, names))
    found = list[Change]()
    for field in [*now, *(field for field in was if field not in now)]:
        label = (now.get(field) or was[field])[0]
        old, new = was.get(field, ("", ""))[1], now.get(field, ("", ""))[1]
        if old != new:
            words = tuple(by_word(old, new)) if field.startswith(_TEXT) and old and new else ()
            found.append(Change(field, label, old, new, words))
    return tuple(found)


def by_word(before: str, after: str) -> Iterator[tuple[str, str]]:
    """Lay two texts side by side: ``same``, ``gone`` and ``new`` words in order."""
    old, new = _WORD.findall(before), _WORD.findall(after)
    for kind, from_old, to_old, from_new, to_new in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if kind == "equal":
            yield "same", "".join(old[from_old:to_old])
            continue
        if from_old < to_old:
            yield "gone", "".join(old[from_old:to_old])
        if from_new < to_new:
            yield "new", "".join(new[from_new:to_new])


def span(minutes: int) -> str:
    """Write a wait in the largest unit that fits."""
    for size, word in _PER:
        if minutes % size == 0 and minutes >= size:
            count = minutes // size
            return f"{count} {word}{'s' if count > 1 else ''}"
    return "none"


def _fields(plan: Mapping[str, Any], names: Mapping[str, str]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Write a plan as labels and words, field by field."""
    if not plan:
        return
    yield "name", ("Name", plan["name"])
    yield "audience", ("Audience", _audience(plan["audience"]))
    yield "basis", ("Basis to contact", str(plan["basis"] or "none").replace("_", " "))
    yield from _messages(plan)
    if plan.get("split"):
        yield "split", ("Variants", ", ".join(f"{one[0]} {one[1]}" for one in cast("list[list[Any]]", plan["split"])))
    for name, body in sorted(plan.get("snippets", {}).items()):
        yield f"{_TEXT}snippet.{name}", (f"Snippet {name}", body)
    if not plan.get("pool"):
        yield "sender", ("Sends from", names.get(plan["sender"], plan["sender"]))
    else:
        yield "pool", ("Sends from the pool", names.get(plan["pool"], plan["pool"]))
    yield "per_minute", ("Texts a minute", str(plan["per_minute"]))
    yield "window", ("Hours", " to ".join(str(at)[:5] for at in plan["window"]))
    yield "weekdays", ("Days", ", ".join(DAYS[day] for day in cast("list[int]", plan["weekdays"])))
    yield "holidays", ("Federal holidays", "not sent on" if plan.get("skip_holidays") else "as the law allows")
    yield "send_before", ("Sends until", str(plan["send_before"] or "as its messages say"))
    yield "budget", ("Budget", "none" if plan["budget"] is None else f"${plan['budget'] / 100:,.2f}")
    yield "start", ("Start", _start(plan))
    yield "stops", ("Stops a person", _stops(plan.get("stops")))


def _messages(plan: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str]]]:
    steps: Sequence[Mapping[str, Any]] = plan.get("steps") or [{"template": plan["template"]}]
    for position, step in enumerate(steps, 1):
        whose = f"Message {position}" if len(steps) > 1 else "Message"
        if position > 1:
            yield f"wait.{position}", (f"{whose} waits", span(step.get("wait", 0)))
        yield f"{_TEXT}{position}", (whose, step["template"])
        for label, text in sorted(step.get("others", {}).items()):
            if text:
                yield f"{_TEXT}{position}.{label}", (f"{whose}, variant {label}", text)
        yield f"good_for.{position}", (f"{whose} may wait for its hour", span(step.get("good_for", 4_320)))


def _audience(chosen: Mapping[str, Any]) -> str:
    if not chosen:
        return "every lead"
    return "; ".join(f"{name.replace('_', ' ')}: {_listed(value)}" for name, value in sorted(chosen.items()))


def _listed(value: object) -> str:
    several = cast("list[object]", value) if isinstance(value, list) else [value]
    return ", ".join(map(str, several))


def _start(plan: Mapping[str, Any]) -> str:
    if not plan.get("start_at"):
        return "at the launch"
    return f"{plan['start_at']} ({plan['start_zone']})" if plan.get("start_zone") else str(plan["start_at"])


def _stops(stops: Sequence[Any] | None) -> str:
    if stops is None:
        return "on a reply, an outcome, or the usual statuses"
    reply, outcome, statuses = stops
    said = [*(["on a reply"] if reply else []), *(["on an outcome"] if outcome else [])]
    said += [f"at the status {', '.join(statuses).replace('_', ' ')}"] if statuses else []
    return ", ".join(said) or "never"
