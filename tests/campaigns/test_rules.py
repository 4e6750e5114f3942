"""Rules of campaigns, without a database: what is missing, what was signed, what a forecast adds up to."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.campaigns.queries.course import MOVING
from leadflow.campaigns.rules.funnel import FARTHEST, SHARES, WORDS, bars, label, spread, sum_up, tally
from leadflow.campaigns.rules.launch import LAUNCHABLE, content_hash, incomplete, may_launch, needs_second_person
from leadflow.campaigns.types import Fate, LaunchFacts, Plan, Step
from leadflow.compliance.rules.gate import RULES
from leadflow.messaging.rules import machine
from leadflow.messaging.rules.fields import MERGE_FIELDS
from models.vocabulary import Basis, CampaignState, MessageState, Verdict

NOW = datetime(2026, 12, 2, 18, 17, 30, tzinfo=UTC)
PLAN = Plan(
    name="Spring",
    audience_filter={"state": ["TX"], "list": ["A"]},
    basis=Basis.WRITTEN_CONSENT,
    steps=(Step("Hello"),),
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
    "steps": (Step("Hello!"),),
    "sender_number_id": UUID(int=2),
    "per_minute": 31,
    "window_start": time(10),
    "window_end": time(19),
    "weekdays": (0, 1, 2, 3),
    "send_before": None,
    "budget_cents": None,
    "split": (("A", 1), ("B", 1)),
    "snippets": {"sign": "Ann"},
    "start_at": NOW + timedelta(hours=1),
    "start_zone": "America/Chicago",
    "stop_on_reply": False,
    "stop_on_outcome": False,
    "stop_on_statuses": ("dead",),
    "skip_holidays": True,
    "pool_id": UUID(int=3),
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
    # A zone says something only where there is a start.
    plan = replace(PLAN, start_at=NOW + timedelta(hours=2)) if field == "start_zone" else PLAN
    assert content_hash(replace(plan, **{field: CHANGES[field]})) != content_hash(plan)


def test_what_was_signed_before_there_were_sequences_stays_signed():
    """The hash of this plan as the first release wrote it."""
    old = {
        "name": "Spring",
        "audience": {"state": ["TX"], "list": ["A"]},
        "basis": "written_consent",
        "template": "Hello",
        "sender": str(UUID(int=1)),
        "per_minute": 30,
        "window": ["09:00:00", "20:00:00"],
        "weekdays": [0, 1, 2],
        "send_before": (NOW + timedelta(days=1)).isoformat(),
        "budget": 5_000,
    }
    assert content_hash(PLAN) == hashlib.sha256(json.dumps(old, sort_keys=True).encode()).hexdigest()


@pytest.mark.parametrize(
    "steps",
    [
        (Step("Hello"), Step("Again", 1_440)),
        (Step("Hello", 0, 60),),
        (Step("Hello", others={"B": "Hi"}),),
        (Step("Hello"), Step("Again", 2_880)),
        (Step("Hello"), Step("Again", 1_440, 60)),
    ],
    ids=str,
)
def test_any_change_of_a_sequence_is_another_content(steps):
    others = {content_hash(PLAN), content_hash(replace(PLAN, steps=(Step("Hello"), Step("Once more", 1_440))))}
    assert content_hash(replace(PLAN, steps=steps)) not in others


def test_the_order_in_which_a_filter_was_written_is_no_change():
    turned = replace(PLAN, audience_filter=dict(reversed(PLAN.audience_filter.items())))
    assert content_hash(turned) == content_hash(PLAN)


# What is missing


def test_a_complete_plan_lacks_nothing():
    assert incomplete(PLAN, sender_verified=True, now=NOW) == []


@pytest.mark.parametrize(
    ("change", "verified", "field"),
    [
        ({"basis": None}, True, "basis"),
        ({"steps": (Step(""),)}, True, "template"),
        ({"steps": (Step("Hi {{ pet_name }}"),)}, True, "template"),
        ({"steps": (Step("{Hi"),)}, True, "template"),
        ({"steps": (Step("{{ snippets.gone }}"),)}, True, "template"),
        ({"steps": (Step("Hi"), Step("Again {{ pet_name }}", 60))}, True, "steps.2"),
        ({"steps": (Step("Hi"), Step("Again"))}, True, "steps.2"),
        ({"steps": (Step("Hi"), Step("", 60))}, True, "steps.2"),
        ({"steps": (Step("Hi", others={"B": "{x}"}),), "split": (("A", 1), ("B", 1))}, True, "template"),
        ({"sender_number_id": None}, True, "sender_number_id"),
        ({}, False, "sender_number_id"),
        ({"window_end": time(9)}, True, "window_end"),
        ({"send_before": NOW}, True, "send_before"),
        ({"start_at": NOW}, True, "start_at"),
        ({"start_at": NOW + timedelta(days=2)}, True, "send_before"),
    ],
)
def test_what_is_missing_is_told_at_its_field(change, verified, field):
    found = incomplete(replace(PLAN, **change), sender_verified=verified, now=NOW)
    assert [problem.field for problem in found] == [field]


def test_a_variant_without_a_text_of_its_own_reads_the_first_and_lacks_nothing():
    plan = replace(PLAN, steps=(Step("Hi", others={"C": "{wrong"}),), split=(("A", 1), ("B", 1)))
    assert incomplete(plan, sender_verified=True, now=NOW) == []


def test_a_ready_campaign_may_be_launched():
    assert may_launch(FACTS) == []


@pytest.mark.parametrize(
    "change",
    [
        *({"state": state} for state in CampaignState if state not in LAUNCHABLE),
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


def test_a_missed_start_may_be_launched_anew_by_a_person():
    assert may_launch(replace(FACTS, state=CampaignState.MISSED)) == []


@pytest.mark.parametrize("state", CampaignState)
def test_the_clock_begins_only_what_is_scheduled(state):
    found = may_launch(replace(FACTS, state=state, starting=True))
    assert (found == []) is (state is CampaignState.SCHEDULED)


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


def test_sql_and_the_machine_agree_on_what_has_not_ended():
    assert set(MOVING) == {state.value for state in set(MessageState) - machine.TERMINAL}


def test_every_merge_field_says_what_it_is():
    assert all(MERGE_FIELDS.values())
