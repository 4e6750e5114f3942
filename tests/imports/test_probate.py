"""Files of probate courts: a name without a role is the decedent's, and the days that open a time of mourning."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from uuid import UUID

import pytest

from leadflow.identity.types import Principal
from leadflow.imports import service as imports
from leadflow.imports.rules import headers as written
from leadflow.imports.rules import layouts
from leadflow.kernel.db import Database
from models.vocabulary import RowVerdict
from tests.imports.conftest import FIXTURES, Importer

COURT = [
    *("Case Number", "Case Title", "Case Type", "Date Filed", "Case Location", "Case Status"),
    *("Petitioner Last Name", "Petitioner First Name", "Petitioner Street Address"),
    *("Attorney Last Name", "Attorney First Name", "Decedent Last Name", "First Name", "Middle Initial"),
    *("Date of Birth", "Date of Death", "Personal Representative Last Name", "Personal Representative First Name"),
]
"""A court's case list (formats of court files), shortened."""

VENDOR = ["File Date", "First Name", "Last Name", "PR First Name", "PR Last Name", "PR Ph Number", "Property Address"]


def _mapped(headers: list[str]) -> dict[str, str | None]:
    return layouts.recognise(written.distinct(headers)).mapping


@pytest.mark.parametrize("headers", [COURT, VENDOR])
def test_a_name_without_a_role_is_no_owner(headers: list[str]) -> None:
    mapped = _mapped(headers)
    assert mapped["First Name"] == "decedent_first_name"
    assert not {field for field in mapped.values() if field and field.startswith("owner_")}


def test_the_days_of_a_court_file_open_a_time_of_mourning() -> None:
    mapped = _mapped(COURT)
    assert (mapped["Date of Death"], mapped["Date Filed"]) == ("decedent_died_on", "probate_filed_on")
    assert mapped["Date of Birth"] == "extra"


def test_without_a_court_s_columns_a_name_is_the_owner_s_and_a_filing_is_any_filing() -> None:
    mapped = _mapped(["First Name", "Last Name", "Address", "Date Filed"])
    assert (mapped["First Name"], mapped["Last Name"]) == ("owner_1_first_name", "owner_1_last_name")
    assert mapped["Date Filed"] == "extra"


def test_a_court_file_makes_nobody_to_contact_of_the_decedent_and_keeps_both_days(
    db: Database, org: UUID, take: Importer, tmp_path: Path
) -> None:
    path = tmp_path / "court.csv"
    path.write_text(
        "First Name,Last Name,Date of Death,Date Filed,Attorney Last Name,Property Address,City,State,Zip\n"
        "Orson,Kettleby,2026-06-10,09/01/2026,Underwick,12 Cedar Ln,Houston,TX,77084\n"
    )
    take(path)
    with db.begin(org) as uow:
        found = uow.connection().execute("select decedent_died_on, probate_filed_on from property").fetchall()
        people = uow.connection().execute(
            "select p.name, y.role from person p join property_party y on y.person_id = p.id order by y.role"
        )
        parties = people.fetchall()
    assert found == [(date(2026, 6, 10), date(2026, 9, 1))]
    assert parties == [("Underwick", "attorney"), ("Orson Kettleby", "decedent")]


@pytest.mark.parametrize("write", [False, True], ids=["checked", "written"])
@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("probate_court_semicolon.csv", "case 2026-PR-01040: no property is named"),
        ("tracerfy_dnc.csv", "a number looked up: no property is named"),
    ],
)
def test_a_row_that_makes_no_lead_says_which_case_it_is_about_or_that_a_number_was_looked_up(
    db: Database, owner: Principal, take: Importer, name: str, reason: str, *, write: bool
) -> None:
    report = take(FIXTURES / name, write=write)
    with db.begin(owner.org_id) as uow:
        rows = imports.rows(uow, owner, report.id, RowVerdict.NOTED).rows
    assert rows[0].reasons == (reason,)
    assert all(len(row.reasons) == 1 for row in rows)
