"""When two names, streets and roles are one's, and when they never are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.duplicates.rules import people, places
from leadflow.duplicates.rules.likeness import alike
from leadflow.duplicates.rules.streets import near
from leadflow.duplicates.types import SURE, Place, Shared, Verdict, Who
from models.base import new_id
from models.vocabulary import PartyRole, PersonKind

ALL = Shared.PHONE | Shared.EMAIL | Shared.MAILING | Shared.PROPERTY
NAMES = ("Maria Garcia", "Mario Garcia", "John Smith", "Jon Smith", "J Smith", "Ivermoor Holdings LLC", "", "O'Brien")


def who(name: str, *roles: PartyRole, kind: PersonKind = PersonKind.INDIVIDUAL, **given: object) -> Who:
    """Write a person as the rules see it."""
    first, _, last = name.rpartition(" ") if kind is PersonKind.INDIVIDUAL else ("", "", "")
    values: dict[str, object] = {"street": "", "zip5": "60601", "deceased": False} | given
    return Who(new_id(), kind, name, first, last, roles=frozenset(roles), **values)  # pyright: ignore[reportArgumentType]


def judged(one: str, other: str, shared: int = Shared.PHONE) -> Verdict | None:
    """Judge two names of people who share something."""
    return people.judge(who(one), who(other), shared)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("John Smith", "John Smith"),
        ("John Smith", "JOHN SMITH"),
        ("Robert Jones", "Bob Jones"),
        ("Katherine Lee", "Kathy Lee"),
        ("John Smith", "J Smith"),
        ("Jonathan Whitfield", "Jonahtan Whitfield"),
        ("Rebecca Castellanos", "Rebecca Castelanos"),
        ("John Q Smith", "John Smith"),
        ("Ana Garcia", "Ana Garcia Lopez"),
        ("Smith John", "John Smith"),
        ("Sean O'Brien", "Sean Obrien"),
    ],
)
def test_one_person_is_found_under_two_spellings(one: str, other: str):
    found = judged(one, other)
    assert found is not None
    assert not found.contradicted


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("John Smith", "Mary Smith"),
        ("Maria Garcia", "Mario Garcia"),
        ("Daniel Ortiz", "Daniela Ortiz"),
        ("Christian Weber", "Christina Weber"),
        ("Gabriel Cruz", "Gabriela Cruz"),
        ("Anna Lee", "Anne Lee"),
        ("Dan Lee", "Don Lee"),
        ("John Smith", "John Schmidt"),
        ("John Smith Jr", "John Smith Sr"),
        ("James Wilson II", "James Wilson III"),
        ("Current Owner", "Current Owner"),
        ("Alexis Moore", "Alexander Moore"),
    ],
)
def test_a_family_that_shares_everything_is_several_people(one: str, other: str):
    assert judged(one, other, ALL) is None


def test_a_name_alone_is_no_reason():
    assert judged("John Smith", "John Smith", 0) is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Ivermoor Holdings LLC", "IVERMOOR HOLDINGS, L.L.C.", True),
        ("Ivermoor Holdings LLC", "Ivermoor Holdings Inc", True),
        ("Ivermoor Holdings 1 LLC", "Ivermoor Holdings 2 LLC", False),
        ("Cedar Street Partners", "Birch Street Partners", False),
    ],
)
def test_companies_are_one_by_all_of_their_name_but_its_legal_form(one: str, other: str, *, same: bool):
    found = people.judge(who(one, kind=PersonKind.ENTITY), who(other, kind=PersonKind.ENTITY), Shared.MAILING)
    assert (found is not None) is same


def test_an_estate_is_not_the_person():
    assert people.judge(who("Estate of John Smith", kind=PersonKind.ESTATE), who("John Smith"), ALL) is None


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        (PartyRole.DECEDENT, PartyRole.OWNER),
        (PartyRole.ATTORNEY, PartyRole.OWNER),
        (PartyRole.HEIR, PartyRole.DECEDENT),
        (PartyRole.ATTORNEY, PartyRole.HEIR),
    ],
)
def test_a_role_that_speaks_for_another_speaks_against_it(mine: PartyRole, theirs: PartyRole):
    found = people.judge(who("John Smith", mine), who("John Smith", theirs), ALL)
    assert found is not None
    assert found.contradicted
    assert found.score < SURE
    assert any("the other is not" in reason.words for reason in found.reasons if reason.against)


def test_who_has_died_is_not_surely_who_lives():
    found = people.judge(who("John Smith", deceased=True), who("John Smith"), ALL)
    assert found is not None
    assert found.contradicted


def test_reasons_are_told_in_words_and_name_nobody():
    found = judged("Jonathan Whitfield", "Jonahtan Whitfield", Shared.PHONE | Shared.MAILING)
    assert found is not None
    assert [reason.words for reason in found.reasons] == ["name 0.97", "same phone", "same mailing address"]


def test_a_mailing_street_with_a_slip_is_told_as_such():
    one, other = (who("Rebecca Castellanos", street=street) for street in ("9622 GARLAND CT", "9622 GARLND CT"))
    found = people.judge(one, other, Shared.NEAR)
    assert found is not None
    assert found.reasons[1].words.startswith("mailing street 0.")


@given(st.sampled_from(NAMES), st.sampled_from(NAMES), st.integers(0, 31))
def test_the_order_of_two_changes_nothing(one: str, other: str, shared: int):
    assert judged(one, other, shared) == judged(other, one, shared)


@given(st.text(max_size=30), st.text(max_size=30))
def test_any_text_is_read(one: str, other: str):
    assert 0 <= alike(who(one), who(other)).degree <= 1


@given(st.sampled_from(NAMES), st.sampled_from(NAMES), st.integers(0, 15), st.sampled_from([1, 2, 4, 8]))
def test_more_that_is_shared_never_makes_it_less_likely(one: str, other: str, shared: int, more: int):
    before, after = judged(one, other, shared), judged(one, other, shared | more)
    assert before is None or (after is not None and after.score >= before.score)


# Streets and properties


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("1200 MAIN ST", "1200 N MAIN ST", True),
        ("1200 MAIN ST", "1200 MAIN", True),
        ("9622 GARLAND CT", "9622 GARLND CT", True),
        ("55 MARTIN LUTHER KING BLVD", "55 MARTN LUTHER KNG BLVD", True),
        ("1200 N MAIN ST", "1200 S MAIN ST", False),
        ("1200 MAIN ST", "1200 MAIN AVE", False),
        ("1200 MAIN ST", "1202 MAIN ST", False),
        ("10 OAK ST", "10 OAT ST", False),
        ("10 11TH ST", "10 12TH ST", False),
        ("10 STATE 5", "10 STATE 6", False),
        ("", "", False),
    ],
)
def test_a_street_is_the_same_by_number_name_and_kind(one: str, other: str, *, same: bool):
    assert bool(near(one, other)) is same
    assert near(one, other) == near(other, one)


def place(street: str = "1200 MAIN ST", **given: object) -> Place:
    """Write a property as the rules see it."""
    values: dict[str, object] = {
        "unit": "",
        "zip5": "60601",
        "city": "CHICAGO",
        "state": "IL",
        "parcel": "",
        "owners": frozenset(),
        "doors": 0,
    }
    return Place(new_id(), street, **(values | given))  # pyright: ignore[reportArgumentType]


def test_flats_of_one_house_are_never_proposed():
    flats = [place(unit=str(number), doors=6, parcel=f"apn|IL|COOK|{number}") for number in range(1, 7)]
    house = place()
    everybody = [*flats, house, place(parcel="apn|IL|COOK|1")]
    for one in flats:
        for other in everybody:
            if other is not one:
                assert places.judge(one, other) is None


def test_flats_are_not_one_by_the_parcel_of_their_house():
    assert places.judge(place(unit="1", doors=2, parcel="a"), place(unit="2", doors=2, parcel="a")) is None


def test_a_house_beside_its_only_known_door_is_proposed_and_never_sure():
    found = places.judge(place(parcel="a"), place(unit="B", doors=1, parcel="a"))
    assert found is not None
    assert found.contradicted
    assert found.score < SURE


def test_one_parcel_under_two_addresses_is_proposed_and_never_sure():
    found = places.judge(place("1200 MAIN ST", parcel="a"), place("14 CORNER RD", parcel="a"))
    assert found is not None
    assert found.contradicted


def test_one_parcel_under_two_spellings_is_sure():
    found = places.judge(
        place("1200 MAIN ST", parcel="a", owners=frozenset({"ADA QUILL"})),
        place("1200 N MAIN ST", parcel="a", owners=frozenset({"ADA QUILL"})),
    )
    assert found is not None
    assert not found.contradicted
    assert found.score >= SURE


def test_two_parcels_are_not_sure_however_alike_their_addresses():
    found = places.judge(place("1200 MAIN ST", parcel="a"), place("1200 N MAIN ST", parcel="b"))
    assert found is None or found.contradicted


def test_a_row_without_a_zip_is_found_by_its_town():
    found = places.judge(place(), place(zip5=""))
    assert found is not None
    assert not found.contradicted
    assert places.judge(place(), place(zip5="", city="PEORIA")) is None
