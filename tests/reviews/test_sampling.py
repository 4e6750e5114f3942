"""The sampler: every stratum is in it, no decision twice, and the seed alone decides."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.kernel.rates import wilson
from leadflow.reviews.rules.sampling import allot, draw
from leadflow.reviews.rules.strata import (
    HELD_REPLY,
    LATER,
    SENT,
    SENT_AFTER_WAIT,
    SENT_LATE,
    SENT_UNSURE,
    UNKNOWN,
    rank,
    stratum_of,
    title,
)
from leadflow.reviews.types import Judgeable
from models.vocabulary import Purpose, Verdict

counts = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(1, 400), min_size=1)
NOW = datetime(2026, 12, 2, tzinfo=UTC)


def decisions(strata: dict[str, int]) -> dict[str, list[UUID]]:
    return {name: [UUID(int=ord(name) << 64 | one) for one in range(count)] for name, count in strata.items()}


@given(counts, st.integers(0, 200), st.integers(1, 9), st.integers(0, 2**53))
def test_every_stratum_is_drawn_no_decision_twice_and_as_many_as_asked(
    strata: dict[str, int], beyond: int, least: int, seed: int
) -> None:
    size = len(strata) + beyond
    drawn = draw(decisions(strata), size, least, seed)
    assert {name for name, _ in drawn} == set(strata)
    assert len({one for _, one in drawn}) == len(drawn) == min(size, sum(strata.values()))
    for name, count in strata.items():
        floor = max(1, min(least, size // len(strata)))
        assert sum(1 for stratum, _ in drawn if stratum == name) >= min(floor, count)


@given(counts, st.integers(0, 100), st.integers(0, 2**53), st.randoms(use_true_random=False))
def test_the_same_seed_draws_the_same_in_whatever_order_the_decisions_come(
    strata: dict[str, int], beyond: int, seed: int, chance: object
) -> None:
    named = decisions(strata)
    other = {name: chance.sample(ids, len(ids)) for name, ids in reversed(named.items())}  # type: ignore[attr-defined] a Random  # pyright: ignore[reportAttributeAccessIssue]
    size = len(strata) + beyond
    assert draw(named, size, 2, seed) == draw(other, size, 2, seed)


def test_another_seed_draws_another_sample() -> None:
    named = decisions({"a": 400})
    assert draw(named, 20, 1, 1) != draw(named, 20, 1, 2)


def test_the_rest_is_shared_in_proportion() -> None:
    assert allot({"a": 900, "b": 90, "c": 10}, 100, 2) == {"a": 87, "b": 10, "c": 3}
    with pytest.raises(ValueError, match="smaller"):
        allot({"a": 1, "b": 1}, 1, 1)


@pytest.mark.parametrize(
    ("agreed", "judged", "low", "high"),
    [(0, 0, 0.0, 1.0), (10, 10, 0.7225, 1.0), (8, 10, 0.4902, 0.9433), (0, 10, 0.0, 0.2775), (81, 263, 0.2553, 0.3662)],
)
def test_wilsons_bounds_are_those_of_the_tables(agreed: int, judged: int, low: float, high: float) -> None:
    """81 of 263: Newcombe, Statistics in Medicine 17 (1998), table I, method 3."""
    assert wilson(agreed, judged) == (pytest.approx(low, abs=1e-4), pytest.approx(high, abs=1e-4))


def one(**changed: object) -> Judgeable:
    values: dict[str, object] = {
        "id": UUID(int=1),
        "verdict": Verdict.SENDABLE,
        "purpose": Purpose.CAMPAIGN,
        "reasons": (),
        "unknown": False,
        "waited": False,
        "held": False,
        "states": frozenset({"IL"}),
        "local_hours": (12.0,),
    }
    return Judgeable(**(values | changed))  # pyright: ignore[reportArgumentType] fields of the test


@pytest.mark.parametrize(
    ("decision", "stratum"),
    [
        (one(), SENT),
        (one(states=frozenset({"IL", "AK"})), SENT_UNSURE),
        (one(local_hours=(12.0, 19.0)), SENT_LATE),
        (one(local_hours=(20.99,)), SENT_LATE),
        (one(local_hours=(18.99,)), SENT),
        (one(waited=True), SENT_AFTER_WAIT),
        (one(held=True), HELD_REPLY),
        (one(verdict=Verdict.BLOCKED, reasons=("national_dnc",)), "rule:national_dnc"),
        (one(verdict=Verdict.BLOCKED, reasons=("line_known",), unknown=True), UNKNOWN),
        (one(verdict=Verdict.LATER, reasons=("hours",)), LATER),
    ],
)
def test_each_decision_falls_into_the_riskiest_stratum_that_fits(decision: Judgeable, stratum: str) -> None:
    assert stratum_of(decision, frozenset({"AK"})) == stratum
    assert title(stratum)


def test_strata_are_told_by_risk() -> None:
    assert sorted(["rule:b", SENT, "rule:a", SENT_UNSURE], key=rank) == [SENT_UNSURE, SENT, "rule:a", "rule:b"]
