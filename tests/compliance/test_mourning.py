"""How long a family is left alone is data of the packs; where they are silent, it is left alone all the same."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest

from leadflow.compliance.rules.checks import fault_of
from leadflow.compliance.rules.conflicts import conflicts
from leadflow.compliance.rules.policy import compile_policy, parse, shipped
from leadflow.compliance.types import Pack
from models.base import new_id
from models.properties import Person, Property, PropertyParty
from models.vocabulary import Channel, PartyRole, Purpose, Verdict
from tests.compliance.test_gate import days_ago, died
from tests.compliance.world import World

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


class TestMourning:
    """A family is left alone for the packs' days after a death and after its filing; the spouse for longer."""

    def test_it_ends_when_the_last_day_has_ended_everywhere(self, world: World) -> None:
        died(world, date(2026, 11, 1))
        world.clock.set(datetime.fromisoformat("2026-11-20T18:00:00+00:00"))
        found = world.assessed()
        assert (found.verdict, found.reasons) == (Verdict.LATER, ("sensitivity",))
        morning = datetime.fromisoformat("2026-12-02T15:00:00+00:00")
        assert found.later_at == morning, "9 a.m. of the 31st day"
        world.clock.set(morning)
        assert world.assessed().verdict is Verdict.SENDABLE

    def test_the_later_of_death_and_filing_counts(self, world: World) -> None:
        died(world, date(2026, 6, 1))
        world.change("property", probate_filed_on=date(2026, 11, 30))
        found = world.assessed()
        assert found.reasons == ("sensitivity",)
        assert found.later_at == datetime.fromisoformat("2026-12-31T15:00:00+00:00")

    def test_the_later_of_two_deaths_counts(self, world: World) -> None:
        died(world, date(2026, 1, 1))
        assert world.assessed().verdict is Verdict.SENDABLE
        second = Person(org_id=world.org, person_key="second", name="Dora Oak", deceased_on=date(2026, 11, 30))
        world.add(second)
        world.add(PropertyParty(org_id=world.org, property_id=world.home, person_id=second.id, role=PartyRole.DECEDENT))
        assert world.assessed().reasons == ("sensitivity",)

    def test_a_filing_stands_in_for_an_unknown_day_of_death(self, world: World) -> None:
        died(world, None)
        assert world.assessed().unknown == {"sensitivity_unknown"}
        assert world.assessed().verdict is Verdict.BLOCKED
        world.change("property", probate_filed_on=date(2026, 6, 1))
        assert world.assessed().verdict is Verdict.SENDABLE

    def test_a_surviving_spouse_is_left_alone_for_ninety_days(self, world: World) -> None:
        died(world, days_ago(89)(world))
        assert world.assessed().verdict is Verdict.SENDABLE
        world.change_where("property_party", f"person_id = '{world.person}'", surviving_spouse=True)
        found = world.assessed()
        assert (found.verdict, found.reasons) == (Verdict.LATER, ("sensitivity",))

    @pytest.mark.parametrize("on", [None, date(2026, 12, 1)])
    def test_who_writes_first_is_answered(self, world: World, on: date | None) -> None:
        died(world, on)
        ask = world.ask(Purpose.MANUAL_REPLY)
        assert world.assessed(ask).reasons != ()
        with world.db.begin(world.org) as uow:
            world.heard(uow, timedelta(hours=1))
        assert world.assessed(ask).reasons == ()

    def test_a_death_at_another_property_is_another_family(self, world: World) -> None:
        other = new_id()
        late = Person(org_id=world.org, person_key="late", name="Carl Oak", deceased_on=date(2026, 12, 1))
        world.add(Property(org_id=world.org, id=other, property_key="other"), late)
        world.add(PropertyParty(org_id=world.org, property_id=other, person_id=late.id, role=PartyRole.DECEDENT))
        assert world.assessed().verdict is Verdict.SENDABLE

    def test_an_impossible_day_never_breaks_the_gate(self, world: World) -> None:
        world.change("property", decedent_died_on=date(9999, 12, 31))
        assert "sensitivity" in world.assessed().reasons
