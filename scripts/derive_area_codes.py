"""Derive ``leadflow/compliance/data/area_codes.csv``: each US area code, its state and every zone it may mean.

Run by hand when the plan of numbers changes: ``uv run scripts/derive_area_codes.py``. Three sources, the first
that knows an area code wins: ``scripts/sources/area_code_zones.csv`` (read and reasoned by hand), the overlays
and border codes below, the union of all prefixes that ``phonenumbers`` lists for the code. A zone that
``phonenumbers`` gives a whole country is no knowledge: such codes (toll-free, new, foreign) are left out, and
the gate refuses what is not in the table.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import phonenumbers
from phonenumbers import geocoder, phonenumberutil
from phonenumbers.tzdata import TIMEZONE_DATA

ROOT = Path(__file__).parent.parent
HAND = ROOT / "scripts" / "sources" / "area_code_zones.csv"
DATA = ROOT / "leadflow" / "compliance" / "data"
SEASONS = tuple(datetime(2026, month, 15, tzinfo=UTC) for month in (1, 4, 7, 11))

OVERLAYS = {"448": "850", "930": "812", "364": "270", "458": "541", "986": "208", "531": "402", "327": "870"}
"""A young overlay covers the ground of the old code, of which ``phonenumbers`` knows the zones."""

ALSO = {"334": "America/New_York", "731": "America/New_York", "931": "America/New_York", "432": "America/Denver"}
"""Border codes: Phenix City lives by Eastern time; the others touch a border that prefixes do not show."""

STATES = {
    "Alabama": "AL", "Alaska": "AK", "Arizona": "AZ", "Arkansas": "AR", "California": "CA", "Colorado": "CO",
    "Connecticut": "CT", "Delaware": "DE", "Florida": "FL", "Georgia": "GA", "Hawaii": "HI", "Idaho": "ID",
    "Illinois": "IL", "Indiana": "IN", "Iowa": "IA", "Kansas": "KS", "Kentucky": "KY", "Louisiana": "LA",
    "Maine": "ME", "Maryland": "MD", "Massachusetts": "MA", "Michigan": "MI", "Minnesota": "MN",
    "Mississippi": "MS", "Missouri": "MO", "Montana": "MT", "Nebraska": "NE", "Nevada": "NV",
    "New Hampshire": "NH", "New Jersey": "NJ", "New Mexico": "NM", "New York": "NY", "North Carolina": "NC",
    "North Dakota": "ND", "Ohio": "OH", "Oklahoma": "OK", "Oregon": "OR", "Pennsylvania": "PA",
    "Rhode Island": "RI", "South Carolina": "SC", "South Dakota": "SD", "Tennessee": "TN", "Texas": "TX",
    "Utah": "UT", "Vermont": "VT", "Virginia": "VA", "Washington": "WA", "Washington State": "WA",
    "Washington D.C.": "DC", "Washington, D.C.": "DC", "West Virginia": "WV", "Wisconsin": "WI", "Wyoming": "WY",
    "Puerto Rico": "PR",
}  # fmt: skip


def offsets(zone: str) -> tuple[object, ...]:
    """Tell two names of one clock from two clocks."""
    return tuple(ZoneInfo(zone).utcoffset(at) for at in SEASONS)


def by_hand() -> dict[str, tuple[str, str]]:
    """Read what people have reasoned."""
    with HAND.open(encoding="utf-8", newline="") as file:
        return {row["area_code"]: (row["state"], row["zones"]) for row in csv.DictReader(file)}


def state_of(code: str) -> str | None:
    """Ask many numbers of a code for their state; the commonest answer counts."""
    found: Counter[str] = Counter()
    for exchange in range(200, 1000, 3):
        number = phonenumbers.parse(f"+1{code}{exchange}0123")
        if phonenumberutil.region_code_for_number(number) not in {"US", "PR", "VI", "GU", "AS", "MP"}:
            continue
        place = geocoder.description_for_number(number, "en")
        found[STATES.get(place) or place.rpartition(", ")[2]] += 1
    ranked = [state for state, _ in found.most_common() if state in STATES.values()]
    return ranked[0] if ranked else None


def zones_of(code: str) -> list[str]:
    """Unite the zones of every prefix of a code, one name a clock."""
    prefixes = (zones for prefix, zones in TIMEZONE_DATA.items() if prefix.startswith(f"1{code}"))
    kept: dict[tuple[object, ...], str] = {}
    for zone in sorted({zone for zones in prefixes for zone in zones}):
        kept.setdefault(offsets(zone), zone)
    return list(kept.values())


def main() -> None:
    """Write the table."""
    table = by_hand()
    for code in (str(n) for n in range(201, 990)):
        if code in table or code[1:] == "11" or code in OVERLAYS:
            continue
        state, zones = state_of(code), zones_of(code)
        if state and zones:
            table[code] = (state, "|".join([*zones, *([ALSO[code]] if code in ALSO else [])]))
    table |= {young: table[old] for young, old in OVERLAYS.items()}
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["area_code", "state", "zones"])
    writer.writerows([code, *table[code]] for code in sorted(table))
    (DATA / "area_codes.csv").write_text(out.getvalue(), encoding="utf-8")
    print(f"{len(table)} area codes")  # noqa: T201 a script


if __name__ == "__main__":
    main()
