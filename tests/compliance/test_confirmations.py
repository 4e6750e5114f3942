"""One text may confirm an opt-out."""

from __future__ import annotations

from datetime import timedelta

from models.vocabulary import Purpose, SuppressionKind
from tests.compliance.world import World


class TestConfirmations:
    """One text may confirm an opt-out, within five minutes, and only one."""

    def test_it_may_go_out_within_five_minutes(self, world: World) -> None:
        world.add(world.a_suppression(SuppressionKind.OPT_OUT, at=world.clock.now()))
        world.clock.advance(timedelta(minutes=5))
        assert world.assessed(world.ask(Purpose.CONFIRMATION)).reasons == ()
        world.clock.advance(timedelta(seconds=1))
        assert world.assessed(world.ask(Purpose.CONFIRMATION)).reasons == ("opted_out",)

    def test_there_is_only_one(self, world: World) -> None:
        world.add(world.a_suppression(SuppressionKind.OPT_OUT, at=world.clock.now() - timedelta(minutes=2)))
        assert world.assessed(world.ask(Purpose.CONFIRMATION)).reasons == ()
        world.sent(timedelta(minutes=1), purpose=Purpose.CONFIRMATION)
        assert "not_repeated" in world.assessed(world.ask(Purpose.CONFIRMATION)).reasons
