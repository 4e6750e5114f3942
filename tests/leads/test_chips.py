"""A chip of a filter: one spelling, written and read back equal, and refused with a reason where it makes no sense."""

from __future__ import annotations

from urllib.parse import parse_qs, urlencode
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.kernel.errors import Invalid
from leadflow.leads import filter_types
from leadflow.leads.filter_types import FIELDS, OPS, Condition, Kind, Op
from leadflow.leads.types import LeadFilter
from tests.leads.asking import chips, filters


@given(filters)
def test_a_filter_written_to_an_address_and_read_back_is_equal(chosen: LeadFilter) -> None:
    address = urlencode(chosen.as_dict(), doseq=True)
    given = parse_qs(address, keep_blank_values=True)
    several = {"status", "state", "list", "not_list", "tag", "where"}
    assert LeadFilter.read({k: v if k in several else v[0] for k, v in given.items()}) == chosen


@given(filters)
def test_a_filter_kept_as_json_and_read_back_is_equal(chosen: LeadFilter) -> None:
    assert LeadFilter.read(chosen.as_dict()) == chosen


@given(chips())
def test_a_chip_has_one_spelling(chip: filter_types.Chip) -> None:
    text = filter_types.write(chip)
    assert filter_types.read(text) == chip
    assert filter_types.write(filter_types.read(text)) == text


@given(st.text(max_size=60))
def test_anything_else_is_refused_with_a_sentence_and_never_breaks(text: str) -> None:
    chosen, refused = _read(text)
    if chosen is not None:
        assert LeadFilter.read(chosen.as_dict()) == chosen
    else:
        assert refused is not None
        assert refused.field == "where"
        assert refused.message.startswith("The filter where is not valid: ")


def _read(text: str) -> tuple[LeadFilter | None, Invalid | None]:
    try:
        return LeadFilter.read({"where": [text]}), None
    except Invalid as error:
        return None, error


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("moon:is:full", "there is no field 'moon'"),
        ("city", "City cannot be asked ''"),
        ("city:at_least:3", "City cannot be asked 'at_least'"),
        ("city:is", "City is takes 1 to 50 values, not 0"),
        ("value:between:5", "Est. value between takes 2 values, not 1"),
        ("value:at_least:1.5", "'1.5' is no amount in cents"),
        ("year:at_least:new", "'new' is no number"),
        ("year:at_least:nan", "no number that a lead could have"),
        ("added:before:2026-02-30", "is no day"),
        ("added:last:0", "is no number of days"),
        ("status:is:gone", "'gone' is none of new, attempted"),
        ("state:is:Texas", "'Texas' is no state"),
        ("assignee:is:bob", "'bob' is no id"),
        ("has_phone:yes:1", "takes 0 values, not 1"),
        ("list_first:last:30", "takes 2 values, not 1"),
        ("custom.42:is:a", "there is no field 'custom.42'"),
        ("|".join(["has_phone:yes"] * 13), "a chip holds at most 12 conditions"),
        ("city:is:" + "x" * 121, "longer than 120 characters"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(text: str, why: str) -> None:
    with pytest.raises(Invalid) as refused:
        LeadFilter.read({"where": text})
    assert why in refused.value.message
    assert refused.value.field == "where"


def test_a_filter_holds_so_many_chips_and_no_more() -> None:
    LeadFilter.read({"where": ["has_phone:yes"] * filter_types.CHIPS})
    with pytest.raises(Invalid, match="at most 30 chips"):
        LeadFilter.read({"where": ["has_phone:yes"] * (filter_types.CHIPS + 1)})


def test_signs_of_the_spelling_may_stand_in_a_value() -> None:
    chip = (Condition("owner", Op.IS, ("A|B: C, D\\",)), Condition("has_phone", Op.NO))
    assert filter_types.write(chip) == r"owner:is:A\|B\: C\, D\\|has_phone:no"
    assert filter_types.read(filter_types.write(chip)) == chip


def test_values_come_into_one_spelling() -> None:
    assert filter_types.write(filter_types.read("baths:between: 2.50 , 3.0 ")) == "baths:between:2.5,3"
    assert filter_types.write(filter_types.read("status:is:NEW")) == "status:is:new"
    assert filter_types.write(filter_types.read("state:is:tx")) == "state:is:TX"


def test_each_field_can_be_asked_something_and_each_kind_is_used() -> None:
    assert {field.kind for field in FIELDS.values()} == set(Kind) == OPS.keys()
    assert {op for ops in OPS.values() for op in ops} == set(Op)


def test_a_custom_field_is_known_by_its_id_alone_until_its_kind_is() -> None:
    field = f"custom.{UUID(int=7)}"
    assert filter_types.condition(field, "at_least", ("many",)).values == ("many",)
    with pytest.raises(ValueError, match="no number"):
        filter_types.condition(field, "at_least", ("many",), Kind.NUMBER)
