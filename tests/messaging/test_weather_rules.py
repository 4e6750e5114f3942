"""When a campaign has to stop for its weather: never at a low rate, soon at a high one, and not by chance."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadflow.kernel.rates import wilson
from leadflow.messaging.rules.weather import LEAST, SLACK, judge, may_turn, percent, rate
from leadflow.messaging.types import Limits, Seen
from models.vocabulary import Weather

LIMITS = Limits(500, 5, 3)
limits = st.builds(Limits, st.integers(100, 5_000), st.integers(1, 25), st.integers(1, 25))
"""Whatever an organisation may set."""


@st.composite
def seen(draw: st.DrawFn) -> Seen:
    texts = draw(st.integers(0, 5_000))
    return Seen(texts, draw(st.integers(0, texts)), draw(st.integers(0, texts)))


@given(limits, st.integers(0, 5_000), st.data())
def test_a_rate_within_its_limits_never_stops_a_campaign(limits: Limits, texts: int, data: st.DataObject):
    filtered = data.draw(st.integers(0, texts * limits.filtered_pct // 100))
    opted_out = data.draw(st.integers(0, texts * limits.opted_out_pct // 100))
    assert judge(Seen(texts, filtered, opted_out), limits) is None


@given(limits, st.integers(LEAST, 5_000), st.sampled_from(list(Weather)))
def test_a_rate_far_above_its_limit_stops_a_campaign(limits: Limits, texts: int, kind: Weather):
    limit = limits.filtered_pct if kind is Weather.FILTERED else limits.opted_out_pct
    hits = min(texts, -(-texts * 2 * limit // 100) + 12)
    given_ = Seen(texts, hits, 0) if kind is Weather.FILTERED else Seen(texts, 0, hits)
    storm = judge(given_, limits)
    assert storm is not None
    assert (storm.rate.kind, storm.rate.hits, storm.rate.texts) == (kind, hits, texts)
    assert storm.rate.low > storm.rate.limit


@given(seen(), limits)
def test_one_more_bad_text_never_clears_the_weather(seen: Seen, limits: Limits):
    if judge(seen, limits) is not None:
        assert judge(Seen(seen.texts + 1, seen.filtered + 1, seen.opted_out + 1), limits) is not None


@given(seen(), limits, st.integers(1, 100), st.integers(0, SLACK))
def test_whatever_could_stop_a_campaign_is_braced_for(seen: Seen, limits: Limits, coming: int, others: int):
    more = coming + others
    after = Seen(seen.texts + more, seen.filtered + more, seen.opted_out + more)
    if judge(after, limits) is not None:
        assert may_turn(seen, coming, limits)


@pytest.mark.parametrize("texts", range(LEAST))
def test_of_few_texts_nothing_is_said(texts: int):
    assert judge(Seen(texts, texts, texts), LIMITS) is None
    assert judge(Seen(LEAST, LEAST, 0), LIMITS) is not None


def test_the_bounds_are_wilsons():
    found = rate(Seen(263, 81, 0), Weather.FILTERED, LIMITS)
    assert (found.low, found.high) == wilson(81, 263)
    assert found.low == pytest.approx(0.2553, abs=1e-4)


def stopped_by(share: float, limit: int, texts: int) -> float:
    """Compute how likely a campaign is stopped within its first texts, looked at after every one."""
    limits, alive, gone = Limits(texts, limit, 25), {0: 1.0}, 0.0
    for sent in range(1, texts + 1):
        after = dict[int, float]()
        for hits, chance in alive.items():
            for more, part in ((1, share), (0, 1 - share)):
                after[hits + more] = after.get(hits + more, 0.0) + chance * part
        stopped = [hits for hits in after if judge(Seen(sent, hits, 0), limits) is not None]
        gone += sum(after.pop(hits) for hits in stopped)
        alive = after
    return gone


def test_chance_alone_hardly_ever_stops_a_campaign_at_half_its_limit_and_twice_the_limit_soon_does():
    assert stopped_by(0.025, 5, 300) < 0.01
    assert stopped_by(0.015, 3, 300) < 0.02
    assert stopped_by(0.10, 5, 300) > 0.85
    assert stopped_by(0.20, 5, 100) > 0.98


@pytest.mark.parametrize(("share", "words"), [(0.05, "5 %"), (0.0713, "7.1 %"), (0.214, "21 %"), (0.0, "0 %")])
def test_shares_are_written_for_people(share: float, words: str):
    assert percent(share) == words
