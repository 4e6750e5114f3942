"""Packs compiled into a policy: the strictest of each kind, what is in force, and every refusal in words."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date, time, timedelta
from typing import Any

import orjson
import pytest

from leadflow.compliance.errors import BadPack
from leadflow.compliance.rules import policy as engine
from leadflow.compliance.rules.policy import campaign_window, compile_policy, digest, hours, parse, shipped, version
from leadflow.compliance.types import Cap, Pack, Policy, Span, Window
from models.vocabulary import Basis, Channel

HOUR = 3600
TODAY = date(2026, 12, 2)
OPEN = {"weekday": "08:00-21:00", "saturday": "09:00-20:00", "sunday": "none"}


def _provision(kind: str, **other: Any) -> dict[str, Any]:
    return {
        "key": f"us.{kind}",
        "kind": kind,
        "jurisdiction": "US",
        "channels": ["text", "call"],
        "citation": "a law",
        "source": "a page",
        "confidence": "high",
        **other,
    }


BASE = (
    _provision("hours", hours=OPEN),
    _provision("scrub", max_age_days=31),
    _provision("basis", key="us.inquiry", basis="inquiry", months=3),
    _provision("basis", key="us.relationship", basis="existing_relationship", months=18),
)


def _pack(*provisions: Mapping[str, Any], name: str = "p") -> Pack:
    content = {"name": name, "title": "A pack", "provisions": list(provisions)}
    return Pack(name, content, digest(content))


def _compiled(*more: Mapping[str, Any], channel: Channel = Channel.TEXT, today: date = TODAY) -> Policy:
    return compile_policy([_pack(*BASE, *more)], channel, today)


def _same(one: Window, other: Window) -> bool:
    return all(getattr(one, name) == getattr(other, name) for name in Window.__slots__)


def test_hours_become_a_window_with_its_law_and_dates() -> None:
    dated = _provision(
        "hours",
        key="ri.hours",
        jurisdiction="RI",
        hours={"weekday": "09:30-18:00", "saturday": "10:00:30-17:00", "sunday": "none"},
        holidays=["US", "12-24"],
        zone="America/Chicago",
        effective_from="2020-01-01",
        effective_to="2030-01-01",
        citation="R.I.",
    )
    found = _compiled(dated)
    assert [window.key for window in found.federal] == ["us.hours"]
    assert found.states["US"] == found.federal
    weekday, saturday = Span(9 * HOUR + 1800, 18 * HOUR), Span(10 * HOUR + 30, 17 * HOUR)
    expected = Window(
        key="ri.hours",
        jurisdiction="RI",
        days=(weekday, weekday, weekday, weekday, weekday, saturday, None),
        holidays=("US", "12-24"),
        margin_s=0,
        zone="America/Chicago",
        effective_from=date(2020, 1, 1),
        effective_to=date(2030, 1, 1),
        citation="R.I.",
    )
    assert _same(found.states["RI"][0], expected)
    assert found.states["RI"][0].days[5] == saturday


def test_hours_carry_their_own_dates_and_everything_else_counts_today() -> None:
    over = {"effective_to": "2026-12-01"}
    to_come = {"effective_from": "2026-12-03"}
    now = {"effective_from": "2026-12-02", "effective_to": "2026-12-02"}
    cap = {"count": 1, "hours": 24}
    found = _compiled(
        _provision("hours", key="old", jurisdiction="TX", hours=OPEN, **over),
        _provision("cap", key="old.cap", **cap, **over),
        _provision("cap", key="new.cap", **cap, **to_come),
        _provision("cap", key="now.cap", **cap, **now),
        _provision("emergency", jurisdiction="LA", declared=True, **over),
    )
    assert [window.key for window in found.states["TX"]] == ["old"]
    assert found.caps == (Cap("now.cap", 1, timedelta(hours=24), "a law"),)
    assert found.emergencies == {}


def test_the_strictest_of_each_kind_wins() -> None:
    found = _compiled(
        _provision("scrub", max_age_days=20),
        _provision("scrub", max_age_days=40),
        _provision("basis", key="short", basis="inquiry", months=2),
        _provision("basis", key="long", basis="existing_relationship", months=24),
        _provision("basis", key="consent", basis="written_consent", months=60),
        _provision("closing_margin", minutes=5),
        _provision("closing_margin", minutes=10),
        _provision("closing_margin", minutes=0),
    )
    assert found.scrub_max_age == timedelta(days=20)
    assert found.basis_months == {
        Basis.INQUIRY: 2,
        Basis.EXISTING_RELATIONSHIP: 18,
        Basis.WRITTEN_CONSENT: 60,
    }
    assert {window.margin_s for window in found.federal} == {600}


def test_a_provision_binds_only_its_channels() -> None:
    call_only = _provision("cap", jurisdiction="FL", channels=["call"], count=3, hours=24)
    assert _compiled(call_only).state_caps == {}
    found = _compiled(call_only, channel=Channel.CALL)
    assert found.channel is Channel.CALL
    assert found.caps == ()
    assert found.state_caps == {"FL": (Cap("us.cap", 3, timedelta(hours=24), "a law"),)}


def test_states_that_ask_for_more_are_named_with_their_law() -> None:
    found = _compiled(
        _provision("written_consent", jurisdiction="CT", citation="42-288a"),
        _provision("emergency", jurisdiction="LA", declared=True, citation="29:721"),
        _provision("emergency", jurisdiction="NY"),
        _provision("keywords", words=["stop", "end"]),
        _provision("keywords", words=["basta"]),
    )
    assert found.written_consent == {"CT": "42-288a"}
    assert found.emergencies == {"LA": "29:721"}
    assert found.keywords == ("stop", "end", "basta")


def test_caps_and_windows_of_a_place_all_stay() -> None:
    found = _compiled(
        _provision("cap", key="day", count=3, hours=24),
        _provision("cap", key="week", count=6, hours=168),
        _provision("hours", key="a", jurisdiction="FL", hours=OPEN),
        _provision("hours", key="b", jurisdiction="FL", hours=OPEN),
    )
    assert [(cap.key, cap.count, cap.span) for cap in found.caps] == [
        ("day", 3, timedelta(days=1)),
        ("week", 6, timedelta(days=7)),
    ]
    assert [window.key for window in found.states["FL"]] == ["a", "b"]


def test_packs_are_named_by_what_they_hold_in_any_order() -> None:
    one, other = _pack(*BASE, name="one"), _pack(name="other")
    expected = hashlib.sha256("".join(sorted([one.digest, other.digest])).encode()).hexdigest()
    assert engine.policy_digest([one.digest, other.digest]) == expected
    assert version([other.digest, one.digest]) == expected[:12]
    assert compile_policy([other, one], Channel.TEXT, TODAY).version == expected[:12]
    content = {"b": 1, "a": [date(2026, 1, 1)]}
    assert digest(content) == hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
    assert digest({"a": 1, "b": 2}) == digest({"b": 2, "a": 1}) != digest({"a": 1, "b": 3})


def test_the_packs_that_ship_are_read_once_and_compile() -> None:
    assert [pack.name for pack in shipped()] == ["federal", "states", "organization"]
    assert shipped() is shipped()
    assert all(pack.digest == digest(pack.content) and pack.content["name"] == pack.name for pack in shipped())
    assert compile_policy(shipped(), Channel.TEXT, TODAY).scrub_max_age == timedelta(days=31)


NO_HOURS = "The rule packs hold no federal hours; nothing may be sent under them."
NO_SCRUB = "The rule packs hold no age for look-ups in the national registry."
NO_MONTHS = "The rule packs do not say how long an inquiry and a relationship hold."


@pytest.mark.parametrize(
    ("provisions", "message"),
    [
        (BASE[1:], NO_HOURS),
        ((*BASE[1:], _provision("hours", jurisdiction="FL", hours=OPEN)), NO_HOURS),
        ((*BASE[1:], _provision("hours", channels=["call"], hours=OPEN)), NO_HOURS),
        ((BASE[0], *BASE[2:]), NO_SCRUB),
        ((BASE[0], _provision("scrub"), *BASE[2:]), NO_SCRUB),
        (BASE[:3], NO_MONTHS),
        ((*BASE[:2], BASE[3]), NO_MONTHS),
        ((*BASE, _provision("basis", key="odd", months=1)), "The provision odd needs a basis and months."),
        ((*BASE, _provision("basis", key="odd", basis="inquiry")), "The provision odd needs a basis and months."),
        ((*BASE, _provision("cap", count=3)), "The cap us.cap needs a count and hours."),
        ((*BASE, _provision("cap", hours=3)), "The cap us.cap needs a count and hours."),
        ((*BASE, _provision("cap", count=3, hours="24")), "The cap us.cap needs a count and hours."),
        ((*BASE, _provision("hours", key="h", hours="08:00-21:00")), "The hours of h cannot be read."),
        ((*BASE, _provision("hours", key="h", hours=None)), "The hours of h cannot be read."),
        ((*BASE, _provision("hours", key="h", hours={**OPEN, "sunday": "8-21"})), "The hours of h cannot be read."),
        ((*BASE, _provision("hours", key="h", hours={**OPEN, "sunday": "all"})), "The hours of h cannot be read."),
        ((*BASE, _provision("hours", key="h", hours={"weekday": "none"})), "The hours of h cannot be read."),
    ],
)
def test_packs_that_lack_what_decides_are_refused_in_words(
    provisions: tuple[Mapping[str, Any], ...], message: str
) -> None:
    with pytest.raises(BadPack) as refused:
        compile_policy([_pack(*provisions)], Channel.TEXT, TODAY)
    assert str(refused.value) == message


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        ({"jurisdiction": "Illinois"}, "The rule pack is damaged at provisions.0.jurisdiction."),
        ({"jurisdiction": "il"}, "The rule pack is damaged at provisions.0.jurisdiction."),
        ({"citation": ""}, "The rule pack is damaged at provisions.0.citation."),
        ({"source": ""}, "The rule pack is damaged at provisions.0.source."),
        ({"key": ""}, "The rule pack is damaged at provisions.0.key."),
        ({"colour": "red"}, "The rule pack is damaged at provisions.0.colour."),
        ({"confidence": "sure"}, "The rule pack is damaged at provisions.0.confidence."),
        ({"count": 0}, "The rule pack is damaged at provisions.0.count."),
        ({"minutes": 121}, "The rule pack is damaged at provisions.0.minutes."),
        ({"minutes": -1}, "The rule pack is damaged at provisions.0.minutes."),
        ({"max_age_days": 0}, "The rule pack is damaged at provisions.0.max_age_days."),
        ({"months": 0}, "The rule pack is damaged at provisions.0.months."),
        ({"kind": "hurs"}, "The rule pack p has provisions of unknown kinds: hurs."),
    ],
)
def test_a_damaged_provision_is_refused_with_its_place(damage: Mapping[str, Any], message: str) -> None:
    with pytest.raises(BadPack) as refused:
        parse(_pack({**BASE[0], **damage}).content)
    assert str(refused.value) == message


def test_unknown_kinds_are_all_named() -> None:
    with pytest.raises(BadPack, match=r"unknown kinds: a, b\.$"):
        parse(_pack(_provision("b"), _provision("a")).content)


def test_a_campaigns_hours_bind_on_its_days_only() -> None:
    found = campaign_window(time(9, 15, 30), time(20), [0, 1, 6])
    span = Span(9 * HOUR + 15 * 60 + 30, 20 * HOUR)
    assert (found.key, found.jurisdiction) == ("campaign.hours", "campaign")
    assert found.days == (span, span, None, None, None, None, span)


def test_hours_are_read_as_seconds() -> None:
    assert hours("none") is None
    assert hours("08:00-21:00") == Span(8 * HOUR, 21 * HOUR)
    with pytest.raises(ValueError, match="unpack"):
        hours("08:00")
