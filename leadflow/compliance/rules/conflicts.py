"""Where provisions in force disagree about the same thing at the same place, and which one wins. Pure.

None is ever chosen over another by rank: all bind together, so the strictest wins. For hours that is what every window
allows, for numbers the least or the longest. Provisions that say the same are no conflict.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from leadflow.compliance.rules.checks import DAYS
from leadflow.compliance.rules.policy import Provision, hours, parse
from leadflow.compliance.rules.windows import in_force
from leadflow.compliance.types import Pack, Span
from models.vocabulary import Channel


@dataclass(frozen=True, slots=True)
class Side:
    """What one provision says of it."""

    pack: str
    key: str
    jurisdiction: str
    says: str
    citation: str
    confidence: str
    wins: bool
    """It is the one that decides, alone or together with others."""


@dataclass(frozen=True, slots=True)
class Clash:
    """A disagreement and its outcome."""

    kind: str
    jurisdiction: str
    """Where it matters: a state, or US for everywhere."""
    channels: tuple[Channel, ...]
    sides: tuple[Side, ...]
    outcome: str
    """What holds, in words."""
    why: str


@dataclass(frozen=True, slots=True)
class _Of:
    pack: str
    one: Provision


def conflicts(packs: Iterable[Pack], today: date) -> tuple[Clash, ...]:
    """List every disagreement between provisions in force on a day, by kind and place."""
    bound = [
        _Of(pack.name, one)
        for pack in packs
        for one in parse(pack.content).provisions
        if in_force(one.effective_from, one.effective_to, today)
    ]
    found: dict[tuple[object, ...], Clash] = {}
    for channel in Channel:
        there = [of for of in bound if channel in of.one.channels]
        for clash in (
            *_hours(there, channel),
            *_caps(there, channel),
            *_numbers(there, channel),
            *_flags(there, channel),
        ):
            same = (clash.kind, clash.jurisdiction, clash.sides)
            known = found.get(same)
            channels = (channel,) if known is None else (*known.channels, channel)
            found[same] = Clash(clash.kind, clash.jurisdiction, channels, clash.sides, clash.outcome, clash.why)
    return tuple(sorted(found.values(), key=lambda clash: (clash.kind, clash.jurisdiction != "US", clash.jurisdiction)))


def _hours(bound: Sequence[_Of], channel: Channel) -> Iterator[Clash]:
    windows = [of for of in bound if of.one.kind == "hours"]
    federal = [of for of in windows if of.one.jurisdiction == "US"]
    for place in sorted({of.one.jurisdiction for of in windows}):
        there = [*federal, *(of for of in windows if of.one.jurisdiction == place != "US")]
        if len({_key(of.one) for of in there}) < 2:  # noqa: PLR2004 two make a disagreement
            continue
        kept = {day: _inner([hours(of.one.hours[day]) for of in there]) for day in DAYS}
        sides = tuple(_side(of, says_hours(of.one), wins=_decides(of.one, kept, there)) for of in there)
        yield Clash("hours", place, (channel,), sides, _whole(kept, there), "Every window must allow it.")


def _key(one: Provision) -> tuple[object, ...]:
    return (*(one.hours[day] for day in DAYS), frozenset(one.holidays), one.zone)


def _inner(spans: Sequence[Span | None]) -> Span | None:
    """Find the hours that all of them allow; None when there are none."""
    if None in spans:
        return None
    opens = max(span.opens for span in spans if span)
    closes = min(span.closes for span in spans if span)
    return Span(opens, closes) if opens < closes else None


def _decides(one: Provision, kept: dict[str, Span | None], there: Sequence[_Of]) -> bool:
    """Say whether this provision sets an end of what holds that another one would set wider."""
    others = [of.one for of in there if _key(of.one) != _key(one)]
    if one.zone is not None or any(frozenset(one.holidays) - set(other.holidays) for other in others):
        return True
    return any(_binds(hours(one.hours[day]), kept[day], [hours(other.hours[day]) for other in others]) for day in DAYS)


def _binds(own: Span | None, kept: Span | None, others: Sequence[Span | None]) -> bool:
    if own is None or kept is None:
        return own is None and None not in others
    return any(
        other is not None and ((own.opens == kept.opens > other.opens) or (own.closes == kept.closes < other.closes))
        for other in others
    )


def _whole(kept: dict[str, Span | None], there: Sequence[_Of]) -> str:
    zones = sorted({of.one.zone for of in there if of.one.zone})
    days = " · ".join(f"{_DAY[day]} {_clock(kept[day])}" for day in DAYS)
    also = f" · also by the clock of {', '.join(zones)}" if zones else ""
    return days + (" · no holidays" if any(of.one.holidays for of in there) else "") + also


def says_hours(one: Provision) -> str:
    """Put the hours of a provision into words."""
    days = " · ".join(f"{_DAY[day]} {one.hours[day]}" for day in DAYS)
    return days + (" · no holidays" if one.holidays else "") + (f" · by the clock of {one.zone}" if one.zone else "")


_DAY = {"weekday": "Mon-Fri", "saturday": "Sat", "sunday": "Sun"}


def _clock(span: Span | None) -> str:
    if span is None:
        return "none"
    return "-".join(f"{second // 3600:02}:{second % 3600 // 60:02}" for second in span)


def _caps(bound: Sequence[_Of], channel: Channel) -> Iterator[Clash]:
    caps = [of for of in bound if of.one.kind == "cap"]
    for place in sorted({of.one.jurisdiction for of in caps}):
        there = [of for of in caps if of.one.jurisdiction in {"US", place}]
        for span in sorted({of.one.hours for of in there}):
            same = [of for of in there if of.one.hours == span]
            if len({of.one.count for of in same}) < 2:  # noqa: PLR2004 two make a disagreement
                continue
            least = min(of.one.count or 0 for of in same)
            sides = tuple(
                _side(of, f"At most {of.one.count} in {span} hours", wins=of.one.count == least) for of in same
            )
            yield Clash("cap", place, (channel,), sides, f"At most {least} in {span} hours", "The fewest contacts win.")


def _numbers(bound: Sequence[_Of], channel: Channel) -> Iterator[Clash]:
    groups = [
        ("scrub", "max_age_days", "{} days", min, "The youngest look-up wins."),
        ("closing_margin", "minutes", "{} minutes", max, "The longest margin wins."),
        ("basis", "months", "{} months", min, "The shortest time wins."),
        ("sensitivity", "days", "{} days", max, "The longest time of care wins."),
    ]
    for kind, field, words, strictest, why in groups:
        for same in sorted({_matter(of.one) for of in bound if of.one.kind == kind}, key=str):
            there = [of for of in bound if of.one.kind == kind and _matter(of.one) == same]
            values = [getattr(of.one, field) for of in there]
            if len(set(values)) < 2:  # noqa: PLR2004 two make a disagreement
                continue
            won = strictest(values)
            sides = tuple(
                _side(of, words.format(value), wins=value == won) for of, value in zip(there, values, strict=True)
            )
            yield Clash(kind, "US", (channel,), sides, words.format(won), why)


def _matter(one: Provision) -> tuple[object, ...]:
    return one.basis, one.after, one.surviving_spouse


def _flags(bound: Sequence[_Of], channel: Channel) -> Iterator[Clash]:
    emergencies = [of for of in bound if of.one.kind == "emergency"]
    for place in sorted({of.one.jurisdiction for of in emergencies}):
        there = [of for of in emergencies if of.one.jurisdiction == place]
        if len({of.one.declared for of in there}) < 2:  # noqa: PLR2004 two make a disagreement
            continue
        sides = tuple(
            _side(of, "Declared" if of.one.declared else "Not declared", wins=of.one.declared) for of in there
        )
        yield Clash("emergency", place, (channel,), sides, "Declared", "One declaration is enough.")


def _side(of: _Of, says: str, *, wins: bool) -> Side:
    return Side(of.pack, of.one.key, of.one.jurisdiction, says, of.one.citation, of.one.confidence, wins)
