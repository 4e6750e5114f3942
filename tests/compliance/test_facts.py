"""Facts are gathered by one statement; for many at once it says of each what it says of each alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadflow.compliance.queries import facts as loader
from leadflow.compliance.service.asking import question
from leadflow.compliance.types import Recipient
from leadflow.kernel.db import Database
from models.base import new_id
from models.properties import Person, PersonPhone, PropertyParty
from models.vocabulary import LineType, PartyRole, Purpose, ScrubList, ScrubVerdict, SuppressionKind
from tests.compliance.world import World

NUMBERS = ("+13125550105", "+12125550106", "+18085550107", "+19075550108")


def _spoil(chosen: int, world: World) -> None:
    """Let the four people of the street differ in everything that the statement joins."""
    match chosen:
        case 0:
            world.sent(timedelta(hours=3))
            world.sent(timedelta(hours=30))
            world.add(world.a_suppression(SuppressionKind.OPT_OUT, e164=None, person_id=world.person))
        case 1:
            world.add(world.a_scrub(list=ScrubList.LITIGATOR, verdict=ScrubVerdict.LISTED))
            world.add(world.a_scrub(provider="registry", verdict=ScrubVerdict.LISTED))
            with world.db.begin(world.org) as uow:
                world.heard(uow, timedelta(hours=2))
        case 2:
            late = Person(org_id=world.org, person_key=str(new_id()), name="Carl", deceased=True)
            world.add(late)
            role = PartyRole.DECEDENT
            world.add(PropertyParty(org_id=world.org, property_id=world.home, person_id=late.id, role=role))
            world.sent(timedelta(hours=1), campaign_id=world.campaign, purpose=Purpose.CAMPAIGN, step=2)
        case _:
            world.add(world.a_suppression(SuppressionKind.LITIGATOR))
            world.change_where("phone", f"id = '{world.phone}'", line_type=LineType.LANDLINE.value)


@pytest.fixture
def street(db: Database, make_org: Callable[[str], UUID]) -> list[World]:
    first = World(db, make_org("Street")).build()
    worlds = [first]
    for e164 in NUMBERS[1:]:
        shared = {"sender": first.sender, "campaign": first.campaign}
        worlds.append(World(db, first.org, e164=e164, **shared).join())
    for chosen, world in enumerate(worlds):
        _spoil(chosen, world)
    # The first and the second are reached at one number, and the third owns the first's house as well.
    first.add(PersonPhone(org_id=first.org, person_id=worlds[1].person, phone_id=first.phone))
    heir = PartyRole.HEIR
    first.add(PropertyParty(org_id=first.org, property_id=first.home, person_id=worlds[2].person, role=heir))
    return worlds


def _recipients(street: list[World]) -> st.SearchStrategy[Recipient]:
    """Name anybody with anybody's number, house and text, or by less than all of it."""

    def some(name: str) -> st.SearchStrategy[UUID | None]:
        return st.sampled_from([getattr(world, name) for world in street]) | st.none()

    alone = st.sampled_from([*NUMBERS, "+13125550199", None])
    mixed = st.builds(
        Recipient, some("lead"), some("home"), some("person"), some("phone"), alone, some("message")
    ).filter(lambda one: one.phone_id is not None or one.e164 is not None)
    return st.sampled_from([world.recipient() for world in street]) | mixed


@pytest.mark.parametrize("purpose", [Purpose.CAMPAIGN, Purpose.CHECK, Purpose.MANUAL_REPLY, Purpose.CONFIRMATION])
@pytest.mark.parametrize("past", [False, True], ids=["now", "then"])
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_many_at_once_have_the_facts_that_each_has_alone(
    street: list[World],
    purpose: Purpose,
    past: bool,  # noqa: FBT001 a case
    data: st.DataObject,
) -> None:
    recipients = data.draw(st.lists(_recipients(street), min_size=1, max_size=12))
    world = street[0]
    with world.db.begin(world.org) as uow:
        asked = question(uow, world.ask(purpose), uow.now(), past=past)
        together = loader.load(uow, asked.sending, recipients, asked.moment)
        alone = [loader.load(uow, asked.sending, [one], asked.moment)[0] for one in recipients]
    assert together == alone


def test_the_street_differs_in_what_it_should(street: list[World]) -> None:
    world = street[0]
    with world.db.begin(world.org) as uow:
        asked = question(uow, world.ask(), uow.now(), past=False)
        found = loader.load(uow, asked.sending, [one.recipient() for one in street], asked.moment)
    assert [bool(one.touches) for one in found] == [True, False, True, False]
    assert [sorted(one.suppressions) for one in found] == [["opt_out"], [], [], ["litigator"]]
    assert [list(one.listed) for one in found] == [[], ["litigator"], [], []]
    assert [one.death_undated for one in found] == [False, False, True, False]
