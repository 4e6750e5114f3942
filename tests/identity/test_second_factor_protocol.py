"""A state machine of the second step: any code, any order, any time."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, rule
from pyotp.totp import TOTP

from leadflow.identity import rules
from leadflow.identity import service as identity
from leadflow.identity.errors import SlowDown, StepEnded, WrongCode
from leadflow.identity.types import Credentials, Principal, SecondFactorAsked
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from models.vocabulary import Role
from tests.identity.people import HERE, PASSWORD, Team
from tests.identity.test_second_factor import set_up


class SecondStep(RuleBasedStateMachine):
    """Holds the last step taken, the codes left and the steps of sign-ins; a refused sign-in leaves all as it was."""

    db: ClassVar[Database]
    team: ClassVar[Team]
    clock: ClassVar[FrozenClock]
    actor: ClassVar[Principal]
    secret: ClassVar[str]
    steps = Bundle("steps")

    def __init__(self) -> None:
        super().__init__()
        # Each example has a quiet half hour behind it, and recovery codes of its own.
        self.clock.advance(timedelta(minutes=30))
        identity.confirm(self.db, self.actor, PASSWORD)
        self.left = set(identity.renew_recovery_codes(self.db, self.actor).recovery_codes)
        self.void: set[str] = set()
        self.last = 0
        self.until: dict[str, object] = {}

    @rule(target=steps)
    def type_the_password(self) -> str:
        """Begin a sign-in."""
        asked = identity.sign_in(self.db, Credentials(self.team.emails[Role.AGENT], PASSWORD), HERE)
        assert isinstance(asked, SecondFactorAsked)
        self.until[asked.token] = asked.until
        return asked.token

    @rule(token=steps, off=st.integers(-2, 2))
    def type_a_code(self, token: str, off: int) -> None:
        """Show a code of about now: right if it is near, and later than the last that was taken."""
        at = self.clock.now() + timedelta(seconds=off * rules.STEP_S)
        step = int(at.timestamp()) // rules.STEP_S
        self._try(token, TOTP(self.secret).at(at), right=abs(off) <= rules.DRIFT and step > self.last, step=step)

    @rule(token=steps, data=st.data())
    def type_a_recovery_code(self, token: str, data: st.DataObject) -> None:
        """Show one that is left, or one that was used."""
        code = data.draw(st.sampled_from(sorted(self.left | self.void)))
        if self._try(token, code, right=code in self.left):
            self.left.discard(code)
            self.void.add(code)

    def _try(self, token: str, code: str, *, right: bool, step: int | None = None) -> bool:
        open_still = token in self.until and self.clock.now() < self.until[token]  # pyright: ignore[reportOperatorIssue] instants
        try:
            identity.finish_sign_in(self.db, token, code, HERE)
        except StepEnded:
            assert not open_still
            return False
        except WrongCode:
            assert open_still
            assert not right
            return False
        except SlowDown:
            return False
        assert open_still
        assert right
        del self.until[token]
        self.last = step or self.last
        return True

    @rule(token=consumes(steps))
    def forget(self, token: str) -> None:
        """Close the page."""
        del token

    @rule(seconds=st.sampled_from([1, 29, 30, 61, 301]))
    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(seconds=seconds))

    def teardown(self) -> None:
        """As many codes are left as the model says."""
        assert identity.second_factor(self.db, self.actor).codes_left == len(self.left)


def test_the_second_step_keeps_its_promises_in_any_order(db: Database, team: Team, clock: FrozenClock) -> None:
    actor, secret, _ = set_up(db, team, Role.AGENT, clock)
    # The session that renews the codes is idle from here on, so that it never gives way to those of the examples.
    clock.advance(rules.IDLE * 2)
    SecondStep.db, SecondStep.team, SecondStep.clock = db, team, clock
    SecondStep.actor, SecondStep.secret = actor, secret
    machine = SecondStep.TestCase
    machine.settings = settings(
        max_examples=40,
        stateful_step_count=12,
        # Each step is a transaction; to shrink a failure would take minutes.
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    machine().runTest()
