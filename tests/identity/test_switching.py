"""Several organisations, one person; and how long somebody stays signed in."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from fastapi import FastAPI
from sqlmodel import select

from leadflow.identity import rules
from leadflow.identity import service as identity
from leadflow.identity.errors import SessionEnded
from leadflow.identity.types import ApiKeyInput, Credentials, InvitationInput, OrganizationInput, Principal, SignedIn
from leadflow.kernel.clock import FrozenClock
from leadflow.kernel.db import Database
from leadflow.kernel.errors import Conflict, LeadFlowError, NotFound, Unauthenticated
from models.audit import AuditEvent
from models.identity import ApiKey, AuthSession, Invitation, OneTimeToken
from models.vocabulary import Permission, Role
from tests.asgi import browser
from tests.identity.people import HERE, PASSWORD, Team, entered, make_team, signed_in


@pytest.fixture
def other(db: Database, team: Team) -> Team:
    """Found another organisation, in which the first one's agent is an auditor."""
    made = make_team(db, "Birch Partners")
    with db.begin() as uow, uow.cursor() as cursor:
        cursor.execute(
            "insert into membership (org_id, user_id, role, created_at) values (%s, %s, 'auditor', now() + '1 day')",
            [made.org_id, team.ids[Role.AGENT]],
        )
    return made


def alive(db: Database, sid: str | None) -> bool:
    try:
        with db.begin() as uow:
            identity.resume(uow, sid or "")
    except Unauthenticated:
        return False
    return True


def acts(db: Database, team: Team) -> list[str]:
    with db.begin(team.org_id) as uow:
        return list(uow.session.exec(select(AuditEvent.action).where(AuditEvent.org_id == team.org_id)))


def allow(db: Database, team: Team, days: int) -> None:
    with db.begin(team.org_id) as uow:
        identity.change_organization(uow, team.principal(db, Role.OWNER), OrganizationInput(remember_days=days))


def remembered(db: Database, team: Team) -> SignedIn:
    return entered(identity.sign_in(db, Credentials(team.emails[Role.AGENT], PASSWORD), HERE, remember=True))


def row(db: Database, opened: SignedIn) -> AuthSession:
    with db.begin() as uow:
        found = uow.session.get(AuthSession, opened.session_id)
    assert found is not None
    return found


# Moving


def test_a_person_sees_where_they_belong_and_nothing_else(db: Database, team: Team, other: Team) -> None:
    opened = team.sign_in(db, Role.AGENT)
    shown = identity.organizations(db, opened.principal)
    assert [(one.id, one.role, one.current) for one in shown] == [
        (team.org_id, Role.AGENT, True),
        (other.org_id, Role.AUDITOR, False),
    ]
    alone = identity.organizations(db, team.sign_in(db, Role.MANAGER).principal)
    assert [one.id for one in alone] == [team.org_id]


def test_the_old_session_ends_with_everything_it_had(db: Database, team: Team, other: Team) -> None:
    before = team.sign_in(db, Role.AGENT)
    after = identity.switch(db, before.principal, other.org_id, HERE)
    assert (after.principal.org_id, after.principal.role) == (other.org_id, Role.AUDITOR)
    assert (after.session_id != before.session_id, after.sid != before.sid) == (True, True)
    assert (alive(db, before.sid), alive(db, after.sid)) == (False, True)
    with pytest.raises(SessionEnded), db.begin() as uow:
        identity.access(uow, before.access)
    with pytest.raises(SessionEnded):
        identity.refresh(db, before.refresh)
    assert identity.refresh(db, after.refresh).principal.org_id == other.org_id
    assert "session.closed" in acts(db, team)
    assert acts(db, other).count("session.opened") == 1


def test_a_stranger_to_an_organisation_does_not_learn_that_it_is_there(db: Database, team: Team, other: Team) -> None:
    opened = team.sign_in(db, Role.MANAGER)
    for org_id in (other.org_id, other.ids[Role.OWNER]):
        with pytest.raises(NotFound):
            identity.switch(db, opened.principal, org_id, HERE)
    with pytest.raises(Conflict):
        identity.switch(db, opened.principal, team.org_id, HERE)
    assert alive(db, opened.sid)


def test_a_shut_out_member_does_not_get_back_in_by_switching(db: Database, team: Team, other: Team) -> None:
    opened = team.sign_in(db, Role.AGENT)
    with db.begin() as uow, uow.cursor() as cursor:
        cursor.execute("update membership set disabled_at = now() where org_id = %s", [other.org_id])
    with pytest.raises(NotFound):
        identity.switch(db, opened.principal, other.org_id, HERE)


def test_of_four_tabs_that_switch_at_once_one_moves(db: Database, team: Team, other: Team) -> None:
    opened, start, outcomes = team.sign_in(db, Role.AGENT), threading.Barrier(4), []

    def move() -> None:
        start.wait()
        try:
            outcomes.append(identity.switch(db, opened.principal, other.org_id, HERE).session_id)
        except LeadFlowError as refusal:
            outcomes.append(refusal.code)

    threads = [threading.Thread(target=move) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcome for outcome in outcomes if isinstance(outcome, str)) == ["unauthenticated"] * 3


def test_switching_prolongs_nothing(db: Database, team: Team, other: Team, clock: FrozenClock) -> None:
    opened = team.sign_in(db, Role.AGENT)
    first, there = opened.until, (other.org_id, team.org_id)
    for turn in range(30):
        clock.advance(timedelta(minutes=50))
        if clock.now() >= first:
            break
        opened = identity.switch(db, opened.principal, there[turn % 2], HERE)
        assert opened.until <= first
    assert clock.now() >= first
    assert not alive(db, opened.sid)


def test_a_typed_password_is_carried_along_and_no_newer(
    db: Database, team: Team, other: Team, clock: FrozenClock
) -> None:
    before = team.sign_in(db, Role.AGENT)
    typed = row(db, before).confirmed_at
    clock.advance(timedelta(minutes=5))
    assert row(db, identity.switch(db, before.principal, other.org_id, HERE)).confirmed_at == typed


def test_a_session_of_one_organisation_does_not_act_in_the_other(api: FastAPI, team: Team, other: Team) -> None:
    client = signed_in(api, team, Role.AGENT)
    assert client.get("/api/v1/audit/verify").status_code == 403
    there = [one["id"] for one in client.get("/api/v1/me").json()["organizations"] if not one["current"]]
    assert there == [str(other.org_id)]
    answer = client.post("/api/v1/auth/switch", json={"organization_id": there[0]})
    assert answer.status_code == 200
    told = client.get("/api/v1/me").json()
    assert (told["organization_id"], told["role"]) == (str(other.org_id), "auditor")
    assert {row["id"] for row in client.get("/api/v1/members").json()} >= set(map(str, other.ids.values()))
    assert client.post("/api/v1/auth/refresh").status_code == 200
    unknown = client.post("/api/v1/auth/switch", json={"organization_id": str(other.ids[Role.OWNER])})
    assert unknown.status_code == 404


# One person's sessions, wherever they look


def test_a_person_ends_sessions_of_every_organisation(db: Database, team: Team, other: Team) -> None:
    here = team.sign_in(db, Role.AGENT)
    there = identity.switch(db, team.sign_in(db, Role.AGENT).principal, other.org_id, HERE)
    assert {one.id for one in identity.sessions(db, here.principal)} == {here.session_id, there.session_id}
    identity.end_session(db, here.principal, there.session_id)
    assert not alive(db, there.sid)
    again = identity.switch(db, team.sign_in(db, Role.AGENT).principal, other.org_id, HERE)
    assert identity.sign_out_everywhere(db, here.principal) == 2
    assert not alive(db, again.sid)


def test_a_manager_ends_only_what_looks_at_their_organisation(db: Database, team: Team, other: Team) -> None:
    here = team.sign_in(db, Role.AGENT)
    there = identity.switch(db, team.sign_in(db, Role.AGENT).principal, other.org_id, HERE)
    with db.begin(team.org_id) as uow:
        assert identity.end_sessions_of(uow, team.principal(db, Role.MANAGER), team.ids[Role.AGENT]) == 1
    assert (alive(db, here.sid), alive(db, there.sid)) == (False, True)


# Staying signed in


def test_without_the_owners_word_nobody_stays(db: Database, team: Team, clock: FrozenClock) -> None:
    opened = remembered(db, team)
    assert opened.until - opened.now == rules.ABSOLUTE
    assert not row(db, opened).remembered
    clock.advance(rules.IDLE)
    assert not alive(db, opened.sid)


@pytest.mark.parametrize("days", [1, 14])
def test_a_device_stays_for_as_long_as_the_owner_says(db: Database, team: Team, clock: FrozenClock, days: int) -> None:
    allow(db, team, days)
    opened, unasked = remembered(db, team), team.sign_in(db, Role.AGENT)
    assert opened.until - opened.now == timedelta(days=days)
    assert unasked.until - unasked.now == rules.ABSOLUTE
    clock.advance(timedelta(days=days) - timedelta(minutes=1))
    assert (alive(db, opened.sid), alive(db, unasked.sid)) == (True, False)
    assert identity.refresh(db, opened.refresh).until == opened.until
    clock.advance(timedelta(minutes=1))
    assert not alive(db, opened.sid)


def test_a_shorter_word_holds_for_sessions_that_are_open(db: Database, team: Team, clock: FrozenClock) -> None:
    allow(db, team, 14)
    opened = remembered(db, team)
    clock.advance(timedelta(days=2))
    allow(db, team, 0)
    assert not alive(db, opened.sid)
    with pytest.raises(SessionEnded):
        identity.refresh(db, opened.refresh)


def test_moving_to_an_organisation_that_does_not_allow_it_ends_it_in_a_day(
    db: Database, team: Team, other: Team
) -> None:
    allow(db, team, 14)
    moved = identity.switch(db, remembered(db, team).principal, other.org_id, HERE)
    assert moved.until - moved.now == rules.ABSOLUTE
    assert not row(db, moved).remembered


def test_a_list_says_device_and_place(db: Database, api: FastAPI, team: Team) -> None:
    allow(db, team, 7)
    client = browser(api)
    agent = (
        "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
    )
    given = {"email": team.emails[Role.AGENT], "password": PASSWORD, "remember": True}
    client.post("/api/v1/auth/login", json=given, headers={"User-Agent": agent})
    (shown,) = client.get("/api/v1/me/sessions").json()
    assert (shown["device"], shown["place"], shown["remembered"], shown["second_factor"]) == (
        "Chrome on Windows",
        "192.0.2.1",
        True,
        False,
    )


@pytest.mark.parametrize(
    ("agent", "device"),
    [
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 14_0) AppleWebKit/605.1.15 Version/17.0 Safari/605.1.15",
            "Safari on Mac",
        ),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0", "Firefox on Linux"),
        ("Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/142.0 Mobile Safari/537.36", "Chrome on Android"),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/142.0 Safari/537.36 Edg/142.0", "Edge on Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0) AppleWebKit/605.1.15 CriOS/142.0 Safari/604.1", "Chrome on iPhone"),
        ("python-httpx/0.28", "python-httpx"),
        ("", "Unknown device"),
        ("/", "Unknown device"),
        ("<script>alert(1)</script> evil", "<script>alert(1)<"),
    ],
)
def test_devices_are_named_simply(agent: str, device: str) -> None:
    assert rules.device(agent) == device


def test_a_principal_without_a_session_moves_nowhere(db: Database, team: Team, other: Team) -> None:
    nobody = Principal(team.ids[Role.AGENT], team.org_id, Role.AGENT)
    with pytest.raises(LeadFlowError):
        identity.switch(db, nobody, other.org_id, HERE)


def test_what_ended_long_ago_is_forgotten(db: Database, team: Team, clock: FrozenClock) -> None:
    owner = team.present(db, Role.OWNER)
    with db.begin(team.org_id) as uow:
        identity.invite(uow, owner, InvitationInput(email="new@example.test", name="New", role=Role.AGENT))
        identity.make_api_key(uow, owner, ApiKeyInput(name="Old", scopes=[Permission.LEAD_READ], days=1))
        kept = identity.make_api_key(uow, owner, ApiKeyInput(name="Young", scopes=[Permission.LEAD_READ], days=365))
    identity.ask_reset(db, team.emails[Role.AGENT], HERE)
    clock.advance(timedelta(days=89))
    before = identity.tidy(db)
    clock.advance(timedelta(days=9))
    # An invitation, a key, a link and the owner's session.
    assert identity.tidy(db) >= 4
    assert before <= 4
    with db.begin(team.org_id) as uow:
        assert list(uow.session.exec(select(Invitation.id))) == []
        assert list(uow.session.exec(select(ApiKey.id))) == [kept.id]
    with db.begin() as uow:
        assert list(uow.session.exec(select(OneTimeToken.id))) == []
        assert list(uow.session.exec(select(AuthSession.id))) == []
