"""Rules of campaigns, without a database: what is missing, what was signed, what a forecast adds up to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.campaigns.queries import TERMINAL
from leadflow.campaigns.rules.funnel import FARTHEST, SHARES, WORDS, bars, label, spread, sum_up, tally
from leadflow.campaigns.rules.launch import content_hash, incomplete, may_launch, needs_second_person
from leadflow.campaigns.types import Fate, LaunchFacts, Plan
from leadflow.compliance.rules.gate import RULES
from leadflow.messaging.rules import machine
from leadflow.messaging.rules.fields import MERGE_FIELDS
from models.vocabulary import Basis, CampaignState, MessageState, Verdict

NOW = datetime(2026, 12, 2, 18, 17, 30, tzinfo=UTC)
PLAN = Plan(
    name="Spring",
    audience_filter={"state": ["TX"], "list": ["A"]},
    basis=Basis.WRITTEN_CONSENT,
    template="Hello",
    sender_number_id=UUID(int=1),
    per_minute=30,
    window_start=time(9),
    window_end=time(20),
    weekdays=(0, 1, 2),
    send_before=NOW + timedelta(days=1),
    budget_cents=5_000,
)
CHANGES = {
    "name": "Autumn",
    "audience_filter": {"state": ["TX"], "list": ["B"]},
    "basis": Basis.INQUIRY,
    "template": "Hello!",
    "sender_number_id": UUID(int=2),
    "per_minute": 31,
    "window_start": time(10),
    "window_end": time(19),
    "weekdays": (0, 1, 2, 3),
    "send_before": None,
    "budget_cents": None,
}
FACTS = LaunchFacts(
    state=CampaignState.READY,
    plan=PLAN,
    approved_sha256=content_hash(PLAN),
    typed_name="Spring",
    sending_paused=False,
    sender_verified=True,
    recipients=10,
    threshold=10,
    second_person=False,
    undrilled="",
)


# What was signed


def test_every_part_of_a_plan_can_be_changed_by_this_table():
    assert CHANGES.keys() == set(Plan.__slots__)


@pytest.mark.parametrize("field", CHANGES)
def test_any_change_of_a_plan_is_another_content(field: str):
    assert content_hash(replace(PLAN, **{field: CHANGES[field]})) != content_hash(PLAN)


def test_the_order_in_which_a_filter_was_written_is_no_change():
    turned = replace(PLAN, audience_filter=dict(reversed(PLAN.audience_filter.items())))
    assert content_hash(turned) == content_hash(PLAN)


# What is missing


def test_a_complete_plan_lacks_nothing():
    assert incomplete(PLAN, [], sender_verified=True, now=NOW) == []


@pytest.mark.parametrize(
    ("change", "verified", "unknown", "field"),
    [
        ({"basis": None}, True, [], "basis"),
        ({"template": ""}, True, [], "template"),
        ({}, True, ["pet_name"], "template"),
        ({"sender_number_id": None}, True, [], "sender_number_id"),
        ({}, False, [], "sender_number_id"),
        ({"window_end": time(9)}, True, [], "window_end"),
        ({"send_before": NOW}, True, [], "send_before"),
    ],
)
def test_what_is_missing_is_told_at_its_field(change, verified, unknown, field):
    found = incomplete(replace(PLAN, **change), unknown, sender_verified=verified, now=NOW)
    assert [problem.field for problem in found] == [field]


def test_a_ready_campaign_may_be_launched():
    assert may_launch(FACTS) == []


@pytest.mark.parametrize(
    "change",
    [
        *({"state": state} for state in CampaignState if state is not CampaignState.READY),
        {"approved_sha256": None},
        {"approved_sha256": "0" * 64},
        {"typed_name": "spring"},
        {"typed_name": ""},
        {"sending_paused": True},
        {"sender_verified": False},
        {"undrilled": "These rules have never been put to the drill."},
        {"recipients": 11},
    ],
    ids=str,
)
def test_one_thing_amiss_stops_a_launch(change):
    assert len(may_launch(replace(FACTS, **change))) == 1


def test_a_grown_audience_goes_with_a_second_persons_word():
    assert may_launch(replace(FACTS, recipients=5_000, second_person=True)) == []


@pytest.mark.parametrize(("recipients", "second"), [(0, False), (10, False), (11, True)])
def test_the_threshold_itself_needs_no_second_person(recipients, second):
    assert needs_second_person(recipients, 10) is second


# What it adds up to

FATES = st.builds(
    Fate,
    verdict=st.sampled_from(Verdict),
    reason=st.sampled_from(["quiet_hours", "opted_out", "no_phone", "litigator"]),
    later_at=st.one_of(st.none(), st.timedeltas(timedelta(0), timedelta(days=3)).map(lambda d: NOW + d)),
    segments=st.integers(0, 4),
    state=st.sampled_from(["TX", "FL", ""]),
)


@given(st.lists(FATES, max_size=80), st.integers(1, 600))
def test_a_simulation_always_adds_up_to_the_audience(fates, per_minute):
    found = sum_up(fates, per_minute=per_minute, price=110, at=NOW, version="v")
    assert found.audience == len(fates)
    assert found.audience == sum(bar.count for bar in found.excluded) + found.sendable + found.later
    assert sum(bar.count for bar in found.later_bars) == found.later
    assert sum(count for _, count in found.by_hour) == found.sendable + found.later
    assert sum(sum(counts.values()) for counts in found.by_state.values()) == found.audience
    assert found.cost_cents_x100 == found.segments * 110


@given(
    st.dictionaries(st.timedeltas(timedelta(0), timedelta(days=2)), st.integers(1, 400), max_size=6),
    st.integers(1, 200),
)
def test_no_hour_takes_more_than_the_throttle_allows(due, per_minute):
    hours, minutes = spread({NOW + wait: count for wait, count in due.items()}, per_minute, NOW)
    assert sum(hours.values()) == sum(due.values())
    last = max(hours, default=NOW)
    assert all(count <= 60 * per_minute + 1 for hour, count in hours.items() if hour < last or (hour - NOW).days < 14)
    assert all(hour + timedelta(hours=1) > NOW for hour in hours)
    assert 0 <= minutes <= (FARTHEST + 2) * 60


def test_texts_that_wait_for_the_morning_go_out_in_the_morning():
    morning = datetime(2026, 12, 3, 15, tzinfo=UTC)
    hours, minutes = spread({NOW: 30, morning: 90}, 30, NOW)
    assert hours == {NOW.replace(minute=0, second=0): 30, morning: 90}
    assert minutes == int((morning + timedelta(minutes=3) - NOW).total_seconds() // 60) + 1


def test_every_state_has_its_part_of_the_bar():
    assert {state.value for state in MessageState} < set(map(str, SHARES))
    assert set(SHARES.values()) == {"waiting", "moving", "delivered", "failed", "withheld"}


@given(
    st.dictionaries(st.sampled_from([*map(str, SHARES), "excluded_no_phone", "excluded_covered"]), st.integers(0, 99))
)
def test_the_parts_of_the_bar_sum_to_the_audience(by_state):
    found = tally(by_state)
    whole = found.delivered + found.moving + found.waiting + found.failed + found.withheld
    assert whole == sum(by_state.values())


def test_every_rule_of_the_gate_has_words_for_the_funnel():
    assert {rule.name for rule in RULES} <= WORDS.keys()
    assert label("opted_out") == "The person has opted out"
    assert label("something_new") == "Something new"


def test_bars_stand_largest_first():
    assert [bar.reason for bar in bars({"a": 1, "c": 7, "b": 7})] == ["b", "c", "a"]


def test_sql_and_the_machine_agree_on_what_is_final():
    assert set(TERMINAL) == {state.value for state in machine.TERMINAL}


def test_every_merge_field_says_what_it_is():
    assert all(MERGE_FIELDS.values())
