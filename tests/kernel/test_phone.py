"""Telephone numbers: the fast way and the library agree, and no word becomes a digit."""

from __future__ import annotations

import re

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from leadflow.kernel import phone
from leadflow.kernel.errors import Invalid
from leadflow.kernel.phone import PhoneFault

DIGITS = "0123456789"


def by_library(text: str) -> str | None:
    try:
        number = phonenumbers.parse(text, "US")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


ten = st.tuples(st.integers(200, 999), st.integers(0, 999), st.integers(0, 9999))
ways = st.sampled_from(
    ["{0:03d}{1:03d}{2:04d}", "({0:03d}) {1:03d}-{2:04d}", "{0:03d}-{1:03d}-{2:04d}", "{0:03d}.{1:03d}.{2:04d}",
     "+1{0:03d}{1:03d}{2:04d}", "1-{0:03d}-{1:03d}-{2:04d}", " +1 ({0:03d}) {1:03d}-{2:04d} "]
)  # fmt: skip


@given(ten, ways)
@example((800, 555, 1212), "{0:03d}{1:03d}{2:04d}")
@example((456, 234, 5678), "{0:03d}-{1:03d}-{2:04d}")
@example((983, 234, 5678), "{0:03d}-{1:03d}-{2:04d}")
@example((216, 911, 5678), "{0:03d}-{1:03d}-{2:04d}")
@example((684, 234, 5678), "{0:03d}-{1:03d}-{2:04d}")
def test_the_fast_way_never_answers_other_than_the_library(number: tuple[int, int, int], way: str) -> None:
    text = way.format(*number)
    fast = phone.plain_digits(text)
    if fast is not None:
        assert f"+{fast}" == by_library(text)


@given(ten, ways)
def test_every_number_that_the_library_reads_is_read(number: tuple[int, int, int], way: str) -> None:
    text = way.format(*number)
    assert phone.read(text).e164 == by_library(text)


@given(st.text(max_size=40))
def test_any_text_is_read_without_an_error_and_kept(text: str) -> None:
    reading = phone.read(text)
    assert reading.raw == text
    assert (reading.e164 is None) != (reading.fault is None)


@given(st.text(alphabet=DIGITS + " -()xabcEe+.", max_size=25))
def test_no_digit_is_made_up(text: str) -> None:
    reading = phone.read(text)
    if reading.e164 is not None:
        assert reading.e164.removeprefix("+").removeprefix("1") in re.sub(r"\D", "", text)


@pytest.mark.parametrize(
    ("cell", "e164", "extension", "note"),
    [
        ("917-555-0100 cell", "+19175550100", None, "cell"),
        ("8645550142 (Axel)", "+18645550142", None, "Axel"),
        ("8645550142 Mary", "+18645550142", None, "Mary"),
        ("1-864-555-0142 x3", "+18645550142", "3", None),
        ("(555) 111-2222 x3", None, "3", None),
        ("216-555-0100 ext. 12", "+12165550100", "12", None),
        ("8645550142.0", "+18645550142", None, None),
        ("Home: 216 555 0100", "+12165550100", None, "Home"),
    ],
)
def test_words_beside_a_number_are_kept_as_words(
    cell: str, e164: str | None, extension: str | None, note: str | None
) -> None:
    reading = phone.read(cell)
    assert (reading.e164, reading.extension, reading.note) == (e164, extension, note)


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        ("", PhoneFault.EMPTY),
        ("N/A", PhoneFault.EMPTY),
        ("0", PhoneFault.EMPTY),
        ("7.58E+09", PhoneFault.DAMAGED),
        ("7.5796784E9", PhoneFault.DAMAGED),
        ("5551234567", PhoneFault.AREA_CODE),
        ("12345", PhoneFault.LENGTH),
        ("216555010", PhoneFault.LENGTH),
        ("call her son", PhoneFault.INVALID),
    ],
)
def test_what_is_no_number_says_why(cell: str, fault: PhoneFault) -> None:
    reading = phone.read(cell)
    assert (reading.e164, reading.fault) == (None, fault)
    assert phone.explain(reading)


def test_one_number_in_three_forms_is_one_number() -> None:
    forms = ("(864) 555-0142", "8645550142.0", "1-864-555-0142 x3")
    assert {phone.read(form).e164 for form in forms} == {"+18645550142"}


@pytest.mark.parametrize("between", [" / ", "; ", " or ", ", ", "\n"])
def test_several_numbers_in_a_cell_are_all_read(between: str) -> None:
    found = phone.read_all(f"216-555-0100{between}(216) 555-0101")
    assert [reading.e164 for reading in found] == ["+12165550100", "+12165550101"]


def test_what_somebody_typed_is_refused_with_the_reason() -> None:
    with pytest.raises(Invalid, match="area code 555 does not exist"):
        phone.parse("555-123-4567")


@pytest.mark.parametrize(("e164", "shown"), [("+12155550101", "(215) 555-0101"), ("+442071838750", "+442071838750")])
def test_a_number_is_shown_as_its_country_writes_it(e164: str, shown: str) -> None:
    assert phone.display(e164) == shown


def test_only_north_american_numbers_have_an_area_code() -> None:
    assert (phone.area_code("+12155550101"), phone.area_code("+442071838750")) == ("215", None)
