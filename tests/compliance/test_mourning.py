"""How long a family is left alone is data of the packs; where they are silent, it is left alone all the same."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from leadflow.compliance.rules.checks import fault_of
from leadflow.compliance.rules.conflicts import conflicts
from leadflow.compliance.rules.policy import compile_policy, parse, shipped
from leadflow.compliance.types import Pack
from models.vocabulary import Channel

TODAY = date(2026, 12, 2)


def _care(key: str, **given: Any) -> dict[str, Any]:
    organization = next(pack for pack in shipped() if pack.name == "organization")
    death = next(one for one in organization.content["provisions"] if one["key"] == "organization.sensitivity.death")
    return {**death, "key": key, **given}


def _pack_of(*provisions: dict[str, Any]) -> Pack:
    return Pack("own", {"name": "own", "title": "Own", "provisions": list(provisions)}, "")


def test_the_longest_time_of_care_wins_and_the_clash_is_told():
    own = _pack_of(_care("own.longer", days=45), _care("own.shorter", days=10))
    assert compile_policy((*shipped(), own), Channel.TEXT, TODAY).mourning["death"] == 45
    clash = next(one for one in conflicts((*shipped(), own), TODAY) if one.kind == "sensitivity")
    assert [side.key for side in clash.sides if side.wins] == ["own.longer"]
    assert clash.outcome == "45 days"


def test_packs_of_before_say_nothing_and_the_family_is_left_alone_all_the_same():
    older = tuple(
        Pack(
            pack.name,
            {
                **pack.content,
                "provisions": [one for one in pack.content["provisions"] if one["kind"] != "sensitivity"],
            },
            "",
        )
        for pack in shipped()
    )
    today = compile_policy(shipped(), Channel.TEXT, TODAY)
    assert compile_policy(older, Channel.TEXT, TODAY).mourning == today.mourning


@pytest.mark.parametrize(
    ("given", "where"),
    [({"days": None}, "days"), ({"after": None}, "after"), ({"jurisdiction": "TX"}, "jurisdiction")],
)
def test_one_that_says_too_little_is_refused(given: dict[str, Any], where: str):
    found = fault_of(parse(_pack_of(_care("own.care", **given)).content))
    assert found is not None
    assert found.path[-1] == where
