"""Synthetic leads in the layout of PropStream's property export.

    python -m benchmarks.generate_leads --rows 250000 --seed 7 --out leads.csv --truth truth.csv

Real ZIP codes, states and area codes; everything else is invented, numbers have the exchange 555. Deterministic: the
same arguments give the same bytes. The truth file names each row that repeats
an earlier property (``row,dup_of,kind``). ``--broken`` damages a share of the rows in ways met in practice and writes
what each of them must become into the truth file. Never give the numbers to a real carrier.
"""

from __future__ import annotations

import argparse
import bisect
import csv
import gzip
import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from itertools import accumulate, chain
from pathlib import Path

FIRST = [
    "Alden",
    "Brisa",
    "Calloway",
    "Dorrit",
    "Emeline",
    "Farrow",
    "Greta",
    "Hollis",
    "Imani",
    "Jorah",
    "Keziah",
    "Lorne",
    "Mabel",
    "Niko",
    "Odette",
    "Perrin",
    "Quill",
    "Rosalind",
    "Silas",
    "Tamsin",
    "Ulric",
    "Verity",
    "Wendell",
    "Ximena",
    "Yusuf",
    "Zelda",
    "Amos",
    "Bettina",
    "Corwin",
    "Delphine",
    "Ezra",
    "Fiona",
    "Gideon",
    "Harriet",
    "Ignacio",
    "Juno",
    "Kendrick",
    "Lavinia",
    "Marisol",
    "Nadine",
    "Orson",
    "Paloma",
    "Quentin",
    "Renata",
    "Stellan",
    "Thalia",
    "Umberto",
    "Vivienne",
    "Walden",
    "Xavier",
    "Yolanda",
    "Zeke",
]
LAST = [
    "Abernoth",
    "Brackwell",
    "Castellow",
    "Dunmorrow",
    "Ellsbury",
    "Farrowgate",
    "Grantling",
    "Hollowell",
    "Ivermoor",
    "Jessamine",
    "Kettleby",
    "Lindquistor",
    "Marchbanks",
    "Northwyck",
    "Oakhollow",
    "Pellerin",
    "Quarterman",
    "Ravensdale",
    "Stillmoor",
    "Thackwell",
    "Underwick",
    "Vandermark",
    "Westerling",
    "Yarbridge",
    "Zellman",
    "Amberly",
    "Bellweather",
    "Crannock",
    "Dovercliff",
    "Eastmarch",
    "Fenwright",
    "Glassmore",
    "Harrowby",
    "Ingleford",
    "Juniperton",
    "Kestrelman",
    "Larkspurn",
    "Merrifax",
    "Netherton",
    "Orchardson",
    "Pemberlane",
    "Quillby",
    "Rosethorn",
    "Saltmarsh",
    "Tannerby",
    "Upshore",
    "Vellacott",
    "Windrow",
    "Yewdale",
    "Zamborra",
]
STREETS = [
    "Alder",
    "Bayview",
    "Cedar",
    "Dogwood",
    "Elmhurst",
    "Foxglove",
    "Garland",
    "Hawthorne",
    "Ivy",
    "Juniper",
    "Kingsley",
    "Laurel",
    "Magnolia",
    "Northgate",
    "Orchard",
    "Poplar",
    "Quail",
    "Ridgeway",
    "Sycamore",
    "Thornton",
    "Union",
    "Valley",
    "Willow",
    "Yarrow",
    "Zinnia",
    "Main",
    "Park",
    "Washington",
    "Lincoln",
    "Franklin",
    "Madison",
    "Jefferson",
    "Monroe",
    "Jackson",
    "Highland",
    "Church",
    "Mill",
    "Spring",
    "Prospect",
    "River",
    "Lake",
    "Hill",
    "Oak",
    "Maple",
    "Pine",
    "1st",
    "2nd",
    "3rd",
    "5th",
    "9th",
    "12th",
    "21st",
    "43rd",
]
SUFFIXES = {
    "St": "Street", "Ave": "Avenue", "Dr": "Drive", "Rd": "Road", "Ln": "Lane", "Ct": "Court", "Blvd": "Boulevard",
    "Pl": "Place", "Way": "Way", "Cir": "Circle",
}  # fmt: skip
DIRECTIONS = ("", "", "", "", "N ", "S ", "E ", "W ")
ORGANISATIONS = (
    "Holdings LLC", "Properties LLC", "Homes Inc", "Family Trust", "Living Trust", "Investments LP",
    "Realty Partners LLC", "Revocable Trust",
)  # fmt: skip
LISTS = (
    "Absentee", "High Equity", "Vacant", "Pre-Foreclosure", "Tax Delinquent", "Tired Landlord", "Senior Owner",
    "Code Violation", "Inherited", "Free & Clear",
)  # fmt: skip
TYPES = ("Single Family Residential",) * 12 + (
    "Townhouse", "Condominium", "Duplex", "Mobile Home", "Vacant Land", "Multi-Family",
)  # fmt: skip
TOWNS = ("Falls", "Springs", "Heights", "Grove", "City", "Park", "Valley", "Beach", "Junction", "Harbor")
PHONES = 5
HEADERS = (
    "Address", "Unit #", "City", "State", "Zip", "County", "APN",
    *chain.from_iterable((f"Phone {n}", f"Phone {n} Type", f"Phone {n} DNC") for n in range(1, PHONES + 1)),
    "Email 1", "Email 2", "Email 3", "Email 4", "Owner Occupied", "Owner 1 First Name", "Owner 1 Last Name",
    "Owner 2 First Name", "Owner 2 Last Name", "Litigator", "Mailing Care of Name", "Mailing Address",
    "Mailing Unit #", "Mailing City", "Mailing State", "Mailing Zip", "Mailing County", "Do Not Mail",
    "Property Status", "Notes", "Property Type", "Bedrooms", "Total Bathrooms", "Building Sqft", "Lot Size Sqft",
    "Effective Year Built", "Total Assessed Value", "Last Sale Recording Date", "Last Sale Amount",
    "Total Open Loans", "Est. Remaining balance of Open Loans", "Est. Value", "Est. Loan-to-Value", "Est. Equity",
    "Total Condition", "Interior Condition", "Exterior Condition", "Bathroom Condition", "Kitchen Condition",
    "Foreclosure Factor", "MLS Status", "MLS Date", "MLS Amount", "Lien Amount", "Marketing Lists",
    "Date Added to List", "Method of Add", "Latitude", "Longitude",
)  # fmt: skip
AT = {header: index for index, header in enumerate(HEADERS)}
RESERVOIR = 5_000
"""Earlier rows that a repeated one is chosen from."""
DIRECTORY_NUMBERS = frozenset({1212, 4334})
"""555-1212 and 555-4334 are not for fiction (NANPA)."""

REPEATS = ("exact", "format", "apn", "extra_phone")
DAMAGE = ("bad_phone", "wrong_zip", "no_address", "footer", "ragged", "blank")
"""What ``--broken`` does to a row."""


@dataclass(frozen=True, slots=True)
class Place:
    """A ZIP code and what lies around it."""

    zip5: str
    city: str
    state: str
    county: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True)
class Wanted:
    """How many rows, and of what sort."""

    rows: int
    seed: int = 7
    repeats: float = 0.05
    """Share of rows that repeat an earlier property."""
    broken: float = 0.0
    """Share of rows that are damaged."""
    dnc: float = 0.22


@dataclass(slots=True)
class Made:
    """A row, and what is known about it: the row it repeats and how, or how it was damaged."""

    cells: list[str]
    repeats: int | None = None
    kind: str = ""


def generate(wanted: Wanted) -> Iterator[Made]:
    """Make rows one after the other."""
    return _Generator(wanted).rows()


class _Generator:
    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        # Made-up people need no secrets.
        self._random = random.Random(wanted.seed)  # noqa: S311
        self._places, self._weights = _places()
        self._codes = _area_codes()
        self._kept: list[tuple[list[str], int]] = []

    def rows(self) -> Iterator[Made]:
        for number in range(1, self._wanted.rows + 1):
            if self._wanted.broken and self._random.random() < self._wanted.broken:
                yield self._damaged(self._fresh())
            elif self._kept and self._random.random() < self._wanted.repeats:
                yield self._repeat()
            else:
                row = self._fresh()
                self._keep(row, number)
                yield Made(row)

    def _keep(self, row: list[str], number: int) -> None:
        if len(self._kept) < RESERVOIR:
            self._kept.append((row, number))
        elif self._random.random() < 0.1:
            self._kept[self._random.randrange(RESERVOIR)] = (row, number)

    def _repeat(self) -> Made:
        kept, number = self._kept[self._random.randrange(len(self._kept))]
        row = list(kept)
        kind = self._random.choice(REPEATS)
        match kind:
            case "format":
                self._rewrite(row)
            case "apn":
                row[0] = "0 " + row[0].split(" ", 1)[1]
                row[AT["Zip"]] = ""
            case "extra_phone":
                kind = self._add_phone(row) or "exact"
            case _:
                pass
        return Made(row, number, kind)

    def _rewrite(self, row: list[str]) -> None:
        name, _, suffix = row[0].rpartition(" ")
        street = f"{name} {SUFFIXES.get(suffix, suffix)}"
        row[0] = street.upper() if self._random.random() < 0.5 else f"  {street} "
        row[AT["Zip"]] += f"-{self._random.randrange(1000, 10000)}"
        if self._random.random() < 0.5:
            row[AT["State"]] = row[AT["State"]].lower()

    def _add_phone(self, row: list[str]) -> str | None:
        for n in range(1, PHONES + 1):
            if not row[AT[f"Phone {n}"]]:
                row[AT[f"Phone {n}"]] = self._phone(row[AT["State"]])
                row[AT[f"Phone {n} Type"]] = "Mobile"
                return "extra_phone"
        return None

    def _damaged(self, row: list[str]) -> Made:
        kind = self._random.choice(DAMAGE)
        match kind:
            case "bad_phone":
                row[AT["Phone 1"]] = self._random.choice(("7.58E+09", "5551234567", "12345", "call her son"))
            case "wrong_zip":
                row[AT["Zip"]] = self._random.choice(("ABCDE", "123", "00000000"))
            case "no_address":
                for header in ("Address", "Zip", "City", "APN"):
                    row[AT[header]] = ""
            case "footer":
                return Made(["Copyright 2026, licensed for one user only"], kind=kind)
            case "ragged":
                return Made([*row, "extra", "cells"], kind=kind)
            case _:
                return Made([""] * len(HEADERS), kind=kind)
        return Made(row, kind=kind)

    def _place(self) -> Place:
        return self._places[bisect.bisect_left(self._weights, self._random.random() * self._weights[-1])]

    def _phone(self, state: str) -> str:
        line = self._random.randrange(10_000)
        code = self._random.choice(self._codes[state])
        return f"{code}555{100 if line in DIRECTORY_NUMBERS else line:04d}"

    def _written(self, digits: str) -> str:
        way = self._random.randrange(10)
        if way < 6:
            return digits
        if way < 8:
            return f"({digits[:3]}) {digits[3:6]}-{digits[6:]}"
        return f"{digits[:3]}-{digits[3:6]}-{digits[6:]}" if way < 9 else f"+1{digits}"

    def _fresh(self) -> list[str]:
        row = [""] * len(HEADERS)
        place = self._place()
        self._property(row, place)
        self._contacts(row, place)
        self._owners(row, place)
        self._figures(row)
        return row

    def _property(self, row: list[str], place: Place) -> None:
        pick, below = self._random.choice, self._random.randrange
        row[:7] = [
            f"{below(9800) + 100} {pick(DIRECTIONS)}{pick(STREETS)} {pick(list(SUFFIXES))}",
            f"Apt {below(30) + 1}" if self._random.random() < 0.07 else "",
            place.city, place.state, place.zip5, place.county,
            f"{below(1000):03d}-{below(1000):03d}-{below(100):02d}-{below(10000):04d}",
        ]  # fmt: skip
        row[AT["Latitude"]] = str(round(place.latitude + self._random.gauss(0, 0.02), 6))
        row[AT["Longitude"]] = str(round(place.longitude + self._random.gauss(0, 0.02), 6))

    def _contacts(self, row: list[str], place: Place) -> None:
        chance = self._random.random
        count = 0 if chance() < 0.17 else 1 + min(PHONES - 1, int(self._random.expovariate(0.8)))
        for n in range(1, count + 1):
            row[AT[f"Phone {n}"]] = self._written(self._phone(place.state))
            row[AT[f"Phone {n} Type"]] = "Mobile" if chance() < 0.62 else ("Landline" if chance() < 0.85 else "VOIP")
            said = chance()
            row[AT[f"Phone {n} DNC"]] = "Yes" if said < self._wanted.dnc else ("No" if said < 0.8 else "")

    def _owners(self, row: list[str], place: Place) -> None:
        chance, pick = self._random.random, self._random.choice
        organisation, family = chance() < 0.14, pick(LAST)
        occupied = chance() < 0.45 and not organisation
        if chance() < 0.35:
            row[AT["Email 1"]] = f"{pick(FIRST).lower()}.{family.lower()}{self._random.randrange(100)}@example.com"
        row[AT["Owner Occupied"]] = "Yes" if occupied else "No"
        if organisation:
            row[AT["Owner 1 Last Name"]] = f"{family} {pick(ORGANISATIONS)}"
        else:
            row[AT["Owner 1 First Name"]], row[AT["Owner 1 Last Name"]] = pick(FIRST), family
            if chance() < 0.3:
                row[AT["Owner 2 First Name"]] = pick(FIRST)
                row[AT["Owner 2 Last Name"]] = family if chance() < 0.8 else pick(LAST)
        row[AT["Litigator"]] = "Yes" if chance() < 0.012 else "No"
        row[AT["Do Not Mail"]] = "Yes" if chance() < 0.02 else "No"
        self._mailing(row, place, occupied=occupied)

    def _mailing(self, row: list[str], place: Place, *, occupied: bool) -> None:
        below, pick = self._random.randrange, self._random.choice
        street, unit = row[0], row[1]
        if not occupied:
            place, unit = self._place(), ""
            number = below(9800) + 100
            street = f"PO Box {number}" if below(5) == 0 else f"{number} {pick(STREETS)} {pick(list(SUFFIXES))}"
        start = AT["Mailing Address"]
        row[start : start + 6] = [street, unit, place.city, place.state, place.zip5, place.county]

    def _figures(self, row: list[str]) -> None:
        below, pick, chance = self._random.randrange, self._random.choice, self._random.random
        value = int(self._random.lognormvariate(12.25, 0.5)) // 500 * 500 + 500
        loans = 0 if chance() < 0.34 else 1 + (chance() < 0.12)
        balance = int(value * min(1.25, max(0.02, self._random.gauss(0.55, 0.25)))) if loans else 0
        equity, kind = value - balance, pick(TYPES)
        land = kind == "Vacant Land"
        known = {
            "Property Type": kind,
            "Bedrooms": 0 if land else below(5) + 1,
            "Total Bathrooms": 0 if land else (below(6) + 2) / 2,
            "Building Sqft": 0 if land else below(2600) + 700,
            "Lot Size Sqft": below(90_000) + 3000 if land else below(14_000) + 2500,
            "Effective Year Built": 1900 + below(124),
            "Total Assessed Value": int(value * 0.82),
            "Last Sale Recording Date": f"{1 + below(12)}/{1 + below(28)}/{1994 + below(32)}",
            "Last Sale Amount": f"${int(value * (0.35 + chance() * 0.6)):,}",
            "Total Open Loans": loans,
            "Est. Remaining balance of Open Loans": f"${balance:,}",
            "Est. Value": f"${value:,}",
            "Est. Loan-to-Value": f"{balance / value * 100:.1f}%",
            "Est. Equity": f"${equity:,}" if equity >= 0 else f"(${-equity:,})",
            "Total Condition": pick(("Disrepair", "Poor", "Average", "Good", "Excellent", "")),
            "Foreclosure Factor": pick(("Very Low", "Low", "Medium", "High", "Very High")),
            "Marketing Lists": ", ".join(self._random.sample(LISTS, below(4))),
            "Date Added to List": f"{1 + below(12)}/{1 + below(28)}/2026",
            "Method of Add": pick(("Import", "Search", "Manual")),
        }
        for header, cell in known.items():
            row[AT[header]] = str(cell)


def _places() -> tuple[list[Place], list[float]]:
    """Read ZIP codes that lie in a county of a state with area codes; those of a crowded county weigh more."""
    path = files("leadflow.compliance").joinpath("data", "zips.csv.gz")
    with gzip.open(str(path), "rt", encoding="utf-8", newline="") as text:
        rows = [row for row in csv.DictReader(text) if row["county_fips"] and row["state"] in _area_codes()]
    crowd = Counter(row["county_fips"] for row in rows)
    places = [
        Place(
            row["zip"], _town(row["zip"]), row["state"], LAST[int(row["county_fips"]) % len(LAST)],
            float(row["lat"]), float(row["lon"]),
        )
        for row in rows
    ]  # fmt: skip
    return places, list(accumulate(crowd[row["county_fips"]] ** 0.5 for row in rows))


def _town(zip5: str) -> str:
    """Invent a town for the first four digits of a ZIP code."""
    number = int(zip5[:4])
    return f"{STREETS[number % 40]} {TOWNS[number // 40 % len(TOWNS)]}"


def _area_codes(known: dict[str, list[str]] = {}) -> dict[str, list[str]]:  # noqa: B006 read once
    if not known:
        path = files("leadflow.compliance").joinpath("data", "area_codes.csv")
        for row in csv.DictReader(path.read_text(encoding="utf-8").splitlines()):
            known.setdefault(row["state"], []).append(row["area_code"])
    return known


def write(wanted: Wanted, path: Path, truth: Path | None = None) -> None:
    """Write a file, and the truth about it where asked for."""
    notes: list[tuple[int, int | str, str]] = []
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        for number, made in enumerate(generate(wanted), 1):
            writer.writerow(made.cells)
            if made.kind:
                notes.append((number, made.repeats or "", made.kind))
    if truth is not None:
        with truth.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([("row", "dup_of", "kind"), *notes])


def main() -> None:
    """Write what the arguments ask for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rows", type=int, default=250_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--repeats", type=float, default=0.05)
    parser.add_argument("--broken", type=float, default=0.0)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--truth", type=Path)
    given = parser.parse_args()
    write(Wanted(given.rows, given.seed, given.repeats, given.broken), given.out, given.truth)


if __name__ == "__main__":
    main()
