"""Files of probate courts: a name without a role is the decedent's, and the days that open a time of mourning."""

from __future__ import annotations

import pytest

from leadflow.imports.rules import layouts

COURT = [
    *("Case Number", "Case Title", "Case Type", "Date Filed", "Case Location", "Case Status"),
    *("Petitioner Last Name", "Petitioner First Name", "Petitioner Street Address"),
    *("Attorney Last Name", "Attorney First Name", "Decedent Last Name", "First Name", "Middle Initial"),
    *("Date of Birth", "Date of Death", "Personal Representative Last Name", "Personal Representative First Name"),
]
"""A court's case list (formats of court files), shortened."""

VENDOR = ["File Date", "First Name", "Last Name", "PR First Name", "PR Last Name", "PR Ph Number", "Property Address"]


def _mapped(headers: list[str]) -> dict[str, str | None]:
    return layouts.recognise(layouts.distinct(headers)).mapping


@pytest.mark.parametrize("headers", [COURT, VENDOR])
def test_a_name_without_a_role_is_no_owner(headers: list[str]) -> None:
    mapped = _mapped(headers)
    assert mapped["First Name"] == "extra"
    assert not {field for field in mapped.values() if field and field.startswith("owner_")}


def test_the_days_of_a_court_file_open_a_time_of_mourning() -> None:
    mapped = _mapped(COURT)
    assert (mapped["Date of Death"], mapped["Date Filed"]) == ("decedent_died_on", "probate_filed_on")
    assert mapped["Date of Birth"] == "extra"


def test_without_a_court_s_columns_a_name_is_the_owner_s_and_a_filing_is_any_filing() -> None:
    mapped = _mapped(["First Name", "Last Name", "Address", "Date Filed"])
    assert (mapped["First Name"], mapped["Last Name"]) == ("owner_1_first_name", "owner_1_last_name")
    assert mapped["Date Filed"] == "extra"
