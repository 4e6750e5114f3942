"""Cells, layouts and CSV lines, each by a table of written forms."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.imports.errors import BadMapping
from leadflow.imports.rules import cells, choices, fields, layouts, reading
from leadflow.imports.rules.headers import distinct
from leadflow.imports.rules.layouts import recognise, remap
from leadflow.imports.rules.rows import RowReader
from leadflow.imports.rules.staged import COLUMNS, Staged
from leadflow.imports.types import Options
from leadflow.kernel import sheets
from leadflow.kernel.errors import Invalid


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("$268,000", "26800000"), ("(1,200)", "-120000"), ("-$5.50", "-550"), ("0", "0"), ("", r"\N"), ("N/A", r"\N"),
        ("1e5", None), ("lots", None), ("99999999999999999", None),
    ],
)  # fmt: skip
def test_money_is_whole_cents(cell: str, value: str | None) -> None:
    assert cells.cents(cell) == value


@pytest.mark.parametrize(
    ("cell", "value"), [("82.00%", "0.82"), ("0.82", "0.82"), ("82", "0.82"), ("101.2%", "1.012"), ("x", None)]
)
def test_a_percentage_is_a_ratio(cell: str, value: str | None) -> None:
    assert cells.ratio(cell) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        ("2/15/2001", "2001-02-15"), ("2001-02-15", "2001-02-15"), ("2026-01-06 19:39:33", "2026-01-06"),
        ("15-Jan-2004", "2004-01-15"), ("Jan 15, 2004", "2004-01-15"), ("37637", "2003-01-16"),
        ("45000.5", "2023-03-15"), ("2/30/2001", None), ("soon", None), ("", r"\N"), ("1/2/68", "1968-01-02"),
        ("2016-11-08 0:00:00", "2016-11-08"),
    ],
)  # fmt: skip
def test_a_date_is_read_in_every_dress(cell: str, value: str | None) -> None:
    assert cells.day(cell) == value


@pytest.mark.parametrize(
    ("cell", "value"),
    [("Yes", True), ("1", True), ("x", True), ("DO NOT CALL", True), ("DNC Excluded", True), ("ja bitte", True),
     ("No", False), ("0", False), ("false", False), ("", None), ("N/A", None), ("none", None)],
)  # fmt: skip
def test_a_mark_is_yes_no_or_unknown_and_doubt_is_yes(cell: str, value: bool | None) -> None:  # noqa: FBT001 a case
    assert cells.mark(cell) is value


@given(st.text(max_size=60))
def test_every_reader_takes_any_text(text: str) -> None:
    for read in (cells.cents, cells.ratio, cells.whole, cells.number, cells.day, cells.flag, cells.coordinate):
        value = read(text)
        assert value is None or not set(value) & set("\t\n\r")
    cells.words(text)
    cells.mark(text)
    cells.email(text)


@given(st.text(max_size=60))
def test_an_escaped_text_is_one_field_of_one_line(text: str) -> None:
    assert not set(cells.escape(text)) & set("\t\n\r\x00")


def test_a_list_of_words_is_read_from_commas_and_from_brackets() -> None:
    assert cells.words("Absentee, High Equity,Absentee").split(cells.BETWEEN) == ["Absentee", "High Equity"]
    assert cells.words("['Tax, 2024', 'Vacant; X']").split(cells.BETWEEN) == ["Tax, 2024", "Vacant; X"]


def test_headers_become_distinct() -> None:
    assert distinct(["Phone", "Phone", "Phone 2", "phone", ""]) == (
        "Phone",
        "Phone (2)",
        "Phone 2",
        "phone (3)",
        "Column 5",
    )


def test_a_file_without_the_signature_is_not_taken_for_the_vendors() -> None:
    found = recognise(("Address", "City", "State", "Zip", "Phone 1"))
    assert (found.layout, found.confidence) == (None, 0.0)
    assert found.mapping["Address"] == "street"
    assert "Address" in found.doubtful


def test_the_order_of_columns_does_not_matter() -> None:
    headers = ["Method of Add", "Phone 1 DNC", "Zip", "Address"]
    assert recognise(headers).mapping == {
        "Method of Add": "extra",
        "Phone 1 DNC": "phone_1_dnc",
        "Zip": "zip",
        "Address": "street",
    }


def test_a_field_that_moves_leaves_its_old_column() -> None:
    headers = ("A", "B")
    assert remap(headers, {"A": "street", "B": None}, {"b": "street"}) == {"A": None, "B": "street"}


def test_a_field_is_given_once() -> None:
    with pytest.raises(BadMapping):
        remap(("A", "B"), {"A": None, "B": None}, {"A": "city", "B": "city"})


def test_every_field_of_every_layout_exists_and_has_a_label() -> None:
    known = {one.name: one for one in fields.catalogue()}
    used = {field for layout in layouts.LAYOUTS for field in layout.fields.values()} | set(layouts.GUESSES.values())
    assert used <= set(known)
    assert all(one.label for one in known.values())
    assert known["phone_2_dnc"].label == "Phone 2: DNC"


@pytest.mark.parametrize("cell", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "%0A=1"])
def test_a_cell_that_a_spreadsheet_would_run_is_guarded(cell: str) -> None:
    assert sheets.guard(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-5", "+12165550100", "-$1,200.50", "12 Main St", "", "-3.5%"])
def test_a_plain_number_or_text_is_not_guarded(cell: str) -> None:
    assert sheets.guard(cell) == cell


@given(
    st.lists(
        st.text(alphabet=st.characters(codec="utf-8", exclude_characters="\x00"), max_size=12), min_size=1, max_size=6
    )
)
def test_a_line_of_csv_is_read_back_with_its_guards(row: list[str]) -> None:
    text = sheets.csv_line(row)
    assert next(csv.reader(io.StringIO(text, newline=""))) == [sheets.guard(cell) for cell in row]


rows = st.lists(st.lists(st.text(alphabet='ab",\n\r ', max_size=8), min_size=2, max_size=2), min_size=1, max_size=30)


@given(rows)
def test_pieces_of_a_sound_file_put_together_are_the_file(table: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out).writerows(table)
    whole = out.getvalue().encode()
    chunks = (whole[at : at + 7] for at in range(0, len(whole), 7))
    found = list(reading.pieces(chunks))
    assert b"".join(found) == whole
    read = [row for piece in found for row in csv.reader(io.StringIO(piece.decode(), newline=""), strict=True)]
    assert read == list(csv.reader(io.StringIO(whole.decode(), newline="")))


@given(rows)
def test_a_sound_file_reads_alike_where_quotes_are_mistrusted(table: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(table)
    found = list(reading.records(iter(io.StringIO(out.getvalue(), newline="")), ",", 2))
    assert found == list(csv.reader(io.StringIO(out.getvalue(), newline="")))


@given(st.lists(st.text(alphabet='a",;\n', max_size=30), max_size=20))
def test_no_line_is_lost_however_wild_the_quotes(lines: list[str]) -> None:
    text = "\n".join(lines) + "\n"
    found = list(reading.records(iter(io.StringIO(text, newline="")), ",", 3))
    assert sum(cell.count("a") for row in found for cell in row) == text.count("a")


HEADERS = ("Address", "City", "State", "Zip", "Owner", "Phone", "DNC", "Notes", "Value")
MAPPING: dict[str, str | None] = {
    "Address": "street", "City": "city", "State": "state", "Zip": "zip", "Owner": "owner_1_name", "Phone": "phone_1",
    "DNC": "phone_1_dnc", "Notes": "notes", "Value": "estimated_value",
}  # fmt: skip


@given(st.lists(st.text(max_size=20), min_size=9, max_size=9))
def test_any_row_gives_exactly_one_line_with_every_column(row: list[str]) -> None:
    out = Staged()
    RowReader(HEADERS, MAPPING, b"p" * 32).read(1, row, out)
    assert len(out.row) == 1
    for name, lines in out.tables():
        assert all(line.count("\t") == len(COLUMNS[name]) - 1 and "\n" not in line for line in lines)


def test_options_survive_being_stored() -> None:
    options = Options(list_name="October", tags=("a", "b"))
    assert choices.read_options(choices.as_document(options)) == options


def test_another_option_is_another_salt() -> None:
    one, other = (choices.salt_of(choices.as_document(Options(list_name=name))) for name in ("a", "b"))
    assert one != other


def test_a_wrong_option_names_its_field() -> None:
    with pytest.raises(Invalid) as caught:
        choices.read_options({"policy": "guess"})
    assert caught.value.field == "policy"
