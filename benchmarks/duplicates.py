"""How long a search for duplicates takes and what it finds, against splink on the very same people.

    python -m benchmarks.duplicates            # BENCH_PEOPLE=300000

People of an invented county: one in six stands there twice, the second time with a slip in the name, a short form or an
initial, another number, a street written otherwise, or moved away; households share a number and a street, so that a
first name is all that tells spouses apart. Who is whom is known. Prints ``name ratio floor goal``:
``duplicates.recall`` (pairs that are proposed, of all that are one) and ``duplicates.precision``; with splink, in an
environment of its own that ``BENCH_SPLINK_PYTHON`` names, also ``duplicates.seconds`` (our whole search, proposals
written, over splink's scoring alone) and ``duplicates.missed`` (the points of recall that splink is better). splink is
an oracle of this benchmark and nothing else. Lines that begin with ``#`` are figures for people.
"""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from uuid import UUID

import psutil
import psycopg

from leadflow.duplicates import service as duplicates
from leadflow.kernel.db import Database
from leadflow.kernel.schema import migrate
from leadflow.local.postgres import running_postgres
from models.base import new_id
from models.identity import Organization

PEOPLE = int(os.environ.get("BENCH_PEOPLE", "300000"))  # noqa: TID251 the size of a measurement is no setting
SPLINK = os.environ.get("BENCH_SPLINK_PYTHON", "")  # noqa: TID251 where the oracle lives is no setting either
TWICE = 0.1634
"""Share that stands there a second time: 49,029 pairs of 300,000 people, as in docs/performance."""
SERVER = {"shared_buffers": "1GB", "max_wal_size": "8GB", "jit": "off"}
FIRST = [
    "James", "Mary", "Robert", "Patricia", "John", "Jennifer", "Michael", "Linda", "David", "Elizabeth", "William",
    "Barbara", "Richard", "Susan", "Joseph", "Jessica", "Thomas", "Karen", "Christopher", "Sarah", "Charles",
    "Lisa", "Daniel", "Nancy", "Matthew", "Sandra", "Anthony", "Ashley", "Mark", "Emily", "Donald", "Kimberly",
    "Steven", "Donna", "Andrew", "Michelle", "Paul", "Carol", "Joshua", "Amanda", "Kenneth", "Melissa", "Kevin",
    "Deborah", "Brian", "Stephanie", "Timothy", "Rebecca", "Ronald", "Sharon", "George", "Laura", "Jason",
    "Cynthia", "Edward", "Dorothy", "Jeffrey", "Amy", "Ryan", "Kathleen", "Jacob", "Angela", "Nicholas", "Shirley",
    "Gary", "Emma", "Eric", "Brenda", "Jonathan", "Pamela", "Stephen", "Nicole", "Larry", "Anna", "Justin",
    "Samantha", "Scott", "Katherine",
]  # fmt: skip
SHORT = {
    "Robert": "Bob", "Michael": "Mike", "William": "Bill", "Elizabeth": "Liz", "Richard": "Rick", "James": "Jim",
    "Patricia": "Pat", "Jennifer": "Jenny", "Christopher": "Chris", "Daniel": "Dan", "Matthew": "Matt",
    "Katherine": "Kathy", "Deborah": "Debbie", "Steven": "Steve", "Thomas": "Tom", "Kenneth": "Ken",
}  # fmt: skip
STREETS = [
    "Main", "Oak", "Maple", "Cedar", "Elm", "Pine", "Lake", "Hill", "Park", "River", "Washington", "Lincoln",
    "Garland", "Sycamore", "Chestnut", "Willow", "Highland", "Jefferson", "Madison", "Franklin", "Meadow",
    "Prospect", "Summit", "Sunset", "Walnut", "Spruce", "Hickory", "Magnolia", "Dogwood", "Poplar", "Juniper",
]  # fmt: skip
KINDS = ("St", "Ave", "Rd", "Dr", "Ln", "Ct")
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True, slots=True)
class Human:
    """A row, and who it is."""

    who: int
    first: str
    last: str
    phone: str
    email: str
    street: str
    zip5: str


def county(dice: random.Random) -> Iterator[Human]:
    """Make everybody, and one in six again."""
    lasts = [_surname(dice) for _ in range(40_000)]
    singles = round(PEOPLE * (1 - TWICE))
    made: list[Human] = []
    for number in range(singles):
        if made and dice.random() < 0.25:
            home = made[-1]
            first = dice.choice([name for name in FIRST if name != home.first])
            one = replace(home, who=number, first=first, email=f"p{number}@example.com")
        else:
            street = f"{dice.randint(1, 9999)} {dice.choice(STREETS)} {dice.choice(KINDS)}"
            one = Human(
                number,
                dice.choice(FIRST),
                dice.choice(lasts),
                f"1312{dice.randint(2_000_000, 9_999_999)}",
                f"p{number}@example.com",
                street,
                f"6{dice.randint(0, 1499):04d}",
            )
        made.append(one)
    yield from made
    for one in dice.sample(made, PEOPLE - singles):
        yield _again(one, dice)


def _surname(dice: random.Random) -> str:
    parts = ("Bar", "Cas", "Del", "Far", "Gar", "Hol", "Kel", "Lan", "Mor", "Nor", "Par", "Ros", "San", "Tor", "Wal")
    ends = ("berg", "ford", "land", "man", "mond", "son", "ston", "tello", "ville", "well", "wick", "wood", "er", "ez")
    return dice.choice(parts) + "".join(dice.choice(LETTERS) for _ in range(dice.randint(0, 3))) + dice.choice(ends)


def _again(one: Human, dice: random.Random) -> Human:
    """Write somebody down a second time, as another source would."""
    first, last, street = one.first, one.last, one.street
    luck = dice.random()
    if luck < 0.10:
        first = _slip(first, dice)
    elif luck < 0.17:
        first = SHORT.get(first, first)
    elif luck < 0.20:
        first = first[0]
    if dice.random() < 0.08:
        last = _slip(last, dice)
    moved = dice.random() < 0.08
    if moved:
        street = f"{dice.randint(1, 9999)} {dice.choice(STREETS)} {dice.choice(KINDS)}"
    elif dice.random() < 0.15:
        number, name, kind = street.split(" ")
        street = dice.choice([f"{number} {_slip(name, dice)} {kind}", f"{number} {name}", f"{number} N {name} {kind}"])
    return replace(
        one,
        first=first,
        last=last,
        street=street,
        zip5=f"6{dice.randint(0, 1499):04d}" if moved else one.zip5,
        phone=one.phone if dice.random() < 0.75 else f"1312{dice.randint(2_000_000, 9_999_999)}",
        email=one.email if dice.random() < 0.4 else "",
    )


def _slip(word: str, dice: random.Random) -> str:
    """Let a finger slip: a letter lost, doubled, swapped or hit beside."""
    at = dice.randint(1, max(1, len(word) - 2))
    return dice.choice(
        [
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
            word[:at] + dice.choice(LETTERS) + word[at + 1 :],
        ]
    )


def fill(db: Database, org: UUID, humans: list[Human]) -> dict[UUID, int]:
    """Write everybody as an import would have; answers who each row is."""
    ids = [new_id() for _ in humans]
    with db.begin(org) as uow, uow.cursor() as cursor:
        cursor.execute(
            "create temp table human (id uuid, first text, last text, phone bigint, email text, street text, zip5 text,"
            " n int) on commit drop"
        )
        with cursor.copy("copy human from stdin") as copy:
            for number, (row_id, one) in enumerate(zip(ids, humans, strict=True)):
                copy.write_row((row_id, one.first, one.last, int(one.phone), one.email, one.street, one.zip5, number))
        cursor.execute(
            """
            insert into person (org_id, id, person_key, name, first_name, last_name, mailing_street, mailing_city,
                                mailing_state, mailing_zip5)
            select %s, id, n::text, first || ' ' || last, first, last, street, 'Chicago', 'IL', zip5 from human
            """,
            [org],
        )
        cursor.execute(
            "insert into phone (org_id, e164) select distinct %s::uuid, phone from human",
            [org],
        )
        cursor.execute(
            """
            insert into person_phone (org_id, person_id, phone_id)
            select f.org_id, h.id, f.id from human h join phone f on f.org_id = %s and f.e164 = h.phone
            """,
            [org],
        )
        cursor.execute(
            "insert into email_address (org_id, person_id, email) select %s, id, email from human where email <> ''",
            [org],
        )
    with psycopg.connect(db.url, autocommit=True) as connection:
        connection.execute("vacuum analyze person, phone, person_phone, email_address")
    return {row_id: one.who for row_id, one in zip(ids, humans, strict=True)}


def search(db: Database, org: UUID, whom: dict[UUID, int]) -> tuple[float, float, float]:
    """Search, and hold what is proposed against the truth: seconds, precision, recall."""
    start = time.perf_counter()
    duplicates.run_search(db, org)
    seconds = time.perf_counter() - start
    with db.begin(org) as uow, uow.cursor() as cursor:
        cursor.execute("select one_id, other_id from duplicate_pair where not contradicted")
        found = cursor.fetchall()
    right = sum(whom[one] == whom[other] for one, other in found)
    true = len(whom) - len(set(whom.values()))
    return seconds, right / max(1, len(found)), right / true


ORACLE = """
import json, sys, time
import pandas as pd
import splink.comparison_library as cl
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
people = pd.read_csv(sys.argv[1], dtype=str, keep_default_na=False).replace("", None)
people["unique_id"] = range(len(people))
linker = Linker(people, SettingsCreator(
    link_type="dedupe_only",
    comparisons=[cl.NameComparison("first"), cl.JaroWinklerAtThresholds("last", [0.9]), cl.ExactMatch("phone"),
                 cl.ExactMatch("email"), cl.LevenshteinAtThresholds("street", 2)],
    blocking_rules_to_generate_predictions=[block_on("phone"), block_on("email"), block_on("street", "zip5"),
                                            block_on("last", "zip5")],
), DuckDBAPI())
linker.training.estimate_probability_two_random_records_match([block_on("email")], recall=0.4)
linker.training.estimate_u_using_random_sampling(max_pairs=1e6)
linker.training.estimate_parameters_using_expectation_maximisation(block_on("phone"))
linker.training.estimate_parameters_using_expectation_maximisation(block_on("street", "zip5"))
start = time.perf_counter()
found = linker.inference.predict(threshold_match_probability=0.5).as_pandas_dataframe()
seconds = time.perf_counter() - start
who = people["who"].to_numpy()
right = int((who[found.unique_id_l.to_numpy()] == who[found.unique_id_r.to_numpy()]).sum())
true = len(who) - len(set(who))
print(json.dumps({"seconds": seconds, "precision": right / max(1, len(found)), "recall": right / true}))
"""


def oracle(humans: list[Human], folder: Path) -> dict[str, float] | None:
    """Let splink do the same, trained on the same people; None where it is not installed."""
    if not SPLINK:
        return None
    path = folder / "people.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        names = ("who", "first", "last", "phone", "email", "street", "zip5")
        writer.writerow(names)
        writer.writerows([getattr(one, name) for name in names] for one in humans)
    done = subprocess.run([SPLINK, "-c", ORACLE, str(path)], capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"# splink: {done.stderr.strip().splitlines()[-1]}")
        return None
    return json.loads(done.stdout.strip().splitlines()[-1])


def main() -> None:
    """Run it."""
    humans = list(county(random.Random(7)))  # noqa: S311 data, not secrets
    with tempfile.TemporaryDirectory() as folder, running_postgres(Path(folder) / "data", settings=SERVER) as url:
        migrate(url)
        db = Database(url)
        organization = Organization(name="Benchmark")
        with db.begin() as uow:
            uow.session.add(organization)
        whom = fill(db, organization.id, humans)
        before = psutil.Process().memory_info().rss
        seconds, precision, recall = search(db, organization.id, whom)
        grown = (psutil.Process().memory_info().rss - before) / 1e6
        again, *_ = search(db, organization.id, whom)
        db.dispose()
        print(f"# {len(humans):,} people, {len(humans) - len(set(whom.values())):,} pairs that are one")
        print(f"# search: {seconds:.1f} s, again {again:.1f} s, {grown:.0f} MB more than before")
        print(f"duplicates.recall {recall:.4f} 0.90 0.95")
        print(f"duplicates.precision {precision:.4f} 0.98 0.995")
        if (known := oracle(humans, Path(folder))) is not None:
            print(
                f"# splink: {known['seconds']:.1f} s, precision {known['precision']:.4f}, recall {known['recall']:.4f}"
            )
            print(f"duplicates.seconds {seconds / known['seconds']:.2f} 1.5 1.0")
            print(f"duplicates.missed {max(0.0, 100 * (known['recall'] - recall)):.2f} 1.0 0.0")


if __name__ == "__main__":
    main()
