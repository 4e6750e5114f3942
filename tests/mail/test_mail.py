"""Mail is written with its act, delivered to a real server, and its text erased."""

from __future__ import annotations

import string
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from aiosmtpd.smtp import AuthResult
from hypothesis import given
from hypothesis import strategies as st
from sqlmodel import select

from leadflow.identity import service as identity
from leadflow.kernel import vault
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Forbidden, NotFound, Permanent, Transient
from leadflow.local.ports import free_port
from leadflow.mail import rules
from leadflow.mail import service as mail
from leadflow.mail.providers import smtp
from leadflow.mail.types import Letter, Post
from models.jobs import Job
from models.mail import Mail
from models.vocabulary import JobKind, JobState, MailKind, MailState, Role
from tests.conftest import NOON
from tests.identity.people import Team, make_team
from tests.mail.conftest import Mailbox
from workers.job import run
from workers.main import load_handlers

FACTS = {"token": "t0ken", "place": "192.0.2.1", "minutes": "30"}


def written(db: Database, team: Team) -> UUID:
    with db.begin(team.org_id) as uow:
        return mail.send(uow, MailKind.PASSWORD_RESET, "agent@cedar.test", FACTS)


def row(db: Database, mail_id: UUID) -> Mail:
    with db.begin() as uow:
        found = uow.session.get(Mail, mail_id)
    assert found is not None
    return found


def work(db: Database, clock: FrozenClock, rounds: int = 1) -> None:
    """Run every mail job that is due, as a worker does; the clock moves past its pauses."""
    load_handlers()
    for _ in range(rounds):
        with db.begin() as uow:
            waiting = select(Job.id).where(Job.kind == JobKind.MAIL_SEND, Job.state == JobState.WAITING)
            due = list(uow.session.exec(waiting))
        for job_id in due:
            run(db, job_id)
        clock.advance(timedelta(minutes=6))


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the second try follow at once."""
    hand_over = smtp.hand_over
    monkeypatch.setattr(smtp, "hand_over", lambda url, message, **_: hand_over(url, message, pause_s=0))


@pytest.mark.usefixtures("posted")
def test_a_worker_delivers_and_the_text_is_gone(db: Database, team: Team, clock: FrozenClock, mailbox: Mailbox) -> None:
    mail_id = written(db, team)
    before = row(db, mail_id)
    assert before.state is MailState.WAITING
    assert before.body is not None
    assert b"t0ken" not in before.body
    work(db, clock)
    (taken,) = mailbox.taken
    assert (taken["To"], taken["From"]) == ("agent@cedar.test", "LeadFlow <no-reply@leadflow.test>")
    assert taken["Message-ID"] == f"<{mail_id}@leadflow.test>"
    assert "http://testserver/reset#t0ken" in taken.get_content()
    after = row(db, mail_id)
    assert (after.state, after.body, after.attempts) == (MailState.SENT, None, 1)
    assert after.sent_at is not None


@pytest.mark.usefixtures("posted")
def test_a_mail_of_an_act_that_failed_was_never_written(
    db: Database, team: Team, clock: FrozenClock, mailbox: Mailbox
) -> None:
    def act() -> None:
        with db.begin(team.org_id) as uow:
            mail.send(uow, MailKind.PASSWORD_RESET, "agent@cedar.test", FACTS)
            raise NotFound

    with pytest.raises(NotFound):
        act()
    work(db, clock)
    assert (mailbox.tried, mailbox.taken) == (0, [])


@pytest.mark.usefixtures("posted")
def test_the_same_job_twice_sends_once(db: Database, team: Team, clock: FrozenClock, mailbox: Mailbox) -> None:
    mail_id = written(db, team)
    work(db, clock)
    mail.deliver(db, mail_id, last=False)
    assert len(mailbox.taken) == 1


@pytest.mark.usefixtures("posted")
def test_what_passes_in_seconds_is_tried_again_at_once(
    db: Database, team: Team, clock: FrozenClock, mailbox: Mailbox
) -> None:
    mailbox.answers = ["451 try again", "421 busy"]
    mail_id = written(db, team)
    work(db, clock)
    assert (mailbox.tried, len(mailbox.taken), row(db, mail_id).state) == (3, 1, MailState.SENT)


@pytest.mark.usefixtures("posted")
def test_what_lasts_longer_waits_for_the_next_job(
    db: Database, team: Team, clock: FrozenClock, mailbox: Mailbox
) -> None:
    mailbox.answers = ["451 try again"] * smtp.TRIES
    mail_id = written(db, team)
    work(db, clock)
    waiting = row(db, mail_id)
    assert (waiting.state, waiting.attempts, waiting.body is None) == (MailState.WAITING, 1, False)
    assert "451" in waiting.fault
    work(db, clock)
    assert row(db, mail_id).state is MailState.SENT


@pytest.mark.usefixtures("posted")
def test_after_the_last_try_it_is_given_up_and_erased(
    db: Database, team: Team, clock: FrozenClock, mailbox: Mailbox
) -> None:
    mailbox.answers = ["451 try again"] * 100
    mail_id = written(db, team)
    work(db, clock, mail.TRIES + 1)
    found = row(db, mail_id)
    assert (found.state, found.body, found.attempts) == (MailState.FAILED, None, mail.TRIES)


@pytest.mark.usefixtures("posted")
def test_a_refusal_for_good_is_not_tried_again(db: Database, team: Team, clock: FrozenClock, mailbox: Mailbox) -> None:
    mailbox.answers = ["550 no such user agent@cedar.test"]
    mail_id = written(db, team)
    work(db, clock, 2)
    found = row(db, mail_id)
    assert (mailbox.tried, found.state, found.body) == (1, MailState.FAILED, None)
    assert found.fault == "The mail server refuses this mail (550)."


def test_a_server_that_is_away_is_asked_later(db: Database, team: Team, clock: FrozenClock) -> None:
    before = mail.post()
    mail.configure(replace(before, url=f"smtp://127.0.0.1:{free_port()}", sender="LeadFlow <no-reply@leadflow.test>"))
    mail_id = written(db, team)
    work(db, clock)
    found = row(db, mail_id)
    assert found.state is MailState.WAITING
    assert found.fault.startswith("The mail server cannot be reached")


@pytest.mark.filterwarnings("ignore:Requiring AUTH while not requiring TLS")
def test_a_password_is_shown_to_the_server(mailbox: Mailbox, serve: Callable[..., str]) -> None:
    def check(_server: object, _session: object, _envelope: object, _mechanism: str, given: object) -> AuthResult:
        right = (getattr(given, "login", b""), getattr(given, "password", b"")) == (b"lead", b"p@ss:word")
        return AuthResult(success=right, handled=False)

    address = serve(authenticator=check, auth_require_tls=False, auth_required=True).removeprefix("smtp://")
    message = rules.message(a_letter())
    smtp.hand_over(f"smtp://lead:p%40ss%3Aword@{address}", message, pause_s=0)
    assert len(mailbox.taken) == 1
    with pytest.raises(Transient, match="does not let us sign in"):
        smtp.hand_over(f"smtp://lead:wrong@{address}", message, pause_s=0)
    assert len(mailbox.taken) == 1


def test_without_encryption_mail_stays_on_this_machine(
    mailbox: Mailbox, posted: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert [rules.may_be_plain(host) for host in ("127.0.0.1", "::1", "localhost", "192.0.2.1", "mail.example")] == [
        True,
        True,
        True,
        False,
        False,
    ]
    monkeypatch.setattr(smtp, "may_be_plain", lambda _: False)
    with pytest.raises(Transient, match="no encryption"):
        smtp.hand_over(posted, rules.message(a_letter()), pause_s=0)
    assert mailbox.tried == 0


# What is written


def a_letter(**changes: str) -> Letter:
    made = Letter(
        id=UUID(int=1),
        sender="LeadFlow <no-reply@leadflow.test>",
        recipient="agent@cedar.test",
        subject="Hello",
        body="text",
        written_at=NOON,
    )
    return replace(made, **changes)  # pyright: ignore[reportArgumentType] texts only


@pytest.mark.parametrize("kind", MailKind)
def test_every_kind_has_a_text_without_gaps(kind: MailKind) -> None:
    gaps = {name for part in rules.TEXTS[kind] for _, name, _, _ in string.Formatter().parse(part) if name} - {"base"}
    subject, body = rules.written(kind, {name: f"<{name}>" for name in gaps}, "https://app.example")
    assert all(f"<{name}>" in subject + body for name in gaps)
    for name in gaps:
        with pytest.raises(KeyError):
            rules.written(kind, dict.fromkeys(gaps - {name}, "x"), "https://app.example")


@given(name=st.text(max_size=60))
def test_what_people_choose_adds_no_line_and_no_header(name: str) -> None:
    facts = {"organization": name, "inviter": name, "role": "agent", "days": "7", "token": "t"}
    subject, body = rules.written(MailKind.INVITATION, facts, "https://app.example")
    plain = rules.written(MailKind.INVITATION, dict.fromkeys(facts, "x"), "https://app.example")[1]
    assert len(body.splitlines()) == len(plain.splitlines())
    assert set(rules.message(a_letter(subject=subject, body="text"))) == {
        "From", "To", "Subject", "Date", "Message-ID", "Auto-Submitted",
        "Content-Type", "Content-Transfer-Encoding", "MIME-Version",
    }  # fmt: skip


@pytest.mark.usefixtures("posted")
def test_an_address_that_is_none_gives_the_mail_up(
    db: Database, team: Team, clock: FrozenClock, mailbox: Mailbox
) -> None:
    with db.begin(team.org_id) as uow:
        mail_id = mail.send(uow, MailKind.PASSWORD_RESET, "a b\r\nBcc: victim@example.test", FACTS)
    work(db, clock, 2)
    assert (mailbox.tried, row(db, mail_id).state) == (0, MailState.FAILED)


# The local outbox


def test_without_a_server_it_is_kept_for_the_owner(db: Database, team: Team, clock: FrozenClock) -> None:
    mail_id = written(db, team)
    work(db, clock)
    assert row(db, mail_id).state is MailState.KEPT
    with db.begin(team.org_id) as uow:
        (shown,) = identity.outbox(uow, team.principal(db, Role.OWNER))
        with pytest.raises(Forbidden):
            identity.outbox(uow, team.principal(db, Role.MANAGER))
    assert shown.body is not None
    assert "#t0ken" in shown.body
    other = make_team(db, "Birch Partners")
    with db.begin(other.org_id) as uow:
        assert identity.outbox(uow, other.principal(db, Role.OWNER)) == ()


def test_nobody_reads_mail_where_real_people_sign_in(db: Database, team: Team) -> None:
    written(db, team)
    before = mail.post()
    mail.configure(Post(public_url="https://app.example", outbox=False))
    with db.begin(team.org_id) as uow, pytest.raises(NotFound):
        identity.outbox(uow, team.principal(db, Role.OWNER))
    mail.configure(before)


@pytest.mark.usefixtures("posted")
def test_a_text_does_not_open_in_another_row(db: Database, team: Team, clock: FrozenClock, mailbox: Mailbox) -> None:
    first, second = written(db, team), written(db, team)
    with db.begin() as uow, uow.cursor() as cursor:
        cursor.execute("update mail set body = (select body from mail where id = %s) where id = %s", [first, second])
    work(db, clock)
    assert [row(db, one).state for one in (first, second)] == [MailState.SENT, MailState.FAILED]
    assert len(mailbox.taken) == 1


@pytest.mark.usefixtures("posted")
def test_a_lost_key_gives_the_mail_up_and_says_why(db: Database, team: Team, clock: FrozenClock) -> None:
    mail_id = written(db, team)
    vault.configure(vault.Vault({"another": b"x" * 32}))
    work(db, clock)
    found = row(db, mail_id)
    assert (found.state, found.body) == (MailState.FAILED, None)
    assert "not in the ring" in found.fault


def test_old_mail_goes_and_what_waited_in_vain_is_erased(db: Database, team: Team, clock: FrozenClock) -> None:
    mail_id = written(db, team)
    clock.advance(rules.GIVEN_UP + timedelta(minutes=1))
    mail.tidy(db)
    found = row(db, mail_id)
    assert (found.state, found.body) == (MailState.FAILED, None)
    clock.advance(rules.KEPT)
    mail.tidy(db)
    with db.begin() as uow:
        assert uow.session.get(Mail, mail_id) is None


def test_a_refusal_names_no_address() -> None:
    assert isinstance(smtp._refusal(550), Permanent)
    assert isinstance(smtp._refusal(450), Transient)
