"""Rule packs: read as data, checked, compiled into the one ``Policy`` that the rules see.

Pure but for reading the packs that ship with the program. A provision of an unknown kind, a damaged one, or a
set of packs without federal hours is refused as a whole: a policy that lacks a rule would allow too much.
Rows of low confidence bind like the others; they err towards silence.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, time, timedelta
from functools import lru_cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any, Literal

import orjson
import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from leadflow.compliance.errors import BadPack
from leadflow.compliance.rules.windows import in_force
from leadflow.compliance.types import Cap, Pack, Policy, Span, Window
from models.vocabulary import Basis, Channel

LONGEST_MOURNING = 730
"""Days; more is a slip of the pen. Own choice."""

CARE = {"death": 30, "filing": 30, "spouse_death": 90, "spouse_filing": 90}
"""Days, where no pack says how many. Own choice: no law asks for any, decency does."""

REASSIGNED_MAX_AGE_DAYS = 30
"""Of a clean look-up in the Reassigned Numbers Database, where no pack says. Carriers report monthly. Own choice."""
SHIPPED = ("federal", "states", "organization")
"""The packs of a new organisation."""

KINDS = frozenset(
    {
        "hours",
        "cap",
        "scrub",
        "basis",
        "keywords",
        "written_consent",
        "emergency",
        "closing_margin",
        "sensitivity",
        "reassigned",
    }
)


class Provision(BaseModel):
    """One entry of a pack. Which of the optional fields it must have follows from ``kind``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(min_length=1)
    kind: str
    jurisdiction: str = Field(pattern="^[A-Z]{2}$")
    channels: tuple[Channel, ...]
    hours: Any = None
    """For ``hours``: the hours of each kind of day; for ``cap``: a number of hours."""
    holidays: tuple[str, ...] = ()
    zone: str | None = None
    count: int | None = Field(default=None, gt=0)
    minutes: int | None = Field(default=None, ge=0, le=120)
    max_age_days: int | None = Field(default=None, gt=0)
    after_days: int | None = Field(default=None, ge=0)
    """For ``reassigned``: how old a basis may be before it needs a look-up."""
    required: bool = False
    """For ``reassigned``: whether the look-up is needed at all."""
    list: str | None = None
    waived_by: str | None = None
    basis: Basis | None = None
    months: int | None = Field(default=None, gt=0)
    words: tuple[str, ...] = ()
    days: int | None = Field(default=None, ge=0, le=LONGEST_MOURNING)
    after: Literal["death", "filing"] | None = None
    surviving_spouse: bool = False
    declared: bool = False
    citation: str = Field(min_length=1)
    source: str = Field(min_length=1)
    effective_from: date | None = None
    effective_to: date | None = None
    confidence: str = Field(pattern="^(high|medium|low)$")
    reviewed_by: str | None = None
    note: str = ""


class PackContent(BaseModel):
    """A pack as it stands in a file or a row."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    title: str
    provisions: tuple[Provision, ...]


def digest(content: Mapping[str, Any]) -> str:
    """Hash a pack's canonical JSON with SHA-256, hexadecimal."""
    return hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()


@lru_cache(maxsize=1)
def shipped() -> tuple[Pack, ...]:
    """Read the packs that ship with the program."""
    folder = files("leadflow.compliance").joinpath("packs")
    return tuple(_pack(name, folder.joinpath(f"{name}.yaml").read_text(encoding="utf-8")) for name in SHIPPED)


def _pack(name: str, text: str) -> Pack:
    content: dict[str, Any] = yaml.safe_load(text)
    return Pack(name, content, digest(content))


def version(digests: Iterable[str]) -> str:
    """Name a set of packs by what they hold: twelve hexadecimal digits."""
    return policy_digest(digests)[:12]


def policy_digest(digests: Iterable[str]) -> str:
    """Hash a set of packs by what they hold: SHA-256 over their sorted digests, hexadecimal."""
    return hashlib.sha256("".join(sorted(digests)).encode()).hexdigest()


def parse(content: Mapping[str, Any]) -> PackContent:
    """Check one pack.

    Raises:
        BadPack: a field is missing, unknown or out of range.
    """
    try:
        pack = PackContent.model_validate(content)
    except ValidationError as error:
        where = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise BadPack(f"The rule pack is damaged at {where}.") from error
    unknown = {provision.kind for provision in pack.provisions} - KINDS
    if unknown:
        raise BadPack(f"The rule pack {pack.name} has provisions of unknown kinds: {', '.join(sorted(unknown))}.")
    return pack


def compile_policy(packs: Iterable[Pack], channel: Channel, today: date) -> Policy:
    """Compile packs for one way of contact.

    Args:
        packs: every pack in force.
        channel: provisions for other channels are left out.
        today: caps, consent, scrubs and switches in force on this day count; hours carry their own dates.

    Raises:
        BadPack: a pack is damaged, or together they hold no federal hours.
    """
    packs = tuple(packs)
    all_provisions = [provision for pack in packs for provision in parse(pack.content).provisions]
    bound = [provision for provision in all_provisions if channel in provision.channels]
    by_kind: dict[str, list[Provision]] = defaultdict(list)
    for provision in bound:
        if provision.kind == "hours" or in_force(provision.effective_from, provision.effective_to, today):
            by_kind[provision.kind].append(provision)
    margin_s = 60 * max((provision.minutes or 0 for provision in by_kind["closing_margin"]), default=0)
    windows = _by_state((provision.jurisdiction, _window(provision, margin_s)) for provision in by_kind["hours"])
    caps = _by_state((provision.jurisdiction, _cap(provision)) for provision in by_kind["cap"])
    if not windows.get("US"):
        raise BadPack("The rule packs hold no federal hours; nothing may be sent under them.")
    return Policy(
        version=version(pack.digest for pack in packs),
        channel=channel,
        federal=windows["US"],
        states=windows,
        caps=caps.get("US", ()),
        state_caps=caps,
        written_consent=_citations(by_kind["written_consent"]),
        emergencies=_citations(provision for provision in by_kind["emergency"] if provision.declared),
        scrub_max_age=timedelta(days=_least(by_kind["scrub"])),
        basis_months=MappingProxyType(_months(by_kind["basis"])),
        keywords=tuple(word for provision in by_kind["keywords"] for word in provision.words),
        mourning=_mourning(by_kind["sensitivity"]),
        **_reassigned(by_kind["reassigned"]),
    )


FEDERAL = ("US",)
"""The federal holidays, as a window names them (5 U.S.C. 6103)."""


def campaign_window(start: time, end: time, weekdays: Iterable[int], holidays: tuple[str, ...] = ()) -> Window:
    """Make a campaign's own hours; they bind on top of the law's."""
    span = Span(_second(start), _second(end))
    days = frozenset(weekdays)
    return Window(
        "campaign.hours", "campaign", tuple(span if day in days else None for day in range(7)), holidays=holidays
    )


def _least(scrubs: Iterable[Provision]) -> int:
    days = [provision.max_age_days for provision in scrubs if provision.max_age_days]
    if not days:
        raise BadPack("The rule packs hold no age for look-ups in the national registry.")
    return min(days)


def _reassigned(provisions: Iterable[Provision]) -> dict[str, Any]:
    """Read when a look-up of reassigned numbers is needed: the strictest of all that ask for one."""
    after: list[int] = []
    ages: list[int] = []
    for provision in provisions:
        if provision.after_days is None or provision.max_age_days is None:
            raise BadPack(f"The provision {provision.key} needs after_days and max_age_days.")
        ages.append(provision.max_age_days)
        if provision.required:
            after.append(provision.after_days)
    return {
        "reassigned_after": timedelta(days=min(after)) if after else None,
        "reassigned_max_age": timedelta(days=min(ages, default=REASSIGNED_MAX_AGE_DAYS)),
    }


def _months(bases: Iterable[Provision]) -> dict[Basis, int]:
    months: dict[Basis, int] = {}
    for provision in bases:
        if provision.basis is None or provision.months is None:
            raise BadPack(f"The provision {provision.key} needs a basis and months.")
        months[provision.basis] = min(provision.months, months.get(provision.basis, provision.months))
    if not {Basis.INQUIRY, Basis.EXISTING_RELATIONSHIP} <= months.keys():
        raise BadPack("The rule packs do not say how long an inquiry and a relationship hold.")
    return months


def _mourning(provisions: Iterable[Provision]) -> Mapping[str, int]:
    """Take the longest of each kind. Packs of before this kind of provision say nothing of it: ``CARE`` speaks then."""
    said: dict[str, int] = {}
    for one in provisions:
        if one.days is None or one.after is None:
            raise BadPack(f"The provision {one.key} needs days, and after: death or filing.")
        name = f"spouse_{one.after}" if one.surviving_spouse else one.after
        said[name] = max(one.days, said.get(name, 0))
    return MappingProxyType({**CARE, **said})


def _citations(provisions: Iterable[Provision]) -> Mapping[str, str]:
    return MappingProxyType({provision.jurisdiction: provision.citation for provision in provisions})


def _by_state(pairs: Iterable[tuple[str, Any]]) -> Mapping[str, tuple[Any, ...]]:
    grouped: dict[str, tuple[Any, ...]] = {}
    for state, item in pairs:
        grouped[state] = (*grouped.get(state, ()), item)
    return MappingProxyType(grouped)


def _cap(provision: Provision) -> Cap:
    if provision.count is None or not isinstance(provision.hours, int):
        raise BadPack(f"The cap {provision.key} needs a count and hours.")
    return Cap(provision.key, provision.count, timedelta(hours=provision.hours), provision.citation)


def _window(provision: Provision, margin_s: int) -> Window:
    try:
        weekday, saturday, sunday = (hours(provision.hours[day]) for day in ("weekday", "saturday", "sunday"))
    except (KeyError, TypeError, ValueError) as error:
        raise BadPack(f"The hours of {provision.key} cannot be read.") from error
    return Window(
        key=provision.key,
        jurisdiction=provision.jurisdiction,
        days=(*[weekday] * 5, saturday, sunday),
        holidays=provision.holidays,
        margin_s=margin_s,
        zone=provision.zone,
        effective_from=provision.effective_from,
        effective_to=provision.effective_to,
        citation=provision.citation,
    )


def hours(text: Any) -> Span | None:  # noqa: ANN401 what a pack holds
    """Read the hours of a kind of day, as ``08:00-21:00`` or ``none``.

    Raises:
        ValueError, TypeError, AttributeError: it is neither.
    """
    if text == "none":
        return None
    start, end = text.split("-")
    return Span(_second(time.fromisoformat(start)), _second(time.fromisoformat(end)))


def _second(at: time) -> int:
    return at.hour * 3600 + at.minute * 60 + at.second
