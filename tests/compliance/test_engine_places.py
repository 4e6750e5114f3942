"""Where a person may be, by numbers, ZIP codes and states whose places are known from elsewhere."""

from __future__ import annotations

import pytest

from leadflow.compliance.rules import places as engine
from leadflow.compliance.rules.places import located, places, states, zip_code
from leadflow.compliance.types import Located, Place

NEW_YORK = Place("NY", "America/New_York")
FLORIDA = {Place("FL", "America/New_York"), Place("FL", "America/Chicago")}


def test_each_hint_adds_its_places() -> None:
    assert places("+12125550100", None, None, None) == {NEW_YORK}
    assert places("+12125550100", "60601", None, None) == {NEW_YORK, Place("IL", "America/Chicago")}
    assert places("+12125550100", None, "IL", None) == {NEW_YORK, Place("IL", "America/Chicago")}
    assert places("+12125550100", None, None, "FL") == {NEW_YORK, *FLORIDA}
    assert places("+18505550100", None, None, None) == FLORIDA
    assert places("+12125550100", "60601", None, "FL") == {NEW_YORK, Place("IL", "America/Chicago"), *FLORIDA}
    assert places("+12125550100", None, None, None, "FL") == {NEW_YORK, *FLORIDA}
    assert places("+12125550100", None, None, "NY", "IL") == {NEW_YORK, Place("IL", "America/Chicago")}


def test_the_zip_outranks_the_state_that_stands_in_for_it() -> None:
    assert places("+12125550100", "60601", "CA", None) == {NEW_YORK, Place("IL", "America/Chicago")}
    assert places("+12125550100", "00000", "IL", None) == {NEW_YORK, Place("IL", "America/Chicago")}
    assert places("+12125550100", "", "IL", None) == {NEW_YORK, Place("IL", "America/Chicago")}
    assert places("+12125550100", "00000", "XX", None) is None


@pytest.mark.parametrize(
    "hints",
    [
        (None, "10001", None, None),
        ("+18005550100", "10001", None, None),
        ("+442079460000", "10001", None, None),
        ("+1212555010", None, None, None),
        ("+121255501000", None, None, None),
        ("x12125550100", None, None, None),
        ("+22125550100", None, None, None),
        ("+22125550100x", None, None, None),
        ("+12125550100", "00000", None, None),
        ("+12125550100", None, "XX", None),
        ("+12125550100", None, None, "XX"),
        ("+12125550100", None, None, None, "XX"),
    ],
)
def test_an_unknown_hint_leaves_no_place(hints: tuple[str | None, ...]) -> None:
    assert places(*hints) is None


def test_they_are_listed_with_what_led_to_them_in_the_order_number_property_mail_bill() -> None:
    assert located("+18505550100", "60601", None, "NY", "NY") == (
        Located("area_code", Place("FL", "America/Chicago")),
        Located("area_code", Place("FL", "America/New_York")),
        Located("property", Place("IL", "America/Chicago")),
        Located("mailing", NEW_YORK),
        Located("billing", NEW_YORK),
    )
    assert located(None, "00000", "IL", None) == (Located("property", Place("IL", "America/Chicago")),)
    assert located("+18005550100", "00000", None, "XX") == ()
    assert located("+12125550100", None, None, None) == (Located("area_code", NEW_YORK),)
    assert located("x1212555010", None, None, None) == ()


def test_a_zip_is_known_with_its_county() -> None:
    found = zip_code("60601")
    assert found is not None
    assert (found.state, found.county_fips, found.zones) == ("IL", "17031", ("America/Chicago",))
    assert 41.8 < found.latitude < 41.95
    assert -87.7 < found.longitude < -87.55
    assert zip_code("00000") is None


def test_every_state_and_territory_is_known() -> None:
    assert len(states()) == 56
    assert {"NY", "DC", "PR", "GU"} <= states()


def test_answers_are_shared_between_numbers_of_an_area_code() -> None:
    one = places("+12125550100", "10001", None, "NY")
    assert one is places("+12125559999", "10001", None, "NY")
    assert engine._zip_places()["10001"] is engine._zip_places()["10002"]
