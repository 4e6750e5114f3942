"""Readers of whole columns say of each cell what the reader of one cell says."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow.imports.rules import cells, plain
from leadflow.imports.rules.cells import NULL
from leadflow.kernel import phone
from leadflow.properties.rules import addresses, parcels

FIGURES = st.text(alphabet="0123456789$,.-()%eE ٣", max_size=12)
WRITTEN = st.sampled_from(
    ["", " ", "0", "$0", "$", ",", "007", "$1,200", "(1,200)", "1541.0", "82%", "0.82", "N/A", "1e5", "x", "41.88",
     "-87.6", "0.0", "181.5", "-180.0", "1.1234567890123", "2/15/2001", "2001-02-15", "37637", "Yes", "no",
     "9" * 9, "9" * 10]
)  # fmt: skip
COLUMN = st.lists(FIGURES | WRITTEN, max_size=8)


@pytest.mark.parametrize("read", plain.FACTS, ids=lambda read: read.__name__)
@given(column=COLUMN)
@settings(max_examples=200)
def test_a_column_says_what_its_cells_say(read: Callable[[str], str | None], column: list[str]) -> None:
    alone = plain.plain_day if read is cells.day else read
    assert plain.FACTS[read](column) == [alone(cell) if cell else NULL for cell in column]


SHAPES = st.sampled_from(
    ["{}{}{}", "({}) {}-{}", "{}-{}-{}", "+1{}{}{}", "1 ({}) {}.{}", "{}{}{}.0", "{} {} {}", "2{}{}{}", "({}{}){}"]
)
PARTS = st.tuples(st.integers(100, 999), st.integers(100, 999), st.integers(1000, 9999))
NUMBERS = st.builds(lambda shape, parts: shape.format(*parts), SHAPES, PARTS) | st.text(
    alphabet="0123456789()-. +x٣", max_size=16
)


@given(st.lists(NUMBERS, max_size=8))
@settings(max_examples=100)
def test_many_numbers_are_read_as_each_alone(column: list[str]) -> None:
    assert list(phone.plain_digits_of(column)) == list(map(phone.plain_digits, column))


APNS = st.text(alphabet="0123456789ABCabc-. +=\"'/É", max_size=14)
PLACES = st.sampled_from([("Dallas", "TX"), ("Hampden County", "MA"), ("", "TX"), ("Dallas", "")])


@given(st.lists(st.tuples(APNS, PLACES), max_size=8))
@settings(max_examples=100)
def test_many_parcels_are_read_as_each_alone(rows: Sequence[tuple[str, tuple[str, str]]]) -> None:
    written = [apn for apn, _ in rows]
    numbers = parcels.read_apns(written)
    assert numbers == [parcels.read_apn(apn) or "" for apn in written]
    counties, states = [place[0] for _, place in rows], [place[1] for _, place in rows]
    assert parcels.parcel_keys(numbers, counties, states) == [
        parcels.parcel_key(*one) for one in zip(numbers, counties, states, strict=True)
    ]


@given(st.sampled_from(["PO Box ", "PO BOX ", "PO box ", "P.O. Box "]), st.integers(0, 10**9))
def test_a_box_at_the_post_office_is_read_quickly_as_it_is_read_slowly(box: str, number: int) -> None:
    quick = addresses.cut_street(f"{box}{number}")
    # Two spaces are not plain, and mean the same.
    assert quick == addresses.cut_street(f"{box} {number}")
    assert quick.key == f"PO BOX {number}"


def test_a_memory_forgets_when_it_is_full_and_answers_all_the_same() -> None:
    asked: list[str] = []
    memo = plain.Memo(lambda cell: asked.append(cell) or cell.upper(), most=2)
    assert memo.of(["a", "b", "a", "c", "a"]) == ["A", "B", "A", "C", "A"]
    assert asked == ["a", "b", "c", "a"]
    assert len(memo) <= 2
