"""Prove the quiet hours: every county times many instants, against a second reading of the law.

``python -m scripts.prove_hours [--checks N] [--seed N] [--write]``; ``make proof`` runs two million and writes
docs/proofs/quiet-hours.md. Each check draws a way of contact, a number, a ZIP code of the county, a mailing state and
an instant of 2024 to 2030, and asks the engine (``places`` and ``closed`` under all packs that ship) and
tests/compliance/oracle.py, which shares no code with it. The engine may be stricter than the law, never looser:

* violation: the engine allows what the second reading refuses. There may be none.
* over-refusal: the engine refuses what the second reading allows. Each must be explained by the organisation's margin
  before closing: the second reading refuses within that margin, too.
"""

from __future__ import annotations

import argparse
import multiprocessing
import random
import sys
import time
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

from leadflow.compliance.rules import places as where
from leadflow.compliance.rules.policy import compile_policy, digest, shipped, version
from leadflow.compliance.rules.windows import closed
from leadflow.compliance.types import Policy
from models.vocabulary import Channel
from tests.compliance import oracle

PAGE = Path(__file__).parent.parent / "docs" / "proofs" / "quiet-hours.md"
SEED = 20261126
CHECKS = 2_000_000
FIRST, LAST = date(2024, 1, 1), date(2030, 12, 31)
CHANNELS = (Channel.TEXT, Channel.CALL)
EDGES = (0, 8, 9, 10, 12, 13, 17, 18, 19, 20, 21)
"""Hours at which some window opens or closes, and midnight."""
_SECONDS = (-301, -300, -299, -1, 0, 1)
"""About such an hour, and about the five minutes before it."""
_UNKNOWN_PHONES = ("+18005550100", "+442079460000")
_TOLD = 10


@dataclass
class Tally:
    """What the checks of some counties found."""

    counties: set[str] = field(default_factory=set[str])
    checks: Counter[str] = field(default_factory=Counter[str])
    allowed: Counter[str] = field(default_factory=Counter[str])
    margin: Counter[str] = field(default_factory=Counter[str])
    """Over-refusals that the margin before closing explains."""
    unknown: int = 0
    """Checks with a number, ZIP or state that no table knows; both readings must refuse."""
    violations: list[str] = field(default_factory=list[str])
    unexplained: list[str] = field(default_factory=list[str])

    def add(self, other: Tally) -> None:
        """Take another tally in."""
        self.counties |= other.counties
        self.checks += other.checks
        self.allowed += other.allowed
        self.margin += other.margin
        self.unknown += other.unknown
        self.violations += other.violations
        self.unexplained += other.unexplained


@dataclass(frozen=True)
class County:
    """A county as the ZIP table has it: five digits of FIPS, or a state's ZIP codes without a county."""

    code: str
    state: str
    zips: tuple[str, ...]
    zones: tuple[str, ...]


@cache
def counties() -> tuple[County, ...]:
    """List every county of the packaged ZIP table, and per state what the table gives no county."""
    zips: dict[tuple[str, str], list[str]] = defaultdict(list)
    zones: dict[tuple[str, str], set[str]] = defaultdict(set)
    # The table is shared: it says where a ZIP is, and the law says what that means.
    for code, known in where._zips().items():  # noqa: SLF001 all of the table, which no caller needs
        key = (known.state, known.county_fips or "none")
        zips[key].append(code)
        zones[key].update(known.zones)
    return tuple(
        County(f"{state} {fips}", state, tuple(zips[state, fips]), tuple(sorted(zones[state, fips])))
        for state, fips in sorted(zips)
    )


def policies() -> dict[Channel, Policy]:
    """Compile every pack that ships, the organisation's margin included."""
    return {channel: compile_policy(shipped(), channel, date.max) for channel in CHANNELS}


@cache
def _special_days() -> tuple[date, ...]:
    """List the days on which a reading may go wrong: legal holidays, their eves, and the changes of the clocks."""
    days = [FIRST + timedelta(n) for n in range((LAST - FIRST).days + 1)]
    kept = {day for day in days if any(oracle.is_holiday(state, day) for state in ("US", "AL", "LA", "PA", "RI", "UT"))}
    turns = {day for day in days if _offset(day) != _offset(day + timedelta(1))}
    near = {day + timedelta(n) for day in kept | turns for n in (-1, 0, 1)}
    return tuple(sorted(day for day in near if FIRST <= day <= LAST))


def _offset(day: date) -> timedelta | None:
    return datetime(day.year, day.month, day.day, tzinfo=ZoneInfo("America/New_York")).utcoffset()


def _instant(draw: random.Random, zones: Sequence[str]) -> datetime:
    """Draw any second of the seven years, or one about an edge of a day at one of the places."""
    day = FIRST + timedelta(draw.randrange((LAST - FIRST).days + 1))
    if draw.random() < 0.4:  # noqa: PLR2004 own mixture
        day = draw.choice(_special_days())
    if draw.random() < 0.3:  # noqa: PLR2004 own mixture
        second = draw.randrange(24 * 60 * 60)
        return datetime(day.year, day.month, day.day, tzinfo=UTC) + timedelta(seconds=second)
    local = datetime(day.year, day.month, day.day, draw.choice(EDGES), tzinfo=ZoneInfo(draw.choice(zones)))
    return local.astimezone(UTC) + timedelta(seconds=draw.choice(_SECONDS))


@cache
def _phones(state: str) -> tuple[str, ...]:
    return tuple(f"+1{code}5550100" for code, (of, _) in sorted(oracle.area_codes().items()) if of == state)


def _hints(draw: random.Random, county: County) -> tuple[str, str, str]:
    """Draw a number (mostly of the state), a ZIP code of the county, and where mail goes (mostly nowhere else)."""
    home, kind = _phones(county.state), draw.random()
    if kind < 0.01:  # noqa: PLR2004 own mixture
        phone = draw.choice(_UNKNOWN_PHONES)
    elif kind < 0.3 or not home:  # noqa: PLR2004 own mixture
        phone = f"+1{draw.choice(sorted_areas())}5550100"
    else:
        phone = draw.choice(home)
    zip5 = draw.choice(county.zips) if draw.random() < 0.95 else ""  # noqa: PLR2004 own mixture
    mail = draw.choice(("", county.state, draw.choice(sorted_states())))
    return phone, zip5, mail


@cache
def sorted_areas() -> tuple[str, ...]:
    """List the area codes."""
    return tuple(sorted(oracle.area_codes()))


@cache
def sorted_states() -> tuple[str, ...]:
    """List the states."""
    return tuple(sorted(oracle.states()))


def check(county: County, times: int, seed: int, law: dict[Channel, Policy]) -> Tally:
    """Check one county; the same seed draws the same checks, whatever the other counties are."""
    draw = random.Random(f"{seed} {county.code}")  # noqa: S311 no secret
    found = Tally({county.code})
    for _ in range(times):
        channel = draw.choice(CHANNELS)
        phone, zip5, mail = _hints(draw, county)
        at = _instant(draw, county.zones)
        _compare(found, county.state, law[channel], (phone, zip5, mail, at))
    return found


def _compare(found: Tally, state: str, policy: Policy, asked: tuple[str, str, str, datetime]) -> None:
    phone, zip5, mail, at = asked
    here = where.places(phone, zip5 or None, None, mail or None)
    ours = here is not None and not closed(policy, here, None, at)
    theirs = oracle.allowed(phone, zip5, mail, at, policy.channel.value)
    found.checks[state] += 1
    found.allowed[state] += ours
    found.unknown += here is None
    if ours == theirs:
        return
    said = f"{state}: {policy.channel.value} {phone} {zip5 or '-'} {mail or '-'} {at.isoformat()}"
    margin = timedelta(seconds=max(window.margin_s for window in policy.federal))
    if ours:
        found.violations.append(said)
    elif not oracle.allowed(phone, zip5, mail, at + margin, policy.channel.value):
        found.margin[state] += 1
    else:
        found.unexplained.append(said)


def _share(asked: tuple[int, int, int, int]) -> Tally:
    """Check every ``of``-th county from ``part`` on: one process's share."""
    checks, seed, part, of = asked
    law, found = policies(), Tally()
    every = counties()
    for index in range(part, len(every), of):
        # What does not divide falls to the first counties.
        found.add(check(every[index], checks // len(every) + (index < checks % len(every)), seed, law))
    return found


def prove(checks: int, seed: int, jobs: int = 1) -> Tally:
    """Check all counties, ``checks`` in all."""
    shares = [(checks, seed, part, jobs) for part in range(jobs)]
    if jobs == 1:
        return _share(shares[0])
    whole = Tally()
    with multiprocessing.get_context("fork").Pool(jobs) as pool:
        for found in pool.imap_unordered(_share, shares):
            whole.add(found)
    return whole


_PAGE = """\
# Quiet hours, proved over every county

Written by `make proof` (`scripts/prove_hours.py`); do not edit. The same seed and packs give the same page.

**Violations: {violations}** in {total:,} checks over {counties:,} counties, 2024-01-01 to 2030-12-31, texts and calls.

| Seed | Policy version | Hours | Allowed | Refused for the margin alone | Refused without a cause | Unknown place |
| --- | --- | --- | --- | --- | --- | --- |
| {seed} | `{policy}` | `{hours}` | {allowed:,} | {margin:,} | {unexplained} | {unknown:,} |

* **Hours**: the packs' hours and margin by hash, which the proof is about; other rules may change without it.
* **Violation**: the engine allows a contact that the second reading of the law refuses. None may be.
* **Margin**: the engine refuses the last five minutes before a window closes (the organisation's own limit) where the
  law would still allow. Any other refusal of what the law allows is *without a cause*.
* **Unknown place**: a number, ZIP code or state that no table knows; both readings refuse all of them.

Each check draws a number (seven in ten of the county's state), a ZIP code of the county, a mailing state and an
instant: seven in ten about an hour at which windows open or close in the county (to the second, and about the five
minutes before it), four in ten on or beside a legal holiday or a change of the clocks. The second reading
(`tests/compliance/oracle.py`) reads the notes on the law, works holidays out by statute and shares no code with the
engine; only the tables of where a ZIP code, area code or state lies are the same. Those come from Census, GeoNames and
time-zone boundaries (`leadflow/compliance/data/NOTICE.md`); they know the counties and what equals one in the
territories, and a county with ZIP codes of two states counts in both. ZIP codes to which the source gives no county are
checked too, and counted in their state.

| State | Counties | Checks | Allowed | Margin | Violations |
| --- | --- | --- | --- | --- | --- |
{rows}
"""


def hours_version() -> str:
    """Name the hours and the margin of the packs that ship: twelve hexadecimal digits."""
    bound = [
        row for pack in shipped() for row in pack.content["provisions"] if row["kind"] in {"hours", "closing_margin"}
    ]
    return digest({"provisions": bound})[:12]


def page(found: Tally, seed: int) -> str:
    """Write the page: the same seed and packs, the same page."""
    by_state: Counter[str] = Counter(code.split()[0] for code in found.counties if not code.endswith(" none"))
    violations = Counter(one.partition(":")[0] for one in found.violations)
    rows = [
        f"| {state} | {by_state[state]} | {found.checks[state]:,} | {found.allowed[state]:,} "
        f"| {found.margin[state]:,} | {violations[state]} |"
        for state in sorted(found.checks)
    ]
    return _PAGE.format(
        violations=len(found.violations),
        total=sum(found.checks.values()),
        counties=sum(by_state.values()),
        seed=seed,
        policy=version(pack.digest for pack in shipped()),
        hours=hours_version(),
        allowed=sum(found.allowed.values()),
        margin=sum(found.margin.values()),
        unexplained=len(found.unexplained),
        unknown=found.unknown,
        rows="\n".join(rows),
    )


def _told(title: str, cases: Iterable[str]) -> None:
    for case in list(cases)[:_TOLD]:
        sys.stdout.write(f"  {title}: {case}\n")


def main() -> None:
    """Prove, print, write the page where asked, and fail where the engine is looser or refuses without a cause."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--checks", type=int, default=CHECKS)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--write", action="store_true", help=f"write {PAGE.name}")
    asked = parser.parse_args()
    began = time.monotonic()
    found = prove(asked.checks, asked.seed, asked.jobs)
    total = sum(found.checks.values())
    sys.stdout.write(
        f"{total:,} checks of {len(found.counties):,} counties, seed {asked.seed}, policy "
        f"{version(pack.digest for pack in shipped())}: {len(found.violations)} violations, "
        f"{sum(found.margin.values()):,} refused for the margin alone, {len(found.unexplained)} without a cause "
        f"({time.monotonic() - began:.0f} s)\n"
    )
    _told("violation", found.violations)
    _told("without a cause", found.unexplained)
    if asked.write:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(page(found, asked.seed), encoding="utf-8")
    if found.violations or found.unexplained:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
