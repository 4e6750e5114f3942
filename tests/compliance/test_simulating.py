"""What if: the simulated verdict is the real one of that instant, and the hours are those of asking hour by hour."""

from __future__ import annotations

import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadflow.compliance import service as compliance
from leadflow.compliance.errors import BadPack
from leadflow.compliance.rules import drill, gate
from leadflow.compliance.rules.horizon import on_the_hour, sendable_by_hour
from leadflow.compliance.rules.policy import compile_policy, shipped
from leadflow.compliance.service import Answers, Proposal, Scenario
from leadflow.compliance.types import Ask, Facts, Policy
from leadflow.identity.types import Principal
from leadflow.kernel.errors import Invalid, NotFound
from models.vocabulary import Basis, Channel, Purpose, SuppressionKind, Verdict
from tests.compliance.test_packs import MARGIN, owner, text_of
from tests.compliance.world import World

__all__ = ["owner"]

ASK = Purpose.CHECK


def _simulated(world: World, scenario: Scenario, hours: int = 0) -> Answers:
    with world.db.begin(world.org) as uow:
        return compliance.simulate(uow, [world.recipient()], world.ask(ASK), scenario, hours)


def _by_inquiry(world: World) -> None:
    world.change("campaign", basis=Basis.INQUIRY.value)
    world.change("consent", basis=Basis.INQUIRY.value, given_at=world.clock.now() - timedelta(days=80))


_SPOILS: tuple[Callable[[World], None], ...] = (
    lambda _: None,
    _by_inquiry,
    lambda w: w.change("scrub_result", as_of=w.clock.now() - timedelta(days=28)),
    lambda w: w.change("consent", expires_at=w.clock.now() + timedelta(days=5)),
    lambda w: w.change("campaign", send_before=w.clock.now() + timedelta(days=2)),
    lambda w: w.sent(timedelta(hours=3)),
    lambda w: w.sent(timedelta(hours=23)),
    lambda w: w.sent(timedelta(hours=1)),
    lambda w: w.add(w.a_suppression(SuppressionKind.LITIGATOR)),
    lambda w: w.change("property", state="TX", zip5="75201"),
    lambda w: w.change("property", state="RI", zip5="02903"),
    lambda w: w.change("person", mailing_state="UT"),
    lambda w: w.change("phone", line_type="landline"),
)


@pytest.mark.parametrize("seed", range(30))
def test_the_simulated_verdict_is_the_real_one_at_that_instant(world: World, seed: int):
    chance = random.Random(seed)  # noqa: S311 no secret
    start, ahead = world.clock.now(), timedelta(minutes=chance.randint(0, 20 * 24 * 60))
    for spoil in chance.sample(_SPOILS, chance.randint(0, 3)):
        spoil(world)
    seen = _simulated(world, Scenario(at=start + ahead)).after[0]
    world.clock.advance(ahead)
    assert seen == world.assessed(world.ask(ASK), message_id=None)


class TestScenarios:
    def test_older_look_ups_run_out(self, world: World):
        _by_inquiry(world)
        fresh = _simulated(world, Scenario(scrubs_older_days=30))
        stale = _simulated(world, Scenario(scrubs_older_days=31))
        assert (fresh.before[0].verdict, fresh.after[0].verdict) == (Verdict.SENDABLE, Verdict.SENDABLE)
        assert stale.after[0].reasons == ("scrub_fresh",)

    def test_another_channel_asks_for_its_own_consent_and_hours(self, world: World):
        assert _simulated(world, Scenario(channel=Channel.CALL)).after[0].reasons[0] == "basis_recorded"

    def test_a_stored_version_and_a_draft_take_the_place_of_what_is_in_force(self, world: World, owner: Principal):
        closed = text_of("states", "il.hours", hours=dict.fromkeys(("weekday", "saturday", "sunday"), "09:00-10:00"))
        drafted = _simulated(world, Scenario(draft=closed))
        assert (drafted.before[0].verdict, drafted.after[0].reasons) == (Verdict.SENDABLE, ("quiet_hours",))
        with world.db.begin(world.org) as uow:
            compliance.install(uow, owner, Proposal(closed))
        stored = _simulated(world, Scenario(pack="states", version=1))
        assert (stored.before[0].reasons, stored.after[0].verdict) == (("quiet_hours",), Verdict.SENDABLE)
        assert stored.policy_before != stored.policy_after

    def test_what_cannot_be_asked_is_told(self, world: World):
        with pytest.raises(BadPack):
            _simulated(world, Scenario(draft="name: ["))
        with pytest.raises(NotFound):
            _simulated(world, Scenario(pack="states", version=99))
        with pytest.raises(Invalid):
            _simulated(world, Scenario(at=world.clock.now() + timedelta(days=400)))

    def test_nothing_is_written(self, world: World):
        _simulated(world, Scenario(at=world.clock.now() + timedelta(days=3)), 24)
        with world.db.begin(world.org) as uow, uow.cursor() as cursor:
            cursor.execute("select count(*) from decision where org_id = %s", [world.org])
            assert cursor.fetchone() == (0,)

    def test_a_later_version_counts_from_its_day_on_in_the_hours(self, world: World, owner: Principal):
        day = world.clock.now().date() + timedelta(days=2)
        with world.db.begin(world.org) as uow:
            compliance.install(
                uow,
                owner,
                Proposal(
                    text_of("states", "il.hours", hours=dict.fromkeys(("weekday", "saturday", "sunday"), "none")), day
                ),
            )
        hours = _simulated(world, Scenario(), 24 * 4).by_hour
        assert {at.date() for at, count in hours if count} <= {day - timedelta(days=ahead) for ahead in (1, 2)}
        assert any(count for _, count in hours)

    def test_margins_of_a_draft_shorten_the_day(self, world: World):
        short = _simulated(world, Scenario(draft=text_of("organization", MARGIN, minutes=120)), 24)
        long = _simulated(world, Scenario(), 24)
        assert sum(count for _, count in short.by_hour) == sum(count for _, count in long.by_hour) - 1


PICKED = [
    one
    for one in drill.cases()
    if one.at is not None and one.purpose is Purpose.CAMPAIGN and one.channel is Channel.TEXT
]


@settings(max_examples=30, deadline=None)
@given(
    st.randoms(use_true_random=False),
    st.datetimes(datetime(2026, 11, 1), datetime(2026, 12, 20), timezones=st.just(UTC)),  # noqa: DTZ001 made aware
)
def test_the_hours_are_those_of_asking_everybody_at_every_hour(chance: random.Random, start: datetime):
    facts: list[Facts] = []
    for one in chance.choices(PICKED, k=25):
        fact = drill.facts_of(one)
        facts.append(
            fact._replace(
                national_at=start - timedelta(days=chance.choice([1, 28, 29, 40])),
                written_at=chance.choice([None, start - timedelta(days=9)]),
                inquiry_at=start - timedelta(days=chance.choice([1, 89, 91])),
                send_before=chance.choice([None, start + timedelta(days=2)]),
                touches=[
                    start - timedelta(hours=hours)
                    for hours in sorted(chance.sample(range(1, 160), chance.randint(0, 6)))
                ],
            )
        )
    policies = {}

    def policy_at(at: datetime) -> Policy:
        return policies.get(at.date()) or policies.setdefault(
            at.date(), compile_policy(shipped(), Channel.TEXT, at.date())
        )

    hours = list(on_the_hour(start, 24 * 4))
    brute = [
        sum(gate.decide(fact, policy_at(hour), hour).verdict is Verdict.SENDABLE for fact in facts) for hour in hours
    ]
    assert sendable_by_hour(facts, policy_at, hours) == brute


def test_nobody_asked_is_nobody_answered(world: World):
    with world.db.begin(world.org) as uow:
        found = compliance.simulate(uow, [], Ask(), Scenario(), 3)
    assert (found.before, found.after, [count for _, count in found.by_hour]) == ((), (), [0, 0, 0])
