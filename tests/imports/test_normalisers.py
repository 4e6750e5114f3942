"""Every normaliser asked again says the same and loses nothing of what was written; every dialect reads alike."""

from __future__ import annotations

import csv
import io
from collections import Counter
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow.imports.rules import cells, reading
from leadflow.imports.service import receiving, setup
from leadflow.kernel import phone
from leadflow.properties.rules import addresses, names, parcels

WRITTEN = st.text(alphabet="ABCDEFGHIJKLMNOPabcdefghijklmnop0123456789 .,#&'-/", max_size=40)
NAMES = st.lists(st.sampled_from(["ADA", "Ben", "QUILL", "O'Neil", "de", "Oak", "JR", "Mary"]), min_size=1, max_size=4)


def letters(text: str) -> Counter[str]:
    return Counter(filter(str.isalnum, text.upper()))


@given(WRITTEN, WRITTEN)
def test_a_street_cut_once_more_is_the_same_street(line: str, unit: str) -> None:
    once = addresses.cut_street(line, unit)
    again = addresses.cut_street(once.line, once.unit or "")
    assert (again.key, again.unit_key) == (once.key, once.unit_key)


@given(WRITTEN, WRITTEN)
def test_a_street_and_its_unit_hold_every_letter_that_was_written(line: str, unit: str) -> None:
    found = addresses.cut_street(line, unit)
    kept = letters(f"{found.line} {found.unit or ''}")
    # A unit that stands in the line and in its own column is kept once.
    assert not letters(line) - kept
    assert not letters(unit) - kept


@given(WRITTEN)
def test_an_address_in_one_cell_holds_every_letter_that_was_written(line: str) -> None:
    found = addresses.cut_line(line)
    kept = letters(" ".join(part or "" for part in (found.street, found.unit, found.city, found.state, found.zip)))
    lost = letters(line) - kept
    assert not lost or lost <= letters("USA")


@given(st.text(max_size=20), st.sampled_from(["NJ", "TX", "MA", ""]))
def test_a_zip_code_read_again_is_the_same(text: str, state: str) -> None:
    found = addresses.read_zip(text, state)
    if found is not None:
        again = addresses.read_zip(found.zip5, state)
        assert again is not None
        assert (again.zip5, again.restored) == (found.zip5, False)


@given(NAMES)
def test_a_name_read_again_is_the_same_person(words: list[str]) -> None:
    for owner in names.read_owners(" ".join(words)).names:
        again = names.read_owners(owner.display).names
        assert [name.key for name in again] == [owner.key]


@given(NAMES, NAMES)
def test_a_roll_names_everybody_with_every_letter(one: list[str], other: list[str]) -> None:
    text = f"{' '.join(one)} & {' '.join(other)}"
    found = names.read_roll(text)
    assert not letters(text) - letters(" ".join(name.display for name in found.names))


@given(WRITTEN)
def test_no_cell_makes_a_name_fail_or_come_from_nothing(text: str) -> None:
    for read in (names.read_owners, names.read_roll):
        for name in read(text).names:
            assert name.display
            assert name.kind


@given(st.text(alphabet='0123456789-ABC ="', max_size=20), st.sampled_from(["Harris", "Harris County", "HARRIS CO"]))
def test_a_parcel_number_read_again_is_the_same_parcel(text: str, county: str) -> None:
    number = parcels.read_apn(text)
    if number is not None and number[:1] != "=":
        assert parcels.read_apn(number) == number
        assert parcels.parcel_key(number, county, "TX") == parcels.parcel_key(number, "harris", "TX")


@given(st.text(max_size=30))
def test_a_number_read_again_is_the_same_and_the_cell_is_kept(cell: str) -> None:
    for reading_of in phone.read_all(cell):
        if reading_of.e164 is not None:
            assert phone.read(reading_of.e164).e164 == reading_of.e164
    assert phone.read(cell).raw == cell


@given(st.integers(2_000_000_000, 9_999_999_999), st.sampled_from(["{}", "+1{}", "1-{}", "{}.0", "({0:.3}) {1}"]))
def test_the_quick_way_and_the_library_agree_on_a_number(national: int, form: str) -> None:
    digits = str(national)
    cell = f"({digits[:3]}) {digits[3:6]}-{digits[6:]}" if "(" in form else form.format(digits)
    quick = phone.plain_digits(cell)
    slow = phone._read_slowly(cell)
    assert quick is None or slow.e164 == f"+{quick}"


@given(st.decimals(-(10**9), 10**9, places=2, allow_nan=False, allow_infinity=False))
def test_money_in_every_dress_is_the_same_cents(value: object) -> None:
    plain = cells.cents(f"{value}")
    assert cells.cents(f"{value:,}") == plain
    assert plain is not None
    assert plain.lstrip("-").isdecimal()


@given(st.dates(min_value=date(1950, 1, 1), max_value=date(2049, 12, 31)))
def test_a_day_in_every_dress_is_the_same_day_and_read_again_too(day: object) -> None:
    for form in ("%m/%d/%Y", "%Y-%m-%d", "%d-%b-%Y", "%b %d, %Y", "%Y-%m-%d 00:00:00"):
        assert cells.day(format(day, form)) == f"{day}"


@given(st.floats(0, 3, allow_nan=False))
def test_a_percentage_and_its_ratio_are_one(value: float) -> None:
    ratio = round(value, 4)
    found = cells.ratio(f"{ratio * 100:.2f}%")
    assert found is not None
    assert abs(float(found) - ratio) < 0.0001


TABLES = st.lists(
    st.lists(
        st.text(alphabet="abcé ñ\",;|\t'\n0123", max_size=9), min_size=6, max_size=6
    ).filter(lambda row: any(cell.strip() for cell in row)),
    min_size=1, max_size=8,
)  # fmt: skip
HEAD = ["Address", "City", "State", "Zip", "Owner", "Notes"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dialects")


@given(
    rows=TABLES,
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "cp1252", "utf-16-le", "utf-16-be"]),
    delimiter=st.sampled_from(list(reading.DELIMITERS)),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    end=st.sampled_from(["\n", "\r\n"]),
    above=st.integers(0, 3),
)
@settings(max_examples=150, deadline=None)
def test_a_table_is_read_the_same_in_every_dialect(
    folder: Path, rows: list[list[str]], encoding: str, delimiter: str, quoting: int, end: str, above: int
) -> None:
    out = io.StringIO()
    out.write(end * above)
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows([HEAD, *rows])  # pyright: ignore[reportArgumentType] one of csv's numbers
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    path = folder / "table.csv"
    path.write_bytes(mark + out.getvalue().encode(encoding))
    found = receiving.look(path, "table.csv", None)
    assert (found.dialect.delimiter, list(found.dialect.headers)) == (delimiter, HEAD)
    with setup.text_of(path, found.dialect) as text:
        assert list(csv.reader(text, delimiter=delimiter)) == rows
