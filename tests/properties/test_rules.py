"""When two written places, names and parcels are the same, and when they are not."""

from __future__ import annotations

import pytest
import usaddress
from hypothesis import given
from hypothesis import strategies as st

from leadflow.properties.rules import addresses, names, parcels
from models.vocabulary import PersonKind

words = st.text(alphabet="ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij0123456789 .,#'-/", max_size=40)
numbers = st.integers(1, 99_999)
plain_names = st.sampled_from(["Alder", "Main", "Oak Hill", "21st", "Martin Luther King", "Foxglove", "Northgate"])
suffixes = st.sampled_from(
    sorted({"Street", "Avenue", "Drive", "Road", "Lane", "Court", "Boulevard", "Place", "Circle"})
)


def key(line: str, unit: str = "") -> tuple[str, str]:
    cut = addresses.cut_street(line, unit)
    return cut.key, cut.unit_key


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("9622 Garland Ct", "9622 GARLAND COURT  "),
        ("12 N Main St", "12 North Main Street"),
        ("12 Main St.", "12 main street"),
        ("12 O'Neil Ave", "12 ONEIL AVENUE"),
        ("5 First St", "5 1st Street"),
        ("12 Main St Apt 4", "12 Main Street #4"),
        ("12 Main St Unit 4", "12 Main St, Apt 4"),
        ("139 Canal Street, 3rd Floor", "139 Canal St FL 3"),
        ("PO Box 12", "P.O. BOX 12"),
        ("12 Saint James Pl", "12 St James Place"),
    ],
)
def test_two_ways_to_write_a_street_are_one_place(one: str, other: str) -> None:
    assert key(one) == key(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("12 Main St", "12 Main Ave"),
        ("12 N Main St", "12 S Main St"),
        ("12 Main St Apt 4", "12 Main St Apt 5"),
        ("12 Main St", "12 Main St Apt 4"),
        ("12 Main St", "120 Main St"),
        ("12 Court St", "12 Street Ct"),
    ],
)
def test_two_places_stay_two(one: str, other: str) -> None:
    assert key(one) != key(other)


@given(words)
def test_a_key_asked_again_is_the_same(line: str) -> None:
    once = addresses.street_key(line)
    assert addresses.street_key(once) == once


@given(words, words)
def test_no_text_makes_the_cutter_fail(line: str, unit: str) -> None:
    addresses.cut_street(line, unit)
    addresses.cut_line(line)


@given(numbers, plain_names, suffixes)
def test_the_table_and_usaddress_agree_on_plain_addresses(number: int, name: str, suffix: str) -> None:
    line = f"{number} {name} {suffix}"
    parts: dict[str, str] = dict(usaddress.tag(line)[0])  # pyright: ignore[reportUnknownMemberType, reportUnknownArgumentType]
    rebuilt = " ".join(parts.values())
    assert addresses.street_key(rebuilt) == addresses.street_key(line)
    assert addresses.street_key(line).split(" ")[0] == parts["AddressNumber"]
    assert addresses.street_key(line).split(" ")[-1] == addresses.SUFFIXES[parts["StreetNamePostType"].upper()]


@given(numbers, plain_names, suffixes, st.integers(1, 30))
def test_a_unit_in_the_line_and_in_its_own_column_are_the_same(number: int, name: str, suffix: str, unit: int) -> None:
    assert key(f"{number} {name} {suffix} Apt {unit}") == key(f"{number} {name} {suffix}", f"#{unit}")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("4347 W Northwest Hwy Ste 130 Unit 359, Dallas, TX, 75220-3866",
         ("4347 W Northwest Hwy", "Ste 130 Unit 359", "Dallas", "TX", "75220-3866")),
        ("10600 FOLSOM BLVD RANCHO CORDOVA 95670 CA",
         ("10600 Folsom Blvd", None, "Rancho Cordova", "CA", "95670")),
        ("139 Canal Street, 3rd Floor, #308,\t\t\tNew York,\tNY\t10002",
         ("139 Canal Street", "3rd Floor #308", "New York", "NY", "10002")),
        ("12 Main St, Houston, TX 77084", ("12 Main St", None, "Houston", "TX", "77084")),
    ],
    ids=["suite and unit", "zip before state", "floor and number", "plain"],
)  # fmt: skip
def test_an_address_in_one_cell_is_cut_without_loss(line: str, expected: tuple[str | None, ...]) -> None:
    cut = addresses.cut_line(line)
    assert (cut.street, cut.unit, cut.city, cut.state, cut.zip) == expected


@pytest.mark.parametrize(
    ("text", "state", "zip5"),
    [
        ("08901", "NJ", "08901"),
        ("8901", "NJ", "08901"),
        ("8901.0", "NJ", "08901"),
        ("1109", "MA", "01109"),
        ("44105-2231", "OH", "44105"),
        ("8901", "TX", None),
        ("8901", "", None),
        ("ABCDE", "TX", None),
        ("00000000", "TX", None),
    ],
)
def test_lost_zeros_come_back_only_where_the_state_has_them(text: str, state: str, zip5: str | None) -> None:
    found = addresses.read_zip(text, state)
    assert (found.zip5 if found else None) == zip5


@pytest.mark.parametrize(
    ("street", "zip5", "city", "state", "known"),
    [
        ("12 MAIN ST", "77084", "", None, True),
        ("12 MAIN ST", None, "Houston", "TX", True),
        ("12 MAIN ST", None, "Houston", None, False),
        ("0 MAIN ST", "77084", "Houston", "TX", False),
        ("MAIN ST", "77084", "Houston", "TX", False),
        ("", "77084", "Houston", "TX", False),
    ],
)
def test_a_place_needs_a_house_number_and_a_town(
    street: str, zip5: str | None, city: str, state: str | None, *, known: bool
) -> None:
    assert (addresses.address_key(street, "", zip5, city, state) is not None) is known


@pytest.mark.parametrize("text", ["TX", "tx", " Texas ", "T.X."])
def test_a_state_is_read_in_any_dress(text: str) -> None:
    assert addresses.read_state(text) == "TX"


@pytest.mark.parametrize("text", ["Hampden County", "HAMPDEN CO", "Hampden Co.", "hampden"])
def test_a_county_loses_its_kind(text: str) -> None:
    assert addresses.read_county(text) == "Hampden"


@pytest.mark.parametrize(
    ("first", "last", "kind"),
    [
        ("Ezra", "Dunmorrow", PersonKind.INDIVIDUAL),
        ("", "Ivermoor Holdings LLC", PersonKind.ENTITY),
        ("", "Zellman Family Trust", PersonKind.ENTITY),
        ("", "City of Houston", PersonKind.ENTITY),
        ("", "Estate of Ada Quill", PersonKind.ESTATE),
        ("Ada", "Quill Estate", PersonKind.ESTATE),
        ("Grace", "Church", PersonKind.ENTITY),
    ],
)
def test_a_name_tells_what_it_stands_for(first: str, last: str, kind: PersonKind) -> None:
    found = names.read_parts(first, last)
    assert found is not None
    assert found.kind is kind


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("John Smith", "John", "Smith"),
        ("Smith, John", "John", "Smith"),
        ("John Smith Jr", "John", "Smith Jr"),
        ("JOHN A SMITH", "John A", "Smith"),
        ("Smith", None, "Smith"),
    ],
)
def test_a_whole_name_is_taken_apart(text: str, first: str | None, last: str | None) -> None:
    found = names.read_whole(text)
    assert found is not None
    assert (found.first, found.last) == (first, last)


@given(words)
def test_a_name_key_asked_again_is_the_same(text: str) -> None:
    once = names.name_key(text)
    assert names.name_key(once) == once


def test_a_parcel_number_is_taken_out_of_its_armour() -> None:
    assert parcels.read_apn('="012-345"') == "012-345"


@pytest.mark.parametrize("apn", ["0157000500200", "B008030102200", "012-345"])
def test_zeros_in_front_of_a_parcel_number_stay(apn: str) -> None:
    assert parcels.read_apn(apn) == apn


@pytest.mark.parametrize(
    ("apn", "county", "state"),
    [("1.57E+12", "Harris", "TX"), (None, "Harris", "TX"), ("12", "", "TX"), ("000", "Harris", "TX")],
)
def test_what_names_no_parcel_is_no_key(apn: str | None, county: str, state: str | None) -> None:
    assert parcels.parcel_key(apn, county, state) is None


def test_a_parcel_is_the_same_with_or_without_punctuation() -> None:
    assert parcels.parcel_key("779-74-319", "Harris County", "TX") == parcels.parcel_key("77974319", "HARRIS", "TX")
