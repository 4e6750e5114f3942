"""The second factor, from its set-up to its loss, on a real database."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from pyotp.totp import TOTP
from sqlmodel import select

from leadflow.identity import rules
from leadflow.identity import service as identity
from leadflow.identity.errors import ConfirmPassword, SlowDown, StepEnded, WrongCode
from leadflow.identity.types import (
    Caller,
    Credentials,
    Keys,
    MemberChange,
    OrganizationInput,
    Principal,
    SecondFactorAsked,
    SignedIn,
)
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from models.audit import AuditEvent
from models.identity import AuthSession, RecoveryCode, User
from models.vocabulary import Permission, Role
from tests.asgi import browser
from tests.identity.people import HERE, PASSWORD, Team, make_team, signed_in

AT = datetime.fromisoformat("2026-12-02T18:00:00+00:00")
RFC = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
"""The secret of RFC 6238's own examples, ``12345678901234567890``."""


def code(secret: str, clock: FrozenClock, steps: int = 0) -> str:
    return TOTP(secret).at(clock.now() + timedelta(seconds=30 * steps))


def set_up(db: Database, team: Team, role: Role, clock: FrozenClock) -> tuple[Principal, str, tuple[str, ...]]:
    """Give a member a second factor; the clock moves on, so that the next code is a fresh one."""
    actor = team.present(db, role)
    secret = identity.begin_second_factor(db, actor).secret
    codes = identity.confirm_second_factor(db, actor, code(secret, clock)).recovery_codes
    clock.advance(timedelta(seconds=60))
    return actor, secret, codes


def ask(db: Database, team: Team, role: Role, caller: Caller = HERE, *, remember: bool = False) -> SecondFactorAsked:
    answer = identity.sign_in(db, Credentials(team.emails[role], PASSWORD), caller, remember=remember)
    assert isinstance(answer, SecondFactorAsked)
    return answer


def acts(db: Database, team: Team) -> list[str]:
    with db.begin(team.org_id) as uow:
        return list(uow.session.exec(select(AuditEvent.action).where(AuditEvent.org_id == team.org_id)))


# The arithmetic


@pytest.mark.parametrize(
    ("second", "expected"), [(59, "287082"), (1_111_111_109, "081804"), (20_000_000_000, "353130")]
)
def test_codes_are_those_of_the_rfc(second: int, expected: str) -> None:
    assert rules.matching_step(RFC, expected, datetime.fromtimestamp(second, AT.tzinfo), None) == second // 30


@pytest.mark.parametrize("off", [-2, -1, 0, 1, 2])
def test_a_telephone_may_be_one_step_off(off: int) -> None:
    typed = TOTP(RFC).at(AT + timedelta(seconds=30 * off))
    assert (rules.matching_step(RFC, typed, AT, None) is not None) is (abs(off) <= 1)


@given(last=st.integers(-3, 3), off=st.integers(-1, 1))
def test_no_step_is_taken_twice_nor_an_earlier_one_after(last: int, off: int) -> None:
    now_step = int(AT.timestamp()) // 30
    found = rules.matching_step(RFC, TOTP(RFC).at(AT + timedelta(seconds=30 * off)), AT, now_step + last)
    assert found == (now_step + off if off > last else None)


@pytest.mark.parametrize("typed", ["", "12345", "٢٨٧٠٨٢", "000000\x00", "x" * 40])
def test_what_is_no_code_is_wrong(typed: str) -> None:
    assert rules.matching_step(RFC, typed, AT, None) is None


def test_a_recovery_code_may_be_typed_carelessly() -> None:
    keys, user = Keys(ring={"one": b"o" * 32}, pepper=b"p" * 32), uuid4()
    for one in rules.recovery_codes():
        wanted = rules.recovery_hash(keys, user, one)
        careless = one.lower().replace("-", " ").replace("0", "o").replace("1", "l")
        assert rules.recovery_hash(keys, user, careless) == wanted
    assert len(set(rules.recovery_codes())) == rules.CODES


# The protocol


def test_the_password_alone_opens_nothing_any_more(db: Database, team: Team, clock: FrozenClock) -> None:
    _, secret, _ = set_up(db, team, Role.AGENT, clock)
    asked = ask(db, team, Role.AGENT)
    opened = identity.finish_sign_in(db, asked.token, code(secret, clock), HERE)
    with db.begin() as uow:
        row = uow.session.get(AuthSession, opened.session_id)
        user = uow.session.get(User, team.ids[Role.AGENT])
    assert row is not None
    assert row.second_factor_at == clock.now()
    assert user is not None
    assert user.totp_secret is not None
    assert secret.encode() not in user.totp_secret
    assert {"second_factor.begun", "second_factor.set"} <= set(acts(db, team))


def test_other_sessions_end_when_a_second_factor_is_set(db: Database, team: Team, clock: FrozenClock) -> None:
    elsewhere = team.sign_in(db, Role.AGENT)
    actor, _, _ = set_up(db, team, Role.AGENT, clock)
    assert identity.still_open(db, [elsewhere.session_id, actor.session_id or elsewhere.session_id]) == {
        actor.session_id
    }


def test_a_code_works_once(db: Database, team: Team, clock: FrozenClock) -> None:
    _, secret, _ = set_up(db, team, Role.AGENT, clock)
    typed = code(secret, clock)
    identity.finish_sign_in(db, ask(db, team, Role.AGENT).token, typed, HERE)
    with pytest.raises(WrongCode):
        identity.finish_sign_in(db, ask(db, team, Role.AGENT).token, typed, HERE)


def test_the_code_that_set_it_up_does_not_sign_in(db: Database, team: Team, clock: FrozenClock) -> None:
    actor = team.present(db, Role.AGENT)
    secret = identity.begin_second_factor(db, actor).secret
    identity.confirm_second_factor(db, actor, code(secret, clock))
    with pytest.raises(WrongCode):
        identity.finish_sign_in(db, ask(db, team, Role.AGENT).token, code(secret, clock), HERE)


def test_of_four_who_show_one_code_at_once_one_comes_in(db: Database, team: Team, clock: FrozenClock) -> None:
    _, secret, _ = set_up(db, team, Role.AGENT, clock)
    steps = [ask(db, team, Role.AGENT) for _ in range(4)]
    typed, outcomes, start = code(secret, clock), [], threading.Barrier(4)

    def finish(step: SecondFactorAsked) -> None:
        start.wait()
        try:
            outcomes.append(identity.finish_sign_in(db, step.token, typed, HERE))
        except (WrongCode, StepEnded, SlowDown) as refusal:
            outcomes.append(refusal)

    threads = [threading.Thread(target=finish, args=(step,)) for step in steps]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(isinstance(outcome, SignedIn) for outcome in outcomes) == 1


def test_a_step_is_finished_once_and_within_five_minutes(db: Database, team: Team, clock: FrozenClock) -> None:
    _, secret, _ = set_up(db, team, Role.AGENT, clock)
    step = ask(db, team, Role.AGENT)
    identity.finish_sign_in(db, step.token, code(secret, clock), HERE)
    clock.advance(timedelta(seconds=60))
    with pytest.raises(StepEnded):
        identity.finish_sign_in(db, step.token, code(secret, clock), HERE)
    late = ask(db, team, Role.AGENT)
    clock.advance(rules.ASKED_FOR)
    for token in (late.token, "never was", ""):
        with pytest.raises(StepEnded):
            identity.finish_sign_in(db, token, code(secret, clock), HERE)


def test_guessing_codes_is_slowed_and_passes_by_itself(db: Database, team: Team, clock: FrozenClock) -> None:
    _, secret, _ = set_up(db, team, Role.AGENT, clock)
    thief, tried = Caller("203.0.113.9"), 0
    for _ in range(60):
        try:
            identity.finish_sign_in(db, ask(db, team, Role.AGENT, thief).token, "000000", thief)
        except WrongCode:
            tried += 1
        except SlowDown:
            pass
        clock.advance(timedelta(seconds=10))
    assert tried <= rules.MOST["factor"]
    # The owner of the account has a count of their own at home, and the pause ends for everybody.
    assert identity.finish_sign_in(db, ask(db, team, Role.AGENT).token, code(secret, clock), HERE)


def test_a_recovery_code_opens_once(db: Database, team: Team, clock: FrozenClock) -> None:
    actor, _, codes = set_up(db, team, Role.AGENT, clock)
    assert identity.finish_sign_in(db, ask(db, team, Role.AGENT).token, codes[3].lower(), HERE)
    with pytest.raises(WrongCode):
        identity.finish_sign_in(db, ask(db, team, Role.AGENT).token, codes[3], HERE)
    assert identity.second_factor(db, actor).codes_left == rules.CODES - 1
    assert "second_factor.recovery_used" in acts(db, team)
    with db.begin() as uow:
        kept = {row.code_hash for row in uow.session.exec(select(RecoveryCode))}
    assert not any(one.replace("-", "").encode() in row for one in codes for row in kept)


def test_new_recovery_codes_void_the_old(db: Database, team: Team, clock: FrozenClock) -> None:
    actor, _, codes = set_up(db, team, Role.AGENT, clock)
    renewed = identity.renew_recovery_codes(db, actor).recovery_codes
    with pytest.raises(WrongCode):
        identity.finish_sign_in(db, ask(db, team, Role.AGENT).token, codes[0], HERE)
    assert identity.finish_sign_in(db, ask(db, team, Role.AGENT).token, renewed[0], HERE)


def test_to_take_it_off_needs_password_and_code(db: Database, team: Team, clock: FrozenClock) -> None:
    actor, secret, _ = set_up(db, team, Role.AGENT, clock)
    with pytest.raises(Invalid):
        identity.drop_second_factor(db, actor, "not the password", code(secret, clock))
    with pytest.raises(WrongCode):
        identity.drop_second_factor(db, actor, PASSWORD, "000000")
    assert identity.second_factor(db, actor).on
    identity.drop_second_factor(db, actor, PASSWORD, code(secret, clock))
    assert not identity.second_factor(db, actor).on
    assert team.sign_in(db, Role.AGENT)
    assert "second_factor.removed" in acts(db, team)


def test_a_second_one_is_not_set_over_the_first(db: Database, team: Team, clock: FrozenClock) -> None:
    actor, _, _ = set_up(db, team, Role.AGENT, clock)
    with pytest.raises(Conflict):
        identity.begin_second_factor(db, actor)
    with pytest.raises(Conflict):
        identity.confirm_second_factor(db, actor, "000000")


# The password once more


def test_acts_that_ask_for_the_password_do_so_after_ten_minutes(db: Database, team: Team, clock: FrozenClock) -> None:
    actor = team.present(db, Role.OWNER)
    clock.advance(rules.CONFIRMED_FOR + timedelta(seconds=1))
    with pytest.raises(ConfirmPassword):
        identity.begin_second_factor(db, actor)
    with db.begin(team.org_id) as uow, pytest.raises(ConfirmPassword):
        identity.change_member(uow, actor, team.ids[Role.AGENT], MemberChange(role=Role.OWNER))
    with pytest.raises(Invalid):
        identity.confirm(db, actor, "not the password")
    with pytest.raises(ConfirmPassword):
        identity.begin_second_factor(db, actor)
    identity.confirm(db, actor, PASSWORD)
    assert identity.begin_second_factor(db, actor)
    assert "session.confirmed" in acts(db, team)


def test_one_session_does_not_confirm_for_another(db: Database, team: Team, clock: FrozenClock) -> None:
    old, clock_moves = team.present(db, Role.OWNER), rules.CONFIRMED_FOR + timedelta(seconds=1)
    clock.advance(clock_moves)
    identity.confirm(db, team.present(db, Role.OWNER), PASSWORD)
    with pytest.raises(ConfirmPassword):
        identity.begin_second_factor(db, old)


# Required by the organisation


def test_who_lacks_what_is_required_may_only_set_it_up(db: Database, team: Team, clock: FrozenClock) -> None:
    owner = team.present(db, Role.OWNER)
    require = OrganizationInput(second_factor_required=True)
    with db.begin(team.org_id) as uow, pytest.raises(Conflict):
        identity.change_organization(uow, owner, require)
    owner, _, _ = set_up(db, team, Role.OWNER, clock)
    with db.begin(team.org_id) as uow:
        identity.change_organization(uow, owner, require)
    agent = team.present(db, Role.AGENT)
    assert agent.only == frozenset({Permission.SESSION_USE})
    for permission in Permission:
        assert rules.may(agent, permission) is (permission is Permission.SESSION_USE)
    secret = identity.begin_second_factor(db, agent).secret
    identity.confirm_second_factor(db, agent, code(secret, clock))
    clock.advance(timedelta(seconds=60))
    opened = identity.finish_sign_in(db, ask(db, team, Role.AGENT).token, code(secret, clock), HERE)
    assert opened.principal.only is None


def test_a_living_session_feels_the_requirement_at_its_next_act(
    db: Database, api: FastAPI, team: Team, clock: FrozenClock
) -> None:
    client = signed_in(api, team, Role.AGENT)
    owner, _, _ = set_up(db, team, Role.OWNER, clock)
    assert client.get("/api/v1/leads").status_code == 200
    with db.begin(team.org_id) as uow:
        identity.change_organization(uow, owner, OrganizationInput(second_factor_required=True))
    assert client.get("/api/v1/leads").status_code == 403
    told = client.get("/api/v1/me").json()
    assert (told["permissions"], told["must_set_up_second_factor"]) == (["session.use"], True)


# Lost


def test_only_an_owner_takes_a_lost_one_away(db: Database, team: Team, clock: FrozenClock) -> None:
    lost, _, _ = set_up(db, team, Role.AGENT, clock)
    with pytest.raises(Forbidden):
        identity.reset_second_factor(db, team.present(db, Role.MANAGER), team.ids[Role.AGENT])
    identity.reset_second_factor(db, team.present(db, Role.OWNER), team.ids[Role.AGENT])
    assert lost.session_id is not None
    assert not identity.still_open(db, [lost.session_id])
    assert team.sign_in(db, Role.AGENT)
    assert "second_factor.reset" in acts(db, team)


def test_no_owner_weakens_what_guards_another_organisation(db: Database, team: Team, clock: FrozenClock) -> None:
    other = make_team(db, "Birch Partners")
    set_up(db, other, Role.AGENT, clock)
    with pytest.raises(NotFound):
        identity.reset_second_factor(db, team.present(db, Role.OWNER), other.ids[Role.AGENT])
    with db.begin() as uow, uow.cursor() as cursor:
        cursor.execute(
            "insert into membership (org_id, user_id, role) values (%s, %s, 'agent')",
            [team.org_id, other.ids[Role.AGENT]],
        )
    with pytest.raises(Forbidden):
        identity.reset_second_factor(db, team.present(db, Role.OWNER), other.ids[Role.AGENT])


# Over HTTP


def test_the_whole_way_in_a_browser(api: FastAPI, team: Team, clock: FrozenClock) -> None:
    client = signed_in(api, team, Role.AGENT)
    made = client.post("/api/v1/me/second-factor").json()
    assert made["uri"].startswith("otpauth://totp/LeadFlow:agent%40cedar.test?secret=")
    assert made["svg"].startswith("<svg")
    assert "<script" not in made["svg"]
    done = client.post("/api/v1/me/second-factor/confirm", json={"code": code(made["secret"], clock)})
    assert len(done.json()["recovery_codes"]) == rules.CODES
    clock.advance(timedelta(seconds=60))

    again = browser(api)
    step = again.post("/api/v1/auth/login", json={"email": team.emails[Role.AGENT], "password": PASSWORD})
    assert (step.status_code, step.json()["second_factor"], dict(again.cookies)) == (200, True, {})
    assert again.get("/api/v1/me").status_code == 401
    wrong = again.post("/api/v1/auth/second-factor", json={"token": step.json()["token"], "code": "000000"})
    assert (wrong.status_code, wrong.json()["error"]["code"], wrong.json()["error"]["field"]) == (
        422,
        "wrong_code",
        "code",
    )
    right = again.post(
        "/api/v1/auth/second-factor", json={"token": step.json()["token"], "code": code(made["secret"], clock)}
    )
    assert right.status_code == 200
    assert again.get("/api/v1/me").json()["second_factor"] is True
    assert [row["second_factor"] for row in again.get("/api/v1/me/sessions").json()] == [True, True]


def test_an_answer_names_the_code_by_which_the_page_asks_for_the_password(
    api: FastAPI, team: Team, clock: FrozenClock
) -> None:
    client = signed_in(api, team, Role.OWNER)
    clock.advance(rules.CONFIRMED_FOR + timedelta(seconds=1))
    client.post("/api/v1/auth/refresh")
    refused = client.post("/api/v1/me/second-factor")
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "confirm_password")
    assert client.post("/api/v1/me/confirm", json={"password": PASSWORD}).status_code == 204
    assert client.post("/api/v1/me/second-factor").status_code == 200
