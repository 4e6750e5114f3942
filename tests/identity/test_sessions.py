"""Sign in, stay signed in, sign out, on a real database."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlmodel import select

from leadflow.identity import rules
from leadflow.identity import service as identity
from leadflow.identity.errors import SessionEnded, SlowDown, WrongCredentials
from leadflow.identity.types import Caller, Credentials, MemberChange, Principal
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Invalid, NotFound, Unauthenticated
from models.audit import AuditEvent
from models.identity import AuthSession, RefreshToken
from models.vocabulary import Role
from tests.identity.people import HERE, PASSWORD, Team, entered, make_team


def actor(db: Database, sid: str | None) -> Principal:
    assert sid is not None
    with db.begin() as uow:
        return identity.resume(uow, sid)


def alive(db: Database, sid: str | None) -> bool:
    try:
        actor(db, sid)
    except Unauthenticated:
        return False
    return True


def acts(db: Database, team: Team) -> list[str]:
    with db.begin(team.org_id) as uow:
        return list(uow.session.exec(select(AuditEvent.action).where(AuditEvent.org_id == team.org_id)))


def test_the_right_password_opens_a_session(db: Database, team: Team) -> None:
    opened = team.sign_in(db, Role.AGENT)
    found = actor(db, opened.sid)
    assert (found.user_id, found.org_id, found.role) == (team.ids[Role.AGENT], team.org_id, Role.AGENT)
    assert found.session_id == opened.session_id
    assert "session.opened" in acts(db, team)


def test_an_address_may_be_typed_in_capitals(db: Database, team: Team) -> None:
    credentials = Credentials(" " + team.emails[Role.AGENT].upper(), PASSWORD)
    assert entered(identity.sign_in(db, credentials, HERE)).principal.user_id == team.ids[Role.AGENT]


@pytest.mark.parametrize("email", ["agent@cedar.test", "nobody@cedar.test", "", "x" * 250, "a\x00b@cedar.test"])
def test_a_wrong_password_and_an_unknown_address_read_the_same(db: Database, team: Team, email: str) -> None:  # noqa: ARG001 the team exists
    with pytest.raises(WrongCredentials) as refusal:
        identity.sign_in(db, Credentials(email, "not the password"), HERE)
    assert refusal.value.message == "The e-mail address or the password is not right."


def test_secrets_are_stored_as_hashes_only(db: Database, team: Team) -> None:
    opened = team.sign_in(db, Role.AGENT)
    with db.begin() as uow:
        session = uow.session.get(AuthSession, opened.session_id)
        token = uow.session.exec(select(RefreshToken)).one()
    assert session is not None
    assert session.sid_hash == rules.hashed(opened.sid or "")
    assert token.token_hash == rules.hashed(opened.refresh)


def test_a_session_ends_after_an_idle_hour(db: Database, team: Team, clock: FrozenClock) -> None:
    opened = team.sign_in(db, Role.AGENT)
    clock.advance(rules.IDLE - timedelta(seconds=1))
    assert alive(db, opened.sid)
    clock.advance(rules.IDLE - timedelta(seconds=1))
    assert alive(db, opened.sid)
    clock.advance(rules.IDLE)
    assert not alive(db, opened.sid)


def test_a_session_ends_after_a_day_however_busy(db: Database, team: Team, clock: FrozenClock) -> None:
    opened = team.sign_in(db, Role.AGENT)
    for _ in range(47):
        clock.advance(timedelta(minutes=30))
        assert alive(db, opened.sid)
    clock.advance(timedelta(minutes=30))
    assert not alive(db, opened.sid)


def test_signing_out_ends_everything_of_the_session(db: Database, team: Team) -> None:
    opened, other = team.sign_in(db, Role.AGENT), team.sign_in(db, Role.AGENT)
    with db.begin(team.org_id) as uow:
        identity.sign_out(uow, opened.principal)
    assert not alive(db, opened.sid)
    assert alive(db, other.sid)
    with pytest.raises(SessionEnded), db.begin() as uow:
        identity.access(uow, opened.access)
    with pytest.raises(SessionEnded):
        identity.refresh(db, opened.refresh)


def test_signing_out_everywhere_ends_every_session(db: Database, team: Team) -> None:
    opened = [team.sign_in(db, Role.AGENT) for _ in range(3)]
    stranger = team.sign_in(db, Role.OWNER)
    assert identity.sign_out_everywhere(db, opened[0].principal) == 3
    assert not any(alive(db, one.sid) for one in opened)
    assert alive(db, stranger.sid)


def test_the_eleventh_session_ends_the_one_unused_for_longest(db: Database, team: Team, clock: FrozenClock) -> None:
    opened = []
    for _ in range(11):
        opened.append(team.sign_in(db, Role.AGENT))
        clock.advance(timedelta(seconds=1))
    assert [alive(db, one.sid) for one in opened] == [False] + [True] * 10


def test_a_list_of_sessions_marks_the_present_one_and_ends_only_ones_own(db: Database, team: Team) -> None:
    mine, other, theirs = team.sign_in(db, Role.AGENT), team.sign_in(db, Role.AGENT), team.sign_in(db, Role.OWNER)
    assert {row.id: row.current for row in identity.sessions(db, mine.principal)} == {
        mine.session_id: True,
        other.session_id: False,
    }
    with pytest.raises(NotFound):
        identity.end_session(db, mine.principal, theirs.session_id)
    identity.end_session(db, mine.principal, other.session_id)
    assert [alive(db, one.sid) for one in (mine, other, theirs)] == [True, False, True]


def test_a_member_who_is_shut_out_is_out_at_once(db: Database, team: Team) -> None:
    opened = team.sign_in(db, Role.AGENT)
    with db.begin(team.org_id) as uow:
        identity.change_member(uow, team.principal(db, Role.OWNER), team.ids[Role.AGENT], MemberChange(active=False))
    assert not alive(db, opened.sid)
    with pytest.raises(SessionEnded):
        identity.refresh(db, opened.refresh)
    with pytest.raises(WrongCredentials):
        team.sign_in(db, Role.AGENT)


def test_a_changed_role_holds_from_the_next_act(db: Database, team: Team) -> None:
    opened = team.sign_in(db, Role.AGENT)
    with db.begin(team.org_id) as uow:
        owner = team.principal(db, Role.OWNER)
        identity.change_member(uow, owner, team.ids[Role.AGENT], MemberChange(role=Role.AUDITOR))
    assert actor(db, opened.sid).role is Role.AUDITOR
    with db.begin() as uow:
        assert identity.access(uow, opened.access).role is Role.AUDITOR


def test_a_new_password_ends_every_other_session(db: Database, team: Team) -> None:
    mine, other = team.sign_in(db, Role.AGENT), team.sign_in(db, Role.AGENT)
    identity.change_password(db, mine.principal, PASSWORD, "another good password")
    assert alive(db, mine.sid)
    assert not alive(db, other.sid)
    with pytest.raises(WrongCredentials):
        team.sign_in(db, Role.AGENT)
    identity.sign_in(db, Credentials(team.emails[Role.AGENT], "another good password"), HERE)


def test_the_present_password_is_asked_for(db: Database, team: Team) -> None:
    mine = team.sign_in(db, Role.AGENT)
    with pytest.raises(Invalid) as refusal:
        identity.change_password(db, mine.principal, "not the password", "another good password")
    assert refusal.value.field == "current"


def test_demo_users_stay_out_where_they_are_not_allowed(db: Database, team: Team) -> None:
    with db.begin(team.org_id) as uow:
        identity.add_member(uow, "demo@cedar.test", "Demo", PASSWORD, Role.OWNER, demo=True)
    opened = entered(identity.sign_in(db, Credentials("demo@cedar.test", PASSWORD), HERE))
    allowed = identity.keys()
    identity.configure(type(allowed)(ring=allowed.ring, pepper=allowed.pepper, bcrypt_cost=4, demo_users=False))
    assert not alive(db, opened.sid)
    with pytest.raises(WrongCredentials):
        identity.sign_in(db, Credentials("demo@cedar.test", PASSWORD), HERE)


# Guessing


def guess(db: Database, email: str, address: str) -> type[Exception] | None:
    try:
        identity.sign_in(db, Credentials(email, "a wrong guess"), Caller(address))
    except (WrongCredentials, SlowDown) as refusal:
        return type(refusal)
    return None


def test_five_hundred_guesses_from_fifty_addresses_cost_twenty_hashes(
    db: Database, team: Team, clock: FrozenClock
) -> None:
    outcomes = []
    for number in range(500):
        outcomes.append(guess(db, team.emails[Role.AGENT], f"198.51.100.{number % 50}"))
        clock.advance(timedelta(milliseconds=1_798))
    assert outcomes.count(WrongCredentials) <= 20
    assert outcomes.count(SlowDown) >= 480


def test_the_lock_passes_by_itself(db: Database, team: Team, clock: FrozenClock) -> None:
    for _ in range(30):
        guess(db, team.emails[Role.AGENT], "198.51.100.1")
        clock.advance(timedelta(seconds=61))
    clock.advance(rules.WINDOW)
    assert team.sign_in(db, Role.AGENT, Caller("203.0.113.9"))


def test_strangers_cannot_lock_out_a_user_from_a_known_address(db: Database, team: Team) -> None:
    team.sign_in(db, Role.AGENT, Caller("203.0.113.9"))
    for number in range(30):
        guess(db, team.emails[Role.AGENT], f"198.51.100.{number}")
    assert team.sign_in(db, Role.AGENT, Caller("203.0.113.9"))


def test_one_address_may_not_try_a_thousand_accounts(db: Database) -> None:
    outcomes = [guess(db, f"user{number}@cedar.test", "198.51.100.1") for number in range(200)]
    assert outcomes.count(WrongCredentials) <= rules.MOST["address"]


def test_an_unknown_account_is_slowed_down_like_a_known_one(db: Database, team: Team) -> None:
    known = [guess(db, team.emails[Role.AGENT], f"198.51.100.{n}") for n in range(10)]
    unknown = [guess(db, "nobody@cedar.test", f"203.0.113.{n}") for n in range(10)]
    assert known == unknown


def test_signing_in_forgives_ones_own_failures(db: Database, team: Team) -> None:
    for _ in range(4):
        guess(db, team.emails[Role.AGENT], HERE.address)
    team.sign_in(db, Role.AGENT)
    for _ in range(4):
        assert guess(db, team.emails[Role.AGENT], HERE.address) is WrongCredentials


def test_tidying_removes_old_tries_and_sessions_only(db: Database, team: Team, clock: FrozenClock) -> None:
    guess(db, team.emails[Role.AGENT], HERE.address)
    team.sign_in(db, Role.AGENT)
    clock.advance(timedelta(days=92))
    fresh = team.sign_in(db, Role.OWNER)
    identity.tidy(db)
    with db.begin() as uow:
        assert [row.id for row in uow.session.exec(select(AuthSession))] == [fresh.session_id]


def test_a_member_of_two_organisations_acts_in_one(db: Database, team: Team) -> None:
    other = make_team(db, "Birch Partners")
    opened = other.sign_in(db, Role.OWNER)
    assert actor(db, opened.sid).org_id == other.org_id != team.org_id
