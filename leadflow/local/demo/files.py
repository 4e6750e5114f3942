"""Vendor files of invented leads in PropStream's layout. Deterministic: the same arguments give the same bytes.

Numbers are fictitious: only 555-0100 to 555-0199 of each area code, which no subscriber has. People and streets are
invented; places are real.
"""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import chain

from leadflow.kernel.phone import read
from leadflow.local.demo.places import PLACES, Place

PHONES, MAILS = 5, 4
FIRMS_SHARE, ESTATES_SHARE = 0.07, 0.015
"""Owners that are companies or trusts, and estates."""
UNPLACED = 6
"""Every so many houses the vendor has no coordinates of."""


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


COLUMNS: tuple[str, ...] = (
    *("Address", "Unit #", "City", "State", "Zip", "County", "APN"),
    *chain.from_iterable((f"Phone {n}", f"Phone {n} Type", f"Phone {n} DNC") for n in range(1, PHONES + 1)),
    *(f"Email {n}" for n in range(1, MAILS + 1)),
    *("Owner Occupied", "Owner 1 First Name", "Owner 1 Last Name", "Owner 2 First Name", "Owner 2 Last Name"),
    *("Litigator", "Mailing Care of Name", "Mailing Address", "Mailing Unit #", "Mailing City", "Mailing State"),
    *("Mailing Zip", "Mailing County", "Do Not Mail", "Property Status", "Notes", "Property Type", "Bedrooms"),
    *("Total Bathrooms", "Building Sqft", "Lot Size Sqft", "Effective Year Built", "Total Assessed Value"),
    *("Last Sale Recording Date", "Last Sale Amount", "Total Open Loans", "Est. Remaining balance of Open Loans"),
    *("Est. Value", "Est. Loan-to-Value", "Est. Equity", "Total Condition", "Interior Condition"),
    *("Exterior Condition", "Bathroom Condition", "Kitchen Condition", "Foreclosure Factor", "MLS Status", "MLS Date"),
    *("MLS Amount", "Lien Amount", "Marketing Lists", "Date Added to List", "Method of Add", "Latitude", "Longitude"),
)
"""PropStream's columns."""

FIRST = _words(
    "Alden Brisa Calloway Delphine Emeline Farrow Greta Hollis Imani Jorah Keziah Lorne Mabel Niko Odette Perrin "
    "Rosalind Silas Tamsin Ulric Verity Wendell Ximena Yusuf Zelda Amos Bettina Corwin Ezra Fiona Gideon Harriet "
    "Ignacio Juno Kendrick Lavinia Marisol Nadine Orson Paloma Quentin Renata Stellan Thalia Umberto Vivienne "
    "Walden Xavier Yolanda Zeke"
)
LAST = _words(
    "Abernoth Brackwell Castellow Dunmorrow Ellsbury Farrowgate Grantling Hollowell Ivermoor Jessamine Kettleby "
    "Marchbanks Northwyck Oakhollow Pellerin Quarterman Ravensdale Stillmoor Thackwell Underwick Vandermark "
    "Westerling Yarbridge Zellman Amberly Bellweather Crannock Dovercliff Eastmarch Fenwright Glassmore Harrowby "
    "Ingleford Juniperton Kestrelman Larkspurn Merrifax Netherton Orchardson Pemberlane Quillby Rosethorn Saltmarsh "
    "Tannerby Upshore Vellacott Windrow Yewdale Zamborra Lindquistor"
)
STREETS = _words(
    "Alder Bayview Cedar Dogwood Elmhurst Foxglove Garland Hawthorne Ivy Juniper Kingsley Laurel Magnolia Northgate "
    "Orchard Poplar Quail Ridgeway Sycamore Thornton Union Valley Willow Yarrow Zinnia Prospect Highland Spring "
    "Mill Church"
)
KINDS = ("St", "Ave", "Dr", "Rd", "Ln", "Ct", "Blvd", "Pl", "Way", "Cir")
FIRMS = ("Holdings LLC", "Properties LLC", "Family Trust", "Living Trust", "Investments LP", "Realty Partners LLC")
TYPES = (*("Single Family Residential",) * 12, "Townhouse", "Condominium", "Duplex", "Multi-Family")
LISTS = (
    *("Tax Delinquent", "Vacant", "Pre-Foreclosure", "Absentee", "High Equity", "Tired Landlord", "Senior Owner"),
    *("Code Violation", "Inherited", "Free & Clear"),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What one file should hold.

    Attributes:
        name: of the file.
        states: where its properties stand; all places when empty.
        rows: how many.
        lists: chances of each list, by name.
        dnc: share of numbers that the vendor marks do-not-call.
        mobile: share of numbers that are mobile.
        spoilt: rows broken on purpose, so that the report has something to explain.
    """

    name: str
    states: tuple[str, ...]
    rows: int
    lists: dict[str, float] = field(default_factory=dict[str, float])
    dnc: float = 0.14
    mobile: float = 0.8
    spoilt: int = 0


class Author:
    """Writes files that never use a number or an address twice, except on purpose."""

    def __init__(self, seed: int, today: date) -> None:
        self.dice = random.Random(seed)  # noqa: S311 invented people, no secrets
        self.today = today
        self._numbers = {place.city: self._pool(place) for place in PLACES}
        self._taken = set[tuple[str, str]]()

    def write(self, wish: Wish) -> bytes:
        """Write one file."""
        places = [place for place in PLACES if not wish.states or place.state in wish.states]
        out = io.StringIO(newline="")
        writer = csv.DictWriter(out, COLUMNS, restval="", lineterminator="\r\n")
        writer.writeheader()
        owners = list[dict[str, str]]()
        for number in range(wish.rows):
            place = self.dice.choice(places)
            row = self._property(place) | self._worth() | self._lists(wish)
            if number % UNPLACED == 0:
                row |= {"Latitude": "", "Longitude": ""}
            owner = self._owner(place, row, wish, owners)
            writer.writerow(row | owner | (self._spoil(row) if number < wish.spoilt else {}))
        return b"\xef\xbb\xbf" + out.getvalue().encode()

    def _pool(self, place: Place) -> Iterator[str]:
        """Shuffle the numbers that nobody has, of every area code of a place that the plan knows."""
        numbers = [f"{code}5550{line}" for code in place.codes for line in range(100, 200)]
        known = [number for number in numbers if read(number).e164]
        self.dice.shuffle(known)
        return iter(known)

    def _chance(self, share: float) -> bool:
        return self.dice.random() < share

    # The property

    def _property(self, place: Place) -> dict[str, str]:
        zip5 = self.dice.choice(place.zips)
        street = self._street(zip5)
        apn = "-".join(str(self.dice.randint(100, 999)) for _ in range(3))
        return {
            "Address": street,
            "Unit #": f"#{self.dice.randint(1, 40)}" if self._chance(0.03) else "",
            "City": place.city,
            "State": place.state,
            "Zip": zip5,
            "County": place.county,
            "APN": apn,
            "Latitude": f"{place.latitude + self.dice.uniform(-0.03, 0.03):.5f}",
            "Longitude": f"{place.longitude + self.dice.uniform(-0.03, 0.03):.5f}",
            "Date Added to List": self._day(self.today - timedelta(days=self.dice.randint(20, 60))),
            "Method of Add": "Search",
        }

    def _street(self, zip5: str) -> str:
        while True:
            street = f"{self.dice.randint(100, 9899)} {self.dice.choice(STREETS)} {self.dice.choice(KINDS)}"
            if (zip5, street) not in self._taken:
                self._taken.add((zip5, street))
                return street

    def _day(self, day: date) -> str:
        return f"{day.month}/{day.day}/{day.year}"

    def _worth(self) -> dict[str, str]:
        value = self.dice.randint(70, 520) * 1_000
        owed = 0 if self._chance(0.3) else round(value * self.dice.uniform(0.05, 0.95), -2)
        sold = self.today - timedelta(days=self.dice.randint(400, 9_000))
        return {
            "Property Type": self.dice.choice(TYPES),
            "Bedrooms": str(self.dice.randint(1, 5)),
            "Total Bathrooms": self.dice.choice(("1", "1.5", "2", "2.5", "3")),
            "Building Sqft": str(self.dice.randint(700, 3_200)),
            "Lot Size Sqft": str(self.dice.randint(2_500, 14_000)),
            "Effective Year Built": str(self.dice.randint(1905, 2012)),
            "Total Assessed Value": str(round(value * 0.8)),
            "Last Sale Recording Date": self._day(sold),
            "Last Sale Amount": f"${round(value * self.dice.uniform(0.25, 0.9), -2):,.0f}",
            "Total Open Loans": "1" if owed else "0",
            "Est. Remaining balance of Open Loans": f"${owed:,.0f}",
            "Est. Value": f"${value:,}",
            "Est. Loan-to-Value": f"{100 * owed / value:.1f}%",
            "Est. Equity": f"${value - owed:,.0f}",
            "Foreclosure Factor": self.dice.choice(("Low", "Medium", "High")),
        }

    def _lists(self, wish: Wish) -> dict[str, str]:
        chosen = [name for name, share in wish.lists.items() if self._chance(share)]
        return {"Marketing Lists": ", ".join(chosen)}

    # Who owns it

    def _owner(self, place: Place, row: dict[str, str], wish: Wish, owners: list[dict[str, str]]) -> dict[str, str]:
        if owners and self._chance(0.025):
            return self.dice.choice(owners)
        owner = self._name() | self._home(place, row) | self._phones(place, wish)
        owner |= {
            "Litigator": "Yes" if self._chance(0.008) else "No",
            "Do Not Mail": "Yes" if self._chance(0.03) else "No",
        }
        owners.append(owner)
        return owner

    def _name(self) -> dict[str, str]:
        first, last = self.dice.choice(FIRST), self.dice.choice(LAST)
        kind = self.dice.random()
        if kind < FIRMS_SHARE:
            return {"Owner 1 Last Name": f"{last} {self.dice.choice(FIRMS)}"}
        if kind < FIRMS_SHARE + ESTATES_SHARE:
            return {"Owner 1 Last Name": f"Estate Of {first} {last}"}
        second = (
            {"Owner 2 First Name": self.dice.choice(FIRST), "Owner 2 Last Name": last} if self._chance(0.15) else {}
        )
        mail = {"Email 1": f"{first}.{last}@example.com".lower()} if self._chance(0.4) else {}
        return {"Owner 1 First Name": first, "Owner 1 Last Name": last} | second | mail

    def _home(self, place: Place, row: dict[str, str]) -> dict[str, str]:
        if self._chance(0.55):
            return {
                "Owner Occupied": "Yes",
                "Mailing Address": row["Address"],
                "Mailing City": place.city,
                "Mailing State": place.state,
                "Mailing Zip": row["Zip"],
                "Mailing County": place.county,
            }
        # Some live in another state: the strictest of both laws counts for them.
        home = self.dice.choice(PLACES) if self._chance(0.35) else place
        return {
            "Owner Occupied": "No",
            "Mailing Address": f"{self.dice.randint(100, 9899)} {self.dice.choice(STREETS)} {self.dice.choice(KINDS)}",
            "Mailing City": home.city,
            "Mailing State": home.state,
            "Mailing Zip": home.zips[0],
            "Mailing County": home.county,
        }

    def _phones(self, place: Place, wish: Wish) -> dict[str, str]:
        cells = dict[str, str]()
        for n in range(1, self.dice.choices((0, 1, 2, 3), (6, 62, 26, 6))[0] + 1):
            number = next(self._numbers[place.city], None)
            if number is None:
                break
            kind = "Mobile" if self._chance(wish.mobile) else self.dice.choice(("Landline", "Landline", "VOIP", ""))
            cells |= {
                f"Phone {n}": f"({number[:3]}) {number[3:6]}-{number[6:]}",
                f"Phone {n} Type": kind,
                f"Phone {n} DNC": "Yes" if self._chance(wish.dnc) else "No",
            }
        return cells

    def _spoil(self, row: dict[str, str]) -> dict[str, str]:
        """Break a row the way that files are broken, so that the report has something to explain."""
        ways: Sequence[dict[str, str]] = (
            {"Address": "", "APN": ""},
            {"Zip": "1234567", "City": "", "State": ""},
            {"Phone 1": "2.145E+09"},
            {"Phone 1": "555-0142"},
            {"State": "ZZ", "Zip": ""},
        )
        return {**self.dice.choice(ways), "Notes": f"Row as it came, {row['City']}"}
