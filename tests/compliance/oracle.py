"""A second reading of the quiet hours, for tests only: own parsing, own calendar, zoneinfo, nothing of LeadFlow.

It reads the notes (``scripts/sources``) and the tables of places as files, and works the holidays out by the rules of
the statutes instead of asking a library. Where it and the engine differ, one of them is wrong.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
from datetime import date, datetime, timedelta
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "scripts" / "sources"
PLACES = ROOT / "leadflow" / "compliance" / "data"

MON, TUE, THU, FRI, SAT, SUN = 0, 1, 3, 4, 5, 6


def _csv(path: Path) -> list[dict[str, str]]:
    raw = path.read_bytes()
    text = (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode()
    return list(csv.DictReader(io.StringIO(text)))


@cache
def area_codes() -> dict[str, tuple[str, list[str]]]:
    """Read the state and the zones of each area code; the hand-made notes outrank the completed table."""
    rows = [*_csv(PLACES / "area_codes.csv"), *_csv(SOURCES / "area_code_zones.csv")]
    return {row["area_code"]: (row["state"], row["zones"].split("|")) for row in rows}


@cache
def zips() -> dict[str, tuple[str, list[str]]]:
    """Read the state and the zones of each ZIP code."""
    return {row["zip"]: (row["state"], row["zones"].split("|")) for row in _csv(PLACES / "zips.csv.gz")}


@cache
def states() -> dict[str, list[str]]:
    """Read the zones of each state."""
    return {row["state"]: row["zones"].split("|") for row in _csv(PLACES / "state_zones.csv")}


def spots(phone: str, zip5: str, state: str) -> list[tuple[str, str]] | None:
    """List every (state, zone) where the person may be; None when anything given is unknown."""
    found: list[tuple[str, str]] = []
    if not re.fullmatch(r"\+1\d{10}", phone) or phone[2:5] not in area_codes():
        return None
    where, zones = area_codes()[phone[2:5]]
    found += [(where, zone) for zone in zones]
    if zip5:
        if zip5 not in zips():
            return None
        where, zones = zips()[zip5]
        found += [(where, zone) for zone in zones]
    if state:
        if state not in states():
            return None
        found += [(state, zone) for zone in states()[state]]
    return found


@cache
def notes(channel: str) -> list[dict[str, str]]:
    """Read the notes that bind a channel; one that says it must not be loaded binds nobody."""
    rows = [*_csv(SOURCES / "state_windows.csv"), *_csv(SOURCES / "state_windows_extra.csv")]
    return [row for row in rows if row["channel"] in {"both", channel} and "Do not load" not in row["note"]]


def allowed(phone: str, zip5: str, state: str, at: datetime, channel: str = "text") -> bool:
    """Say whether every note at every place allows ``at``."""
    found = spots(phone, zip5, state)
    if found is None:
        return False
    return all(
        _open(row, at.astimezone(ZoneInfo("America/Chicago" if row.get("variant") == "central_reading" else zone)))
        for where, zone in found
        for row in notes(channel)
        if row["jurisdiction"] in {"US", where}
    )


def _open(row: dict[str, str], local: datetime) -> bool:
    today = local.date()
    since, until = _day(row.get("effective_from", "")), _day(row.get("effective_to", ""))
    if (since and today < since) or (until and today > until):
        return True
    if row["holidays_prohibited"].startswith("yes") and is_holiday(row["jurisdiction"], today):
        return False
    kind = {SAT: "sat", SUN: "sun"}.get(local.weekday(), "weekday")
    start, end = row[f"{kind}_start"], row[f"{kind}_end"]
    return start != "none" and start <= f"{local:%H:%M}" < end


def _day(text: str) -> date | None:
    found = re.match(r"\d{4}-\d\d-\d\d", text)
    return date.fromisoformat(found[0]) if found else None


# Holidays, by the statutes


def is_holiday(state: str, day: date) -> bool:
    """Say whether ``day`` is a legal holiday of the United States or of the state, on its own date or as observed."""
    return day in _holidays(state, day.year)


@cache
def _holidays(state: str, year: int) -> frozenset[date]:
    # A first of January on a Saturday is observed on the last day of the year before.
    days = [*_federal(year), *_federal(year + 1), *_of_state(state, year)]
    return frozenset(day for day in days if day.year == year)


def _nth(year: int, month: int, weekday: int, n: int) -> date:
    first = date(year, month, 1)
    return first + timedelta((weekday - first.weekday()) % 7 + 7 * (n - 1))


def _last(year: int, month: int, weekday: int) -> date:
    end = date(year + month // 12, month % 12 + 1, 1) - timedelta(1)
    return end - timedelta((end.weekday() - weekday) % 7)


def _observed(day: date) -> list[date]:
    """5 USC 6103(b): Saturday's holiday on Friday; Executive Order 11582: Sunday's on Monday."""
    shift = {SAT: -1, SUN: 1}.get(day.weekday(), 0)
    return [day, day + timedelta(shift)]


def _federal(year: int) -> list[date]:
    """5 USC 6103(a)."""
    fixed = [(1, 1), (6, 19), (7, 4), (11, 11), (12, 25)]
    moved = [(1, MON, 3), (2, MON, 3), (9, MON, 1), (10, MON, 2), (11, THU, 4)]
    return [
        *(day for month, number in fixed for day in _observed(date(year, month, number))),
        *(_nth(year, month, weekday, n) for month, weekday, n in moved),
        _last(year, 5, MON),
    ]


def _of_state(state: str, year: int) -> list[date]:
    easter = _easter(year)
    election = _nth(year, 11, MON, 1) + timedelta(1)
    match state:
        case "AL":  # Ala. Code 1-3-8: Confederate Memorial Day, Jefferson Davis' birthday
            return [_nth(year, 4, MON, 4), _nth(year, 6, MON, 1)]
        case "LA":  # La. R.S. 1:55; LPSC General Order R-29617
            mardi_gras, good_friday = easter - timedelta(47), easter - timedelta(2)
            return [date(year, 1, 8), _nth(year, 1, MON, 3), mardi_gras, good_friday, election, date(year, 12, 26)]
        case (
            "PA"
        ):  # 44 P.S. 11: Good Friday, Flag Day, election day; the day after Thanksgiving by custom of its offices
            return [easter - timedelta(2), date(year, 6, 14), election, _nth(year, 11, THU, 4) + timedelta(1)]
        case "RI":  # R.I. Gen. Laws 25-1-1: Victory Day, election day, the state's Independence Day, Mondays
            kept = [date(year, month, number) for month, number in ((1, 1), (7, 4), (11, 11), (12, 25))]
            own = date(year, 5, 4)
            mondays = [day + timedelta(7 - day.weekday()) for day in kept if day.weekday() in {SAT, SUN}]
            moved = [own + timedelta(1)] if own.weekday() == SUN else []
            return [_nth(year, 8, MON, 2), election, own, *moved, *mondays]
        case "UT":  # Utah Code 63G-1-301: Pioneer Day
            return _observed(date(year, 7, 24))
        case _:
            return []


def _easter(year: int) -> date:
    """Gauss's reckoning by golden number and epact; the engine uses another."""
    golden = year % 19 + 1
    century = year // 100 + 1
    skipped = 3 * century // 4 - 12
    correction = (8 * century + 5) // 25 - 5
    sunday = 5 * year // 4 - skipped - 10
    epact = (11 * golden + 20 + correction - skipped) % 30
    epact += (epact == 25 and golden > 11) or epact == 24
    full = 44 - epact
    full += 30 if full < 21 else 0
    full += 7 - (sunday + full) % 7
    return date(year, 3, 1) + timedelta(full - 1)
