"""Public bug reports of neighbouring tools, as whole imports: what went wrong there must be right here.

Cases 16 and 18 stand in ``test_files``, 19 and 20 in ``test_workbooks``, the alone readings of 1, 2, 4 and 7 with the
normalisers.
"""

from __future__ import annotations

from typing import Any

import pytest

from leadflow.compliance.rules import places
from leadflow.identity.types import Principal
from leadflow.kernel import sheets
from leadflow.kernel.db import Database, UnitOfWork
from tests.imports.conftest import Importer


def rows(uow: UnitOfWork, statement: str) -> list[Any]:
    return uow.connection().execute(statement.encode()).fetchall()


def test_suite_floor_and_unit_in_one_cell_make_a_lead_and_lose_nothing(take: Importer, uow: UnitOfWork) -> None:
    """Cases 1, 2 and 4: usaddress 334, 224, 392."""
    written = [
        "4347 W Northwest Hwy Ste 130 Unit 359, Dallas, TX, 75220-3866",
        "10600 FOLSOM BLVD RANCHO CORDOVA 95670 CA",
        "139 Canal Street, 3rd Floor, #308,\t\t\tNew York,\tNY\t10002",
    ]
    report = take("Full Address,Owner\n" + "".join(f'"{cell}",Ada Quill\n' for cell in written))
    assert (report.dialect["delimiter"], report.counts["new"], report.counts["reject"]) == (",", 3, 0)
    assert rows(uow, "select unit, city, state, zip5, zip4 from property order by zip5") == [
        ("3rd Floor #308", "New York", "NY", "10002", None),
        ("Ste 130 Unit 359", "Dallas", "TX", "75220", "3866"),
        (None, "Rancho Cordova", "CA", "95670", None),
    ]
    raw = [row[0].split() for row in rows(uow, "select raw_address from property order by zip5")]
    assert sorted(raw) == sorted(cell.split() for cell in written)


def test_the_flats_of_a_house_and_the_house_stay_apart(take: Importer) -> None:
    """Case 6: pelias/api 1610."""
    head = "Address,City,State,Zip,County,APN,Owner\n"
    flats = "".join(f"1200 Main St Apt {n},Houston,TX,77084,Harris,77-{n},Owner {n}\n" for n in range(1, 7))
    report = take(head + flats + "1200 Main St,Houston,TX,77084,Harris,77-0,House LLC\n")
    assert (report.counts["new"], report.counts["duplicate"]) == (7, 0)
    assert take(head + flats).counts["new"] == 0


def test_words_beside_a_number_are_a_note_and_never_digits(take: Importer, uow: UnitOfWork) -> None:
    """Case 7: libphonenumber 1302."""
    head = "Address,City,State,Zip,Owner,Phone\n"
    cells = ["917-555-0100 cell", "8645550142 (Axel)", "8645550143 Mary"]
    take(head + "".join(f"{n} Elm St,Houston,TX,77084,Owner {n},{cell}\n" for n, cell in enumerate(cells, 1)))
    found = rows(uow, "select f.e164, j.note from phone f join person_phone j on j.phone_id = f.id order by f.e164")
    assert found == [(18645550142, "Axel"), (18645550143, "Mary"), (19175550100, "cell")]


@pytest.mark.parametrize("number", ["+19505550100", "+19995550100"])
def test_an_area_code_that_the_table_does_not_know_is_nowhere_and_never_utc(number: str) -> None:
    """Case 10: libphonenumber 1237, 1964. The gate blocks a recipient without a place."""
    assert places.places(number, "77084", "TX", "TX") is None
    assert all(one.source != "area_code" for one in places.located(number, "77084", "TX", "TX"))


def test_one_number_written_three_ways_in_a_file_is_one_number(take: Importer, uow: UnitOfWork) -> None:
    """Case 12: nyaruka/rapidpro 6998."""
    head = "Address,City,State,Zip,Owner,Phone\n"
    cells = ["(864) 555-0142", "8645550142.0", "1-864-555-0142 x3"]
    take(head + "".join(f"1 Elm St,Houston,TX,77084,Ada Quill,{cell}\n" for cell in cells))
    assert rows(uow, "select e164, line_type from phone") == [(18645550142, "landline")]
    assert rows(uow, "select count(*) from person_phone") == [(1,)]


@pytest.mark.parametrize(
    "content",
    [
        'Surname;First Name;Year\n"\tDoe;Jane"\t;1971\n',
        "Address;City;Lists\n1 Elm St;Houston;['Tax, 2024', 'Vacant, X']\n2 Elm St;Houston;['A, b', 'C, d']\n",
    ],
    ids=["a quoted tab (cpython 97611)", "lists in cells (cpython 119123)"],
)
def test_the_header_decides_what_stands_between_cells(take: Importer, content: str) -> None:
    """Cases 13 and 14."""
    report = take(content, write=False)
    assert report.dialect["delimiter"] == ";"
    assert len(report.mapping) == 3


def test_our_own_rows_come_back_from_a_spreadsheet_without_a_new_lead(
    take: Importer, db: Database, owner: Principal
) -> None:
    """Case 17: chatwoot 14124; a byte order mark before the first column, which is the key."""
    head = ["Address", "City", "State", "Zip", "Owner", "Phone"]
    take("\n".join([",".join(head), "1 Elm St,Houston,TX,77084,Ada Quill,2815550101", ""]))
    with db.begin(owner.org_id) as uow:
        found = rows(uow, "select street, city, state, zip5 from property")
    text = (
        "\ufeff" + sheets.csv_line(head) + "".join(sheets.csv_line([*map(str, row), "Ada Quill", ""]) for row in found)
    )
    again = take(text)
    assert next(iter(again.mapping)) == "Address"
    assert (again.counts["new"], again.counts["update"]) == (0, 1)
