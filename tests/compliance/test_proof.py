"""The proof of the quiet hours: a short run of it, and that it would notice."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from leadflow.compliance.rules.policy import compile_policy, shipped
from leadflow.compliance.types import Policy, Span, Window
from models.vocabulary import Channel
from scripts import prove_hours
from tests.compliance import oracle


def test_no_county_is_ever_open_when_the_law_says_closed() -> None:
    found = prove_hours.prove(20_000, seed=7)
    assert found.violations == []
    assert found.unexplained == []
    assert sum(found.checks.values()) == 20_000
    of_states = {code for code in found.counties if not code.endswith(" none")}
    assert len(of_states) >= 3_143
    assert set(found.checks) <= set(oracle.states())
    # Neither reading is idle: both open and closed hours were drawn, and the margin was met.
    assert 5_000 < sum(found.allowed.values()) < 15_000
    assert sum(found.margin.values()) > 100


def _in_rhode_island(policy: Policy) -> prove_hours.Tally:
    found = prove_hours.Tally()
    for county in (one for one in prove_hours.counties() if one.state == "RI"):
        found.add(prove_hours.check(county, 200, 7, {Channel.TEXT: policy, Channel.CALL: policy}))
    return found


def test_an_engine_without_the_states_hours_would_be_found_out() -> None:
    looser = compile_policy([pack for pack in shipped() if pack.name != "states"], Channel.TEXT, date.max)
    found = _in_rhode_island(looser)
    assert found.violations
    assert all(one.startswith("RI: text ") for one in found.violations)


def test_an_engine_that_opens_a_second_too_early_would_be_found_out() -> None:
    law = prove_hours.policies()[Channel.TEXT]
    federal = tuple(
        _with_days(window, tuple(span and Span(span.opens - 1, span.closes) for span in window.days))
        for window in law.federal
    )
    assert _in_illinois(replace(law, federal=federal, states={})).violations


def test_an_engine_that_refuses_without_a_cause_would_be_found_out() -> None:
    law = prove_hours.policies()[Channel.TEXT]
    noon = _with_days(law.federal[0], (Span(12 * 3600, 20 * 3600),) * 7)
    found = _in_rhode_island(replace(law, federal=(*law.federal, noon)))
    assert found.unexplained
    assert found.violations == []


def _in_illinois(policy: Policy) -> prove_hours.Tally:
    # A state without a stricter window of its own at eight in the morning.
    found = prove_hours.Tally()
    for county in [one for one in prove_hours.counties() if one.state == "IL"]:
        found.add(prove_hours.check(county, 60, 7, {Channel.TEXT: policy, Channel.CALL: policy}))
    return found


def _with_days(window: Window, days: tuple[Span | None, ...]) -> Window:
    return Window(
        window.key, window.jurisdiction, days, window.holidays, window.margin_s, window.zone, citation=window.citation
    )


def test_the_same_seed_proves_the_same_and_the_page_says_what_was_found() -> None:
    county = next(one for one in prove_hours.counties() if one.state == "RI")
    one, other = (prove_hours.check(county, 300, 7, prove_hours.policies()) for _ in range(2))
    assert one == other
    assert one != prove_hours.check(county, 300, 8, prove_hours.policies())
    text = prove_hours.page(one, 7)
    assert "**Violations: 0** in 300 checks over 1 counties" in text
    assert f"| RI | 1 | 300 | {one.allowed['RI']} | {one.margin['RI']} | 0 |" in text
    one.violations.append("RI: text +14015550100")
    assert f"| RI | 1 | 300 | {one.allowed['RI']} | {one.margin['RI']} | 1 |" in prove_hours.page(one, 7)


def test_the_page_in_the_documentation_is_of_the_hours_that_ship() -> None:
    text = prove_hours.PAGE.read_text(encoding="utf-8")
    assert "**Violations: 0**" in text
    assert f"| {prove_hours.SEED} | `" in text
    assert f"| `{prove_hours.hours_version()}` |" in text


@pytest.mark.slow
def test_no_county_is_ever_open_over_half_a_million_checks() -> None:
    found = prove_hours.prove(500_000, seed=11, jobs=2)
    assert (found.violations, found.unexplained) == ([], [])
