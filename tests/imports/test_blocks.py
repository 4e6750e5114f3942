"""Rows read column by column say exactly what rows read one by one say."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.generate_leads import Wanted, write
from leadflow.imports.rules.layouts import recognise
from leadflow.imports.rules.rows import RowReader
from leadflow.imports.rules.staged import Staged
from tests.imports.conftest import FIXTURES

FIELDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "Street": (
        "street",
        ("12 Oak St", "0 Oak St", "12 1/2 MAIN STREET NW", "9 Elm Apt 4", "PO Box 7", "=1+1", "Oak", ""),
    ),
    "Unit": ("unit", ("", "4", "Apt B", "#4", "2nd floor")),
    "City": ("city", ("Dallas", "EL  PASO", "")),
    "State": ("state", ("TX", "texas", "NJ", "ZZ", "")),
    "Zip": ("zip", ("75201", "08901", "8901", "75201-1234", "99999", "x", "")),
    "County": ("county", ("Dallas", "Dallas County", "")),
    "APN": ("apn", ("12-34", '="0012"', "1.5E+12", "000", "")),
    "First": ("owner_1_first_name", ("Ann", "ANN", "Estate of", "City", "")),
    "Last": ("owner_1_last_name", ("Oak", "of Dallas", "Oak LLC", "O'Neil", "=Oak", "")),
    "Owner 2": ("owner_2_name", ("Elm, Bea", "Elm Trust", "")),
    "Care": ("care_of", ("", "Cy ASH")),
    "Mail street": ("mailing_street", ("12 Oak St", "PO Box 9", "5 Low Rd Unit 2", "")),
    "Mail unit": ("mailing_unit", ("", "Apt 2")),
    "Mail city": ("mailing_city", ("Joliet", "")),
    "Mail state": ("mailing_state", ("IL", "Illinois", "?", "")),
    "Mail zip": ("mailing_zip", ("60431", "123", "")),
    "Phone": ("phone_1", ("(312) 555-0142", "3125550143", "312-555-0144 x9", "911", " ", "")),
    "Kind": ("phone_1_type", ("Mobile", "Landline", "fax", "")),
    "DNC": ("phone_1_dnc", ("Yes", "No", "perhaps", "")),
    "Phone 2": ("phone_2", ("13125550145", "+44 20 7946 0000", "3125550146/3125550147", "")),
    "All DNC": ("dnc", ("", "No", "x", "well")),
    "Litigator": ("litigator", ("", "No", "Yes")),
    "No mail": ("do_not_mail", ("", "Yes", "?")),
    "Email": ("email_1", ("a@b.co", "A@B.CO; c@d.co", "none", "at home", "")),
    "Type": ("property_type", ("House", "Two  words", "")),
    "Beds": ("bedrooms", ("3", "three", "")),
    "Sold": ("last_sale_on", ("2/15/2001", "37637", "soon", "")),
    "Value": ("estimated_value", ("$268,000", "(1,200)", "lots", "")),
    "Lat": ("latitude", ("41.88", "0", "999", "")),
    "Vacant": ("owner_occupied", ("Yes", "0", "?", "")),
    "Lists": ("lists", ("A, B", "['C']", "")),
    "Tags": ("tags", ("hot", "")),
    "Note": ("notes", ("said \\ no", " two\nlines ", "tab\there", "")),
    "More": ("notes", ("", "more")),
    "Pool": ("extra", ('in "ground"', "Yes", "")),
    "Roof": ("extra", ("Tile", "")),
}  # fmt: skip
"""Header: field, and cells both plain and not."""

HEADERS = list(FIELDS)
PLAIN = st.tuples(*(st.just(cells[0]) for _, cells in FIELDS.values())).map(list)
ODD = st.tuples(*(st.sampled_from((cells[0], *cells)) for _, cells in FIELDS.values())).map(list)
ANY = st.lists(st.text(max_size=9), min_size=0, max_size=len(HEADERS) + 2)


def one_by_one(reader: RowReader, rows: Iterable[list[str]]) -> Staged:
    out = Staged()
    for ref, row in enumerate(rows, 7):
        reader.read(ref, row, out)
    return out


def lines(staged: Staged) -> dict[str, list[str]]:
    return {"rows": [str(staged.rows)]} | {name: sorted(texts) for name, texts in staged.tables()}


@given(
    rows=st.lists(PLAIN | ODD | ANY, max_size=12),
    left_out=st.sets(st.sampled_from(HEADERS), max_size=6),
)
@settings(max_examples=150, deadline=None)
def test_many_rows_read_together_say_what_they_say_alone(rows: list[list[str]], left_out: set[str]) -> None:
    mapping = {header: None if header in left_out else field for header, (field, _) in FIELDS.items()}
    reader = RowReader(HEADERS, mapping, b"p" * 32, "salt")
    assert lines(reader.batch(7, rows)) == lines(one_by_one(reader, rows))


def test_a_generated_file_is_read_the_same_and_nearly_all_of_it_together(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "leads.csv"
    write(Wanted(2_000), path)
    reader, rows = _read(path)
    alone = lines(one_by_one(reader, rows))
    single: list[int] = []
    read = RowReader.read

    def counted(self: RowReader, ref: int, row: list[str], out: Staged) -> None:
        single.append(ref)
        read(self, ref, row, out)

    monkeypatch.setattr(RowReader, "read", counted)
    assert lines(reader.batch(7, rows)) == alone
    assert len(single) < len(rows) / 10


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("**/*.csv")), ids=lambda path: path.name)
def test_every_file_of_a_vendor_is_read_the_same(path: Path) -> None:
    reader, rows = _read(path)
    assert lines(reader.batch(7, rows)) == lines(one_by_one(reader, rows))


def _read(path: Path) -> tuple[RowReader, list[list[str]]]:
    with path.open(encoding="utf-8-sig", errors="replace", newline="") as text:
        headers, *rows = csv.reader(text)
    return RowReader(headers, dict(recognise(tuple(headers)).mapping), b"p" * 32), rows
