"""The refresh protocol as a machine: whatever honest tabs and thieves do, in any order, its promises hold."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, MultipleResults, RuleBasedStateMachine, consumes, initialize, multiple, rule

from leadflow.identity import rules
from leadflow.identity import service as identity
from leadflow.identity.errors import SessionEnded
from leadflow.identity.types import Keys, Principal
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from models.vocabulary import MailKind, Role
from tests.conftest import NOON
from tests.identity.people import Team, mails


class Refreshing(RuleBasedStateMachine):
    """Holds a model of one user's sessions and compares each answer of the service with it."""

    db: Database
    team: Team
    clock: FrozenClock

    tokens: Bundle[str] = Bundle("tokens")

    @initialize()
    def begin(self) -> None:
        """Start at a fixed instant, with one key."""
        self.clock.set(NOON)
        with self.db.begin() as uow, uow.cursor() as cursor:
            cursor.execute("delete from session")
        self.family: dict[str, UUID] = {}
        self.child: dict[str, str] = {}
        self.used: dict[str, datetime] = {}
        self.until: dict[UUID, datetime] = {}
        self.dead: set[UUID] = set()

    @rule(target=tokens)
    def sign_in(self) -> str:
        """Open a session, unless the limit of ten would end another one."""
        opened = self.team.sign_in(self.db, Role.AGENT)
        self.family[opened.refresh] = opened.session_id
        self.until[opened.session_id] = min(opened.until, self.clock.now() + rules.IDLE)
        alive = [
            session for session in self.until if session not in self.dead and self.until[session] > self.clock.now()
        ]
        if len(alive) > rules.SESSIONS:
            # All are equally unused here, so ask the service which one gave way.
            kept = identity.still_open(self.db, alive)
            assert len(kept) == rules.SESSIONS
            self.dead |= set(alive) - kept
        return opened.refresh

    @rule(target=tokens, token=tokens)
    def refresh(self, token: str) -> str | MultipleResults[str]:
        """Show a token: a new one, a used one, one of a dead session, by whoever holds it."""
        session, now = self.family[token], self.clock.now()
        ended = session in self.dead or self.until[session] <= now
        child = self.child.get(token)
        fresh = child is None
        repeats = child is not None and child not in self.used and now - self.used[token] <= rules.LEEWAY
        try:
            answer = identity.refresh(self.db, token)
        except SessionEnded:
            assert ended or not (fresh or repeats)
            if not ended:
                self.dead.add(session)
            return multiple()
        assert not ended
        assert fresh or repeats
        assert answer.session_id == session
        if repeats:
            assert answer.refresh == child
            return multiple()
        self.child[token], self.used[token] = answer.refresh, now
        self.family[answer.refresh] = session
        return answer.refresh

    @rule(token=tokens)
    def sign_out(self, token: str) -> None:
        """End the session of a token."""
        session = self.family[token]
        actor = Principal(self.team.ids[Role.AGENT], self.team.org_id, Role.AGENT, session)
        with self.db.begin(self.team.org_id) as uow:
            identity.sign_out(uow, actor)
        self.dead.add(session)

    @rule(token=consumes(tokens))
    def forget(self, token: str) -> None:
        """Lose a token."""
        del token

    @rule(seconds=st.sampled_from([0, 1, 5, 10, 11, 600, 3_599]))
    def wait(self, seconds: int) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(seconds=seconds))

    def teardown(self) -> None:
        """No token ever got two children, and what ended in the model is ended in the database."""
        with self.db.begin() as uow, uow.cursor() as cursor:
            cursor.execute(
                "select count(*) from (select parent_id from refresh_token where parent_id is not null "
                "group by parent_id having count(*) > 1) as twins"
            )
            assert cursor.fetchone() == (0,)
        assert not identity.still_open(self.db, self.dead)


def test_the_refresh_protocol_keeps_its_promises_in_any_order(db: Database, team: Team, clock: FrozenClock) -> None:
    Refreshing.db, Refreshing.team, Refreshing.clock = db, team, clock
    machine = Refreshing.TestCase
    machine.settings = settings(
        max_examples=200,
        stateful_step_count=10,
        # Each step is a transaction; to shrink a failure would take minutes.
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    machine().runTest()


def test_twenty_tabs_that_renew_at_once_get_one_child(db: Database, team: Team) -> None:
    opened = team.sign_in(db, Role.AGENT)
    start, answers = threading.Barrier(8), []

    def renew() -> None:
        start.wait()
        answers.append(identity.refresh(db, opened.refresh).refresh)

    for _ in range(3):
        threads = [threading.Thread(target=renew) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert len(answers) == 24
    assert len(set(answers)) == 1


def test_a_stolen_token_ends_the_session_for_thief_and_owner(db: Database, team: Team, clock: FrozenClock) -> None:
    opened = team.sign_in(db, Role.AGENT)
    thief = identity.refresh(db, opened.refresh)
    clock.advance(timedelta(seconds=11))
    with pytest.raises(SessionEnded):
        identity.refresh(db, opened.refresh)
    for token in (thief.refresh, opened.refresh):
        with pytest.raises(SessionEnded):
            identity.refresh(db, token)
    with pytest.raises(SessionEnded), db.begin() as uow:
        identity.access(uow, thief.access)
    ((to, text),) = mails(db, MailKind.REFRESH_REUSED)
    assert (to, "192.0.2.1" in text) == (team.emails[Role.AGENT], True)


def test_a_grandparent_within_ten_seconds_is_a_theft_too(db: Database, team: Team, clock: FrozenClock) -> None:
    opened = team.sign_in(db, Role.AGENT)
    child = identity.refresh(db, opened.refresh)
    identity.refresh(db, child.refresh)
    clock.advance(timedelta(seconds=3))
    with pytest.raises(SessionEnded):
        identity.refresh(db, opened.refresh)
    with pytest.raises(SessionEnded):
        identity.refresh(db, child.refresh)


def test_a_key_that_is_rotated_between_two_tabs_gives_the_same_child(db: Database, team: Team) -> None:
    before = identity.keys()
    opened = team.sign_in(db, Role.AGENT)
    first = identity.refresh(db, opened.refresh)
    ring = {"newer": b"z" * 32, **before.ring}
    identity.configure(Keys(ring=ring, pepper=before.pepper, bcrypt_cost=4, secure=False, demo_users=True))
    assert identity.refresh(db, opened.refresh).refresh == first.refresh
