"""What passes the gate and what it leaves behind."""

from __future__ import annotations

from leadflow.compliance.types import Cleared
from models.vocabulary import Purpose, Verdict
from tests.compliance.world import World


def test_the_text_of_this_world_may_go_out(world: World) -> None:
    assert world.assessed().reasons == ()
    assert world.assessed(world.ask(Purpose.CHECK)).verdict is Verdict.SENDABLE
    assert isinstance(world.cleared(), Cleared)
