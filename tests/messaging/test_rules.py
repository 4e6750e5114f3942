"""Rates, segments, merge fields, codes, and what to make of an unknown text."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.messaging.errors import UnresolvedField
from leadflow.messaging.rules.codes import TABLE, consequence
from leadflow.messaging.rules.inbound import carrier_confirms, starts_again
from leadflow.messaging.rules.pace import LARGEST_BATCH, allow, burst, span
from leadflow.messaging.rules.reconcile import APART, MOST_LOOKS, SKEW, find, first_look, next_look
from leadflow.messaging.rules.segments import cents, quote
from leadflow.messaging.rules.templates import names, render
from leadflow.messaging.types import Absent, Consequence, Doubt, Found, Hopeless, Listed, LookAgain
from leadflow.simulators.carrier import dialect
from models.base import new_id

NOW = datetime(2026, 12, 2, 18, tzinfo=UTC)
THEM, US = "+13125550101", "+17735550100"


def doubt(**changed):
    values = {
        "org_id": new_id(),
        "id": new_id(),
        "fence": 1,
        "e164": THEM,
        "sender": US,
        "body": "Hello",
        "submitted_at": NOW,
        "empty_lists": 0,
        "last_reconciled_at": None,
        "reconcile_count": 0,
        "send_before": None,
        "live": True,
        "sender_id": new_id(),
        "campaign_id": None,
    }
    return Doubt(**(values | changed))


def listed(sid="SM1", **changed):
    values = {
        "sid": sid,
        "to": THEM,
        "from_": US,
        "body": "Hello",
        "status": "sent",
        "error_code": None,
        "segments": 1,
        "created": NOW,
    }
    return Listed(**(values | changed))


@given(st.integers(1, 1_000_000), st.integers(0, 20_000), st.floats(0, 60))
def test_never_more_than_one_second_of_the_rate_is_allowed(per_minute, recent, ago):
    oldest = NOW - timedelta(seconds=ago) if recent else None
    allowance = allow(per_minute, recent, oldest, NOW)
    assert allowance.texts + recent <= max(burst(per_minute), recent)
    assert allowance.texts <= LARGEST_BATCH
    assert allowance.again_at >= NOW
    assert burst(per_minute) / span(per_minute).total_seconds() <= per_minute / 60 + 1e-9


def test_a_rate_of_nothing_allows_nothing():
    assert allow(0, 0, None, NOW).texts == 0


@given(st.text(max_size=2000))
def test_we_count_the_segments_that_the_carrier_counts(body):
    assert quote(body, 110).segments == dialect.segments(body)


@pytest.mark.parametrize(
    ("body", "segments", "encoding"),
    [
        ("a" * 160, 1, "GSM-7"),
        ("a" * 161, 2, "GSM-7"),
        ("a" * 306, 2, "GSM-7"),
        ("a" * 307, 3, "GSM-7"),
        ("€" * 80, 1, "GSM-7"),
        ("€" * 81, 2, "GSM-7"),
        ("ą" * 70, 1, "UCS-2"),
        ("ą" * 71, 2, "UCS-2"),
        ("😀" * 35, 1, "UCS-2"),
        ("😀" * 36, 2, "UCS-2"),
    ],
)
def test_segments_break_where_the_standard_says(body, segments, encoding):
    found = quote(body, 110)
    assert (found.segments, found.encoding, found.cost) == (segments, encoding, segments * 110)


@given(st.integers(0, 10_000_000))
def test_a_quote_in_cents_is_never_below_the_bill(hundredths):
    assert 0 <= cents(hundredths) * 100 - hundredths < 100


def test_a_field_without_a_value_blocks_the_text_unless_the_template_names_another():
    with pytest.raises(UnresolvedField):
        render("Hi {{ first_name }}", {"first_name": " "})
    assert render('Hi {{ first_name | default: "there" }}', {"first_name": None}) == "Hi there"


def test_the_fields_of_a_template_are_listed_once_in_order():
    assert names("{{ street }} {{ first_name }} {{ street | upcase }}{% if city %}x{% endif %}") == (
        "city",
        "first_name",
        "street",
    )


@pytest.mark.parametrize("body", ["{% for i in (1..9) %}x{% endfor %}", "{{ a", "{% include 'x' %}", "{{ a | nope }}"])
def test_a_template_with_what_a_text_has_no_use_for_is_refused(body):
    with pytest.raises(UnresolvedField):
        render(body, {"a": "b"})


def test_an_unknown_code_concerns_only_its_own_text():
    assert consequence(None) is consequence(99_999) is Consequence.NONE
    assert TABLE[21610] is Consequence.OPT_OUT
    assert TABLE[30034] is Consequence.STOP_SENDER


@pytest.mark.parametrize("word", ["STOP", " stop ", "StopAll", "REVOKE", "optout", "QUIT"])
def test_the_carrier_confirms_its_own_words(word):
    assert carrier_confirms(word, None)


@pytest.mark.parametrize("body", ["please stop texting me", "STOP.", "we have got to STOP this terrible bill"])
def test_the_carrier_does_not_confirm_sentences(body):
    assert not carrier_confirms(body, None)
    assert carrier_confirms(body, "STOP")


def test_yes_is_an_answer_and_not_a_new_beginning():
    assert starts_again("START", None)
    assert not starts_again("yes", None)


def test_a_listed_text_of_the_same_pair_and_words_is_found():
    assert find(doubt(), [listed("SM1")], (), NOW) == Found(listed("SM1"))


def test_a_text_that_belongs_to_another_message_is_not_found_again():
    assert isinstance(find(doubt(), [listed("SM1")], {"SM1"}, NOW), LookAgain)


@pytest.mark.parametrize(
    "other", [{"body": "Bye"}, {"to": US}, {"from_": THEM}, {"created": NOW - SKEW - timedelta(seconds=1)}]
)
def test_a_text_that_differs_is_not_it(other):
    assert isinstance(find(doubt(), [listed(**other)], (), NOW), LookAgain)


def test_two_empty_lists_far_enough_apart_prove_that_it_was_never_there():
    later = NOW + APART
    assert find(doubt(), [], (), NOW) == LookAgain(next_look(NOW, NOW), counted=True)
    early = doubt(empty_lists=1, last_reconciled_at=NOW, reconcile_count=1)
    assert find(early, [], (), later - timedelta(seconds=1)) == LookAgain(
        next_look(NOW, later - timedelta(seconds=1)), counted=False
    )
    assert find(early, [], (), later) == Absent()


@pytest.mark.parametrize("changed", [{"send_before": NOW}, {"live": False}, {"reconcile_count": MOST_LOOKS - 1}])
def test_what_is_absent_but_not_wanted_any_more_goes_to_a_person(changed):
    one = doubt(empty_lists=1, last_reconciled_at=NOW - APART, **changed)
    assert isinstance(find(one, [], (), NOW), Hopeless)


@given(st.integers(0, 20), st.integers(0, 5), st.booleans())
def test_nothing_is_sent_again_without_two_empty_lists(looks, empty, live):
    one = doubt(empty_lists=empty, reconcile_count=looks, live=live, last_reconciled_at=NOW - APART if empty else None)
    if isinstance(find(one, [], (), NOW), Absent):
        assert empty >= 1


def test_the_looks_come_after_half_a_minute_two_and_ten():
    assert first_look(NOW) == NOW + timedelta(seconds=30)
    assert next_look(NOW, NOW + timedelta(seconds=30)) == NOW + timedelta(minutes=2)
    assert next_look(NOW, NOW + timedelta(minutes=2)) == NOW + timedelta(minutes=10)
    assert next_look(NOW, NOW + timedelta(minutes=10)) == NOW + timedelta(minutes=20)
