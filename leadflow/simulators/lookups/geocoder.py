"""The Census Bureau's batch geocoder, as the simulator answers for it: same address, same place, near its ZIP's middle.

Source: geocoding.geo.census.gov/geocoder/Geocoding_Services_API.pdf, "Batch geocoding".
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Sequence
from functools import lru_cache
from importlib.resources import files

from leadflow.simulators.lookups.scenario import Scenario, roll

MOST_ADDRESSES = 10_000
SPREAD = 0.02
"""Degrees: houses lie within a mile and a half of the middle of their ZIP."""
_WIDTH = 5


def answer(setting: Scenario, text: str) -> str | None:
    """Geocode a file; None where it is no such file.

    Args:
        setting: how many addresses are unknown, stand twice, or match another way.
        text: CSV without a header: number, street, city, state, ZIP.
    """
    rows = [row for row in csv.reader(io.StringIO(text)) if row]
    if not rows or len(rows) > MOST_ADDRESSES or not all(len(row) == _WIDTH for row in rows):
        return None
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    # The bureau keeps no order.
    for row in sorted(rows, key=lambda one: roll(setting.seed, "order", one[0])):
        writer.writerow(_answered(setting, row))
    return out.getvalue()


def _answered(setting: Scenario, row: Sequence[str]) -> list[str]:
    number, street, city, state, zip5 = row
    written = f"{street}, {city}, {state}, {zip5}"
    middle = _middles().get(zip5)
    fate = roll(setting.seed, "match", written)
    if middle is None or fate < setting.unmatched:
        return [number, written, "No_Match"]
    if fate < setting.unmatched + setting.tie:
        return [number, written, "Tie"]
    exact = "Non_Exact" if roll(setting.seed, "exact", written) < setting.non_exact else "Exact"
    latitude, longitude = (
        degrees + (2 * roll(setting.seed, side, written) - 1) * SPREAD
        for degrees, side in zip(middle, ("north", "east"), strict=True)
    )
    return [number, written, "Match", exact, written.upper(), f"{longitude:.12f},{latitude:.12f}", "7214113", "L"]


@lru_cache(maxsize=1)
def _middles() -> dict[str, tuple[float, float]]:
    packed = files("leadflow.compliance").joinpath("data", "zips.csv.gz").read_bytes()
    rows = csv.DictReader(io.StringIO(gzip.decompress(packed).decode()))
    return {row["zip"]: (float(row["lat"]), float(row["lon"])) for row in rows}
