"""A new password with a link that came by mail."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import ClassVar

import pytest
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, multiple, rule
from pyotp.totp import TOTP
from sqlmodel import select

from leadflow.identity import rules
from leadflow.identity import service as identity
from leadflow.identity.errors import LinkEnded, SlowDown, StepEnded, WeakPassword, WrongCredentials
from leadflow.identity.service.passwords import LINK_FOR, LINKS
from leadflow.identity.types import Caller, Credentials, SecondFactorAsked, SignedIn
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from models.audit import AuditEvent
from models.identity import OneTimeToken
from models.jobs import Job
from models.mail import Mail
from models.vocabulary import JobKind, MailKind, Role
from tests.asgi import browser
from tests.identity.people import HERE, PASSWORD, Team, entered, link_of, mails, make_team

NEW = "another good password"


def ask(db: Database, team: Team, role: Role = Role.AGENT, address: str = "192.0.2.1") -> str:
    identity.ask_reset(db, team.emails[role], Caller(address))
    return link_of(db, MailKind.PASSWORD_RESET)


def signs_in(db: Database, team: Team, password: str) -> bool:
    try:
        identity.sign_in(db, Credentials(team.emails[Role.AGENT], password), HERE)
    except WrongCredentials:
        return False
    return True


def test_the_link_sets_a_password_and_ends_every_session(db: Database, team: Team) -> None:
    before = [team.sign_in(db, Role.AGENT).session_id for _ in range(3)]
    other = team.sign_in(db, Role.OWNER).session_id
    token = ask(db, team)
    identity.reset(db, token, NEW)
    assert identity.still_open(db, [*before, other]) == {other}
    assert (signs_in(db, team, PASSWORD), signs_in(db, team, NEW)) == (False, True)
    assert [to for to, _ in mails(db, MailKind.PASSWORD_CHANGED)] == [team.emails[Role.AGENT]]
    with db.begin(team.org_id) as uow:
        done = set(uow.session.exec(select(AuditEvent.action)))
    assert {"password.link_asked", "password.changed", "session.all_closed"} <= done


def test_only_its_hash_is_kept_and_it_travels_behind_the_hash_sign(db: Database, team: Team) -> None:
    token = ask(db, team)
    with db.begin() as uow:
        kept = uow.session.exec(select(OneTimeToken)).one()
        job = uow.session.exec(select(Job).where(Job.kind == JobKind.MAIL_SEND)).one()
    assert len(token) >= 43
    assert token.encode() not in kept.token_hash
    assert token not in str(job.payload)
    assert f"http://testserver/reset#{token}\n" in mails(db, MailKind.PASSWORD_RESET)[0][1]


def test_a_link_works_once(db: Database, team: Team) -> None:
    token = ask(db, team)
    identity.reset(db, token, NEW)
    with pytest.raises(LinkEnded):
        identity.reset(db, token, "a third good password")
    assert signs_in(db, team, NEW)


def test_of_six_who_use_one_link_at_once_one_sets_the_password(db: Database, team: Team) -> None:
    token, start, outcomes = ask(db, team), threading.Barrier(6), []

    def use(number: int) -> None:
        start.wait()
        try:
            identity.reset(db, token, f"good password number {number}")
            outcomes.append(number)
        except (LinkEnded, SlowDown):
            outcomes.append(-1)

    threads = [threading.Thread(target=use, args=(number,)) for number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    (winner,) = [number for number in outcomes if number >= 0]
    assert signs_in(db, team, f"good password number {winner}")


def test_a_link_ends_after_half_an_hour(db: Database, team: Team, clock: FrozenClock) -> None:
    token = ask(db, team)
    clock.advance(LINK_FOR)
    with pytest.raises(LinkEnded):
        identity.reset(db, token, NEW)


def test_asking_again_ends_the_older_link(db: Database, team: Team) -> None:
    older, newer = ask(db, team), ask(db, team)
    with pytest.raises(LinkEnded):
        identity.reset(db, older, NEW)
    identity.reset(db, newer, NEW)


def test_a_password_that_may_not_be_used_leaves_the_link(db: Database, team: Team) -> None:
    token = ask(db, team)
    with pytest.raises(WeakPassword):
        identity.reset(db, token, "short")
    identity.reset(db, token, NEW)


def test_changing_the_password_ends_a_link_that_is_under_way(db: Database, team: Team) -> None:
    token = ask(db, team)
    identity.change_password(db, team.present(db, Role.AGENT), PASSWORD, NEW)
    with pytest.raises(LinkEnded):
        identity.reset(db, token, "a third good password")


@pytest.mark.parametrize("token", ["", "x", "\x00", "a" * 43])
def test_what_is_no_token_is_refused(db: Database, team: Team, token: str) -> None:
    ask(db, team)
    with pytest.raises(LinkEnded):
        identity.reset(db, token, NEW)


def test_three_mails_an_hour_and_no_word_about_it(db: Database, team: Team, clock: FrozenClock) -> None:
    for number in range(LINKS + 3):
        ask(db, team, address=f"192.0.2.{number}")
    assert len(mails(db, MailKind.PASSWORD_RESET)) == LINKS
    # The last link that was mailed still works: nobody ends it by asking on.
    last = link_of(db, MailKind.PASSWORD_RESET)
    clock.advance(timedelta(minutes=1))
    identity.reset(db, last, NEW)
    clock.advance(timedelta(hours=1))
    ask(db, team)
    assert len(mails(db, MailKind.PASSWORD_RESET)) == LINKS + 1


def test_many_asked_for_from_one_address_are_slowed(db: Database, team: Team) -> None:
    for number in range(rules.MOST["mail"]):
        identity.ask_reset(db, f"nobody{number}@cedar.test", Caller("203.0.113.7"))
    with pytest.raises(SlowDown):
        identity.ask_reset(db, "one.more@cedar.test", Caller("203.0.113.7"))
    assert ask(db, team, address="192.0.2.9")


@pytest.mark.parametrize("email", ["nobody@cedar.test", "", "x" * 300, "a\x00b@cedar.test"])
def test_nothing_is_written_to_strangers(db: Database, team: Team, email: str) -> None:  # noqa: ARG001 the team exists
    identity.ask_reset(db, email, HERE)
    with db.begin() as uow:
        assert list(uow.session.exec(select(Mail.id))) == []
        assert list(uow.session.exec(select(Job.id).where(Job.kind == JobKind.MAIL_SEND))) == []


def test_a_shut_out_member_gets_no_link(db: Database, team: Team) -> None:
    with db.begin(team.org_id) as uow, uow.cursor() as cursor:
        cursor.execute("update membership set disabled_at = now() where user_id = %s", [team.ids[Role.AGENT]])
    identity.ask_reset(db, team.emails[Role.AGENT], HERE)
    assert mails(db, MailKind.PASSWORD_RESET) == []


def test_the_second_factor_stays(db: Database, team: Team, clock: FrozenClock) -> None:
    actor = team.present(db, Role.AGENT)
    secret = identity.begin_second_factor(db, actor).secret
    identity.confirm_second_factor(db, actor, TOTP(secret).at(clock.now()))
    waiting = identity.sign_in(db, Credentials(team.emails[Role.AGENT], PASSWORD), HERE)
    assert isinstance(waiting, SecondFactorAsked)
    identity.reset(db, ask(db, team), NEW)
    clock.advance(timedelta(seconds=60))
    # A step that began with the old password ends with it.
    with pytest.raises(StepEnded):
        identity.finish_sign_in(db, waiting.token, TOTP(secret).at(clock.now()), HERE)
    again = identity.sign_in(db, Credentials(team.emails[Role.AGENT], NEW), HERE)
    assert isinstance(again, SecondFactorAsked)


def test_every_organisation_of_the_person_has_it_on_record(db: Database, team: Team) -> None:
    other = make_team(db, "Birch Partners")
    with db.begin() as uow, uow.cursor() as cursor:
        cursor.execute(
            "insert into membership (org_id, user_id, role) values (%s, %s, 'agent')",
            [other.org_id, team.ids[Role.AGENT]],
        )
    identity.reset(db, ask(db, team), NEW)
    for org_id in (team.org_id, other.org_id):
        with db.begin(org_id) as uow:
            assert "password.changed" in set(uow.session.exec(select(AuditEvent.action)))


def test_the_answer_is_the_same_for_everybody(api: FastAPI, team: Team) -> None:
    client = browser(api)
    answers = [client.post("/api/v1/auth/forgot", json={"email": email}) for email in (team.emails[Role.AGENT], "x@y")]
    assert [(one.status_code, one.content) for one in answers] == [(202, b"null"), (202, b"null")]


def test_the_whole_way_in_a_browser(db: Database, api: FastAPI, team: Team) -> None:
    client = browser(api)
    client.post("/api/v1/auth/forgot", json={"email": team.emails[Role.AGENT].upper()})
    token = link_of(db, MailKind.PASSWORD_RESET)
    weak = client.post("/api/v1/auth/reset", json={"token": token, "password": "short"})
    assert (weak.status_code, weak.json()["error"]["field"]) == (422, "password")
    assert client.post("/api/v1/auth/reset", json={"token": token, "password": NEW}).status_code == 204
    gone = client.post("/api/v1/auth/reset", json={"token": token, "password": NEW})
    assert (gone.status_code, gone.json()["error"]["code"]) == (409, "link_ended")
    login = client.post("/api/v1/auth/login", json={"email": team.emails[Role.AGENT], "password": NEW})
    assert login.status_code == 200


class Resetting(RuleBasedStateMachine):
    """Ask, use, wait and sign in, in any order: at most one link of a person works, once, for half an hour."""

    db: ClassVar[Database]
    team: ClassVar[Team]
    clock: ClassVar[FrozenClock]
    links = Bundle("links")

    def __init__(self) -> None:
        super().__init__()
        self.password, self.number = PASSWORD, 0
        self.newest, self.until = "", self.clock.now()
        self.asked: list[object] = []
        # Each example begins with a quiet hour behind it, and with the password that the last one left.
        self.clock.advance(timedelta(hours=2))
        Resetting.number = getattr(Resetting, "number", 0) + 1
        self.password = f"example password {Resetting.number}"
        identity.reset(self.db, ask(self.db, self.team), self.password)
        self.clock.advance(timedelta(hours=2))

    @rule(target=links)
    def ask(self) -> object:
        """Ask for a link; the fourth within an hour is not mailed."""
        now, before = self.clock.now(), len(mails(self.db, MailKind.PASSWORD_RESET))
        recent = [at for at in self.asked if at > now - timedelta(hours=1)]  # pyright: ignore[reportOperatorIssue] instants
        identity.ask_reset(self.db, self.team.emails[Role.AGENT], Caller(f"198.51.100.{self.number % 250}"))
        self.number += 1
        mailed = len(mails(self.db, MailKind.PASSWORD_RESET)) - before
        assert mailed == (1 if len(recent) < LINKS else 0)
        if not mailed:
            return multiple()
        self.asked.append(now)
        self.newest, self.until = link_of(self.db, MailKind.PASSWORD_RESET), now + LINK_FOR
        return self.newest

    @rule(link=links)
    def use(self, link: str) -> None:
        """Use a link, new or old."""
        self.number += 1
        wanted = f"password of the model {self.number}"
        works = link == self.newest and self.clock.now() < self.until
        try:
            identity.reset(self.db, link, wanted)
        except LinkEnded:
            assert not works
            return
        assert works
        self.password, self.newest = wanted, ""

    @rule(link=consumes(links))
    def forget(self, link: str) -> None:
        """Lose a mail."""
        del link

    @rule(minutes=st.sampled_from([1, 29, 30, 61]))
    def wait(self, minutes: int) -> None:
        """Let time pass."""
        self.clock.advance(timedelta(minutes=minutes))

    @rule()
    def sign_in(self) -> None:
        """The last password that was set signs in."""
        answer: SignedIn | SecondFactorAsked = identity.sign_in(
            self.db, Credentials(self.team.emails[Role.AGENT], self.password), HERE
        )
        assert entered(answer)


def test_links_keep_their_promises_in_any_order(db: Database, team: Team, clock: FrozenClock) -> None:
    Resetting.db, Resetting.team, Resetting.clock = db, team, clock
    machine = Resetting.TestCase
    machine.settings = settings(
        max_examples=40,
        stateful_step_count=12,
        # Each step is a transaction; to shrink a failure would take minutes.
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
    )
    machine().runTest()
