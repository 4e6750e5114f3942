"""The score: bounded, the sum of its parts, growing with each fact alone, and silent where nothing is known."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.kernel.db import UnitOfWork
from leadflow.kernel.errors import Forbidden, Invalid
from leadflow.leads import service as leads
from leadflow.leads.rules.score import FULL_STACK, WEIGHTS, ScoreFacts, score
from leadflow.leads.types import LeadFilter
from models.vocabulary import LineType, PhoneStatus, Role
from tests.factories.identity import a_member
from tests.factories.leads import a_lead

TODAY = date(2026, 12, 1)
FACTS = st.builds(
    ScoreFacts,
    equity_percent=st.none() | st.floats(-1_000, 1_000, allow_nan=False),
    stack=st.integers(0, 40),
    owner_occupied=st.none() | st.booleans(),
    sold_on=st.none() | st.dates(date(1900, 1, 1), date(2030, 1, 1)),
    probate=st.booleans(),
    line=st.none() | st.sampled_from(LineType),
    status=st.none() | st.sampled_from(PhoneStatus),
    contactable=st.booleans(),
)
WEIGHED = st.fixed_dictionaries({name: st.integers(0, 14) for name in WEIGHTS})


def part(facts: ScoreFacts, name: str) -> int:
    return {one.name: one.points for one in score(facts, TODAY).parts}[name]


def test_the_weights_are_a_hundred_together() -> None:
    assert sum(WEIGHTS.values()) == 100


@given(FACTS, WEIGHED)
def test_a_score_is_the_sum_of_its_parts_and_no_part_exceeds_its_weight(
    facts: ScoreFacts, weights: dict[str, int]
) -> None:
    found = score(facts, TODAY, weights)
    assert found.points == sum(one.points for one in found.parts)
    assert 0 <= found.points <= 100
    assert all(0 <= one.points <= one.of == weights[one.name] for one in found.parts)


@given(FACTS)
def test_every_part_says_why_in_words(facts: ScoreFacts) -> None:
    assert [one.name for one in score(facts, TODAY).parts] == list(WEIGHTS)
    assert all(one.label and one.why.endswith(".") for one in score(facts, TODAY).parts)


@given(FACTS, st.floats(-100, 200), st.floats(0, 100))
def test_more_equity_never_lowers_it_and_moves_no_other_part(facts: ScoreFacts, equity: float, more: float) -> None:
    less, greater = (replace(facts, equity_percent=one) for one in (equity, equity + more))
    assert score(less, TODAY).points <= score(greater, TODAY).points
    assert score(less, TODAY).parts[1:] == score(greater, TODAY).parts[1:]


@given(FACTS, st.integers(0, 30), st.integers(0, 30))
def test_more_lists_never_lower_it(facts: ScoreFacts, stack: int, more: int) -> None:
    less, greater = (score(replace(facts, stack=one), TODAY) for one in (stack, stack + more))
    assert less.points <= greater.points


@given(FACTS, st.dates(date(1950, 1, 1), TODAY), st.dates(date(1950, 1, 1), TODAY))
def test_a_longer_ownership_never_lowers_it(facts: ScoreFacts, one: date, other: date) -> None:
    longer, shorter = (score(replace(facts, sold_on=day), TODAY).points for day in sorted((one, other)))
    assert shorter <= longer


@given(FACTS)
def test_what_is_worth_points_is_worth_no_less_than_its_opposite_or_not_knowing(facts: ScoreFacts) -> None:
    for worth, others in (
        ({"owner_occupied": False}, [{"owner_occupied": True}, {"owner_occupied": None}]),
        ({"probate": True}, [{"probate": False}]),
        ({"contactable": True}, [{"contactable": False}]),
        ({"line": LineType.MOBILE, "status": PhoneStatus.CORRECT}, [{"line": one} for one in (None, *LineType)]),
    ):
        best = score(replace(facts, **worth), TODAY).points
        assert all(score(replace(facts, **other), TODAY).points <= best for other in others)


def test_nothing_known_is_nothing_and_everything_good_is_a_hundred() -> None:
    assert score(ScoreFacts(), TODAY).points == 0
    best = ScoreFacts(
        100.0,
        FULL_STACK,
        owner_occupied=False,
        sold_on=date(2000, 1, 1),
        probate=True,
        line=LineType.MOBILE,
        status=PhoneStatus.CORRECT,
        contactable=True,
    )
    assert score(best, TODAY).points == 100


def test_points_by_the_table() -> None:
    assert part(ScoreFacts(equity_percent=50), "equity") == 12
    assert part(ScoreFacts(stack=2), "stack") == 8
    assert part(ScoreFacts(line=LineType.MOBILE), "phone") == 7
    assert part(ScoreFacts(line=LineType.MOBILE, status=PhoneStatus.DEAD), "phone") == 0
    assert part(ScoreFacts(sold_on=date(2016, 11, 30)), "ownership") == 5
    assert part(ScoreFacts(sold_on=date(2027, 1, 1)), "ownership") == 0


def test_weights_are_chosen_by_the_owner_and_every_score_follows(uow: UnitOfWork) -> None:
    owner, manager, agent = (a_member(uow, role) for role in (Role.OWNER, Role.MANAGER, Role.AGENT))
    lead = a_lead(uow)
    usual = leads.detail(uow, owner, lead.id)
    assert usual.score.points == usual.row.score == sum(part.points for part in usual.score.parts)
    only_equity = dict.fromkeys(WEIGHTS, 0) | {"equity": 100}
    for who in (manager, agent):
        with pytest.raises(Forbidden):
            leads.set_score_weights(uow, who, only_equity)
    leads.set_score_weights(uow, owner, only_equity)
    found = leads.detail(uow, owner, lead.id)
    assert [(part.name, part.points, part.of) for part in found.score.parts] == [("equity", 25, 100)]
    assert found.row.score == leads.page(uow, owner, LeadFilter()).rows[0].score == 25
    assert {one.name: one.points for one in leads.score_weights(uow, agent)} == only_equity


@pytest.mark.parametrize(
    "chosen",
    [{}, {**WEIGHTS, "equity": 26}, {**WEIGHTS, "equity": -1, "stack": 46}, {**WEIGHTS, "luck": 0}],
)
def test_weights_that_are_no_hundred_or_name_nothing_are_refused(uow: UnitOfWork, chosen: dict[str, int]) -> None:
    owner = a_member(uow, Role.OWNER)
    with pytest.raises(Invalid):
        leads.set_score_weights(uow, owner, chosen)
