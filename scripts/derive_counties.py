"""Derive ``leadflow/maps/data/counties.csv``: FIPS code, name, state and bounds of every county.

Run by hand when the source moves on; its one argument is ``counties-10m.json`` of the npm package ``us-atlas``, whose
boundaries are the Census Bureau's (public domain). East is over 180 where a county crosses the antimeridian.
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TARGET = Path(__file__).parent.parent / "leadflow" / "maps" / "data" / "counties.csv"
STATES = {
    "01": "AL", "02": "AK", "04": "AZ", "05": "AR", "06": "CA", "08": "CO", "09": "CT", "10": "DE", "11": "DC",
    "12": "FL", "13": "GA", "15": "HI", "16": "ID", "17": "IL", "18": "IN", "19": "IA", "20": "KS", "21": "KY",
    "22": "LA", "23": "ME", "24": "MD", "25": "MA", "26": "MI", "27": "MN", "28": "MS", "29": "MO", "30": "MT",
    "31": "NE", "32": "NV", "33": "NH", "34": "NJ", "35": "NM", "36": "NY", "37": "NC", "38": "ND", "39": "OH",
    "40": "OK", "41": "OR", "42": "PA", "44": "RI", "45": "SC", "46": "SD", "47": "TN", "48": "TX", "49": "UT",
    "50": "VT", "51": "VA", "53": "WA", "54": "WV", "55": "WI", "56": "WY", "60": "AS", "66": "GU", "69": "MP",
    "72": "PR", "78": "VI",
}  # fmt: skip
"""FIPS 5-2."""


def lines(atlas: dict[str, Any]) -> list[list[tuple[float, float]]]:
    """Decode the arcs: steps on a grid, each from the one before."""
    (wide, high), (left, low) = atlas["transform"]["scale"], atlas["transform"]["translate"]
    decoded: list[list[tuple[float, float]]] = []
    for arc in atlas["arcs"]:
        x = y = 0
        points: list[tuple[float, float]] = []
        for right, up in arc:
            x, y = x + right, y + up
            points.append((x * wide + left, y * high + low))
        decoded.append(points)
    return decoded


def arcs(nested: Any) -> Iterator[int]:  # noqa: ANN401 lists in lists of numbers
    """List the arcs of a polygon or of several."""
    if isinstance(nested, int):
        yield nested if nested >= 0 else ~nested
    else:
        for part in nested:
            yield from arcs(part)


def bounds(points: list[tuple[float, float]]) -> tuple[float, float, float, float]:
    """Draw the box around points; over the antimeridian where that is narrower."""
    xs, ys = [x for x, _ in points], [y for _, y in points]
    if max(xs) - min(xs) > 180:  # noqa: PLR2004 half the world
        xs = [x if x > 0 else x + 360 for x in xs]
    return min(xs), min(ys), max(xs), max(ys)


def main() -> None:
    """Write the table."""
    atlas = json.loads(Path(sys.argv[1]).read_text())
    decoded, rows = lines(atlas), list[list[str]]()
    for county in atlas["objects"]["counties"]["geometries"]:
        points = [point for arc in arcs(county["arcs"]) for point in decoded[arc]]
        box = [f"{side:.3f}" for side in bounds(points)]
        rows.append([county["id"], county["properties"]["name"], STATES[county["id"][:2]], *box])
    with TARGET.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["fips", "name", "state", "west", "south", "east", "north"])
        writer.writerows(sorted(rows))
    print(f"{len(rows)} counties")  # noqa: T201 a script


if __name__ == "__main__":
    main()
